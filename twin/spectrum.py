"""An impedance spectrum, simulated or measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.files import save_csv
from twin.tables import text_table
from twin.wall import positive_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Unit = Literal["Ohm m2", "Ohm"]

#: Ohm cm2 in an Ohm m2.
SQUARE_CENTIMETRES: Final = 1e4


@dataclass(frozen=True)
class PhaseMinimum:
    """Where the phase of a spectrum comes nearest to that of a resistance.

    A blocking transmission line goes from 90 degrees at low frequencies to 45 at high ones and
    dips below between them. The dip of a homogeneous line is that of
    `twin.transmission_line.homogeneous_phase_minimum`; a deeper one says that resistance sits
    towards the separator, a shallower one that it sits towards the current collector.

    Attributes
    ----------
    angle : float
        The smallest -phase [degree].
    frequency : float
        Where it is [Hz].
    """

    angle: float
    frequency: float


@dataclass(frozen=True, eq=False)
class Spectrum:
    r"""An impedance at several frequencies, with the time convention e^(+j omega t).

    Attributes
    ----------
    frequency : ndarray of float, (n,)
        [Hz], in any order.
    impedance : ndarray of complex, (n,)
        [Ohm m2], per area of the electrode; [Ohm] where `unit` says so.
    area : float or None
        Cross-section of the electrode [m2]; None where it is not known.
    unit : str
        ``"Ohm m2"``, or ``"Ohm"`` for a measurement on an electrode of unknown area.
    label : str
        What a legend calls it.
    measured : bool
        Whether it was measured, which pictures show as points.

    Raises
    ------
    InputError
        Frequencies that are not positive, an impedance that is not finite, as many frequencies as
        impedances are needed, an area that is not positive.

    Examples
    --------
    >>> import twin
    >>> s = twin.Spectrum([100.0, 1.0], [0.002 - 0.003j, 0.004 - 0.05j], area=1e-4)
    >>> s.ohm_cm2
    array([20. -30.j, 40.-500.j])
    >>> s.ohm[0], s.phase.round(2)
    (np.complex128(20-30j), array([-56.31, -85.43]))
    """

    frequency: Floats
    impedance: Complexes
    area: float | None = None
    unit: Unit = "Ohm m2"
    label: str = ""
    measured: bool = False

    def __post_init__(self) -> None:
        frequency = np.atleast_1d(positive_frequency(self.frequency)).copy()
        impedance = np.atleast_1d(_complex(self.impedance)).copy()
        if frequency.ndim != 1 or frequency.shape != impedance.shape or not frequency.size:
            raise InputError(
                "a spectrum has one impedance for each frequency, found shapes "
                f"{frequency.shape} and {impedance.shape}; give two lists of the same length"
            )
        if not np.isfinite(impedance).all():
            bad = frequency[~np.isfinite(impedance)][0]
            raise InputError(f"the impedance at {bad:g} Hz is not finite; leave the row out")
        if self.area is not None and not (math.isfinite(self.area) and self.area > 0.0):
            raise InputError(f"the area is a positive number in m2, found {self.area!r}")
        if self.unit not in ("Ohm m2", "Ohm"):
            raise InputError(f"the unit is 'Ohm m2' or 'Ohm', found {self.unit!r}")
        for name, values in (("frequency", frequency), ("impedance", impedance)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        """The number of frequencies."""
        return len(self.frequency)

    @property
    def angular_frequency(self) -> Floats:
        """Omega = 2 pi f [1/s]."""
        return 2.0 * np.pi * self.frequency

    @property
    def magnitude(self) -> Floats:
        """Magnitude of Z, in `unit`."""
        return np.abs(self.impedance)

    @property
    def phase(self) -> Floats:
        """Phase of Z [degree], negative for a capacitance."""
        return np.angle(self.impedance, deg=True)

    @property
    def ohm(self) -> Complexes:
        """Z of the whole electrode [Ohm]; raises `InputError` where the area is not known."""
        if self.unit == "Ohm":
            return self.impedance
        return self.impedance / self._known_area("Ohm")

    @property
    def ohm_m2(self) -> Complexes:
        """Z per area [Ohm m2]; raises `InputError` where only Ohm are known."""
        if self.unit == "Ohm m2":
            return self.impedance
        return self.impedance * self._known_area("Ohm m2")

    @property
    def ohm_cm2(self) -> Complexes:
        """Z per area [Ohm cm2]; raises `InputError` where only Ohm are known."""
        return self.ohm_m2 * SQUARE_CENTIMETRES

    def dimensionless(self, ionic_resistance: float) -> Complexes:
        """Z over the ionic resistance of the electrode.

        Parameters
        ----------
        ionic_resistance : float
            R_ion in the unit of the spectrum, [Ohm m2] or [Ohm].

        Returns
        -------
        ndarray of complex
        """
        if not (math.isfinite(ionic_resistance) and ionic_resistance > 0.0):
            raise InputError(f"the ionic resistance is positive, found {ionic_resistance!r}")
        return self.impedance / ionic_resistance

    def with_area(self, area: float) -> Spectrum:
        """The same per area [Ohm m2], of an electrode with this cross-section [m2].

        Parameters
        ----------
        area : float
            Cross-section of the electrode [m2].

        Returns
        -------
        Spectrum
        """
        known = replace(self, area=area)
        return replace(known, impedance=known.ohm_m2, unit="Ohm m2")

    def between(self, low: float = 0.0, high: float = math.inf) -> Spectrum:
        """The part from one frequency to another, both included.

        Parameters
        ----------
        low, high : float
            [Hz].

        Returns
        -------
        Spectrum

        Raises
        ------
        InputError
            When no frequency lies there.
        """
        inside = (self.frequency >= low) & (self.frequency <= high)
        if not inside.any():
            raise InputError(
                f"no frequency lies between {low:g} and {high:g} Hz; the spectrum has "
                f"{self.frequency.min():g} to {self.frequency.max():g} Hz"
            )
        return replace(self, frequency=self.frequency[inside], impedance=self.impedance[inside])

    def rising(self) -> Spectrum:
        """The same with the frequencies in rising order."""
        order = np.argsort(self.frequency, kind="stable")
        return replace(self, frequency=self.frequency[order], impedance=self.impedance[order])

    def phase_minimum(self, series_resistance: float = 0.0) -> PhaseMinimum | None:
        """The smallest -phase between both ends of the spectrum.

        A parabola through the lowest three points refines it.

        Parameters
        ----------
        series_resistance : float
            What is taken from Z before, such as a separator's resistance, in `unit`.

        Returns
        -------
        PhaseMinimum or None
            None where the phase is smallest at an end: the range of frequencies does not show a
            minimum.
        """
        s = self.rising()
        angle = -np.angle(s.impedance - series_resistance, deg=True)
        k = int(np.argmin(angle))
        if k in (0, len(angle) - 1):
            return None
        x = np.log(s.frequency[k - 1 : k + 2])
        a, b, c = np.polyfit(x - x[1], angle[k - 1 : k + 2], 2) if np.ptp(angle) else (0.0,) * 3
        if a <= 0.0:  # three equal angles
            return PhaseMinimum(float(angle[k]), float(s.frequency[k]))
        shift = -b / (2.0 * a)
        return PhaseMinimum(float(c - b * b / (4.0 * a)), float(np.exp(x[1] + shift)))

    def rows(self) -> list[dict[str, Any]]:
        """One row for each frequency: Re Z, Im Z, magnitude and phase, named with their units."""
        unit = self.unit.replace(" ", "_")
        names = ("frequency_Hz", f"real_{unit}", f"imaginary_{unit}", f"magnitude_{unit}")
        columns = (self.frequency, self.impedance.real, self.impedance.imag, self.magnitude)
        rows = zip(*(column.tolist() for column in (*columns, self.phase)), strict=True)
        return [dict(zip((*names, "phase_deg"), row, strict=True)) for row in rows]

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only; the real and imaginary parts as lists."""
        return {
            "label": self.label,
            "unit": self.unit,
            "area": self.area,
            "measured": self.measured,
            "frequency": self.frequency.tolist(),
            "real": self.impedance.real.tolist(),
            "imaginary": self.impedance.imag.tolist(),
        }

    def to_csv(self, path: str | Path) -> Path:
        """Write the rows as comma-separated values, which `twin.read_spectrum` reads again.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        return save_csv(path, self.rows())

    def summary(self) -> str:
        """The range, a table with one frequency of each decade, and the smallest -phase."""
        s = self.rising()
        keep = _decades(s.frequency)
        head = ["f [Hz]", f"Re Z [{self.unit}]", f"-Im Z [{self.unit}]", "-phase [deg]"]
        cells = [
            [f"{s.frequency[k]:.4g}", f"{s.impedance[k].real:.5g}", f"{-s.impedance[k].imag:.5g}",
             f"{-s.phase[k]:.2f}"]
            for k in keep
        ]  # fmt: skip
        low, high = s.frequency[0], s.frequency[-1]
        title = f"{self.label or 'Spectrum'}: {len(s)} frequencies, {low:.4g} to {high:.4g} Hz"
        return "\n".join([title, "", text_table(head, cells), *self._dip()])

    def plot(
        self,
        path: str | Path | None = None,
        *others: Spectrum,
        ionic_resistance: float | None = None,
        series_resistance: float = 0.0,
        electrodes: int = 1,
        dimensionless: bool = False,
    ) -> Figure:
        """Draw Nyquist and Bode plots, with other spectra beside this one.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).
        *others : Spectrum
            Spectra to compare with, such as a measured one.
        ionic_resistance, series_resistance : float
            R_ion of one electrode and what is in series with it, in `unit`, to mark R_ion / 3.
        electrodes : int
            2 for a symmetric cell, for the same mark.
        dimensionless : bool
            Draw Z over the ionic resistance.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.spectrum_plots import Guides, spectrum_figure

        guides = Guides(ionic_resistance, series_resistance, electrodes, dimensionless)
        return saved(spectrum_figure([self, *others], guides), path)

    def _dip(self) -> list[str]:
        """A line on the phase minimum, where there is one."""
        from twin.transmission_line import homogeneous_phase_minimum

        lowest = self.phase_minimum()
        if lowest is None:
            return []
        line = homogeneous_phase_minimum().angle
        return [
            "",
            f"smallest -phase: {lowest.angle:.2f} degrees at {lowest.frequency:.4g} Hz "
            f"({line:.2f} on a homogeneous line of capacitors)",
        ]

    def _known_area(self, unit: str) -> float:
        if self.area is None:
            raise InputError(
                f"an impedance in {self.unit} needs the area of the electrode to become {unit}; "
                "give it as area=... in m2"
            )
        return self.area


def _complex(values: Sequence[complex] | Complexes) -> Complexes:
    try:
        return np.asarray(values, dtype=np.complex128)
    except (TypeError, ValueError):
        raise InputError(f"impedances are complex numbers, found {values!r}") from None


def _decades(frequency: Floats) -> list[int]:
    """The frequency nearest to each power of ten that the range holds, and both ends."""
    log = np.log10(frequency)
    powers = np.arange(math.ceil(log[0]), math.floor(log[-1]) + 1)
    nearest = {int(np.argmin(np.abs(log - power))) for power in powers}
    return sorted({0, *nearest, len(log) - 1})
