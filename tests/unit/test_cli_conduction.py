"""What `twin conduction` prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twin
from twin import memory
from twin.cli import main

PHASES = ["--phases", "pore=0,AM=1,CBD=2"]
WHAT = ["--conductivity", "CBD=760", "AM=0.5,0.5,0.1"]


@pytest.fixture
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((14, 12, 10), 1e-6, seed=1)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


@pytest.fixture
def wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AM that a wall across x closes, stored as wall.npy in the current folder."""
    labels = np.ones((6, 5, 4), np.uint8)
    labels[3], labels[4, 0] = 0, 2
    np.save(tmp_path / "wall.npy", labels)
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(["conduction", "electrode.tif", *PHASES, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert {path.name for path in Path().iterdir()} == before
    return lines[0].removeprefix("error: ")


def test_it_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--spacing", "1um", *PHASES, *WHAT, "--contact", "CBD:AM=1e-8", "--axis", "xz"]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main(["conduction", "electrode.tif", *options, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.conduction(
        electrode, {"CBD": 760.0, "AM": (0.5, 0.5, 0.1)}, "xz",
        contact_resistance={("AM", "CBD"): 1e-8},
    )  # fmt: skip
    assert isinstance(expected, twin.Directions)

    written = {"o.json", "o.csv", "o.png", "o_x.vti", "o_z.vti"}
    assert {path.name for path in Path().iterdir()} == written | {"electrode.tif"}
    assert {line.split()[1] for line in out.splitlines() if line.startswith("wrote")} == written
    assert err == ""
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["image"]) == (twin.__version__, "electrode.tif")
    assert data["anisotropy_ratio"] == expected.anisotropy_ratio
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    for c, row in zip(expected, rows, strict=True):
        assert data["directions"][c.axis]["effective_conductivity"] == c.effective_conductivity
        assert float(row["effective_conductivity"]) == c.effective_conductivity
        assert f"{c.effective_conductivity:#.6g}" in out


def test_options_may_be_repeated(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    apart = ["--conductivity", "CBD=7", "--conductivity", "AM=1", "--sides", "periodic"]
    thermal = ["--transport", "thermal", "--json", "-"]
    assert main(["conduction", "electrode.tif", *PHASES, *apart, *thermal]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["conductivity"] == {"CBD": 7.0, "AM": 1.0}
    assert (data["transport"], data["sides"]) == ("thermal", "periodic")


def test_the_tensor(electrode: twin.Volume, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conduction", "electrode.tif", *PHASES, *WHAT, "--tensor", "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    volume = twin.Volume(electrode.labels, phases=electrode.phases)
    expected = twin.conductivity_tensor(volume, {"CBD": 760.0, "AM": (0.5, 0.5, 0.1)})
    assert data["effective_conductivity_tensor"] == expected.matrix.tolist()
    assert "leave out --axis" in refused(capsys, *WHAT, "--tensor", "--axis", "x")


def test_what_does_not_percolate_ends_with_one_and_its_results(
    wall: None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["conduction", "wall.npy", "--conductivity", "1=1", "2=5", "--axis", "xy"]
    assert main([*arguments, "--json", "o.json"]) == 1
    assert "x: no path of 1 + 2 joins the low and the high face" in capsys.readouterr().out
    directions = json.loads(Path("o.json").read_text())["directions"]
    assert directions["x"]["tortuosity_factor"] is None
    assert directions["x"]["share"] == {"1": None, "2": None}
    assert directions["y"]["percolates"]


def test_a_solve_that_does_not_converge_ends_with_one_and_no_file(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = ["--tolerance", "1e-12", "--max-iterations", "1", "--json", "o.json"]
    assert main(["conduction", "electrode.tif", *PHASES, *WHAT, *limit]) == 1
    assert capsys.readouterr().err.startswith("error: not converged after 1 iterations")
    assert not Path("o.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "arguments are required: --conductivity"),
        (("--conductivity", "CBD"), "argument --conductivity: a conductivity is given as CBD=760"),
        (("--conductivity", "CBD=high"), "found 'CBD=high'"),
        (("--conductivity", "=5"), "found '=5'"),
        (("--conductivity", "CBD=1,2"), "has 2 entries"),
        (("--conductivity", "CBD=-1"), "must be 0 or a positive number, found -1.0"),
        (("--conductivity", "CBD=nan"), "must be 0 or a positive number, found nan"),
        (("--conductivity", "CBD=0"), "all conductivities are 0"),
        (("--conductivity", "CDB=1"), "did you mean 'CBD'?"),
        (("--conductivity", "CBD=1", "AM=2", "CBD=1"), "--conductivity names CBD twice"),
        ((*WHAT, "--contact", "AM:CBD"), "a contact resistance is given as AM:CBD=1e-6"),
        ((*WHAT, "--contact", "AM=1e-6"), "a contact resistance is given as AM:CBD=1e-6"),
        ((*WHAT, "--contact", "AM:CBD=x"), "found 'AM:CBD=x'"),
        ((*WHAT, "--contact", "AM:CBD=1", "CBD:AM=1"), "--contact names AM:CBD twice"),
        ((*WHAT, "--contact", "AM:AM=1"), "phase 'AM' has no interface with itself"),
        ((*WHAT, "--contact", "AM:pore=1"), "phase 'pore' does not conduct"),
        ((*WHAT, "--contact", "AM:CBD=-1"), "must be 0 or a positive number, found -1.0"),
        ((*WHAT, "--contact", "AM:CBD=1"), "a contact resistance needs the size of the voxels"),
        ((*WHAT, "--transport", "magnetic"), "argument --transport: invalid choice: 'magnetic'"),
        ((*WHAT, "--axis", "w"), "there is no axis 'w'"),
        ((*WHAT, "--vtk", "o.vtk"), "--vtk writes .vti files"),
        ((*WHAT, "--json", "missing/o.json"), "there is no folder missing"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    electrode: twin.Volume,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert said in refused(capsys, *arguments)


def test_the_memory_is_looked_at_before_the_solve(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 40 * electrode.labels.size)
    sentence = refused(capsys, *WHAT, "--vtk", "o.vti")
    assert sentence.startswith("writing the fields on 14 x 12 x 10 voxels needs about ")
    monkeypatch.setattr(memory, "bytes_free", lambda: 10)
    assert refused(capsys, *WHAT).startswith("a solve on 14 x 12 x 10 voxels needs about ")
    arguments = ["conduction", "electrode.tif", *PHASES, *WHAT, "--ignore-memory"]
    assert main(arguments) == 0
