"""Diffusion through voxels that conduct each in its own way, with sinks in each: pores that fill.

    sum over faces of g (u - u') + leak u = source

with face conductances ``g = A / (h / 2 k + h' / 2 k')``, and u given on one or both ends of an
axis, half a voxel from the outer voxels' centres. Conductivities are relative, so a conductance,
and a leak, is a length: area times conductivity over distance.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.voxel_mesh import SEGMENT
from meshing.units import Spacing
from solvers.buffers import Buffers
from solvers.fine import BLACK, RED, End, Source, Thickness, elements_on_face
from solvers.kernels.cells import add, conduct, locate, number_cells, pack
from solvers.kernels.fields import spread
from solvers.krylov import red_from_black
from solvers.layout import Layout, build_layout
from solvers.minimise import Effort, minimise
from solvers.multigrid import Template, build_template, hierarchy_of, sum_again
from solvers.report import Report
from solvers.system import Bools, Equations

Array = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Voxels with a conductivity each.

    Attributes
    ----------
    shape : voxels along x, y, z.
    spacing : their edges [m].
    axis : the driven axis.
    periodic : which axes wrap.
    layout : the unknowns and their neighbours.
    thickness : of the voxel layers [m], with nodes of no thickness where odd periodic axes close.
    outer : elements of the low and of the high end, red and black of each.
    conductivity : (size,) relative, of red and of black elements.
    faces : (6, size) conductances of the faces of red elements, over the largest edge.
    template : coarse levels, of these conductivities or earlier ones; None before the first solve.
    buffers : of which large arrays are taken.
    summed : whether the next solve takes couplings of coarse levels as they are.
    """

    shape: tuple[int, int, int]
    spacing: Spacing
    axis: int
    periodic: Bools
    layout: Layout
    thickness: Thickness
    outer: tuple[list[Places], list[Places]]
    conductivity: tuple[Array, Array]
    faces: NDArray[np.float32]
    template: Template | None = None
    buffers: Buffers = field(default_factory=Buffers)
    summed: bool = True

    @property
    def unit(self) -> float:
        """The conductance that is 1 in the arrays [m]."""
        return max(self.spacing)

    @property
    def ends(self) -> tuple[End, End]:
        """The outer faces of the driven axis, with conductances from the voxels' centres."""
        areas = [h for a, h in enumerate(self.spacing) if a != self.axis]
        factor = 2 * areas[0] * areas[1] / self.spacing[self.axis] / self.unit
        return self._end(False, factor), self._end(True, factor)

    def _end(self, high: bool, factor: float) -> End:
        red, black = self.outer[high]
        conductivity = self.conductivity
        return End(red, black, conductivity[0][red] * factor, conductivity[1][black] * factor)

    def elements(self, voxel: Places) -> Places:
        """Places of voxels, given by flat indices, in the red elements and then the black ones."""
        out = np.empty(len(voxel), np.int64)
        _, ny, nz = self.shape
        locate(self.layout.number, ny, nz, voxel, self.layout.size, out)
        return out


@dataclass(frozen=True, eq=False)
class Field:
    """A field on cells.

    Attributes
    ----------
    values : (nx, ny, nz), 0 where nothing conducts.
    low, high : what flows in through the ends of the axis [m times the unit of the field].
    report : what the solver did.
    """

    values: Array
    low: float
    high: float
    report: Report


def build_cells(
    conductivity: Array,
    spacing: Spacing,
    axis: int,
    periodic: Bools = (False, False, False),
    buffers: Buffers | None = None,
) -> Cells:
    """Lay out the voxels that conduct.

    Parameters
    ----------
    conductivity : (nx, ny, nz) relative to whatever unit, 0 where nothing conducts.
    spacing : edges of the voxels [m].
    axis : the driven axis, which does not wrap.
    periodic : which axes wrap.
    buffers : of which large arrays are taken; None for new ones.
    """
    odd = [p and n % 2 == 1 and n > 1 for p, n in zip(periodic, conductivity.shape, strict=True)]
    wrap = tuple(bool(p and n > 1) for p, n in zip(periodic, conductivity.shape, strict=True))
    thickness = [
        np.append(np.full(n, h), 0.0) if closes else np.full(n, h)
        for n, h, closes in zip(conductivity.shape, spacing, odd, strict=True)
    ]
    words = _words(_closed(conductivity, odd) > 0)
    layout = build_layout(words, len(thickness[2]), (wrap[0], wrap[1], wrap[2]))
    nothing, (nx, ny, nz) = np.zeros(0), conductivity.shape
    outer = [_outer(layout, axis, high, (nx, ny, nz)) for high in (False, True)]
    empty = Cells(
        (nx, ny, nz), spacing, axis, (wrap[0], wrap[1], wrap[2]), layout,
        (thickness[0], thickness[1], thickness[2]), (outer[0], outer[1]), (nothing, nothing),
        np.zeros((6, 0), np.float32), None, buffers or Buffers(),
    )  # fmt: skip
    return _with_faces(empty, conductivity, summed=True)


