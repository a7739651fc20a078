"""The voxels of one phase, or of several, as a mesh of hexahedra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.selection import Phases, masks, phase_names
from meshing.volume import Volume

__all__ = ["CORNERS", "HexahedralMesh", "hexahedra"]

#: Corners of a hexahedron in VTK's order, as steps along x, y, z from the voxel's low corner.
CORNERS = (
    (0, 0, 0),
    (1, 0, 0),
    (1, 1, 0),
    (0, 1, 0),
    (0, 0, 1),
    (1, 0, 1),
    (1, 1, 1),
    (0, 1, 1),
)


@dataclass(frozen=True, eq=False)
class HexahedralMesh:
    """One hexahedron per voxel; voxels that touch share their corner points.

    Attributes
    ----------
    points : (points, 3) float64, corner positions [m]; the volume's low corner is the origin.
    cells : (cells, 8) int32 or int64, points of each hexahedron in VTK's order: the face at low z
        counter-clockwise seen from high z, then the face at high z.
    labels : (cells,) integers, label of each voxel.
    voxels : (cells,) int32 or int64, each cell's index into the volume's flat array, rising.
    shape : voxels of the volume along x, y, z.
    phases : the phases that were meshed, with their labels.

    Examples
    --------
    Fields of the volume belong to the cells by their place in its flat array:

    >>> import numpy as np
    >>> from meshing.hexahedra import hexahedra
    >>> from meshing.volume import Volume
    >>> mesh = hexahedra(Volume([[0, 1], [1, 1]]), "1")
    >>> np.array([[5.0, 6.0], [7.0, 8.0]]).ravel()[mesh.voxels].tolist()
    [6.0, 7.0, 8.0]
    """

    points: NDArray[np.float64]
    cells: NDArray[np.integer]
    labels: NDArray[np.integer]
    voxels: NDArray[np.integer]
    shape: tuple[int, int, int]
    phases: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class _Plane:
    """Voxels of one slab and the corner points on the plane at its low side."""

    mask: NDArray[np.bool_]
    used: NDArray[np.bool_]


def hexahedra(
    volume: Volume, phases: Phases, within: NDArray[np.bool_] | None = None
) -> HexahedralMesh:
    """Mesh the voxels of some phases with hexahedra.

    Besides the mesh itself only two planes of the volume are held in memory. A cell takes 37
    bytes (32 for its corners, 4 for its place, 1 for its label) and a point 24.

    Parameters
    ----------
    volume : the image.
    phases : one phase or several.
    within : (nx, ny, nz) bool; only voxels where it is true, as ``VoxelMesh.active()``. None takes
        all voxels of the phases.

    Returns
    -------
    HexahedralMesh

    Raises
    ------
    InputError
        When a phase is unknown, there is no voxel to mesh, or `within` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.hexahedra import hexahedra
    >>> from meshing.volume import Volume
    >>> mesh = hexahedra(Volume(np.ones((2, 1, 1), int), spacing=(20e-9, 5e-9, 5e-9)), "1")
    >>> mesh.cells.shape, mesh.points.shape
    ((2, 8), (12, 3))
    """
    _check_within(volume, within)
    points, cells = _sizes(volume, phases, within)
    if cells == 0:
        raise InputError(
            f"there is no voxel of phase {' + '.join(phase_names(phases))} to mesh; "
            "choose a phase that occurs in the volume"
        )
    index = np.int32 if max(8 * cells, points, volume.labels.size) < 2**31 else np.int64
    mesh = HexahedralMesh(
        points=np.empty((points, 3), np.float64),
        cells=np.empty((cells, 8), index),
        labels=np.empty(cells, volume.labels.dtype),
        voxels=np.empty(cells, index),
        shape=volume.shape,
        phases={name: volume.label_values(name) for name in phase_names(phases)},
    )
    _fill(volume, phases, within, mesh)
    return mesh


def _check_within(volume: Volume, within: NDArray[np.bool_] | None) -> None:
    if within is not None and within.shape != volume.shape:
        raise InputError(
            f"`within` must have the shape {volume.shape} of the volume, found {within.shape}"
        )


def _planes(volume: Volume, phases: Phases, within: NDArray[np.bool_] | None) -> Iterator[_Plane]:
    """Slabs x = 0 .. nx - 1, then an empty one that carries the last plane of points."""
    empty = np.zeros(volume.shape[1:], np.bool_)
    corners_below = _corners(empty)
    for mask in chain(masks(volume, phases, within), (empty,)):
        corners = _corners(mask)
        yield _Plane(mask, corners_below | corners)
        corners_below = corners


def _corners(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which corner points the voxels of a slab touch, (ny + 1, nz + 1)."""
    ny, nz = mask.shape
    corners = np.zeros((ny + 1, nz + 1), np.bool_)
    for y, z in ((0, 0), (0, 1), (1, 0), (1, 1)):
        corners[y : y + ny, z : z + nz] |= mask
    return corners


def _sizes(volume: Volume, phases: Phases, within: NDArray[np.bool_] | None) -> tuple[int, int]:
    points = cells = 0
    for plane in _planes(volume, phases, within):
        points += int(np.count_nonzero(plane.used))
        cells += int(np.count_nonzero(plane.mask))
    return points, cells


def _fill(
    volume: Volume, phases: Phases, within: NDArray[np.bool_] | None, mesh: HexahedralMesh
) -> None:
    point = cell = 0
    mask_below = np.zeros(volume.shape[1:], np.bool_)
    numbers_below = np.zeros(mesh.shape[1:], mesh.cells.dtype)
    for x, plane in enumerate(_planes(volume, phases, within)):
        numbers = np.cumsum(plane.used, dtype=mesh.cells.dtype).reshape(plane.used.shape)
        numbers += point - 1
        point += _place_points(x, plane.used, volume, mesh.points[point:])
        if x > 0:
            cell += _place_cells(x - 1, mask_below, (numbers_below, numbers), volume, mesh, cell)
        mask_below, numbers_below = plane.mask, numbers


def _place_points(
    x: int, used: NDArray[np.bool_], volume: Volume, points: NDArray[np.float64]
) -> int:
    y, z = np.nonzero(used)
    dx, dy, dz = volume.spacing
    points[: len(y), 0] = x * dx
    points[: len(y), 1] = y * dy
    points[: len(y), 2] = z * dz
    return len(y)


def _place_cells(
    x: int,
    mask: NDArray[np.bool_],
    numbers: tuple[NDArray[np.integer], NDArray[np.integer]],
    volume: Volume,
    mesh: HexahedralMesh,
    first: int,
) -> int:
    y, z = np.nonzero(mask)
    here = slice(first, first + len(y))
    for corner, (i, j, k) in enumerate(CORNERS):
        mesh.cells[here, corner] = numbers[i][y + j, z + k]
    mesh.labels[here] = volume.labels[x][mask]
    mesh.voxels[here] = (x * volume.shape[1] + y) * volume.shape[2] + z
    return len(y)
