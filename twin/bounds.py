"""Bounds on the effective conductivity of a composite, from the fractions of its phases alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

Bounds = tuple[float, float]


def wiener(fractions: Sequence[float], conductivities: Sequence[float]) -> Bounds:
    r"""Lowest and highest effective conductivity of any arrangement of the phases.

    All in series, and all in parallel:

    .. math::

        \left(\sum_i \varepsilon_i / k_i\right)^{-1} \le k_\mathrm{eff} \le \sum_i \varepsilon_i k_i

    Parameters
    ----------
    fractions : volume fraction of each phase; what they leave to 1 does not conduct.
    conductivities : of each phase, along the direction in question [any unit].

    Returns
    -------
    tuple of float
        The lower bound, 0 where anything does not conduct, and the upper one [the same unit].

    References
    ----------
    Wiener, Abh. Sächs. Akad. Wiss. 32 (1912) 507.

    Examples
    --------
    >>> from twin.bounds import wiener
    >>> lower, upper = wiener([0.5, 0.5], [1.0, 3.0])
    >>> round(lower, 12), upper
    (1.5, 2.0)
    """
    pairs = _conducting(fractions, conductivities)
    upper = math.fsum(f * k for f, k in pairs)
    lower = 1 / math.fsum(f / k for f, k in pairs) if _fills(pairs) else 0.0
    return lower, upper


def hashin_shtrikman(
    fractions: Sequence[float], conductivities: Sequence[float], dimensions: int = 3
) -> Bounds:
    r"""Lowest and highest effective conductivity of an isotropic arrangement of the phases.

    With :math:`k_0` the smallest conductivity for the lower and the largest for the upper bound, in
    :math:`d` dimensions,

    .. math::

        \left(\sum_i \frac{\varepsilon_i}{k_i + (d-1) k_0}\right)^{-1} - (d-1) k_0

    Parameters
    ----------
    fractions : volume fraction of each phase; what they leave to 1 does not conduct.
    conductivities : of each phase, the same in all directions [any unit].
    dimensions : 3, or 2 for a flat image.

    Returns
    -------
    tuple of float
        The lower bound, 0 where anything does not conduct, and the upper one [the same unit].

    References
    ----------
    Hashin and Shtrikman, J. Appl. Phys. 33 (1962) 3125, doi:10.1063/1.1728579

    Examples
    --------
    >>> from twin.bounds import hashin_shtrikman
    >>> lower, upper = hashin_shtrikman([0.5], [1.0])  # pores of fraction 1/2: 2 eps / (3 - eps)
    >>> round(lower, 12), round(upper, 12)
    (0.0, 0.4)
    """
    pairs = _conducting(fractions, conductivities)
    if not pairs:
        return 0.0, 0.0
    void = 1.0 - math.fsum(f for f, _ in pairs)
    members = pairs if _fills(pairs) else [*pairs, (void, 0.0)]
    values = [k for _, k in members]
    low, high = (_mean_about((dimensions - 1) * k0, members) for k0 in (min(values), max(values)))
    return low, high


def _mean_about(shift: float, pairs: Sequence[tuple[float, float]]) -> float:
    if any(k + shift == 0.0 for _, k in pairs):
        return 0.0
    return 1 / math.fsum(f / (k + shift) for f, k in pairs) - shift


def _conducting(
    fractions: Sequence[float], conductivities: Sequence[float]
) -> list[tuple[float, float]]:
    pairs = zip(fractions, conductivities, strict=True)
    return [(f, k) for f, k in pairs if f > 0.0 and k > 0.0]


def _fills(pairs: Sequence[tuple[float, float]]) -> bool:
    """Whether the phases leave no room for a void, to the rounding of their fractions."""
    return math.isclose(math.fsum(f for f, _ in pairs), 1.0, abs_tol=1e-12)
