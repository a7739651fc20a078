"""Places of voxels and what fills them.

These are small enough to be compiled into their callers. What takes a dozen arrays is not: a call
for every face takes longer than the work, so conductances are written out where they are used.
"""

from __future__ import annotations

from meshing.kernels import kernel


@kernel
def place_along(x, y, z, axis):
    if axis == 0:
        return x
    return y if axis == 1 else z


@kernel
def kind_of(labels, kinds, x, y, z):
    """What fills a voxel; a layer beyond the labels is one of no thickness, and as the last."""
    nx, ny, nz = labels.shape
    return kinds[labels[min(x, nx - 1), min(y, ny - 1), min(z, nz - 1)]]


@kernel
def beyond(place, face, n):
    """The layer beyond a face, wrapped."""
    if face & 1:
        return place + 1 if place < n - 1 else 0
    return place - 1 if place > 0 else n - 1
