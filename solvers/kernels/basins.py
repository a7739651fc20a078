"""Kernels of basins: the nearest nucleus, and which voxels it is connected with.

A basin is the set of voxels that belong to a nucleus. While connections are looked for, a voxel of
basin i that is not yet known to be connected holds -2 - i; -1 is a voxel of none.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.growth import PORE, POROUS, beside

NONE = -1


@parallel
def nearest_along(square, number, step, wraps):
    """Take the squared distance to the nearest nucleus from one axis more into account.

    Parameters
    ----------
    square, number : (a, b, n) float64 and int32, changed: to the nearest nucleus among those at the
        same place along the axes not yet taken into account, and that nucleus; inf and -1 where
        there is none. Of several as near, the lowest number.
    step : distance between voxels along the last axis.
    wraps : whether that axis goes on at its other side.
    """
    rows, lines, n = square.shape
    for task in prange(rows):
        row = np.int64(task)
        old, names = np.empty(n), np.empty(n, np.int32)
        for line in range(lines):
            empty = True
            for z in range(n):
                old[z], names[z] = square[row, line, z], number[row, line, z]
                empty &= names[z] < 0
            for z in range(0 if empty else n):
                best, name = old[z], names[z]
                for k in range(1, n // 2 + 1 if wraps else n):
                    apart = (k * step) ** 2
                    if apart > best:
                        break
                    for other in (z - k, z + k):
                        if wraps:
                            other = (other + n) % n
                        if other < 0 or other >= n or names[other] < 0:
                            continue
                        there = old[other] + apart
                        if there < best or (there == best and names[other] < name):
                            best, name = there, names[other]
                square[row, line, z], number[row, line, z] = best, name


@kernel
def doubt(kind, basin, count):
    """Take voxels that are not open out of the basins; the others are not yet connected.

    Parameters
    ----------
    kind, basin : (nx ny nz,); the second is changed.
    count : (k,) int64, zero on entry: voxels of each basin.
    """
    for me in range(len(kind)):
        if kind[me] == PORE or kind[me] == POROUS:
            count[basin[me]] += 1
            basin[me] = -2 - basin[me]
        else:
            basin[me] = NONE


@kernel
def _place(voxel, shape):
    column = voxel // shape[2]
    x = column // shape[1]
    return x, column - x * shape[1], voxel - column * shape[2]


@parallel
def keep_connected(centre, shape, wraps, start, basin, queue):
    """Find the voxels of each basin that are connected with its centre inside the basin.

    Parameters
    ----------
    centre : (k,) int64, of the basins.
    shape, wraps : of the image; whether it goes on at its other side, per axis.
    start : (k + 1,) int64, room of each basin in `queue` (m,) int64, which is written.
    basin : (nx ny nz,), changed.
    """
    for task in prange(len(centre)):
        i = np.int64(task)
        unknown = -2 - i
        at, end = start[i], start[i] + 1
        queue[at], basin[centre[i]] = centre[i], i
        while at < end:
            x, y, z = _place(queue[at], shape)
            at += 1
            for side in range(6):
                other = beside(x, y, z, side, shape, wraps)
                if other >= 0 and basin[other] == unknown:
                    basin[other] = i
                    queue[end] = other
                    end += 1


@kernel
def _square(one, two, shape, wraps, steps):
    """Squared distance between two voxels, the shorter way round."""
    total = 0.0
    here, there = _place(one, shape), _place(two, shape)
    for axis in range(3):
        apart = abs(here[axis] - there[axis])
        apart = min(apart, shape[axis] - apart) if wraps[axis] else apart
        total += (apart * steps[axis]) ** 2
    return total


@kernel
def _borders(me, basin, shape, wraps):
    """Whether a neighbour is known to be connected with a centre."""
    x, y, z = _place(me, shape)
    for side in range(6):
        other = beside(x, y, z, side, shape, wraps)
        if other >= 0 and basin[other] >= 0:
            return True
    return False


@kernel
def _nearest_beside(me, centre, basin, shape, wraps, steps):
    """Of the basins of the neighbours, that with the nearest centre, the lowest of several."""
    best, name = np.inf, NONE
    x, y, z = _place(me, shape)
    for side in range(6):
        other = beside(x, y, z, side, shape, wraps)
        if other >= 0 and basin[other] >= 0:
            i = basin[other]
            square = _square(me, centre[i], shape, wraps, steps)
            if square < best or (square == best and i < name):
                best, name = square, i
    return best, name


@kernel
def flood(cut, centre, shape, wraps, steps, basin, square, count):
    """Give voxels that are cut off from their nuclei to the basins that reach them first.

    Round by round, all voxels beside a basin go to it; of several to that with the nearest centre.
    What none reaches belongs to none.

    Parameters
    ----------
    cut : (m,) int64, the voxels that are not connected.
    centre : (k,) int64, of the basins.
    shape, wraps, steps : of the image; whether it goes on at its other side, and edge of a voxel,
        per axis.
    basin, square : (nx ny nz,), changed; the second is the squared distance from the centre.
    count : (k,) int64, changed: voxels of each basin.
    """
    front, chosen = np.empty(len(cut), np.int64), np.empty(len(cut), np.int32)
    low, high = 0, 0
    for me in cut:
        count[-2 - basin[me]] -= 1
        if _borders(me, basin, shape, wraps):
            front[high], basin[me] = me, NONE  # in line, and not yet anyone's
            high += 1
    while low < high:
        for j in range(low, high):
            square[front[j]], chosen[j] = _nearest_beside(
                front[j], centre, basin, shape, wraps, steps
            )
        end = high
        for j in range(low, high):
            basin[front[j]] = chosen[j]
            count[chosen[j]] += 1
        for j in range(low, high):
            x, y, z = _place(front[j], shape)
            for side in range(6):
                other = beside(x, y, z, side, shape, wraps)
                if other >= 0 and basin[other] < NONE:
                    basin[other] = NONE
                    front[end] = other
                    end += 1
        low, high = high, end
    for me in cut:
        basin[me] = max(basin[me], NONE)


@kernel
def pack(basin, square, scale, start, order, distance):
    """Write the voxels of each basin in the order of the array, and their distances.

    Parameters
    ----------
    basin, square : (nx ny nz,); the first is -1 where a voxel is in none.
    scale : length of the unit of `square`.
    start : (k + 1,) int64, places of each basin.
    order, distance : (m,), written.
    """
    at = start[:-1].copy()
    for me in range(len(basin)):
        name = basin[me]
        if name >= 0:
            order[at[name]], distance[at[name]] = me, np.sqrt(square[me]) * scale
            at[name] += 1


@parallel
def sort_basins(start, order, distance):
    """Sort the voxels of each basin by their distance, those as far as each other by number."""
    for task in prange(len(start) - 1):
        i = np.int64(task)
        low, high = start[i], start[i + 1]
        rank = np.argsort(distance[low:high], kind="mergesort")
        order[low:high] = order[low:high][rank]
        distance[low:high] = distance[low:high][rank]
