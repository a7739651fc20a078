"""Sites: the faces of pores, and the insides of nano-porous voxels, where product is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import Spacing
from solvers.kernels.growth import INSIDE, PORE, count_sites, write_sites
from solvers.smooth_walls import HALO, gradients, share_across

#: Planes whose normals are in memory at a time.
SLAB: Final = 32

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
SiteArrays = tuple[Integers, Integers, NDArray[np.uint8], Floats, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Sites:
    """Where product is made, in the order of the voxels, those of a voxel by side.

    Attributes
    ----------
    voxel : (n,) int64, flat index of the open voxel that holds the site and its product.
    carbon : (n,) int64, flat index of the carbon voxel that gives the electrons; the voxel itself
        where that is nano-porous and the site its inside.
    side : (n,) uint8, where the solid lies seen from the voxel: 0 to 5 are x-, x+, y-, y+, z-, z+;
        6 is the inside of a nano-porous voxel.
    area : (n,) float64, true area [m2].
    base : (n,) float64, product between carbon and the site when the site came to be [m]; 0 on
        carbon.
    volume : (n,) float64, film deposited through the site since [m3].
    """

    voxel: Integers
    carbon: Integers
    side: NDArray[np.uint8]
    area: Floats
    base: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.voxel)

    @classmethod
    def room_for(cls, n: int) -> Sites:
        """Sites whose attributes are yet to be written."""
        voxel, carbon, side = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.uint8)
        return cls(voxel, carbon, side, np.empty(n), np.empty(n), np.empty(n))

    def take(self, which: Integers) -> Sites:
        """Some of the sites."""
        return Sites(
            self.voxel[which], self.carbon[which], self.side[which],
            self.area[which], self.base[which], self.volume[which],
        )  # fmt: skip

    @property
    def arrays(self) -> SiteArrays:
        """All attributes in their order, as kernels take them."""
        return self.voxel, self.carbon, self.side, self.area, self.base, self.volume

    @property
    def thickness(self) -> NDArray[np.float64]:
        """Product between carbon and electrolyte [m]."""
        return self.base + self.volume / self.area


def face_areas(spacing: Spacing) -> NDArray[np.float64]:
    """Areas of a voxel's faces across x, y, z [m2].

    Examples
    --------
    >>> face_areas((1.0, 2.0, 4.0)).tolist()
    [8.0, 4.0, 2.0]
    """
    x, y, z = spacing
    return np.array([y * z, x * z, x * y])


def find_sites(
    kind: NDArray[np.uint8], wraps: tuple[bool, bool, bool], spacing: Spacing, inside: float
) -> Sites:
    """Bare sites of an image, each face with its own area.

    Parameters
    ----------
    kind : (nx, ny, nz).
    wraps : whether the image goes on at its other side, per axis.
    spacing : edges of a voxel [m].
    inside : area inside a nano-porous voxel [m2].
    """
    flat, count = kind.ravel(), np.zeros(kind.shape[0], np.int64)
    count_sites(flat, kind.shape, wraps, count)
    n = int(count.sum())
    voxel, carbon, side = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.uint8)
    write_sites(flat, kind.shape, wraps, np.cumsum(count) - count, voxel, carbon, side)
    area = np.append(face_areas(spacing), inside)[side >> 1]
    return Sites(voxel, carbon, side, area, np.zeros(n), np.zeros(n))


def smooth_shares(
    sites: Sites, kind: NDArray[np.uint8], wraps: tuple[bool, bool, bool], spacing: Spacing
) -> NDArray[np.float64]:
    """Area of the smooth wall that each site stands for, over that of its face; 1 for insides.

    The normal is the gradient of the pores under a Gaussian of 1.5 voxels, the mean of the two
    voxels at the face.
    """
    shares = np.ones(len(sites))
    plane = kind.shape[1] * kind.shape[2]
    for first, pores in _slabs(kind, wraps):
        last = min(first + SLAB, kind.shape[0])
        mine = slice(*np.searchsorted(sites.voxel, [first * plane, last * plane]))
        normals = gradients(pores, spacing, wraps[1:]).reshape(3, -1)
        offset = (HALO - first) * plane
        side, voxel = sites.side[mine], sites.voxel[mine]
        # The slab holds the neighbour beyond its end, not where it is in a periodic image.
        across = np.where(side < 2, (2 * side.astype(np.int64) - 1) * plane, 0)
        other = np.where(side < 2, voxel + across, sites.carbon[mine] % plane)
        other = np.where(side < 2, other, voxel // plane * plane + other)
        normal = normals[:, voxel + offset] + normals[:, other + offset]
        part = shares[mine]
        for axis in range(3):
            of_axis = side >> 1 == axis
            part[of_axis] = share_across(normal[:, of_axis], axis)
    return shares


def _slabs(
    kind: NDArray[np.uint8], wraps: tuple[bool, bool, bool]
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """First plane of each slab of axis 0, and its pores with a halo."""
    nx = kind.shape[0]
    for first in range(0, nx, SLAB):
        planes = np.arange(first - HALO, min(first + SLAB, nx) + HALO)
        inside = planes % nx if wraps[0] else np.clip(planes, 0, nx - 1)
        yield first, (kind[inside] == PORE).astype(np.float64)


__all__ = ["INSIDE", "Sites", "face_areas", "find_sites", "smooth_shares"]
