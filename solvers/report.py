"""How to solve, and what the solver says of its own work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Precision = type[np.float32] | type[np.float64]

#: Called after every iteration with the iteration number and the estimated relative error.
Progress = Callable[[int, float], None]


#: What rounding of single-precision vectors may do to the flow; largest measured 3.5e-6.
SINGLE = 1e-5

#: Part of the tolerance that the iteration may use.
PART = 0.001


@dataclass(frozen=True)
class Solver:
    """How to solve a steady problem.

    Attributes
    ----------
    tolerance : largest relative error of the flow, and so of D_eff and tau. Iterations stop when
        their own part is estimated at a thousandth of it; the rest is left to rounding. Down to
        `SINGLE` the vectors are single precision, below it double, for twice the memory.
        The error of the field, in the energy norm, is about the square root. Where conductivities
        differ, the thousandth is divided by the root of their ratio, for the flow inside the good
        conductors.
    max_iterations : not converged after so many iterations raises `NotConverged`. Ten are usual;
        voxel-sized islands of a conductor 1e8 times better than what is around take forty.

    Examples
    --------
    >>> from solvers.report import Solver
    >>> Solver(tolerance=1e-4)
    Solver(tolerance=0.0001, max_iterations=1000)
    """

    tolerance: float = 1e-5
    max_iterations: int = 1000


@dataclass(frozen=True)
class Report:
    """What a solve did.

    Attributes
    ----------
    converged : whether the tolerance was met.
    iterations : conjugate-gradient iterations.
    estimated_error : estimated relative error of the flow that the iteration left.
    precision : "single" or "double", of the vectors; single precision adds up to `SINGLE`.
    history : estimated relative error after each iteration.
    unknowns : unknowns on each level of the hierarchy, finest first.
    seconds_setup, seconds_solve : wall time, compilation included where it was needed.
    """

    converged: bool
    iterations: int
    estimated_error: float
    precision: str
    history: tuple[float, ...]
    unknowns: tuple[int, ...]
    seconds_setup: float
    seconds_solve: float


class NotConverged(RuntimeError):
    """The iteration stopped before the tolerance was met; `report` holds what it did."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report
