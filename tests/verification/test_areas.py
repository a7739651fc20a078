"""Areas against bodies of known surface, and against what each estimator must give for a plane.

A local estimator has an exact mean for a plane of normal n that lies anywhere: cells between planes
of corners have one configuration, and their number follows from distances alone. Faces of voxels
give |n_x| + |n_y| + |n_z|, marching cubes and Crofton's formula something nearer to 1. A smooth
body of growing size tends to the mean over its normals, which for Crofton and a ball is 1.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from support.metric_shapes import ball, centres, cylinder, gyroid, turned

from meshing.area_weights import crofton_weights, face_weights, marching_cubes_weights
from meshing.areas import Area, surface_areas
from meshing.volume import Volume

pytestmark = pytest.mark.verification

SPACINGS = [(1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (1.0, 2.0, 3.0)]
ESTIMATORS = ("voxel", "marching_cubes", "crofton")
CUBE = (1.0, 1.0, 1.0)


def of_a_plane(normals: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Mean estimate over area of planes with these normals, (normals, 3), from distances alone."""
    weights = np.stack(
        [face_weights(spacing), marching_cubes_weights(spacing), crofton_weights(spacing)], axis=1
    )
    corners = np.array(list(product((0, 1), repeat=3))) * spacing
    heights = normals @ corners.T
    order = np.argsort(heights, axis=1)
    gaps = np.diff(np.take_along_axis(heights, order, axis=1), axis=1)
    below = np.cumsum(1 << order, axis=1)[:, :-1]
    return np.einsum("ngc,ng->nc", weights[below], gaps) / np.prod(spacing)


def over_the_sphere(n: int = 300) -> np.ndarray:
    """Normals spread evenly over all directions (a Fibonacci lattice of n^2)."""
    k = np.arange(n * n) + 0.5
    up, around = 1 - 2 * k / (n * n), np.pi * (1 + np.sqrt(5)) * k
    across = np.sqrt(1 - up**2)
    return np.stack([across * np.cos(around), across * np.sin(around), up], axis=1)


def values(area: Area) -> np.ndarray:
    return np.array([area.voxel, area.marching_cubes, area.crofton])


def test_what_a_plane_gives_is_right_for_the_faces() -> None:
    normals = over_the_sphere(20)
    for spacing in SPACINGS:
        assert of_a_plane(normals, spacing)[:, 0] == pytest.approx(np.abs(normals).sum(axis=1))


@pytest.mark.parametrize("spacing", SPACINGS)
def test_crofton_has_no_mean_error_for_planes_of_all_orientations(
    spacing: tuple[float, float, float], record_verification: Callable[..., None]
) -> None:
    found = of_a_plane(over_the_sphere(), spacing)
    mean, spread = found.mean(axis=0), found.std(axis=0)
    name = " : ".join(f"{h:g}" for h in spacing)
    record_verification(
        f"planes of all orientations, voxels {name}: Crofton, mean", 1.0, mean[2], abs(mean[2] - 1)
    )
    assert mean[0] == pytest.approx(1.5, rel=1e-4)
    assert mean[2] == pytest.approx(1.0, rel=2e-4)
    assert spread[2] < (0.017 if spacing == CUBE else 0.05) < spread[0]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("slopes", [(0.0, 0.0), (0.31, 0.0), (0.97, 0.83), (0.614, 0.377)])
