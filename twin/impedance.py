"""The impedance spectrum of a porous electrode, from its image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.porous_electrode import WallPotential
from solvers.reduced_electrode import ReducedElectrode, reduce_electrode
from solvers.report import Solver
from solvers.symmetric_cell import Charging, charge_uniformly
from twin.driving import Axis
from twin.electrode import (
    Separator,
    check_choice,
    check_question,
    electrode_mesh,
    electrode_of,
    relative_charges,
)
from twin.electrode_results import ElectrodeTortuosity
from twin.impedance_results import Impedance
from twin.memory import SPECTRUM
from twin.progress import AxisProgress, on_axis
from twin.timing import timed
from twin.wall import Wall, positive_frequency

#: What walls do: a capacitance [F/m2], a wall, or either for each reactive phase.
Walls = float | Wall | Mapping[str, float | Wall]

#: Decades of the default frequencies around the characteristic one, and their number.
_DECADES, _POINTS = (-3.0, 4.0), 60


def impedance(
    volume: Volume,
    phase: str,
    axis: Axis = "z",
    separator: Separator = "low",
    *,
    conductivity: float = 1.0,
    capacitance: Walls = 0.1,
    reactive: str | Sequence[str] | None = None,
    frequency: ArrayLike | None = None,
    cell: Literal["electrode", "symmetric"] = "electrode",
    separator_resistance: float = 0.0,
    electronic_conductivity: float = math.inf,
    contact: Wall | None = None,
    sides: Sides = "no-flux",
    wall: WallPotential = "half-face",
    tolerance: float = 1e-4,
    solver: Solver | None = None,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> Impedance:
    r"""Impedance of a porous electrode, or of a symmetric cell of two, over the frequency.

    In the pores :math:`\nabla \cdot (\kappa \nabla \phi) = 0`, with :math:`\phi = 1` on the
    separator's face, :math:`\kappa \, \partial \phi / \partial n = -y(\omega) \phi` on the walls
    and no flux through the collector and the sides. No complex field is solved for: a dozen solves
    with real, positive :math:`y` span a space on which the equations are projected, and the
    projected ones give the current, and the fields, at any frequency. Leaving out any one of the
    solves tells the error.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels, with a known spacing.
    phase : str
        Name of the phase that holds the electrolyte.
    axis : str
        ``"x"``, ``"y"`` or ``"z"``, through the electrode.
    separator : str
        ``"low"`` or ``"high"``: the face of the axis on which the separator lies.
    conductivity : float
        Of the electrolyte [S/m].
    capacitance : float, Wall, or mapping of str to float or Wall
        Double-layer capacitance of the walls [F/m2], or a `Wall` with a constant-phase element or
        a charge transfer; for each reactive phase where they differ.
    reactive : str or sequence of str, optional
        Phases whose walls carry the double layer, by default all but `phase`, or those that
        `capacitance` names.
    frequency : array_like of float, optional
        [Hz]; by default 60 from a thousandth to ten thousand times the characteristic one,
        :math:`1 / (2 \pi R_\mathrm{ion} C)`.
    cell : str
        ``"electrode"`` for one electrode, ``"symmetric"`` for two like it with the separator
        between them.
    separator_resistance : float
        Area-specific, of the separator [Ohm m2]; in series.
    electronic_conductivity : float
        Effective one of the solid along the axis [S/m], as `twin.conduction` finds it; inf for a
        solid at one potential. It enters by a transmission line in one dimension,
        `twin.transmission_line.close_with_electronic_resistance`.
    contact : Wall, optional
        Contact of each electrode with its collector, per area of the electrode; in series.
    sides : str
        ``"no-flux"`` or ``"periodic"``, for the four faces beside.
    wall : str
        ``"half-face"`` or ``"centre"``, as for `electrode_tortuosity`.
    tolerance : float
        Largest estimated relative error of the impedance.
    solver : Solver, optional
        Tolerance of the low-frequency limit, and iteration limit of every solve.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every real solve with the axis, their number, and the estimated error of the
        spectrum, inf as long as there are too few solves to estimate one.

    Returns
    -------
    Impedance

    Raises
    ------
    InputError
        What `electrode_tortuosity` refuses; a frequency, capacitance, conductivity or tolerance
        that is not positive; more than three different walls; an unknown spacing.
    NotConverged
        The iteration limit came before the tolerance, or forty solves did not reach it.

    References
    ----------
    Nguyen et al., npj Comput. Mater. 6 (2020) 123, doi:10.1038/s41524-020-00386-4

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.ones((3, 3, 20), np.uint8)
    >>> labels[1, 1] = 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> z = twin.impedance(volume, "pore", capacitance=0.1, frequency=[1e3, 1e5])
    >>> z.spectrum.ohm_cm2.round(4)
    array([0.5975-1.8302j, 0.1331-0.1211j])
    """
    check_question(volume, phase, axis, separator, sides, wall)
    check_choice("cell", cell, ("electrode", "symmetric"))
    _check_numbers(volume, conductivity, separator_resistance, electronic_conductivity, tolerance)
    walls = _walls(volume, phase, capacitance, reactive)
    wanted = None if frequency is None else np.atleast_1d(positive_frequency(frequency))
    problem = _Problem(
        volume, phase, axis, separator, sides, wall, walls, conductivity, tolerance, solver,
        ignore_memory, progress,
    )  # fmt: skip
    found, seconds, compiling = timed(lambda: _solve(problem, wanted))
    charging, reduced, error, frequencies = found
    electrode = ElectrodeTortuosity(
        axis, separator, phase, _relative(walls), wall, "voxel", charging, seconds, compiling
    )
    return Impedance(
        electrode=electrode,
        walls=walls,
        conductivity=conductivity,
        frequency=frequencies,
        cell=cell,
        separator_resistance=separator_resistance,
        electronic_conductivity=electronic_conductivity,
        contact=contact,
        reduced=reduced,
        estimated_error=error,
        seconds=seconds,
        seconds_compiling=compiling,
    )


@dataclass(frozen=True)
class _Problem:
    """What is asked, checked."""

    volume: Volume
    phase: str
    axis: Axis
    separator: Separator
    sides: Sides
    wall: WallPotential
    walls: Mapping[str, Wall]
    conductivity: float
    tolerance: float
    solver: Solver | None
    ignore_memory: bool
    progress: AxisProgress | None


def _check_numbers(
    volume: Volume, conductivity: float, separator: float, electronic: float, tolerance: float
) -> None:
    if not volume.spacing_known:
        raise InputError(
            "an impedance needs the size of the voxels, which is not known here; give the volume "
            "a spacing in metres, or use electrode_tortuosity, which needs none"
        )
    named = {"conductivity": conductivity, "electronic conductivity": electronic}
    for name, value in {**named, "tolerance": tolerance}.items():
        if not value > 0:
            raise InputError(f"the {name} is {value}; give a positive number")
    if not math.isfinite(conductivity):
        raise InputError(f"the conductivity is {conductivity}; give a positive number")
    if not (math.isfinite(separator) and separator >= 0):
        raise InputError(f"the separator's resistance is {separator}; give a number from 0 on")


def _walls(
    volume: Volume, phase: str, capacitance: Walls, reactive: str | Sequence[str] | None
) -> dict[str, Wall]:
    """The wall of every reactive phase."""
    if not isinstance(capacitance, Mapping):
        each = _as_wall(capacitance)
        return dict.fromkeys(relative_charges(volume, phase, reactive), each)
    if reactive is not None:
        raise InputError(
            "the phases that have a capacitance are the reactive ones; leave out `reactive`, or "
            "give one capacitance for all of its phases"
        )
    relative_charges(volume, phase, list(capacitance))  # raises where a name is wrong
    return {name: _as_wall(value) for name, value in capacitance.items()}


def _as_wall(value: float | Wall) -> Wall:
    return value if isinstance(value, Wall) else Wall(value)


def _relative(walls: Mapping[str, Wall]) -> dict[str, float]:
    """Capacitances relative to the largest."""
    largest = max(wall.capacitance for wall in walls.values())
    return {name: wall.capacitance / largest for name, wall in walls.items()}


def _solve(
    problem: _Problem, frequency: NDArray[np.float64] | None
) -> tuple[Charging, ReducedElectrode, float, NDArray[np.float64]]:
    mesh = electrode_mesh(
        problem.volume, problem.phase, problem.axis, problem.separator, problem.sides,
        None if problem.ignore_memory else SPECTRUM,
    )  # fmt: skip
    different = list(dict.fromkeys(problem.walls.values()))
    groups = [[n for n, wall in problem.walls.items() if wall == each] for each in different]
    electrode = electrode_of(mesh, groups)
    relative = _relative(problem.walls)
    charges = [relative[group[0]] for group in groups]
    charging = charge_uniformly(electrode, charges, problem.wall, solver=problem.solver)
    if frequency is None:
        frequency = _around(charging, different, problem.conductivity)

    def admittance(laplace: NDArray[Any]) -> NDArray[Any]:
        each = [wall.admittance_at(laplace) for wall in different]
        return np.stack(each, axis=-1) / problem.conductivity

    reduced, error = reduce_electrode(
        charging, problem.wall, admittance, 2 * np.pi * np.unique(frequency),
        problem.tolerance, problem.solver, on_axis(problem.axis, problem.progress),
    )  # fmt: skip
    return charging, reduced, error, frequency


def _around(charging: Charging, walls: Sequence[Wall], conductivity: float) -> NDArray[np.float64]:
    """Frequencies around the one at which the walls admit what the pores conduct, high first.

    Where all walls are capacitors it is 1 / (2 pi R C).
    """
    omega = np.geomspace(1e-12, 1e15, 500)
    storage = np.zeros_like(omega)
    for area, wall in zip(charging.electrode.group_areas, walls, strict=True):
        storage += area * wall.capacitance * omega**wall.exponent
    ratio = storage * charging.resistance / conductivity
    middle = np.exp(np.interp(0.0, np.log(ratio), np.log(omega))) / (2 * np.pi)
    return np.asarray(middle * np.logspace(*_DECADES, _POINTS)[::-1])
