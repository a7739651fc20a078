"""A phase cut into particles: a watershed of the distance to the other phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.basins import (
    climb,
    describe_basins,
    face_pairs,
    follow,
    merge_shallow,
    merge_small,
    number_tops,
    number_voxels,
    relabel,
)
from meshing.units import Spacing

__all__ = ["FacePairs", "Ids", "Watershed", "distance_map", "separate", "touching_pairs"]

#: Slabs of the passes that are shared among threads; fixed, so nothing depends on threads.
_SLABS: Final = 16

Ids = NDArray[np.signedinteger[Any]]
"""The region of each voxel, (nx, ny, nz) integers; 0 where there is none."""


@dataclass(frozen=True, eq=False)
class Watershed:
    """Regions of a phase, and how they came about.

    Attributes
    ----------
    ids : (nx, ny, nz) int32 or int64, the region of each voxel from 1 on; 0 outside.
    count : number of regions.
    maxima : maxima of the distance before any were merged.
    left_out : voxels of the phase in regions that were too small and touch no other.
    """

    ids: Ids
    count: int
    maxima: int
    left_out: int


@dataclass(frozen=True, eq=False)
class FacePairs:
    """Regions that share faces, by rising first and second.

    Attributes
    ----------
    first, second : (pairs,) int64, first < second.
    vector : (pairs, 3) float64, the faces from the first to the second added as vectors.
    area : (pairs,) float64, area of all faces.
    saddle : (pairs,) float64, the greatest height at which the two meet.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    vector: NDArray[np.float64]
    area: NDArray[np.float64]
    saddle: NDArray[np.float64]


def distance_map(
    inside: NDArray[np.bool_], spacing: Spacing, smoothing: float = 0.0
) -> NDArray[np.float32]:
    """Distance from each voxel of a phase to the nearest voxel centre outside it.

    The outer faces of the volume are no boundary of the phase: it goes on beyond them.

    Parameters
    ----------
    inside : (nx, ny, nz) bool, the phase.
    spacing : edges of a voxel along x, y, z.
    smoothing : standard deviation of the Gaussian that the map is smoothed with, in the unit of
        `spacing`; 0 for none.

    Returns
    -------
    (nx, ny, nz) float32
        In the unit of `spacing`; 0 outside. A phase that fills the volume has no boundary, and
        the distance is 1 everywhere.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.watershed import distance_map
    >>> distance_map(np.array([[[False, True, True, True]]]), (1.0, 1.0, 2.0)).tolist()
    [[[0.0, 2.0, 4.0, 6.0]]]
    """
    import edt

    if inside.all():
        return np.ones(inside.shape, np.float32)
    unit = min(spacing)  # squares of metres are near the smallest numbers in single precision
    edges = tuple(h / unit for h in spacing)
    distance = edt.edt(inside, anisotropy=edges, black_border=False, parallel=_threads())
    if smoothing > 0.0:
        from scipy.ndimage import gaussian_filter

        sigma = [smoothing / h for h in spacing]
        distance = gaussian_filter(distance, sigma, mode="nearest", output=np.float32)
        distance[~inside] = 0.0
    distance *= np.float32(unit)
    return np.asarray(distance)


def separate(
    height: NDArray[np.float32],
    spacing: Spacing,
    depth: float,
    share: float,
    least: int,
) -> Watershed:
    """Cut a phase into one region for each maximum of a map that stands out.

    Each voxel climbs by the steepest of its 26 neighbours, slopes being differences over lengths,
    and belongs to the maximum at its end. A maximum whose height above its highest saddle is no
    more than `depth`, or `share` of its own height, is no region of its own: it is merged across
    that saddle, the highest saddles first. With ``share=0`` the maxima that stay are those of the
    h-maxima transform (Vincent 1993, doi:10.1109/83.217222).

    Parameters
    ----------
    height : (nx, ny, nz) float32, the map, positive in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z, in the unit of `height`.
    depth : absolute difference of height that is too little, in that unit.
    share : difference relative to the maximum that is too little [-].
    least : voxels of the smallest region. Smaller ones go to the neighbour with which they share
        most area; those with none are left out.

    Returns
    -------
    Watershed

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.watershed import separate
    >>> height = np.array([1, 2, 3, 2, 1, 2, 3, 2], np.float32).reshape(1, 1, 8)
    >>> separate(height, (1.0, 1.0, 1.0), depth=1.0, share=0.0, least=1).ids.tolist()
    [[[1, 1, 1, 1, 2, 2, 2, 2]]]
    >>> separate(height, (1.0, 1.0, 1.0), depth=2.0, share=0.0, least=1).count
    1
    """
    ids, peak, voxels = _basins(height, spacing)
    pairs = touching_pairs(ids, len(peak) - 1, spacing, height)
    parent = np.arange(len(peak))
    falling = np.lexsort((pairs.second, pairs.first, -pairs.saddle))
    first, second, saddle = (a[falling] for a in (pairs.first, pairs.second, pairs.saddle))
    merge_shallow(first, second, saddle, peak, depth, share, parent)
    _merge_small(pairs, voxels, least, parent)
    size = np.bincount(parent, voxels, len(parent)).astype(np.int64)
    new = _numbers(parent, size, least)
    relabel(ids.reshape(-1), new[parent].astype(ids.dtype), _bounds(ids.size))
    left_out = int(size[(new == 0) & (size > 0)].sum())
    return Watershed(ids, int(new.max()), len(peak) - 1, left_out)


