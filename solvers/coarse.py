"""Coarse levels: graphs of aggregates, coloured so that no two neighbours share a colour.

An aggregate is a *connected component* of the unknowns inside a 2 x 2 x 2 block. Plain blocks join
pores that a wall separates, and their iterations grow at low porosity; components do not. The
coupling of two aggregates is the sum of the couplings between their members (Galerkin with
piecewise-constant interpolation). Neighbouring aggregates lie in neighbouring blocks, so the parity
of the block coordinates is a colouring; where a periodic axis has an odd number of blocks its last
layer gets colours of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

#: Parity, and one bit for the last layer of each axis.
COLOURS = 16


@dataclass(frozen=True, eq=False)
class Level:
    """A graph of n unknowns, sorted by colour, then by block plane x.

    Attributes
    ----------
    shape : blocks along x, y, z.
    start : (colours, planes + 1) int64, first unknown of each colour in each block plane.
    row, column, weight : compressed rows of couplings; n + 1, edges and edges entries.
        Rows are int32 where that suffices.
    inverse : (n,) float32, 1 / diagonal.
    leak : (n,) float32, conductance to the driven faces; dropped when the next level is made.
    block : (n,) int32, linear index of the block; dropped when the next level is made.
    """

    shape: tuple[int, int, int]
    start: NDArray[np.int64]
    row: NDArray[np.int32] | NDArray[np.int64]
    column: NDArray[np.int32]
    weight: NDArray[np.float32]
    inverse: NDArray[np.float32]
    leak: NDArray[np.float32]
    block: NDArray[np.int32]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _colour(bx, by, bz, nx, ny, nz, wrap):
    """Parity of the block, with a colour of its own where an odd periodic axis closes."""
    colour = (bx + by + bz) & 1
    if wrap[0] and nx & 1 and bx == nx - 1:
        colour += 2
    if wrap[1] and ny & 1 and by == ny - 1:
        colour += 4
    if wrap[2] and nz & 1 and bz == nz - 1:
        colour += 8
    return colour


def _starts(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First unknown of each (plane, colour), and the (colours, planes + 1) table of used colours."""
    by_colour = counts.T
    ends = np.cumsum(by_colour).reshape(by_colour.shape)
    first = ends - by_colour
    used = by_colour.any(axis=1)
    return first.T.copy(), np.column_stack([first, ends[:, -1]])[used].copy()


def rows_from(degree: NDArray[np.int64]) -> NDArray[np.int32] | NDArray[np.int64]:
    """Where each row begins, and the last one ends, from the lengths of the rows."""
    total = int(degree.sum())
    row = np.zeros(len(degree) + 1, np.int32 if total < 2**31 else np.int64)
    np.cumsum(degree, out=row[1:])
    return row


