"""An image as a discharge in it begins: voxels, parameters and nuclei."""

from __future__ import annotations

import math
import warnings
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.reach import HIGH, LOW
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.deposit import CARBON, INERT, PORE, POROUS, Deposit, SiteArea, begin, with_nuclei
from solvers.particles import scatter_nuclei
from twin.lio2.image_model import (
    Growth,
    ImageModel,
    ImageStepping,
    NanoPorous,
    OxygenEnd,
    Resolution,
    carbon_loading,
)
from twin.lio2.image_stage import ends_reached
from twin.lio2.laws import AreaTable, TransportTable
from twin.lio2.parameters import Parameters
from twin.lio2.protocol import amount

#: A voxel is too coarse for films beyond this multiple of the thickness that stops electrons.
COARSE: Final = 2.0

#: Least order of the reaction in oxygen.
LEAST_ORDER: Final = 0.3


def check_arguments(
    volume: Volume, axis: str, oxygen: str, separator: str | None, electrolyte: str,
    electrons: str, sides: str, exponent: float, covered: float, measure: float,
) -> None:  # fmt: skip
    """Refuse arguments that cannot be."""
    if not volume.spacing_known:
        raise InputError(
            "a discharge needs the size of the voxels; give the volume a spacing, such as '25nm'"
        )
    if axis not in ("x", "y", "z"):
        raise InputError(f"a cathode has one axis, 'x', 'y' or 'z', found {axis!r}")
    if volume.shape["xyz".index(axis)] < 2:
        raise InputError(
            f"axis {axis} is one voxel long (shape {volume.shape}), so that nothing lies between "
            "separator and oxygen; choose an axis of at least two voxels"
        )
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
    if sides not in ("no-flux", "periodic"):
        raise InputError(f"there are no sides {sides!r}; use 'no-flux' or 'periodic'")
    for name, number in (("exponent", exponent), ("covered", covered), ("measure", measure)):
        if not (number > 0.0 and math.isfinite(number)):
            raise InputError(f"{name} must be a number greater than 0, found {number!r}")
    if measure > 1.0:
        raise InputError(f"measure is a share of the pores, at most 1, found {measure!r}")


def check_objects(volume: object, growth: object, stepping: object, porous: object) -> None:
    """Refuse what is of another type than it must be; only the volume must be given."""
    given = (
        ("growth", growth, Growth), ("stepping", stepping, ImageStepping),
        ("porous", porous, NanoPorous),
    )  # fmt: skip
    if not isinstance(volume, Volume):
        raise InputError(
            f"a volume is needed, found {type(volume).__name__}; read one with twin.read or make "
            "one with twin.Volume(labels, spacing, phases)"
        )
    for name, value, kind in given:
        if value is not None and not isinstance(value, kind):
            raise InputError(
                f"{name} must be of type twin.lio2.{kind.__name__}, found {type(value).__name__}"
            )


def cell_of(parameters: object) -> Parameters:
    """The cell, which may be given by the name of a set."""
    if isinstance(parameters, Parameters):
        return parameters
    if not isinstance(parameters, str):
        raise InputError(
            f"parameters are those of a cell, or the name of a set, found {parameters!r}; a "
            "current is given as current_density"
        )
    return Parameters.of(parameters)


def current_of(current: object, cell: Parameters, loading: float) -> float:
    """One current [A/m2]."""
    if not isinstance(current, str | int | float | np.integer | np.floating):
        raise InputError(
            "a discharge in an image has one current, a number in A/m2 or text with a unit, found "
            f"{type(current).__name__}; for several, each on a fresh image, use "
            "twin.sweep(twin.lio2.discharge_image, ..., current_density=[...])"
        )
    value = current if isinstance(current, str | int) else float(current)
    return amount(value, "current", cell, "current_density", loading)


def area_of(area: SiteArea | str, loading: float, thickness: float) -> SiteArea:
    """The area of the carbon; text in m2/g becomes an area over the volume of the image [1/m].

    Parameters
    ----------
    area : as given.
    loading : carbon per cross-section [kg/m2].
    thickness : of the image [m].
    """
    if area == "voxel":
        return "voxel"
    if area == "smooth":
        return "smooth"
    if not isinstance(area, str):
        if isinstance(area, bool) or not isinstance(area, int | float | np.number):
            raise InputError(_no_area(area))
        return float(area)
    number, unit, rest = area.partition("m2/g")
    try:
        per_gram = float(number)
    except ValueError:
        raise InputError(_no_area(area)) from None
    if not unit or rest.strip():
        raise InputError(_no_area(area))
    return 1e3 * per_gram * loading / thickness


def _no_area(found: object) -> str:
    return (
        "an area is 'smooth', 'voxel', a number in 1/m, or text in m2/g of carbon such as "
        f"'100 m2/g', found {found!r}"
    )


