"""Fields and profiles of an electrode: a straight pore by hand, random ones by a direct solve."""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_shapes as shapes
from support.electrode import direct_electrode, direct_potential, direct_spectrum
from support.electrode_cases import PHASES, ask
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing.volume import Volume

pytestmark = pytest.mark.verification

ENDS = [("x", "low"), ("x", "high"), ("y", "low"), ("z", "high")]


def in_depth(field: np.ndarray, axis: str, separator: str) -> np.ndarray:
    """A field with the driven axis first and the separator at index 0."""
    turned = np.moveaxis(field, "xyz".index(axis), 0)
    return turned if separator == "low" else turned[::-1]


def random_electrode(seed: int) -> Volume:
    random = np.random.default_rng(seed)
    labels = random.integers(1, 3, (11, 9, 10)).astype(np.uint8)
    labels[random.random(labels.shape) < 0.6] = 0
    return Volume(labels, ANISOTROPIC, PHASES)


@pytest.mark.parametrize(("axis", "separator"), ENDS)
def test_profiles_of_a_straight_pore(axis, separator):
    """n layers alike: the current falls linearly, and every layer has the resistance of its pore.

    A layer's own half faces see the whole current that enters it and the one that leaves it.
    """
    n, (hx, hy, hz) = 12, ANISOTROPIC
    volume = shapes.turned(shapes.straight_pore(n, 4, ANISOTROPIC), axis, separator)
    e = ask(volume, axis, separator)
    p = e.profiles
    layer = np.arange(n)
    assert p["position"] == pytest.approx((layer + 0.5) * hx, rel=1e-12)
    assert p["porosity"] == pytest.approx(np.full(n, 1 / 9), rel=1e-12)
    assert p["accessible_porosity"] == pytest.approx(np.full(n, 1 / 9), rel=1e-12)
    assert p["wall_area"] == pytest.approx(np.full(n, 2 * hx * (hy + hz)), rel=1e-12)
    assert p["current"] == pytest.approx((n - layer - 0.5) / n, rel=1e-12)
    assert p["local_resistance"] == pytest.approx(np.full(n, 9.0), rel=1e-5)


@pytest.mark.parametrize(("axis", "separator"), ENDS)
def test_potential_and_flux_of_a_straight_pore(axis, separator):
    """Sums of the currents on the way, over the current and R_ion; nine voxels across, one open."""
    n, (hx, hy, hz) = 12, ANISOTROPIC
    volume = shapes.turned(shapes.straight_pore(n, 4, ANISOTROPIC), axis, separator)
    e = ask(volume, axis, separator)
    planes = (n - np.arange(n)) / n
    steps = planes * hx / (hy * hz)
    steps[0] /= 2
    resistance = e.ionic_resistance(1.0) / (9 * hy * hz)
    potential = in_depth(e.potential(), axis, separator)
    assert potential[:, 1, 1] == pytest.approx(np.cumsum(steps) / resistance, rel=1e-6)
    assert np.isnan(potential[:, 0, 0]).all()
    flux = in_depth(e.flux(), axis, separator)
    along = {"low": 1, "high": -1}[separator] * flux[:, 1, 1, "xyz".index(axis)]
    # The mean of both faces of a voxel.
    assert along == pytest.approx(9 * (n - np.arange(n) - 0.5) / n, rel=1e-5)
    assert not flux[:, 0, 0].any()


@pytest.mark.parametrize(("axis", "separator"), ENDS)
@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
def test_potential_of_random_pores(axis, separator, sides, record_verification):
    volume = random_electrode(1)
    reactive = {"AM": 1.0, "CBD": 0.2}
    e = ask(volume, axis, separator, reactive, sides=sides)
    expected = direct_electrode(volume, "pore", axis, separator, reactive, sides)
    charge = expected.wall_areas["AM"] + 0.2 * expected.wall_areas["CBD"]
    resistance = e.ionic_resistance(1.0) / e.cross_section
    w = expected.potential / charge / resistance
    found = in_depth(e.potential(), axis, separator)
    error = np.nanmax(np.abs(found - w))
    record_verification(
        f"electrode, potential of random pores, {axis} {separator}, {sides}",
        np.nanmax(w), np.nanmax(found), error,
    )  # fmt: skip
    assert np.array_equal(np.isfinite(found), np.isfinite(w))
    # The resistance has twice the digits of its field.
    assert error < 5e-5


@pytest.mark.parametrize(("axis", "separator"), ENDS)
def test_profiles_of_random_pores_add_up(axis, separator):
    """Layers of a line of resistors: with the squares of their currents they are R_ion."""
    volume = random_electrode(2)
    e = ask(volume, axis, separator, wall="centre")
    p = e.profiles
    labels = in_depth(volume.labels, axis, separator)
    assert p["porosity"] == pytest.approx((labels == 0).mean(axis=(1, 2)), rel=1e-12)
    assert p["wall_area"].sum() == pytest.approx(e.wall_area, rel=1e-12)
    share = 1 - np.cumsum(p["wall_area"]) / e.wall_area
    edges = np.concatenate([[1.0], share])
    edges[-1] = 0.0
    assert p["current"] == pytest.approx((edges[1:] + edges[:-1]) / 2, abs=1e-12)
    squares = (edges[1:] ** 2 + edges[:-1] ** 2) / 2
    flows = squares > 0
    total = 3 * (squares * p["local_resistance"])[flows].mean() * flows.mean()
    assert total == pytest.approx(e.macmullin_number, rel=1e-6)


@pytest.mark.parametrize(("axis", "separator"), [("x", "low"), ("z", "high")])
@pytest.mark.parametrize("u", [0.1, 10.0, 1000.0])
def test_potential_at_a_frequency(axis, separator, u, record_verification):
    """Complex potentials, of walls that differ; and the current that they drive is 1 / Z."""
    volume = random_electrode(3)
    walls = {"AM": twin.Wall(0.1, exponent=0.9), "CBD": twin.Wall(0.4)}
    f = u * 1e8 * np.array([1.0])
    z = twin.impedance(
        volume, "pore", axis, separator, capacitance=walls, frequency=f * [1e-3, 1, 1e3],
        solver=TIGHT,
    )  # fmt: skip
    y = {name: complex(wall.admittance(f)[0]) for name, wall in walls.items()}
    expected = direct_potential(volume, "pore", axis, separator, y)
    found = in_depth(z.potential(f[0]), axis, separator)
    reached = np.isfinite(expected.real)
    error = np.abs(found[reached] - expected[reached]).max()
    record_verification(
        f"impedance, potential of random pores, {axis} {separator}, u = {u:g}",
        1.0, np.abs(found[reached]).max(), error,
    )  # fmt: skip
    assert np.array_equal(np.isfinite(found.real), reached)
    # The impedance is asked to 1e-4, and has twice the digits of its fields.
    assert error < 1e-2
    direct = direct_spectrum(volume, "pore", axis, separator, {k: [v] for k, v in y.items()})
    assert abs(z.at(f).impedance[0] / direct[0] - 1) < 1e-4
