"""The walls of an image, and the conductivity of its electrolyte, from a measured spectrum."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meshing.errors import InputError
from twin.complex_fit import Complexes, Found, Unknown, Weighting, fit, guess
from twin.spectrum import Spectrum
from twin.spectrum_fit import Element, wall_of
from twin.tables import text_table
from twin.transmission_line import Cell, cell_impedance
from twin.wall import Wall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from twin.impedance_results import Impedance

#: Frequencies [Hz], wall by its own area, conductivity [S/m] -> Z of one electrode [Ohm m2].
Geometry = Callable[[NDArray[np.float64], Wall, float], ArrayLike]

_UNITS = {
    "capacitance": "F/m2",
    "exponent": "-",
    "charge_transfer_resistance": "Ohm m2",
    "conductivity": "S/m",
    "series_resistance": "Ohm m2",
}


@dataclass(frozen=True, eq=False)
class WallFit:
    """What the walls of an image must be for its spectrum to lie on a measured one.

    Attributes
    ----------
    measured : Spectrum
        In the range of frequencies that was used.
    simulated : Spectrum
        With the numbers that were found, at the same frequencies.
    wall : Wall
        Per area of the walls of the image.
    conductivity : float
        Of the electrolyte [S/m], found or given.
    series_resistance : float
        In front of the electrode, or between the two of a symmetric cell [Ohm m2].
    standard_errors : mapping of str to float
        Of each number that was sought; nan where it ended at its bound.
    residual : float
        Root mean square of the relative distance of both spectra.
    weighting : str or float
        Which it was.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.transmission_line import line_impedance
    >>> def pores(frequency, wall, conductivity):  # an electrode of 50 um with 60 m2 of wall per m2
    ...     return line_impedance(2e-4 / conductivity, 60.0 * wall.admittance(frequency))
    >>> f = np.geomspace(0.1, 1e5, 40)
    >>> measured = twin.Spectrum(f, 3e-4 + pores(f, twin.Wall(0.08), 0.5))
    >>> found = twin.fit_wall(measured, pores)
    >>> round(found.wall.capacitance, 6), round(found.conductivity, 6)
    (0.08, 0.5)
    """

    measured: Spectrum
    simulated: Spectrum
    wall: Wall
    conductivity: float
    series_resistance: float
    standard_errors: Mapping[str, float]
    residual: float
    weighting: Weighting | float

    def summary(self) -> str:
        """A few lines of text: each number with its standard error."""
        numbers = self._numbers()
        rows = [
            [name, f"{numbers[name]:.6g}", f"{error:.2g}", self._unit(name)]
            for name, error in self.standard_errors.items()
        ]
        f = self.measured.frequency
        name = f"'{self.measured.label}'" if self.measured.label else "a spectrum"
        title = (
            f"Walls fitted to {name}: {len(f)} frequencies, "
            f"{f.min():.4g} to {f.max():.4g} Hz, weighting {self.weighting}"
        )
        table = text_table(["", "value", "standard error", "unit"], rows)
        return f"{title}\n\n{table}\n\nroot mean square of |dZ|/|Z|: {self.residual:.2e}"

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "weighting": self.weighting,
            **self._numbers(),
            "standard_errors": dict(self.standard_errors),
            "residual": self.residual,
        }

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw both spectra, as `Spectrum.plot` does.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        return self.measured.plot(path, self.simulated)

    def _unit(self, name: str) -> str:
        return "S s^n/m2" if name == "capacitance" and self.wall.exponent < 1 else _UNITS[name]

    def _numbers(self) -> dict[str, float]:
        return {
            "capacitance": self.wall.capacitance,
            "exponent": self.wall.exponent,
            "charge_transfer_resistance": self.wall.charge_transfer_resistance,
            "conductivity": self.conductivity,
            "series_resistance": self.series_resistance,
        }


def fit_wall(
    measured: Spectrum,
    geometry: Geometry | Impedance,
    *,
    element: Element = "capacitor",
    conductivity: float | None = None,
    weighting: Weighting | float = "modulus",
    frequency_range: tuple[float, float] = (0.0, math.inf),
    cell: Cell = "electrode",
    series_resistance: bool = True,
    charge_transfer: bool = False,
) -> WallFit:
    """Find the walls with which the spectrum of an image lies on a measured one.

    The geometry is kept; what the image does not know is sought: the capacitance of the walls, the
    conductivity of the electrolyte unless it is given, and what is in series.

    Parameters
    ----------
    measured : Spectrum
        In Ohm m2, or with its area.
    geometry : Impedance or callable
        What `twin.impedance` found for the image, whose solves serve other walls as well; or a
        function that gives Z of one electrode [Ohm m2] from frequencies [Hz], a `Wall` by the area
        of the walls, and a conductivity [S/m].
    element : str
        The double layer: ``"capacitor"`` or ``"CPE"``.
    conductivity : float, optional
        Of the electrolyte [S/m], where it is known.
    weighting, frequency_range, cell, series_resistance, charge_transfer
        As for `twin.fit_transmission_line`.

    Returns
    -------
    WallFit

    Raises
    ------
    InputError
        A spectrum in Ohm without its area, too few frequencies, an unknown element, cell or
        weighting, a conductivity that is not positive, no convergence.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.transmission_line import line_impedance
    >>> def pores(f, wall, kappa):
    ...     return line_impedance(1e-4 / kappa, 60.0 * wall.admittance(f))
    >>> f = np.geomspace(1, 1e6, 30)
    >>> measured = twin.Spectrum(f, pores(f, twin.Wall(0.1, exponent=0.9), 1.0))
    >>> found = twin.fit_wall(measured, pores, element="CPE", conductivity=1.0)
    >>> round(found.wall.exponent, 6)
    0.9
    """
    if element not in ("capacitor", "CPE"):
        raise InputError(f"the element is 'capacitor' or 'CPE', found {element!r}")
    if conductivity is not None and not (math.isfinite(conductivity) and conductivity > 0.0):
        raise InputError(f"the conductivity is positive [S/m], found {conductivity!r}")
    used = replace(measured, impedance=measured.ohm_m2, unit="Ohm m2").between(*frequency_range)
    pores = geometry if callable(geometry) else geometry_of(geometry)

    def model(v: Mapping[str, float]) -> Complexes:
        kappa = v["conductivity"] if conductivity is None else conductivity
        z = np.asarray(pores(used.frequency, wall_of(v), kappa), dtype=np.complex128)
        return cell_impedance(z, cell, v.get("series_resistance", 0.0))

    wanted = {
        "exponent": element == "CPE",
        "charge_transfer_resistance": charge_transfer,
        "conductivity": conductivity is None,
        "series_resistance": series_resistance,
    }
    unknowns = _unknowns(used, pores, cell, wanted, conductivity)
    found = fit(used, model, unknowns, weighting)
    return _result(used, found, model(found.values), conductivity, weighting)


def geometry_of(impedance: Impedance) -> Geometry:
    """Z of one electrode of an image with any walls and conductivity, from the solves of one.

    The walls of all reactive phases are alike in it; a contact with the collector and the
    resistance of the solid stay as they were.

    Parameters
    ----------
    impedance : what `twin.impedance` found.

    Returns
    -------
    callable
        As `fit_wall` takes it.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.wall_fit import geometry_of
    >>> labels = np.ones((3, 3, 20), np.uint8)
    >>> labels[1, 1] = 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> z = twin.impedance(volume, "pore", capacitance=0.1)
    >>> again = geometry_of(z)(z.frequency, twin.Wall(0.1), 1.0)
    >>> bool(np.allclose(again, z.spectrum.impedance))
    True
    """

    def pores(frequency: NDArray[np.float64], wall: Wall, conductivity: float) -> Complexes:
        alike = replace(
            impedance.with_walls(wall),
            conductivity=conductivity,
            cell="electrode",
            separator_resistance=0.0,
        )
        return alike.at(frequency).impedance

    return pores


def _unknowns(
    spectrum: Spectrum,
    geometry: Geometry,
    cell: Cell,
    wanted: Mapping[str, bool],
    conductivity: float | None,
) -> list[Unknown]:
    """What is sought; the geometry with a unit wall tells its wall area and its resistance."""
    g = guess(spectrum, cell)
    kappa = conductivity or 1.0
    f = np.array([spectrum.frequency.min()])
    unit = np.asarray(geometry(f, Wall(1.0), kappa))[0]
    area = 1.0 / (2.0 * np.pi * f[0] * abs(unit.imag))
    trial = Wall(g.capacitance / area)
    pores = 3.0 * float(np.ptp(np.asarray(geometry(spectrum.frequency, trial, kappa)).real))
    optional = (
        Unknown("exponent", (0.97, 0.85), scale=1.0, upper=1.0),
        Unknown("charge_transfer_resistance", (g.charge_transfer_resistance * area,)),
        Unknown("conductivity", (kappa * pores / (3.0 * g.rise), kappa * pores / g.rise)),
        Unknown("series_resistance", (g.series_resistance,), scale=g.rise),
    )
    found = Unknown("capacitance", (trial.capacitance, 0.5 * trial.capacitance))
    return [found, *(unknown for unknown in optional if wanted[unknown.name])]


def _result(
    measured: Spectrum,
    found: Found,
    impedance: Complexes,
    conductivity: float | None,
    weighting: Weighting | float,
) -> WallFit:
    values = found.values
    return WallFit(
        measured,
        replace(measured, impedance=impedance, label="simulated, walls fitted", measured=False),
        wall_of(values),
        values["conductivity"] if conductivity is None else conductivity,
        values.get("series_resistance", 0.0),
        found.standard_errors,
        found.residual,
        weighting,
    )
