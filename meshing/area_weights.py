r"""Area that a local estimator gives to each of the 256 configurations of a cell.

A cell is the box between the centres of 2 x 2 x 2 voxels; voxel (i, j, k) of the cell is bit
4 i + 2 j + k of its configuration. An estimate of an area is a sum over cells, so that one count of
the configurations serves all estimators, of every phase and pair of phases.
"""

from __future__ import annotations

from itertools import permutations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import Spacing

__all__ = ["crofton_shares", "crofton_weights", "face_weights", "marching_cubes_weights"]

Floats = NDArray[np.float64]

CONFIGURATIONS: Final = 256

#: Steps from a voxel to its 26 neighbours, without regard to the signs: along an axis, across a
#: face, through the cell. A cell has four pairs of voxels of each kind.
STEPS: Final = np.array([step for step in product((0, 1), repeat=3) if any(step)])
PAIRS: Final = 4

#: Orientations along each of the two angles of an octant, over which planes are averaged.
ORIENTATIONS: Final = 60


def corners() -> NDArray[np.bool_]:
    """Which voxels belong to the phase, (256, 2, 2, 2) bool.

    Examples
    --------
    >>> from meshing.area_weights import corners
    >>> corners()[4 + 1].nonzero()  # bits 0 and 2: voxels (0, 0, 0) and (0, 1, 0)
    (array([0, 0]), array([0, 1]), array([0, 0]))
    """
    bits = np.arange(CONFIGURATIONS)[:, None] >> np.arange(8) & 1
    return bits.astype(bool).reshape(-1, 2, 2, 2)


def crossings() -> NDArray[np.int64]:
    """Pairs of voxels of each configuration that a surface lies between, (256, 7) int64.

    The columns are the kinds of `STEPS`; each counts four pairs.

    Examples
    --------
    >>> from meshing.area_weights import STEPS, crossings
    >>> crossings()[1].tolist()  # a single voxel has one pair along x, y, z and the space diagonal
    [1, 1, 1, 1, 1, 1, 1]
    >>> STEPS[0].tolist(), crossings()[0b01010101].tolist()  # a plane across z
    ([0, 0, 1], [4, 0, 4, 0, 4, 0, 4])
    """
    flat = corners().reshape(CONFIGURATIONS, 8)
    places = np.array(list(product((0, 1), repeat=3)))
    found = np.zeros((CONFIGURATIONS, len(STEPS)), np.int64)
    for a in range(8):
        for b in range(a + 1, 8):
            kind = ((places[a] != places[b]) == STEPS).all(axis=1)
            found[:, kind] += (flat[:, a] != flat[:, b])[:, None]
    return found


def face_weights(spacing: Spacing) -> Floats:
    """Area of the voxel faces between the phase and the others, (256,) [m2].

    A face lies in four cells.

    Examples
    --------
    >>> from meshing.area_weights import face_weights
    >>> face_weights((1.0, 2.0, 3.0))[0b01010101]  # a plane across z
    np.float64(2.0)
    """
    areas = np.prod(spacing) / np.array(spacing)
    axes = STEPS.sum(axis=1) == 1
    return np.asarray(crossings()[:, axes] @ (areas @ STEPS[axes].T) / PAIRS)


def crofton_shares(spacing: Spacing, shape: tuple[int, int, int] = (2, 2, 2)) -> Floats:
    r"""Weights of the seven kinds of test lines, (7,), in the order of `STEPS`.

    The weights :math:`c_k \ge 0` are those for which :math:`\sum_k c_k f_k(n)` varies least among
    planes of all orientations n, where :math:`f_k(n)` is the mean of :math:`2 |n \cdot u|` over
    the directions u of a kind, and are scaled so that its mean is 1: the estimate is then exact on
    average for a plane that is turned at random, whatever the spacing.

    Parameters
    ----------
    spacing : edges of a voxel along x, y, z.
    shape : voxels of the volume; along an axis of one voxel no surface is inclined.

    Returns
    -------
    (7,) float64, 0 for lines that leave the plane of a flat volume.

    Examples
    --------
    >>> from meshing.area_weights import crofton_shares
    >>> crofton_shares((1.0, 1.0, 1.0)).round(3).tolist()
    [0.093, 0.093, 0.151, 0.093, 0.151, 0.151, 0.266]
    """
    from scipy.optimize import nnls

    flat = np.array(shape) == 1
    inside = ~(STEPS[:, flat] > 0).any(axis=1)
    shares = np.zeros(len(STEPS))
    if flat.all():
        return shares  # a single voxel has no surface inside
    seen = _plane_response(spacing, _normals(flat))[:, inside]
    q, r = np.linalg.qr(seen)  # the same least squares with as many equations as unknowns
    found, _ = nnls(r, q.sum(axis=0))
    shares[inside] = found / (seen @ found).mean()
    return shares


