"""The discrete equations of steady conduction: arrays only, boundary conditions assembled away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.voxel_mesh import SEGMENT
from meshing.voxel_mesh import VoxelMesh
from solvers.fine import (
    RED,
    End,
    Source,
    Thickness,
    diagonal_table,
    elements_on_face,
    end_table,
    name_all_faces,
    neighbour_codes,
)
from solvers.kernels.even_odd import diagonals
from solvers.layout import Layout, build_layout
from solvers.media import NO_RESISTANCE, Conductivity, Media, Pair, fill
from solvers.report import Precision

Bools = tuple[bool, bool, bool]


@dataclass(frozen=True, eq=False, kw_only=True)
class Equations:
    """``A x = b`` on the even-odd layout; conductances are relative numbers.

    Attributes
    ----------
    layout : the unknowns and their neighbours.
    axis : driven axis, in mesh order.
    precision : of the vectors that the system is meant for.
    conductance : of a face across each axis; of use where `faces` has one dimension.
    rounded : the same in the kernels' precision, such that all diagonals are exact sums.
    faces : (6, size) codes into `weights`, one for each face of red voxels; or their conductances
        as they are, float32; or (0,): all the same.
    weights : conductances by code, float64; (0, 0) without codes.
    table : by code, the diagonal entry where all conductances are the same, and else what is added
        to the sum of the six: the conductance to a driven face.
    red, black : (size,) unsigned, codes into `table`; 0 where nothing is.
    inlet, outlet : the driven faces, at potential 1 and 0.
    source : the right-hand side.
    leak : by code, conductance through walls to what lies at 0 behind them; (0,) without any.
    periodic : which axes wrap.
    """

    layout: Layout
    axis: int
    precision: Precision
    conductance: tuple[float, float, float]
    rounded: tuple[np.floating, np.floating, np.floating]
    faces: NDArray[np.unsignedinteger] | NDArray[np.float32]
    weights: NDArray[np.float64]
    table: NDArray[np.floating]
    red: NDArray[np.unsignedinteger]
    black: NDArray[np.unsignedinteger]
    inlet: End
    outlet: End
    source: Source
    leak: NDArray[np.float64]
    periodic: Bools

    @property
    def bounds(self) -> NDArray[np.int64]:
        """First segment of every pair of planes: chunks of work that share no aggregate."""
        plane = self.layout.plane
        return np.append(plane[:-1:2], plane[-1])

    @property
    def stencil(self) -> tuple[Any, ...]:
        """Arguments that the kernels of `solvers.kernels.even_odd` begin with."""
        layout = self.layout
        tables = (layout.lateral, layout.along, layout.parity, layout.last)
        return (*tables, *self.rounded, self.faces, self.weights, self.table)

    @property
    def uniform(self) -> bool:
        """Whether all faces across an axis conduct the same."""
        return self.faces.ndim == 1

    def codes(self, colour: int) -> NDArray[np.unsignedinteger]:
        """Codes of the elements of a colour."""
        return self.red if colour == RED else self.black

    def diagonal(self, colour: int, elements: NDArray[np.int64]) -> NDArray[np.floating]:
        """Diagonal entries of some elements of a colour."""
        entries = np.zeros(len(elements), self.table.dtype)
        diagonals(elements, colour == RED, *self.stencil, self.codes(colour), entries)
        return entries


@dataclass(frozen=True, eq=False, kw_only=True)
class System(Equations):
    """Equations of a mesh of phases, and what they were made of.

    Attributes
    ----------
    unit : conductance that is 1 in the arrays [conductivity times m].
    labels, media, thickness : labels in mesh order, what they conduct, and the thickness of voxel
        layers, float64, of which the conductances are made. Relative numbers: `unit` holds what
        makes them conductances.
    """

    unit: float
    labels: NDArray[np.integer]
    media: Media
    thickness: Thickness

    @property
    def materials(self) -> tuple[Any, ...]:
        """Arguments of which `solvers.kernels.fields` makes float64 conductances."""
        media = self.media
        return (self.labels, media.kinds, media.resistivity, media.contact, *self.thickness)

    @property
    def exact(self) -> tuple[Any, ...]:
        """Float64 conductances, as `solvers.kernels.fields.plane_flows` takes them."""
        return (self.uniform, *self.conductance, *self.materials)


def assemble(
    mesh: VoxelMesh,
    conductivity: Mapping[str, Conductivity],
    precision: Precision = np.float32,
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
) -> System:
    """Assemble steady conduction with potential 1 and 0 on the outer faces of the driven axis.

    Parameters
    ----------
    mesh : the voxels that conduct.
    conductivity : of each phase of the mesh, positive, a number or one for each axis x, y, z
        [any unit].
    precision : of the vectors; float32 serves uniform conductivity only, the rest gets float64.
    contact_resistance : of interfaces between two phases [m / unit of conductivity].

    Raises
    ------
    InputError
        As `solvers.media.fill`.
    """
    media = fill(mesh, conductivity, contact_resistance)
    periodic = _periodic(mesh)
    odd = tuple(p and n % 2 == 1 for p, n in zip(periodic, mesh.mesh_shape, strict=True))
    if any(odd) or not media.uniform:
        return _assemble_weighted(mesh, media, periodic, (odd[0], odd[1], odd[2]))
    return _assemble_uniform(mesh, media, periodic, precision)


def _periodic(mesh: VoxelMesh) -> Bools:
    if mesh.sides == "no-flux":
        return False, False, False
    x, y, z = (a != mesh.mesh_axis and n > 1 for a, n in enumerate(mesh.mesh_shape))
    return x, y, z


#: Single-precision conductances are multiples of this part of the largest.
QUANTUM = 2.0**-21


def exact_sums(conductance: float, precision: Precision) -> np.floating:
    """Round so that six such numbers, none above 1, and a driven face add up without rounding."""
    if precision is np.float64:
        return np.float64(conductance)
    return np.float32(max(round(conductance / QUANTUM), 1) * QUANTUM)


def _assemble_uniform(
    mesh: VoxelMesh, media: Media, periodic: Bools, precision: Precision
) -> System:
    hx, hy, hz = mesh.mesh_spacing
    raw = np.array([hy * hz / hx, hx * hz / hy, hx * hy / hz]) / media.resistivity[1]
    largest = max(mesh.mesh_spacing)
    unit = float(raw.max())
    gx, gy, gz = (float(g) for g in raw / unit)
    x, y, z = (exact_sums(g, precision) for g in (gx, gy, gz))
    axis = mesh.mesh_axis
    layout = build_layout(mesh.words, mesh.mesh_shape[2], periodic)
    red, black = neighbour_codes(layout, axis, periodic)
    half = np.full(256, 2 * (gx, gy, gz)[axis])
    ends = [_end(layout, axis, high, half, red, black) for high in (False, True)]
    thickness = tuple(
        np.full(n, h / largest) for n, h in zip(mesh.mesh_shape, mesh.mesh_spacing, strict=True)
    )
    table = diagonal_table((float(x), float(y), float(z)), axis)
    # Relative to the largest conductance, which need not be that of a cube of the largest edge.
    relative = replace(media, resistivity=media.resistivity * (unit / largest))
    exact = float(2 * (x, y, z)[axis] / half[0])
    return System(
        layout=layout, axis=axis, precision=precision, conductance=(gx, gy, gz), rounded=(x, y, z),
        faces=np.zeros(0, np.uint8), weights=np.zeros(0), table=table.astype(precision),
        red=red, black=black, inlet=ends[0], outlet=ends[1], source=from_inlet(ends[0], exact),
        leak=np.zeros(0), periodic=periodic, unit=unit * media.scale, labels=mesh.mesh_labels,
        media=relative, thickness=(thickness[0], thickness[1], thickness[2]),
    )  # fmt: skip


def from_inlet(inlet: End, exact: float = 1.0) -> Source:
    """The right-hand side of an inlet at potential 1.

    Parameters
    ----------
    inlet : the driven face.
    exact : factor that makes its conductances as exact as the diagonals are.
    """
    amounts = (inlet.red_conductance * exact, inlet.black_conductance * exact)
    at_rest = float(sum(amount.sum() for amount in amounts))
    return Source(inlet.red, inlet.black, *amounts, at_rest)


def _end(
    layout: Layout,
    axis: int,
    high: bool,
    conductance: NDArray[np.float64],
    red: NDArray[np.unsignedinteger],
    black: NDArray[np.unsignedinteger],
) -> End:
    """The elements of a driven face, with their conductances looked up by code."""
    reds, blacks = (found[:, 0] for found in elements_on_face(layout, axis, high))
    return End(reds, blacks, conductance[red[reds]], conductance[black[blacks]])


def _assemble_weighted(mesh: VoxelMesh, media: Media, periodic: Bools, odd: Bools) -> System:
    thickness, words = _even_layers(mesh, odd)
    axis = mesh.mesh_axis
    layout = build_layout(words, len(thickness[2]), periodic)
    largest = max(mesh.mesh_spacing)
    relative: Thickness = (thickness[0] / largest, thickness[1] / largest, thickness[2] / largest)
    media = replace(media, contact=media.contact / largest)
    faces = name_all_faces(layout, mesh.mesh_labels, media, relative, axis)
    table = end_table(media, relative, axis)
    coded = (faces.red, faces.black)
    ends = [_end(layout, axis, high, table, *coded) for high in (False, True)]
    one = np.float64(1)
    return System(
        layout=layout, axis=axis, precision=np.float64, conductance=(1.0, 1.0, 1.0),
        rounded=(one, one, one), faces=faces.codes, weights=faces.weights, table=table,
        red=faces.red, black=faces.black, inlet=ends[0], outlet=ends[1],
        source=from_inlet(ends[0]), leak=np.zeros(0), periodic=periodic,
        unit=media.scale * largest, labels=mesh.mesh_labels, media=media, thickness=relative,
    )  # fmt: skip


def _even_layers(mesh: VoxelMesh, odd: Bools) -> tuple[Thickness, NDArray[np.uint16]]:
    """Layer thicknesses and words with a layer of no thickness where an odd periodic axis closes.

    Two colours need an even number of layers around a periodic axis. A node of no thickness between
    the last and the first layer changes nothing: two half voxels in series, as before.
    """
    words = mesh.words
    thickness = []
    for a, (n, h) in enumerate(zip(mesh.mesh_shape, mesh.mesh_spacing, strict=True)):
        thickness.append(np.append(np.full(n, h), 0.0) if odd[a] else np.full(n, h))
        if odd[a] and a < 2:
            seam = words.take([0], a) & words.take([-1], a)
            words = np.concatenate([words, seam], axis=a)
        elif odd[a]:
            words = _close_last_axis(words, n)
    return (thickness[0], thickness[1], thickness[2]), words


def _close_last_axis(words: NDArray[np.uint16], n: int) -> NDArray[np.uint16]:
    seam = words[:, :, 0] & (words[:, :, -1] >> ((n - 1) % SEGMENT)) & 1
    if n % SEGMENT == 0:
        return np.concatenate([words, seam[:, :, None]], axis=2)
    closed = words.copy()
    closed[:, :, -1] |= seam << (n % SEGMENT)
    return closed
