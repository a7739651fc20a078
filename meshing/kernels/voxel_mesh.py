"""Kernel that writes the membership of voxels as bits."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import parallel

#: Voxels along the last mesh axis whose membership shares one 16-bit word.
SEGMENT = 16


@parallel
def set_bits(row_start, low, high, component, chosen, nx, ny, words):
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for run in range(row_start[x * ny + y], row_start[x * ny + y + 1]):
                if not chosen[component[run]]:
                    continue
                for word in range(low[run] // SEGMENT, (high[run] - 1) // SEGMENT + 1):
                    first = max(low[run] - SEGMENT * word, 0)
                    last = min(high[run] - SEGMENT * word, SEGMENT)
                    words[x, y, word] |= (1 << last) - (1 << first)
