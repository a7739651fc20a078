"""A progress bar on a terminal, and nothing in a pipe."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from solvers.report import Progress

_WIDTH = 30


@contextmanager
def progress_bar(stream: TextIO, title: str, tolerance: float) -> Iterator[Progress | None]:
    """Show how far the iterations of a solver have come.

    The bar fills with the digits gained: it is full when the estimated error is the tolerance.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.
    title : what is being solved.
    tolerance : estimated relative error at which the solver stops [-].

    Yields
    ------
    Progress or None
        What a solver calls after every iteration; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import progress_bar
    >>> with progress_bar(io.StringIO(), "pore", 1e-8) as progress:
    ...     progress is None
    True
    """
    if not stream.isatty():
        yield None
        return

    def draw(iteration: int, error: float) -> None:
        stream.write("\r" + bar_text(title, iteration, error, tolerance))
        stream.flush()

    stream.write(f"{title}: preparing")
    stream.flush()
    try:
        yield draw
    finally:
        stream.write("\r\x1b[K")  # back to the start of the line, and clear it
        stream.flush()


def bar_text(title: str, iteration: int, error: float, tolerance: float) -> str:
    """One line of progress.

    Examples
    --------
    >>> from twin.progress import bar_text
    >>> bar_text("pore", 7, 1e-4, 1e-8)
    'pore: [###############               ] iteration   7, error 1.0e-04'
    """
    done = 1.0
    if error > tolerance:
        done = max(math.log(min(error, 1.0)) / math.log(tolerance), 0.0)
    filled = "#" * round(_WIDTH * done)
    return f"{title}: [{filled:{_WIDTH}}] iteration {iteration:3d}, error {error:.1e}"
