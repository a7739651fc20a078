"""Impedance spectra: exact in the voxel scheme, of the continuum, and against a direct solve.

A spectrum comes out of a reduced model of a few solves.  Where these span all that a pore can do
its spectrum is exact; elsewhere its error is asked to stay below the tolerance it was given, over
seven decades and for any law of the walls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode import direct_spectrum
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

ENDS = [("x", "low"), ("y", "high"), ("z", "low"), ("z", "high")]
WALLS = {
    "capacitor": twin.Wall(0.2),
    "constant phase": twin.Wall(0.05, exponent=0.85),
    "charge transfer": twin.Wall(0.2, charge_transfer_resistance=3e-9),
    "both": twin.Wall(0.1, exponent=0.7, charge_transfer_resistance=1e-8),
}


def ask(volume: Volume, axis: str = "x", separator: str = "low", **options: Any) -> Any:
    return twin.impedance(volume, "pore", axis, separator, **{"solver": TIGHT, **options})


def decades(volume: Volume, wall: twin.Wall, axis: str = "x", count: int = 43) -> np.ndarray:
    """Frequencies [Hz] from 1e-3 to 1e4 times that at which R_ion and all walls meet.

    For conductivity 1; the walls are those of any pore, so this is no more than a place.
    """
    a = "xyz".index(axis)
    e = twin.electrode_tortuosity(volume, "pore", axis)
    length = volume.shape[a] * volume.spacing[a]
    area = np.prod(np.multiply(volume.shape, volume.spacing)) / length
    omega = area / (e.ionic_resistance(1.0) * wall.capacitance * e.wall_area)
    return np.geomspace(1e-3, 1e4, count) * omega ** (1 / wall.exponent) / (2 * np.pi)


def admittances(walls: Mapping[str, twin.Wall], frequency: np.ndarray) -> dict[str, np.ndarray]:
    return {name: wall.admittance(frequency) for name, wall in walls.items()}


@pytest.mark.parametrize("law", WALLS)
@pytest.mark.parametrize(("axis", "separator"), ENDS)
def test_short_pores_are_exact(axis, separator, law, record_verification):
    """Four voxels have four modes: with four fields a spectrum is exact, over seven decades."""
    wall = WALLS[law]
    volume = shapes.turned(shapes.straight_pore(4, 4, ANISOTROPIC), axis, separator)
    f = decades(volume, wall, axis)
    z = ask(
        volume, axis, separator, capacitance=wall, conductivity=0.7, frequency=f, tolerance=1e-10
    )
    hx, hy, hz = ANISOTROPIC
    y = wall.admittance(f) / 0.7
    layer = 2 * hx * hz * y / (1 + y * hy / 2) + 2 * hx * hy * y / (1 + y * hz / 2)
    planes = np.array([2.0, 1.0, 1.0, 1.0]) * hy * hz / hx
    expected = exact.chain_impedance(planes, np.repeat(layer[:, None], 4, axis=1)) / 0.7
    expected = expected * 9 * hy * hz  # [Ohm m2] of the image, nine voxels across
    error = np.abs(z.spectrum.impedance / expected - 1).max()
    record_verification(
        f"impedance, straight pore of 4 voxels, {axis} {separator}, {law}",
        abs(expected[21]), abs(z.spectrum.impedance[21]), error,
    )  # fmt: skip
    assert np.allclose(z.spectrum.frequency, f, rtol=1e-14)
    assert error < 1e-9


@pytest.mark.parametrize("wall", ["half-face", "centre"])
def test_ladder_of_20_voxels(wall, record_verification):
    """The closed form of a ladder, from u = 0.01 to 1000."""
    u = np.array([0.01, 0.1, 1, 10, 100, 1000])
    volume = shapes.straight_pore(20, 2)
    # b = omega c h / kappa = u / 800 of two faces in each of 20 voxels.
    z = ask(volume, capacitance=1.0, frequency=u / 800 / (2 * np.pi), wall=wall)
    y = 2 * exact.wall_admittance(1j * u / 800, wall)
    expected = 3 * exact.ladder_impedance(20, y)
    error = np.abs(z.spectrum.impedance / expected - 1).max()
    record_verification(
        f"impedance, ladder of 20 voxels, {wall}", abs(expected[3]),
        abs(z.spectrum.impedance[3]), error,
    )  # fmt: skip
    assert error < 1e-4
    assert z.estimated_error < 1e-4
    # The limit of low frequencies is a solve of its own, so it is far better than the tolerance.
    assert z.spectrum.impedance[0].real == pytest.approx(expected[0].real, rel=1e-7)


@pytest.mark.parametrize("depths", [(40, 30, 20, 10), (40, 5, 5, 5)])
@pytest.mark.parametrize("law", WALLS)
def test_bundles(depths, law, record_verification):
    volume = shapes.bundle(depths, 40)
    wall = WALLS[law]
    wall = twin.Wall(1.0, wall.exponent, wall.charge_transfer_resistance * 1e9)
    f = decades(volume, wall)
    z = ask(volume, capacitance=wall, frequency=f)
    y = exact.wall_admittance(wall.admittance(f), "half-face")
    expected = exact.bundle_impedance(depths, 40, y) * (2 * len(depths) + 1)
    error = np.abs(z.spectrum.impedance / expected - 1).max()
    record_verification(
        f"impedance, bundle of depths {depths}, {law}", abs(expected[21]),
        abs(z.spectrum.impedance[21]), error,
    )  # fmt: skip
    assert error < 1e-4


def rough(seed: int, shape=(18, 14, 12)) -> Volume:
    """Uncorrelated noise: dead ends, unreached pores and walls of every kind."""
    random = np.random.default_rng(seed)
    labels = random.integers(1, 3, shape).astype(np.uint8)
    labels[random.random(shape) < 0.5] = 0
    return Volume(labels, (2e-7, 1e-7, 3e-7), {"pore": 0, "AM": 1, "CBD": 2})


LAWS = {
    "capacitors alike": {"AM": twin.Wall(0.1), "CBD": twin.Wall(0.1)},
    "AM alone": {"AM": twin.Wall(0.1)},
    "capacitors unlike": {"AM": twin.Wall(0.1), "CBD": twin.Wall(3.0)},
    "constant phase": {"AM": twin.Wall(0.1, exponent=0.8), "CBD": twin.Wall(0.1, exponent=0.8)},
    "charge transfer": {
        "AM": twin.Wall(0.1, charge_transfer_resistance=1e-6),
        "CBD": twin.Wall(0.1, charge_transfer_resistance=1e-6),
    },
    "charge transfer on AM alone": {
        "AM": twin.Wall(0.1, charge_transfer_resistance=1e-6), "CBD": twin.Wall(0.3),
    },
    "each its own": {
        "AM": twin.Wall(0.1, exponent=0.9, charge_transfer_resistance=2e-6),
        "CBD": twin.Wall(0.5, exponent=0.7),
    },
}  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("axis", "separator", "sides"), [
    ("x", "low", "no-flux"), ("z", "high", "periodic"),
])  # fmt: skip
def test_rough_structures_against_a_direct_solve(axis, separator, sides, law, record_verification):
    """Complex solves of every frequency; the model's error is below what it was asked to be."""
    volume, walls = rough(7), LAWS[law]
    f = decades(volume, twin.Wall(0.1, walls["AM"].exponent), axis, count=15)
    z = ask(volume, axis, separator, capacitance=walls, conductivity=0.8, frequency=f, sides=sides)
    expected = direct_spectrum(volume, "pore", axis, separator, admittances(walls, f), 0.8, sides)
    error = np.abs(z.spectrum.impedance / expected - 1).max()
    record_verification(
        f"impedance, rough structure, {axis} {separator} {sides}, {law}",
        abs(expected[7]), abs(z.spectrum.impedance[7]), error,
    )  # fmt: skip
    assert error < 1e-4
    assert z.estimated_error < 1e-4


