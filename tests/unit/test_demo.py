"""The main job on a generated electrode, at a small size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin import demo as module
from twin.cli import main
from twin.demo import demo

SMALL = (24, 20, 16)


def test_everything_is_written(tmp_path: Path) -> None:
    result, written = demo(tmp_path / "new" / "demo", shape=SMALL)
    names = {path.name for path in written}
    fields = {f"pore_{axis}.vti" for axis in "xyz"}
    assert names == {
        "electrode.tif", "tortuosity.json", "tortuosity.csv", "tortuosity.png", *fields,
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "new" / "demo").iterdir()} == names
    data = json.loads((tmp_path / "new" / "demo" / "tortuosity.json").read_text())
    for t in result:
        assert data["directions"][t.axis]["tortuosity_factor"] == t.tortuosity_factor
        assert 1.0 < t.tortuosity_factor < 10.0


def test_the_stored_electrode_is_what_was_solved(tmp_path: Path) -> None:
    result, written = demo(tmp_path, shape=SMALL)
    volume = twin.read(written[0])
    np.testing.assert_array_equal(volume.labels, result["x"].volume.labels)
    assert volume.spacing == pytest.approx(result["x"].volume.spacing, rel=1e-5)


def test_the_electrode_is_the_same_every_time(tmp_path: Path) -> None:
    first, _ = demo(tmp_path / "a", shape=SMALL)
    second, _ = demo(tmp_path / "b", shape=SMALL)
    assert [t.tortuosity_factor for t in first] == [t.tortuosity_factor for t in second]


def test_the_command_prints_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module.demo, "__defaults__", (None, SMALL))
    assert main(["demo", "--out", str(tmp_path / "out")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Tortuosity factor of pore: 24 x 20 x 16 voxels")
    assert sum(line.startswith("wrote ") for line in out.splitlines()) == 7


def test_a_file_in_the_way_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["demo", "--out", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.startswith("error: cannot make the folder")


def test_a_folder_made_for_nothing_is_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise InputError("stop")

    monkeypatch.setattr("twin.tortuosity", fail)
    with pytest.raises(InputError, match="stop"):
        demo(tmp_path / "new", shape=SMALL)
    assert not (tmp_path / "new").exists()
    with pytest.raises(InputError, match="stop"):
        demo(tmp_path, shape=SMALL)
    assert tmp_path.exists()
