"""asv: what a sweep adds to the work of its points, and how it scales with processes.

asv run --config benchmarks/asv.conf.json --python=same --quick --bench Sweep
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import psutil

import twin

_POINTS: Final = 200


def _square(x: float) -> float:
    return x * x


def _discharge(x: float) -> dict[str, float]:
    d = twin.lio2.discharge(current_density=2.4, oxygen_diffusivity=x)
    return {"capacity": d.capacity, "bytes": float(psutil.Process().memory_info().rss)}


def _diffusivities(count: int) -> list[float]:
    return [7e-11 * 5.0 ** (n / count) for n in range(count)]


class SweepOverhead:
    """A function that takes no time, so that all is overhead; the store lies on disk."""

    params = (["serial", "threads", "processes"],)
    param_names = ("workers",)
    timeout = 600.0

    def setup(self, workers: str) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.how: dict[str, Any] = {"store": Path(self.folder.name) / "sweep.db", "jobs": 1}
        if workers != "serial":
            self.how |= {"jobs": 2, "workers": workers}

    def teardown(self, workers: str) -> None:
        self.folder.cleanup()

    def _sweep(self, count: int) -> float:
        start = perf_counter()
        twin.sweep(_square, x=[float(n) for n in range(count)], progress=False, **self.how)
        return perf_counter() - start

    def track_per_point(self, workers: str) -> float:
        """Of points beyond the first two, which wait for processes to start."""
        self._sweep(2)
        begin = self._sweep(4)
        return 1e3 * (self._sweep(_POINTS) - begin) / (_POINTS - 4)

    def track_start(self, workers: str) -> float:
        """Of a sweep of two points."""
        return self._sweep(2)

    def track_from_the_store(self, workers: str) -> float:
        """A point that is in the store already."""
        self._sweep(_POINTS)
        return 1e3 * self._sweep(_POINTS) / _POINTS

    track_per_point.unit = "ms"  # type: ignore[attr-defined]
    track_start.unit = "s"  # type: ignore[attr-defined]
    track_from_the_store.unit = "ms"  # type: ignore[attr-defined]


class SweepScaling:
    """Discharges of a Li-O2 cell with a number of processes."""

    params = ([1, 2, 4, 8, 16],)
    param_names = ("jobs",)
    timeout = 3600.0

    def setup(self, jobs: int) -> None:
        if jobs > (os.cpu_count() or 1):
            raise NotImplementedError(f"there are no {jobs} cores")
        self._sweep(2, jobs)  # compiles

    def _sweep(self, count: int, jobs: int) -> twin.Sweep:
        return twin.sweep(
            _discharge, x=_diffusivities(count), store=None, jobs=jobs, progress=False
        )

    def time_eight_points(self, jobs: int) -> None:
        self._sweep(8, jobs)

    def track_points_per_second(self, jobs: int) -> float:
        """Of a thousand points, the start of the processes included."""
        start = perf_counter()
        self._sweep(1000, jobs)
        return 1000 / (perf_counter() - start)

    def track_largest_worker(self, jobs: int) -> float:
        """Memory of the largest process [MB]."""
        return float(self._sweep(100, jobs).column("bytes").max() / 1e6)

    track_points_per_second.unit = "1/s"  # type: ignore[attr-defined]
    track_largest_worker.unit = "MB"  # type: ignore[attr-defined]