def aggregate_graph(level: Level, wrap: NDArray[np.bool_]) -> tuple[Level, NDArray[np.int32]]:
    """The next coarser level of a graph, and the aggregate of each of its unknowns.

    Parameters
    ----------
    level : the finer graph.
    wrap : (3,) bool, periodic axes.
    """
    n = len(level.inverse)
    bx, by, bz = level.shape
    shape = ((bx + 1) // 2, (by + 1) // 2, (bz + 1) // 2)
    cx, cy, cz = shape
    aggregate = np.arange(n, dtype=np.int32)
    _join_members(level.start, level.row, level.column, level.block, by, bz, cx, aggregate)
    counts = np.zeros((cx, COLOURS), np.int64)
    _count_roots(level.start, level.block, aggregate, by, bz, cx, cy, cz, wrap, counts)
    following, start = _starts(counts)
    block = np.empty(start[-1, -1], np.int32)
    _number_aggregates(
        level.start, level.block, by, bz, cx, cy, cz, wrap, following, block, aggregate
    )
    return _galerkin(level, aggregate, shape, start, block), aggregate


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _coarse_block(block, by, bz):
    """Coordinates of the 2 x 2 x 2 super-block of a block."""
    return block // (by * bz) // 2, block // bz % by // 2, block % bz // 2


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _join_members(start, row, column, block, by, bz, cx, parent):
    planes = start.shape[1] - 1
    for task in numba.prange(cx):
        plane = np.int64(task)  # prange counts in uint64, which would mix to float64
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                here = _coarse_block(block[i], by, bz)
                for e in range(row[i], row[i + 1]):
                    j = column[e]
                    if j < i and _coarse_block(block[j], by, bz) == here:
                        a, b = _root(parent, i), _root(parent, j)
                        parent[max(a, b)] = min(a, b)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _count_roots(start, block, parent, by, bz, cx, cy, cz, wrap, counts):
    planes = start.shape[1] - 1
    for task in numba.prange(cx):
        plane = np.int64(task)  # prange counts in uint64, which would mix to float64
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                if parent[i] == i:
                    x, y, z = _coarse_block(block[i], by, bz)
                    counts[plane, _colour(x, y, z, cx, cy, cz, wrap)] += 1


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _number_aggregates(start, block, by, bz, cx, cy, cz, wrap, following, coarse_block, parent):
    """Number the roots, then let every member take its root's number (stored as -1 - number)."""
    planes = start.shape[1] - 1
    for task in numba.prange(cx):
        plane = np.int64(task)  # prange counts in uint64, which would mix to float64
        for c in range(start.shape[0]):
            for i in range(start[c, 2 * plane], start[c, min(2 * plane + 2, planes)]):
                if parent[i] == i:
                    x, y, z = _coarse_block(block[i], by, bz)
                    colour = _colour(x, y, z, cx, cy, cz, wrap)
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


#: Parts of a level that look for neighbours side by side; each has markers of its own.
PARTS = 4


def _galerkin(
    fine: Level,
    aggregate: NDArray[np.int32],
    shape: tuple[int, int, int],
    start: NDArray[np.int64],
    block: NDArray[np.int32],
) -> Level:
    n = len(block)
    members = np.argsort(aggregate, kind="stable").astype(np.int32)
    first = np.concatenate([[0], np.cumsum(np.bincount(aggregate, minlength=n))])
    degree = np.zeros(n, np.int64)
    bounds = np.linspace(0, n, PARTS + 1).astype(np.int64)
    leak = np.zeros(n, np.float32)
    inverse = np.zeros(n, np.float32)
    nothing = np.zeros(0, np.int32)
    _couple(bounds, first, members, fine.row, fine.column, fine.weight, fine.leak, aggregate,
            False, degree, nothing, nothing.view(np.float32), leak, inverse)  # fmt: skip
    row = rows_from(degree)
    column = np.empty(row[-1], np.int32)
    weight = np.empty(row[-1], np.float32)
    _couple(bounds, first, members, fine.row, fine.column, fine.weight, fine.leak, aggregate,
            True, row, column, weight, leak, inverse)  # fmt: skip
    return Level(shape, start, row, column, weight, inverse, leak, block)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _couple(
    bounds, first, members, row, column, weight, leak, aggregate,
    write, places, coarse_column, coarse_weight, coarse_leak, inverse,
):  # fmt: skip
    """Count the couplings of each aggregate into `places`, or write them from `places` on."""
    for task in numba.prange(len(bounds) - 1):
        part = np.int64(task)  # prange counts in uint64, which would mix to float64
        marker = np.full(len(first) - 1, -1, np.int64)
        for I in range(bounds[part], bounds[part + 1]):
            low = places[I] if write else 0
            at = low
            diagonal = 0.0
            leaked = 0.0
            for m in range(first[I], first[I + 1]):
                i = members[m]
                leaked += leak[i]
                for e in range(row[i], row[i + 1]):
                    J = aggregate[column[e]]
                    if J == I:
                        continue
                    diagonal += weight[e]
                    if marker[J] < low or (not write and marker[J] != I):
                        marker[J] = at if write else I
                        if write:
                            coarse_column[at] = J
                            coarse_weight[at] = weight[e]
                        at += 1
                    elif write:
                        coarse_weight[marker[J]] += weight[e]
            if write:
                coarse_leak[I] = leaked
                total = diagonal + leaked
                inverse[I] = 1.0 / total if total > 0 else 0.0
            else:
                places[I] = at
