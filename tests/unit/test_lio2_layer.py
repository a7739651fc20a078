"""The equations of the Li-O2 layer: their derivatives, and the kernels that they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import lambertw

import twin
from solvers.banded import Blocks, Newton, NewtonFailed, newton
from solvers.kernels.deposit import deposit_geometry, transport_ratio
from solvers.kernels.porous_layer import DEPOSIT, ELECTRON, GAS, ION, SALT
from solvers.kernels.surface_reaction import surface_rate
from twin.lio2.layer import Layer

CELLS = {
    "base": {},
    "ohmic": {"film": "ohmic", "film_resistivity": 1e9},
    "both": {"film": "both", "film_resistivity": 1e9},
    "orders": {"oxygen_order": 0.5, "lithium_order": 0.7, "reverse_oxygen_order": 1.0},
    "spheres": {"structure": "spheres", "transport": "Bruggeman"},
    "pores": {"structure": "pores", "radius": 40e-9},
    "tables": {
        "structure": twin.lio2.AreaTable((0.83, 0.7, 0.2), (3e7, 3.5e7, 1e7)),
        "transport": twin.lio2.TransportTable((0.83, 0.5, 0.2), (0.72, 0.25, 0.03)),
    },
    "gas": {"gas_volume": 0.01, "gas_transfer_coefficient": 1e-5},
}


def layer_and_state(changes: dict, seed: int = 0) -> tuple[Layer, np.ndarray]:
    p = twin.lio2.Parameters.of("Su2021_ch6").replace(**changes)
    layer = Layer(p, twin.lio2.Grid(6, 3))
    layer.current = 2.4
    y = layer.initial()
    rng = np.random.default_rng(seed)
    y[:-1, ION] += 0.01 * rng.standard_normal(9)
    y[3:-1, ELECTRON] += 0.05 * rng.standard_normal(6)
    y[:-1, SALT] *= rng.uniform(0.5, 1.5, 9)
    y[:, GAS] *= rng.uniform(0.2, 1.0, 10)
    y[3:-1, DEPOSIT] = rng.uniform(0.05, 0.3, 6)
    return layer, y


def dense(layer: Layer, y: np.ndarray, known: np.ndarray, step: float) -> tuple:
    """The residual and the matrix of its derivatives, as Newton's method gets them."""
    caught: dict[str, np.ndarray] = {}

    class Stop(Exception):
        pass

    def keep(assemble, guess, blocks, *rest):
        assemble(guess, blocks)
        n, m = blocks.residual.shape
        matrix = np.zeros((n, m, n, m))
        for i in range(n):
            matrix[i, :, i] = blocks.diagonal[i]
            if i > 0:
                matrix[i, :, i - 1] = blocks.lower[i]
            if i < n - 1:
                matrix[i, :, i + 1] = blocks.upper[i]
        caught["residual"] = blocks.residual.ravel().copy()
        caught["matrix"] = matrix.reshape(n * m, n * m)
        return guess, 1

    from twin.lio2 import layer as module

    original, module.newton = module.newton, keep
    try:
        layer.solve(known, step, y)
    finally:
        module.newton = original
    return caught["residual"], caught["matrix"]


@pytest.mark.parametrize("case", CELLS)
def test_analytic_derivatives_are_those_of_the_residual(case: str) -> None:
    layer, y = layer_and_state(CELLS[case])
    known = 0.9 * layer.conserved(y)
    _, matrix = dense(layer, y, known, 50.0)
    sizes = np.array([1e-6, 1e-6, 1e-3, 1e-5, 1e-6])
    numeric = np.zeros_like(matrix)
    for k in range(y.size):
        change = np.zeros(y.size)
        change[k] = sizes[k % 5]
        up, down = (dense(layer, y + s * change.reshape(y.shape), known, 50.0)[0] for s in (1, -1))
        numeric[:, k] = (up - down) / (2 * sizes[k % 5])
    # A block at a time: rows and columns have units of their own.
    scale = np.abs(numeric).max(axis=1, keepdims=True)
    assert np.abs(matrix - numeric).max() > 0.0
    for field in range(5):
        columns = slice(field, None, 5)
        largest = np.abs(numeric[:, columns]).max(axis=1, keepdims=True) + 1e-9 * scale
        assert (np.abs(matrix - numeric)[:, columns] / largest).max() < 2e-4, (case, field)


def test_blocks_are_solved_as_a_dense_matrix_is() -> None:
    rng = np.random.default_rng(1)
    n, m = 7, 3
    blocks = Blocks(*(rng.standard_normal(s) for s in ((n, m), *[(n, m, m)] * 3)))
    matrix = np.zeros((n, m, n, m))
    for i in range(n):
        matrix[i, :, i] = blocks.diagonal[i]
        if i:
            matrix[i, :, i - 1] = blocks.lower[i]
        if i < n - 1:
            matrix[i, :, i + 1] = blocks.upper[i]
    exact = np.linalg.solve(matrix.reshape(n * m, n * m), blocks.residual.ravel())
    assert np.allclose(blocks.solve().ravel(), exact, rtol=1e-9)


