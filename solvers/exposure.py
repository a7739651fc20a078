"""How much carbon is bare, how thick the product on it is, and how both lie over the depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.deposit import Deposit
from solvers.kernels.growth import sum_layers

Floats = NDArray[np.float64]

#: Classes of thickness.
CLASSES: Final = 50


@dataclass(frozen=True, eq=False)
class Exposure:
    """Carbon and the product on it.

    Attributes
    ----------
    carbon_area : of all carbon at the start [m2].
    bare_area : of this, what neither a film of more than a given thickness, nor a particle, nor a
        closed voxel covers [m2].
    mean_thickness : of the product between carbon and electrolyte, over the area of sites [m].
    largest_thickness : [m].
    largest_particle : volume [m3], 0 without particles.
    edges : of 50 classes of thickness, from 0 to the largest [m].
    area : (50,) of the sites of each class [m2].
    """

    carbon_area: float
    bare_area: float
    mean_thickness: float
    largest_thickness: float
    largest_particle: float
    edges: Floats
    area: Floats

    @property
    def covered_area(self) -> float:
        """What is not bare [m2]."""
        return self.carbon_area - self.bare_area

    @property
    def coverage(self) -> float:
        """Share of the carbon that is covered."""
        return self.covered_area / self.carbon_area


def exposure(deposit: Deposit, covered: float) -> Exposure:
    """Measure how much carbon is bare, and how thick the product is.

    Parameters
    ----------
    deposit : product in an image.
    covered : thickness of film above which carbon counts as covered [m].

    Examples
    --------
    >>> from solvers.deposit import CARBON, PORE, begin, grow
    >>> image = np.array([CARBON, PORE, PORE, CARBON], np.uint8).reshape(1, 1, 4)
    >>> deposit = begin(image, (1e-8, 1e-8, 1e-8), axis=2, area="voxel")
    >>> deposit = grow(deposit, np.array([2e-25, 0.0]))  # 2 nm on one of two faces
    >>> found = exposure(deposit, covered=1e-9)
    >>> found.coverage, round(found.mean_thickness, 12)
    (0.5, 1e-09)
    """
    sites, thickness = deposit.sites, deposit.sites.thickness
    bare = (sites.base == 0) & (thickness <= covered)
    largest = float(thickness.max(initial=0.0))
    area, edges = np.histogram(
        thickness, CLASSES, (min(0.0, float(thickness.min(initial=0.0))), largest or covered),
        weights=sites.area,
    )  # fmt: skip
    particles = deposit.particles
    return Exposure(
        deposit.carbon_area,
        float(deposit.active_area[bare].sum()),
        _mean(thickness, sites.area),
        largest,
        0.0 if particles is None else float(particles.volume.max()),
        edges,
        area,
    )


def _mean(values: Floats, weights: Floats) -> float:
    """Weighted mean, 0 of nothing."""
    total = float(weights.sum())
    return float(values @ weights) / total if total > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Layers:
    """Sums over the layers of voxels from one electrode face to the other.

    Attributes
    ----------
    room : for electrolyte and product [m3].
    product : [m3].
    area : of the sites that no particle covers [m2].
    thickness : mean of the product between carbon and electrolyte over the area of sites, 0 without
        any [m].
    """

    room: Floats
    product: Floats
    area: Floats
    thickness: Floats


def by_layer(deposit: Deposit) -> Layers:
    """Room, product, area and thickness layer by layer along the axis of a deposit.

    Examples
    --------
    >>> from solvers.deposit import CARBON, PORE, begin, grow
    >>> image = np.array([CARBON, PORE, PORE], np.uint8).reshape(1, 1, 3)
    >>> deposit = grow(begin(image, (1.0, 1.0, 1.0), axis=2, area="voxel"), np.array([0.25]))
    >>> layers = by_layer(deposit)
    >>> layers.room.tolist(), layers.product.tolist(), layers.thickness.tolist()
    ([0.0, 1.0, 1.0], [0.0, 0.25, 0.0], [0.0, 0.25, 0.0])
    """
    shape, axis, sites = deposit.kind.shape, deposit.axis, deposit.sites
    sums = np.zeros((shape[0], shape[axis], 2))
    sum_layers(deposit.kind, deposit.film, deposit.particle, deposit.room, axis, sums)
    room, product = sums.sum(axis=0).T
    layer = sites.voxel // int(np.prod(shape[axis + 1 :])) % shape[axis]
    active, area, weighted = (
        np.asarray(np.bincount(layer, each, shape[axis]), np.float64)
        for each in (deposit.active_area, sites.area, sites.area * sites.thickness)
    )
    thickness = np.divide(weighted, area, out=np.zeros(shape[axis]), where=area > 0)
    return Layers(room, product, active, thickness)
