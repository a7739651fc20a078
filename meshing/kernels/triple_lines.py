"""Kernels of the lines along which three phases meet: the edges of voxels that lie on them.

An edge along an axis lies between four voxels, two by two across the axis. Edge (x, y, z) along an
axis starts at the low corner of voxel (x, y, z). Only edges with voxels on all four sides are
looked at: the first layer of corners across the axis lies on the outside of the volume, or is where
the volume meets itself when the axis is periodic.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

__all__ = ["count_edges", "edge_lengths", "fill_edges", "smooth", "spread"]


@kernel
def _meeting(a, b, c, d):
    """Whether three or four phases are among four."""
    if a == b:
        return c != d and c != a and d != a
    if c == d:
        return c != a and c != b
    return (c != a and c != b) or (d != a and d != b)


@kernel
def _before(i, n, wrap):
    """The voxel before voxel i; -1 where there is none."""
    return i - 1 if i > 0 else (n - 1 if wrap else -1)


@parallel
def count_edges(labels, table, nx, ny, nz, wrap, counts):
    """Count the edges at which three phases or four meet.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers
    table : (highest label + 1,) uint8
        Phase of each label.
    nx, ny, nz : int
        Voxels along each axis.
    wrap : (3,) bool
        Whether the first and the last voxel of an axis are neighbours.
    counts : (nx,) int64
        Written: edges that start at each x.
    """
    for task in prange(nx):
        x = np.int64(task)
        xb = _before(x, nx, wrap[0])
        total = 0
        for y in range(ny):
            yb = _before(y, ny, wrap[1])
            here = labels[x, y]
            below = labels[x, max(yb, 0)]
            behind = labels[max(xb, 0), y]
            corner = labels[max(xb, 0), max(yb, 0)]
            zb = _before(0, nz, wrap[2])
            for z in range(nz):
                a, b, c = table[here[z]], table[below[z]], table[behind[z]]
                if xb >= 0 and yb >= 0:
                    total += _meeting(a, b, c, table[corner[z]])
                if zb >= 0:
                    d = table[here[zb]]
                    if yb >= 0:
                        total += _meeting(a, b, d, table[below[zb]])
                    if xb >= 0:
                        total += _meeting(a, c, d, table[behind[zb]])
                zb = z
        counts[x] = total


@kernel
def _shared(own, flag, a, b, c, first, second, third):
    """Flags of the voxels of one phase among four: its own and those of others alike."""
    if a == own:
        flag |= first
    if b == own:
        flag |= second
    if c == own:
        flag |= third
    return flag


@parallel
def fill_edges(labels, table, flags, nx, ny, nz, wrap, start, low, high, axes, phases, shared):
    """List the edges at which three phases or four meet.

    Parameters
    ----------
    labels, table, nx, ny, nz, wrap : as for `count_edges`.
    flags : (nx, ny, nz) uint8
        Properties of each voxel, a bit for each.
    start : (nx,) int64
        First edge that starts at each x.
    low, high : (edges,) int64
        Written: the two ends, as flat indices into the corners of the grid, of which there is one
        more than voxels along each axis that is not periodic.
    axes : (edges,) int8
        Written: axis of the edge.
    phases : (edges,) uint32
        Written: the phases that meet, a bit for each.
    shared : (edges,) uint8
        Written: the properties that every one of the phases has in a voxel beside the edge.
    """
    cx, cy, cz = nx + (not wrap[0]), ny + (not wrap[1]), nz + (not wrap[2])
    for task in prange(nx):
        x = np.int64(task)
        edge = start[x]
        xb = _before(x, nx, wrap[0])
        for y in range(ny):
            yb = _before(y, ny, wrap[1])
            for z in range(nz):
                zb = _before(z, nz, wrap[2])
                for axis in range(3):
                    # The other three voxels around the edge; the first is (x, y, z) itself.
                    x3, y3, z3 = (
                        (x if axis == 0 else xb),
                        (y if axis == 1 else yb),
                        (z if axis == 2 else zb),
                    )
                    if min(x3, y3, z3) < 0:
                        continue
                    # One step across the axis, then the other: along y or x, and along z or y.
                    x1, y1 = (x, y3) if axis == 0 else (x3, y)
                    y2, z2 = (y3, z) if axis == 2 else (y, z3)
                    own = table[labels[x, y, z]]
                    a, b = table[labels[x1, y1, z]], table[labels[x, y2, z2]]
                    c = table[labels[x3, y3, z3]]
                    if not _meeting(own, a, b, c):
                        continue
                    f, g, h, k = (
                        flags[x, y, z],
                        flags[x1, y1, z],
                        flags[x, y2, z2],
                        flags[x3, y3, z3],
                    )
                    one = np.uint32(1)
                    phases[edge] = (one << own) | (one << a) | (one << b) | (one << c)
                    shared[edge] = (
                        _shared(own, f, a, b, c, g, h, k)
                        & _shared(a, g, own, b, c, f, h, k)
                        & _shared(b, h, own, a, c, f, g, k)
                        & _shared(c, k, own, a, b, f, g, h)
                    )
                    axes[edge] = axis
                    low[edge] = (x * cy + y) * cz + z
                    xe, ye, ze = x + (axis == 0), y + (axis == 1), z + (axis == 2)
                    high[edge] = (xe % cx * cy + ye % cy) * cz + ze % cz
                    edge += 1


@kernel
def smooth(edges, axes, moves, sums, degree, factor):
    """Move each corner towards the middle of its neighbours, or away; ends of lines stay.

    Parameters
    ----------
    edges : (edges, 2) int32
        The corners at the two ends.
    axes : (edges,) int8
        Axis of each edge.
    moves : (corners, 3) float64
        How far each corner has moved [voxels]; changed.
    sums, degree : (corners, 3) float64, (corners,) int64
        Room to work in.
    factor : float
        Share of the way to go.
    """
    sums[:] = 0.0
    degree[:] = 0
    for edge in range(len(axes)):
        a, b, axis = edges[edge, 0], edges[edge, 1], axes[edge]
        for i in range(3):
            sums[a, i] += moves[b, i]
            sums[b, i] += moves[a, i]
        sums[a, axis] += 1.0
        sums[b, axis] -= 1.0
        degree[a] += 1
        degree[b] += 1
    for corner in range(len(moves)):
        if degree[corner] > 1:
            for i in range(3):
                moves[corner, i] += factor * (sums[corner, i] / degree[corner] - moves[corner, i])


@parallel
def edge_lengths(edges, axes, moves, dx, dy, dz, lengths):
    """Write the length of each edge after its ends have moved, in the unit of dx, dy, dz."""
    for task in prange(len(axes)):
        edge = np.int64(task)
        a, b, axis = edges[edge, 0], edges[edge, 1], axes[edge]
        x = moves[b, 0] - moves[a, 0] + (axis == 0)
        y = moves[b, 1] - moves[a, 1] + (axis == 1)
        z = moves[b, 2] - moves[a, 2] + (axis == 2)
        lengths[edge] = np.sqrt((x * dx) ** 2 + (y * dy) ** 2 + (z * dz) ** 2)


@kernel
def spread(low, axes, values, nx, ny, nz, out):
    """Add the value of each edge to the four voxels around it.

    Parameters
    ----------
    low : (edges, 3) int64
        The corner at which each edge starts.
    axes : (edges,) int8
        Axis of each edge.
    values : (edges,) float64
    nx, ny, nz : int
        Voxels along each axis.
    out : (nx, ny, nz) float32
        Added to.
    """
    for edge in range(len(axes)):
        axis, value = axes[edge], values[edge]
        x, y, z = low[edge]
        for a in range(2):
            for b in range(2):
                back_x = 0 if axis == 0 else a
                back_y = b if axis == 0 else (0 if axis == 1 else b)
                back_z = a if axis == 0 else (b if axis == 1 else 0)
                out[(x - back_x) % nx, (y - back_y) % ny, (z - back_z) % nz] += value
