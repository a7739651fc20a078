"""Kernels of the watershed: every voxel climbs to a maximum, and basins meet at saddles.

`height` is the map that is climbed, positive in the phase and 0 elsewhere. Voxels are numbered in
the order of the array.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

#: Numbers of roots are kept as ``-(number + _SHIFT)`` while voxels still point at them; -1 is
#: outside the phase.
_SHIFT = 2


@kernel
def _inside(x, y, z, shape):
    return 0 <= x < shape[0] and 0 <= y < shape[1] and 0 <= z < shape[2]


@kernel
def _joined(height, x, y, z, a, b, c):
    """Whether a path of faces inside the phase leads to the neighbour (a, b, c) of a voxel."""
    if abs(a) + abs(b) + abs(c) == 1:
        return True
    # The first step is along one axis; what is left is a shorter step of the same kind.
    if a != 0 and height[x + a, y, z] > 0 and _joined_in_plane(height, x + a, y, z, 0, b, c):
        return True
    if b != 0 and height[x, y + b, z] > 0 and _joined_in_plane(height, x, y + b, z, a, 0, c):
        return True
    return c != 0 and height[x, y, z + c] > 0 and _joined_in_plane(height, x, y, z + c, a, b, 0)


@kernel
def _joined_in_plane(height, x, y, z, a, b, c):
    """The same for a neighbour that differs along two axes at most."""
    if abs(a) + abs(b) + abs(c) <= 1:
        return True
    return (
        (a != 0 and height[x + a, y, z] > 0)
        or (b != 0 and height[x, y + b, z] > 0)
        or (c != 0 and height[x, y, z + c] > 0)
    )


@kernel
def _steepest_in_row(height, x, y, steps, per_length, shape, best, step):
    """The steepest step up from each voxel of a row, -1 where there is none.

    Of voxels as high as each other the later one is above, through faces only: the first three
    steps.
    """
    best[:] = -1e-30
    step[:] = -1
    row = height[x, y]
    for k in range(len(steps)):
        if k == 3:
            for z in range(shape[2]):
                best[z] = max(best[z], np.float32(0.0))
        a, b, c = x + steps[k, 0], y + steps[k, 1], steps[k, 2]
        if a < 0 or a >= shape[0] or b < 0 or b >= shape[1]:
            continue
        # Slices that start together: an index that may be negative would not be vectorised.
        low, high = max(0, -c), min(shape[2], shape[2] - c)
        other, own = height[a, b, low + c : high + c], row[low:high]
        steepest, way = best[low:high], step[low:high]
        for z in range(high - low):
            slope = (other[z] - own[z]) * per_length[k]
            better = slope > steepest[z]
            steepest[z] = slope if better else steepest[z]
            way[z] = np.int32(k) if better else way[z]


@parallel
def climb(height, steps, per_length, shape, above):
    """Write the voxel above each voxel: itself at a maximum, -1 outside the phase.

    Parameters
    ----------
    height : (nx, ny, nz) float32.
    steps : (26, 3) steps to the neighbours: x+, y+, z+, the other faces, then edges and corners.
    per_length : (26,) float32, one over the lengths of the steps.
    shape : (nx, ny, nz).
    above : (nx ny nz,) signed integers, written.
    """
    for task in prange(shape[0]):
        x = np.int64(task)
        best = np.empty(shape[2], np.float32)
        step = np.empty(shape[2], np.int32)
        for y in range(shape[1]):
            _steepest_in_row(height, x, y, steps, per_length, shape, best, step)
            for z in range(shape[2]):
                me = (x * shape[1] + y) * shape[2] + z
                if height[x, y, z] <= 0:
                    above[me] = -1
                    continue
                k = step[z]
                if k >= 6 and not _joined(height, x, y, z, steps[k, 0], steps[k, 1], steps[k, 2]):
                    k = _steepest_face(height, x, y, z, steps, per_length, shape)
                if k < 0:
                    above[me] = me
                else:
                    u, v, w = x + steps[k, 0], y + steps[k, 1], z + steps[k, 2]
                    above[me] = (u * shape[1] + v) * shape[2] + w


@kernel
def _steepest_face(height, x, y, z, steps, per_length, shape):
    best, chosen = np.float32(-1.0), -1
    for k in range(6):
        a, b, c = x + steps[k, 0], y + steps[k, 1], z + steps[k, 2]
        if not _inside(a, b, c, shape):
            continue
        slope = (height[a, b, c] - height[x, y, z]) * per_length[k]
        if (slope > 0 or (slope == 0 and k < 3)) and slope > best:
            best, chosen = slope, k
    return chosen


@parallel
def follow(above, bounds):
    """Point every voxel at the maximum that its climb ends at.

    Threads shorten the same paths: whichever value a thread reads lies further up the same path,
    and the last one written is its end.
    """
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        for me in range(bounds[slab], bounds[slab + 1]):
            if above[me] < 0:
                continue
            top = above[me]
            while above[top] != top:
                top = above[top]
            at = me
            while above[at] != top:
                above[at], at = top, above[at]


@kernel
def number_tops(above):
    """Number the maxima in the order of the array; returns how many there are."""
    count = 0
    for me in range(len(above)):
        if above[me] == me:
            above[me] = -(count + _SHIFT)
            count += 1
    return count


@parallel
def number_voxels(above, bounds):
    """Give each voxel the number of its maximum, which holds it in the way of `number_tops`."""
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        for me in range(bounds[slab], bounds[slab + 1]):
            if above[me] >= 0:
                above[me] = -above[above[me]] - _SHIFT


@kernel
def describe_basins(above, height, peak, voxels):
    """Count basins from 1, with 0 outside the phase.

    Parameters
    ----------
    above : (nx ny nz,) as `number_voxels` leaves it; written.
    height : (nx ny nz,) float32.
    peak : (basins + 1,) float32, the height of each maximum; written.
    voxels : (basins + 1,) int64 zeros, the voxels of each basin; written.
    """
    for me in range(len(above)):
        basin = above[me] + 1
        if basin < 0:
            basin = -(basin - 1) - _SHIFT + 1
            peak[basin] = height[me]
        above[me] = basin
        voxels[basin] += 1


@kernel
def _place(keys, key):
    """Where a key is in a table of a power of two of places, or the free place for it."""
    mask = len(keys) - 1
    # Fibonacci hashing: neighbouring keys go to places far apart.
    place = np.int64((np.uint64(key) * np.uint64(11400714819323198485)) >> np.uint64(20)) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


@kernel
def _grown(keys, values):
    new_keys = np.full(2 * len(keys), -1, np.int64)
    new_values = np.zeros((2 * len(keys), values.shape[1]))
    for old in range(len(keys)):
        if keys[old] != -1:
            place = _place(new_keys, keys[old])
            new_keys[place] = keys[old]
            new_values[place] = values[old]
    return new_keys, new_values


@kernel
def face_pairs(ids, height, shape, areas, count):
    """Find the pairs of regions that share faces.

    Parameters
    ----------
    ids : (nx, ny, nz), the region of each voxel from 1 to `count`; 0 is none.
    height : (nx, ny, nz) float32 for saddles, or None.
    shape : (nx, ny, nz).
    areas : (3,) float64, areas of faces across each axis.
    count : number of regions.

    Returns
    -------
    keys : (pairs,) int64, ``first * (count + 1) + second`` with first < second, in no order.
    values : (pairs, 5) float64: the vector of all faces from the first to the second (3), their
        area, and the highest of the saddles between the two: on a face, the lower of both sides.
    """
    keys = np.full(1 << 12, -1, np.int64)
    values = np.zeros((1 << 12, 5))
    used = 0
    for x in range(shape[0]):
        for y in range(shape[1]):
            for z in range(shape[2]):
                one = np.int64(ids[x, y, z])
                if one == 0:
                    continue
                for axis in range(3):
                    u, v, w = x + (axis == 0), y + (axis == 1), z + (axis == 2)
                    if u == shape[0] or v == shape[1] or w == shape[2]:
                        continue
                    two = np.int64(ids[u, v, w])
                    if two == 0 or two == one:
                        continue
                    key = min(one, two) * (count + 1) + max(one, two)
                    place = _place(keys, key)
                    if keys[place] == -1:
                        keys[place] = key
                        used += 1
                    values[place, axis] += areas[axis] if one < two else -areas[axis]
                    values[place, 3] += areas[axis]
                    if height is not None:
                        saddle = np.float64(min(height[x, y, z], height[u, v, w]))
                        values[place, 4] = max(values[place, 4], saddle)
                    if 2 * used > len(keys):
                        keys, values = _grown(keys, values)
    found = keys != -1
    return keys[found], values[found]


@kernel
def _top(parent, basin):
    while parent[basin] != basin:
        parent[basin] = parent[parent[basin]]
        basin = parent[basin]
    return basin


@kernel
def merge_shallow(first, second, saddle, peak, depth, share, parent):
    """Merge basins whose lower maximum is no deeper cut than allowed, the highest saddles first.

    Parameters
    ----------
    first, second : (pairs,) basins of each pair, in falling order of `saddle` (pairs,).
    peak : (basins + 1,) heights of the maxima.
    depth, share : a maximum stays its own when it rises above the saddle by more than `depth` and
        by more than `share` of its height.
    parent : (basins + 1,) the basin that each is part of; written.
    """
    for pair in range(len(first)):
        one, two = _top(parent, first[pair]), _top(parent, second[pair])
        if one == two:
            continue
        if peak[one] < peak[two] or (peak[one] == peak[two] and one > two):
            one, two = two, one
        if peak[two] - saddle[pair] <= max(depth, share * peak[two]):
            parent[two] = one
    for basin in range(len(parent)):
        parent[basin] = _top(parent, basin)


@kernel
def merge_small(first, second, area, order, least, voxels, parent):
    """Merge small regions, the smallest first, into the neighbour they share most area with.

    Parameters
    ----------
    first, second, area : (2 pairs,) each pair both ways, sorted by `first`.
    order : the small regions, in rising order of their voxels.
    least : voxels from which a region stays.
    voxels : (regions + 1,) voxels of each region; those of merged ones are added up.
    parent : (regions + 1,) the region that each is part of; written.
    """
    start = np.searchsorted(first, np.arange(len(parent) + 1))
    shared = np.zeros(len(parent))
    for small in order:
        if voxels[_top(parent, small)] >= least:
            continue
        best = 0
        for pair in range(start[small], start[small + 1]):
            other = _top(parent, second[pair])
            if other == _top(parent, small):
                continue
            shared[other] += area[pair]
            if best == 0 or shared[other] > shared[best]:
                best = other
        for pair in range(start[small], start[small + 1]):
            shared[_top(parent, second[pair])] = 0.0
        if best != 0:
            voxels[best] += voxels[_top(parent, small)]
            parent[_top(parent, small)] = best
    for region in range(len(parent)):
        parent[region] = _top(parent, region)


@parallel
def relabel(ids, new, bounds):
    """Give each voxel of a flat array the new number of its region."""
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        for me in range(bounds[slab], bounds[slab + 1]):
            ids[me] = new[ids[me]]
