"""Two-point correlation and what follows from it, against models with exact answers."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from support.boolean_model import BooleanModel

import twin

pytestmark = pytest.mark.verification

BALLS = BooleanModel(radius=5.0, fraction=0.35)
DISCS = BooleanModel(radius=6.0, fraction=0.4, dimensions=2)
ANISOTROPIC = (1.0, 0.5, 2.0)


def ball_image(seed, shape=(72, 96, 48), spacing=ANISOTROPIC, model=BALLS):
    return twin.Volume(model.image(shape, spacing, seed), spacing, {"ball": 1})


def mean_curves(volumes, **how):
    """Probability along each axis, averaged over volumes, with its standard error."""
    found = [twin.correlation(v, "ball", **how) for v in volumes]
    return {
        c.name: (
            c.distance,
            np.mean([f[c.name].probability for f in found], axis=0),
            np.std([f[c.name].probability for f in found], axis=0, ddof=1) / len(found) ** 0.5,
        )
        for c in found[0]
    }


def test_balls_along_the_axes_and_in_all_directions(record_verification):
    volumes = [ball_image(seed) for seed in range(24)]
    for name, (r, found, error) in mean_curves(volumes, radial=True, longest=20.0).items():
        expected = BALLS.probability(r)
        worst = float(np.abs(found - expected).max())
        record_verification(
            f"Boolean model of balls, S2 {name}", BALLS.fraction**2, found[-1], worst,
            source="doi:10.1007/978-1-4757-6355-3",
        )  # fmt: skip
        # Four standard errors, and what the voxels of the balls' surfaces leave.
        assert (np.abs(found - expected) < 4 * error + 0.004).all(), name


def test_integral_length_of_balls(record_verification):
    found = np.mean(
        [twin.correlation(ball_image(s), "ball", "xyz")[a].integral_length
         for s in range(24) for a in "xyz"]
    )  # fmt: skip
    error = abs(found / BALLS.integral_length - 1)
    record_verification(
        "Boolean model of balls, integral length", BALLS.integral_length, found, error
    )
    assert error < 0.04


def test_the_slope_is_that_of_the_first_step():
    """Of one voxel, of three different lengths."""
    found = [twin.correlation(ball_image(seed), "ball", longest=4.0) for seed in range(24)]
    for name, h in zip("xyz", ANISOTROPIC, strict=True):
        step = float(BALLS.probability(np.array(h)) - BALLS.fraction) / h
        assert np.mean([c[name].slope for c in found]) == pytest.approx(step, rel=0.02)


def test_surface_of_balls_from_the_slope(record_verification):
    """In small voxels the first step is the slope at 0."""
    spacing = (0.3, 0.25, 0.35)
    volumes = [ball_image(seed, (110, 130, 90), spacing) for seed in range(12)]
    found = np.mean([twin.correlation(v, "ball", longest=2.0).specific_surface for v in volumes])
    error = abs(found / BALLS.surface - 1)
    record_verification("Boolean model of balls, surface from S2", BALLS.surface, found, error)
    assert error < 0.03


def test_length_of_edges_of_discs_from_the_slope(record_verification):
    images = [
        twin.Volume(DISCS.image((200, 300), (1.0, 0.7), seed), (1.0, 0.7, 1.0), {"disc": 1})
        for seed in range(12)
    ]
    found = np.mean([twin.correlation(v, "disc").specific_surface for v in images])
    error = abs(found / DISCS.surface - 1)
    record_verification("Boolean model of discs, edge length from S2", DISCS.surface, found, error)
    assert error < 0.03


@cache
def estimates(model, shape, spacing, count):
    """Volume fractions of realisations, and what each says of their spread."""
    found = []
    for seed in range(count):
        labels = model.image(shape, spacing[: len(shape)], seed)
        volume = twin.Volume(labels, spacing, {"ball": 1})
        found.append(twin.fraction_uncertainty(volume, "ball"))
    fractions = np.array([f.volume_fraction for f in found])
    return fractions, found


@pytest.mark.parametrize(
    ("model", "shape", "spacing"),
    [
        (BALLS, (64, 96, 48), ANISOTROPIC),
        (DISCS, (220, 300), (1.0, 0.7, 1.0)),
    ],
    ids=["balls", "discs"],
)
def test_standard_error_from_one_image(model, shape, spacing, record_verification):
    """Against the exact variance in such a box, and against the spread of realisations."""
    edges = tuple(n * h for n, h in zip(shape, spacing, strict=False))
    exact = math.sqrt(model.variance(edges))
    count = 50
    fractions, found = estimates(model, shape, spacing, count)
    spread = fractions.std(ddof=1)
    assert spread == pytest.approx(exact, rel=4 / math.sqrt(2 * count))  # the model is the image

    estimate = math.sqrt(np.mean([f.standard_error**2 for f in found]))
    record_verification(
        f"standard error of a volume fraction, {model.dimensions} dimensions",
        exact, estimate, abs(estimate / exact - 1), source="doi:10.1111/j.1365-2818.1991.tb03099.x",
    )  # fmt: skip
    assert estimate == pytest.approx(exact, rel=0.1)
    blocks = math.sqrt(np.mean([f.blocks.standard_error**2 for f in found]))
    assert blocks == pytest.approx(exact, rel=0.25)  # blocks as long as the cut still share edges
    range_ = np.mean([f.integral_range for f in found])
    assert range_ == pytest.approx(model.integral_range, rel=0.2)


def test_the_estimates_scatter_as_their_degrees_of_freedom_say():
    _, found = estimates(BALLS, (64, 96, 48), ANISOTROPIC, 50)
    variances = np.array([f.standard_error**2 for f in found])
    scatter = variances.std(ddof=1) / variances.mean()
    expected = math.sqrt(2 / np.mean([f.degrees_of_freedom for f in found]))
    assert scatter == pytest.approx(expected, rel=0.35)


def test_intervals_hold_the_fraction_as_often_as_they_say():
    fractions, found = estimates(BALLS, (48, 72, 36), ANISOTROPIC, 100)
    assert fractions.std() > 0
    holds = [low <= BALLS.fraction <= high for low, high in (f.interval(0.8) for f in found)]
    assert np.mean(holds) == pytest.approx(0.8, abs=2.5 * math.sqrt(0.8 * 0.2 / 100))


def test_noise(record_verification):
    """Independent voxels: S2 = eps^2 but at 0, and the standard error of a coin."""
    labels = np.random.default_rng(5).random((120, 100, 90)) < 0.3
    volume = twin.Volume(labels, (1e-6, 2e-6, 3e-6), {"pore": 1})
    eps = volume.volume_fraction("pore")
    c = twin.correlation(volume, "pore", radial=True)
    for curve in c:
        assert curve.probability[0] == pytest.approx(eps, rel=1e-6)
        noise = 5 * 0.3 * 0.7 / np.sqrt(curve.pairs[1:])
        if curve.name != "radial":
            assert (np.abs(curve.probability[1:] - eps**2) < noise + 1e-3 * eps).all()
    found = twin.fraction_uncertainty(volume, "pore")
    exact = math.sqrt(0.3 * 0.7 / labels.size)
    record_verification(
        "standard error of independent voxels", exact, found.standard_error,
        abs(found.standard_error / exact - 1),
    )  # fmt: skip
    assert found.standard_error == pytest.approx(exact, rel=0.08)
    assert found.integral_range == pytest.approx(6e-18, rel=0.16)


def test_small_images_are_right_in_the_mean(record_verification):
    """Of noise in 24 x 20 pixels, where the window holds one pair in sixteen."""
    random = np.random.default_rng(11)
    variances = [
        twin.fraction_uncertainty(twin.Volume(image, phases={"a": 1}), "a").standard_error ** 2
        for image in random.random((1500, 24, 20)) < 0.5
    ]
    known = np.array(variances)[~np.isnan(variances)]
    assert len(known) > 1490
    exact, found = 0.25 / 480, known.mean()
    record_verification("variance of a volume fraction, 24 x 20 pixels", exact, found,
                        abs(found / exact - 1))  # fmt: skip
    assert found == pytest.approx(exact, rel=0.03)


def test_columns_vary_in_the_plane_alone():
    """Noise that is the same in all layers: one layer's standard error, however thick it is."""
    plane = np.random.default_rng(2).random((150, 130)) < 0.4
    labels = np.repeat(plane[:, :, None], 40, axis=2)
    found = twin.fraction_uncertainty(twin.Volume(labels, (1.0, 2.0, 0.5), {"pore": 1}), "pore")
    assert not found.correlation["z"].range.decayed
    assert found.standard_error == pytest.approx(math.sqrt(0.24 / plane.size), rel=0.08)


