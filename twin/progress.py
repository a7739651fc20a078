"""A progress bar on a terminal, and nothing in a pipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

#: Called after every iteration with the driven axis, the number of the iteration and the estimated
#: relative error.
AxisProgress = Callable[[str, int, float], None]

_WIDTH = 30
_CLEAR = "\r\x1b[K"


@contextmanager
def progress_bar(stream: TextIO, tolerance: float) -> Iterator[AxisProgress | None]:
    """Show how far the iterations of a solver have come.

    The bar fills with the digits gained: it is full when the estimated error is the tolerance.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.
    tolerance : estimated relative error at which the solver stops [-].

    Yields
    ------
    callable or None
        What is called after every iteration; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import progress_bar
    >>> with progress_bar(io.StringIO(), 1e-8) as progress:
    ...     progress is None
    True
    """
    if not stream.isatty():
        yield None
        return

    def draw(axis: str, iteration: int, error: float) -> None:
        stream.write("\r" + bar_text(axis, iteration, error, tolerance))
        stream.flush()

    stream.write("preparing")
    stream.flush()
    try:
        yield draw
    finally:
        stream.write(_CLEAR)
        stream.flush()


def bar_text(axis: str, iteration: int, error: float, tolerance: float) -> str:
    """One line of progress.

    Examples
    --------
    >>> from twin.progress import bar_text
    >>> bar_text("x", 7, 1e-4, 1e-8)
    'axis x [###############               ] iteration   7, error 1.0e-04'
    """
    done = 1.0
    if error > tolerance:
        done = max(math.log(min(error, 1.0)) / math.log(tolerance), 0.0)
    filled = "#" * round(_WIDTH * done)
    return f"axis {axis} [{filled:{_WIDTH}}] iteration {iteration:3d}, error {error:.1e}"
