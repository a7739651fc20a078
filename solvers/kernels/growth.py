"""Kernels of a deposit in voxels: faces where it grows, voxels that close, faces that come of it.

Voxels are numbered in the order of the arrays. Sides 0 to 5 of a voxel are x-, x+, y-, y+, z-, z+;
side 6 is its own inside. Where several sites or voxels give to one, what comes from opposite sides
is added first, so that the mirror image of a deposit grows to the mirror image, to the last bit.
"""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

INERT, CARBON, PORE, CLOSED, POROUS, FULL = range(6)
INSIDE = 6


@kernel
def beside(x, y, z, side, shape, wraps):
    """Number of the voxel at a side, -1 where the image ends."""
    step = 2 * (side & 1) - 1
    u = x + step if side < 2 else x
    v = y + step if side >> 1 == 1 else y
    w = z + step if side >> 1 == 2 else z
    if u < 0 or u >= shape[0]:
        if not wraps[0]:
            return -1
        u = shape[0] - 1 if u < 0 else 0
    if v < 0 or v >= shape[1]:
        if not wraps[1]:
            return -1
        v = shape[1] - 1 if v < 0 else 0
    if w < 0 or w >= shape[2]:
        if not wraps[2]:
            return -1
        w = shape[2] - 1 if w < 0 else 0
    return (u * shape[1] + v) * shape[2] + w


@kernel
def _neighbour(voxel, side, shape, wraps):
    column = voxel // shape[2]
    x = column // shape[1]
    return beside(x, column - x * shape[1], voxel - column * shape[2], side, shape, wraps)


@kernel
def _reactive(kind, x, y, z, side, shape, wraps):
    """The voxel that gives electrons through a side of a pore, -1 where none does."""
    other = beside(x, y, z, side, shape, wraps)
    if other < 0 or (kind[other] != CARBON and kind[other] != POROUS):
        return -1
    return other


@parallel
def count_sites(kind, shape, wraps, count):
    """Write the number of sites of each plane of axis 0.

    Parameters
    ----------
    kind : (nx ny nz,) uint8.
    shape, wraps : of the image; whether it goes on at its other side, per axis.
    count : (nx,) int64, written.
    """
    for task in prange(shape[0]):
        x = np.int64(task)
        found = 0
        for y in range(shape[1]):
            for z in range(shape[2]):
                here = kind[(x * shape[1] + y) * shape[2] + z]
                if here == POROUS:
                    found += 1
                if here == PORE:
                    for side in range(6):
                        found += _reactive(kind, x, y, z, side, shape, wraps) >= 0
        count[x] = found


@parallel
def write_sites(kind, shape, wraps, start, voxel, carbon, side_of):
    """Write the sites in the order of their voxels, those of a voxel by side.

    Parameters
    ----------
    start : (nx,) int64, the first site of each plane of axis 0.
    voxel, carbon, side_of : (sites,) int64, int64, uint8; written.
    """
    for task in prange(shape[0]):
        x = np.int64(task)
        at = start[x]
        for y in range(shape[1]):
            for z in range(shape[2]):
                me = (x * shape[1] + y) * shape[2] + z
                if kind[me] == POROUS:
                    voxel[at], carbon[at], side_of[at] = me, me, INSIDE
                    at += 1
                if kind[me] == PORE:
                    for side in range(6):
                        other = _reactive(kind, x, y, z, side, shape, wraps)
                        if other >= 0:
                            voxel[at], carbon[at], side_of[at] = me, other, side
                            at += 1


@kernel
def add_film(voxel, side, added, kind, room, film):
    """Add what is made at the sites to the film of their voxels.

    Parameters
    ----------
    voxel, side, added : (sites,), in the order of the voxels; added in m3.
    kind, room : (nx ny nz,) uint8; (6,) room in a voxel of each kind [m3].
    film : (nx ny nz,) share of the room, added to.
    """
    s = 0
    while s < len(voxel):
        me = voxel[s]
        x, y, z, inside = 0.0, 0.0, 0.0, 0.0
        while s < len(voxel) and voxel[s] == me:
            axis = side[s] >> 1
            x += added[s] if axis == 0 else 0.0
            y += added[s] if axis == 1 else 0.0
            z += added[s] if axis == 2 else 0.0
            inside += added[s] if axis == 3 else 0.0
            s += 1
        film[me] += (((x + y) + z) + inside) / room[kind[me]]


@parallel
def mark_full(kind, film, particle, closes, bounds, full):
    """Write whether each voxel is open and filled to the share `closes`, chunk by chunk."""
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        for me in range(bounds[chunk], bounds[chunk + 1]):
            is_open = kind[me] == PORE or kind[me] == POROUS
            full[me] = is_open and film[me] + particle[me] >= closes


