"""Arrays of labels: what may be one, the smallest type that holds it, how often each occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError

__all__ = [
    "LabelArray",
    "check_labels",
    "count_labels",
    "highest_label",
    "narrow",
    "relabel",
    "slabs",
    "smallest_type",
]

LabelArray = npt.NDArray[np.unsignedinteger[Any]]
"""An array of labels: integers of an unsigned type, (nx, ny, nz)."""

IntegerArray = npt.NDArray[np.integer[Any]]

# Work by slabs of about this many bytes of temporary memory: large enough that Python's overhead
# per slab does not show, small enough to stay near the processor's cache.
SLAB_BYTES: Final = 8 * 2**20

_TYPES: Final = tuple(np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64"))


def slabs(count: int, bytes_each: int, multiple: int = 1) -> Iterator[slice]:
    """Slices that cover `count` planes in order, each slab of about ``SLAB_BYTES``.

    Parameters
    ----------
    count : int
        Number of planes.
    bytes_each : int
        Temporary memory that one plane needs [bytes].
    multiple : int
        Every slab but the last holds a multiple of this many planes (the chunk of a file).

    Yields
    ------
    slice

    Examples
    --------
    >>> from meshing.labels import slabs
    >>> list(slabs(5, bytes_each=4 * 2**20))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    thickness = max(1, SLAB_BYTES // max(1, bytes_each * multiple)) * multiple
    for start in range(0, count, thickness):
        yield slice(start, min(start + thickness, count))


def check_labels(shape: Sequence[int], dtype: np.dtype[Any], what: str) -> None:
    """Refuse what cannot be an array of labels, before it is read or copied.

    Parameters
    ----------
    shape : sequence of int
        Shape of the array.
    dtype : numpy.dtype
        Its type: an integer or a boolean one.
    what : str
        What holds the array: the sentence starts with it.

    Raises
    ------
    InputError
        When the values are not integers, when there are neither two nor three axes, or no voxel.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import check_labels
    >>> check_labels((4, 4), np.dtype("uint8"), "the array")
    """
    if dtype.kind not in "biu":
        raise InputError(
            f"{what} holds {dtype} values, not integer labels; segment the image first, "
            "or convert whole numbers with .astype('uint8')"
        )
    if len(shape) not in (2, 3):
        raise InputError(
            f"{what} has {len(shape)} axes, shape {tuple(shape)}; a volume has 3 axes, or 2 when "
            "it is one voxel thick: choose one channel or time step"
        )
    if 0 in shape:
        raise InputError(f"{what} is empty, shape {tuple(shape)}; a volume needs voxels")


def smallest_type(highest: int) -> np.dtype[Any]:
    """Smallest unsigned integer type that holds every label from 0 to `highest`.

    Examples
    --------
    >>> from meshing.labels import smallest_type
    >>> smallest_type(255).name, smallest_type(256).name
    ('uint8', 'uint16')
    """
    return next(dtype for dtype in _TYPES if highest <= np.iinfo(dtype).max)


def highest_label(labels: IntegerArray) -> int:
    """Highest label of an array, once it is known that none is negative.

    Raises
    ------
    InputError
        When a label is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import highest_label
    >>> highest_label(np.array([0, 170]))
    170
    """
    if labels.dtype.kind == "i" and (low := int(labels.min())) < 0:
        raise InputError(
            f"labels must not be negative, found {low}; give that phase another number, such as "
            "labels + 1 for all"
        )
    return int(labels.max())


def narrow(labels: IntegerArray) -> LabelArray:
    """The same labels in the smallest unsigned type that holds them, in C order.

    Parameters
    ----------
    labels : integer array, (nx, ny, nz)

    Returns
    -------
    unsigned integer array, (nx, ny, nz)
        `labels` itself when it already is of that type and in C order.

    Raises
    ------
    InputError
        When a label is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import narrow
    >>> narrow(np.array([[[0, 170]]])).dtype.name
    'uint8'
    """
    # A type of one byte needs no look at the labels.
    dtype = _TYPES[0] if labels.dtype == _TYPES[0] else smallest_type(highest_label(labels))
    return np.ascontiguousarray(labels, dtype=dtype)


def count_labels(labels: LabelArray) -> dict[int, int]:
    """Number of voxels of each label, in the order of the labels.

    One pass, by slabs; labels of 8 and 16 bits are counted without sorting.

    Parameters
    ----------
    labels : unsigned integer array, (nx, ny, nz)

    Returns
    -------
    dict of int to int
        Voxels of each label that occurs.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import count_labels
    >>> count_labels(np.array([[[3, 0, 3]]], dtype=np.uint8))
    {0: 1, 3: 2}
    """
    counts: Counter[int] = Counter()
    for slab in slabs(labels.shape[0], bytes_each=8 * labels[:1].size):
        counts.update(_count_slab(labels[slab]))
    return dict(sorted(counts.items()))


def _count_slab(slab: LabelArray) -> dict[int, int]:
    values: npt.NDArray[Any]
    if slab.dtype.itemsize > 2:
        values, counts = np.unique(slab, return_counts=True)
    else:
        bins = np.bincount(slab.reshape(-1))
        values, counts = np.arange(bins.size)[bins > 0], bins[bins > 0]
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


def relabel(labels: LabelArray, new_label: Mapping[int, int]) -> LabelArray:
    """Copy of the labels in which some are replaced by others of the same type.

    Parameters
    ----------
    labels : unsigned integer array, (nx, ny, nz)
    new_label : mapping of int to int
        The label that takes the place of each label named here.

    Returns
    -------
    unsigned integer array, (nx, ny, nz)

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import relabel
    >>> relabel(np.array([[[0, 1, 2]]], dtype=np.uint8), {2: 1})
    array([[[0, 1, 1]]], dtype=uint8)
    """
    changed = np.empty_like(labels)
    for slab in slabs(labels.shape[0], bytes_each=labels[:1].nbytes):
        changed[slab] = labels[slab]
        for old, new in new_label.items():
            changed[slab][labels[slab] == old] = new
    return changed
