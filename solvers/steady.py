"""Steady conduction on a voxel mesh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.voxel_mesh import VoxelMesh
from solvers.kernels.fields import flux_density, spread
from solvers.krylov import flows, iterate, red_from_black, start_from_ramp
from solvers.media import NO_RESISTANCE, Conductivity, Pair
from solvers.multigrid import build_hierarchy
from solvers.report import PART, SINGLE, NotConverged, Progress, Report, Solver
from solvers.shares import Shares, share_out
from solvers.system import System, assemble


@dataclass(frozen=True, eq=False)
class SteadySolution:
    """Flow through a voxel mesh between potential 1 on the low face and 0 on the high face.

    Attributes
    ----------
    mesh : the voxel mesh.
    flow : total flow [conductivity times m], from the energy of the field. Its error is of second
        order in the error of the field, and never negative.
    plane_flows : (n + 1,) flow through the inlet, each plane between two layers, and the outlet.
    report : what the solver did.
    conductivity : of each phase of the mesh.
    contact_resistance : of interfaces between two phases.
    black : (size,) float32 or float64, every other value of the field, from which the rest follows:
        two bytes per voxel. Fields are made when asked for, and assembled anew for that.
    """

    mesh: VoxelMesh
    flow: float
    plane_flows: NDArray[np.float64]
    report: Report
    conductivity: Mapping[str, Conductivity]
    contact_resistance: Mapping[Pair, float]
    black: NDArray[np.floating]

    def potential(self) -> NDArray[np.float32]:
        """Potential at voxel centres, (nx, ny, nz) float32, NaN where nothing conducts."""
        potential = self._potential(self._system(), np.dtype(np.float32))
        return potential.transpose(np.argsort(self.mesh.order))

    def _system(self) -> System:
        precision = np.float32 if self.black.dtype == np.float32 else np.float64
        return assemble(self.mesh, self.conductivity, precision, self.contact_resistance)

    @cached_property
    def shares(self) -> Shares:
        """What each phase and each interface carries and spends."""
        system = self._system()
        red = np.zeros_like(self.black)
        red_from_black(system, self.black, red)
        return share_out(system, red, self.black)

    def _potential(self, system: System, kept: np.dtype[Any]) -> NDArray[Any]:
        """The potential in mesh order, in a precision."""
        red = np.zeros_like(self.black)
        red_from_black(system, self.black, red)
        shape = self.mesh.mesh_shape
        out = np.full(shape, np.nan, kept)
        number = system.layout.number
        spread(number, *shape, system.red, system.black, red, self.black, out)
        return out

    def flux(self) -> NDArray[np.float32]:
        """Flux density -k grad u at voxel centres, the mean of both faces across each axis.

        Returns
        -------
        (nx, ny, nz, 3) float32 [conductivity / m], 0 where nothing conducts.
        """
        mesh, system = self.mesh, self._system()
        shape = mesh.mesh_shape
        out = np.zeros((*shape, 3), np.float32)
        layers = [h[:n] for h, n in zip(system.thickness, shape, strict=True)]
        scale = system.unit / max(mesh.spacing) ** 2
        potential = self._potential(system, self.black.dtype)
        flux_density(
            potential, *system.materials[:4], *layers, np.array(system.periodic), mesh.mesh_axis,
            scale, out,
        )  # fmt: skip
        if mesh.order == (0, 1, 2):
            return out
        back = np.argsort(mesh.order)
        return np.take(out.transpose(*back, 3), back, axis=3)


def solve_steady(
    mesh: VoxelMesh,
    conductivity: Mapping[str, Conductivity],
    solver: Solver | None = None,
    progress: Progress | None = None,
    *,
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
) -> SteadySolution:
    """Solve div(k grad u) = 0 with u = 1 on the low outer face and u = 0 on the high one.

    Parameters
    ----------
    mesh : the voxels that conduct; it percolates.
    conductivity : of each phase of the mesh, positive, a number or one for each axis x, y, z
        [any unit].
    solver : tolerance and iteration limit.
    progress : called with the iteration number and the estimated error after each iteration.
    contact_resistance : of interfaces between two phases [m / unit of conductivity].

    Raises
    ------
    InputError
        A phase has no conductivity, or one that is not a positive number; a contact resistance
        that belongs to no interface of two phases of the mesh, or is negative.
    NotConverged
        The iteration limit came before the tolerance; the error carries the report.
    """
    solver = solver or Solver()
    began = perf_counter()
    precision = np.float32 if solver.tolerance >= SINGLE else np.float64
    system = assemble(mesh, conductivity, precision, contact_resistance)
    hierarchy = build_hierarchy(system)
    length = mesh.shape[mesh.axis]
    state, square, energy = start_from_ramp(system, length)
    ready = perf_counter()
    # Flows in a good conductor settle later than the energy, which its small gradients hide.
    goal = PART * solver.tolerance / system.media.contrast**0.25

    def measure() -> float:
        return red_from_black(system, state.x, state.t)

    watch = _Watch(energy, measure, goal, solver.max_iterations, progress)
    iterate(system, hierarchy, state, square, watch.observe)
    unknowns = (mesh.spanning_voxels, *hierarchy.unknowns)
    del hierarchy
    energy, planes = flows(system, state, length)
    report = watch.report(system, unknowns, ready - began, perf_counter() - ready)
    if not report.converged:
        raise NotConverged(
            f"not converged after {report.iterations} iterations: estimated error "
            f"{report.estimated_error:.1e}, where {goal:.1e} was asked for; "
            "raise max_iterations or the tolerance",
            report,
        )
    return SteadySolution(
        mesh, energy * system.unit, planes * system.unit, report,
        dict(conductivity), dict(contact_resistance), state.x,
    )  # fmt: skip


#: Slowest convergence that the estimate of the error believes in.
SLOWEST = 0.99

#: The energy is measured anew when what is left after subtracting every decrease has fallen to
#: this part of the last measurement: a good conductor begins with an energy that hides the rest.
FALLEN = 0.1


class _Watch:
    """Follows the error of the energy and says when it is small enough."""

    def __init__(
        self,
        energy: float,
        measure: Callable[[], float],
        goal: float,
        max_iterations: int,
        progress: Progress | None,
    ) -> None:
        self.energy = self.measured = energy
        self.measure = measure
        self.goal = goal
        self.max_iterations = max_iterations
        self.progress = progress
        self.steps: list[float] = []
        self.errors: list[float] = []

    def observe(self, step: float) -> bool:
        """Take the decrease of the energy in one iteration; say whether to stop."""
        self.steps.append(step)
        self.energy -= step
        if self.energy < FALLEN * self.measured:
            self.energy = self.measured = self.measure()
        self.errors.append(self._estimate())
        if self.progress:
            self.progress(len(self.errors), self.errors[-1])
        return self.converged or len(self.errors) >= self.max_iterations

    def _estimate(self) -> float:
        """What later iterations will still take off, if they shrink as the slowest of the last."""
        if self.steps[-1] == 0:
            return 0.0
        if len(self.steps) < 3:
            return float("inf")
        rates = [b / a for a, b in zip(self.steps[-3:-1], self.steps[-2:], strict=True)]
        rate = min(max(rates), SLOWEST)
        return self.steps[-1] * rate / (1 - rate) / self.energy

    @property
    def converged(self) -> bool:
        return bool(self.errors) and self.errors[-1] <= self.goal

    def report(
        self, system: System, unknowns: tuple[int, ...], setup: float, solve: float
    ) -> Report:
        return Report(
            converged=self.converged,
            iterations=len(self.errors),
            estimated_error=self.errors[-1] if self.errors else float("inf"),
            precision="single" if system.precision is np.float32 else "double",
            history=tuple(self.errors),
            unknowns=unknowns,
            seconds_setup=setup,
            seconds_solve=solve,
        )
