"""Kernels of particles: the nearest nucleus, and how far a ball reaches that fills its basin."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel

PORE, POROUS = 2, 4


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
def pack(kind, basin, square, scale, start, order, distance):
    """Write the open voxels of each basin in the order of the array, and their distances.

    Parameters
    ----------
    kind, basin, square : (nx ny nz,); basin is -1 outside open voxels.
    scale : length of the unit of `square`.
    start : (k + 1,) int64, places of each basin.
    order, distance : (m,), written.
    """
    at = start[:-1].copy()
    for me in range(len(kind)):
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


@kernel
def _held(radius, width, distance, film):
    """Share of a voxel's room that a ball takes, and whether it takes more as it grows."""
    reach = (radius - distance) / width + 0.5
    left = 1.0 - film
    if reach < left and reach < 1.0:
        return max(reach, 0.0), reach >= 0.0
    return max(min(left, 1.0), 0.0), False


@kernel
def _sum(total, value, lost):
    """Total with a value more, and what of the values was lost to rounding (Kahan, 1965)."""
    value -= lost
    new = total + value
    return new, (new - total) - value


@kernel
def _ball(radius, width, first, last, order, distance, kind, film, room):
    """Volume in the open voxels of a basin, its derivative, and the first voxel out of reach."""
    volume, slope, lost = 0.0, 0.0, 0.0
    for j in range(first, last):
        if distance[j] >= radius + 0.5 * width:
            return volume, slope, j
        me = order[j]
        if kind[me] == PORE or kind[me] == POROUS:
            share, grows = _held(radius, width, distance[j], film[me])
            volume, lost = _sum(volume, share * room[kind[me]], lost)
            slope += room[kind[me]] / width if grows else 0.0
    return volume, slope, last


@kernel
def _reach(target, error, start, width, first, last, order, distance, kind, film, room):
    """Radius whose ball holds a volume, and the volume; the basin's where it holds no more.

    Newton's method in a bracket: the volume is piecewise linear in the radius.
    """
    radius, low, high = max(start, -0.5 * width), -0.5 * width, np.inf
    volume = 0.0
    for trial in range(200):
        volume, slope, out = _ball(radius, width, first, last, order, distance, kind, film, room)
        if abs(volume - target) <= error:
            break
        if volume < target:
            if out == last and slope == 0.0:
                break
            low = radius
            # A step across voxels that were not looked at is a guess: not too far.
            guess = distance[out] if slope == 0.0 else radius + (target - volume) / slope
            guess = min(guess, 1.5 * abs(radius) + 2.0 * width) if out < last else guess
        else:
            high = radius
            guess = radius - (volume - target) / slope if slope > 0.0 else low
        if not low < guess < high or trial > 50:
            guess = 0.5 * (low + high) if high < np.inf else low + width
        if guess == radius:
            break
        radius = guess
    return radius, volume


@parallel
def fill(
    chosen, width, start, order, distance, kind, film, room, settled,
    volume, radius, first, particle, surplus, full,
):  # fmt: skip
    """Fill the basins of some particles outwards with what their closed voxels do not hold.

    Parameters
    ----------
    chosen : int64, the particles.
    width : of the front [m].
    start, order, distance : basins: (k + 1,), and (m,) voxels and distances.
    kind, film : (nx ny nz,); room : (6,) of a voxel of each kind [m3].
    settled, volume, radius, first : (k,), product in closed voxels and in all, radius, and first
        voxel of the basin that may be open. All but the first are changed.
    particle : (nx ny nz,), written in open voxels.
    surplus : (k,), written: what a basin has no room for, which its particle's volume lacks.
    full : (k,) bool, written.
    """
    for task in prange(len(chosen)):
        i = chosen[np.int64(task)]
        last, low = start[i + 1], first[i]
        while low < last and kind[order[low]] != PORE and kind[order[low]] != POROUS:
            low += 1
        target, error = max(volume[i] - settled[i], 0.0), 4e-16 * volume[i]
        reach, held = _reach(
            target, error, radius[i], width, low, last, order, distance, kind, film, room
        )
        for j in range(low, last):
            if distance[j] >= max(reach, radius[i]) + 0.5 * width:
                break
            me = order[j]
            if kind[me] == PORE or kind[me] == POROUS:
                particle[me] = _held(reach, width, distance[j], film[me])[0]
        slope, out = _ball(reach, width, low, last, order, distance, kind, film, room)[1:]
        full[i] = slope == 0.0 and out == last
        surplus[i] = max(target - held, 0.0) if full[i] else 0.0
        volume[i] -= surplus[i]
        radius[i], first[i] = max(reach, 0.0), low


@kernel
def settle(closed, basin, kind, particle, room, settled, lost):
    """Add the product of particles in voxels that have closed to what is settled.

    `lost` (k,) is what additions so far lost to rounding; both are changed.
    """
    for me in closed:
        i = basin[me]
        settled[i], lost[i] = _sum(settled[i], particle[me] * room[kind[me]], lost[i])
