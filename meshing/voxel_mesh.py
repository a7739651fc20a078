"""The voxels that carry an unknown: a phase, or several, trimmed to what joins two driven faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from meshing.connectivity import Components, connected_components
from meshing.errors import InputError
from meshing.kernels.voxel_mesh import SEGMENT, set_bits
from meshing.volume import Volume

Sides = Literal["no-flux", "periodic"]

#: Which driven faces a voxel must be joined to: both for a steady flux through the volume, one
#: where what comes in through that face is used up inside.
Reach = Literal["both", "low", "high"]


@dataclass(frozen=True, eq=False)
class VoxelMesh:
    """Voxels of the chosen phases that join the low and the high face of one axis, or reach one.

    Voxels are face-connected. Islands and, where both faces are to be joined, pores that reach only
    one of them carry no steady flux and are left out; their share is reported. Membership costs one
    bit per voxel.

    Attributes
    ----------
    volume : the image.
    phases : names of the phases that were chosen.
    axis : driven axis, 0, 1 or 2, of the volume.
    sides : "no-flux" or "periodic", for the four faces that are not driven.
    reach : "both", "low" or "high", the driven faces that the voxels are joined to.
    order : axes of the volume in the order of the mesh's own arrays; its last axis is a long one.
    words : (mx, my, ceil(mz / 16)) uint16 in mesh order; bit k of word j is voxel 16 j + k.
    phase_voxels, spanning_voxels, inlet_voxels, outlet_voxels : number of voxels of the phases;
        of those that join both driven faces; that reach the low face; that reach the high face.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> volume = Volume([[1, 0, 0], [1, 0, 1], [1, 0, 1]], phases={"pore": 1})
    >>> mesh = voxel_mesh(volume, ["pore"], axis=0)
    >>> mesh.percolating_fraction, mesh.active()[:, :, 0].sum()
    (0.6, np.int64(3))
    """

    volume: Volume
    phases: tuple[str, ...]
    axis: int
    sides: Sides
    reach: Reach
    order: tuple[int, int, int]
    words: NDArray[np.uint16]
    phase_voxels: int
    spanning_voxels: int
    inlet_voxels: int
    outlet_voxels: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y, z of the volume."""
        return self.volume.shape

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Voxel edge lengths [m] along x, y, z."""
        return self.volume.spacing

    @property
    def mesh_shape(self) -> tuple[int, int, int]:
        """Voxels along the mesh's own axes."""
        nx, ny, nz = (self.shape[a] for a in self.order)
        return nx, ny, nz

    @property
    def mesh_labels(self) -> NDArray[np.integer]:
        """The labels, a view in mesh order."""
        return self.volume.labels.transpose(self.order)

    @property
    def mesh_axis(self) -> int:
        """The driven axis among the mesh's own axes."""
        return self.order.index(self.axis)

    @property
    def mesh_spacing(self) -> tuple[float, float, float]:
        """Voxel edge lengths [m] along the mesh's own axes."""
        dx, dy, dz = (self.spacing[a] for a in self.order)
        return dx, dy, dz

    @property
    def volume_fraction(self) -> float:
        """Voxels of the phases over all voxels."""
        return self.phase_voxels / self.volume.labels.size

    @property
    def percolating_fraction(self) -> float:
        """Share of the phases' voxels that join the two driven faces, 0 to 1."""
        return self.spanning_voxels / self.phase_voxels

    @property
    def accessible_fraction(self) -> float:
        """Share of the phases' voxels that are reached from the low driven face, 0 to 1."""
        return self.inlet_voxels / self.phase_voxels

    @property
    def active_voxels(self) -> int:
        """Voxels that carry an unknown."""
        if self.reach == "both":
            return self.spanning_voxels
        return self.inlet_voxels if self.reach == "low" else self.outlet_voxels

    @property
    def percolates(self) -> bool:
        """Whether any path of the phases joins the two driven faces."""
        return self.spanning_voxels > 0

    def active(self) -> NDArray[np.bool_]:
        """Which voxels carry an unknown, (nx, ny, nz) bool."""
        octets = self.words.astype("<u2", copy=False).view(np.uint8)
        bits = np.unpackbits(octets, axis=-1, bitorder="little", count=self.mesh_shape[2])
        return bits.view(np.bool_).transpose(np.argsort(self.order))

    def active_plane(self, x: int) -> NDArray[np.bool_]:
        """The same for one plane of the mesh's own first axis, (my, mz) bool."""
        octets = self.words[x].astype("<u2", copy=False).view(np.uint8)
        bits = np.unpackbits(octets, axis=-1, bitorder="little", count=self.mesh_shape[2])
        return bits.view(np.bool_)


