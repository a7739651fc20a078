"""What an image says of a cathode: porosity, tortuosity factor, wall area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from meshing.errors import InputError
from twin.lio2.laws import PowerArea, Structure

if TYPE_CHECKING:
    from meshing.volume import Volume


@dataclass(frozen=True)
class Measured:
    """Values of parameters, and where they come from.

    Attributes
    ----------
    values : by the names of the parameters.
    source : in words.
    """

    values: Mapping[str, Any]
    source: str


def measure(
    volume: Volume,
    pore: str,
    carbon: str | tuple[str, ...] | None,
    axis: str,
    structure: Structure,
) -> Measured:
    """Porosity, tortuosity factor and wall area of an image.

    Parameters
    ----------
    volume : the image, with a known spacing.
    pore : the phase that carries the electrolyte.
    carbon : phases on which product grows; None for all but the pores.
    axis : "x", "y" or "z", from the separator to the oxygen.
    structure : the law whose radius, or whose area, is to give the area of the image.

    Returns
    -------
    Measured

    Raises
    ------
    InputError
        Unknown phases, no path through the pores, no wall, an unknown spacing.

    Examples
    --------
    >>> import twin
    >>> from twin.lio2.structure import measure
    >>> image = twin.generate.electrode(shape=(32, 32, 32), spacing="0.5um")
    >>> found = measure(image, "pore", "CBD", "z", "fibres").values
    >>> sorted(found), bool(found["tortuosity"] > 1.0)
    (['porosity', 'radius', 'tortuosity'], True)
    """
    from twin.results import Tortuosity
    from twin.tortuosity import tortuosity

    if not volume.spacing_known:
        raise InputError(
            "the wall area of an image needs the size of its voxels; give the volume a spacing, "
            "such as '50nm'"
        )
    found = tortuosity(volume, pore, axis)
    if not isinstance(found, Tortuosity):
        raise InputError(f"a cathode has one axis, 'x', 'y' or 'z', found {axis!r}")
    if not found.percolates:
        raise InputError(f"the image cannot be a cathode: {found.reason}; choose another axis")
    area = wall_area(volume, pore, carbon)
    # Never below 1 (Wiener's bound); straight channels are a rounding away from it.
    tau = max(1.0, found.tortuosity_factor)
    values: dict[str, Any] = {"porosity": found.volume_fraction, "tortuosity": tau}
    values |= _area_as(structure, area, found.volume_fraction)
    return Measured(values, f"image of {' x '.join(map(str, volume.shape))} voxels, along {axis}")


def wall_area(volume: Volume, pore: str, carbon: str | tuple[str, ...] | None = None) -> float:
    """Smooth area between pores and carbon over the volume of the image [1/m].

    The smooth surface of the pores, times the share of their voxel faces that is shared with
    carbon: voxel faces alone would be too much by half.

    Parameters
    ----------
    volume : the image.
    pore : the phase of the pores.
    carbon : phases on the other side; None for all others.

    Returns
    -------
    float
        The specific area [1/m].

    Raises
    ------
    InputError
        Unknown phases, or pores and carbon that do not touch.

    Examples
    --------
    >>> import twin
    >>> from twin.lio2.structure import wall_area
    >>> image = twin.generate.electrode(shape=(24, 24, 24), spacing="1um")
    >>> bool(0.0 < wall_area(image, "pore", "CBD") < wall_area(image, "pore"))
    True
    """
    from meshing.interfaces import interface
    from meshing.surfaces import surface

    others = tuple(name for name in volume.phases if name != pore)
    wanted = (carbon,) if isinstance(carbon, str) else carbon or others
    if pore in wanted:
        raise InputError(f"{pore!r} cannot be both the pores and the carbon; name another phase")
    if not wanted:
        raise InputError(f"there is no phase beside {pore!r} on which Li2O2 could grow")
    walls = interface(volume, pore, others).area
    shared = interface(volume, pore, wanted).area
    if shared == 0.0:
        raise InputError(f"{pore!r} and {' + '.join(wanted)} do not touch; name another phase")
    smooth = surface(volume, pore, closed=False).area
    size = math.prod(n * h for n, h in zip(volume.shape, volume.spacing, strict=True))
    return smooth * shared / walls / size


def _area_as(structure: Structure, area: float, porosity: float) -> dict[str, Any]:
    """The change of the parameters that gives this area to the law."""
    if isinstance(structure, PowerArea):
        return {"structure": PowerArea(area, structure.exponent)}
    factors = {
        "fibres": -2.0 * porosity * math.log(porosity),
        "spheres": -3.0 * porosity * math.log(porosity),
        "pores": 2.0 * porosity,
    }
    # A table has the area in it.
    return {"radius": factors[structure] / area} if isinstance(structure, str) else {}
