"""Kernels of pore sizes: distance to walls, spheres that cover voxels, widest ways in, chords."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@kernel
def _step(inside, p, q, i, before, after, na, nb, n):
    """How many voxels up or down a line beside has the same wall; 2 where it has none near."""
    if p < 0 or p >= na or q < 0 or q >= nb:
        return 2
    low, high = inside[p, q, i - 1], inside[p, q, i]
    if low == before and high == after:
        return 0
    if low == before and high == before and i + 1 < n and inside[p, q, i + 1] == after:
        return 1
    if low == after and high == after and i > 1 and inside[p, q, i - 2] == before:
        return -1
    return 2


@kernel
def _wall_place(inside, a, b, i, na, nb, n):
    """Where the surface crosses a line between its voxels i - 1 and i, in edges from the border.

    The mean over the line and those pairs of lines on opposite sides of it, out of the eight
    around, which have the same wall at most a voxel up or down; a quarter of an edge away from the
    voxel centres at least, so that every voxel has a size.
    """
    before, after = inside[a, b, i - 1], inside[a, b, i]
    total = 0
    count = 1
    for pair in range(4):
        p = 1 if pair < 3 else 0
        q = pair - 1 if pair < 3 else 1
        up = _step(inside, a + p, b + q, i, before, after, na, nb, n)
        down = _step(inside, a - p, b - q, i, before, after, na, nb, n)
        if up < 2 and down < 2:
            total += up + down
            count += 2
    return i + min(max(total / count, -0.25), 0.25)


@parallel
def squared_to_walls(inside, na, nb, n, edge, half, out):
    """Squared distance along the last axis to the nearest wall between inside and outside.

    Asked at voxel centres, or half a voxel after them where `half` is 1.
    """
    for task in prange(na):
        a = np.int64(task)
        for b in range(nb):
            last = -np.inf
            for i in range(n):  # voxel centres lie at i + 1/2
                if i > 0 and inside[a, b, i] != inside[a, b, i - 1]:
                    last = _wall_place(inside, a, b, i, na, nb, n)
                away = (i + 0.5 + 0.5 * half - last) * edge
                out[a, b, i] = away * away
            last = np.inf
            for back in range(n):
                i = n - 1 - back
                if i + 1 < n and inside[a, b, i] != inside[a, b, i + 1]:
                    last = _wall_place(inside, a, b, i + 1, na, nb, n)
                away = (last - i - 0.5 - 0.5 * half) * edge
                out[a, b, i] = min(out[a, b, i], np.float32(away * away))


@parallel
def squared_to_outside(inside, na, nb, n, edge, out):
    """Squared distance along the last axis to the nearest voxel centre outside."""
    for task in prange(na):
        a = np.int64(task)
        for b in range(nb):
            last = -np.inf
            for i in range(n):
                if not inside[a, b, i]:
                    last = np.float64(i)
                away = (i - last) * edge
                out[a, b, i] = away * away
            last = np.inf
            for back in range(n):
                i = n - 1 - back
                away = (last - i) * edge
                out[a, b, i] = min(out[a, b, i], np.float32(away * away))
                if not inside[a, b, i]:
                    last = np.float64(i)


@kernel
def _envelope(line, n, edge, place, start, low):
    """Lowest of the parabolas that stand on the values of a line, at each place of the line."""
    count = 0
    square = edge * edge
    for j in range(n):
        height = np.float64(line[j])
        if height == np.inf:
            continue
        begin = -np.inf
        while count > 0:
            k = place[count - 1]
            rise = (height - np.float64(line[k])) / square
            begin = 0.5 * (rise / (j - k) + (j + k))
            if begin > start[count - 1]:
                break
            count -= 1
            begin = -np.inf
        place[count] = j
        start[count] = begin
        count += 1
    at = 0
    for i in range(n):
        if count == 0:
            low[i] = np.inf
            continue
        while at + 1 < count and start[at + 1] < i:
            at += 1
        away = (i - place[at]) * edge
        low[i] = np.float64(line[place[at]]) + away * away


@parallel
def spread_squares(squares, na, nb, n, edge):
    """Turn squared distances that know the other axes into those that know the last as well."""
    for task in prange(na):
        a = np.int64(task)
        place = np.empty(n, np.int64)
        start = np.empty(n, np.float64)
        low = np.empty(n, np.float64)
        for b in range(nb):
            _envelope(squares[a, b], n, edge, place, start, low)
            for i in range(n):
                squares[a, b, i] = low[i]


@kernel
def _free(following, z):
    """The first voxel of a row, from z on, that no sphere covers yet."""
    while following[z] != z:
        following[z] = following[following[z]]
        z = following[z]
    return z


@kernel
def _span(centre, reach, low, high):
    """Whole numbers within reach of a centre, from `low` to below `high`."""
    begin = max(low, np.int64(np.ceil(centre - reach)))
    return begin, min(high, np.int64(np.floor(centre + reach)) + 1)


@parallel
def cover(centres, radii, reach, shape, spacing, bounds, out):
    """Give each voxel the radius of the first sphere that covers its centre.

    Spheres come in the order of descending radius; `centres` are in half voxels, `reach` is how far
    each sphere covers. Slabs of x are independent.
    """
    ny, nz = shape[1], shape[2]
    dx, dy, dz = spacing[0], spacing[1], spacing[2]
    for task in prange(len(bounds) - 1):
        slab = np.int64(task)
        low, high = bounds[slab], bounds[slab + 1]
        following = np.empty((high - low, ny, nz + 1), np.int32)
        for z in range(nz + 1):
            following[:, :, z] = z
        for sphere in range(len(centres)):
            # Voxels as far as the nearest one outside are not covered, whatever rounding says.
            r = np.float64(reach[sphere]) * (1.0 - 1e-5)
            cx = 0.5 * centres[sphere, 0]
            cy = 0.5 * centres[sphere, 1]
            cz = 0.5 * centres[sphere, 2]
            x_low, x_high = _span(cx, r / dx, low, high)
            for x in range(x_low, x_high):
                left = r * r - ((x - cx) * dx) ** 2
                if left <= 0.0:
                    continue
                y_low, y_high = _span(cy, np.sqrt(left) / dy, 0, ny)
                for y in range(y_low, y_high):
                    rest = left - ((y - cy) * dy) ** 2
                    if rest <= 0.0:
                        continue
                    z_low, z_high = _span(cz, np.sqrt(rest) / dz, 0, nz)
                    row = following[x - low, y]
                    z = _free(row, z_low)
                    while z < z_high:
                        out[x, y, z] = radii[sphere]
                        row[z] = z + 1
                        z = _free(row, z + 1)


@kernel
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _reach_all(first, following, root, radius, out):
    """Give a radius to the members of a component that were not reached before; forget them."""
    i = first[root]
    while i >= 0:
        out[i] = radius
        i = following[i]
    first[root] = -1


@kernel
def widest_way(order, radius, inlet, nx, ny, nz, parent, first, last, following, reached, out):
    """Radius of the largest sphere that gets from an inlet to each voxel: the widest way in.

    Voxels come in the order of descending radius and join their neighbours before them; when a
    component meets an inlet, all of it is reached at the radius of that moment. `order` are flat
    indices; `inlet` says of each axis whether its two outer faces are inlets.
    """
    stride = (ny * nz, nz, 1)
    size = (nx, ny, nz)
    for step in range(len(order)):
        i = order[step]
        place = (i // (ny * nz), i // nz % ny, i % nz)
        parent[i] = i
        first[i] = i
        last[i] = i
        following[i] = -1
        root = i
        for axis in range(3):
            for side in range(2):
                if place[axis] == (size[axis] - 1) * side:
                    if inlet[axis]:
                        reached[root] = 1
                    continue
                j = i + (2 * side - 1) * stride[axis]
                if parent[j] < 0:
                    continue
                other = _root(parent, j)
                if other == root:
                    continue
                if reached[root] != reached[other]:
                    _reach_all(first, following, root, radius[i], out)
                    _reach_all(first, following, other, radius[i], out)
                parent[other] = root
                reached[root] |= reached[other]
                if first[other] >= 0:
                    if first[root] >= 0:
                        following[last[root]] = first[other]
                    else:
                        first[root] = first[other]
                    last[root] = last[other]
        if reached[root]:
            _reach_all(first, following, root, radius[i], out)


@parallel
def count_chords(inside, na, nb, n, whole, cut):
    """Count chords along the last axis by length: from wall to wall, and cut by the border."""
    for task in prange(na):
        a = np.int64(task)
        for b in range(nb):
            begin = -1
            for i in range(n + 1):
                now = i < n and inside[a, b, i] != 0
                if now and begin < 0:
                    begin = i
                if not now and begin >= 0:
                    if begin == 0 or i == n:
                        cut[a, i - begin] += 1
                    else:
                        whole[a, i - begin] += 1
                    begin = -1


@parallel
def mark_chords(inside, na, nb, n, edge, out):
    """Write the length of its chord along the last axis into each voxel."""
    for task in prange(na):
        a = np.int64(task)
        for b in range(nb):
            begin = -1
            for i in range(n + 1):
                now = i < n and inside[a, b, i] != 0
                if now and begin < 0:
                    begin = i
                if not now and begin >= 0:
                    for k in range(begin, i):
                        out[a, b, k] = (i - begin) * edge
                    begin = -1
