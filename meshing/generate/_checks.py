"""What the generators have in common: what they refuse."""

from __future__ import annotations

from collections.abc import Sequence

from meshing.errors import InputError


def check_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    if len(shape) != 3 or min(shape) < 1:
        raise InputError(f"a shape is three whole numbers of at least 1, found {tuple(shape)}")
    return int(shape[0]), int(shape[1]), int(shape[2])


def axis_number(axis: str) -> int:
    if axis not in ("x", "y", "z"):
        raise InputError(f'an axis is "x", "y" or "z", found {axis!r}')
    return "xyz".index(axis)


def check_fractions(*fractions: float) -> None:
    if min(fractions) < 0 or sum(fractions) >= 1:
        raise InputError(
            f"volume fractions must be at least 0 and add up to less than 1, found {fractions}"
        )


def check_positive(name: str, value: float) -> float:
    if not value > 0:
        raise InputError(f"the {name} must be above 0, found {value}: give it in metres")
    return value
