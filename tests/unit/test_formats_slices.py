"""Folders and patterns of slices, and single pictures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from support.image_files import ellipsoids, write_png_slices, write_slices

from meshing.errors import InputError
from meshing.formats import read, slices

STEPS = (1.0, 1.0, 1.0)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


def test_slices_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = write_slices(tmp_path / "scan", ellipsoids(), STEPS)
    names = [file.name for file in slices.slice_files(folder)]
    assert names == [f"slice_{n}.tif" for n in range(4, 11)]


def test_a_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_slices(tmp_path / "scan", ellipsoids(), STEPS)
    monkeypatch.chdir(tmp_path)
    for pattern in ("scan/slice_[4-6].tif", tmp_path / "sc*" / "slice_?.tif"):
        count = 3 if "[" in str(pattern) else 6
        np.testing.assert_array_equal(read(pattern).labels, ellipsoids()[:count])


def test_a_pattern_with_brackets_that_is_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "scan[1].npy", ellipsoids())
    assert read(tmp_path / "scan[1].npy").shape == (7, 10, 13)


def test_only_the_slices_of_a_crop_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = write_png_slices(tmp_path / "scan", ellipsoids(), STEPS)
    opened: list[str] = []
    original = slices._read_picture

    def counted(file: Path) -> object:
        opened.append(file.name)
        return original(file)

    monkeypatch.setattr(slices, "_read_picture", counted)
    read(pattern, crop="3:5, 1:4, :")
    # The first slice tells the shape.
    assert opened == ["000.png", "003.png", "004.png"]


def test_square_pixels_of_slices_are_cubic_voxels(tmp_path: Path) -> None:
    for number in range(3):
        tifffile.imwrite(
            tmp_path / f"{number}.tif",
            ellipsoids()[number],
            resolution=(2e4, 2e4),
            resolutionunit="CENTIMETER",
        )
    np.testing.assert_allclose(read(tmp_path).spacing, [0.5e-6] * 3, rtol=1e-12)


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16"])
def test_modes_of_a_picture(tmp_path: Path, mode: str) -> None:
    labels = ellipsoids()[0] > 0 if mode == "1" else ellipsoids()[0]
    picture = Image.fromarray(labels.astype(np.uint16) if mode == "I;16" else labels)
    if mode == "P":
        picture.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    picture.save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as stored:
        assert stored.mode == mode
    volume = read(tmp_path / "a.png")
    assert volume.shape == (10, 13, 1)
    np.testing.assert_array_equal(volume.labels[:, :, 0], labels)
    part = read(tmp_path / "a.png", crop="1:9, 2:7, :")
    np.testing.assert_array_equal(part.labels[:, :, 0], labels[1:9, 2:7])


def test_a_colour_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((10, 12, 3), np.uint8)).save(path)
    with told(f"{path} is a colour image (RGB); store one integer label per pixel"):
        read(path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with told(
        f"the folder {tmp_path} holds no image (.tif, .tiff, .png, .bmp); "
        "give the folder or the pattern of the slices"
    ):
        read(tmp_path)


def test_a_pattern_without_a_file(tmp_path: Path) -> None:
    pattern = tmp_path / "*.tif"
    with told(f"no file matches {pattern}; give the folder or the pattern of the slices"):
        read(pattern)


def test_several_kinds_of_images(tmp_path: Path) -> None:
    write_slices(tmp_path / "scan", ellipsoids(), STEPS)
    Image.fromarray(ellipsoids()[0]).save(tmp_path / "scan" / "overview.png")
    folder = tmp_path / "scan"
    with told(
        f"{folder} holds images of several kinds (.png, .tif); "
        f"choose one by a pattern such as {folder}/*.png"
    ):
        read(folder)


def test_a_pattern_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with told(
        f"cannot read {tmp_path / 'a.txt'} as a slice; slices are images: .tif, .tiff, .png, .bmp"
    ):
        read(tmp_path / "*.txt")


def test_slices_of_different_shape(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "1.tif", np.zeros((10, 12), np.uint8))
    tifffile.imwrite(tmp_path / "2.tif", np.zeros((10, 13), np.uint8))
    with told(
        "slices differ in shape: 1.tif has (10, 12) pixels and 2.tif has (10, 13); "
        "crop them to one shape"
    ):
        read(tmp_path)


def test_slices_of_different_type(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "1.tif", np.zeros((10, 12), np.uint8))
    tifffile.imwrite(tmp_path / "2.tif", np.zeros((10, 12), np.float32))
    with told(
        "slices differ in type: 1.tif holds uint8 and 2.tif holds float32; "
        "store all of them as one type"
    ):
        read(tmp_path)


def test_a_stack_among_slices(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "1.tif", ellipsoids())
    with told(
        f"{tmp_path / '1.tif'} holds an image of shape (7, 10, 13); "
        "a slice has rows and columns only"
    ):
        read(tmp_path)
