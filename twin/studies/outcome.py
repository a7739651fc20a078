"""What becomes of one point: the numbers of its result, or its error."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import numpy as np

_AXES: Final = "xyz"


@dataclass(frozen=True)
class Outcome:
    """A point that was computed.

    Attributes
    ----------
    numbers : mapping of str to number, text, bool or None
        The numbers of the result, flat; empty where the point failed.
    error : str
        What went wrong, in one line; empty where nothing did.
    traceback : str
        Where it went wrong, for whoever looks for the cause.
    seconds : float
        Wall time of the call [s].
    result : bytes or None
        The pickle of the object that the function returned, where it is kept.
    note : str
        Why the object could not be kept.
    """

    numbers: Mapping[str, Any]
    error: str = ""
    traceback: str = ""
    seconds: float = 0.0
    result: bytes | None = None
    note: str = ""


def run_point(
    function: Callable[..., Any], arguments: Mapping[str, Any], keep_result: bool
) -> Outcome:
    """Call a function once, and turn what it returns or raises into an `Outcome`.

    Parameters
    ----------
    function : what is called.
    arguments : by name.
    keep_result : whether to pickle the object that it returns.

    Returns
    -------
    Outcome

    Examples
    --------
    >>> from twin.studies.outcome import run_point
    >>> dict(run_point(divmod, {}, False).numbers), run_point(divmod, {}, False).error
    ({}, 'TypeError: divmod expected 2 arguments, got 0')
    """
    start = perf_counter()
    try:
        found = function(**arguments)
        numbers = flat_numbers(found)
    except Exception as error:  # any error of the function belongs to its point alone
        return failure(error, perf_counter() - start)
    seconds = perf_counter() - start
    result, note = _pickle(found) if keep_result else (None, "")
    return Outcome(numbers, seconds=seconds, result=result, note=note)


def failure(error: BaseException, seconds: float = 0.0) -> Outcome:
    """The outcome of a point that raised an error.

    Examples
    --------
    >>> from twin.studies.outcome import failure
    >>> failure(ValueError("no"), 0.0).error
    'ValueError: no'
    """
    text = " ".join(str(error).split())
    named = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Outcome({}, named, "".join(traceback.format_exception(error)), seconds)


def flat_numbers(found: Any) -> dict[str, Any]:
    """The numbers, texts and truths of a result, by name.

    Parameters
    ----------
    found : an object with `to_dict()`, a mapping, or a number, which gets the name ``value``.
        Within mappings, names are joined by dots; three numbers get x, y and z; longer lists and
        arrays are left out, for a table has no place for them.

    Returns
    -------
    dict

    Raises
    ------
    TypeError
        When the result is none of these.

    Examples
    --------
    >>> from twin.studies.outcome import flat_numbers
    >>> flat_numbers({"a": 1, "b": {"c": True}, "spacing": [1.0, 2.0, 3.0], "curve": [0.0] * 9})
    {'a': 1, 'b.c': True, 'spacing_x': 1.0, 'spacing_y': 2.0, 'spacing_z': 3.0}
    >>> flat_numbers(0.5)
    {'value': 0.5}
    """
    if hasattr(found, "to_dict"):
        found = found.to_dict()
    if isinstance(found, Mapping):
        return dict(_flat(found, ""))
    if _is_number(found):
        return {"value": _plain(found)}
    raise TypeError(
        f"the function returned a {type(found).__name__}; a sweep needs a number, a mapping of "
        "names to numbers, or an object with to_dict()"
    )


def _flat(data: Mapping[Any, Any], before: str) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in data.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{name}.")
        elif value is None or isinstance(value, str) or _is_number(value):
            pairs.append((name, _plain(value)))
        elif isinstance(value, list | tuple) and len(value) == len(_AXES):
            three = zip(_AXES, value, strict=True)
            pairs += [(f"{name}_{axis}", _plain(v)) for axis, v in three if _is_number(v)]
    return pairs


def _is_number(value: Any) -> bool:
    scalar = isinstance(value, np.ndarray) and value.ndim == 0
    return scalar or isinstance(value, bool | int | float | np.bool_ | np.number)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def _pickle(found: Any) -> tuple[bytes | None, str]:
    import cloudpickle  # takes classes of a script or a notebook as well

    try:
        return cloudpickle.dumps(found), ""
    except Exception as error:  # whatever an object's own methods raise
        return None, f"the result cannot be pickled: {' '.join(str(error).split())}"
