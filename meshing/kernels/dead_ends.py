"""Kernels that find the voxels on no path between the two driven faces.

A depth-first search of the voxels, with each driven face as one more vertex and an edge between
the two, finds the articulation points (Hopcroft and Tarjan, doi:10.1145/362248.362272). Voxels are
numbered in the order in which the search meets them; 0 and 1 are the low and the high face.
"""

from __future__ import annotations

import numpy as np

from meshing.kernels import kernel
from meshing.kernels.voxel_mesh import SEGMENT

LOW_FACE, HIGH_FACE = 0, 1

#: `way` of a voxel: in the low bits the next face to look through, above them the face through
#: which the search came.
_FACES = 8
_FROM_HIGH_FACE = 6


@kernel
def _ones(word):
    """Number of bits set in 16."""
    word = np.int64(word)
    word -= (word >> 1) & 0x5555
    word = (word & 0x3333) + ((word >> 2) & 0x3333)
    word = (word + (word >> 4)) & 0x0F0F
    return (word + (word >> 8)) & 0x1F


@kernel
def count_ones(words, first):
    """Members before each word; returns the number of members."""
    count = np.int64(0)
    for x in range(words.shape[0]):
        for y in range(words.shape[1]):
            for j in range(words.shape[2]):
                first[x, y, j] = count
                count += _ones(words[x, y, j])
    return count


@kernel
def _index(words, first, x, y, z):
    """Index of a voxel among the members, in the order of the arrays; -1 where it is none."""
    j, bit = z // SEGMENT, z % SEGMENT
    word = np.int64(words[x, y, j])
    if not (word >> bit) & 1:
        return np.int64(-1)
    return np.int64(first[x, y, j]) + _ones(word & ((1 << bit) - 1))


@kernel
def _through(x, y, z, face, shape, wrap):
    """The voxel behind a face x-, x+, y-, y+, z-, z+, and whether there is one."""
    axis, step = face // 2, 2 * (face & 1) - 1
    n = shape[axis]
    place = (x if axis == 0 else (y if axis == 1 else z)) + step
    inside = 0 <= place < n or wrap[axis]
    place = (place + n) % n
    if axis == 0:
        return place, y, z, inside
    return (x, place, z, inside) if axis == 1 else (x, y, place, inside)


@kernel
def _search_from(x, y, z, count, words, first, shape, axis, wrap, number, lowest, way):
    """Visit all that is joined to a voxel at the high face; returns the next free number."""
    k = count
    number[_index(words, first, x, y, z)] = k
    lowest[k], way[k] = k, _FACES * _FROM_HIGH_FACE
    count += 1
    while True:
        face = np.int64(way[k]) % _FACES
        came = np.int64(way[k]) // _FACES
        if face < 6:
            way[k] += 1
            u, v, w, inside = _through(x, y, z, face, shape, wrap)
            if not inside:
                if face // 2 == axis:
                    lowest[k] = min(lowest[k], HIGH_FACE if face & 1 else LOW_FACE)
                continue
            index = _index(words, first, u, v, w)
            if index < 0:
                continue
            met = number[index]
            if met > 0:
                lowest[k] = min(lowest[k], met)
                continue
            x, y, z, k = u, v, w, count
            number[index] = k
            lowest[k], way[k] = k, _FACES * face
            count += 1
            continue
        parent = np.int64(HIGH_FACE)
        if came != _FROM_HIGH_FACE:
            x, y, z, _ = _through(x, y, z, came ^ 1, shape, wrap)
            parent = np.int64(number[_index(words, first, x, y, z)])
        if lowest[k] >= parent:  # nothing found since k leads past its parent
            lowest[k] = -count
        else:
            lowest[parent] = min(lowest[parent], lowest[k])
        if came == _FROM_HIGH_FACE:
            return count
        k = parent


@kernel
def search(words, first, shape, axis, wrap, number, lowest, way):
    """Number the members from the high face on and close what leads nowhere.

    Parameters
    ----------
    words : (nx, ny, nj) uint16, membership; bit b of word j is voxel SEGMENT j + b.
    first : (nx, ny, nj) members before each word.
    shape : (nx, ny, nz); `axis` is driven; `wrap` says which axes are periodic.
    number : (members,) zeros; becomes the number of each member, 0 where none was met.
    lowest, way : (members + 2,) room for the search. Afterwards ``lowest[number]`` is 1 where the
        member is on no path between the two driven faces, else 0.
    """
    last = shape[axis] - 1
    count = np.int64(2)
    ends = (shape[0], shape[1], shape[2])
    for x in range(last if axis == 0 else 0, ends[0]):
        for y in range(last if axis == 1 else 0, ends[1]):
            for z in range(last if axis == 2 else 0, ends[2]):
                index = _index(words, first, x, y, z)
                if index >= 0 and number[index] == 0:
                    count = _search_from(
                        x, y, z, count, words, first, shape, axis, wrap, number, lowest, way
                    )
    end = np.int64(0)
    for k in range(2, count):
        if lowest[k] < 0:  # numbers from k to the one that was free then
            end = max(end, -np.int64(lowest[k]))
        lowest[k] = k < end


@kernel
def set_dead(words, first, number, lowest, out):
    """Set the bits of the members on no path; returns how many they are."""
    dead = np.int64(0)
    for x in range(words.shape[0]):
        for y in range(words.shape[1]):
            for j in range(words.shape[2]):
                index = np.int64(first[x, y, j])
                bits = np.int64(0)
                for bit in range(SEGMENT):
                    if not (np.int64(words[x, y, j]) >> bit) & 1:
                        continue
                    if number[index] == 0 or lowest[number[index]] == 1:
                        bits |= 1 << bit
                        dead += 1
                    index += 1
                out[x, y, j] = bits
    return dead
