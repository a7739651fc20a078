"""A progress bar on a terminal, and nothing in a pipe."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import ParamSpec, TextIO

P = ParamSpec("P")

#: Called after every iteration with the driven axis, the number of the iteration and the estimated
#: relative error.
AxisProgress = Callable[[str, int, float], None]

#: Called after every point of a sweep with the numbers of points done, failed and asked for.
PointProgress = Callable[[int, int, int], None]

#: Called before every step of work that has several: its name, how many are done, and of how many.
StepProgress = Callable[[str, int, int], None]

#: Called after every step of a discharge in an image with the voltage [V] and the share of the
#: pores that is filled.
DischargeProgress = Callable[[float, float], None]

_WIDTH = 30
_CLEAR = "\r\x1b[K"


def on_axis(axis: str, progress: AxisProgress | None) -> Callable[[int, float], None] | None:
    """What a solver calls that knows of no axes.

    Examples
    --------
    >>> from twin.progress import on_axis
    >>> on_axis("x", print)(3, 1e-4)
    x 3 0.0001
    """
    return None if progress is None else partial(progress, axis)


@contextmanager
def _line(
    stream: TextIO, text: Callable[P, str], first: str = ""
) -> Iterator[Callable[P, None] | None]:
    """Draw what `text` says of every call over what the call before said, and clear it at the end.

    Nothing is drawn, and None comes, unless the stream is a terminal.
    """
    if not stream.isatty():
        yield None
        return

    def write(words: str) -> None:
        stream.write(_CLEAR + words)
        stream.flush()

    def draw(*told: P.args, **named: P.kwargs) -> None:
        write(text(*told, **named))

    if first:
        write(first)
    try:
        yield draw
    finally:
        write("")


def progress_bar(stream: TextIO, tolerance: float) -> AbstractContextManager[AxisProgress | None]:
    """Show how far the iterations of a solver have come.

    The bar fills with the digits gained: it is full when the estimated error is the tolerance.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.
    tolerance : estimated relative error at which the solver stops [-].

    Returns
    -------
    context manager of a callable or None
        What is called after every iteration; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import progress_bar
    >>> with progress_bar(io.StringIO(), 1e-8) as progress:
    ...     progress is None
    True
    """

    def text(axis: str, iteration: int, error: float) -> str:
        return bar_text(axis, iteration, error, tolerance)

    return _line(stream, text, "preparing")


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


def points_bar(stream: TextIO) -> AbstractContextManager[PointProgress | None]:
    """Show how many points of a sweep are done, and how long the others will take.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.

    Returns
    -------
    context manager of a callable or None
        What is called after every point; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import points_bar
    >>> with points_bar(io.StringIO()) as progress:
    ...     progress is None
    True
    """
    start, first = monotonic(), 0

    def text(done: int, failed: int, total: int) -> str:
        nonlocal first
        first = first or done  # of the points that were there before, none took any time
        left = (monotonic() - start) / (done - first + 1) * (total - done)
        return points_text(done, failed, total, left)

    return _line(stream, text)


def points_text(done: int, failed: int, total: int, left: float) -> str:
    """One line of progress of a sweep; `left` is the time that it still takes [s].

    Examples
    --------
    >>> from twin.progress import points_text
    >>> points_text(10, 1, 40, 95.0)
    '[########                      ] 10 of 40 points, 1 failed, 0:01:35 left'
    """
    filled = "#" * round(_WIDTH * done / total)
    failures = f", {failed} failed" if failed else ""
    clock = timedelta(seconds=round(left))
    return f"[{filled:{_WIDTH}}] {done} of {total} points{failures}, {clock} left"


def steps_bar(stream: TextIO) -> AbstractContextManager[StepProgress | None]:
    """Show which step of some work is being done.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.

    Returns
    -------
    context manager of a callable or None
        What is called before every step; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import steps_bar
    >>> with steps_bar(io.StringIO()) as progress:
    ...     progress is None
    True
    """
    return _line(stream, steps_text)


def steps_text(step: str, done: int, total: int) -> str:
    """One line of progress of work in steps.

    Examples
    --------
    >>> from twin.progress import steps_text
    >>> steps_text("areas", 1, 3)
    '[##########                    ] areas'
    """
    return f"[{'#' * round(_WIDTH * done / total):{_WIDTH}}] {step}"


def discharge_bar(stream: TextIO) -> AbstractContextManager[DischargeProgress | None]:
    """Show the voltage of a discharge in an image, and how much of the pores is filled.

    Parameters
    ----------
    stream : where to draw; nothing is drawn unless it is a terminal.

    Returns
    -------
    context manager of a callable or None
        What is called after every step; None where the stream is no terminal.

    Examples
    --------
    >>> import io
    >>> from twin.progress import discharge_bar
    >>> with discharge_bar(io.StringIO()) as progress:
    ...     progress is None
    True
    """
    return _line(stream, discharge_text)


def discharge_text(voltage: float, filling: float) -> str:
    """One line of progress of a discharge in an image.

    Examples
    --------
    >>> from twin.progress import discharge_text
    >>> discharge_text(2.5142, 0.1)
    '[###                           ] 10.0 % of the pores filled, 2.514 V'
    """
    filled = "#" * round(_WIDTH * min(filling, 1.0))
    return f"[{filled:{_WIDTH}}] {100 * filling:.1f} % of the pores filled, {voltage:.3f} V"