def crofton_weights(spacing: Spacing, shape: tuple[int, int, int] = (2, 2, 2)) -> Floats:
    r"""Area by Crofton's formula on lines through voxel centres, (256,) [m2].

    The area of a surface is twice the mean number of its intersections with random lines, per
    length of line. On a grid the lines run to the 26 neighbours; a pair of voxels, of which one is
    in the phase, is an intersection.

    Parameters
    ----------
    spacing, shape : as for `crofton_shares`.

    References
    ----------
    Legland, Kieu and Devaux, Image Anal. Stereol. 26 (2007) 83, doi:10.5566/ias.v26.p83-92

    Examples
    --------
    >>> from meshing.area_weights import crofton_weights
    >>> round(float(crofton_weights((1.0, 1.0, 1.0))[0b01010101]), 3)  # a plane across z
    0.922
    """
    lengths = np.linalg.norm(STEPS * spacing, axis=1)
    per_crossing = 2.0 * crofton_shares(spacing, shape) * np.prod(spacing) / lengths / PAIRS
    return np.asarray(crossings() @ per_crossing)


def marching_cubes_weights(spacing: Spacing) -> Floats:
    """Area of the triangles of marching cubes at level 1/2 in each cell, (256,) [m2].

    In an image of zeros and ones they follow from the configuration alone: scikit-image is asked
    once for each.

    References
    ----------
    Lewiner et al., J. Graphics Tools 8 (2003) 1, doi:10.1080/10867651.2003.10487582

    Examples
    --------
    >>> from meshing.area_weights import marching_cubes_weights
    >>> marching_cubes_weights((1.0, 2.0, 3.0))[[0, 0b01010101, 255]].tolist()
    [0.0, 2.0, 0.0]
    """
    from skimage.measure import marching_cubes, mesh_surface_area

    size = np.cbrt(np.prod(spacing))  # the points of scikit-image are in single precision
    scaled = tuple(h / size for h in spacing)
    weights = np.zeros(CONFIGURATIONS)
    for configuration, inside in list(enumerate(corners()))[1:-1]:
        points, triangles, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
            inside.astype(np.float32), 0.5, spacing=scaled
        )
        weights[configuration] = mesh_surface_area(  # type: ignore[no-untyped-call]
            points.astype(np.float64), triangles
        )
    return np.asarray(weights * size**2)


def _normals(flat: NDArray[np.bool_]) -> Floats:
    """Normals of planes in an octant, evenly spread; in the plane of a flat volume."""
    middles = (np.arange(ORIENTATIONS) + 0.5) / ORIENTATIONS
    angle = middles * np.pi / 2
    if flat.any():
        normals = np.zeros((ORIENTATIONS, 3))
        thick = np.flatnonzero(~flat)
        for axis, part in zip(thick, (np.cos(angle), np.sin(angle)), strict=False):
            normals[:, axis] = part if len(thick) == 2 else 1.0
        return normals
    up, around = np.meshgrid(middles, angle, indexing="ij")
    across = np.sqrt(1.0 - up**2)
    octant = np.stack([across * np.cos(around), across * np.sin(around), up], axis=-1).reshape(
        -1, 3
    )
    # All orders of the three axes, so that the weights of an image do not change when it is turned.
    return np.concatenate([octant[:, list(order)] for order in permutations(range(3))])


def _plane_response(spacing: Spacing, normals: Floats) -> Floats:
    """Mean of 2 |n . u| over the directions of each kind, (normals, 7)."""
    seen = np.zeros((len(normals), len(STEPS)))
    signs = np.array([(1, *other) for other in product((1, -1), repeat=2)])
    for kind, step in enumerate(STEPS * np.array(spacing)):
        directions = step * signs / np.linalg.norm(step)
        seen[:, kind] = 2.0 * np.abs(normals @ directions.T).mean(axis=1)
    return seen
