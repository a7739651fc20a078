"""Oxygen, potentials and rates in an image at one moment of a discharge.

Three fields are steady at every moment, because they settle in seconds where a discharge takes
hours. With J, what the sites in a voxel react [A], and conductances G of open pores and of carbon
(lengths: area over distance) all have one form:

    oxygen       G w = J / (n F D c0)    c = c0 (1 - w), and w = 0 on the oxygen's end
    electrolyte  G psi = J               psi = 0 on the separator's end
    carbon       G chi = J               chi = 0 on the oxygen's end, where the current is collected

and the voltage of the cell is what makes the sum of J the current. Oxygen is what is missing of it,
so that flows are right however little is missing. Salt and potential of the electrolyte follow both
from psi, because conductivity and diffusivity are constant: ``c = c0 - (1 - t+) psi / (F D)`` and
``phi = phi0 - psi / kappa + 2 RT/F (1 - t+) f ln(c / c0)``. All three fields lower J.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.cells import Cells, Field
from solvers.kernels.surface_reaction import BY_C, BY_ETA, BY_O, surface_rates
from twin.lio2.constants import FARADAY
from twin.lio2.image_loads import Ends, Load, solve_load
from twin.lio2.image_model import ImageModel
from twin.lio2.image_stage import Stage

Array = NDArray[np.float64]

#: Oxygen, over that on its end, below which chords get no steeper.
TRACE: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Fields:
    """Oxygen, potentials and rates at one moment.

    Attributes
    ----------
    depletion : (nx, ny, nz) w, oxygen that is missing over the concentration on its end.
    ion : (nx, ny, nz) psi [A/m]; None where the electrolyte is uniform.
    electron : (nx, ny, nz) chi [A/m]; None where the carbon is uniform.
    face : oxygen on its end [mol/m3].
    voltage : of the cell [V].
    slope : change of the logarithm of the current by the voltage [1/V].
    current : (sites,) of all sites of the deposit, 0 where nothing reacts [A].
    imbalance : oxygen that enters over what reacts, less 1.
    solves : for fields, at this moment.
    iterations : of the last solve for oxygen.
    """

    depletion: Array
    ion: Array | None
    electron: Array | None
    face: float
    voltage: float
    slope: float
    current: Array
    imbalance: float
    solves: int
    iterations: int

    @property
    def oxygen(self) -> Array:
        """(nx, ny, nz) dissolved oxygen [mol/m3]."""
        return self.face * np.maximum(1.0 - self.depletion, 0.0)


@dataclass(frozen=True, eq=False)
class _Rates:
    """Current densities of the sites that can react, and derivatives."""

    j: Array
    slopes: Array


def electrolyte(model: ImageModel, psi: Array | None) -> tuple[Array, Array]:
    """Salt over its reference, and potential [V], by the ion field [A/m]; None where it is 0."""
    p, start = model.parameters, np.array(model.electrolyte_at_separator)
    reference = np.array(model.salt_at_separator / p.reference_salt)
    if psi is None:
        return reference, start
    share = _salt_share(model, psi)
    neutral = 1.0 - p.transference_number
    diffusion = 2.0 * p.thermal_voltage * neutral * p.thermodynamic_factor * np.log(share)
    return reference * share, start - psi / p.ionic_conductivity + diffusion


def salt_per_ion(model: ImageModel) -> float:
    """Share of the salt that is missing where psi is 1 A/m [m/A]."""
    p, salt = model.parameters, model.salt_at_separator
    return (1.0 - p.transference_number) / (FARADAY * p.salt_diffusivity * salt)


def _salt_share(model: ImageModel, psi: Array) -> Array:
    """Salt over that at the separator; a trace where the linearisation asks for less."""
    return np.maximum(1.0 - salt_per_ion(model) * psi, 1e-6)


class Moment:
    """Fields of a stage, on their way to agree with each other and with the current."""

    def __init__(self, model: ImageModel, stage: Stage, face: float, guess: Fields | None) -> None:
        self.model, self.stage, self.face = model, stage, face
        shape = stage.deposit.kind.shape
        self.depletion = np.zeros(shape) if guess is None else guess.depletion
        resolved = model.electrolyte == "resolved"
        self.ion = (np.zeros(shape) if guess is None else guess.ion) if resolved else None
        wanted = model.resolves_electrons
        self.electron = (np.zeros(shape) if guess is None else guess.electron) if wanted else None
        self.pores, self.solid = stage.pores, stage.solid
        self.film = stage.deposit.sites.thickness[stage.which]
        deposit, voxel = stage.deposit, stage.voxel
        self.product = deposit.film.ravel()[voxel] + deposit.particle.ravel()[voxel]
        self.full = False  # of oxygen, wherever something reacts
        self.solves = self.iterations = 0
        self.inflow = 0.0
        self.taken: list[Array] = []
        self.last = _Rates(np.empty(len(voxel)), np.empty((len(voxel), 5)))

    def rates(self, voltage: float) -> _Rates:
        """At the present fields, until they are asked for again."""
        model, voxel = self.model, self.stage.voxel
        p = model.parameters
        salt, phi = electrolyte(model, None if self.ion is None else self.ion.ravel()[voxel])
        metal = np.full(len(voxel), voltage)
        if self.electron is not None:
            metal += self.electron.ravel()[self.stage.carbon] / model.carbon_conductivity
        j, slopes = self.last.j, self.last.slopes
        # Below zero, where a solve may bring it, the rate goes on as a straight line.
        left = np.ones(len(voxel)) if self.full else 1.0 - self.depletion.ravel()[voxel]
        surface_rates(
            metal - phi - p.equilibrium_voltage, np.broadcast_to(salt, j.shape).copy(),
            left * (self.face / p.reference_oxygen), self.product + p.initial_product, self.film,
            model.kinetics, j, slopes,
        )  # fmt: skip
        return self.last

    def settle(self, voltage: float) -> float:
        """Solve for each field once, with rates that are linear about the last ones.

        Returns
        -------
        The current of these rates [A].
        """
        self.taken = [self._settle_oxygen(voltage)]
        if self.ion is not None:
            self.taken.append(self._settle_ions(self.ion, voltage))
        if self.electron is not None and self.solid is not None:
            self.taken.append(self._settle_electrons(self.electron, self.solid, voltage))
        return float(self.stage.area @ self.taken[-1])

    def agree(self, voltage: float) -> tuple[float, float]:
        """The current [A], and which part of it the fields belong to something else."""
        area, j = self.stage.area, self.rates(voltage).j
        missed = max(float(area @ np.abs(j - each)) for each in self.taken)
        total = float(area @ j)
        return total, missed / abs(total) if total else np.inf

    def rescaled(self, factor: float) -> Moment:
        """With the fields of rates that are all larger by a factor."""
        other = copy(self)
        other.depletion = self._times(factor, self.depletion)
        other.ion = None if self.ion is None else self._times(factor, self.ion)
        other.electron = None if self.electron is None else self._times(factor, self.electron)
        other.taken = [factor * each for each in self.taken]
        other.inflow = factor * self.inflow
        return other

    def _times(self, factor: float, field: Array) -> Array:
        out: Array = self.model.buffers.empty(field.shape, np.float64)
        return np.multiply(factor, field, out=out)

    def _settle_oxygen(self, voltage: float) -> Array:
        p, at = self.model.parameters, self.rates(voltage)
        scale = p.electrons * FARADAY * p.oxygen_diffusivity * self.face
        # A reverse reaction of oxygen may have a slope below zero, which a leak has not.
        slope = np.maximum(at.slopes[:, BY_O], 0.0) * (self.face / p.reference_oxygen)
        if p.oxygen_order < 1.0:
            # Tangents of a bent rate lead past no oxygen, to and fro: its chord leads there.
            left = 1.0 - self.depletion.ravel()[self.stage.voxel]
            slope = np.maximum(slope, at.j / np.maximum(left, TRACE))
        load = Load(self.stage.voxel, at.j / scale, slope / scale)
        found, self.pores, taken = self._solve(self.pores, load, self.depletion, self._at_oxygen)
        self.depletion = found.values
        self.inflow = -(found.low + found.high) * scale
        self.iterations = found.report.iterations
        return taken * scale

    def _settle_ions(self, psi: Array, voltage: float) -> Array:
        p, at = self.model.parameters, self.rates(voltage)
        lost = salt_per_ion(self.model)
        share = _salt_share(self.model, psi.ravel()[self.stage.voxel])
        thermal = 2.0 * p.thermal_voltage * (1.0 - p.transference_number) * p.thermodynamic_factor
        drop = 1.0 / p.ionic_conductivity + thermal * lost / share
        slope = -at.slopes[:, BY_ETA] * drop
        salt = self.model.salt_at_separator / p.reference_salt
        slope += at.slopes[:, BY_C] * lost * salt
        load = Load(self.stage.voxel, at.j, slope)
        low, high = self._at_oxygen
        found, self.pores, taken = self._solve(self.pores, load, psi, (high, low))
        self.ion = found.values
        return taken

    def _settle_electrons(self, chi: Array, solid: Cells, voltage: float) -> Array:
        at = self.rates(voltage)
        slope = -at.slopes[:, BY_ETA] / self.model.carbon_conductivity
        load = Load(self.stage.carbon, at.j, slope)
        found, self.solid, taken = self._solve(solid, load, chi, self._at_oxygen)
        self.electron = found.values
        return taken

    @property
    def _at_oxygen(self) -> tuple[float | None, float | None]:
        """A field that is 0 on the oxygen's end."""
        ends = {"low": (0.0, None), "high": (None, 0.0), "both": (0.0, 0.0)}
        return ends[self.model.oxygen]

    def _solve(
        self, cells: Cells, load: Load, before: Array, ends: Ends
    ) -> tuple[Field, Cells, Array]:
        found = solve_load(cells, load, before, ends, self.stage.area, self.model.settled)
        self.solves += 1
        return found.field, found.cells, found.taken
