"""A folder or a pattern of image files, one slice each, and single images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Image, Request, Steps
from meshing.formats.tiff import open_tiff

__all__ = ["SLICE_SUFFIXES", "open_picture", "open_slices", "slice_files"]

_TIFF_SUFFIXES: Final = (".tif", ".tiff")
_PICTURE_SUFFIXES: Final = (".png", ".bmp")
SLICE_SUFFIXES: Final = _TIFF_SUFFIXES + _PICTURE_SUFFIXES


@dataclass(frozen=True, eq=False)
class _Stack:
    """Image files of one shape as one array (file, row, column), each read when it is asked for."""

    files: Sequence[Path]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __getitem__(self, index: tuple[slice, ...], /) -> npt.NDArray[Any]:
        return np.stack([self._slice(file)[index[1:]] for file in self.files[index[0]]])

    def _slice(self, file: Path) -> npt.NDArray[Any]:
        pixels, _ = _read_slice(file)
        if pixels.shape != self.shape[1:]:
            raise InputError(
                f"slices differ in shape: {self.files[0].name} has {self.shape[1:]} pixels and "
                f"{file.name} has {pixels.shape}; crop them to one shape"
            )
        if pixels.dtype.kind != self.dtype.kind:
            raise InputError(
                f"slices differ in type: {self.files[0].name} holds {self.dtype} and {file.name} "
                f"holds {pixels.dtype}; store all of them as one type"
            )
        return pixels


@contextmanager
def open_slices(request: Request) -> Iterator[Image]:
    """Open the slices of a folder or a pattern, in the natural order of their names.

    Array axes are file, row, column.
    """
    files = slice_files(request.path)
    first, steps = _read_slice(files[0])
    spacing = None if steps is None else (None, *steps)
    yield Image(_Stack(files, (len(files), *first.shape), first.dtype), spacing)


@contextmanager
def open_picture(request: Request) -> Iterator[Image]:
    """Open a single PNG or BMP image; array axes are row, column."""
    pixels, _ = _read_slice(request.path)
    yield Image(pixels)


def slice_files(path: Path) -> list[Path]:
    """Files of a folder or of a pattern of names, slice_2 before slice_10.

    Raises
    ------
    InputError
        When there is none, or when a folder holds images of several kinds.
    """
    if path.is_dir():
        files = [f for f in path.iterdir() if f.suffix.lower() in SLICE_SUFFIXES]
        files = [f for f in files if not f.name.startswith(".")]
        wanted = f"the folder {path} holds no image ({', '.join(SLICE_SUFFIXES)})"
    else:
        files = [Path(f) for f in Path(path.anchor).glob(str(path.relative_to(path.anchor)))]
        wanted = f"no file matches {path}"
    if not files:
        raise InputError(f"{wanted}; give the folder or the pattern of the slices")
    kinds = sorted({file.suffix.lower() for file in files})
    if len(kinds) > 1:
        raise InputError(
            f"{path} holds images of several kinds ({', '.join(kinds)}); "
            f"choose one by a pattern such as {(path if path.is_dir() else path.parent) / '*'}"
            f"{kinds[0]}"
        )
    return sorted(files, key=_natural)


def _natural(file: Path) -> list[tuple[int, str]]:
    """Numbers in a name count as numbers."""
    parts = re.split(r"(\d+)", str(file))
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _read_slice(file: Path) -> tuple[npt.NDArray[Any], Steps | None]:
    suffix = file.suffix.lower()
    if suffix in _TIFF_SUFFIXES:
        with open_tiff(Request(file)) as image:
            pixels, steps = image.data[:, :], image.spacing
    elif suffix in _PICTURE_SUFFIXES:
        pixels, steps = _read_picture(file), None
    else:
        raise InputError(
            f"cannot read {file} as a slice; slices are images: {', '.join(SLICE_SUFFIXES)}"
        )
    if pixels.ndim != 2:
        raise InputError(
            f"{file} holds an image of shape {pixels.shape}; a slice has rows and columns only"
        )
    return pixels, steps


def _read_picture(file: Path) -> npt.NDArray[Any]:
    from PIL import Image as Picture

    with Picture.open(file) as picture:
        # Modes "1", "L", "P", "I", "I;16" hold one number per pixel; a palette's is the label.
        if len(picture.getbands()) > 1:
            raise InputError(
                f"{file} is a colour image ({picture.mode}); store one integer label per pixel"
            )
        # Pillow's booleans are bytes of 255.
        return (
            np.asarray(picture, dtype=np.uint8) > 0 if picture.mode == "1" else np.asarray(picture)
        )
