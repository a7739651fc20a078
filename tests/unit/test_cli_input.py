"""Bad input at the command line: one sentence, exit code 2, and no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from twin import memory
from twin.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one good image in it."""
    labels = np.ones((6, 5, 4), np.uint8)
    labels[:, 0] = 0
    np.save(tmp_path / "good.npy", labels)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused, and return its sentence."""
    before = {path.name for path in Path().iterdir()}
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    assert {path.name for path in Path().iterdir()} == before
    return lines[0].removeprefix("error: ")


@pytest.fixture
def complaint(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    return lambda *arguments: refused(capsys, *arguments)


def test_a_missing_file(complaint: Callable[..., str]) -> None:
    assert complaint("info", "goood.npy") == "there is no file goood.npy; did you mean 'good.npy'?"


def test_a_truncated_tiff(complaint: Callable[..., str]) -> None:
    tifffile.imwrite("cut.tif", np.ones((6, 50, 40), np.uint8))
    whole = Path("cut.tif").read_bytes()
    Path("cut.tif").write_bytes(whole[: len(whole) // 2])
    for command in (["info"], ["tortuosity", "--phase", "1", "--json", "out.json"]):
        sentence = complaint(command[0], "cut.tif", *command[1:])
        assert "cut.tif" in sentence and "truncated" in sentence


def test_a_truncated_array(complaint: Callable[..., str]) -> None:
    whole = Path("good.npy").read_bytes()
    Path("cut.npy").write_bytes(whole[:-30])
    assert "cut.npy" in complaint("info", "cut.npy")


def test_an_empty_file(complaint: Callable[..., str]) -> None:
    Path("empty.tif").touch()
    assert "empty (0 bytes)" in complaint("info", "empty.tif")


def test_a_file_of_another_kind(complaint: Callable[..., str]) -> None:
    Path("notes.tif").write_text("this is no image")
    assert "cannot read notes.tif as TIFF" in complaint("info", "notes.tif")
    Path("notes.txt").write_text("this is no image")
    assert "cannot tell the format of notes.txt" in complaint("info", "notes.txt")


@pytest.mark.parametrize("shape", [(5,), (4, 4, 4, 4), (5, 6, 7, 3)])
def test_data_that_is_neither_an_image_nor_a_volume(
    complaint: Callable[..., str], shape: tuple[int, ...]
) -> None:
    np.save("data.npy", np.ones(shape, np.uint8))
    assert f"{len(shape)} ax" in complaint("info", "data.npy")


def test_an_rgb_picture(complaint: Callable[..., str]) -> None:
    tifffile.imwrite("rgb.tif", np.ones((20, 20, 3), np.uint8), photometric="rgb")
    assert "rgb.tif" in complaint("info", "rgb.tif")


def test_float_data(complaint: Callable[..., str]) -> None:
    np.save("float.npy", np.ones((5, 6, 7), np.float32))
    sentence = complaint("info", "float.npy")
    assert "float32" in sentence and "segment the image first" in sentence


def test_a_two_dimensional_image_is_welcome(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save("flat.npy", np.ones((6, 5), np.uint8))
    assert main(["tortuosity", "flat.npy", "--phase", "1", "--axis", "xy"]) == 0
    assert "6 x 5 x 1 voxels" in capsys.readouterr().out


def test_an_unknown_phase_lists_the_known_ones(complaint: Callable[..., str]) -> None:
    phases = ["--phases", "pore=1,AM=0"]
    sentence = complaint("tortuosity", "good.npy", *phases, "--phase", "por")
    assert sentence == "there is no phase 'por'; the phases are 'pore', 'AM'; did you mean 'pore'?"


def test_an_empty_phase(complaint: Callable[..., str]) -> None:
    phases = ["--phases", "pore=1,CBD=7"]
    assert "CBD" in complaint("tortuosity", "good.npy", *phases, "--phase", "CBD")


@pytest.mark.parametrize(
    ("phases", "said"),
    [
        ("pore", "label of phase 'pore' must be a whole number"),
        ("pore=x", "found 'x'"),
        ("pore=1,pore=2", "given once each"),
        ("=1", "pore=0,AM=1"),
        ("a=1,b=1", "to phase 'a' and to phase 'b'"),
    ],
)
def test_phases_that_make_no_sense(complaint: Callable[..., str], phases: str, said: str) -> None:
    assert said in complaint("tortuosity", "good.npy", "--phases", phases, "--phase", "pore")


@pytest.mark.parametrize("spacing", ["0nm", "-5nm", "50", "50 parsec", "nan m", "1nm,2nm", ""])
def test_a_spacing_that_is_no_length(complaint: Callable[..., str], spacing: str) -> None:
    sentence = complaint("info", "good.npy", f"--spacing={spacing}")
    assert sentence.startswith("argument --spacing: the ") or "cannot read" in sentence
    assert "'twin info --help'" in sentence


def test_a_driven_axis_of_one_voxel(complaint: Callable[..., str]) -> None:
    np.save("flat.npy", np.ones((6, 5), np.uint8))
    sentence = complaint("tortuosity", "flat.npy", "--phase", "1", "--axis", "xyz")
    assert sentence.startswith("axis z is one voxel long (shape (6, 5, 1)) and cannot be driven")


@pytest.mark.parametrize("axis", ["w", "xx", "1"])
def test_an_unknown_axis(complaint: Callable[..., str], axis: str) -> None:
    assert f"no axis '{axis}'" in complaint(
        "tortuosity", "good.npy", "--phase", "1", "--axis", axis
    )


@pytest.mark.parametrize("crop", ["0:3", "0:9,:,:", "3:3,:,:", "a:b,:,:"])
def test_a_crop_that_is_no_box_of_the_volume(complaint: Callable[..., str], crop: str) -> None:
    assert complaint("info", "good.npy", "--crop", crop)


@pytest.mark.parametrize("tolerance", ["0", "-1e-8", "2", "tight", "nan"])
def test_a_tolerance_out_of_range(complaint: Callable[..., str], tolerance: str) -> None:
    options = ("--phase", "1", f"--tolerance={tolerance}")
    assert "between 0 and 1" in complaint("tortuosity", "good.npy", *options)


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_an_iteration_limit_out_of_range(complaint: Callable[..., str], count: str) -> None:
    options = ("--phase", "1", f"--max-iterations={count}")
    assert "argument --max-iterations" in complaint("tortuosity", "good.npy", *options)


@pytest.mark.parametrize(
    "output",
    [
        ("--json", "missing/out.json"),
        ("--csv", "good.npy/out.csv"),
        ("--vtk", "out.vtk"),
        ("--vtk", "missing/out.vti"),
        ("--plot", "out.doc"),
        ("--plot", "."),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_solve(
    complaint: Callable[..., str], output: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_solve(*arguments: object, **options: object) -> None:
        raise AssertionError("solved before the outputs were checked")

    monkeypatch.setattr("twin.tortuosity", no_solve)
    assert output[1] in complaint("tortuosity", "good.npy", "--phase", "1", *output)


def test_two_outputs_in_one_file(complaint: Callable[..., str]) -> None:
    both = ("--json", "-", "--csv", "-")
    assert "cannot share" in complaint("tortuosity", "good.npy", "--phase", "1", *both)


def test_a_volume_that_does_not_fit_is_refused_before_it_is_read(
    complaint: Callable[..., str],
) -> None:
    with Path("huge.raw").open("wb") as file:
        file.truncate(4000**3)  # a sparse file: 64 GB that take no place
    shape = ("--shape", "4000,4000,4000", "--dtype", "uint8", "--phases", "pore=0")
    sentence = complaint("tortuosity", "huge.raw", *shape, "--phase", "pore")
    assert sentence.startswith("a solve on 4000 x 4000 x 4000 voxels needs about ")
    assert "are free; crop or rebin the volume" in sentence


def test_a_memory_error_is_one_sentence(
    complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*arguments: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("twin.tortuosity", no_memory)
    assert "not enough memory" in complaint("tortuosity", "good.npy", "--phase", "1")


@pytest.mark.parametrize(
    ("output", "work"), [("--vtk=o.vti", "writing the fields"), ("--plot=o.png", "a picture")]
)
def test_fields_that_do_not_fit_are_refused_before_the_solve(
    complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch, output: str, work: str
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 29 * 120)
    sentence = complaint("tortuosity", "good.npy", "--phase", "1", output)
    assert sentence.startswith(f"{work} on 6 x 5 x 4 voxels needs about ")


def test_the_memory_can_be_ignored(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 10)
    options = ["tortuosity", "good.npy", "--phase", "1"]
    assert main(options) == 2
    assert main([*options, "--ignore-memory"]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the following arguments are required: command; see 'twin --help'"),
        (("tortuos",), "invalid choice: 'tortuos'"),
        (("tortuosity", "good.npy"), "arguments are required: --phase; see 'twin tortuosity"),
        (("info", "good.npy", "--shade", "3"), "unrecognized arguments: --shade 3"),
        (("info", "good.npy", "--shape", "3,x"), "argument --shape: whole numbers"),
        (("info", "good.npy", "--shape", "3,3,3"), "which does not use shape="),
        (("info", "good.npy", "--rebin", "0"), "rebin"),
        (("tortuosity", "good.npy", "--phase", "1", "--sides", "open"), "--sides"),
    ],
)
def test_wrong_usage_is_one_sentence(
    complaint: Callable[..., str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in complaint(*arguments)
