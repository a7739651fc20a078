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

from dataclasses import dataclass
from functools import cache
from math import factorial

import numpy as np
from numpy.typing import NDArray
from scipy.special import assoc_legendre_p_all, gamma, gammaincc

Vector = NDArray[np.float64]

QUADRATURE = 64
"""Points in either angle of an octant; a polynomial of degree 127 is exact."""

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


@dataclass(frozen=True)
class Contact:
    """Resistance of the spheres' surface, times the matrix conductivity, over the cell's edge.

    `stairs` makes it that of a surface of voxel faces: with outward normal n the area of the faces
    is |n_x| + |n_y| + |n_z| times that of the sphere, and once voxels are small beside R k the
    potential is even on either side of a stair, so that all of this area conducts.
    """

    resistance: float
    stairs: bool = False

    def conductance(self, z: NDArray[np.float64], azimuth: NDArray[np.float64]) -> Vector:
        """Per area of the sphere, in the direction of cosine z and azimuth."""
        if not self.stairs:
            return np.full_like(z, 1.0 / self.resistance)
        sine = np.sqrt(1 - z**2)
        return (z + sine * (np.cos(azimuth) + np.sin(azimuth))) / self.resistance


def conductivity_with_contact(
    fraction: float, conductivity: float, contact: Contact, degree: int = 19
) -> float:
    """Effective conductivity over that of the matrix, spheres behind a resistance.

    With a resistance that is everywhere the same a multipole of degree l sees spheres of the
    conductivity k / (1 + l R k / a), and the rest is as without (Cheng & Torquato, Proc. R. Soc.
    Lond. A 453 (1997) 145).  Stairs resist unlike in unlike directions and couple the multipoles.
    """
    radius = (3.0 * fraction / (4.0 * np.pi)) ** (1.0 / 3.0)
    modes = [(n, m) for n in range(1, degree + 1, 2) for m in range(0, n + 1, 4)]
    degrees = np.array([n for n, _ in modes], float)
    coupling = _surface_coupling(modes, contact)
    # With A, B and C the regular, singular and inner coefficients of P_l^m cos(m f) at r = a:
    # l A - (l + 1) B = k l C and coupling (A + B - C) = k l C / a.  C eliminated:
    regular = coupling * (1 - 1 / conductivity) - np.diag(degrees) / radius
    singular = (
        coupling * (1 + (degrees + 1) / (degrees * conductivity)) + np.diag(degrees + 1) / radius
    )
    up = np.array([radius**n / factorial(n + m) for n, m in modes])
    down = np.array([factorial(n - m) / radius ** (n + 1) for n, m in modes])
    lattice = _lattice_coupling(modes)
    drive = np.array([1.0 if mode == (1, 0) else 0.0 for mode in modes])
    matrix = regular * up @ lattice - singular * down
    multipoles = np.linalg.solve(matrix, regular * up @ drive)
    return float(1.0 - 4.0 * np.pi * multipoles[modes.index((1, 0))])


def _lattice_coupling(modes: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Regular part that multipoles make at a sphere, with the sign turned, in cosines."""
    matrix = np.empty((len(modes), len(modes)))
    for row, (k, j) in enumerate(modes):
        for column, (n, m) in enumerate(modes):
            both = _sum(n + k, m + j) + _sum(n + k, abs(m - j)) if m else 2 * _sum(n + k, j)
            # A cosine of order m > 0 is half of orders m and -m; of order j, twice conj(R_kj).
            matrix[row, column] = both / 2 * (2 if j else 1)
    return matrix


def _sum(degree: int, order: int) -> float:
    if degree == 2:
        return 4.0 * np.pi / 3.0 if order == 0 else 0.0
    return lattice_sums(degree)[order].real


def _surface_coupling(modes: list[tuple[int, int]], contact: Contact) -> NDArray[np.float64]:
    """Means of Y G Y' over those of Y^2, by Gauss' rule in one octant, where |n_x| is n_x."""
    nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE)
    angle, weight = np.pi / 4 * (nodes + 1), np.pi / 4 * weights
    polar, azimuth = (a.ravel() for a in np.meshgrid(angle, angle, indexing="ij"))
    area = np.outer(weight * np.sin(angle), weight).ravel()
    z = np.cos(polar)
    highest = max(n for n, _ in modes)
    table = assoc_legendre_p_all(highest, highest, z)[0]
    surface = np.array([table[n, m] * np.cos(m * azimuth) for n, m in modes])
    norm = (surface**2 * area).sum(axis=1)
    weighted = surface * (area * contact.conductance(z, azimuth))
    coupling: NDArray[np.float64] = weighted @ surface.T / norm[:, None]
    return coupling
