"""How a volume is shared among sizes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError

__all__ = ["SizeDistribution"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SizeDistribution:
    """How many voxels have which size.

    Attributes
    ----------
    sizes : (n,) float64
        The sizes found, ascending [m]; in voxels where their edges are unknown.
    voxels : (n,) int64
        Voxels of each size.

    Examples
    --------
    >>> import numpy as np, twin
    >>> found = twin.SizeDistribution(np.array([1e-6, 2e-6]), np.array([30, 70]))
    >>> found.d10, found.d50, round(found.mean, 12)
    (1e-06, 2e-06, 1.7e-06)
    """

    sizes: Floats
    voxels: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Voxels of all sizes."""
        return int(self.voxels.sum())

    @property
    def cumulative(self) -> Floats:
        """Share of the voxels with each size or a smaller one, (n,), from 0 to 1."""
        return np.cumsum(self.voxels) / max(self.total, 1)

    def quantile(self, share: float) -> float:
        """The smallest size such that at least a share of the voxels is no larger.

        Parameters
        ----------
        share : float
            From 0 to 1.

        Returns
        -------
        float
            The size [m]; nan where there is none.

        Raises
        ------
        InputError
            When the share is not between 0 and 1.
        """
        if not 0.0 <= share <= 1.0:
            raise InputError(f"a share is from 0 to 1, found {share!r}; D50 has the share 0.5")
        if not self.total:
            return np.nan
        # Whole numbers, so that 0.5 of a hundred voxels is fifty of them and not fifty-one.
        least = np.ceil(round(share * self.total, 6))
        return float(self.sizes[np.searchsorted(np.cumsum(self.voxels), max(least, 1))])

    @property
    def d10(self) -> float:
        """Size that a tenth of the volume does not exceed [m]."""
        return self.quantile(0.1)

    @property
    def d50(self) -> float:
        """Median size by volume [m]."""
        return self.quantile(0.5)

    @property
    def d90(self) -> float:
        """Size that nine tenths of the volume do not exceed [m]."""
        return self.quantile(0.9)

    @property
    def mean(self) -> float:
        """Mean size by volume [m]; nan where there is none."""
        return float(self.sizes @ self.voxels / self.total) if self.total else np.nan

    def histogram(self, bins: int | Sequence[float] = 30) -> tuple[Floats, Floats]:
        """Share of the volume in classes of size.

        Parameters
        ----------
        bins : int or sequence of floats
            Number of classes of equal width from 0 to the largest size, or their edges [m].

        Returns
        -------
        edges, shares : (k + 1,) and (k,) float64
            Edges of the classes [m] and the share of the volume in each. A size on an edge belongs
            to the class below it.

        Raises
        ------
        InputError
            When there is no class, or their edges do not ascend.
        """
        edges = self._edges(bins)
        shares = np.zeros(len(edges) - 1)
        if self.total:
            # The width of a rounding error keeps a size that is an edge in the class below it.
            place = np.searchsorted(edges * (1.0 + 1e-9), self.sizes) - 1
            known = (place >= 0) & (place < len(shares))
            np.add.at(shares, place[known], self.voxels[known] / self.total)
        return edges, shares

    def rows(self, bins: int | Sequence[float] = 30) -> list[dict[str, Any]]:
        """The histogram as rows of a table, with the share that is no larger.

        Parameters
        ----------
        bins : int or sequence of floats
            As for `histogram`.
        """
        edges, shares = self.histogram(bins)
        below = np.cumsum(shares)
        columns = zip(edges[:-1], edges[1:], shares, below, strict=True)
        names = ("above", "up_to", "share", "cumulative")
        return [dict(zip(names, map(float, row), strict=True)) for row in columns]

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only."""
        return {"d10": self.d10, "d50": self.d50, "d90": self.d90, "mean": self.mean}

    def _edges(self, bins: int | Sequence[float]) -> Floats:
        if isinstance(bins, int):
            if bins < 1:
                raise InputError(f"a histogram has 1 class or more, found {bins}")
            return np.linspace(0.0, float(self.sizes[-1]) if self.total else 1.0, bins + 1)
        edges = np.asarray(bins, np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0.0).all():
            raise InputError(f"edges of classes are two or more ascending numbers, found {bins!r}")
        return edges


def distribution_of(values: NDArray[np.float32]) -> SizeDistribution:
    """Count the sizes of voxels; zeros are voxels without a size.

    Parameters
    ----------
    values : (nx, ny, nz) float32 sizes [m].

    Returns
    -------
    SizeDistribution

    Examples
    --------
    >>> import numpy as np
    >>> from twin.size_distribution import distribution_of
    >>> distribution_of(np.array([[[0.0, 2.0, 2.0, 3.0]]], np.float32)).voxels.tolist()
    [2, 1]
    """
    sizes, voxels = np.unique(values, return_counts=True)
    kept = sizes > 0.0
    return SizeDistribution(sizes[kept].astype(np.float64), voxels[kept].astype(np.int64))


def together(parts: Iterable[SizeDistribution]) -> SizeDistribution:
    """The voxels of several distributions as one.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.size_distribution import SizeDistribution, together
    >>> one = SizeDistribution(np.array([1.0, 2.0]), np.array([3, 4]))
    >>> together([one, one]).voxels.tolist()
    [6, 8]
    """
    distributions = list(parts)
    every = np.concatenate([one.sizes for one in distributions])
    sizes, place = np.unique(every, return_inverse=True)
    voxels = np.zeros(len(sizes), np.int64)
    np.add.at(voxels, place, np.concatenate([one.voxels for one in distributions]))
    return SizeDistribution(sizes, voxels)
