"""Effective conductivity of a composite, by steady conduction through the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import overload

from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.media import NO_RESISTANCE, Pair
from solvers.report import Solver
from twin.conduction_results import Conduction
from twin.conductors import conductors
from twin.directions import Directions
from twin.driving import Axis, Drive, check_axes, drive
from twin.memory import MIXED, UNIFORM
from twin.progress import AxisProgress
from twin.transport import TransportName, transport_of


@overload
def conduction(
    volume: Volume,
    conductivity: Mapping[str, float | Sequence[float]],
    axis: Axis = ...,
    sides: Sides = ...,
    *,
    contact_resistance: Mapping[Pair, float] = ...,
    transport: TransportName = ...,
    solver: Solver | None = ...,
    throw: bool = ...,
    ignore_memory: bool = ...,
    progress: AxisProgress | None = ...,
) -> Conduction: ...


@overload
def conduction(
    volume: Volume,
    conductivity: Mapping[str, float | Sequence[float]],
    axis: str,
    sides: Sides = ...,
    *,
    contact_resistance: Mapping[Pair, float] = ...,
    transport: TransportName = ...,
    solver: Solver | None = ...,
    throw: bool = ...,
    ignore_memory: bool = ...,
    progress: AxisProgress | None = ...,
) -> Conduction | Directions[Conduction]: ...


def conduction(
    volume: Volume,
    conductivity: Mapping[str, float | Sequence[float]],
    axis: str = "z",
    sides: Sides = "no-flux",
    *,
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
    transport: TransportName = "electronic",
    solver: Solver | None = None,
    throw: bool = False,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> Conduction | Directions[Conduction]:
    r"""Effective conductivity of a volume in which any number of phases conduct.

    Solves :math:`\nabla\cdot(k\,\nabla\varphi) = 0` in the phases that conduct, with
    :math:`\varphi = 1` on the low outer face of the driven axis, :math:`\varphi = 0` on the high
    one, and no flux into the other phases. With :math:`L` the length of the volume and the mean
    taken over all of it,

    .. math::

        k_\mathrm{eff} = \frac{\langle j \rangle L}{\varphi_\mathrm{low} - \varphi_\mathrm{high}}

    Electrons, ions, heat and dissolved species obey the same equation: `transport` chooses the
    words and the units.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    conductivity : mapping of str to float or three floats
        Conductivity of each phase that conducts [S/m, or the unit of `transport`]: one number, or
        its entries along the axes x, y, z of the image. A phase with 0, and one that is not named,
        does not conduct.
    axis : str
        ``"x"``, ``"y"`` or ``"z"`` for one direction; several letters, as ``"xyz"``, for one
        result each.
    sides : str
        ``"no-flux"`` or ``"periodic"``, for the four faces that are not driven.
    contact_resistance : mapping of (str, str) to float
        Resistance of the interface between two conducting phases [Ohm m2, or the unit of
        `transport`]; interfaces that are not named do not resist. It acts on the faces of voxels,
        whose area is 1.5 times that of a smooth surface in the mean over all directions: for
        curved interfaces give 1.5 times the resistance of the smooth surface.
    transport : str
        ``"electronic"`` (S/m), ``"ionic"`` (S/m), ``"thermal"`` (W/(m K)) or ``"diffusive"``
        (m2/s).
    solver : Solver, optional
        Tolerance (largest estimated relative error of k_eff) and iteration limit.
    throw : bool
        Raise `NotPercolating` where nothing percolates, instead of returning k_eff = 0,
        tau = inf and the reason.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every iteration with the axis, the number of the iteration and the estimated
        relative error of k_eff.

    Returns
    -------
    Conduction or Directions
        `Directions` when several axes are asked for.

    Raises
    ------
    InputError
        An unknown or empty phase, an unknown transport; a conductivity or a resistance that is
        negative or no number; all conductivities 0; an interface named twice, of a phase with
        itself, or with a phase that does not conduct; an unknown axis or sides, a driven axis of
        one voxel, a volume that does not fit in memory.
    NotPercolating
        With ``throw=True`` only.
    NotConverged
        The iteration limit came before the tolerance; the error carries the report.

    Examples
    --------
    >>> from meshing.generate import layers
    >>> import twin
    >>> volume = layers((4, 4, 8), "z", {"AM": 3, "CBD": 1}, spacing="1um")  # one above the other
    >>> c = twin.conduction(volume, {"AM": 1.0, "CBD": 100.0}, axis="z")
    >>> round(c.effective_conductivity, 6) == round(1 / (0.75 / 1.0 + 0.25 / 100.0), 6)
    True
    """
    check_axes(volume, axis, sides)
    words = transport_of(transport)
    found = conductors(volume, conductivity, contact_resistance)
    problem = Drive(
        volume,
        found.conducting,
        found.contact_resistance,
        sides,
        UNIFORM if found.uniform else MIXED,
        solver,
        ignore_memory,
        progress,
        result=partial(Conduction, conductors=found, transport=words),
    )
    return drive(problem, axis, throw)
