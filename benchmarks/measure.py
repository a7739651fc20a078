"""Wall time and peak memory of a call, and the time of one pass over a volume."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, Generic, TypeVar

import numpy as np

_PROCESS: Final = Path("/proc/self")
_COPIES: Final = 7

T = TypeVar("T")


@dataclass(frozen=True)
class Measured(Generic[T]):
    """What a call returned, and what it took.

    Attributes
    ----------
    value : what the call returned.
    seconds : wall time [s].
    peak_bytes : peak of resident memory above that before the call; None where the system does
        not tell.
    process_bytes : peak of resident memory of the whole process, interpreter, libraries and
        arguments included; None where the system does not tell.
    """

    value: T
    seconds: float
    peak_bytes: int | None
    process_bytes: int | None


def measured(call: Callable[[], T]) -> Measured[T]:
    """Run a function once; the peak is the kernel's own high-water mark, so none is missed."""
    tells = _restart_peak()
    before = _status("VmRSS") if tells else 0
    began = perf_counter()
    value = call()
    seconds = perf_counter() - began
    if not tells:
        return Measured(value, seconds, None, None)
    peak = _status("VmHWM")
    return Measured(value, seconds, peak - before, peak)


def seconds_to_copy(shape: Sequence[int]) -> float:
    """Median time [s] of a copy of a float32 array of this shape, by NumPy, in one thread."""
    source = np.ones(tuple(shape), np.float32)
    target = np.zeros_like(source)
    times = []
    for _ in range(_COPIES):
        began = perf_counter()
        np.copyto(target, source)
        times.append(perf_counter() - began)
    return median(times)


def _restart_peak() -> bool:
    """Let the high-water mark of resident memory begin anew (Linux); whether that was possible."""
    file = _PROCESS / "clear_refs"
    if not file.exists():
        return False
    file.write_text("5")
    return True


def _status(field: str) -> int:
    for line in (_PROCESS / "status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(f"{_PROCESS / 'status'} has no {field}")
