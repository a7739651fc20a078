"""Driving a flux through an image, one axis after the other: what every such question shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal

import numpy as np

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides, VoxelMesh, voxel_mesh
from solvers.media import Conductivity, Pair
from solvers.report import Solver
from solvers.steady import SteadySolution, solve_steady
from twin.directions import Directions, R
from twin.memory import Needs, bytes_needed, check_memory
from twin.progress import AxisProgress, on_axis
from twin.timing import timed

Axis = Literal["x", "y", "z"]


class NotPercolating(RuntimeError):
    """What conducts has no path between the two driven faces."""


@dataclass(frozen=True, eq=False)
class Drive(Generic[R]):
    """What is driven through a volume, and how.

    Attributes
    ----------
    volume : the image.
    conductivity : of each phase that conducts, positive; a number, or one for each axis.
    contact_resistance : of interfaces between two of these phases [m / unit of conductivity].
    sides : "no-flux" or "periodic", for the four faces that are not driven.
    needs : memory that a problem of this kind takes.
    solver : tolerance and iteration limit; the usual ones when None.
    ignore_memory : whether to solve regardless of the estimate of the memory needed.
    progress : called after every iteration with the axis, its number and the estimated error.
    result : makes a result of what `twin.directions.AlongAxis` consists of.
    """

    volume: Volume
    conductivity: Mapping[str, Conductivity]
    contact_resistance: Mapping[Pair, float]
    sides: Sides
    needs: Needs
    solver: Solver | None
    ignore_memory: bool
    progress: AxisProgress | None
    result: Callable[..., R]


def drive(problem: Drive[R], axes: str, throw: bool = False) -> R | Directions[R]:
    """Solve along each axis.

    Parameters
    ----------
    problem : what is driven; `check_axes` has passed.
    axes : letters of "xyz".
    throw : raise where nothing percolates.

    Returns
    -------
    The result, or `Directions` when there are several axes.

    Raises
    ------
    InputError
        An empty phase, or a volume that does not fit in memory.
    NotPercolating
        With ``throw=True`` only.
    NotConverged
        The iteration limit came before the tolerance.
    """
    if not problem.ignore_memory:  # what no solve can do without, before the voxels are looked at
        check_memory(problem.volume, bytes_needed(problem.volume, 0.0, needs=problem.needs))
    results: dict[str, R] = {}
    for axis in axes:
        results[axis] = _solve(problem, axis, kept=len(results))
        if throw and not results[axis].percolates:
            raise NotPercolating(results[axis].reason)
    return results[axes] if len(axes) == 1 else Directions(results)


def check_axes(volume: Volume, axes: str, sides: str) -> None:
    """Refuse before the first solve what the last one would stumble over.

    Raises
    ------
    InputError
        Something else than a volume, unknown axes or sides, an axis of one voxel.
    """
    if not isinstance(volume, Volume):
        raise InputError(
            f"a volume is needed, found {type(volume).__name__}; read one with twin.read or make "
            "one with twin.Volume(labels, spacing, phases)"
        )
    if sides not in ("no-flux", "periodic"):
        raise InputError(f"there are no sides {sides!r}; use 'no-flux' or 'periodic'")
    if not axes or len(set(axes)) != len(axes) or set(axes) - set("xyz"):
        raise InputError(f"there is no axis {axes!r}; use 'x', 'y', 'z' or several, as 'xyz'")
    for axis in axes:
        if volume.shape["xyz".index(axis)] < 2:
            raise InputError(
                f"axis {axis} is one voxel long (shape {volume.shape}) and cannot be driven; "
                "choose an axis of at least two voxels"
            )


def _solve(problem: Drive[R], axis: str, kept: int) -> R:
    """Solve along one axis while `kept` other results are in memory."""
    volume, phases = problem.volume, list(problem.conductivity)

    def solve() -> tuple[VoxelMesh, SteadySolution | None]:
        mesh = voxel_mesh(volume, phases, "xyz".index(axis), problem.sides)
        if not mesh.percolates:
            return mesh, None
        if not problem.ignore_memory:
            fraction = mesh.spanning_voxels / volume.labels.size
            check_memory(volume, bytes_needed(volume, fraction, kept, problem.needs))
        return mesh, solve_steady(
            mesh, problem.conductivity, problem.solver, on_axis(axis, problem.progress),
            contact_resistance=problem.contact_resistance,
        )  # fmt: skip

    (mesh, solution), seconds, compiling = timed(solve)
    reason = "" if solution else _why_not(mesh, axis)
    found: dict[str, Any] = {"axis": axis, "mesh": mesh, "solution": solution, "reason": reason}
    return problem.result(**found, seconds=seconds, seconds_compiling=compiling)


def _why_not(mesh: VoxelMesh, axis: str) -> str:
    """Which phases reach which face, and what is missing."""
    if len(mesh.phases) > 1:
        low, high = (_touching(mesh, plane) for plane in (0, -1))
        return (
            f"no path of {' + '.join(mesh.phases)} joins the low and the high face of axis {axis}: "
            f"the low face is touched by {low}, the high face by {high}"
        )
    (phase,) = mesh.phases
    if not mesh.inlet_voxels and not mesh.outlet_voxels:
        return f"phase {phase!r} touches neither face of axis {axis}"
    if not mesh.inlet_voxels or not mesh.outlet_voxels:
        side = "high" if mesh.inlet_voxels else "low"
        return f"phase {phase!r} does not touch the {side} face of axis {axis}"
    return f"no path of phase {phase!r} joins the low and the high face of axis {axis}"


def _touching(mesh: VoxelMesh, plane: int) -> str:
    """Names of the conducting phases on the first or the last plane of the driven axis."""
    labels = np.unique(mesh.volume.labels.take(plane, mesh.axis))
    names = [
        repr(phase)
        for phase in mesh.phases
        if np.isin(labels, mesh.volume.label_values(phase)).any()
    ]
    return " and ".join(names) if names else "none of them"
