"""From a stored image to labels in memory: the part that is wanted, slab by slab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from meshing.formats.image import Data, Image
from meshing.labels import LabelArray, check_labels, highest_label, slabs, smallest_type
from meshing.volume_edit import Box, Crop, crop_box

__all__ = ["load", "three_axes"]

Order = tuple[int, int, int]


def load(image: Image, order: Order, crop: Crop | None, path: Path) -> npt.NDArray[Any]:
    """Labels of an image, or of a box of it, with axes x, y, z.

    Labels of 8 or 16 bits that lie in C order in memory or in a memory map are given as they are;
    others are read slab by slab into the smallest unsigned type that holds them.

    Parameters
    ----------
    image : Image
        Its data have 2 or 3 axes, and any number of length one.
    order : three ints
        Stored axes that are x, y and z.
    crop : text or three ranges, or None
        Box of voxels along x, y, z; the whole image when None.
    path : Path
        Named in the sentence of an error.

    Returns
    -------
    integer or boolean array, (nx, ny, nz)
    """
    kept = three_axes(image.data.shape)
    shape = _shape(image.data, kept)
    stored = shape if len(kept) in (2, 3) else image.data.shape
    check_labels(stored, image.data.dtype, str(path))
    nx, ny, nz = (shape[axis] for axis in order)
    named = crop_box([None] * 3 if crop is None else crop, (nx, ny, nz))
    x, y, z = (named[order.index(axis)] for axis in range(3))
    part = _shared(image.data, kept, (x, y, z)) if order == (0, 1, 2) else None
    return _read(image, kept, (x, y, z), order) if part is None else part


def three_axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Axes that are kept: those of length one are dropped from more than three, the first first.

    Examples
    --------
    >>> from meshing.formats.loading import three_axes
    >>> three_axes((1, 1, 40, 30, 20))
    (2, 3, 4)
    """
    kept = list(range(len(shape)))
    for axis, count in enumerate(shape):
        if count == 1 and len(kept) > 3:
            kept.remove(axis)
    return tuple(kept)


def _shape(data: Data, kept: tuple[int, ...]) -> tuple[int, ...]:
    """Voxels along the three axes; a third of length one is added to an image of two."""
    return tuple(data.shape[axis] for axis in kept) + (1,) * (3 - len(kept))


def _slice(data: Data, kept: tuple[int, ...], box: Box) -> npt.NDArray[Any]:
    index = [slice(0, 1)] * len(data.shape)
    for axis, part in zip(kept, box, strict=False):
        index[axis] = part
    counts = [part.stop - part.start for part in box]
    return np.asanyarray(data[tuple(index)]).reshape(counts)


def _shared(data: Data, kept: tuple[int, ...], box: Box) -> npt.NDArray[Any] | None:
    """The wanted part as it lies in memory or in the file, where it can be used like that."""
    dtype = data.dtype
    if not isinstance(data, np.ndarray) or dtype.itemsize > 2 or not dtype.isnative:
        return None
    part = _slice(data, kept, box)
    return part if part.flags.c_contiguous and dtype.kind in "bu" else None


def _read(image: Image, kept: tuple[int, ...], box: Box, order: Order) -> LabelArray:
    """Read slab by slab; the type of the labels grows with the highest one met."""
    counts = [part.stop - part.start for part in box]
    labels = np.empty([counts[axis] for axis in order], np.uint8)
    slow = kept.index(image.slow) if image.slow in kept else 0
    for slab in _slabs(image, kept, box, slow):
        values = _slice(image.data, kept, slab)
        dtype = np.promote_types(labels.dtype, smallest_type(highest_label(_integers(values))))
        labels = labels.astype(dtype, copy=False)
        stored = labels.transpose(np.argsort(order))
        first = slab[slow].start - box[slow].start
        place = [slice(None)] * 3
        place[slow] = slice(first, first + values.shape[slow])
        stored[tuple(place)] = values
    return labels


def _integers(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.view(np.uint8) if values.dtype == np.bool_ else values


def _slabs(image: Image, kept: tuple[int, ...], box: Box, slow: int) -> Iterator[Box]:
    """The box in parts along its slow axis; a chunk of the file lies in one of them."""
    data, axis = image.data, kept[slow]
    planes = data.shape[axis]
    plane_bytes = int(np.prod(data.shape, dtype=np.int64)) // planes * data.dtype.itemsize
    chunks: tuple[int, ...] | None = getattr(data, "chunks", None)
    for slab in slabs(planes, plane_bytes, multiple=chunks[axis] if chunks else 1):
        start, stop = max(slab.start, box[slow].start), min(slab.stop, box[slow].stop)
        if start < stop:
            parts = list(box)
            parts[slow] = slice(start, stop)
            x, y, z = parts
            yield x, y, z
