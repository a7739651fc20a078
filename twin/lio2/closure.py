"""What a discharge in an image tells the model across the thickness: area and transport."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.lio2.laws import AreaTable, TransportTable
from twin.lio2.parameters import Parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

#: Columns of a closure with their units.
COLUMNS: Final[Mapping[str, str]] = {
    "product": "-",
    "porosity": "-",
    "relative_diffusivity": "-",
    "tortuosity_factor": "-",
    "area": "1/m",
    "coverage": "-",
    "capacity": "C/m2",
}


#: Columns that are measured along a discharge.
_MEASURED: Final = ("porosity", "relative_diffusivity", "area", "coverage", "capacity")


#: Where the film of the cell comes from.
FilmFrom = Literal["law", "image"]


@dataclass(frozen=True, eq=False)
class ReactiveArea:
    """Area that would carry the current of an image if no film stood in the way of electrons.

    Carbon under a film, or behind product that closed its pore, counts with the share of electrons
    that pass. Nothing is taken to be even: a few thin places beside thick particles stay so.

    Attributes
    ----------
    product : volume of Li2O2 over that of the image, rising from 0 [-], at every step.
    area : over the volume of the image [1/m].

    Examples
    --------
    >>> import numpy as np
    >>> from twin.lio2.closure import ReactiveArea
    >>> ReactiveArea(np.array([0.0, 0.1]), np.array([2e7, 1e7])).continued(0.8).area.round()[:4]
    array([20000000., 10000000.,  3678794.,  1353353.])
    """

    product: Array
    area: Array

    def continued(self, porosity: float) -> ReactiveArea:
        """With rows beyond the last one, where the area falls on as it did over the last part.

        A discharge ends where the area falls steeply. Without these rows a model that comes there
        with a little less loss would find the area to stay.

        Parameters
        ----------
        porosity : without product; rows end there.
        """
        early = int(np.searchsorted(self.product, (1.0 - _LAST_PART) * self.product[-1])) - 1
        early = max(early, 0)
        width = float(self.product[-1] - self.product[early])
        fall = math.log(self.area[early] / self.area[-1])
        if not (width > 0.0 and fall > 0.0):
            return self
        folds = np.arange(1.0, _FOLDS + 1.0)
        product = self.product[-1] + folds * width / fall
        inside = product < porosity
        return ReactiveArea(
            np.concatenate([self.product, product[inside]]),
            np.concatenate([self.area, (self.area[-1] * np.exp(-folds))[inside]]),
        )


#: The last part of the product, over which the fall of the area is taken, and how many e-folds on.
_LAST_PART: Final = 0.1
_FOLDS: Final = 12


@dataclass(frozen=True, eq=False)
class Closure:
    """Transport and area of an image against the product in it, in the order of the discharge.

    Attributes
    ----------
    product : volume of Li2O2 over that of the image [-], rising from 0.
    porosity : of the pores that product has left [-].
    relative_diffusivity : D_eff / D; 0 where no pore leads through any more.
    area : area of the carbon that no particle covers, over the volume [1/m].
    coverage : share of the carbon's area under product [-].
    capacity : charge over the cross-section [C/m2].
    solution_share : share of the product that grew as particles, and not as a film [-].
    reactive : area that carries the current, at every step; None where it was not found.
    source : where it comes from, in words.

    Examples
    --------
    >>> import numpy as np, twin
    >>> closure = twin.lio2.Closure(
    ...     product=np.array([0.0, 0.2, 0.4]), porosity=np.array([0.8, 0.6, 0.4]),
    ...     relative_diffusivity=np.array([0.67, 0.4, 0.0]), area=np.array([2e7, 1.8e7, 1e7]),
    ...     coverage=np.array([0.0, 0.9, 1.0]), capacity=np.array([0.0, 5e3, 1e4]))
    >>> cell = closure.into("Su2021_ch6")
    >>> len(cell.transport.porosity), len(cell.structure.porosity)
    (2, 3)
    """

    product: Array
    porosity: Array
    relative_diffusivity: Array
    area: Array
    coverage: Array
    capacity: Array
    solution_share: float = 0.0
    reactive: ReactiveArea | None = None
    source: str = "discharge in an image"

    def __post_init__(self) -> None:
        counts = {name: len(getattr(self, name)) for name in ("product", *_MEASURED)}
        if len(set(counts.values())) > 1 or not self.product.size:
            raise InputError(f"a closure has columns of one length, found {counts}")
        if not 0.0 <= self.solution_share <= 1.0:
            raise InputError(
                f"solution_share is a share between 0 and 1, found {self.solution_share!r}"
            )

    @classmethod
    def of_transport(
        cls,
        transport: Mapping[str, Array],
        solution_share: float = 0.0,
        reactive: ReactiveArea | None = None,
        source: str = "discharge in an image",
    ) -> Closure:
        """The closure in what was measured along a discharge.

        Parameters
        ----------
        transport : the arrays of `ImageDischarge.transport`.
        solution_share, reactive, source : as the attributes.

        Returns
        -------
        Closure
        """
        return cls(
            product=transport["filling"] * transport["porosity"][0],
            solution_share=solution_share,
            reactive=reactive,
            source=source,
            **{name: transport[name] for name in _MEASURED},
        )

    @property
    def tortuosity_factor(self) -> Array:
        """porosity D / D_eff [-]; inf where no pore leads through."""
        open_ = self.relative_diffusivity > 0.0
        out = np.full(len(self.product), math.inf)
        out[open_] = self.porosity[open_] / self.relative_diffusivity[open_]
        return out

    @property
    def conducting(self) -> NDArray[np.bool_]:
        """Rows at which a pore leads through, and to which product was added since the last."""
        return self._used(self.relative_diffusivity)

    @property
    def reacting(self) -> NDArray[np.bool_]:
        """Rows at which any area is left, and to which product was added since the last."""
        return self._used(self.area)

    @property
    def exponent(self) -> float:
        """Archie's exponent of the image without product: ln(D_eff / D) / ln(porosity)."""
        return math.log(self.relative_diffusivity[0]) / math.log(self.porosity[0])

    def into(
        self,
        parameters: Parameters | str = "Su2021_ch6",
        film: FilmFrom | None = None,
        **changes: Any,
    ) -> Parameters:
        """A cell whose porosity, transport and wall area follow this image as product fills it.

        Rows at which no pore leads through are left out of the table of transport, whose last
        power goes on below its last row, and rows without area out of the table of areas. The
        sources of the parameters say how many.

        Parameters
        ----------
        parameters : the cell, or the name of a set, that all other values are taken from.
        film : "law": the area is that of the carbon which no particle covers, and the film on it
            stops electrons by the law of the parameters. In the model across the thickness a film
            is product over area; where a share of the product grows as particles its law is
            stretched by 1 / (1 - share), and where all of it does there is no film. "image": the
            area is the reactive one of the image, in which its uneven film is counted, and there is
            no other film. By default "image" for particles where it was found, else "law".
        changes : other values to change, as for `Parameters.replace`.

        Returns
        -------
        Parameters

        Raises
        ------
        InputError
            When the image without product has no pore that leads through, or no area, or its
            reactive area was not found.
        """
        base = parameters if isinstance(parameters, Parameters) else Parameters.of(parameters)
        for name, rows in (("pore that leads through", self.conducting), ("area", self.reacting)):
            if not rows[0]:
                raise InputError(
                    f"the image has no {name} before any product, so it cannot be a cathode"
                )
        if film is None:
            found = self.reactive is not None and self.solution_share > 0.0
            film = "image" if found else "law"
        values = {**self._tables(film), **_film(base, film, self.solution_share)}
        sources = {name: self._said(name, film) for name in values if name not in changes}
        changed = base.replace(**{**values, **changes})
        return replace(changed, sources={**changed.sources, **sources})

    def to_csv(self, path: str | Path) -> Path:
        """Write the table, one row for each measurement.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.files import save_csv
        from twin.lio2.image_report import rows

        return save_csv(path, rows({name: getattr(self, name) for name in COLUMNS}, COLUMNS))

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw D_eff / D and area against the product, with Archie's law of the empty image.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.lio2.closure_plots import closure_figure

        return saved(closure_figure(self), path)

    def _used(self, values: Array) -> NDArray[np.bool_]:
        return _usable(self._left, values)

    @property
    def _left(self) -> Array:
        """Porosity without product, less product: what the model across the thickness calls so."""
        return np.asarray(self.porosity[0] - self.product)

    def _tables(self, film: FilmFrom) -> dict[str, Any]:
        porosity = float(self._left[0])
        left, area = self._left, self.area
        if film == "image":
            if self.reactive is None:
                raise InputError(
                    "this closure has no reactive area; give film='law', or take the closure of a "
                    "discharge in an image"
                )
            fine = self.reactive.continued(porosity)
            left, area = porosity - fine.product, fine.area
        return {
            "porosity": porosity,
            # Never below 1 (Wiener's bound); straight channels are a rounding away from it.
            "tortuosity": max(1.0, porosity / float(self.relative_diffusivity[0])),
            "structure": AreaTable(*_rows_of(left, area)),
            "transport": TransportTable(*_rows_of(self._left, self.relative_diffusivity)),
        }

    def _said(self, name: str, film: FilmFrom) -> str:
        if name == "structure" and film == "image":
            return f"{self.source}; area that carries its current"
        lost = {"transport": self.relative_diffusivity, "structure": self.area}
        if name in lost and (count := int(np.sum(lost[name] <= 0.0))):
            what = "a path through the pores" if name == "transport" else "area"
            return f"{self.source}; {count} row{'s'[: count > 1]} without {what} left out"
        if name in ("porosity", "tortuosity", "structure", "transport"):
            return self.source
        if film == "image":
            return f"{self.source}; its film is in its area"
        return f"a film of {1.0 - self.solution_share:g} of the product, the rest in particles"


def _usable(left: Array, values: Array) -> NDArray[np.bool_]:
    """Rows with a value above zero and less porosity than all before, up to the first zero."""
    lost = np.concatenate([[math.inf], np.minimum.accumulate(left)[:-1]])
    dead = np.logical_or.accumulate(values <= 0.0)
    return np.asarray((left < lost) & (left > 0.0) & ~dead)


def _rows_of(left: Array, values: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rows = _usable(left, values)
    return tuple(left[rows].tolist()), tuple(values[rows].tolist())


def _film(p: Parameters, film: FilmFrom, solution_share: float) -> dict[str, Any]:
    """Laws of the film that hold for a share of the product, in terms of all of it."""
    if film == "image" or solution_share == 1.0:
        return {"film": "none"}
    if solution_share == 0.0:
        return {}
    share = 1.0 - solution_share
    return {
        "tunnelling_thickness": p.tunnelling_thickness / share,
        "tunnelling_width": p.tunnelling_width / share,
        "film_resistivity": p.film_resistivity * share,
    }
