"""The spectrum of an electrode from a dozen real solves: projection on fields at real frequencies.

With u = 1 on the separator's face and a conductance theta_k through every wall of kind k, the pores
are ``(G + sum_k theta_k N_k) u = b``: symmetric, positive definite for positive theta, and complex
only through theta. Fields at a few real theta span a space that holds all others nearly: the
projected equations, of a dozen unknowns, are then solved for any complex theta. Their impedance is
a rational function with the signs and symmetries of the whole one, and its error is of second order
in that of the fields.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.fields import Fields
from solvers.krylov import State, red_from_black
from solvers.minimise import Effort, minimise
from solvers.multigrid import Template, build_template, hierarchy_of
from solvers.porous_electrode import PorousElectrode, WallPotential
from solvers.report import SINGLE, NotConverged, Report, Solver
from solvers.symmetric_cell import Charging, field_products
from solvers.system import System

#: Admittance per area of the walls of every group over the conductivity of the electrolyte [1/m],
#: (points, groups), at some values of the Laplace variable [1/s]: j omega, or real and positive.
Admittance = Callable[[NDArray[Any]], NDArray[Any]]

#: Called after every real solve with their number and the estimated error of the spectrum, inf
#: until there are enough to estimate one.
SpectrumProgress = Callable[[int, float], None]

#: Part of the tolerance that a field may err by in energy, which projection improves on.
PART = 0.001

#: More fields than this are not worth it: each costs memory, and convergence is geometric.
MOST_FIELDS = 40

#: Shifts that are spread over the range before any is chosen.
FIRST = 4

#: Frequencies, spread over the range, at which the error is looked for.
DENSE = 120

#: Shifts span at least this ratio of frequencies.
LEAST_RANGE = 1e3

#: A gap between shifts that is not worth a shift in its middle, and a step beyond the last one.
NARROW, OUTWARDS = 1.5, 3.0

#: Directions of the space that are so much smaller than the largest are rounding.
RANK = 1e-13


@dataclass(frozen=True, eq=False)
class ReducedElectrode:
    """An electrode projected on a few fields.

    The first direction is the potential 1 everywhere. The others are 0 on the separator's face: the
    field of uniform charging, and for each shift the difference of its field from 1.

    Attributes
    ----------
    electrode : the pores and their walls.
    wall : where the potential at a wall is taken.
    fields : all but the first.
    conduction : (n, n) float64, projected G, in system units; n is one more than the fields.
    storage : (kinds, n, n) float64, projected N.
    mixing : (n - 1, solves) float64, what was solved for, by columns, as sums of the fields.
    shifts : the real values of the Laplace variable that were solved for [1/s].
    reports : of the real solves, the uniform charging first.
    """

    electrode: PorousElectrode
    wall: WallPotential
    fields: Fields
    conduction: NDArray[np.float64]
    storage: NDArray[np.float64]
    mixing: NDArray[np.float64]
    shifts: tuple[float, ...]
    reports: tuple[Report, ...]

    def coefficients(self, admittance: NDArray[Any]) -> NDArray[np.complex128]:
        """(points, n) of the field that a unit current over kappa [m] into the pores makes."""
        unit = self.electrode.system.unit
        theta = wall_conductance(self.electrode, self.wall, admittance) / unit
        basis = _orthonormal(self.gram)
        conduction, storage = (basis.T @ m @ basis for m in (self.conduction, self.storage))
        matrix = conduction + np.tensordot(theta, storage, 1)
        right = np.broadcast_to(basis[0][:, None], (*matrix.shape[:2], 1))
        found = np.linalg.solve(matrix, right)
        return np.asarray(found[..., 0] @ basis.T / unit, np.complex128)

    @property
    def gram(self) -> NDArray[np.float64]:
        """(n, n) positive definite products of the fields: of gradients and over walls."""
        return np.asarray(self.conduction + self.storage.sum(axis=0) / self.storage[:, 0, 0].sum())

    def impedance(self, admittance: NDArray[Any]) -> NDArray[np.complex128]:
        """(points,) impedance times the conductivity of the electrolyte [1/m].

        Parameters
        ----------
        admittance : (points, groups) of the walls, over the conductivity of the electrolyte [1/m].
        """
        return self.coefficients(admittance)[:, 0]

    def potential(self, admittance: NDArray[Any]) -> NDArray[np.complex128]:
        """(2, size) potential of the electrolyte against the solid, red and black.

        For 1 on the separator's face, with (groups,) admittances of the walls [1/m].
        """
        found = self.coefficients(admittance[None])[0]
        red, black = np.ones((2, self.electrode.system.layout.size), np.complex128)
        self.fields.add_to(self.electrode.system, found[1:] / found[0], red, black)
        return np.stack([red, black])

    def within(self, span: NDArray[np.float64]) -> ReducedElectrode:
        """The projection on a part of the space, for its impedance: columns of coefficients."""
        storage = np.stack([span.T @ matrix @ span for matrix in self.storage])
        return replace(self, conduction=span.T @ self.conduction @ span, storage=storage)

    def left_out(self, admittance: NDArray[Any]) -> NDArray[np.float64]:
        """(points,) largest relative change of the impedance when any one solve is left out.

        More than the error: what a solve adds to the space, one more would add less of.
        """
        solves = self.mixing.shape[1]
        span = np.zeros((len(self.conduction), 1 + solves))
        span[0, 0], span[1:, 1:] = 1.0, self.mixing
        whole = self.impedance(admittance)
        changes = [
            np.abs(self.within(np.delete(span, 1 + out, 1)).impedance(admittance) / whole - 1)
            for out in range(solves)
        ]
        return np.asarray(np.max(changes, axis=0), np.float64)


def wall_conductance(
    electrode: PorousElectrode, wall: WallPotential, admittance: NDArray[Any]
) -> NDArray[Any]:
    """(points, kinds) conductance [m] through one wall of each kind, over that of the electrolyte.

    Of an admittance y per area: A y, in series with the half voxel before it where the potential of
    a wall is that of its face, A y / (1 + y h / 2).
    """
    y = np.repeat(admittance, 3, axis=-1)
    distance = electrode.half_voxel if wall == "half-face" else np.zeros_like(electrode.half_voxel)
    return np.asarray(electrode.area * y / (1 + y * distance))


def _orthonormal(gram: NDArray[np.float64]) -> NDArray[np.float64]:
    """Directions in which a Gram matrix is 1, without those that are only rounding."""
    scale = 1 / np.sqrt(np.diagonal(gram))
    values, vectors = np.linalg.eigh(gram * np.outer(scale, scale))
    kept = values > RANK * values[-1]
    return np.asarray(scale[:, None] * vectors[:, kept] / np.sqrt(values[kept]))


def reduce_electrode(
    charging: Charging,
    wall: WallPotential,
    admittance: Admittance,
    frequency: NDArray[np.float64],
    tolerance: float,
    solver: Solver | None = None,
    progress: SpectrumProgress | None = None,
) -> tuple[ReducedElectrode, float]:
    """Add fields at real values of the Laplace variable until the spectrum no longer changes.

    Parameters
    ----------
    charging : the low-frequency limit of the electrode.
    wall : where the potential at a wall is taken.
    admittance : of the walls.
    frequency : angular frequencies [1/s], positive, at which the spectrum is wanted.
    tolerance : largest relative error of the impedance, as estimated by leaving out any one solve.
    solver : iteration limit of the real solves.
    progress : called after every real solve, that of `charging` among them, with their number and
        the estimated error; inf as long as there are too few solves to estimate one.

    Returns
    -------
    The projected electrode, and the largest relative change of the impedance between the lowest and
    the highest frequency when any one of the solves is left out: more than the error.

    Raises
    ------
    NotConverged
        A solve did not converge, or the spectrum did not after forty of them.
    """
    solver = solver or Solver()
    low, high = _range(frequency)
    dense = np.geomspace(low, high, DENSE)
    points = admittance(1j * dense)
    model = _start(charging, wall, tolerance)
    solve = _Solve(admittance, _template(model), PART * tolerance, solver.max_iterations)

    def tell(error: float) -> None:
        if progress:
            progress(len(model.reports), error)

    for shift in np.geomspace(_lowest(charging, wall, admittance, dense), high, FIRST):
        tell(math.inf)  # of the solve before this one
        model = solve.add(model, float(shift))
    while (errors := model.left_out(points)).max() > tolerance:
        tell(float(errors.max()))
        if model.fields.count >= MOST_FIELDS:
            raise NotConverged(
                f"the spectrum has an estimated error of {errors.max():.1e} with "
                f"{model.fields.count} fields, where {tolerance:.1e} was asked for; raise the "
                "tolerance",
                model.reports[-1],
            )
        known = model.fields.count
        model = solve.add(model, _next_shift(model.shifts, float(dense[np.argmax(errors)])))
        if model.fields.count == known:  # nothing new where it was off most
            tell(rounding(model.fields))
            return model, rounding(model.fields)
    tell(float(errors.max()))
    return model, float(errors.max())


def rounding(fields: Fields) -> float:
    """Part of a field that is not worth a direction of its own."""
    return max(RANK, 10 * float(np.finfo(fields.blocks[0].dtype).eps))


def _range(frequency: NDArray[np.float64]) -> tuple[float, float]:
    """Where shifts may lie: the frequencies asked for, and three decades around a few of them."""
    low, high = float(frequency.min()), float(frequency.max())
    widen = max(1.0, np.sqrt(LEAST_RANGE / (high / low)))
    return low / widen, high * widen


def _lowest(
    charging: Charging, wall: WallPotential, admittance: Admittance, dense: NDArray[np.float64]
) -> float:
    """Where walls conduct what the pores do; below, uniform charging is a good field already."""
    electrode = charging.electrode
    theta = wall_conductance(electrode, wall, np.real(admittance(dense)))
    ratio = charging.resistance * (theta @ electrode.wall_counts)
    return float(dense[np.argmax(ratio >= 1)] if ratio[-1] >= 1 else dense[0])


def _next_shift(shifts: tuple[float, ...], worst: float) -> float:
    """The geometric middle of the gap between shifts that is nearest to a frequency.

    Gaps that are narrow already do not count. Shifts are real and frequencies imaginary, so that
    at an end of the range a shift beyond it may be missing: gaps of the size of a step lie there.
    """
    known = np.sort(shifts)
    edges = np.log(np.concatenate([[known[0] / OUTWARDS**2], known, [known[-1] * OUTWARDS**2]]))
    middle = (edges[1:] + edges[:-1]) / 2
    half = np.diff(edges) / 2
    away = np.maximum(np.abs(middle - np.log(worst)) - half, 0.0)
    away[half < np.log(NARROW) / 2] = np.inf
    return float(np.exp(middle[np.argmin(away)]))


def _start(charging: Charging, wall: WallPotential, tolerance: float) -> ReducedElectrode:
    """The potential 1 everywhere, and the field of uniform charging."""
    electrode = charging.electrode
    storage = electrode.wall_counts.astype(np.float64).reshape(-1, 1, 1)
    nothing = np.zeros((0, 0))
    alone = ReducedElectrode(electrode, wall, Fields(), np.zeros((1, 1)), storage, nothing, (), ())
    kind = np.float32 if tolerance >= SINGLE else np.float64
    largest = max(np.abs(values).max() for values in charging.field)
    red, black = ((values / largest).astype(kind) for values in charging.field)
    return _grown(alone, red, black, np.zeros(0), (), charging.report)


def _of_precision(model: ReducedElectrode) -> PorousElectrode:
    """The electrode for vectors in the precision of the fields."""
    single = model.fields.blocks[0].dtype == np.float32
    return model.electrode.single if single else model.electrode


def _template(model: ReducedElectrode) -> Template:
    return build_template(_of_precision(model).system)


@dataclass(frozen=True, eq=False)
class _Solve:
    """How to solve at one shift after another.

    Attributes
    ----------
    admittance : of the walls.
    template : coarse levels, which differ from shift to shift in their diagonals only.
    goal, max_iterations : of each solve.
    """

    admittance: Admittance
    template: Template
    goal: float
    max_iterations: int

    def add(self, model: ReducedElectrode, shift: float) -> ReducedElectrode:
        """Solve for the field at a real value of the Laplace variable, and add it."""
        electrode, kind = _of_precision(model), model.fields.blocks[0].dtype
        began = perf_counter()
        real = np.real(self.admittance(np.array([shift])))
        system = electrode.leaking(wall_conductance(electrode, model.wall, real)[0])
        found = model.coefficients(real)[0].real
        guess = found[1:] / found[0]
        red, black = ((codes > 0).astype(kind) for codes in (system.red, system.black))
        model.fields.add_to(system, guess, red, black)
        del red
        hierarchy = hierarchy_of(self.template, system)
        effort = Effort(self.goal, self.max_iterations)
        voxels = electrode.mesh.active_voxels
        state, report = minimise(system, hierarchy, black, voxels, effort, began)
        red_from_black(system, state.x, state.t)
        red, black = _drops(system, state)
        model.fields.add_to(system, guess, red, black)
        return _grown(model, red, black, -guess, (shift,), report)


def _drops(system: System, state: State) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The difference of a field from 1, 0 where nothing is."""
    one = state.x.dtype.type(1)
    red = np.where(system.red > 0, one - state.t, 0 * one)
    return red, np.where(system.black > 0, one - state.x, 0 * one)


