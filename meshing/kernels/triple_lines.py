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

__all__ = ["count_edges", "fill_edges", "line_flux", "smooth"]


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


@kernel
def _corner(i, n, wrap):
    """A voxel index that may lie outside: around the volume, or back to its outermost voxel."""
    return (i + n) % n if wrap else min(max(i, 0), n - 1)


@kernel
def _ones(bits):
    """Number of bits set."""
    count = 0
    while bits:
        bits &= bits - np.uint32(1)
        count += 1
    return count


@kernel
def _gather(labels, table, xs, ys, zs, value, slope, fields):
    """Add the 4 x 4 x 4 voxels around a corner to its smoothed phases and their gradients."""
    for a in range(4):
        for b in range(4):
            row = labels[xs[a], ys[b]]
            vv, sv, vs = value[a] * value[b], slope[a] * value[b], value[a] * slope[b]
            for c in range(4):
                p = table[row[zs[c]]]
                fields[p, 0] += vv * value[c]
                fields[p, 1] += sv * value[c]
                fields[p, 2] += vs * value[c]
                fields[p, 3] += vv * slope[c]


@kernel
def _flux(fields, p, q, r, dx, dy, dz):
    """Twice the norm of the flux of lines: the sum of f_p grad f_q x grad f_r and its like."""
    x = y = z = 0.0
    for _ in range(3):
        f, g, h = fields[p], fields[q], fields[r]
        x += f[0] * (g[2] * h[3] - g[3] * h[2])
        y += f[0] * (g[3] * h[1] - g[1] * h[3])
        z += f[0] * (g[1] * h[2] - g[2] * h[1])
        p, q, r = q, r, p
    return 2.0 * np.sqrt((x / (dy * dz)) ** 2 + (y / (dx * dz)) ** 2 + (z / (dx * dy)) ** 2)


@kernel
def _at_corner(fields, seen, phases, dx, dy, dz, weight, lengths):
    """Add the flux of every three phases of `seen` at a corner; return that of all together."""
    total = 0.0
    for p in range(phases):
        if not seen >> np.uint32(p) & np.uint32(1):
            continue
        for q in range(p + 1, phases):
            if not seen >> np.uint32(q) & np.uint32(1):
                continue
            for r in range(q + 1, phases):
                if seen >> np.uint32(r) & np.uint32(1):
                    flux = _flux(fields, p, q, r, dx, dy, dz)
                    lengths[p, q, r] += weight * flux
                    total += flux
    return total


@parallel
def line_flux(labels, table, nx, ny, nz, wrap, dx, dy, dz, value, slope, lengths, density):
    """Length of the lines of every three phases from the flux of their smoothed indicators.

    Parameters
    ----------
    labels, table, nx, ny, nz, wrap : as for `count_edges`, at most 32 phases.
    dx, dy, dz : float
        Edges of a voxel [m].
    value, slope : (4,) float64
        Weights along an axis of the four voxels around a corner, of a smoothed indicator there, and
        of its step from one voxel to the next.
    lengths : (layers, phases, phases, phases) float64
        Added to, for each layer of corners along x and p < q < r: the length [m].
    density : (layers, rows, columns) float32
        Written, at every corner: length over volume [1/m2]. Not where it has no voxel.
    """
    rows, columns = (ny if wrap[1] else ny + 1), (nz if wrap[2] else nz + 1)
    for task in prange(lengths.shape[0]):
        i = np.int64(task)
        phases = lengths.shape[1]
        xs, ys, zs = np.empty(4, np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
        fields = np.empty((phases, 4))
        near = np.empty(nz, np.uint32)
        for a in range(4):
            xs[a] = _corner(i - 2 + a, nx, wrap[0])
        half_x = 1.0 if wrap[0] or 0 < i < nx else 0.5
        for j in range(rows):
            near[:] = 0
            for b in range(4):
                ys[b] = _corner(j - 2 + b, ny, wrap[1])
                for a in range(4):
                    row = labels[xs[a], ys[b]]
                    for z in range(nz):
                        near[z] |= np.uint32(1) << np.uint32(table[row[z]])
            half_y = 1.0 if wrap[1] or 0 < j < ny else 0.5
            for k in range(columns):
                seen = np.uint32(0)
                for c in range(4):
                    zs[c] = _corner(k - 2 + c, nz, wrap[2])
                    seen |= near[zs[c]]
                if _ones(seen) < 3:
                    continue
                half_z = 1.0 if wrap[2] or 0 < k < nz else 0.5
                fields[:] = 0.0
                _gather(labels, table, xs, ys, zs, value, slope, fields)
                weight = half_x * half_y * half_z * dx * dy * dz
                total = _at_corner(fields, seen, phases, dx, dy, dz, weight, lengths[i])
                if density.size:
                    density[i, j, k] = total
