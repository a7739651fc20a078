"""Walls and spectra: their numbers, their units, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

import twin
from twin.transmission_line import cell_impedance, homogeneous_phase_minimum

FREQUENCY = np.geomspace(1e-2, 1e5, 71)
LINE = twin.transmission_line(FREQUENCY, 2e-3, twin.Wall(50.0))


def test_a_wall_is_a_capacitor_beside_a_resistor():
    wall = twin.Wall(0.2, charge_transfer_resistance=0.5)
    assert wall.admittance([1.0, 3.0]) == pytest.approx([2 + 0.4j * np.pi, 2 + 1.2j * np.pi])
    assert wall.impedance(3.0) == pytest.approx(1 / (2 + 1.2j * np.pi))
    assert not wall.blocks


def test_a_constant_phase_element_turns_by_its_exponent():
    y = twin.Wall(0.2, 0.8).admittance(10.0)
    assert abs(y) == pytest.approx(0.2 * (20 * np.pi) ** 0.8)
    assert np.angle(y, deg=True) == pytest.approx(72.0)


def test_a_wall_at_a_real_shift_is_real():
    y = twin.Wall(0.2, 0.5, 4.0).admittance_at(9.0)
    assert not np.iscomplexobj(y)
    assert y == pytest.approx(0.2 * 3 + 0.25)
    assert twin.Wall(0.2).admittance_at(0.0) == 0.0


def test_a_wall_scales_with_its_area():
    wall = twin.Wall(0.1, 0.9, 2.0).scaled(30.0)
    assert wall.capacitance == pytest.approx(3.0)
    assert wall.charge_transfer_resistance == pytest.approx(2 / 30)
    assert wall.exponent == 0.9
    assert twin.Wall(0.1).scaled(30.0).blocks


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"capacitance": 0.0}, "the capacitance of a wall is a positive number [F/m2], found 0.0"),
        ({"capacitance": math.inf}, "the capacitance of a wall is a positive number"),
        ({"capacitance": "0.1"}, "found '0.1'"),
        ({"capacitance": True}, "found True"),
        ({"exponent": 0.0}, "the exponent of a wall is over 0 and at most 1, found 0.0"),
        ({"exponent": 1.01}, "give 1 for a capacitor"),
        ({"exponent": math.nan}, "found nan"),
        ({"charge_transfer_resistance": 0.0}, "the charge-transfer resistance of a wall is"),
        ({"charge_transfer_resistance": -math.inf}, "found -inf"),
    ],
)
def test_a_wall_that_cannot_be(arguments, sentence):
    with pytest.raises(twin.InputError) as refused:
        twin.Wall(**arguments)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("wall", "text"),
    [
        (twin.Wall(), "0.1 F/m2"),
        (twin.Wall(0.2, 0.9), "CPE 0.2 S s^0.9/m2"),
        (twin.Wall(0.2, charge_transfer_resistance=0.03), "0.2 F/m2 beside 0.03 Ohm m2"),
    ],
)
def test_walls_in_words(wall, text):
    assert str(wall) == text


@pytest.mark.parametrize("ratio", [0.0, -1.0, math.inf])
def test_areas_that_cannot_be(ratio):
    with pytest.raises(twin.InputError, match="the ratio of areas is a positive number"):
        twin.Wall().scaled(ratio)


@pytest.mark.parametrize("frequency", [0.0, [1.0, -2.0], math.nan, [math.inf]])
def test_frequencies_are_positive(frequency):
    for ask in (twin.Wall().admittance, lambda f: twin.transmission_line(f, 1.0, twin.Wall())):
        with pytest.raises(twin.InputError, match="frequencies are positive numbers in Hz, found"):
            ask(frequency)


def test_frequencies_are_numbers():
    with pytest.raises(twin.InputError, match="frequencies are numbers in Hz, found 'fast'"):
        twin.Wall().admittance("fast")


def test_units_of_a_spectrum_with_its_area():
    s = twin.Spectrum([1.0, 10.0], [4e-3 - 2e-3j, 1e-3 - 1e-3j], area=2e-4)
    assert s.ohm_m2 == pytest.approx(s.impedance)
    assert s.ohm_cm2 == pytest.approx([40 - 20j, 10 - 10j])
    assert s.ohm == pytest.approx([20 - 10j, 5 - 5j])
    assert s.dimensionless(2e-3) == pytest.approx([2 - 1j, 0.5 - 0.5j])
    assert s.magnitude == pytest.approx([math.sqrt(20) * 1e-3, math.sqrt(2) * 1e-3])
    assert s.phase == pytest.approx([-26.565051, -45.0])
    assert s.angular_frequency == pytest.approx([2 * np.pi, 20 * np.pi])
    assert len(s) == 2


def test_a_spectrum_in_ohm_needs_its_area():
    s = twin.Spectrum([1.0], [20 - 10j], unit="Ohm")
    assert s.ohm == pytest.approx([20 - 10j])
    with pytest.raises(
        twin.InputError, match="an impedance in Ohm needs the area of the electrode"
    ):
        s.ohm_cm2  # noqa: B018
    known = s.with_area(2e-4)
    assert known.unit == "Ohm m2"
    assert known.ohm_m2 == pytest.approx([4e-3 - 2e-3j])
    assert known.ohm == pytest.approx([20 - 10j])
    with pytest.raises(twin.InputError, match="an impedance in Ohm m2 needs the area"):
        twin.Spectrum([1.0], [1j]).ohm  # noqa: B018


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (([1.0, 2.0], [1j]), "one impedance for each frequency, found shapes (2,) and (1,)"),
        (([], []), "one impedance for each frequency"),
        (([[1.0]], [[1j]]), "one impedance for each frequency"),
        (([1.0, -1.0], [1j, 1j]), "frequencies are positive numbers in Hz, found -1"),
        (([1.0, 5.0], [1j, math.nan]), "the impedance at 5 Hz is not finite"),
        (([1.0], ["much"]), "impedances are complex numbers"),
        (([1.0], [1j], 0.0), "the area is a positive number in m2, found 0.0"),
        (([1.0], [1j], None, "Ohm cm2"), "the unit is 'Ohm m2' or 'Ohm', found 'Ohm cm2'"),
    ],
)
def test_a_spectrum_that_cannot_be(arguments, sentence):
    with pytest.raises(twin.InputError) as refused:
        twin.Spectrum(*arguments)
    assert sentence in str(refused.value)


def test_a_dimensionless_spectrum_needs_a_resistance():
    with pytest.raises(twin.InputError, match="the ionic resistance is positive, found 0"):
        LINE.dimensionless(0.0)


def test_the_arrays_of_a_spectrum_are_its_own():
    f, z = np.array([1.0]), np.array([1j])
    s = twin.Spectrum(f, z)
    f[0] = z[0] = 7.0
    assert (s.frequency[0], s.impedance[0]) == (1.0, 1j)
    with pytest.raises(ValueError, match="read-only"):
        s.impedance[0] = 0.0


def test_a_part_of_a_spectrum():
    part = LINE.between(1.0, 10.0)
    assert (part.frequency.min(), part.frequency.max()) == (
        pytest.approx(1.0),
        pytest.approx(10.0),
    )
    assert part.label == LINE.label
    with pytest.raises(twin.InputError, match="no frequency lies between 1e\\+06 and inf Hz"):
        LINE.between(low=1e6)


def test_rising_order():
    falling = twin.Spectrum(FREQUENCY[::-1], LINE.impedance[::-1])
    assert (falling.frequency == FREQUENCY[::-1]).all()
    assert (falling.rising().impedance == LINE.impedance).all()
    assert falling.phase_minimum() == LINE.phase_minimum()


def test_phase_minimum_of_a_line_and_where_it_is():
    found, exact = LINE.phase_minimum(), homogeneous_phase_minimum()
    assert found.angle == pytest.approx(exact.angle, abs=0.01)
    scale = 2e-3 * 50.0 * 2 * np.pi  # omega R C of 1 Hz
    assert found.frequency * scale == pytest.approx(exact.frequency, rel=0.03)


def test_phase_minimum_beneath_a_series_resistance():
    shifted = twin.Spectrum(FREQUENCY, LINE.impedance + 5e-3)
    assert shifted.phase_minimum() is None  # the phase falls to 0 at high frequencies
    assert shifted.phase_minimum(5e-3).angle == pytest.approx(LINE.phase_minimum().angle)


def test_no_phase_minimum_at_an_end():
    assert LINE.between(high=1.0).phase_minimum() is None
    assert twin.Spectrum([1.0, 2.0, 3.0], [1 - 1j] * 3).phase_minimum() is None


def test_a_rough_phase_minimum_of_a_cpe_is_lower():
    assert homogeneous_phase_minimum(0.8).angle == pytest.approx(35.624, abs=1e-3)


def test_rows_and_files(tmp_path):
    rows = LINE.rows()
    assert list(rows[0]) == [
        "frequency_Hz", "real_Ohm_m2", "imaginary_Ohm_m2", "magnitude_Ohm_m2", "phase_deg",
    ]  # fmt: skip
    assert rows[3]["imaginary_Ohm_m2"] == LINE.impedance[3].imag
    again = twin.read_spectrum(LINE.to_csv(tmp_path / "line.csv"))
    assert (again.frequency == LINE.frequency).all()
    assert (again.impedance == LINE.impedance).all()
    assert (again.unit, again.label, again.measured) == ("Ohm m2", "line", True)


def test_to_dict_has_plain_numbers():
    d = twin.Spectrum([1.0], [2 - 3j], area=1e-4, label="a").to_dict()
    assert d == {
        "label": "a", "unit": "Ohm m2", "area": 1e-4, "measured": False,
        "frequency": [1.0], "real": [2.0], "imaginary": [-3.0],
    }  # fmt: skip


def test_summary_has_a_line_for_each_decade():
    lines = LINE.summary().splitlines()
    assert lines[0] == "transmission line: 71 frequencies, 0.01 to 1e+05 Hz"
    assert [line.split()[0] for line in lines[3:11]] == [
        "0.01", "0.1", "1", "10", "100", "1000", "1e+04", "1e+05",
    ]  # fmt: skip
    assert "45.00" in lines[10]
    assert lines[12].startswith("smallest -phase: 43.41 degrees at 12.")
    assert lines[12].endswith("(43.40 on a homogeneous line of capacitors)")
    assert len(LINE.between(high=1.0).summary().splitlines()) == 6


def test_a_symmetric_cell_is_two_electrodes_and_a_separator():
    contact = twin.Wall(1e-3, charge_transfer_resistance=1e-4)
    one = twin.transmission_line(FREQUENCY, 2e-3, twin.Wall(50.0), contact=contact)
    both = twin.transmission_line(
        FREQUENCY, 2e-3, twin.Wall(50.0), contact=contact, cell="symmetric",
        separator_resistance=3e-4, area=1e-4,
    )  # fmt: skip
    assert one.impedance == pytest.approx(LINE.impedance + contact.impedance(FREQUENCY))
    assert both.impedance == pytest.approx(3e-4 + 2 * one.impedance)
    assert both.ohm == pytest.approx(both.impedance * 1e4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ionic_resistance": 0.0}, "the ionic resistance is positive [Ohm m2], found 0.0"),
        ({"electronic_resistance": -1.0}, "the electronic resistance is not negative"),
        ({"separator_resistance": math.nan}, "the separator resistance is not negative"),
        ({"cell": "coin"}, "the cell is 'electrode' or 'symmetric', found 'coin'"),
    ],
)
def test_a_line_that_cannot_be(change, sentence):
    arguments = {"frequency": [1.0], "ionic_resistance": 1.0, "wall": twin.Wall(), **change}
    with pytest.raises(twin.InputError) as refused:
        twin.transmission_line(**arguments)
    assert sentence in str(refused.value)


def test_a_separator_resistance_is_not_negative():
    with pytest.raises(twin.InputError, match="the separator resistance is not negative"):
        cell_impedance(1j, "symmetric", -1.0)
