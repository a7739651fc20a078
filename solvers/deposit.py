"""Product in the pores of an image: films on carbon, particles, and voxels that close."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import Spacing
from meshing.voxel_mesh import Sides
from solvers.closing import close_full
from solvers.kernels import growth as kernels
from solvers.lattice import Lattice
from solvers.particles import (
    Particles,
    Supply,
    feed,
    left_over,
    plant,
    scatter_nuclei,
    settle,
    supplied,
)
from solvers.sites import INSIDE, Sites, find_sites, smooth_shares

__all__ = [
    "CARBON", "CLOSED", "FULL", "INERT", "PORE", "POROUS",
    "Deposit", "Particles", "SiteArea", "Sites", "Supply", "begin", "grow", "with_nuclei",
]  # fmt: skip

#: Kinds of voxels: not taking part; carbon; open pore; pore full of product; nano-porous carbon,
#: open; nano-porous carbon, full.
INERT: Final = kernels.INERT
CARBON: Final = kernels.CARBON
PORE: Final = kernels.PORE
CLOSED: Final = kernels.CLOSED
POROUS: Final = kernels.POROUS
FULL: Final = kernels.FULL

#: Share of a face below which the area of a smooth wall is none.
ROUNDING: Final = 1e-9

#: The area that faces stand for: their own, that of the smooth wall, or as many times that of the
#: smooth wall as makes all carbon, its inside too, a number over the volume of the image [1/m].
SiteArea = Literal["voxel", "smooth"] | float


@dataclass(frozen=True, eq=False)
class Deposit:
    """Product in the pores of an image.

    Attributes
    ----------
    kind : (nx, ny, nz) uint8, one of `INERT`, `CARBON`, `PORE`, `CLOSED`, `POROUS`, `FULL`.
    film, particle : (nx, ny, nz) float64, product as a share of the room of each voxel. The film of
        a closed voxel without open neighbours may exceed 1.
    spacing : edges of a voxel [m].
    axis : 0, 1 or 2, from one electrode face to the other.
    sides : "no-flux", or "periodic" for an image that goes on across the two other axes.
    porous : porosity of nano-porous voxels, nan without.
    carbon_area : area of all carbon at the start [m2].
    sites : where product is made.
    particles : or None.
    """

    kind: NDArray[np.uint8]
    film: NDArray[np.float64]
    particle: NDArray[np.float64]
    spacing: Spacing
    axis: int
    sides: Sides
    porous: float
    carbon_area: float
    sites: Sites
    particles: Particles | None

    @property
    def theta(self) -> NDArray[np.float64]:
        """(nx, ny, nz), product as a share of the room of each voxel."""
        return self.film + self.particle

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel [m3]."""
        return float(np.prod(self.spacing))

    @property
    def room(self) -> NDArray[np.float64]:
        """(6,) volume for electrolyte or product in a voxel of each kind [m3]."""
        inside = 0.0 if np.isnan(self.porous) else self.porous
        return self.voxel_volume * np.array([0.0, 0.0, 1.0, 1.0, inside, inside])

    @property
    def all_room(self) -> float:
        """Volume for electrolyte or product in the whole image [m3]."""
        return float(
            sum(np.count_nonzero(self.kind == k) * self.room[k] for k in range(PORE, FULL + 1))
        )

    @property
    def wraps(self) -> tuple[bool, bool, bool]:
        """Whether the image goes on at its other side, per axis."""
        return wraps_of(self.axis, self.sides)

    @property
    def lattice(self) -> Lattice:
        """What stays as product grows."""
        return Lattice(self.kind.shape, self.spacing, self.wraps, self.room)

    @property
    def volume(self) -> float:
        """All product [m3]."""
        sums = np.zeros((len(self.kind), len(self.kind), 2))
        kernels.sum_layers(self.kind, self.film, self.particle, self.room, 0, sums)
        return float(sums[..., 1].sum())

    @property
    def active_area(self) -> NDArray[np.float64]:
        """(sites,) area that no particle covers [m2]."""
        return self.sites.area * (1.0 - self.particle.ravel()[self.sites.voxel])


def wraps_of(axis: int, sides: Sides) -> tuple[bool, bool, bool]:
    """Whether an image goes on at its other side, per axis.

    Examples
    --------
    >>> wraps_of(2, "periodic")
    (True, True, False)
    """
    around = sides == "periodic"
    return around and axis != 0, around and axis != 1, around and axis != 2


