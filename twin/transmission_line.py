"""The transmission line: a porous electrode as one pore, in closed form."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from meshing.errors import InputError
from twin.spectrum import PhaseMinimum, Spectrum
from twin.wall import Wall, positive_frequency

Cell = Literal["electrode", "symmetric"]
Complexes = NDArray[np.complex128]

_TERMS: Final = 11  # of the power series below 1: the next is smaller than 1e-20
_FACTORIALS: Final = [float(math.factorial(n)) for n in range(2 * _TERMS + 3)]


def transmission_line(
    frequency: ArrayLike,
    ionic_resistance: float,
    wall: Wall,
    *,
    electronic_resistance: float = 0.0,
    contact: Wall | None = None,
    cell: Cell = "electrode",
    separator_resistance: float = 0.0,
    area: float | None = None,
    label: str = "transmission line",
) -> Spectrum:
    r"""Spectrum of a homogeneous porous electrode.

    One rail of resistance carries ions, the walls join it to the solid (de Levie; with a
    capacitor TLM-C, with a constant-phase element TLM-Q):

    .. math::

        Z = R_\mathrm{ion} \frac{\coth \nu}{\nu}, \qquad \nu = \sqrt{R_\mathrm{ion} \, Y(\omega)}

    With electronic resistance there are two rails, see `line_impedance`. A contact to the foil is
    in series, and a symmetric cell is :math:`R_\mathrm{sep} + 2 Z`.

    Parameters
    ----------
    frequency : array_like
        [Hz], positive.
    ionic_resistance : float
        R_ion of the pores of one electrode [Ohm m2], per area of the electrode.
    wall : Wall
        The walls of the whole electrode, per area of the electrode: `Wall.scaled` gives it from a
        wall by its own area.
    electronic_resistance : float
        R_e of the solid of one electrode [Ohm m2].
    contact : Wall, optional
        R || CPE between electrode and foil, per area of the electrode, in each electrode.
    cell : str
        ``"electrode"`` for one electrode, ``"symmetric"`` for two with a separator.
    separator_resistance : float
        Of the electrolyte before the electrode, or between both [Ohm m2].
    area : float, optional
        Cross-section [m2], for a result in Ohm.
    label : str
        What a legend calls it.

    Returns
    -------
    Spectrum

    Raises
    ------
    InputError
        A resistance that is negative, an ionic one that is not positive, an unknown kind of cell.

    References
    ----------
    Landesfeind et al., J. Electrochem. Soc. 163 (2016) A1373, doi:10.1149/2.1141607jes

    Examples
    --------
    A third of the ionic resistance is left at low frequencies:

    >>> import twin
    >>> line = twin.transmission_line([1e-4, 1e5], 3e-3, twin.Wall(capacitance=50.0))
    >>> round(float(line.impedance[0].real), 9)
    0.001
    """
    f = np.atleast_1d(positive_frequency(frequency))
    _check_resistances(ionic_resistance, electronic_resistance, separator_resistance)
    z = line_impedance(ionic_resistance, wall.admittance(f), electronic_resistance)
    if contact is not None:
        z = z + contact.impedance(f)
    return Spectrum(f, cell_impedance(z, cell, separator_resistance), area, label=label)


def line_impedance(
    ionic_resistance: float, wall_admittance: ArrayLike, electronic_resistance: float = 0.0
) -> Complexes:
    r"""Impedance of a homogeneous line with an ionic and an electronic rail.

    The ionic rail is fed by the separator, the electronic one by the foil at the other end:

    .. math::

        Z = \frac{R_e R_i}{R_e + R_i} \left[ 1 + \frac{2 + (R_e/R_i + R_i/R_e) \cosh \nu}
        {\nu \sinh \nu} \right], \qquad \nu = \sqrt{(R_e + R_i) \, Y}

    The limits are :math:`(R_e + R_i)/3` for the real part at low frequencies and
    :math:`R_e R_i/(R_e + R_i)` at high ones; with :math:`R_e = 0` it is the line of de Levie. What
    is evaluated is the same as :math:`1/Y` and smooth functions of :math:`\nu`, so that the real
    part keeps its digits where the imaginary one is a million times larger, and nothing overflows
    at high frequencies.

    Parameters
    ----------
    ionic_resistance : float
        R_i [Ohm m2], positive.
    wall_admittance : array_like
        Y [S/m2] of the walls of the whole electrode, complex, or real and positive.
    electronic_resistance : float
        R_e [Ohm m2].

    Returns
    -------
    ndarray of complex
        Z [Ohm m2], in the shape of `wall_admittance`.

    References
    ----------
    Malifarge et al., J. Electrochem. Soc. 164 (2017) E3329, doi:10.1149/2.0331711jes, eq. 11;
    Siroma et al., Electrochim. Acta 160 (2015) 313, doi:10.1016/j.electacta.2015.02.065

    Examples
    --------
    >>> import numpy as np
    >>> from twin.transmission_line import line_impedance
    >>> y = 1j * np.array([1e-9, 1e12])
    >>> line_impedance(2.0, y, 1.0).real.round(5)
    array([1.     , 0.66667])
    """
    y = np.asarray(wall_admittance, dtype=np.complex128)
    both = electronic_resistance + ionic_resistance
    parallel = electronic_resistance * ionic_resistance / both
    nu = np.sqrt(both * y)
    of_coth = (electronic_resistance**2 + ionic_resistance**2) / both * _coth_part(nu)
    return np.asarray(1.0 / y + parallel * (1.0 + 2.0 * _sinh_part(nu)) + of_coth)


def close_with_electronic_resistance(
    impedance: ArrayLike,
    ionic_resistance: float,
    electronic_resistance: float,
    wall_admittance: ArrayLike,
) -> Complexes:
    r"""Add the resistance of the solid to a spectrum of the pores that was resolved in 3D.

    .. math::

        Z = Z_\mathrm{3D} + \left[ Z_\mathrm{line}(R_i, R_e, Y) - Z_\mathrm{line}(R_i, 0, Y)
        \right]

    A closure in one dimension: what the electronic rail adds to a homogeneous line of the same
    ionic resistance and walls is added to the spectrum. It is exact for a homogeneous electrode,
    and at low frequencies for every one whose walls and solid are spread evenly over the depth,
    where :math:`R_e/3` is added to the real part. Elsewhere it is an estimate: it knows nothing of
    where the solid is.

    Parameters
    ----------
    impedance : array_like of complex
        Z_3D of one electrode with an equipotential solid [Ohm m2].
    ionic_resistance : float
        R_i of that electrode [Ohm m2].
    electronic_resistance : float
        R_e = L / sigma_eff [Ohm m2].
    wall_admittance : array_like of complex
        Y [S/m2] of all its walls, per area of the electrode.

    Returns
    -------
    ndarray of complex
        Z [Ohm m2].

    Examples
    --------
    >>> from twin.transmission_line import close_with_electronic_resistance, line_impedance
    >>> z = line_impedance(2.0, [0.5j])
    >>> abs(close_with_electronic_resistance(z, 2.0, 1.0, [0.5j]) - line_impedance(2, [0.5j], 1.0))
    array([0.])
    """
    _check_resistances(ionic_resistance, electronic_resistance, 0.0)
    one = line_impedance(ionic_resistance, wall_admittance)
    two = line_impedance(ionic_resistance, wall_admittance, electronic_resistance)
    return np.asarray(np.asarray(impedance) + (two - one))


def cell_impedance(
    electrode: ArrayLike, cell: Cell = "electrode", separator_resistance: float = 0.0
) -> Complexes:
    """Impedance of a cell from that of one electrode: R_sep + Z, or R_sep + 2 Z.

    Parameters
    ----------
    electrode : array_like of complex
        Z of one electrode [Ohm m2].
    cell : str
        ``"electrode"`` or ``"symmetric"``.
    separator_resistance : float
        R_sep [Ohm m2].

    Returns
    -------
    ndarray of complex

    Raises
    ------
    InputError
        An unknown kind of cell, a negative resistance.

    Examples
    --------
    >>> from twin.transmission_line import cell_impedance
    >>> cell_impedance([1 - 2j], "symmetric", separator_resistance=0.5)
    array([2.5-4.j])
    """
    if cell not in ("electrode", "symmetric"):
        raise InputError(f"the cell is 'electrode' or 'symmetric', found {cell!r}")
    check_not_negative("separator", separator_resistance)
    count = 2.0 if cell == "symmetric" else 1.0
    return np.asarray(separator_resistance + count * np.asarray(electrode, dtype=np.complex128))


def homogeneous_phase_minimum(exponent: float = 1.0) -> PhaseMinimum:
    """The smallest -phase of a homogeneous line, and where it is.

    Parameters
    ----------
    exponent : float
        Exponent of the walls, 1 for capacitors.

    Returns
    -------
    PhaseMinimum
        The angle [degree] and, as its `frequency`, the dimensionless omega (R_ion Q)^(1/exponent).

    Examples
    --------
    >>> from twin.transmission_line import homogeneous_phase_minimum
    >>> lowest = homogeneous_phase_minimum()
    >>> round(lowest.angle, 3), round(lowest.frequency, 2)
    (43.403, 7.71)
    """
    u = np.geomspace(1e-1, 1e4, 5001)
    wall = Wall(1.0, exponent)
    found = Spectrum(u, line_impedance(1.0, wall.admittance_at(1j * u))).phase_minimum()
    if found is None:
        raise AssertionError("a homogeneous line has its minimum in these five decades")
    return found


def _coth_part(nu: Complexes) -> Complexes:
    """coth(nu)/nu - 1/nu^2, 1/3 at 0."""
    small = np.abs(nu) < 1.0
    x = np.where(small, 1.0, nu)
    decay = np.exp(-2.0 * x)
    far = (1.0 + decay) / ((1.0 - decay) * x) - 1.0 / (x * x)
    f = _FACTORIALS
    near = [1.0 / f[2 * k + 2] - 1.0 / f[2 * k + 3] for k in range(_TERMS)]
    return np.where(small, _over_sinh(near, np.where(small, nu, 0.0)), far)


def _sinh_part(nu: Complexes) -> Complexes:
    """1/(nu sinh nu) - 1/nu^2, -1/6 at 0."""
    small = np.abs(nu) < 1.0
    x = np.where(small, 1.0, nu)
    far = 2.0 * np.exp(-x) / ((1.0 - np.exp(-2.0 * x)) * x) - 1.0 / (x * x)
    near = [-1.0 / _FACTORIALS[2 * k + 3] for k in range(_TERMS)]
    return np.where(small, _over_sinh(near, np.where(small, nu, 0.0)), far)


def _over_sinh(coefficients: list[float], x: Complexes) -> Complexes:
    """A power series in x^2, divided by that of sinh(x)/x."""
    sinh = [1.0 / _FACTORIALS[2 * k + 1] for k in range(_TERMS)]
    square = x * x
    above = np.polynomial.polynomial.polyval(square, coefficients)
    below = np.polynomial.polynomial.polyval(square, sinh)
    return np.asarray(above / below, dtype=np.complex128)


def _check_resistances(ionic: float, electronic: float, separator: float) -> None:
    if not (math.isfinite(ionic) and ionic > 0.0):
        raise InputError(f"the ionic resistance is positive [Ohm m2], found {ionic!r}")
    check_not_negative("electronic", electronic)
    check_not_negative("separator", separator)


def check_not_negative(what: str, value: float) -> None:
    """Make sure that a resistance is finite and not negative.

    Raises
    ------
    InputError
        When it is not.

    Examples
    --------
    >>> from twin.transmission_line import check_not_negative
    >>> check_not_negative("separator", 0.0)
    """
    if not (math.isfinite(value) and value >= 0.0):
        raise InputError(f"the {what} resistance is not negative [Ohm m2], found {value!r}")