@kernel
def close(closing, kind, film, particle, room, shape, wraps, give, keep, receivers):
    """Close voxels and take from their film what they have no room for.

    Parameters
    ----------
    closing : (m,) int64, full voxels.
    kind, film, particle : (nx ny nz,); the first two are changed.
    room, shape, wraps : (6,) room in a voxel of each kind [m3]; of the image.
    give : (m,) written: what goes to each open neighbour [m3]. Without any it stays.
    keep : (m,) written: share of the film that stays.
    receivers : (6 m,) int64, written: the neighbours that are given something, with repetitions.

    Returns
    -------
    int
        How many receivers were written.
    """
    for i in range(len(closing)):
        kind[closing[i]] += 1
    count = 0
    for i in range(len(closing)):
        me = closing[i]
        excess = film[me] + particle[me] - 1.0
        give[i], keep[i] = 0.0, 1.0
        if excess <= 0.0:
            continue
        first = count
        for side in range(6):
            other = _neighbour(me, side, shape, wraps)
            if other >= 0 and (kind[other] == PORE or kind[other] == POROUS):
                receivers[count] = other
                count += 1
        if count > first:
            give[i] = excess * room[kind[me]] / (count - first)
            keep[i] = 1.0 - excess / film[me]
            film[me] -= excess
    return count


@kernel
def _given(other, closing, give):
    """What a neighbour gives, if it is one of those that close."""
    place = np.searchsorted(closing, other)
    return give[place] if place < len(closing) and closing[place] == other else 0.0


@kernel
def receive(receivers, closing, give, kind, room, shape, wraps, film):
    """Add to the film of open voxels what their neighbours that close have no room for.

    Parameters
    ----------
    receivers : (r,) int64, each once.
    closing, give : (m,), in order, with what goes to each open neighbour [m3].
    kind, room, shape, wraps : as in `close`.
    film : (nx ny nz,), added to.
    """
    for i in range(len(receivers)):
        me = receivers[i]
        total = 0.0
        for axis in range(3):
            along = 0.0
            for side in (2 * axis, 2 * axis + 1):
                other = _neighbour(me, side, shape, wraps)
                if other >= 0 and (kind[other] == CLOSED or kind[other] == FULL):
                    along += _given(other, closing, give)
            total += along
        film[me] += total / room[kind[me]]


@kernel
def _arrival(base, spacing):
    """Distance from carbon behind a voxel with the distances `base` at its sides (inf: none).

    The upwind solution of |grad distance| = 1: the sum over axes of ((d - base) / h)^2 is 1, over
    the axes with d > base.
    """
    least = min(min(base[0], base[1]), min(base[2], base[3]), min(base[4], base[5]))
    a, b, c = 0.0, 0.0, -1.0  # a d^2 - 2 b d + c = 0, d from the least base on
    distance, done = np.inf, -1.0
    for _ in range(3):
        # The axes in the order of their bases, those with equal ones together.
        beyond = np.inf
        for axis in range(3):
            own = min(base[2 * axis], base[2 * axis + 1]) - least
            beyond = own if done < own < beyond else beyond
        if beyond >= distance:
            break
        for axis in range(3):
            if min(base[2 * axis], base[2 * axis + 1]) - least == beyond:
                weight = 1.0 / spacing[axis] ** 2
                a += weight
                b += weight * beyond
                c += weight * beyond**2
        distance, done = (b + math.sqrt(max(b * b - a * c, 0.0))) / a, beyond
    return least + distance


@kernel
def _collect(me, start, sites, table, carbons):
    """Write a voxel's sites into rows area, base, volume by side; return the first, or a later."""
    voxel, step = sites[0], 1
    while start + step < len(voxel) and voxel[start + step] < me:
        step *= 2
    s = start + np.searchsorted(voxel[start : start + step + 1], me)
    first = s
    while s < len(voxel) and voxel[s] == me:
        at = np.int64(sites[2][s])
        table[0, at], table[1, at], table[2, at] = sites[3][s], sites[4][s], sites[5][s]
        carbons[at] = sites[1][s]
        s += 1
    return first


@kernel
def _paired(a):
    return ((a[0] + a[1]) + (a[2] + a[3])) + (a[4] + a[5])


@kernel
def _behind(table, faces, spacing, particle, work):
    """Area over that of faces, and product up to carbon, for what lies behind a closed voxel.

    A film is as thick as its volume over its area, also where the distance from carbon is more:
    else films would be too thick. A particle [-] adds up to that distance, and passes no electrons.
    """
    area, base, volume = table[0], table[1], table[2]
    own, weighted = work[0], work[1]
    weight = volume if _paired(volume) > 0.0 else area
    for side in range(6):
        own[side], weighted[side] = 0.0, 0.0
        if area[side] > 0.0:
            own[side] = faces[side]
            weighted[side] = weight[side] * (base[side] + volume[side] / area[side])
    mean, total = _paired(weighted) / _paired(weight), _paired(area)
    solid = particle * faces[0] * spacing[0]
    product = min(mean + solid / total, max(mean, _arrival(base, spacing)))
    return (1.0 - particle) * total / _paired(own), product


