"""`twin lio2-image`: options as they reach the function, what is written, and what is refused."""

from __future__ import annotations

import csv
import json
import warnings
from pathlib import Path
from typing import Any

import pytest
import tifffile
from support import lio2_image

import twin
from solvers.report import NotConverged, Report
from twin.cli import main
from twin.lio2.image_results import ImageDischarge

IMAGE = ["cathode.tif", "--spacing", "25nm", "--phases", "pore=0,carbon=1"]
CURRENT = ["--current-density", "0.24mA/cm2"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with an image in it."""
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("cathode.tif", lio2_image.image().labels)
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asks of the function, which answers with a discharge made by hand."""
    calls: dict[str, Any] = {}

    def discharge_image(volume: Any, parameters: Any, current: Any, **options: Any) -> Any:
        calls.update(volume=volume, parameters=parameters, current=current, **options)
        return lio2_image.discharge(options["folder"])

    monkeypatch.setattr(twin.lio2, "discharge_image", discharge_image)
    return calls


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(["lio2-image", *IMAGE, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ") and captured.err.count("\n") == 1
    assert {path.name for path in Path().iterdir()} == before
    return captured.err.removeprefix("error: ")


def test_options_reach_the_function(asked: dict[str, Any]) -> None:
    options = ["--capacity", "1e4", "--carbon", "carbon, soot", "--oxygen", "low", "--area", "2e7"]
    options += ["--solution-share", "0.5", "--nuclei", "1e13", "--seed", "3", "--supply", "uniform"]
    options += ["--resolve", "electrolyte", "--sides", "periodic", "--measure", "0.1"]
    options += ["--porous-porosity", "0.5", "--porous-area", "1e8", "--porous-exponent", "2"]
    options += [
        "--ignore-memory",
        "--covered",
        "2nm",
        "--exponent",
        "1",
        "--oxygen-diffusivity",
        "1e-10",
    ]
    assert main(["lio2-image", *IMAGE, *CURRENT, *options]) == 0
    assert asked["volume"].spacing == (25e-9,) * 3
    assert asked["parameters"].oxygen_diffusivity == 1e-10
    assert (asked["current"], asked["capacity"]) == ("0.24mA/cm2", 1e4)
    assert (asked["carbon"], asked["oxygen"], asked["separator"]) == (
        ("carbon", "soot"),
        "low",
        None,
    )
    assert asked["growth"] == twin.lio2.Growth(0.5, 1e13, 3, "uniform")
    assert asked["porous"] == twin.lio2.NanoPorous(0.5, 1e8, 2.0)
    assert (asked["area"], asked["sides"], asked["exponent"]) == (2e7, "periodic", 1.0)
    assert (asked["electrolyte"], asked["electrons"]) == ("resolved", "uniform")
    assert (asked["measure"], asked["folder"], asked["resume"]) == (0.1, None, False)
    assert (asked["covered"], asked["ignore_memory"]) == (2e-9, True)


def test_what_is_not_given_is_as_in_the_function(asked: dict[str, Any]) -> None:
    import inspect

    signature = inspect.signature(ORIGINAL).parameters
    assert main(["lio2-image", *IMAGE, *CURRENT]) == 0
    for name in ("pore", "axis", "oxygen", "growth", "electrolyte", "electrons", "porous", "area",
                 "exponent", "sides", "capacity", "covered", "measure", "folder",
                 "resume", "ignore_memory"):  # fmt: skip
        default = signature[name].default
        assert asked[name] == (twin.lio2.Growth() if name == "growth" else default), name


ORIGINAL = twin.lio2.discharge_image


def test_it_writes_what_was_found(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ["--json", "o.json", "--csv", "o.csv", "--profiles", "p.csv", "--closure", "c.csv"]
    outputs += ["--vtk", "o.vti", "--plot", "o.png", "--contact-sheet", "s.png", "--folder", "run"]
    outputs += ["--animation", "a.gif"]
    assert main(["lio2-image", *IMAGE, *CURRENT, *outputs]) == 0
    out, err = capsys.readouterr()
    expected = lio2_image.discharge()
    assert err == ""
    assert out.startswith(expected.summary())
    for name in ("o.json", "o.csv", "p.csv", "c.csv", "o.vti", "o.png", "s.png", "a.gif"):
        assert Path(name).stat().st_size > 0
        assert f"wrote {name}\n" in out
    assert "wrote run/discharge.pvd" in out
    data = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert data["capacity"] == expected.capacity
    assert data["image"] == "cathode.tif"
    with Path("o.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(expected.time)


def test_numbers_take_the_place_of_text(
    asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lio2-image", *IMAGE, *CURRENT, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["cause"] == "oxygen"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: --current-density"),
        ([*CURRENT, "--resume"], "--resume needs what a run keeps in a folder; give --folder"),
        ([*CURRENT, "--contact-sheet", "s.txt"], ".txt is no format of pictures"),
        ([*CURRENT, "--animation", "a.mp4"], "an animation is a .gif file, found 'a.mp4'"),
        ([*CURRENT, "--animation", "none/a.gif"], "there is no folder none"),
        ([*CURRENT, "--vtk", "o.vtr"], "--vtk writes .vti files, found 'o.vtr'"),
        ([*CURRENT, "--porous-area", "1e8"], "needs both --porous-porosity and --porous-area"),
        (
            [*CURRENT, "--area", "rough"],
            "an area is smooth, voxel, a number in 1/m, or text in m2/g",
        ),
        ([*CURRENT, "--csv", "a.csv", "--profiles", "a.csv"], "two outputs cannot share a file"),
        ([*CURRENT, "--animation", "a.gif", "--contact-sheet", "a.gif"], "cannot share a file"),
        ([*CURRENT, "--carbon", "carbon,"], "takes names with commas between them, found 'carb"),
        ([*CURRENT, "--closure", "none/c.csv"], "there is no folder none"),
        ([*CURRENT, "--porosity", "0.5"], "unrecognized arguments: --porosity 0.5"),
        ([*CURRENT, "--oxygen-diffusivity", "-1"], "oxygen_diffusivity must be a number greater"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(
    arguments: list[str], sentence: str, asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sentence in refused(capsys, *arguments)
    assert not asked


def test_physics_that_says_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(*_: Any, **__: Any) -> ImageDischarge:
        report = Report(False, 1, 1.0, "double", (), (4,), 0.0, 0.0)
        raise NotConverged("the discharge did not converge", report)

    monkeypatch.setattr(twin.lio2, "discharge_image", failed)
    assert main(["lio2-image", *IMAGE, *CURRENT]) == 1
    assert capsys.readouterr().err == "error: the discharge did not converge\n"


def test_a_warning_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def coarse(*_: Any, **__: Any) -> ImageDischarge:
        warnings.warn("voxels of 25 nm are coarse", stacklevel=1)
        return lio2_image.discharge()

    monkeypatch.setattr(twin.lio2, "discharge_image", coarse)
    assert main(["lio2-image", *IMAGE, *CURRENT]) == 0
    assert capsys.readouterr().err == "warning: voxels of 25 nm are coarse\n"


def test_a_real_discharge(capsys: pytest.CaptureFixture[str]) -> None:
    image = ["mat.tif", "--spacing", "5nm", "--phases", "pore=0,carbon=1"]
    mat = twin.generate.fibres((16, 14, 18), "5nm", diameter="20nm", porosity=0.8)
    tifffile.imwrite("mat.tif", mat.volume.labels)
    options = ["--current-density", "0.02", "--folder", "run"]
    first = ["--capacity", "2e-5mAh/cm2", "--json", "first.json"]
    assert main(["lio2-image", *image, *options, *first]) == 0
    assert "the capacity that was asked for is reached" in capsys.readouterr().out
    go_on = ["--resume", "--capacity", "4e-5mAh/cm2", "--json", "-", "--contact-sheet", "s.png"]
    assert main(["lio2-image", *image, *options, *go_on]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["areal_capacity"] == pytest.approx(4e-5)
    assert abs(found["charge_balance"]) < 1e-10
    assert main(["lio2-image", *IMAGE, *options, "--resume"]) == 2
    assert "is the state of another image" in capsys.readouterr().err


def test_a_run_that_was_interrupted_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, folder: Path, **__: Any) -> ImageDischarge:
        folder.mkdir(exist_ok=True)
        if folder.name == "later":
            (folder / "state.npz").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(twin.lio2, "discharge_image", interrupted)
    for name, hint in (("at-once", ""), ("later", "with --resume goes on from later\n")):
        assert main(["lio2-image", *IMAGE, *CURRENT, "--folder", name, "--csv", "c.csv"]) == 130
        err = capsys.readouterr().err
        assert err.endswith("error: interrupted; no file was left half-written\n")
        assert (hint in err) is True
        assert err.count("\n") == 1 + (hint != "")
    assert not Path("c.csv").exists()
