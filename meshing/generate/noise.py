"""Random fields: smooth noise, and the blobs that a cut through it leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.generate._checks import check_fractions, check_shape
from meshing.units import SpacingLike
from meshing.units import spacing as as_spacing
from meshing.volume import Volume


def blobs(
    shape: Sequence[int],
    fraction: float,
    length: float,
    spacing: SpacingLike = 1.0,
    *,
    periodic: bool = False,
    seed: int = 0,
) -> Volume:
    """Make random blobs: white noise smoothed by a Gaussian and cut at a quantile.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    fraction : float
        Volume fraction of the phase ``"pore"`` [-], met to half a voxel.
    length : float
        Standard deviation of the Gaussian [m].
    spacing : float, str or three floats
        Edges of a voxel [m].
    periodic : bool
        Whether opposite faces fit together.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> blobs((20, 20, 20), 0.5, length=3.0).volume_fraction("pore")
    0.5
    """
    size, step = check_shape(shape), as_spacing(spacing)
    check_fractions(fraction)
    if not 0 < length <= max(np.multiply(size, step)):
        raise InputError(f"the length must be above 0 and within the volume, found {length} m")
    random = np.random.default_rng(seed)
    field = smooth_noise(size, step, length, random, periodic=periodic)
    labels = lowest_share(field, fraction).astype(np.uint8)
    return Volume(labels, spacing=step, phases={"solid": 0, "pore": 1})


def lowest_share(field: NDArray[np.float32], fraction: float) -> NDArray[np.bool_]:
    """Mark the given fraction of the voxels, those of the lowest values; of equals, the first."""
    count = round(fraction * field.size)
    if count == 0:
        return np.zeros(field.shape, np.bool_)
    bound = np.partition(field, count - 1, axis=None)[count - 1]
    lowest: NDArray[np.bool_] = field < bound
    equal = np.flatnonzero(field == bound)[: count - np.count_nonzero(lowest)]
    lowest.flat[equal] = True
    return lowest


def smooth_noise(
    size: tuple[int, int, int],
    step: Sequence[float],
    length: float,
    random: np.random.Generator,
    *,
    periodic: bool = False,
) -> NDArray[np.float32]:
    """Gaussian noise of unit variance, smoothed over `length` [m]."""
    from scipy import ndimage

    field = random.standard_normal(size, dtype=np.float32)
    sigma = [length / h for h in step]
    ndimage.gaussian_filter(field, sigma, output=field, mode="wrap" if periodic else "reflect")
    field /= field.std(dtype=np.float64)
    return field
