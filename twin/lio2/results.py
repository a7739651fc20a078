"""What `twin.lio2.discharge` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import format_length
from solvers.kernels.porous_layer import DEPOSIT, ELECTRON, GAS, ION, SALT
from twin.lio2.constants import FARADAY, MILLIAMPERE_HOUR
from twin.lio2.layer import Grid, Layer
from twin.lio2.parameters import Parameters
from twin.lio2.protocol import Step
from twin.lio2.verdict import Verdict, judge

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

#: Profiles by name, with their units.
PROFILES: Mapping[str, str] = {
    "oxygen": "mol/m3",
    "salt": "mol/m3",
    "porosity": "-",
    "product": "-",
    "film_thickness": "m",
    "wall_area": "1/m",
    "reaction": "A/m3",
    "electrolyte_potential": "V",
    "carbon_potential": "V",
}


@dataclass(frozen=True, eq=False)
class History:
    """Every moment that was computed; (n,) arrays in SI units.

    Attributes
    ----------
    time, current, voltage : [s], [A/m2], [V].
    step : number of the protocol's step, from 0.
    charge, oxygen_taken, energy : up to each moment [C/m2], [mol/m2] from the gas, [J/m2].
    unknowns : (n, cells + 1, 5), see `twin.lio2.layer.Layer`.
    reaction : (n, cells) current per volume [A/m3].
    endings : what ended each step: "cut-off", "voltage", "capacity" or "time".
    steps, rejected, iterations : time steps, those made again, and Newton iterations.
    """

    time: Array
    step: NDArray[np.int64]
    current: Array
    voltage: Array
    charge: Array
    oxygen_taken: Array
    energy: Array
    unknowns: Array
    reaction: Array
    endings: tuple[str, ...]
    steps: int
    rejected: int
    iterations: int


@dataclass(frozen=True, eq=False)
class Discharge:
    """A discharge: curves, profiles, capacities and why it ended.

    Areas are those of the cathode's face. Where a step of a protocol begins there are two moments
    of one time, before and after the jump of the voltage.

    Attributes
    ----------
    parameters, grid, protocol : what was modelled.
    history : every moment that was computed.
    seconds, seconds_compiling : wall time of the whole call, and of compilation within it [s].

    Examples
    --------
    >>> import twin
    >>> d = twin.lio2.discharge(current_density=2.4)
    >>> bool(abs(d.charge_balance) < 1e-10), d.endings
    (True, ('cut-off',))
    >>> d.profile("oxygen").shape == (len(d.time), len(d.position))
    True
    """

    parameters: Parameters
    grid: Grid
    protocol: tuple[Step, ...]
    history: History
    seconds: float
    seconds_compiling: float

    @property
    def time(self) -> Array:
        """Moments [s], (n,)."""
        return self.history.time

    @property
    def voltage(self) -> Array:
        """Cell voltage [V], (n,)."""
        return self.history.voltage

    @property
    def charge(self) -> Array:
        """Charge passed up to each moment [C/m2], (n,)."""
        return self.history.charge

    @property
    def current(self) -> Array:
        """Current density [A/m2], (n,)."""
        return self.history.current

    @property
    def endings(self) -> tuple[str, ...]:
        """What ended each step: "cut-off", "voltage", "capacity" or "time"."""
        return self.history.endings

    @property
    def capacity(self) -> float:
        """Charge that was discharged [C/m2]."""
        return float(self.charge[-1])

    @property
    def areal_capacity(self) -> float:
        """The same in mAh/cm2."""
        return self.capacity / (1e4 * MILLIAMPERE_HOUR)

    @property
    def specific_capacity(self) -> float:
        """Per carbon [mAh/g]."""
        return self.capacity / self.parameters.carbon_loading / (1e3 * MILLIAMPERE_HOUR)

    @property
    def specific_capacity_with_product(self) -> float:
        """Per carbon and the Li2O2 on it [mAh/g]."""
        mass = self.parameters.carbon_loading + self.product_mass
        return self.capacity / mass / (1e3 * MILLIAMPERE_HOUR)

    @property
    def energy(self) -> float:
        """Energy that was discharged [J/m2]."""
        return float(self.history.energy[-1])

    @property
    def specific_energy(self) -> float:
        """Per carbon and the Li2O2 on it [Wh/kg]."""
        return self.energy / 3600.0 / (self.parameters.carbon_loading + self.product_mass)

    @property
    def mean_voltage(self) -> float:
        """Energy over charge [V]; NaN where no charge was passed."""
        return self.energy / self.capacity if self.capacity else float("nan")

    @property
    def plateau_voltage(self) -> float:
        """Voltage at a twentieth of the charge [V]."""
        return float(np.interp(0.05 * self.capacity, self.charge, self.voltage))

    @property
    def product_mass(self) -> float:
        """Li2O2 per area [kg/m2]."""
        return self._product_volume * self.parameters.product_density

    @property
    def pore_filling(self) -> float:
        """Volume of Li2O2 over that of the pores, 0 to 1."""
        p = self.parameters
        return self._product_volume / (p.porosity * p.cathode_thickness)

    @property
    def depth_of_90_percent(self) -> float:
        """Depth from the oxygen side that holds 90 % of the Li2O2 [m]."""
        product = (self.history.unknowns[-1, :-1, DEPOSIT] * self._layer.widths)[::-1]
        held = np.concatenate([[0.0], np.cumsum(product)])
        depth = np.concatenate([[0.0], np.cumsum(self._layer.widths[::-1])])
        return float(np.interp(0.9 * held[-1], held, depth)) if held[-1] else 0.0

    @property
    def largest_film(self) -> float:
        """Thickness of the thickest film at the end [m]."""
        return float(np.nanmax(self.profile("film_thickness")[-1]))

    @property
    def oxygen_pressure(self) -> Array:
        """Pressure of the gas [Pa], (n,)."""
        return np.asarray(self.history.unknowns[:, -1, GAS] / self.parameters.henry_constant)

    @property
    def charge_balance(self) -> float:
        """Charge in the Li2O2 over the charge that was passed, less 1."""
        p = self.parameters
        start, end = self._stored(DEPOSIT)
        deposited = float(end - start) * p.electrons * FARADAY / p.product_molar_volume
        return deposited / self.capacity - 1.0 if self.capacity else 0.0

    @property
    def salt_balance(self) -> float:
        """Salt at the end over that at the start, less 1."""
        stored = self._stored(SALT)
        return float(stored[-1] / stored[0] - 1.0)

    @property
    def oxygen_balance(self) -> float:
        """Oxygen taken from the gas, less what was consumed and is dissolved, over the consumed."""
        stored = self._stored(GAS)
        consumed = self.capacity / (self.parameters.electrons * FARADAY)
        missing = float(self.history.oxygen_taken[-1] - (stored[-1] - stored[0])) - consumed
        return missing / consumed if consumed else 0.0

    @cached_property
    def verdict(self) -> Verdict:
        """What limited the current at the end, by the rule of `twin.lio2.verdict`."""
        self._layer.current = float(self.current[-1])
        return judge(self._layer, self.history.unknowns[0], self.history.unknowns[-1])

    @property
    def cause(self) -> str:
        """Why the voltage fell to the cut-off.

        "oxygen", "passivation", "clogging" or "lithium": the one whose removal would raise the
        voltage most; "kinetics" where even the fresh cell cannot carry the current; "none" where
        the protocol ended before.
        """
        if self.endings[-1] != "cut-off":
            return "none"
        return self.verdict.cause if self.capacity else "kinetics"

    @cached_property
    def position(self) -> Array:
        """Cell centres from the lithium foil on [m], (cells,); the cathode's are the last ones."""
        widths = self._layer.widths
        return np.asarray(np.cumsum(widths) - 0.5 * widths)

    @property
    def in_cathode(self) -> slice:
        """The cells of the cathode."""
        return slice(self.grid.separator, None)

    def profile(self, name: str) -> Array:
        """A field over depth and time.

        Parameters
        ----------
        name : "oxygen", "salt" [mol/m3], "porosity", "product" [-], "film_thickness" [m],
            "wall_area" [1/m], "reaction" [A/m3], "electrolyte_potential" or "carbon_potential" [V].

        Returns
        -------
        ndarray
            (n, cells); NaN in the separator for what only the cathode has.

        Raises
        ------
        InputError
            There is no such field.
        """
        if name not in PROFILES:
            raise InputError(f"there is no profile {name!r}; there are {', '.join(PROFILES)}")
        y = self.history.unknowns[:, :-1]
        whole = {"oxygen": GAS, "salt": SALT, "electrolyte_potential": ION}
        if name in whole:
            return np.array(y[:, :, whole[name]])
        if name == "porosity":
            return np.asarray(self._layer.porosity - y[:, :, DEPOSIT])
        return self._of_cathode(name, y)

    def _of_cathode(self, name: str, y: Array) -> Array:
        out = np.full(y.shape[:2], np.nan)
        part = y[:, self.in_cathode]
        if name == "product":
            out[:, self.in_cathode] = part[:, :, DEPOSIT]
        elif name == "reaction":
            out[:, self.in_cathode] = self.history.reaction[:, self.in_cathode]
        elif name == "carbon_potential":
            out[:, self.in_cathode] = part[:, :, ELECTRON] + self.parameters.equilibrium_voltage
        else:
            column = 2 if name == "film_thickness" else 0
            grown = self.parameters.growth(np.ascontiguousarray(part[:, :, DEPOSIT]).ravel())
            out[:, self.in_cathode] = grown[:, column].reshape(part.shape[:2])
        return out

    def moment(self, share: float) -> int:
        """Number of the moment nearest to a share of the charge, 0 to 1."""
        return int(np.abs(self.charge - share * self.capacity).argmin())

    def summary(self) -> str:
        """A few lines of text: the cell, the capacities, and why it ended."""
        from twin.lio2.report import summary

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: results, their proofs, and the parameters in `parameters`."""
        from twin.lio2.report import numbers

        return numbers(self)

    def rows(self) -> list[dict[str, Any]]:
        """The curves as rows of a table: time, charge, current, voltage, and more."""
        from twin.lio2.report import curve_rows

        return curve_rows(self)

    def profile_rows(
        self, shares: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)
    ) -> list[dict[str, Any]]:
        """Profiles as rows of a table, at the moments nearest to shares of the charge."""
        from twin.lio2.report import profile_rows

        return profile_rows(self, shares)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the voltage against capacity, and profiles over depth as the discharge goes on.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.lio2.plots import discharge_figure

        return saved(discharge_figure(self), path)

    def to_csv(self, path: str | Path) -> Path:
        """Write the curves, one row for each moment.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.files import save_csv

        return save_csv(path, self.rows())

    def to_vtk(self, path: str | Path) -> Path:
        """Write all profiles for ParaView, depth along x and the moments along y.

        Parameters
        ----------
        path : str or Path
            The file, ``.vtr``.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.lio2.report import write_vtr

        return write_vtr(self, Path(path))

    def __repr__(self) -> str:
        depth = format_length(self.parameters.cathode_thickness)
        return f"Discharge({self.parameters.name}, {depth}, {self.areal_capacity:.4g} mAh/cm2)"

    @cached_property
    def _layer(self) -> Layer:
        return Layer(self.parameters, self.grid)

    @property
    def _product_volume(self) -> float:
        """Li2O2 per area [m]."""
        return float(self._stored(DEPOSIT)[-1])

    def _stored(self, field: int) -> Array:
        """Amount per area of a conserved quantity in the electrolyte, at the start and the end."""
        ends = (self.history.unknowns[0], self.history.unknowns[-1])
        return np.array([self._layer.conserved(y)[:-1, field].sum() for y in ends])
