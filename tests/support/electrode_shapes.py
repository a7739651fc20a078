"""Images of one electrode whose answer is known: pore 0 in a solid AM 1, the separator at x = 0.

Outer faces of the image carry no charge, so a pore beside one is half of a pore twice as wide.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume

Spacing = tuple[float, float, float]
UNIT = (1.0, 1.0, 1.0)
PHASES = {"pore": 0, "AM": 1}


def pores(pore: NDArray[np.bool_], spacing: Spacing = UNIT) -> Volume:
    """The image of a pore space, any number of axes up to three."""
    solid = ~pore.reshape(pore.shape + (1,) * (3 - pore.ndim))
    return Volume(solid.astype(np.uint8), spacing, PHASES)


def turned(volume: Volume, axis: str, separator: str) -> Volume:
    """The same electrode with its depth along another axis, or with the separator at the far end.

    x becomes the axis, y and z keep their order; edges of voxels go with their axes.
    """
    a = "xyz".index(axis)
    labels = volume.labels[::-1] if separator == "high" else volume.labels
    spacing = list(volume.spacing[1:])
    spacing.insert(a, volume.spacing[0])
    return Volume(np.moveaxis(labels, 0, a), tuple(spacing), volume.phases)


def straight_pore(length: int, faces: int, spacing: Spacing = UNIT) -> Volume:
    """One voxel wide: 2 walls per voxel in two dimensions, 4 in three."""
    pore = np.zeros((length, 3, 1 if faces == 2 else 3), bool)
    pore[:, 1, 0 if faces == 2 else 1] = True
    return pores(pore, spacing)


def bundle(depths: Sequence[int], length: int) -> Volume:
    """Parallel pores one voxel wide in two dimensions, open to the separator, of some depths."""
    pore = np.zeros((length, 2 * len(depths) + 1), bool)
    for i, depth in enumerate(depths):
        pore[:depth, 2 * i + 1] = True
    return pores(pore)


def slit(length: int, widths: Sequence[int] | int, spacing: Spacing = UNIT) -> Volume:
    """A slit in two dimensions, its walls on both sides; a width of 0 is solid.

    Unlike widths are centred, so they must be all even or all odd.
    """
    width = np.broadcast_to(widths, length)
    widest = int(width.max())
    low = (widest - width)[:, None] // 2 + 1
    row = np.arange(widest + 2)
    return pores((row >= low) & (row < low + width[:, None]), spacing)


def half_slit(widths: Sequence[int], spacing: Spacing = UNIT) -> Volume:
    """Half of a slit, the middle on the low side of y; one wall, on the other side."""
    width = np.asarray(widths)
    return pores(np.arange(width.max() + 1) < width[:, None], spacing)


def square_channel(length: int, width: int) -> Volume:
    """A channel of square section with all its walls."""
    pore = np.zeros((length, width + 2, width + 2), bool)
    pore[:, 1:-1, 1:-1] = True
    return pores(pore)


def quarter_channel(widths: Sequence[int], spacing: Spacing = UNIT) -> Volume:
    """A quarter of a square channel, its middle on the low sides of y and z."""
    row = np.arange(max(widths) + 1) < np.asarray(widths)[:, None]
    return pores(row[:, :, None] & row[:, None, :], spacing)


def quarter_cylinder(length: int, radius: int, spacing: Spacing = UNIT) -> Volume:
    """A quarter of a cylinder in stairs: the voxels whose centres lie inside."""
    centre = np.arange(radius + 1) + 0.5
    disk = centre[:, None] ** 2 + centre**2 < radius**2
    return pores(np.broadcast_to(disk, (length, *disk.shape)), spacing)


def bent_pore(length: int, width: int, oblique: str) -> Volume:
    """A slit of which one half, at the "separator" or the "collector", climbs at 45 degrees.

    Its width across the depth stays the same; walls beside the oblique half are of the phase
    "oblique", all others of the phase "AM".
    """
    layer = np.arange(length)
    if oblique == "collector":
        climb = np.maximum(0, layer - length // 2 + 1)
    else:
        climb = np.minimum(layer, length // 2)
    row = np.arange(width + climb.max() + 2)
    labels = np.ones((length, row.size), np.uint8)
    labels[(layer >= length // 2) == (oblique == "collector")] = 2
    labels[(row > climb[:, None]) & (row <= climb[:, None] + width)] = 0
    return Volume(labels[:, :, None], 1.0, {"pore": 0, "AM": 1, "oblique": 2})
