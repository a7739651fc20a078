"""What a wall of pores does to the current: a double layer, and a reaction beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meshing.errors import InputError


@dataclass(frozen=True)
class Wall:
    r"""A wall between electrolyte and solid, per area of that wall.

    A capacitor or a constant-phase element (CPE), and a charge-transfer resistance parallel to it:

    .. math::

        y(\omega) = Q \, (\mathrm{j} \omega)^\gamma + 1 / R_\mathrm{ct}

    with the time convention :math:`\mathrm{e}^{+\mathrm{j} \omega t}`. The same law serves where
    the area is that of an electrode and not that of its walls: in a transmission line, or for a
    contact between a coating and its foil.

    Attributes
    ----------
    capacitance : float
        Q [F/m2] of the double layer, by default 0.1 F/m2 (10 µF/cm2); with an exponent below 1 the
        coefficient of the CPE [S s^n/m2].
    exponent : float
        gamma, over 0 and up to 1: 1 for a capacitor.
    charge_transfer_resistance : float
        R_ct [Ohm m2], inf for a wall that blocks.

    Raises
    ------
    InputError
        A capacitance or resistance that is not positive, an exponent outside of (0, 1].

    References
    ----------
    Landesfeind et al., J. Electrochem. Soc. 163 (2016) A1373, doi:10.1149/2.1141607jes

    Examples
    --------
    >>> import numpy as np, twin
    >>> wall = twin.Wall(capacitance=0.1, charge_transfer_resistance=0.02)
    >>> complex(wall.admittance(1.0)).real, round(complex(wall.admittance(1.0)).imag, 6)
    (50.0, 0.628319)
    >>> round(float(np.angle(twin.Wall(0.1, exponent=0.9).admittance(50.0), deg=True)), 6)
    81.0
    """

    capacitance: float = 0.1
    exponent: float = 1.0
    charge_transfer_resistance: float = math.inf

    def __post_init__(self) -> None:
        _check_positive("capacitance of a wall", "F/m2", self.capacitance)
        if not _is_number(self.exponent) or not 0.0 < self.exponent <= 1.0:
            raise InputError(
                f"the exponent of a wall is over 0 and at most 1, found {self.exponent!r}; give 1 "
                "for a capacitor, less for a constant-phase element"
            )
        if self.charge_transfer_resistance != math.inf:
            what = "charge-transfer resistance of a wall"
            _check_positive(what, "Ohm m2", self.charge_transfer_resistance)

    def __str__(self) -> str:
        plain = f"{self.capacitance:g} F/m2"
        element = f"CPE {self.capacitance:g} S s^{self.exponent:g}/m2"
        words = plain if self.exponent == 1.0 else element
        if self.blocks:
            return words
        return f"{words} beside {self.charge_transfer_resistance:g} Ohm m2"

    @property
    def blocks(self) -> bool:
        """Whether no steady current passes: there is no charge transfer."""
        return self.charge_transfer_resistance == math.inf

    def admittance(self, frequency: ArrayLike) -> NDArray[np.complex128]:
        """Admittance of the wall [S/m2] at real frequencies.

        Parameters
        ----------
        frequency : array_like
            Frequencies [Hz], positive.

        Returns
        -------
        ndarray of complex
            In the shape of `frequency`.

        Raises
        ------
        InputError
            A frequency that is not positive and finite.
        """
        return np.asarray(self.admittance_at(2j * np.pi * positive_frequency(frequency)))

    def impedance(self, frequency: ArrayLike) -> NDArray[np.complex128]:
        """Impedance of the wall [Ohm m2], 1 / admittance: R || C, or R || CPE.

        Parameters
        ----------
        frequency : array_like
            Frequencies [Hz], positive.

        Returns
        -------
        ndarray of complex
            In the shape of `frequency`.
        """
        return np.asarray(1.0 / self.admittance(frequency))

    def admittance_at(self, laplace_variable: ArrayLike) -> NDArray[Any]:
        """Admittance of the wall [S/m2] at any point of the Laplace plane.

        Parameters
        ----------
        laplace_variable : array_like
            s [1/s]: j omega for a spectrum, or real and not negative for a response that decays.

        Returns
        -------
        ndarray
            Q s^gamma + 1/R_ct, real where s is real.
        """
        s = np.asarray(laplace_variable)
        return np.asarray(self.capacitance * s**self.exponent + self.conductance)

    @property
    def conductance(self) -> float:
        """1 / R_ct [S/m2], 0 for a wall that blocks."""
        return 1.0 / self.charge_transfer_resistance

    def scaled(self, area_ratio: float) -> Wall:
        """The wall per another area, of which one m2 holds `area_ratio` m2 of this wall.

        Parameters
        ----------
        area_ratio : float
            Such as the wall area of an electrode over its cross-section.

        Returns
        -------
        Wall
            Capacitance times the ratio, charge-transfer resistance over it.
        """
        _check_positive("ratio of areas", "-", area_ratio)
        resistance = self.charge_transfer_resistance / area_ratio
        return Wall(self.capacitance * area_ratio, self.exponent, resistance)


def positive_frequency(frequency: ArrayLike) -> NDArray[np.float64]:
    """Frequencies as an array, each positive and finite.

    Parameters
    ----------
    frequency : one frequency or an array of them [Hz].

    Returns
    -------
    ndarray of float

    Raises
    ------
    InputError
        When one is not.

    Examples
    --------
    >>> from twin.wall import positive_frequency
    >>> positive_frequency([1, 10])
    array([ 1., 10.])
    """
    try:
        values = np.asarray(frequency, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"frequencies are numbers in Hz, found {frequency!r}") from None
    wrong = values[~(np.isfinite(values) & (values > 0.0))]
    if wrong.size:
        raise InputError(
            f"frequencies are positive numbers in Hz, found {wrong.flat[0]:g}; leave it out"
        )
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool)


def _check_positive(what: str, unit: str, value: float) -> None:
    if not _is_number(value) or not (math.isfinite(value) and value > 0.0):
        raise InputError(f"the {what} is a positive number [{unit}], found {value!r}; correct it")
