"""What a discharge in an image remembers from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.buffers import Buffers
from solvers.kernels.cells import go_on
from solvers.sites import Sites
from twin.lio2.image_fields import Fields

Array = NDArray[np.float64]

#: Coarse levels are made anew when they have taken so many iterations more than at their best,
#: which is about what making them takes.
WORN: Final = 4


@dataclass(frozen=True, eq=False)
class Past:
    """What is remembered of the last moment.

    Attributes
    ----------
    key : (n,) rising, voxel and side of each site.
    current : (n,) [A].
    depletion, ion, electron : as in `Fields`.
    """

    key: NDArray[np.int64]
    current: Array
    depletion: Array
    ion: Array | None = None
    electron: Array | None = None

    @classmethod
    def of(cls, sites: Sites, fields: Fields) -> Past:
        """Of the sites of a deposit, which are in the order of their keys."""
        return cls(_keys(sites), fields.current, fields.depletion, fields.ion, fields.electron)

    def on(self, sites: Sites, otherwise: Array) -> Array:
        """The currents of these sites; those of sites that were not there are given."""
        key = _keys(sites)
        if np.array_equal(key, self.key):
            return self.current
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[place] == key, self.current[place], otherwise)

    def ahead(self, fields: Fields, ratio: float, buffers: Buffers) -> Fields:
        """Fields that go on from those of now as they came there, by so many times as much."""

        def of(now: Array, before: Array) -> Array:
            out: Array = buffers.empty(now.shape, np.float64)
            go_on(before.ravel(), now.ravel(), ratio, out.ravel())
            return out

        found = replace(fields, depletion=of(fields.depletion, self.depletion))
        if fields.ion is not None and self.ion is not None:
            found = replace(found, ion=of(fields.ion, self.ion))
        if fields.electron is not None and self.electron is not None:
            found = replace(found, electron=of(fields.electron, self.electron))
        return found


def _keys(sites: Sites) -> NDArray[np.int64]:
    return sites.voxel * 7 + sites.side


@dataclass(frozen=True)
class Wear:
    """How well the coarse levels in use still fit the pores.

    Attributes
    ----------
    fewest : iterations of a solve.
    excess : iterations of all their solves beyond that.
    """

    fewest: int
    excess: int = 0

    @classmethod
    def out(cls) -> Wear:
        """Of levels that serve no more."""
        return cls(0, WORN)

    def after(self, iterations: int) -> Wear:
        """After one more solve."""
        fewest = min(self.fewest, iterations)
        return Wear(fewest, self.excess + iterations - fewest)

    @property
    def worn(self) -> bool:
        """Whether new ones pay."""
        return self.excess >= WORN
