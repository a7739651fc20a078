"""Seeded, deterministic volumes: a three-phase electrode, blobs, and shapes with exact answers.

Each function returns a `meshing.volume.Volume`; the same arguments give the same voxels.  Lengths
are in metres and are sampled at voxel centres, so a volume of anisotropic voxels shows the same
bodies as one of cubes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import SpacingLike
from meshing.units import spacing as as_spacing
from meshing.volume import Volume


def electrode(
    shape: Sequence[int] = (100, 100, 100),
    spacing: SpacingLike = 500e-9,
    *,
    active_fraction: float = 0.45,
    binder_fraction: float = 0.13,
    particle_radius: float = 5e-6,
    radius_spread: float = 0.25,
    sintering: float = 0.05,
    seed: int = 0,
) -> Volume:
    r"""Make a three-phase electrode: spherical active particles, binder at their contacts, pores.

    Log-normal spheres are placed at random, the largest first, with centres no closer than
    :math:`(1-s)(r_i+r_j)`.  The active material is :math:`\min_i(|x-c_i|-r_i)\le\delta`, with
    :math:`\delta` chosen to meet its fraction.  The carbon-binder domain is where in the rest
    :math:`d_1+d_2/2` plus smooth noise is smallest, :math:`d_1\le d_2` being the distances to
    the two nearest particles: a thin film, with bridges where particles touch.

    Parameters
    ----------
    shape, spacing : three ints; float, str or three floats
        Voxels along x, y, z and their edges [m].
    active_fraction, binder_fraction : float
        Volume fractions of ``"AM"`` and ``"CBD"`` [-], met to a few voxels.
    particle_radius, radius_spread : float
        Median radius [m] and standard deviation of its logarithm [-].
    sintering : float
        Part s of the sum of two radii by which two particles may overlap [-].
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"pore": 0, "AM": 1, "CBD": 2}``.

    Examples
    --------
    >>> volume = electrode((40, 40, 40), spacing=1e-6, seed=3)
    >>> round(volume.volume_fraction("AM"), 3), round(volume.volume_fraction("CBD"), 3)
    (0.45, 0.13)
    """
    size, step = _shape(shape), as_spacing(spacing)
    _check_fractions(active_fraction, binder_fraction)
    radius = _positive("particle radius", particle_radius)
    random = np.random.default_rng(seed)
    packing = _pack_spheres(
        np.multiply(size, step), active_fraction, radius, radius_spread, 1 - sintering, random
    )
    nearest, second = _two_nearest_surfaces(size, step, *packing, reach=1.5 * radius)
    active = _lowest(nearest, active_fraction)
    score = nearest + second / 2 + 0.2 * radius * _smooth_noise(size, step, 0.2 * radius, random)
    score[active] = np.inf
    labels = active.astype(np.uint8)
    labels[_lowest(score, binder_fraction)] = 2
    return Volume(labels, spacing=step, phases={"pore": 0, "AM": 1, "CBD": 2})


def blobs(
    shape: Sequence[int],
    fraction: float,
    length: float,
    spacing: SpacingLike = 1.0,
    *,
    periodic: bool = False,
    seed: int = 0,
) -> Volume:
    """Make random blobs: white noise smoothed by a Gaussian and cut at a quantile.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    fraction : float
        Volume fraction of the phase ``"pore"`` [-], met to a few voxels.
    length : float
        Standard deviation of the Gaussian [m].
    spacing : float, str or three floats
        Edges of a voxel [m].
    periodic : bool
        Whether opposite faces fit together.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> blobs((20, 20, 20), 0.5, length=3.0).volume_fraction("pore")
    0.5
    """
    size, step = _shape(shape), as_spacing(spacing)
    _check_fractions(fraction)
    if not 0 < length <= max(np.multiply(size, step)):
        raise InputError(f"the length must be above 0 and within the volume, found {length} m")
    random = np.random.default_rng(seed)
    field = _smooth_noise(size, step, length, random, periodic=periodic)
    labels = _lowest(field, fraction).astype(np.uint8)
    return Volume(labels, spacing=step, phases={"solid": 0, "pore": 1})


def channels(
    shape: Sequence[int], axis: str, width: int, pitch: int, spacing: SpacingLike = 1.0
) -> Volume:
    r"""Make straight square channels along an axis, :math:`\tau=1` exactly.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    axis : {"x", "y", "z"}
        Direction of the channels.
    width, pitch : int
        Width of a channel and distance from one to the next, in voxels of the other two axes.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> channels((8, 8, 8), "z", width=2, pitch=4).volume_fraction("pore")
    0.25
    """
    along = _axis(axis)
    labels = np.ones(_shape(shape), np.uint8)
    for across, index in enumerate(np.ogrid[tuple(map(slice, labels.shape))]):
        if across != along:
            labels &= (index % pitch < width).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"solid": 0, "pore": 1})


def oblique_channels(
    shape: Sequence[int], slope: tuple[int, int], width: int, pitch: int, spacing: SpacingLike = 1.0
) -> Volume:
    r"""Make plane channels that climb in the xy plane, with stairs for walls.

    Voxel (i, j, k) is pore where :math:`(j - \lfloor i\,a/b\rfloor) \bmod p < w`.  With the
    distance between planes small beside the length, channels at the angle :math:`\theta` to x
    between periodic sides have :math:`D_{xx}/D_0=\varepsilon\cos^2\theta`.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z; the sides fit together when the pitch divides ny.
    slope : two ints
        Rise a along y in voxels, for a run b along x in voxels.
    width, pitch : int
        Width w of a channel and distance p from one to the next along y, in voxels.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> oblique_channels((4, 4, 1), slope=(1, 1), width=2, pitch=4).labels[:, :, 0].tolist()
    [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
    """
    i, j, _ = np.ogrid[tuple(map(slice, _shape(shape)))]
    rise, run = slope
    plane = (j - i * rise // run) % pitch < width
    labels = np.broadcast_to(plane, _shape(shape)).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"solid": 0, "pore": 1})


def layers(
    shape: Sequence[int], axis: str, thickness: Mapping[str, int], spacing: SpacingLike = 1.0
) -> Volume:
    """Make plane layers across an axis: in series along it, in parallel along the other two.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    axis : {"x", "y", "z"}
        Normal of the layers.
    thickness : mapping from str to int
        Thickness of each phase in voxels, in order; repeated up to the end of the axis.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 that count the phases of `thickness` from 0.

    Examples
    --------
    >>> layers((6, 1, 1), "x", {"A": 1, "B": 2}).labels.ravel().tolist()
    [0, 1, 1, 0, 1, 1]
    """
    size, normal = _shape(shape), _axis(axis)
    period = np.repeat(np.arange(len(thickness), dtype=np.uint8), list(thickness.values()))
    across = [1, 1, 1]
    across[normal] = size[normal]
    labels = np.broadcast_to(np.resize(period, size[normal]).reshape(across), size).copy()
    phases = {name: label for label, name in enumerate(thickness)}
    return Volume(labels, spacing=as_spacing(spacing), phases=phases)


def sphere_array(
    shape: Sequence[int],
    radius: float,
    spacing: SpacingLike = 1.0,
    *,
    repeat: Sequence[int] = (1, 1, 1),
) -> Volume:
    """Make an array of equal spheres, one in the middle of each cell.

    Parameters
    ----------
    shape : three ints
        Voxels of one cell along x, y, z; ``shape * spacing`` of equal edges makes it cubic.
    radius : float
        Radius of the spheres [m]; those larger than half an edge are cut at the cell.
    spacing : float, str or three floats
        Edges of a voxel [m].
    repeat : three ints
        Cells along x, y, z.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"matrix": 0, "sphere": 1}``.

    Examples
    --------
    >>> sphere_array((4, 4, 4), radius=1.0).volume_fraction("sphere")
    0.125
    """
    size, step = _shape(shape), as_spacing(spacing)
    middle = np.multiply(size, step) / 2
    squares = [
        ((index + 0.5) * h - centre) ** 2
        for index, h, centre in zip(np.ogrid[tuple(map(slice, size))], step, middle, strict=True)
    ]
    cell = (sum(squares) <= _positive("radius", radius) ** 2).astype(np.uint8)
    labels = np.tile(cell, _shape(repeat))
    return Volume(labels, spacing=step, phases={"matrix": 0, "sphere": 1})


def checkerboard(shape: Sequence[int], size: int, spacing: SpacingLike = 1.0) -> Volume:
    r"""Make a checkerboard in x and y, of effective conductivity :math:`\sqrt{k_A k_B}`.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    size : int
        Edge of a square in voxels.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"A": 0, "B": 1}``.

    Examples
    --------
    >>> checkerboard((2, 4, 1), size=1).labels[:, :, 0].tolist()
    [[0, 1, 0, 1], [1, 0, 1, 0]]
    """
    i, j, _ = np.ogrid[tuple(map(slice, _shape(shape)))]
    labels = np.broadcast_to((i // size + j // size) % 2, _shape(shape)).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"A": 0, "B": 1})


def _shape(shape: Sequence[int]) -> tuple[int, int, int]:
    if len(shape) != 3 or min(shape) < 1:
        raise InputError(f"a shape is three whole numbers of at least 1, found {tuple(shape)}")
    return int(shape[0]), int(shape[1]), int(shape[2])


def _axis(axis: str) -> int:
    if axis not in ("x", "y", "z"):
        raise InputError(f'an axis is "x", "y" or "z", found {axis!r}')
    return "xyz".index(axis)


def _check_fractions(*fractions: float) -> None:
    if min(fractions) < 0 or sum(fractions) >= 1:
        raise InputError(
            f"volume fractions must be at least 0 and add up to less than 1, found {fractions}"
        )


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise InputError(f"the {name} must be above 0, found {value}: give it in metres")
    return value


def _lowest(field: NDArray[np.float32], fraction: float) -> NDArray[np.bool_]:
    """Mark the given fraction of the voxels, those of the lowest values; ties are left out."""
    count = round(fraction * field.size)
    lowest: NDArray[np.bool_] = field < np.partition(field, count, axis=None)[count]
    return lowest


def _smooth_noise(
    size: tuple[int, int, int],
    step: Sequence[float],
    length: float,
    random: np.random.Generator,
    *,
    periodic: bool = False,
) -> NDArray[np.float32]:
    """Gaussian noise of unit variance, smoothed over `length` [m]."""
    from scipy import ndimage

    field = random.standard_normal(size, dtype=np.float32)
    sigma = [length / h for h in step]
    ndimage.gaussian_filter(field, sigma, output=field, mode="wrap" if periodic else "reflect")
    field /= field.std(dtype=np.float64)
    return field


def _pack_spheres(
    edges: NDArray[np.float64],
    fraction: float,
    radius: float,
    spread: float,
    closest: float,
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (n, 3) and radii (n,) [m] of spheres in a box one radius larger than the volume."""
    room = np.prod(edges + 2 * radius)
    mean_volume = 4 / 3 * np.pi * radius**3 * np.exp(4.5 * spread**2)
    count = int(np.ceil(fraction * room / mean_volume))
    draws = np.clip(random.lognormal(np.log(radius), spread, count), 0.3 * radius, 3 * radius)
    radii = np.sort(draws)[::-1]
    centres = np.empty((count, 3))
    kept = np.empty(count)
    placed = 0
    for r in radii:
        tries = random.uniform(-radius, edges + radius, (256, 3))
        gaps = np.linalg.norm(tries[:, None] - centres[None, :placed], axis=2)
        free = (gaps >= closest * (r + kept[:placed])).all(axis=1)
        if free.any():
            centres[placed], kept[placed] = tries[free.argmax()], r
            placed += 1
    return centres[:placed], kept[:placed]


def _two_nearest_surfaces(
    size: tuple[int, int, int],
    step: Sequence[float],
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    reach: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Signed distances [m] to the nearest and second nearest sphere, `reach` where farther."""
    nearest = np.full(size, reach, np.float32)
    second = np.full(size, reach, np.float32)
    for centre, radius in zip(centres, radii, strict=True):
        # Beyond its radius and the reach a sphere changes nothing, so only that box is visited.
        low = np.floor((centre - radius - reach) / step).astype(int)
        high = np.ceil((centre + radius + reach) / step).astype(int)
        box = tuple(slice(max(a, 0), max(b, 0)) for a, b in zip(low, high, strict=True))
        squares = [
            ((np.arange(n)[cut] + 0.5) * h - c) ** 2
            for n, cut, h, c in zip(size, box, step, centre, strict=True)
        ]
        distance = (np.sqrt(sum(np.ix_(*squares))) - radius).astype(np.float32)
        np.minimum(second[box], np.maximum(nearest[box], distance), out=second[box])
        np.minimum(nearest[box], distance, out=nearest[box])
    return nearest, second