def test_a_singular_block_and_slow_iterations_are_told_apart() -> None:
    blocks = Blocks.empty(3, 2)
    with pytest.raises(NewtonFailed, match="singular at cell 2"):
        blocks.solve()

    def no_root(y, b):
        b.residual[:] = 2.0 + y**2
        b.diagonal[:] = (2 * y)[:, :, None] * np.eye(1)

    with pytest.raises(NewtonFailed, match="after 5 iterations"):
        newton(no_root, np.ones((1, 1)), Blocks.empty(1, 1), np.ones(1), lambda y, c: 1.0,
               Newton(max_iterations=5))  # fmt: skip


def coefficients(**changes: float) -> np.ndarray:
    base = {
        "i0": 1.0, "alpha": 0.5, "beta": 1.5, "m": 1.0, "p": 1.0, "r": 0.0, "q": 0.0, "seed": 0.0,
        "l_c": 1.0, "l_w": 0.0, "rho": 0.0, "f": 38.9, "smooth": 1e-6,
    }  # fmt: skip
    return np.array(list({**base, **changes}.values()))


def rate_of(eta: float, k: np.ndarray, film: float = 1.0, oxygen: float = 1.0) -> float:
    rate, slopes = np.empty(1), np.empty((1, 5))
    surface_rate(*(np.array([v]) for v in (eta, 1.0, oxygen, 0.1, film)), k, rate, slopes)
    return float(rate[0])


@pytest.mark.parametrize("eta", [-2.0, -0.5, -0.05, 0.0, 0.3])
def test_the_drop_in_a_film_is_lamberts_function(eta: float) -> None:
    """j = A exp(-alpha f rho l j): j = W(alpha f rho l A) / (alpha f rho l)."""
    slope = 0.5 * 38.9 * 0.2
    exact = lambertw(slope * np.exp(-0.5 * 38.9 * eta)).real / slope
    assert rate_of(eta, coefficients(rho=0.2)) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("eta", [-1.0, -0.1, 0.0, 0.1, 0.5])
def test_the_drop_in_a_film_with_both_directions_closes(eta: float) -> None:
    j = rate_of(eta, coefficients(rho=0.3, r=1.0), film=0.5)
    behind = eta + 0.15 * j
    assert j == pytest.approx(rate_of(behind, coefficients(r=1.0)), rel=1e-9, abs=1e-14)


def test_a_film_that_nothing_passes_stops_the_reaction() -> None:
    k = coefficients(l_c=7e-9, l_w=2e-9)
    assert rate_of(-0.3, k, film=7e-9) == pytest.approx(0.5 * rate_of(-0.3, coefficients()))
    assert rate_of(-0.3, k, film=30e-9) < 1e-50


def test_areas_and_transport_of_an_empty_cathode() -> None:
    """Fibres of 8.75 nm at porosity 0.83: a = 2 eps (-ln eps) / r = 3.535e7 1/m, 109 m2/g."""
    p = twin.lio2.Parameters.of("Su2021_ch6")
    assert p.specific_area == pytest.approx(-2 * 0.83 * np.log(0.83) / 8.75e-9, rel=1e-12)
    assert p.specific_area / (0.17 * 1.9e6) == pytest.approx(109, abs=1)
    assert p.replace(structure="spheres").specific_area == pytest.approx(
        -3 * 0.83 * np.log(0.83) / 8.75e-9
    )
    assert p.replace(structure="pores").specific_area == pytest.approx(2 * 0.83 / 8.75e-9)


def test_transport_goes_through_the_point_of_the_image_and_the_rows_of_a_table() -> None:
    from twin.lio2.laws import relative_diffusivity, transport_table

    point = relative_diffusivity(transport_table("tortuosity", 0.83, 1.15), 0.83, np.zeros(1))
    assert point[0, 0] == pytest.approx(0.83 / 1.15, rel=1e-12)
    table = twin.lio2.TransportTable((0.8, 0.4, 0.1), (0.67, 0.17, 0.01))
    rows = relative_diffusivity(transport_table(table, 0.8, 1.2), 0.8, np.array([0.0, 0.4, 0.7]))
    assert np.allclose(rows[:, 0], table.relative_diffusivity, rtol=1e-12)


def test_kernels_write_where_they_are_told() -> None:
    out = np.full((2, 3), np.nan)
    deposit_geometry(np.array([0.0, 0.1]), 0.8, 1, 1e7, 0.0, np.zeros((2, 3)), out)
    assert np.allclose(out, [[1e7, 0.0, 0.0], [1e7, 0.0, 1e-8]], atol=0)
    ratio = np.full((1, 2), np.nan)
    transport_ratio(np.array([0.3]), 0.8, np.log([[1.0, 1.0], [0.5, 0.25]]), ratio)
    assert np.allclose(ratio, [[0.25, -2 * 0.25 / 0.5]])
