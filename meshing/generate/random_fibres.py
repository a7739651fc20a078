"""Random straight fibres through each other, whose porosity is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from meshing.errors import InputError
from meshing.generate._checks import check_fractions, check_positive, check_shape
from meshing.generate.bodies import Bodies
from meshing.generate.boolean import boolean
from meshing.generate.generated import Generated
from meshing.generate.particles import Space
from meshing.generate.sizes import Floats, directions
from meshing.units import Length, SpacingLike, length
from meshing.units import spacing as as_spacing

#: How far surfaces may move to meet a porosity, in diameters.
_REACH: Final = 0.5


def fibres(
    shape: Sequence[int],
    spacing: SpacingLike = 1.0,
    *,
    diameter: Length,
    porosity: float,
    fibre_length: Length | None = None,
    orientation: str | None = None,
    scatter: float = 0.0,
    exact: bool = True,
    periodic: bool = False,
    seed: int = 0,
) -> Generated:
    r"""Make random straight fibres, anywhere and through each other: a Boolean model.

    With the length of fibre per volume :math:`\lambda` the share :math:`e^{-\pi r^2\lambda}` of
    the volume is in none of them. Fibres of a finite length have round ends, whose volume counts.
    Carbon nanotubes of 17.5 nm with a porosity of 0.83 look like this.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    diameter : float or str
        Diameter of the fibres [m].
    porosity : float
        Volume fraction of the phase ``"pore"`` [-].
    fibre_length : float or str, optional
        Their length without the ends [m]; by default they go right through the volume.
    orientation : str, optional
        Where they point: ``"z"`` along an axis, ``"xy"`` in a plane; in all directions alike by
        default.
    scatter : float
        Standard deviation of the angles by which they leave that axis or plane [degrees].
    exact : bool
        Move all surfaces by one small distance, so that the porosity is met to half a voxel. False
        leaves the fibres as they are, and the porosity to chance.
    periodic : bool
        Whether opposite faces fit together; fibres need a length then.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Generated
        The volume, labels (nx, ny, nz) uint8 with phases ``{"pore": 0, "fibre": 1}``, and what it
        was to have beside what it has.

    Raises
    ------
    InputError
        When the volume holds too few fibres to meet the porosity, or periodic fibres have no end.

    Examples
    --------
    >>> from meshing.generate import fibres
    >>> made = fibres((60, 60, 60), "5nm", diameter="35nm", porosity=0.83, seed=2)
    >>> made.volume.volume_fraction("pore")
    0.83
    """
    space = Space(check_shape(shape), as_spacing(spacing), periodic)
    check_fractions(porosity)
    thick = check_positive("diameter of the fibres", length(diameter))
    random = np.random.default_rng(seed)
    draw = partial(directions, orientation=orientation, scatter=scatter, random=random)
    reach, amount = _REACH * thick, -np.log(porosity)
    if fibre_length is not None:
        long = check_positive("length of the fibres", length(fibre_length))
        centres, axes = _ended(space, thick, long, amount, reach, draw, random)
    elif periodic:
        raise InputError("fibres that go right through do not fit together; give their length")
    else:
        long = 2 * _radius(space, thick, reach)
        centres, axes = _through(space, thick, amount, long / 2, draw, random)
    count = len(centres)
    radius, half = np.full(count, thick / 2), np.full(count, long / 2)
    bodies = Bodies(centres, axes, radius, radius, half, np.arange(count))
    found = space.distances(bodies, reach)
    return boolean(found, space, {"pore": 0, "fibre": 1}, 1 - porosity, thick, exact)


def _radius(space: Space, thick: float, reach: float) -> float:
    """Of the ball around the volume that a fibre must hit to be seen in it [m]."""
    return float(np.linalg.norm(space.edges)) / 2 + thick / 2 + reach


def _through(
    space: Space,
    thick: float,
    amount: float,
    radius: float,
    draw: Callable[[int], Floats],
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Middles and directions of endless fibres that hit the ball around the volume.

    Lines with the length l per volume hit a disc of radius R across them l pi R2 times.
    """
    count = int(random.poisson(amount / (np.pi * thick**2 / 4) * np.pi * radius**2))
    axes = draw(count)
    across = random.standard_normal((count, 3))
    across -= np.sum(across * axes, axis=1, keepdims=True) * axes
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    away = radius * np.sqrt(random.uniform(0.0, 1.0, (count, 1)))
    return space.edges / 2 + away * across, axes


def _ended(
    space: Space,
    thick: float,
    long: float,
    amount: float,
    margin: float,
    draw: Callable[[int], Floats],
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Middles and directions of fibres with round ends, as many as the mean volume asks for."""
    margin = space.margin((long + thick) / 2 + margin)
    box = space.edges + 2 * margin
    volume = np.pi * thick**2 * (long / 4 + thick / 6)
    count = int(random.poisson(amount / volume * np.prod(box)))
    return random.uniform(0.0, 1.0, (count, 3)) * box - margin, draw(count)
