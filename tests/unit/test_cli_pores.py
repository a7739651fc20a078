"""What `twin pores` prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twin
from twin.cli import main

READ = ["pores", "electrode.tif", "--spacing", "1um", "--phases", "pore=0,AM=1,CBD=2"]
PORE = [*READ, "--phase", "pore"]


@pytest.fixture(autouse=True)
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((24, 22, 20), 1e-6, seed=1)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert {path.name for path in Path().iterdir()} == before
    return lines[0].removeprefix("error: ")


@pytest.mark.parametrize("method", ["local-thickness", "mercury", "distance-map", "chords"])
def test_it_writes_the_sizes_that_the_function_finds(
    electrode: twin.Volume, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main([*PORE, "--method", method, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.pore_sizes(electrode, "pore", method)  # type: ignore[arg-type]
    assert out.startswith(expected.summary())
    assert err == ""
    data = json.loads(Path("o.json").read_text())
    assert data["d50"] == pytest.approx(expected.d50)
    assert data["method"] == method
    assert data["image"] == "electrode.tif"
    with Path("o.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(expected.rows())
    assert Path("o.vti").exists() and Path("o.png").exists()


def test_it_writes_the_network(electrode: twin.Volume, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = ["--json", "n.json", "--csv", "n.csv", "--vtk", "n.vti", "--plot", "n.png"]
    assert main([*PORE, "--network", "--axis", "z", "--reach", "3", *outputs]) == 0
    expected = twin.pore_network(electrode, "pore", "z", reach=3)
    assert capsys.readouterr().out.startswith(expected.summary())
    data = json.loads(Path("n.json").read_text())
    assert data["pores"] == expected.pores and data["reach"] == 3
    names = {"n.json", "n.csv", "n_pores.csv", "n_throats.csv", "n.vti", "n_network.vtp", "n.png"}
    assert names <= {path.name for path in Path().iterdir()}
    with Path("n_throats.csv").open() as file:
        assert len(list(csv.DictReader(file))) == expected.throats


def test_numbers_are_printed_in_place_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PORE, "--network", "--axis", "x", "--csv", "-"]) == 0
    (row,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert row["axis"] == "x" and float(row["tortuosity_factor"]) > 1.0
    assert main([*PORE, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["phase"] == "pore"


def test_a_network_without_a_path_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    labels = np.zeros((12, 9, 9), np.uint8)
    labels[:5, 2:7, 2:7] = labels[7:, 2:7, 2:7] = 1
    np.save("wall.npy", labels)
    assert main(["pores", "wall.npy", "--phase", "1", "--network", "--axis", "x"]) == 1
    out = capsys.readouterr().out
    assert "x: no path of pores joins the two faces." in out
    assert "lengths are in voxels" in out


def test_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "required: --phase" in refused(capsys, *READ)
    assert "there is no phase 'pores'" in refused(capsys, *READ, "--phase", "pores")
    assert "invalid choice: 'spheres'" in refused(capsys, *PORE, "--method", "spheres")
    sentence = refused(capsys, *PORE, "--network", "--method", "chords")
    assert sentence == "--method is for sizes; leave it out with --network"
    sentence = refused(capsys, *PORE, "--reach", "3")
    assert sentence == "--reach and --smoothing are for the network; add --network"
    assert "takes no axis" in refused(capsys, *PORE, "--axis", "x")
    assert "writes .vti files" in refused(capsys, *PORE, "--network", "--vtk", "n.vtp")
    assert "there is no axis 'q'" in refused(capsys, *PORE, "--network", "--axis", "q")
