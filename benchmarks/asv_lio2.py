"""asv: Li-O2 discharges.

asv run --config benchmarks/asv.conf.json --bench Lio2
"""

from __future__ import annotations

import twin
from twin.lio2 import Discharge, Grid, Stepping

_CELLS = [50, 100, 200, 400]
_TOLERANCES = [1e-2, 1e-3, 1e-4]

#: The eight points of chapter 6: diffusivity, solubility and current, each once and fivefold.
_EIGHT = [(d, c, i) for d in (7e-11, 3.5e-10) for c in (3.72, 18.6) for i in (2.4, 12.0)]


def _discharge(cells: int = 100, tolerance: float = 1e-3) -> Discharge:
    return twin.lio2.discharge(
        current_density=2.4, grid=Grid(cells), stepping=Stepping(tolerance=tolerance)
    )


class Lio2Cells:
    """The base discharge of the set Su2021_ch6 by the cells of the cathode; compiled before."""

    params = _CELLS
    param_names = ("cells",)

    def setup(self, cells: int) -> None:
        _discharge()

    def time_discharge(self, cells: int) -> None:
        _discharge(cells)

    def peakmem_discharge(self, cells: int) -> None:
        """Of the whole process, which has libraries and compiled code in it."""
        _discharge(cells)

    def track_capacity(self, cells: int) -> float:
        return _discharge(cells).areal_capacity

    def track_charge_balance(self, cells: int) -> float:
        return abs(_discharge(cells).charge_balance)

    track_capacity.unit = "mAh/cm2"  # type: ignore[attr-defined]
    track_charge_balance.unit = "relative"  # type: ignore[attr-defined]


class Lio2Tolerance:
    """The work of the base discharge by the tolerance of its steps."""

    params = _TOLERANCES
    param_names = ("tolerance",)

    def setup(self, tolerance: float) -> None:
        _discharge()

    def time_discharge(self, tolerance: float) -> None:
        _discharge(tolerance=tolerance)

    def track_steps(self, tolerance: float) -> int:
        return _discharge(tolerance=tolerance).history.steps

    def track_iterations(self, tolerance: float) -> int:
        return _discharge(tolerance=tolerance).history.iterations

    track_steps.unit = "steps"  # type: ignore[attr-defined]
    track_iterations.unit = "iterations"  # type: ignore[attr-defined]


class Lio2Eight:
    """The eight points of chapter 6 of the thesis, one after the other."""

    def setup(self) -> None:
        _discharge()

    def time_eight(self) -> None:
        for diffusivity, solubility, current in _EIGHT:
            twin.lio2.discharge(
                current_density=current,
                oxygen_diffusivity=diffusivity,
                oxygen_solubility=solubility,
            )
