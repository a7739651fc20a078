"""The parts of the solver against their definitions, on meshes small enough for dense matrices."""

from __future__ import annotations

from fractions import Fraction

import numba
import numpy as np
import pytest
from scipy import ndimage
from support.dense import matrix_of, preconditioner

from meshing.errors import InputError
from meshing.generate import blobs
from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh, voxel_mesh
from solvers import multigrid
from solvers.coarse import aggregate_graph
from solvers.fine import BLACK
from solvers.first_level import component_table, first_level
from solvers.kernels.cycle import invert
from solvers.krylov import _correct, _turn, flows, lay, ramp, start_from
from solvers.minimise import Effort, _Watch
from solvers.multigrid import WEAK, build_hierarchy, build_template, hierarchy_of
from solvers.porous_electrode import porous_electrode
from solvers.report import SINGLE, NotConverged, Solver
from solvers.steady import solve_steady
from solvers.system import System, assemble

TWO = {"pore": 1.0, "film": 0.03}


def random_mesh(
    seed: int, phases: tuple[str, ...], sides: str, shape: tuple[int, int, int]
) -> VoxelMesh:
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, size=shape, p=[0.25, 0.55, 0.2]).astype(np.uint8)
    labels[:, 2, 2] = 1
    volume = Volume(labels, spacing=(1e-6, 2e-6, 3e-6), phases={"solid": 0, "pore": 1, "film": 2})
    return voxel_mesh(volume, phases, axis=0, sides=sides)


@pytest.fixture(params=[("pore",), ("pore", "film")], ids=["uniform", "general"])
def system(request: pytest.FixtureRequest) -> System:
    mesh = random_mesh(3, request.param, "periodic", (14, 11, 18))
    return assemble(mesh, {name: TWO[name] for name in request.param}, np.float64)


