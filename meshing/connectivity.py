"""Connected components of a set of voxels, found on runs instead of voxels.

A *run* is a maximal row of neighbouring voxels of the set along the last axis. There are five to
thirty times fewer runs than voxels in a tomogram, so joining runs (union-find) costs a fraction of
one pass over the volume, and needs no array of the volume's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

#: Slabs that are joined independently before their seams; fixed, so that nothing depends on threads.
SLABS = 16


@dataclass(frozen=True, eq=False)
class Components:
    """Face-connected components of a set of voxels.

    Attributes
    ----------
    shape : (nx, ny, nz) of the volume.
    row_start : (nx*ny + 1,) int64, the first run of each row (x, y).
    run_low, run_high : (runs,) int32, first voxel and one past the last voxel of a run, along z.
    component : (runs,) int64, the component of each run, 0 .. count - 1.
    voxels : (count,) int64, voxels in each component.
    faces : (count, 3, 2) bool, whether a component touches the low and high face of each axis.
    """

    shape: tuple[int, int, int]
    row_start: NDArray[np.int64]
    run_low: NDArray[np.int32]
    run_high: NDArray[np.int32]
    component: NDArray[np.int64]
    voxels: NDArray[np.int64]
    faces: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Number of components."""
        return len(self.voxels)

    def spanning(self, axis: int) -> NDArray[np.bool_]:
        """Which components touch both faces of an axis, (count,) bool."""
        return self.faces[:, axis, 0] & self.faces[:, axis, 1]


def connected_components(
    labels: NDArray[np.integer],
    members: NDArray[np.bool_],
    periodic: tuple[bool, bool, bool] = (False, False, False),
) -> Components:
    """Find the face-connected components of the voxels whose label is a member.

    Parameters
    ----------
    labels : (nx, ny, nz) unsigned integers.
    members : (labels.max() + 1,) bool; ``members[label]`` says whether the label belongs to the set.
    periodic : whether opposite faces of each axis are neighbours.

    Returns
    -------
    Components

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([1, 0, 1, 1], dtype=np.uint8).reshape(1, 1, 4)
    >>> connected_components(labels, np.array([False, True])).voxels.tolist()
    [1, 2]
    """
    nx, ny, nz = labels.shape
    counts = np.zeros(nx * ny + 1, np.int64)
    _count_runs(labels, members, nx, ny, nz, counts[1:])
    row_start = np.cumsum(counts)
    low = np.empty(row_start[-1], np.int32)
    high = np.empty(row_start[-1], np.int32)
    _fill_runs(labels, members, nx, ny, nz, row_start, low, high)
    parent = np.arange(row_start[-1], dtype=np.int64)
    bounds = np.linspace(0, nx, min(SLABS, nx) + 1).astype(np.int64)
    _join_slabs(row_start, low, high, ny, bounds, parent)
    _join_seams(row_start, low, high, nx, ny, nz, bounds, np.array(periodic), parent)
    count = _number_roots(parent)
    voxels = np.zeros(count, np.int64)
    faces = np.zeros((count, 3, 2), np.bool_)
    _describe(row_start, low, high, parent, nx, ny, nz, voxels, faces)
    return Components((nx, ny, nz), row_start, low, high, parent, voxels, faces)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _count_runs(labels, members, nx, ny, nz, counts):
    for task in numba.prange(nx):
        x = np.int64(task)  # prange counts in uint64, which would mix to float64
        for y in range(ny):
            inside = False
            found = 0
            for z in range(nz):
                now = members[labels[x, y, z]]
                found += now and not inside
                inside = now
            counts[x * ny + y] = found


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _fill_runs(labels, members, nx, ny, nz, row_start, low, high):
    for task in numba.prange(nx):
        x = np.int64(task)  # prange counts in uint64, which would mix to float64
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


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _root(parent, run):
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _join(parent, a, b):
    a = _root(parent, a)
    b = _root(parent, b)
    # The smaller index wins, so a component is numbered by its first run.
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@numba.njit(cache=True, error_model="numpy", nogil=True)
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


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _join_slabs(row_start, low, high, ny, bounds, parent):
    for task in numba.prange(len(bounds) - 1):
        slab = np.int64(task)  # prange counts in uint64, which would mix to float64
        for x in range(bounds[slab], bounds[slab + 1]):
            for y in range(ny):
                row = x * ny + y
                if y > 0:
                    _join_rows(row_start, low, high, row, row - 1, parent)
                if x > bounds[slab]:
                    _join_rows(row_start, low, high, row, row - ny, parent)


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _join_seams(row_start, low, high, nx, ny, nz, bounds, periodic, parent):
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


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _number_roots(parent):
    """Replace parents by component numbers; a parent always has a smaller index than its child."""
    count = 0
    for run in range(len(parent)):
        if parent[run] == run:
            parent[run] = count
            count += 1
        else:
            parent[run] = parent[parent[run]]
    return count


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _describe(row_start, low, high, component, nx, ny, nz, voxels, faces):
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
