"""Straight fibres that are the same at any voxel: distances from lines that are drawn once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import twin


@dataclass(frozen=True)
class StraightFibres:
    """Fibres of one radius at random in a cube, in all directions, that go right through it.

    Attributes
    ----------
    edge : of the cube [m].
    radius : of the fibres [m].
    porosity : that their number is drawn for.
    seed : of their places.
    """

    edge: float
    radius: float
    porosity: float
    seed: int

    def distances(self, voxels: int) -> np.ndarray:
        """Of the voxels' centres from the surface of the nearest fibre, negative inside [m]."""
        centre = (np.arange(voxels) + 0.5) * self.edge / voxels
        places = np.meshgrid(centre, centre, centre, indexing="ij", sparse=True)
        square = np.full((voxels,) * 3, np.inf)
        for point, way in zip(*self._lines(), strict=True):
            apart = [x - p for x, p in zip(places, point, strict=True)]
            along = sum(d * w for d, w in zip(apart, way, strict=True))
            np.minimum(square, sum(d * d for d in apart) - along**2, out=square)
        return np.sqrt(np.maximum(square, 0.0)) - self.radius

    def image(self, voxels: int) -> twin.Volume:
        """Carbon where the centre of a voxel is in a fibre."""
        labels = (self.distances(voxels) < 0).astype(np.uint8)
        return twin.Volume(labels, spacing=self.edge / voxels, phases={"pore": 0, "carbon": 1})

    def _lines(self) -> tuple[np.ndarray, np.ndarray]:
        """A point and the direction of each."""
        random, reach = np.random.default_rng(self.seed), 1.2 * self.edge
        length = -np.log(self.porosity) / (np.pi * self.radius**2)
        ways = random.standard_normal((random.poisson(length * np.pi * reach**2), 3))
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        across = random.standard_normal(ways.shape)
        across -= np.sum(across * ways, axis=1, keepdims=True) * ways
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        away = reach * np.sqrt(random.random((len(ways), 1)))
        return self.edge / 2 + away * across, ways


@dataclass(frozen=True, eq=False)
class ParallelSurface:
    """What a film of one thickness everywhere fills, and its surface, exactly but for sampling.

    Attributes
    ----------
    thickness : from 0 on, evenly [m].
    filled : share of the pores.
    area : of the surface over the whole volume [1/m].
    """

    thickness: np.ndarray
    filled: np.ndarray
    area: np.ndarray

    @classmethod
    def of(cls, distances: np.ndarray, step: float, most: float) -> ParallelSurface:
        """From distances at places that are spread evenly; the area is the slope of the volume."""
        places = np.sort(distances.ravel())
        thickness = np.arange(0.0, most, step)
        inside = [np.searchsorted(places, thickness + d) / len(places) for d in (-step, 0.0, step)]
        porosity = 1.0 - inside[1][0]
        filled = (inside[1] - inside[1][0]) / porosity
        return cls(thickness, filled, (inside[2] - inside[0]) / (2 * step))