def model_of(
    cell: Parameters, volume: Volume, axis: str, oxygen: OxygenEnd, current_density: float,
    exponent: float, porous: NanoPorous | None, growth: Growth, electrolyte: Resolution,
    electrons: Resolution, settled: float,
) -> ImageModel:  # fmt: skip
    """The question in SI units.

    Raises
    ------
    InputError
        Rates that hardly depend on oxygen: where none is left they fall too steeply to be found.
    """
    if cell.oxygen_order < LEAST_ORDER:
        raise InputError(
            f"oxygen_order is {cell.oxygen_order:g}, and a discharge in an image needs at least "
            f"{LEAST_ORDER:g}: at lower orders the reaction stops too abruptly where oxygen ends"
        )
    number = "xyz".index(axis)
    sizes = [n * h for n, h in zip(volume.shape, volume.spacing, strict=True)]
    cross_section = math.prod(sizes) / sizes[number]
    conductivity = cell.electronic_conductivity if electrons == "resolved" else math.inf
    return ImageModel(
        cell, number, oxygen, current_density, cross_section, exponent, porous, growth,
        electrolyte, conductivity, settled=settled,
    )  # fmt: skip


def kinds_of(
    volume: Volume, pore: str, carbon: str | tuple[str, ...], porous: NanoPorous | None
) -> NDArray[np.uint8]:
    """What every voxel is at the start."""
    names = (carbon,) if isinstance(carbon, str) else tuple(carbon)
    if not names:
        raise InputError("no phase is named as carbon; name at least one")
    if pore in names:
        raise InputError(f"{pore!r} cannot be both the pores and the carbon; name another phase")
    table = np.full(int(volume.labels.max()) + 1, INERT, np.uint8)
    solid = CARBON if porous is None else POROUS
    for name, what in ((pore, PORE), *((one, solid) for one in names)):
        present = [label for label in volume.label_values(name) if label < len(table)]
        table[present] = what
    return np.ascontiguousarray(table[volume.labels])


def of_image(
    cell: Parameters, volume: Volume, kind: NDArray[np.uint8], axis: int, porous: NanoPorous | None
) -> Parameters:
    """Parameters with the porosity and the thickness of the image."""
    inside = 0.0 if porous is None else porous.porosity
    porosity = float((kind == PORE).mean() + inside * (kind == POROUS).mean())
    if not 0.0 < porosity < 1.0:
        raise InputError(
            f"the pores are {porosity:.3g} of the image, and a cathode has pores and carbon; name "
            "other phases"
        )
    thickness = volume.shape[axis] * volume.spacing[axis]
    # Tables of another image say nothing of this one, whose own structure is what counts.
    laws: dict[str, Any] = {}
    if isinstance(cell.structure, AreaTable):
        laws["structure"] = "fibres"
    if isinstance(cell.transport, TransportTable):
        laws["transport"] = "tortuosity"
    return cell.replace(porosity=porosity, cathode_thickness=thickness, **laws)


def loading_of(cell: Parameters, kind: NDArray[np.uint8], porous: NanoPorous | None) -> float:
    """Carbon per cross-section of an image [kg/m2]."""
    inside = math.nan if porous is None else porous.porosity
    return carbon_loading(kind, inside, cell.carbon_density, cell.cathode_thickness)


def begin_image(
    model: ImageModel, volume: Volume, kind: NDArray[np.uint8], sides: Sides, area: SiteArea
) -> Deposit:
    """The image without product, with its nuclei where particles can grow."""
    inside = model.porous
    deposit = begin(
        kind, volume.spacing, model.axis, sides, area,
        porous_porosity=math.nan if inside is None else inside.porosity,
        porous_area=math.nan if inside is None else inside.area,
    )  # fmt: skip
    flags = ends_reached(model, deposit)
    for bit, name in ((_bit(model.oxygen), "oxygen"), (_bit(_other(model.oxygen)), "separator")):
        if not (flags & bit).any():
            raise InputError(f"no pore reaches the {name}'s end of the image; choose another axis")
    through = flags == LOW | HIGH
    if not through.any():
        raise InputError(
            "no pore reaches from the separator to the oxygen, so that nothing can react; choose "
            "another axis"
        )
    if model.growth.solution_share == 0.0:
        return deposit
    fed = through.ravel()[deposit.sites.voxel]
    places = deposit.sites.take(np.flatnonzero(fed))
    return with_nuclei(deposit, scatter_nuclei(places, model.growth.nuclei, model.growth.seed))


def _bit(end: str) -> int:
    return HIGH if end == "high" else LOW


def _other(end: str) -> str:
    return "low" if end == "high" else "high"


def warn_if_coarse(cell: Parameters, volume: Volume) -> None:
    longest = max(volume.spacing)
    if cell.film in ("tunnelling", "both") and longest > COARSE * cell.tunnelling_thickness:
        warnings.warn(
            f"voxels of {longest * 1e9:.3g} nm are {longest / cell.tunnelling_thickness:.2g} times "
            f"the film of {cell.tunnelling_thickness * 1e9:.3g} nm that stops electrons; films "
            "have their true thickness, but voxels never fill, and pores stay open",
            stacklevel=3,
        )


def settings_of(
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
