"""The closed forms of porous electrodes against their known limits and each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

import twin
from twin.transmission_line import (
    close_with_electronic_resistance,
    homogeneous_phase_minimum,
    line_impedance,
)

pytestmark = pytest.mark.verification

LANDESFEIND = "Landesfeind et al. 2016, doi:10.1149/2.1141607jes"
MALIFARGE = "Malifarge et al. 2017, doi:10.1149/2.0331711jes"


def de_levie(u):
    """coth(x)/x of x = sqrt(j u), in 50 digits."""
    from mpmath import mp, mpc

    with mp.workdps(50):
        x = mp.sqrt(mpc(0, u))
        return complex(mp.coth(x) / x)


def two_rails(u, b):
    """Equation 11 of Malifarge et al. as it is printed, R_i = 1, R_e = b, in 50 digits."""
    from mpmath import mp, mpc

    with mp.workdps(50):
        b = mp.mpf(b)
        nu = mp.sqrt((1 + b) * mpc(0, u))
        bracket = 1 + (2 + (b + 1 / b) * mp.cosh(nu)) / (nu * mp.sinh(nu))
        return complex(b / (1 + b) * bracket)


@pytest.mark.parametrize("u", [1e-12, 1e-6, 0.01, 0.1, 0.9, 1.0, 1.1, 10.0, 100.0, 1e6])
def test_line_of_de_levie_in_both_parts(u, record_verification):
    found, exact = complex(line_impedance(1.0, 1j * u)), de_levie(u)
    off = max(abs(found.real / exact.real - 1), abs(found.imag / exact.imag - 1))
    record_verification(f"de Levie, Re Z at u = {u:g}", exact.real, found.real, off)
    assert off < 1e-13  # of the real part too, which is 1e-12 of the imaginary one at u = 1e-12


@pytest.mark.parametrize("b", [0.01, 0.1, 0.732, 1.0, 2.0, 30.0])
@pytest.mark.parametrize("u", [1e-9, 0.3, 0.7, 3.0, 1e3, 1e5])
def test_two_rails_in_both_parts(u, b, record_verification):
    found, exact = complex(line_impedance(1.0, 1j * u, b)), two_rails(u, b)
    off = max(abs(found.real / exact.real - 1), abs(found.imag / exact.imag - 1))
    record_verification(
        f"two rails, Re Z at u = {u:g}, b = {b:g}", exact.real, found.real, off, source=MALIFARGE
    )
    assert off < 1e-11


def test_phase_minimum_of_a_homogeneous_line(record_verification):
    lowest = homogeneous_phase_minimum()
    record_verification("phase minimum of a line [degree]", 43.403, lowest.angle,
                        abs(lowest.angle / 43.403 - 1))  # fmt: skip
    assert lowest.angle == pytest.approx(43.403, abs=5e-4)
    # Its derivative vanishes where it is said to be, and it is lower than a hundredth away.
    here, left, right = (
        -np.angle(de_levie(lowest.frequency * factor), deg=True) for factor in (1.0, 0.99, 1.01)
    )
    assert here == pytest.approx(lowest.angle, abs=1e-6)
    assert left > here < right
    assert left - here == pytest.approx(right - here, rel=0.05)


@pytest.mark.parametrize("b", [1e-3, 0.1, 1.0, 7.0])
def test_limits_of_two_rails(b, record_verification):
    ionic = 2.5
    low, high = (complex(line_impedance(ionic, 1j * y, b * ionic)).real for y in (1e-7, 1e14))
    third, parallel = (1 + b) * ionic / 3, b * ionic / (1 + b)
    for name, expected, found in (("low", third, low), ("high", parallel, high)):
        off = abs(found / expected - 1)
        record_verification(
            f"two rails, {name}-frequency limit, b = {b:g}", expected, found, off, source=MALIFARGE
        )
    assert low == pytest.approx(third, rel=1e-10)
    assert high == pytest.approx(parallel, rel=1e-6 / b)  # what is left goes with 1/sqrt(Y)


@pytest.mark.parametrize(
    ("b", "published"), [(0.01, 0.980), (0.1, 0.827), (0.732, 0.464), (1.0, 0.5), (2.0, 1.0)]
)
def test_ruler_sees_less_with_electronic_resistance(b, published, record_verification):
    line = twin.transmission_line(
        np.geomspace(1e-3, 1e10, 131), 1.0, twin.Wall(1.0), electronic_resistance=b
    )
    found = twin.graphical_resistance(line)
    formula = 1 + b - 3 * b / (1 + b)
    record_verification(
        f"R_ion by ruler over R_ion, R_e/R_ion = {b:g}", formula, found, abs(found / formula - 1),
        source=MALIFARGE,
    )  # fmt: skip
    assert found == pytest.approx(formula, rel=1e-3)
    assert formula == pytest.approx(published, abs=5.1e-4)


@pytest.mark.parametrize(
    ("exponent", "published"), [(1.0, 0.3333), (0.95, 0.3333), (0.9, 0.3332), (0.8, 0.3329)]
)
def test_the_rule_of_one_third(exponent, published, record_verification):
    """The straight line through the low-frequency branch meets the real axis at R_ion / 3."""

    def third(highest):
        f = highest * np.geomspace(1e-2, 1, 5) / (2 * np.pi)
        line = twin.transmission_line(
            np.concatenate([f, [1e3, 1e5, 1e6, 1e7, 1e8]]), 1.0, twin.Wall(1.0, exponent)
        )
        return twin.graphical_resistance(line, series_resistance=0.0) / 3

    # The intercept moves with Y: by R^2 |Y| / 45 on its way to the branch of a capacitor.
    found = third(1e-2)
    record_verification(
        f"intercept of the low-frequency branch, gamma = {exponent:g}", published, found,
        abs(found / published - 1), source=LANDESFEIND,
    )  # fmt: skip
    assert found == pytest.approx(published, abs=3e-4)
    assert third(1e-6) == pytest.approx(1 / 3, abs=1e-6)
    assert abs(third(1e-4) - 1 / 3) < 0.1 * abs(found - 1 / 3) + 1e-9


def test_reactive_walls_close_the_line(record_verification):
    """At rest the admittance is 1/R_ct, and Z = sqrt(R R_ct) coth sqrt(R / R_ct)."""
    ionic, transfer = 2e-3, 5e-4
    line = twin.transmission_line(
        [1e-7], ionic, twin.Wall(10.0, charge_transfer_resistance=transfer)
    )
    x = math.sqrt(ionic / transfer)
    expected = ionic / (x * math.tanh(x))
    found = float(line.impedance[0].real)
    record_verification("line with charge transfer at rest", expected, found,
                        abs(found / expected - 1))  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-9)


def test_closure_is_exact_for_a_homogeneous_electrode(record_verification):
    y = twin.Wall(3.0, 0.9).admittance(np.geomspace(1e-3, 1e4, 40))
    for electronic in (0.0, 0.05, 0.7):
        closed = close_with_electronic_resistance(line_impedance(1.0, y), 1.0, electronic, y)
        exact = line_impedance(1.0, y, electronic)
        off = np.abs(closed / exact - 1).max()
        record_verification(f"closure, R_e = {electronic:g}", 0, off, off)
        assert off < 1e-13


def test_closure_of_a_graded_electrode_at_low_frequency(record_verification):
    """Two halves of unlike resistance and equal walls: exact by the shares of the current."""
    first, second, electronic = 0.4, 1.6, 0.6

    # Re Z(0) = int r_i (1 - x)^2 + int r_e x^2 over the depth x, r constant in each half.
    def real(r_e):
        return first * (1 - 0.5**3) * 2 / 3 + second * 0.5**3 * 2 / 3 + r_e / 3

    # Y -> 0: the imaginary part is -1/|Y|, the real one what is sought.
    y = 1e-6j
    ionic = 3 * real(0.0)
    closed = close_with_electronic_resistance(1 / y + real(0.0), ionic, electronic, y)
    record_verification("closure of two layers, Re Z(0)", real(electronic), closed.real,
                        abs(closed.real / real(electronic) - 1))  # fmt: skip
    assert closed.real == pytest.approx(real(electronic), rel=1e-9)


def test_ladder_of_many_rungs(record_verification):
    """A network of resistors and capacitors converges to the line with the square of its rungs."""
    u, b = 6.0, 0.4
    exact = complex(line_impedance(1.0, 1j * u, b))
    errors = [abs(ladder(n, u, b) / exact - 1) for n in (20, 40, 80)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    record_verification("ladder of 80 rungs", abs(exact), abs(ladder(80, u, b)), errors[-1],
                        order=orders[-1])  # fmt: skip
    assert errors[-1] < 1e-4
    assert np.allclose(orders, 2, atol=0.1)


def ladder(n, u, b):
    """Two rails of n cells, fed ionically at one end and electronically at the other."""
    size = 2 * n
    matrix = np.zeros((size, size), complex)

    def join(i, j, conductance):
        matrix[[i, j], [i, j]] += conductance
        matrix[[i, j], [j, i]] -= conductance

    for k in range(n):
        join(k, n + k, 1j * u / n)
        if k + 1 < n:
            join(k, k + 1, n)
            join(n + k, n + k + 1, n / b)
    matrix[0, 0] += 2 * n  # half a cell to the separator, held at 1
    matrix[-1, -1] += 2 * n / b  # and to the foil, held at 0
    right = np.zeros(size, complex)
    right[0] = 2 * n
    potential = np.linalg.solve(matrix, right)
    return 1 / (2 * n * (1 - potential[0]))
