"""Adaptive implicit steps in time, with events: ``d m(y) / dt = f(y)``, some m identically zero.

The backward differentiation formula of second order with variable steps (Gear's, for conserved
quantities instead of unknowns)::

    m(y_new) - ((1 + w)^2 m_now - w^2 m_before) / (1 + 2 w) = h (1 + w) / (1 + 2 w) f(y_new)

with w the ratio of the new step h to the one before. Whatever is linear in m is conserved to
rounding. The first two steps are those of first order (backward Euler). The error of a step
follows from the difference to the polynomial through the points before, the same that starts
Newton's method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solvers.banded import NewtonFailed

Array = NDArray[np.float64]

#: A function of the unknowns that changes sign where a run is to end.
Event = Callable[[Array], float]

# A step is never longer than this times the one before (the formula is stable up to 1 + sqrt 2),
# and a rejected one is shortened at most by the second number.
_GROWTH, _SHRINK, _SAFETY = 2.0, 0.2, 0.85


class System(Protocol):
    """What is integrated."""

    def conserved(self, y: Array) -> Array:
        """m(y), of the shape of y."""

    def rates(self, y: Array) -> Array:
        """Rates of change of quantities that are summed up alongside, (k,)."""

    def solve(self, known: Array, step: float, guess: Array) -> tuple[Array, int]:
        """Solve m(y) - known = step f(y); the iterations it took. Raises `NewtonFailed`."""

    def error(self, difference: Array) -> float:
        """Size of an error of y, in which the tolerance is given."""


@dataclass(frozen=True)
class Stepping:
    """How to step.

    Attributes
    ----------
    tolerance : largest error of a step, in the measure of the system.
    first : the first step [s].
    largest, smallest : the longest step, and the one below which the run is given up [s].
    max_steps : give up after so many.

    Examples
    --------
    >>> from solvers.time_stepping import Stepping
    >>> Stepping(tolerance=1e-4).first
    0.001
    """

    tolerance: float = 1e-3
    first: float = 1e-3
    largest: float = math.inf
    smallest: float = 1e-14
    max_steps: int = 10_000


@dataclass(frozen=True, eq=False)
class Point:
    """One moment: time [s], unknowns, and the sums of the system's rates up to it."""

    time: float
    y: Array
    tally: Array


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A run.

    Attributes
    ----------
    points : the start, and the end of every step.
    event : number of the event that ended the run; None where it reached the end.
    rejected : steps that were made again with a shorter length.
    iterations : Newton iterations of the whole run.
    """

    points: tuple[Point, ...]
    event: int | None
    rejected: int
    iterations: int


class StepFailed(RuntimeError):
    """A run that could not go on; where and why.

    Attributes
    ----------
    time, step : when [s], and the length of the step that failed [s].
    newton : what Newton's method said; None where the error alone was too large.
    difference : of the unknowns to their prediction, where their error was too large.
    points : what was found before.
    """

    def __init__(
        self,
        time: float,
        step: float,
        newton: NewtonFailed | None,
        difference: Array,
        points: Sequence[Point],
    ) -> None:
        why = newton or "their errors are larger than the tolerance"
        super().__init__(f"no step of {step:.1e} s from {time:.6g} s on: {why}")
        self.time = time
        self.step = step
        self.newton = newton
        self.difference = difference
        self.points = tuple(points)


def integrate(
    system: System, start: Point, end: float, events: Sequence[Event], stepping: Stepping
) -> Trajectory:
    """Step from a start to an end, or to the first event.

    Parameters
    ----------
    system : the equations.
    start : where to begin; its unknowns satisfy the equations without time derivatives.
    end : when to stop [s], after the start; it is met exactly.
    events : functions that are positive at the start; the run ends where one falls to zero, which
        is found by steps of the same formula to a relative 1e-12 of the step.
    stepping : tolerance and lengths of steps.

    Returns
    -------
    Trajectory

    Raises
    ------
    StepFailed
        Steps became too short or too many.

    Examples
    --------
    y' = -y until y = 1/2, in one cell with one unknown:

    >>> import numpy as np
    >>> from solvers.time_stepping import Point, Stepping, integrate
    >>> class Decay:
    ...     conserved = staticmethod(lambda y: y.copy())
    ...     rates = staticmethod(lambda y: np.zeros(0))
    ...     solve = staticmethod(lambda known, step, guess: (known / (1 + step), 1))
    ...     error = staticmethod(lambda difference: abs(difference).max())
    >>> start = Point(0.0, np.ones((1, 1)), np.zeros(0))
    >>> run = integrate(Decay(), start, 10.0, [lambda y: y[0, 0] - 0.5], Stepping(1e-6))
    >>> bool(abs(run.points[-1].time - np.log(2)) < 1e-4), run.event
    (True, 0)
    """
    return _Run(system, start, end, events, stepping).run()


class _Run:
    """The state of one integration."""

    def __init__(
        self,
        system: System,
        start: Point,
        end: float,
        events: Sequence[Event],
        stepping: Stepping,
    ) -> None:
        self.system = system
        self.end = end
        self.events = events
        self.stepping = stepping
        self.points = [start]
        # Beside the times: near the end of a fall, steps are too short to be seen in them.
        self.lengths: list[float] = []
        self.conserved = [system.conserved(start.y)]
        self.difference = np.zeros_like(start.y)
        self.rejected = 0
        self.iterations = 0

    def run(self) -> Trajectory:
        h = self.stepping.first
        while self.points[-1].time < self.end:
            if len(self.points) > self.stepping.max_steps:
                raise StepFailed(self.points[-1].time, h, None, self.difference, self.points)
            h = self._advance(min(h, self.stepping.largest))
            event = self._event()
            if event is not None:
                self._locate(event)
                return self._trajectory(event)
        return self._trajectory(None)

    def _trajectory(self, event: int | None) -> Trajectory:
        return Trajectory(tuple(self.points), event, self.rejected, self.iterations)

    def _advance(self, h: float) -> float:
        """Make one step that is exact enough; the length of the next."""
        failure: NewtonFailed | None = None
        while True:
            h = self._fitting(h)
            now = self.points[-1].time
            if h < self.stepping.smallest:
                raise StepFailed(now, h, failure, self.difference, self.points)
            try:
                point = self._step(h)
            except NewtonFailed as error:
                failure = error
                self.rejected += 1
                h *= 0.25
                continue
            failure = None
            size = self._error(point, h) / self.stepping.tolerance
            factor = self._factor(size)
            if size <= 1.0:
                self._keep(point, h)
                return h * factor
            self.rejected += 1
            h *= factor

    def _factor(self, size: float) -> float:
        """How much longer the next step may be, after one of this error over the tolerance."""
        order = 2 if len(self.points) > 2 else 1
        if size <= (_SAFETY / _GROWTH) ** (order + 1):
            return _GROWTH
        return max(_SHRINK, _SAFETY * float(size ** (-1.0 / (order + 1))))

    def _fitting(self, h: float) -> float:
        """Meet the end exactly, and without a last step that is much shorter than the others."""
        left = self.end - self.points[-1].time
        if h >= left:
            return left
        return 0.5 * left if 2.0 * h > left else h

    def _keep(self, point: Point, h: float) -> None:
        self.points.append(point)
        self.lengths.append(h)
        self.conserved = [*self.conserved[-1:], self.system.conserved(point.y)]

    def _step(self, h: float) -> Point:
        """Solve one step of length h from the last point, without keeping it."""
        now = self.points[-1]
        new, old, length = self._formula(h)
        known = new * self.conserved[-1] + old * self.conserved[0]
        y, iterations = self.system.solve(known, length, self._predict(h))
        self.iterations += iterations
        before = self.points[-2].tally if old else now.tally
        tally = new * now.tally + old * before + length * self.system.rates(y)
        left = self.end - now.time
        return Point(self.end if h == left else now.time + h, y, tally)

    def _formula(self, h: float) -> tuple[float, float, float]:
        """Weights of the last point and the one before, and the coefficient of the rates."""
        if len(self.points) < 3:
            return 1.0, 0.0, h
        w = h / self.lengths[-1]
        return (1 + w) ** 2 / (1 + 2 * w), -(w**2) / (1 + 2 * w), h * (1 + w) / (1 + 2 * w)

    def _predict(self, h: float) -> Array:
        """The polynomial through the last points, up to three, at the end of the step."""
        return _extrapolate([p.y for p in self.points[-3:]], self._ages(h))

    def _ages(self, h: float) -> list[float]:
        """How long before the end of the step the last points were, up to three [s]."""
        recent = self.lengths[-2:] if len(self.points) > 2 else self.lengths
        return [h + sum(recent[k:]) for k in range(len(recent) + 1)]

    def _error(self, point: Point, h: float) -> float:
        """Estimated error of a step, from its distance to the prediction."""
        self.difference = point.y - self._predict(h)
        distance = self.system.error(self.difference)
        ages = self._ages(h)
        if len(ages) == 1:
            return 0.5 * distance
        if len(ages) == 2:
            return distance * h / (h + ages[0])
        w = h / self.lengths[-1]
        own = (1 + w) ** 2 / (w * (1 + 2 * w))
        return distance * own / (own + math.prod(age / h for age in ages))

    def _event(self) -> int | None:
        values = [event(self.points[-1].y) for event in self.events]
        return next((i for i, value in enumerate(values) if value <= 0.0), None)

    def _locate(self, event: int) -> None:
        """Replace the last point by the one at which the event's function vanishes."""
        from scipy.optimize import brentq

        function = self.events[event]
        self.points.pop()
        h = self.lengths.pop()
        start = self.points[-1]
        self.conserved = [self.system.conserved(p.y) for p in self.points[-2:]]
        self.end = math.inf  # so that the step before the root is not taken for the last one

        def value(part: float) -> float:
            return function(self._step(part * h).y if part else start.y)

        length = h * brentq(value, 0.0, 1.0, xtol=1e-13)
        self._keep(self._step(length), length)


def _extrapolate(values: Sequence[Array], ages: Sequence[float]) -> Array:
    """Lagrange's polynomial through values of these ages, at the age 0."""
    total = np.zeros_like(values[0])
    for value, age in zip(values, ages, strict=True):
        total += math.prod(other / (other - age) for other in ages if other != age) * value
    return total