def touching_pairs(
    ids: Ids, count: int, spacing: Spacing, height: NDArray[np.float32] | None = None
) -> FacePairs:
    """Find the regions that share faces, and how much area.

    Parameters
    ----------
    ids : (nx, ny, nz) integers, the region of each voxel from 1 to `count`; 0 is none.
    count : number of regions.
    spacing : edges of a voxel along x, y, z.
    height : (nx, ny, nz) float32 whose saddles are wanted; None for saddles of 0.

    Returns
    -------
    FacePairs

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.watershed import touching_pairs
    >>> pairs = touching_pairs(np.array([[[1, 2], [1, 0]]]), 2, (1.0, 2.0, 3.0))
    >>> pairs.first.tolist(), pairs.second.tolist(), pairs.area.tolist(), pairs.vector.tolist()
    ([1], [2], [2.0], [[0.0, 0.0, 2.0]])
    """
    dx, dy, dz = spacing
    areas = np.array([dy * dz, dx * dz, dx * dy])
    keys, values = face_pairs(ids, height, ids.shape, areas, count)
    order = np.argsort(keys)
    first, second = np.divmod(keys[order], count + 1)
    values = values[order]
    return FacePairs(first, second, values[:, :3], values[:, 3], values[:, 4])


def _threads() -> int:
    import numba

    return int(numba.get_num_threads())


def _basins(
    height: NDArray[np.float32], spacing: Spacing
) -> tuple[Ids, NDArray[np.float32], NDArray[np.int64]]:
    """Where the climb from each voxel ends; heights of the maxima, voxels of the basins."""
    steps, lengths = _steps(spacing)
    per_length = (1.0 / lengths).astype(np.float32)
    above = np.empty(height.size, np.int32 if height.size < 2**31 else np.int64)
    bounds = _bounds(height.size)
    climb(height, steps, per_length, height.shape, above)
    follow(above, bounds)
    count = number_tops(above)
    number_voxels(above, bounds)
    peak = np.zeros(count + 1, np.float32)
    voxels = np.zeros(count + 1, np.int64)
    describe_basins(above, height.reshape(-1), peak, voxels)
    voxels[0] = 0
    ids: Ids = np.reshape(above, height.shape)
    return ids, peak, voxels


def _steps(spacing: Spacing) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps to the 26 neighbours, x+, y+, z+ first, then the other faces, and their lengths."""
    steps = np.array([step for step in np.ndindex(3, 3, 3) if step != (1, 1, 1)]) - 1
    steps = steps[np.lexsort((-steps.sum(axis=1), np.abs(steps).sum(axis=1)))]
    return steps, np.linalg.norm(steps * np.array(spacing), axis=1)


def _bounds(size: int) -> NDArray[np.int64]:
    return np.linspace(0, size, _SLABS + 1).astype(np.int64)


def _merge_small(
    pairs: FacePairs, voxels: NDArray[np.int64], least: int, parent: NDArray[np.int64]
) -> None:
    """Merge regions of fewer voxels than `least` into neighbours, while there are any to merge."""
    while True:
        size = np.bincount(parent, voxels, len(parent)).astype(np.int64)
        one, two = parent[pairs.first], parent[pairs.second]
        touching = one != two
        first = np.concatenate([one[touching], two[touching]])
        small = np.unique(first[size[first] < least])
        if not len(small):
            return
        second = np.concatenate([two[touching], one[touching]])
        area = np.tile(pairs.area[touching], 2)
        order = np.lexsort((second, first))
        smallest_first = small[np.argsort(size[small], kind="stable")]
        merge_small(first[order], second[order], area[order], smallest_first, least, size, parent)


def _numbers(parent: NDArray[np.int64], size: NDArray[np.int64], least: int) -> NDArray[np.int64]:
    """Numbers from 1 on for the regions that stay, in the order of their maxima; 0 for others."""
    stays = (parent == np.arange(len(parent))) & (size >= least) & (size > 0)
    stays[0] = False
    return np.where(stays, np.cumsum(stays), 0)
