"""Sizes and directions of random bodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import format_length

Floats = NDArray[np.float64]


def log_normal_diameters(d50: float, spread: float, bulk: float, room: str) -> Floats:
    r"""Diameters of the particles that fill a volume, as evenly spread as a distribution can be.

    Where the volume of particles is log-normal over their diameter, with median :math:`D_{50}` and
    standard deviation s of the logarithm, their number is log-normal with the same s and the
    median :math:`D_{50}e^{-3s^2}`. The diameters are its quantiles, all changed by one factor that
    makes their volumes add up.

    Parameters
    ----------
    d50 : median diameter by volume [m].
    spread : s, the standard deviation of the logarithm.
    bulk : volume that the particles have together [m3].
    room : what is to be filled, in words, for the error.

    Returns
    -------
    array, (n,)
        Diameters in ascending order [m].

    Raises
    ------
    InputError
        When the volume holds less than one particle.
    """
    from scipy.special import ndtri

    median = d50 * np.exp(-3 * spread**2)
    count = round(bulk / (np.pi / 6 * median**3 * np.exp(4.5 * spread**2)))
    if count < 1:
        raise InputError(
            f"particles with D50 = {format_length(d50)} are too large for {room}: they would be "
            "less than one; make the volume larger or the particles smaller"
        )
    diameters = median * np.exp(spread * ndtri((np.arange(count) + 0.5) / count))
    found: Floats = diameters * np.cbrt(bulk / (np.pi / 6 * np.sum(diameters**3)))
    return found


def directions(
    count: int, orientation: str | None, scatter: float, random: np.random.Generator
) -> Floats:
    """Unit vectors (n, 3): isotropic, along an axis, or in a plane.

    Parameters
    ----------
    count : how many.
    orientation : None for isotropic; ``"z"`` along an axis; ``"xy"`` in a plane.
    scatter : standard deviation of the angles by which they leave it, small ones [degrees].
    random : where random numbers come from.

    Raises
    ------
    InputError
        When the orientation is another word.
    """
    along = random.standard_normal((count, 3))
    noise = np.tan(np.radians(scatter)) * random.standard_normal((count, 3))
    axes = _axes(orientation)
    if orientation is not None:
        along[:, [axis for axis in range(3) if axis not in axes]] = 0.0
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    if orientation is not None:
        along += noise
        along /= np.linalg.norm(along, axis=1, keepdims=True)
    return along


def _axes(orientation: str | None) -> list[int]:
    if orientation is None:
        return [0, 1, 2]
    if orientation not in ("x", "y", "z", "xy", "xz", "yz"):
        raise InputError(
            'an orientation is None for all directions, an axis as "z" or a plane as "xy", found '
            f"{orientation!r}"
        )
    return ["xyz".index(letter) for letter in orientation]
