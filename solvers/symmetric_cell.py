"""The low-frequency limit of a blocking electrode: how the pores resist a uniform charging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from solvers.fine import BLACK, RED
from solvers.kernels.fields import plane_flows
from solvers.kernels.walls import apply, heat_by_layer, multiply
from solvers.krylov import State, lay, red_from_black
from solvers.minimise import Effort, minimise
from solvers.multigrid import build_hierarchy
from solvers.porous_electrode import PorousElectrode, WallPotential
from solvers.report import PART, NotConverged, Progress, Report, Solver
from solvers.system import System
from solvers.wall_load import WallArea, WallLoad, load_walls

#: What rounding may take off the resistance, relative to it; largest measured 7e-14.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Charging:
    """Uniform charging of the walls of an electrode through its pores.

    With all conductivities 1 and a charge c per wall area, the field w solves div(grad w) = 0 in
    the pores, w = 0 on the separator's face, dw/dn = c on the walls and 0 elsewhere.

    Attributes
    ----------
    electrode : the pores and their walls.
    load : the charges.
    resistance : R_ion kappa [1/m], three times the mean over the charge of the potential w at the
        walls, over the charge; from a functional that has its largest value at the solution, so
        that its error is of second order in that of the field.
    at_walls : the part of it between the centres of voxels and their walls.
    black : half of the field, in system units.
    report : what the solver did.
    """

    electrode: PorousElectrode
    load: WallLoad
    resistance: float
    at_walls: float
    black: NDArray[np.floating]
    report: Report

    @property
    def _total(self) -> float:
        """All charge in system units."""
        return float(self.load.total / self.electrode.area.max())

    @cached_property
    def currents(self) -> NDArray[np.float64]:
        """(layers + 1,) share of the current that crosses each plane, from the separator on.

        As the charge on the walls beyond says: it begins with 1 and ends with 0.
        """
        layers = self.load.by_layer
        beyond = np.append(np.cumsum(layers[::-1])[::-1], 0.0)
        return np.asarray(beyond / layers.sum())

    @property
    def slice_resistance(self) -> float:
        """A lower bound of `resistance` [1/m]: all voxel layers at one potential each.

        By Thomson's principle, three times the sum of I^2 / G over the planes between layers, with
        the current I of `currents` and the conductance G of all faces across a plane.
        """
        conductance = self.electrode.plane_conductance * self.electrode.system.unit
        crossed = self.currents[:-1] > 0
        return float(3 * (self.currents[:-1][crossed] ** 2 / conductance[crossed]).sum())

    @cached_property
    def field(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The whole field w in system units, red and black."""
        red = np.zeros_like(self.black)
        red_from_black(_charged(self.electrode, self.load), self.black, red)
        return red, self.black

    def potential(self) -> NDArray[np.float64]:
        """Drop of potential from the separator over I R_ion, in mesh order, NaN outside the pores.

        Its mean over the charge on the walls is a third, but for what lies between the centres of
        the voxels and the walls.
        """
        electrode = self.electrode
        over = 1 / (self._total * electrode.system.unit * self.resistance)
        return np.asarray(electrode.in_volume(*self.field) * over)

    @cached_property
    def imbalance(self) -> float:
        """Largest difference between the current through a plane and that of `currents`."""
        electrode = self.electrode
        flow = np.abs(electrode.inwards(_planes(electrode, *self.field)[0]))
        flow[0] = _at_separator(electrode.system, *self.field, power=1)
        shares = flow / self._total
        return float(np.abs(shares - self.currents).max())

    @cached_property
    def layer_resistances(self) -> NDArray[np.float64]:
        """(layers,) resistance of each voxel layer, times kappa [1/m]; nan where nothing flows.

        What is dissipated in a layer over the square of the current there: the faces within it, and
        half of those to its neighbours. Weighted with the squares of `currents` they sum to
        `resistance`, but for `at_walls`: one and the same picture of the electrode as a line of
        resistors and capacitors.
        """
        electrode = self.electrode
        system, layout = electrode.system, electrode.system.layout
        n = len(system.thickness[system.axis])
        across, within = np.zeros((layout.shape[0], n + 1)), np.zeros((layout.shape[0], n))
        _, _, _, _, *conductances, _ = system.stencil
        conductances[:3] = system.conductance
        heat_by_layer(
            layout.number, layout.lateral, layout.along, layout.last, *conductances,
            system.axis, system.red, system.black, *self.field, across, within,
        )  # fmt: skip
        planes = electrode.inwards(across.sum(axis=0))
        heat = electrode.inwards(within.sum(axis=0)) + (planes[:-1] + planes[1:]) / 2
        heat[0] += planes[0] / 2 + _at_separator(system, *self.field, power=2)
        squares = (self.currents[:-1] ** 2 + self.currents[1:] ** 2) / 2
        squares *= self._total**2 * system.unit
        resistance = np.divide(heat, squares, out=np.full(n, np.nan), where=squares > 0)
        return np.asarray(resistance)