def test_components_of_a_block_are_those_of_scipy() -> None:
    for mask, row in enumerate(component_table()):
        block = np.array([mask >> place & 1 for place in range(8)]).reshape(2, 2, 2)
        expected, count = ndimage.label(block)
        assert row[8] == count
        pairs = set(zip(expected.ravel(), row[:8], strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def test_a_coarse_level_is_the_galerkin_product(system: System) -> None:
    wrap = np.array(system.periodic)
    level, red, black = first_level(
        system.layout, system.conductance, system.faces, system.weights, wrap, WEAK
    )
    for end in (system.inlet, system.outlet):
        np.add.at(level.leak, red[end.red], end.red_conductance.astype(level.leak.dtype))
        np.add.at(level.leak, black[end.black], end.black_conductance.astype(level.leak.dtype))
    fine = matrix_of(level)
    coarse, aggregate = aggregate_graph(level, wrap, WEAK)
    transfer = np.zeros((len(aggregate), len(coarse.inverse)))
    transfer[np.arange(len(aggregate)), aggregate] = 1.0
    product = transfer.T @ fine @ transfer
    np.testing.assert_allclose(matrix_of(coarse), product, rtol=1e-5, atol=1e-5 * product.max())
    np.testing.assert_allclose(1 / coarse.inverse, np.diag(product), rtol=1e-5)


def test_neighbours_of_one_colour_share_a_block(system: System) -> None:
    wrap = np.array(system.periodic)
    weak = 0.0 if system.uniform else WEAK
    level, _, _ = first_level(
        system.layout, system.conductance, system.faces, system.weights, wrap, weak
    )
    shared = 0
    while max(level.shape) > 1:
        colour = np.searchsorted(level.start[:, -1], np.arange(len(level.inverse)), side="right")
        rows = np.repeat(np.arange(len(level.inverse)), np.diff(level.row))
        same = colour[rows] == colour[level.column]
        assert (level.block[rows[same]] == level.block[level.column[same]]).all()
        shared += same.sum()
        level, _ = aggregate_graph(level, wrap, weak)
    assert bool(shared == 0) is system.uniform


def test_parts_of_a_colour_divide_no_block(system: System) -> None:
    wrap = np.array(system.periodic)
    level, _, _ = first_level(
        system.layout, system.conductance, system.faces, system.weights, wrap, WEAK
    )
    cuts = multigrid._cut(level)
    np.testing.assert_array_equal(cuts[:, [0, -1]], level.start[:, [0, -1]])
    assert (np.diff(cuts) >= 0).all()
    inside = cuts[(cuts > cuts[:, :1]) & (cuts < cuts[:, -1:])]
    assert len(inside) > 0
    assert (level.block[inside] != level.block[inside - 1]).all()


def test_the_inverse_of_the_last_level_keeps_every_digit() -> None:
    rng = np.random.default_rng(4)
    coupling = np.triu(rng.integers(0, 5, (9, 9)) * 10.0 ** rng.integers(0, 9, (9, 9)), 1)
    coupling += coupling.T
    leak = np.zeros(9)
    leak[2] = 1.0
    exact = [[Fraction(float(-g)) for g in row] for row in coupling]
    for i in range(9):
        exact[i][i] = Fraction(leak[i]) - sum(exact[i])
    found = np.empty((9, 9))
    invert(coupling.copy(), leak.copy(), found)
    for i in range(9):
        for j in range(9):
            product = sum(exact[i][k] * Fraction(found[k, j]) for k in range(9))
            largest = max(abs(exact[i][k] * Fraction(found[k, j])) for k in range(9))
            assert abs(product - (i == j)) <= largest * Fraction(1e-14)


@pytest.mark.parametrize("small", [0, 10**6])
def test_the_preconditioner_is_symmetric_and_positive_definite(
    system: System, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multigrid, "COARSEST", 20)
    monkeypatch.setattr(multigrid, "SMALL", small)
    matrix = preconditioner(system, build_hierarchy(system))
    np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=1e-5 * np.abs(matrix).max())
    assert np.linalg.eigvalsh((matrix + matrix.T) / 2).min() > 0


def test_the_product_of_residual_and_correction_needs_no_correction(system: System) -> None:
    hierarchy = build_hierarchy(system)
    state, square, _ = start_from(system, lay(system, ramp(14)))
    state.p.fill(0)
    product = _correct(system, hierarchy, state, square)
    _turn(system, state, 0.0)
    unknowns = np.flatnonzero(system.black)
    residual = system.diagonal(BLACK, unknowns) * state.s[unknowns]
    assert product == pytest.approx(residual @ state.p[unknowns], rel=1e-6, abs=0)


def test_the_energy_at_the_start_is_that_of_the_field(system: System) -> None:
    state, _, energy = start_from(system, lay(system, ramp(14)))
    assert energy == pytest.approx(flows(system, state, 14)[0], rel=1e-6, abs=0)


@pytest.mark.parametrize("names", [3, 7, 90])
def test_phases_of_one_conductivity_are_one_phase_whatever_their_number(names: int) -> None:
    """Few phases share a table of conductances of one byte, more one of two, many have none."""
    rng = np.random.default_rng(6)
    labels = rng.integers(0, names, (9, 7, 11))
    value = (1.0, 20.0, 0.3)
    few = Volume(labels % 3, spacing=(1e-6, 2e-6, 3e-6), phases={str(i): i for i in range(3)})
    many = Volume(labels, spacing=few.spacing, phases={str(i): i for i in range(names)})
    flows_ = [
        solve_steady(
            voxel_mesh(volume, list(volume.phases), 1, "periodic"),
            {name: value[int(name) % 3] for name in volume.phases},
            Solver(tolerance=1e-10),
        ).flow
        for volume in (few, many)
    ]
    assert flows_[1] == pytest.approx(flows_[0], rel=1e-11, abs=0)


def test_a_wrong_energy_is_not_believed() -> None:
    """Decreases of 1e8, right to eight digits, leave an energy of 1 that nobody knows."""
    told: list[float] = []
    effort = Effort(1e-6, 100, lambda _, error: told.append(error))
    watch = _Watch(1e8, lambda: 1.0, effort)
    steps = (0.9e8, 0.09e8, 0.01e8 + 2.0, 1e-3, 1e-4, 1e-5)
    assert not any([watch.observe(step, 0.0) for step in steps])
    assert told[-1] == pytest.approx(1e-5 * 0.1 / 0.9, rel=1e-2)


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("single", [False, True])
def test_a_template_serves_whatever_leaks_through_walls(sides: str, single: bool) -> None:
    labels = blobs((40, 36, 35), 0.5, 4.0, seed=3).labels
    volume = Volume(labels, (1.0, 1.0, 2.0), phases={"solid": 0, "pore": 1})
    mesh = voxel_mesh(volume, ["pore"], 2, sides, "high")
    electrode = porous_electrode(mesh, [["solid"]])
    electrode = electrode.single if single else electrode
    system = electrode.leaking(np.full(3, 1e-3))
    used = hierarchy_of(build_template(electrode.system), system)
    fresh = build_hierarchy(system)
    assert used.unknowns == fresh.unknowns
    for one, other in zip(used.levels, fresh.levels, strict=True):
        np.testing.assert_array_equal(one.column, other.column)
        np.testing.assert_allclose(one.inverse, other.inverse, rtol=1e-5)
    np.testing.assert_allclose(used.tail.inverse, fresh.tail.inverse, rtol=1e-5)
    np.testing.assert_allclose(used.tail.coarsest, fresh.tail.coarsest, rtol=1e-4)


def test_the_answer_does_not_depend_on_the_number_of_threads() -> None:
    mesh = random_mesh(5, ("pore",), "no-flux", (40, 30, 20))
    flows = []
    threads = numba.get_num_threads()
    for count in {1, threads}:
        numba.set_num_threads(count)
        flows.append(solve_steady(mesh, {"pore": 1.0}).plane_flows)
    numba.set_num_threads(threads)
    for other in flows[1:]:
        np.testing.assert_array_equal(flows[0], other)


def test_single_precision_is_as_good_as_it_says() -> None:
    mesh = voxel_mesh(blobs((96, 96, 96), fraction=0.3, length=4, seed=1), ["pore"], axis=2)
    single = solve_steady(mesh, {"pore": 1.0})
    double = solve_steady(mesh, {"pore": 1.0}, Solver(tolerance=1e-10))
    assert (single.report.precision, double.report.precision) == ("single", "double")
    assert abs(single.flow / double.flow - 1) < SINGLE


def test_iterations_do_not_grow_with_the_size() -> None:
    iterations = []
    for n in (48, 96):
        volume = blobs((n, n, n), fraction=0.5, length=3, seed=2)
        iterations.append(
            solve_steady(voxel_mesh(volume, ["pore"], 0), {"pore": 1.0}).report.iterations
        )
    assert iterations[1] <= iterations[0] * 4 / 3


def test_progress_is_told_every_iteration() -> None:
    told: list[tuple[int, float]] = []
    mesh = random_mesh(1, ("pore",), "no-flux", (12, 12, 12))
    report = solve_steady(mesh, {"pore": 1.0}, progress=lambda n, e: told.append((n, e))).report
    assert told == list(enumerate(report.history, start=1))
    assert report.converged and report.unknowns[0] == mesh.spanning_voxels


def test_not_converged_raises_with_its_report() -> None:
    mesh = random_mesh(1, ("pore",), "no-flux", (12, 12, 12))
    with pytest.raises(NotConverged, match="not converged after 2 iterations") as caught:
        solve_steady(mesh, {"pore": 1.0}, Solver(max_iterations=2))
    assert caught.value.report.iterations == 2 and not caught.value.report.converged


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_conductivity_must_be_a_positive_number(value: float) -> None:
    mesh = random_mesh(1, ("pore",), "no-flux", (6, 6, 6))
    with pytest.raises(InputError, match=r"the conductivity of phase pore is .*; give a positive"):
        solve_steady(mesh, {"pore": value})
    with pytest.raises(InputError, match="phase pore has no conductivity"):
        solve_steady(mesh, {"film": 1.0})
