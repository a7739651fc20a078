"""The equations of a Li-O2 cell across its thickness, as the time stepper takes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.banded import Blocks, Newton, newton
from solvers.kernels.porous_layer import (
    DEPOSIT,
    ELECTRON,
    GAS,
    ION,
    SALT,
    assemble,
    conserved,
    per_volume,
)
from solvers.kernels.surface_reaction import surface_rate
from twin.lio2.constants import FARADAY, GAS_CONSTANT
from twin.lio2.laws import relative_diffusivity, transport_table
from twin.lio2.parameters import Parameters

Array = NDArray[np.float64]

#: Potentials change by no more than this in one iteration [V]: a few times RT / F, on which the
#: exponentials of the kinetics vary.
_LARGEST_STEP = 0.2

#: Iterations for the potentials at the start of a step of a protocol.
_PATIENCE = 1000

#: Salt and porosity keep at least this share of their value in one iteration.
_KEPT = 0.2


@dataclass(frozen=True)
class Grid:
    """Cells across the thickness.

    Attributes
    ----------
    cathode, separator : number of cells.
    graded : whether the cathode's cells are fine at both sides, where reactions crowd at high
        currents: their edges at ``(1 - cos(pi k / n)) / 2`` of the thickness, k = 0 to n. Without,
        all are of one width. The separator's are always.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.Grid(cathode=200).separator
    10
    """

    cathode: int = 100
    separator: int = 10
    graded: bool = True

    def __post_init__(self) -> None:
        if self.cathode < 2 or self.separator < 1:
            raise InputError(
                f"a grid has at least 2 cells in the cathode and 1 in the separator, found "
                f"{self.cathode} and {self.separator}"
            )

    def shares(self) -> Array:
        """Widths of the cathode's cells over its thickness, (cathode,)."""
        edges = np.linspace(0.0, 1.0, self.cathode + 1)
        return np.diff(0.5 - 0.5 * np.cos(np.pi * edges) if self.graded else edges)


