"""The hierarchy of coarse levels and its cycle, the preconditioner's coarse correction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.coarse import Level, aggregate_graph
from solvers.first_level import first_level
from solvers.kernels.coarse import list_members
from solvers.kernels.cycle import cycle_small, invert, prolong, relax, restrict
from solvers.kernels.sum_again import add_aggregates, add_voxels
from solvers.kernels.walls import collect
from solvers.system import Equations

#: A level of so few unknowns is solved directly.
COARSEST = 300

#: A piecewise-constant correction is too small, since its energy is too large, so it is stretched.
#: Below 2, and with an even number of cycles, the preconditioner is positive definite.
STRETCH = np.float32(1.8)

#: Cycles on each level per cycle on the finer one; two make the iterations independent of the size.
CYCLES = 2

#: Gauss-Seidel sweeps before and after the correction, on the coarse levels.
SWEEPS = 2

#: Levels of so few unknowns are visited on one thread: waking another takes longer than the work.
SMALL = 20_000

#: Pieces into which a colour is cut.
PARTS = 8

#: Couplings below this part of the largest of either unknown join nothing, where conductances
#: differ. Where they do not, whatever touches is joined.
WEAK = 0.2


@dataclass(frozen=True, eq=False)
class Tail:
    """All small levels in one set of arrays, with unknowns numbered through.

    Attributes
    ----------
    first : the first small level.
    spans : (levels, colours + 1) int64, bounds of the colours of each level; short ones repeat
        their last.
    row, column, weight, inverse, aggregate : as in `Level`, numbered through.
    coarsest : inverse of the matrix of the last level.
    x, b : solution and right-hand side.
    """

    first: int
    spans: NDArray[np.int64]
    row: NDArray[np.int64] | NDArray[np.int32]
    column: NDArray[np.int32]
    weight: NDArray[np.float32]
    inverse: NDArray[np.floating]
    aggregate: NDArray[np.int32]
    coarsest: NDArray[np.floating]
    x: NDArray[np.floating]
    b: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Coarse levels, finest first.

    Attributes
    ----------
    levels : the graphs.
    aggregates : for each level but the last, the unknown of the next level for each of its own.
    red_aggregate : (size,) int32, the unknown of the first level for each red element, -1 for none.
    x, b : (n,) for each level, solution and right-hand side of the cycle.
    joined : whether all couplings inside blocks are joined, so that no colour is coupled in itself.
    cuts : for each level before the tail, (colours, PARTS + 1) int64, where the unknowns of a
        colour are cut into parts: between block planes, so that no block is divided.
    tail : the small levels.
    """

    levels: tuple[Level, ...]
    aggregates: tuple[NDArray[np.int32], ...]
    red_aggregate: NDArray[np.int32]
    x: tuple[NDArray[np.floating], ...]
    b: tuple[NDArray[np.floating], ...]
    joined: bool
    cuts: tuple[NDArray[np.int64], ...]
    tail: Tail

    @property
    def unknowns(self) -> tuple[int, ...]:
        """Unknowns on each coarse level."""
        return tuple(len(level.inverse) for level in self.levels)


@dataclass(frozen=True, eq=False)
class Template:
    """A hierarchy to be used for systems that differ in what leaks through walls only.

    Attributes
    ----------
    hierarchy : of one of them.
    black_aggregate : (size,) int32, as `Hierarchy.red_aggregate`, which a cycle does not need.
    """

    hierarchy: Hierarchy
    black_aggregate: NDArray[np.int32]

    @cached_property
    def coupled(self) -> tuple[NDArray[np.float64], ...]:
        """For each level, the sum of the couplings of each unknown."""
        return tuple(map(_row_sums, self.hierarchy.levels))


def build_hierarchy(system: Equations) -> Hierarchy:
    """Aggregate a system down to a level that is solved directly."""
    return build_template(system).hierarchy


