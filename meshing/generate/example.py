"""The electrode of the examples: spherical particles, binder at their contacts, pores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.generate._checks import check_fractions, check_positive, check_shape
from meshing.generate.noise import lowest_share, smooth_noise
from meshing.units import SpacingLike
from meshing.units import spacing as as_spacing
from meshing.volume import Volume


def electrode(
    shape: Sequence[int] = (100, 100, 100),
    spacing: SpacingLike = 500e-9,
    *,
    active_fraction: float = 0.45,
    binder_fraction: float = 0.13,
    particle_radius: float = 5e-6,
    radius_spread: float = 0.25,
    sintering: float = 0.05,
    seed: int = 0,
) -> Volume:
    r"""Make a three-phase electrode: spherical active particles, binder at their contacts, pores.

    Log-normal spheres are placed at random, the largest first, with centres no closer than
    :math:`(1-s)(r_i+r_j)`.  The active material is :math:`\min_i(|x-c_i|-r_i)\le\delta`, with
    :math:`\delta` chosen to meet its fraction.  The carbon-binder domain is where in the rest
    :math:`d_1+d_2/2` plus smooth noise is smallest, :math:`d_1\le d_2` being the distances to
    the two nearest particles: a thin film, with bridges where particles touch.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    active_fraction, binder_fraction : float
        Volume fractions of ``"AM"`` and ``"CBD"`` [-], met to half a voxel.
    particle_radius, radius_spread : float
        Median radius [m] and standard deviation of its logarithm [-].
    sintering : float
        Part s of the sum of two radii by which two particles may overlap [-].
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"pore": 0, "AM": 1, "CBD": 2}``.

    Examples
    --------
    >>> volume = electrode((40, 40, 40), spacing=1e-6, seed=3)
    >>> round(volume.volume_fraction("AM"), 3), round(volume.volume_fraction("CBD"), 3)
    (0.45, 0.13)
    """
    size, step = check_shape(shape), as_spacing(spacing)
    check_fractions(active_fraction, binder_fraction)
    radius = check_positive("particle radius", particle_radius)
    random = np.random.default_rng(seed)
    packing = _pack_spheres(
        np.multiply(size, step), active_fraction, radius, radius_spread, 1 - sintering, random
    )
    nearest, second = _two_nearest_surfaces(size, step, *packing, reach=1.5 * radius)
    active = lowest_share(nearest, active_fraction)
    score = nearest + second / 2 + 0.2 * radius * smooth_noise(size, step, 0.2 * radius, random)
    score[active] = np.inf
    labels = active.astype(np.uint8)
    labels[lowest_share(score, binder_fraction)] = 2
    return Volume(labels, spacing=step, phases={"pore": 0, "AM": 1, "CBD": 2})


def _pack_spheres(
    edges: NDArray[np.float64],
    fraction: float,
    radius: float,
    spread: float,
    closest: float,
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (n, 3) and radii (n,) [m] of spheres in a box one radius larger than the volume."""
    room = np.prod(edges + 2 * radius)
    mean_volume = 4 / 3 * np.pi * radius**3 * np.exp(4.5 * spread**2)
    count = int(np.ceil(fraction * room / mean_volume))
    draws = np.clip(random.lognormal(np.log(radius), spread, count), 0.3 * radius, 3 * radius)
    radii = np.sort(draws)[::-1]
    centres = np.empty((count, 3))
    kept = np.empty(count)
    placed = 0
    for r in radii:
        tries = random.uniform(-radius, edges + radius, (256, 3))
        gaps = np.linalg.norm(tries[:, None] - centres[None, :placed], axis=2)
        free = (gaps >= closest * (r + kept[:placed])).all(axis=1)
        if free.any():
            centres[placed], kept[placed] = tries[free.argmax()], r
            placed += 1
    return centres[:placed], kept[:placed]


def _two_nearest_surfaces(
    size: tuple[int, int, int],
    step: Sequence[float],
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    reach: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Signed distances [m] to the nearest and second nearest sphere, `reach` where farther."""
    nearest = np.full(size, reach, np.float32)
    second = np.full(size, reach, np.float32)
    for centre, radius in zip(centres, radii, strict=True):
        # Beyond its radius and the reach a sphere changes nothing, so only that box is visited.
        low = np.floor((centre - radius - reach) / step).astype(int)
        high = np.ceil((centre + radius + reach) / step).astype(int)
        box = tuple(slice(max(a, 0), max(b, 0)) for a, b in zip(low, high, strict=True))
        squares = [
            ((np.arange(n)[cut] + 0.5) * h - c) ** 2
            for n, cut, h, c in zip(size, box, step, centre, strict=True)
        ]
        distance = (np.sqrt(sum(np.ix_(*squares))) - radius).astype(np.float32)
        np.minimum(second[box], np.maximum(nearest[box], distance), out=second[box])
        np.minimum(nearest[box], distance, out=nearest[box])
    return nearest, second
