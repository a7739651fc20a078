"""Which voxels of a set reach the ends of an axis through neighbours of the set."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.connectivity import connected_components
from meshing.kernels.connectivity import mark_runs

#: Bits of what a voxel reaches: the low and the high end of the axis.
LOW: Final = 1
HIGH: Final = 2


def reach(
    labels: NDArray[np.integer],
    members: NDArray[np.bool_],
    axis: int,
    periodic: tuple[bool, bool, bool] = (False, False, False),
) -> NDArray[np.uint8]:
    """Find what every voxel whose label is a member reaches through other such voxels.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers.
    members : (labels.max() + 1,) bool; ``members[label]`` says whether the label belongs to it.
    axis : 0, 1 or 2, the axis between the two ends.
    periodic : whether opposite faces of each axis are neighbours.

    Returns
    -------
    (nx, ny, nz) uint8, the sum of `LOW` and `HIGH` for the ends that are reached.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.reach import reach
    >>> labels = np.array([[[1, 1, 0, 1]], [[1, 0, 0, 1]]], dtype=np.uint8)
    >>> reach(labels, np.array([False, True]), axis=2)[0, 0].tolist()
    [1, 1, 0, 2]
    """
    parts = connected_components(labels, members, periodic)
    bits = LOW * parts.faces[:, axis, 0] + HIGH * parts.faces[:, axis, 1]
    out = np.zeros(labels.shape, np.uint8)
    nx, ny, _ = labels.shape
    values = bits.astype(np.uint8)[parts.component]
    mark_runs(parts.row_start, parts.run_low, parts.run_high, values, nx, ny, out)
    return out
