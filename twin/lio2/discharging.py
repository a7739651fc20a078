"""Discharge a Li-O2 cell, macro-homogeneous, across its thickness."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from meshing.errors import InputError
from meshing.units import format_length
from solvers.banded import NewtonFailed
from solvers.report import NotConverged, Report
from solvers.time_stepping import Point, StepFailed, Stepping, Trajectory, integrate
from twin.lio2.layer import Array, Grid, Layer
from twin.lio2.parameters import Parameters
from twin.lio2.protocol import Quantity, Step, Task, tasks
from twin.lio2.results import Discharge, History
from twin.timing import timed

_FIELDS = (
    "the potential of the electrolyte", "the potential of the carbon", "the salt concentration",
    "the dissolved oxygen", "the volume of product",
)  # fmt: skip


class DischargeFailed(NotConverged):
    """A discharge that could not go on.

    Attributes
    ----------
    field : the unknown that did not converge, in words.
    depth : where, from the oxygen side [m].
    time : when [s].
    """

    def __init__(self, message: str, report: Report, field: str, depth: float, time: float) -> None:
        super().__init__(message, report)
        self.field = field
        self.depth = depth
        self.time = time


def discharge(
    parameters: Parameters | str = "Su2021_ch6",
    *,
    current_density: Quantity | None = None,
    protocol: Sequence[Step | str] | None = None,
    grid: Grid | None = None,
    stepping: Stepping | None = None,
    **changes: Any,
) -> Discharge:
    r"""Discharge a Li-O2 cell until its voltage falls to the cut-off, or by a protocol.

    Charge in carbon and electrolyte, lithium salt, dissolved oxygen and Li2O2 across the thickness
    x from the lithium foil to the oxygen, with the volumetric current J of
    2 Li+ + 2 e- + O2 -> Li2O2 on the walls of the pores:

    .. math::

        \partial_x i_l = -J, \quad i_s = I - i_l = -\sigma\,\partial_x \varphi_s, \quad
        \partial_t(\varepsilon c) = \partial_x(D_\mathrm{eff}\,\partial_x c) - (1 - t_+) J / F

        \partial_t(\varepsilon c_\mathrm{O_2}) = \partial_x(D_\mathrm{O_2,eff}\,\partial_x
        c_\mathrm{O_2}) - J / (n F), \quad
        \partial_t \varepsilon = -J V_m / (n F) = -a\,\partial_t l

    `docs/theory/li-o2.md` has all of it. Finite volumes, second order in width and in time.

    Parameters
    ----------
    parameters : Parameters or str
        The cell, or the name of a set.
    current_density : float or str
        Discharge current [A/m2], or text such as "0.24 mA/cm2" or "40 mA/g" (of carbon).
    protocol : sequence of Step or str
        Steps instead of one current: `Step("2.4 A/m2", time="10 h")`, "rest 2 h", ...
    grid : Grid, optional
        Number of cells; 100 in the cathode and 10 in the separator by default.
    stepping : Stepping, optional
        Tolerance and limits of the steps in time.
    changes : float
        Parameters to change, by name, as for `Parameters.replace`.

    Returns
    -------
    Discharge
        Voltage [V] against time [s] and charge [C/m2], profiles, capacities, and why it ended.

    Raises
    ------
    InputError
        Unknown names, values that cannot be, steps that cannot end.
    DischargeFailed
        An equation did not converge; the sentence says which, where and when.

    Examples
    --------
    >>> import twin
    >>> d = twin.lio2.discharge("Su2021_ch6", current_density="0.24 mA/cm2")
    >>> round(d.areal_capacity, 2), d.cause
    (1.73, 'oxygen')
    >>> faster = twin.lio2.discharge(current_density=12.0, oxygen_diffusivity=3.5e-10)
    >>> round(faster.areal_capacity, 2)
    1.69
    """
    cell = parameters if isinstance(parameters, Parameters) else Parameters.of(parameters)
    cell = cell.replace(**changes) if changes else cell
    steps = _steps(current_density, protocol)
    wanted = tasks(steps, cell)
    layer = Layer(cell, grid or Grid())
    history, seconds, compiling = timed(lambda: _run(layer, wanted, stepping or Stepping()))
    return Discharge(cell, layer.grid, steps, history, seconds, compiling)


def _steps(
    current_density: Quantity | None, protocol: Sequence[Step | str] | None
) -> tuple[Step, ...]:
    if (current_density is None) == (protocol is None):
        raise InputError(
            "a discharge needs either a current_density, such as '0.24 mA/cm2', or a protocol"
        )
    if protocol is not None:
        return tuple(step if isinstance(step, Step) else Step.of(step) for step in protocol)
    if not isinstance(current_density, str) and not (current_density or 0.0) > 0.0:
        raise InputError(
            f"current_density must be greater than zero in a discharge, found {current_density!r}"
        )
    return (Step(current_density or 0.0),)


def _run(layer: Layer, wanted: Sequence[Task], stepping: Stepping) -> History:
    """All steps, one after the other, until one meets the cut-off."""
    trajectories: list[Trajectory] = []
    endings: list[str] = []
    point: Point | None = None
    for task in wanted:
        layer.current = task.current
        point = _consistent(layer, point)
        run, ending = _one(layer, point, task, stepping)
        trajectories.append(run)
        endings.append(ending)
        point = run.points[-1]
        if ending == "cut-off":
            break
    return _history(layer, wanted, trajectories, endings)


def _consistent(layer: Layer, before: Point | None) -> Point:
    """The start of a step: potentials that carry its current, everything else as it was."""
    y = layer.initial() if before is None else before.y
    time, tally = (0.0, np.zeros(3)) if before is None else (before.time, before.tally)
    try:
        return Point(time, layer.start(y), tally)
    except NewtonFailed as error:
        raise _failed(layer, error.cell, error.field, time, error.iterations) from None


def _one(layer: Layer, start: Point, task: Task, stepping: Stepping) -> tuple[Trajectory, str]:
    """One step of the protocol, and what ended it."""
    if task.current == 0.0:
        return _integrate(layer, start, task, (), stepping), task.limit
    cut_off = layer.parameters.cut_off_voltage
    levels = [cut_off]
    if task.voltage is not None and task.voltage > cut_off:
        levels.append(task.voltage)
    names = ["cut-off", "voltage"]
    first = layer.voltage(start.y)
    for level, name in zip(levels, names, strict=False):
        if first <= level:
            return Trajectory((start,), None, 0, 0), name
    events = [_falls_to(layer, level) for level in levels]
    run = _integrate(layer, start, task, events, stepping)
    return run, task.limit if run.event is None else names[run.event]


def _falls_to(layer: Layer, level: float) -> Callable[[Array], float]:
    return lambda y: layer.voltage(y) - level


def _integrate(
    layer: Layer,
    start: Point,
    task: Task,
    events: Sequence[Callable[[Array], float]],
    stepping: Stepping,
) -> Trajectory:
    # Nothing but the filling of the pores ends a discharge that no limit ends.
    full = 2.0 * layer.parameters.capacity_limit / task.current if task.current else math.inf
    end = start.time + min(task.duration, full)
    try:
        return integrate(layer, start, end, events, stepping)
    except StepFailed as error:
        cell, field = _worst(layer, error)
        iterations = error.newton.iterations if error.newton else 0
        raise _failed(layer, cell, field, error.time, iterations) from None


def _worst(layer: Layer, error: StepFailed) -> tuple[int, int]:
    """Cell and field that Newton's method, or the error of the steps, stumbled over."""
    if error.newton is not None:
        return error.newton.cell, error.newton.field
    sizes = np.abs(error.difference / layer.scale)
    cell, field = divmod(int(sizes.argmax()), sizes.shape[1])
    return cell, field


