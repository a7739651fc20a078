"""Images of balls and ellipsoids whose volumes, surfaces and necks are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Spacing = tuple[float, float, float]


def centres(shape: Sequence[int], spacing: Spacing) -> list[NDArray[np.float64]]:
    """Coordinates of voxel centres along each axis, to broadcast."""
    axes = [(np.arange(n) + 0.5) * h for n, h in zip(shape, spacing, strict=True)]
    return list(np.ix_(*axes))


def ball(
    shape: Sequence[int], spacing: Spacing, centre: Sequence[float], radius: float
) -> NDArray[np.bool_]:
    """Voxels whose centre is in a ball."""
    squares = [(x - c) ** 2 for x, c in zip(centres(shape, spacing), centre, strict=True)]
    return sum(squares) < radius**2


def ellipsoid(
    shape: Sequence[int],
    spacing: Spacing,
    centre: Sequence[float],
    long: float,
    short: float,
    direction: Sequence[float],
) -> NDArray[np.bool_]:
    """Voxels whose centre is in a prolate spheroid of semi-axes long, short, short."""
    along = np.array(direction) / np.linalg.norm(direction)
    away = [x - c for x, c in zip(centres(shape, spacing), centre, strict=True)]
    part = sum(a * d for a, d in zip(along, away, strict=True))
    square = sum(d**2 for d in away)
    return (part / long) ** 2 + (square - part**2) / short**2 < 1.0


def spheroid_area(long: float, short: float) -> float:
    """Surface of a prolate spheroid."""
    eccentricity = math.sqrt(1 - (short / long) ** 2)
    return 2 * math.pi * short**2 * (1 + long / (short * eccentricity) * math.asin(eccentricity))


def joined(
    shape: Sequence[int],
    spacing: Spacing,
    radii: tuple[float, float],
    neck: float,
    direction: Sequence[float],
) -> tuple[NDArray[np.bool_], tuple[float, float]]:
    """Two balls that overlap in a circle of a radius, and their volumes on either side of it.

    The circle lies in the middle of the image, its normal along a direction.
    """
    along = np.array(direction) / np.linalg.norm(direction)
    middle = np.multiply(shape, spacing) / 2 + np.array([0.13, -0.21, 0.17]) * spacing
    gaps = [math.sqrt(r**2 - neck**2) for r in radii]
    mask = np.zeros(shape, np.bool_)
    for radius, gap, sign in zip(radii, gaps, (-1, 1), strict=True):
        mask |= ball(shape, spacing, middle + sign * gap * along, radius)
    volumes = tuple(
        4 / 3 * math.pi * r**3 - math.pi * (r - gap) ** 2 * (2 * r + gap) / 3
        for r, gap in zip(radii, gaps, strict=True)
    )
    return mask, (volumes[0], volumes[1])
