"""Faces between the voxels of two phases: how many, what area, and which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.selection import Phases, label_array, phase_names
from meshing.units import Spacing
from meshing.volume import Volume

__all__ = ["Interface", "InterfaceFaces", "interface", "interface_faces"]


@dataclass(frozen=True)
class Interface:
    """Faces shared by a voxel of one phase and a voxel of another.

    Attributes
    ----------
    first, second : names of the phases on the two sides.
    shape : voxels of the volume along x, y, z.
    spacing : voxel edge lengths [m] along x, y, z.
    faces : number of faces whose normal is along x, y, z.

    Examples
    --------
    >>> from meshing.interfaces import interface
    >>> from meshing.volume import Volume
    >>> between = interface(Volume([[0, 1], [0, 1]], spacing=(2e-6, 1e-6, 3e-6)), "0", "1")
    >>> between.count, between.areas == (0.0, 2 * 2e-6 * 3e-6, 0.0)
    (2, True)
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    shape: tuple[int, int, int]
    spacing: Spacing
    faces: tuple[int, int, int]

    @property
    def count(self) -> int:
        """Number of faces."""
        return sum(self.faces)

    @property
    def areas(self) -> tuple[float, float, float]:
        """Area [m2] of the faces whose normal is along x, y, z."""
        dx, dy, dz = self.spacing
        x, y, z = self.faces
        return x * dy * dz, y * dx * dz, z * dx * dy

    @property
    def area(self) -> float:
        """Area [m2] of all faces.

        A staircase of voxel faces is larger than the smooth surface it stands for: by 3/2 for
        surfaces that face every direction alike, whatever the resolution. `meshing.surfaces`
        gives the smooth area.
        """
        return sum(self.areas)

    @property
    def specific_area(self) -> float:
        """Area of all faces over the volume of the image [1/m]."""
        voxels = self.shape[0] * self.shape[1] * self.shape[2]
        return self.area / (voxels * self.spacing[0] * self.spacing[1] * self.spacing[2])


@dataclass(frozen=True, eq=False)
class InterfaceFaces:
    """The faces between two phases, one entry per face.

    Attributes
    ----------
    shape : voxels of the volume along x, y, z.
    spacing : voxel edge lengths [m] along x, y, z.
    first, second : (faces,) int64, the voxel of the first and of the second phase, as an index
        into the volume's flat array: ``numpy.unravel_index(first, shape)`` gives x, y, z.
    axis : (faces,) int8, the axis 0, 1, 2 of the face's normal.
    direction : (faces,) int8, +1 where the normal from the first to the second phase points
        along the axis, -1 where it points against it.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.interfaces import interface_faces
    >>> from meshing.volume import Volume
    >>> faces = interface_faces(Volume([[0, 0, 1]]), "0", "1")
    >>> [axis.tolist() for axis in np.unravel_index(faces.second, faces.shape)]
    [[0], [2], [0]]
    """

    shape: tuple[int, int, int]
    spacing: Spacing
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    axis: NDArray[np.int8]
    direction: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.first)

    def centres(self) -> NDArray[np.float64]:
        """Centre of each face [m], (faces, 3)."""
        positions = np.stack(np.unravel_index(self.first, self.shape), axis=1) + 0.5
        positions[np.arange(len(self)), self.axis] += 0.5 * self.direction
        return np.asarray(positions * self.spacing, np.float64)


@dataclass(frozen=True, eq=False)
class _Crossing:
    """Faces on the high side of the voxels of one slab, along one axis."""

    x: int
    axis: int
    direction: int
    mask: NDArray[np.bool_]


def interface(volume: Volume, first: Phases, second: Phases, periodic: str = "") -> Interface:
    """Count the faces between two phases and add up their area.

    Two voxels share a face when they are neighbours along x, y or z. Faces on the outside of the
    volume belong to no interface, unless the axis is periodic.

    Parameters
    ----------
    volume : the image.
    first, second : a phase, or several that count as one, on each side.
    periodic : axes along which the first and the last voxel are neighbours, as "xy".

    Returns
    -------
    Interface

    Raises
    ------
    InputError
        When a phase is unknown, is on both sides, or an axis of `periodic` is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.interfaces import interface
    >>> from meshing.volume import Volume
    >>> labels = np.zeros((4, 3, 2), np.uint8)
    >>> labels[2:] = 1
    >>> volume = Volume(labels, spacing=(20e-9, 5e-9, 5e-9), phases={"pore": 0, "AM": 1})
    >>> between = interface(volume, "pore", "AM")
    >>> between.faces, f"{between.area:.3g}"
    ((6, 0, 0), '1.5e-16')
    """
    faces = [0, 0, 0]
    for crossing in _crossings(volume, first, second, periodic):
        faces[crossing.axis] += int(np.count_nonzero(crossing.mask))
    return Interface(
        first=phase_names(first),
        second=phase_names(second),
        shape=volume.shape,
        spacing=volume.spacing,
        faces=(faces[0], faces[1], faces[2]),
    )


