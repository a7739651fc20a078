"""Find the field of least energy: start from a guess, iterate, and watch the error."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from solvers.krylov import State, Vectors, iterate, red_from_black, start_from
from solvers.multigrid import Hierarchy
from solvers.report import NotConverged, Progress, Report
from solvers.system import Equations


@dataclass(frozen=True)
class Effort:
    """When to stop.

    Attributes
    ----------
    goal : estimated relative error of the energy.
    max_iterations : not converged after so many iterations is an error.
    progress : called with the iteration number and the estimated error after each iteration.
    imbalance : what sources bring and what ends and leaks pass differ by no more, in the units of
        the right-hand side.
    """

    goal: float
    max_iterations: int
    progress: Progress | None = None
    imbalance: float = math.inf


def minimise(
    system: Equations,
    hierarchy: Hierarchy,
    start: NDArray[np.floating],
    unknowns: int,
    effort: Effort,
    began: float,
    blank: Vectors | None = None,
) -> tuple[State, Report]:
    """Solve a system by conjugate gradients with a multigrid cycle.

    Parameters
    ----------
    system : the equations.
    hierarchy : their coarse levels.
    start : black values to start from; they are overwritten.
    unknowns : of the finest level, for the report.
    effort : when to stop.
    began : of `perf_counter`, when the assembly began.
    blank : three vectors of zeros to work in; None to make them.

    Raises
    ------
    NotConverged
        The iteration limit came before the goal; the error carries the report.
    """
    state, square, energy = start_from(system, start, blank)
    ready = perf_counter()

    def measure() -> float:
        return red_from_black(system, state.x, state.t)

    watch = _Watch(energy, measure, effort)
    iterate(system, hierarchy, state, square, watch.observe)
    seconds = (ready - began, perf_counter() - ready)
    report = watch.report(system, (unknowns, *hierarchy.unknowns), seconds)
    if not report.converged:
        raise NotConverged(
            f"not converged after {report.iterations} iterations: estimated error "
            f"{report.estimated_error:.1e}, where {effort.goal:.1e} was asked for; "
            "raise max_iterations or the tolerance",
            report,
        )
    return state, report


#: Slowest convergence that the estimate of the error believes in.
SLOWEST = 0.99

#: The energy is measured anew when what is left after subtracting every decrease has fallen to
#: this part of the last measurement: a good conductor begins with an energy that hides the rest.
#: Where sources drive the flow the energy is negative, and grows in size.
FALLEN = 0.1


class _Watch:
    """Follows the error of the energy and says when it is small enough."""

    def __init__(self, energy: float, measure: Callable[[], float], effort: Effort) -> None:
        self.energy = self.measured = energy
        self.measure = measure
        self.effort = effort
        self.steps: list[float] = []
        self.errors: list[float] = []
        self.left = math.inf

    def observe(self, step: float, left: float) -> bool:
        """Take by how much an iteration lowered the energy, and what flows miss; say if to stop."""
        self.steps.append(step)
        self.left = left
        self.energy -= step
        if self.measured > 0 and self.energy < FALLEN * self.measured:
            self.energy = self.measured = self.measure()
        self.errors.append(self._estimate())
        if self.effort.progress:
            self.effort.progress(len(self.errors), self.errors[-1])
        return self.converged or len(self.errors) >= self.effort.max_iterations

    def _estimate(self) -> float:
        """What later iterations will still take off, if they shrink as the slowest of the last."""
        if self.steps[-1] == 0:
            return 0.0
        if len(self.steps) < 3:
            return float("inf")
        rates = [b / a for a, b in zip(self.steps[-3:-1], self.steps[-2:], strict=True)]
        rate = min(max(rates), SLOWEST)
        return self.steps[-1] * rate / (1 - rate) / abs(self.energy)

    @property
    def converged(self) -> bool:
        balanced = abs(self.left) <= self.effort.imbalance
        return balanced and bool(self.errors) and self.errors[-1] <= self.effort.goal

    def report(
        self, system: Equations, unknowns: tuple[int, ...], seconds: tuple[float, float]
    ) -> Report:
        return Report(
            converged=self.converged,
            iterations=len(self.errors),
            estimated_error=self.errors[-1] if self.errors else float("inf"),
            precision="single" if system.precision is np.float32 else "double",
            history=tuple(self.errors),
            unknowns=unknowns,
            seconds_setup=seconds[0],
            seconds_solve=seconds[1],
        )
