"""Kernels of a deposit in voxels: faces where it grows, voxels that close, faces that come of it.

Voxels are numbered in the order of the arrays. Sides 0 to 5 of a voxel are x-, x+, y-, y+, z-, z+;
side 6 is its own inside. Where several sites or voxels give to one, what comes from opposite sides
is added first, so that the mirror image of a deposit grows to the mirror image, to the last bit.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

INERT, CARBON, PORE, CLOSED, POROUS, FULL = range(6)
INSIDE = 6


@kernel
def _beside(x, y, z, side, shape, wraps):
    """Number of the voxel at a side, -1 where the image ends."""
    step = 2 * (side & 1) - 1
    u = x + step if side < 2 else x
    v = y + step if side >> 1 == 1 else y
    w = z + step if side >> 1 == 2 else z
    if u < 0 or u >= shape[0]:
        if not wraps[0]:
            return -1
        u = shape[0] - 1 if u < 0 else 0
    if v < 0 or v >= shape[1]:
        if not wraps[1]:
            return -1
        v = shape[1] - 1 if v < 0 else 0
    if w < 0 or w >= shape[2]:
        if not wraps[2]:
            return -1
        w = shape[2] - 1 if w < 0 else 0
    return (u * shape[1] + v) * shape[2] + w


@kernel
def _neighbour(voxel, side, shape, wraps):
    column = voxel // shape[2]
    x = column // shape[1]
    return _beside(x, column - x * shape[1], voxel - column * shape[2], side, shape, wraps)


@kernel
def _reactive(kind, x, y, z, side, shape, wraps):
    """The voxel that gives electrons through a side of a pore, -1 where none does."""
    other = _beside(x, y, z, side, shape, wraps)
    if other < 0 or (kind[other] != CARBON and kind[other] != POROUS):
        return -1
    return other


@parallel
def count_sites(kind, shape, wraps, count):
    """Write the number of sites of each plane of axis 0.

    Parameters
    ----------
    kind : (nx ny nz,) uint8.
    shape, wraps : of the image; whether it goes on at its other side, per axis.
    count : (nx,) int64, written.
    """
    for task in prange(shape[0]):
        x = np.int64(task)
        found = 0
        for y in range(shape[1]):
            for z in range(shape[2]):
                here = kind[(x * shape[1] + y) * shape[2] + z]
                if here == POROUS:
                    found += 1
                if here == PORE:
                    for side in range(6):
                        found += _reactive(kind, x, y, z, side, shape, wraps) >= 0
        count[x] = found


@parallel
def write_sites(kind, shape, wraps, start, voxel, carbon, side_of):
    """Write the sites in the order of their voxels, those of a voxel by side.

    Parameters
    ----------
    start : (nx,) int64, the first site of each plane of axis 0.
    voxel, carbon, side_of : (sites,) int64, int64, uint8; written.
    """
    for task in prange(shape[0]):
        x = np.int64(task)
        at = start[x]
        for y in range(shape[1]):
            for z in range(shape[2]):
                me = (x * shape[1] + y) * shape[2] + z
                if kind[me] == POROUS:
                    voxel[at], carbon[at], side_of[at] = me, me, INSIDE
                    at += 1
                if kind[me] == PORE:
                    for side in range(6):
                        other = _reactive(kind, x, y, z, side, shape, wraps)
                        if other >= 0:
                            voxel[at], carbon[at], side_of[at] = me, other, side
                            at += 1
