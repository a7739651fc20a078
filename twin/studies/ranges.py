"""Several values as a user types them: lists and ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from meshing.errors import InputError


def numbers(text: str) -> list[float]:
    """Numbers with commas between them, and ranges among them.

    Parameters
    ----------
    text : ``1.5``, ``2.4,12``, ``0.5:0.9:5`` (five numbers at equal distances, both ends included)
        or ``1e-11:1e-9:5log`` (five numbers with equal ratios).

    Returns
    -------
    list of float

    Raises
    ------
    InputError
        When the text is none of these.

    Examples
    --------
    >>> from twin.studies.ranges import numbers
    >>> numbers("2.4,12")
    [2.4, 12.0]
    >>> numbers("0:1:3,10:1000:3log")
    [0.0, 0.5, 1.0, 10.0, 100.0, 1000.0]
    """
    return [value for part in text.split(",") for value in _part(part.strip(), text)]


def quantities(text: str) -> list[float] | list[str]:
    """Numbers in SI units, or the same with a unit behind them, which all of them get.

    Examples
    --------
    >>> from twin.studies.ranges import quantities
    >>> quantities("2.4,12"), quantities("0.1:0.3:2 mA/cm2")
    ([2.4, 12.0], ['0.1 mA/cm2', '0.3 mA/cm2'])
    """
    values, _, unit = text.strip().partition(" ")
    found = numbers(values)
    return [f"{value:.15g} {unit.strip()}" for value in found] if unit else found


def whole_numbers(text: str) -> list[int]:
    """The same for numbers that must be whole.

    Examples
    --------
    >>> from twin.studies.ranges import whole_numbers
    >>> whole_numbers("50:200:4")
    [50, 100, 150, 200]
    """
    found = numbers(text)
    for value in found:
        if not value.is_integer():
            raise InputError(f"whole numbers are needed, found {value:g} in {text!r}")
    return [int(value) for value in found]


def names(text: str) -> list[str]:
    """Names with commas between them.

    Examples
    --------
    >>> from twin.studies.ranges import names
    >>> names("pore, CBD")
    ['pore', 'CBD']
    """
    found = [part.strip() for part in text.split(",")]
    if not all(found):
        raise InputError(f"names with commas between them are needed, found {text!r}")
    return found


def one_or_more(parse: Callable[[str], list[Any]]) -> Callable[[str], Any]:
    """A list of several values, and one value as itself.

    Examples
    --------
    >>> from twin.studies.ranges import names, one_or_more
    >>> one_or_more(names)("x,y"), one_or_more(names)("z")
    (['x', 'y'], 'z')
    """

    def run(text: str) -> Any:
        found = parse(text)
        return found if len(found) > 1 else found[0]

    return run


def _part(part: str, text: str) -> list[float]:
    if ":" not in part:
        return [_number(part, text)]
    ends = part.split(":")
    if len(ends) != 3:
        raise InputError(
            f"a range is first:last:count, as 0.5:0.9:5 or 1e-11:1e-9:5log, found {part!r}"
        )
    first, last = _number(ends[0], text), _number(ends[1], text)
    if ends[2].endswith("log"):
        count = _count(ends[2].removesuffix("log"), part)
        if first * last <= 0.0:
            raise InputError(
                f"the ends of a logarithmic range have one sign and are not 0, found {part!r}"
            )
        return [float(value) for value in np.geomspace(first, last, count)]
    return [float(value) for value in np.linspace(first, last, _count(ends[2], part))]


def _number(word: str, text: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InputError(
            f"{word!r} in {text!r} is no number; give values as 2.4,12, as 0.5:0.9:5 or as "
            "1e-11:1e-9:5log"
        ) from None


def _count(word: str, part: str) -> int:
    if not word.isdecimal() or int(word) < 2:
        raise InputError(f"a range has at least two values, as 0.5:0.9:5, found {part!r}")
    return int(word)