@pytest.mark.parametrize("tolerance", [1e-2, 1e-3, 1e-5])
def test_the_tolerance_is_what_it_says(tolerance):
    volume = rough(11)
    wall = twin.Wall(0.1)
    f = decades(volume, wall, count=15)
    z = ask(volume, capacitance=wall, frequency=f, tolerance=tolerance)
    y = admittances({"AM": wall, "CBD": wall}, f)
    expected = direct_spectrum(volume, "pore", "x", "low", y)
    assert np.abs(z.spectrum.impedance / expected - 1).max() < tolerance
    assert z.estimated_error < tolerance


@pytest.mark.parametrize("wall", ["half-face", "centre"])
def test_an_electrode_of_particles_against_a_direct_solve(wall):
    volume = generate.electrode((22, 20, 18), 0.4e-6, seed=2)
    walls = {"AM": twin.Wall(0.1), "CBD": twin.Wall(1.0, exponent=0.9)}
    f = decades(volume, walls["AM"], "z", count=8)
    z = ask(volume, "z", capacitance=walls, frequency=f, wall=wall)
    expected = direct_spectrum(volume, "pore", "z", "low", admittances(walls, f), wall=wall)
    assert np.abs(z.spectrum.impedance / expected - 1).max() < 1e-4


@pytest.mark.parametrize(
    ("volume", "tolerance"),
    [
        (rough(2), 1e-4),
        (shapes.straight_pore(4, 4, ANISOTROPIC), 1e-4),
        (shapes.straight_pore(4, 4, ANISOTROPIC), 1e-16),
    ],
    ids=["rough", "straight", "straight, as far as rounding"],
)
def test_progress_is_told_of_every_solve(volume, tolerance):
    """Solves that add no field count as well; an error is told when there are five of them."""
    told = []
    z = ask(volume, tolerance=tolerance, progress=lambda *given: told.append(given))
    assert [given[:2] for given in told] == [("x", n + 1) for n in range(z.solves)]
    errors = [error for *_, error in told]
    assert errors[:4] == [math.inf] * 4 and np.isfinite(errors[4:]).all()
    assert errors[-1] == z.estimated_error


