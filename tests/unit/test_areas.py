"""Areas of phases and pairs: against brute force, scikit-image and faces counted one by one."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from skimage.measure import marching_cubes, mesh_surface_area

from meshing.area_weights import crofton_shares
from meshing.areas import surface_areas
from meshing.errors import InputError
from meshing.interfaces import interface
from meshing.volume import Volume

SPACING = (20e-9, 5e-9, 7e-9)
PHASES = {"pore": 0, "AM": 1, "CBD": 2}


def random_volume(shape: tuple[int, int, int], seed: int = 0) -> Volume:
    """Three phases in blobs of about three voxels."""
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).random(shape), 1.2, mode="wrap")
    return Volume(np.digitize(noise, np.quantile(noise, (0.4, 0.8))), SPACING, PHASES)


@pytest.mark.parametrize("periodic", ["", "x", "yz", "xyz"])
@pytest.mark.parametrize("shape", [(9, 8, 7), (2, 2, 2), (1, 6, 2), (4, 1, 1), (20, 3, 5)])
def test_voxel_areas_are_those_of_the_faces(shape: tuple[int, int, int], periodic: str) -> None:
    volume = random_volume(shape)
    areas = surface_areas(volume, periodic)
    for pair in combinations(PHASES, 2):
        expected = interface(volume, *pair, periodic).area
        assert areas.interface(*pair).voxel == pytest.approx(expected, rel=1e-12, abs=0)
        assert areas.interface(*reversed(pair)) == areas.interface(*pair)
    for name in PHASES:
        others = [other for other in PHASES if other != name]
        expected = interface(volume, name, others, periodic).area
        assert areas.phase(name).voxel == pytest.approx(expected, rel=1e-12, abs=0)


def extended(mask: np.ndarray) -> np.ndarray:
    return np.pad(mask, 1, mode="edge").astype(np.float32)


def triangles_inside(mask: np.ndarray, spacing: tuple[float, float, float]) -> float:
    """Area of scikit-image's triangles of the whole image, cut off at its outer faces."""
    scaled = np.array(spacing) / max(spacing)
    points, triangles, _, _ = marching_cubes(extended(mask), 0.5, spacing=tuple(scaled))
    # Voxel i of the image is voxel i + 1 of the extended one, from i + 1/2 to i + 3/2.
    middles = points.astype(float)[triangles].mean(axis=1) / scaled
    inside = ((middles > 0.5) & (middles < np.array(mask.shape) + 0.5)).all(axis=1)
    cut = mesh_surface_area(points.astype(float), triangles[inside])
    return cut * max(spacing) ** 2


def test_marching_cubes_is_that_of_the_whole_image() -> None:
    """A ball away from the faces: no triangle is cut by them."""
    x, y, z = np.ogrid[:14, :15, :16]
    ball = (x - 6.3) ** 2 + (y - 7.1) ** 2 + (z - 8) ** 2 <= 25
    ball |= np.random.default_rng(3).random(ball.shape) < 0.2  # configurations of every kind
    ball[[0, -1]] = ball[:, [0, -1]] = ball[:, :, [0, -1]] = False
    found = surface_areas(Volume(ball, SPACING)).phase("1")
    assert found.marching_cubes == pytest.approx(triangles_inside(ball, SPACING), rel=1e-5, abs=0)


def test_a_surface_that_meets_the_faces_goes_straight_on() -> None:
    """Columns of arbitrary section: half a voxel outside counts nothing, half inside all."""
    section = np.random.default_rng(4).random((8, 9)) < 0.5
    column = np.repeat(section[:, :, None], 6, axis=2)
    thick = np.repeat(section[:, :, None], 12, axis=2)
    spacing = (1.0, 2.0, 0.5)
    short = surface_areas(Volume(column, spacing)).phase("1")
    long = surface_areas(Volume(thick, spacing)).phase("1")
    for name, value in short.to_dict().items():
        assert long.to_dict()[name] == pytest.approx(2 * value, rel=1e-12, abs=0)


def crossings(mask: np.ndarray, step: tuple[int, ...]) -> int:
    """Voxels that a step around a periodic image brings to the other side of a surface."""
    return int((mask != np.roll(mask, step, axis=(0, 1, 2))).sum())


