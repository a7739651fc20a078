"""MetaImage, .mha and .mhd: memory-mapped where stored plainly, read whole where compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Image, Request, map_file, without_unit

__all__ = ["open_metaimage"]

_TYPES: Final = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
    "MET_ULONG": "u4",
    "MET_LONG": "i4",
    "MET_ULONG_LONG": "u8",
    "MET_LONG_LONG": "i8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_NEEDED: Final = ("NDims", "DimSize", "ElementType", "ElementDataFile")
# A header is a few hundred bytes; the line ElementDataFile ends it.
_HEADER_LINES: Final = 200


@contextmanager
def open_metaimage(request: Request) -> Iterator[Image]:
    """Open a MetaImage; array axes x, y, z are the file's axes, the first runs fastest on disk.

    The spacing is in millimetres, as in the programs that write this format.
    """
    header, offset = _header(request.path)
    if int(header.get("ElementNumberOfChannels", "1")) > 1:
        raise InputError(f"{request.path} is a colour image; store one integer label per voxel")
    shape = tuple(int(n) for n in header["DimSize"].split())
    data = _data(request.path, header, offset, shape)
    steps = header.get("ElementSpacing", header.get("ElementSize", ""))
    spacing = without_unit(map(float, steps.split()), "mm") if steps else None
    yield Image(data, spacing, slow=len(shape) - 1)


def _data(
    path: Path, header: Mapping[str, str], offset: int, shape: tuple[int, ...]
) -> npt.NDArray[Any]:
    """The stored array: x runs fastest, so that it is the transpose of one in C order."""
    dtype = _type(header)
    file, start = _data_file(path, header, offset)
    if _true(header.get("CompressedData", "False")):
        octets = zlib.decompress(file.read_bytes()[start:])
        return np.frombuffer(octets, dtype).reshape(shape[::-1]).T
    skip = int(header.get("HeaderSize", "0"))
    if skip < 0:
        # The data are the end of the file.
        skip = file.stat().st_size - int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return map_file(file, dtype, shape[::-1], skip or start).T


def _type(header: Mapping[str, str]) -> np.dtype[Any]:
    kind = header["ElementType"]
    if kind not in _TYPES or not _true(header.get("BinaryData", "True")):
        raise ValueError(f"its values, {kind}, are not numbers in binary form")
    msb = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", "False"))
    return np.dtype((">" if _true(msb) else "<") + _TYPES[kind])


def _header(path: Path) -> tuple[dict[str, str], int]:
    """Fields of the header, and the number of bytes that it takes."""
    fields: dict[str, str] = {}
    with path.open("rb") as file:
        for _ in range(_HEADER_LINES):
            key, equals, value = file.readline().decode("latin-1").partition("=")
            if not equals or "ElementDataFile" in fields:
                break
            fields[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                return _complete(fields), file.tell()
    return _complete(fields), 0


def _complete(fields: dict[str, str]) -> dict[str, str]:
    missing = [name for name in _NEEDED if name not in fields]
    if missing:
        raise ValueError(f"its header has no {missing[0]}")
    return fields


def _data_file(path: Path, header: Mapping[str, str], offset: int) -> tuple[Path, int]:
    """File that holds the data, and the byte where they start."""
    name = header["ElementDataFile"]
    if name == "LOCAL":
        return path, offset
    if name.split()[0] == "LIST" or "%" in name:
        raise InputError(
            f"{path} keeps its data in several files; store them in one, such as an .mha file"
        )
    if not (path.parent / name).is_file():
        raise InputError(f"{path} keeps its data in {path.parent / name}, which does not exist")
    return path.parent / name, 0


def _true(value: str) -> bool:
    return value.lower() == "true"
