"""The tortuosity factor of a phase, by steady diffusion through the image."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Literal, overload

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides, VoxelMesh, voxel_mesh
from solvers.report import Progress, Solver
from solvers.steady import SteadySolution, solve_steady
from twin.results import Directions, Tortuosity

Axis = Literal["x", "y", "z"]


class NotPercolating(RuntimeError):
    """A phase has no path between the two driven faces."""


@overload
def tortuosity(
    volume: Volume,
    phase: str,
    axis: Axis = ...,
    sides: Sides = ...,
    *,
    solver: Solver | None = ...,
    throw: bool = ...,
    progress: Progress | None = ...,
) -> Tortuosity: ...


@overload
def tortuosity(
    volume: Volume,
    phase: str,
    axis: str,
    sides: Sides = ...,
    *,
    solver: Solver | None = ...,
    throw: bool = ...,
    progress: Progress | None = ...,
) -> Tortuosity | Directions: ...


def tortuosity(
    volume: Volume,
    phase: str,
    axis: str = "z",
    sides: Sides = "no-flux",
    *,
    solver: Solver | None = None,
    throw: bool = False,
    progress: Progress | None = None,
) -> Tortuosity | Directions:
    """Tortuosity factor of one phase of a segmented volume.

    Solves div grad c = 0 in the phase, with c = 1 on the low outer face of the driven axis, c = 0
    on the high one and no flux through the walls of the phase, and compares the flux with that
    through a straight channel::

        D_eff / D0 = (mean flux) L / (D0 (c_low - c_high)),      tau = eps D0 / D_eff

    Parameters
    ----------
    volume : the image.
    phase : name of the phase that carries the flux.
    axis : "x", "y" or "z" for one direction; several letters, as "xyz", for one result each.
    sides : "no-flux" or "periodic", for the four faces that are not driven.
    solver : tolerance and iteration limit.
    throw : raise `NotPercolating` where the phase does not percolate, instead of returning
        tau = inf, D_eff = 0 and the reason.
    progress : called with the iteration number and the estimated error.

    Returns
    -------
    Tortuosity, or Directions when several axes are asked for.

    Raises
    ------
    InputError
        Unknown or empty phase, unknown axis or sides, a driven axis of one voxel.
    NotPercolating
        With ``throw=True`` only.
    NotConverged
        The iteration limit came before the tolerance; the error carries the report.

    References
    ----------
    Cooper et al., SoftwareX 5 (2016) 203, doi:10.1016/j.softx.2016.09.002

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((8, 6, 4), np.uint8), spacing=50e-9, phases={"pore": 1})
    >>> round(twin.tortuosity(volume, "pore", axis="x").tortuosity_factor, 6)
    1.0
    """
    if sides not in ("no-flux", "periodic"):
        raise InputError(f"sides {sides!r} is unknown; use 'no-flux' or 'periodic'")
    if not axis or len(set(axis)) != len(axis) or set(axis) - set("xyz"):
        raise InputError(f"axis {axis!r} is unknown; use 'x', 'y', 'z' or several, as 'xyz'")
    solver = solver or Solver()
    results = {a: _one_axis(volume, phase, a, sides, solver, throw, progress) for a in axis}
    return results[axis] if len(axis) == 1 else Directions(results)


def _one_axis(
    volume: Volume,
    phase: str,
    axis: str,
    sides: Sides,
    solver: Solver,
    throw: bool,
    progress: Progress | None,
) -> Tortuosity:
    start = perf_counter()
    mesh = voxel_mesh(volume, [phase], "xyz".index(axis), sides)
    if not mesh.percolates:
        reason = _why_not(mesh, axis)
        if throw:
            raise NotPercolating(reason)
        return Tortuosity(phase, axis, mesh, None, reason, perf_counter() - start, 0.0)
    solution = solve_steady(mesh, {phase: 1.0}, solver, progress)
    return Tortuosity(phase, axis, mesh, solution, "", perf_counter() - start, 0.0)


def _why_not(mesh: VoxelMesh, axis: str) -> str:
    phase = " + ".join(mesh.phases)
    if not mesh.inlet_voxels and not mesh.outlet_voxels:
        return f"phase {phase} touches neither face of axis {axis}"
    if not mesh.inlet_voxels or not mesh.outlet_voxels:
        side = "high" if mesh.inlet_voxels else "low"
        return f"phase {phase} does not touch the {side} face of axis {axis}"
    return f"no path of phase {phase} joins the low and the high face of axis {axis}"


def relative_diffusivity(mesh: VoxelMesh, solution: SteadySolution) -> float:
    """D_eff / D0 from the flow per unit concentration difference."""
    length = mesh.shape[mesh.axis] * mesh.spacing[mesh.axis]
    area = math.prod(n * h for n, h in zip(mesh.shape, mesh.spacing, strict=True)) / length
    return solution.flow * length / area