def test_crofton_is_the_sum_over_thirteen_directions_of_crossings() -> None:
    volume = random_volume((9, 8, 10))
    steps = [s for s in product((-1, 0, 1), repeat=3) if s > (0, 0, 0)]
    kinds = [k for k in product((0, 1), repeat=3) if any(k)]
    shares = dict(zip(kinds, crofton_shares(SPACING), strict=True))
    size = np.prod(SPACING)
    expected = 0.0
    for step in steps:
        kind = tuple(abs(s) for s in step)
        alike = 2 ** (sum(kind) - 1)  # directions of this kind
        length = np.linalg.norm(np.array(step) * SPACING)
        lines = crossings(volume.labels == 2, step) * size / length  # per length of line, summed
        expected += 2.0 * shares[kind] / alike * lines
    found = surface_areas(volume, "xyz").phase("CBD").crofton
    assert found == pytest.approx(expected, rel=1e-12, abs=0)


def test_interfaces_add_up_to_the_surface_of_a_phase() -> None:
    """Exactly for what counts pairs of voxels, nearly for triangles, which bend at triple lines."""
    areas = surface_areas(random_volume((20, 21, 22)))
    for name in PHASES:
        parts = [areas.interface(name, other) for other in PHASES if other != name]
        whole = areas.phase(name)
        assert sum(part.voxel for part in parts) == pytest.approx(whole.voxel, rel=1e-12)
        assert sum(part.crofton for part in parts) == pytest.approx(whole.crofton, rel=1e-12)
        triangles = sum(part.marching_cubes for part in parts)
        assert triangles == pytest.approx(whole.marching_cubes, rel=0.02)


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_a_turned_image_has_the_same_areas(order: tuple[int, int, int]) -> None:
    volume = random_volume((7, 9, 11))
    spacing = tuple(SPACING[axis] for axis in order)
    turned = Volume(volume.labels.transpose(order), spacing, PHASES)
    here, there = surface_areas(volume), surface_areas(turned)
    for name in PHASES:
        assert there.phase(name).voxel == pytest.approx(here.phase(name).voxel, rel=1e-12)
        assert there.phase(name).crofton == pytest.approx(here.phase(name).crofton, rel=1e-9)


def test_labels_without_a_name_are_a_phase_of_their_own() -> None:
    labels = np.random.default_rng(5).integers(0, 4, (6, 7, 8))
    some = surface_areas(Volume(labels, phases={"pore": 0, "AM": 3}))
    named = surface_areas(Volume(labels, phases={"pore": 0, "AM": 3, "rest": (1, 2)}))
    assert list(some.phases) == ["pore", "AM", "(unnamed)"]
    assert some.interface("pore", "(unnamed)") == named.interface("pore", "rest")
    assert some.phase("AM") == named.phase("AM")


def test_a_phase_without_voxels_has_no_area() -> None:
    areas = surface_areas(Volume(np.eye(4, dtype=int), phases={"a": 0, "b": 1, "c": 9}))
    assert areas.phase("c").to_dict() == {"voxel": 0, "marching_cubes": 0, "crofton": 0}
    assert np.isnan(areas.phase("c").voxel_over_crofton)
    assert areas.interface("a", "c").voxel == 0


def test_one_phase_alone_has_no_surface() -> None:
    areas = surface_areas(Volume(np.ones((3, 4, 5), int)))
    assert areas.phase("1").voxel == 0
    assert not areas.interfaces


def test_results_do_not_depend_on_threads() -> None:
    import numba

    volume = random_volume((40, 20, 20))
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        one = surface_areas(volume)
    finally:
        numba.set_num_threads(before)
    assert surface_areas(volume).interfaces == one.interfaces


def test_what_cannot_be_asked_is_refused() -> None:
    volume = Volume([[0, 1, 2]], phases=PHASES)
    with pytest.raises(InputError, match="letters of 'xyz', found 'q'"):
        surface_areas(volume, "q")
    with pytest.raises(InputError, match=r"there is no phase 'por'.*did you mean 'pore'"):
        surface_areas(volume).phase("por")
    with pytest.raises(InputError, match="different phases, found 'AM' twice"):
        surface_areas(volume).interface("AM", "AM")
    with pytest.raises(InputError, match=r"at most 16 phases can be compared.*found 60"):
        surface_areas(Volume(np.arange(60).reshape(3, 4, 5)))
