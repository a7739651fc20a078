"""What the other tests of the electrode lean on: a direct solve and formulas, against one another.

Nothing of the package's solver is run here.  Numbers typed out come from a separate implementation
of the same equations, or from the paper named; each is met by two independent routes where there
are two.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode import direct_electrode, direct_spectrum

from meshing.volume import Volume

pytestmark = pytest.mark.verification

WALLS = ("half-face", "centre")


def tau(volume: Volume, **options) -> float:
    return direct_electrode(volume, "pore", "x", **options).tortuosity_factor


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("faces", [2, 4])
@pytest.mark.parametrize("length", [1, 2, 10, 20, 100])
def test_straight_pore(length, faces, wall):
    volume = shapes.straight_pore(length, faces)
    expected = exact.straight_pore(length, faces, wall)
    assert tau(volume, wall=wall) == pytest.approx(expected, rel=1e-12)


def test_straight_pore_in_numbers():
    numbers = {
        (10, 2, "centre"): 1.005, (10, 2, "half-face"): 1.0125, (10, 4, "half-face"): 1.00875,
        (20, 2, "centre"): 1.00125, (20, 2, "half-face"): 1.003125,
        (20, 4, "half-face"): 1.0021875, (100, 2, "half-face"): 1.000125,
        (100, 4, "half-face"): 1.0000875,
    }  # fmt: skip
    for arguments, number in numbers.items():
        assert exact.straight_pore(*arguments) == pytest.approx(number, rel=1e-14)


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("faces", [2, 4])
@pytest.mark.parametrize("b", [1e-6, 1e-3, 1.0, 1e3])
def test_spectrum_of_a_straight_pore(b, faces, wall):
    """Closed form, continued fraction and direct solve; any phase of the walls' admittance."""
    b = b * np.exp(1j * np.radians([90.0, 60.0, 0.0]))
    volume = shapes.straight_pore(20, faces)
    found = direct_spectrum(volume, "pore", "x", admittance={"AM": b}, wall=wall)
    y = faces * exact.wall_admittance(b, wall)
    area = volume.labels[0].size
    expected = exact.ladder_impedance(20, y) * area
    planes = np.append(2.0, np.ones(19))
    chain = exact.chain_impedance(planes, np.repeat(y[:, None], 20, axis=1)) * area
    assert np.abs(chain / expected - 1).max() < 1e-12
    assert np.abs(found / expected - 1).max() < 1e-12
    # The real part is some 1e-7 of the whole at the lowest admittance.
    assert found.real == pytest.approx(expected.real, rel=1e-9)


def test_spectrum_of_a_straight_pore_in_numbers():
    u = np.array([0.01, 0.1, 1, 10, 100, 1000])
    y = 2 * exact.wall_admittance(1j * u / 800, "half-face")
    numbers = np.array([
        6.6874957395 - 2000.0044305582j, 6.6870739977 - 200.0443013308j,
        6.6453282066 - 20.4388057348j, 4.5691343168 - 4.3207942441j,
        1.5051790314 - 1.3287471030j, 0.7550868903 - 0.2648701793j,
    ])  # fmt: skip
    assert exact.ladder_impedance(20, y) == pytest.approx(numbers, rel=0, abs=6e-11)


@pytest.mark.parametrize(
    ("depths", "half", "centre"),
    [
        ((40, 30, 20, 10), 0.62043486, 0.61997303),
        ((40, 5, 5, 5), 0.69528007, 0.69482377),
        ((40, 40), 1.00078125, 1.0003125),
    ],
)
def test_bundles(depths, half, centre):
    volume = shapes.bundle(depths, 40)
    for wall, number in (("half-face", half), ("centre", centre)):
        expected = exact.bundle(depths, 40, wall)
        assert expected == pytest.approx(number, abs=6e-9)
        assert tau(volume, wall=wall) == pytest.approx(expected, rel=1e-12)
    b = 1j * np.geomspace(1e-6, 1e2, 9)
    found = direct_spectrum(volume, "pore", "x", admittance={"AM": b})
    y = exact.wall_admittance(b, "half-face")
    expected = exact.bundle_impedance(depths, 40, y) * volume.labels[0].size
    assert np.abs(found / expected - 1).max() < 1e-12


@pytest.mark.parametrize(
    ("formula", "numbers"),
    [
        (exact.slit, {0.1: 1.0024709, 0.5: 1.0588655, 1.0: 1.2209240}),
        (exact.square_channel, {0.1: 1.0012355, 0.5: 1.0294327, 1.0: 1.1104620}),
        (exact.cylinder, {0.05: 1.0009290, 0.25: 1.0223710, 0.5: 1.0852177}),
    ],
)
def test_channels_in_numbers(formula, numbers):
    for size, number in numbers.items():
        assert formula(size, 1.0) == pytest.approx(number, abs=6e-8)


