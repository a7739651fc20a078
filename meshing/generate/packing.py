"""Random dense packing of spheres and ellipsoids in a periodic box."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.generate.bodies import Bodies
from meshing.kernels.packing import push_apart

Floats = NDArray[np.float64]

#: How much farther than need be a pair is pushed, as a share of the distance at which it touches.
_SLACK: Final = 0.003


def pack(bodies: Bodies, box: Floats, overlap: float, sweeps: int) -> tuple[Bodies, float]:
    """Push bodies apart until no pair overlaps more than it may.

    The collective rearrangement of the force-biased algorithm (Bezrukov, Bargiel and Stoyan,
    doi:10.1002/1521-4117(200205)19:2<111::AID-PPSC111>3.0.CO;2-M), one pair after the other, with
    the contact function of two ellipsoids of Perram and Wertheim
    (doi:10.1016/0021-9991(85)90171-8). Directions do not change.

    Parameters
    ----------
    bodies : ellipsoids anywhere in the box.
    box : edges of the periodic box [m].
    overlap : how far two may go into each other, as a share of the distance at which they touch.
    sweeps : largest number of times that all pairs are visited.

    Returns
    -------
    tuple
        The bodies where they came to lie, and how far the worst pair goes beyond that overlap.
    """
    size = np.maximum(bodies.along, bodies.across)
    bodies = bodies.take(np.argsort(-size, kind="stable"))
    centres, worst = bodies.centres % box, 0.0
    for _ in range(sweeps):
        # Pairs that are pushed a little farther than they must be stay apart when others push.
        worst = _sweep(bodies, box, (1 - overlap) * (1 + _SLACK), centres)
        if worst < _SLACK:
            worst = _sweep(bodies, box, 1 - overlap, centres)
        if worst == 0.0:
            break
    return replace(bodies, centres=centres), worst


def _sweep(bodies: Bodies, box: Floats, scale: float, centres: Floats) -> float:
    """Visit all pairs once, all bodies being larger by a factor; return the worst overlap."""
    longest = scale * np.maximum(bodies.along, bodies.across)
    shortest = scale * np.minimum(bodies.along, bodies.across)
    squares = scale**2 * bodies.squares[:, [0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    cells = np.maximum(box / (2 * np.median(longest)), 1).astype(np.int64)
    grid = _cells(centres, cells, box)
    worst: float = push_apart(longest, shortest, squares, cells, *grid, box / cells, box, centres)
    centres %= box
    return worst


def _cells(
    centres: Floats, cells: NDArray[np.int64], box: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bodies of each cell of the search grid: where their list starts, and the list."""
    place = np.minimum((centres / box * cells).astype(np.int64), cells - 1)
    number = np.ravel_multi_index(tuple(place.T), tuple(cells))
    starts = np.zeros(np.prod(cells) + 1, np.int64)
    np.cumsum(np.bincount(number, minlength=np.prod(cells)), out=starts[1:])
    return starts, np.argsort(number, kind="stable")
