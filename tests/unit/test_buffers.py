"""Memory that is handed out again when nobody holds it."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.buffers import Buffers


def place(array: np.ndarray) -> int:
    return int(array.ctypes.data)


def test_what_is_held_is_not_handed_out() -> None:
    buffers = Buffers()
    held = [buffers.zeros(100, np.float64) for _ in range(5)]
    for number, array in enumerate(held):
        array.fill(number)
    assert len({place(array) for array in held}) == 5
    assert [float(array[0]) for array in held] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_what_nobody_holds_is_handed_out_again_with_zeros() -> None:
    buffers = Buffers()
    first = buffers.zeros((10, 10), np.float64)
    first.fill(7.0)
    where = place(first)
    del first
    again = buffers.zeros((5, 20), np.float64)
    assert place(again) == where
    assert not again.any()


@pytest.mark.parametrize("part", [lambda a: a[3:], lambda a: a.reshape(-1), lambda a: a.T])
def test_a_view_holds_its_array(part) -> None:
    buffers = Buffers()
    array = buffers.zeros((8, 8), np.float64)
    where, view = place(array), part(array)
    del array
    assert place(buffers.empty((8, 8), np.float64)) != where
    del view
    assert place(buffers.empty((8, 8), np.float64)) == where


def test_a_buffer_does_not_serve_what_is_much_smaller_or_larger() -> None:
    buffers = Buffers()
    where = place(buffers.empty(1000, np.float64))
    assert place(buffers.empty(1001, np.float64)) != where
    assert place(buffers.empty(400, np.float64)) != where
    assert place(buffers.empty(700, np.float64)) == where


def test_an_array_outlives_its_buffers() -> None:
    array = Buffers().zeros(10, np.int64)
    array += np.arange(10)
    assert array.sum() == 45
