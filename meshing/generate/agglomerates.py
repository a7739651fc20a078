"""Agglomerates of small spheres that stick together, with binder at their contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.generate._checks import check_fractions, check_positive, check_shape
from meshing.generate.bodies import Bodies
from meshing.generate.generated import Generated, report
from meshing.generate.noise import lowest_share, smooth_noise
from meshing.generate.particles import Particles, Space
from meshing.units import Length, SpacingLike, length
from meshing.units import spacing as as_spacing
from meshing.volume import Volume

__all__ = ["agglomerates"]

#: Times that all pairs of spheres are visited; these need not come apart altogether.
_SWEEPS: Final = 60

#: From how far spheres are felt by the binder between them, in D50.
_REACH: Final = 0.5

#: Noise smoothed over the length l has lumps of about this many l across.
_LUMP: Final = 4.0


def agglomerates(
    shape: Sequence[int] = (128, 128, 128),
    spacing: SpacingLike = 10e-9,
    *,
    carbon_fraction: float = 0.22,
    binder_fraction: float = 0.03,
    diameter: Length = 80e-9,
    size_spread: float = 0.2,
    agglomerate: Length = 400e-9,
    packing: float = 0.6,
    overlap: float = 0.05,
    periodic: bool = True,
    seed: int = 0,
) -> Generated:
    r"""Make agglomerates of carbon spheres with binder, as carbon blacks such as Super P form them.

    Spheres are packed at random, and those stay whose centre lies where smooth noise is lowest:
    lumps of touching spheres with small pores in them, and large pores between the lumps. The
    binder takes those voxels of the rest with the lowest :math:`d_1 + d_2/2`, the distances to the
    two nearest spheres: it lies at their contacts.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    carbon_fraction, binder_fraction : float
        Volume fractions of ``"carbon"`` and ``"binder"`` [-], met to half a voxel.
    diameter : float or str
        D50, the median diameter of the spheres by volume [m].
    size_spread : float
        Standard deviation of the logarithm of the diameter [-].
    agglomerate : float or str
        Width of the agglomerates [m].
    packing : float
        Volume fraction of carbon in them [-].
    overlap : float
        How far spheres may go into each other, as a share of the distance at which they touch.
    periodic : bool
        Whether opposite faces fit together; False cuts the volume out of a larger one.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Generated
        The volume, labels (nx, ny, nz) uint8 with phases
        ``{"pore": 0, "carbon": 1, "binder": 2}``, and what it was to have beside what it has.

    Raises
    ------
    InputError
        When more carbon is asked for than a packing holds, or the spheres do not fit the voxels.

    Examples
    --------
    >>> from meshing.generate import agglomerates
    >>> made = agglomerates((60, 60, 60), "10nm", seed=1)
    >>> round(made.volume.volume_fraction("carbon"), 4)
    0.22
    """
    space = Space(check_shape(shape), as_spacing(spacing), periodic)
    check_fractions(carbon_fraction, binder_fraction)
    if not carbon_fraction < packing < 1:
        raise InputError(
            f"agglomerates with a packing of {packing} cannot make up {carbon_fraction} of the "
            "volume; the packing is above the carbon fraction and below 1"
        )
    particles = Particles(length(diameter), size_spread, 1.0, None, 0.0)
    lump = check_positive("width of the agglomerates", length(agglomerate)) / _LUMP
    random = np.random.default_rng(seed)
    packed, _ = particles.packed(space, packing, overlap, _SWEEPS, random)
    noise = smooth_noise(space.shape, space.step, lump, random, periodic=periodic)
    kept = packed.take(_in_lumps(packed, space, noise, carbon_fraction / packing))
    found = space.distances(kept, _REACH * particles.d50)
    labels = lowest_share(found.first, carbon_fraction).astype(np.uint8)
    score = found.first + np.float32(0.5) * found.second
    score[labels == 1] = np.inf
    labels[lowest_share(score, binder_fraction)] = 2
    volume = Volume(labels, spacing=space.step, phases={"pore": 0, "carbon": 1, "binder": 2})
    targets = {"carbon": carbon_fraction, "binder": binder_fraction}
    targets["pore"] = 1 - carbon_fraction - binder_fraction
    return report(volume, "carbon", found, space, targets | particles.targets())


def _in_lumps(
    bodies: Bodies, space: Space, noise: NDArray[np.float32], share: float
) -> NDArray[np.intp]:
    """The spheres in the given share of the volume where the noise is lowest."""
    bound = np.quantile(noise, share)
    place = np.floor(bodies.centres / space.step).astype(np.intp)
    last = np.array(space.shape) - 1
    x, y, z = (place % space.shape if space.periodic else np.clip(place, 0, last)).T
    return np.flatnonzero(noise[x, y, z] <= bound)
