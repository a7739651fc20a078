"""What `twin electrode` prints, writes and refuses."""

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
WHAT = ["--phase", "pore"]


@pytest.fixture
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((14, 12, 10), 1e-6, seed=1)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(["electrode", "electrode.tif", *PHASES, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert {path.name for path in Path().iterdir()} == before
    return lines[0].removeprefix("error: ")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    """The JSON that a command prints."""
    assert main(["electrode", "electrode.tif", *PHASES, *WHAT, *arguments, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--spacing", "1um", *PHASES, *WHAT, "--axis", "x", "--separator", "high"]
    asked = ["--reactive", "AM=0.1", "CBD=0.02", "--flip", "--through"]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main(["electrode", "electrode.tif", *options, *asked, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.electrode_tortuosity(
        electrode, "pore", "x", "high", {"AM": 0.1, "CBD": 0.02}, flip=True, through=True
    )
    assert expected.flipped is not None and expected.through is not None

    written = {"o.json", "o.csv", "o.png", "o_low.vti", "o_high.vti"}
    assert {path.name for path in Path().iterdir()} == written | {"electrode.tif"}
    assert {line.split()[1] for line in out.splitlines() if line.startswith("wrote")} == written
    assert err == ""
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["image"]) == (twin.__version__, "electrode.tif")
    assert data["tortuosity_factor"] == expected.tortuosity_factor
    assert data["flipped"]["tortuosity_factor"] == expected.flipped.tortuosity_factor
    assert data["through"]["tortuosity_factor"] == expected.through.tortuosity_factor
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    for e, row in zip((expected, expected.flipped), rows, strict=True):
        assert row["separator"] == e.separator
        assert float(row["tortuosity_factor"]) == e.tortuosity_factor
        assert f"{e.tortuosity_factor:#.6g}" in out


def test_options_reach_the_function(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    volume = twin.Volume(electrode.labels, phases=electrode.phases)
    plain = printed(capsys)
    assert plain["tortuosity_factor"] == twin.electrode_tortuosity(volume, "pore").tortuosity_factor
    assert (plain["axis"], plain["separator"]) == ("z", "low")
    assert plain["capacitances"] == {"AM": 1.0, "CBD": 1.0}
    for options, given in (
        (["--sides", "periodic"], {"sides": "periodic"}),
        (["--wall", "centre"], {"wall": "centre"}),
        (["--area", "smooth"], {"area": "smooth"}),
        (["--reactive", "AM", "--separator", "high"], {"reactive": "AM", "separator": "high"}),
    ):
        found = printed(capsys, *options)["tortuosity_factor"]
        expected = twin.electrode_tortuosity(volume, "pore", **given).tortuosity_factor
        assert found == expected != plain["tortuosity_factor"]


def test_reactive_phases_may_come_one_by_one(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    data = printed(capsys, "--reactive", "AM=2", "--reactive", "CBD=1")
    assert data["capacitances"] == {"AM": 2.0, "CBD": 1.0}


def test_a_solve_that_does_not_converge_ends_with_one_and_no_file(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = ["--tolerance", "1e-12", "--max-iterations", "1", "--json", "o.json"]
    assert main(["electrode", "electrode.tif", *PHASES, *WHAT, *limit]) == 1
    assert capsys.readouterr().err.startswith("error: not converged after 1 iterations")
    assert not Path("o.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "arguments are required: --phase"),
        (("--phase", "por"), "did you mean 'pore'?"),
        ((*WHAT, "--axis", "xz"), "an electrode has one axis through it, found 'xz'"),
        ((*WHAT, "--axis", "w"), "there is no axis 'w'"),
        ((*WHAT, "--separator", "left"), "argument --separator: invalid choice: 'left'"),
        ((*WHAT, "--wall", "face"), "argument --wall: invalid choice: 'face'"),
        ((*WHAT, "--area", "true"), "argument --area: invalid choice: 'true'"),
        ((*WHAT, "--reactive"), "argument --reactive: expected at least one argument"),
        ((*WHAT, "--reactive", "AN"), "there is no phase 'AN'"),
        ((*WHAT, "--reactive", "pore"), "the pores 'pore' cannot be reactive themselves"),
        ((*WHAT, "--reactive", "AM", "AM"), "--reactive names AM twice; name it once"),
        ((*WHAT, "--reactive", "AM=1", "CBD"), "--reactive gives no capacitance for CBD"),
        ((*WHAT, "--reactive", "AM=much"), "reactive phases are given as AM CBD, or AM=0.1"),
        ((*WHAT, "--reactive", "=1"), "found '=1'"),
        ((*WHAT, "--reactive", "AM=0"), "the capacitance of AM is 0.0; give a positive number"),
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


def test_walls_without_a_double_layer_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = np.ones((6, 6, 6), np.uint8)
    labels[:2] = 0
    labels[4:] = 2
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("electrode.tif", labels)
    assert "has a face with CBD" in refused(capsys, *WHAT, "--reactive", "CBD")
    assert "no voxel of 'pore' lies on the high face" in refused(
        capsys, *WHAT, "--axis", "x", "--separator", "high"
    )


def test_the_memory_is_looked_at_before_the_solve(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 60 * electrode.labels.size)
    sentence = refused(capsys, *WHAT, "--vtk", "o.vti")
    assert sentence.startswith("writing the fields on 14 x 12 x 10 voxels needs about ")
    monkeypatch.setattr(memory, "bytes_free", lambda: 10)
    assert refused(capsys, *WHAT).startswith("a solve on 14 x 12 x 10 voxels needs about ")
    assert main(["electrode", "electrode.tif", *PHASES, *WHAT, "--ignore-memory"]) == 0
