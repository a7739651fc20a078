"""A discharge in an image, step by step: fields, growth, and when to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.deposit import Deposit, grow
from solvers.sites import Sites
from twin.lio2.image_fields import WORN, Fields, carried_at, find_fields
from twin.lio2.image_model import ImageModel, ImageStepping
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
class Rates:
    """Currents of sites, to be found again when sites have come and gone.

    Attributes
    ----------
    key : (n,) rising, voxel and side of each site.
    current : (n,) [A].
    """

    key: NDArray[np.int64]
    current: Array

    @classmethod
    def of(cls, sites: Sites, current: Array) -> Rates:
        """Of the sites of a deposit, which are in the order of their keys."""
        return cls(_keys(sites), current)

    def on(self, sites: Sites, otherwise: Array) -> Array:
        """The currents of these sites; those of sites that were not there are given."""
        if len(self.key) == 0:
            return otherwise
        key = _keys(sites)
        place = np.minimum(np.searchsorted(self.key, key), len(self.key) - 1)
        return np.where(self.key[place] == key, self.current[place], otherwise)


def _keys(sites: Sites) -> NDArray[np.int64]:
    return sites.voxel * 7 + sites.side


@dataclass(frozen=True, eq=False)
class Now:
    """One moment of a discharge.

    Attributes
    ----------
    time : [s].
    charge : that has passed [C].
    stage : what the product leaves open.
    fields : oxygen, potentials and rates.
    before : currents at the last moment.
    step : that led here [s], 0 at the start.
    fresh : iterations of the first solve with the coarse levels in use.
    trend : change of the voltage by time [V/s].
    """

    time: float
    charge: float
    stage: Stage
    fields: Fields
    before: Rates
    step: float
    fresh: int
    trend: float

    @property
    def deposit(self) -> Deposit:
        """The product."""
        return self.stage.deposit

    @property
    def worn(self) -> bool:
        """Whether the coarse levels do not fit the pores any more."""
        return self.fields.iterations > WORN * self.fresh


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
    nothing = Rates(np.zeros(0, np.int64), np.zeros(0))
    return Now(0.0, 0.0, stage, fields, nothing, 0.0, fields.iterations, 0.0)


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
    before = now.before.on(sites, now.fields.current) * model.volume_per_charge / sites.area
    change = np.abs(speed - (1.0 - model.growth.solution_share) * before)
    mean = float(change @ sites.area / sites.area.sum())
    return math.sqrt(2.0 * allowed * now.step / mean) if mean > 0.0 else math.inf


def mean_currents(now: Now, step: float) -> Array:
    """Currents of the sites in the mean over the step that comes [A], to second order."""
    current: Array = now.fields.current
    if now.step > 0.0:
        before = now.before.on(now.deposit.sites, current)
        extrapolated = current + step / (2.0 * now.step) * (current - before)
        # An extrapolation below zero would dissolve; there the rate of the moment does.
        current = np.where(extrapolated * current >= 0.0, extrapolated, current)
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
    guess = now.fields.voltage + now.trend * step
    fields, stage = find_fields(model, stage, model.current * time, now.fields, guess)
    trend = (fields.voltage - now.fields.voltage) / step
    return Now(
        time, model.current * time, stage, fields,
        Rates.of(now.deposit.sites, now.fields.current), step,
        fields.iterations if now.worn else now.fresh, trend,
    )  # fmt: skip


def grown(model: ImageModel, now: Now, charge: Array) -> Stage:
    """What is open after a charge of each site [C]; worn coarse levels are made anew.

    Raises
    ------
    CannotCarry
        Nothing that can react is open any more.
    """
    volume = charge * model.volume_per_charge
    share = model.growth.solution_share
    solution = share * volume if share > 0.0 else None
    deposit = grow(now.deposit, (1.0 - share) * volume, solution, model.growth.supply)
    return open_stage(model, deposit, None if now.worn else now.stage)


def refreshed(model: ImageModel, now: Now) -> Now:
    """The same moment with coarse levels of its own, as a run that starts here would have."""
    return replace(now, stage=open_stage(model, now.deposit), fresh=now.fields.iterations)


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
        now = observe(found)
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
