"""Numba kernels of the meshes: arrays and scalars in, output last.

Kernels stand apart from the objects, so that each can be read, and timed, alone. Numba types them
when they are first called; they carry no annotations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

__all__ = ["kernel", "parallel"]


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function at its first call, and keep the result on disk."""
    compiled: Callable[..., Any] = numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    return compiled


def parallel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a function whose `prange` loops are shared among threads.

    `prange` counts in uint64, and uint64 with int64 makes float64: such a loop begins with a cast.
    """
    compiled: Callable[..., Any] = numba.njit(
        cache=True, error_model="numpy", nogil=True, parallel=True
    )(function)
    return compiled
