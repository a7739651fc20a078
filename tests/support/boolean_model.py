"""The Boolean model: balls (discs) of one radius about the points of a Poisson process.

A point is outside all balls with the probability q = exp(-lambda K(0)), two points at a distance r
with q^2 exp(lambda K(r)), K(r) being the volume that two balls at that distance share. All else
follows, in the unit of the spacing; nothing of the package's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import integrate


@dataclass(frozen=True)
class BooleanModel:
    """Balls of a radius that cover a fraction, in three dimensions or two."""

    radius: float
    fraction: float
    dimensions: int = 3

    def shared(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """Volume (area) that two balls (discs) at the distance r share."""
        half = np.minimum(r / (2 * self.radius), 1.0)
        if self.dimensions == 3:
            ball = 4 / 3 * math.pi * self.radius**3
            return np.asarray(ball * (1 - 1.5 * half + 0.5 * half**3))
        lens = np.arccos(half) - half * np.sqrt(1 - half**2)
        return np.asarray(2 * self.radius**2 * lens)

    @property
    def intensity(self) -> float:
        """Centres per volume."""
        return -math.log1p(-self.fraction) / float(self.shared(np.zeros(1))[0])

    @property
    def surface(self) -> float:
        """Surface per volume: what the balls have, less what is in others."""
        one = 4 * math.pi * self.radius**2 if self.dimensions == 3 else 2 * math.pi * self.radius
        return self.intensity * one * (1 - self.fraction)

    def covariance(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """S2(r) - fraction^2, of the balls and of what is between them."""
        outside = (1 - self.fraction) ** 2
        return np.asarray(outside * np.expm1(self.intensity * self.shared(r)))

    def probability(self, r: NDArray[np.float64]) -> NDArray[np.float64]:
        """That two points at the distance r are both in balls."""
        return self.covariance(r) + self.fraction**2

    @property
    def integral_length(self) -> float:
        """Integral of the correlation over the distance."""
        return self._integral(lambda r: np.ones_like(r))

    @property
    def integral_range(self) -> float:
        """Integral of the correlation over all vectors."""
        if self.dimensions == 3:
            return self._integral(lambda r: 4 * math.pi * r**2)
        return self._integral(lambda r: 2 * math.pi * r)

    def variance(self, edges: tuple[float, ...]) -> float:
        """Of the volume fraction in a box: the covariance over all pairs of its points."""
        nodes, weights = np.polynomial.legendre.leggauss(48)
        reach = 2 * self.radius  # the integrand is even in each coordinate, and 0 beyond
        x = (nodes + 1) / 2 * reach
        share = [(1 - x / edge) * weights * reach for edge in edges]
        r = np.sqrt(sum(c**2 for c in np.ix_(*[x] * len(edges))))
        both = math.prod(np.ix_(*share))
        return float((self.covariance(r) * both).sum() / math.prod(edges))

    def image(
        self, shape: tuple[int, ...], spacing: tuple[float, ...], seed: int
    ) -> NDArray[np.bool_]:
        """One realisation: True in balls; of two axes where the model has two dimensions."""
        random = np.random.default_rng(seed)
        box = np.multiply(shape, spacing) + 2 * self.radius
        centres = random.random((random.poisson(self.intensity * box.prod()), len(shape))) * box
        out = np.zeros(shape, bool)
        for centre in centres - self.radius:
            low = np.clip(np.floor((centre - self.radius) / spacing).astype(int), 0, shape)
            high = np.clip(np.ceil((centre + self.radius) / spacing).astype(int), 0, shape)
            cut = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
            squares = [
                ((np.arange(a, b) + 0.5) * h - c) ** 2
                for a, b, h, c in zip(low, high, spacing, centre, strict=True)
            ]
            out[cut] |= sum(np.ix_(*squares)) <= self.radius**2
        return out

    def _integral(self, weight) -> float:  # type: ignore[no-untyped-def]
        sill = self.fraction * (1 - self.fraction)
        found, _ = integrate.quad(
            lambda r: float(weight(np.array(r)) * self.covariance(np.array(r))), 0, 2 * self.radius
        )
        return found / sill
