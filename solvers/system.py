"""The discrete equations of steady conduction: arrays only, boundary conditions assembled away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.kernels.voxel_mesh import SEGMENT
from meshing.voxel_mesh import VoxelMesh
from solvers.fine import (
    BLACK,
    RED,
    End,
    Thickness,
    diagonal_table,
    elements_on_face,
    gather_resistivity,
    neighbour_codes,
    weigh_faces,
)
from solvers.layout import Layout, build_layout

Bools = tuple[bool, bool, bool]
Conductance = Callable[[NDArray[np.int64], int], NDArray[np.float64]]
Precision = type[np.float32] | type[np.float64]


@dataclass(frozen=True, eq=False)
class System:
    """``A x = b`` on the even-odd layout, in units of `unit` (conductivity times length).

    Attributes
    ----------
    layout : the unknowns and their neighbours.
    axis : driven axis, in mesh order.
    unit : conductance that is 1 in the arrays [conductivity times m].
    precision : of the vectors that the system is meant for.
    conductance : of a face across each axis; of use where `weights` has one dimension.
    rounded : the same in the kernels' precision, such that all diagonals are exact sums.
    weights : (6, size) float32, a conductance for each face of red voxels, or (0,): all the same.
    table : diagonal entries by code, where all conductances are the same.
    red, black : (size,), uint8 codes into `table`, or float64 diagonals; 0 where nothing is.
    labels, resistivity, thickness : labels in mesh order, the resistivity of each label, and the
        thickness of voxel layers, float64, of which the conductances are made. Relative numbers:
        `unit` holds what makes them conductances.
    inlet, outlet : the driven faces, at potential 1 and 0.
    periodic : which axes wrap.
    """

    layout: Layout
    axis: int
    unit: float
    precision: Precision
    conductance: tuple[float, float, float]
    rounded: tuple[np.floating, np.floating, np.floating]
    weights: NDArray[np.float32]
    table: NDArray[np.floating]
    red: NDArray[Any]
    black: NDArray[Any]
    labels: NDArray[np.integer]
    resistivity: NDArray[np.float64]
    thickness: Thickness
    inlet: End
    outlet: End
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
        return (*tables, *self.rounded, self.weights)

    @property
    def exact(self) -> tuple[Any, ...]:
        """Float64 conductances, as `solvers.kernels.fields.plane_flows` takes them."""
        return (self.uniform, *self.conductance, self.labels, self.resistivity, *self.thickness)

    @property
    def uniform(self) -> bool:
        """Whether all faces across an axis conduct the same."""
        return self.weights.ndim == 1

    def drive(self, colour: int) -> NDArray[np.floating]:
        """Right-hand side of the elements on the inlet, as exact as the diagonals are."""
        inlet = self.inlet
        exact = (inlet.red_conductance, inlet.black_conductance)[colour]
        return np.full_like(exact, 2 * self.rounded[self.axis]) if self.uniform else exact

    def diagonal(self, colour: int, elements: NDArray[np.int64]) -> NDArray[np.floating]:
        """Diagonal entries of some elements of a colour."""
        entries = (self.red, self.black)[colour][elements]
        return self.table[entries] if self.uniform else entries


def assemble(
    mesh: VoxelMesh, conductivity: Mapping[str, float], precision: Precision = np.float32
) -> System:
    """Assemble steady conduction with potential 1 and 0 on the outer faces of the driven axis.

    Parameters
    ----------
    mesh : the voxels that conduct.
    conductivity : positive conductivity of each phase of the mesh [any unit].
    precision : of the vectors; float32 serves uniform conductivity only, the rest gets float64.

    Raises
    ------
    InputError
        A phase has no conductivity, or one that is not a positive number.
    """
    values = _checked(mesh, conductivity)
    periodic = _periodic(mesh)
    odd = tuple(p and n % 2 == 1 for p, n in zip(periodic, mesh.mesh_shape, strict=True))
    if any(odd) or len(set(values.values())) > 1:
        return _assemble_weighted(mesh, values, periodic, (odd[0], odd[1], odd[2]))
    return _assemble_uniform(mesh, next(iter(values.values())), periodic, precision)


def _checked(mesh: VoxelMesh, conductivity: Mapping[str, float]) -> dict[str, float]:
    for phase in mesh.phases:
        if phase not in conductivity:
            raise InputError(f"phase {phase} has no conductivity; give one, or leave the phase out")
        if not (np.isfinite(conductivity[phase]) and conductivity[phase] > 0):
            raise InputError(
                f"the conductivity of phase {phase} is {conductivity[phase]}; "
                "give a positive number, or leave the phase out"
            )
    return {phase: float(conductivity[phase]) for phase in mesh.phases}


def _periodic(mesh: VoxelMesh) -> Bools:
    if mesh.sides == "no-flux":
        return False, False, False
    x, y, z = (a != mesh.mesh_axis and n > 1 for a, n in enumerate(mesh.mesh_shape))
    return x, y, z


def _exact_sums(conductance: float, precision: Precision) -> np.floating:
    """Round so that six such numbers, none above 1, and a driven face add up without rounding."""
    if precision is np.float64:
        return np.float64(conductance)
    quantum = 2.0**-21
    return np.float32(max(round(conductance / quantum), 1) * quantum)


def _assemble_uniform(
    mesh: VoxelMesh, conductivity: float, periodic: Bools, precision: Precision
) -> System:
    hx, hy, hz = mesh.mesh_spacing
    raw = np.array([hy * hz / hx, hx * hz / hy, hx * hy / hz]) * conductivity
    unit = float(raw.max())
    gx, gy, gz = (float(g) for g in raw / unit)
    x, y, z = (_exact_sums(g, precision) for g in (gx, gy, gz))
    axis = mesh.mesh_axis
    layout = build_layout(mesh.words, mesh.mesh_shape[2], periodic)
    red_code, black_code = neighbour_codes(layout, axis, periodic)
    half = 2 * (gx, gy, gz)[axis]

    def conductance(elements: NDArray[np.int64], colour: int) -> NDArray[np.float64]:
        return np.full(len(elements), half)

    ends = [_end(layout, axis, high, conductance) for high in (False, True)]
    largest = max(mesh.mesh_spacing)
    resistivity = _table(mesh, {phase: unit / (conductivity * largest) for phase in mesh.phases})
    thickness = tuple(
        np.full(n, h / largest) for n, h in zip(mesh.mesh_shape, mesh.mesh_spacing, strict=True)
    )
    table = diagonal_table((float(x), float(y), float(z)), axis)
    return System(
        layout, axis, unit, precision, (gx, gy, gz), (x, y, z), np.zeros(0, np.float32),
        table.astype(precision), red_code, black_code,
        mesh.mesh_labels, resistivity, (thickness[0], thickness[1], thickness[2]),
        ends[0], ends[1], periodic,
    )  # fmt: skip


def _table(mesh: VoxelMesh, values: Mapping[str, float]) -> NDArray[np.float64]:
    """A value for each label of the volume; 1 for those of other phases."""
    table = np.ones(int(mesh.mesh_labels.max()) + 1)
    for phase, value in values.items():
        present = [label for label in mesh.volume.label_values(phase) if label < len(table)]
        table[present] = value
    return table


def _end(layout: Layout, axis: int, high: bool, conductance: Conductance) -> End:
    red, black = elements_on_face(layout, axis, high)
    return End(red[:, 0], black[:, 0], conductance(red, RED), conductance(black, BLACK))


def _assemble_weighted(
    mesh: VoxelMesh, conductivity: Mapping[str, float], periodic: Bools, odd: Bools
) -> System:
    thickness, words = _even_layers(mesh, odd)
    nz = len(thickness[2])
    axis = mesh.mesh_axis
    layout = build_layout(words, nz, periodic)
    scale = max(conductivity.values())
    resistivity = _table(mesh, {phase: scale / k for phase, k in conductivity.items()})
    labels = mesh.mesh_labels
    values = gather_resistivity(layout, labels, resistivity)
    largest = max(thickness[a].max() for a in range(3))
    relative: Thickness = (thickness[0] / largest, thickness[1] / largest, thickness[2] / largest)
    faces = weigh_faces(layout, values, relative)

    def conductance(elements: NDArray[np.int64], colour: int) -> NDArray[np.float64]:
        lengths = [relative[a][elements[:, 1 + a]] for a in range(3)]
        area = np.prod([lengths[a] for a in range(3) if a != axis], axis=0)
        places = tuple(np.minimum(elements[:, 1 + a], labels.shape[a] - 1) for a in range(3))
        g: NDArray[np.float64] = 2 * area / (lengths[axis] * resistivity[labels[places]])
        np.add.at((faces.red, faces.black)[colour], elements[:, 0], g)
        return g

    inlet = _end(layout, axis, False, conductance)
    outlet = _end(layout, axis, True, conductance)
    one = np.float64(1)
    return System(
        layout, axis, scale * float(largest), np.float64, (1.0, 1.0, 1.0), (one, one, one),
        faces.weights, np.zeros(1), faces.red, faces.black,
        mesh.mesh_labels, resistivity, relative, inlet, outlet, periodic,
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
