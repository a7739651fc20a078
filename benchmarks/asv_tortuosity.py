"""asv: one solve on blobs of our own, by size and porosity.

asv run --config benchmarks/asv.conf.json
asv run --config benchmarks/asv.conf.json --python=same --quick --bench "Solve.*\\(50, 0.5"
"""

from __future__ import annotations

import math

import twin
from benchmarks.measure import measured
from benchmarks.tools import ONE_PHASE, TOOLS, relative_error
from benchmarks.volumes import Image, one_blobs

_SIZES = [50, 100, 200]
_POROSITIES = [0.2, 0.5, 0.8]


def _solve(labels: Image, tool: str = "twin") -> twin.Tortuosity:
    t: twin.Tortuosity = TOOLS[tool].call(TOOLS[tool].prepare(labels, 0, ONE_PHASE))
    return t


class Solve:
    """The whole call along x: trimming, set-up, solve, checks; compiled before."""

    params = (_SIZES, _POROSITIES)
    param_names = ("size", "porosity")
    timeout = 600.0

    def setup(self, size: int, porosity: float) -> None:
        self.labels = one_blobs(size, porosity)
        _solve(one_blobs(32, 0.7))

    def time_solve(self, size: int, porosity: float) -> None:
        _solve(self.labels)

    def peakmem_solve(self, size: int, porosity: float) -> None:
        """Of the whole process, which has libraries and compiled code in it."""
        _solve(self.labels)


class Quality:
    """Numbers of one solve along x."""

    params = (_SIZES, _POROSITIES)
    param_names = ("size", "porosity")
    timeout = 600.0

    def setup(self, size: int, porosity: float) -> None:
        self.labels = one_blobs(size, porosity)
        _solve(one_blobs(32, 0.7))

    def track_iterations(self, size: int, porosity: float) -> int:
        return _solve(self.labels).iterations

    def track_error(self, size: int, porosity: float) -> float:
        """Relative error of D_eff, against double precision at a tolerance of 1e-11."""
        numbers = TOOLS["twin"].numbers
        tight = numbers(_solve(self.labels, "twin-reference"))
        return relative_error(numbers(_solve(self.labels)), tight)

    def track_flux_imbalance(self, size: int, porosity: float) -> float:
        return _solve(self.labels).flux_imbalance

    def track_bytes_per_voxel(self, size: int, porosity: float) -> float:
        """Peak above the memory before the call."""
        peak = measured(lambda: _solve(self.labels)).peak_bytes
        return math.nan if peak is None else peak / self.labels.size

    track_iterations.unit = "iterations"  # type: ignore[attr-defined]
    track_error.unit = "relative"  # type: ignore[attr-defined]
    track_flux_imbalance.unit = "relative"  # type: ignore[attr-defined]
    track_bytes_per_voxel.unit = "bytes"  # type: ignore[attr-defined]
