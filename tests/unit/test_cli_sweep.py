"""`twin sweep`: values as they are typed, what is written, and how it ends."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas
import pytest

import twin
from twin.cli import main
from twin.studies.ranges import numbers, quantities, whole_numbers


@pytest.fixture(autouse=True)
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as image.npy in the current folder."""
    monkeypatch.chdir(tmp_path)
    volume = twin.generate.electrode((16, 14, 12), 1e-6, seed=1)
    np.save("image.npy", volume.labels)
    return volume


IMAGE = ["image.npy", "--spacing", "1um,2um,3um", "--phases", "pore=0,AM=1,CBD=2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.4", [2.4]),
        ("2.4,12", [2.4, 12.0]),
        ("0:1:5", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("1:0:3", [1.0, 0.5, 0.0]),
        ("1e-12:1e-10:3log", [1e-12, 1e-11, 1e-10]),
        ("-1:-100:3log, 7", [-1.0, -10.0, -100.0, 7.0]),
    ],
)
def test_values(text: str, expected: list[float]) -> None:
    assert numbers(text) == pytest.approx(expected, rel=1e-14)


def test_the_ends_of_a_range_are_exact() -> None:
    found = numbers("7e-11:3.5e-10:5log")
    assert (found[0], found[-1], len(found)) == (7e-11, 3.5e-10, 5)
    assert np.allclose(np.diff(np.log(found)), np.log(5) / 4)


def test_quantities_share_a_unit() -> None:
    assert quantities("0.1,0.3 mA/cm2") == ["0.1 mA/cm2", "0.3 mA/cm2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1:2", "a range is first:last:count, as 0.5:0.9:5 or 1e-11:1e-9:5log, found '1:2'"),
        ("1:2:x", "a range has at least two values"),
        ("1:2:1", "a range has at least two values"),
        ("1:2:5lg", "a range has at least two values"),
        ("0:1:5log", "the ends of a logarithmic range have one sign and are not 0"),
        ("-1:1:5log", "the ends of a logarithmic range have one sign"),
        ("one", "'one' in 'one' is no number"),
        ("1,,2", "'' in '1,,2' is no number"),
    ],
)
def test_values_that_cannot_be_read(text: str, sentence: str) -> None:
    with pytest.raises(twin.InputError) as told:
        numbers(text)
    assert sentence in str(told.value)


def test_whole_numbers_are_whole() -> None:
    with pytest.raises(twin.InputError, match=r"whole numbers are needed, found 1\.5"):
        whole_numbers("1:2:3")


