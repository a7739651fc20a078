"""Fits of lines and walls: what they find, how sure they are, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

import twin
from twin.transmission_line import line_impedance

FREQUENCY = np.geomspace(1e-1, 1e5, 60)
IONIC, WALL = 2e-3, twin.Wall(30.0, 0.9)
LINE = twin.transmission_line(FREQUENCY, IONIC, WALL, separator_resistance=4e-4)


def noisy(spectrum, size=0.01, seed=0):
    noise = np.random.default_rng(seed).normal(scale=size, size=(2, len(spectrum)))
    z = spectrum.impedance * (1 + noise[0] + 1j * noise[1])
    return twin.Spectrum(spectrum.frequency, z, spectrum.area, spectrum.unit, measured=True)


def layered(frequency=FREQUENCY):
    """Two lines, one behind the other: no homogeneous line has this spectrum."""
    y = twin.Wall(15.0).admittance(frequency)
    deep = line_impedance(4e-3, y)
    x = np.sqrt(4e-4 * y)
    near = np.sqrt(4e-4 / y)  # characteristic impedance of the layer in front
    return twin.Spectrum(frequency, near * (deep + near * np.tanh(x)) / (near + deep * np.tanh(x)))


@pytest.mark.parametrize("weighting", ["unit", "modulus", "proportional", 1.0, 0.1])
@pytest.mark.parametrize("cell", ["electrode", "symmetric"])
def test_every_weighting_finds_a_homogeneous_line(weighting, cell):
    line = twin.transmission_line(
        FREQUENCY, IONIC, WALL, cell=cell, separator_resistance=4e-4, area=2e-4
    )
    found = twin.fit_transmission_line(line, weighting=weighting, cell=cell)
    assert found.ratio(IONIC) == pytest.approx(1, abs=1e-6)
    assert found.wall.capacitance == pytest.approx(30.0, rel=1e-6)
    assert found.wall.exponent == pytest.approx(0.9, abs=1e-6)
    assert found.series_resistance == pytest.approx(4e-4, rel=1e-5)
    assert found.residual < 1e-6
    assert (found.weighting, found.cell) == (weighting, cell)
    assert found.simulated().impedance == pytest.approx(line.impedance, rel=1e-6)
    assert found.simulated().area == 2e-4


def test_the_weighting_decides_where_no_line_fits():
    """As the low frequencies count less, the resistance of the layer in front rules."""
    limit = 3 * layered(np.array([1e-3])).impedance[0].real
    wide = layered(np.geomspace(1e-1, 1e6, 80))
    powers = (0.0, 1.0, 2.0)
    ratios = [
        twin.fit_transmission_line(wide, element="capacitor", weighting=p).ratio(limit)
        for p in powers
    ]
    assert 1 > ratios[0] > 0.85 > 0.7 > ratios[1] > ratios[2] > 0.4
    named = [
        twin.fit_transmission_line(wide, element="capacitor", weighting=w).ratio(limit)
        for w in ("unit", "modulus")
    ]
    assert named == pytest.approx([ratios[0], ratios[2]])


def test_the_range_decides_too():
    limit = 3 * layered(np.array([1e-3])).impedance[0].real
    found = twin.fit_transmission_line(
        layered(), element="capacitor", frequency_range=(0.0, 3.0), series_resistance=False
    )
    assert found.ratio(limit) == pytest.approx(1, abs=0.02)
    assert found.spectrum.frequency.max() <= 3.0
    everything = twin.fit_transmission_line(layered(), element="capacitor")
    assert abs(everything.ratio(limit) - 1) > 0.1


def test_a_capacitor_fitted_to_a_cpe_finds_more_resistance():
    """The slope of the branch is taken for resistance, as in Landesfeind et al. 2016."""
    found = twin.fit_transmission_line(LINE, element="capacitor", weighting="unit")
    assert found.wall.exponent == 1.0
    assert "exponent" not in found.standard_errors
    assert found.ratio(IONIC) > 1.1


def test_inductance_and_charge_transfer_are_found():
    wall = twin.Wall(30.0, 0.9, 3e-3)
    line = twin.transmission_line(FREQUENCY, IONIC, wall)
    z = line.impedance + 2j * np.pi * FREQUENCY * 2e-9
    found = twin.fit_transmission_line(
        twin.Spectrum(FREQUENCY, z), charge_transfer=True, inductance=True
    )
    assert found.inductance == pytest.approx(2e-9, rel=1e-6)
    assert found.wall.charge_transfer_resistance == pytest.approx(3e-3, rel=1e-6)
    assert found.ratio(IONIC) == pytest.approx(1, abs=1e-6)
    assert math.isnan(found.standard_errors["series_resistance"])  # it ended at 0
    assert found.series_resistance < 1e-8


@pytest.mark.parametrize("cell", ["electrode", "symmetric"])
def test_a_known_electronic_resistance_is_taken_off(cell):
    line = twin.transmission_line(
        FREQUENCY, IONIC, WALL, cell=cell, electronic_resistance=0.3 * IONIC
    )
    known = twin.fit_transmission_line(line, cell=cell, electronic_resistance=0.3 * IONIC)
    assert known.ratio(IONIC) == pytest.approx(1, abs=1e-6)
    assert known.simulated().impedance == pytest.approx(line.impedance, rel=1e-6)
    assert known.to_dict()["electronic_resistance"] == 0.3 * IONIC
    unknown = twin.fit_transmission_line(line, cell=cell)
    assert abs(unknown.ratio(IONIC) - 1) > 0.1
    with pytest.raises(twin.InputError, match="an electronic resistance that is known"):
        twin.to_impedance_py(known)


def test_standard_errors_are_those_of_many_measurements():
    fits = [twin.fit_transmission_line(noisy(LINE, seed=seed)) for seed in range(40)]
    resistances = np.array([found.ionic_resistance for found in fits])
    told = np.mean([found.ionic_resistance_error for found in fits])
    assert told == pytest.approx(resistances.std(ddof=1), rel=0.35)
    assert resistances.mean() == pytest.approx(IONIC, abs=4 * told / math.sqrt(40))
    assert fits[0].residual == pytest.approx(0.01 * math.sqrt(2), rel=0.25)


def test_a_fit_in_ohm():
    line = twin.Spectrum(FREQUENCY, LINE.impedance / 2e-4, unit="Ohm")
    found = twin.fit_transmission_line(line)
    assert found.ionic_resistance == pytest.approx(10.0)
    assert found.simulated().unit == "Ohm"
    with pytest.raises(twin.InputError, match="give the spectrum its area by with_area"):
        found.tortuosity_factor(0.4, 1e-4, 1.0)


def test_tortuosity_factor_of_a_fit():
    found = twin.fit_transmission_line(LINE)
    assert found.tortuosity_factor(0.4, 1e-4, 0.5) == pytest.approx(0.4 * IONIC * 0.5 / 1e-4)


def test_numbers_of_a_fit_are_told():
    found = twin.fit_transmission_line(noisy(LINE), inductance=True)
    d = found.to_dict()
    assert d["ionic_resistance"] == found.ionic_resistance
    assert (d["weighting"], d["cell"], d["unit"]) == ("modulus", "electrode", "Ohm m2")
    assert (d["lowest_frequency"], d["highest_frequency"]) == (0.1, pytest.approx(1e5))
    assert set(d["standard_errors"]) == {
        "ionic_resistance", "capacitance", "exponent", "series_resistance", "inductance",
    }  # fmt: skip
    text = found.summary()
    assert "60 frequencies, 0.1 to 1e+05 Hz, weighting modulus" in text
    assert "S s^n/m2" in text and "H m2" in text and "root mean square" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"element": "coil"}, "the element is 'capacitor' or 'CPE', found 'coil'"),
        ({"weighting": "heavy"}, "the weighting is 'unit', 'modulus', 'proportional' or the power"),
        ({"weighting": math.inf}, "the power p of |dZ|^2 / |Z|^p, found inf"),
        ({"cell": "pouch"}, "the cell is 'electrode' or 'symmetric', found 'pouch'"),
        ({"electronic_resistance": -1.0}, "the electronic resistance is not negative"),
        ({"frequency_range": (1e6, 1e7)}, "no frequency lies between 1e+06 and 1e+07 Hz"),
        ({"frequency_range": (1.0, 1.5)}, "4 unknowns need more than 2 frequencies"),
    ],
)
def test_fits_that_cannot_be(arguments, sentence):
    with pytest.raises(twin.InputError) as refused:
        twin.fit_transmission_line(LINE, **arguments)
    assert sentence in str(refused.value)


def test_weights_in_proportion_need_both_parts():
    with pytest.raises(twin.InputError, match=r"need both unlike 0; choose 'modulus'"):
        twin.fit_transmission_line(
            twin.Spectrum([1.0, 2.0, 3.0], [1 + 0j, 1 - 1j, 1j]), weighting="proportional"
        )


@pytest.mark.parametrize("limit", [0.0, -1.0, math.inf])
def test_a_ratio_needs_a_resistance(limit):
    with pytest.raises(twin.InputError, match="the ionic resistance to compare with is positive"):
        twin.fit_transmission_line(LINE).ratio(limit)


@pytest.mark.parametrize("cell", ["electrode", "symmetric"])
@pytest.mark.parametrize("exponent", [1.0, 0.9])
def test_the_ruler_finds_the_resistance(cell, exponent):
    line = twin.transmission_line(
        np.geomspace(1e-3, 1e8, 100), IONIC, twin.Wall(30.0, exponent), cell=cell,
        separator_resistance=4e-4,
    )  # fmt: skip
    assert twin.graphical_resistance(line, cell=cell) == pytest.approx(IONIC, rel=2e-3)
    known = twin.graphical_resistance(line, cell=cell, series_resistance=4e-4)
    assert known == pytest.approx(IONIC, rel=1e-3)


@pytest.mark.parametrize(
    ("spectrum", "arguments", "sentence"),
    [
        (LINE, {"points": 1}, "give more, or a smaller number of points (at least 2)"),
        (LINE, {"points": 31}, "two branches of 31 points need at least 62 frequencies, found 60"),
        (LINE, {"series_resistance": 1.0}, "not beyond the high-frequency one at 1"),
        (
            twin.Spectrum([1.0, 2.0, 3.0, 4.0], [1 + 0j, 2 + 0j, 3 + 0j, 4 + 0j]),
            {"points": 2},
            "parallel to the real axis",
        ),
    ],
)
def test_rulers_that_cannot_be(spectrum, arguments, sentence):
    with pytest.raises(twin.InputError) as refused:
        twin.graphical_resistance(spectrum, **arguments)
    assert sentence in str(refused.value)


def pores(frequency, wall, conductivity):
    return line_impedance(1e-3 / conductivity, 80.0 * wall.admittance(frequency))


@pytest.mark.parametrize("element", ["capacitor", "CPE"])
@pytest.mark.parametrize("cell", ["electrode", "symmetric"])
def test_walls_of_an_image_are_found(element, cell):
    wall = twin.Wall(0.12, 1.0 if element == "capacitor" else 0.85)
    z = pores(FREQUENCY, wall, 0.7) * (2 if cell == "symmetric" else 1) + 3e-4
    measured = twin.Spectrum(FREQUENCY, z / 1e-4, 1e-4, "Ohm", measured=True)
    found = twin.fit_wall(measured, pores, element=element, cell=cell)
    assert found.wall.capacitance == pytest.approx(0.12, rel=1e-6)
    assert found.wall.exponent == pytest.approx(wall.exponent, abs=1e-6)
    assert found.conductivity == pytest.approx(0.7, rel=1e-6)
    assert found.series_resistance == pytest.approx(3e-4, rel=1e-6)
    assert found.simulated.ohm == pytest.approx(measured.impedance, rel=1e-6)
    assert not found.simulated.measured


def test_walls_of_a_volume_are_found_from_the_solves_of_one():
    """What was solved with one wall serves the search for another; a new solve agrees."""
    volume = twin.generate.electrode((16, 14, 12), spacing=(1e-6, 2e-6, 1.5e-6), seed=3)
    wall = twin.Wall(0.06, 0.92)
    cell = {"cell": "symmetric", "separator_resistance": 2e-4}
    truth = twin.impedance(volume, "pore", "x", conductivity=0.4, capacitance=wall, **cell)
    z = twin.impedance(volume, "pore", "x", conductivity=1.0, capacitance=0.1)
    found = twin.fit_wall(truth.spectrum, z, element="CPE", cell="symmetric")
    assert found.wall.capacitance == pytest.approx(0.06, rel=1e-3)
    assert found.wall.exponent == pytest.approx(0.92, rel=1e-3)
    assert found.conductivity == pytest.approx(0.4, rel=1e-3)
    assert found.series_resistance == pytest.approx(2e-4, rel=1e-3)
    again = twin.impedance(
        volume, "pore", "x", conductivity=found.conductivity, capacitance=found.wall,
        frequency=truth.frequency, cell="symmetric", separator_resistance=found.series_resistance,
    )  # fmt: skip
    assert again.spectrum.impedance == pytest.approx(truth.spectrum.impedance, rel=1e-3)


def test_walls_with_charge_transfer_and_a_known_conductivity():
    z = pores(FREQUENCY, twin.Wall(0.12, charge_transfer_resistance=0.5), 0.7)
    found = twin.fit_wall(
        twin.Spectrum(FREQUENCY, z), pores, conductivity=0.7, charge_transfer=True,
        series_resistance=False,
    )  # fmt: skip
    assert found.wall.charge_transfer_resistance == pytest.approx(0.5, rel=1e-6)
    assert found.conductivity == 0.7
    assert set(found.standard_errors) == {"capacitance", "charge_transfer_resistance"}
    d = found.to_dict()
    assert d["capacitance"] == found.wall.capacitance
    assert "Walls fitted to a spectrum: 60 frequencies" in found.summary()
    assert "F/m2" in found.summary()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"conductivity": 0.0}, "the conductivity is positive [S/m], found 0.0"),
        ({"element": "coil"}, "the element is 'capacitor' or 'CPE', found 'coil'"),
        ({"cell": "coin"}, "the cell is 'electrode' or 'symmetric', found 'coin'"),
    ],
)
def test_walls_that_cannot_be(arguments, sentence):
    with pytest.raises(twin.InputError) as refused:
        twin.fit_wall(LINE, pores, **arguments)
    assert sentence in str(refused.value)


def test_walls_need_the_area_of_the_electrode():
    with pytest.raises(twin.InputError, match="needs the area of the electrode"):
        twin.fit_wall(twin.Spectrum([1.0], [1j], unit="Ohm"), pores)


def test_circuits_and_parameters_of_other_programs():
    found = twin.fit_transmission_line(LINE, cell="symmetric")
    circuit, values = twin.to_impedance_py(found)
    assert circuit == "R0-TLMQ0"
    assert values[1:3] == pytest.approx([2 * found.ionic_resistance, 0.5 * found.wall.capacitance])
    z = twin.transmission_line(FREQUENCY, IONIC, twin.Wall(30.0, 0.9, 3e-3))
    reactive = twin.fit_transmission_line(z, charge_transfer=True)
    with pytest.raises(twin.InputError, match=r"impedance\.py has no transmission line with"):
        twin.to_impedance_py(reactive)


def test_pybamm_takes_one_electrode_at_a_time():
    volume = twin.Volume(np.ones((3, 3, 20), np.uint8), "1um", {"pore": 1, "solid": 2})
    found = twin.tortuosity(volume, "pore", axis="z")
    names = twin.to_pybamm(found, "negative")
    assert names["Negative electrode tortuosity factor (electrolyte)"] == pytest.approx(1.0)
    assert names["Negative electrode thickness [m]"] == pytest.approx(2e-5)
    assert names["Negative electrode porosity"] == 1.0
    with pytest.raises(twin.InputError, match="'positive' or 'negative', found 'separator'"):
        twin.to_pybamm(found, "separator")
    labels = np.ones((3, 3, 20), np.uint8)
    labels[:, :, 7] = 2
    closed = twin.Volume(labels, "1um", {"pore": 1, "solid": 2})
    with pytest.raises(twin.InputError, match="no finite tortuosity factor"):
        twin.to_pybamm(twin.tortuosity(closed, "pore", axis="z"))
