"""Conjugate gradients on the black unknowns, preconditioned by one multigrid cycle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.fine import BLACK, RED
from solvers.kernels.even_odd import advance, eliminate, prolong, restrict, smooth, turn
from solvers.kernels.fields import plane_flows, ramp
from solvers.multigrid import STRETCH, Hierarchy, cycle
from solvers.system import System

Vector = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class State:
    """Vectors of one solve.

    Attributes
    ----------
    x, r, p, z : black solution, residual, direction and preconditioned residual.
    t : red values that follow from whatever black vector is at work.
    """

    x: Vector
    r: Vector
    p: Vector
    z: Vector
    t: Vector


def red_from_black(system: System, black: Vector, red: Vector) -> None:
    """Red values ``D_r^-1 (b_r + B x)`` that follow from black ones, written to `red`."""
    eliminate(
        system.bounds, *system.stencil, system.table, system.red, system.black, black, red
    )  # fmt: skip
    inlet = system.inlet
    diagonal = system.diagonal(RED, inlet.red)
    real = diagonal > 0
    red[inlet.red[real]] += system.drive(RED)[real] / diagonal[real]


def start_from_ramp(system: System, length: int) -> State:
    """The straight profile along the driven axis and its residual.

    The residual of the reduced equations is ``b_b + B^T x_r - D_b x``, and `advance` with p = x,
    t = x_r and alpha = 1 computes it in the same pass that every iteration uses.
    """
    layout = system.layout
    state = State(*(np.zeros(layout.size, system.precision) for _ in range(5)))
    ramp(layout.number, layout.parity, system.axis, length, system.black, state.p)
    np.copyto(state.x, state.p)
    red_from_black(system, state.x, state.t)
    state.x.fill(0)
    state.r[system.inlet.black] = system.drive(BLACK)
    _advance(system, state, 1.0)
    return state


def _advance(system: System, state: State, alpha: float) -> None:
    advance(
        system.bounds, *system.stencil, system.table, system.black, state.t, state.p,
        system.precision(alpha), state.x, state.r, state.z,
    )  # fmt: skip


def _precondition(system: System, hierarchy: Hierarchy, state: State) -> float:
    """z from r by one cycle; returns r . z. On entry z is r over the diagonal."""
    restrict(system.bounds, *system.stencil, hierarchy.red_aggregate, state.z, hierarchy.b[0])
    cycle(hierarchy)
    prolong(system.bounds, hierarchy.red_aggregate, hierarchy.x[0], STRETCH, state.t)
    return float(
        smooth(
            system.bounds, *system.stencil, system.table, system.black, state.t, state.r, state.z
        )
    )


def iterate(
    system: System, hierarchy: Hierarchy, state: State, observe: Callable[[float], bool]
) -> None:
    """Conjugate gradients until `observe` says that it is enough.

    `observe` is told after each iteration by how much it lowered the squared energy norm of the
    error, ``alpha r . z`` (Strakos and Tichy, doi:10.1007/s10543-005-0034-4).
    """
    state.p.fill(0)
    before = 0.0
    enough = False
    while not enough:
        product = _precondition(system, hierarchy, state)
        if product == 0:
            observe(0.0)
            return
        turn(system.bounds, state.z, system.precision(product / before if before else 0.0), state.p)
        curvature = eliminate(
            system.bounds, *system.stencil, system.table, system.red, system.black,
            state.p, state.t,
        )  # fmt: skip
        before = product
        if not (curvature > 0 and product > 0):
            # Rounding has eaten what was left of the residual: the report says how much that was.
            return
        alpha = product / curvature
        _advance(system, state, alpha)
        enough = observe(alpha * product)


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
        for g, values in (
            (end.red_conductance, state.t[end.red]),
            (end.black_conductance, state.x[end.black]),
        ):
            drop = potential - values.astype(np.float64)
            energy += float((g * drop**2).sum())
            planes[index] += float((g * drop).sum()) * (1 if index == 0 else -1)
    return float(energy), planes
