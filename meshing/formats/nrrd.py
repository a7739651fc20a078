"""NRRD: memory-mapped where the data are stored plainly, read whole where they are compressed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Image, Request, Steps, map_file, metres, without_unit

__all__ = ["open_nrrd"]

# Types that a plainly stored NRRD is mapped as; the format has more names for each.
_TYPES: Final = {
    "uchar": "u1",
    "unsigned char": "u1",
    "uint8": "u1",
    "short": "i2",
    "int16": "i2",
    "ushort": "u2",
    "unsigned short": "u2",
    "uint16": "u2",
    "int": "i4",
    "int32": "i4",
    "uint": "u4",
    "unsigned int": "u4",
    "uint32": "u4",
}


@contextmanager
def open_nrrd(request: Request) -> Iterator[Image]:
    """Open an NRRD file; array axes x, y, z are the file's axes, the first runs fastest on disk.

    Lengths without a unit are millimetres, as in the programs that write this format.
    """
    import nrrd

    with request.path.open("rb") as file:
        try:
            header = nrrd.read_header(file)
            data = _mapped(request.path, header, file.tell())
            if data is None:
                data = nrrd.read_data(header, file, str(request.path))
        except nrrd.NRRDError as error:
            raise ValueError(str(error)) from error
    if any("color" in str(kind).lower() for kind in header.get("kinds", ())):
        raise InputError(f"{request.path} is a colour image; store one integer label per voxel")
    yield Image(data, _spacing(header), slow=data.ndim - 1)


def _mapped(path: Path, header: Mapping[str, Any], offset: int) -> npt.NDArray[Any] | None:
    """Memory map of data stored plainly behind the header or in one file beside it."""
    plain = header["encoding"] == "raw" and header["type"] in _TYPES
    if not plain or header.get("line skip", header.get("lineskip", 0)) != 0:
        return None
    beside = header.get("data file", header.get("datafile"))
    if beside is not None:
        path, offset = path.parent / str(beside), 0
        if not path.is_file():
            return None
    order = ">" if header.get("endian") == "big" else "<"
    dtype = np.dtype(order + _TYPES[header["type"]])
    shape = tuple(int(n) for n in header["sizes"])
    skip = int(header.get("byte skip", header.get("byteskip", 0)))
    if skip < 0:
        # The data are the end of the file.
        skip = path.stat().st_size - offset - int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return map_file(path, dtype, shape[::-1], offset + skip).T


def _spacing(header: Mapping[str, Any]) -> Steps | None:
    if "space directions" in header:
        directions = np.asarray(header["space directions"], dtype=np.float64)
        steps = np.linalg.norm(directions, axis=1)
        units = header.get("space units")
    else:
        steps = np.asarray(header.get("spacings", ()), dtype=np.float64)
        units = header.get("units")
    if not steps.size:
        return None
    if units is None:
        return without_unit(steps, "mm")
    return tuple(metres(float(step), str(unit)) for step, unit in zip(steps, units, strict=True))
