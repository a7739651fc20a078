"""Voxels that are full close: product without room moves on, and sites move to their backs."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.kernels import growth as kernels
from solvers.lattice import Lattice
from solvers.sites import INSIDE, Sites, face_areas

#: Share of its room from which a voxel counts as full. The last of it would keep oxygen from the
#: sites of the voxel itself: they would starve before they get to its back, the coarser the voxel
#: the longer. What is left of the room stays empty.
CLOSES: Final = 0.999

#: Voxels that a thread looks through at a time.
CHUNK: Final = 2**16


def close_full(
    lattice: Lattice,
    kind: NDArray[np.uint8],
    film: NDArray[np.float64],
    particle: NDArray[np.float64],
    sites: Sites,
) -> tuple[NDArray[np.uint8], Sites, NDArray[np.int64]]:
    """Close the voxels that are full, and those that fill with what these have no room for.

    In rounds: all voxels that are full close at once, the share of their film that is too much goes
    to their open neighbours in equal parts, and those that are full then close in the next round.

    Parameters
    ----------
    lattice : of the image.
    kind, film, particle : (nx ny nz,). `film` is changed.
    sites : of all voxels that were open, in order.

    Returns
    -------
    kind, sites, closed : the first two new where a voxel closed, else those that were given; and
        the voxels that closed.
    """
    full = _find_full(kind, film, particle)
    if len(full) == 0:
        return kind, sites, full
    kind, fresh, closed = kind.copy(), Sites.room_for(0), []
    while len(full) > 0:
        receivers, give, keep = _overflow(lattice, kind, film, particle, full)
        kernels.receive(
            receivers, full, give, kind, lattice.room, lattice.shape, lattice.wraps, film
        )
        fresh = _joined(fresh, _behind(lattice, kind, particle, full, give, keep, sites, fresh))
        closed.append(full)
        full = receivers[film[receivers] + particle[receivers] >= CLOSES]
    return kind, _merged(kind, sites, fresh), np.concatenate(closed)


def _find_full(
    kind: NDArray[np.uint8], film: NDArray[np.float64], particle: NDArray[np.float64]
) -> NDArray[np.int64]:
    bounds = np.append(np.arange(0, kind.size, CHUNK), kind.size)
    full = np.empty(kind.size, np.bool_)
    kernels.mark_full(kind, film, particle, CLOSES, bounds, full)
    return np.flatnonzero(full)


def _overflow(
    lattice: Lattice,
    kind: NDArray[np.uint8],
    film: NDArray[np.float64],
    particle: NDArray[np.float64],
    full: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Open neighbours of voxels that close; what each voxel gives to one; its share that stays."""
    give, keep = np.empty(len(full)), np.empty(len(full))
    receivers = np.empty(6 * len(full), np.int64)
    count = kernels.close(
        full,
        kind,
        film,
        particle,
        lattice.room,
        lattice.shape,
        lattice.wraps,
        give,
        keep,
        receivers,
    )
    receivers = np.sort(receivers[:count])
    return receivers[np.diff(receivers, prepend=-1) > 0], give, keep


def _behind(
    lattice: Lattice,
    kind: NDArray[np.uint8],
    particle: NDArray[np.float64],
    full: NDArray[np.int64],
    give: NDArray[np.float64],
    keep: NDArray[np.float64],
    sites: Sites,
    fresh: Sites,
) -> Sites:
    """Sites behind voxels that have closed."""
    behind = Sites.room_for(6 * len(full))
    faces = np.repeat(face_areas(lattice.spacing), 2)
    count = kernels.sites_behind(
        full, give, keep, kind, particle, CLOSES, lattice.shape, lattice.wraps, faces,
        lattice.spacing, sites.arrays, fresh.arrays, *behind.arrays,
    )  # fmt: skip
    return behind.take(np.arange(count))


def _joined(one: Sites, two: Sites) -> Sites:
    """Two groups of sites in order."""
    both = Sites(
        np.concatenate([one.voxel, two.voxel]),
        np.concatenate([one.carbon, two.carbon]),
        np.concatenate([one.side, two.side]),
        np.concatenate([one.area, two.area]),
        np.concatenate([one.base, two.base]),
        np.concatenate([one.volume, two.volume]),
    )
    return both.take(np.argsort(both.voxel * (INSIDE + 1) + both.side))


def _merged(kind: NDArray[np.uint8], sites: Sites, fresh: Sites) -> Sites:
    """The sites of both groups that lie in open voxels."""
    n = sum(kernels.count_open(kind, group.voxel) for group in (sites, fresh))
    merged = Sites.room_for(n)
    kernels.merge_sites(kind, sites.arrays, fresh.arrays, merged.arrays)
    return merged
