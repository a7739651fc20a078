"""Slabs, tubes and balls of known size, between voxels of any edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume

Triple = tuple[float, float, float]
PHASES = {"solid": 0, "pore": 1}


def places(shape: Sequence[int], spacing: Triple, centre: Triple) -> NDArray[np.float64]:
    """Voxel centres from a point, (3, nx, ny, nz)."""
    lines = [(np.arange(n) + 0.5) * h - c for n, h, c in zip(shape, spacing, centre, strict=True)]
    return np.stack(np.meshgrid(*lines, indexing="ij"))


def _middle(shape: Sequence[int], spacing: Triple, off: Triple) -> Triple:
    x, y, z = ((n / 2 + o) * h for n, h, o in zip(shape, spacing, off, strict=True))
    return x, y, z


def ball(diameter: float, spacing: Triple, off: Triple = (0.0, 0.0, 0.0)) -> Volume:
    """A ball that touches no face; `off` voxels beside the middle."""
    shape = [int(diameter / h) + 6 for h in spacing]
    x = places(shape, spacing, _middle(shape, spacing, off))
    return Volume((x**2).sum(axis=0) < (diameter / 2) ** 2, spacing, PHASES)


def tube(
    diameter: float, length: float, spacing: Triple, axis: int, off: Triple = (0.0, 0.0, 0.0)
) -> Volume:
    """A straight tube along an axis, from face to face."""
    shape = [int(diameter / h) + 6 for h in spacing]
    shape[axis] = round(length / spacing[axis])
    x = np.delete(places(shape, spacing, _middle(shape, spacing, off)), axis, axis=0)
    return Volume((x**2).sum(axis=0) < (diameter / 2) ** 2, spacing, PHASES)


def layer(voxels: int, axis: int, spacing: Triple, wall: int = 3) -> Volume:
    """A layer of so many voxels across an axis, between solid walls."""
    shape = [7, 8, 9]
    shape[axis] = voxels + 2 * wall
    labels = np.zeros(shape, np.uint8)
    np.moveaxis(labels, axis, 0)[wall : wall + voxels] = 1
    return Volume(labels, spacing, PHASES)


def oblique_layer(thickness: float, normal: Triple, cells: int, spacing: Triple) -> Volume:
    """A layer across any direction, from face to face of the volume."""
    shape = (cells, cells, cells)
    n = np.array(normal) / np.linalg.norm(normal)
    x = places(shape, spacing, _middle(shape, spacing, (0.1, 0.2, 0.3)))
    return Volume(np.abs(np.tensordot(n, x, 1)) < thickness / 2, spacing, PHASES)
