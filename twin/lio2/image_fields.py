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
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.cells import Cells, Field
from solvers.kernels.surface_reaction import BY_C, BY_ETA, BY_O, surface_rates
from twin.lio2.constants import FARADAY
from twin.lio2.image_loads import Ends, Load, solve_load
from twin.lio2.image_model import ImageModel
from twin.lio2.image_stage import CannotCarry, Stage

Array = NDArray[np.float64]

#: Relative error of the current up to which fields are scaled with it to what is applied.
NEAR: Final = 0.1

#: Voltages that are tried at a moment.
MOST_VOLTAGES: Final = 60

#: Two currents tell the slope when they differ by so many times what is not settled.
TELLING: Final = 4.0

#: Currents that hardly rise as the voltage falls are taken to rise by this part of the kinetics'.
FLATTEST: Final = 1e-3

#: Voltages so far below the cut-off are not searched [V].
FAR_BELOW: Final = 0.5

#: The voltage changes by no more than this from one solve to the next [V].
LARGEST_STEP: Final = 0.2


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


class _Moment:
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
        salt, phi = self._electrolyte(None if self.ion is None else self.ion.ravel()[voxel])
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

    def _electrolyte(self, psi: Array | None) -> tuple[Array, Array]:
        """Salt over its reference, and potential [V]."""
        p = self.model.parameters
        start = self.model.electrolyte_at_separator
        reference = self.model.salt_at_separator / p.reference_salt
        if psi is None:
            return np.array(reference), np.array(start)
        share = self._salt_share(psi)
        neutral = 1.0 - p.transference_number
        diffusion = 2.0 * p.thermal_voltage * neutral * p.thermodynamic_factor * np.log(share)
        return reference * share, start - psi / p.ionic_conductivity + diffusion

    @property
    def _salt_per_ion(self) -> float:
        """Share of the salt that is missing where psi is 1 A/m [m/A]."""
        p, salt = self.model.parameters, self.model.salt_at_separator
        return (1.0 - p.transference_number) / (FARADAY * p.salt_diffusivity * salt)

    def _salt_share(self, psi: Array) -> Array:
        """Salt over that at the separator; a trace where the linearisation asks for less."""
        return np.maximum(1.0 - self._salt_per_ion * psi, 1e-6)

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

    def rescaled(self, factor: float) -> _Moment:
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
        load = Load(self.stage.voxel, at.j / scale, slope / scale)
        found, self.pores, taken = self._solve(self.pores, load, self.depletion, self._at_oxygen)
        self.depletion = found.values
        self.inflow = -(found.low + found.high) * scale
        self.iterations = found.report.iterations
        return taken * scale

    def _settle_ions(self, psi: Array, voltage: float) -> Array:
        p, at = self.model.parameters, self.rates(voltage)
        share = self._salt_share(psi.ravel()[self.stage.voxel])
        thermal = 2.0 * p.thermal_voltage * (1.0 - p.transference_number) * p.thermodynamic_factor
        drop = 1.0 / p.ionic_conductivity + thermal * self._salt_per_ion / share
        slope = -at.slopes[:, BY_ETA] * drop
        salt = self.model.salt_at_separator / p.reference_salt
        slope += at.slopes[:, BY_C] * self._salt_per_ion * salt
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
        self.solves += found.solves
        return found.field, found.cells, found.taken


def find_fields(
    model: ImageModel, stage: Stage, charge: float, guess: Fields | None, voltage: float
) -> tuple[Fields, Stage]:
    """Fields and rates at the applied current.

    Parameters
    ----------
    charge : that has passed [C].
    guess : fields of the last moment, or None.
    voltage : a guess [V].

    Raises
    ------
    CannotCarry
        No voltage gives the current.
    """
    face = model.oxygen_at_face(charge)
    if face <= 0.0:
        raise CannotCarry("the gas above the electrolyte holds no oxygen for this current")
    moment = _Moment(model, stage, face, guess)
    steepest = 1.0 / model.tafel_slope
    slope = -steepest if guess is None else guess.slope
    last: tuple[float, float, float] | None = None
    for _ in range(MOST_VOLTAGES):
        linear = moment.settle(voltage)
        miss = _miss(linear, model)
        if abs(miss) < NEAR:
            nearer, scaled = voltage - miss / slope, moment.rescaled(model.current / linear)
            total, missed = scaled.agree(nearer)
            if missed < model.settled:
                return _finish(scaled, nearer - _miss(total, model) / slope, slope, model.current)
        total, missed = moment.agree(voltage)
        miss = _miss(total, model)
        if last is not None and abs(miss - last[1]) > TELLING * (missed + last[2]):
            found = (miss - last[1]) / (voltage - last[0])
            slope = min(max(found, -2.0 * steepest), -FLATTEST * steepest)
        last = voltage, miss, missed
        voltage -= float(np.clip(miss / slope, -LARGEST_STEP, LARGEST_STEP))
        if max(abs(miss), missed) < model.settled:
            return _finish(moment, voltage, slope, model.current)
        if voltage < model.parameters.cut_off_voltage - FAR_BELOW:
            break
    raise CannotCarry("no voltage drives this current through what is left of the pores")


