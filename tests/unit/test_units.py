"""Lengths: text and numbers to metres, and what cannot be a length."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.units import format_length, length, spacing


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("50nm", 50e-9),
        ("50 nm", 50e-9),
        (" .5um ", 0.5e-6),
        ("1.3um", 1.3e-6),
        ("1.3µm", 1.3e-6),
        ("1.3μm", 1.3e-6),
        ("2mm", 2e-3),
        ("1.5cm", 1.5e-2),
        ("3 m", 3.0),
        ("5e-8m", 5e-8),
        ("5.e1nm", 50e-9),
    ],
)
def test_text_is_the_nearest_number_of_metres(text: str, metres: float) -> None:
    assert length(text) == metres


def test_a_number_is_metres() -> None:
    assert length(5e-8) == 5e-8
    assert length(np.float32(0.5)) == 0.5


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("50", "the length '50' has no unit; use nm, um, mm, cm or m, such as '50nm'"),
        (
            "50 px",
            "the length '50 px' has the unknown unit 'px'; use nm, um, mm, cm or m, such as '50nm'",
        ),
        ("fifty", "cannot read 'fifty' as a length; give a number with a unit, such as '50nm'"),
        ("", "cannot read '' as a length; give a number with a unit, such as '50nm'"),
        (math.nan, "a length must be a finite number, found nan; give it as '50nm' or in metres"),
        (None, "a length must be a number in metres or text such as '50nm', found None"),
    ],
)
def test_what_is_no_length_is_told(value: object, sentence: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        length(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    ["50nm", 50e-9, np.float64(50e-9), ("50nm", 50e-9, 50e-9), "50nm,50nm, 50 nm", ["50nm"]],
)
def test_one_length_serves_three_axes(value: object) -> None:
    assert spacing(value) == (50e-9, 50e-9, 50e-9)  # type: ignore[arg-type]


def test_three_lengths_keep_their_order() -> None:
    assert spacing(np.array([3.0, 1.0, 2.0])) == (3.0, 1.0, 2.0)
    assert all(type(edge) is float for edge in spacing(np.array([3.0, 1.0, 2.0])))


@pytest.mark.parametrize(
    ("value", "axis", "found"),
    [
        (0.0, "x", "0.0"),
        (-5e-9, "x", "-5e-09"),
        (math.nan, "x", "nan"),
        (math.inf, "x", "inf"),
        ((1e-9, 0, 1e-9), "y", "0"),
        ((1e-9, 1e-9, "-3nm"), "z", "'-3nm'"),
        ((1e-9, 1e-9, math.nan), "z", "nan"),
    ],
)
def test_spacing_must_be_positive_on_each_axis(value: object, axis: str, found: str) -> None:
    sentence = (
        f"the spacing along {axis} must be a length greater than zero, found {found}; "
        "give it as '50nm' or in metres"
    )
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        spacing(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [(1e-9, 2e-9), (1.0,) * 4, ()])
def test_spacing_is_one_length_or_three(value: tuple[float, ...]) -> None:
    sentence = f"the spacing needs one length or three (x, y, z), found {len(value)}: {value}"
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}$"):
        spacing(value)


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (5e-8, "50 nm"),
        (3.98e-7, "398 nm"),
        (9.9996e-7, "1 µm"),
        (5.345e-6, "5.345 µm"),
        (1.0, "1 m"),
        (2e-3, "2 mm"),
        (1234.0, "1234 m"),
        (1e-12, "0.001 nm"),
    ],
)
def test_readable_lengths(metres: float, text: str) -> None:
    assert format_length(metres) == text