def voxel_mesh(
    volume: Volume,
    phases: Sequence[str],
    axis: int,
    sides: Sides = "no-flux",
    reach: Reach = "both",
) -> VoxelMesh:
    """Mesh the voxels of some phases that join the two faces of an axis, or that reach one.

    Parameters
    ----------
    volume : the image.
    phases : names of the phases that conduct.
    axis : 0, 1 or 2, the driven axis.
    sides : "no-flux", or "periodic", where opposite side faces are neighbours.
    reach : "both" for the voxels that join the two faces; "low" or "high" for those that are
        joined to that face, dead ends included.

    Returns
    -------
    VoxelMesh

    Raises
    ------
    InputError
        A phase is unknown or empty, or the driven axis is only one voxel long.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.volume import Volume
    >>> volume = Volume(np.ones((3, 2, 2), np.uint8), phases={"pore": 1})
    >>> voxel_mesh(volume, ["pore"], axis=0).spanning_voxels
    12
    """
    if volume.shape[axis] < 2:
        raise InputError(
            f"the driven axis {'xyz'[axis]} is one voxel long (shape {volume.shape}); "
            "drive an axis of at least two voxels"
        )
    order = _mesh_order(volume.shape)
    labels = volume.labels.transpose(order)
    wrap = tuple(sides == "periodic" and a != axis for a in order)
    components = connected_components(labels, _members(volume, phases), (wrap[0], wrap[1], wrap[2]))
    if components.count == 0:
        for name in phases:
            volume.present_labels(name)  # says which labels there are
    driven = components.faces[:, order.index(axis)]
    spanning = driven[:, 0] & driven[:, 1]
    reached = {"both": spanning, "low": driven[:, 0], "high": driven[:, 1]}[reach]
    return VoxelMesh(
        volume=volume,
        phases=tuple(phases),
        axis=axis,
        sides=sides,
        reach=reach,
        order=order,
        words=_membership(components, reached),
        phase_voxels=int(components.voxels.sum()),
        spanning_voxels=int(components.voxels[spanning].sum()),
        inlet_voxels=int(components.voxels[driven[:, 0]].sum()),
        outlet_voxels=int(components.voxels[driven[:, 1]].sum()),
    )


def _mesh_order(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Keep the array's own order, unless its last axis is too short to be worth vectors."""
    longest = max(range(3), key=lambda a: (shape[a], a))
    if shape[2] >= SEGMENT or longest == 2:
        return 0, 1, 2
    return (0, 2, 1) if longest == 1 else (1, 2, 0)


def _members(volume: Volume, phases: Sequence[str]) -> NDArray[np.bool_]:
    values = [value for name in phases for value in volume.label_values(name)]
    highest = max(int(volume.labels.max()), *values)
    members = np.zeros(highest + 1, np.bool_)
    members[values] = True
    return members


def _membership(components: Components, chosen: NDArray[np.bool_]) -> NDArray[np.uint16]:
    nx, ny, nz = components.shape
    words = np.zeros((nx, ny, -(-nz // SEGMENT)), np.uint16)
    set_bits(
        components.row_start,
        components.run_low,
        components.run_high,
        components.component,
        chosen,
        nx,
        ny,
        words,
    )
    return words
