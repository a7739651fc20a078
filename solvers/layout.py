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

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.layout import WIDTH, find_neighbours, number_segments


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


def build_layout(words: NDArray[np.uint16], nz: int, periodic: tuple[bool, bool, bool]) -> Layout:
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
    number_segments(words, plane, nx, ny, nj, number)
    segments = int(plane[-1]) + 1
    lateral = np.zeros((segments, 4), np.int32)
    along = np.zeros((segments, 2), np.int32)
    parity = np.zeros(segments, np.uint8)
    wrap = np.array(periodic)
    find_neighbours(number, nx, ny, nj, wrap, lateral, along, parity)
    last = (nz - 1) % (2 * WIDTH) // 2
    return Layout(words, number, (nx, ny, nz), plane, lateral, along, parity, last)
