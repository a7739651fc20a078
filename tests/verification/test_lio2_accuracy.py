"""Li-O2 discharge: conservation, order in width and time, and an independent computation."""

from __future__ import annotations

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.verification

#: Computed apart from this package, by a Python prototype of the same equations (100 + 10 cells of
#: equal widths, BDF2 with steps of at most 10 mV, complex-step Jacobian): factors of D and c,
#: current [A/m2], capacity [mAh/cm2], voltage at a twentieth of it [V], product at the O2 side.
TABLE = {
    "base, 2.4": (1, 1, 2.4, 1.730, 2.658, 0.514),
    "5 D, 2.4": (5, 1, 2.4, 8.587, 2.739, 0.534),
    "5 c, 2.4": (1, 5, 2.4, 8.684, 2.822, 0.547),
    "5 D and c, 2.4": (5, 5, 2.4, 21.83, 2.856, 0.564),
    "base, 12": (1, 1, 12.0, 0.329, 2.453, 0.438),
    "5 D, 12": (5, 1, 12.0, 1.694, 2.540, 0.490),
    "5 c, 12": (1, 5, 12.0, 1.735, 2.623, 0.507),
    "5 D and c, 12": (5, 5, 12.0, 8.641, 2.708, 0.526),
}


@pytest.mark.parametrize("case", TABLE)
def test_capacities_agree_with_a_prototype(case: str, record_verification) -> None:
    by_d, by_c, current, capacity, voltage, product = TABLE[case]
    d = twin.lio2.discharge(
        current_density=current, oxygen_diffusivity=7e-11 * by_d, oxygen_solubility=3.72 * by_c,
        grid=twin.lio2.Grid(100, 10, graded=False),
    )  # fmt: skip
    error = abs(d.areal_capacity / capacity - 1)
    record_verification(
        f"capacity, {case} A/m2 [mAh/cm2]", capacity, d.areal_capacity, error,
        source="prototype of the same equations",
    )  # fmt: skip
    assert error < 5e-3
    assert d.plateau_voltage == pytest.approx(voltage, abs=1e-3)
    assert d.profile("product")[-1, -1] == pytest.approx(product, abs=1e-3)


PROTOCOLS = {
    "one current": {"current_density": 2.4},
    "rests": {
        "protocol": ["12 A/m2 until 0.1 mAh/cm2", "rest 1 h", "2.4 A/m2 until 2.5 V", "rest 60 s",
                     "1 A/m2"],
    },
    "closed gas": {"current_density": 2.4, "gas_volume": 0.01},
    "slow transfer": {"current_density": 2.4, "gas_transfer_coefficient": 4e-6},
    "ohmic film": {"current_density": 2.4, "film": "ohmic", "film_resistivity": 1e10},
    "tunnelling and ohmic film": {"current_density": 2.4, "film": "both", "film_resistivity": 1e9},
    "closing pores": {"current_density": 2.4, "structure": "pores", "film": "none"},
    "Andrei": {"parameters": "after_Andrei2010", "current_density": 1.0},
    "broken orders": {"current_density": 2.4, "oxygen_order": 0.5, "lithium_order": 0.5},
    "little salt": {"current_density": 12.0, "salt_concentration": 20.0,
                    "oxygen_diffusivity": 1e-8},
}  # fmt: skip


@pytest.mark.parametrize("case", PROTOCOLS)
def test_charge_salt_and_oxygen_are_kept(case: str, record_verification) -> None:
    d = twin.lio2.discharge(**PROTOCOLS[case])
    record_verification(
        f"charge in Li2O2 over charge passed, {case}", 1, 1 + d.charge_balance,
        abs(d.charge_balance), source="Faraday",
    )  # fmt: skip
    passed = np.concatenate([[0.0], np.cumsum(d.current[1:] * np.diff(d.time))])
    assert np.allclose(d.charge, passed, rtol=1e-12, atol=1e-9)
    assert abs(d.charge_balance) < 1e-10
    assert abs(d.salt_balance) < 1e-10
    assert abs(d.oxygen_balance) < 1e-10