def charge_uniformly(
    electrode: PorousElectrode,
    charge: Sequence[float],
    wall: WallPotential = "half-face",
    area: WallArea = "voxel",
    solver: Solver | None = None,
    progress: Progress | None = None,
) -> Charging:
    """Solve for the low-frequency limit of the resistance of an electrode.

    Parameters
    ----------
    electrode : the pores; some walls carry charge.
    charge : relative charge per wall area of each group of phases, not negative.
    wall : where the potential at a wall is taken.
    area : with which area a face of a voxel counts.
    solver : tolerance and iteration limit.
    progress : called with the iteration number and the estimated error after each iteration.

    Raises
    ------
    NotConverged
        The iteration limit came before the tolerance, or the resistance found is below the slice
        bound; the error carries the report.
    """
    solver = solver or Solver()
    began = perf_counter()
    load = load_walls(electrode, charge, area)
    system = _charged(electrode, load)
    profile = slice_profile(electrode, load.by_layer / electrode.area.max())
    effort = Effort(PART * solver.tolerance, solver.max_iterations, progress)
    state, report = minimise(
        system, build_hierarchy(system), lay(system, profile), electrode.mesh.active_voxels, effort,
        began,
    )  # fmt: skip
    at_cells = _mean_potential(electrode, system, state)
    at_walls = load.in_half_voxels if wall == "half-face" else 0.0
    over = 3 / load.total**2
    resistance = over * (at_cells + at_walls)
    found = Charging(electrode, load, resistance, over * at_walls, state.x, report)
    _check_bound(found, max(solver.tolerance, ROUNDING))
    return found


def _check_bound(found: Charging, margin: float) -> None:
    """Refuse a resistance below that of layers at one potential each, where iterations began."""
    least = found.slice_resistance
    if not found.resistance >= (1 - margin) * least:
        raise NotConverged(
            f"the resistance found is {found.resistance / least:.6g} times the least that the "
            "profile of the pores allows, which no field can have; lower the tolerance",
            found.report,
        )


def _charged(electrode: PorousElectrode, load: WallLoad) -> System:
    """The equations with the separator at 0 and charge entering at the walls."""
    return replace(electrode.system, source=load.source)


def _mean_potential(electrode: PorousElectrode, system: System, state: State) -> float:
    """Charge times potential at the centres of voxels, summed [m3], by the functional."""
    red_from_black(system, state.x, state.t)
    gained = 0.0
    for colour, values in ((RED, state.t), (BLACK, state.x)):
        places, amount = system.source.of(colour)
        gained += float((amount * values[places]).sum())
    spent = _planes(electrode, state.t, state.x)[1]
    spent += _at_separator(system, state.t, state.x, power=2)
    return (2 * gained - spent) * float(electrode.area.max()) ** 2 / system.unit


def _planes(
    electrode: PorousElectrode, red: NDArray[np.floating], black: NDArray[np.floating]
) -> tuple[NDArray[np.float64], float]:
    """Flow through each inner plane of the driven axis, and the energy of all inner faces."""
    system, layout = electrode.system, electrode.system.layout
    parts = np.zeros((layout.shape[0], len(system.thickness[system.axis]) + 1))
    energy = plane_flows(
        layout.number, layout.lateral, layout.along, layout.last, *system.exact,
        system.red, system.black, red, black, system.axis, parts,
    )  # fmt: skip
    return parts.sum(axis=0), float(energy)


def _at_separator(
    system: System, red: NDArray[np.floating], black: NDArray[np.floating], power: int
) -> float:
    """Sum of g u^power before the separator, where u = 0: 1 the current, 2 what it dissipates."""
    total = 0.0
    for colour, u in ((RED, red), (BLACK, black)):
        places, conductance = system.inlet.of(colour)
        total += float((conductance * u[places].astype(np.float64) ** power).sum())
    return total


def field_products(
    electrode: PorousElectrode,
    red: NDArray[np.floating],
    black: NDArray[np.floating],
    fields: Sequence[NDArray[np.floating]],
) -> NDArray[np.float64]:
    """Products of a field with others, in double precision and with exact conductances.

    All fields are 0 on the separator's face.

    Parameters
    ----------
    electrode : the pores and their walls.
    red, black : (size,) a field u.
    fields : (2, n, size) each, other fields v, red and black.

    Returns
    -------
    (1 + kinds, 1 + fields): first the sum of g du dv over all faces between pore voxels and on the
    separator, in system units; then, for the walls of each kind, the sum of u v. The first column
    is for v = 1, which no gradient sees.
    """
    applied = _apply(electrode, red, black)
    system, kinds = electrode.system, electrode.walls.shape[1]
    columns = []
    for part in fields:
        out = np.zeros((len(system.bounds) - 1, 1 + kinds, 1 + part.shape[1]))
        for colour, u in ((RED, red), (BLACK, black)):
            multiply(
                system.bounds, electrode.walls, system.codes(colour), u, applied[colour],
                part[colour], out,
            )  # fmt: skip
        columns.append(out.sum(axis=0))
    ones = columns[0][:, -1:].copy()
    ones[0] = 0
    return np.concatenate([ones, *(column[:, :-1] for column in columns)], axis=1)


def _apply(
    electrode: PorousElectrode, red: NDArray[np.floating], black: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """G u of a field that is 0 on the separator's face, red and black."""
    system = electrode.system
    layout = system.layout
    out = np.zeros(len(red)), np.zeros(len(black))
    apply(
        system.bounds, layout.lateral, layout.along, layout.parity, layout.last,
        *system.conductance, system.faces, system.weights, system.red, system.black,
        red, black, *out,
    )  # fmt: skip
    for colour, u in ((RED, red), (BLACK, black)):
        places, conductance = system.inlet.of(colour)
        out[colour][places] += conductance * u[places]
    return out


def slice_profile(electrode: PorousElectrode, charge: NDArray[np.float64]) -> NDArray[np.float64]:
    """The best field that is one number in each layer, in the order of the mesh.

    Parameters
    ----------
    electrode : the pores and their walls; the separator's face is at 0.
    charge : (layers,) on the walls of each layer, in system units.
    """
    conductance = electrode.plane_conductance
    diagonal = conductance + np.append(conductance[1:], 0)
    bands = np.stack([np.append(0, -conductance[1:]), np.where(diagonal > 0, diagonal, 1)])
    profile: NDArray[np.float64] = solveh_banded(bands, charge)
    return np.ascontiguousarray(electrode.inwards(profile))
