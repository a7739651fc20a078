"""Shapes whose areas and triple lines are known, laid on voxels anywhere and in any orientation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume

Floats = NDArray[np.float64]
Spacing = tuple[float, float, float]

#: Voxels around a body on every side.
MARGIN = 3


def turned(random: np.random.Generator) -> Floats:
    """Three orthogonal unit vectors at random, in rows."""
    q, r = np.linalg.qr(random.normal(size=(3, 3)))
    return np.asarray(q * np.sign(np.diag(r))).T


def centres(shape: tuple[int, ...], spacing: Spacing, origin: Floats) -> Floats:
    """Voxel centres from the middle of the volume, less an offset in voxels, (nx, ny, nz, 3)."""
    axes = [
        (np.arange(n) + 0.5 - n / 2 - o) * h for n, h, o in zip(shape, spacing, origin, strict=True)
    ]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def box_around(radius: float, spacing: Spacing) -> tuple[int, ...]:
    """Voxels of a volume that holds a body of this radius with a margin."""
    return tuple(2 * (int(np.ceil(radius / h)) + MARGIN) for h in spacing)


def ball(radius: float, spacing: Spacing, random: np.random.Generator) -> Volume:
    """A ball, phase "1", about a point anywhere in a voxel."""
    at = centres(box_around(radius, spacing), spacing, random.random(3) - 0.5)
    return Volume(np.linalg.norm(at, axis=-1) <= radius, spacing)


def cylinder(
    radius: float, length: float, axis: Floats, spacing: Spacing, random: np.random.Generator
) -> Volume:
    """A cylinder with flat ends, phase "1"."""
    at = centres(box_around(np.hypot(radius, length / 2), spacing), spacing, random.random(3) - 0.5)
    along = at @ axis
    across = np.linalg.norm(at - along[..., None] * axis, axis=-1)
    return Volume((across <= radius) & (np.abs(along) <= length / 2), spacing)


def half_space(n: int, normal: Floats, spacing: Spacing, random: np.random.Generator) -> Volume:
    """What lies below a plane through the middle of an n^3 volume, phase "1"."""
    at = centres((n, n, n), spacing, random.random(3) - 0.5)
    return Volume(at @ normal <= 0, spacing)


def gyroid(n: int) -> Floats:
    """Values of sin x cos y + sin y cos z + sin z cos x at the voxel centres of a unit cell."""
    x, y, z = np.meshgrid(*[(np.arange(n) + 0.5) * 2 * np.pi / n] * 3, indexing="ij", sparse=True)
    return np.asarray(np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x))


def wedges(
    n: int,
    angles: tuple[float, float],
    frame: Floats,
    spacing: Spacing,
    random: np.random.Generator,
) -> tuple[Volume, float]:
    """Three sectors around a straight line through an n^3 volume, and the length of the line.

    The first two sectors have these angles; the line runs along the first row of `frame`.
    """
    offset = random.random(3) - 0.5
    at = centres((n, n, n), spacing, offset)
    angle = np.arctan2(at @ frame[2], at @ frame[1]) % (2 * np.pi)
    labels = np.digitize(angle, np.cumsum(angles)).astype(np.uint8)
    volume = Volume(labels, spacing, {"a": 0, "b": 1, "c": 2})
    half = n * np.array(spacing) / 2
    with np.errstate(divide="ignore"):
        ends = np.stack([half - offset * spacing, -half - offset * spacing]) / frame[0]
    low, high = ends.min(axis=0).max(), ends.max(axis=0).min()
    return volume, float(high - low)


def ball_in_a_plane(
    radius: float, height: float, frame: Floats, spacing: Spacing, random: np.random.Generator
) -> tuple[Volume, float]:
    """A ball between two other phases, which a plane parts, and the length of the circle.

    The plane lies at `height` radii from the middle: the ball meets it at an angle of
    arccos(height) and its supplement.
    """
    at = centres(box_around(radius, spacing), spacing, random.random(3) - 0.5)
    outside = np.where(at @ frame[0] > height * radius, 1, 2)
    labels = np.where(np.linalg.norm(at, axis=-1) <= radius, 0, outside).astype(np.uint8)
    circle = 2 * np.pi * radius * np.sqrt(1 - height**2)
    return Volume(labels, spacing, {"a": 0, "b": 1, "c": 2}), float(circle)
