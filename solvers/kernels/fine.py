"""Kernels that assemble the finest level."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.even_odd import outer_neighbour
from solvers.kernels.layout import WIDTH, beside

#: Voxels in a segment.
SPAN = 2 * WIDTH


@kernel
def _before(words, x, y, j, nj, nz, wrap):
    """The word shifted so that each bit shows the voxel before it along z."""
    word = np.int64(words[x, y, j]) << 1
    if j > 0:
        return word | (np.int64(words[x, y, j - 1]) >> (SPAN - 1))
    if wrap[2]:
        return word | ((np.int64(words[x, y, nj - 1]) >> ((nz - 1) % SPAN)) & 1)
    return word


@kernel
def _after(words, x, y, j, nj, nz, wrap):
    """The word shifted so that each bit shows the voxel after it along z."""
    word = np.int64(words[x, y, j]) >> 1
    if j < nj - 1:
        return word | (np.int64(words[x, y, j + 1] & 1) << (SPAN - 1))
    if wrap[2]:
        return word | (np.int64(words[x, y, 0] & 1) << ((nz - 1) % SPAN))
    return word


@kernel
def _count_code(cx, cy, cz, axis, ends):
    """One byte for the diagonal: neighbours along the driven axis, ends twice, and others."""
    if axis == 0:
        return 1 + cx + 2 * ends + 5 * (cy + 3 * cz)
    if axis == 1:
        return 1 + cy + 2 * ends + 5 * (cx + 3 * cz)
    return 1 + cz + 2 * ends + 5 * (cx + 3 * cy)


@parallel
def count_neighbours(words, plane, nx, ny, nz, nj, axis, wrap, red, black):
    for task in prange(nx):
        x = np.int64(task)
        s = plane[x]
        x0, x1 = beside(x, -1, nx, wrap[0]), beside(x, 1, nx, wrap[0])
        for y in range(ny):
            y0, y1 = beside(y, -1, ny, wrap[1]), beside(y, 1, ny, wrap[1])
            for j in range(nj):
                word = np.int64(words[x, y, j])
                if word == 0:
                    continue
                left = np.int64(words[x0, y, j]) if x0 >= 0 else 0
                right = np.int64(words[x1, y, j]) if x1 >= 0 else 0
                front = np.int64(words[x, y0, j]) if y0 >= 0 else 0
                back = np.int64(words[x, y1, j]) if y1 >= 0 else 0
                before = _before(words, x, y, j, nj, nz, wrap)
                after = _after(words, x, y, j, nj, nz, wrap)
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    place = (x, y, SPAN * j + bit)[axis]
                    ends = (place == 0) + (place == (nx, ny, nz)[axis] - 1)
                    code = _count_code(
                        ((left >> bit) & 1) + ((right >> bit) & 1),
                        ((front >> bit) & 1) + ((back >> bit) & 1),
                        ((before >> bit) & 1) + ((after >> bit) & 1),
                        axis,
                        ends,
                    )
                    if (x + y + bit) & 1:
                        black[s * WIDTH + bit // 2] = code
                    else:
                        red[s * WIDTH + bit // 2] = code
                s += 1


@kernel
def list_elements(words, number, box, bits, found, counts):
    """Count the elements in a box of words, and list them where `found` has room."""
    counts[:] = 0
    for x in range(box[0, 0], box[0, 1]):
        for y in range(box[1, 0], box[1, 1]):
            for j in range(box[2, 0], box[2, 1]):
                word = np.int64(words[x, y, j]) & bits
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    colour = (x + y + bit) & 1
                    if counts[colour] < found.shape[1]:
                        entry = found[colour, counts[colour]]
                        entry[0] = np.int64(number[x, y, j]) * WIDTH + bit // 2
                        entry[1], entry[2], entry[3] = x, y, SPAN * j + bit
                    counts[colour] += 1


@parallel
def gather(words, number, labels, kinds, red, black):
    """Kind of every unknown; an index beyond the labels reads the last layer."""
    nx, ny, nj = words.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                word = np.int64(words[x, y, j])
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    label = labels[
                        min(x, labels.shape[0] - 1),
                        min(y, labels.shape[1] - 1),
                        min(SPAN * j + bit, labels.shape[2] - 1),
                    ]
                    o = np.int64(number[x, y, j]) * WIDTH + bit // 2
                    if (x + y + bit) & 1:
                        black[o] = kinds[label]
                    else:
                        red[o] = kinds[label]


@kernel
def six_around(lateral, along, last, s, i, offset):
    """Elements of the neighbours x-, x+, y-, y+, z-, z+ of element i of a segment."""
    o = s * WIDTH + i
    at, edge = outer_neighbour(along, np.uint64(s), offset, last)
    outer = np.int64(edge) if i == np.int64(at) else o + 2 * offset - 1
    return (
        lateral[s, 0] * WIDTH + i,
        lateral[s, 1] * WIDTH + i,
        lateral[s, 2] * WIDTH + i,
        lateral[s, 3] * WIDTH + i,
        o if offset == 1 else outer,
        outer if offset == 1 else o,
    )


@parallel
def name_faces(words, number, lateral, along, last, red, black, hx, hy, hz, phases, faces):
    """Codes of the faces of red voxels, as `solvers.fine.face_table` numbers them; 0 is none."""
    nx, ny, nj = words.shape
    nz = len(hz)
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    o = s * WIDTH + i
                    mine = np.int64(red[o])
                    if mine == 0:
                        continue
                    offset = (x + y) & 1
                    z = SPAN * j + 2 * i + offset
                    others = six_around(lateral, along, last, s, i, offset)
                    own = (hx[x], hy[y], hz[z])
                    area = (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])
                    beyond = (
                        hx[(x + nx - 1) % nx], hx[(x + 1) % nx], hy[(y + ny - 1) % ny],
                        hy[(y + 1) % ny], hz[(z + nz - 1) % nz], hz[(z + 1) % nz],
                    )  # fmt: skip
                    for face in range(6):
                        theirs = np.int64(black[others[face]])
                        axis = face // 2
                        if theirs > 0 and area[axis] > 0:
                            seam = (beyond[face] == 0) + 2 * (own[axis] == 0)
                            place = (3 * axis + seam) * phases + mine - 1
                            faces[face, o] = 1 + place * phases + theirs - 1


@parallel
def weigh(
    words, number, lateral, along, last, red, black, resistivity, contact, hx, hy, hz,
    faces, weights,
):  # fmt: skip
    """A code and a conductance of its own for every face of red voxels, where kinds are many."""
    nx, ny, nj = words.shape
    nz = len(hz)
    size = faces.shape[1]
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    o = s * WIDTH + i
                    mine = red[o]
                    if mine == 0:
                        continue
                    offset = (x + y) & 1
                    z = SPAN * j + 2 * i + offset
                    others = six_around(lateral, along, last, s, i, offset)
                    own = (hx[x], hy[y], hz[z])
                    area = (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])
                    beyond = (
                        hx[(x + nx - 1) % nx], hx[(x + 1) % nx], hy[(y + ny - 1) % ny],
                        hy[(y + 1) % ny], hz[(z + nz - 1) % nz], hz[(z + 1) % nz],
                    )  # fmt: skip
                    for face in range(6):
                        theirs = black[others[face]]
                        axis = face // 2
                        if theirs > 0 and area[axis] > 0:
                            halves = own[axis] * resistivity[mine, axis]
                            halves += beyond[face] * resistivity[theirs, axis]
                            whole = halves / 2 + contact[mine, theirs]
                            code = 1 + face * size + o
                            faces[face, o] = code
                            weights[code] = np.float32(area[axis] / whole)


@kernel
def _code(kind, real, area, at_end):
    """0 where nothing is held, 1 + kind on a driven face, 1 elsewhere."""
    if not real:
        return 0
    return 1 + kind if at_end and area > 0 else 1


@parallel
def number_ends(words, number, lateral, along, last, axis, hx, hy, hz, faces, red, black):
    """Kinds become codes: what is the same for all voxels of a code adds to their diagonal.

    A node that nothing joins, in the corner of two layers of no thickness, is none.
    """
    nx, ny, nj = words.shape
    n = (nx, ny, len(hz))[axis]
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
                    i, o = bit // 2, s * WIDTH + bit // 2
                    is_black = (x + y + bit) & 1
                    others = six_around(lateral, along, last, s, i, bit & 1)
                    real = hx[x] * hy[y] * hz[z] > 0
                    for face in range(6):
                        # The face of a black voxel is the opposite one of its red neighbour.
                        code = faces[face ^ 1, others[face]] if is_black else faces[face, o]
                        real = real or code > 0
                    place = (x, y, z)[axis]
                    area = hx[x] * hy[y] * hz[z] / (hx[x], hy[y], hz[z])[axis]
                    at_end = place == 0 or place == n - 1
                    if is_black:
                        black[o] = _code(black[o], real, area, at_end)
                    else:
                        red[o] = _code(red[o], real, area, at_end)
