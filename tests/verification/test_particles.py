"""Particles whose sizes, surfaces, contacts and lines are known."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from support.balls import ball, centres, ellipsoid, joined, spheroid_area

import twin

pytestmark = pytest.mark.verification

PHASES = {"pore": 0, "AM": 1, "CBD": 2}
EQUAL = (1e-6, 1e-6, 1e-6)
UNEQUAL = (1.0e-6, 0.8e-6, 1.3e-6)
Record = Callable[..., None]


def lattice(
    spacing: tuple[float, float, float], radius: float, pitch: float, start: float, count: int
) -> NDArray[np.bool_]:
    """Balls on a cubic lattice whose first centre is `start` from the low faces."""
    shape = [round(((count - 1) * pitch + 2 * start) / h) for h in spacing]
    mask = np.zeros(shape, np.bool_)
    for place in np.ndindex(count, count, count):
        # Fractions of a voxel that differ from ball to ball, as in a measured image.
        shift = 0.4 * np.sin(np.array([1.7, 2.9, 4.3]) * (1 + np.dot(place, (1, 7, 3))))
        mask |= ball(shape, spacing, start + pitch * np.array(place) + shift * spacing, radius)
    return mask


@pytest.mark.parametrize("spacing", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
def test_balls_on_a_lattice(
    spacing: tuple[float, float, float], record_verification: Record
) -> None:
    radius = 9e-6
    mask = lattice(spacing, radius, pitch=22e-6, start=12e-6, count=3)
    found = twin.particles(twin.Volume(mask, spacing, PHASES), "AM")
    assert found.count == 27
    assert not found.cut.any()
    errors = {
        "D10": found.d10 / (2 * radius) - 1,
        "D50": found.d50 / (2 * radius) - 1,
        "D90": found.d90 / (2 * radius) - 1,
        "sphericity": found.mean(found.sphericity) - 1,
    }
    for name, error in errors.items():
        record_verification(f"{name} of balls of 9 voxels' radius", 1.0, 1.0 + error, abs(error))
    assert max(map(abs, list(errors.values())[:3])) < 2e-3
    assert abs(errors["sphericity"]) < 4e-3
    assert np.abs(found.sphericity - 1).max() < 0.015
    places = 12e-6 + 22e-6 * np.array(list(np.ndindex(3, 3, 3)))
    ordered = found.position[np.lexsort(np.round(found.position / 22e-6).T[::-1])]
    assert np.abs(ordered - places).max() < 0.5 * max(spacing)
    np.testing.assert_allclose(found.share("pore"), 1.0)
    assert len(found.contacts) == 0


def test_sphericity_of_a_ball_tends_to_one(record_verification: Record) -> None:
    """Averages over places in the grid; the error that stays is that of 13 directions."""
    errors = []
    for radius in (4.0, 8.0, 16.0):
        found = []
        for seed in range(6):
            middle = radius + 2.5 + np.random.default_rng(seed).random(3)
            shape = [int(2 * radius + 6)] * 3
            mask = ball(shape, (1.0, 1.0, 1.0), middle, radius)
            volume = twin.Volume(mask, "1um", PHASES)
            found.append(float(twin.particles(volume, "AM").sphericity[0]))
        errors.append(abs(np.mean(found) - 1))
    record_verification("sphericity of a ball of 16 voxels' radius", 1.0, 1 + errors[2], errors[2])
    assert errors[2] < 2e-3
    assert errors[2] < errors[0] < 0.03


@pytest.mark.parametrize("direction", [(1, 0, 0), (1, 2, 3), (1, 1, 1)])
@pytest.mark.parametrize("spacing", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
def test_a_spheroid(
    spacing: tuple[float, float, float],
    direction: tuple[int, int, int],
    record_verification: Record,
) -> None:
    long, short = 24e-6, 12e-6
    shape = [round(54e-6 / h) for h in spacing]
    mask = ellipsoid(shape, spacing, (27.2e-6, 26.9e-6, 27.1e-6), long, short, direction)
    found = twin.particles(twin.Volume(mask, spacing, PHASES), "AM")
    assert found.count == 1
    volume = 4 / 3 * math.pi * long * short**2
    exact = math.pi ** (1 / 3) * (6 * volume) ** (2 / 3) / spheroid_area(long, short)
    value = float(found.sphericity[0])
    name = f"sphericity of a spheroid 2:1 along {direction}, spacing {spacing}"
    record_verification(name, exact, value, abs(value / exact - 1))
    assert value == pytest.approx(exact, rel=0.015)
    np.testing.assert_allclose(found.semi_axes[0], [short, short, long], rtol=5e-3)
    assert found.diameter[0] == pytest.approx((6 * volume / math.pi) ** (1 / 3), rel=2e-3)


@pytest.mark.parametrize("direction", [(0, 0, 1), (1, 1, 0), (3, 2, 1), (1, -1, 1)])
@pytest.mark.parametrize("spacing", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
def test_two_balls_joined_by_a_neck(
    spacing: tuple[float, float, float],
    direction: tuple[int, int, int],
    record_verification: Record,
) -> None:
    shape = [round(80e-6 / h) for h in spacing]
    neck = 8e-6
    mask, volumes = joined(shape, spacing, (16e-6, 11.5e-6), neck, direction)
    found = twin.particles(twin.Volume(mask, spacing, PHASES), "AM")
    assert found.count == 2
    order = np.argsort(-found.volumes)
    np.testing.assert_allclose(found.volumes[order], volumes, rtol=0.02)
    assert len(found.contacts) == 1
    area = float(found.contacts.area[0])
    exact = math.pi * neck**2
    name = f"neck of two balls along {direction}, spacing {spacing}"
    record_verification(name, exact, area, abs(area / exact - 1))
    # The contact lies on faces of voxels: half a voxel beside the neck the section of the smaller
    # ball is wider by this much.
    wider = math.pi * math.sqrt(11.5e-6**2 - neck**2) * max(spacing)
    assert abs(area - exact) < wider
    along = np.array(direction) / np.linalg.norm(direction)
    assert abs(found.contacts.normal[0] @ along) > 0.99


def test_the_neck_gets_sharper_with_the_voxels(record_verification: Record) -> None:
    """First order: the section beside the neck is wider in proportion to the voxel."""
    errors, exact = [], math.pi * 6.0**2
    for h in (1.0, 0.5, 0.25):
        areas = []
        for direction in ((2, 1, 0.5), (0, 1, 0.3), (1, -1, 1)):
            mask, _ = joined([round(46 / h)] * 3, (h, h, h), (10.0, 8.0), 6.0, direction)
            found = twin.particles(twin.Volume(mask, h, PHASES), "AM")
            assert found.count == 2
            areas.append(float(found.contacts.area[0]))
        errors.append(abs(float(np.mean(areas)) / exact - 1))
    order = math.log2(errors[0] / errors[2]) / 2
    record_verification("neck, finest of three", 1.0, 1 + errors[2], errors[2], order=order)
    assert order > 0.8
    assert errors[2] < 0.02


@pytest.mark.parametrize("ratio", [0.5, 0.7, 0.85])
def test_the_neck_that_separates(ratio: float) -> None:
    """Two equal balls are one or two as their neck is wider or narrower than what is asked."""
    radius = 16.0
    shape, spacing = (72, 48, 48), (1.0, 1.0, 1.0)
    mask, _ = joined(shape, spacing, (radius, radius), ratio * radius, (1, 0, 0))
    volume = twin.Volume(mask, spacing, PHASES)
    assert twin.particles(volume, "AM", neck=ratio + 0.06).count == 2
    assert twin.particles(volume, "AM", neck=ratio - 0.06).count == 1
    depth = radius * (1 - ratio)
    assert twin.particles(volume, "AM", neck=1.0, height=depth - 1.0).count == 2
    assert twin.particles(volume, "AM", neck=1.0, height=depth + 1.0).count == 1


def test_the_smaller_of_two_balls_decides() -> None:
    mask, _ = joined((80, 48, 48), (1.0, 1.0, 1.0), (20.0, 10.0), 7.0, (1, 0, 0))
    volume = twin.Volume(mask, 1.0, PHASES)
    assert twin.particles(volume, "AM", neck=0.78).count == 2
    assert twin.particles(volume, "AM", neck=0.62).count == 1


def test_touching_balls_of_a_packing_are_told_apart() -> None:
    mask = lattice(UNEQUAL, 9e-6, pitch=17e-6, start=11e-6, count=3)
    found = twin.particles(twin.Volume(mask, UNEQUAL, PHASES), "AM")
    assert found.count == 27
    assert len(found.contacts) == 3 * 2 * 9
    assert np.bincount(found.contacts.numbers).tolist() == [0, 0, 0, 8, 12, 6, 1]


def test_balls_cut_by_the_border() -> None:
    """Centres on the faces, edges and corners of the volume: 1 ball of 27 is whole."""
    mask = lattice(EQUAL, 9e-6, pitch=22e-6, start=0.0, count=3)
    volume = twin.Volume(mask, EQUAL, PHASES)
    found = twin.particles(volume, "AM")
    assert found.count == 27
    assert found.counted.sum() == 1
    assert found.d50 == pytest.approx(18e-6, rel=3e-3)
    kept = twin.particles(volume, "AM", border="keep")
    assert kept.counted.all()
    # By number the middle one of 27 is cut in four, with the diameter of a quarter of the ball.
    assert kept.quantile(0.5, by="number") == pytest.approx(18e-6 / 4 ** (1 / 3), rel=0.03)
    only_z = twin.particles(volume, "AM", cut_axes="z")
    assert only_z.counted.sum() == 9
    half = found.areas[found.cut & (np.abs(found.volumes / found.volumes.max() - 0.5) < 0.05), -1]
    assert half == pytest.approx(np.full(6, math.pi * 9e-6**2), rel=0.1)


def test_weights_make_up_for_the_particles_that_are_cut() -> None:
    """A particle dropped at every place: the weights of those not cut add up to the window."""
    window, total, places = 30, 0.0, range(-9, 30)
    for start in places:
        labels = np.zeros((window, 20, 20), np.uint8)
        labels[max(start, 0) : start + 9, 5:14, 5:14] = 1
        volume = twin.Volume(labels, "1um", PHASES)
        if not labels.any() or labels[0].any() or labels[-1].any():
            continue
        total += twin.particles(volume, "AM", border="weigh", cut_axes="x").weight[0]
    assert total == pytest.approx(window, rel=1e-12)


DIRECTIONS = ((0, 0, 1), (1, 1, 0), (1, 2, 2), (1, 1, 1), (3, 1, 0), (3, 2, 1))


@pytest.mark.parametrize("spacing", [EQUAL, UNEQUAL], ids=["equal", "unequal"])
def test_a_ball_half_in_pore_and_half_in_binder(
    spacing: tuple[float, float, float], record_verification: Record
) -> None:
    """Half of the surface against each, and a circle around it; over many directions."""
    radius, lengths, shares = 12e-6, [], []
    shape = [round(30e-6 / h) for h in spacing]
    middle = np.array([15.1e-6, 14.9e-6, 15.2e-6])
    for direction in {p for d in DIRECTIONS for p in (d, d[1:] + d[:1], d[2:] + d[:2])}:
        away = [x - c for x, c in zip(centres(shape, spacing), middle, strict=True)]
        side = sum(d * a for d, a in zip(direction, away, strict=True)) > 0
        labels = np.where(side, 2, 0).astype(np.uint8)
        labels[ball(shape, spacing, middle, radius)] = 1
        found = twin.particles(twin.Volume(labels, spacing, PHASES), "AM")
        assert found.count == 1
        lengths.append(float(found.triple_line[0]))
        shares.append(float(found.share("CBD")[0]))
    exact, mean = 2 * math.pi * radius, float(np.mean(lengths))
    record_verification(f"triple line around a ball, {spacing}", exact, mean, abs(mean / exact - 1))
    assert mean == pytest.approx(exact, rel=0.05)
    assert shares == pytest.approx([0.5] * len(shares), abs=0.03)


def test_the_edges_of_a_triple_line_along_the_axes() -> None:
    """A circle in a plane of voxels has a staircase of eight radii."""
    labels = np.zeros((41, 41, 40), np.uint8)
    labels[:, :, 20:] = 2
    labels[ball(labels.shape, (1.0, 1.0, 1.0), (20.5, 20.5, 20.0), 15.0)] = 1
    found = twin.particles(twin.Volume(labels, "1um", PHASES), "AM")
    assert found.triple_edges[0] == pytest.approx(8 * 15e-6, rel=0.04)
    assert found.triple_line[0] == pytest.approx(found.triple_edges[0] * 2 / 3)


def shared(one: NDArray[np.integer], two: NDArray[np.integer]) -> float:
    """Share of the voxels of regions that are in the region of the other they share most with."""
    where = one > 0
    pairs, counts = np.unique(np.stack([one[where], two[where]]), axis=1, return_counts=True)
    most = np.zeros(one.max() + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return float(most.sum() / where.sum())


@pytest.mark.parametrize(
    "options",
    [{"active_fraction": 0.5}, {"active_fraction": 0.6, "aspect_ratio": 1.6}, {}],
    ids=["half full", "needles", "pressed"],
)
def test_a_packing_of_known_particles(
    options: dict[str, float], record_verification: Record
) -> None:
    """Which voxel is whose, and the median diameter in spite of those that the faces cut."""
    medians: dict[str, list[float]] = {"weigh": [], "remove": []}
    for seed in range(3):
        made = twin.generate.particle_electrode(
            (100, 100, 100), 0.25e-6, d50=4.6e-6, seed=seed, **options
        )
        for border, found in medians.items():
            particles = twin.particles(made.volume, "AM", border=border)
            found.append(particles.d50 / 4.6e-6)
        assert shared(particles.ids, made.bodies) > 0.97
        # Opposite faces fit together, where a body may be two particles: look at whole ones.
        cut = np.unique(made.bodies[(particles.ids > 0) & particles.cut[particles.ids - 1]])
        bodies = np.where(np.isin(made.bodies, cut) | (particles.ids == 0), 0, made.bodies)
        assert shared(bodies, particles.ids) > 0.97
    weighed, removed = (float(np.mean(medians[border])) for border in ("weigh", "remove"))
    name = f"D50 of packed particles, weighed for the border, {options or 'pressed to 0.744'}"
    record_verification(name, 1.0, weighed, abs(weighed - 1))
    assert abs(weighed - 1) < 0.04
    assert abs(weighed - 1) < abs(removed - 1)
