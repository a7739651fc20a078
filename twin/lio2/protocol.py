"""What is done to a cell: steps of constant current and rests, with units."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, Literal

from meshing.errors import InputError
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.lio2.parameters import Parameters

Kind = Literal["current", "voltage", "capacity", "time"]

# Unit -> what it measures, its factor to SI, and whether it is per gram of carbon.
_UNITS: Final[dict[str, tuple[Kind, float, bool]]] = {
    "A/m2": ("current", 1.0, False),
    "mA/cm2": ("current", 10.0, False),
    "uA/cm2": ("current", 0.01, False),
    "mA/g": ("current", 1.0, True),
    "A/kg": ("current", 1.0, True),
    "V": ("voltage", 1.0, False),
    "mV": ("voltage", 1e-3, False),
    "C/m2": ("capacity", 1.0, False),
    "mAh/cm2": ("capacity", 1e4 * MILLIAMPERE_HOUR, False),
    "mAh/g": ("capacity", 1e3 * MILLIAMPERE_HOUR, True),
    "s": ("time", 1.0, False),
    "min": ("time", 60.0, False),
    "h": ("time", 3600.0, False),
    "d": ("time", 86400.0, False),
}
_SI: Final[dict[Kind, str]] = {"current": "A/m2", "voltage": "V", "capacity": "C/m2", "time": "s"}
_NUMBER: Final = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S+)\s*")

Quantity = float | str


@dataclass(frozen=True)
class Step:
    """A constant current, or none, until the first of its limits.

    Numbers are in SI units; text carries a unit.

    Attributes
    ----------
    current : discharge current in A/m2, or text in mA/cm2 or mA/g of carbon; 0 for a rest.
    voltage : end at this cell voltage [V]; the whole discharge always ends at the cut-off of its
        parameters.
    capacity : end when the step has passed this charge [C/m2], or text in mAh/cm2 or mAh/g.
    time : end after this time [s], or text in s, min, h or d.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.Step("0.24 mA/cm2", capacity="1 mAh/cm2")
    Step(current='0.24 mA/cm2', voltage=None, capacity='1 mAh/cm2', time=None)
    >>> twin.lio2.Step.of("rest for 2 h")
    Step(current=0.0, voltage=None, capacity=None, time='2 h')
    """

    current: Quantity
    voltage: Quantity | None = None
    capacity: Quantity | None = None
    time: Quantity | None = None

    @classmethod
    def of(cls, text: str) -> Step:
        """A step from words: "2.4 A/m2 until 2.3 V", "40 mA/g until 500 mAh/g or 3 h", "rest 1 h".

        Raises
        ------
        InputError
            Words that are no step.
        """
        first, *rest = re.split(r"\s+(?:until|for|or)\s+|(?<=^rest)\s+", text.strip())
        limits: dict[str, str] = {}
        for part in rest:
            kind = _parse(part, f"the step {text!r}")[0]
            if kind == "current" or kind in limits:
                raise InputError(
                    f"the step {text!r} has {part!r} where a limit belongs; write it as "
                    "'2.4 A/m2 until 2.3 V' or 'rest 1 h'"
                )
            limits[kind] = part
        return cls(0.0 if first == "rest" else first, **limits)


@dataclass(frozen=True)
class Task:
    """A step in SI units, for one cell.

    Attributes
    ----------
    current : [A/m2].
    voltage : end at this cell voltage [V]; None where the step does not say.
    duration : end after this time [s]; inf where nothing but a voltage ends it.
    limit : which of capacity and time ends it at that duration.
    """

    current: float
    voltage: float | None
    duration: float
    limit: Literal["capacity", "time"]


def tasks(protocol: tuple[Step, ...], p: Parameters) -> list[Task]:
    """The steps in SI units, checked.

    Raises
    ------
    InputError
        No step, a negative current, a step that nothing can end.

    Examples
    --------
    >>> import twin
    >>> from twin.lio2.protocol import tasks
    >>> cell = twin.lio2.Parameters.of("Su2021_ch6")
    >>> tasks((twin.lio2.Step("0.24 mA/cm2", time="1 h"),), cell)[0].duration
    3600.0
    """
    if not protocol:
        raise InputError("a protocol needs at least one step; give Step('2.4 A/m2'), for example")
    return [_task(step, number, p) for number, step in enumerate(protocol, 1)]


def _task(step: Step, number: int, p: Parameters) -> Task:
    what = f"step {number}"
    current = amount(step.current, "current", p, what)
    if not (current >= 0.0 and math.isfinite(current)):
        raise InputError(
            f"{what} has a current of {current:g} A/m2, and this model discharges only; give a "
            "current greater than zero, or 0 for a rest"
        )
    given: dict[Kind, Quantity | None] = {
        "voltage": step.voltage, "capacity": step.capacity, "time": step.time,
    }  # fmt: skip
    limits = {k: _limit(value, k, p, what) for k, value in given.items() if value is not None}
    if current == 0.0:
        return _rest(limits, what)
    voltage = limits.get("voltage")
    if voltage is not None and not p.cut_off_voltage <= voltage < p.equilibrium_voltage:
        raise InputError(
            f"{what} is to end at {voltage:g} V, which is not between the cut-off of "
            f"{p.cut_off_voltage:g} V and the equilibrium voltage of {p.equilibrium_voltage:g} V"
        )
    by_capacity = limits.get("capacity", math.inf) / current
    by_time = limits.get("time", math.inf)
    limit: Literal["capacity", "time"] = "capacity" if by_capacity < by_time else "time"
    return Task(current, voltage, min(by_capacity, by_time), limit)


def _limit(value: Quantity, kind: Kind, p: Parameters, what: str) -> float:
    found = amount(value, kind, p, what)
    if not (found > 0.0 and math.isfinite(found)):
        raise InputError(f"the {kind} that ends {what} must be greater than zero, found {value!r}")
    return found


def _rest(limits: dict[Kind, float], what: str) -> Task:
    if "time" not in limits:
        raise InputError(f"{what} is a rest that never ends; give it a time, such as '1 h'")
    if len(limits) > 1:
        raise InputError(f"{what} is a rest, which only a time can end; leave out the other limits")
    return Task(0.0, None, limits["time"], "time")


def amount(
    value: Quantity, kind: Kind, p: Parameters, what: str, loading: float | None = None
) -> float:
    """A quantity of the wanted kind in SI units per area of the cathode.

    Parameters
    ----------
    value : a number in SI units, or text with a unit.
    kind : what it is to be.
    p : the cell.
    what : the name of the quantity, for a refusal.
    loading : carbon per area of the cathode [kg/m2]; that of the parameters by default.

    Raises
    ------
    InputError
        Text without a known unit, or with that of something else.

    Examples
    --------
    >>> import twin
    >>> from twin.lio2.protocol import amount
    >>> cell = twin.lio2.Parameters.of("Su2021_ch6")
    >>> amount("0.24 mA/cm2", "current", cell, "the current")
    2.4
    """
    if not isinstance(value, str):
        return _float(value, kind, what)
    found, factor, per_gram, number = _parse(value, what)
    if found != kind:
        raise InputError(
            f"{what} needs a {kind}, as in {_SI[kind]}, and found the {found} {value!r}"
        )
    if not per_gram:
        return number * factor
    return number * factor * (p.carbon_loading if loading is None else loading)


def _float(value: float, kind: Kind, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"{what} needs a {kind} as a number in {_SI[kind]} or text, found {value!r}"
        )
    return float(value)


def _parse(text: str, what: str) -> tuple[Kind, float, bool, float]:
    match = _NUMBER.fullmatch(text)
    if match is None or match[2] not in _UNITS:
        raise InputError(
            f"{what} has {text!r}, which is not a number with a unit; the units are "
            f"{', '.join(_UNITS)}"
        )
    return *_UNITS[match[2]], float(match[1])
