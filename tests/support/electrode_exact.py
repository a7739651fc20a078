"""Exact answers to the symmetric-cell problem of one electrode: chains, channels, slender pores.

Unit conductivity throughout; u = omega R C with the resistance R = L / (kappa A) of the pore as a
straight channel and the capacitance C of all its walls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.special import ive, jn_zeros, zeta

Complex = NDArray[np.complex128]


# Chains of voxels: exact in the voxel scheme wherever layers are equipotential.


def chain_resistance(planes: ArrayLike, charges: ArrayLike) -> float:
    """R_ion of a chain: what the charge of all layers behind a plane meets in it, squared.

    `planes` are the conductances of the inlet and of the planes behind it, `charges` those of the
    layers; 3 / C^2 sum of (charge behind a plane)^2 / conductance.
    """
    charge = np.asarray(charges, float)
    behind = charge[::-1].cumsum()[::-1]
    return float(3 * (behind**2 / np.asarray(planes, float)).sum() / charge.sum() ** 2)


def chain_impedance(planes: ArrayLike, admittances: Complex) -> Complex:
    """Z of a chain, layers along the last axis of `admittances`, by the continued fraction."""
    planes = np.asarray(planes, float)
    y = np.asarray(admittances, complex)
    total = y[..., -1]
    for k in range(planes.size - 2, -1, -1):
        total = y[..., k] + total * planes[k + 1] / (planes[k + 1] + total)
    return 1 / planes[0] + 1 / total


def straight_pore(n: int, faces: int, wall: str) -> float:
    """tau_e of a pore one cubic voxel wide and n long with `faces` walls per voxel."""
    at_face = {"half-face": 3 / (2 * faces), "centre": 0.0}[wall]
    return 1 + (0.5 + at_face) / n**2


def voxel_wide_pore(
    spacing: Sequence[float], layers: Sequence[Sequence[tuple[float, float, float]]], wall: str
) -> float:
    """tau_e of a pore one voxel wide along x, for each layer its walls: area, edge, capacitance.

    The edge is that of the voxel across the wall; half of it is in series with the wall.
    """
    length, section = spacing[0], spacing[1] * spacing[2]
    planes = np.full(len(layers), section / length)
    planes[0] *= 2
    charges = [sum(a * c for a, _, c in walls) for walls in layers]
    resistance = chain_resistance(planes, charges)
    if wall == "half-face":
        behind = sum(c**2 * a * h / 2 for walls in layers for a, h, c in walls)
        resistance += 3 * behind / sum(charges) ** 2
    return resistance * section / (len(layers) * length)


def ladder_impedance(n: int, y: ArrayLike) -> Complex:
    """kappa h Z of the same pore with the admittance y (over kappa h) of the walls of a voxel."""
    y = np.asarray(y, complex)
    theta = 2 * np.arcsinh(np.sqrt(y) / 2)
    return 0.5 / (np.tanh(n * theta) * np.tanh(theta / 2))


def wall_admittance(b: ArrayLike, wall: str) -> Complex:
    """Admittance of one face over kappa h, of b = y h / kappa with y that of the double layer."""
    b = np.asarray(b, complex)
    return b / (1 + b / 2) if wall == "half-face" else b


def bundle(depths: Sequence[int], length: int, wall: str) -> float:
    """tau_e of parallel pores one voxel wide, in two dimensions; ends before the last layer count.

    Currents in planes meet 1 (the separator 1/2), every wall of the half-face scheme one half.
    """
    energy, walls = 0.0, 0
    for depth in depths:
        charge = np.full(depth, 2.0)
        charge[-1] += depth < length
        behind = charge[::-1].cumsum()[::-1]
        energy += (behind**2).sum() - behind[0] ** 2 / 2
        walls += int(charge.sum())
    energy += walls / 2 if wall == "half-face" else 0.0
    return 3 * sum(depths) / length**2 * energy / walls**2


def bundle_impedance(depths: Sequence[int], length: int, y: Complex) -> Complex:
    """kappa h Z of the same pores with the admittance y (over kappa h) of every wall."""
    total = np.zeros(np.shape(y), complex)
    for depth in depths:
        count = np.full(depth, 2.0)
        count[-1] += depth < length
        planes = np.ones(depth)
        planes[0] = 2.0
        total = total + 1 / chain_impedance(planes, np.asarray(y)[..., None] * count)
    return 1 / total


def slender_chain(widths: Sequence[int], along: float, across: float, square: bool) -> float:
    """tau_e of half a slit, or a quarter of a square channel, of so many voxels in each layer.

    What voxels give when the pore is so slender that its sections are equipotential: planes conduct
    through what both layers share, and steps between layers are walls as the sides are.
    """
    open_ = np.array([n for n in widths if n > 0], float)
    dimensions = 2 if square else 1
    section = (open_ * across) ** dimensions
    shared = np.minimum(section[1:], section[:-1])
    planes = np.append(2 * section[0], shared) / along
    charge = (2 * open_ * across if square else np.ones_like(open_)) * along
    charge[:-1] += np.maximum(section[:-1] - section[1:], 0)
    charge[1:] += np.maximum(section[1:] - section[:-1], 0)
    charge[-1] += section[-1] if open_.size < len(widths) else 0.0
    mean = section.sum() / len(widths)
    return chain_resistance(planes, charge) * mean / (len(widths) * along)


# Channels with their lateral field.


def slit(width: float, length: float) -> float:
    """tau_e of a slit between two plane walls."""
    return 1 + 3 * width / (2 * length**2) * _lateral(width, length)


def square_channel(width: float, length: float) -> float:
    """tau_e of a channel of square section, all four walls charged."""
    return 1 + 3 * width / (4 * length**2) * _lateral(width, length)


def _lateral(width: float, length: float) -> float:
    n = np.arange(1, 200)
    tails = 1 - np.tanh(2 * np.pi * n * length / width)
    series = zeta(3) - (tails / n**3).sum()
    return float(width / 6 - width**2 / (2 * np.pi**3 * length) * series)


def cylinder(radius: float, length: float) -> float:
    """tau_e of a circular cylinder; a_n are the positive zeros of J_1."""
    zeros = jn_zeros(1, 2000)
    rest = zeta(3, zeros.size + 1.25) / np.pi**3  # a_n = (n + 1/4) pi + O(1/n)
    series = (np.tanh(zeros * length / radius) / zeros**3).sum() + rest
    return float(1 + 3 * radius / (2 * length**2) * (radius / 4 - 2 * radius**2 / length * series))


def slit_impedance(width: float, length: float, admittance: complex, modes: int = 400) -> complex:
    """Z of a slit per unit depth: eigenmodes across it, hyperbolic along it; unit conductivity."""
    q = _eigenvalues(complex(admittance) * width / 2, modes) * 2 / width
    inlet = 2 * np.sin(q * width / 2) / q
    amplitude = inlet / (width / 2 + np.sin(q * width) / (2 * q))
    return complex(1 / (amplitude * q * np.tanh(q * length) * inlet).sum())


def _eigenvalues(target: complex, modes: int) -> Complex:
    """Roots of t tan t = `target`, followed by Newton from a small target, where they are known."""
    k = np.arange(modes)
    start = target * 1e-6 / max(abs(target), 1.0)
    t = np.where(k == 0, np.sqrt(start), k * np.pi + start / np.maximum(k * np.pi, 1.0))
    for scale in np.geomspace(start / target, 1.0, 400).real:
        for _ in range(4):
            sine, cosine = np.sin(t), np.cos(t)
            step = (t * sine - scale * target * cosine) / (
                sine + t * cosine + scale * target * sine
            )
            t = t - step
    return t


# Slender pores: one dimension.


def de_levie(u: ArrayLike, exponent: float = 1.0) -> Complex:
    """Z / R of a straight pore, coth(x) / x with x^2 = (j u)^exponent."""
    x = np.sqrt((1j * np.asarray(u, float)) ** exponent)
    return 1 / (x * np.tanh(x))


def weighted_resistance(
    resistance: Callable[[float], float], area: Callable[[float], float] = lambda _: 1.0
) -> float:
    """3 times the integral of r(s) (1 - C(s) / C)^2 over the depth s from 0 to 1.

    r is the local resistance and a the local wall area; both may jump at quarters.
    """
    total = _integral(area, 0.0, 1.0)

    def energy(s: float) -> float:
        return resistance(s) * (_integral(area, s, 1.0) / total) ** 2

    return 3 * _integral(energy, 0.0, 1.0)


def graded(
    porosity: Callable[[float], float], area: Callable[[float], float] = lambda _: 1.0
) -> float:
    """tau_e where the local resistance is 1 / eps(s)."""
    mean = _integral(porosity, 0.0, 1.0)
    return mean * weighted_resistance(lambda s: 1 / porosity(s), area)


def _integral(f: Callable[[float], float], low: float, high: float) -> float:
    edges = [low, *(q for q in (0.25, 0.5, 0.75) if low < q < high), high]
    return sum(quad(f, *part)[0] for part in pairwise(edges))


def two_steps(first: float, second: float) -> float:
    """tau_e of a slit whose half at the separator is `first` wide and the other `second`."""
    return (first + second) / 2 * (7 / (8 * first) + 1 / (8 * second))


def dead_end(fraction: float) -> float:
    """tau_e of straight pores that end at a fraction of the thickness, their ends uncharged."""
    return fraction**2


def dead_end_with_wall(rows: int, width: int, length: int) -> float:
    """The same in two dimensions with a charged end: `rows` of two wall faces each."""
    walls = 2 * rows + width
    energy = (walls**3 - width**3) / 6 / width
    return rows * width / length**2 * 3 * energy / walls**2


def wedge(g: float) -> float:
    """tau_e of a slit d0 (1 - g s) wide at the depth s; 1 where g is 0."""
    logarithm = (1 - g) ** 2 * np.log(1 - g) if g != 1 else 0.0
    bracket = (1 - (1 - g) ** 2) / 2 - 2 * (1 - g) * g - logarithm
    return float(3 * (1 - g / 2) * bracket / g**3)


def wedge_to_a_point_impedance(u: ArrayLike) -> Complex:
    """Z / R0 of the wedge that closes (g = 1), u = omega R0 C with R0 of the mouth's width."""
    s = np.sqrt(1j * np.asarray(u, float))
    return ive(0, 2 * s) / (s * ive(1, 2 * s))


