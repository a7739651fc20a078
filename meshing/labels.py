"""Arrays of integer labels: the smallest type that holds them, and how often each occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["LabelArray", "count_labels", "narrow", "slabs", "smallest_type"]

LabelArray = npt.NDArray[np.integer[Any]]
"""An array of integers, (nx, ny, nz)."""

# Work by slabs of about this many bytes of temporary memory: large enough that Python's overhead
# per slab does not show, small enough to stay near the processor's cache.
SLAB_BYTES: Final = 8 * 2**20

_TYPES: Final = tuple(
    np.dtype(name)
    for name in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
)


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


def smallest_type(low: int, high: int) -> np.dtype[Any]:
    """Smallest integer type that holds every value from `low` to `high`; unsigned where it can be.

    Examples
    --------
    >>> from meshing.labels import smallest_type
    >>> smallest_type(0, 255).name, smallest_type(-1, 255).name
    ('uint8', 'int16')
    """
    for dtype in _TYPES:
        limits = np.iinfo(dtype)
        if limits.min <= low and high <= limits.max:
            return dtype
    raise OverflowError(f"no integer type holds both {low} and {high}")


def narrow(labels: LabelArray) -> LabelArray:
    """The same labels in the smallest integer type that holds them, in C order.

    Parameters
    ----------
    labels : integer array, (nx, ny, nz)

    Returns
    -------
    integer array, (nx, ny, nz)
        `labels` itself when it already is of that type and in C order.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import narrow
    >>> narrow(np.array([[[0, 170]]])).dtype.name
    'uint8'
    """
    dtype = labels.dtype
    if dtype != np.uint8:
        dtype = smallest_type(int(labels.min()), int(labels.max()))
    return np.ascontiguousarray(labels, dtype=dtype)


def count_labels(labels: LabelArray) -> dict[int, int]:
    """Number of voxels of each label, in the order of the labels.

    One pass, by slabs; labels of 8 and 16 bits are counted without sorting.

    Parameters
    ----------
    labels : integer array, (nx, ny, nz)

    Returns
    -------
    dict of int to int
        Voxels of each label that occurs.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.labels import count_labels
    >>> count_labels(np.array([[[3, -1, 3]]], dtype=np.int8))
    {-1: 1, 3: 2}
    """
    counts: Counter[int] = Counter()
    for slab in slabs(labels.shape[0], bytes_each=8 * labels[:1].size):
        counts.update(_count_slab(labels[slab]))
    return dict(sorted(counts.items()))


def _count_slab(slab: LabelArray) -> dict[int, int]:
    if slab.dtype.itemsize > 2:
        values, counts = np.unique(slab, return_counts=True)
        return dict(zip(values.tolist(), counts.tolist(), strict=True))
    # Signed labels are counted by their bits, then the upper half is read as negative again.
    unsigned = np.dtype(f"u{slab.dtype.itemsize}")
    counts = np.bincount(slab.reshape(-1).view(unsigned))
    found = np.flatnonzero(counts)
    values = found.astype(unsigned).view(slab.dtype)
    return dict(zip(values.tolist(), counts[found].tolist(), strict=True))
