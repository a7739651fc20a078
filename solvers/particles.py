"""Particles of product that grow from nuclei, each in open voxels that are near and connected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.connectivity import connected_components
from meshing.errors import InputError
from solvers.kernels import basins
from solvers.kernels import particles as kernels
from solvers.kernels.growth import PORE, POROUS
from solvers.lattice import Lattice
from solvers.sites import Sites

#: Where a particle takes product from: what is made in its basin, or an equal part of all.
Supply = Literal["basin", "uniform"]

#: Voxels that hold electrolyte, by kind.
OPEN: Final = np.isin(np.arange(6), (PORE, POROUS))


@dataclass(frozen=True, eq=False)
class Particles:
    """Balls that fill their basins outwards.

    Particle i with radius R holds, in a voxel at distance d of its basin, the share
    ``min(1 - film, clamp((R - d) / w + 1 / 2, 0, 1))`` of its room, w the mean edge of a voxel.

    Attributes
    ----------
    centre : (k,) int64, flat index of the voxel with the nucleus in its centre.
    pore : (k,) int64, number of the pore it lies in; two of them are in the same one if open voxels
        connected them at the start.
    volume : (k,) float64 [m3].
    radius : (k,) float64 [m], 0 as long as the particle fills less than half of its first voxel.
    basin : (nx ny nz,) int32, particle of every voxel that was open at the start, or -1.
    order : (m,) int64, flat indices of these voxels, by particle and then by distance.
    distance : (m,) float64, of the voxels of `order` from the centres of their particles [m].
    start : (k + 1,) int64, where each particle's voxels are in `order`.
    first : (k,) int64, in `order`, voxels of the particle before it are closed.
    settled : (k,) float64, product of the particle in closed voxels [m3].
    lost : (k,) float64, what rounding added to `settled` [m3].
    """

    centre: NDArray[np.int64]
    pore: NDArray[np.int64]
    volume: NDArray[np.float64]
    radius: NDArray[np.float64]
    basin: NDArray[np.int32]
    order: NDArray[np.int64]
    distance: NDArray[np.float64]
    start: NDArray[np.int64]
    first: NDArray[np.int64]
    settled: NDArray[np.float64]
    lost: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.centre)


def scatter_nuclei(sites: Sites, per_area: float, seed: int) -> NDArray[np.int64]:
    """Voxels of nuclei at random places on sites, as likely as their area, one in a voxel at most.

    Parameters
    ----------
    sites : where nuclei may be.
    per_area : nuclei per area of the sites [1/m2], one at least.
    seed : of the random numbers.

    Raises
    ------
    InputError
        When there are more nuclei than voxels with sites.
    """
    # The first of clocks that ring at random, each as often as its site is large.
    rings = np.random.default_rng(seed).exponential(size=len(sites)) / sites.area
    voxels, rank = np.unique(sites.voxel[np.argsort(rings)], return_index=True)
    count = max(1, round(per_area * float(sites.area.sum())))
    if count > len(voxels):
        raise InputError(
            f"{per_area:g} nuclei per m2 are {count} nuclei for {len(voxels)} voxels at carbon: "
            "take fewer, or a film, which so many particles are"
        )
    return np.sort(voxels[np.argsort(rank)[:count]])


def plant(lattice: Lattice, kind: NDArray[np.uint8], centre: NDArray[np.int64]) -> Particles:
    """Nuclei without product, and their basins.

    An open voxel belongs to the nearest nucleus if open voxels of the same basin connect them. If
    not, as behind a wall, it goes to the basin that reaches it from neighbour to neighbour over the
    fewest voxels, of several to that with the nearest nucleus. In pores without a nucleus it
    belongs to none.

    Parameters
    ----------
    lattice : of the image.
    kind : (nx ny nz,).
    centre : (k,) flat indices of different open voxels. A voxel as near to several nuclei belongs
        to the first of them.
    """
    square, basin = _nearest(lattice, centre)
    unit, count = min(lattice.spacing), np.zeros(len(centre), np.int64)
    basins.doubt(kind, basin, count)
    start = np.append(0, np.cumsum(count))
    basins.keep_connected(
        centre, lattice.shape, lattice.wraps, start, basin, np.empty(start[-1], np.int64)
    )
    cut = np.flatnonzero(basin < basins.NONE)
    steps = tuple(edge / unit for edge in lattice.spacing)
    basins.flood(cut, centre, lattice.shape, lattice.wraps, steps, basin, square, count)
    start = np.append(0, np.cumsum(count))
    order, distance = np.empty(start[-1], np.int64), np.empty(start[-1])
    basins.pack(basin, square, unit, start, order, distance)
    basins.sort_basins(start, order, distance)
    none = np.zeros(len(centre))
    return Particles(
        centre, _pores(lattice, kind, centre), none, none, basin, order, distance, start,
        start[:-1].copy(), none, none,
    )  # fmt: skip


def _nearest(
    lattice: Lattice, centre: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Squared distance of every voxel from the nearest nucleus, by the shortest edge; the number
    of the nucleus."""
    square, number = np.full(lattice.shape, np.inf), np.full(lattice.shape, -1, np.int32)
    square.ravel()[centre], number.ravel()[centre] = 0.0, np.arange(len(centre))
    unit = min(lattice.spacing)
    for axis in range(3):
        views = np.moveaxis(square, axis, 2), np.moveaxis(number, axis, 2)
        basins.nearest_along(*views, lattice.spacing[axis] / unit, lattice.wraps[axis])
    return square.ravel(), number.ravel()