def begin(
    kind: NDArray[np.uint8],
    spacing: Spacing,
    axis: int,
    sides: Sides = "no-flux",
    area: SiteArea = "smooth",
    *,
    porous_porosity: float = float("nan"),
    porous_area: float = float("nan"),
    nuclei: float | None = None,
    seed: int = 0,
) -> Deposit:
    """An image without product.

    Parameters
    ----------
    kind : (nx, ny, nz), each voxel `INERT`, `CARBON`, `PORE` or `POROUS`.
    spacing : edges of a voxel [m].
    axis : 0, 1 or 2, from one electrode face to the other.
    sides : "no-flux", or "periodic" for an image that goes on across the two other axes.
    area : true area of the faces between pores and carbon. "smooth": a face counts with the
        component of the wall's normal across it, and has no site where that is zero; "voxel": in
        full; a number: smooth, with one factor for all, so that the area of all carbon, with that
        inside nano-porous voxels, over the volume of the image is the number [1/m].
    porous_porosity : room in nano-porous voxels, as a share of their volume.
    porous_area : carbon area inside them, over their volume [1/m].
    nuclei : of particles, per carbon area [1/m2], at least one; None for no particles.
    seed : of the places of the nuclei.

    Raises
    ------
    InputError
        Without any carbon at pores, or with numbers that no image can have.

    Examples
    --------
    >>> image = np.array([CARBON, PORE, PORE], np.uint8).reshape(1, 1, 3)
    >>> deposit = begin(image, (1e-8, 1e-8, 1e-8), axis=2)
    >>> deposit.sites.voxel, deposit.sites.carbon, deposit.sites.side
    (array([1]), array([0]), array([4], dtype=uint8))
    """
    kind = _checked(kind, spacing, axis, porous_porosity, porous_area)
    wraps = wraps_of(axis, sides)
    volume = float(np.prod(spacing))
    sites = find_sites(kind, wraps, spacing, porous_area * volume)
    factor = _factor(sites, kind, wraps, spacing, area)
    true = np.where(sites.side == INSIDE, sites.area, sites.area * factor)
    # A smooth wall may run along a face: what is left of its area is rounding.
    sites = replace(sites, area=true).take(np.flatnonzero(true > ROUNDING * sites.area))
    if len(sites) == 0:
        raise InputError(
            f"no carbon touches any of the {int((kind == PORE).sum())} pore voxels, so that "
            "nothing can react: name the phases that are carbon and pore"
        )
    deposit = Deposit(
        kind, np.zeros(kind.shape), np.zeros(kind.shape), spacing, axis, sides,
        porous_porosity, float(sites.area.sum()), sites, None,
    )  # fmt: skip
    if nuclei is None:
        return deposit
    return with_nuclei(deposit, scatter_nuclei(sites, nuclei, seed))


def with_nuclei(deposit: Deposit, centre: NDArray[np.int64]) -> Deposit:
    """The same image with particles, without product, at the centres of open voxels.

    Parameters
    ----------
    deposit : stays as it is.
    centre : (k,) flat indices of different open voxels. A voxel as near to several nuclei belongs
        to the first of them.
    """
    particles = plant(deposit.lattice, deposit.kind.ravel(), np.asarray(centre, np.int64))
    return replace(deposit, particles=particles)


def grow(
    deposit: Deposit,
    film: NDArray[np.float64],
    solution: NDArray[np.float64] | None = None,
    supply: Supply = "basin",
    reached: NDArray[np.bool_] | None = None,
) -> Deposit:
    """Deposit product at the sites and on particles, and close the voxels that are full.

    The share of a voxel's film for which there is no room goes to its open neighbours in equal
    parts; it stays, as a film above 1, where there are none. So all product is always kept. Every
    open pore behind a closed voxel that had sites gets a site there: with the area of the face
    times the mean ratio of true area to face area of the closed voxel's sites, and times the part
    of it that no particle takes (no site where that alone closed the voxel); with the mean
    thickness, weighted by volume, that they had when the voxel was just full as its base, and what
    a particle in it adds over their area, up to the distance from carbon; and with what came
    through the face as its volume.

    Parameters
    ----------
    deposit : stays as it is.
    film : (sites,) what is made at each site and stays there [m3]; less than 0 dissolves.
    solution : (sites,) what is made at each site and goes to particles [m3]; less than 0 dissolves
        film. What the particles of a pore have no room for becomes film where product was made in
        it, and so does all where there is no particle.
    supply : "basin": particles take what is made in their basins; "uniform": each takes an equal
        part of all that is made in its pore.
    reached : (nx, ny, nz), the open voxels that intermediates reach. Particles do not grow in the
        others, as in pores that have been cut off. None for all.

    Raises
    ------
    InputError
        When there is solution, but there are no particles.

    Examples
    --------
    >>> image = np.array([CARBON, PORE, PORE], np.uint8).reshape(1, 1, 3)
    >>> deposit = begin(image, (1e-8, 1e-8, 1e-8), axis=2, area="voxel")
    >>> deposit = grow(deposit, np.array([1.2e-24]))  # the voxel has room for 1e-24
    >>> deposit.film.round(3).tolist(), deposit.sites.thickness.round(10).tolist()
    ([[[0.0, 1.0, 0.2]]], [1.2e-08])
    """
    film, solution = _amounts(deposit, film, solution)
    kind, share = deposit.kind.ravel(), deposit.film.flatten()
    sites, particles, particle = deposit.sites, deposit.particles, deposit.particle.ravel()
    if particles is None:
        sites = _add_film(deposit, sites, film, share)
    else:
        everywhere = np.ones(kind.size, np.bool_) if reached is None else reached.ravel()
        gained, alone = supplied(particles, sites.voxel, solution, supply)
        film = film + np.where(alone, solution, 0.0)
        sites, particle = _add_film(deposit, sites, film, share), particle.copy()
        particles, left = feed(
            particles, deposit.lattice, kind, everywhere, share, particle, gained
        )  # fmt: skip
        if left.any():
            more = left_over(particles, sites.voxel, np.maximum(film, 0.0) + solution, left)
            sites = _add_film(deposit, sites, more, share)
    kind, sites, closed = close_full(deposit.lattice, kind, share, particle, sites)
    if particles is not None and len(closed) > 0:
        particles = settle(particles, deposit.lattice, kind, particle, closed)
    shape = deposit.kind.shape
    return replace(
        deposit, kind=kind.reshape(shape), film=share.reshape(shape),
        particle=particle.reshape(shape), sites=sites, particles=particles,
    )  # fmt: skip


