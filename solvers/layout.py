"""Even-odd storage of a voxel mesh: segments of 16 voxels, split into two colours.

The seven-point stencil joins only voxels of different parity of x + y + z: *red* (even) with
*black* (odd). A segment is 16 voxels along the last axis that hold at least one unknown; it stores
8 red and 8 black values, so element ``8 s + i`` of either colour lies in the pair of voxels
``z = 16 j + 2 i, 16 j + 2 i + 1``. The payoff: the red neighbours of black element i across x and y
are element i of the neighbouring segments, and along z elements i and i - 1, or i and i + 1::

    row parity 0   z:  R0 B0 R1 B1 ... R7 B7        row parity 1   z:  B0 R0 B1 R1 ... B7 R7

Segment 0 is empty: whatever is missing points there and reads zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

#: Elements of one colour in a segment; a segment is twice as many voxels.
WIDTH = 8


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the unknowns are and who their neighbours are.

    Attributes
    ----------
    words : (nx, ny, nj) uint16, membership, one bit per voxel.
    number : (nx, ny, nj) int32, the segment of each word; 0 is none.
    shape : (nx, ny, nz) voxels.
    plane : (nx + 1,) int64, first segment of each plane x; segments count from 1.
    lateral : (segments + 2, 4) int32, segments at x - 1, x + 1, y - 1, y + 1; 0 is none.
    along : (segments + 2, 2) int32, segments before and after along z; 0 is none.
    parity : (segments + 2,) uint8, parity of x + y.
    last : element of the last voxel along z in its segment; where periodic z wraps to.
    """

    words: NDArray[np.uint16]
    number: NDArray[np.int32]
    shape: tuple[int, int, int]
    plane: NDArray[np.int64]
    lateral: NDArray[np.int32]
    along: NDArray[np.int32]
    parity: NDArray[np.uint8]
    last: int

    @property
    def size(self) -> int:
        """Elements of one colour, those of the two empty segments included."""
        return WIDTH * len(self.parity)


def build_layout(
    words: NDArray[np.uint16], nz: int, periodic: tuple[bool, bool, bool]
) -> Layout:
    """Number the segments and find their neighbours.

    Parameters
    ----------
    words : (nx, ny, nj) uint16, membership as in `meshing.voxel_mesh.VoxelMesh`.
    nz : voxels along the last axis.
    periodic : which axes wrap; a wrapping axis has an even number of voxels.
    """
    nx, ny, nj = words.shape
    counts = np.count_nonzero(words.reshape(nx, -1), axis=1)
    plane = np.concatenate([[1], 1 + np.cumsum(counts)]).astype(np.int64)
    number = np.zeros(words.shape, np.int32)
    _number_segments(words, plane, nx, ny, nj, number)
    segments = int(plane[-1]) + 1
    lateral = np.zeros((segments, 4), np.int32)
    along = np.zeros((segments, 2), np.int32)
    parity = np.zeros(segments, np.uint8)
    wrap = np.array(periodic)
    _find_neighbours(number, nx, ny, nj, wrap, lateral, along, parity)
    return Layout(words, number, (nx, ny, nz), plane, lateral, along, parity, (nz - 1) % (2 * WIDTH) // 2)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _number_segments(words, plane, nx, ny, nj, number):
    for task in numba.prange(nx):
        x = np.int64(task)  # prange counts in uint64, which would mix to float64
        s = plane[x]
        for y in range(ny):
            for j in range(nj):
                if words[x, y, j] != 0:
                    number[x, y, j] = s
                    s += 1


@numba.njit(cache=True, error_model="numpy", nogil=True)
def beside(place, step, n, wrap):
    """The place one step on, wrapped where the axis is periodic; -1 where there is none."""
    place += step
    if place < 0:
        return n - 1 if wrap else -1
    if place >= n:
        return 0 if wrap else -1
    return place


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _find_neighbours(number, nx, ny, nj, wrap, lateral, along, parity):
    for task in numba.prange(nx):
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
