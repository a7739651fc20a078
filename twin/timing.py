"""Wall time of a call, and the part of it that went into compiling kernels."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


def timed(call: Callable[[], T]) -> tuple[T, float, float]:
    """Run a function and measure it.

    Parameters
    ----------
    call : function without arguments

    Returns
    -------
    tuple
        What the function returned, the wall time of the whole call [s], and the wall time within
        it that Numba spent compiling [s]. Kernels that come from Numba's cache on disk are not
        compiled and count as nothing.

    Examples
    --------
    >>> from twin.timing import timed
    >>> value, seconds, compiling = timed(lambda: 6 * 7)
    >>> value, compiling
    (42, 0.0)
    """
    from numba.core import event

    # The listener counts nested compilations (a kernel and its helpers) once.
    with event.install_timer("numba:compile", lambda seconds: None) as compilation:
        start = perf_counter()
        value = call()
        seconds = perf_counter() - start
    return value, seconds, compilation.duration if compilation.done else 0.0
