"""Voxels that conduct each in its own way, against direct solves of the same equations."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from solvers.cells import Cells, Field, build_cells, solve, with_conductivity
from solvers.minimise import Effort
from solvers.report import NotConverged

# The energy is of second order in the field.
EXACT = Effort(1e-20, 300)
#: Conductances have the digits of single precision, 6e-8; fields over 3 decades as many.
DIGITS = 1e-7
ENDS = [(1.0, None), (None, 1.0), (1.0, 0.0), (0.3, -2.0)]


@dataclass(frozen=True, eq=False)
class Case:
    """A random question: an image, its boundaries, leaks and sources."""

    conductivity: np.ndarray
    spacing: tuple[float, float, float]
    axis: int
    periodic: tuple[bool, bool, bool]
    ends: tuple[float | None, float | None]
    leak: np.ndarray
    source: np.ndarray

    def solve(self, cells: Cells, start: np.ndarray | None = None) -> tuple[Field, Cells]:
        return solve(cells, *self.ends, self.leak, self.source, start, EXACT)

    def build(self) -> Cells:
        return build_cells(self.conductivity, self.spacing, self.axis, self.periodic)


def random_case(seed: int) -> Case:
    """Every axis, number of driven ends, and parity of periodic sides is met in a dozen seeds."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(2, 12, 3))
    axis = seed % 3
    periodic = tuple(bool(rng.integers(2)) and a != axis for a in range(3))
    k = 10 ** rng.uniform(-3, 0, shape) * (rng.random(shape) < 0.8)
    size = 1e-7
    return Case(
        k, tuple(rng.uniform(1, 3, 3) * size), axis, periodic, ENDS[seed % 4],
        size * rng.random(shape) * (rng.random(shape) < 0.7) + 1e-4 * size,
        size * rng.normal(size=shape),
    )  # fmt: skip


def direct(case: Case) -> np.ndarray:
    """The same equations, put together face by face and solved directly."""
    k, n = case.conductivity, case.conductivity.size
    index = np.arange(n).reshape(k.shape)
    rows, columns, values = [], [], []
    diagonal, load = np.where(k > 0, case.leak, 1.0), np.where(k > 0, case.source, 0.0)
    for axis, h in enumerate(case.spacing):
        area = np.prod(case.spacing) / h
        wraps = case.periodic[axis] and k.shape[axis] > 1
        pairs = k.shape[axis] if wraps else k.shape[axis] - 1
        here = np.take(index, np.arange(pairs), axis).ravel()
        there = np.take(index, (np.arange(pairs) + 1) % k.shape[axis], axis).ravel()
        open_ = (k.ravel()[here] > 0) & (k.ravel()[there] > 0)
        here, there = here[open_], there[open_]
        g = area / (0.5 * h / k.ravel()[here] + 0.5 * h / k.ravel()[there])
        rows += [here, there, here, there]
        columns += [there, here, here, there]
        values += [-g, -g, g, g]
        if axis == case.axis:
            for layer, value in zip((0, -1), case.ends, strict=True):
                if value is not None:
                    at = np.take(index, layer, axis)
                    g = 2 * area / h * k.ravel()[at]
                    diagonal.ravel()[at] += g
                    load.ravel()[at] += g * value
    matrix = coo_array(
        (
            np.concatenate([*values, diagonal.ravel()]),
            (np.concatenate([*rows, np.arange(n)]), np.concatenate([*columns, np.arange(n)])),
        ),
        (n, n),
    ).tocsc()
    return spsolve(matrix, load.ravel()).reshape(k.shape)


def worst(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.abs(found - exact).max() / np.abs(exact).max())


@pytest.mark.parametrize("seed", range(12))
def test_a_field_is_that_of_a_direct_solve(seed: int) -> None:
    case = random_case(seed)
    found, _ = case.solve(case.build())
    assert worst(found.values, direct(case)) < DIGITS
    assert not found.values[case.conductivity == 0].any()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_coarse_levels_of_earlier_conductivities_serve_what_is_left(seed: int, again: bool) -> None:
    case = random_case(seed)
    first, cells = case.solve(case.build())
    rng = np.random.default_rng(100 + seed)
    left = case.conductivity * rng.uniform(0.01, 1.0, case.conductivity.shape)
    left *= rng.random(left.shape) < 0.8
    later = Case(**{**vars(case), "conductivity": left})
    found, used = later.solve(with_conductivity(cells, left, again), first.values)
    assert (used.template is cells.template) != again
    assert worst(found.values, direct(later)) < DIGITS


@pytest.mark.parametrize("seed", range(6))
def test_couplings_are_summed_again_as_new_levels_sum_them(seed: int) -> None:
    """Half of every conductivity joins the same voxels, and is exact in binary digits."""
    case = random_case(seed)
    _, cells = case.solve(case.build())
    halved = Case(**{**vars(case), "conductivity": 0.5 * case.conductivity})
    _, again = halved.solve(with_conductivity(cells, halved.conductivity))
    _, new = halved.solve(halved.build())
    assert again.template is not None and new.template is not None
    levels = zip(again.template.hierarchy.levels, new.template.hierarchy.levels, strict=True)
    for found, expected in levels:
        assert np.array_equal(found.weight, expected.weight)
    assert np.array_equal(again.template.hierarchy.tail.weight, new.template.hierarchy.tail.weight)
    assert again.template.hierarchy.levels[0].weight.any()


