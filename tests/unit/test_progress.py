"""The progress bar, and the time of a call."""

from __future__ import annotations

import io

import pytest

from twin.progress import bar_text, progress_bar
from twin.timing import timed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_drawn_in_a_pipe() -> None:
    pipe = io.StringIO()
    with progress_bar(pipe, 1e-8) as progress:
        assert progress is None
    assert pipe.getvalue() == ""


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


def test_the_line_is_cleared_after_a_failure() -> None:
    terminal = Terminal()
    with pytest.raises(KeyboardInterrupt), progress_bar(terminal, 1e-8):
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
