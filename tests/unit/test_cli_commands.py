"""What the commands print and write, and how they end."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twin
from twin.cli import main

PHASES = "pore=0,AM=1,CBD=2"


@pytest.fixture
def electrode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """A volume, stored as electrode.tif in the current folder."""
    volume = twin.generate.electrode((14, 12, 10), 1e-6, seed=1)
    tifffile.imwrite(tmp_path / "electrode.tif", volume.labels)
    monkeypatch.chdir(tmp_path)
    return volume


@pytest.fixture
def wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pores that a wall across x closes, stored as wall.npy in the current folder."""
    labels = np.zeros((6, 5, 4), np.uint8)
    labels[3] = 1
    np.save(tmp_path / "wall.npy", labels)
    monkeypatch.chdir(tmp_path)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "twin", *arguments]


def environment() -> dict[str, str]:
    """Of a process of its own that finds the same package."""
    home = str(Path(twin.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([home, os.environ.get("PYTHONPATH", "")])}


def test_tortuosity_writes_what_the_function_finds(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--spacing", "1um", "--phases", PHASES, "--phase", "pore", "--axis", "xyz"]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main(["tortuosity", "electrode.tif", *options, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = twin.tortuosity(electrode, "pore", "xyz")
    assert isinstance(expected, twin.Directions)

    written = {"o.json", "o.csv", "o.png", "o_x.vti", "o_y.vti", "o_z.vti"}
    assert {path.name for path in Path().iterdir()} == written | {"electrode.tif"}
    assert {line.split()[1] for line in out.splitlines() if line.startswith("wrote")} == written
    assert err == ""
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["image"]) == (twin.__version__, "electrode.tif")
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    for t, row in zip(expected, rows, strict=True):
        assert data["directions"][t.axis]["tortuosity_factor"] == t.tortuosity_factor
        assert float(row["tortuosity_factor"]) == t.tortuosity_factor
        assert f"{t.tortuosity_factor:#.6g}" in out


def test_the_options_reach_the_function(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--phases", "open=0+2,AM=1", "--crop", "0:12,:,2:10", "--axes", "zyx"]
    more = ["--spacing", "3um,2um,1um", "--phase", "open", "--axis", "y", "--sides", "periodic"]
    assert main(["tortuosity", "electrode.tif", *options, *more, "--json", "-"]) == 2
    assert main(["tortuosity", "electrode.tif", *options[:2], "--crop", "0:9,:,2:10",
                 *options[4:], *more, "--json", "-", "--tolerance", "1e-5"]) == 0  # fmt: skip
    data = json.loads(capsys.readouterr().out)
    labels = electrode.labels.transpose(2, 1, 0)[0:9, :, 2:10]
    volume = twin.Volume(labels, (3e-6, 2e-6, 1e-6), {"open": (0, 2), "AM": 1})
    expected = twin.tortuosity(volume, "open", "y", "periodic", solver=twin.Solver(1e-5))
    assert isinstance(expected, twin.Tortuosity)
    assert data["shape"] == [9, 12, 8] and data["sides"] == "periodic"
    assert data["directions"]["y"]["tortuosity_factor"] == expected.tortuosity_factor
    assert data["directions"]["y"]["iterations"] == expected.iterations


def test_the_tensor(electrode: twin.Volume, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["tortuosity", "electrode.tif", "--phase", "0", "--tensor"]
    assert main([*arguments, "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    volume = twin.Volume(electrode.labels)
    expected = twin.diffusivity_tensor(volume, "0")
    assert data["relative_diffusivity_tensor"] == expected.matrix.tolist()
    assert main([*arguments, "--axis", "x"]) == 2
    assert "leave out --axis and --sides" in capsys.readouterr().err


def test_json_on_the_standard_output_is_alone_there(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tortuosity", "electrode.tif", "--phase", "0", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["phase"] == "0"
    assert main(["tortuosity", "electrode.tif", "--phase", "0", "--csv", "-"]) == 0
    assert capsys.readouterr().out.startswith("phase,sides,shape_x")


def test_a_closed_phase_ends_with_one_and_its_results(
    wall: None, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["tortuosity", "wall.npy", "--phase", "0", "--axis", "xy", "--json", "o.json"]
    assert main(arguments) == 1
    reason = "no path of phase '0' joins the low and the high face of axis x"
    assert f"x: {reason}" in capsys.readouterr().out
    directions = json.loads(Path("o.json").read_text())["directions"]
    assert directions["x"]["tortuosity_factor"] is None and directions["x"]["reason"] == reason
    assert directions["y"]["percolates"]


def test_a_solve_that_does_not_converge_ends_with_one_and_no_file(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = ["--tolerance", "1e-12", "--max-iterations", "1"]
    arguments = ["tortuosity", "electrode.tif", "--phase", "0", *limit, "--json", "o.json"]
    assert main(arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and len(err.splitlines()) == 1
    assert "iteration" in err
    assert not Path("o.json").exists()


def test_info_prints_what_there_is(
    electrode: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["info", "electrode.tif", "--phases", PHASES, "--spacing", "50nm"]
    assert main([*arguments, "--json", "info.json"]) == 0
    out = capsys.readouterr().out
    assert "14 x 12 x 10 (x, y, z), 1680 voxels, uint8" in out
    assert "50 nm x 50 nm x 50 nm" in out and "700 nm x 600 nm x 500 nm" in out
    data = json.loads(Path("info.json").read_text())
    for name in PHASES.split(","):
        name, label = name.split("=")
        assert data["phases"][name]["volume_fraction"] == electrode.volume_fraction(name)
        assert data["phases"][name]["labels"] == [int(label)]


@pytest.mark.parametrize("arguments", [["--help"], ["info", "--help"], ["--version"]])
def test_help_ends_well(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "twin" in capsys.readouterr().out


def test_exit_codes_reach_the_shell(wall: None) -> None:
    def code(*arguments: str) -> int:
        run = subprocess.run(command(*arguments), env=environment(), capture_output=True)
        assert b"Traceback" not in run.stderr
        return run.returncode

    assert code("info", "wall.npy") == 0
    assert code("tortuosity", "wall.npy", "--phase", "0", "--axis", "x") == 1
    assert code("tortuosity", "wall.npy", "--phase", "9") == 2


def test_a_reader_that_leaves_is_no_error(electrode: twin.Volume) -> None:
    process = subprocess.Popen(
        command("info", "electrode.tif"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


@pytest.mark.parametrize("where", ["twin.tortuosity", "twin.export.write_vti"])
def test_an_interrupt_ends_with_130_and_no_part_of_a_file(
    electrode: twin.Volume, where: str
) -> None:
    """Ctrl-C during the solve, and while a field is written."""
    module, _, name = where.rpartition(".")
    program = f"""
import importlib, pathlib, signal, sys, time
import {module}
from twin.cli import main

# A shell that starts the tests in the background lets its children ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

def wait(*arguments, **options):
    pathlib.Path("waiting").touch()
    time.sleep(60)

import twin
setattr(importlib.import_module({module!r}), {name!r}, wait)
sys.exit(main(["tortuosity", "electrode.tif", "--phase", "0", "--vtk", "o.vti"]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not Path("waiting").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "error: interrupted; no file was left half-written\n"
    assert out == ""
    assert {path.name for path in Path().iterdir()} == {"electrode.tif", "waiting"}


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(electrode: twin.Volume) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    arguments = command("tortuosity", "electrode.tif", "--phase", "0", "--axis", "xy")
    piped = subprocess.run(arguments, env=environment(), capture_output=True, check=True)
    assert piped.stderr == b""
    ours, theirs = pty.openpty()
    shown = subprocess.run(arguments, env=environment(), stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    text = os.read(ours, 100_000).decode()
    os.close(ours)
    assert shown.returncode == 0
    assert "axis x [" in text and "axis y [" in text
    assert text.endswith("\r\x1b[K")
