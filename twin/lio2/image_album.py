"""Slices through an image while it is discharged: what its pictures show.

They are taken at every moment and are small, and the album thins itself out, so that it holds the
whole of any discharge, however short or long, in next to no memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.reach import HIGH, LOW
from meshing.volume import Volume
from solvers.deposit import PORE, Deposit
from twin.lio2.image_fields import Fields
from twin.lio2.image_stage import Stage

Array = NDArray[np.float64]

#: Moments that an album holds.
MOST: Final = 48


@dataclass(frozen=True)
class Plane:
    """The plane in the middle of an image, along the depth and the longer of the other axes.

    Attributes
    ----------
    normal, position : its axis, 0, 1 or 2, and the layer of voxels.
    across, depth : axes in it; `depth` leads from the separator to the oxygen or back.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.lio2.image_album import Plane
    >>> Plane.of(twin.Volume(np.zeros((4, 9, 6), np.uint8), spacing="1um"), depth=2)
    Plane(normal=0, position=2, across=1, depth=2)
    """

    normal: int
    position: int
    across: int
    depth: int

    @classmethod
    def of(cls, volume: Volume, depth: int) -> Plane:
        """The plane of an image."""
        size = np.multiply(volume.shape, volume.spacing)
        normal, across = sorted({0, 1, 2} - {depth}, key=lambda a: size[a])
        return cls(normal, volume.shape[normal] // 2, across, depth)

    def cut(self, values: NDArray[Any]) -> NDArray[Any]:
        """The plane of a dense array, (across, depth)."""
        found: NDArray[Any] = values.take(self.position, self.normal)
        return found if self.across < self.depth else found.T

    def sums(self, voxel: NDArray[np.int64], values: Array, shape: tuple[int, ...]) -> Array:
        """Sums of values in the voxels of the plane, (across, depth).

        Parameters
        ----------
        voxel : (n,) flat indices into the image.
        values : (n,).
        shape : of the image.
        """
        stride = int(np.prod(shape[self.normal + 1 :]))
        here = np.flatnonzero(voxel // stride % shape[self.normal] == self.position)
        place = np.unravel_index(voxel[here], shape)
        n, m = shape[self.across], shape[self.depth]
        flat = place[self.across] * m + place[self.depth]
        return np.asarray(np.bincount(flat, values[here], n * m).reshape(n, m), np.float64)


@dataclass(frozen=True, eq=False)
class Cut:
    """The plane of an album at one moment; arrays are (across, depth), NaN where there is nothing.

    Attributes
    ----------
    moment : number of the row in the table of the discharge.
    kind : what voxels are, the numbers of `solvers.deposit`.
    product : share of the voxel's room that is Li2O2.
    oxygen : dissolved [mol/m3].
    reaction_rate : [A/m3].
    film_thickness : mean over the sites of a voxel [m].
    """

    moment: int
    kind: NDArray[np.uint8]
    product: NDArray[np.float32]
    oxygen: NDArray[np.float32]
    reaction_rate: NDArray[np.float32]
    film_thickness: NDArray[np.float32]


def take_cut(plane: Plane, moment: int, stage: Stage, fields: Fields) -> Cut:
    """What the plane shows at a moment.

    Parameters
    ----------
    plane : where to look.
    moment : number of the row in the table of the discharge.
    stage, fields : of the moment.

    Returns
    -------
    Cut
    """
    deposit, sites = stage.deposit, stage.deposit.sites
    kind, flags = plane.cut(deposit.kind), plane.cut(stage.flags)
    oxygen = fields.face * np.maximum(1.0 - plane.cut(fields.depletion), 0.0)
    reaction = plane.sums(sites.voxel, fields.current, deposit.kind.shape) / deposit.voxel_volume
    return Cut(
        moment, kind, _product(plane, deposit),
        _single(np.where(flags == LOW | HIGH, oxygen, np.nan)),
        _single(np.where(flags > 0, reaction, np.nan)), _thickness(plane, deposit),
    )  # fmt: skip


def _product(plane: Plane, deposit: Deposit) -> NDArray[np.float32]:
    share = np.minimum(plane.cut(deposit.film) + plane.cut(deposit.particle), 1.0)
    return _single(np.where(plane.cut(deposit.kind) >= PORE, share, np.nan))


def _thickness(plane: Plane, deposit: Deposit) -> NDArray[np.float32]:
    sites, shape = deposit.sites, deposit.kind.shape
    area = plane.sums(sites.voxel, sites.area, shape)
    total = plane.sums(sites.voxel, sites.area * sites.thickness, shape)
    return _single(np.divide(total, area, out=np.full(area.shape, np.nan), where=area > 0.0))


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = values.astype(np.float32)
    return found


#: The arrays of a cut.
_ARRAYS: Final = ("kind", "product", "oxygen", "reaction_rate", "film_thickness")


@dataclass(frozen=True, eq=False)
class Album:
    """Moments of a discharge in one plane, spread over its charge.

    Attributes
    ----------
    plane : that all of them show.
    cuts : in the order of time, the first and the last moment among them.

    Examples
    --------
    >>> from twin.lio2.image_album import Album, Plane
    >>> Album(Plane(0, 2, 1, 2)).cuts
    ()
    """

    plane: Plane
    cuts: tuple[Cut, ...] = ()

    def add(self, cut: Cut, charge: Sequence[float] | Array, most: int = MOST) -> Album:
        """With one more moment, and without the one that is missed least where there are too many.

        Of the moments between the first and the last it is the one whose neighbours lie nearest to
        each other in charge. So the gaps stay alike, wherever the discharge ends.

        Parameters
        ----------
        cut : the last moment.
        charge : that has passed at all moments of the discharge [C].
        most : moments that the album holds.

        Returns
        -------
        Album
        """
        cuts = (*self.cuts, cut)
        if len(cuts) > most:
            passed = np.array([charge[each.moment] for each in cuts])
            least = 1 + int(np.argmin(passed[2:] - passed[:-2]))
            cuts = cuts[:least] + cuts[least + 1 :]
        return replace(self, cuts=cuts)

    def at(self, shares: Sequence[float] | Array, charge: Array) -> list[Cut]:
        """The moments nearest to shares of the charge, each of them once.

        Parameters
        ----------
        shares : of the charge at the end, 0 to 1.
        charge : that has passed at all moments of the discharge.

        Returns
        -------
        list of Cut
        """
        passed = np.array([charge[cut.moment] for cut in self.cuts])
        nearest = {int(np.abs(passed - share * charge[-1]).argmin()) for share in shares}
        return [self.cuts[k] for k in sorted(nearest)]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """The cuts as one array for each field, with which `with_arrays` makes them again."""
        found = {name: np.stack([getattr(cut, name) for cut in self.cuts]) for name in _ARRAYS}
        return {"moment": np.array([cut.moment for cut in self.cuts]), **found}

    def with_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> Album:
        """The album of the same plane with the cuts of `to_arrays`."""
        each = zip(*(arrays[name] for name in _ARRAYS), strict=True)
        moments = arrays["moment"].tolist()
        cuts = (Cut(moment, *cut) for moment, cut in zip(moments, each, strict=True))
        return replace(self, cuts=tuple(cuts))
