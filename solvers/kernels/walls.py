"""Kernels of walls that carry a double layer: where they are, what they leak, sums over them."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.even_odd import beside as beside_along
from solvers.kernels.even_odd import first_beside, outer_neighbour, weights_around
from solvers.kernels.layout import WIDTH

#: Voxels in a segment.
SPAN = 2 * WIDTH


@kernel
def _signature(labels, classes, places, x, y, z, axis, end, wrap):
    """Sum of the places of what lies beyond the six faces of a voxel."""
    nx, ny, nz = labels.shape
    total = 0
    for face in range(6):
        across = face >> 1
        here, n = (x, y, z)[across], (nx, ny, nz)[across]
        there = here + 1 if face & 1 else here - 1
        if there < 0 or there >= n:
            if face == end:
                total += 1
            if not wrap[across]:
                continue
            there = 0 if face & 1 else n - 1
        u = there if across == 0 else x
        v = there if across == 1 else y
        w = there if across == 2 else z
        total += places[classes[labels[u, v, w]], across]
    return total


@parallel
def name_walls(words, number, labels, classes, places, axis, high, wrap, red, black):
    """Codes of voxels by what lies beyond their faces; 0 stays 0.

    Parameters
    ----------
    classes : of each label; ``places[class, axis]`` is what a neighbour of it adds to the code,
        which begins at 1, and a driven face adds 1.
    high : whether the driven face is the high one of `axis`.
    red, black : not 0 where there is an unknown; a layer of no thickness, beyond the labels, has
        code 1.
    """
    nx, ny, nj = words.shape
    end = 2 * axis + (1 if high else 0)
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                word = np.int64(words[x, y, j])
                for bit in range(SPAN if s > 0 else 0):
                    if (word >> bit) & 1 == 0:
                        continue
                    z = SPAN * j + bit
                    code = 1
                    if x < labels.shape[0] and y < labels.shape[1] and z < labels.shape[2]:
                        code += _signature(labels, classes, places, x, y, z, axis, end, wrap)
                    o = s * WIDTH + bit // 2
                    if (x + y + bit) & 1:
                        black[o] = code if black[o] > 0 else 0
                    else:
                        red[o] = code if red[o] > 0 else 0


@parallel
def collect(bounds, aggregate, codes, leak, out):
    """Add what the members of every aggregate leak."""
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        for o in range(
            np.uint64(bounds[chunk]) * np.uint64(WIDTH),
            np.uint64(bounds[chunk + 1]) * np.uint64(WIDTH),
        ):
            if aggregate[o] >= 0 and codes[o] > 0:
                out[np.uint64(aggregate[o])] += leak[codes[o]]


@parallel
def count_by_layer(number, axis, walls, red, black, out):
    """Number of voxels and of walls of every kind in the layers of an axis.

    Parameters
    ----------
    walls : (codes, kinds) uint8, walls of each kind of a voxel by its code.
    out : (nx, layers, 1 + kinds) int64, zero on entry; a part for every mesh plane x.
    """
    nx, ny, nj = number.shape
    kinds = walls.shape[1]
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    for colour in range(2):
                        code = black[s * WIDTH + i] if colour else red[s * WIDTH + i]
                        if code <= 1:
                            continue  # nothing, or a layer of no thickness
                        z = SPAN * j + 2 * i + ((x + y + colour) & 1)
                        layer = x if axis == 0 else (y if axis == 1 else z)
                        out[x, layer, 0] += 1
                        for k in range(kinds):
                            out[x, layer, 1 + k] += walls[code, k]


@kernel
def _neighbours(lateral, along, s, i, offset, last):
    """The neighbours of a red element: x-, x+, y-, y+, at the same place, and along z beyond."""
    sides = first_beside(lateral, s)
    o = s * np.uint64(WIDTH) + i
    at, edge = outer_neighbour(along, s, offset, last)
    k = beside_along(i, at, o, edge, offset)
    return sides[0] + i, sides[1] + i, sides[2] + i, sides[3] + i, o, k


@kernel
def _conductances(gx, gy, gz, F, W, lateral, s, i, k, offset):
    """Of the faces to these neighbours."""
    if F.ndim == 1:
        return gx, gx, gy, gy, gz, gz
    base = s * np.uint64(WIDTH)
    return weights_around(F, W, True, first_beside(lateral, s), base, i, k, offset)


@kernel
def _apply_chunk(
    begin, end, lateral, along, parity, last, gx, gy, gz, F, W, red, black, red_u, black_u,
    red_out, black_out,
):  # fmt: skip
    for segment in range(np.uint64(begin), np.uint64(end)):
        s = np.uint64(segment)
        offset = np.int64(parity[s])
        for count in range(WIDTH):
            i = np.uint64(count)
            o = s * np.uint64(WIDTH) + i
            if red[o] == 0:
                continue
            others = _neighbours(lateral, along, s, i, offset, last)
            g = _conductances(gx, gy, gz, F, W, lateral, s, i, others[5], offset)
            for face in range(6):
                other = others[face]
                if black[other] > 0:
                    flow = g[face] * (np.float64(red_u[o]) - np.float64(black_u[other]))
                    red_out[o] += flow
                    black_out[other] -= flow


@parallel
def apply(
    bounds, lateral, along, parity, last, gx, gy, gz, F, W, red, black, red_u, black_u,
    red_out, black_out,
):  # fmt: skip
    """What leaves every voxel through its faces to others, for a field u: G u, in double precision.

    Faces of red voxels are all faces. A chunk of `bounds` adds to black voxels of its neighbours,
    so chunks take turns: the even ones, then the odd ones, then the last of an odd number, which
    is a neighbour of the first where sides are periodic.
    """
    chunks = len(bounds) - 1
    for turn in range(2):
        for task in prange(chunks // 2):
            chunk = 2 * np.int64(task) + turn
            _apply_chunk(
                bounds[chunk], bounds[chunk + 1], lateral, along, parity, last, gx, gy, gz, F, W,
                red, black, red_u, black_u, red_out, black_out,
            )  # fmt: skip
    if chunks % 2 == 1:
        _apply_chunk(
            bounds[chunks - 1], bounds[chunks], lateral, along, parity, last, gx, gy, gz, F, W,
            red, black, red_u, black_u, red_out, black_out,
        )  # fmt: skip


@parallel
def multiply(bounds, walls, codes, u, applied, v, out):
    """Products of a field u of one colour with several fields v: by G, and over walls by kinds.

    Parameters
    ----------
    walls : (codes, kinds) uint8, walls of each kind of a voxel by its code.
    u, applied : (size,) the field, and G u.
    v : (fields, size).
    out : (chunks, 1 + kinds, fields + 1) float64, to be added to. First row: sum of v G u. Others:
        sum over walls of u v. The last column is for v = 1.
    """
    fields, kinds = v.shape[0], walls.shape[1]
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        low = np.int64(bounds[chunk]) * WIDTH
        n = np.int64(bounds[chunk + 1]) * WIDTH - low
        weighted = np.zeros((1 + kinds, n))
        for i in range(n):
            weighted[0, i] = applied[low + i]
            for kind in range(kinds):
                weighted[1 + kind, i] = walls[codes[low + i], kind] * np.float64(u[low + i])
        for row in range(1 + kinds):
            total = 0.0
            for i in range(n):
                total += weighted[row, i]
            out[chunk, row, fields] += total
            for field in range(fields):
                total = 0.0
                for i in range(n):
                    total += weighted[row, i] * np.float64(v[field, low + i])
                out[chunk, row, field] += total


@parallel
def combine(bounds, weights, fields, out):
    """Add a weighted sum of (fields, size) to `out`."""
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        low = np.int64(bounds[chunk]) * WIDTH
        high = np.int64(bounds[chunk + 1]) * WIDTH
        for field in range(len(weights)):
            weight = weights[field]
            for o in range(low, high):
                out[o] += weight * fields[field, o]


@parallel
def heat_by_layer(
    number, lateral, along, last, gx, gy, gz, F, W, axis, red, black, red_u, black_u, across, within
):
    """Dissipation in faces that cross the planes of an axis, and in those within its layers.

    Parameters
    ----------
    across : (nx, layers + 1) float64; within : (nx, layers); zero on entry, a part for every x.
    """
    nx, ny, nj = number.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            offset = (x + y) & 1
            for j in range(nj):
                s = np.uint64(number[x, y, j])
                for count in range(WIDTH if s > 0 else 0):
                    i = np.uint64(count)
                    o = s * np.uint64(WIDTH) + i
                    if red[o] == 0:
                        continue
                    others = _neighbours(lateral, along, s, i, offset, last)
                    g = _conductances(gx, gy, gz, F, W, lateral, s, i, others[5], offset)
                    z = SPAN * j + 2 * count + offset
                    layer = x if axis == 0 else (y if axis == 1 else z)
                    for face in range(6):
                        if black[others[face]] == 0:
                            continue
                        drop = np.float64(red_u[o]) - np.float64(black_u[others[face]])
                        heat = g[face] * drop * drop
                        # Faces 4 and 5 are those at the same place of the other colour, and beyond.
                        low = face & 1 == 0 if face < 4 else (face == 4) == (offset == 1)
                        if face >> 1 == axis:
                            across[x, layer if low else layer + 1] += heat
                        else:
                            within[x, layer] += heat
