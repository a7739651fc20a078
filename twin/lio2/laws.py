"""How area, film thickness and transport change as the product fills the pores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.kernels.deposit import GRAINS, POWER, TABLE, deposit_geometry, transport_ratio

Array = NDArray[np.float64]


@dataclass(frozen=True)
class AreaTable:
    """Specific area of the pore wall against porosity, as found in an image for example.

    Between the rows the area is linear in the porosity, and it falls to zero with the porosity
    beyond the last row. The thickness of the film is the integral of d eps / a.

    Attributes
    ----------
    porosity : porosities [-], from the pristine one downwards.
    area : specific area of each [1/m], greater than zero.

    Examples
    --------
    >>> import twin
    >>> table = twin.lio2.AreaTable((0.8, 0.4, 0.1), (2.0e7, 1.8e7, 0.6e7))
    >>> table.area[0]
    20000000.0
    """

    porosity: tuple[float, ...]
    area: tuple[float, ...]

    def __post_init__(self) -> None:
        _check_table("an area table", self.porosity, self.area)


@dataclass(frozen=True)
class PowerArea:
    """Specific area a power of the porosity: a = a0 (eps / eps0)^p.

    Attributes
    ----------
    area : specific area a0 without product [1/m].
    exponent : p; 0 for walls whose area does not change, 1/2 for cylindrical pores that close.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.PowerArea(area=2e7, exponent=0.5).exponent
    0.5
    """

    area: float
    exponent: float

    def __post_init__(self) -> None:
        if not (self.area > 0.0 and math.isfinite(self.area) and self.exponent >= 0.0):
            raise InputError(
                f"a power law of the area needs an area greater than zero and an exponent of at "
                f"least 0, found {self.area!r} and {self.exponent!r}"
            )


@dataclass(frozen=True)
class TransportTable:
    """D_eff / D against porosity, as found by steady solves in images for example.

    Between the rows D_eff / D is a power of the porosity; the first power joins (1, 1) to the
    first row, and the last one goes on below the last row.

    Attributes
    ----------
    porosity : porosities [-], falling.
    relative_diffusivity : D_eff / D of each, between 0 and 1.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.TransportTable((0.8, 0.4, 0.1), (0.67, 0.17, 0.01)).porosity
    (0.8, 0.4, 0.1)
    """

    porosity: tuple[float, ...]
    relative_diffusivity: tuple[float, ...]

    def __post_init__(self) -> None:
        _check_table("a transport table", self.porosity, self.relative_diffusivity)
        if max(self.relative_diffusivity) >= 1.0:
            raise InputError(
                "D_eff / D in a transport table is below 1, found "
                f"{max(self.relative_diffusivity)!r}; divide D_eff by the free diffusivity"
            )


#: Grains that grow (fibres, spheres) or cylindrical pores that close, by their radius.
Structure = Literal["fibres", "spheres", "pores"] | PowerArea | AreaTable

#: A power law through porosity and tortuosity factor, exponent 1.5, or a table.
Transport = Literal["tortuosity", "Bruggeman"] | TransportTable


@dataclass(frozen=True, eq=False)
class Growth:
    """Area and film thickness against product volume, as the kernels take it.

    Attributes
    ----------
    porosity : without product.
    law, first, second, table : see `solvers.kernels.deposit`.
    """

    porosity: float
    law: int
    first: float
    second: float
    table: Array

    def __call__(self, product: Array) -> Array:
        """Specific area [1/m], its derivative by the product, film thickness [m]: (n, 3)."""
        out = np.empty((len(product), 3))
        deposit_geometry(product, self.porosity, self.law, self.first, self.second, self.table, out)
        return out


def growth(structure: Structure, porosity: float, radius: float) -> Growth:
    """The law of area and film thickness of a structure.

    Parameters
    ----------
    structure : which law.
    porosity : without product [-].
    radius : of fibres, spheres or pores [m]; not used by tables and powers.

    Returns
    -------
    Growth

    Raises
    ------
    InputError
        Structure of no known name, or a table that does not begin at the porosity.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.lio2.laws import growth
    >>> area, _, film = growth("fibres", 0.83, 8.75e-9)(np.array([0.0]))[0]
    >>> round(float(area) / 1e7, 3), float(film)
    (3.535, 0.0)
    """
    none = np.zeros((2, 3))
    if isinstance(structure, AreaTable):
        return Growth(porosity, TABLE, 0.0, 0.0, _area_rows(structure, porosity))
    if isinstance(structure, PowerArea):
        return Growth(porosity, POWER, structure.area, structure.exponent, none)
    if structure == "pores":
        return Growth(porosity, POWER, 2.0 * porosity / radius, 0.5, none)
    if structure in ("fibres", "spheres"):
        dimension = 2.0 if structure == "fibres" else 3.0
        return Growth(porosity, GRAINS, dimension, radius, none)
    raise InputError(
        f"there is no structure {structure!r}; use 'fibres', 'spheres', 'pores', a PowerArea or "
        "an AreaTable"
    )


def transport_table(transport: Transport, porosity: float, tortuosity: float) -> Array:
    """The law of D_eff / D, as rows of (ln eps, ln D_eff / D) for the kernels.

    Parameters
    ----------
    transport : which law.
    porosity, tortuosity : the point of the image, eps and tau = eps D / D_eff [-].

    Returns
    -------
    ndarray
        (k, 2), the first row (0, 0).

    Raises
    ------
    InputError
        A law of no known name.

    Examples
    --------
    >>> from twin.lio2.laws import transport_table
    >>> rows = transport_table("tortuosity", 0.83, 1.15)
    >>> round(float(rows[1, 1] / rows[1, 0]), 3)
    1.75
    """
    if isinstance(transport, TransportTable):
        eps, ratio = transport.porosity, transport.relative_diffusivity
    elif transport == "tortuosity":
        eps, ratio = (porosity,), (porosity / tortuosity,)
    elif transport == "Bruggeman":
        eps, ratio = (porosity,), (porosity**1.5,)
    else:
        raise InputError(
            f"there is no transport law {transport!r}; use 'tortuosity', 'Bruggeman' or a "
            "TransportTable"
        )
    return np.asarray(np.log(np.array([(1.0, 1.0), *zip(eps, ratio, strict=True)])))


def relative_diffusivity(table: Array, porosity: float, product: Array) -> Array:
    """D_eff / D and its derivative by the product volume, (n, 2).

    Examples
    --------
    >>> import numpy as np
    >>> from twin.lio2.laws import relative_diffusivity, transport_table
    >>> law = transport_table("Bruggeman", 0.81, 1.2)
    >>> round(float(relative_diffusivity(law, 0.81, np.array([0.45]))[0, 0]), 3)
    0.216
    """
    out = np.empty((len(product), 2))
    transport_ratio(product, porosity, table, out)
    return out


def _area_rows(structure: AreaTable, porosity: float) -> Array:
    """Rows of (eps, a, l), the first at the pristine porosity, the last at none."""
    if abs(structure.porosity[0] - porosity) > 1e-6:
        raise InputError(
            f"an area table begins at the porosity without product, {porosity:g}, found "
            f"{structure.porosity[0]:g}; add that row"
        )
    eps = [porosity, *structure.porosity[1:], 0.0]
    area = [*structure.area, 0.0]
    film = [0.0]
    for k in range(len(eps) - 2):
        film.append(film[-1] + (eps[k] - eps[k + 1]) / _log_mean(area[k], area[k + 1]))
    return np.column_stack([eps, area, [*film, math.inf]])


def _log_mean(a: float, b: float) -> float:
    """The mean of a over a linear change for which the integral of 1 / a is exact."""
    return (a - b) / math.log(a / b) if abs(a / b - 1.0) > 1e-6 else 0.5 * (a + b)


def _check_table(what: str, porosity: Sequence[float], values: Sequence[float]) -> None:
    if len(porosity) != len(values) or not porosity:
        raise InputError(
            f"{what} has one value for each porosity, found {len(porosity)} and {len(values)}"
        )
    falling = all(a > b for a, b in pairwise(porosity))
    if not (falling and porosity[-1] > 0.0 and porosity[0] < 1.0 and min(values) > 0.0):
        raise InputError(
            f"{what} has falling porosities between 0 and 1 and values greater than zero, found "
            f"{tuple(porosity)!r} and {tuple(values)!r}"
        )
