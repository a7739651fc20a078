"""How a standard deviation falls with the size of a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.fraction_results import quantile

__all__ = ["PowerLaw", "fit_power_law"]


@dataclass(frozen=True, eq=False)
class PowerLaw:
    r"""Variance :math:`s^2 = s_0^2 (V / V_0)^{-\gamma}` among samples of the volume V.

    Attributes
    ----------
    volume : float
        V0, amid the volumes that it was fitted to.
    log_variance : float
        Logarithm of the variance there.
    exponent : float
        gamma; 1 where far places know nothing of each other, below 1 where the structure is large
        against the samples or long.
    covariance : ndarray, (2, 2)
        Of the logarithm and the exponent, from the numbers of samples.

    Examples
    --------
    >>> from twin.power_law import fit_power_law
    >>> law = fit_power_law([1.0, 8.0, 64.0], [0.8, 0.1, 0.0125], [10**6] * 3)
    >>> round(law.exponent, 3), round(law.deviation(512.0), 5)
    (2.0, 0.00156)
    """

    volume: float
    log_variance: float
    exponent: float
    covariance: NDArray[np.float64]

    def deviation(self, volume: float) -> float:
        """Standard deviation among samples of a volume."""
        return math.exp((self.log_variance - self.exponent * self._ratio(volume)) / 2)

    def interval(self, volume: float, confidence: float = 0.95) -> tuple[float, float]:
        """Where this standard deviation lies, with some confidence.

        Raises
        ------
        InputError
            When the confidence is not between 0 and 1.
        """
        along = np.array([1.0, -self._ratio(volume)])
        margin = quantile(confidence, math.inf) * math.sqrt(along @ self.covariance @ along) / 2
        deviation = self.deviation(volume)
        return deviation * math.exp(-margin), deviation * math.exp(margin)

    def volume_for(self, deviation: float) -> float:
        """Volume of samples that have a standard deviation; inf where it does not fall."""
        if not self.exponent > 0:
            return math.inf
        ratio = (self.log_variance - 2 * math.log(deviation)) / self.exponent
        return self.volume * math.exp(ratio) if ratio < math.log(1e300) else math.inf

    def _ratio(self, volume: float) -> float:
        return math.log(volume / self.volume)


def fit_power_law(
    volumes: Sequence[float],
    deviations: Sequence[float],
    counts: Sequence[int],
    exponent: float | None = None,
) -> PowerLaw:
    r"""Fit the variance among samples of several volumes.

    The logarithm of a variance estimated from n normal values has the mean
    :math:`\psi(\nu/2) - \ln(\nu/2)` above the true one and the variance :math:`\psi'(\nu/2)`, with
    :math:`\nu = n - 1`: the weights of a straight line through the logarithms.

    Parameters
    ----------
    volumes, deviations, counts : of each set of samples its volume, the standard deviation among
        them, and how many they are. Sets of one sample, and of no spread, are left out.
    exponent : gamma, where it is known; fitted when None.

    Returns
    -------
    PowerLaw

    Raises
    ------
    InputError
        When fewer than two volumes have a spread, or one for a known exponent.

    Examples
    --------
    >>> from twin.power_law import fit_power_law
    >>> fit_power_law([1.0, 2.0], [0.3, 0.2], [20, 10], exponent=1.0).exponent
    1.0
    """
    from scipy import special

    usable = [c for c in zip(volumes, deviations, counts, strict=True) if c[2] > 1 and c[1] > 0]
    needed = 1 if exponent is not None else 2
    if len({volume for volume, _, _ in usable}) < needed:
        raise InputError(
            f"a power law needs {needed} or more sizes with two different values each, found "
            f"{len(usable)}; give more sizes, all of them at most half of the image"
        )
    volume, deviation, count = np.array(usable).T
    half = (count - 1) / 2
    measured = 2 * np.log(deviation) - (special.digamma(half) - np.log(half))
    weight = 1 / special.polygamma(1, half)
    middle = float(np.exp(np.average(np.log(volume), weights=weight)))
    ratio = np.log(volume / middle)
    known = 0.0 if exponent is None else exponent
    columns = np.column_stack([np.ones(len(ratio)), -ratio])[:, : 2 if exponent is None else 1]
    normal = columns.T @ (weight[:, None] * columns)
    inverse = np.linalg.inv(normal)
    found = inverse @ columns.T @ (weight * (measured + known * ratio))
    covariance = np.zeros((2, 2))
    covariance[: len(inverse), : len(inverse)] = inverse
    fitted = float(found[1]) if exponent is None else exponent
    return PowerLaw(middle, float(found[0]), fitted, covariance)
