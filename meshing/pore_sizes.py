"""Sizes of a phase: distance to its walls, and the largest spheres in it.

The outer faces of the volume are no walls: a phase goes on beyond them, and spheres and chords
that meet them are cut. Lengths are in metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.pore_sizes import (
    cover,
    spread_squares,
    squared_to_outside,
    squared_to_walls,
    widest_way,
)
from meshing.units import Spacing

__all__ = [
    "inside_of",
    "largest_around",
    "sphere_map",
    "wall_distance",
    "ways_in",
]

Inside = NDArray[np.uint8]
Lengths = NDArray[np.float32]
Shift = tuple[int, int, int]

#: Slabs in which spheres are drawn one beside the other; fixed, so nothing depends on threads.
SLABS = 16

#: A sphere between voxel centres counts when it is larger by more than what rounding makes of it.
_LARGER = np.float32(1.0 + 1e-4)

CENTRES: Shift = (0, 0, 0)

_SHIFTS: Final[tuple[Shift, ...]] = tuple((x, y, z) for x, y, z in product((0, 1), repeat=3))[1:]


def inside_of(labels: NDArray[np.integer], values: tuple[int, ...]) -> Inside:
    """Mark the voxels whose label is one of some values, (nx, ny, nz) uint8.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_sizes import inside_of
    >>> inside_of(np.array([[[0, 1, 2]]]), (1, 2)).tolist()
    [[[0, 1, 1]]]
    """
    inside = np.empty(labels.shape, np.uint8)
    for x, slab in enumerate(labels):
        inside[x] = np.isin(slab, values)
    return inside


def wall_distance(inside: Inside, spacing: Spacing) -> Lengths:
    """Radius of the largest sphere around each voxel centre, up to the nearest wall.

    A wall lies between the centres of two neighbours, one inside and one outside: where the surface
    crosses the line between them. That is half-way where the walls of the lines around lie beside
    it, and their mean where they lie a voxel up or down. The corners of voxels, which stand out
    from an oblique surface, are none.

    Parameters
    ----------
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z [m].

    Returns
    -------
    (nx, ny, nz) float32
        The radius [m]; 0 outside, inf where there is no wall.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_sizes import wall_distance
    >>> inside = np.array([0, 1, 1, 1, 0], np.uint8).reshape(1, 1, 5)
    >>> wall_distance(inside, (1.0, 1.0, 2.0)).ravel().tolist()
    [0.0, 1.0, 3.0, 1.0, 0.0]
    """
    unit, edges = _unit(spacing)
    distance = _to_faces(inside, edges, 0, half=0)
    for normal in (1, 2):
        np.minimum(distance, _to_faces(inside, edges, normal, half=0), out=distance)
    np.sqrt(distance, out=distance)
    distance[inside == 0] = 0.0
    return _in_metres(distance, unit)


def largest_around(inside: Inside, spacing: Spacing) -> Lengths:
    """Radius of the largest sphere around each voxel centre or the points half a voxel beside it.

    Parameters
    ----------
    inside, spacing : as for `wall_distance`.

    Returns
    -------
    (nx, ny, nz) float32
        The radius [m]; 0 outside.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_sizes import largest_around
    >>> inside = np.array([0, 1, 1, 1, 1, 0], np.uint8).reshape(1, 1, 6)
    >>> largest_around(inside, (1.0, 1.0, 2.0)).ravel().tolist()
    [0.0, 1.0, 4.0, 4.0, 1.0, 0.0]
    """
    unit, edges = _unit(spacing)
    return _in_metres(_all_spheres(inside, edges)[1], unit)


@dataclass(frozen=True, eq=False)
class _Spheres:
    """Spheres in a phase.

    Attributes
    ----------
    place : (spheres, 3) int32, centres in the grid of half voxels; voxel centres are even.
    radius : (spheres,) float32.
    reach : (spheres,) float32, how far from its centre each covers voxel centres.
    """

    place: NDArray[np.int32]
    radius: Lengths
    reach: Lengths


def sphere_map(
    inside: Inside, spacing: Spacing, inlets: tuple[bool, bool, bool] | None = None
) -> Lengths:
    r"""Radius of the largest sphere in the phase that covers each voxel.

    Sphere centres are voxel centres, and points half-way between them (along one axis, two or
    three) where the sphere is larger than around every voxel centre beside them. A sphere covers
    the voxel centres that are nearer to its centre than the nearest voxel centre outside.

    Parameters
    ----------
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z [m].
    inlets : of each axis, whether spheres come in through its two outer faces. None lets a sphere
        be anywhere in the phase; otherwise only where it can get from an inlet, its centre moving
        from voxel centre to voxel centre.

    Returns
    -------
    (nx, ny, nz) float32
        The radius [m]; 0 outside, and where no sphere gets.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_sizes import sphere_map
    >>> inside = np.array([0, 1, 1, 1, 1, 0], np.uint8).reshape(1, 1, 6)
    >>> sphere_map(inside, (1.0, 1.0, 2.0)).ravel().tolist()
    [0.0, 4.0, 4.0, 4.0, 4.0, 0.0]
    """
    unit, edges = _unit(spacing)
    spheres, largest = _all_spheres(inside, edges)
    if inlets is not None:
        spheres = _let_in(spheres, ways_in(inside, largest, inlets))
    order = np.argsort(-spheres.radius, kind="stable")
    out = np.zeros(inside.shape, np.float32)
    bounds = np.linspace(0, inside.shape[0], min(SLABS, inside.shape[0]) + 1).astype(np.int64)
    cover(
        spheres.place[order], spheres.radius[order], spheres.reach[order],
        np.array(inside.shape), np.array(edges), bounds, out,
    )  # fmt: skip
    out[inside == 0] = 0.0
    return _in_metres(out, unit)


def ways_in(inside: Inside, radius: Lengths, inlets: tuple[bool, bool, bool]) -> Lengths:
    """Radius of the largest sphere that gets to each voxel from an inlet, by the widest way.

    Parameters
    ----------
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    radius : (nx, ny, nz) float32, of the largest sphere that fits at each voxel, in any unit.
    inlets : of each axis, whether its two outer faces are inlets.

    Returns
    -------
    (nx, ny, nz) float32
        The radius of the narrowest place on the widest way; 0 where there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_sizes import ways_in
    >>> radius = np.array([3.0, 1.0, 2.0, 0.0], np.float32).reshape(1, 1, 4)
    >>> ways_in((radius > 0).astype(np.uint8), radius, (False, False, True)).ravel().tolist()
    [3.0, 1.0, 1.0, 0.0]
    """
    order = np.flatnonzero(inside)
    order = order[np.argsort(-radius.ravel()[order], kind="stable")]
    parent = np.full(inside.size, -1, np.int64)
    first, last, following = np.empty((3, inside.size), np.int64)
    reached = np.zeros(inside.size, np.uint8)
    out = np.zeros(inside.shape, np.float32)
    widest_way(
        order, radius.ravel(), np.array(inlets), *inside.shape, parent, first, last, following,
        reached, out.reshape(-1),
    )  # fmt: skip
    return out


def _unit(spacing: Spacing) -> tuple[float, Spacing]:
    """A unit of length in which float32 holds squares, and exactly those of cubic voxels."""
    unit = min(spacing)
    x, y, z = (edge / unit for edge in spacing)
    return unit, (x, y, z)


def _to_faces(inside: Inside, edges: Spacing, normal: int, half: int) -> Lengths:
    """Squared distance to the nearest centre of a wall face with the given normal.

    From voxel centres, or from half a voxel after them along the normal where `half` is 1.
    """
    squares = np.empty(inside.shape, np.float32)
    lines = np.moveaxis(squares, normal, 2)
    squared_to_walls(np.moveaxis(inside, normal, 2), *lines.shape, edges[normal], half, lines)
    _spread(squares, normal, edges)
    return squares


def _to_outside(inside: Inside, edges: Spacing) -> Lengths:
    """Squared distance to the nearest voxel centre outside."""
    squares = np.empty(inside.shape, np.float32)
    squared_to_outside(inside, *inside.shape, edges[2], squares)
    _spread(squares, 2, edges)
    return squares


def _spread(squares: Lengths, known: int, edges: Spacing) -> None:
    for axis in {0, 1, 2} - {known}:
        lines = np.moveaxis(squares, axis, 2)
        spread_squares(lines, *lines.shape, edges[axis])


def _beside(
    values: NDArray[Any], shift: Sequence[int], which: Callable[..., Any] = np.minimum
) -> NDArray[Any]:
    """The smallest (or largest) of the values at the voxel centres around each shifted point."""
    for axis in range(3):
        if shift[axis]:
            lines = np.moveaxis(values, axis, 0)
            values = np.moveaxis(which(lines[:-1], lines[1:]), 0, axis)
    return values


def _in_metres(lengths: Lengths, unit: float) -> Lengths:
    lengths *= np.float32(unit)
    return lengths


def _all_spheres(inside: Inside, edges: Spacing) -> tuple[_Spheres, Lengths]:
    """Spheres around voxel centres and around points between them; the largest at each voxel."""
    faces = [[_to_faces(inside, edges, normal, half) for half in (0, 1)] for normal in range(3)]
    walls = np.sqrt(_between(faces, CENTRES))
    spare = np.sqrt(_to_outside(inside, edges)) - walls
    found = [_spheres(inside > 0, walls, walls + spare, CENTRES)]
    largest = np.where(inside, walls, np.float32(0.0))
    for shift in _SHIFTS:
        if any(by >= size for by, size in zip(shift, inside.shape, strict=True)):
            continue
        radius = np.sqrt(_between(faces, shift))
        least = _beside(walls, shift, np.maximum) * _LARGER
        keep = (radius > least) & (_beside(inside, shift) > 0)
        found.append(_spheres(keep, radius, radius + _beside(spare, shift), shift))
        _raise_corners(largest, found[-1])
    place, radius, reach = (
        np.concatenate([getattr(spheres, name) for spheres in found])
        for name in ("place", "radius", "reach")
    )
    return _Spheres(place, radius, reach), largest


def _between(faces: list[list[Lengths]], shift: Shift) -> Lengths:
    """Squared distance to the walls from voxel centres, or from points between them.

    Along the normal of a face a point half-way sees it half a voxel nearer or farther; across it,
    no farther than the nearer of the voxel centres beside the point does.
    """
    found = []
    for normal in range(3):
        across = [by if axis != normal else 0 for axis, by in enumerate(shift)]
        squares = _beside(faces[normal][shift[normal]], across)
        lines = np.moveaxis(squares, normal, 0)[: squares.shape[normal] - shift[normal]]
        found.append(np.moveaxis(lines, 0, normal))
    nearest: Lengths = np.minimum(np.minimum(found[0], found[1]), found[2])
    return nearest


def _spheres(keep: NDArray[np.bool_], radius: Lengths, reach: Lengths, shift: Shift) -> _Spheres:
    where = np.nonzero(keep)
    place = 2 * np.stack(where, axis=1).astype(np.int32) + np.array(shift, np.int32)
    return _Spheres(place, radius[where], reach[where])


def _corners(spheres: _Spheres) -> Iterator[tuple[NDArray[np.int32], ...]]:
    """The voxels around each sphere's centre, one corner of all spheres after the other."""
    for corner in product((0, 1), repeat=3):
        x, y, z = ((spheres.place + np.array(corner, np.int32)) // 2).T
        yield x, y, z


def _raise_corners(largest: Lengths, spheres: _Spheres) -> None:
    for corner in _corners(spheres):
        np.maximum.at(largest, corner, spheres.radius)


def _let_in(spheres: _Spheres, ways_in: Lengths) -> _Spheres:
    """Spheres no larger than what gets to where they are."""
    most = np.max([ways_in[corner] for corner in _corners(spheres)], axis=0)
    radius = np.minimum(spheres.radius, most)
    keep = radius > 0.0
    reach = spheres.reach - (spheres.radius - radius)
    return _Spheres(spheres.place[keep], radius[keep], reach[keep])
