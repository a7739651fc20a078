"""Coarse levels: graphs of aggregates, coloured so that neighbours of one colour share a block.

An aggregate is a *connected component* of the unknowns inside a 2 x 2 x 2 block. Plain blocks join
pores that a wall separates, and their iterations grow at low porosity; components do not. Nor does
a weak coupling join: a good conductor and a poor one in one block become two aggregates, since one
constant cannot follow both. The coupling of two aggregates is the sum of the couplings between
their members (Galerkin with piecewise-constant interpolation). Neighbouring aggregates lie in
neighbouring blocks, so the parity of the block coordinates is a colouring but for the weak
couplings inside a block; where a periodic axis has an odd number of blocks its last layer gets
colours of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.coarse import (
    COLOURS,
    count_roots,
    couple,
    find_strongest,
    join_members,
    list_members,
    number_aggregates,
)


@dataclass(frozen=True, eq=False)
class Level:
    """A graph of n unknowns, sorted by colour, then by block plane x.

    Attributes
    ----------
    shape : blocks along x, y, z.
    start : (colours, planes + 1) int64, first unknown of each colour in each block plane.
    row, column, weight : compressed rows of couplings; n + 1, edges and edges entries.
        Rows are int32 where that suffices; weights are float32, and the same from both ends.
    inverse : (n,) float32 or float64, 1 / diagonal; a diagonal is the sum of what is stored.
    leak : (n,) float32 or float64, conductance to the driven faces; dropped when the next level
        is made.
    block : (n,) int32, linear index of the block; dropped when the next level is made.
    """

    shape: tuple[int, int, int]
    start: NDArray[np.int64]
    row: NDArray[np.int32] | NDArray[np.int64]
    column: NDArray[np.int32]
    weight: NDArray[np.float32]
    inverse: NDArray[np.floating]
    leak: NDArray[np.floating]
    block: NDArray[np.int32]


def starts(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First unknown of each (plane, colour), and the same as a table of the used colours.

    Takes (planes, colours) counts; the table is (used colours, planes + 1).
    """
    by_colour = counts.T
    ends = np.cumsum(by_colour).reshape(by_colour.shape)
    first = ends - by_colour
    used = by_colour.any(axis=1)
    return first.T.copy(), np.column_stack([first, ends[:, -1]])[used].copy()


def rows_from(degree: NDArray[np.int64]) -> NDArray[np.int32] | NDArray[np.int64]:
    """Where each row begins, and the last one ends, from the lengths of the rows."""
    total = int(degree.sum())
    ends = np.concatenate([[0], np.cumsum(degree)])
    return ends.astype(np.int32) if total < 2**31 else ends


def aggregate_graph(
    level: Level, wrap: NDArray[np.bool_], weak: float
) -> tuple[Level, NDArray[np.int32]]:
    """The next coarser level of a graph, and the aggregate of each of its unknowns.

    Parameters
    ----------
    level : the finer graph.
    wrap : (3,) bool, periodic axes.
    weak : couplings below this part of the largest one of either unknown join nothing.
    """
    n = len(level.inverse)
    bx, by, bz = level.shape
    shape = ((bx + 1) // 2, (by + 1) // 2, (bz + 1) // 2)
    cx, cy, cz = shape
    aggregate = np.arange(n, dtype=np.int32)
    strongest = np.empty(n, np.float32)
    find_strongest(level.row, level.weight, strongest)
    join_members(
        level.start, level.row, level.column, level.weight, strongest, weak,
        level.block, by, bz, cx, aggregate,
    )  # fmt: skip
    counts = np.zeros((cx, COLOURS), np.int64)
    count_roots(level.start, level.block, aggregate, by, bz, cx, cy, cz, wrap, counts)
    following, start = starts(counts)
    block = np.empty(start[-1, -1], np.int32)
    number_aggregates(
        level.start, level.block, by, bz, cx, cy, cz, wrap, following, block, aggregate
    )
    return _galerkin(level, aggregate, shape, start, block), aggregate


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
    members = np.empty(len(aggregate), np.int32)
    first = np.empty(n + 1, np.int64)
    list_members(aggregate, first, members)
    degree = np.zeros(n, np.int64)
    bounds = np.linspace(0, n, PARTS + 1).astype(np.int64)
    precision = fine.inverse.dtype
    leak = np.zeros(n, precision)
    inverse = np.zeros(n, precision)
    arguments = (bounds, first, members, fine.row, fine.column, fine.weight, fine.leak, aggregate)
    nothing = np.zeros(0, np.int32)
    couple(*arguments, False, 0, degree, nothing, nothing.view(np.float32), leak, inverse)
    row = rows_from(degree)
    column = np.empty(row[-1], np.int32)
    weight = np.empty(row[-1], np.float32)
    couple(*arguments, True, degree.max(initial=0), row, column, weight, leak, inverse)
    return Level(shape, start, row, column, weight, inverse, leak, block)
