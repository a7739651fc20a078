"""Kernel of rebinning: the label most voxels of a block have."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import parallel

__all__ = ["majority"]


@parallel
def majority(labels, fx, fy, fz, nx, ny, nz, out):
    """Write the most frequent label of each block of fx, fy, fz voxels; of equals, the first met.

    Parameters
    ----------
    labels : unsigned integer array, at least (nx fx, ny fy, nz fz)
    fx, fy, fz : int
        Voxels of a block along each axis.
    nx, ny, nz : int
        Number of blocks along each axis.
    out : array of the same type, (nx, ny, nz)
        Written.
    """
    for task in prange(nx):
        i = np.int64(task)
        # A block of an image holds few labels: a short list of those seen beats a table of all.
        seen = np.empty(fx * fy * fz, labels.dtype)
        votes = np.empty(fx * fy * fz, np.int64)
        for j in range(ny):
            for k in range(nz):
                count = 0
                for x in range(i * fx, (i + 1) * fx):
                    for y in range(j * fy, (j + 1) * fy):
                        for z in range(k * fz, (k + 1) * fz):
                            place = 0
                            while place < count and seen[place] != labels[x, y, z]:
                                place += 1
                            if place == count:
                                seen[place] = labels[x, y, z]
                                votes[place] = 0
                                count += 1
                            votes[place] += 1
                # argmax returns the first of equal entries, and `seen` is in the order met.
                out[i, j, k] = seen[np.argmax(votes[:count])]