@pytest.mark.parametrize("seed", range(12))
def test_what_flows_in_leaks_out(seed: int) -> None:
    case = random_case(seed)
    found, _ = case.solve(case.build())
    open_ = case.conductivity > 0
    entered = found.low + found.high + case.source[open_].sum()
    left = float((case.leak * found.values)[open_].sum())
    assert abs(entered - left) < 1e-9 * np.abs(case.source).sum()


def test_ends_are_half_a_voxel_from_the_centres() -> None:
    """Layers in series: u falls by the flow times the resistance, with flow 1 / sum of them."""
    layers = np.array([1.0, 0.25, 0.01, 0.5])
    k = np.broadcast_to(layers, (2, 3, 4)).copy()
    h = (1e-7, 2e-7, 3e-7)
    found, _ = solve(build_cells(k, h, 2), 1.0, 0.0, effort=EXACT)
    area = 6 * h[0] * h[1]
    resistance = h[2] / layers
    assert found.low == pytest.approx(area / resistance.sum(), rel=DIGITS, abs=0)
    assert found.high == pytest.approx(-found.low, rel=1e-10, abs=0)
    before = np.cumsum(resistance) - 0.5 * resistance
    assert np.allclose(found.values, 1.0 - before / resistance.sum(), atol=DIGITS)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_a_periodic_side_closes_with_one_face(n: int) -> None:
    """A ring of n voxels with a sink in the first has two ways round, however many voxels."""
    case = Case(
        np.ones((3, n, 4)), (1e-7, 2e-7, 1.5e-7), 2, (False, True, False), (1.0, None),
        np.zeros((3, n, 4)), np.zeros((3, n, 4)),
    )  # fmt: skip
    case.leak[1, 0, 2] = 3e-7
    found, _ = case.solve(case.build())
    assert worst(found.values, direct(case)) < DIGITS


def test_iterations_grow_little_as_pores_fill_behind_old_coarse_levels() -> None:
    rng = np.random.default_rng(1)
    k = (rng.random((24, 24, 24)) < 0.8).astype(float)
    leak = np.full(k.shape, 1e-11)
    fresh, cells = solve(build_cells(k, (1e-8,) * 3, 2), 1.0, None, leak)
    left = k * np.where(rng.random(k.shape) < 0.5, 0.3, 1.0)
    stale, _ = solve(with_conductivity(cells, left, again=False), 1.0, None, leak)
    assert stale.report.iterations <= 2 * fresh.report.iterations


def test_iterations_stay_few_where_couplings_are_summed_again_as_voxels_close() -> None:
    rng = np.random.default_rng(1)
    k = (rng.random((24, 24, 24)) < 0.9).astype(float)
    leak = np.full(k.shape, 1e-11)
    fresh, cells = solve(build_cells(k, (1e-8,) * 3, 2), 1.0, None, leak)
    left = k * (rng.random(k.shape) < 0.8)
    stale, again = (
        solve(with_conductivity(cells, left, again), 1.0, None, leak)[0].report.iterations
        for again in (False, True)
    )
    assert again < stale
    assert again <= fresh.report.iterations + 3


def test_a_solve_stops_when_what_flows_in_leaks_out_as_far_as_was_asked() -> None:
    rng = np.random.default_rng(3)
    k = (rng.random((20, 20, 20)) < 0.8).astype(float)
    leak = np.full(k.shape, 1e-12)
    imbalances, iterations = [], []
    for allowed in (1.0, 1e-3, 1e-6):
        effort = Effort(1e-2, 100, imbalance=allowed * leak.sum())
        found, _ = solve(build_cells(k, (1e-8,) * 3, 2), 1.0, None, leak, effort=effort)
        left = found.low - float((leak * found.values).sum())
        imbalances.append(abs(left) / leak.sum() / allowed)
        iterations.append(found.report.iterations)
    assert max(imbalances) < 1.0
    assert iterations[0] < iterations[1] < iterations[2]


def test_the_number_of_threads_changes_no_bit() -> None:
    rng = np.random.default_rng(2)
    k = rng.uniform(0.1, 1, (20, 21, 22)) * (rng.random((20, 21, 22)) < 0.8)
    leak = np.full(k.shape, 1e-11)
    before, fields = numba.get_num_threads(), []
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            cells = build_cells(k, (1e-8, 2e-8, 1e-8), 1, (True, False, True))
            fields.append(solve(cells, 1.0, None, leak)[0])
    finally:
        numba.set_num_threads(before)
    assert all(np.array_equal(f.values, fields[0].values) for f in fields)
    assert all(f.low == fields[0].low for f in fields)


def test_too_few_iterations_are_an_error() -> None:
    k = np.random.default_rng(3).uniform(0.001, 1, (12, 12, 12))
    with pytest.raises(NotConverged, match="not converged after 3 iterations"):
        solve(build_cells(k, (1e-8,) * 3, 0), 1.0, 0.0, effort=Effort(1e-14, 3))
