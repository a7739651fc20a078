"""TIFF: one image of several pages, memory-mapped where stored plainly, else read page by page."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Data, Image, Request, map_file, metres

__all__ = ["open_tiff"]


@dataclass(frozen=True, eq=False)
class _Pages:
    """The pages of a TIFF as one array (page, row, column), each decoded when it is asked for."""

    path: Path
    pages: Sequence[Any]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __getitem__(self, index: tuple[slice, ...], /) -> npt.NDArray[Any]:
        with _decoding(self.path, self.pages[0]):
            return np.stack([page.asarray()[index[1:]] for page in self.pages[index[0]]])


@contextmanager
def _decoding(path: Path, page: Any) -> Iterator[None]:
    """Say which package decodes the compression, where it is one that tifffile has not itself."""
    try:
        with _complaints():
            yield
    except (ValueError, ImportError) as error:
        if isinstance(error, ValueError) and "imagecodecs" not in str(error):
            raise
        raise InputError(
            f"{path} is compressed by {page.compression.name}, which needs a package that is not "
            "installed: pip install imagecodecs"
        ) from error


@contextmanager
def open_tiff(request: Request) -> Iterator[Image]:
    """Open a TIFF of one 2D or 3D image; array axes are page, row, column.

    Spacing is taken from the OME metadata, else from ImageJ's, else from the resolution where it
    is given per centimetre or smaller; resolution per inch is the density of a print, and is not.
    Labels are the numbers as stored, whichever of them a viewer shows in white.
    """
    import tifffile

    with ExitStack() as stack:
        with _errors_of_tifffile():
            # What is odd in the tags alone, such as a vendor's own, is no reason to refuse a file.
            file = stack.enter_context(tifffile.TiffFile(request.path))
        with _complaints():
            series = _series(file, request.path)
        data = _data(file, series, request.path)
        axes = series[0].axes[-2:].rjust(len(data.shape), "Z")
        stated = _stated(file, series[0].keyframe)
        yield Image(data, tuple(stated.get(axis) for axis in axes))


class _Errors(logging.Handler):
    """Keeps what a logger calls an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _errors_of_tifffile() -> Iterator[list[str]]:
    """What tifffile logs as an error meanwhile, in place of printing it."""
    errors, logger = _Errors(), logging.getLogger("tifffile")
    logger.addHandler(errors)
    try:
        yield errors.said
    finally:
        logger.removeHandler(errors)


@contextmanager
def _complaints() -> Iterator[None]:
    """Raise what tifffile only logs: of a truncated file it gives what is left, and zeros."""
    with _errors_of_tifffile() as said:
        yield
    if said:
        raise ValueError(said[0])


def _series(file: Any, path: Path) -> Sequence[Any]:
    """The one image of the file, or the pages of one image that were written one by one."""
    series: Sequence[Any] = file.series
    if not series:
        raise ValueError("there is no image in it")
    first = series[0]
    if None in first.pages:
        raise ValueError(f"{first.pages.count(None)} of {len(first.pages)} pages are missing")
    if "S" in first.axes:
        raise InputError(
            f"{path} is a colour image, axes {first.axes} of shape {first.shape}; "
            "store one integer label per pixel"
        )
    kinds = {(each.shape, np.dtype(each.dtype).name) for each in series}
    if len(series) > 1 and (len(kinds) > 1 or first.ndim != 2):
        described = " and ".join(f"{shape} {name}" for shape, name in sorted(kinds)[:3])
        raise InputError(f"{path} holds {len(series)} images: {described}; store one per file")
    return series


def _data(file: Any, series: Sequence[Any], path: Path) -> Data:
    first = series[0]
    dtype = np.dtype(first.dtype)
    if len(series) > 1:
        pages = [each.keyframe for each in series]
        return _Pages(path, pages, (len(pages), *first.shape), dtype)
    if first.dataoffset is not None:
        return map_file(path, dtype.newbyteorder(file.byteorder), first.shape, first.dataoffset)
    if first.ndim == 3 and len(first.pages) == first.shape[0] and first.keyframe.ndim == 2:
        return _Pages(path, first.pages, first.shape, dtype)
    with _decoding(path, first.keyframe):
        whole: npt.NDArray[Any] = first.asarray()
    return whole


def _stated(file: Any, page: Any) -> Mapping[str, float | None]:
    """Distances along the axes X, Y and Z [m], as far as the file states them."""
    if file.is_ome:
        return _ome(file.ome_metadata)
    return _imagej(file.imagej_metadata, page) if file.is_imagej else _baseline(page)


def _ome(text: str) -> Mapping[str, float | None]:
    pixels = next(e for e in ElementTree.fromstring(text).iter() if e.tag.endswith("Pixels"))
    return {
        axis: metres(float(size), pixels.get(f"PhysicalSize{axis}Unit", "µm"))
        for axis in "XYZ"
        if (size := pixels.get(f"PhysicalSize{axis}")) is not None
    }


def _imagej(metadata: Mapping[str, Any], page: Any) -> Mapping[str, float | None]:
    unit = str(metadata.get("unit", ""))
    # ImageJ leaves out the distance of slices when it is 1.
    steps = _pixel(page) | {"Z": float(metadata.get("spacing", 1.0))}
    return {axis: metres(step, unit) for axis, step in steps.items()}


def _baseline(page: Any) -> Mapping[str, float | None]:
    tag = page.tags.get("ResolutionUnit")
    unit = tag.value.name.lower() if tag is not None and hasattr(tag.value, "name") else ""
    return {axis: metres(step, unit) for axis, step in _pixel(page).items()}


def _pixel(page: Any) -> dict[str, float]:
    """Edges of a pixel in the file's unit, from the pixels per unit."""
    steps = {}
    for axis in "XY":
        tag = page.tags.get(f"{axis}Resolution")
        pixels, units = tag.value if tag is not None else (0, 0)
        if pixels > 0 and units > 0:
            steps[axis] = units / pixels
    return steps
