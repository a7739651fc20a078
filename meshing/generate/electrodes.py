"""Electrodes of particles, carbon-binder domain and pores that meet what they are to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.generate._checks import check_fractions, check_positive, check_shape
from meshing.generate.bodies import Distances
from meshing.generate.generated import Generated, report
from meshing.generate.noise import lowest_share, smooth_noise
from meshing.generate.particles import Particles, Space
from meshing.units import Length, SpacingLike, length
from meshing.units import spacing as as_spacing
from meshing.volume import Volume

__all__ = ["BinderKind", "particle_electrode"]

BinderKind = Literal["clusters", "film"]
"""How the carbon-binder domain lies between the particles."""

#: Times that all pairs of particles are visited; after these a dense packing moves little.
_SWEEPS: Final = 100

#: From how far, in D50, particles are felt by the binder between them.
_REACH: Final = 0.5

#: Over what the noise of the binder is smoothed unless it is given, in D50.
_LUMP: Final = 0.15

#: What the noise counts in films, in sizes of a lump, and what nearness does for clusters.
_ROUGHNESS: Final = 0.3
_ATTRACTION: Final = 0.9


def particle_electrode(
    shape: Sequence[int] = (128, 128, 128),
    spacing: SpacingLike = 200e-9,
    *,
    active_fraction: float = 0.744,
    binder_fraction: float = 0.075,
    d50: Length = 4.6e-6,
    size_spread: float = 0.3,
    aspect_ratio: float = 1.0,
    orientation: str | None = None,
    scatter: float = 0.0,
    overlap: float = 0.05,
    binder: BinderKind = "clusters",
    binder_length: Length | None = None,
    periodic: bool = True,
    seed: int = 0,
) -> Generated:
    r"""Make an electrode with given volume fractions and particles of a given size and shape.

    Particles are spheres or ellipsoids of revolution whose volume is log-normal over their
    diameter. They are packed at random until none goes into another by more than `overlap`, or as
    near to that as they come; more than 0.64 of the volume leaves them pressed into each other.
    Then all surfaces move by one small distance, so that the active material has its fraction. The
    carbon-binder domain takes those voxels of the rest with the lowest

    .. math:: d_1 + d_2/2 + 0.3\,\ell\,g \quad\text{(film)},\qquad
              g + 1.8\,(d_1 + d_2/2)/D_{50} \quad\text{(clusters)},

    :math:`d_1\le d_2` being the distances to the two nearest particles and g noise of unit
    variance, smoothed over the length :math:`\ell`: thin films with bridges where particles
    touch, or lumps that lie rather between particles than in the open pores. Distances beyond half
    of D50 count as that.

    The default fractions and D50 are those of the electrode MX-1 of Nguyen et al.,
    doi:10.1002/aenm.202003529, whose carbon-binder domain forms clusters.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    active_fraction, binder_fraction : float
        Volume fractions of ``"AM"`` and ``"CBD"`` [-], met to half a voxel.
    d50 : float or str
        Median diameter by volume of balls as large as the particles [m].
    size_spread : float
        Standard deviation of the logarithm of the diameter [-].
    aspect_ratio : float
        Length of a particle along its axis over its width: above 1 for needles, below for plates.
    orientation : str, optional
        Where the axes of the particles point: ``"z"`` along an axis, ``"xy"`` in a plane; in all
        directions alike by default.
    scatter : float
        Standard deviation of the angles by which they leave that axis or plane [degrees].
    overlap : float
        How far particles may go into each other, as a share of the distance at which they touch.
    binder : {"clusters", "film"}
        How the carbon-binder domain lies between the particles.
    binder_length : float or str, optional
        Over what its noise is smoothed [m], 0.15 of D50 by default; lumps are about 4 as wide.
    periodic : bool
        Whether opposite faces fit together. False cuts the volume out of a larger one, whose
        particles it has by chance; the fractions are met all the same.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Generated
        The volume, labels (nx, ny, nz) uint8 with phases ``{"pore": 0, "AM": 1, "CBD": 2}``, and
        what it was to have beside what it has: fractions, D10, D50, D90, aspect ratio.

    Raises
    ------
    InputError
        When the fractions leave no pores, or the particles do not fit in the volume or are too
        small for its voxels.

    Examples
    --------
    >>> from meshing.generate import particle_electrode
    >>> made = particle_electrode((64, 64, 64), "400nm", periodic=True)
    >>> round(made.achieved["AM"], 4), round(made.achieved["CBD"], 4)
    (0.744, 0.075)
    >>> abs(made.achieved["D50"] / 4.6e-6 - 1) < 0.05
    True
    """
    size, step = check_shape(shape), as_spacing(spacing)
    check_fractions(active_fraction, binder_fraction)
    particles = Particles(length(d50), size_spread, aspect_ratio, orientation, scatter)
    lump = _LUMP * particles.d50 if binder_length is None else length(binder_length)
    _check_binder(binder, lump)
    random = np.random.default_rng(seed)
    space = Space(size, step, periodic)
    packed, _ = particles.packed(space, active_fraction, overlap, _SWEEPS, random)
    found = space.distances(packed, _REACH * particles.d50)
    labels = lowest_share(found.first, active_fraction).astype(np.uint8)
    score = _binder_score(found, space, binder, lump, random)
    score[labels == 1] = np.inf
    labels[lowest_share(score, binder_fraction)] = 2
    volume = Volume(labels, spacing=step, phases={"pore": 0, "AM": 1, "CBD": 2})
    targets = {"AM": active_fraction, "CBD": binder_fraction}
    targets["pore"] = 1 - active_fraction - binder_fraction
    return report(volume, "AM", found, space, targets | particles.targets())


def _check_binder(binder: str, lump: float) -> None:
    check_positive("length of the binder's lumps", lump)
    if binder not in get_args(BinderKind):
        raise InputError(f'the binder comes as "clusters" or as "film", found {binder!r}')


def _binder_score(
    found: Distances, space: Space, binder: BinderKind, lump: float, random: np.random.Generator
) -> NDArray[np.float32]:
    """What the carbon-binder domain has the lowest values of."""
    noise = smooth_noise(space.shape, space.step, lump, random, periodic=space.periodic)
    away = np.float32(0.5) * found.second
    away += found.first
    if binder == "film":
        noise *= np.float32(_ROUGHNESS * lump)
    else:
        away *= np.float32(_ATTRACTION / found.reach)
    away += noise
    return away
