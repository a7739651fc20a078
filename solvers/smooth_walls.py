"""The smooth wall that the faces of voxels stand for, told by the gradient of the blurred pores."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import Spacing

#: Width of the Gaussian under which the normal of a smooth wall is measured [voxels].
SMOOTHING: Final = 1.5

#: Planes beyond a slab of axis 0 that its normals depend on.
HALO: Final = int(4 * SMOOTHING) + 2


def gradients(
    pores: NDArray[np.float64], spacing: Spacing, wraps: tuple[bool, bool]
) -> NDArray[np.float64]:
    """Gradient of the pores under a Gaussian.

    Parameters
    ----------
    pores : (planes, ny, nz), 1 in pores; a slab with `HALO` planes more at either end.
    spacing : edges of a voxel [m].
    wraps : whether the image goes on at its other side along axes 1 and 2.

    Returns
    -------
    ndarray
        (3, planes, ny, nz) [1/m].
    """
    from scipy.ndimage import gaussian_filter

    modes = ["wrap" if each else "nearest" for each in wraps]
    # An image that ends is as its last plane beyond, for the blur and for the slope alike.
    ny, nz = pores.shape[1:]
    margin = [0 if each else 1 for each in wraps]
    padded = np.pad(pores, [(0, 0), *((width, width) for width in margin)], mode="edge")
    smooth = gaussian_filter(padded, SMOOTHING, mode=["nearest", *modes])
    inside = (slice(None), slice(margin[0], margin[0] + ny), slice(margin[1], margin[1] + nz))
    slopes = []
    for axis, h in enumerate(spacing):
        around = axis > 0 and wraps[axis - 1]
        after, before = (_moved(smooth, axis, step, around) for step in (1, -1))
        slopes.append(((after - before) / h)[inside])
    return np.stack(slopes)


def share_across(normal: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Component of a wall's unit normal across faces of an axis: area of the wall over the face's.

    Parameters
    ----------
    normal : (3, ...), the normal of any length.
    axis : that the faces lie across.
    """
    size = np.sqrt((normal**2).sum(axis=0))
    # A wall without any gradient, as of a lone voxel between two others, counts in full.
    share: NDArray[np.float64] = np.ones_like(size)
    np.divide(np.abs(normal[axis]), size, out=share, where=size > 0)
    return share


def _moved(values: NDArray[np.float64], axis: int, step: int, around: bool) -> NDArray[np.float64]:
    """What lies one voxel on; the voxel itself at the end of an axis that does not wrap."""
    moved = np.roll(values, -step, axis)
    if not around:
        moved[last_plane(axis, step)] = values[last_plane(axis, step)]
    return moved


def last_plane(axis: int, step: int) -> tuple[slice, ...]:
    """The plane of an axis that steps come to last, as an index.

    Examples
    --------
    >>> np.arange(3)[last_plane(0, 1)], np.arange(3)[last_plane(0, -1)]
    (array([2]), array([0]))
    """
    return (slice(None),) * axis + (slice(-1, None) if step > 0 else slice(0, 1),)
