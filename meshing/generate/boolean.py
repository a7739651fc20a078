"""Cutting random bodies out of their distances, and what is known of those that overlap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from meshing.errors import InputError
from meshing.generate.bodies import Distances
from meshing.generate.generated import BODIES, DIAMETER, Generated, body_numbers
from meshing.generate.noise import lowest_share
from meshing.generate.particles import Space
from meshing.volume import Volume


def cut(
    found: Distances, space: Space, phases: Mapping[str, int], fraction: float, exact: bool
) -> tuple[Volume, float]:
    """Make a volume of bodies, label 1, and what is around them, label 0.

    Parameters
    ----------
    found : distances to the bodies.
    space : the image.
    phases : its phases.
    fraction : what the bodies are to fill.
    exact : whether to move all surfaces by one distance until they do.

    Returns
    -------
    tuple
        The volume, and the distance by which surfaces were moved outwards [m].

    Raises
    ------
    InputError
        When bodies do not come near enough.
    """
    inside = lowest_share(found.first, fraction) if exact else found.first <= 0
    shift = float(found.first[inside].max()) if exact and inside.any() else 0.0
    if shift >= np.float32(found.reach):
        raise InputError(
            f"{space} holds too few random bodies to fill {fraction:.3g} of it; make it larger or "
            "the bodies smaller"
        )
    return Volume(inside.astype(np.uint8), spacing=space.step, phases=phases), shift


def boolean(
    found: Distances,
    space: Space,
    phases: Mapping[str, int],
    fraction: float,
    diameter: float,
    exact: bool,
) -> Generated:
    """Make a volume of bodies that overlap, and report their fraction and diameter."""
    volume, shift = cut(found, space, phases, fraction, exact)
    around, name = phases
    numbers = body_numbers(found, volume.labels == 1)
    targets = {around: 1 - fraction, name: fraction, DIAMETER: diameter}
    achieved = {**volume.fractions(), DIAMETER: diameter + 2 * shift}
    return Generated(volume, targets, achieved | {BODIES: float(numbers.max())}, numbers)
