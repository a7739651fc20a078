"""The tortuosity factor of a phase, by steady diffusion through the image."""

from __future__ import annotations

from typing import Literal, overload

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides, VoxelMesh, voxel_mesh
from solvers.report import Solver
from solvers.steady import SteadySolution, solve_steady
from twin.memory import bytes_needed, check_memory
from twin.progress import AxisProgress
from twin.results import Directions, Tortuosity
from twin.timing import timed

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
    ignore_memory: bool = ...,
    progress: AxisProgress | None = ...,
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
    ignore_memory: bool = ...,
    progress: AxisProgress | None = ...,
) -> Tortuosity | Directions: ...


def tortuosity(
    volume: Volume,
    phase: str,
    axis: str = "z",
    sides: Sides = "no-flux",
    *,
    solver: Solver | None = None,
    throw: bool = False,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> Tortuosity | Directions:
    r"""Tortuosity factor of one phase of a segmented volume.

    Solves :math:`\nabla\cdot\nabla c = 0` in the phase, with :math:`c = 1` on the low outer face of
    the driven axis, :math:`c = 0` on the high one and no flux through the walls of the phase, and
    compares the mean flux with that through a straight channel of length :math:`L`:

    .. math::

        \frac{D_\mathrm{eff}}{D_0} = \frac{\langle J \rangle L}{D_0 (c_\mathrm{low} -
        c_\mathrm{high})}, \qquad \tau = \frac{\varepsilon D_0}{D_\mathrm{eff}}

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    phase : str
        Name of the phase that carries the flux.
    axis : str
        ``"x"``, ``"y"`` or ``"z"`` for one direction; several letters, as ``"xyz"``, for one
        result each.
    sides : str
        ``"no-flux"`` or ``"periodic"``, for the four faces that are not driven.
    solver : Solver, optional
        Tolerance (largest estimated relative error of tau) and iteration limit.
    throw : bool
        Raise `NotPercolating` where the phase does not percolate, instead of returning tau = inf,
        D_eff = 0 and the reason.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every iteration with the axis, the number of the iteration and the estimated
        relative error of tau.

    Returns
    -------
    Tortuosity or Directions
        `Directions` when several axes are asked for.

    Raises
    ------
    InputError
        Unknown or empty phase, unknown axis or sides, a driven axis of one voxel, a volume that
        does not fit in memory.
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
    _check(volume, phase, axis, sides)
    if not ignore_memory:  # what no phase can do without, before the first look at the voxels
        check_memory(volume, bytes_needed(volume, fraction=0.0))
    results: dict[str, Tortuosity] = {}
    for name in axis:
        kept = None if ignore_memory else len(results)
        results[name] = _one_axis(volume, phase, name, sides, solver or Solver(), kept, progress)
        if throw and not results[name].percolates:
            raise NotPercolating(results[name].reason)
    return results[axis] if len(axis) == 1 else Directions(results)


def _check(volume: Volume, phase: str, axis: str, sides: str) -> None:
    """Refuse before the first solve what the last one would stumble over."""
    if not isinstance(volume, Volume):
        raise InputError(
            f"a volume is needed, found {type(volume).__name__}; read one with twin.read or make "
            "one with twin.Volume(labels, spacing, phases)"
        )
    if sides not in ("no-flux", "periodic"):
        raise InputError(f"there are no sides {sides!r}; use 'no-flux' or 'periodic'")
    if not axis or len(set(axis)) != len(axis) or set(axis) - set("xyz"):
        raise InputError(f"there is no axis {axis!r}; use 'x', 'y', 'z' or several, as 'xyz'")
    for name in axis:
        if volume.shape["xyz".index(name)] < 2:
            raise InputError(
                f"axis {name} is one voxel long (shape {volume.shape}) and cannot be driven; "
                "choose an axis of at least two voxels"
            )
    volume.label_values(phase)  # raises where there is no such phase


def _one_axis(
    volume: Volume,
    phase: str,
    axis: str,
    sides: Sides,
    solver: Solver,
    kept: int | None,
    progress: AxisProgress | None,
) -> Tortuosity:
    """Solve along one axis; `kept` other results are in memory, None asks for no check of it."""

    def report(iteration: int, error: float) -> None:
        if progress is not None:
            progress(axis, iteration, error)

    def solve() -> tuple[VoxelMesh, SteadySolution | None]:
        mesh = voxel_mesh(volume, [phase], "xyz".index(axis), sides)
        if not mesh.percolates:
            return mesh, None
        if kept is not None:
            fraction = mesh.spanning_voxels / volume.labels.size
            check_memory(volume, bytes_needed(volume, fraction, kept))
        return mesh, solve_steady(mesh, {phase: 1.0}, solver, report)

    (mesh, solution), seconds, compiling = timed(solve)
    reason = "" if solution else _why_not(mesh, phase, axis)
    return Tortuosity(phase, axis, mesh, solution, reason, seconds, compiling)


def _why_not(mesh: VoxelMesh, phase: str, axis: str) -> str:
    if not mesh.inlet_voxels and not mesh.outlet_voxels:
        return f"phase {phase!r} touches neither face of axis {axis}"
    if not mesh.inlet_voxels or not mesh.outlet_voxels:
        side = "high" if mesh.inlet_voxels else "low"
        return f"phase {phase!r} does not touch the {side} face of axis {axis}"
    return f"no path of phase {phase!r} joins the low and the high face of axis {axis}"
