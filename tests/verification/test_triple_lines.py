"""Triple lines of known length: straight ones, circles, layers and a cross."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support.metric_shapes import ball_in_a_plane, centres, turned, wedges

from meshing.triple_lines import TripleLength, triple_lines
from meshing.volume import Volume

pytestmark = pytest.mark.verification

SPACINGS = [(1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (1.0, 2.0, 3.0)]
DEGREE = np.pi / 180


def total(volume: Volume) -> TripleLength:
    """Without a look at what percolates."""
    return triple_lines(volume, percolating=np.zeros(volume.shape, np.uint8)).total


def ratios(length: TripleLength, exact: float) -> np.ndarray:
    return np.array([length.corrected, length.smooth]) / exact


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("angles", [(120, 120), (180, 90), (180, 135), (90, 90)])
def test_straight_lines_in_any_direction_between_phases_at_any_angle(
    angles: tuple[int, int],
    spacing: tuple[float, float, float],
    record_verification: Callable[..., None],
) -> None:
    random = np.random.default_rng(sum(angles))
    found = []
    for _ in range(12):
        wedge = (angles[0] * DEGREE, angles[1] * DEGREE)
        volume, exact = wedges(28, wedge, turned(random), spacing, random)
        found.append(ratios(total(volume), exact))
    mean, spread = np.mean(found, axis=0), np.std(found, axis=0)
    third = 360 - sum(angles)
    record_verification(
        f"triple line, straight, {angles[0]}, {angles[1]} and {third} degrees, "
        f"voxels {' : '.join(f'{h:g}' for h in spacing)}: smooth",
        1.0,
        mean[1],
        abs(mean[1] - 1),
    )
    assert mean[1] == pytest.approx(1.0, abs=0.015 if spacing == SPACINGS[0] else 0.05)
    assert spread[1] < (0.02 if spacing == SPACINGS[0] else 0.06)
    assert spread[0] > 2 * spread[1]  # stairs depend on the direction, what is smooth does not
    if angles == (180, 135):  # and on the angles
        assert mean[0] > 1.1


def test_two_thirds_of_the_edges_are_right_on_average_at_equal_angles(
    record_verification: Callable[..., None],
) -> None:
    random = np.random.default_rng(3)
    found = []
    for _ in range(120):
        angles = (120 * DEGREE, 120 * DEGREE)
        volume, exact = wedges(20, angles, turned(random), SPACINGS[0], random)
        found.append(total(volume).corrected / exact)
    mean, error = np.mean(found), np.std(found) / np.sqrt(len(found))
    record_verification(
        "triple lines in random directions, equal angles: 2/3 of the edges", 1.0, mean,
        abs(mean - 1), source="mean of |x| + |y| + |z| over the sphere",
    )  # fmt: skip
    assert error < 0.012
    assert mean == pytest.approx(1.0, abs=3 * error)


@pytest.mark.parametrize(("height", "largest"), [(0.0, 0.035), (0.3, 0.04), (0.7, 0.08)])
def test_circles(height: float, largest: float, record_verification: Callable[..., None]) -> None:
    """A ball that a plane passes: the error falls with the radius, at any angle between them."""
    random = np.random.default_rng(4)
    radii, errors = (6.0, 12.0, 24.0), []
    for radius in radii:
        found = [
            ratios(total(volume), exact)
            for volume, exact in (
                ball_in_a_plane(radius, height, turned(random), SPACINGS[0], random)
                for _ in range(5)
            )
        ]
        mean = np.mean(found, axis=0)
        errors.append(abs(mean[1] - 1))
    order = -np.polyfit(np.log(radii), np.log(errors), 1)[0]
    record_verification(
        f"circle of a ball of 24 voxels in a plane at {height:g} radii: smooth",
        1.0,
        mean[1],
        errors[-1],
        order,
    )
    assert errors[0] > errors[1] > errors[2]
    assert order > 0.3  # the first order, to which the stairs of voxels add a per cent or two
    assert errors[-1] < largest
    if height == 0.7:
        assert abs(mean[0] - 1) > 2 * errors[-1]


def test_layers_on_a_wall_have_a_line_at_every_joint() -> None:
    """Stripes of two phases, five voxels each, on a third: seven joints along x."""
    labels = np.zeros((30, 40, 12), np.uint8)
    labels[:, :, 6:] = 1 + np.arange(40)[None, :, None] // 5 % 2
    volume = Volume(labels, (3.0, 1.0, 2.0), {"wall": 0, "a": 1, "b": 2})
    found = triple_lines(volume).between("wall", "a", "b")
    exact = 7 * 30 * 3.0
    assert found.edges == exact
    assert found.smooth == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("tilt", [0.0, 20.0, 45.0])
def test_tilted_layers(tilt: float, record_verification: Callable[..., None]) -> None:
    """The same turned about x: two layers of one phase in the other, against a flat wall."""
    shape = (24, 90, 24)
    at = centres(shape, SPACINGS[0], np.array([0.0, 0.2, 0.3]))
    # The wall is level; layers lean over, and each meets the wall in a straight line along x.
    lean = at[..., 1] * np.cos(tilt * DEGREE) + at[..., 2] * np.sin(tilt * DEGREE)
    layer = (np.abs(np.abs(lean) - 12.0) <= 5.0).astype(np.uint8)
    volume = Volume(np.where(at[..., 2] < 0, 2, layer), None, {"b": 0, "a": 1, "wall": 2})
    found, exact = total(volume), 4 * 24.0
    record_verification(
        f"layers that lean by {tilt:g} degrees on a wall: smooth", exact, found.smooth,
        abs(found.smooth / exact - 1),
    )  # fmt: skip
    assert found.smooth == pytest.approx(exact, rel=0.02)


def test_a_cross_on_a_wall(record_verification: Callable[..., None]) -> None:
    """A plus on a wall, its outline of twelve sides: the smooth line cuts its twelve corners."""
    spacing, errors = (2.0, 1.0, 3.0), []
    for k in (1, 2, 4):  # arms 4 k voxels wide and 24 k long
        arms = np.zeros((32 * k, 32 * k), bool)
        arms[14 * k : 18 * k, 4 * k : 28 * k] = arms[4 * k : 28 * k, 14 * k : 18 * k] = True
        labels = np.zeros((32 * k, 32 * k, 12), np.uint8)
        labels[:, :, :5] = 1
        labels[arms, 5:] = 2
        found = total(Volume(labels, spacing, {"pore": 0, "wall": 1, "cross": 2}))
        exact = 48 * k * (spacing[0] + spacing[1])  # 24 k steps there and 24 k back, along x and y
        assert found.edges == exact
        errors.append(1 - found.smooth / exact)
    order = -np.polyfit(np.log((1, 2, 4)), np.log(errors), 1)[0]
    record_verification(
        "outline of a cross of 96 voxels on a wall: smooth", exact, found.smooth, errors[-1], order
    )
    assert order == pytest.approx(1.0, abs=0.1)
    assert errors[-1] < 0.02


def test_four_quarters_meet_in_one_line_that_counts_once() -> None:
    labels = np.zeros((10, 12, 12), np.uint8)
    labels[:, 6:] += 1
    labels[:, :, 6:] += 2
    lines = triple_lines(Volume(labels, (2.0, 1.0, 1.0)))
    assert lines.total.edges == 20.0
    assert [length.edges for length in lines.by_triple().values()] == [20.0] * 4