def interface_faces(
    volume: Volume, first: Phases, second: Phases, periodic: str = ""
) -> InterfaceFaces:
    """List the faces between two phases: the two voxels of each and its normal.

    A face takes 18 bytes.

    Parameters
    ----------
    volume, first, second, periodic : as for `interface`.

    Returns
    -------
    InterfaceFaces

    Raises
    ------
    InputError
        As `interface`.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.interfaces import interface_faces
    >>> from meshing.volume import Volume
    >>> labels = np.array([0, 0, 1]).reshape(1, 1, 3)
    >>> faces = interface_faces(Volume(labels, phases={"pore": 0, "AM": 1}), "AM", "pore")
    >>> faces.first.tolist(), faces.second.tolist(), faces.direction.tolist()
    ([2], [1], [-1])
    >>> faces.centres().tolist()
    [[0.5, 0.5, 2.0]]
    """
    parts = [
        _listed(crossing, volume.shape)
        for crossing in _crossings(volume, first, second, periodic)
        if crossing.mask.any()
    ]
    voxels, neighbours, axes, directions = (
        np.concatenate([np.empty(0, kind), *(part[column] for part in parts)])
        for column, kind in enumerate((np.int64, np.int64, np.int8, np.int8))
    )
    return InterfaceFaces(volume.shape, volume.spacing, voxels, neighbours, axes, directions)


def _crossings(volume: Volume, first: Phases, second: Phases, periodic: str) -> Iterator[_Crossing]:
    wrap = _wraps(periodic)
    sides = (label_array(volume, first), label_array(volume, second))
    _check_distinct(first, second, *sides)
    nx = volume.shape[0]
    low = _pair(volume.labels[0], *sides)
    for x in range(nx):
        yield from _in_plane(x, 1, low, wrap[1])
        yield from _in_plane(x, 2, low, wrap[2])
        if x + 1 < nx or wrap[0]:
            high = _pair(volume.labels[(x + 1) % nx], *sides)
            yield from _between(x, 0, low, high)
            low = high


_Pair = tuple[NDArray[np.bool_], NDArray[np.bool_]]


def _pair(slab: NDArray[np.integer], first: NDArray[np.int64], second: NDArray[np.int64]) -> _Pair:
    return np.isin(slab, first), np.isin(slab, second)


def _in_plane(x: int, axis: int, low: _Pair, wrap: bool) -> Iterator[_Crossing]:
    high = np.roll(low[0], -1, axis - 1), np.roll(low[1], -1, axis - 1)
    if not wrap:
        for mask in high:
            mask[(slice(None),) * (axis - 1) + (-1,)] = False
    yield from _between(x, axis, low, high)


def _between(x: int, axis: int, low: _Pair, high: _Pair) -> Iterator[_Crossing]:
    yield _Crossing(x, axis, +1, low[0] & high[1])
    yield _Crossing(x, axis, -1, low[1] & high[0])


def _listed(crossing: _Crossing, shape: tuple[int, int, int]) -> tuple[NDArray[np.integer], ...]:
    nx, ny, nz = shape
    y, z = np.nonzero(crossing.mask)
    below = (crossing.x * ny + y) * nz + z
    step = [int(crossing.axis == axis) for axis in range(3)]
    above = ((crossing.x + step[0]) % nx * ny + (y + step[1]) % ny) * nz + (z + step[2]) % nz
    forward = crossing.direction > 0
    return (
        below if forward else above,
        above if forward else below,
        np.full(len(y), crossing.axis, np.int8),
        np.full(len(y), crossing.direction, np.int8),
    )


def _wraps(periodic: str) -> tuple[bool, bool, bool]:
    if set(periodic) - set("xyz"):
        raise InputError(
            f"the periodic axes must be letters of 'xyz', found {periodic!r}; use '' for none"
        )
    return "x" in periodic, "y" in periodic, "z" in periodic


def _check_distinct(
    first: Phases,
    second: Phases,
    first_labels: NDArray[np.int64],
    second_labels: NDArray[np.int64],
) -> None:
    if np.intersect1d(first_labels, second_labels).size:
        raise InputError(
            f"an interface lies between different phases, found {' + '.join(phase_names(first))} "
            f"and {' + '.join(phase_names(second))}; name each phase on one side only"
        )
