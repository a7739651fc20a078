"""NumPy's own files: .npy, memory-mapped, and .npz."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from meshing.formats.image import Image, Request, choose_array, private_map

__all__ = ["open_npy", "open_npz"]


@contextmanager
def open_npy(request: Request) -> Iterator[Image]:
    """Open a .npy file; array axes are those of the file."""
    stored: npt.NDArray[Any] = private_map(lambda mode: np.load(request.path, mmap_mode=mode))
    yield Image(stored, slow=0 if stored.flags.c_contiguous else stored.ndim - 1)


@contextmanager
def open_npz(request: Request) -> Iterator[Image]:
    """Open one array of an .npz file; NumPy reads that array whole."""
    name = choose_array(_contents(request.path), request.dataset, request.path)
    with np.load(request.path) as arrays:
        stored: npt.NDArray[Any] = arrays[name]
        yield Image(stored)


def _contents(path: Path) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
    """Shape and type of every array, from the headers alone."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            with archive.open(member) as file:
                old = np.lib.format.read_magic(file) == (1, 0)
                read = (
                    np.lib.format.read_array_header_1_0
                    if old
                    else np.lib.format.read_array_header_2_0
                )
                shape, _, dtype = read(file)
            found[member.removesuffix(".npy")] = (shape, dtype)
    return found
