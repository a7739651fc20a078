"""How to solve, and what the solver says of its own work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Called after every iteration with the iteration number and the estimated relative error.
Progress = Callable[[int, float], None]


@dataclass(frozen=True)
class Solver:
    """How to solve a steady problem.

    Attributes
    ----------
    tolerance : largest estimated relative error of the flow (and so of D_eff and tau). The error
        of the field, in the energy norm, is about its square root.
    max_iterations : not converged after so many iterations raises `NotConverged`.

    Examples
    --------
    >>> from solvers.report import Solver
    >>> Solver(tolerance=1e-4)
    Solver(tolerance=0.0001, max_iterations=200)
    """

    tolerance: float = 1e-8
    max_iterations: int = 200


@dataclass(frozen=True)
class Report:
    """What a solve did.

    Attributes
    ----------
    converged : whether the tolerance was met.
    iterations : conjugate-gradient iterations.
    estimated_error : estimated relative error of the flow.
    history : estimated relative error after each iteration.
    unknowns : unknowns on each level of the hierarchy, finest first.
    seconds_setup, seconds_solve : wall time, compilation included where it was needed.
    """

    converged: bool
    iterations: int
    estimated_error: float
    history: tuple[float, ...]
    unknowns: tuple[int, ...]
    seconds_setup: float
    seconds_solve: float


class NotConverged(RuntimeError):
    """The iteration stopped before the tolerance was met; `report` holds what it did."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report
