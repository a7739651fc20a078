"""A representative volume of a cathode, at one depth of a discharge across the thickness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import Length, format_length, length
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.deposit import Deposit, SiteArea
from twin.lio2.image_begin import (
    area_of,
    begin_image,
    cell_of,
    check_arguments,
    check_objects,
    kinds_of,
    loading_of,
    model_of,
    of_image,
    settings_of,
    warn_if_coarse,
)
from twin.lio2.image_book import Book, Progress, series_of
from twin.lio2.image_fields import Fields
from twin.lio2.image_memory import check_room
from twin.lio2.image_model import Bath, Growth, ImageModel, ImageStepping, NanoPorous
from twin.lio2.image_past import Past, Wear
from twin.lio2.image_results import ImageDischarge
from twin.lio2.image_run import (
    Ending,
    Now,
    grown,
    guess_after,
    mean_currents,
    step_length,
    wear_after,
)
from twin.lio2.image_search import fields_at
from twin.lio2.image_stage import CannotCarry, Stage, open_stage
from twin.lio2.parameters import Parameters
from twin.lio2.results import Discharge

Array = NDArray[np.float64]

#: Moments of the run across the thickness that are nearer than this part of it are passed over.
NEAR: Final = 1e-3

#: Least oxygen, over the saturated concentration: a depth that is empty of it reacts as good as
#: nothing, and its equations still have a scale.
TRACE: Final = 1e-12


def discharge_at(
    volume: Volume,
    run: Discharge,
    depth: Length,
    *,
    parameters: Parameters | str | None = None,
    pore: str = "pore",
    carbon: str | tuple[str, ...] = "carbon",
    axis: Literal["x", "y", "z"] = "z",
    growth: Growth | None = None,
    porous: NanoPorous | None = None,
    area: SiteArea | str = "smooth",
    exponent: float = 1.5,
    sides: Sides = "no-flux",
    covered: Length = 1e-9,
    stepping: ImageStepping | None = None,
    measure: float = 0.05,
    folder: str | Path | None = None,
    resume: bool = False,
    ignore_memory: bool = False,
    progress: Progress | None = None,
) -> ImageDischarge:
    r"""Discharge an image as a small piece of a cathode, at one depth of a run across it.

    An image of a few micrometres is too thin for a gradient of oxygen. Here it lies in the
    electrolyte of a place x of a thick cathode, as `twin.lio2.discharge` found it: at every time t
    both ends of its axis hold the oxygen of that place, and its carbon the voltage against the
    electrolyte, with the salt there; the current is what comes out:

    .. math::

        c|_\mathrm{ends} = c_{\mathrm{O}_2}(x, t), \quad
        \eta = \varphi_s(x, t) - \varphi_l(x, t) - E_0, \quad I(t) = \sum_s J_s

    Rates, growth and what is measured are those of `twin.lio2.discharge_image`. All pores that
    reach either end take part.

    Parameters
    ----------
    volume : the image, with a known spacing.
    run : a discharge across the thickness.
    depth : from the separator into the cathode [m], or text such as "75um".
    parameters : the cell, or the name of a set; that of the run by default. Give it where the film
        of the run is not one of the whole product, as with the `Closure` of particles.
    pore, carbon, axis, growth, porous, area, exponent, sides, covered, stepping, measure, folder,
    resume, ignore_memory, progress : as for `twin.lio2.discharge_image`.

    Returns
    -------
    ImageDischarge
        Its voltage is that of the carbon against the electrolyte, and its current and capacity are
        those of the image over the image's cross-section. `rows`, figures and files are as of any
        other.

    Raises
    ------
    InputError
        A depth outside the cathode; a run with rests; what `twin.lio2.discharge_image` refuses.

    Notes
    -----
    One way: the run does not learn what the image does. `Closure.into` takes that back to it. The
    ends are oxygen's source; where the image's current is much larger than that of the run at the
    depth, another structure would have emptied the place of oxygen.

    Examples
    --------
    >>> import twin
    >>> run = twin.lio2.discharge("Su2021_ch6", current_density=0.5)
    >>> mat = twin.generate.fibres((20, 20, 20), "5nm", diameter="18nm", porosity=0.83).volume
    >>> front = twin.lio2.discharge_at(mat, run, "145um", carbon="fibre")
    >>> back = twin.lio2.discharge_at(mat, run, "5um", carbon="fibre")
    >>> bool(front.filling > 2 * back.filling > 0)
    True
    """
    check_objects(volume, growth, stepping, porous)
    cell = cell_of(run.parameters if parameters is None else parameters)
    covered = length(covered)
    growth, stepping = growth or Growth(), stepping or ImageStepping()
    check_arguments(
        volume, axis, "high", None, "uniform", "uniform", sides, exponent, covered, measure
    )
    kind = kinds_of(volume, pore, carbon, porous)
    cell = of_image(cell, volume, kind, "xyz".index(axis), porous)
    area = area_of(area, loading_of(cell, kind, porous), cell.cathode_thickness)
    model = model_of(
        cell, volume, axis, "both", float(run.current.mean()), exponent, porous, growth,
        "uniform", "uniform", stepping.settled,
    )  # fmt: skip
    place = _place(run, length(depth), model)
    if not ignore_memory:
        check_room(model, volume, kind)
    settings = {
        **settings_of(model, cell, pore, carbon, "uniform", porous, area, sides, covered,
                      stepping, measure, np.inf),
        "depth": place.depth, "run": run.to_dict(),
    }  # fmt: skip
    book = Book(model, volume, covered, measure, series_of(folder, resume), progress, settings)
    now = book.resume() if resume else _first(place, begin_image(model, volume, kind, sides, area))
    warn_if_coarse(cell, volume)
    found = book.close(*_follow(place, stepping, now, book, fresh=not resume))
    mean = found.capacity / float(found.time[-1]) if found.time[-1] else 0.0
    return replace(found, settings={**settings, "current_density": mean})


@dataclass(frozen=True, eq=False)
class _Place:
    """What one place of a cathode sees over time.

    Attributes
    ----------
    model : the image, without its bath.
    depth : from the separator [m].
    time, oxygen, salt, voltage : moments [s], and what the place has then [mol/m3], [V].
    ending : of the run that it belongs to.
    """

    model: ImageModel
    depth: float
    time: Array
    oxygen: Array
    salt: Array
    voltage: Array
    ending: str

    @property
    def stops(self) -> Array:
        """Moments at which the current of the run jumps, and the last [s]."""
        jumps = self.time[1:][np.diff(self.time) == 0.0]
        return np.append(jumps, self.time[-1])

    def at(self, time: float, current: float) -> ImageModel:
        """The image in its bath at a time, with its current or an estimate of it [A]."""
        bath = Bath(*(float(np.interp(time, self.time, a)) for a in (self.oxygen, self.salt)))
        density = current / self.model.cross_section
        return replace(self.model, bath=bath, current_density=density)

    def voltage_at(self, time: float) -> float:
        """Carbon against electrolyte [V]."""
        return float(np.interp(time, self.time, self.voltage))

    def until(self, time: float) -> float:
        """How long it is to the next moment at which the bath is looked at again [s]."""
        near = NEAR * self.time[-1]
        later = self.time[self.time > time + near]
        stop = self.stops[self.stops > time][0]
        return float(min(stop, later[0] if len(later) else stop)) - time


def _place(run: Discharge, depth: float, model: ImageModel) -> _Place:
    p = run.parameters
    if not 0.0 <= depth <= p.cathode_thickness:
        raise InputError(
            f"depth is between the separator, 0, and the oxygen, "
            f"{format_length(p.cathode_thickness)}, found {format_length(depth)}"
        )
    if not (run.current > 0.0).all():
        rest = float(run.time[int(np.argmin(run.current > 0.0))])
        raise InputError(
            f"the run rests from {rest:.4g} s on, and an image at a depth only discharges; give a "
            "run without rests"
        )
    centres = run.position[run.in_cathode] - p.separator_thickness

    def over_time(name: str) -> Array:
        profiles = run.profile(name)[:, run.in_cathode]
        return np.array([np.interp(depth, centres, profile) for profile in profiles])

    return _Place(
        model, depth, run.time, np.maximum(over_time("oxygen"), TRACE * p.dissolved_oxygen),
        over_time("salt"), over_time("carbon_potential") - over_time("electrolyte_potential"),
        run.endings[-1],
    )  # fmt: skip


def _first(place: _Place, deposit: Deposit) -> Now:
    """The first moment.

    Raises
    ------
    InputError
        Nothing reacts.
    """
    try:
        stage = open_stage(place.model, deposit)
        fields, stage = _fields(place, stage, None, 0.0, place.model.current)
    except CannotCarry as error:
        raise InputError(f"no discharge begins at this depth: {error}") from error
    return Now(0.0, 0.0, stage, fields, None, 0.0, Wear(fields.iterations), 0.0)


def _fields(
    place: _Place, stage: Stage, guess: Fields | None, time: float, current: float
) -> tuple[Fields, Stage]:
    return fields_at(place.at(time, current), stage, guess, place.voltage_at(time))


def _follow(
    place: _Place, stepping: ImageStepping, now: Now, book: Book, fresh: bool
) -> tuple[Now, Ending]:
    """Go on to the end of the run, or until nothing can react."""

    def noted(now: Now) -> Now:
        book.model = place.at(now.time, float(now.fields.current.sum()))
        return book.observe(now)

    now = noted(now) if fresh else now
    if book.died is not None:
        return now, book.died
    for _ in range(stepping.most_steps):
        if now.time >= place.time[-1] * (1.0 - 1e-12):
            return now, Ending(f"the run across the thickness ended: {place.ending}", wanted=True)
        try:
            now = noted(_advance(place, stepping, now))
        except CannotCarry as error:
            return now, Ending(str(error))
    return now, Ending(
        f"{stepping.most_steps} steps were made, which is as many as were allowed", wanted=True
    )


def _advance(place: _Place, stepping: ImageStepping, now: Now) -> Now:
    """The moment one step later.

    Raises
    ------
    CannotCarry
        Nothing can react any more.
    """
    before = float(now.fields.current.sum())
    model = place.at(now.time, before)
    wait = place.until(now.time)
    step = min(step_length(model, stepping, now), wait)
    charge = mean_currents(now, step) * step
    stage = grown(model, now, charge)
    time = now.time + step
    guess = guess_after(model, now, step)
    fields, stage = _fields(place, stage, guess, time, before)
    # Behind a jump the rates before it say nothing of those to come.
    jumped = np.isin(time, place.stops).item()
    past = None if jumped else Past.of(now.deposit.sites, now.fields)
    wear = wear_after(now, fields)
    total = now.charge + float(charge.sum())
    return Now(time, total, stage, fields, past, step, wear, 0.0)
