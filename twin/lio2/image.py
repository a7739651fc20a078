"""Discharge of a Li-O2 cathode inside its image: oxygen, product and pores voxel by voxel."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from meshing.errors import InputError
from meshing.units import Length, length
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.deposit import SiteArea
from twin.lio2.image_begin import (
    area_of,
    begin_image,
    cell_of,
    check_arguments,
    check_objects,
    current_of,
    kinds_of,
    loading_of,
    model_of,
    of_image,
    settings_of,
    warn_if_coarse,
)
from twin.lio2.image_book import Book, Progress, series_of
from twin.lio2.image_memory import check_room
from twin.lio2.image_model import (
    Growth,
    ImageModel,
    ImageStepping,
    NanoPorous,
    Resolution,
)
from twin.lio2.image_results import ImageDischarge
from twin.lio2.image_run import run
from twin.lio2.image_search import check_face
from twin.lio2.parameters import Parameters
from twin.lio2.protocol import Quantity, amount

End = Literal["low", "high"]


def discharge_image(
    volume: Volume,
    parameters: Parameters | str = "Su2021_ch6",
    current_density: Quantity = 2.4,
    *,
    pore: str = "pore",
    carbon: str | tuple[str, ...] = "carbon",
    axis: Literal["x", "y", "z"] = "z",
    oxygen: End = "high",
    separator: End | None = None,
    growth: Growth | None = None,
    electrolyte: Resolution = "uniform",
    electrons: Resolution = "uniform",
    porous: NanoPorous | None = None,
    area: SiteArea | str = "smooth",
    exponent: float = 1.5,
    sides: Sides = "no-flux",
    capacity: Quantity | None = None,
    covered: Length = 1e-9,
    stepping: ImageStepping | None = None,
    measure: float = 0.05,
    folder: str | Path | None = None,
    resume: bool = False,
    ignore_memory: bool = False,
    progress: Progress | None = None,
) -> ImageDischarge:
    r"""Discharge a segmented cathode voxel by voxel, until it dies.

    Oxygen is steady at every moment, with the conductances G of open pores, and reacts at sites s,
    the faces between carbon and pores, with the kinetics of `twin.lio2.discharge`:

    .. math::

        n F D\, G\, c = -\sum_s J_s, \quad J_s = A_s\, j(\eta_s, c, l_s), \quad
        \sum_s J_s = I, \quad \dot V_s = J_s V_m / (n F)

    The potential of the cell is what gives the current. Product becomes film where it was made, or
    particles; it narrows pores, so that a voxel with the share theta of product conducts
    ``(1 - theta)^exponent``, and voxels that are full close. Product goes on growing behind them
    while electrons tunnel. Only pores that reach both the oxygen and the separator react.

    Parameters
    ----------
    volume : the image, with a known spacing.
    parameters : the cell, or the name of a set; porosity, thickness and structure are the image's.
    current_density : of the image's cross-section [A/m2], or text such as "0.24 mA/cm2", or
        "40 mA/g" of the image's carbon.
    pore, carbon : the phases of the electrolyte and of the walls that react; others do not take
        part.
    axis : the direction from separator to oxygen.
    oxygen, separator : the ends where oxygen and ions enter, "low" and "high", not the same.
    growth : films, particles, or both; films by default.
    electrolyte : "resolved" for its potential and salt as fields, "uniform" without their drops.
    electrons : "resolved" for the carbon's potential, with the electronic conductivity of the
        parameters as that of a carbon voxel; "uniform" without its drops.
    porous : pores inside carbon voxels; None where carbon is dense.
    area : true area of a face: "smooth" by the wall's normal, "voxel" in full, or such that all
        carbon has an area over the volume of the image [1/m], or over its mass, as "100 m2/g" of
        gas adsorption; that inside nano-porous carbon is a part of it.
    exponent : of (1 - theta) in the diffusivity of a voxel.
    sides : "no-flux", or "periodic" across the two other axes.
    capacity : end there [C/m2], or text such as "1 mAh/cm2" or "500 mAh/g" of the image's carbon;
        None for no limit.
    covered : film above which carbon counts as covered [m], or text such as "1nm".
    stepping : limits of the steps in time.
    measure : product between two measurements of D_eff, over the pores [-].
    folder : where snapshots for ParaView and the state are written while the run goes on.
    resume : go on from the state in the folder, bit for bit as if there had been no stop.
    ignore_memory : go on even when the estimate of the memory needed is larger than what is free.
    progress : called after every step with the voltage and the share of the pores that is filled.

    Returns
    -------
    ImageDischarge
        Curves, coverage, transport against product, fields, profiles, and why it ended.

    Raises
    ------
    InputError
        Phases, ends or numbers that cannot be; no carbon at pores; pores that do not reach from
        separator to oxygen; a current that the image cannot carry; a state of another run; more
        memory needed than is free.

    Notes
    -----
    Oxygen settles in L^2 / D, seconds to minutes, where a discharge takes hours: its accumulation
    is left out, here and not in `twin.lio2.discharge`. So is that of salt, which the separator's
    end holds at its concentration. Electrolyte that the product displaces is not followed.

    Examples
    --------
    >>> import twin
    >>> mat = twin.generate.fibres((20, 20, 20), "5nm", diameter="20nm", porosity=0.8)
    >>> d = twin.lio2.discharge_image(
    ...     mat.volume, current_density=0.02, carbon="fibre", capacity="4e-5 mAh/cm2")
    >>> bool(abs(d.charge_balance) < 1e-10), d.verdict.reason
    (True, 'the capacity that was asked for is reached')
    """
    check_objects(volume, growth, stepping, porous)
    cell, covered = cell_of(parameters), length(covered)
    growth, stepping = growth or Growth(), stepping or ImageStepping()
    check_arguments(
        volume, axis, oxygen, separator, electrolyte, electrons, sides, exponent, covered, measure
    )
    kind = kinds_of(volume, pore, carbon, porous)
    cell = of_image(cell, volume, kind, "xyz".index(axis), porous)
    mass = loading_of(cell, kind, porous)
    density = current_of(current_density, cell, mass)
    area = area_of(area, mass, cell.cathode_thickness)
    model = model_of(
        cell, volume, axis, oxygen, density, exponent, porous, growth, electrolyte, electrons,
        stepping.settled,
    )  # fmt: skip
    limit = math.inf if capacity is None else amount(capacity, "capacity", cell, "capacity", mass)
    _check_amounts(model, limit)
    if not ignore_memory:
        check_room(model, volume, kind)
    settings = settings_of(
        model, cell, pore, carbon, electrons, porous, area, sides, covered, stepping, measure, limit
    )
    book = Book(model, volume, covered, measure, series_of(folder, resume), progress, settings)
    now = book.resume() if resume else book.first(begin_image(model, volume, kind, sides, area))
    warn_if_coarse(cell, volume)
    if now.charge > limit * model.cross_section * (1.0 + 1e-12):
        raise InputError(
            f"the run in {folder} has passed {now.charge / model.cross_section:g} C/m2 and cannot "
            f"go back to a capacity of {limit:g} C/m2; ask for more, or run without resuming"
        )
    if book.died is not None:
        return book.close(now, book.died)
    now, ending = run(model, stepping, now, limit / model.current_density, book.observe)
    return book.close(now, ending)


def _check_amounts(model: ImageModel, limit: float) -> None:
    if not (model.current_density > 0.0 and math.isfinite(model.current_density)):
        raise InputError(
            f"current_density must be greater than zero in a discharge, found "
            f"{model.current_density:g} A/m2"
        )
    if not limit > 0.0:
        raise InputError(f"capacity must be greater than zero, found {limit:g} C/m2")
    check_face(model)
