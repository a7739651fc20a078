"""Discharge of a Li-O2 cathode inside its image: oxygen, product and pores voxel by voxel."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.deposit import SiteArea
from twin.lio2.image_begin import begin_image, kinds_of, of_image, warn_if_coarse
from twin.lio2.image_book import Book, Progress, series_of
from twin.lio2.image_fields import check_face
from twin.lio2.image_model import (
    Growth,
    ImageModel,
    ImageStepping,
    NanoPorous,
    Resolution,
)
from twin.lio2.image_results import ImageDischarge
from twin.lio2.image_run import run
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
    area: SiteArea = "smooth",
    exponent: float = 1.5,
    sides: Sides = "no-flux",
    capacity: Quantity | None = None,
    covered: float = 1e-9,
    stepping: ImageStepping | None = None,
    measure: float = 0.05,
    folder: str | Path | None = None,
    resume: bool = False,
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
    current_density : of the image's cross-section [A/m2], or text such as "0.24 mA/cm2", "40 mA/g".
    pore, carbon : the phases of the electrolyte and of the walls that react; others do not take
        part.
    axis : the direction from separator to oxygen.
    oxygen, separator : the ends where oxygen and ions enter, "low" and "high", not the same.
    growth : films, particles, or both; films by default.
    electrolyte : "resolved" for its potential and salt as fields, "uniform" without their drops.
    electrons : "resolved" for the carbon's potential, with the electronic conductivity of the
        parameters as that of a carbon voxel; "uniform" without its drops.
    porous : pores inside carbon voxels; None where carbon is dense.
    area : true area of a face: "smooth" by the wall's normal, "voxel" in full, or the specific area
        of the whole image [1/m], such as one of gas adsorption.
    exponent : of (1 - theta) in the diffusivity of a voxel.
    sides : "no-flux", or "periodic" across the two other axes.
    capacity : end there [C/m2], or text such as "1 mAh/cm2"; None for no limit.
    covered : film above which carbon counts as covered [m].
    stepping : limits of the steps in time.
    measure : product between two measurements of D_eff, over the pores [-].
    folder : where snapshots for ParaView and the state are written while the run goes on.
    resume : go on from the state in the folder, bit for bit as if there had been no stop.
    progress : called after every step with the voltage and the share of the pores that is filled.

    Returns
    -------
    ImageDischarge
        Curves, coverage, transport against product, fields, profiles, and why it ended.

    Raises
    ------
    InputError
        Phases, ends or numbers that cannot be; no carbon at pores; pores that do not reach from
        separator to oxygen; a current that the image cannot carry; a state of another run.

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
    cell = parameters if isinstance(parameters, Parameters) else Parameters.of(parameters)
    growth, stepping = growth or Growth(), stepping or ImageStepping()
    _check(volume, axis, oxygen, separator, electrolyte, electrons, exponent, covered, measure)
    kind = kinds_of(volume, pore, carbon, porous)
    cell = of_image(cell, volume, kind, "xyz".index(axis), porous)
    model = _model(
        cell, volume, axis, oxygen, amount(current_density, "current", cell, "current_density"),
        exponent, porous, growth, electrolyte, electrons,
    )  # fmt: skip
    limit = math.inf if capacity is None else amount(capacity, "capacity", cell, "capacity")
    _check_amounts(model, limit)
    settings = _settings(
        model, cell, pore, carbon, electrons, porous, area, sides, covered, stepping, measure, limit
    )
    book = Book(model, volume, covered, measure, series_of(folder, resume), progress, settings)
    now = book.resume() if resume else book.first(begin_image(model, volume, kind, sides, area))
    warn_if_coarse(cell, volume)
    now, ending = run(model, stepping, now, limit / model.current_density, book.observe)
    return book.close(now, ending)


def _check(
    volume: Volume, axis: str, oxygen: str, separator: str | None, electrolyte: str,
    electrons: str, exponent: float, covered: float, measure: float,
) -> None:  # fmt: skip
    if not volume.spacing_known:
        raise InputError(
            "a discharge needs the size of the voxels; give the volume a spacing, such as '25nm'"
        )
    if axis not in ("x", "y", "z"):
        raise InputError(f"a cathode has one axis, 'x', 'y' or 'z', found {axis!r}")
    if oxygen not in ("low", "high"):
        raise InputError(f"oxygen enters at the 'low' or the 'high' end, found {oxygen!r}")
    if separator is not None and {oxygen, separator} != {"low", "high"}:
        raise InputError(
            f"the separator is at the end where oxygen does not enter; found oxygen at the "
            f"{oxygen} and the separator at the {separator} end"
        )
    for name, value in (("electrolyte", electrolyte), ("electrons", electrons)):
        if value not in ("uniform", "resolved"):
            raise InputError(f"{name} is 'uniform' or 'resolved', found {value!r}")
    for name, number in (("exponent", exponent), ("covered", covered), ("measure", measure)):
        if not (number > 0.0 and math.isfinite(number)):
            raise InputError(f"{name} must be a number greater than 0, found {number!r}")


def _model(
    cell: Parameters, volume: Volume, axis: str, oxygen: End, current_density: float,
    exponent: float, porous: NanoPorous | None, growth: Growth, electrolyte: Resolution,
    electrons: Resolution,
) -> ImageModel:  # fmt: skip
    number = "xyz".index(axis)
    sizes = [n * h for n, h in zip(volume.shape, volume.spacing, strict=True)]
    cross_section = math.prod(sizes) / sizes[number]
    conductivity = cell.electronic_conductivity if electrons == "resolved" else math.inf
    return ImageModel(
        cell, number, oxygen, current_density, cross_section, exponent, porous, growth,
        electrolyte, conductivity,
    )  # fmt: skip


def _check_amounts(model: ImageModel, limit: float) -> None:
    if not (model.current_density > 0.0 and math.isfinite(model.current_density)):
        raise InputError(
            f"current_density must be greater than zero in a discharge, found "
            f"{model.current_density:g} A/m2"
        )
    if not limit > 0.0:
        raise InputError(f"capacity must be greater than zero, found {limit:g} C/m2")
    check_face(model)


def _settings(
    model: ImageModel, cell: Parameters, pore: str, carbon: str | tuple[str, ...],
    electrons: str, porous: NanoPorous | None, area: SiteArea, sides: str, covered: float,
    stepping: ImageStepping, measure: float, limit: float,
) -> dict[str, Any]:  # fmt: skip
    """The arguments as plain values."""
    growth = {"solution_share": model.growth.solution_share}
    if model.growth.solution_share > 0.0:
        growth = asdict(model.growth)
    return {
        "current_density": model.current_density,
        "pore": pore,
        "carbon": [carbon] if isinstance(carbon, str) else list(carbon),
        "axis": "xyz"[model.axis],
        "oxygen": model.oxygen,
        **growth,
        "electrolyte": model.electrolyte,
        "electrons": electrons,
        "porous": None if porous is None else asdict(porous),
        "area": area,
        "exponent": model.exponent,
        "sides": sides,
        "covered": covered,
        "measure": measure,
        "capacity": None if math.isinf(limit) else limit,
        "stepping": asdict(stepping),
        "parameters": cell.to_dict(),
    }