def _failed(layer: Layer, cell: int, field: int, time: float, iterations: int) -> DischargeFailed:
    """One sentence with the field, the depth and the time."""
    edges = np.cumsum(layer.widths)
    cell = min(cell, len(edges) - 1)  # the row behind the last cell is the gas
    depth = float(edges[-1] - edges[cell] + 0.5 * layer.widths[cell])
    report = Report(False, iterations, math.inf, "double", (), (len(edges),), 0.0, 0.0)
    return DischargeFailed(
        f"the discharge did not converge: {_FIELDS[field]}, {format_length(depth)} below the "
        f"oxygen side, after {time:.6g} s; check the parameters, or give finer cells or another "
        "tolerance",
        report,
        _FIELDS[field],
        depth,
        time,
    )


def _history(
    layer: Layer, wanted: Sequence[Task], runs: Sequence[Trajectory], endings: Sequence[str]
) -> History:
    points = [point for run in runs for point in run.points]
    step = np.repeat(np.arange(len(runs)), [len(run.points) for run in runs])
    current = np.array([task.current for task in wanted])[step]
    voltage = np.empty(len(points))
    reaction = np.empty((len(points), len(layer.widths)))
    for i, point in enumerate(points):
        layer.current = current[i]
        voltage[i] = layer.voltage(point.y)
        reaction[i] = layer.react(point.y)
    tally = np.array([point.tally for point in points])
    return History(
        time=np.array([point.time for point in points]), step=step, current=current,
        voltage=voltage, charge=tally[:, 0], oxygen_taken=tally[:, 1], energy=tally[:, 2],
        unknowns=np.array([point.y for point in points]), reaction=reaction,
        endings=tuple(endings), steps=sum(len(run.points) - 1 for run in runs),
        rejected=sum(run.rejected for run in runs), iterations=sum(r.iterations for r in runs),
    )  # fmt: skip
