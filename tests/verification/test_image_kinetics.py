"""Discharges in images whose kinetics are unusual, against the model across the thickness."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.lio2 import ImageDischarge, NanoPorous, Parameters, Step, discharge, discharge_image
from twin.lio2 import PowerArea as Area

pytestmark = pytest.mark.filterwarnings("ignore:voxels of:UserWarning")

BASE = Parameters.of("Su2021_ch6")
#: Carbon area over volume [1/m], pores and their exponent, of the whole cathode in every voxel.
AREA, POROSITY, EXPONENT = 3.535e7, 0.83, 1.75


def column(cell: Parameters, current: float, voxels: int = 60, **options: object) -> ImageDischarge:
    """The cathode as a column of nano-porous voxels, with one pore voxel at its separator."""
    labels = np.ones((2, 2, voxels), int)
    labels[0, 0, 0] = 0
    h = cell.cathode_thickness / voxels
    volume = twin.Volume(labels, spacing=(h, h, h), phases={"pore": 0, "carbon": 1})
    porous = NanoPorous(POROSITY, AREA, exponent=EXPONENT)
    return discharge_image(volume, cell, current, porous=porous, exponent=EXPONENT, **options)


@pytest.mark.parametrize("order", [0.5, 0.8, 1.0, 1.2])
def test_a_column_of_any_order_of_oxygen_is_the_model_across_the_thickness(
    order: float, record_verification: Callable[..., None]
) -> None:
    """Below 1 the rate is bent, and tangents lead past no oxygen."""
    cell = BASE.replace(oxygen_order=order, structure=Area(AREA, 0.0))
    found = column(cell, 2.4).areal_capacity
    expected = discharge(cell, current_density=2.4).areal_capacity
    error = abs(found / expected - 1.0)
    record_verification(f"Column, oxygen of order {order:g} (mAh/cm2)", expected, found, error)
    assert error < 0.002


def test_rates_that_hardly_depend_on_oxygen_are_refused() -> None:
    with pytest.raises(InputError, match="oxygen_order is 0, and a discharge"):
        column(BASE.replace(oxygen_order=0.0), 2.4)


@pytest.mark.parametrize("faster", [1.0, 300.0, 1e4])
def test_kinetics_near_equilibrium_are_searched_for_safely(faster: float) -> None:
    """The logarithm of the current falls without end there, and straight lines lead nowhere.

    The faster the kinetics, the thinner the layer that reacts: voxels of 1.25 um tell it to 2 %.
    """
    cell = BASE.replace(
        exchange_current_density=faster * BASE.exchange_current_density,
        structure=Area(AREA, 0.0),
    )
    found = column(cell, 2.4, 120)
    expected = discharge(cell, current_density=2.4)
    assert "cut-off" in found.verdict.reason
    assert found.areal_capacity == pytest.approx(expected.areal_capacity, rel=0.02, abs=0)


def test_a_tiny_current_discharges_near_equilibrium() -> None:
    """What was never deposited does not dissolve, so the voltage begins above equilibrium."""
    cell = BASE.replace(structure=Area(AREA, 0.0))
    found = column(cell, 1e-4, capacity=50.0)
    expected = discharge(cell, protocol=[Step("1e-4 A/m2", time=5e5)])
    assert found.verdict.reason == "the capacity that was asked for is reached"
    assert found.voltage[-1] > 2.9
    there = np.interp(found.time[1:], expected.time, expected.voltage)
    np.testing.assert_allclose(found.voltage[1:], there, atol=2e-3)


@pytest.mark.parametrize("salt", [1000.0, 100.0])
def test_what_a_uniform_electrolyte_leaves_out_is_what_a_resolved_one_costs(salt: float) -> None:
    """Its potential, that of diffusion, and the salt that the rate lacks."""
    cell = BASE.replace(salt_concentration=salt)
    uniform, resolved = (
        column(cell, 12.0, capacity=10.0, electrolyte=electrolyte)
        for electrolyte in ("uniform", "resolved")
    )
    cost = uniform.voltage[0] - resolved.voltage[0]
    assert cost > 0.01
    assert uniform.transport["electrolyte_drop"][0] == pytest.approx(cost, rel=0.1, abs=0)
    assert resolved.transport["electrolyte_drop"][0] == 0.0