def _add_film(
    deposit: Deposit, sites: Sites, film: NDArray[np.float64], share: NDArray[np.float64]
) -> Sites:
    """Sites with film added to them, and to the share of their voxels."""
    kernels.add_film(sites.voxel, sites.side, film, deposit.kind.ravel(), deposit.room, share)
    return replace(sites, volume=sites.volume + film)


def _amounts(
    deposit: Deposit, film: NDArray[np.float64], solution: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Film, of which some may dissolve, and solution."""
    n = len(deposit.sites)
    film = np.asarray(film, np.float64)
    solution = np.zeros(n) if solution is None else np.asarray(solution, np.float64)
    for made in (film, solution):
        if made.shape != (n,) or not np.isfinite(made).all():
            raise InputError(
                f"what is made must be a finite volume for each of the {n} sites, but is an array "
                f"of the shape {made.shape}"
            )
    if deposit.particles is None and solution.any():
        raise InputError(
            "product goes to particles, but there are none: begin with nuclei, or make a film"
        )
    return film + np.minimum(solution, 0.0), np.maximum(solution, 0.0)


def _factor(
    sites: Sites,
    kind: NDArray[np.uint8],
    wraps: tuple[bool, bool, bool],
    spacing: Spacing,
    area: SiteArea,
) -> NDArray[np.float64] | float:
    """True area of each site over the area of its face."""
    if area == "voxel":
        return 1.0
    shares = smooth_shares(sites, kind, wraps, spacing)
    if area == "smooth":
        return shares
    number = float(area)
    if not (np.isfinite(number) and number > 0):
        raise InputError(f"the carbon area over volume must be positive [1/m], but is {area}")
    inside = sites.side == INSIDE
    smooth = float((shares * sites.area)[~inside].sum())
    wanted = number * kind.size * float(np.prod(spacing)) - float(sites.area[inside].sum())
    if not (wanted > 0 and smooth > 0):
        own = number - wanted / (kind.size * float(np.prod(spacing)))
        raise InputError(
            f"a carbon area of {number:g} 1/m leaves nothing for faces at pores, since nano-porous "
            f"carbon has {own:g} 1/m inside; give more, or less area inside"
            if smooth > 0
            else "no carbon has faces at pores that an area could be given for; leave it out"
        )
    return shares * (wanted / smooth)


def _checked(
    kind: NDArray[np.uint8], spacing: Spacing, axis: int, porosity: float, inside: float
) -> NDArray[np.uint8]:
    kind = np.array(kind, np.uint8, order="C")
    if kind.ndim != 3 or axis not in range(3):
        raise InputError(
            f"an image has the axes 0, 1 and 2, but this one has {kind.ndim}, and axis is {axis}"
        )
    if not all(np.isfinite(h) and h > 0 for h in spacing):
        raise InputError(f"edges of a voxel must be three positive lengths, but are {spacing}")
    found = set(np.flatnonzero(np.bincount(kind.ravel())).tolist())
    if not found <= {INERT, CARBON, PORE, POROUS}:
        raise InputError(f"voxels at the start are inert, carbon, pore or porous, but are {found}")
    if POROUS in found and not (0 < porosity < 1 and np.isfinite(inside) and inside > 0):
        raise InputError(
            "nano-porous voxels need a porosity between 0 and 1 and a positive area over volume, "
            f"but were given {porosity} and {inside}"
        )
    return kind