def build_template(system: Equations) -> Template:
    """Aggregate a system, so that others with the same conductances need no set-up of their own."""
    wrap = np.array(system.periodic)
    weak = 0.0 if system.uniform else WEAK
    level, red, black = first_level(
        system.layout, system.conductance, system.faces, system.weights, wrap, weak
    )
    _add_leaks(system, red, black, level.leak)
    _finish_diagonal(level)
    levels = [level]
    aggregates = []
    while len(levels[-1].inverse) > COARSEST and len(levels[-1].column) > 0:
        level, aggregate = aggregate_graph(levels[-1], wrap, weak)
        levels[-1] = _without_setup(levels[-1])
        levels.append(level)
        aggregates.append(aggregate)
    tail = _pack(levels, aggregates)
    x, b = [], []
    for level in levels[: tail.first]:
        x.append(np.zeros_like(level.inverse))
        b.append(np.zeros_like(level.inverse))
    for bounds in tail.spans:
        x.append(tail.x[bounds[0] : bounds[-1]])
        b.append(tail.b[bounds[0] : bounds[-1]])
    cuts = tuple(_cut(level) for level in levels[: tail.first])
    hierarchy = Hierarchy(
        tuple(levels), tuple(aggregates), red, tuple(x), tuple(b), weak == 0, cuts, tail
    )
    return Template(hierarchy, black)


