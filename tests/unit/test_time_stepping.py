"""Adaptive steps in time on equations with known answers."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.banded import NewtonFailed
from solvers.time_stepping import Point, StepFailed, Stepping, integrate


class Turning:
    """y' = A y with A a rotation and a decay: exp(-t/10) (cos t, -sin t) from (1, 0)."""

    matrix = np.array([[-0.1, 1.0], [-1.0, -0.1]])

    def conserved(self, y):
        return y.copy()

    def rates(self, y):
        return np.array([1.0, y[0, 0]])

    def solve(self, known, step, guess):
        system = np.eye(2) - step * self.matrix
        return np.linalg.solve(system, known.ravel()).reshape(1, 2), 1

    def error(self, difference):
        return float(np.abs(difference).max())


def exact(time: float) -> np.ndarray:
    return np.exp(-0.1 * time) * np.array([np.cos(time), -np.sin(time)])


START = Point(0.0, np.array([[1.0, 0.0]]), np.zeros(2))


def test_second_order_with_variable_steps(record_verification) -> None:
    errors, steps = [], []
    for tolerance in (1e-4, 1e-5, 1e-6, 1e-7):
        run = integrate(Turning(), START, 10.0, [], Stepping(tolerance, first=1e-5))
        errors.append(np.abs(run.points[-1].y - exact(10.0)).max())
        steps.append(len(run.points))
    orders = np.log(np.divide(errors[:-1], errors[1:])) / np.log(np.divide(steps[1:], steps[:-1]))
    record_verification(
        "rotation with decay after 10 s, tolerance 1e-7 in time", 0.0, errors[-1], errors[-1],
        order=orders[-1],
    )  # fmt: skip
    assert orders[-1] == pytest.approx(2.0, abs=0.1)
    assert errors[-1] < 1e-4


def test_the_end_is_met_and_sums_go_along() -> None:
    run = integrate(Turning(), START, 3.0, [], Stepping(1e-6, first=1e-4))
    assert run.points[-1].time == 3.0
    assert run.event is None
    times = np.array([p.time for p in run.points])
    assert np.allclose([p.tally[0] for p in run.points], times, rtol=1e-12)
    area = np.trapezoid([p.y[0, 0] for p in run.points], times)
    assert run.points[-1].tally[1] == pytest.approx(area, abs=1e-4)


def test_the_first_event_ends_the_run_where_it_happens() -> None:
    events = [lambda y: 2.0 + y[0, 1], lambda y: y[0, 0] - 0.5]
    run = integrate(Turning(), START, 100.0, events, Stepping(1e-7, first=1e-4))
    assert run.event == 1
    assert run.points[-1].y[0, 0] == pytest.approx(0.5, abs=1e-12)
    assert exact(run.points[-1].time)[0] == pytest.approx(0.5, abs=1e-4)


def test_long_steps_are_kept_short_and_a_last_one_is_not_tiny() -> None:
    run = integrate(Turning(), START, 1.0, [], Stepping(1.0, first=0.01, largest=0.3))
    lengths = np.diff([p.time for p in run.points])
    assert lengths.max() <= 0.3 + 1e-12
    assert lengths[-1] > 0.1


def test_steps_that_fail_are_made_again_shorter() -> None:
    class Fails(Turning):
        def solve(self, known, step, guess):
            if step > 0.01:
                raise NewtonFailed("slow", 0, 1, 7)
            return super().solve(known, step, guess)

    run = integrate(Fails(), START, 0.1, [], Stepping(1.0, first=1.0))
    assert run.rejected > 0
    assert np.abs(run.points[-1].y - exact(0.1)).max() < 0.01


def test_a_run_that_cannot_go_on_says_where() -> None:
    class Never(Turning):
        def solve(self, known, step, guess):
            raise NewtonFailed("slow", 0, 1, 7)

    with pytest.raises(StepFailed, match="slow at cell 0, field 1, after 7") as caught:
        integrate(Never(), START, 1.0, [], Stepping(1e-3))
    assert caught.value.time == 0.0 and len(caught.value.points) == 1
    with pytest.raises(StepFailed, match="larger than the tolerance"):
        integrate(Turning(), START, 1.0, [], Stepping(1e-12, first=0.1, smallest=1e-3))
    with pytest.raises(StepFailed) as many:
        integrate(Turning(), START, 1.0, [], Stepping(1e-8, max_steps=5))
    assert len(many.value.points) == 6