def cone(g: float) -> float:
    """tau_e of a cone, or a pyramid, r0 (1 - g s) wide at the depth s."""
    mean = 1 - g + g**2 / 3

    def energy(s: float) -> float:
        # At the tip of a closing cone numerator and denominator vanish together.
        if g == 1:
            return (1 - s) ** 2 / 4
        return ((1 - s) - g * (1 - s**2) / 2) ** 2 / (1 - g * s) ** 2

    return float(3 * mean / (1 - g / 2) ** 2 * quad(energy, 0, 1)[0])


def two_rails(u: ArrayLike, ratio: float) -> Complex:
    """Z / R_ion of pores in a solid of resistance `ratio` R_ion, contacted at opposite ends.

    Malifarge et al., J. Electrochem. Soc. 164 (2017) E3329, eq. 11; with b the ratio the limits are
    (1 + b) / 3 in the real part at low frequency and b / (1 + b) at high frequency.
    """
    b = ratio
    nu = np.sqrt((1 + b) * 1j * np.asarray(u, complex))
    # cosh and sinh over exp(nu), which alone would overflow.
    decay = np.exp(-nu)
    growth = 1 + (2 * decay + (b + 1 / b) * (1 + decay**2) / 2) / (nu * (1 - decay**2) / 2)
    return b / (1 + b) * growth
