"""Particles of product that grow from nuclei, each in the open voxels nearest to its nucleus."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.kernels import particles as kernels
from solvers.kernels.growth import PORE, POROUS
from solvers.lattice import Lattice
from solvers.sites import Sites

#: Where a particle takes product from: what is made in its basin, or an equal part of all.
Supply = Literal["basin", "uniform"]


@dataclass(frozen=True, eq=False)
class Particles:
    """Balls that fill their basins outwards.

    Particle i with radius R holds, in a voxel at distance d of its basin, the share
    ``min(1 - film, clamp((R - d) / w + 1 / 2, 0, 1))`` of its room, w the mean edge of a voxel.

    Attributes
    ----------
    centre : (k,) int64, flat index of the voxel with the nucleus in its centre.
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

    Parameters
    ----------
    lattice : of the image.
    kind : (nx ny nz,).
    centre : (k,) flat indices of different open voxels. A voxel as near to several nuclei belongs
        to the first of them.
    """
    square, number = np.full(lattice.shape, np.inf), np.full(lattice.shape, -1, np.int32)
    square.ravel()[centre], number.ravel()[centre] = 0.0, np.arange(len(centre))
    unit = min(lattice.spacing)
    for axis in range(3):
        views = np.moveaxis(square, axis, 2), np.moveaxis(number, axis, 2)
        kernels.nearest_along(*views, lattice.spacing[axis] / unit, lattice.wraps[axis])
    basin = number.ravel()
    basin[(kind != PORE) & (kind != POROUS)] = -1
    start = np.append(0, np.cumsum(np.bincount(basin + 1, minlength=len(centre) + 1)[1:]))
    order, distance = np.empty(start[-1], np.int64), np.empty(start[-1])
    kernels.pack(kind, basin, square.ravel(), unit, start, order, distance)
    kernels.sort_basins(start, order, distance)
    none = np.zeros(len(centre))
    return Particles(
        centre, none, none, basin, order, distance, start, start[:-1].copy(), none, none
    )


def feed(
    particles: Particles,
    lattice: Lattice,
    kind: NDArray[np.uint8],
    film: NDArray[np.float64],
    particle: NDArray[np.float64],
    gained: NDArray[np.float64],
) -> tuple[Particles, float]:
    """Let particles grow in the room that films leave.

    What a full basin cannot take goes to the particles that can, in equal parts.

    Parameters
    ----------
    particles, lattice, kind, film : stay as they are; the last two (nx ny nz,).
    particle : (nx ny nz,), changed.
    gained : (k,) product for each particle [m3].

    Returns
    -------
    particles, left : with what no particle can take [m3].
    """
    volume, radius = particles.volume + gained, particles.radius.copy()
    first, k = particles.first.copy(), len(particles)
    surplus, full = np.zeros(k), np.zeros(k, np.bool_)
    able, left = np.arange(k), 0.0
    while True:
        kernels.fill(
            able, float(np.mean(lattice.spacing)), particles.start, particles.order,
            particles.distance, kind, film, lattice.room, particles.settled,
            volume, radius, first, particle, surplus, full,
        )  # fmt: skip
        left, able = float(surplus[able].sum()), able[~full[able]]
        if left == 0.0 or len(able) == 0:
            break
        volume[able] += left / len(able)
    return replace(particles, volume=volume, radius=radius, first=first), left


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
