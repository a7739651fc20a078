"""A number of a volume: what studies of subvolumes and of segmentations call at every point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from meshing.errors import InputError
from meshing.volume import Volume
from twin.studies.outcome import flat_numbers
from twin.studies.points import suggest

Metric = Callable[..., Any]
"""Takes a volume, and arguments by name; gives a number, or a result with numbers."""


@dataclass(frozen=True)
class Question:
    """What is asked of a volume.

    Attributes
    ----------
    metric : callable
        Takes a volume, and the arguments by name.
    value : str or None
        Which number of the result is meant; None where the metric returns a number.
    arguments : mapping of str to anything
        What else the metric takes.
    """

    metric: Metric
    value: str | None
    arguments: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What is measured, in words."""
        return self.value or str(getattr(self.metric, "__name__", "value")).replace("_", " ")

    def of(self, volume: Volume) -> float:
        """The number of one volume, which may be infinite.

        Raises
        ------
        InputError
            When the metric gives no number, or no attribute or entry has the name.

        Examples
        --------
        >>> import twin
        >>> from twin.metrics import Question
        >>> volume = twin.Volume([[0, 1]], phases={"pore": 1})
        >>> Question(twin.Volume.volume_fraction, None, {"name": "pore"}).of(volume)
        0.5
        """
        return _number(self.metric(volume, **self.arguments), self.value)


def check_metric(metric: object) -> None:
    """Make sure that something can be called.

    Raises
    ------
    InputError
        When it cannot.
    """
    if not callable(metric):
        raise InputError(
            f"a metric is a function of a volume, as twin.tortuosity; found {metric!r}"
        )


def _number(found: Any, value: str | None) -> float:
    chosen = found if value is None else _named(found, value)
    if isinstance(chosen, bool | np.bool_) or not _is_real(chosen):
        raise InputError(_no_number(found, chosen, value))
    return float(chosen)


def _named(found: Any, value: str) -> Any:
    """An entry of a mapping, or an attribute; names within names are joined by dots."""
    if not isinstance(found, Mapping) and hasattr(found, value):
        return getattr(found, value)
    numbers = _numbers_of(found)
    if value not in numbers:
        raise InputError(
            f"the metric returned a {type(found).__name__} without {value!r}"
            f"{suggest(value, numbers)}; its numbers are {', '.join(numbers) or 'none'}"
        )
    return numbers[value]


def _no_number(found: Any, chosen: Any, value: str | None) -> str:
    if value is not None:
        return f"{value!r} of the metric's result is {chosen!r}, not a number; choose another value"
    numbers = _numbers_of(found)
    if not numbers:
        return (
            f"the metric returned {found!r:.60}, which is no number and has none; write a function "
            "that takes a volume and returns a number"
        )
    return (
        f"the metric returned a {type(found).__name__}; say which of its numbers is meant, as "
        f"value={next(iter(numbers))!r}, out of {', '.join(numbers)}"
    )


def _numbers_of(found: Any) -> dict[str, Any]:
    if isinstance(found, Mapping) or hasattr(found, "to_dict"):
        flat = flat_numbers(found).items()
        return {k: v for k, v in flat if _is_real(v) and not isinstance(v, bool)}
    return {}


def _is_real(value: Any) -> bool:
    scalar = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf"
    return scalar or isinstance(value, int | float | np.integer | np.floating)
