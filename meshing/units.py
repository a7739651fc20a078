"""Lengths with units: what a user types becomes metres, and metres become readable text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

from meshing.errors import InputError

__all__ = ["Length", "Spacing", "SpacingLike", "format_length", "length", "spacing"]

Length = float | str
"""A length: a number in metres, or text with a unit such as ``"50nm"``."""

Spacing = tuple[float, float, float]
"""Edge lengths of a voxel along x, y and z [m]."""

SpacingLike = Length | Sequence[Length]
"""One length for the three axes or one for each, as numbers in metres or as text with a unit."""

# Exponents, not factors: "50" and 1e-9 joined into the text "50e-9" give the double nearest to the
# decimal number, where the product 50 * 1e-9 is off by one unit in the last place.
_EXPONENT: Final = {"nm": -9, "um": -6, "µm": -6, "μm": -6, "mm": -3, "cm": -2, "m": 0}
_PATTERN: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+))?\s*([^\W\d_]*)\s*")
_READABLE: Final = ((-9, "nm"), (-6, "µm"), (-3, "mm"), (0, "m"))


def length(value: Length) -> float:
    """Length in metres of a number in metres or of text with a unit.

    Parameters
    ----------
    value : float or str
        A number is taken as metres. Text needs a unit: nm, um, µm, mm, cm or m.

    Returns
    -------
    float
        The length [m].

    Raises
    ------
    InputError
        When the text is not a number with a known unit, or the number is not finite.

    Examples
    --------
    >>> from meshing.units import length
    >>> length("50nm")
    5e-08
    >>> length(1.3e-6)
    1.3e-06
    """
    metres = _parse(value) if isinstance(value, str) else _number(value)
    if not math.isfinite(metres):
        raise InputError(
            f"a length must be a finite number, found {value!r}; give it as '50nm' or in metres"
        )
    return metres


def spacing(value: SpacingLike) -> Spacing:
    """Voxel spacing in metres along x, y and z.

    Parameters
    ----------
    value : float, str or a sequence of three of them
        One length for all three axes, or one for each. Text may hold the three lengths with
        commas between them.

    Returns
    -------
    tuple of three floats
        Spacing along x, y and z [m], each finite and greater than zero.

    Raises
    ------
    InputError
        When there are neither one nor three lengths, or one is zero, negative or not finite.

    Examples
    --------
    >>> from meshing.units import spacing
    >>> spacing("50nm")
    (5e-08, 5e-08, 5e-08)
    >>> spacing("20nm, 5nm, 5nm")
    (2e-08, 5e-09, 5e-09)
    """
    parts = _parts(value)
    if len(parts) == 1:
        parts *= 3
    if len(parts) != 3:
        raise InputError(
            f"the spacing needs one length or three (x, y, z), found {len(parts)}: {value!r}"
        )
    x, y, z = (_positive(part, axis) for part, axis in zip(parts, "xyz", strict=True))
    return x, y, z


def format_length(metres: float) -> str:
    """Text of a length with the unit that keeps the number between 1 and 1000 where one does.

    Parameters
    ----------
    metres : float
        The length [m].

    Returns
    -------
    str
        Four significant digits and the unit.

    Examples
    --------
    >>> from meshing.units import format_length
    >>> format_length(3.98e-7)
    '398 nm'
    """
    for exponent, unit in _READABLE:
        scaled = metres / 10.0**exponent
        if abs(scaled) < 999.95 or unit == "m":
            return f"{scaled:.4g} {unit}"
    raise AssertionError("the last unit always returns")


def _parts(value: SpacingLike) -> list[Length]:
    if isinstance(value, str):
        return list(value.split(","))
    return list(value) if isinstance(value, Iterable) else [value]


def _positive(part: Length, axis: str) -> float:
    metres = _parse(part) if isinstance(part, str) else _number(part)
    if not (math.isfinite(metres) and metres > 0.0):
        raise InputError(
            f"the spacing along {axis} must be a length greater than zero, found {part!r}; "
            "give it as '50nm' or in metres"
        )
    return metres


def _number(value: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(
            f"a length must be a number in metres or text such as '50nm', found {value!r}"
        ) from None


def _parse(text: str) -> float:
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise InputError(
            f"cannot read {text!r} as a length; give a number with a unit, such as '50nm'"
        )
    mantissa, exponent, unit = match.groups()
    if unit not in _EXPONENT:
        found = f"has the unknown unit {unit!r}" if unit else "has no unit"
        raise InputError(
            f"the length {text.strip()!r} {found}; use nm, um, mm, cm or m, such as '50nm'"
        )
    return float(f"{mantissa}e{int(exponent or 0) + _EXPONENT[unit]}")