def test_the_default_frequencies_span_seven_decades():
    z = ask(rough(3))
    f = z.spectrum.frequency
    assert f.size == 60
    assert f.max() / f.min() == pytest.approx(1e7, rel=1e-6)
    phase = -z.spectrum.phase
    low = np.argmin(f)
    assert phase[low] > 89
    assert phase[np.argmax(f)] < 60


@pytest.mark.parametrize("u", [1.0, 10.0, 100.0])
def test_slit_of_the_continuum(u, record_verification):
    """Width 0.2 of the length, against its eigenmodes: second order, from above 1e-3."""
    exact_z = exact.slit_impedance(0.2, 1.0, 1j * u / 10)
    errors = []
    for n in (20, 40, 80):
        volume = shapes.slit(n, n // 5, (1 / n, 1 / n, 1.0))
        z = ask(volume, capacitance=1.0, frequency=[u / 10 / (2 * np.pi)], tolerance=1e-6)
        width = volume.shape[1] / n
        errors.append(abs(z.spectrum.impedance[0] / width / exact_z - 1))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    record_verification(
        f"impedance, slit of width L / 5, u = {u:g}, 80 voxels", abs(exact_z),
        abs(z.spectrum.impedance[0] / width), errors[-1], order=orders[-1],
    )  # fmt: skip
    assert errors[-1] < {1.0: 6e-5, 10.0: 5e-4, 100.0: 9e-3}[u]
    assert (orders > 1.6).all()


def test_wedge_that_closes(record_verification):
    """Bessel functions, for a wedge of 64 stairs a thirty-second as wide as long."""
    layers, across = 256, 64
    widths = np.rint((1 - (np.arange(layers) + 0.5) / layers) * across).astype(int)
    half = 1 / 64
    volume = shapes.half_slit(widths, (1 / layers, half / across, 1.0))
    u = np.array([0.1, 1.0, 10.0])
    # R0 = 1 / half of the mouth; the charge of the stairs is the side's and half more of the mouth.
    omega = u * half / (1 + half)
    z = ask(volume, capacitance=1.0, frequency=omega / (2 * np.pi)).spectrum.impedance
    found = z / (volume.shape[1] * half / across) * half
    expected = exact.wedge_to_a_point_impedance(u)
    error = np.abs(found / expected - 1)
    record_verification(
        "impedance, closing wedge, u = 1", abs(expected[1]), abs(found[1]), error[1]
    )
    assert (error < 1.2 / across).all()


@pytest.mark.parametrize("exponent", [1.0, 0.95, 0.9, 0.8])
def test_a_third_of_the_resistance_whatever_the_exponent(exponent):
    """The branch of low frequencies leaves the real axis at R_ion / 3."""
    volume = rough(5)
    wall = twin.Wall(0.1, exponent=exponent)
    f = decades(volume, wall)[:1] / 100
    z = ask(volume, capacitance=wall, frequency=f)
    foot = z.spectrum.impedance[0].real
    foot += z.spectrum.impedance[0].imag / np.tan(exponent * np.pi / 2)
    resistance = z.electrode.ionic_resistance(1.0)
    e = twin.electrode_tortuosity(volume, "pore", "x", solver=TIGHT)
    assert resistance == pytest.approx(e.ionic_resistance(1.0), rel=1e-6)
    assert 3 * foot == pytest.approx(resistance, rel=1e-3)


def test_conductivity_scales_impedance_and_frequency():
    volume = rough(9)
    f = decades(volume, twin.Wall(0.1), count=7)
    one = ask(volume, capacitance=0.1, frequency=f, conductivity=1.0).spectrum.impedance
    other = ask(volume, capacitance=0.1, frequency=40 * f, conductivity=40.0).spectrum.impedance
    assert np.abs(40 * other / one - 1).max() < 1e-6


def test_symmetric_cell_and_contact():
    """R_sep + 2 Z, and a contact of R || CPE in series with each electrode."""
    volume, f = rough(9), np.geomspace(1, 1e6, 7)
    electrode = ask(volume, capacitance=0.1, frequency=f).spectrum.impedance
    cell = ask(
        volume, capacitance=0.1, frequency=f, cell="symmetric", separator_resistance=2e-5
    ).spectrum.impedance
    assert cell == pytest.approx(2e-5 + 2 * electrode, rel=1e-12)
    contact = twin.Wall(0.01, exponent=0.9, charge_transfer_resistance=1e-6)
    touched = ask(volume, capacitance=0.1, frequency=f, contact=contact).spectrum.impedance
    series = 1 / (0.01 * (2j * np.pi * f) ** 0.9 + 1e6)
    assert touched == pytest.approx(electrode + series, rel=1e-9)
    pair = ask(
        volume, capacitance=0.1, frequency=f, contact=contact, cell="symmetric"
    ).spectrum.impedance
    assert pair == pytest.approx(2 * (electrode + series), rel=1e-9)


@pytest.mark.parametrize("ratio", [0.01, 0.25, 1.0, 4.0])
def test_resistance_of_the_solid(ratio, record_verification):
    """A straight pore in a solid that resists too is the line with two rails."""
    n = 60
    volume = shapes.straight_pore(n, 2)
    u = np.array([0.1, 1.0, 10.0, 100.0])
    resistance = 3.0 * n  # of one pore in three voxels, per area, for conductivity 1
    # Effective conductivity of the solid per area of the image, over the whole thickness.
    z = ask(
        volume, capacitance=1.0, frequency=u / (2 * n * n) / (2 * np.pi),
        electronic_conductivity=n / (ratio * resistance), tolerance=1e-6,
    ).spectrum.impedance  # fmt: skip
    expected = resistance * exact.two_rails(u, ratio)
    error = np.abs(z / expected - 1)
    record_verification(
        f"impedance, line with two rails, R_e / R_ion = {ratio:g}, u = 10", abs(expected[2]),
        abs(z[2]), error[2],
    )  # fmt: skip
    # The line is the continuum's: the ladder of 60 voxels differs from it with u / n^2.
    assert (error < 1e-3 + u / n**2).all()


@pytest.mark.parametrize("exponent", [1.0, 0.9, 0.8])
@pytest.mark.parametrize("ratio", [0.0, 0.01, 0.732, 4.0])
def test_the_transmission_line_is_the_closed_form(ratio, exponent):
    """The package's line, of any exponent and resistance of the solid, by hyperbolic functions."""
    u = np.geomspace(1e-3, 1e4, 29)
    wall = twin.Wall(3.0, exponent=exponent)
    omega = (u / (3.0 * 0.02)) ** (1 / exponent)  # u = omega^gamma Q R_ion
    line = twin.transmission_line(
        omega / (2 * np.pi), 0.02, wall, electronic_resistance=0.02 * ratio
    )
    x2 = u * 1j**exponent
    if ratio == 0:
        expected = 0.02 / (np.sqrt(x2) * np.tanh(np.sqrt(x2)))
    else:
        # The closed form asks for j u; any other argument of the admittance turns u.
        expected = 0.02 * exact.two_rails(x2 / 1j, ratio)
    assert np.abs(line.impedance / expected - 1).max() < 1e-9


def test_phase_minimum_of_the_homogeneous_line():
    u = np.geomspace(0.1, 1e3, 200)
    line = twin.transmission_line(u / (2 * np.pi), 1.0, twin.Wall(1.0))
    minimum = line.phase_minimum()
    assert minimum.angle == pytest.approx(43.4033, abs=1e-3)
    assert 2 * np.pi * minimum.frequency == pytest.approx(7.709, rel=2e-3)


def test_walls_by_name_or_for_all():
    """A number for every wall, a wall, and a mapping of both say the same."""
    volume, f = rough(4), np.geomspace(1e2, 1e6, 5)
    alike = [
        {"capacitance": 0.2},
        {"capacitance": twin.Wall(0.2)},
        {"capacitance": {"AM": 0.2, "CBD": twin.Wall(0.2)}},
        {"capacitance": 0.2, "reactive": ("AM", "CBD")},
    ]
    spectra = [ask(volume, frequency=f, **options).spectrum.impedance for options in alike]
    for z in spectra[1:]:
        assert z == pytest.approx(spectra[0], rel=1e-6)
    alone = [
        ask(volume, frequency=f, capacitance={"AM": 0.2}).spectrum.impedance,
        ask(volume, frequency=f, capacitance=0.2, reactive="AM").spectrum.impedance,
    ]
    assert alone[0] == pytest.approx(alone[1], rel=1e-6)
    assert np.abs(alone[0] / spectra[0] - 1).max() > 0.1


@pytest.mark.parametrize("width", [16, 18])
def test_the_spectrum_does_not_depend_on_the_number_of_threads(width):
    """Between periodic sides the first planes are neighbours of the last, whatever their number."""
    volume = rough(7, (width, 14, 12))
    f = decades(volume, twin.Wall(0.1), "z", count=3)
    spectra = []
    threads = numba.get_num_threads()
    for count in (1, threads, threads):
        numba.set_num_threads(count)
        z = ask(volume, "z", "high", capacitance=0.1, frequency=f, sides="periodic", tolerance=1e-2)
        spectra.append(z.spectrum.impedance)
    np.testing.assert_array_equal(spectra[0], spectra[1])
    np.testing.assert_array_equal(spectra[0], spectra[2])
