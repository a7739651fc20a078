"""NRRD and MetaImage: what their headers may say, written by hand and by other libraries."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from support.image_files import ellipsoids

from meshing.errors import InputError
from meshing.formats import read

X_FASTEST = ellipsoids().ravel(order="F")


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


def nrrd_file(path: Path, fields: str, data: bytes, kind: str = "uint8") -> Path:
    header = f"NRRD0004\ntype: {kind}\ndimension: 3\nsizes: 7 10 13\n{fields}\n"
    path.write_bytes(header.encode() + b"\n" + data)
    return path


def meta_file(path: Path, fields: str, data: bytes, name: str = "LOCAL") -> Path:
    header = f"ObjectType = Image\nNDims = 3\nDimSize = 7 10 13\n{fields}\n"
    path.write_bytes(f"{header}ElementDataFile = {name}\n".encode() + data)
    return path


class TestNrrd:
    @pytest.mark.parametrize("kind", ["uchar", "unsigned char", "uint8_t", "int8"])
    @pytest.mark.parametrize("encoding", ["raw", "gzip"])
    def test_names_of_types(self, tmp_path: Path, kind: str, encoding: str) -> None:
        data = X_FASTEST.tobytes()
        data = gzip.compress(data) if encoding == "gzip" else data
        path = nrrd_file(tmp_path / "a.nrrd", f"encoding: {encoding}", data, kind)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize("endian", ["little", "big"])
    @pytest.mark.parametrize("kind", ["short", "ushort", "unsigned int", "uint32", "longlong"])
    def test_byte_orders(self, tmp_path: Path, kind: str, endian: str) -> None:
        numpy_type = {"short": "i2", "ushort": "u2", "longlong": "i8"}.get(kind, "u4")
        data = X_FASTEST.astype({"little": "<", "big": ">"}[endian] + numpy_type).tobytes()
        path = nrrd_file(tmp_path / "a.nrrd", f"encoding: raw\nendian: {endian}", data, kind)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize(
        ("skip", "junk"), [("byte skip: 12", 12), ("byte skip: -1", 40), ("line skip: 0", 0)]
    )
    def test_bytes_before_the_data(self, tmp_path: Path, skip: str, junk: int) -> None:
        data = b"#" * junk + X_FASTEST.tobytes()
        path = nrrd_file(tmp_path / "a.nrrd", f"encoding: raw\n{skip}", data)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    def test_lines_before_the_data(self, tmp_path: Path) -> None:
        data = b"first\nsecond\n" + X_FASTEST.tobytes()
        path = nrrd_file(tmp_path / "a.nrrd", "encoding: raw\nline skip: 2", data)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize(
        ("fields", "steps"),
        [
            ("spacings: 0.5 0.25 2", (0.5e-3, 0.25e-3, 2e-3)),
            ('spacings: 0.5 0.25 2\nunits: "um" "um" "um"', (0.5e-6, 0.25e-6, 2e-6)),
            (
                "space dimension: 3\nspace directions: (0,0.5,0) (-0.25,0,0) (0,0,2)\n"
                'space units: "nm" "nm" "nm"',
                (0.5e-9, 0.25e-9, 2e-9),
            ),
            (
                "space: left-posterior-superior\nspace directions: (0.3,0.4,0) (0,0.25,0) (0,0,2)",
                (0.5e-3, 0.25e-3, 2e-3),
            ),
        ],
    )
    def test_spacing(self, tmp_path: Path, fields: str, steps: tuple[float, ...]) -> None:
        path = nrrd_file(tmp_path / "a.nrrd", f"encoding: raw\n{fields}", X_FASTEST.tobytes())
        np.testing.assert_allclose(read(path).spacing, steps, rtol=1e-12)

    @pytest.mark.parametrize(
        "fields", ["", "spacings: 1 1 1", 'spacings: 2 2 2\nunits: "pixel" "pixel" "pixel"']
    )
    def test_no_spacing(self, tmp_path: Path, fields: str) -> None:
        header = f"encoding: raw\n{fields}".strip()
        path = nrrd_file(tmp_path / "a.nrrd", header, X_FASTEST.tobytes())
        assert not read(path).spacing_known

    def test_colours(self, tmp_path: Path) -> None:
        path = tmp_path / "a.nrrd"
        header = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 10 13\nencoding: raw\n"
        header += "kinds: RGB-color domain domain\n\n"
        path.write_bytes(header.encode() + bytes(390))
        with told(f"{path} is a colour image; store one integer label per voxel"):
            read(path)

    def test_a_missing_data_file(self, tmp_path: Path) -> None:
        path = nrrd_file(tmp_path / "a.nhdr", "encoding: raw\ndata file: b.raw", b"")
        with pytest.raises(InputError, match=r"^cannot read .*a\.nhdr as NRRD: .*b\.raw"):
            read(path)


class TestMetaImage:
    @pytest.mark.parametrize(
        ("kind", "numpy_type"),
        [
            ("MET_UCHAR", "u1"),
            ("MET_CHAR", "i1"),
            ("MET_USHORT", "u2"),
            ("MET_SHORT", "i2"),
            ("MET_UINT", "u4"),
            ("MET_INT", "i4"),
        ],
    )
    @pytest.mark.parametrize("msb", ["False", "True"])
    def test_types_and_byte_orders(
        self, tmp_path: Path, kind: str, numpy_type: str, msb: str
    ) -> None:
        data = X_FASTEST.astype((">" if msb == "True" else "<") + numpy_type).tobytes()
        fields = f"ElementType = {kind}\nBinaryDataByteOrderMSB = {msb}"
        path = meta_file(tmp_path / "a.mha", fields, data)
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize(("skip", "junk"), [("12", 12), ("-1", 40)])
    def test_bytes_before_the_data(self, tmp_path: Path, skip: str, junk: int) -> None:
        (tmp_path / "a.raw").write_bytes(b"#" * junk + X_FASTEST.tobytes())
        fields = f"ElementType = MET_UCHAR\nHeaderSize = {skip}"
        path = meta_file(tmp_path / "a.mhd", fields, b"", "a.raw")
        np.testing.assert_array_equal(read(path).labels, ellipsoids())

    @pytest.mark.parametrize("name", ["LIST", "slice%03d.raw 1 13 1"])
    def test_a_file_per_slice(self, tmp_path: Path, name: str) -> None:
        path = meta_file(tmp_path / "a.mhd", "ElementType = MET_UCHAR", b"s1.raw", name)
        with told(
            f"{path} keeps its data in several files; store them in one, such as an .mha file"
        ):
            read(path)

    @pytest.mark.parametrize(
        "fields", ["ElementType = MET_STRING", "ElementType = MET_UCHAR\nBinaryData = False"]
    )
    def test_values_as_text(self, tmp_path: Path, fields: str) -> None:
        path = meta_file(tmp_path / "a.mha", fields, b"0 1 2 0 1")
        with pytest.raises(InputError, match="are not numbers in binary form"):
            read(path)

    @pytest.mark.parametrize("compressed", [False, True])
    @pytest.mark.parametrize("name", ["a.mha", "a.mhd"])
    def test_what_simpleitk_writes(self, tmp_path: Path, name: str, compressed: bool) -> None:
        sitk = pytest.importorskip("SimpleITK", reason="SimpleITK is not installed")
        image = sitk.GetImageFromArray(ellipsoids().transpose(2, 1, 0))
        image.SetSpacing((0.04, 0.05, 0.065))
        sitk.WriteImage(image, str(tmp_path / name), useCompression=compressed)
        volume = read(tmp_path / name)
        np.testing.assert_array_equal(volume.labels, ellipsoids())
        np.testing.assert_allclose(volume.spacing, (4e-5, 5e-5, 6.5e-5), rtol=1e-12)

    def test_no_spacing(self, tmp_path: Path) -> None:
        for fields in ("", "\nElementSpacing = 1 1 1"):
            kind = f"ElementType = MET_UCHAR{fields}"
            path = meta_file(tmp_path / "a.mha", kind, X_FASTEST.tobytes())
            assert not read(path).spacing_known

    def test_colours(self, tmp_path: Path) -> None:
        fields = "ElementType = MET_UCHAR\nElementNumberOfChannels = 3"
        path = meta_file(tmp_path / "a.mha", fields, bytes(2730))
        with told(f"{path} is a colour image; store one integer label per voxel"):
            read(path)

    def test_a_missing_data_file(self, tmp_path: Path) -> None:
        path = meta_file(tmp_path / "a.mhd", "ElementType = MET_UCHAR", b"", "b.raw")
        with told(f"{path} keeps its data in {tmp_path / 'b.raw'}, which does not exist"):
            read(path)

    def test_a_header_without_a_size(self, tmp_path: Path) -> None:
        path = tmp_path / "a.mha"
        path.write_text("NDims = 3\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n")
        with told(
            f"cannot read {path} as MetaImage: its header has no DimSize; "
            "the file may be truncated or not be MetaImage"
        ):
            read(path)
