"""RAW: the bytes of an array and nothing else, memory-mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

import numpy as np

from meshing.errors import InputError
from meshing.formats.image import Image, Request, map_file

__all__ = ["open_raw"]

_BYTE_ORDERS: Final[Mapping[str, Literal["<", ">"]]] = {"little": "<", "big": ">"}


@contextmanager
def open_raw(request: Request) -> Iterator[Image]:
    """Open a RAW file of the shape, type and byte order that the request gives.

    The shape is in the order of the array: the last axis runs fastest in the file.
    """
    if request.shape is None or request.dtype is None:
        raise InputError(
            f"{request.path} is RAW and says nothing about itself; give shape= and dtype=, "
            "such as shape=(200, 300, 400), dtype='uint8'"
        )
    dtype, offset = _type(request), request.offset or 0
    if not all(n == int(n) > 0 for n in request.shape):
        raise InputError(
            f"the shape of {request.path} must be positive integers, found {request.shape}"
        )
    if offset < 0:
        raise InputError(f"the offset must not be negative, found {offset}")
    shape = tuple(int(n) for n in request.shape)
    _check_size(request, shape, dtype, offset)
    yield Image(map_file(request.path, dtype, shape, offset))


def _type(request: Request) -> np.dtype[Any]:
    try:
        dtype = np.dtype(request.dtype)
    except TypeError:
        raise InputError(
            f"there is no type {request.dtype!r}; use one such as 'uint8', 'int16' or 'uint16'"
        ) from None
    if request.byteorder is None:
        return dtype
    if request.byteorder not in _BYTE_ORDERS:
        raise InputError(f"the byte order is 'little' or 'big', found {request.byteorder!r}")
    return dtype.newbyteorder(_BYTE_ORDERS[request.byteorder])


def _check_size(
    request: Request, shape: tuple[int, ...], dtype: np.dtype[Any], offset: int
) -> None:
    found = request.path.stat().st_size
    expected = offset + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if found != expected:
        header = f" after {offset}" if offset else ""
        raise InputError(
            f"{request.path} has {found} bytes, but shape {shape} of {dtype.name}{header} needs "
            f"{expected}; check shape, dtype and offset"
        )
