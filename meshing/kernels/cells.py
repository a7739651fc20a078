"""Kernels that look at the 2 x 2 x 2 voxels around each corner of the voxel grid.

A *cell* is the box between the centres of 8 neighbouring voxels. Which of them belong to a phase is
a byte, its *configuration*: voxel (i, j, k) of the cell, each 0 or 1, is bit 4 i + 2 j + k. What a
local estimator of area says of an image is a sum over the 256 configurations.

At a face of the volume that is not periodic the outermost voxels are repeated outwards, and the
half of the cell that lies inside counts: weights are in eighths of a cell.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

__all__ = ["count_configurations"]

#: Voxels of a cell.
CORNERS = 8


@kernel
def _add_cell(corner, weight, found, bits, alone, together):
    """Add one cell of more than one phase; `found` and `bits` are room for its phases."""
    count = 0
    for place in range(CORNERS):
        slot = 0
        while slot < count and found[slot] != corner[place]:
            slot += 1
        if slot == count:
            found[slot] = corner[place]
            bits[slot] = 0
            count += 1
        bits[slot] |= 1 << place
    for a in range(count):
        p = found[a]
        alone[p, p, bits[a]] += weight
        for b in range(count):
            q = found[b]
            if p != q:
                alone[p, q, bits[a]] += weight
            if p < q:
                together[p, q, bits[a] | bits[b]] += weight


@kernel
def _add_row(
    row00, row01, row10, row11, table, nz, wrap, weight, corner, found, bits, alone, together
):
    """Add the cells between four rows of voxels along z."""
    last = nz - 1 if wrap else 0
    corner[1], corner[3] = table[row00[last]], table[row01[last]]
    corner[5], corner[7] = table[row10[last]], table[row11[last]]
    for z in range(nz if wrap else nz + 1):
        high = min(z, nz - 1)
        corner[0], corner[2], corner[4], corner[6] = corner[1], corner[3], corner[5], corner[7]
        corner[1], corner[3] = table[row00[high]], table[row01[high]]
        corner[5], corner[7] = table[row10[high]], table[row11[high]]
        one = corner[0]
        same = (corner[1] == one) & (corner[2] == one) & (corner[3] == one) & (corner[4] == one)
        if not (same & (corner[5] == one) & (corner[6] == one) & (corner[7] == one)):
            inner = wrap or 0 < z < nz
            _add_cell(corner, 2 * weight if inner else weight, found, bits, alone, together)


@parallel
def count_configurations(labels, table, nx, ny, nz, wrap, bounds, alone, together):
    """Count the configurations of all cells in which two phases or more meet.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers
    table : (highest label + 1,) uint8
        Phase of each label.
    nx, ny, nz : int
        Voxels along each axis.
    wrap : (3,) bool
        Whether the first and the last voxel of an axis are neighbours.
    bounds : (chunks + 1,) int64
        First layer of cells of each chunk, along x: nx + 1 layers, or nx where x is periodic.
    alone : (chunks, phases, phases, 256) int64
        Added to. ``[p, p, c]``: eighths of cells in which c is the configuration of p;
        ``[p, q, c]``: of those in which q occurs as well.
    together : (chunks, phases, phases, 256) int64
        Added to. For p < q, both in the cell, c is the configuration of the two as one phase.
    """
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        corner = np.empty(CORNERS, np.int64)
        found = np.empty(CORNERS, np.int64)
        bits = np.empty(CORNERS, np.int64)
        for i in range(bounds[chunk], bounds[chunk + 1]):
            x0, x1 = (i + nx - 1) % nx if wrap[0] else max(i - 1, 0), min(i, nx - 1)
            wx = 2 if wrap[0] or 0 < i < nx else 1
            for j in range(ny if wrap[1] else ny + 1):
                y0, y1 = (j + ny - 1) % ny if wrap[1] else max(j - 1, 0), min(j, ny - 1)
                wy = 2 if wrap[1] or 0 < j < ny else 1
                _add_row(
                    labels[x0, y0], labels[x0, y1], labels[x1, y0], labels[x1, y1],
                    table, nz, wrap[2], wx * wy, corner, found, bits, alone[chunk], together[chunk],
                )  # fmt: skip
