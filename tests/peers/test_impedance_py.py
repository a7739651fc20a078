"""Circuits of impedance.py have the impedance of the lines they stand for, and find them too."""

from __future__ import annotations

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.peers

FREQUENCY = np.geomspace(1e-1, 1e5, 50)
WALLS = {
    "capacitor": twin.Wall(20.0),
    "CPE": twin.Wall(20.0, 0.88),
    "reactive": twin.Wall(20.0, charge_transfer_resistance=4e-3),
}


def circuit_of(found):
    circuits = pytest.importorskip(
        "impedance.models.circuits", reason="impedance.py is not installed"
    )
    circuit, values = twin.to_impedance_py(found)
    return circuits.CustomCircuit(circuit, initial_guess=values)


@pytest.mark.parametrize("cell", ["electrode", "symmetric"])
@pytest.mark.parametrize("kind", WALLS)
def test_the_circuit_has_the_impedance_of_the_fit(kind, cell):
    wall = WALLS[kind]
    line = twin.transmission_line(FREQUENCY, 2e-3, wall, cell=cell, separator_resistance=1e-3)
    lead = 2j * np.pi * FREQUENCY * 3e-10
    found = twin.fit_transmission_line(
        twin.Spectrum(FREQUENCY, line.impedance + lead),
        element="CPE" if kind == "CPE" else "capacitor",
        charge_transfer=not wall.blocks,
        inductance=True,
        cell=cell,
    )
    z = circuit_of(found).predict(FREQUENCY, use_initial=True)
    assert np.allclose(z, found.simulated().impedance, rtol=1e-12, atol=0)
    assert np.allclose(z, line.impedance + lead, rtol=1e-7, atol=0)


def test_both_find_the_same_line():
    """Their fit has weights 1/|Z| where it is asked for, which is our 'modulus'."""
    line = twin.transmission_line(FREQUENCY, 2e-3, WALLS["CPE"], separator_resistance=1e-3)
    noise = np.random.default_rng(3).normal(scale=0.01, size=(2, len(FREQUENCY)))
    measured = twin.Spectrum(FREQUENCY, line.impedance * (1 + noise[0] + 1j * noise[1]))
    found = twin.fit_transmission_line(measured)
    theirs = circuit_of(found)
    theirs.fit(FREQUENCY, measured.impedance, weight_by_modulus=True)
    series, ionic, capacitance, exponent = theirs.parameters_
    assert ionic == pytest.approx(found.ionic_resistance, rel=1e-4)
    assert series == pytest.approx(found.series_resistance, rel=1e-4)
    assert capacitance == pytest.approx(found.wall.capacitance, rel=1e-4)
    assert exponent == pytest.approx(found.wall.exponent, rel=1e-4)
    assert theirs.conf_[1] == pytest.approx(found.ionic_resistance_error, rel=0.05)


def test_their_file_reader_and_ours_agree(tmp_path):
    preprocessing = pytest.importorskip(
        "impedance.preprocessing", reason="impedance.py is not installed"
    )
    line = twin.transmission_line(FREQUENCY, 2e-3, WALLS["CPE"])
    rows = np.column_stack([FREQUENCY, line.impedance.real, line.impedance.imag])
    np.savetxt(tmp_path / "cell.csv", rows, delimiter=",")
    f, z = preprocessing.readCSV(str(tmp_path / "cell.csv"))
    ours = twin.read_spectrum(tmp_path / "cell.csv")
    assert (ours.frequency == f).all()
    assert (ours.impedance == z).all()
