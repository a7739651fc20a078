"""Kernels of particles: how far a ball reaches that fills its basin."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.growth import PORE, POROUS


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
def _is_open(me, kind):
    return kind[me] == PORE or kind[me] == POROUS


@kernel
def _ball(radius, width, first, last, order, distance, kind, reached, film, particle, room):
    """Volume in the open voxels of a basin, its derivative, and the first voxel out of reach.

    What a particle has in open voxels where it does not grow counts as it is.
    """
    volume, slope, lost = 0.0, 0.0, 0.0
    for j in range(first, last):
        me = order[j]
        if distance[j] >= radius + 0.5 * width:
            if _is_open(me, kind) and reached[me]:
                return volume, slope, j
        elif _is_open(me, kind):
            share, grows = particle[me], False
            if reached[me]:
                share, grows = _held(radius, width, distance[j], film[me])
            volume, lost = _sum(volume, share * room[kind[me]], lost)
            slope += room[kind[me]] / width if grows else 0.0
    return volume, slope, last


@kernel
def _radius(
    target, error, start, width, first, last, order, distance, kind, reached, film, particle, room
):
    """Radius whose ball holds a volume, and the volume; the basin's where it holds no more.

    Newton's method in a bracket: the volume is piecewise linear in the radius.
    """
    radius, low, high = max(start, -0.5 * width), -0.5 * width, np.inf
    volume = 0.0
    if target == 0.0 and start == 0.0:
        return low, volume  # a nucleus: nothing at all, not even what rounding leaves
    for trial in range(200):
        volume, slope, out = _ball(
            radius, width, first, last, order, distance, kind, reached, film, particle, room
        )
        if abs(volume - target) <= error:
            break
        if volume < target:
            if out == last and slope == 0.0:
                break
            low = radius
            # A step across voxels that were not looked at is a guess: not too far.
            guess = distance[out] if slope == 0.0 else radius + (target - volume) / slope
            if slope > 0.0 and out < last:
                guess = min(guess, 1.5 * abs(radius) + 2.0 * width)
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
    chosen, width, start, order, distance, kind, reached, film, room, settled,
    volume, radius, first, particle, surplus, full,
):  # fmt: skip
    """Fill the basins of some particles outwards with what their closed voxels do not hold.

    Parameters
    ----------
    chosen : int64, the particles.
    width : of the front [m].
    start, order, distance : basins: (k + 1,), and (m,) voxels and distances.
    kind, reached, film : (nx ny nz,); where `reached` is false particles stay as they are.
    room : (6,) of a voxel of each kind [m3].
    settled, volume, radius, first : (k,), product in closed voxels and in all, radius, and first
        voxel of the basin that may be open. All but the first are changed.
    particle : (nx ny nz,), written in open voxels.
    surplus : (k,), written: what a basin has no room for, which its particle's volume lacks.
    full : (k,) bool, written.
    """
    for task in prange(len(chosen)):
        i = chosen[np.int64(task)]
        last, low = start[i + 1], first[i]
        while low < last and not _is_open(order[low], kind):
            low += 1
        target, error = max(volume[i] - settled[i], 0.0), 4e-16 * volume[i]
        reach, held = _radius(
            target, error, radius[i], width, low, last, order, distance,
            kind, reached, film, particle, room,
        )  # fmt: skip
        for j in range(low, last):
            if distance[j] >= max(reach, radius[i]) + 0.5 * width:
                break
            me = order[j]
            if _is_open(me, kind) and reached[me]:
                particle[me] = _held(reach, width, distance[j], film[me])[0]
        slope, out = _ball(
            reach, width, low, last, order, distance, kind, reached, film, particle, room
        )[1:]
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
