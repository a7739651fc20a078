"""A discharge in an image, step by step: fields, growth, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.reach import HIGH, LOW
from solvers.deposit import Deposit, grow
from twin.lio2.image_fields import Fields
from twin.lio2.image_model import ImageModel, ImageStepping
from twin.lio2.image_past import Past, Wear
from twin.lio2.image_search import carried_at, find_fields
from twin.lio2.image_stage import CannotCarry, Stage, open_stage

Array = NDArray[np.float64]

#: How near the voltage at the end comes to the cut-off [V], and tries to get there. What a closing
#: neck does to the voltage is a jump, which no step is short enough to divide.
CUT_OFF: Final = 1e-4
MOST_TRIES: Final = 12

#: A step is at least this part of the one that was wanted, or the discharge ends.
SHORTEST: Final = 1e-4

#: Relative error of the current that an image can carry.
LIMIT: Final = 1e-3


@dataclass(frozen=True, eq=False)
class Now:
    """One moment of a discharge.

    Attributes
    ----------
    time : [s].
    charge : that has passed [C].
    stage : what the product leaves open.
    fields : oxygen, potentials and rates.
    before : the last moment, None at the start.
    step : that led here [s], 0 at the start.
    wear : of the coarse levels in use.
    trend : change of the voltage by time [V/s].
    """

    time: float
    charge: float
    stage: Stage
    fields: Fields
    before: Past | None
    step: float
    wear: Wear
    trend: float

    @property
    def deposit(self) -> Deposit:
        """The product."""
        return self.stage.deposit

    @cached_property
    def last_current(self) -> Array:
        """Currents of the sites at the last moment [A]; those of now where nothing is known."""
        current = self.fields.current
        return current if self.before is None else self.before.on(self.deposit.sites, current)


@dataclass(frozen=True)
class Ending:
    """Why a discharge ended.

    Attributes
    ----------
    reason : in words.
    wanted : whether it was to end there, and could have gone on.
    """

    reason: str
    wanted: bool = False


def begin_run(model: ImageModel, deposit: Deposit) -> Now:
    """The first moment.

    Raises
    ------
    CannotCarry
        No voltage gives the current.
    """
    stage = open_stage(model, deposit)
    fields, stage = find_fields(model, stage, 0.0, None, _first_guess(model, stage))
    return Now(0.0, 0.0, stage, fields, None, 0.0, Wear(fields.iterations), 0.0)


def largest_current(model: ImageModel, deposit: Deposit) -> float:
    """Current density with which a discharge would begin at its cut-off [A/m2], of those below.

    What foil and separator take of the voltage depends on the current as well: it is found where
    the image gives, behind the drop of a current, this current.
    """
    stage, cut_off = open_stage(model, deposit), model.parameters.cut_off_voltage

    def given(current: float) -> float:
        at = replace(model, current_density=current)
        if cut_off - at.electrolyte_at_separator >= model.parameters.equilibrium_voltage:
            return 0.0  # foil and separator take all of the voltage
        try:
            return carried_at(at, stage, cut_off)
        except CannotCarry:
            return 0.0

    low, high = 0.0, model.current_density
    current = given(high)
    while high - low > LIMIT * high:
        if not low + LIMIT * high < current < high:
            current = 0.5 * (low + high)
        found = given(current)
        if abs(found - current) <= LIMIT * current:
            return min(found, current)
        low, high = (current, high) if found > current else (low, current)
        current = found
    return low


def _first_guess(model: ImageModel, stage: Stage) -> float:
    """The voltage of a uniform reaction."""
    p = model.parameters
    relative = (p.salt_concentration / p.reference_salt) ** p.lithium_order
    relative *= (model.oxygen_at_face(0.0) / p.reference_oxygen) ** p.oxygen_order
    exchange = float(stage.area.sum()) * p.exchange_current_density * relative
    drive = model.tafel_slope * math.log(model.current / exchange)
    return p.equilibrium_voltage + model.electrolyte_at_separator - max(drive, 0.0)


def step_length(model: ImageModel, stepping: ImageStepping, now: Now) -> float:
    """How far growth may go with what is known of the rates [s]."""
    deposit, sites = now.deposit, now.deposit.sites
    volume = now.fields.current * model.volume_per_charge
    limits = [stepping.filling * deposit.all_room / (model.current * model.volume_per_charge)]
    film_share = 1.0 - model.growth.solution_share
    speed = film_share * volume / sites.area
    fastest = float(np.abs(speed).max(initial=0.0))
    if fastest > 0.0:
        limits.append(stepping.voxel / (film_share * _fastest_filling(deposit, volume)))
        limits.append(_film_limit(model, stepping) / fastest)
    if now.step > 0.0:
        limits.append(_by_error(model, stepping, now, speed))
        limits.append(2.0 * now.step)
    return min(limits)


def _fastest_filling(deposit: Deposit, volume: Array) -> float:
    """The largest share of the room of a voxel that its sites make [1/s]."""
    voxel = deposit.sites.voxel
    first = np.flatnonzero(np.diff(voxel, prepend=-1))
    room = deposit.room[deposit.kind.ravel()[voxel[first]]]
    return float((np.add.reduceat(volume, first) / room).max())


def _width(model: ImageModel) -> float:
    p = model.parameters
    return p.tunnelling_width if p.film in ("tunnelling", "both") else math.inf


def _film_limit(model: ImageModel, stepping: ImageStepping) -> float:
    return 0.25 * _width(model) if stepping.film is None else stepping.film


def _by_error(model: ImageModel, stepping: ImageStepping, now: Now, speed: Array) -> float:
    """The step in which first and second order differ by what is allowed."""
    sites = now.deposit.sites
    allowed = 0.02 * _width(model) if stepping.error is None else stepping.error
    before = now.last_current * model.volume_per_charge / sites.area
    change = np.abs(speed - (1.0 - model.growth.solution_share) * before)
    mean = float(change @ sites.area / sites.area.sum())
    return math.sqrt(2.0 * allowed * now.step / mean) if mean > 0.0 else math.inf


def mean_currents(now: Now, step: float) -> Array:
    """Currents of the sites in the mean over the step that comes [A], to second order."""
    current: Array = now.fields.current
    if now.step > 0.0:
        gone_on = current + step / (2.0 * now.step) * (current - now.last_current)
        # An extrapolation below zero would dissolve; there the rate of the moment does. So it does
        # where nothing reacts any more.
        current = np.where(gone_on * current > 0.0, gone_on, current)
    return current


def advance(model: ImageModel, now: Now, step: float) -> Now:
    """The moment one step later.

    Raises
    ------
    CannotCarry
        No voltage gives the current any more.
    """
    current = mean_currents(now, step)
    stage = grown(model, now, current * (model.current / current.sum() * step))
    time = now.time + step
    voltage = now.fields.voltage + now.trend * step
    guess = guess_after(model, now, step)
    fields, stage = find_fields(model, stage, model.current * time, guess, voltage)
    trend = (fields.voltage - now.fields.voltage) / step
    return Now(
        time, model.current * time, stage, fields, Past.of(now.deposit.sites, now.fields), step,
        wear_after(now, fields), trend,
    )  # fmt: skip


def guess_after(model: ImageModel, now: Now, step: float) -> Fields:
    """Fields that go on as they came, to a step later."""
    if now.before is None:
        return now.fields
    return now.before.ahead(now.fields, step / now.step, model.buffers)


def grown(model: ImageModel, now: Now, charge: Array) -> Stage:
    """What is open after a charge of each site [C]; worn coarse levels are made anew.

    Raises
    ------
    CannotCarry
        Nothing that can react is open any more.
    """
    volume = charge * model.volume_per_charge
    share = model.growth.solution_share
    solution = reached = None
    if share > 0.0:
        solution = share * volume
        # Particles stay as they are in pores that are cut off: nothing is made there.
        reached = now.stage.flags == LOW | HIGH
    deposit = grow(now.deposit, (1.0 - share) * volume, solution, model.growth.supply, reached)
    return open_stage(model, deposit, None if now.wear.worn else now.stage)


def wear_after(now: Now, fields: Fields) -> Wear:
    """Of the coarse levels with which fields were found, a step after this moment."""
    return Wear(fields.iterations) if now.wear.worn else now.wear.after(fields.iterations)


def refreshed(now: Now) -> Now:
    """The same moment as a run goes on from that starts here: with coarse levels to be made."""
    return replace(now, wear=Wear.out())


def run(
    model: ImageModel,
    stepping: ImageStepping,
    now: Now,
    duration: float,
    observe: Callable[[Now], Now],
) -> tuple[Now, Ending]:
    """Go on until the cut-off, the duration, or until nothing can react.

    Parameters
    ----------
    duration : time at which the discharge ends in any case [s].
    observe : called after every step; what it returns is gone on from.
    """
    for _ in range(stepping.most_steps):
        ending = _reached(model, now, duration)  # here, as a run that goes on may be at its end
        if ending is not None:
            return now, ending
        wanted = min(step_length(model, stepping, now), duration - now.time)
        found, lack = _step(model, now, wanted)
        if found is None:
            return now, Ending(lack)
        now, found = found, None  # what is behind makes room
        now = observe(now)
        if lack:
            return now, _reached(model, now, duration) or Ending(lack)
    return now, _reached(model, now, duration) or Ending(
        f"{stepping.most_steps} steps were made, which is as many as were allowed", wanted=True
    )


def _reached(model: ImageModel, now: Now, duration: float) -> Ending | None:
    """Why the discharge is at its end, where it is."""
    cut_off = model.parameters.cut_off_voltage
    if now.fields.voltage <= cut_off + CUT_OFF:
        return Ending(f"the voltage fell to the cut-off of {cut_off:g} V")
    if now.time >= duration * (1.0 - 1e-12):
        return Ending("the capacity that was asked for is reached", wanted=True)
    return None


def _step(model: ImageModel, now: Now, wanted: float) -> tuple[Now | None, str]:
    """A step that does not pass the cut-off, and what forbids a longer one."""
    cut_off = model.parameters.cut_off_voltage
    step, low, high, best = wanted, 0.0, wanted, None
    lack = ""
    for _ in range(MOST_TRIES):
        try:
            found = advance(model, now, step)
        except CannotCarry as error:
            lack, high = str(error), step
            step = 0.5 * (low + high)
            if step < SHORTEST * wanted:
                break
            continue
        above = found.fields.voltage - cut_off
        if above >= -CUT_OFF and step == wanted:
            return found, ""
        if abs(above) <= CUT_OFF:
            return found, ""
        if above > 0.0:
            best, low = found, step
        else:
            high = step
            lack = lack or "pores or walls closed, and the voltage fell below the cut-off at once"
        step = _nearer(now, found, low, high, cut_off)
        if high - low < SHORTEST * wanted:
            break
    return best, lack


def _nearer(now: Now, found: Now, low: float, high: float, cut_off: float) -> float:
    """A step between two whose end is nearer to the cut-off."""
    fall = now.fields.voltage - found.fields.voltage
    if fall <= 0.0:
        return 0.5 * (low + high)
    straight = found.step * (now.fields.voltage - cut_off) / fall
    inside = low + 0.1 * (high - low), high - 0.1 * (high - low)
    return min(max(straight, inside[0]), inside[1])
