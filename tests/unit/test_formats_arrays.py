"""RAW, .npy and .npz: bytes of arrays, mapped and not read."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.image_files import ellipsoids

from meshing.errors import InputError
from meshing.formats import read

SHAPE = (7, 10, 13)
# 20 GB: more than is read, or could be held, by the tests below.
VAST = (2000, 2500, 4000)
MEBIBYTE = 2**20


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


class TestRaw:
    @pytest.mark.parametrize("byteorder", ["little", "big"])
    @pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32"])
    def test_types_and_byte_orders(self, tmp_path: Path, dtype: str, byteorder: str) -> None:
        stored = ellipsoids().astype(np.dtype(dtype).newbyteorder(byteorder[0].upper()))
        stored.tofile(tmp_path / "a.raw")
        volume = read(tmp_path / "a.raw", shape=SHAPE, dtype=dtype, byteorder=byteorder)
        np.testing.assert_array_equal(volume.labels, ellipsoids())

    def test_the_type_may_carry_the_byte_order(self, tmp_path: Path) -> None:
        ellipsoids().astype(">u2").tofile(tmp_path / "a.raw")
        volume = read(tmp_path / "a.raw", shape=SHAPE, dtype=np.dtype(">u2"))
        np.testing.assert_array_equal(volume.labels, ellipsoids())

    def test_a_header_is_skipped(self, tmp_path: Path) -> None:
        (tmp_path / "a.raw").write_bytes(b"#" * 37 + ellipsoids().tobytes())
        volume = read(tmp_path / "a.raw", shape=SHAPE, dtype="uint8", offset=37)
        np.testing.assert_array_equal(volume.labels, ellipsoids())

    def test_two_axes(self, tmp_path: Path) -> None:
        ellipsoids()[0].tofile(tmp_path / "a.raw")
        assert read(tmp_path / "a.raw", shape=(10, 13), dtype="u1").shape == (10, 13, 1)

    def test_labels_stay_in_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.raw"
        ellipsoids().tofile(path)
        volume = read(path, shape=SHAPE, dtype="uint8")
        assert isinstance(volume.labels, np.memmap)
        volume.labels[...] = 9
        assert path.read_bytes() == ellipsoids().tobytes()

    @pytest.mark.parametrize(("offset", "header"), [(None, ""), (10, " after 10")])
    @pytest.mark.parametrize("size", [909, 921])
    def test_a_wrong_size(self, tmp_path: Path, size: int, offset: int | None, header: str) -> None:
        path = tmp_path / "a.raw"
        path.write_bytes(bytes(size))
        with told(
            f"{path} has {size} bytes, but shape (7, 10, 13) of uint8{header} needs "
            f"{910 + (offset or 0)}; check shape, dtype and offset"
        ):
            read(path, shape=SHAPE, dtype="uint8", offset=offset)

    @pytest.mark.parametrize("given", [{}, {"shape": SHAPE}, {"dtype": "uint8"}])
    def test_shape_and_type_are_needed(self, tmp_path: Path, given: dict[str, Any]) -> None:
        path = tmp_path / "a.raw"
        path.write_bytes(bytes(910))
        with told(
            f"{path} is RAW and says nothing about itself; give shape= and dtype=, such as "
            "shape=(200, 300, 400), dtype='uint8'"
        ):
            read(path, **given)

    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            (
                {"dtype": "uint7"},
                "there is no type 'uint7'; use one such as 'uint8', 'int16' or 'uint16'",
            ),
            ({"byteorder": "middle"}, "the byte order is 'little' or 'big', found 'middle'"),
            ({"offset": -4}, "the offset must not be negative, found -4"),
        ],
    )
    def test_bad_options(self, tmp_path: Path, given: dict[str, Any], sentence: str) -> None:
        path = tmp_path / "a.raw"
        path.write_bytes(bytes(910))
        with told(sentence):
            read(path, **({"shape": SHAPE, "dtype": "uint8"} | given))

    @pytest.mark.parametrize("shape", [(7, 10, -13), (0, 10, 13), (7, 10, 1.5)])
    def test_a_bad_shape(self, tmp_path: Path, shape: Any) -> None:
        path = tmp_path / "a.raw"
        path.write_bytes(bytes(910))
        with told(f"the shape of {path} must be positive integers, found {shape}"):
            read(path, shape=shape, dtype="uint8")

    def test_float_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "a.raw"
        ellipsoids().astype("f4").tofile(path)
        with pytest.raises(InputError, match="holds float32 values, not integer labels"):
            read(path, shape=SHAPE, dtype="float32")


class TestNpz:
    def test_the_only_image_is_taken(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", image=ellipsoids(), spacing=np.ones(3), grey=np.ones(SHAPE))
        np.testing.assert_array_equal(read(tmp_path / "a.npz").labels, ellipsoids())

    def test_several_images(self, tmp_path: Path) -> None:
        path = tmp_path / "a.npz"
        np.savez(path, a=ellipsoids(), b=ellipsoids().astype("u2"))
        with told(
            f"{path} holds 2 images; choose one by dataset=: "
            "'a' (7 x 10 x 13 uint8), 'b' (7 x 10 x 13 uint16)"
        ):
            read(path)
        np.testing.assert_array_equal(read(path, dataset="b").labels, ellipsoids())

    def test_an_unknown_array(self, tmp_path: Path) -> None:
        path = tmp_path / "a.npz"
        np.savez(path, labels=ellipsoids(), voxel=np.ones(3))
        with told(
            f"{path} has no dataset 'label'; it holds 'labels' (7 x 10 x 13 uint8), "
            "'voxel' (3 float64); did you mean 'labels'?"
        ):
            read(path, dataset="label")

    def test_no_image(self, tmp_path: Path) -> None:
        path = tmp_path / "a.npz"
        np.savez(path, grey=np.ones(SHAPE), voxel=np.ones(3, int), note="text")
        with pytest.raises(InputError, match="holds no array of integer labels with 2 or 3 axes"):
            read(path)


class TestLaziness:
    """A sparse file of 20 GB takes no room on the disk; its crop must take none in memory."""

    @pytest.fixture
    def vast(self, tmp_path: Path) -> tuple[Path, np.ndarray]:
        """20 GB of zeros with a small block of labels at (1500, 2000, 3000)."""
        path = tmp_path / "vast.npy"
        stored = np.lib.format.open_memmap(path, "w+", np.uint8, VAST)
        if path.stat().st_blocks * 512 > 100 * MEBIBYTE:
            pytest.skip("this file system has no sparse files: the test would write 20 GB")
        block = np.random.default_rng(9).integers(0, 5, (20, 30, 40), dtype=np.uint8)
        stored[1500:1520, 2000:2030, 3000:3040] = block
        stored.flush()
        return path, block

    @pytest.mark.parametrize("name", ["vast.npy", "vast.raw", "vast.mha", "vast.nrrd"])
    def test_a_crop_of_20_gb_reads_little(
        self, tmp_path: Path, vast: tuple[Path, np.ndarray], name: str
    ) -> None:
        path, block = vast
        offset = path.stat().st_size - int(np.prod(VAST))
        options: dict[str, Any] = {}
        axes = "xyz"
        if name == "vast.raw":
            path = path.rename(tmp_path / name)
            options = {"shape": VAST, "dtype": "uint8", "offset": offset}
        elif name != "vast.npy":
            # x runs fastest in these two: the stored axes are those of the array, reversed.
            path, axes = detached_header(path, tmp_path / name, offset), "zyx"
        box = "1500:1520, 2000:2030, 3000:3040"
        read(path, axes=axes, crop="0:1, 0:1, 0:1", **options)  # imports what it needs
        tracemalloc.start()
        volume = read(path, axes=axes, crop=box, **options)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        np.testing.assert_array_equal(volume.labels, block)
        assert peak < 4 * MEBIBYTE

    def test_a_whole_volume_of_20_gb_is_not_read(self, vast: tuple[Path, np.ndarray]) -> None:
        path, block = vast
        tracemalloc.start()
        volume = read(path, spacing="50nm", phases={"pore": 0, "solid": (1, 2, 3, 4)})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert volume.shape == VAST
        np.testing.assert_array_equal(volume.labels[1500:1520, 2000:2030, 3000:3040], block)
        assert peak < 4 * MEBIBYTE

    def test_a_map_that_cannot_be_private_is_for_reading(self, tmp_path: Path) -> None:
        from meshing.formats.image import private_map

        modes = []

        def refuse_to_promise_memory(mode: str) -> Any:
            modes.append(mode)
            if mode == "c":
                raise OSError(12, "Cannot allocate memory")
            return np.zeros(3)

        private_map(refuse_to_promise_memory)
        assert modes == ["c", "r"]


def detached_header(data: Path, path: Path, offset: int) -> Path:
    """A header beside the bytes of a .npy file."""
    nx, ny, nz = VAST
    if path.suffix == ".mha":
        text = (
            f"ObjectType = Image\nNDims = 3\nDimSize = {nz} {ny} {nx}\nHeaderSize = -1\n"
            f"ElementType = MET_UCHAR\nElementDataFile = {data.name}\n"
        )
    else:
        raw = data.with_suffix(".raw")
        raw.hardlink_to(data)
        text = (
            f"NRRD0004\ntype: uint8\ndimension: 3\nsizes: {nz} {ny} {nx}\nencoding: raw\n"
            f"byte skip: -1\ndata file: {raw.name}\n"
        )
    path.write_text(text)
    return path
