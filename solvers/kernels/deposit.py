"""A deposit that grows on the walls of pores: area, film thickness and transport from its volume.

Laws of the area give ``a(eps)`` and the film thickness ``l(eps)`` together, as integrals of one
another, so that ``d eps = -a dl`` holds exactly. A law is a number and a row of coefficients:

GRAINS (d, r0)   overlapping grains of radius r around random points (d = 3), lines (2) or planes
                 (1), ``eps = eps0^((r / r0)^d)``, ``l = r - r0``
POWER (a0, p)    ``a = a0 (eps / eps0)^p``
TABLE ()         a linear between the rows of a table
"""

from __future__ import annotations

import math

from meshing.kernels import kernel

GRAINS, POWER, TABLE = 0, 1, 2


@kernel
def _grains(eps, eps0, d, r0):
    log0 = math.log(eps0)
    q = math.log(eps) / log0
    s = (d - 1.0) / d
    shell = q**s
    area = -d * eps * log0 * shell / r0
    slope = d / r0 * (-log0 * shell - s * shell / q)
    return area, slope, r0 * (q ** (1.0 / d) - 1.0)


@kernel
def _power(eps, eps0, a0, p):
    share = eps / eps0
    area = a0 * share**p
    if p == 1.0:
        film = -eps0 / a0 * math.log(share)
    else:
        film = eps0 / (a0 * (1.0 - p)) * (1.0 - share ** (1.0 - p))
    return area, p * area / eps, film


@kernel
def _table(eps, table):
    """Rows of (eps, a, l), from high porosity to low; the last one is met at zero porosity."""
    k = 0
    while k < len(table) - 2 and eps < table[k + 1, 0]:
        k += 1
    slope = (table[k, 1] - table[k + 1, 1]) / (table[k, 0] - table[k + 1, 0])
    area = table[k, 1] + slope * (eps - table[k, 0])
    relative = slope * (table[k, 0] - eps) / table[k, 1]
    if abs(relative) > 1e-6:
        film = table[k, 2] - math.log1p(-relative) / slope
    else:  # the logarithm's series, where its quotient would lose digits
        film = table[k, 2] + (table[k, 0] - eps) / table[k, 1] * (1.0 + 0.5 * relative)
    return area, slope, film


@kernel
def deposit_geometry(deposit, eps0, law, first, second, table, out):
    """Area and film thickness under a deposit.

    Parameters
    ----------
    deposit : (n,) volume fraction eps0 - eps of the deposit.
    eps0 : porosity without it.
    law, first, second, table : GRAINS, POWER or TABLE, its two coefficients and its (k, 3) table.
    out : (n, 3) area per volume a [1/m], da / d deposit [1/m], film thickness l [m].
    """
    for i in range(len(deposit)):
        eps = eps0 - deposit[i]
        if law == GRAINS:
            area, slope, film = _grains(eps, eps0, first, second)
        elif law == POWER:
            area, slope, film = _power(eps, eps0, first, second)
        else:
            area, slope, film = _table(eps, table)
        out[i, 0] = area
        out[i, 1] = -slope
        out[i, 2] = film


@kernel
def transport_ratio(deposit, eps0, table, out):
    """D_eff / D under a deposit: a power of the porosity between the rows of a table.

    Parameters
    ----------
    deposit : (n,) volume fraction eps0 - eps of the deposit.
    eps0 : porosity without it.
    table : (k, 2) logarithms of porosity, from high to low, and of D_eff / D; at least two rows.
        The first and the last power go on beyond them.
    out : (n, 2) D_eff / D and its derivative by the deposit.
    """
    for i in range(len(deposit)):
        eps = eps0 - deposit[i]
        x = math.log(eps)
        k = 0
        while k < len(table) - 2 and x < table[k + 1, 0]:
            k += 1
        power = (table[k, 1] - table[k + 1, 1]) / (table[k, 0] - table[k + 1, 0])
        ratio = math.exp(table[k, 1] + power * (x - table[k, 0]))
        out[i, 0] = ratio
        out[i, 1] = -power * ratio / eps
