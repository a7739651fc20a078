"""Regions of a labelled image, measured all at once: moments, surfaces, contacts, triple lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.area_weights import STEPS, crofton_shares
from meshing.kernels.regions import crossing_areas, moments, share_triple_edges
from meshing.phase_numbers import phase_numbers
from meshing.units import Spacing
from meshing.volume import Volume
from meshing.watershed import Ids

__all__ = ["Moments", "region_areas", "region_lines", "region_moments"]

#: Slabs whose areas are added apart; fixed, so that nothing depends on threads.
_SLABS: Final = 4


@dataclass(frozen=True, eq=False)
class Moments:
    """Where the voxels of each region are; the entries are those of regions 1, 2, 3, ...

    Attributes
    ----------
    voxels : (regions,) int64.
    position : (regions, 3) float64, centres of mass [m].
    covariance : (regions, 3, 3) float64, second moments about them over the voxels [m2], with the
        extent of the voxels themselves.
    low, high : (regions, 3) int64, the smallest and largest index along each axis.
    """

    voxels: NDArray[np.int64]
    position: NDArray[np.float64]
    covariance: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def region_moments(ids: Ids, count: int, spacing: Spacing) -> Moments:
    """Measure how many voxels each region has and how they lie.

    Parameters
    ----------
    ids : (nx, ny, nz) integers, the region of each voxel from 1 to `count`; 0 is none.
    count : number of regions.
    spacing : edges of a voxel along x, y, z [m].

    Returns
    -------
    Moments

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.regions import region_moments
    >>> ids = np.zeros((4, 4, 4), np.int32)
    >>> ids[1:3, 1:3, 0:3] = 1
    >>> found = region_moments(ids, 1, (1.0, 2.0, 3.0))
    >>> found.voxels.tolist(), found.position.tolist(), found.high.tolist()
    ([12], [[2.0, 4.0, 4.5]], [[2, 2, 2]])
    >>> np.diag(found.covariance[0]) * 12  # of a box: its edges squared
    array([ 4., 16., 81.])
    """
    voxels = np.zeros(count + 1, np.int64)
    first = np.zeros((count + 1, 3), np.int64)
    second = np.zeros((count + 1, 6))
    low = np.full((count + 1, 3), max(ids.shape), np.int64)
    high = np.full((count + 1, 3), -1, np.int64)
    moments(ids, ids.shape, voxels, first, second, low, high)
    edges, n = np.array(spacing), np.maximum(voxels[1:], 1)[:, None]
    mean = first[1:] / n
    x, y, z = mean.T
    middle = second[1:] / n - np.stack([x * x, y * y, z * z, x * y, x * z, y * z], axis=1)
    middle[:, :3] += 1.0 / 12.0
    covariance = middle[:, [[0, 3, 4], [3, 1, 5], [4, 5, 2]]] * np.outer(edges, edges)
    return Moments(voxels[1:], (mean + 0.5) * edges, covariance, low[1:], high[1:])


def region_areas(volume: Volume, ids: Ids, count: int) -> NDArray[np.float64]:
    r"""Area of each region against every phase, by Crofton's formula on lines to 26 neighbours.

    A pair of neighbours of which one is in the region is a crossing of its surface, and stands for
    an area that depends on the direction, `meshing.area_weights.crofton_shares`: there is no error
    on average for surfaces that face every direction alike.

    Parameters
    ----------
    volume : the image.
    ids : (nx, ny, nz) integers, the region of each voxel from 1 to `count`; 0 is none.
    count : number of regions.

    Returns
    -------
    (regions, phases + 1) float64
        Areas [m2] against voxels of each phase of `meshing.phase_numbers` that are not of the
        region; the last column is what the faces of the volume cut off.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.regions import region_areas
    >>> from meshing.volume import Volume
    >>> x, y, z = np.ogrid[-12:13, -12:13, -12:13]
    >>> ball = Volume(x**2 + y**2 + z**2 <= 100, "1um", {"pore": 0, "AM": 1})
    >>> pore, grains, cut = region_areas(ball, ball.labels.astype(np.int32), 1)[0]
    >>> round(pore / (4 * np.pi * 10e-6**2), 2), grains, cut
    (np.float64(1.0), np.float64(0.0), np.float64(0.0))
    """
    phases = phase_numbers(volume)
    steps, per_crossing = _test_lines(volume.spacing)
    bounds = _bounds(volume)
    areas = np.zeros((len(bounds) - 1, count + 1, phases.count + 1))
    crossing_areas(
        ids, volume.labels, phases.table, volume.shape, steps, per_crossing, phases.count, bounds,
        areas,
    )  # fmt: skip
    return np.asarray(areas.sum(axis=0)[1:])


def region_lines(volume: Volume, ids: Ids, count: int) -> NDArray[np.float64]:
    """Length of the voxel edges on each region at which three phases meet, (regions,) [m].

    Regions that touch the same edge share its length, so that the sum over regions is the length of
    all such edges that touch one. A staircase of edges is longer than the line it stands for, by
    3/2 on average over all directions.

    Parameters
    ----------
    volume, ids, count : as for `region_areas`.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.regions import region_lines
    >>> from meshing.volume import Volume
    >>> volume = Volume([[[0] * 9, [1] * 9], [[2] * 9, [2] * 9]], spacing="1um")
    >>> f"{region_lines(volume, (volume.labels == 1).astype(np.int32), 1)[0]:.3g}"
    '9e-06'
    """
    bounds = _bounds(volume)
    totals = np.zeros((len(bounds) - 1, count + 1))
    table, spacing = phase_numbers(volume).table, np.array(volume.spacing)
    share_triple_edges(ids, volume.labels, table, volume.shape, spacing, bounds, totals)
    return np.asarray(totals.sum(axis=0)[1:])


def _bounds(volume: Volume) -> NDArray[np.int64]:
    nx = volume.shape[0]
    return np.linspace(0, nx, min(_SLABS, nx) + 1).astype(np.int64)


def _test_lines(spacing: Spacing) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps to the 26 neighbours, and the area that a crossing on each stands for."""
    steps = np.array([step for step in product((-1, 0, 1), repeat=3) if any(step)])
    kind = np.array([np.flatnonzero((np.abs(s) == STEPS).all(axis=1))[0] for s in steps])
    # Both signs of a step are one direction of lines; a kind has 1, 2 or 4 directions.
    directions = np.bincount(kind)[kind] / 2
    shares = crofton_shares(spacing)[kind] / directions
    lengths = np.linalg.norm(steps * np.array(spacing), axis=1)
    return steps, 2.0 * shares * float(np.prod(spacing)) / lengths
