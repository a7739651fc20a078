"""Kernels that make a coarse level of a finer graph."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

#: Parity, and one bit for the last layer of each axis.
COLOURS = 16


@kernel
def block_colour(bx, by, bz, nx, ny, nz, wrap):
    """Parity of the block, with a colour of its own where an odd periodic axis closes."""
    colour = (bx + by + bz) & 1
    if wrap[0] and nx & 1 and bx == nx - 1:
        colour += 2
    if wrap[1] and ny & 1 and by == ny - 1:
        colour += 4
    if wrap[2] and nz & 1 and bz == nz - 1:
        colour += 8
    return colour


@kernel
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _coarse_block(block, by, bz):
    """Coordinates of the 2 x 2 x 2 super-block of a block."""
    return block // (by * bz) // 2, block // bz % by // 2, block % bz // 2


@parallel
def find_strongest(row, weight, strongest):
    """The largest coupling of each unknown; 0 where there is none."""
    for task in prange(len(strongest)):
        i = np.int64(task)
        strongest[i] = 0
        for e in range(row[i], row[i + 1]):
            strongest[i] = max(strongest[i], weight[e])


@kernel
def _join(parent, i, j):
    a, b = _root(parent, i), _root(parent, j)
    parent[max(a, b)] = min(a, b)


@kernel
def _join_one(i, row, column, weight, strongest, weak, block, by, bz, parent):
    """Join an unknown with its neighbours in the coarse block, as `join_members` says."""
    here = _coarse_block(block[i], by, bz)
    alone, closest, most = True, i, 0.0
    for e in range(row[i], row[i + 1]):
        j = column[e]
        strong = weight[e] >= weak * max(strongest[i], strongest[j])
        alone = alone and not strong
        if _coarse_block(block[j], by, bz) != here:
            continue
        if strong and j < i:
            _join(parent, i, j)
        if weight[e] > most:
            closest, most = j, weight[e]
    if alone and most >= weak * strongest[i]:
        _join(parent, i, closest)


@parallel
def join_members(start, row, column, weight, strongest, weak, block, by, bz, cx, parent):
    """Join what is coupled in one coarse block, not less than `weak` times the strongest of either.

    An unknown without any such coupling is a poor conductor amid good ones, or hangs on a thicker
    one by a neck. It takes the value of the neighbour closest to it, and joins that, but no other:
    two good conductors that join the same poor one would be tied together.
    """
    planes = start.shape[1] - 1
    for task in prange(cx):
        plane = np.int64(task)
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                _join_one(i, row, column, weight, strongest, weak, block, by, bz, parent)


@parallel
def count_roots(start, block, parent, by, bz, cx, cy, cz, wrap, counts):
    planes = start.shape[1] - 1
    for task in prange(cx):
        plane = np.int64(task)
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                if parent[i] == i:
                    x, y, z = _coarse_block(block[i], by, bz)
                    counts[plane, block_colour(x, y, z, cx, cy, cz, wrap)] += 1


@parallel
def number_aggregates(start, block, by, bz, cx, cy, cz, wrap, following, coarse_block, parent):
    """Number the roots, then let every member take its root's number (stored as -1 - number)."""
    planes = start.shape[1] - 1
    for task in prange(cx):
        plane = np.int64(task)
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                if parent[i] == i:
                    x, y, z = _coarse_block(block[i], by, bz)
                    colour = block_colour(x, y, z, cx, cy, cz, wrap)
                    number = following[plane, colour]
                    following[plane, colour] += 1
                    coarse_block[number] = (x * cy + y) * cz + z
                    parent[i] = -1 - number
                else:
                    # The parent has a smaller index, so it carries its number already.
                    parent[i] = parent[parent[i]]
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                parent[i] = -1 - parent[i]


@kernel
def list_members(aggregate, first, members):
    """Unknowns of each aggregate, from ``first[this]`` to ``first[this + 1]`` of `members`."""
    first[:] = 0
    for i in range(len(aggregate)):
        first[aggregate[i] + 1] += 1
    for this in range(1, len(first)):
        first[this] += first[this - 1]
    for i in range(len(aggregate)):
        members[first[aggregate[i]]] = i
        first[aggregate[i]] += 1
    for this in range(len(first) - 1, 0, -1):
        first[this] = first[this - 1]
    first[0] = 0


@kernel
def _couple_one(
    this, at, marker, members, row, column, weight, aggregate, write, coarse_column, gathered
):
    """Gather the couplings of one aggregate from `at` on; returns their end.

    ``marker[other]`` is where the coupling to another aggregate stands. When nothing is written,
    places are counted through all aggregates of the part, so that old marks stay below `at`.
    """
    begin = at
    for i in members:
        for e in range(row[i], row[i + 1]):
            other = aggregate[column[e]]
            if other == this:
                continue
            if marker[other] < begin:
                marker[other] = at
                if write:
                    coarse_column[at] = other
                    gathered[at - begin] = 0
                at += 1
            if write:
                gathered[marker[other] - begin] += weight[e]
    return at


@parallel
def couple(
    bounds, first, members, row, column, weight, leak, aggregate,
    write, most, places, coarse_column, coarse_weight, coarse_leak, inverse,
):  # fmt: skip
    """Count the couplings of each aggregate into `places`, or write them from `places` on.

    Sums are float64 and rounded once, so that a coupling is the same seen from both its ends, and
    the diagonal is the sum of what was stored. `most` is the largest number of couplings.
    """
    for task in prange(len(bounds) - 1):
        part = np.int64(task)
        marker = np.full(len(first) - 1, -1, np.int64)
        gathered = np.zeros(most)
        at = 0
        for this in range(bounds[part], bounds[part + 1]):
            if write:
                at = places[this]
            mine = members[first[this] : first[this + 1]]
            end = _couple_one(
                this, at, marker, mine, row, column, weight, aggregate,
                write, coarse_column, gathered,
            )  # fmt: skip
            if not write:
                places[this] = end - at
                at = end
                continue
            coarse_leak[this] = leak[mine].sum()
            total = coarse_leak[this]
            for e in range(at, end):
                coarse_weight[e] = gathered[e - at]
                total += coarse_weight[e]
            inverse[this] = 1.0 / total if total > 0 else 0.0
