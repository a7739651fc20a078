"""Kernels that add up what a labelled image says of each region, in one pass for all of them."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@kernel
def moments(ids, shape, voxels, first, second, low, high):
    """Add up voxels and their indices; runs along z are added in closed form.

    Parameters
    ----------
    ids : (nx, ny, nz), the region of each voxel from 1 on; 0 is none.
    shape : (nx, ny, nz).
    voxels : (regions + 1,) int64 zeros, added to.
    first : (regions + 1, 3) int64 zeros: sums of x, y, z.
    second : (regions + 1, 6) float64 zeros: sums of xx, yy, zz, xy, xz, yz.
    low, high : (regions + 1, 3) int64: the smallest and largest index; start from the ends.
    """
    for x in range(shape[0]):
        for y in range(shape[1]):
            row = ids[x, y]
            end = 0
            while end < shape[2]:
                start, one = end, row[end]
                while end < shape[2] and row[end] == one:
                    end += 1
                if one == 0:
                    continue
                n = end - start
                # Twice the sum of z from start to end - 1, and six times the sum of z squared.
                twice = n * (start + end - 1)
                six = (end - 1) * end * (2 * end - 1) - (start - 1) * start * (2 * start - 1)
                voxels[one] += n
                first[one, 0] += n * x
                first[one, 1] += n * y
                first[one, 2] += twice // 2
                second[one, 0] += float(n * x * x)
                second[one, 1] += float(n * y * y)
                second[one, 2] += float(six // 6)
                second[one, 3] += float(n * x * y)
                second[one, 4] += x * twice / 2
                second[one, 5] += y * twice / 2
                low[one, 0], high[one, 0] = min(low[one, 0], x), max(high[one, 0], x)
                low[one, 1], high[one, 1] = min(low[one, 1], y), max(high[one, 1], y)
                low[one, 2], high[one, 2] = min(low[one, 2], start), max(high[one, 2], end - 1)


@kernel
def _mark_edges(ids, x, y, shape, marked):
    """Mark the voxels of a row of which a neighbour among 26 is in another region, or outside."""
    inside = 0 < x < shape[0] - 1 and 0 < y < shape[1] - 1
    marked[:] = not inside
    marked[0] = marked[-1] = True
    if not inside:
        return
    row = ids[x, y]
    for a in range(-1, 2):
        for b in range(-1, 2):
            other = ids[x + a, y + b]
            before, after = other[:-2], other[2:]
            for z in range(shape[2] - 2):
                one = row[1:-1][z]
                different = (before[z] != one) | (other[1:-1][z] != one) | (after[z] != one)
                marked[1:-1][z] |= different


@kernel
def _add_crossings(ids, labels, table, x, y, z, shape, steps, per_crossing, outside, areas):
    """Add the crossings between a voxel and its 26 neighbours to the areas of its region."""
    one = ids[x, y, z]
    for k in range(len(steps)):
        a, b, c = x + steps[k, 0], y + steps[k, 1], z + steps[k, 2]
        if a < 0 or a >= shape[0] or b < 0 or b >= shape[1] or c < 0 or c >= shape[2]:
            areas[one, outside] += per_crossing[k]
        elif ids[a, b, c] != one:
            areas[one, table[labels[a, b, c]]] += per_crossing[k]


@parallel
def crossing_areas(ids, labels, table, shape, steps, per_crossing, outside, bounds, areas):
    """Add up, for each region, the areas against each phase by lines to the 26 neighbours.

    Parameters
    ----------
    ids : (nx, ny, nz), the region of each voxel from 1 on; 0 is none.
    labels : (nx, ny, nz) unsigned integers; `table` (labels,) holds the phase of each.
    shape : (nx, ny, nz).
    steps : (26, 3) steps to the neighbours.
    per_crossing : (26,) float64, area that one crossing stands for.
    outside : number that stands for the outside of the volume, behind those of the phases.
    bounds : (slabs + 1,) int64, where slabs of the first axis start.
    areas : (slabs, regions + 1, outside + 1) float64 zeros, added to.
    """
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        marked = np.empty(shape[2], np.bool_)
        for x in range(bounds[slab], bounds[slab + 1]):
            for y in range(shape[1]):
                _mark_edges(ids, x, y, shape, marked)
                for z in range(shape[2]):
                    if marked[z] and ids[x, y, z] != 0:
                        _add_crossings(
                            ids, labels, table, x, y, z, shape, steps, per_crossing, outside,
                            areas[slab],
                        )  # fmt: skip


@kernel
def _meeting(a, b, c, d):
    """Whether three phases or four are among four."""
    if a == b:
        return c != d and c != a and d != a
    if c == d:
        return c != a and c != b
    return (c != a and c != b) or (d != a and d != b)


@kernel
def _share(length, a, b, c, d, totals):
    """Share a length among the different regions of four, in equal parts; 0 is none."""
    with_b = b != 0 and b != a
    with_c = c != 0 and c != a and c != b
    with_d = d != 0 and d != a and d != b and d != c
    count = (a != 0) + with_b + with_c + with_d
    if a != 0:
        totals[a] += length / count
    if with_b:
        totals[b] += length / count
    if with_c:
        totals[c] += length / count
    if with_d:
        totals[d] += length / count


@parallel
def share_triple_edges(ids, labels, table, shape, spacing, bounds, totals):
    """Add up the voxel edges on each region at which three phases or four meet.

    An edge lies between four voxels; regions that touch the same edge share its length.

    Parameters
    ----------
    ids : (nx, ny, nz), the region of each voxel from 1 on; 0 is none.
    labels : (nx, ny, nz) unsigned integers; `table` (labels,) holds the phase of each.
    shape : (nx, ny, nz).
    spacing : (3,) float64, lengths of the edges along each axis.
    bounds : (slabs + 1,) int64, where slabs of the first axis start.
    totals : (slabs, regions + 1) float64 zeros, added to.
    """
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        for x in range(bounds[slab], bounds[slab + 1]):
            for y in range(shape[1]):
                for z in range(shape[2]):
                    for axis in range(3):
                        # One step back across the axis, then along the other, then both.
                        u = x - (axis != 0)
                        v, w = y - (axis != 1), z - (axis != 2)
                        if u < 0 or v < 0 or w < 0:
                            continue
                        # Along x the steps are in y and z; along y and z the first is in x.
                        x1, y1 = (x, v) if axis == 0 else (u, y)
                        y2, z2 = (v, z) if axis == 2 else (y, w)
                        if _meeting(
                            table[labels[x, y, z]], table[labels[x1, y1, z]],
                            table[labels[x, y2, z2]], table[labels[u, v, w]],
                        ):  # fmt: skip
                            _share(
                                spacing[axis], ids[x, y, z], ids[x1, y1, z], ids[x, y2, z2],
                                ids[u, v, w], totals[slab],
                            )  # fmt: skip
