"""The ionic resistance of an electrode by ruler, from two straight lines in the Nyquist plot."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.spectrum import Spectrum
from twin.transmission_line import Cell

_BRANCH: Final = 5  # points of the low-frequency branch, and of the 45 degree one


def graphical_resistance(
    spectrum: Spectrum,
    *,
    cell: Cell = "electrode",
    series_resistance: float | None = None,
    points: int = _BRANCH,
) -> float:
    r"""Ionic resistance by ruler: three times the distance of two intercepts on the real axis.

    The points of the lowest frequencies are extrapolated to the real axis by a straight line, which
    meets it at :math:`R_0 + R_\mathrm{ion}/3` where they lie below the knee of a line of low
    electronic resistance; those of the highest frequencies by another, which meets it at
    :math:`R_0`. With an electronic resistance R_e it finds
    :math:`R_\mathrm{ion} [1 + b - 3b/(1+b)]`, b = R_e/R_ion.

    Parameters
    ----------
    spectrum : Spectrum
        From below the knee to the 45 degree line.
    cell : str
        ``"electrode"``, or ``"symmetric"`` for two equal electrodes.
    series_resistance : float, optional
        R_0 where it is known, in the unit of the spectrum.
    points : int
        How many points make a branch, at least two.

    Returns
    -------
    float
        R_ion of one electrode, in the unit of the spectrum.

    Raises
    ------
    InputError
        Fewer points than both branches need, branches that do not meet the real axis.

    Examples
    --------
    >>> import numpy as np, twin
    >>> line = twin.transmission_line(np.geomspace(1e-2, 1e6, 60), 2e-3, twin.Wall(10.0))
    >>> round(twin.graphical_resistance(line), 6)
    0.002
    """
    s = spectrum.rising()
    if points < 2 or len(s) < 2 * points:
        raise InputError(
            f"two branches of {points} points need at least {max(4, 2 * points)} frequencies, "
            f"found {len(s)}; give more, or a smaller number of points (at least 2)"
        )
    low = _intercept(s.impedance[:points])
    high = _intercept(s.impedance[-points:]) if series_resistance is None else series_resistance
    if not low > high:
        raise InputError(
            f"the low-frequency branch meets the real axis at {low:.4g} {s.unit}, not beyond the "
            f"high-frequency one at {high:.4g}; the spectrum shows no ionic resistance in its range"
        )
    return 3.0 * (low - high) / (2.0 if cell == "symmetric" else 1.0)


def _intercept(z: NDArray[np.complex128]) -> float:
    """Where the straight line through some points meets the real axis.

    The line is that of least distances across it, because a branch may be upright.
    """
    middle = z.mean()
    off = z - middle
    turn = 0.5 * np.angle(np.sum(off**2))  # the direction of the longest spread
    slope = math.tan(turn)
    if slope == 0.0:
        raise InputError("a branch of the spectrum is parallel to the real axis; choose others")
    return float(middle.real - middle.imag / slope)
