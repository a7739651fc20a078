"""What `twin impedance` prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twin
from twin.cli import main

READ = ["electrode.tif", "--spacing", "1um,2um,1.5um", "--phases", "pore=0,AM=1,CBD=2"]
WHAT = ["--phase", "pore", "--axis", "x"]
CELL = {"cell": "symmetric", "separator_resistance": 2e-4}


@pytest.fixture
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((16, 14, 12), (1e-6, 2e-6, 1.5e-6), seed=3)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


@pytest.fixture
def measured(electrode: twin.Volume) -> twin.Spectrum:
    """A symmetric cell of that electrode in Ohm, stored as cell.csv."""
    wall = twin.Wall(0.06, 0.92)
    z = twin.impedance(
        electrode, "pore", "x", conductivity=0.4, capacitance=wall,
        frequency=np.geomspace(1e2, 1e6, 21), **CELL,
    )  # fmt: skip
    ohm = twin.Spectrum(z.frequency, z.spectrum.impedance / 1.5e-4, unit="Ohm")
    ohm.to_csv("cell.csv")
    return z.spectrum


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(["impedance", *READ, *WHAT, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert {path.name for path in Path().iterdir()} == before
    return lines[0].removeprefix("error: ")


def test_it_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "--separator", "high", "--sides", "periodic", "--conductivity", "0.5",
        "--capacitance", "AM=0.1", "CBD=0.02", "--exponent", "0.9", "--frequency", "1e2:1e6:9log",
        "--cell", "symmetric", "--separator-resistance", "2e-4", "--electronic-conductivity", "7",
    ]  # fmt: skip
    files = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main(["impedance", *READ, *WHAT, *options, *files]) == 0
    out, err = capsys.readouterr()
    expected = twin.impedance(
        electrode, "pore", "x", "high", sides="periodic", conductivity=0.5,
        capacitance={"AM": twin.Wall(0.1, 0.9), "CBD": twin.Wall(0.02, 0.9)},
        frequency=np.geomspace(1e2, 1e6, 9), electronic_conductivity=7.0, **CELL,
    )  # fmt: skip
    assert err == ""
    assert f"tau_e {expected.electrode.tortuosity_factor:#.6g}" in out
    assert out.splitlines()[-4:] == ["wrote o.json", "wrote o.csv", "wrote o.png", "wrote o.vti"]
    data = json.loads(Path("o.json").read_text())
    assert data["image"] == "electrode.tif"
    assert data["walls"]["CBD"]["capacitance"] == 0.02
    assert data["spectrum"]["real"] == pytest.approx(expected.spectrum.impedance.real, rel=1e-6)
    assert (data["measured"], data["transmission_lines"], data["fitted_walls"]) == (None, {}, None)
    with Path("o.csv").open() as file:
        rows = list(csv.DictReader(file))
    imaginary = [float(row["imaginary_Ohm_m2"]) for row in rows]
    assert imaginary == pytest.approx(expected.spectrum.impedance.imag, rel=1e-6)
    assert twin.read_spectrum("o.csv").frequency == pytest.approx(expected.frequency)
    assert Path("o.png").stat().st_size > 4000


def test_fields_are_written_at_the_frequency_that_is_asked_for(electrode: twin.Volume) -> None:
    import pyvista

    for name, extra in (("low", ["--vtk-frequency", "1"]), ("middle", [])):
        arguments = ["--frequency", "1,100,1e4", *extra, "--vtk", f"{name}.vti", "--json", "-"]
        assert main(["impedance", *READ, *WHAT, *arguments]) == 0
    z = twin.impedance(electrode, "pore", "x", frequency=[1, 100, 1e4])
    for name, frequency in (("low", 1.0), ("middle", 100.0)):
        stored = pyvista.read(f"{name}.vti").cell_data["imaginary potential"]
        expected = z.potential(frequency).imag.ravel(order="F")
        assert np.allclose(stored, expected, atol=1e-5, equal_nan=True)


def test_numbers_take_the_place_of_text(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["impedance", *READ, *WHAT, "--frequency", "10,1000", "--csv", "-"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("frequency_Hz,real_Ohm_m2")
    assert [float(line.split(",")[0]) for line in out[1:]] == [10.0, 1000.0]


def test_lines_are_fitted_to_both(
    measured: twin.Spectrum, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = ["--measured", "cell.csv", "--measured-area", "1.5e-4", "--cell", "symmetric"]
    fit = ["--fit-line", "CPE", "--weighting", "proportional", "--json", "o.json"]
    assert main(["impedance", *READ, *WHAT, *beside, *fit]) == 0
    out = capsys.readouterr().out
    assert out.count("R_ion as fitted over that of the low-frequency limit") == 2
    data = json.loads(Path("o.json").read_text())
    expected = twin.fit_transmission_line(measured, weighting="proportional", cell="symmetric")
    found = data["transmission_lines"]["measured"]
    assert found["ionic_resistance"] == pytest.approx(expected.ionic_resistance, rel=1e-6)
    assert found["weighting"] == "proportional"
    assert set(data["transmission_lines"]) == {"simulated", "measured"}
    assert data["spectrum"]["frequency"] == pytest.approx(measured.frequency)
    assert data["measured"]["unit"] == "Ohm m2"


def test_walls_are_found_under_a_measured_spectrum(
    measured: twin.Spectrum, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = ["--measured", "cell.csv", "--measured-area", "1.5e-4", "--cell", "symmetric"]
    assert main(["impedance", *READ, *WHAT, *beside, "--fit-walls", "CPE", "--json", "o.json"]) == 0
    assert "Walls fitted to 'cell'" in capsys.readouterr().out
    data = json.loads(Path("o.json").read_text())
    found = data["fitted_walls"]
    assert found["capacitance"] == pytest.approx(0.06, rel=2e-3)
    assert found["exponent"] == pytest.approx(0.92, rel=2e-3)
    assert found["conductivity"] == pytest.approx(0.4, rel=2e-3)
    assert found["series_resistance"] == pytest.approx(2e-4, rel=2e-3)
    # The spectrum that is written was solved for with what was found.
    assert data["conductivity"] == found["conductivity"]
    assert data["spectrum"]["real"] == pytest.approx(measured.impedance.real, rel=2e-3)
    assert data["spectrum"]["imaginary"] == pytest.approx(measured.impedance.imag, rel=2e-3)
    known = ["--conductivity", "0.4", "--json", "-"]
    assert main(["impedance", *READ, *WHAT, *beside, "--fit-walls", "CPE", *known]) == 0
    data = json.loads(capsys.readouterr().out)
    assert "conductivity" not in data["fitted_walls"]["standard_errors"]


@pytest.mark.parametrize(
    ("options", "given"),
    [
        (["--reactive", "AM"], {"reactive": "AM"}),
        (["--reactive", "CBD", "--reactive", "AM"], {}),
        (["--reactive", "CBD", "AM", "--capacitance", "0.3"], {"capacitance": 0.3}),
        (["--reactive", "AM", "--wall", "centre"], {"reactive": "AM", "wall": "centre"}),
    ],
)
def test_the_electrode_is_asked_for_as_by_its_own_command(
    electrode: twin.Volume,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    given: dict,
) -> None:
    at = ["--frequency", "1e3,1e5", "--json", "-"]
    assert main(["impedance", *READ, *WHAT, *options, *at]) == 0
    data = json.loads(capsys.readouterr().out)
    expected = twin.impedance(electrode, "pore", "x", frequency=[1e3, 1e5], **given)
    assert set(data["walls"]) == set(expected.walls)
    assert data["wall"] == expected.electrode.wall
    assert data["spectrum"]["real"] == pytest.approx(expected.spectrum.impedance.real, rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--frequency", "0,1"], "frequencies are positive numbers in Hz, found 0"),
        (["--frequency", "fast"], "'fast' in 'fast' is no number"),
        (["--capacitance", "-1"], "the capacitance of a wall is a positive number [F/m2]"),
        (["--capacitance", "AM"], "a capacitance is given as 0.1, or AM=0.1 CBD=0.02"),
        (["--capacitance", "=1"], "a capacitance is given as 0.1, or AM=0.1 CBD=0.02"),
        (["--capacitance", "0.1", "AM=1"], "give one capacitance for all walls or one for each"),
        (["--capacitance", "AM=1", "AM=2"], "give one capacitance for all walls or one for each"),
        (["--capacitance", "SE=1"], "SE"),
        (["--exponent", "1.5"], "the exponent of a wall is over 0 and at most 1"),
        (["--reactive", "pore"], "cannot be reactive"),
        (["--reactive", "AM,CBD"], "there is no phase 'AM,CBD'"),
        (["--reactive", "AM", "AM"], "--reactive names AM twice; name it once"),
        (
            ["--reactive", "AM", "CBD=0.02"],
            "--reactive only names phases here, found CBD=0.02; give it as --capacitance CBD=0.02",
        ),
        (["--wall", "corner"], "invalid choice: 'corner'"),
        (["--separator", "left"], "invalid choice: 'left'"),
        (["--conductivity", "-2"], "the conductivity is -2"),
        (["--fit-walls", "CPE"], "--fit-walls belongs to --measured; give both"),
        (["--measured-area", "1"], "--measured-area belongs to --measured; give both"),
        (["--measured", "none.csv"], "cannot read none.csv: no such file or directory"),
        (["--vtk", "o.vtr"], "--vtk writes .vti files"),
    ],
)
def test_what_is_refused(
    electrode: twin.Volume,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    assert sentence in refused(capsys, *arguments)


def test_a_measured_spectrum_in_ohm_needs_its_area(
    measured: twin.Spectrum, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = refused(capsys, "--measured", "cell.csv")
    assert sentence == (
        "cell.csv is in Ohm; give the cross-section of the measured electrode in m2 as "
        "--measured-area"
    )