def test_narrow_channels_have_the_correction_of_their_cross_section():
    """d^2 / 4 for a slit, d^2 / 8 for a square, 3 r^2 / 8 for a circle; the rest is the inlet's."""
    for formula, factor in ((exact.slit, 1 / 4), (exact.square_channel, 1 / 8),
                            (exact.cylinder, 3 / 8)):  # fmt: skip
        assert (formula(1e-4, 1.0) - 1) / 1e-8 == pytest.approx(factor, rel=1e-3)


def test_slits_on_voxels_in_numbers():
    """Slits half as wide as long, then others, by (length, width) in voxels."""
    half = [1.125, 1.07643354, 1.06356527, 1.06012035, 1.05919935, 1.05895400]
    centre = [1.03125, 1.02955854, 1.04012777, 1.04840160, 1.05333997, 1.05602431]
    for i, n in enumerate((4, 8, 16, 32, 64, 128)):
        volume = shapes.slit(n, n // 2)
        assert tau(volume) == pytest.approx(half[i], abs=6e-9)
        assert tau(volume, wall="centre") == pytest.approx(centre[i], abs=6e-9)
    others = {(20, 4): 1.01239175, (40, 8): 1.01044318, (80, 16): 1.00994145, (20, 10): 1.06193885}
    for (n, width), number in others.items():
        assert tau(shapes.slit(n, width)) == pytest.approx(number, abs=6e-9)


def test_square_channels_on_voxels_in_numbers():
    numbers = {
        (4, 2): 1.078125, (8, 4): 1.04212302, (16, 8): 1.03275920, (32, 16): 1.03030431,
        (10, 2): 1.0125, (20, 4): 1.00682087, (40, 8): 1.00537784, (20, 5): 1.00955348,
    }  # fmt: skip
    for (n, width), number in numbers.items():
        assert tau(shapes.square_channel(n, width)) == pytest.approx(number, abs=6e-9)
        if width % 2 == 0:
            quarter = shapes.quarter_channel([width // 2] * n)
            assert tau(quarter) == pytest.approx(number, abs=6e-9)


def test_spectrum_of_a_slit_in_numbers():
    """Width 0.2 of the length: the digits printed, then the voxels' approach to them."""
    numbers = {
        0.1: 0.33656727 - 10.00222675j, 1.0: 0.33442627 - 1.02204697j,
        10.0: 0.2301862 - 0.2145532j, 100.0: 0.081213 - 0.065182j, 1000.0: 0.04109 - 0.01932j,
    }  # fmt: skip
    digits = {0.1: 6e-9, 1.0: 6e-9, 10.0: 6e-8, 100.0: 6e-7, 1000.0: 6e-6}
    for u, number in numbers.items():
        found = exact.slit_impedance(0.2, 1.0, 1j * u / 10) * 0.2
        assert abs(found.real - number.real) < digits[u]
        assert abs(found.imag - number.imag) < digits[u]
    errors = {
        1.0: (8e-4, 2e-4, 5e-5), 10.0: (5.8e-3, 1.6e-3, 4.5e-4), 100.0: (7.7e-2, 2.5e-2, 7.8e-3),
    }  # fmt: skip
    for u, sizes in errors.items():
        z = exact.slit_impedance(0.2, 1.0, 1j * u / 10)
        for n, size in zip((20, 40, 80), sizes, strict=True):
            width = n // 5
            volume = shapes.slit(n, width, (1 / n, 1 / n, 1.0))
            b = np.array([1j * u / 10])
            found = direct_spectrum(volume, "pore", "x", admittance={"AM": b})
            found = found[0] / (volume.labels[0].size / n)
            assert abs(found / z - 1) == pytest.approx(size, rel=0.1)


def test_slit_spectrum_of_a_narrow_slit_is_the_homogeneous_line():
    for u in (0.1, 1.0, 10.0):
        found = exact.slit_impedance(1e-3, 1.0, 1j * u * 1e-3 / 2) * 1e-3
        assert abs(found / exact.de_levie(u) - 1) < 1e-5


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize(("axis", "separator"), [("x", "high"), ("y", "low"), ("z", "high")])
def test_spectrum_and_limit_of_a_random_image_are_one(axis, separator, sides, wall):
    """Re Z goes to R_ion / 3 and w C |Z| to the cross-section: two assemblies, two solves."""
    labels = np.random.default_rng(3).integers(0, 4, (6, 7, 5)).astype(np.uint8)
    volume = Volume(labels, (20e-9, 5e-9, 8e-9), {"pore": (0, 1), "AM": 2, "CBD": 3})
    options = {"axis": axis, "separator": separator, "sides": sides, "wall": wall}
    e = direct_electrode(volume, "pore", reactive={"AM": 1.0, "CBD": 0.3}, **options)
    length = 20e-9 * 6 if axis == "x" else {"y": 5e-9 * 7, "z": 8e-9 * 5}[axis]
    area = np.prod(np.multiply(labels.shape, volume.spacing)) / length
    resistance = e.macmullin_number * length / 0.7
    capacitance = (e.wall_areas["AM"] + 0.3 * e.wall_areas["CBD"]) / area
    omega = 1e-4 / (resistance * capacitance)
    admittance = {"AM": np.array([1j * omega]), "CBD": np.array([0.3j * omega])}
    z = direct_spectrum(volume, "pore", admittance=admittance, conductivity=0.7, **options)[0]
    assert 3 * z.real == pytest.approx(resistance, rel=1e-7)
    assert -z.imag * omega * capacitance == pytest.approx(1, rel=1e-7)


def test_pores_that_the_separator_does_not_reach_are_left_out():
    """Closed ones, those at the collector alone, and across periodic sides those that are not."""
    straight = shapes.slit(10, 1)
    labels = np.ones((10, 9, 1), np.uint8)
    labels[:, :3] = straight.labels
    labels[8:, 6] = 0  # touches the collector
    labels[3:5, 4] = 0  # closed
    alone = direct_electrode(Volume(labels[:, :3], 1.0, shapes.PHASES), "pore", "x")
    e = direct_electrode(Volume(labels, 1.0, shapes.PHASES), "pore", "x")
    assert e.macmullin_number == pytest.approx(3 * alone.macmullin_number, rel=1e-12)
    assert (e.volume_fraction, e.accessible_porosity) == (14 / 90, 10 / 90)
    assert e.wall_area == alone.wall_area == 20
    joined = labels.copy()
    joined[4, :2] = joined[4, 4:] = 0  # from the slit around the side to the pore that was closed
    named = Volume(joined, 1.0, shapes.PHASES)
    assert direct_electrode(named, "pore", "x").accessible_porosity == 11 / 90
    reached = direct_electrode(named, "pore", "x", sides="periodic").accessible_porosity
    assert reached == (joined == 0).sum() / 90 - 2 / 90


def test_dead_ends_in_numbers():
    assert [exact.dead_end(f) for f in (0.5, 0.75, 0.9)] == pytest.approx([0.25, 0.5625, 0.81])
    formula, voxels = (0.27479, 0.59985, 0.85488), (0.27690, 0.60211, 0.85718)
    for rows, continuum, number in zip((50, 75, 90), formula, voxels, strict=True):
        assert exact.dead_end_with_wall(rows, 10, 100) == pytest.approx(continuum, abs=6e-6)
        widths = [10] * rows + [0] * (100 - rows)
        assert tau(shapes.slit(100, widths)) == pytest.approx(number, abs=6e-6)


def test_two_steps_in_numbers():
    assert exact.two_steps(8, 4) == pytest.approx(0.84375)
    assert exact.two_steps(4, 8) == pytest.approx(1.40625)
    numbers = {1: (0.847320, 1.416046), 2: (0.846836, 1.415509), 4: (0.846649, 1.415301)}
    for scale, pair in numbers.items():
        widths = [8 * scale] * 100 * scale + [4 * scale] * 100 * scale
        volume = shapes.slit(200 * scale, widths)
        for separator, number in zip(("low", "high"), pair, strict=True):
            assert tau(volume, separator=separator) == pytest.approx(number, abs=6e-7)


@pytest.mark.parametrize(
    ("first", "second", "by_porosity", "by_area"),
    [
        (0.7, 0.3, 0.833333, 0.74),
        (0.3, 0.7, 1.547619, 1.34),
    ],
)
def test_layers_of_two_porosities_or_wall_areas(first, second, by_porosity, by_area):
    def profile(s: float) -> float:
        return first if s < 0.5 else second

    assert exact.graded(profile) == pytest.approx(by_porosity, abs=6e-7)
    assert exact.graded(lambda _: 1.0, profile) == pytest.approx(by_area, abs=6e-7)
    assert exact.graded(profile) == pytest.approx(exact.two_steps(first, second), rel=1e-12)


@pytest.mark.parametrize(
    ("first", "second", "by_porosity", "by_area"),
    [(0.7, 0.3, 0.849769, 0.816), (0.3, 0.7, 1.293186, 1.216)],
)
def test_linear_gradients_of_porosity_or_wall_area(first, second, by_porosity, by_area):
    def profile(s: float) -> float:
        return first + (second - first) * s

    assert exact.graded(profile) == pytest.approx(by_porosity, abs=6e-7)
    assert exact.graded(lambda _: 1.0, profile) == pytest.approx(by_area, abs=6e-7)
    assert exact.graded(profile) == pytest.approx(exact.wedge(1 - second / first), rel=1e-9)


def test_profiles_of_local_resistance():
    """Profiles of Morasch et al. 2018 at the same resistance through the electrode."""
    profiles = {
        0.75: lambda s: 0.5 + s,
        1.25: lambda s: 1.5 - s,
        0.53125: lambda s: 2.5 if s > 0.75 else 0.5,
        1.65625: lambda s: 2.5 if s < 0.25 else 0.5,
    }
    for number, profile in profiles.items():
        assert exact.weighted_resistance(profile) == pytest.approx(number, rel=1e-9)


def test_walls_that_are_charged_in_part():
    """Half of the walls near the separator, near the collector, or one side: 1/2, 2 and 1."""
    volume = shapes.slit(100, 10)
    numbers = []
    for part in (np.s_[:50], np.s_[50:], np.s_[:, 0]):
        labels = 2 * volume.labels
        labels[part] //= 2
        named = Volume(labels, volume.spacing, {"pore": 0, "AM": 1, "inert": 2})
        numbers.append(tau(named, reactive="AM"))
    assert numbers == pytest.approx([0.50505, 2.00515, 1.00988], abs=6e-6)


def test_wedges_and_cones_in_numbers():
    """Closed forms, and the same by integration of the profile."""
    wedges = {1.0: 0.75, 0.5: 0.869162, -1.0: 1.226649, -3.0: 1.577975}
    for g, number in wedges.items():
        assert exact.wedge(g) == pytest.approx(number, abs=6e-7)
        if g != 1:
            assert exact.graded(lambda s, g=g: 1 - g * s) == pytest.approx(number, abs=6e-7)
    cones = {1.0: 1 / 3, 0.75: 0.49, 0.5: 35 / 54, -1.0: 49 / 27, -3.0: 3.64}
    for g, number in cones.items():
        assert exact.cone(g) == pytest.approx(number, rel=1e-9)
        if g != 1:
            by_profile = exact.graded(lambda s, g=g: (1 - g * s) ** 2, lambda s, g=g: 1 - g * s)
            assert by_profile == pytest.approx(number, rel=1e-6)


def test_spectrum_of_a_closing_wedge_in_numbers():
    numbers = np.array([0.499792 - 10.008328j, 0.480568 - 1.078159j, 0.220949 - 0.250687j])
    found = exact.wedge_to_a_point_impedance([0.1, 1.0, 10.0])
    assert np.abs((found - numbers).view(float)).max() < 6e-7
    # R0 is of the mouth, so R_ion / R0 = tau_e R_pore / R0 = tau_e over the mean width.
    low = exact.wedge_to_a_point_impedance(1e-3)
    assert 3 * low.real == pytest.approx(2 * exact.wedge(1.0), rel=1e-6)


def test_phase_of_the_homogeneous_line_has_its_minimum():
    """43.403 degrees; the phase is flat there, and the place u = 7.71 has two digits."""
    u = np.linspace(6.0, 10.0, 40001)
    phase = np.degrees(-np.angle(exact.de_levie(u)))
    assert phase.min() == pytest.approx(43.403, abs=6e-4)
    assert u[phase.argmin()] == pytest.approx(7.71, abs=0.005)


def test_a_third_of_the_resistance_at_low_frequency():
    """Re Z = (1 - u^2 / 157.5) / 3 with a capacitor; with a constant phase element the straight
    branch that leaves the real axis at gamma 90 degrees leaves it at 1/3.
    """
    for u in (0.1, 0.25, 0.5):
        expected = (1 - u**2 / 157.5) / 3
        assert exact.de_levie(u).real == pytest.approx(expected, rel=u**4 / 1000)
    for exponent in (1.0, 0.95, 0.9, 0.8):
        z = exact.de_levie(1e-4, exponent)
        foot = z.real + z.imag / np.tan(exponent * np.pi / 2)
        assert foot == pytest.approx(1 / 3, abs=1e-4)


def test_line_with_two_resistances():
    """Limits, the value read off a spectrum, and the blocking line where the solid conducts."""
    apparent = {0.01: 0.980, 0.1: 0.827, 0.732: 0.464, 1.0: 0.5, 2.0: 1.0}
    for b, number in apparent.items():
        low, high = exact.two_rails(1e-3, b).real, b / (1 + b)
        assert low == pytest.approx((1 + b) / 3, rel=1e-6)
        assert exact.two_rails(1e5, b).real == pytest.approx(high, rel=0.5 / b)
        assert 3 * (low - high) == pytest.approx(number, abs=6e-4)
    for u in (0.1, 1.0, 10.0):
        assert abs(exact.two_rails(u, 1e-7) / exact.de_levie(u) - 1) < 1e-6
        # The two resistances may be exchanged; here one is the unit, there the other.
        assert exact.two_rails(u, 0.25) * 4 == pytest.approx(exact.two_rails(u / 4, 4.0))
