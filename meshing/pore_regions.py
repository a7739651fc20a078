"""A phase as pores and throats: SNOW regions by PoreSpy, and what they measure.

PoreSpy partitions; the regions are measured here, because PoreSpy measures cubic voxels only and
counts voxels where areas are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.guests import unchanged_settings
from meshing.pore_sizes import Inside, Lengths, largest_around
from meshing.regions import region_moments
from meshing.units import Spacing
from meshing.watershed import Ids, touching_pairs

__all__ = ["Mouths", "PoreSpace", "partition", "pore_space"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mouths:
    """Where pores meet an outer face of the volume.

    Attributes
    ----------
    pore : (mouths,) int64.
    position : (mouths, 3) float64, centre of the area [m].
    area : (mouths,) float64 [m2].
    diameter : (mouths,) float64, of the largest inscribed sphere around a voxel there [m].
    """

    pore: NDArray[np.int64]
    position: Floats
    area: Floats
    diameter: Floats


@dataclass(frozen=True, eq=False)
class PoreSpace:
    """Pores and the throats between them; pores count from 0, in the image from 1.

    Attributes
    ----------
    ids : (nx, ny, nz) int32, the pore of each voxel, from 1 on; 0 outside.
    position : (pores, 3) float64, centres of mass [m].
    volume : (pores,) float64 [m3].
    diameter : (pores,) float64, of the largest inscribed sphere [m].
    pairs : (throats, 2) int64, the two pores that each throat joins, the smaller number first.
    throat_position : (throats, 3) float64, centres of the faces between them [m].
    throat_vector : (throats, 3) float64, these faces added as vectors [m2].
    throat_surface : (throats,) float64, area of these faces [m2].
    throat_diameter : (throats,) float64, of the largest inscribed sphere beside a face [m].
    throat_faces : (throats,) int64, how many faces.
    mouths : mapping from (axis, side) to Mouths, side 0 low and 1 high.
    """

    ids: NDArray[np.int32]
    position: Floats
    volume: Floats
    diameter: Floats
    pairs: NDArray[np.int64]
    throat_position: Floats
    throat_vector: Floats
    throat_surface: Floats
    throat_diameter: Floats
    throat_faces: NDArray[np.int64]
    mouths: dict[tuple[int, int], Mouths]

    @property
    def throat_area(self) -> Floats:
        """Area of each throat across its own direction, (throats,) [m2].

        The length of the sum of its faces as vectors, to which the stairs of an oblique throat add
        nothing; where two pores meet on opposite sides and the sum cancels, that of one face.
        """
        across = np.linalg.norm(self.throat_vector, axis=1)
        return np.asarray(np.maximum(across, self.throat_surface / self.throat_faces))


def partition(inside: Inside, spacing: Spacing, reach: int, smoothing: float) -> NDArray[np.int32]:
    """Cut a phase into the regions of the SNOW algorithm, by PoreSpy.

    PoreSpy knows cubic voxels: an image of others is sampled on cubes of the shortest edge, and the
    regions are taken back to its voxels. A region whose parts do not hang together face by face, as
    the watershed leaves them at thin walls, becomes several. What has no peak, such as a straight
    channel, is one region.

    Parameters
    ----------
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z [m].
    reach : radius of the neighbourhood in which a peak of the distance is the highest, in cubes.
    smoothing : standard deviation of the Gaussian that smooths the distance before, in cubes.

    Returns
    -------
    (nx, ny, nz) int32
        The region of each voxel, from 1 on; 0 outside.

    References
    ----------
    Gostick, Phys. Rev. E 96 (2017) 023307, doi:10.1103/PhysRevE.96.023307

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_regions import partition
    >>> x, y, z = np.ogrid[-8:9, -8:25, -8:9]
    >>> two = (x**2 + y**2 + z**2 < 49) | (x**2 + (y - 16) ** 2 + z**2 < 49)
    >>> int(partition(two.astype(np.uint8), (1.0, 1.0, 1.0), reach=4, smoothing=0.4).max())
    2
    """
    from skimage.measure import label

    there, back = _sampling(inside.shape, spacing)
    cubes = inside[np.ix_(*there)] > 0
    regions = _snow(cubes, reach, smoothing)
    ids = (regions[np.ix_(*back)] + 1) * (inside > 0)
    pieces: Any = label(ids, connectivity=1)  # type: ignore[no-untyped-call]
    return np.asarray(pieces, np.int32)


def pore_space(ids: NDArray[np.int32], inside: Inside, spacing: Spacing) -> PoreSpace:
    """Measure the regions of a phase, the faces between them and those in the border.

    Parameters
    ----------
    ids : (nx, ny, nz) int32, the region of each voxel, from 1 on; 0 outside.
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z [m].

    Returns
    -------
    PoreSpace

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_regions import pore_space
    >>> ids = np.zeros((6, 3, 3), np.int32)
    >>> ids[:3, 1, 1], ids[3:, 1, 1] = 1, 2  # a channel of two pores
    >>> space = pore_space(ids, (ids > 0).astype(np.uint8), (1.0, 1.0, 1.0))
    >>> space.pairs.tolist(), space.throat_area.tolist(), space.throat_position.tolist()
    ([[0, 1]], [1.0], [[3.0, 1.5, 1.5]])
    """
    count = int(ids.max())
    distance = largest_around(inside, spacing)
    moments = region_moments(ids, count, spacing)
    pairs = touching_pairs(ids, count, spacing, distance)
    key = pairs.first * (count + 1) + pairs.second
    position, faces = _throats(ids, key, count, spacing)
    largest = np.zeros(count + 1)
    np.maximum.at(largest, ids.ravel(), distance.ravel())
    return PoreSpace(
        ids=ids,
        position=moments.position,
        volume=np.asarray(moments.voxels * float(np.prod(spacing)), np.float64),
        diameter=2.0 * largest[1:],
        pairs=np.stack([pairs.first, pairs.second], axis=1) - 1,
        throat_position=position,
        throat_vector=pairs.vector,
        throat_surface=pairs.area,
        throat_diameter=2.0 * pairs.saddle,
        throat_faces=faces,
        mouths={
            (axis, side): _mouths(ids, distance, axis, side, spacing)
            for axis in range(3)
            for side in (0, 1)
        },
    )


def _sampling(
    shape: tuple[int, ...], spacing: Spacing
) -> tuple[list[NDArray[np.intp]], list[NDArray[np.intp]]]:
    """Of each axis, the voxel that each cube lies in, and the cube in the middle of each voxel."""
    edge = min(spacing)
    there, back = [], []
    for n, h in zip(shape, spacing, strict=True):
        cubes = max(round(n * h / edge), 1) if n > 1 else 1
        there.append(np.floor((np.arange(cubes) + 0.5) * n / cubes).astype(np.intp))
        back.append(np.floor((np.arange(n) + 0.5) * cubes / n).astype(np.intp))
    return there, back


def _snow(cubes: NDArray[np.bool_], reach: int, smoothing: float) -> NDArray[Any]:
    """The regions of the SNOW algorithm; an image one voxel thick is cut in its plane."""
    with unchanged_settings():
        import porespy

        flat = np.ascontiguousarray(np.squeeze(cubes))
        found = porespy.filters.snow_partitioning(flat, r_max=reach, sigma=smoothing)
    return np.reshape(found.regions, cubes.shape)


def _throats(
    ids: Ids, key: NDArray[np.int64], count: int, spacing: Spacing
) -> tuple[Floats, NDArray[np.int64]]:
    """Centre of each throat, weighed by the areas of its faces, and how many these are."""
    sums, weights = np.zeros((len(key), 3)), np.zeros(len(key))
    faces = np.zeros(len(key), np.int64)
    for axis in range(3):
        lines = np.moveaxis(ids, axis, 0)
        near, far = lines[:-1], lines[1:]
        where = np.nonzero((near != far) & (near > 0) & (far > 0))
        first, second = near[where].astype(np.int64), far[where].astype(np.int64)
        smaller, larger = np.minimum(first, second), np.maximum(first, second)
        throat = np.searchsorted(key, smaller * (count + 1) + larger)
        area = float(np.prod(spacing)) / spacing[axis]
        np.add.at(sums, throat, area * _positions(where, axis, spacing))
        np.add.at(weights, throat, area)
        np.add.at(faces, throat, 1)
    return sums / weights[:, None], faces


def _positions(where: tuple[NDArray[np.intp], ...], axis: int, spacing: Spacing) -> Floats:
    """Centres of faces across an axis [m]: indices along that axis first, then the other two."""
    index = np.empty((len(where[0]), 3))
    others = [other for other in range(3) if other != axis]
    index[:, axis] = where[0] + 1.0
    for other, along in zip(others, where[1:], strict=True):
        index[:, other] = along + 0.5
    return np.asarray(index * np.array(spacing))


def _mouths(ids: Ids, distance: Lengths, axis: int, side: int, spacing: Spacing) -> Mouths:
    last = ids.shape[axis] - 1
    plane, near = (array.take(last * side, axis) for array in (ids, distance))
    where = np.nonzero(plane)
    pore, which, faces = np.unique(plane[where], return_inverse=True, return_counts=True)
    radius = np.zeros(len(pore))
    np.maximum.at(radius, which, near[where])
    sums = np.zeros((len(pore), 3))
    face = (np.full(len(which), last if side else -1), *where)
    np.add.at(sums, which, _positions(face, axis, spacing))
    area = float(np.prod(spacing)) / spacing[axis]
    areas = np.asarray(faces * area, np.float64)
    return Mouths(pore.astype(np.int64) - 1, sums / faces[:, None], areas, 2.0 * radius)
