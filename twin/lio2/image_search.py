"""The voltage at which sites in an image react the current, and rates at a given one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from meshing.errors import InputError
from twin.lio2.constants import FARADAY
from twin.lio2.image_fields import Fields, Moment
from twin.lio2.image_model import ImageModel
from twin.lio2.image_stage import CannotCarry, Stage

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
    moment, search = Moment(model, stage, face, guess), _Search(model, guess)
    for _ in range(MOST_VOLTAGES):
        linear = moment.settle(voltage)
        miss = search.miss(linear)
        if abs(miss) < NEAR:
            nearer, scaled = search.straight(voltage, miss), moment.rescaled(math.exp(-miss))
            total, missed = scaled.agree(nearer)
            if missed < model.settled:
                voltage = search.straight(nearer, search.miss(total))
                return _finish(scaled, voltage, search.slope, model.current)
        total, missed = moment.agree(voltage)
        miss = search.miss(total)
        if max(abs(miss), missed) < model.settled:
            voltage = search.straight(voltage, miss)
            return _finish(moment, voltage, search.slope, model.current)
        voltage = search.after(voltage, total, missed)
        if voltage < model.parameters.cut_off_voltage - FAR_BELOW:
            break
    raise CannotCarry("no voltage drives this current through what is left of the pores")


class _Search:
    """The voltages that were tried for a current, and what they tell of the next one."""

    def __init__(self, model: ImageModel, guess: Fields | None) -> None:
        self.model = model
        self.slope = -1.0 / model.tafel_slope if guess is None else guess.slope
        self.last: tuple[float, float, float] | None = None
        self.low, self.high = -math.inf, math.inf

    def miss(self, total: float) -> float:
        """Logarithm of a current over what is applied."""
        return math.log(max(total, 1e-300) / self.model.current)

    def straight(self, voltage: float, miss: float) -> float:
        """Where the logarithm of the current leads, if it is straight."""
        return voltage - float(np.clip(miss / self.slope, -LARGEST_STEP, LARGEST_STEP))

    def after(self, voltage: float, total: float, missed: float) -> float:
        """The voltage to try after one that gave a current of which a part is not settled.

        Near equilibrium the logarithm is far from straight: what a voltage that gave too much, and
        one that gave too little, enclose is halved where the straight line leaves it or leaves
        more than half of it.
        """
        miss, width = self.miss(total), self.high - self.low
        last, known = self.last, TELLING * missed
        if last and voltage != last[0] and abs(miss - last[1]) > known + TELLING * last[2]:
            flattest = -FLATTEST / self.model.tafel_slope
            self.slope = min((miss - last[1]) / (voltage - last[0]), flattest)
        self.last = voltage, miss, missed
        if total > self.model.current * (1.0 + 2.0 * missed):
            self.low = max(self.low, voltage)
        elif total < self.model.current * (1.0 - 2.0 * missed):
            self.high = min(self.high, voltage)
        found, left = self.straight(voltage, miss), self.high - self.low
        if math.isfinite(left) and (not self.low < found < self.high or left > 0.5 * width):
            return 0.5 * (self.low + self.high)
        return found


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
    moment = Moment(model, stage, model.oxygen_at_face(0.0), guess)
    for _ in range(MOST_VOLTAGES):
        moment.settle(voltage)
        total, missed = moment.agree(voltage)
        if total <= 0.0:
            raise CannotCarry("nothing reacts any more, or product dissolves")
        if missed < model.settled:
            return _finish(moment, voltage, -1.0 / model.tafel_slope, None)
    raise CannotCarry(f"the fields could not be found at {voltage:g} V")


def _finish(
    moment: Moment, voltage: float, slope: float, applied: float | None
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
    moment = Moment(model, stage, fields.face, fields)

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
    moment = Moment(model, stage, model.parameters.dissolved_oxygen, None)
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
