"""Li-O2 discharge against exact answers: Thiele's profile, Tafel slopes, similarity, full pores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from support.lio2 import KINETIC, instant

import twin
from twin.lio2.constants import FARADAY, GAS_CONSTANT

pytestmark = pytest.mark.verification

THIELE = "Thiele 1939, Ind. Eng. Chem. 31, 916"


def modulus_of(current: float, p: twin.lio2.Parameters) -> float:
    """phi with I = (n F D_eff c0 / L) phi tanh phi."""
    scale = limiting_scale(p)
    return float(brentq(lambda x: scale * x * math.tanh(x) - current, 1e-6, 1e3, xtol=1e-14))


def limiting_scale(p: twin.lio2.Parameters) -> float:
    """n F D_eff c0 / L [A/m2]."""
    effective = p.oxygen_diffusivity * p.porosity / p.tortuosity
    return p.electrons * FARADAY * effective * p.dissolved_oxygen / p.cathode_thickness


def overpotential_of(phi: float, p: twin.lio2.Parameters) -> float:
    """From phi^2 = a k L^2 / (n F D_eff), k = (i0 / c_ref) exp(-alpha F eta / RT)."""
    prefactor = limiting_scale(p) * p.reference_oxygen / p.dissolved_oxygen
    ratio = (
        phi**2 * prefactor / (p.specific_area * p.exchange_current_density * p.cathode_thickness)
    )
    return -p.thermal_voltage / p.charge_transfer_coefficient * math.log(ratio)


@pytest.mark.parametrize("current", [0.05, 0.24, 2.4])
def test_oxygen_profile_and_overpotential_are_thieles_at_second_order(
    current: float, record_verification
) -> None:
    """Steady diffusion with a first-order reaction of one rate: c = c0 cosh(phi x/L) / cosh phi."""
    p = twin.lio2.Parameters.of("Su2021_ch6").replace(**KINETIC)
    phi = modulus_of(current, p)
    exact = overpotential_of(phi, p)
    profile_errors, eta_errors = [], []
    for cells in (25, 50, 100, 200):
        found = instant(p, current, cells)
        x = (np.arange(cells) + 0.5) / cells
        c = p.dissolved_oxygen * np.cosh(phi * x) / math.cosh(phi)
        profile_errors.append(np.abs(found.oxygen - c).max() / p.dissolved_oxygen)
        eta_errors.append(abs(found.overpotential - exact))
    orders = np.log2(np.array(profile_errors[:-1]) / profile_errors[1:])
    eta_orders = np.log2(np.array(eta_errors[:-1]) / eta_errors[1:])
    record_verification(
        f"overpotential at {current:g} A/m2 (phi = {phi:.3f}) [V]", exact,
        found.overpotential, eta_errors[-1], order=eta_orders[-1], source=THIELE,
    )  # fmt: skip
    record_verification(
        f"oxygen profile at {current:g} A/m2, largest error over c0", 0.0, profile_errors[-1],
        profile_errors[-1], order=orders[-1], source=THIELE,
    )  # fmt: skip
    assert orders[-1] == pytest.approx(2.0, abs=0.05)
    assert eta_orders[-1] == pytest.approx(2.0, abs=0.05)
    assert profile_errors[-1] < 4e-4
    assert eta_errors[-1] < 5e-5


def test_tafel_slope_and_its_doubling_under_oxygen_limitation(record_verification) -> None:
    """RT ln 10 / (alpha F) per decade where oxygen is everywhere, twice that where phi >> 1."""
    p = twin.lio2.Parameters.of("Su2021_ch6").replace(**KINETIC)
    single = GAS_CONSTANT * p.temperature * math.log(10) / (0.5 * FARADAY)
    fast = p.replace(oxygen_diffusivity=1e-5)
    slope = instant(fast, 0.1, 100).overpotential - instant(fast, 1.0, 100).overpotential
    # At phi = 200 and 2000 the hyperbolic tangent is 1, so the doubling is exact.
    scale = limiting_scale(p)
    low, high = (instant(p, factor * scale, 4000) for factor in (10.0, 40.0))
    doubled = (low.overpotential - high.overpotential) / math.log10(4.0)
    record_verification("Tafel slope [V per decade]", single, slope, abs(slope / single - 1))
    record_verification(
        "Tafel slope, oxygen-limited [V per decade]", 2 * single, doubled,
        abs(doubled / (2 * single) - 1),
    )  # fmt: skip
    assert single == pytest.approx(0.1183, abs=5e-5)
    assert slope == pytest.approx(single, rel=1e-4)
    assert doubled == pytest.approx(2 * single, rel=1e-3)


def test_a_common_factor_on_rates_and_current_changes_only_the_time(record_verification) -> None:
    p = twin.lio2.Parameters.of("Su2021_ch6")
    base = twin.lio2.discharge(p, current_density=2.4)
    factor = 5.0
    rates = (
        "oxygen_diffusivity", "salt_diffusivity", "ionic_conductivity", "electronic_conductivity",
        "exchange_current_density", "lithium_exchange_current_density",
    )  # fmt: skip
    changed = {name: factor * getattr(p, name) for name in rates}
    stepping = twin.lio2.Stepping(first=1e-3 / factor)
    fast = twin.lio2.discharge(p, current_density=2.4 * factor, stepping=stepping, **changed)
    error = abs(fast.capacity / base.capacity - 1)
    record_verification(
        "capacity with all rates fivefold [mAh/cm2]", base.areal_capacity, fast.areal_capacity,
        error, source="similarity",
    )  # fmt: skip
    assert error < 1e-9
    assert fast.time[-1] == pytest.approx(base.time[-1] / factor, rel=1e-9)
    shares = np.linspace(0, 0.99, 50)
    voltages = [np.interp(shares * d.capacity, d.charge, d.voltage) for d in (base, fast)]
    assert np.allclose(*voltages, atol=1e-7)


def test_a_thin_cathode_without_film_fills_its_pores(record_verification) -> None:
    """Q_max = eps0 L n F / V_m, for a reaction that is the same everywhere."""
    d = twin.lio2.discharge(
        current_density=0.1, cathode_thickness=5e-6, oxygen_diffusivity=1e-6, film="none"
    )
    p = d.parameters
    exact = p.porosity * p.cathode_thickness * 2 * FARADAY * 2310 / 45.88e-3
    record_verification(
        "capacity of full pores, 5 um [C/m2]", exact, d.capacity, abs(d.capacity / exact - 1)
    )
    assert p.capacity_limit == pytest.approx(exact, rel=1e-12)
    assert 0.99 < d.capacity / exact < 1.0
    assert d.cause == "clogging"


def test_uniform_film_passivates_at_the_volume_of_its_thickness(record_verification) -> None:
    """eps_p = eps0 - eps0^((1 + l / r0)^2) for fibres under a film l, the same everywhere."""
    d = twin.lio2.discharge(current_density=0.24, cathode_thickness=5e-6, oxygen_diffusivity=1e-6)
    p = d.parameters
    film = d.profile("film_thickness")[-1, d.in_cathode]
    exact = p.porosity - p.porosity ** ((1 + film / p.radius) ** 2)
    found = d.profile("product")[-1, d.in_cathode]
    record_verification(
        "Li2O2 fraction under the film at the end", exact.mean(), found.mean(),
        np.abs(found / exact - 1).max(),
    )  # fmt: skip
    assert np.allclose(found, exact, rtol=1e-12)
    assert np.ptp(film) / film.mean() < 0.01
    assert d.cause == "passivation"


def test_capacity_under_oxygen_limitation_depends_on_d_c_over_i() -> None:
    """Q I / (D c0) is a constant within a few percent where the O2 side alone is used."""
    values = [
        twin.lio2.discharge(current_density=i, oxygen_diffusivity=7e-11 * f).capacity * i / f
        for i, f in ((2.4, 1.0), (6.0, 1.0), (6.0, 2.5), (12.0, 5.0))
    ]
    assert np.ptp(values) / np.mean(values) < 0.05


def test_constants_of_the_product() -> None:
    """2 F / M = 1168.33 mAh/g; 500 mAh/g carbon are 350.1 mAh/g with the product."""
    p = twin.lio2.Parameters.of("Su2021_ch6")
    per_product = 2 * FARADAY / p.product_molar_mass / 3600
    assert per_product == pytest.approx(1168.33, abs=0.01)
    d = twin.lio2.discharge(protocol=[twin.lio2.Step(0.5, capacity="500 mAh/g")], tortuosity=1.0,
                            oxygen_diffusivity=1e-8)  # fmt: skip
    assert d.specific_capacity == pytest.approx(500.0, rel=1e-9)
    # The trace of product at the start is part of the mass.
    exact = 500 / (1 + 500 / per_product)
    assert d.specific_capacity_with_product == pytest.approx(exact, rel=1e-7)
    assert d.specific_capacity_with_product == pytest.approx(350.1, abs=0.05)
