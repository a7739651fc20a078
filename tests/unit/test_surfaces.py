"""Smooth surfaces: watertight, right side out, in their place, with the volume kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.surfaces import Smoothing, Surface, surface
from meshing.volume import Volume

SPACING = (20e-9, 5e-9, 7e-9)
RAW = Smoothing(iterations=0, volume_tolerance=None)


def poly(found: Surface) -> Any:
    import pyvista

    return pyvista.PolyData(found.points, np.insert(found.triangles, 0, 3, axis=1).ravel())


def ball(radius: int, spacing: Any = 1.0) -> Volume:
    x, y, z = np.ogrid[tuple(slice(-radius - 3, radius + 4) for _ in range(3))]
    return Volume(x * x + y * y + z * z <= radius**2, spacing, phases={"pore": 0, "AM": 1})


def sponge(seed: int = 0, spacing: Any = SPACING) -> Volume:
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).random((24, 28, 20))
    return Volume(gaussian_filter(noise, 2) > 0.5, spacing, phases={"pore": 0, "AM": 1})


@pytest.mark.parametrize("smoothing", [RAW, Smoothing()])
@pytest.mark.parametrize("seed", range(5))
def test_a_closed_surface_is_watertight_and_faces_out(seed: int, smoothing: Smoothing) -> None:
    found = surface(sponge(seed), "AM", smoothing=smoothing)
    mesh = poly(found)
    assert mesh.n_open_edges == 0
    assert mesh.is_manifold
    assert found.enclosed_volume > 0  # negative when the triangles face inwards
    assert found.enclosed_volume == pytest.approx(found.voxel_volume, rel=0.05, abs=0)


@pytest.mark.parametrize("tolerance", [1e-2, 1e-5])
def test_the_volume_is_kept_within_the_tolerance(tolerance: float) -> None:
    volume = sponge(1)
    found = surface(volume, "AM", smoothing=Smoothing(volume_tolerance=tolerance))
    voxels = np.count_nonzero(volume.labels) * np.prod(SPACING)
    assert found.voxel_volume == pytest.approx(voxels, rel=1e-12, abs=0)
    assert abs(found.enclosed_volume / voxels - 1) <= tolerance
    # the divergence theorem, summed here from the corners that a file would hold
    a, b, c = (found.points[found.triangles[:, k]] for k in range(3))
    enclosed = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    assert enclosed == pytest.approx(found.enclosed_volume, rel=1e-10, abs=0)


def test_the_correction_of_the_volume_does_something() -> None:
    loose = surface(ball(4), "AM", smoothing=Smoothing(volume_tolerance=None))
    kept = surface(ball(4), "AM", smoothing=Smoothing(volume_tolerance=1e-6))
    assert abs(loose.enclosed_volume / loose.voxel_volume - 1) > 1e-3
    assert abs(kept.enclosed_volume / kept.voxel_volume - 1) < 1e-6


@pytest.mark.verification
@pytest.mark.parametrize("radius", [8, 16])
def test_area_of_a_sphere(radius: int, record_verification: Callable[..., None]) -> None:
    """Voxel faces overestimate it by a half, unsmoothed marching cubes by 8 %."""
    volume = ball(radius)
    exact = 4 * np.pi * radius**2
    found = surface(volume, "AM").area
    record_verification(
        f"smoothed area of a sphere of {radius} voxels", exact, found, abs(found / exact - 1)
    )
    assert found == pytest.approx(exact, rel=0.015, abs=0)
    assert surface(volume, "AM", smoothing=RAW).area > 1.06 * exact


@pytest.mark.verification
def test_area_of_a_cube_by_marching_cubes() -> None:
    """0.07051 per voxel; TauFactor, tests/test_metrics.py (github.com/tldr-group/taufactor).

    By hand: six faces of 9 x 9, twelve bevels of 9 x sqrt(1/2), eight corners, each an equilateral
    triangle of side sqrt(1/2).
    """
    labels = np.zeros((20, 20, 20), int)
    labels[5:15, 5:15, 5:15] = 1
    by_hand = 6 * 81 + 12 * 9 * np.sqrt(0.5) + 8 * np.sqrt(3) / 8
    found = surface(Volume(labels), "1", smoothing=RAW).area
    assert found == pytest.approx(by_hand, rel=1e-12, abs=0)
    assert found / 8000 == pytest.approx(0.07051, abs=5e-6)


@pytest.mark.verification
@pytest.mark.real
def test_published_area_of_a_measured_electrode(
    shared_data: Path, record_verification: Callable[..., None]
) -> None:
    """Area per voxel by marching cubes; TauFactor, docs/notebooks/02-surface-areas.ipynb.

    Theirs ends at the centres of the outermost voxels, so the half voxel beyond is left out here.
    """
    import tifffile

    image = tifffile.imread(shared_data / "volumes" / "taufactor_electrode_3phase.tif")
    volume = Volume(image, phases={"pore": 0, "NMC": 85, "CBD": 170})
    whole = surface(volume, "NMC", closed=False, smoothing=RAW)
    inside = ((whole.points >= 0.5) & (whole.points <= 255.5)).all(axis=1)
    inner = replace(whole, triangles=whole.triangles[inside[whole.triangles].all(axis=1)])
    published, found = 0.10418400168418884, inner.area / image.size
    record_verification(
        "marching-cubes area per voxel of NMC, measured electrode",
        published,
        found,
        abs(found / published - 1),
        source="TauFactor, docs/notebooks/02-surface-areas.ipynb",
    )
    assert found == pytest.approx(published, rel=1e-6, abs=0)


@pytest.mark.parametrize(("smoothing", "rel"), [(RAW, 1e-12), (Smoothing(), 1e-5)])
def test_a_slab_is_exact_with_anisotropic_voxels(smoothing: Smoothing, rel: float) -> None:
    """Flat walls lie on the voxel faces and end on the faces of the volume.

    VTK's filter has weights that sum up to one only to some 1e-6, which moves a flat wall by that.
    """
    labels = np.zeros((9, 6, 5), int)
    labels[3:7] = 1
    dx, dy, dz = SPACING
    found = surface(Volume(labels, spacing=SPACING), "1", smoothing=smoothing)
    assert found.points.min(axis=0) == pytest.approx([3 * dx, 0, 0], rel=rel, abs=0)
    assert found.points.max(axis=0) == pytest.approx([7 * dx, 6 * dy, 5 * dz], rel=rel, abs=0)
    assert found.enclosed_volume == pytest.approx(found.voxel_volume, rel=rel, abs=0)
    walls = surface(Volume(labels, spacing=SPACING), "1", closed=False, smoothing=smoothing)
    assert walls.area == pytest.approx(2 * 6 * dy * 5 * dz, rel=rel, abs=0)


def test_a_full_volume_is_its_box() -> None:
    found = surface(Volume(np.ones((4, 5, 6), int), spacing=SPACING), "1", smoothing=RAW)
    a, b, c = np.array(SPACING) * (4, 5, 6)
    assert found.area == pytest.approx(2 * (a * b + b * c + c * a), rel=1e-12, abs=0)
    assert found.enclosed_volume == pytest.approx(a * b * c, rel=1e-12, abs=0)
    with_walls_only = surface(Volume(np.ones((4, 5, 6), int)), "1", closed=False)
    assert len(with_walls_only.triangles) == 0


@pytest.mark.parametrize("labels", [np.ones((4, 5, 6), int), sponge(5).labels])
def test_points_are_there_once_and_triangles_have_an_area(labels: np.ndarray) -> None:
    """Pressing the padded surface onto the box brings points together on the box's edges."""
    found = surface(Volume(labels), "1", smoothing=RAW)
    assert len(np.unique(found.points, axis=0)) == len(found.points)
    a, b, c = (found.points[found.triangles[:, k]] for k in range(3))
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).min() > 0.1


