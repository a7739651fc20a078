"""Kernels that find and join runs of voxels."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@parallel
def count_runs(labels, members, nx, ny, nz, counts):
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            inside = False
            found = 0
            for z in range(nz):
                now = members[labels[x, y, z]]
                found += now and not inside
                inside = now
            counts[x * ny + y] = found


@parallel
def fill_runs(labels, members, nx, ny, nz, row_start, low, high):
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            run = row_start[x * ny + y]
            inside = False
            for z in range(nz):
                now = members[labels[x, y, z]]
                if now and not inside:
                    low[run] = z
                elif inside and not now:
                    high[run] = z
                    run += 1
                inside = now
            if inside:
                high[run] = nz


@kernel
def _root(parent, run):
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@kernel
def _join(parent, a, b):
    a = _root(parent, a)
    b = _root(parent, b)
    # The smaller index wins, so a component is numbered by its first run.
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@kernel
def _join_rows(row_start, low, high, row, other, parent):
    a, a_end = row_start[row], row_start[row + 1]
    b, b_end = row_start[other], row_start[other + 1]
    while a < a_end and b < b_end:
        if low[a] < high[b] and low[b] < high[a]:
            _join(parent, a, b)
        if high[a] < high[b]:
            a += 1
        else:
            b += 1


@parallel
def join_slabs(row_start, low, high, ny, bounds, parent):
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        for x in range(bounds[slab], bounds[slab + 1]):
            for y in range(ny):
                row = x * ny + y
                if y > 0:
                    _join_rows(row_start, low, high, row, row - 1, parent)
                if x > bounds[slab]:
                    _join_rows(row_start, low, high, row, row - ny, parent)


@kernel
def join_seams(row_start, low, high, nx, ny, nz, bounds, periodic, parent):
    for slab in range(1, len(bounds) - 1):
        for y in range(ny):
            row = bounds[slab] * ny + y
            _join_rows(row_start, low, high, row, row - ny, parent)
    if periodic[0]:
        for y in range(ny):
            _join_rows(row_start, low, high, y, (nx - 1) * ny + y, parent)
    if periodic[1]:
        for x in range(nx):
            _join_rows(row_start, low, high, x * ny, x * ny + ny - 1, parent)
    if periodic[2]:
        for row in range(nx * ny):
            first, last = row_start[row], row_start[row + 1] - 1
            if last >= first and low[first] == 0 and high[last] == nz:
                _join(parent, first, last)


@kernel
def number_roots(parent):
    """Replace parents by component numbers; a parent always has a smaller index than its child."""
    count = 0
    for run in range(len(parent)):
        if parent[run] == run:
            parent[run] = count
            count += 1
        else:
            parent[run] = parent[parent[run]]
    return count


@kernel
def describe(row_start, low, high, component, nx, ny, nz, voxels, faces):
    for x in range(nx):
        for y in range(ny):
            for run in range(row_start[x * ny + y], row_start[x * ny + y + 1]):
                c = component[run]
                voxels[c] += high[run] - low[run]
                faces[c, 0, 0] |= x == 0
                faces[c, 0, 1] |= x == nx - 1
                faces[c, 1, 0] |= y == 0
                faces[c, 1, 1] |= y == ny - 1
                faces[c, 2, 0] |= low[run] == 0
                faces[c, 2, 1] |= high[run] == nz


@parallel
def mark_runs(row_start, low, high, value, nx, ny, out):
    """Add the bits of each run's value, (runs,) uint8, to its voxels in (nx, ny, nz) uint8."""
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for run in range(row_start[x * ny + y], row_start[x * ny + y + 1]):
                out[x, y, low[run] : high[run]] |= value[run]
