"""Random spheres: the Boolean model, whose porosity is known, and spheres that keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from meshing.errors import InputError
from meshing.generate._checks import check_fractions, check_shape
from meshing.generate.bodies import Bodies
from meshing.generate.boolean import boolean, cut
from meshing.generate.generated import Generated, report
from meshing.generate.particles import Particles, Space
from meshing.units import Length, SpacingLike, length
from meshing.units import spacing as as_spacing

#: Times that all pairs of spheres are visited before it is said that they do not come apart.
_SWEEPS: Final = 2000

#: How far surfaces may move to meet a fraction, in D50.
_REACH: Final = 0.5

#: Spheres farther out than this many spreads are not drawn from outside the volume: one in 1e9.
_WIDEST: Final = 6.0


def spheres(
    shape: Sequence[int],
    spacing: SpacingLike = 1.0,
    *,
    diameter: Length,
    fraction: float,
    size_spread: float = 0.0,
    overlap: bool = True,
    exact: bool = True,
    periodic: bool = True,
    seed: int = 0,
) -> Generated:
    r"""Make random spheres that overlap as chance has it, or not at all.

    With overlaps it is the Boolean model: centres are anywhere, as many to a volume as a Poisson
    law says with the mean n, and the share :math:`e^{-nV}` of the volume is in no sphere, V being
    the mean volume of one. Without them the spheres are packed at random.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    diameter : float or str
        D50, the median diameter by volume [m].
    fraction : float
        Volume fraction of the phase ``"sphere"`` [-].
    size_spread : float
        Standard deviation of the logarithm of the diameter [-]; 0 for equal spheres.
    overlap : bool
        Whether spheres may overlap.
    exact : bool
        Move all surfaces by one small distance, so that the fraction is met to half a voxel. False
        leaves the spheres as they are, and the fraction to chance.
    periodic : bool
        Whether opposite faces fit together; False cuts the volume out of a larger one.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Generated
        The volume, labels (nx, ny, nz) uint8 with phases ``{"matrix": 0, "sphere": 1}``, and what
        it was to have beside what it has; sizes are not measured where spheres overlap.

    Raises
    ------
    InputError
        When so many spheres do not fit without overlap, or the volume holds too few of them.

    Examples
    --------
    >>> from meshing.generate import spheres
    >>> made = spheres((50, 50, 50), "1um", diameter="9um", fraction=0.4, overlap=False)
    >>> made.volume.volume_fraction("sphere")
    0.4
    """
    space = Space(check_shape(shape), as_spacing(spacing), periodic)
    check_fractions(fraction)
    particles = Particles(length(diameter), size_spread, 1.0, None, 0.0)
    random = np.random.default_rng(seed)
    reach = _REACH * particles.d50
    if overlap:
        bodies = _boolean_spheres(space, particles, -np.log(1 - fraction), reach, random)
        found = space.distances(bodies, reach)
        return boolean(found, space, {"matrix": 0, "sphere": 1}, fraction, particles.d50, exact)
    bodies, worst = particles.packed(space, fraction, 0.0, _SWEEPS, random)
    if worst > 0.0:
        raise InputError(
            f"spheres that fill {fraction:.3g} of the volume were not brought apart; the closest "
            f"pair still overlaps by {worst:.1%} of its distance: lower the fraction or let them "
            "overlap"
        )
    found = space.distances(bodies, reach)
    volume, _ = cut(found, space, {"matrix": 0, "sphere": 1}, fraction, exact)
    targets = {"matrix": 1 - fraction, "sphere": fraction, **particles.targets()}
    return report(volume, "sphere", found, space, targets)


def _boolean_spheres(
    space: Space, particles: Particles, amount: float, reach: float, random: np.random.Generator
) -> Bodies:
    """Spheres anywhere, `amount` of whose volume lies in a unit of volume on average."""
    median = particles.d50 * np.exp(-3 * particles.spread**2)
    mean_volume = np.pi / 6 * median**3 * np.exp(4.5 * particles.spread**2)
    margin = space.margin(median / 2 * np.exp(_WIDEST * particles.spread) + reach)
    box = space.edges + 2 * margin
    count = int(random.poisson(amount / mean_volume * np.prod(box)))
    radii = median / 2 * np.exp(particles.spread * random.standard_normal(count))
    return Bodies(
        centres=random.uniform(0.0, 1.0, (count, 3)) * box - margin,
        directions=np.tile([0.0, 0.0, 1.0], (count, 1)),
        across=radii,
        along=radii,
        half_length=np.zeros(count),
        number=np.arange(count),
    )
