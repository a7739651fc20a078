"""Memory that is used again and again."""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: A buffer serves arrays down to this part of its size.
SMALLEST: Final = 0.6

#: What `sys.getrefcount` says of an array that only a list holds.
_LISTED: Final = [np.empty(0, np.uint8)]
_FREE: Final = sys.getrefcount(_LISTED[0])


class Buffers:
    """Arrays that nobody holds any more are handed out again.

    A step of a discharge takes and drops a dozen arrays of the volume's size. Memory that comes
    fresh from the operating system, page by page, can take longer than what is done with it.

    Examples
    --------
    >>> buffers = Buffers()
    >>> first = buffers.zeros((2, 3), np.float64)
    >>> place = first.ctypes.data
    >>> buffers.zeros((2, 3), np.float64).ctypes.data == place
    False
    >>> del first
    >>> buffers.zeros(6, np.int64).ctypes.data == place
    True
    """

    def __init__(self) -> None:
        self._owned: list[NDArray[np.uint8]] = []

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array that holds anything."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        return self._of(size)[:size].view(dtype).reshape(shape)

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array of zeros."""
        out = self.empty(shape, dtype)
        out.fill(0)
        return out

    def _of(self, size: int) -> NDArray[np.uint8]:
        """The smallest free buffer that is large enough, or a new one."""
        best: int | None = None
        for place in range(len(self._owned)):
            if sys.getrefcount(self._owned[place]) > _FREE:
                continue  # an array, or a view of one, is still held
            room = self._owned[place].nbytes
            if SMALLEST * room <= size <= room:
                best = place if best is None or room < self._owned[best].nbytes else best
        if best is None:
            self._owned.append(np.empty(size, np.uint8))
            best = -1
        return self._owned[best]
