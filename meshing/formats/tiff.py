"""TIFF: one image of several pages, memory-mapped where stored plainly, else read page by page."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.image import Data, Image, Request, Steps, map_file, metres

__all__ = ["open_tiff"]


@dataclass(frozen=True, eq=False)
class _Pages:
    """The pages of a TIFF as one array (page, row, column), each decoded when it is asked for."""

    path: Path
    series: Any
    shape: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = np.dtype(self.series.dtype)
        return dtype

    def __getitem__(self, index: tuple[slice, ...], /) -> npt.NDArray[Any]:
        pages = self.series.pages[index[0]]
        with _decoding(self.path, self.series):
            return np.stack([page.asarray()[index[1:]] for page in pages])


@contextmanager
def _decoding(path: Path, series: Any) -> Iterator[None]:
    """Say which package decodes the compression, where it is one that tifffile has not itself."""
    try:
        yield
    except (ValueError, ImportError) as error:
        if isinstance(error, ValueError) and "imagecodecs" not in str(error):
            raise
        raise InputError(
            f"{path} is compressed by {series.keyframe.compression.name}, which needs a package "
            "that is not installed: pip install imagecodecs"
        ) from error


@contextmanager
def open_tiff(request: Request) -> Iterator[Image]:
    """Open a TIFF of one 2D or 3D image; array axes are page, row, column.

    Spacing is taken from the OME metadata, else from ImageJ's, else from the resolution where it
    is given per centimetre or smaller; resolution per inch is the density of a print, and is not.
    """
    import tifffile

    with tifffile.TiffFile(request.path) as file:
        with _complaints():
            series = _only_series(file, request.path)
        yield Image(_data(file, series, request.path), _spacing(file, series))


class _Errors(logging.Handler):
    """Keeps what a logger calls an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _complaints() -> Iterator[None]:
    """Raise what tifffile only logs: of a truncated file it gives the pages that are left."""
    errors, logger = _Errors(), logging.getLogger("tifffile")
    logger.addHandler(errors)
    try:
        yield
    finally:
        logger.removeHandler(errors)
    if errors.said:
        raise ValueError(errors.said[0])


def _only_series(file: Any, path: Path) -> Any:
    if not file.series:
        raise InputError(f"{path} holds no image; the file may be truncated: copy it again")
    if len(file.series) > 1:
        shapes = " and ".join(str(series.shape) for series in file.series[:3])
        raise InputError(
            f"{path} holds {len(file.series)} images of different shape or type ({shapes}, ...); "
            "store one image per file"
        )
    series = file.series[0]
    if None in series.pages:
        raise ValueError(f"{series.pages.count(None)} of {len(series.pages)} pages are missing")
    if "S" in series.axes or "C" in series.axes:
        raise InputError(
            f"{path} is a colour image, axes {series.axes} of shape {series.shape}; "
            "store one integer label per pixel"
        )
    return series


def _data(file: Any, series: Any, path: Path) -> Data:
    if series.dataoffset is not None:
        dtype = np.dtype(series.dtype).newbyteorder(file.byteorder)
        return map_file(path, dtype, series.shape, series.dataoffset)
    first = series.keyframe
    if series.ndim == 3 and len(series.pages) == series.shape[0] and first.ndim == 2:
        return _Pages(path, series, series.shape)
    with _decoding(path, series):
        whole: npt.NDArray[Any] = series.asarray()
    return whole


def _spacing(file: Any, series: Any) -> Steps | None:
    axes = series.axes[-2:].rjust(series.ndim, "Z")
    if file.is_ome:
        stated = _ome(file.ome_metadata)
    elif file.is_imagej:
        stated = _imagej(file.imagej_metadata, series.keyframe)
    else:
        stated = _baseline(series.keyframe)
    return tuple(stated.get(axis) for axis in axes)


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
