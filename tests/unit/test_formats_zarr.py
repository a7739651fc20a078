"""Zarr: arrays, groups and OME-NGFF, in both versions of the format."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import zarr
from support.image_files import ellipsoids, write_zarr

from meshing.errors import InputError
from meshing.formats import read

STEPS = (40e-9, 50e-9, 65e-9)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", ["a.zarr", "scan"])
def test_an_array(tmp_path: Path, zarr_format: int, name: str) -> None:
    path = tmp_path / name
    array = zarr.create_array(
        str(path), shape=(7, 10, 13), chunks=(3, 4, 5), dtype="u2", zarr_format=zarr_format
    )
    array[...] = ellipsoids()
    volume = read(path)
    np.testing.assert_array_equal(volume.labels, ellipsoids())
    assert not volume.spacing_known


def test_ngff_05(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    write_zarr(path, ellipsoids(), STEPS)
    newer = zarr.create_group(str(tmp_path / "b.zarr"), zarr_format=3)
    newer.create_array("0", data=ellipsoids()[None, None])
    newer.attrs["ome"] = {"multiscales": zarr.open(str(path), mode="r").attrs["multiscales"]}
    volume = read(tmp_path / "b.zarr")
    np.testing.assert_array_equal(volume.labels, ellipsoids())
    np.testing.assert_allclose(volume.spacing, STEPS, rtol=1e-12)


def test_another_resolution(tmp_path: Path) -> None:
    write_zarr(tmp_path / "a.zarr", ellipsoids(), STEPS)
    volume = read(tmp_path / "a.zarr", dataset="1")
    np.testing.assert_array_equal(volume.labels, ellipsoids()[::2, ::2, ::2])


def test_arrays_of_a_group(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    group = zarr.create_group(str(path))
    group.create_array("scan/labels", data=ellipsoids())
    group.create_array("scan/grey", data=ellipsoids().astype("f4"))
    np.testing.assert_array_equal(read(path).labels, ellipsoids())
    with told(
        f"{path} has no dataset 'scan/lables'; it holds 'scan/grey' (7 x 10 x 13 float32), "
        "'scan/labels' (7 x 10 x 13 uint8); did you mean 'scan/labels'?"
    ):
        read(path, dataset="scan/lables")


def test_several_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    group = zarr.create_group(str(path))
    for name in "ab":
        group.create_array(name, data=ellipsoids())
    with told(
        f"{path} holds 2 images; choose one by dataset=: 'a' (7 x 10 x 13 uint8), "
        "'b' (7 x 10 x 13 uint8)"
    ):
        read(path)


def test_a_folder_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    path.mkdir()
    with pytest.raises(InputError, match=r"^cannot read .*a\.zarr as Zarr: "):
        read(path)


def test_only_the_chunks_of_a_crop_are_read(tmp_path: Path) -> None:
    """An array of 8 GB of which one chunk is written: a crop of it stays small."""
    path = tmp_path / "a.zarr"
    vast = zarr.create_array(str(path), shape=(2000,) * 3, chunks=(50,) * 3, dtype="u1")
    vast[1000:1007, 1000:1010, 1000:1013] = ellipsoids()
    read(path, crop="0:1, 0:1, 0:1")
    tracemalloc.start()
    volume = read(path, crop="1000:1007, 1000:1010, 1000:1013")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(volume.labels, ellipsoids())
    assert peak < 4 * 2**20
