"""What `twin representative` and `twin segmentation-uncertainty` print, write and refuse."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import tifffile

import twin
from twin.cli import main

READ = ["electrode.tif", "--spacing", "1um", "--phases", "pore=0,AM=1,CBD=2"]
ONE_JOB = ["--jobs", "1"]


@pytest.fixture
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((24, 20, 16), 1e-6, seed=1)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    assert main([arguments[0], *READ, *arguments[1:]]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    return lines[0].removeprefix("error: ")


def test_representative_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--metric", "volume-fraction", "--phase", "AM", "--sizes", "4um,8um"]
    how = ["--samples", "10", "--error", "0.1", "--seed", "3", *ONE_JOB]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--plot", "o.png"]
    assert main(["representative", *READ, *what, *how, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.representative(
        twin.Volume.volume_fraction, electrode, ["4um", "8um"], name="AM", samples=10, error=0.1,
        seed=3, store=None, jobs=1,
    )  # fmt: skip
    assert expected.summary() in out and err == ""
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["image"]) == (twin.__version__, "electrode.tif")
    assert data["size_needed"] == expected.size_needed()
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    assert [float(row["mean"]) for row in rows] == [size.mean for size in expected.sizes]
    assert Path("o.png").stat().st_size and Path("sweep.db").stat().st_size


def test_representative_of_a_solve(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--phase", "pore", "--axis", "x", "--sizes", "10um", "--cut-axes", "yz"]
    code = main(["representative", *READ, *what, *ONE_JOB, "--json", "-"])
    data = json.loads(capsys.readouterr().out)
    whole = twin.tortuosity(electrode, "pore", axis="x")
    assert code == (0 if whole.percolates else 1)
    assert data["whole"] == pytest.approx(whole.tortuosity_factor, rel=1e-12)
    assert data["name"] == "tortuosity_factor" and data["axes"] == "yz"


def test_segmentation_uncertainty_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    what = ["--metric", "specific-surface", "--phase", "AM", "--samples", "4"]
    moves = ["--width", "0.5um", "--patch", "5um", "--between", "AM:pore,AM:CBD"]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--plot", "o.png"]
    assert main(["segmentation-uncertainty", *READ, *what, *moves, *ONE_JOB, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.segmentation_uncertainty(
        twin.correlation, electrode, value="specific_surface", phase="AM", samples=4,
        width=0.5e-6, patch=5e-6, between=[("AM", "pore"), ("AM", "CBD")], store=None, jobs=1,
    )  # fmt: skip
    assert expected.summary() in out and err == ""
    data = json.loads(Path("o.json").read_text())
    assert data["standard_deviation"] == expected.standard_deviation
    assert len(list(csv.DictReader(Path("o.csv").read_text().splitlines()))) == 5
    assert Path("o.png").stat().st_size


def test_voxel_by_voxel(electrode: twin.Volume, capsys: pytest.CaptureFixture[str]) -> None:
    what = ["--metric", "volume-fraction", "--phase", "CBD", "--samples", "3"]
    moves = ["--share", "0.2", "--iterations", "2"]
    found = ["segmentation-uncertainty", *READ, *what, *moves, *ONE_JOB, "--json", "-"]
    assert main(found) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["share"], data["iterations"], data["samples"]) == (0.2, 2, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("representative",), "arguments are required: --phase"),
        (("representative", "--phase", "XY"), "there is no phase 'XY'"),
        (("representative", "--phase", "AM", "--sizes", "1mm"),
         "a subvolume of 1 mm is larger than the volume"),
        (("representative", "--phase", "AM", "--sizes", "5 parsec"), "unknown unit"),
        (("representative", "--phase", "AM", "--sizes", "5um,"), "commas between them"),
        (("representative", "--phase", "AM", "--samples", "none"), "a whole number from 1 on"),
        (("representative", "--phase", "AM", "--samples", "1"), "a spread needs 2 subvolumes"),
        (("representative", "--phase", "AM", "--metric", "volume-fraction", "--axis", "x"),
         "--metric volume-fraction has no axis; leave out --axis"),
        (("representative", "--phase", "AM", "--metric", "beauty"), "invalid choice: 'beauty'"),
        (("representative", "--phase", "AM", "--plot", "o.doc"), "is no format of pictures"),
        (("segmentation-uncertainty", "--phase", "AM", "--width", "1um"), "give both, or neither"),
        (("segmentation-uncertainty", "--phase", "AM", "--share", "2"), "found 2.0"),
        (("segmentation-uncertainty", "--phase", "AM", "--between", "AM"),
         "interfaces are given as AM:CBD,CBD:pore; found 'AM'"),
        (("segmentation-uncertainty", "--phase", "AM", "--between", "AM:AM"),
         "an interface lies between two phases"),
        (("segmentation-uncertainty", "--phase", "AM", "--json", "no/o.json"),
         "there is no folder no"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(
    electrode: twin.Volume,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    assert said in refused(capsys, *arguments)


def test_an_image_of_unknown_spacing(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    image = ["electrode.tif", "--phases", "pore=0,AM=1,CBD=2", "--phase", "AM"]
    fraction = ["--metric", "volume-fraction", "--sizes", "4,8", *ONE_JOB, "--json", "-"]
    assert main(["representative", *image, *fraction]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [size["edge"] for size in data["sizes"]] == pytest.approx([4.0, 8.0])
