"""Kernels that number segments and find their neighbours."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

#: Elements of one colour in a segment; a segment is twice as many voxels.
WIDTH = 8


@parallel
def number_segments(words, plane, nx, ny, nj, number):
    for task in prange(nx):
        x = np.int64(task)
        s = plane[x]
        for y in range(ny):
            for j in range(nj):
                if words[x, y, j] != 0:
                    number[x, y, j] = s
                    s += 1


@kernel
def beside(place, step, n, wrap):
    """The place one step on, wrapped where the axis is periodic; -1 where there is none."""
    place += step
    if place < 0:
        return n - 1 if wrap else -1
    if place >= n:
        return 0 if wrap else -1
    return place


@parallel
def find_neighbours(number, nx, ny, nj, wrap, lateral, along, parity):
    for task in prange(nx):
        x = np.int64(task)
        left, right = beside(x, -1, nx, wrap[0]), beside(x, 1, nx, wrap[0])
        for y in range(ny):
            front, back = beside(y, -1, ny, wrap[1]), beside(y, 1, ny, wrap[1])
            for j in range(nj):
                s = number[x, y, j]
                if s == 0:
                    continue
                before, after = beside(j, -1, nj, wrap[2]), beside(j, 1, nj, wrap[2])
                parity[s] = (x + y) & 1
                lateral[s, 0] = number[left, y, j] if left >= 0 else 0
                lateral[s, 1] = number[right, y, j] if right >= 0 else 0
                lateral[s, 2] = number[x, front, j] if front >= 0 else 0
                lateral[s, 3] = number[x, back, j] if back >= 0 else 0
                along[s, 0] = number[x, y, before] if before >= 0 else 0
                along[s, 1] = number[x, y, after] if after >= 0 else 0
