"""Complex nonlinear least squares: unknowns of a model of an impedance from a spectrum."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.spectrum import Spectrum
from twin.transmission_line import Cell

Weighting = Literal["unit", "modulus", "proportional"]
Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]
Model = Callable[[Mapping[str, float]], Complexes]

_POWERS: Final[Mapping[str, float]] = {"unit": 0.0, "modulus": 2.0}
_EVALUATIONS: Final = 2000  # of the model, for one start
_REACH: Final = math.log(1e8)  # how far from its first start a number is sought, as a factor


@dataclass(frozen=True)
class Unknown:
    """A number to be found: sought by its logarithm where it is positive, else between bounds.

    Attributes
    ----------
    name : str
        What the model calls it.
    starts : sequence of float
        Where to begin; several give several attempts.
    scale : float
        Its size, where it may be 0; 0 for a number sought by its logarithm.
    upper : float
        Largest value of a number that is not sought by its logarithm; the smallest is 0.
    """

    name: str
    starts: Sequence[float]
    scale: float = 0.0
    upper: float = math.inf

    @property
    def logarithmic(self) -> bool:
        """Whether it is sought by its logarithm."""
        return self.scale == 0.0

    def coordinate(self, value: float) -> float:
        """Where the search has it."""
        return math.log(value) if self.logarithmic else value / self.scale

    def value(self, coordinate: float) -> float:
        """The number itself."""
        return math.exp(coordinate) if self.logarithmic else coordinate * self.scale

    def slope(self, coordinate: float) -> float:
        """How the number changes with its coordinate."""
        return self.value(coordinate) if self.logarithmic else self.scale

    @property
    def bounds(self) -> tuple[float, float]:
        """Of the coordinate."""
        if self.logarithmic:
            first = self.coordinate(self.starts[0])
            return first - _REACH, first + _REACH
        return 0.0, self.upper / self.scale


@dataclass(frozen=True)
class Found:
    """What the search found.

    Attributes
    ----------
    values : mapping of str to float
        The unknowns.
    standard_errors : mapping of str to float
        Of each, from the scatter of the residuals; nan for one that ended at a bound.
    residual : float
        Root mean square of ``|Z_model - Z| / |Z|``.
    """

    values: Mapping[str, float]
    standard_errors: Mapping[str, float]
    residual: float


@dataclass(frozen=True)
class Guess:
    """Rough numbers of one electrode, read off the ends of a spectrum, in its units.

    Attributes
    ----------
    rise : float
        How far Re Z rises.
    capacitance : float
        Of all walls.
    charge_transfer_resistance : float
        Of all walls.
    series_resistance : float
        In front of the electrode, or between two.
    inductance : float
        That would matter at the highest frequency.
    """

    rise: float
    capacitance: float
    charge_transfer_resistance: float
    series_resistance: float
    inductance: float


def guess(spectrum: Spectrum, cell: Cell) -> Guess:
    """Read rough numbers off a spectrum.

    Parameters
    ----------
    spectrum : of one electrode or of a symmetric cell.
    cell : which of them.

    Returns
    -------
    Guess
    """
    s = spectrum.rising()
    count = 2.0 if cell == "symmetric" else 1.0
    z, omega = s.impedance / count, s.angular_frequency
    rise = max(float(np.ptp(z.real)), 1e-3 * float(np.abs(z).max()))
    # Most of -Im Z: that of the lowest frequency where the walls block, of an arc where they do
    # not. The capacitance follows from it, and with an arc the charge-transfer resistance too.
    k = int(np.argmin(z.imag))
    capacitance = 1.0 / (omega[k] * max(abs(z[k].imag), 1e-3 * rise) * (1.0 if k == 0 else 2.0))
    transfer = 10.0 * abs(z[0]) if k == 0 else rise
    series = count * max(float(z.real.min()), 1e-3 * rise)
    return Guess(rise, float(capacitance), float(transfer), series, float(rise / omega[-1]))


def fit(
    spectrum: Spectrum, model: Model, unknowns: Sequence[Unknown], weighting: Weighting | float
) -> Found:
    """Find the unknowns for which a model comes nearest to a spectrum.

    Parameters
    ----------
    spectrum : what was measured.
    model : makes impedances at the frequencies of the spectrum from a value for each unknown.
    unknowns : what is sought.
    weighting : as for `twin.fit_transmission_line`.

    Returns
    -------
    Found

    Raises
    ------
    InputError
        Fewer numbers than unknowns, an unknown weighting, no convergence.
    """
    weights = _weights(spectrum.impedance, weighting)
    if 2 * len(spectrum) <= len(unknowns):
        raise InputError(
            f"{len(unknowns)} unknowns need more than {len(spectrum)} frequencies; widen the range"
        )

    def residuals(x: Floats) -> Floats:
        difference = model(_values(unknowns, x)) - spectrum.impedance
        return np.concatenate([difference.real * weights.real, difference.imag * weights.imag])

    best = min((_search(residuals, unknowns, start) for start in _starts(unknowns)), key=_cost)
    if best.status <= 0:
        raise InputError(
            "no values were found with which the model comes near to the spectrum; narrow the "
            "range of frequencies to that of the electrode, or change what is fitted"
        )
    values = _values(unknowns, best.x)
    off = np.abs(model(values) / spectrum.impedance - 1.0)
    return Found(values, _errors(unknowns, best), float(np.sqrt(np.mean(off**2))))


def _search(residuals: Callable[[Floats], Floats], unknowns: Sequence[Unknown], x: Floats) -> Any:
    from scipy.optimize import least_squares

    low, high = zip(*(unknown.bounds for unknown in unknowns), strict=True)
    tight = {"ftol": 1e-14, "xtol": 1e-12, "gtol": 1e-14}
    return least_squares(
        residuals, x, bounds=(low, high), jac="3-point", x_scale="jac",
        max_nfev=_EVALUATIONS, **tight,
    )  # fmt: skip


def _cost(result: Any) -> float:
    return float(result.cost)


def _starts(unknowns: Sequence[Unknown]) -> list[Floats]:
    """The first start of each unknown, then the second of each, and so on."""
    count = max(len(unknown.starts) for unknown in unknowns)
    return [
        np.array([u.coordinate(u.starts[min(k, len(u.starts) - 1)]) for u in unknowns])
        for k in range(count)
    ]


def _values(unknowns: Sequence[Unknown], x: Floats) -> dict[str, float]:
    return {u.name: u.value(float(c)) for u, c in zip(unknowns, x, strict=True)}


def _errors(unknowns: Sequence[Unknown], best: Any) -> dict[str, float]:
    """Standard errors by the usual linear estimate, of those unknowns that are not at a bound."""
    free = np.flatnonzero(best.active_mask == 0)
    _, s, vt = np.linalg.svd(best.jac[:, free], full_matrices=False)
    spread = 2.0 * best.cost / (best.jac.shape[0] - len(free))
    with np.errstate(divide="ignore", invalid="ignore"):
        deviations = np.sqrt(spread * np.sum((vt / s[:, None]) ** 2, axis=0))
    errors = dict.fromkeys((u.name for u in unknowns), math.nan)
    for k, deviation in zip(free.tolist(), deviations, strict=True):
        errors[unknowns[k].name] = float(deviation) * unknowns[k].slope(float(best.x[k]))
    return errors


def _weights(z: Complexes, weighting: Weighting | float) -> Complexes:
    """What the differences of the real and of the imaginary parts are multiplied with."""
    if weighting == "proportional":
        if not (z.real.all() and z.imag.all()):
            raise InputError(
                "weights in proportion to Re(Z) and Im(Z) need both unlike 0; choose 'modulus'"
            )
        return np.asarray(1.0 / np.abs(z.real) + 1j / np.abs(z.imag))
    power = _POWERS.get(weighting) if isinstance(weighting, str) else weighting
    if power is None or not math.isfinite(power):
        raise InputError(
            "the weighting is 'unit', 'modulus', 'proportional' or the power p of "
            f"|dZ|^2 / |Z|^p, found {weighting!r}"
        )
    return np.asarray((1.0 + 1.0j) * np.abs(z) ** (-0.5 * power))