def _outer(layout: Layout, axis: int, high: bool, shape: tuple[int, int, int]) -> list[Places]:
    """Elements of an end; nodes of no thickness have no face there."""
    found = elements_on_face(layout, axis, high)
    return [places[(places[:, 1:] < shape).all(axis=1), 0] for places in found]


def with_conductivity(cells: Cells, conductivity: Array, again: bool = True) -> Cells:
    """The same voxels, or fewer of them, with other conductivities.

    Coarse levels are kept, where there are any, and `build_cells` makes new ones. As conductivities
    fall, old couplings make steps that are too short, never too long.

    Parameters
    ----------
    again : whether the next solve sums the couplings of the coarse levels again.
    """
    if cells.template is None:
        # Levels that are made later would go on through voxels that conduct nothing any more.
        return build_cells(conductivity, cells.spacing, cells.axis, cells.periodic, cells.buffers)
    return _with_faces(cells, conductivity, summed=cells.summed and not again)


def _with_faces(cells: Cells, conductivity: Array, summed: bool) -> Cells:
    odd = [len(h) > n for h, n in zip(cells.thickness, cells.shape, strict=True)]
    k = _elements(cells, _closed(conductivity, odd))
    layout, unit = cells.layout, cells.unit
    hx, hy, hz = (h / unit for h in cells.thickness)
    faces = cells.buffers.zeros((6, layout.size), np.float32)
    conduct(layout.number, layout.lateral, layout.along, layout.last, *k, hx, hy, hz, faces)
    return replace(cells, conductivity=k, faces=faces, summed=summed)


def solve(
    cells: Cells,
    low: float | None,
    high: float | None,
    leak: Array | None = None,
    source: Array | None = None,
    start: Array | None = None,
    effort: Effort | None = None,
    at: Places | None = None,
) -> tuple[Field, Cells]:
    """Find the field.

    Parameters
    ----------
    cells : the voxels. Every piece of connected voxels has an end or a leak.
    low, high : the field on the ends of the axis; None for an end that nothing passes.
    leak : (nx, ny, nz) conductance of each voxel to what lies at 0 [m], at least 0.
    source : (nx, ny, nz) what enters each voxel [m times the unit of the field].
    start : (nx, ny, nz) a guess.
    at : flat indices of voxels, which may repeat, if leak and source are given for these alone.
    effort : when to stop, by the relative error of the energy, the square of that of the field,
        and by what flows may miss [m times the unit of the field].

    Returns
    -------
    The field, and the cells with the coarse levels that were used.

    Raises
    ------
    NotConverged
        The iteration limit came first.
    """
    began = perf_counter()
    equations = _equations(cells, (low, high), at, leak, source)
    template = cells.template or build_template(equations)
    if cells.template is not None and not cells.summed:
        template = sum_again(template, equations)
    x, s, t, black = (cells.buffers.zeros(cells.layout.size, np.float64) for _ in range(4))
    if start is not None:
        pack(cells.layout.number, start, BLACK, black)
    unknowns = int(np.count_nonzero(equations.red) + np.count_nonzero(equations.black))
    hierarchy = hierarchy_of(template, equations)
    effort = effort or Effort(1e-10, 1000)
    effort = replace(effort, imbalance=effort.imbalance / cells.unit)
    state, report = minimise(equations, hierarchy, black, unknowns, effort, began, (x, s, t))
    red_from_black(equations, state.x, state.t)
    values = cells.buffers.zeros(cells.shape, np.float64)
    number = cells.layout.number
    spread(number, *cells.shape, equations.red, equations.black, state.t, state.x, values)
    flows = [
        0.0 if value is None else _flow(end, value, state.t, state.x) * cells.unit
        for end, value in zip(cells.ends, (low, high), strict=True)
    ]
    return Field(values, flows[0], flows[1], report), replace(cells, template=template, summed=True)