@pytest.mark.parametrize("current", [2.4, 12.0])
def test_the_first_oxygen_is_that_dissolved(current: float) -> None:
    """Every cell turns at least its own dissolved oxygen into product once oxygen is gone."""
    d = twin.lio2.discharge(current_density=current)
    p = d.parameters
    least = p.dissolved_oxygen * p.porosity * p.product_molar_volume
    left = d.profile("oxygen")[-1, d.in_cathode] * p.porosity * p.product_molar_volume
    assert (d.profile("product")[-1, d.in_cathode] > 0.99 * least - left).all()


def test_product_and_film_close() -> None:
    """d eps = -a dl, along every law of the area."""
    laws = (
        {}, {"structure": "spheres"}, {"structure": "pores"},
        {"structure": twin.lio2.PowerArea(3e7, 0.0)},
        {"structure": twin.lio2.PowerArea(3e7, 1.0)},
        {"structure": twin.lio2.AreaTable((0.83, 0.5, 0.2), (3e7, 3.5e7, 1e7))},
    )  # fmt: skip
    p = twin.lio2.Parameters.of("Su2021_ch6")
    for changes in laws:
        growth = p.replace(**changes).growth
        product = np.linspace(0.0, 0.6, 200_001)
        area, _, film = growth(product).T
        # The trapezium rule for the integral of d eps / a.
        inverse = 1.0 / area
        steps = 0.5 * (inverse[1:] + inverse[:-1]) * np.diff(product)
        assert np.allclose(np.cumsum(steps), film[1:], rtol=1e-8, atol=0), changes


@pytest.mark.parametrize("graded", [True, False])
@pytest.mark.parametrize("current", [2.4, 12.0])
def test_second_order_in_width(graded: bool, current: float, record_verification) -> None:
    capacities = [
        twin.lio2.discharge(
            current_density=current,
            grid=twin.lio2.Grid(cells, cells // 10, graded),
            stepping=twin.lio2.Stepping(tolerance=1e-5),
        ).areal_capacity
        for cells in (100, 200, 400, 800)
    ]
    changes = np.abs(np.diff(capacities))
    order = np.log2(changes[-2] / changes[-1])
    limit = capacities[-1] + (capacities[-1] - capacities[-2]) / 3
    kind = "graded" if graded else "equal"
    record_verification(
        f"capacity at {current:g} A/m2 with 100 {kind} cells [mAh/cm2]", limit, capacities[0],
        abs(capacities[0] / limit - 1), order=order,
        source="extrapolation from 400 and 800 cells",
    )  # fmt: skip
    assert order == pytest.approx(2.0, abs=0.2)
    assert abs(capacities[0] / limit - 1) < (6e-3 if graded else 2e-2)


def test_graded_cells_see_the_crowded_reaction_of_high_currents() -> None:
    """At 60 A/m2 all happens within 2 um; equal cells of 1.5 um would give a twentieth."""
    fine, coarse = (
        twin.lio2.discharge(current_density=60.0, grid=twin.lio2.Grid(n)).capacity
        for n in (400, 100)
    )
    assert coarse == pytest.approx(fine, rel=0.03)


def test_second_order_in_time(record_verification) -> None:
    """The error falls with the square of the number of steps."""
    runs = [
        twin.lio2.discharge(current_density=2.4, stepping=twin.lio2.Stepping(tolerance=tolerance))
        for tolerance in (1e-2, 1e-3, 1e-4, 1e-7)
    ]
    exact = runs[-1].areal_capacity
    errors = np.array([abs(d.areal_capacity / exact - 1) for d in runs[:-1]])
    steps = np.array([d.history.steps for d in runs[:-1]])
    orders = np.log(errors[:-1] / errors[1:]) / np.log(steps[1:] / steps[:-1])
    record_verification(
        "capacity with the default tolerance in time [mAh/cm2]", exact, runs[1].areal_capacity,
        errors[1], order=orders[-1], source="tolerance of 1e-7",
    )  # fmt: skip
    assert orders[-1] == pytest.approx(2.0, abs=0.3)
    assert errors[1] < 1e-3


def test_the_cut_off_is_met_exactly() -> None:
    d = twin.lio2.discharge(current_density=2.4, cut_off_voltage=2.3)
    assert d.voltage[-1] == pytest.approx(2.3, abs=1e-12)
    first = twin.lio2.discharge(protocol=["2.4 A/m2 until 2.5 V", "12 A/m2 until 60 s"])
    assert first.voltage[first.history.step == 0][-1] == pytest.approx(2.5, abs=1e-12)
    assert first.endings[0] == "voltage"
