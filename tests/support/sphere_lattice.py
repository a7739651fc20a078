"""Effective conductivity of a simple cubic array of spheres, exact, by Rayleigh's method.

The potential around a sphere is a sum of solid harmonics; the regular part of it is the field of
all the other spheres, whose multipoles are carried over by the translation theorem of irregular
harmonics.  With every multipole up to a degree this is the method of McPhedran & McKenzie, Proc.
R. Soc. Lond. A 359 (1978) 45, doi:10.1098/rspa.1978.0031, after Rayleigh, Phil. Mag. 34 (1892)
481; Sangani & Acrivos, Proc. R. Soc. Lond. A 386 (1983) 263, doi:10.1098/rspa.1983.0036, expand
it in the volume fraction.  No coefficient is typed in: the lattice sums are computed here.

The lattice is Z^3, the matrix has conductivity 1, the field is driven along z.  Harmonics, with
P_l^m the associated Legendre function without the Condon-Shortley sign:

    R_lm(r) = r^l P_l^m(cos t) e^{im f} / (l + m)!,   I_lm(r) = (l - m)! P_l^m e^{im f} / r^{l+1}
    I_lm(r - p) = sum_kj (-1)^l conj(R_kj(r)) I_{l+k,m+j}(p)  (for even l + k, which is all here)
"""

from __future__ import annotations

from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.special import assoc_legendre_p_all, gamma, gammaincc

REACH = 6
"""Lattice vectors up to this length: the neglected terms are below exp(-36 pi)."""


def irregular_surface_harmonics(
    degree: int, points: NDArray[np.float64]
) -> dict[int, NDArray[np.complex128]]:
    """(l - m)! P_l^m(cos t) e^{im f} of unit directions, for -l <= m <= l."""
    x, y, z = points.T / np.linalg.norm(points, axis=1)
    table = assoc_legendre_p_all(degree, degree, z)[0]
    azimuth = np.arctan2(y, x)
    values = {}
    for m in range(degree + 1):
        # SciPy includes the sign (-1)^m, taken out here; negative orders follow by conjugation.
        legendre = (-1) ** m * table[degree, m]
        values[m] = factorial(degree - m) * legendre * np.exp(1j * m * azimuth)
        values[-m] = (-1) ** m * np.conj(values[m])
    return values


@cache
def lattice_sums(degree: int) -> dict[int, complex]:
    """Sum of I_lm over the lattice without its origin, l >= 4, by Ewald's splitting at pi.

    With Y = r^{2l+1} I_lm a harmonic polynomial, 1/p^{2l+1} = integral of t^{l-1/2} exp(-t p^2)
    / Gamma(l+1/2); the part below t = pi is summed over the reciprocal lattice by Poisson.
    """
    side = np.arange(-REACH, REACH + 1)
    points = np.stack(np.meshgrid(side, side, side, indexing="ij"), -1).reshape(-1, 3).astype(float)
    squares = (points**2).sum(axis=1)
    near = (squares > 0) & (squares <= REACH**2)
    points, squares = points[near], squares[near]
    length = np.sqrt(squares)
    half = degree + 0.5
    direct = gammaincc(half, np.pi * squares) / length ** (degree + 1)
    # i^l = (-1)^(l/2) for the even degrees that a lattice with inversion has.
    reciprocal = (
        (-1) ** (degree // 2) * np.pi ** (degree - 0.5) / gamma(half)
        * np.exp(-np.pi * squares) / squares * length**degree
    )  # fmt: skip
    harmonics = irregular_surface_harmonics(degree, points)
    return {m: complex(((direct + reciprocal) * y).sum()) for m, y in harmonics.items()}


def effective_conductivity(fraction: float, conductivity: float, degree: int = 19) -> float:
    """Effective conductivity over that of the matrix.

    Parameters
    ----------
    fraction : volume fraction of the spheres, below pi/6.
    conductivity : conductivity of the spheres over that of the matrix.
    degree : highest multipole, odd.
    """
    radius = (3.0 * fraction / (4.0 * np.pi)) ** (1.0 / 3.0)
    # Symmetry about the field: odd degrees, orders that the fourfold axis keeps.
    modes = [(n, m) for n in range(1, degree + 1, 2) for m in range(-n, n + 1) if m % 4 == 0]
    sums = {n: lattice_sums(n) for n in range(4, 2 * degree + 1, 2)}
    size = len(modes)
    matrix = np.zeros((size, size), complex)
    for row, (k, j) in enumerate(modes):
        # alpha conj(R) + beta I is continuous in value and flux with gamma conj(R) inside.
        ratio = (conductivity * k + k + 1) / (k * (1 - conductivity))
        norm = factorial(k - j) * factorial(k + j)
        matrix[row, row] += ratio * norm / radius ** (2 * k + 1)
        for column, (n, m) in enumerate(modes):
            if n + k > 2:
                matrix[row, column] += sums[n + k][m + j]
            elif (n, m) == (k, j):
                # The dipoles of a cubic lattice in a field of given mean: Lorentz' 4 pi / 3.
                matrix[row, column] += 4.0 * np.pi / 3.0
    drive = np.array([1.0 if mode == (1, 0) else 0.0 for mode in modes])
    multipoles = np.linalg.solve(matrix, drive)
    return float(1.0 - 4.0 * np.pi * multipoles[modes.index((1, 0))].real)
