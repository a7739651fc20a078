"""The tortuosity factor of a phase, by steady diffusion through the image."""

from __future__ import annotations

from functools import partial
from typing import overload

from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.media import NO_RESISTANCE
from solvers.report import Solver
from twin.directions import Directions
from twin.driving import Axis, Drive, check_axes, drive
from twin.memory import UNIFORM
from twin.progress import AxisProgress
from twin.results import Tortuosity


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
) -> Tortuosity | Directions[Tortuosity]: ...


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
) -> Tortuosity | Directions[Tortuosity]:
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
    check_axes(volume, axis, sides)
    volume.label_values(phase)  # raises where there is no such phase
    problem = Drive(
        volume,
        {phase: 1.0},
        NO_RESISTANCE,
        sides,
        UNIFORM,
        solver,
        ignore_memory,
        progress,
        result=partial(Tortuosity, phase=phase),
    )
    return drive(problem, axis, throw)