def test_tortuosity_over_phases_and_axes(
    image: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--phase", "pore,AM", "--axis", "x,z", "--jobs", "1"]
    outputs = ["--csv", "o.csv", "--json", "o.json", "--parquet", "o.parquet", "--plot", "o.png"]
    assert main(["sweep", "tortuosity", *IMAGE, *options, *outputs, "--y", "macmullin_number"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    volume = twin.Volume(image.labels, (1e-6, 2e-6, 3e-6), {"pore": 0, "AM": 1, "CBD": 2})
    expected = [
        twin.tortuosity(volume, phase, axis).tortuosity_factor
        for phase in ("pore", "AM")
        for axis in ("x", "z")
    ]
    with Path("o.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["tortuosity_factor"]) for row in rows] == expected
    assert [(row["phase"], row["axis"]) for row in rows] == [
        ("pore", "x"), ("pore", "z"), ("AM", "x"), ("AM", "z"),
    ]  # fmt: skip
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["points"], data["failed"]) == (twin.__version__, 4, 0)
    assert len(pandas.read_parquet("o.parquet")) == 4
    written = {"o.csv", "o.json", "o.parquet", "o.png"}
    assert {line.split()[1] for line in out.splitlines() if line.startswith("wrote")} == written
    assert {path.name for path in Path().iterdir()} == written | {"image.npy", "sweep.db"}
    assert "4 points, 4 computed" in out

    assert main(["sweep", "tortuosity", *IMAGE, *options]) == 0
    assert "4 points, 0 computed, 4 from the store" in capsys.readouterr().out


def test_numbers_can_be_printed_in_the_place_of_the_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        main(["sweep", "tortuosity", *IMAGE, "--phase", "pore", "--jobs", "1", "--csv", "-"]) == 0
    )
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert float(row["tortuosity_factor"]) > 1


def test_a_point_that_fails_is_told_and_the_exit_code_is_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--phase", "pore,CBD", "--max-iterations", "1", "--jobs", "1"]
    np.save("image.npy", np.zeros((8, 8, 8), np.uint8))
    phases = ["image.npy", "--phases", "pore=0,CBD=1"]
    assert main(["sweep", "tortuosity", *phases, *options]) == 1
    assert "1 failed: InputError: phase 'CBD' (label 1) has no voxels" in capsys.readouterr().out


def test_a_discharge_over_two_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    values = ["--oxygen-diffusivity", "7e-11:3.5e-10:2log", "--current-density", "2.4,12"]
    arguments = ["sweep", "lio2", *values, "--jobs", "1", "--store", "s.db", "--csv", "out.csv"]
    assert main(arguments) == 0
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    expected = [
        twin.lio2.discharge(current_density=current, oxygen_diffusivity=diffusivity).capacity
        for diffusivity in (7e-11, 3.5e-10)
        for current in (2.4, 12.0)
    ]
    assert [float(row["capacity"]) for row in rows] == pytest.approx(expected, rel=1e-12)
    assert Path("s.db").exists() and not Path("sweep.db").exists()
    assert "4 points, 4 computed" in capsys.readouterr().out


def test_paired_lists(capsys: pytest.CaptureFixture[str]) -> None:
    values = ["--oxygen-diffusivity", "7e-11,3.5e-10", "--current-density", "2.4,12"]
    paired = ["--paired", "oxygen-diffusivity,--current-density"]
    assert main(["sweep", "lio2", *values, *paired, "--jobs", "1"]) == 0
    assert "2 points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["lio2", "--oxygen-difusivity", "1e-10", "--current-density", "2.4"],
            "twin sweep lio2 takes no '--oxygen-difusivity'; did you mean '--oxygen-diffusivity'?",
        ),
        (["lio2", "--shade=3", "--current-density", "2.4"], "see 'twin sweep lio2 --help'"),
        (["lio2", "--oxygen-diffusivity", "1e-10"], "required: --current-density"),
        (["lio2", "--current-density", "2.4:12"], "a range is first:last:count"),
        (["lio2", "--current-density", "2.4,0", "--porosity", "1.5"], "porosity is a fraction"),
        (["lio2", "--current-density", "2.4", "--parameters", "Su2021"], "'Su2021'"),
        (["tortuosity", *IMAGE, "--phase", "pore,por"], "there is no phase 'por'"),
        (["tortuosity", *IMAGE, "--phase", "pore", "--axis", "x,,y"], "names with commas"),
        (["tortuosity", *IMAGE, "--phase", "pore", "--plot", "p.png"], "--plot needs --y"),
        (["tortuosity", *IMAGE, "--phase", "pore", "--jobs", "none"], "from 1 on, found 'none'"),
        (
            ["tortuosity", *IMAGE, "--phase", "pore", "--paired", "axes"],
            "paired names 'axes', which has no list of values",
        ),
        (
            ["tortuosity", *IMAGE, "--phase", "pore", "--parquet", "missing/o.parquet"],
            "there is no folder missing",
        ),
        (["tortoise"], "invalid choice: 'tortoise'"),
        ([], "the following arguments are required: question"),
    ],
)
def test_wrong_usage_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*arguments, "--jobs", "1"] if arguments and "--jobs" not in arguments else arguments
    assert main(["sweep", *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ") and err.count("\n") == 1
    assert sentence in err


def test_help_lists_the_parameters_of_a_cell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "lio2", "--help"]) == 0
    out = capsys.readouterr().out
    assert "--oxygen-solubility" in out and "O2 dissolved under 101325 Pa [mol/m3]" in out