@pytest.mark.parametrize("axis", "xyz")
def test_layers_of_a_period(axis):
    """Layers of 2 and 3 voxels: all pairs can be counted by hand."""
    shape = tuple(20 if name == axis else 6 for name in "xyz")
    volume = twin.generate.layers(shape, axis, {"pore": 2, "solid": 3}, ANISOTROPIC)
    c = twin.correlation(volume, "pore", periodic="xyz")
    one_period = np.array([2, 1, 0, 0, 1]) / 5
    np.testing.assert_array_equal(c[axis].probability, np.resize(one_period, 11))
    np.testing.assert_allclose(c[axis].distance, np.arange(11) * ANISOTROPIC["xyz".index(axis)])
    for other in set("xyz") - {axis}:
        np.testing.assert_array_equal(c[other].probability, 0.4)
        assert not c[other].range.decayed
    # Two walls of 5 voxels across the axis, none along it.
    assert c[axis].slope == pytest.approx(-0.2 / ANISOTROPIC["xyz".index(axis)], rel=1e-14)
    open_ends = twin.correlation(volume, "pore", axis)[axis]
    first = np.array([sum(1 for x in range(20 - r) if x % 5 < 2 and (x + r) % 5 < 2)
                      for r in range(11)])  # fmt: skip
    np.testing.assert_array_equal(open_ends.probability, first / (20 - np.arange(11)))