@pytest.mark.parametrize("up", [0, 1, 2])
def test_planes_give_what_their_normal_says(
    slopes: tuple[float, float], up: int, spacing: tuple[float, float, float]
) -> None:
    """A plane that leaves the volume through its sides, so that its area is known."""
    a, b = (axis for axis in range(3) if axis != up)
    size = np.full(3, 120.0)
    size[up] = 2 * np.ceil(60 * (sum(slopes) + 0.2))
    shape = np.ceil(size / spacing).astype(int)
    axes = np.ogrid[tuple(slice(0, n) for n in shape)]
    at = [(axis + 0.5) * h for axis, h in zip(axes, spacing, strict=True)]
    middle = shape * spacing / 2 + 0.2
    height = slopes[0] * (at[a] - middle[a]) + slopes[1] * (at[b] - middle[b])
    volume = Volume(np.broadcast_to(at[up] - middle[up] <= height, shape), spacing)
    normal = np.zeros(3)
    normal[[a, b, up]] = (-slopes[0], -slopes[1], 1.0)
    stretch = np.linalg.norm(normal)
    exact = shape[a] * spacing[a] * shape[b] * spacing[b] * stretch
    expected = of_a_plane(normal[None] / stretch, spacing)[0]
    found = values(surface_areas(volume).phase("1")) / exact
    # The plane goes on straight beyond the sides, at a right angle, and the last voxel knows it.
    assert found == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_a_ball(
    spacing: tuple[float, float, float], record_verification: Callable[..., None]
) -> None:
    random = np.random.default_rng(0)
    radii = (6.0, 12.0, 24.0)
    ratios = {
        radius: np.array(
            [
                values(surface_areas(ball(radius, spacing, random)).phase("1"))
                for _ in range(16 if radius < 20 else 6)
            ]
        )
        / (4 * np.pi * radius**2)
        for radius in radii
    }
    errors = [np.sqrt(((ratios[radius][:, 2] - 1) ** 2).mean()) for radius in radii]
    order = -np.polyfit(np.log(radii), np.log(errors), 1)[0]
    name = " : ".join(f"{h:g}" for h in spacing)
    record_verification(
        f"area of a ball of 24 by Crofton, voxels {name}",
        1.0,
        ratios[24.0][:, 2].mean(),
        errors[-1],
        order,
        "4 pi r^2",
    )
    assert order > 1.2
    assert errors[-1] < (0.0015 if spacing == CUBE else 0.004)
    limits = of_a_plane(over_the_sphere(), spacing).mean(axis=0)
    assert ratios[24.0].mean(axis=0) == pytest.approx(limits, rel=0.004)


@pytest.mark.parametrize("spacing", SPACINGS[::2])
@pytest.mark.parametrize(
    "axis", [(0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 1.0, 1.0), (3.0, 1.0, 2.0)]
)
def test_the_mantle_of_a_cylinder(
    axis: tuple[float, ...],
    spacing: tuple[float, float, float],
    record_verification: Callable[..., None],
) -> None:
    """Two lengths with the same ends: the difference is mantle alone."""
    along = np.array(axis) / np.linalg.norm(axis)
    radius, lengths = 18.0, (18.0, 78.0)  # whole voxels along every axis
    random = np.random.default_rng(1)
    found = np.zeros(3)
    for _ in range(4):
        short, long = (
            values(surface_areas(cylinder(radius, length, along, spacing, random)).phase("1"))
            for length in lengths
        )
        found += (long - short) / (2 * np.pi * radius * (lengths[1] - lengths[0])) / 4
    # The normals run around the axis; two directions across it.
    across = np.linalg.svd(along[None])[2][1:]
    angle = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    normals = np.cos(angle)[:, None] * across[0] + np.sin(angle)[:, None] * across[1]
    expected = of_a_plane(normals, spacing).mean(axis=0)
    name = ", ".join(f"{part:g}" for part in axis)
    record_verification(
        f"mantle of a cylinder along ({name}) by Crofton over 2 pi r l, "
        f"voxels {' : '.join(f'{h:g}' for h in spacing)}",
        expected[2],
        found[2],
        abs(found[2] / expected[2] - 1),
        source="mean over its normals, computed",
    )
    assert found == pytest.approx(expected, rel=0.02)
    assert found[2] == pytest.approx(1.0, rel=0.08)


