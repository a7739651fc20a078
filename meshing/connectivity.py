"""Connected components of a set of voxels, found on runs instead of voxels.

A *run* is a maximal row of neighbouring voxels of the set along the last axis. There are five to
thirty times fewer runs than voxels in a tomogram, so joining runs (union-find) costs a fraction of
one pass over the volume, and needs no array of the volume's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.connectivity import (
    count_runs,
    describe,
    fill_runs,
    join_seams,
    join_slabs,
    number_roots,
)

#: Slabs that are joined on their own before their seams; fixed, so nothing depends on threads.
SLABS = 16


@dataclass(frozen=True, eq=False)
class Components:
    """Face-connected components of a set of voxels.

    Attributes
    ----------
    shape : (nx, ny, nz) of the volume.
    row_start : (nx*ny + 1,) int64, the first run of each row (x, y).
    run_low, run_high : (runs,) int32, first voxel and one past the last voxel of a run, along z.
    component : (runs,) int64, the component of each run, 0 .. count - 1.
    voxels : (count,) int64, voxels in each component.
    faces : (count, 3, 2) bool, whether a component touches the low and high face of each axis.
    """

    shape: tuple[int, int, int]
    row_start: NDArray[np.int64]
    run_low: NDArray[np.int32]
    run_high: NDArray[np.int32]
    component: NDArray[np.int64]
    voxels: NDArray[np.int64]
    faces: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of components."""
        return len(self.voxels)

    def spanning(self, axis: int) -> NDArray[np.bool_]:
        """Which components touch both faces of an axis, (count,) bool."""
        return self.faces[:, axis, 0] & self.faces[:, axis, 1]


def connected_components(
    labels: NDArray[np.integer],
    members: NDArray[np.bool_],
    periodic: tuple[bool, bool, bool] = (False, False, False),
) -> Components:
    """Find the face-connected components of the voxels whose label is a member.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers.
    members : (labels.max() + 1,) bool; ``members[label]`` says whether the label belongs to it.
    periodic : whether opposite faces of each axis are neighbours.

    Returns
    -------
    Components

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([1, 0, 1, 1], dtype=np.uint8).reshape(1, 1, 4)
    >>> connected_components(labels, np.array([False, True])).voxels.tolist()
    [1, 2]
    """
    nx, ny, nz = labels.shape
    counts = np.zeros(nx * ny + 1, np.int64)
    count_runs(labels, members, nx, ny, nz, counts[1:])
    row_start = np.cumsum(counts)
    low = np.empty(row_start[-1], np.int32)
    high = np.empty(row_start[-1], np.int32)
    fill_runs(labels, members, nx, ny, nz, row_start, low, high)
    parent = np.arange(row_start[-1], dtype=np.int64)
    bounds = np.linspace(0, nx, min(SLABS, nx) + 1).astype(np.int64)
    join_slabs(row_start, low, high, ny, bounds, parent)
    join_seams(row_start, low, high, nx, ny, nz, bounds, np.array(periodic), parent)
    count = number_roots(parent)
    voxels = np.zeros(count, np.int64)
    faces = np.zeros((count, 3, 2), np.bool_)
    describe(row_start, low, high, parent, nx, ny, nz, voxels, faces)
    return Components((nx, ny, nz), row_start, low, high, parent, voxels, faces)
