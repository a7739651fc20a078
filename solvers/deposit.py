"""Product in the pores of an image: films on carbon, particles, and voxels that close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import Spacing
from meshing.voxel_mesh import Sides
from solvers.kernels import growth as kinds
from solvers.particles import Particles
from solvers.sites import INSIDE, Sites, find_sites, smooth_shares

__all__ = [
    "CARBON", "CLOSED", "FULL", "INERT", "PORE", "POROUS",
    "Deposit", "Particles", "SiteArea", "Sites", "begin",
]  # fmt: skip

#: Kinds of voxels: not taking part; carbon; open pore; pore full of product; nano-porous carbon,
#: open; nano-porous carbon, full.
INERT: Final = kinds.INERT
CARBON: Final = kinds.CARBON
PORE: Final = kinds.PORE
CLOSED: Final = kinds.CLOSED
POROUS: Final = kinds.POROUS
FULL: Final = kinds.FULL

#: The area that faces stand for: their own, that of the smooth wall, or what makes the area of all
#: faces over the volume of the image a number [1/m].
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
    def wraps(self) -> tuple[bool, bool, bool]:
        """Whether the image goes on at its other side, per axis."""
        return wraps_of(self.axis, self.sides)

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
        component of the wall's normal across it; "voxel": in full; a number: with one factor for
        all, so that their area over the volume of the image is the number [1/m].
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
    if len(sites) == 0:
        raise InputError(
            f"no carbon touches a pore among {int((kind == PORE).sum())} pore voxels, so that nothing "
            "can react: name the phases that are carbon and pore"
        )
    factor = _factor(sites, kind, wraps, spacing, area)
    true = np.where(sites.side == INSIDE, sites.area, sites.area * factor)
    sites = Sites(sites.voxel, sites.carbon, sites.side, true, sites.base, sites.volume)
    deposit = Deposit(
        kind, np.zeros(kind.shape), np.zeros(kind.shape), spacing, axis, sides,
        porous_porosity, float(true.sum()), sites, None,
    )  # fmt: skip
    return deposit


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
    if area == "smooth":
        return smooth_shares(sites, kind, wraps, spacing)
    number = float(area)
    if not (np.isfinite(number) and number > 0):
        raise InputError(f"the carbon area over volume must be positive [1/m], but is {area}")
    faces = float(sites.area[sites.side != INSIDE].sum())
    return number * kind.size * float(np.prod(spacing)) / faces


def _checked(
    kind: NDArray[np.uint8], spacing: Spacing, axis: int, porosity: float, inside: float
) -> NDArray[np.uint8]:
    kind = np.ascontiguousarray(kind, np.uint8)
    if kind.ndim != 3 or axis not in (0, 1, 2):
        raise InputError(
            f"an image has three axes, 0, 1 and 2, but it has {kind.ndim} and the axis is {axis}"
        )
    if len(spacing) != 3 or not all(np.isfinite(h) and h > 0 for h in spacing):
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
