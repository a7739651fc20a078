"""MetaImage, .mha and .mhd: memory-mapped where stored plainly, else read whole by VTK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Image, Request, map_file, without_unit
from meshing.formats.vtk_reading import as_numpy, vtk_errors

__all__ = ["open_metaimage"]

_TYPES: Final = {
    "MET_UCHAR": "u1",
    "MET_CHAR": "i1",
    "MET_USHORT": "u2",
    "MET_SHORT": "i2",
    "MET_UINT": "u4",
    "MET_INT": "i4",
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
    name = header["ElementDataFile"]
    several = name.split()[0] == "LIST" or "%" in name
    text = not _true(header.get("BinaryData", "True"))
    if several or text or header["ElementType"] not in _TYPES:
        return _decoded(path, shape)
    file, start = _data_file(path, header, offset)
    if not _true(header.get("CompressedData", "False")):
        return _mapped(header, file, start, shape)
    if file.stat().st_size - start < int(header.get("CompressedDataSize", "0")):
        raise ValueError(f"{file.name} is shorter than its header says")
    return _decoded(path, shape)


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
    if not (path.parent / name).is_file():
        raise InputError(f"{path} keeps its data in {path.parent / name}, which does not exist")
    return path.parent / name, 0


def _mapped(
    header: Mapping[str, str], file: Path, offset: int, shape: tuple[int, ...]
) -> npt.NDArray[Any]:
    """Memory map of binary data stored plainly."""
    msb = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", "False"))
    dtype = np.dtype((">" if _true(msb) else "<") + _TYPES[header["ElementType"]])
    skip = int(header.get("HeaderSize", "0"))
    if skip < 0:
        skip = file.stat().st_size - int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return map_file(file, dtype, shape[::-1], skip or offset).T


def _true(value: str) -> bool:
    return value.lower() == "true"


def _decoded(path: Path, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    from vtkmodules.vtkIOImage import vtkMetaImageReader

    reader = vtkMetaImageReader()
    reader.SetFileName(str(path))
    with vtk_errors():
        reader.Update()
    values = as_numpy(reader.GetOutput().GetPointData().GetScalars())
    return values.reshape(shape[::-1]).T