def _grown(
    model: ReducedElectrode,
    red: NDArray[np.floating],
    black: NDArray[np.floating],
    known: NDArray[np.float64],
    shift: tuple[float, ...],
    report: Report,
) -> ReducedElectrode:
    """Add what is new in a solution, beyond the sum of the fields with the weights `known`.

    Solutions at neighbouring shifts are nearly alike, and their products would lose half the digits
    of the difference. What a projection leaves of a solution is orthogonal to all fields.
    """
    size = max(float(np.abs(values).max()) for values in (red, black))
    solved = replace(
        model, shifts=(*model.shifts, *shift), reports=(*model.reports, report),
        mixing=np.column_stack([model.mixing, known]),
    )  # fmt: skip
    if model.fields.count and size <= rounding(model.fields):
        return solved  # the space holds it already
    red, black = (values / values.dtype.type(size) for values in (red, black))
    row = np.append(np.zeros(solved.mixing.shape[1] - 1), size)
    wider = replace(
        solved, fields=model.fields.with_field(red, black), mixing=np.vstack([solved.mixing, row])
    )
    products = field_products(model.electrode, red, black, list(wider.fields.parts()))
    conduction, *storage = products
    return replace(
        wider,
        conduction=_bordered(model.conduction, conduction),
        storage=np.stack(
            [_bordered(m, row) for m, row in zip(model.storage, storage, strict=True)]
        ),
    )


def _bordered(matrix: NDArray[np.float64], row: NDArray[np.float64]) -> NDArray[np.float64]:
    """A symmetric matrix with one more row and column."""
    return np.block([[matrix, row[:-1, None]], [row[None, :]]])
