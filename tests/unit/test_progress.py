"""The progress bar, and the time of a call."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from twin.progress import bar_text, discharge_bar, points_bar, progress_bar, steps_bar
from twin.timing import timed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def of_iterations(stream: io.StringIO) -> AbstractContextManager[Callable[..., None] | None]:
    return progress_bar(stream, 1e-8)


#: Each bar, two calls of it, and what is drawn for them.
BARS = {
    "iterations": (of_iterations, [("x", 1, 1e-4), ("x", 2, 1e-9)], ["error 1.0e-04", "1.0e-09"]),
    "points": (points_bar, [(1, 0, 4), (4, 1, 4)], ["] 1 of 4 points, ", "4 points, 1 failed, "]),
    "steps": (steps_bar, [("areas", 0, 3), ("pores", 1, 3)], ["] areas", "] pores"]),
    "discharge": (discharge_bar, [(2.6, 0.0), (2.514, 0.1)], ["] 0.0 % of ", "filled, 2.514 V"]),
}


@pytest.mark.parametrize("bar", BARS)
def test_nothing_is_drawn_in_a_pipe(bar: str) -> None:
    pipe = io.StringIO()
    with BARS[bar][0](pipe) as progress:
        assert progress is None
    assert pipe.getvalue() == ""


@pytest.mark.parametrize("bar", BARS)
def test_every_call_is_drawn_over_the_one_before(bar: str) -> None:
    make, calls, words = BARS[bar]
    terminal = Terminal()
    with make(terminal) as progress:
        assert progress is not None
        for call in calls:
            progress(*call)
    *_, first, second, last = terminal.getvalue().split("\r\x1b[K")
    assert words[0] in first and words[1] in second
    assert last == ""


def test_a_terminal_sees_the_iterations_and_a_clear_line_after_them() -> None:
    terminal = Terminal()
    with progress_bar(terminal, 1e-8) as progress:
        assert progress is not None
        progress("x", 1, 1e-4)
        progress("y", 2, 1e-9)
    text = terminal.getvalue()
    assert "axis x [############### " in text
    assert "axis y [##############################] iteration   2, error 1.0e-09" in text
    assert text.endswith("\r\x1b[K")


@pytest.mark.parametrize("bar", BARS)
def test_the_line_is_cleared_after_a_failure(bar: str) -> None:
    terminal = Terminal()
    with pytest.raises(KeyboardInterrupt), BARS[bar][0](terminal) as progress:
        assert progress is not None
        progress(*BARS[bar][1][0])
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(
    ("error", "filled"), [(10.0, 0), (1.0, 0), (1e-4, 15), (1e-8, 30), (0.0, 30)]
)
def test_the_bar_counts_digits(error: float, filled: int) -> None:
    assert bar_text("x", 3, error, 1e-8).count("#") == filled


def test_compilation_is_told_apart() -> None:
    import numba

    # error_model and a fresh function: nothing of it is in any cache
    kernel = numba.njit(error_model="numpy")(lambda x: x * 3.0 + 1.0)
    value, seconds, compiling = timed(lambda: kernel(2.0))
    assert value == 7.0
    assert 0.0 < compiling <= seconds
    assert timed(lambda: kernel(2.0))[2] == 0.0
