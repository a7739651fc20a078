"""Kernel that finds the voxels at the boundary of each phase."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

__all__ = ["count_boundary_voxels"]


@kernel
def _seen_across(other, table, nz, seen):
    """Add the phases of the voxels of a neighbouring row."""
    for z in range(nz):
        seen[z] |= np.uint32(1) << table[other[z]]


@kernel
def _seen_along(row, table, nz, wrap, seen):
    """Add the phases of the voxels before and behind each voxel of a row."""
    for z in range(1, nz):
        seen[z] |= np.uint32(1) << table[row[z - 1]]
        seen[z - 1] |= np.uint32(1) << table[row[z]]
    if wrap:
        seen[0] |= np.uint32(1) << table[row[nz - 1]]
        seen[nz - 1] |= np.uint32(1) << table[row[0]]


@parallel
def count_boundary_voxels(labels, table, phases, nx, ny, nz, wrap, inside, outside):
    """Count the voxels on either side of the boundary of each phase.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers
    table : (highest label + 1,) uint32
        Phase of each label, at most 31.
    phases : int
        Number of phases.
    nx, ny, nz : int
        Voxels along each axis.
    wrap : (3,) bool
        Whether the first and the last voxel of an axis are neighbours.
    inside, outside : (nx, phases) int64
        Added to, for each x: voxels of the phase that share a face with another phase, and voxels
        of other phases that share a face with the phase.
    """
    for task in prange(nx):
        x = np.int64(task)
        seen = np.empty(nz, np.uint32)
        for y in range(ny):
            row = labels[x, y]
            seen[:] = 0
            for step in (-1, 1):
                if wrap[0] or 0 <= x + step < nx:
                    _seen_across(labels[(x + step + nx) % nx, y], table, nz, seen)
                if wrap[1] or 0 <= y + step < ny:
                    _seen_across(labels[x, (y + step + ny) % ny], table, nz, seen)
            _seen_along(row, table, nz, wrap[2], seen)
            for z in range(nz):
                own = table[row[z]]
                others = seen[z] & ~(np.uint32(1) << own)
                if others:
                    inside[x, own] += 1
                    for p in range(phases):
                        outside[x, p] += (others >> np.uint32(p)) & np.uint32(1)
