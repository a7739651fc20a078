"""The ionic resistance of an electrode from its spectrum, as an experimentalist would find it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from meshing.errors import InputError
from twin.complex_fit import Complexes, Found, Unknown, Weighting, fit, guess
from twin.spectrum import Spectrum
from twin.tables import text_table
from twin.transmission_line import Cell, cell_impedance, check_not_negative, line_impedance
from twin.wall import Wall, positive_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Element = Literal["capacitor", "CPE"]


@dataclass(frozen=True, eq=False)
class TransmissionLineFit:
    """A transmission line that was fitted to a spectrum.

    Attributes
    ----------
    spectrum : Spectrum
        What was fitted, in the range of frequencies that was used.
    ionic_resistance : float
        R_ion of one electrode, in the unit of the spectrum, [Ohm m2] or [Ohm].
    wall : Wall
        The walls of one electrode, per area of the electrode, or of all of it where the spectrum
        is in Ohm.
    series_resistance : float
        R_0, or the separator of a symmetric cell, in the unit of the spectrum.
    inductance : float
        L of the leads [H m2] or [H].
    electronic_resistance : float
        R_e of one electrode as it was given, in the unit of the spectrum.
    standard_errors : mapping of str to float
        Of each number that was sought; nan where it ended at its bound.
    residual : float
        Root mean square of the relative distance ``|Z_fit - Z| / |Z|``.
    weighting : str or float
        Which it was.
    cell : str
        ``"electrode"`` or ``"symmetric"``.

    Examples
    --------
    >>> import numpy as np, twin
    >>> f = np.geomspace(0.1, 1e5, 40)
    >>> measured = twin.transmission_line(f, 2e-3, twin.Wall(60.0, 0.9), separator_resistance=5e-4)
    >>> found = twin.fit_transmission_line(measured, element="CPE")
    >>> round(found.ionic_resistance, 8), round(found.wall.exponent, 6)
    (0.002, 0.9)
    """

    spectrum: Spectrum
    ionic_resistance: float
    wall: Wall
    series_resistance: float
    inductance: float
    electronic_resistance: float
    standard_errors: Mapping[str, float]
    residual: float
    weighting: Weighting | float
    cell: Cell

    @property
    def ionic_resistance_error(self) -> float:
        """Standard error of the ionic resistance, in its unit."""
        return self.standard_errors["ionic_resistance"]

    def ratio(self, limit: float) -> float:
        """The fitted ionic resistance over another one, such as the low-frequency limit.

        Parameters
        ----------
        limit : float
            Ionic resistance of one electrode, in the unit of the spectrum.

        Returns
        -------
        float
        """
        if not (math.isfinite(limit) and limit > 0.0):
            raise InputError(f"the ionic resistance to compare with is positive, found {limit!r}")
        return self.ionic_resistance / limit

    def tortuosity_factor(self, porosity: float, thickness: float, conductivity: float) -> float:
        """Electrode tortuosity factor tau_e = eps R_ion kappa / L.

        Parameters
        ----------
        porosity : float
            eps of the electrode.
        thickness : float
            L of one electrode [m].
        conductivity : float
            kappa of the electrolyte [S/m].

        Returns
        -------
        float

        Raises
        ------
        InputError
            Where the spectrum is in Ohm and the area is not known.
        """
        if self.spectrum.unit != "Ohm m2":
            raise InputError(
                "a tortuosity factor needs the area of the electrode; give the spectrum its area "
                "by with_area"
            )
        return porosity * self.ionic_resistance * conductivity / thickness

    def simulated(self, frequency: ArrayLike | None = None) -> Spectrum:
        """The spectrum of what was fitted.

        Parameters
        ----------
        frequency : array_like, optional
            [Hz]; those of the measurement by default.

        Returns
        -------
        Spectrum
        """
        f = self.spectrum.frequency if frequency is None else positive_frequency(frequency)
        z = cell_impedance(
            line_impedance(
                self.ionic_resistance, self.wall.admittance(f), self.electronic_resistance
            ),
            self.cell,
        )
        z = z + self.series_resistance + 2j * np.pi * f * self.inductance
        name = "TLM-C" if self.wall.exponent == 1.0 else "TLM-Q"
        return Spectrum(f, z, self.spectrum.area, self.spectrum.unit, f"{name}, fitted")

    def summary(self) -> str:
        """A few lines of text: what was fitted, and each number with its standard error."""
        unit, per = self.spectrum.unit, "/m2" if self.spectrum.unit == "Ohm m2" else ""
        farad = "F" if self.wall.exponent == 1.0 else "S s^n"
        units = {"ionic_resistance": unit, "capacitance": farad + per, "exponent": "-"}
        units |= {"charge_transfer_resistance": unit, "series_resistance": unit}
        units["inductance"] = "H m2" if per else "H"
        numbers = self._numbers()
        rows = [
            [name, f"{numbers[name]:.6g}", f"{error:.2g}", units[name]]
            for name, error in self.standard_errors.items()
        ]
        s = self.spectrum
        name = f"'{s.label}'" if s.label else "a spectrum"
        title = (
            f"Transmission line fitted to {name}: {len(s)} frequencies, "
            f"{s.frequency.min():.4g} to {s.frequency.max():.4g} Hz, weighting {self.weighting}"
        )
        table = text_table(["", "value", "standard error", "unit"], rows)
        return f"{title}\n\n{table}\n\nroot mean square of |dZ|/|Z|: {self.residual:.2e}"

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "unit": self.spectrum.unit,
            "cell": self.cell,
            "weighting": self.weighting,
            "lowest_frequency": float(self.spectrum.frequency.min()),
            "highest_frequency": float(self.spectrum.frequency.max()),
            **self._numbers(),
            "electronic_resistance": self.electronic_resistance,
            "standard_errors": dict(self.standard_errors),
            "residual": self.residual,
        }

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the spectrum and what was fitted, as `Spectrum.plot` does.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        return self.spectrum.plot(
            path,
            self.simulated(),
            ionic_resistance=self.ionic_resistance,
            series_resistance=self.series_resistance,
            electrodes=2 if self.cell == "symmetric" else 1,
        )

    def _numbers(self) -> dict[str, float]:
        return {
            "ionic_resistance": self.ionic_resistance,
            "capacitance": self.wall.capacitance,
            "exponent": self.wall.exponent,
            "charge_transfer_resistance": self.wall.charge_transfer_resistance,
            "series_resistance": self.series_resistance,
            "inductance": self.inductance,
        }


def fit_transmission_line(
    spectrum: Spectrum,
    *,
    element: Element = "CPE",
    weighting: Weighting | float = "modulus",
    frequency_range: tuple[float, float] = (0.0, math.inf),
    cell: Cell = "electrode",
    electronic_resistance: float = 0.0,
    series_resistance: bool = True,
    charge_transfer: bool = False,
    inductance: bool = False,
) -> TransmissionLineFit:
    r"""Fit a homogeneous transmission line to a spectrum.

    Complex nonlinear least squares: the smallest

    .. math::

        \sum_k \frac{|Z_\mathrm{line}(\omega_k) - Z_k|^2}{|Z_k|^p}

    over R_ion, Q, optionally gamma, R_ct, a series resistance and an inductance. Of a homogeneous
    electrode every weighting finds the same. Of a real one, or of one resolved in 3D, the answer
    depends on the weighting and on the range of frequencies, because no line goes through all
    points; the low-frequency limit is what defines the electrode tortuosity factor, and the fit is
    what a measurement would have given.

    Parameters
    ----------
    spectrum : Spectrum
        What was measured, or simulated.
    element : str
        The double layer: ``"capacitor"`` (TLM-C) or ``"CPE"``, a constant-phase element (TLM-Q).
    weighting : str or float
        ``"unit"``: p = 0, in which low frequencies rule. ``"modulus"``: p = 2, the relative error
        of Z. ``"proportional"``: the relative errors of Re Z and of Im Z each. A number: p itself,
        as in eq. 8 of Nguyen et al. (who divide by the magnitude of the simulated Z).
    frequency_range : tuple of two floats
        Lowest and highest frequency that count [Hz]; all by default.
    cell : str
        ``"electrode"``, or ``"symmetric"`` for two equal electrodes: Z = R_0 + 2 Z_electrode.
    electronic_resistance : float
        R_e of the solid of one electrode where it is known, in the unit of the spectrum. A spectrum
        cannot tell it from the ionic resistance: both rails may be swapped.
    series_resistance, charge_transfer, inductance : bool
        Whether R_0, a charge-transfer resistance of the walls, and the inductance of the leads are
        sought as well; R_0 and the inductance are 0 and the walls block where they are not.

    Returns
    -------
    TransmissionLineFit

    Raises
    ------
    InputError
        Too few frequencies, an unknown element, cell or weighting, no convergence.

    References
    ----------
    Nguyen et al., npj Comput. Mater. 6 (2020) 123, doi:10.1038/s41524-020-00386-4

    Examples
    --------
    >>> import numpy as np, twin
    >>> measured = twin.transmission_line(np.geomspace(1, 1e5, 30), 2e-3, twin.Wall(10.0))
    >>> found = twin.fit_transmission_line(measured, element="capacitor", weighting="unit")
    >>> round(found.ratio(2e-3), 4)
    1.0
    """
    if element not in ("capacitor", "CPE"):
        raise InputError(f"the element is 'capacitor' or 'CPE', found {element!r}")
    cell_impedance(0.0, cell)  # raises where there is no such cell
    check_not_negative("electronic", electronic_resistance)
    used = spectrum.between(*frequency_range)
    unknowns = _unknowns(
        used,
        cell,
        {
            "exponent": element == "CPE",
            "charge_transfer_resistance": charge_transfer,
            "series_resistance": series_resistance,
            "inductance": inductance,
        },
    )

    def model(v: Mapping[str, float]) -> Complexes:
        y = wall_of(v).admittance(used.frequency)
        z = cell_impedance(line_impedance(v["ionic_resistance"], y, electronic_resistance), cell)
        lead = 2j * np.pi * used.frequency * v.get("inductance", 0.0)
        return np.asarray(z + v.get("series_resistance", 0.0) + lead)

    found = fit(used, model, unknowns, weighting)
    return _result(used, found, electronic_resistance, weighting, cell)


def _unknowns(spectrum: Spectrum, cell: Cell, wanted: Mapping[str, bool]) -> list[Unknown]:
    """What is sought, with guesses of each."""
    g = guess(spectrum, cell)
    found = [
        Unknown("ionic_resistance", (3.0 * g.rise, g.rise, 0.1 * g.rise)),
        Unknown("capacitance", (g.capacitance, 0.5 * g.capacitance)),
    ]
    optional = (
        Unknown("exponent", (0.97, 0.85), scale=1.0, upper=1.0),
        Unknown("charge_transfer_resistance", (g.charge_transfer_resistance,)),
        Unknown("series_resistance", (g.series_resistance,), scale=g.rise),
        Unknown("inductance", (0.1 * g.inductance,), scale=g.inductance),
    )
    return [*found, *(unknown for unknown in optional if wanted[unknown.name])]


def wall_of(values: Mapping[str, float]) -> Wall:
    """The wall of unknowns by their names; what is not among them blocks or is a capacitor.

    Examples
    --------
    >>> from twin.spectrum_fit import wall_of
    >>> wall_of({"capacitance": 0.2, "exponent": 0.9})
    Wall(capacitance=0.2, exponent=0.9, charge_transfer_resistance=inf)
    """
    return Wall(
        values["capacitance"],
        values.get("exponent", 1.0),
        values.get("charge_transfer_resistance", math.inf),
    )


def _result(
    spectrum: Spectrum,
    found: Found,
    electronic_resistance: float,
    weighting: Weighting | float,
    cell: Cell,
) -> TransmissionLineFit:
    values = found.values
    return TransmissionLineFit(
        spectrum,
        values["ionic_resistance"],
        wall_of(values),
        values.get("series_resistance", 0.0),
        values.get("inductance", 0.0),
        electronic_resistance,
        found.standard_errors,
        found.residual,
        weighting,
        cell,
    )