def test_a_cube_along_the_axes_is_exact() -> None:
    """Faces exactly; Crofton by counting by hand the pairs that leave a cube of n voxels."""
    n = 10
    labels = np.zeros((n + 4, n + 4, n + 4), np.uint8)
    labels[2:-2, 2:-2, 2:-2] = 1
    area = surface_areas(Volume(labels)).phase("1")
    assert area.voxel == 6 * n**2
    from meshing.area_weights import STEPS, crofton_shares

    expected = 0.0
    for share, step in zip(crofton_shares(CUBE), STEPS, strict=True):
        k = int(step.sum())
        leaving = 2 * (n**3 - (n - 1) ** k * n ** (3 - k))  # per direction of this kind
        expected += 2 * share * leaving / np.sqrt(k)
    assert area.crofton == pytest.approx(expected, rel=1e-12)


def test_a_cube_turned_at_random_has_the_right_mean(
    record_verification: Callable[..., None],
) -> None:
    """Lines of a voxel's length pass its edges without a hit: the error is theirs, and falls."""
    random, halves, errors = np.random.default_rng(2), (5.0, 10.0, 20.0), []
    for half in halves:
        found = []
        for _ in range(24):
            at = centres((int(4 * half),) * 3, CUBE, random.random(3) - 0.5)
            inside = (np.abs(at @ turned(random).T) <= half).all(axis=-1)
            area = surface_areas(Volume(inside)).phase("1").crofton
            found.append(area / (6 * (2 * half) ** 2))
        errors.append(1 - np.mean(found))
    order = -np.polyfit(np.log(halves), np.log(errors), 1)[0]
    mean = float(np.mean(found))
    record_verification(
        "area of a cube of 40 voxels turned at random by Crofton", 1.0, mean, errors[-1], order
    )
    assert order == pytest.approx(1.0, abs=0.3)
    assert 0 < errors[-1] < 0.02
    assert 2 * errors[2] - errors[1] == pytest.approx(0.0, abs=0.006)  # what is left without edges


def test_the_gyroid(record_verification: Callable[..., None]) -> None:
    """One periodic cell; exact from marching cubes on the smooth function, carried to no voxel."""
    from skimage.measure import marching_cubes

    areas, normals = [], []
    for n in (32, 64):
        field = np.pad(gyroid(n), ((0, 1),) * 3, mode="wrap")
        points, faces, _, _ = marching_cubes(field, 0.0, spacing=(1 / n,) * 3)
        sides = np.diff(points.astype(float)[faces], axis=1)
        normals = np.cross(sides[:, 0], sides[:, 1]) / 2
        areas.append(np.linalg.norm(normals, axis=1).sum())
    exact = (4 * areas[1] - areas[0]) / 3  # the error of triangles is of second order
    assert exact == pytest.approx(3.0915, rel=2e-3)  # the minimal surface is nearly the same
    # Its normals are not spread evenly: the limit of each estimator is the mean over them.
    sizes = np.linalg.norm(normals, axis=1, keepdims=True)
    upright = normals[sizes[:, 0] > 0] / sizes[sizes > 0][:, None]
    limits = np.average(of_a_plane(upright, CUBE), axis=0, weights=sizes[sizes > 0])
    ratios = []
    for n in (25, 49, 97):  # odd numbers: no plane of symmetry lies on a plane of voxels
        found = surface_areas(Volume(gyroid(n) > 0, 1.0 / n), "xyz").phase("1")
        ratios.append(values(found) / exact)
    errors = [abs(ratio[2] / limits[2] - 1) for ratio in ratios]
    order = -np.polyfit(np.log((25, 49, 97)), np.log(errors), 1)[0]
    record_verification(
        "area of a gyroid cell of 97 voxels by Crofton",
        exact,
        found.crofton,
        abs(ratios[-1][2] - 1),
        order,
        "marching cubes on the smooth function, extrapolated",
    )
    assert ratios[-1] == pytest.approx(limits, rel=0.005)
    assert limits[2] == pytest.approx(1.0, abs=0.006)
    # Where nothing wraps around, the faces of the cell cut the surface and nothing is lost.
    open_sides = surface_areas(Volume(gyroid(97) > 0, 1.0 / 97)).phase("1")
    assert open_sides.crofton == pytest.approx(exact, rel=0.01)
