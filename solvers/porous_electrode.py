"""The pores of an electrode: a mesh that one face drives, with walls that store charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.layers import planes_between
from meshing.voxel_mesh import VoxelMesh
from solvers.fine import End
from solvers.kernels.fields import flux_density, spread
from solvers.kernels.walls import count_by_layer, name_walls
from solvers.system import QUANTUM, System, assemble, exact_sums, from_inlet

#: Where the potential of the electrolyte at a wall is taken: on the face of the voxel, half a voxel
#: of electrolyte away from its centre, or at the centre.
WallPotential = Literal["half-face", "centre"]

#: Sets of walls that differ; the code of a voxel counts the walls of each across every axis.
MOST_GROUPS = 3


@dataclass(frozen=True, eq=False)
class PorousElectrode:
    """Pores that reach the separator, with the walls that their voxels have.

    Walls come in kinds: kind 3 g + a is a wall of group g whose normal is mesh axis a. Everything
    is in system units: conductances over `system.unit`, areas over `area.max()`.

    Attributes
    ----------
    mesh : the pores, as reached from the separator.
    groups : phases whose walls are alike, for each group.
    system : the equations without any wall current, driven at potential 1 by the separator.
    walls : (codes, kinds) uint8, walls of each kind of a voxel by its code.
    base : (codes,) float64, table of the system's diagonal entries without walls.
    """

    mesh: VoxelMesh
    groups: tuple[tuple[str, ...], ...]
    system: System
    walls: NDArray[np.uint8]
    base: NDArray[np.float64]

    @property
    def area(self) -> NDArray[np.float64]:
        """(kinds,) area of one wall [m2]."""
        volume = float(np.prod(self.mesh.mesh_spacing))
        return np.tile(volume / np.array(self.mesh.mesh_spacing), len(self.groups))

    @property
    def half_voxel(self) -> NDArray[np.float64]:
        """(kinds,) distance from the centre of a voxel to its wall [m]."""
        return np.tile(np.array(self.mesh.mesh_spacing) / 2, len(self.groups))

    @property
    def classes(self) -> NDArray[np.uint8]:
        """Class of each label: 1 the pores, 2 and on the groups, 0 all else."""
        return _classes(self.mesh, self.groups)

    @cached_property
    def layers(self) -> NDArray[np.int64]:
        """(layers, 1 + kinds) voxels, and walls of each kind, from the separator inwards."""
        system = self.system
        n, nx = len(system.thickness[system.axis]), system.layout.number.shape[0]
        parts = np.zeros((nx, n, 1 + self.walls.shape[1]), np.int64)
        count_by_layer(
            system.layout.number, system.axis, self.walls, system.red, system.black, parts
        )
        return self.inwards(parts.sum(axis=0))

    @cached_property
    def plane_conductance(self) -> NDArray[np.float64]:
        """(layers,) conductance of the plane before each layer, from the separator inwards."""
        hx, hy, hz = self.mesh.mesh_spacing
        across = (hy * hz / hx, hx * hz / hy, hx * hy / hz)[self.mesh.mesh_axis]
        inner = self.inwards(planes_between(self.mesh))
        faces = np.concatenate([[2 * self.layers[0, 0]], inner])
        return np.asarray(across / self.system.unit * faces)

    @property
    def wall_counts(self) -> NDArray[np.int64]:
        """(kinds,) number of walls."""
        return np.asarray(self.layers[:, 1:].sum(axis=0))

    @property
    def group_areas(self) -> NDArray[np.float64]:
        """(groups,) area of all walls of each group [m2]."""
        return np.asarray((self.wall_counts * self.area).reshape(-1, 3).sum(axis=1))

    def inwards(self, layers: NDArray[Any]) -> NDArray[Any]:
        """An array over the layers of the driven axis, turned to begin at the separator."""
        return layers[::-1] if self.mesh.reach == "high" else layers

    @cached_property
    def single(self) -> PorousElectrode:
        """The same for vectors in single precision, where that is possible.

        Conductances between voxels are rounded, as in `solvers.system.assemble`. The uniform
        charging of many layers is not to be solved with it: its field grows with the square of
        their number, and a residual of it is then less than the last digit.
        """
        system = self.system
        if not system.uniform:
            return self
        x, y, z = (exact_sums(g, np.float32) for g in system.conductance)
        rounded = replace(system, precision=np.float32, rounded=(x, y, z))
        base = _base(rounded, _digits(3 + self.walls.shape[1]))
        exact = float((x, y, z)[system.axis]) / system.conductance[system.axis]
        source = from_inlet(system.inlet, exact)
        table = base.astype(np.float32)
        return replace(self, system=replace(rounded, table=table, source=source), base=base)

    def in_volume(
        self, red: NDArray[np.floating], black: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """A field on the voxels in mesh order, NaN where there is no pore."""
        shape = self.mesh.mesh_shape
        out = np.full(shape, np.nan, red.dtype)
        system = self.system
        spread(system.layout.number, *shape, system.red, system.black, red, black, out)
        return out

    def current_density(
        self, potential: NDArray[np.floating], at_separator: float
    ) -> NDArray[np.float32]:
        """Current density -grad u [1/m] at voxel centres, (nx, ny, nz, 3), 0 outside the pores.

        Parameters
        ----------
        potential : u in mesh order, NaN outside.
        at_separator : u on the separator's face.
        """
        mesh, system = self.mesh, self.system
        out = np.zeros((*mesh.mesh_shape, 3), np.float32)
        layers = [h[:n] for h, n in zip(system.thickness, mesh.mesh_shape, strict=True)]
        ends = np.array([np.nan, at_separator] if mesh.reach == "high" else [at_separator, np.nan])
        flux_density(
            potential, *system.materials[:4], *layers, np.array(system.periodic), mesh.mesh_axis,
            ends, system.unit / max(mesh.spacing) ** 2, out,
        )  # fmt: skip
        back = np.argsort(mesh.order)
        return np.take(out.transpose(*back, 3), back, axis=3)

    def leaking(self, conductance: NDArray[np.float64]) -> System:
        """The equations with a conductance [m, times that of the pores] through walls of each kind.

        In single precision conductances are rounded as coarsely as those between voxels, so that
        diagonals are sums; what comes out is then exact for slightly different walls.
        """
        system = self.system
        leak = conductance / system.unit
        if system.precision is np.float32:
            leak = np.maximum(np.round(leak / QUANTUM), 1) * QUANTUM * (leak > 0)
        total = self.walls @ leak
        table = (self.base + total).astype(system.table.dtype)
        table[0], total[0] = 0, 0
        return replace(system, table=table, leak=total)


def porous_electrode(mesh: VoxelMesh, groups: Sequence[Sequence[str]]) -> PorousElectrode:
    """Find the walls of a mesh that reaches one face.

    Parameters
    ----------
    mesh : pores, meshed with reach "low" or "high".
    groups : phases whose walls carry a double layer; those of a group are alike. Walls are faces
        between a pore and a voxel of these phases, not the outer faces of the volume.

    Raises
    ------
    InputError
        More than three groups.
    """
    if len(groups) > MOST_GROUPS:
        raise InputError(
            f"{len(groups)} different walls were given and {MOST_GROUPS} are possible; "
            "give some phases the same"
        )
    plain = assemble(mesh, dict.fromkeys(mesh.phases, 1.0), np.float64)
    kinds = 3 * len(groups)
    codes = 1 + 2 * 3 ** (3 + kinds)
    red, black = (plain.codes(c).astype(np.min_scalar_type(codes)) for c in (0, 1))
    layout, high = plain.layout, mesh.reach == "high"
    name_walls(
        layout.words, layout.number, mesh.mesh_labels, _classes(mesh, groups), _places(len(groups)),
        plain.axis, high, np.array(plain.periodic), red, black,
    )  # fmt: skip
    digits = _digits(kinds + 3)
    separator = plain.outlet if high else plain.inlet
    base = _base(plain, digits)
    system = replace(
        plain, red=red, black=black, table=base, inlet=separator, outlet=_nothing(),
        source=from_inlet(separator),
    )  # fmt: skip
    walls = np.concatenate([np.zeros((1, kinds), np.uint8), digits[:, 4:]])
    named = tuple(tuple(group) for group in groups)
    return PorousElectrode(mesh, named, system, walls, base)


def _nothing() -> End:
    places, amounts = np.zeros(0, np.int64), np.zeros(0)
    return End(places, places, amounts, amounts)


def _classes(mesh: VoxelMesh, groups: Sequence[Sequence[str]]) -> NDArray[np.uint8]:
    """Class of each label: 1 the pores, 2 and on the groups, 0 all else."""
    classes = np.zeros(int(mesh.mesh_labels.max()) + 1, np.uint8)
    for number, group in enumerate((mesh.phases, *groups), start=1):
        for phase in group:
            present = [label for label in mesh.volume.label_values(phase) if label < len(classes)]
            classes[present] = number
    return classes


def _places(groups: int) -> NDArray[np.int64]:
    """What a neighbour of a class across an axis adds to the code, after the driven face."""
    places = np.zeros((2 + groups, 3), np.int64)
    places[1:] = 2 * 3 ** np.arange(3 * (1 + groups)).reshape(1 + groups, 3)
    return places


def _digits(count: int) -> NDArray[np.uint8]:
    """For each code from 1 on: whether the voxel is driven, and its neighbours of each kind."""
    codes = np.arange(2 * 3**count)
    digits = np.empty((len(codes), 1 + count), np.uint8)
    digits[:, 0] = codes % 2
    codes //= 2
    for place in range(count):
        digits[:, 1 + place] = codes % 3
        codes //= 3
    return digits


def _base(system: System, digits: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Diagonal entries by code, walls left out, as `System.table` wants them."""
    if system.uniform:
        rounded = np.array([float(g) for g in system.rounded])
        entries = digits[:, 1:4] @ rounded + 2 * rounded[system.axis] * digits[:, 0]
    else:
        entries = system.table[-1] * digits[:, 0]
    return np.concatenate([[0.0], entries])