class Layer:
    """The cell's equations at a given current; what `solvers.time_stepping` integrates.

    Unknowns are (cells + 1, 5): potential of the electrolyte against lithium, potential of the
    carbon against lithium less E0, salt, dissolved oxygen, and volume fraction of product; the last
    row is the gas.

    Attributes
    ----------
    parameters, grid : what was modelled.
    current : applied current density [A/m2], set by each step of a protocol.
    first : the first cell of the cathode.
    widths, porosity : of the cells [m], [-] without product.
    """

    def __init__(self, parameters: Parameters, grid: Grid, options: Newton | None = None) -> None:
        p = self.parameters = parameters
        self.grid = grid
        self.options = options or Newton()
        self.current = 0.0
        self.first = grid.separator
        count = grid.separator + grid.cathode
        self.widths = np.full(count, p.separator_thickness / grid.separator)
        self.widths[self.first :] = p.cathode_thickness * grid.shares()
        self.porosity = np.full(count, p.separator_porosity)
        self.porosity[self.first :] = p.porosity
        self.growth = p.growth
        self.transport = transport_table(p.transport, p.porosity, p.tortuosity)
        self.kinetics = kinetics(p)
        self.scale = np.array(
            [p.thermal_voltage, p.thermal_voltage, p.salt_concentration, p.dissolved_oxygen, 1.0]
        )
        self._ratio = np.zeros((count, 2))
        self._ratio[: self.first, 0] = p.separator_porosity / p.separator_tortuosity
        self._rate, self._slopes = np.zeros(count), np.zeros((count, 5))
        self._surface, self._by_surface = np.zeros(grid.cathode), np.zeros((grid.cathode, 5))
        self._blocks = Blocks.empty(count + 1, 5)
        self._currents = np.zeros((2, 5))

    def initial(self) -> Array:
        """Saturated electrolyte, a trace of product, and potentials for a uniform reaction."""
        p = self.parameters
        y = np.zeros((len(self.widths) + 1, 5))
        y[:-1, SALT] = p.salt_concentration
        y[:, GAS] = p.dissolved_oxygen
        y[self.first : -1, DEPOSIT] = p.initial_product
        y[self.first : -1, ELECTRON] = self.metal_potential + self._uniform_overpotential()
        y[:-1, ION] = self.metal_potential
        return y

    def _uniform_overpotential(self) -> float:
        """What the current needs on fresh walls, as far as it is below equilibrium [V]."""
        p = self.parameters
        if self.current == 0.0:
            return 0.0
        relative = (p.salt_concentration / p.reference_salt) ** p.lithium_order
        relative *= (p.dissolved_oxygen / p.reference_oxygen) ** p.oxygen_order
        exchange = p.specific_area * p.cathode_thickness * p.exchange_current_density * relative
        slope = p.thermal_voltage / p.charge_transfer_coefficient
        return min(0.0, -slope * math.log(self.current / exchange))

    @property
    def metal_potential(self) -> float:
        """Potential of the electrolyte at the foil against the foil [V], by Butler and Volmer."""
        p = self.parameters
        half = 0.5 * self.current / p.lithium_exchange_current_density
        return -2.0 * p.thermal_voltage * math.asinh(half)

    def voltage(self, y: Array) -> float:
        """Cell voltage, carbon at the oxygen side against the foil [V]."""
        p = self.parameters
        drop = 0.5 * self.widths[-1] * self.current / p.electronic_conductivity
        return float(y[-2, ELECTRON] + p.equilibrium_voltage - drop)

    def oxygen_flow(self, y: Array) -> float:
        """Oxygen that the electrolyte takes up from the gas [mol/(m2 s)]."""
        self._transport(y)
        p = self.parameters
        half = 0.5 * self.widths[-1] / (p.oxygen_diffusivity * self._ratio[-1, 0])
        transfer = 1.0 / p.gas_transfer_coefficient
        return float((y[-1, GAS] - y[-2, GAS]) / (half + transfer))

    def conserved(self, y: Array) -> Array:
        """Salt, oxygen and product per area in each cell."""
        out = np.empty_like(y)
        conserved(y, self.widths, self.porosity, out)
        return out

    def rates(self, y: Array) -> Array:
        """Charge [A/m2], oxygen from the gas [mol/(m2 s)] and energy [W/m2]."""
        return np.array([self.current, self.oxygen_flow(y), self.current * self.voltage(y)])

    def error(self, difference: Array) -> float:
        """The largest root mean square of a field's error, in the scale of that field."""
        mean = np.sqrt(np.einsum("ij,ij->j", difference, difference) / len(difference))
        return float((mean / self.scale).max())

    def start(self, y: Array) -> Array:
        """The same amounts with potentials that carry the current."""
        # A current that is far too large takes volts, which Newton's method makes in small steps.
        patient = replace(self.options, max_iterations=_PATIENCE)
        return self._solve(self.conserved(y), 0.0, y, patient)[0]

    def solve(self, known: Array, step: float, guess: Array) -> tuple[Array, int]:
        """One implicit step; see `solvers.kernels.porous_layer`."""
        return self._solve(known, step, guess, self.options)

    def _solve(self, known: Array, step: float, guess: Array, options: Newton) -> tuple[Array, int]:
        numbers = self._numbers()

        def fill(y: Array, blocks: Blocks) -> None:
            self.react(y)
            assemble(
                y, known, step, self.current, self.first, self.widths, self.porosity, numbers,
                self._ratio, self._rate, self._slopes, self._currents,
                blocks.residual, blocks.lower, blocks.diagonal, blocks.upper,
            )  # fmt: skip

        return newton(fill, self._admissible(guess), self._blocks, self.scale, self._limit, options)

    def react(self, y: Array) -> Array:
        """Current per volume of each cell [A/m3]; zero in the separator."""
        geometry = self._transport(y)
        p, part = self.parameters, slice(self.first, -1)
        surface_rate(
            y[part, ELECTRON] - y[part, ION], y[part, SALT] / p.reference_salt,
            y[part, GAS] / p.reference_oxygen, y[part, DEPOSIT], geometry[:, 2],
            self.kinetics, self._surface, self._by_surface,
        )  # fmt: skip
        per_volume(
            geometry, self._surface, self._by_surface, p.reference_salt, p.reference_oxygen,
            self._rate[self.first :], self._slopes[self.first :],
        )  # fmt: skip
        return self._rate

    def _transport(self, y: Array) -> Array:
        """Bring D_eff / D up to date; area, its derivative and film of the cathode's cells."""
        product = y[self.first : -1, DEPOSIT]
        self._ratio[self.first :] = relative_diffusivity(
            self.transport, self.parameters.porosity, product
        )
        return self.growth(product)

    def _numbers(self) -> Array:
        p = self.parameters
        neutral = 1.0 - p.transference_number
        capacity = p.gas_volume / (GAS_CONSTANT * p.temperature * p.henry_constant)
        return np.array([
            p.ionic_conductivity,
            2.0 * p.thermal_voltage * neutral * p.thermodynamic_factor,
            p.salt_diffusivity,
            neutral / FARADAY,
            p.oxygen_diffusivity,
            1.0 / (p.electrons * FARADAY),
            p.product_molar_volume / (p.electrons * FARADAY),
            p.electronic_conductivity,
            self.metal_potential,
            1.0 / p.gas_transfer_coefficient,
            1.0 / capacity,
        ])  # fmt: skip

    def _admissible(self, guess: Array) -> Array:
        """A prediction with salt and open pores everywhere."""
        y = guess.copy()
        np.maximum(y[:-1, SALT], 1e-3 * self.parameters.salt_concentration, out=y[:-1, SALT])
        np.minimum(y[:-1, DEPOSIT], 0.999 * self.porosity, out=y[:-1, DEPOSIT])
        return y

    def _limit(self, y: Array, change: Array) -> float:
        """The share of a change that keeps salt and pores, and exponentials in their range."""
        share = 1.0
        step = float(np.abs(change[:, : ELECTRON + 1]).max())
        if step > _LARGEST_STEP:
            share = _LARGEST_STEP / step
        left = (_KEPT - 1.0) * y[:-1, SALT]
        if (share * change[:-1, SALT] < left).any():
            share = min(share, float((left / np.minimum(change[:-1, SALT], left)).min()))
        room = (1.0 - _KEPT) * (self.porosity - y[:-1, DEPOSIT])
        if (share * change[:-1, DEPOSIT] > room).any():
            share = min(share, float((room / np.maximum(change[:-1, DEPOSIT], room)).min()))
        return share


def kinetics(p: Parameters) -> Array:
    """The coefficients of `solvers.kernels.surface_reaction.surface_rate`."""
    tunnelling = p.film in ("tunnelling", "both")
    return np.array([
        p.exchange_current_density, p.charge_transfer_coefficient,
        p.reverse_transfer_coefficient, p.lithium_order, p.oxygen_order, p.reverse_rate,
        p.reverse_oxygen_order, p.reverse_seed, p.tunnelling_thickness,
        p.tunnelling_width if tunnelling else 0.0,
        p.film_resistivity if p.film in ("ohmic", "both") else 0.0,
        1.0 / p.thermal_voltage, _SMOOTHING,
    ])  # fmt: skip


#: Reduced concentration below which a broken power is smoothed.
_SMOOTHING = 1e-6
