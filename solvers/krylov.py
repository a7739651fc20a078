"""Conjugate gradients on the black unknowns, preconditioned by one multigrid cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.fine import BLACK, RED
from solvers.kernels.cycle import dot
from solvers.kernels.even_odd import advance, eliminate, prolong, restrict, turn
from solvers.kernels.fields import lay_profile, plane_flows
from solvers.multigrid import PARTS, STRETCH, Hierarchy, cycle
from solvers.system import Equations, System

Vector = NDArray[np.floating]

#: Three vectors of zeros to work in.
Vectors = tuple[Vector, Vector, Vector]


@dataclass(frozen=True, eq=False)
class State:
    """Vectors of one solve.

    Attributes
    ----------
    x, s, p : black solution, residual over the diagonal, and direction.
    t : red values that follow from whatever black vector is at work.
    """

    x: Vector
    s: Vector
    p: Vector
    t: Vector


def red_from_black(system: Equations, black: Vector, red: Vector) -> float:
    """Red values ``D_r^-1 (b_r + B x)`` that follow from black ones, written to `red`.

    Returns
    -------
    Energy of the field in system units, to the precision of the vectors: with A and b those of all
    unknowns it is ``u^T A u - 2 b^T u`` and what the inlet spends where all else is 0.
    """
    energy = eliminate(system.bounds, *system.stencil, system.red, system.black, black, red)
    for colour, values in ((RED, red), (BLACK, black)):
        places, amount = system.source.of(colour)
        energy -= 2 * float((amount * values[places]).sum())
    places, amount = system.source.of(RED)
    diagonal = system.diagonal(RED, places)
    real = diagonal > 0
    red[places[real]] += amount[real] / diagonal[real]
    spent = float((amount[real] ** 2 / diagonal[real]).sum())
    return float(energy) + system.source.at_rest - spent


def ramp(length: int) -> NDArray[np.float64]:
    """The straight profile from 1 on the low face to 0 on the high one, in `length` layers."""
    return 1 - (np.arange(length) + 0.5) / length


def lay(system: Equations, profile: NDArray[np.float64]) -> Vector:
    """A profile along the driven axis on the black unknowns."""
    layout = system.layout
    black = np.zeros(layout.size, system.precision)
    lay_profile(layout.number, layout.parity, system.axis, profile, system.black, black)
    return black


def start_from(
    system: Equations, black: Vector, blank: Vectors | None = None
) -> tuple[State, float, float]:
    """Some black values, the square of their residual, and their energy.

    `blank` holds three vectors of zeros to work in, which are made otherwise.

    The residual of the reduced equations is ``b_b + B^T x_r - D_b x``, and `advance` with p = x,
    t = x_r and alpha = 1 computes it in the same pass that every iteration uses.
    """
    if blank is None:
        size, kind = system.layout.size, system.precision
        blank = np.zeros(size, kind), np.zeros(size, kind), np.zeros(size, kind)
    x, s, t = blank
    state = State(x, s, black, t)
    energy = red_from_black(system, state.p, state.t)
    places, amount = system.source.of(BLACK)
    diagonal = system.diagonal(BLACK, places)
    real = diagonal > 0
    state.s[places[real]] = amount[real] / diagonal[real]
    square, _ = _advance(system, state, 1.0)
    return state, square, energy


def _advance(system: Equations, state: State, alpha: float) -> tuple[float, float]:
    square, left = advance(
        system.bounds, *system.stencil, system.black, state.t, state.p,
        system.precision(alpha), state.x, state.s,
    )  # fmt: skip
    return float(square), float(left)


def _correct(system: Equations, hierarchy: Hierarchy, state: State, square: float) -> float:
    """One cycle: t becomes the red correction; returns r . z of the preconditioned residual z.

    With the black half of the residual zero after pre-smoothing, r . z is the square of the
    residual in D_b^-1 plus what the coarse level contributes, so z itself need not be stored.
    """
    b, x = hierarchy.b[0], hierarchy.x[0]
    restrict(system.bounds, *system.stencil, hierarchy.red_aggregate, state.s, b)
    cycle(hierarchy)
    prolong(system.bounds, hierarchy.red_aggregate, x, STRETCH, state.t)
    return square + float(STRETCH) * float(dot(x, b, PARTS))


def _turn(system: Equations, state: State, beta: float) -> None:
    turn(
        system.bounds, *system.stencil, system.black, state.t, state.s,
        system.precision(beta), state.p,
    )  # fmt: skip


def iterate(
    system: Equations,
    hierarchy: Hierarchy,
    state: State,
    square: float,
    observe: Callable[[float, float], bool],
) -> None:
    """Conjugate gradients until `observe` says that it is enough.

    `observe` is told after each iteration by how much it lowered the squared energy norm of the
    error, ``alpha r . z`` (Strakos and Tichy, doi:10.1007/s10543-005-0034-4), and the sum of the
    residuals that are left.
    """
    state.p.fill(0)
    before = 0.0
    enough = False
    while not enough:
        product = _correct(system, hierarchy, state, square)
        if product == 0:
            observe(0.0, 0.0)
            return
        _turn(system, state, product / before if before else 0.0)
        curvature = eliminate(
            system.bounds, *system.stencil, system.red, system.black,
            state.p, state.t,
        )  # fmt: skip
        before = product
        if not (curvature > 0 and product > 0):
            # Rounding has eaten what was left of the residual: the report says how much that was.
            return
        alpha = product / curvature
        square, left = _advance(system, state, alpha)
        enough = observe(alpha * product, left)


def flows(system: System, state: State, length: int) -> tuple[float, NDArray[np.float64]]:
    """Energy of the field and the flow through each of the length + 1 planes, in system units."""
    layout = system.layout
    red_from_black(system, state.x, state.t)
    parts = np.zeros((layout.shape[0], length + 1))
    energy = plane_flows(
        layout.number, layout.lateral, layout.along, layout.last, *system.exact,
        system.red, system.black, state.t, state.x, system.axis, parts,
    )  # fmt: skip
    planes = parts.sum(axis=0)
    for end, index, potential in ((system.inlet, 0, 1.0), (system.outlet, length, 0.0)):
        for colour, values in ((RED, state.t), (BLACK, state.x)):
            places, g = end.of(colour)
            drop = potential - values[places].astype(np.float64)
            energy += float((g * drop**2).sum())
            planes[index] += float((g * drop).sum()) * (1 if index == 0 else -1)
    return float(energy), planes