def test_an_open_surface_is_open_at_the_faces_of_the_volume_only() -> None:
    volume = sponge(2)
    found = surface(volume, "AM", closed=False)
    edges = poly(found).extract_feature_edges(
        boundary_edges=True, non_manifold_edges=False, feature_edges=False, manifold_edges=False
    )
    at_faces = np.isclose(edges.points, 0) | np.isclose(
        edges.points, np.array(volume.shape) * SPACING, rtol=1e-6, atol=0
    )
    assert edges.n_points > 0
    assert at_faces.any(axis=1).all()
    assert found.area < surface(volume, "AM").area


def test_points_stay_inside_the_volume() -> None:
    volume = sponge(3)
    found = surface(volume, "pore", smoothing=Smoothing(iterations=50, pass_band=0.02))
    assert found.points.min() >= 0
    assert (found.points <= np.array(volume.shape) * SPACING).all()


def test_a_marked_ball_is_where_its_voxels_are() -> None:
    x, y, z = np.ogrid[:30, :20, :25]
    labels = ((x - 22) ** 2 + (y - 6) ** 2 + (z - 15) ** 2 <= 16).astype(int)
    found = surface(Volume(labels, spacing=SPACING), "1")
    middle = (found.points.min(axis=0) + found.points.max(axis=0)) / 2
    assert middle == pytest.approx(np.array([22.5, 6.5, 15.5]) * SPACING, rel=1e-3, abs=0)


def test_smoothing_commutes_with_the_spacing() -> None:
    thin = surface(sponge(4, spacing=SPACING), "AM")
    cubes = surface(sponge(4, spacing=1.0), "AM")
    assert thin.points == pytest.approx(cubes.points * SPACING, rel=1e-12, abs=1e-20)


def test_an_image_one_voxel_thick_is_welcome() -> None:
    found = surface(
        Volume(np.eye(5, dtype=int)[:, :, None] + np.eye(5, k=1, dtype=int)[:, :, None]), "1"
    )
    assert found.points[:, 2].max() == 1.0
    assert poly(found).n_open_edges == 0


def test_only_the_selected_voxels() -> None:
    labels = np.zeros((9, 9, 9), int)
    labels[2:4, 2:4, 2:4] = labels[6:8, 6:8, 6:8] = 1
    within = np.zeros(labels.shape, bool)
    within[:5] = True
    found = surface(Volume(labels), "1", within=within)
    assert found.voxel_volume == 8.0
    assert found.points[:, 0].max() < 5


def test_a_phase_without_voxels_is_refused() -> None:
    volume = Volume(np.zeros((3, 3, 3), int), phases={"pore": 0, "AM": 1})
    with pytest.raises(InputError, match="there is no voxel of phase AM to wrap"):
        surface(volume, "AM")


def test_a_volume_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(InputError, match="cannot keep the volume to 0 %; use fewer iterations"):
        surface(ball(5), "AM", smoothing=Smoothing(volume_tolerance=0.0))