@kernel
def sites_behind(
    closing, give, keep, kind, particle, closes, shape, wraps, faces, spacing, old, fresh,
    voxel, carbon, side, area, base, volume,
):  # fmt: skip
    """Write the sites in open pores behind voxels that have closed.

    Parameters
    ----------
    closing, give, keep : (m,) int64, in order; what each gives to an open neighbour [m3], and the
        share of its film that stays.
    kind, particle, shape, wraps : (nx ny nz,) after the closing; of the image.
    closes : share from which voxels close; a particle of as much lets no electrons through.
    faces, spacing : (6,) areas of the sides of a voxel [m2]; edges [m].
    old, fresh : two groups of sites in order, as `solvers.sites.Sites.arrays`.
    voxel, carbon, side, area, base, volume : (6 m,), written. The carbon is that of the site with
        the least base, of several that with the most film; the volume is what comes through the
        face from the voxel that closes.

    Returns
    -------
    int
        How many sites were written.
    """
    count, in_old, in_fresh = 0, 0, 0
    table, carbons, work = np.empty((3, 6)), np.empty(6, np.int64), np.empty((2, 6))
    for i in range(len(closing)):
        me = closing[i]
        if kind[me] != CLOSED or particle[me] >= closes:
            continue
        table[0], table[1], table[2] = 0.0, np.inf, 0.0
        in_old = _collect(me, in_old, old, table, carbons)
        in_fresh = _collect(me, in_fresh, fresh, table, carbons)
        if _paired(table[0]) == 0.0:
            continue
        table[2] *= keep[i]
        ratio, product = _behind(table, faces, spacing, particle[me], work)
        nearest = carbons[np.argmax(np.where(table[1] == table[1].min(), table[2], -1.0))]
        for way in range(6):
            other = _neighbour(me, way, shape, wraps)
            if other >= 0 and kind[other] == PORE:
                voxel[count], carbon[count], side[count] = other, nearest, way ^ 1
                area[count], base[count], volume[count] = faces[way] * ratio, product, give[i]
                count += 1
    return count


@kernel
def count_open(kind, voxel):
    """How many sites lie in open voxels."""
    count = 0
    for me in voxel:
        count += kind[me] == PORE or kind[me] == POROUS
    return count


@kernel
def merge_sites(kind, old, fresh, merged):
    """Write the sites in open voxels of two groups in order of voxel and side.

    Parameters
    ----------
    kind : (nx ny nz,) uint8.
    old, fresh, merged : as `solvers.sites.Sites.arrays`; the last is written.
    """
    at, new = 0, 0
    for s in range(len(old[0]) + 1):
        last = s == len(old[0])
        while new < len(fresh[0]) and (
            last
            or fresh[0][new] < old[0][s]
            or (fresh[0][new] == old[0][s] and fresh[2][new] < old[2][s])
        ):
            at = _copy_open(kind, fresh, new, merged, at)
            new += 1
        if not last:
            at = _copy_open(kind, old, s, merged, at)


@kernel
def _copy_open(kind, sites, s, merged, at):
    here = kind[sites[0][s]]
    if here != PORE and here != POROUS:
        return at
    merged[0][at], merged[1][at], merged[2][at] = sites[0][s], sites[1][s], sites[2][s]
    merged[3][at], merged[4][at], merged[5][at] = sites[3][s], sites[4][s], sites[5][s]
    return at + 1


@parallel
def sum_layers(kind, film, particle, room, axis, out):
    """Write room and product of the layers across an axis, for every plane of axis 0.

    Parameters
    ----------
    kind, film, particle : (nx, ny, nz).
    room : (6,) in a voxel of each kind [m3].
    axis : 0, 1 or 2.
    out : (nx, layers, 2), zero on entry.
    """
    nx, ny, nz = kind.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            rooms, products = 0.0, 0.0  # row by row: a long sum of small numbers drifts
            for z in range(nz):
                space = room[kind[x, y, z]]
                product = space * (film[x, y, z] + particle[x, y, z])
                if axis == 2:
                    out[x, z, 0] += space
                    out[x, z, 1] += product
                rooms += space
                products += product
            if axis != 2:
                layer = x if axis == 0 else y
                out[x, layer, 0] += rooms
                out[x, layer, 1] += products