def hierarchy_of(template: Template, system: Equations) -> Hierarchy:
    """The hierarchy of a system that differs from that of the template in its leaks only.

    Couplings, aggregates and the vectors of the cycle are those of the template.
    """
    known = template.hierarchy
    leak: NDArray[Any] = np.zeros(len(known.levels[0].inverse))
    _add_leaks(system, known.red_aggregate, template.black_aggregate, leak)
    levels = []
    for depth, level in enumerate(known.levels):
        diagonal = template.coupled[depth] + leak
        inverse = np.divide(1, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
        kind = level.inverse.dtype
        levels.append(replace(level, inverse=inverse.astype(kind), leak=leak.astype(kind)))
        if depth < len(known.aggregates):
            coarser = len(known.levels[depth + 1].inverse)
            leak = np.bincount(known.aggregates[depth], leak, coarser)
    inverses = [level.inverse for level in levels[known.tail.first :]]
    tail = replace(known.tail, inverse=np.concatenate(inverses), coarsest=_invert(levels[-1]))
    return replace(known, levels=tuple(map(_without_setup, levels)), tail=tail)


def sum_again(template: Template, system: Equations) -> Template:
    """The same aggregates with couplings of a system whose conductances changed.

    Conductances may be smaller, or 0. Where they cut an aggregate in two, it stays one: iterations
    grow as such aggregates gather.
    """
    known = template.hierarchy
    first = known.levels[0]
    sums = np.zeros(len(first.weight))
    layout = system.layout
    add_voxels(
        system.bounds, layout.lateral, layout.along, layout.parity, layout.last, system.faces,
        system.weights, known.red_aggregate, template.black_aggregate, first.row, first.column,
        sums,
    )  # fmt: skip
    levels = [replace(first, weight=sums.astype(np.float32))]
    for aggregate, coarser in zip(known.aggregates, known.levels[1:], strict=True):
        levels.append(replace(coarser, weight=_summed(levels[-1], aggregate, coarser)))
    weight = np.concatenate([level.weight for level in levels[known.tail.first :]])
    tail = replace(known.tail, weight=weight)
    return replace(template, hierarchy=replace(known, levels=tuple(levels), tail=tail))


def _summed(fine: Level, aggregate: NDArray[np.int32], coarse: Level) -> NDArray[np.float32]:
    """Couplings of a level from those of the finer one."""
    n = len(coarse.inverse)
    members, first = np.empty(len(aggregate), np.int32), np.empty(n + 1, np.int64)
    list_members(aggregate, first, members)
    sums = np.zeros(len(coarse.weight))
    bounds = np.linspace(0, n, PARTS + 1).astype(np.int64)
    add_aggregates(
        bounds, first, members, fine.row, fine.column, fine.weight, aggregate, coarse.row,
        coarse.column, sums,
    )  # fmt: skip
    return sums.astype(np.float32)


def _add_leaks(
    system: Equations,
    red: NDArray[np.int32],
    black: NDArray[np.int32],
    leak: NDArray[np.floating],
) -> None:
    """Add the conductances to driven faces, and through walls, of the members of aggregates."""
    for end in (system.inlet, system.outlet):
        np.add.at(leak, red[end.red], end.red_conductance.astype(leak.dtype))
        np.add.at(leak, black[end.black], end.black_conductance.astype(leak.dtype))
    if len(system.leak):
        for aggregate, codes in ((red, system.red), (black, system.black)):
            collect(system.bounds, aggregate, codes, system.leak, leak)


def _row_sums(level: Level) -> NDArray[np.float64]:
    """Sum of the couplings of each unknown."""
    sums = np.zeros(len(level.inverse))
    filled = np.diff(level.row) > 0
    if filled.any():
        rows = level.row[:-1][filled]
        sums[filled] = np.add.reduceat(level.weight, rows, dtype=np.float64)
    return sums


def _cut(level: Level) -> NDArray[np.int64]:
    """Cut each colour into parts of about one size, between planes of blocks."""
    cuts = np.empty((len(level.start), PARTS + 1), np.int64)
    for colour, first in enumerate(level.start):
        even = np.linspace(first[0], first[-1], PARTS + 1)
        cuts[colour] = first[np.searchsorted(first, even)]
    return cuts


def _without_setup(level: Level) -> Level:
    return replace(level, leak=level.leak[:0].copy(), block=level.block[:0].copy())


def _pack(levels: list[Level], aggregates: list[NDArray[np.int32]]) -> Tail:
    sizes = [len(level.inverse) for level in levels]
    first = next((d for d, n in enumerate(sizes) if n <= SMALL), len(levels) - 1)
    small = levels[first:]
    begin = np.concatenate([[0], np.cumsum(sizes[first:])])
    edge = np.concatenate([[0], np.cumsum([len(level.column) for level in small])])
    colours = max(len(level.start) for level in small)
    spans = np.empty((len(small), colours + 1), np.int64)
    for d, level in enumerate(small):
        spans[d] = begin[d + 1]
        spans[d, : len(level.start)] = level.start[:, 0] + begin[d]
    rows = [level.row[:-1] + edge[d] for d, level in enumerate(small)]
    n = int(begin[-1])
    maps = [a + begin[d + 1] for d, a in enumerate(aggregates[first:])]
    return Tail(
        first=first,
        spans=spans,
        row=np.concatenate([*rows, edge[-1:]]),
        column=np.concatenate([v.column + begin[d] for d, v in enumerate(small)]).astype(np.int32),
        weight=np.concatenate([level.weight for level in small]),
        inverse=np.concatenate([level.inverse for level in small]),
        aggregate=np.concatenate([*maps, np.zeros(sizes[-1])]).astype(np.int32),
        coarsest=_invert(levels[-1]),
        x=np.zeros(n, levels[-1].inverse.dtype),
        b=np.zeros(n, levels[-1].inverse.dtype),
    )


def _finish_diagonal(level: Level) -> None:
    """The first level arrives with the sum of its couplings in place of the inverse diagonal."""
    diagonal = level.inverse + level.leak
    np.divide(1, diagonal, out=level.inverse, where=diagonal > 0)


def _invert(level: Level) -> NDArray[np.floating]:
    n = len(level.inverse)
    if n > COARSEST:
        # Nothing is coupled any more.
        return np.zeros((0, 0), level.inverse.dtype)
    rows = np.repeat(np.arange(n), np.diff(level.row))
    coupling = np.zeros((n, n))
    coupling[rows, level.column] = level.weight
    inverse = np.empty((n, n))
    invert(coupling, level.leak.astype(np.float64), inverse)
    return inverse.astype(level.inverse.dtype)


def cycle(hierarchy: Hierarchy, depth: int = 0, from_zero: bool = True) -> None:
    """One cycle on the equations of a level: ``x[depth]`` from ``b[depth]``."""
    tail = hierarchy.tail
    if depth >= tail.first:
        cycle_small(
            depth - tail.first, from_zero, SWEEPS, CYCLES, STRETCH, tail.spans, tail.row,
            tail.column,
            tail.weight, tail.inverse, tail.aggregate, tail.coarsest, tail.b, tail.x,
        )  # fmt: skip
        return
    level, x, b = hierarchy.levels[depth], hierarchy.x[depth], hierarchy.b[depth]
    graph = (level.row, level.column, level.weight, level.inverse)
    cuts = hierarchy.cuts[depth]
    if from_zero:
        x.fill(0)
    for _ in range(SWEEPS):
        for colour in cuts:
            relax(colour, True, *graph, b, x)
    aggregate = hierarchy.aggregates[depth]
    # Where no colour is coupled in itself, the last one to be relaxed has no residual.
    colours = len(level.start) - hierarchy.joined
    restrict(level.start, colours, *graph, aggregate, b, x, hierarchy.b[depth + 1])
    for visit in range(CYCLES):
        cycle(hierarchy, depth + 1, visit == 0)
    prolong(aggregate, STRETCH, hierarchy.x[depth + 1], x)
    for _ in range(SWEEPS):
        for colour in cuts[::-1]:
            relax(colour, False, *graph, b, x)