def _flow(end: End, value: float, red: NDArray[np.floating], black: NDArray[np.floating]) -> float:
    inflow = end.red_conductance @ (value - red[end.red])
    return float(inflow + end.black_conductance @ (value - black[end.black]))


def _equations(
    cells: Cells,
    ends: tuple[float | None, float | None],
    at: Places | None,
    leak: Array | None,
    source: Array | None,
) -> Equations:
    size, one, layout = cells.layout.size, np.float64(1), cells.layout
    nobody, amount = np.zeros(0, np.int64), np.zeros(0)
    nothing = End(nobody, nobody, amount, amount)
    places = None if at is None else 1 + cells.elements(at)
    # By code, which is 1 + element: what leaks, and what the driven ends add to it.
    table = _by_code(cells, places, leak)
    driven = [e if v is not None else nothing for e, v in zip(cells.ends, ends, strict=True)]
    for end in driven:
        table[1 + end.red] += end.red_conductance
        table[1 + size + end.black] += end.black_conductance
    codes = cells.buffers.zeros((2, size), np.uint32)
    number_cells(
        layout.number, layout.lateral, layout.along, layout.last, cells.faces, table,
        *cells.conductivity, *codes,
    )  # fmt: skip
    amounts = _by_code(cells, places, source)[1:]
    return Equations(
        layout=layout, axis=cells.axis, precision=np.float64, conductance=(1.0, 1.0, 1.0),
        rounded=(one, one, one), faces=cells.faces, weights=np.zeros((0, 0)), table=table,
        red=codes[0], black=codes[1], inlet=nothing, outlet=nothing,
        source=_source(amounts, driven, ends, codes), leak=table, periodic=cells.periodic,
    )  # fmt: skip


def _by_code(cells: Cells, codes: Places | None, values: Array | None) -> Array:
    """Values of voxels by their code, over the unit; 0 for code 0, which is no voxel."""
    out: Array = cells.buffers.zeros(1 + 2 * cells.layout.size, np.float64)
    if values is None:
        return out
    if codes is None:
        red, black = out[1:].reshape(2, -1)
        pack(cells.layout.number, values, RED, red)
        pack(cells.layout.number, values, BLACK, black)
        out /= cells.unit
    else:
        add(codes, values, 1.0 / cells.unit, out)
    return out


def _source(
    amounts: Array,
    driven: list[End],
    ends: tuple[float | None, float | None],
    codes: NDArray[np.uint32],
) -> Source:
    """What ends and sources bring, on the voxels that are unknowns."""
    both, at_rest = amounts.reshape(2, -1), 0.0
    for end, value in zip(driven, ends, strict=True):
        for colour in range(2):
            places, conductance = end.of(colour)
            both[colour, places] += conductance * (value or 0.0)
            at_rest += float(conductance.sum()) * (value or 0.0) ** 2
    red, black = (np.flatnonzero(a) for a in both)
    red, black = red[codes[0, red] > 0], black[codes[1, black] > 0]
    return Source(red, black, both[0, red], both[1, black], at_rest)


def _elements(cells: Cells, values: Array) -> tuple[Array, Array]:
    red, black = (cells.buffers.zeros(cells.layout.size, np.float64) for _ in range(2))
    pack(cells.layout.number, values, RED, red)
    pack(cells.layout.number, values, BLACK, black)
    return red, black


def _closed(values: Array, odd: list[bool]) -> Array:
    """With a layer of nodes after the last one on odd periodic axes, open between open voxels."""
    for axis, closes in enumerate(odd):
        if closes:
            joined = np.minimum(values.take([0], axis), values.take([-1], axis))
            values = np.concatenate([values, joined], axis)
    return values


def _words(mask: NDArray[np.bool_]) -> NDArray[np.uint16]:
    """Membership in words of one bit per voxel."""
    nx, ny, nz = mask.shape
    segments = -(-nz // SEGMENT)
    bits = np.zeros((nx, ny, SEGMENT // 8 * segments), np.uint8)
    packed = np.packbits(mask, axis=-1, bitorder="little")
    bits[:, :, : packed.shape[2]] = packed
    return bits.view("<u2").astype(np.uint16, copy=False)
