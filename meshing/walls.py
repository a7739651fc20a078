"""Walls of a mesh: its faces to the voxels of a phase that it does not hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.voxel_mesh import VoxelMesh

#: Where the mesh is, and where the phase.
_Planes = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def count_walls(mesh: VoxelMesh, phase: str) -> tuple[int, int, int]:
    """Faces between active voxels and those of a phase, by the axis x, y, z across them.

    Outer faces of the volume are none, but with periodic sides opposite ones are neighbours.

    Parameters
    ----------
    mesh : the voxels.
    phase : a phase that the mesh does not hold.

    Returns
    -------
    Number of faces across x, y and z.

    Raises
    ------
    InputError
        When the phase is unknown.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> from meshing.voxel_mesh import voxel_mesh
    >>> volume = Volume([[1, 1, 0], [1, 1, 0], [0, 0, 1]], phases={"AM": 0, "pore": 1})
    >>> count_walls(voxel_mesh(volume, ["pore"], axis=1, reach="low"), "AM")
    (2, 2, 0)
    """
    values = mesh.volume.label_values(phase)
    counts = np.zeros(3, np.int64)
    wraps = [
        mesh.sides == "periodic" and a != mesh.mesh_axis and n > 1
        for a, n in enumerate(mesh.mesh_shape)
    ]

    def planes(x: int) -> _Planes:
        return mesh.active_plane(x), np.isin(mesh.mesh_labels[x], values)

    first = before = planes(0)
    for x in range(mesh.mesh_shape[0]):
        here = planes(x) if x > 0 else first
        if x > 0:
            counts[0] += _facing(before, here)
        for axis in (0, 1):
            low, high = _neighbours(here, axis)
            counts[1 + axis] += _facing(low, high)
            if wraps[1 + axis]:
                last, other = _plane_ends(here, axis)
                counts[1 + axis] += _facing(last, other)
        before = here
    if wraps[0]:
        counts[0] += _facing(before, first)
    x, y, z = (int(counts[a]) for a in np.argsort(mesh.order))
    return x, y, z


def _facing(low: _Planes, high: _Planes) -> int:
    """Faces between the mesh on one side and the phase on the other."""
    return int(np.count_nonzero(low[0] & high[1]) + np.count_nonzero(low[1] & high[0]))


def _neighbours(planes: _Planes, axis: int) -> tuple[_Planes, _Planes]:
    """The voxels before and after every inner face of a plane across one of its axes."""
    mesh, phase = (p.swapaxes(0, axis) for p in planes)
    return (mesh[:-1], phase[:-1]), (mesh[1:], phase[1:])


def _plane_ends(planes: _Planes, axis: int) -> tuple[_Planes, _Planes]:
    """The last and the first voxels of a plane along one of its axes."""
    mesh, phase = (p.swapaxes(0, axis) for p in planes)
    return (mesh[-1], phase[-1]), (mesh[0], phase[0])