def _pores(
    lattice: Lattice, kind: NDArray[np.uint8], centre: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The pore that each centre lies in, from 0 on."""
    parts = connected_components(kind.reshape(lattice.shape), OPEN, lattice.wraps)
    row = np.repeat(np.arange(len(parts.row_start) - 1), np.diff(parts.row_start))
    first = row * lattice.shape[2] + parts.run_low
    run = np.searchsorted(first, centre, side="right") - 1
    return np.unique(parts.component[run], return_inverse=True)[1]


def supplied(
    particles: Particles, voxel: NDArray[np.int64], made: NDArray[np.float64], supply: Supply
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Share out what is made in solution.

    Parameters
    ----------
    voxel : (sites,) where it is made.
    made : (sites,) how much [m3].
    supply : "basin": to the particle of the basin; "uniform": to all of the same pore alike.

    Returns
    -------
    gained, alone : (k,) product for each particle [m3]; (sites,) whether no particle lies in the
        pore, so that none gets what is made there.
    """
    basin, pore = particles.basin[voxel], particles.pore
    gained = np.asarray(np.bincount(basin + 1, made, len(particles) + 1)[1:], np.float64)
    if supply == "uniform":
        gained = (np.bincount(pore, gained) / np.bincount(pore))[pore]
    return gained, basin < 0


def feed(
    particles: Particles,
    lattice: Lattice,
    kind: NDArray[np.uint8],
    reached: NDArray[np.bool_],
    film: NDArray[np.float64],
    particle: NDArray[np.float64],
    gained: NDArray[np.float64],
) -> tuple[Particles, NDArray[np.float64]]:
    """Let particles grow in the room that films leave.

    What a full basin cannot take goes to the particles of the same pore that can, in equal parts.

    Parameters
    ----------
    particles, lattice, kind, reached, film : stay as they are; the last three (nx ny nz,). Where
        `reached` is false particles do not grow.
    particle : (nx ny nz,), changed.
    gained : (k,) product for each particle [m3].

    Returns
    -------
    particles, left : with what no particle can take of what each pore made (pores,) [m3].
    """
    volume, radius = particles.volume + gained, particles.radius.copy()
    first, k, pore = particles.first.copy(), len(particles), particles.pore
    surplus, full = np.zeros(k), np.zeros(k, np.bool_)
    able, left = np.arange(k), np.zeros(pore.max() + 1)
    while len(able) > 0:
        kernels.fill(
            able, float(np.mean(lattice.spacing)), particles.start, particles.order,
            particles.distance, kind, reached, film, lattice.room, particles.settled,
            volume, radius, first, particle, surplus, full,
        )  # fmt: skip
        left += np.bincount(pore[able], surplus[able], len(left))
        able = able[~full[able]]
        takers = np.bincount(pore[able], minlength=len(left))
        able = able[left[pore[able]] > 0.0]
        volume[able] += (left / np.maximum(takers, 1))[pore[able]]
        left[takers > 0] = 0.0
    return replace(particles, volume=volume, radius=radius, first=first), left


def left_over(
    particles: Particles,
    voxel: NDArray[np.int64],
    made: NDArray[np.float64],
    left: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What particles could not take, where it was made.

    Parameters
    ----------
    voxel, made : (sites,) where product was made, and how much [m3].
    left : (pores,) what no particle of the pore can take [m3].

    Returns
    -------
    (sites,) [m3], in each pore in proportion to what was made.
    """
    basin = particles.basin[voxel]
    pore = np.where(basin < 0, len(left), particles.pore[basin])
    total = np.bincount(pore, made, len(left) + 1)
    part = np.divide(np.append(left, 0.0), total, out=np.zeros(len(total)), where=total > 0.0)
    return np.asarray(part[pore] * made, np.float64)


def settle(
    particles: Particles,
    lattice: Lattice,
    kind: NDArray[np.uint8],
    particle: NDArray[np.float64],
    closed: NDArray[np.int64],
) -> Particles:
    """Keep what particles have in voxels that have just closed."""
    settled, lost = particles.settled.copy(), particles.lost.copy()
    kernels.settle(closed, particles.basin, kind, particle, lattice.room, settled, lost)
    return replace(particles, settled=settled, lost=lost)
