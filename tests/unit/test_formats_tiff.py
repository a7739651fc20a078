"""TIFF: where the spacing comes from, what is read of the file, and what is refused."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image
from support.image_files import ellipsoids, write_compressed_tiff

from meshing.errors import InputError
from meshing.formats import read


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.tif"


def imagej(path: Path, unit: str, page_step: float | None, pixels_per_unit: float) -> None:
    metadata: dict[str, Any] = {"unit": unit, "axes": "ZYX"}
    if page_step is not None:
        metadata["spacing"] = page_step
    resolution = (pixels_per_unit, pixels_per_unit)
    tifffile.imwrite(path, ellipsoids(), imagej=True, resolution=resolution, metadata=metadata)


class TestSpacing:
    @pytest.mark.parametrize(
        ("unit", "metres"),
        [
            ("nm", 1e-9),
            ("micron", 1e-6),
            ("um", 1e-6),
            ("\\u00B5m", 1e-6),
            ("mm", 1e-3),
            ("cm", 1e-2),
        ],
    )
    def test_units_of_imagej(self, path: Path, unit: str, metres: float) -> None:
        imagej(path, unit, page_step=0.75, pixels_per_unit=4.0)
        expected = (0.75 * metres, 0.25 * metres, 0.25 * metres)
        np.testing.assert_allclose(read(path).spacing, expected, rtol=1e-12)

    def test_imagej_leaves_out_a_distance_of_one(self, path: Path) -> None:
        imagej(path, "um", page_step=None, pixels_per_unit=4.0)
        np.testing.assert_allclose(read(path).spacing, (1e-6, 0.25e-6, 0.25e-6), rtol=1e-12)

    @pytest.mark.parametrize("unit", ["pixel", "", "furlong"])
    def test_a_unit_that_is_no_length(self, path: Path, unit: str) -> None:
        imagej(path, unit, page_step=0.75, pixels_per_unit=4.0)
        assert not read(path).spacing_known

    @pytest.mark.parametrize(
        ("unit", "metres"), [("CENTIMETER", 1e-2), ("MILLIMETER", 1e-3), ("MICROMETER", 1e-6)]
    )
    def test_square_pixels_are_taken_as_cubic_voxels(
        self, path: Path, unit: str, metres: float
    ) -> None:
        tifffile.imwrite(path, ellipsoids(), resolution=(4.0, 4.0), resolutionunit=unit)
        np.testing.assert_allclose(read(path).spacing, [0.25 * metres] * 3, rtol=1e-12)

    def test_the_density_of_a_print_is_no_spacing(self, path: Path) -> None:
        tifffile.imwrite(path, ellipsoids(), resolution=(72.0, 72.0), resolutionunit="INCH")
        assert not read(path).spacing_known

    def test_oblong_pixels_leave_the_page_distance_open(self, path: Path) -> None:
        tifffile.imwrite(path, ellipsoids(), resolution=(2e4, 1e4), resolutionunit="CENTIMETER")
        with told(
            f"{path} states the pixel size 1e-06 m x 5e-07 m but not the distance between its "
            "pages; give the spacing of the three axes"
        ):
            read(path)
        assert read(path, spacing="1um").spacing == (1e-6, 1e-6, 1e-6)

    def test_oblong_pixels_of_an_image_are_enough(self, path: Path) -> None:
        pixels = ellipsoids()[0]
        tifffile.imwrite(path, pixels, resolution=(2e4, 1e4), resolutionunit="CENTIMETER")
        np.testing.assert_allclose(read(path).spacing, (1e-6, 0.5e-6, 1e-6), rtol=1e-12)

    def test_ome_without_units_is_in_micrometres(self, path: Path) -> None:
        metadata = {"axes": "ZYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.4, "PhysicalSizeZ": 2.0}
        tifffile.imwrite(path, ellipsoids(), ome=True, metadata=metadata)
        np.testing.assert_allclose(read(path).spacing, (2e-6, 0.4e-6, 0.5e-6), rtol=1e-12)


class TestReading:
    @pytest.mark.parametrize("byteorder", ["<", ">"])
    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32"])
    def test_types_and_byte_orders(self, path: Path, byteorder: Any, dtype: str) -> None:
        tifffile.imwrite(path, ellipsoids().astype(dtype), byteorder=byteorder)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize("options", [{"imagej": True}, {"truncate": True}, {"bigtiff": True}])
    def test_variants_of_a_plain_stack(self, path: Path, options: dict[str, bool]) -> None:
        """In the first, tifffile calls the pages channels where nobody names the axes."""
        tifffile.imwrite(path, ellipsoids(), **options)  # type: ignore[arg-type]
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize(
        "options", [{"tile": (16, 16, 16)}, {"rowsperstrip": 3}, {"predictor": True}]
    )
    def test_variants_of_a_compressed_stack(self, path: Path, options: dict[str, Any]) -> None:
        options = {"compression": "zlib", "photometric": "minisblack", **options}
        tifffile.imwrite(path, ellipsoids(), volumetric="tile" in options, **options)
        np.testing.assert_array_equal(
            read(path, crop="1:6, :, 2:9").labels, ellipsoids()[1:6, :, 2:9]
        )

    @pytest.mark.parametrize("options", [{}, {"metadata": None}, {"contiguous": True}])
    def test_pages_written_one_by_one(self, path: Path, options: dict[str, Any]) -> None:
        with tifffile.TiffWriter(path) as file:
            for page in ellipsoids():
                file.write(page, resolution=(2e4, 2e4), resolutionunit="CENTIMETER", **options)
        volume = read(path, crop="1:6, :, 2:9")
        np.testing.assert_array_equal(volume.labels, ellipsoids()[1:6, :, 2:9])
        np.testing.assert_allclose(volume.spacing, [0.5e-6] * 3, rtol=1e-12)

    def test_plain_labels_stay_in_the_file(self, path: Path) -> None:
        tifffile.imwrite(path, ellipsoids())
        volume = read(path, phases={"pore": 0})
        assert isinstance(volume.labels, np.memmap)
        volume.labels[...] = 9
        np.testing.assert_array_equal(tifffile.imread(path), ellipsoids())

    @pytest.mark.parametrize("compression", ["zlib", "packbits", "lzma"])
    def test_only_the_pages_of_a_crop_are_decoded(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, compression: str
    ) -> None:
        tifffile.imwrite(path, ellipsoids(), compression=compression)
        decoded = []
        original = tifffile.TiffPage.asarray

        def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
            decoded.append(self.index)
            return original(self, *args, **kwargs)

        monkeypatch.setattr(tifffile.TiffPage, "asarray", counted)
        monkeypatch.setattr(tifffile.TiffFrame, "asarray", counted)
        volume = read(path, crop="2:5, :, :")
        np.testing.assert_array_equal(volume.labels, ellipsoids()[2:5])
        assert decoded == [2, 3, 4]

    @pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
    def test_one_bit_labels_are_the_stored_bits(self, path: Path, photometric: str) -> None:
        bits = ellipsoids() > 0
        tifffile.imwrite(path, bits, photometric=photometric, compression="zlib")
        with tifffile.TiffFile(path) as stored:
            assert stored.pages[0].bitspersample == 1
        np.testing.assert_array_equal(read(path).labels, bits)

    def test_tiles(self, path: Path) -> None:
        labels = np.random.default_rng(1).integers(0, 3, (3, 40, 50), dtype=np.uint8)
        tifffile.imwrite(path, labels, tile=(16, 16), compression="zlib", photometric="minisblack")
        np.testing.assert_array_equal(read(path, crop=":, 5:33, 7:50").labels, labels[:, 5:33, 7:])

    def test_one_page(self, path: Path) -> None:
        tifffile.imwrite(path, ellipsoids()[0])
        np.testing.assert_array_equal(read(path).labels[:, :, 0], ellipsoids()[0])

    @pytest.mark.parametrize("compression", [None, "packbits", "tiff_deflate", "tiff_lzw"])
    def test_pages_of_any_writer(self, path: Path, compression: str | None) -> None:
        """One page after another without metadata, as other programs write them."""
        if compression == "tiff_lzw":
            pytest.importorskip("imagecodecs", reason="imagecodecs is not installed")
        pages = [Image.fromarray(page) for page in ellipsoids()]
        pages[0].save(path, save_all=True, append_images=pages[1:], compression=compression)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())


class TestRefusing:
    def test_a_colour_image(self, path: Path) -> None:
        tifffile.imwrite(path, np.zeros((10, 12, 3), np.uint8), photometric="rgb")
        with told(
            f"{path} is a colour image, axes YXS of shape (10, 12, 3); "
            "store one integer label per pixel"
        ):
            read(path)

    def test_channels(self, path: Path) -> None:
        labels = np.zeros((7, 2, 10, 13), np.uint8)
        tifffile.imwrite(path, labels, imagej=True, metadata={"axes": "ZCYX"})
        with pytest.raises(InputError, match=r"has 4 axes, shape \(7, 2, 10, 13\)"):
            read(path)

    def test_pages_of_different_shape(self, path: Path) -> None:
        with tifffile.TiffWriter(path) as file:
            file.write(np.zeros((10, 12), np.uint8))
            file.write(np.zeros((10, 13), np.uint8))
        with told(f"{path} holds 2 images: (10, 12) uint8 and (10, 13) uint8; store one per file"):
            read(path)

    def test_pages_that_ome_promises_and_the_file_lacks(self, path: Path) -> None:
        write_compressed_tiff(path, ellipsoids(), (1e-6,) * 3)
        with tifffile.TiffFile(path) as file:
            promised = str(file.ome_metadata).replace('SizeZ="7"', 'SizeZ="9"')
        tifffile.imwrite(path, ellipsoids(), description=promised, metadata=None)
        with told(
            f"cannot read {path} as TIFF: 2 of 9 pages are missing; "
            "the file may be truncated or not be TIFF"
        ):
            read(path)

    def test_what_the_library_only_logs(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a page is short of data, tifffile logs an error and fills up with zeros."""
        tifffile.imwrite(path, ellipsoids(), compression="zlib")

        def short_of_data(self: Any) -> Any:
            logging.getLogger("tifffile").error("expected 3 segments, got 1")
            return np.zeros((10, 13), np.uint8)

        monkeypatch.setattr(tifffile.TiffPage, "asarray", short_of_data)
        with told(
            f"cannot read {path} as TIFF: expected 3 segments, got 1; "
            "the file may be truncated or not be TIFF"
        ):
            read(path)
        assert not logging.getLogger("tifffile").handlers

    def test_time_steps(self, path: Path) -> None:
        labels = np.zeros((2, 7, 10, 13), np.uint8)
        tifffile.imwrite(path, labels, imagej=True, metadata={"axes": "TZYX"})
        with pytest.raises(InputError, match=r"has 4 axes, shape \(2, 7, 10, 13\)"):
            read(path)

    def test_a_compression_that_needs_another_package(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tifffile.imwrite(path, ellipsoids(), compression="zlib")

        def without_the_package(self: Any) -> None:
            raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

        monkeypatch.setattr(tifffile.TiffPage, "asarray", without_the_package)
        with told(
            f"{path} is compressed by ADOBE_DEFLATE, which needs a package that is not installed: "
            "pip install imagecodecs"
        ):
            read(path)
