"""Images and meshes by their voxel layers across an axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh


def planes_between(mesh: VoxelMesh) -> NDArray[np.int64]:
    """Faces between active voxels that cross each inner plane of the driven axis.

    Parameters
    ----------
    mesh : the voxels.

    Returns
    -------
    (layers - 1,) int64; entry k is the plane between layers k and k + 1.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> from meshing.voxel_mesh import voxel_mesh
    >>> volume = Volume([[1, 1, 0], [1, 1, 1], [0, 0, 1]], phases={"pore": 1})
    >>> planes_between(voxel_mesh(volume, ["pore"], axis=1)).tolist()
    [2, 1]
    """
    axis = mesh.mesh_axis
    nx, ny, nz = mesh.mesh_shape
    counts = np.zeros((nx, ny, nz)[axis] - 1, np.int64)
    before = mesh.active_plane(0)
    for x in range(nx):
        if axis == 0 and x > 0:
            after = mesh.active_plane(x)
            counts[x - 1] = np.count_nonzero(before & after)
            before = after
        elif axis > 0:
            slab = mesh.active_plane(x)
            low, high = (slab[:-1], slab[1:]) if axis == 1 else (slab[:, :-1], slab[:, 1:])
            counts += np.count_nonzero(low & high, axis=2 - axis)
    return counts


def count_layers(volume: Volume, phase: str, axis: int) -> NDArray[np.int64]:
    """Voxels of a phase in each layer across an axis.

    Parameters
    ----------
    volume : the image.
    phase : name of the phase.
    axis : 0, 1 or 2.

    Returns
    -------
    (layers,) int64

    Raises
    ------
    InputError
        When the phase is unknown.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> count_layers(Volume([[1, 1, 0], [1, 1, 1]], phases={"pore": 1}), "pore", axis=1).tolist()
    [2, 2, 1]
    """
    values = volume.label_values(phase)
    others = tuple(a - 1 for a in range(1, 3) if a != axis)
    slabs = [np.isin(plane, values).sum(axis=others, dtype=np.int64) for plane in volume.labels]
    return np.asarray(slabs if axis == 0 else np.sum(slabs, axis=0), np.int64)
