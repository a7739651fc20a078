"""Steady conduction on a voxel mesh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.voxel_mesh import VoxelMesh
from solvers.kernels.fields import flux_density, spread
from solvers.krylov import flows, lay, ramp, red_from_black
from solvers.media import NO_RESISTANCE, Conductivity, Pair
from solvers.minimise import Effort, minimise
from solvers.multigrid import build_hierarchy
from solvers.report import PART, SINGLE, Progress, Report, Solver
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
            np.array([1.0, 0.0]), scale, out,
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
    # Flows in a good conductor settle later than the energy, which its small gradients hide.
    goal = PART * solver.tolerance / system.media.contrast**0.25
    length = mesh.shape[mesh.axis]
    effort = Effort(goal, solver.max_iterations, progress)
    state, report = minimise(
        system, build_hierarchy(system), lay(system, ramp(length)), mesh.active_voxels, effort,
        began,
    )  # fmt: skip
    energy, planes = flows(system, state, length)
    return SteadySolution(
        mesh, energy * system.unit, planes * system.unit, report,
        dict(conductivity), dict(contact_resistance), state.x,
    )  # fmt: skip