def _miss(total: float, model: ImageModel) -> float:
    """Logarithm of a current over what is applied."""
    return float(np.log(max(total, 1e-300) / model.current))


def fields_at(
    model: ImageModel, stage: Stage, guess: Fields | None, voltage: float
) -> tuple[Fields, Stage]:
    """Fields and rates at a voltage, whatever the current.

    Parameters
    ----------
    guess : fields of the last moment, or None.
    voltage : of the cell, or of the carbon against a bath [V].

    Raises
    ------
    CannotCarry
        The fields do not settle, or product dissolves.
    """
    moment = _Moment(model, stage, model.oxygen_at_face(0.0), guess)
    for _ in range(MOST_VOLTAGES):
        moment.settle(voltage)
        total, missed = moment.agree(voltage)
        if total <= 0.0:
            raise CannotCarry("nothing reacts any more, or product dissolves")
        if missed < model.settled:
            return _finish(moment, voltage, -1.0 / model.tafel_slope, None)
    raise CannotCarry(f"the fields could not be found at {voltage:g} V")


def _finish(
    moment: _Moment, voltage: float, slope: float, applied: float | None
) -> tuple[Fields, Stage]:
    """The last rates, adding up to the current that is applied, if any is, and what was solved."""
    stage, j = moment.stage, moment.last.j
    total = float(stage.area @ j)
    scale = 1.0 if applied is None else applied / total
    current = np.zeros(len(stage.deposit.sites))
    current[stage.which] = stage.area * j * scale
    fields = Fields(
        moment.depletion, moment.ion, moment.electron, moment.face, voltage, slope, current,
        moment.inflow / (scale * total) - 1.0, moment.solves, moment.iterations,
    )  # fmt: skip
    return fields, replace(stage, pores=moment.pores, solid=moment.solid)


def currents_without(model: ImageModel, stage: Stage, fields: Fields) -> dict[str, float]:
    """Currents at the present voltage with one limit after another removed [A].

    Returns
    -------
    "now"; without differences of "oxygen"; without "film" besides; without differences of
    "electrons" and "electrolyte" besides.
    """
    moment = _Moment(model, stage, fields.face, fields)

    def total() -> float:
        return float(stage.area @ moment.rates(fields.voltage).j)

    found = {"now": float(fields.current.sum())}
    moment.full, moment.face = True, model.saturation
    found["oxygen"] = total()
    moment.film = np.zeros_like(moment.film)
    found["film"] = found["electrons"] = total()
    if moment.electron is not None:
        moment.electron = None
        found["electrons"] = total()
    found["electrolyte"] = found["electrons"]
    if moment.ion is not None:
        moment.ion = None
        found["electrolyte"] = total()
    return found


def carried_at(model: ImageModel, stage: Stage, voltage: float) -> float:
    """Current density that the image carries at a voltage [A/m2]."""
    moment = _Moment(model, stage, model.parameters.dissolved_oxygen, None)
    for _ in range(MOST_VOLTAGES):
        moment.settle(voltage)
        total, missed = moment.agree(voltage)
        if missed < model.settled:
            return total / model.cross_section
    raise CannotCarry(f"the fields could not be found at {voltage:g} V")


def check_face(model: ImageModel) -> None:
    """Refuse a current that the gas cannot give.

    Raises
    ------
    InputError
        The transfer from gas to electrolyte is too slow.
    """
    p = model.parameters
    if model.oxygen_at_face(0.0) <= 0.0:
        limit = p.electrons * FARADAY * p.gas_transfer_coefficient * p.dissolved_oxygen
        raise InputError(
            f"a current of {model.current_density:g} A/m2 needs more oxygen than enters from the "
            f"gas, which is enough for {limit:g} A/m2; lower the current, or raise "
            "gas_transfer_coefficient or oxygen_solubility"
        )