def test_berea_against_published_numbers(shared_data, record_verification):
    """The sandstone of doi:10.1103/PhysRevE.96.043309; x, y, z there are axes 0, 2, 1."""
    volume = twin.read(shared_data / "volumes" / "berea_400.tif", phases={"pore": 0, "grain": 255})
    table = np.loadtxt(
        shared_data / "volumes" / "berea_S2_reference.csv", delimiter=",", skiprows=1
    )
    c = twin.correlation(volume, "pore", longest=399.0)
    for name, column in zip("xyz", (0, 2, 1), strict=True):
        found, expected = c[name].probability, table[:, column]
        worst = np.abs(found - expected).argmax()
        record_verification(
            f"Berea sandstone, S2 along {name}, where they differ most",
            expected[worst], found[worst], abs(found - expected).max(),
            source="doi:10.1103/PhysRevE.96.043309",
        )  # fmt: skip
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-12)


def test_profiles_are_exact():
    volume = twin.generate.layers((6, 12, 5), "y", {"pore": 1, "AM": 2, "CBD": 1}, ANISOTROPIC)
    found = twin.profile(volume)
    for phase, period in (("pore", [1, 0, 0, 0]), ("AM", [0, 1, 1, 0]), ("CBD", [0, 0, 0, 1])):
        np.testing.assert_array_equal(found["y"].fractions[phase], np.resize(period, 12))
        np.testing.assert_allclose(found["x"].fractions[phase], sum(period) / 4)
    np.testing.assert_allclose(found["y"].edges, np.arange(13) * 0.5)
    thick = twin.profile(volume, "AM", "y", width=2.5)["y"]  # five voxels
    np.testing.assert_allclose(thick.fractions["AM"], [2 / 5, 3 / 5, 1 / 2])
    np.testing.assert_allclose(thick.edges, [0, 2.5, 5.0, 6.0])
    assert thick.mean("AM") == pytest.approx(0.5, rel=1e-14)
