"""What charges enter an electrode at its walls: face by face, or as the smooth surface would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from solvers.fine import BLACK, RED, Source
from solvers.kernels.layout import WIDTH
from solvers.porous_electrode import PorousElectrode
from solvers.smooth_walls import HALO, gradients, last_plane, share_across

D = TypeVar("D", bound=np.generic)

#: With which area a face of a voxel counts: its own, or that of the smooth wall it stands for.
WallArea = Literal["voxel", "smooth"]

#: Planes whose normals are in memory at a time.
SLAB: Final = 16


@dataclass(frozen=True, eq=False)
class WallLoad:
    """Charges on the walls of an electrode.

    Attributes
    ----------
    source : what enters at each voxel, in system units: charge over the largest area of a wall.
    by_layer : (layers,) charge on the walls of each voxel layer, from the separator inwards [m2].
    in_half_voxels : what the currents into the walls dissipate between the centres of the voxels
        and their walls [m3].
    """

    source: Source
    by_layer: NDArray[np.float64]
    in_half_voxels: float

    @property
    def total(self) -> float:
        """All charge [m2]."""
        return float(self.by_layer.sum())


def load_walls(
    electrode: PorousElectrode, charge: Sequence[float], area: WallArea = "voxel"
) -> WallLoad:
    """Charge the walls of every group alike per area.

    Parameters
    ----------
    electrode : the pores and their walls.
    charge : of each group, per area.
    area : "voxel", or "smooth", where a face counts with the component of the wall's normal across
        it, as the gradient of the pores under a Gaussian of 1.5 voxels tells it.
    """
    if area == "smooth":
        return _smooth(electrode, np.asarray(charge, np.float64))
    by_kind = np.repeat(np.asarray(charge, np.float64), 3)
    areas = electrode.area
    amount = electrode.walls @ (by_kind * areas / areas.max())
    system = electrode.system
    places = [np.flatnonzero((amount > 0)[codes]) for codes in (system.red, system.black)]
    source = Source(
        places[0], places[1], amount[system.red[places[0]]], amount[system.black[places[1]]], 0.0
    )
    by_layer = electrode.layers[:, 1:] @ (by_kind * areas)
    in_half_voxels = electrode.wall_counts @ (by_kind**2 * areas * electrode.half_voxel)
    return WallLoad(source, by_layer, float(in_half_voxels))


def _smooth(electrode: PorousElectrode, charge: NDArray[np.float64]) -> WallLoad:
    mesh, layout = electrode.mesh, electrode.system.layout
    elements: tuple[list[NDArray[np.int64]], ...] = ([], [])
    amounts: tuple[list[NDArray[np.float64]], ...] = ([], [])
    by_layer, in_half_voxels = np.zeros(mesh.mesh_shape[mesh.mesh_axis]), 0.0
    largest = electrode.area.max()
    for first, total, spent in _slabs(electrode, charge):
        in_half_voxels += spent
        others = tuple(a for a in range(3) if a != mesh.mesh_axis)
        layers = slice(first, first + len(total)) if mesh.mesh_axis == 0 else slice(None)
        by_layer[layers] += total.sum(axis=others)
        x, y, z = np.nonzero(total)
        element = layout.number[x + first, y, z // (2 * WIDTH)].astype(np.int64) * WIDTH
        element += z % (2 * WIDTH) // 2
        colours = (x + first + y + z) & 1
        for colour in (RED, BLACK):
            mine = colours == colour
            elements[colour].append(element[mine])
            amounts[colour].append(total[x, y, z][mine] / largest)
    red, black = (np.concatenate(each) for each in elements)
    source = Source(red, black, np.concatenate(amounts[RED]), np.concatenate(amounts[BLACK]), 0.0)
    return WallLoad(source, electrode.inwards(by_layer), in_half_voxels)


def _slabs(
    electrode: PorousElectrode, charge: NDArray[np.float64]
) -> Iterator[tuple[int, NDArray[np.float64], float]]:
    """First plane, charge at every voxel, and dissipation, slab by slab of mesh axis 0."""
    mesh = electrode.mesh
    nx = mesh.mesh_shape[0]
    classes = electrode.classes
    for first in range(0, nx, SLAB):
        last = min(first + SLAB, nx)
        planes = np.arange(first - HALO, last + HALO)
        wraps = electrode.system.periodic[0]
        inside = planes % nx if wraps else np.clip(planes, 0, nx - 1)
        kinds = classes[mesh.mesh_labels[inside]]
        beyond = np.zeros(len(planes), np.bool_) if wraps else planes != inside
        kinds[beyond] = 0  # what is clipped repeats the border for the normal, and is no wall
        yield first, *_charge_slab(electrode, charge, kinds, beyond, mesh.words[first:last])


def _charge_slab(
    electrode: PorousElectrode,
    charge: NDArray[np.float64],
    kinds: NDArray[np.uint8],
    beyond: NDArray[np.bool_],
    words: NDArray[np.uint16],
) -> tuple[NDArray[np.float64], float]:
    normals = _normals(electrode, kinds, beyond)
    octets = words.astype("<u2", copy=False).view(np.uint8)
    bits = np.unpackbits(octets, axis=-1, bitorder="little", count=kinds.shape[2])
    pores = bits.view(np.bool_)
    inner = slice(HALO, len(kinds) - HALO)
    total, spent = np.zeros(pores.shape), 0.0
    for axis in range(3):
        area, half = electrode.area[axis], electrode.half_voxel[axis]
        for step in (1, -1):
            there = _shifted(kinds, axis, step, electrode.system.periodic[axis])[inner]
            wall = pores & (there > 1)
            normal = normals[:, inner][:, wall] + np.stack(
                [_shifted(n, axis, step, True)[inner][wall] for n in normals]
            )
            density = charge[there[wall] - 2] * share_across(normal, axis)
            total[wall] += density * area
            spent += float((density**2).sum()) * area * half
    return total, spent


def _normals(
    electrode: PorousElectrode, kinds: NDArray[np.uint8], beyond: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(3, ...) gradient of the smoothed pores, per length."""
    pores = (kinds == 1).astype(np.float64)
    real = np.flatnonzero(~beyond)
    pores[: real[0]], pores[real[-1] + 1 :] = pores[real[0]], pores[real[-1]]
    _, *wraps = electrode.system.periodic
    return gradients(pores, electrode.mesh.mesh_spacing, (wraps[0], wraps[1]))


def _shifted(values: NDArray[D], axis: int, step: int, wraps: bool) -> NDArray[D]:
    """What lies one voxel on; 0 beyond the end of an axis that does not wrap."""
    moved = np.roll(values, -step, axis)
    if not wraps:
        moved[last_plane(axis, step)] = 0
    return moved
