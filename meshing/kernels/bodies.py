"""Kernels of round bodies: distances from voxels to them, and the moments of those in an image.

A body is a segment, of half vector h about a centre c, swept by an ellipsoid with the matrix P of
its inverse squared half axes: a sphere or an ellipsoid where h is zero, a fibre with round ends
where it is not. Its row of numbers is cx, cy, cz, hx, hy, hz, Pxx, Pyy, Pzz, Pxy, Pxz, Pyz.
"""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

__all__ = ["measure", "nearest"]


@kernel
def _span(centre, half, middle, width, low, high):
    """The part of low <= t <= high where |centre + t half - middle| <= width, or high < low."""
    offset = middle - centre
    if half == 0.0:
        return (low, high) if abs(offset) <= width else (1.0, -1.0)
    a, b = (offset - width) / half, (offset + width) / half
    return max(low, min(a, b)), min(high, max(a, b))


@kernel
def _cells(centre, half, width, low, high, edge, count):
    """First and past-last voxel whose centre is within `width` of the segment's part low..high."""
    a, b = centre + low * half, centre + high * half
    first = math.ceil((min(a, b) - width) / edge - 0.5)
    last = math.floor((max(a, b) + width) / edge - 0.5)
    return max(np.int64(first), 0), min(np.int64(last) + 1, count)


@kernel
def _distance(b, x, y, z):
    """Distance to the surface of a body to first order, below 0 inside; exact where P is round.

    With k0 = |Q d| and k1 = |Q^2 d|, Q^2 = P, it is k0 (k0 - 1) / k1.
    """
    dx, dy, dz = x - b[0], y - b[1], z - b[2]
    long = b[3] * b[3] + b[4] * b[4] + b[5] * b[5]
    if long > 0.0:
        t = min(max((dx * b[3] + dy * b[4] + dz * b[5]) / long, -1.0), 1.0)
        dx, dy, dz = dx - t * b[3], dy - t * b[4], dz - t * b[5]
    vx = b[6] * dx + b[9] * dy + b[10] * dz
    vy = b[9] * dx + b[7] * dy + b[11] * dz
    vz = b[10] * dx + b[11] * dy + b[8] * dz
    slope = math.sqrt(vx * vx + vy * vy + vz * vz)
    if slope == 0.0:  # at the centre: the shortest half axis
        return -1.0 / math.sqrt(max(b[6], b[7], b[8]))
    k0 = math.sqrt(dx * vx + dy * vy + dz * vz)
    return k0 * (k0 - 1.0) / slope


@kernel
def _draw(b, width, n, i, hx, hy, hz, ny, nz, first, second, owner):
    """Let body n come nearer to the voxels of plane i."""
    x = (i + 0.5) * hx
    start, stop = _span(b[0], b[3], x, width[0], -1.0, 1.0)
    if start > stop:
        return
    j0, j1 = _cells(b[1], b[4], width[1], start, stop, hy, ny)
    for j in range(j0, j1):
        y = (j + 0.5) * hy
        low, high = _span(b[1], b[4], y, width[1], start, stop)
        if low > high:
            continue
        k0, k1 = _cells(b[2], b[5], width[2], low, high, hz, nz)
        for k in range(k0, k1):
            away = np.float32(_distance(b, x, y, (k + 0.5) * hz))
            if away < first[i, j, k]:
                second[i, j, k] = first[i, j, k]
                first[i, j, k] = away
                owner[i, j, k] = n
            elif away < second[i, j, k]:
                second[i, j, k] = away


@parallel
def nearest(bodies, widths, starts, order, hx, hy, hz, nx, ny, nz, first, second, owner):
    """Write the distances to the nearest body and to the second nearest, and which is nearest.

    Parameters
    ----------
    bodies : float64 array, (n, 12)
    widths : float64 array, (n, 3)
        How far along x, y, z from its segment a body is looked at [m].
    starts, order : int64 arrays, (nx + 1,) and (m,)
        Bodies that reach plane i are ``order[starts[i]:starts[i + 1]]``.
    hx, hy, hz : float
        Edges of a voxel [m].
    nx, ny, nz : int
    first, second : float32 arrays, (nx, ny, nz)
        Filled with the largest distance of interest; lowered [m].
    owner : int32 array, (nx, ny, nz)
        Filled with -1; written where a body is nearer than that distance.
    """
    for task in prange(nx):
        i = np.int64(task)
        for place in range(starts[i], starts[i + 1]):
            n = order[place]
            _draw(bodies[n], widths[n], n, i, hx, hy, hz, ny, nz, first, second, owner)


@kernel
def measure(owner, inside, bodies, hx, hy, hz, nx, ny, nz, count, sums, low, high):
    """Add up, over the voxels of each body, their number, offsets from its centre and squares.

    Parameters
    ----------
    owner : int32 array, (nx, ny, nz)
        The body that each voxel is nearest to.
    inside : boolean array, (nx, ny, nz)
        Voxels that belong to a body.
    bodies : float64 array, (n, 12)
    hx, hy, hz : float
        Edges of a voxel [m].
    nx, ny, nz : int
    count : int64 array, (n,)
        Voxels of each body; zeros, added to.
    sums : float64 array, (n, 9)
        Offsets x, y, z [m] and products xx, yy, zz, xy, xz, yz [m2]; zeros, added to.
    low, high : int64 arrays, (n, 3)
        First and last voxel along x, y, z; filled with a large number and -1.
    """
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                n = owner[i, j, k]
                if not inside[i, j, k] or n < 0:
                    continue
                count[n] += 1
                x = (i + 0.5) * hx - bodies[n, 0]
                y = (j + 0.5) * hy - bodies[n, 1]
                z = (k + 0.5) * hz - bodies[n, 2]
                sums[n, 0] += x
                sums[n, 1] += y
                sums[n, 2] += z
                sums[n, 3] += x * x
                sums[n, 4] += y * y
                sums[n, 5] += z * z
                sums[n, 6] += x * y
                sums[n, 7] += x * z
                sums[n, 8] += y * z
                low[n, 0], high[n, 0] = min(low[n, 0], i), max(high[n, 0], i)
                low[n, 1], high[n, 1] = min(low[n, 1], j), max(high[n, 1], j)
                low[n, 2], high[n, 2] = min(low[n, 2], k), max(high[n, 2], k)
