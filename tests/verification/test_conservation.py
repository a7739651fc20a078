"""The same flow passes every plane, and energy, inlet and planes tell one number."""

from __future__ import annotations

import numpy as np
import pytest
from support.solving import ANISOTROPIC, TIGHT, conduct

import twin
from meshing import generate

pytestmark = pytest.mark.verification


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("axis", "xyz")
def test_every_plane_carries_the_flow(axis, sides, record_verification):
    volume = generate.electrode((30, 24, 36), 1e-6, seed=5)
    solution = conduct(volume, {"pore": 1.0, "CBD": 0.2}, axis, sides, TIGHT)
    spread = np.abs(solution.plane_flows / solution.flow - 1).max()
    record_verification(f"flow through every plane, {axis}, {sides}", 0, spread, spread)
    assert solution.plane_flows.shape == (volume.shape["xyz".index(axis)] + 1,)
    assert spread < 1e-4  # the field carries half the digits of the energy


def test_flux_imbalance_of_a_result_falls_with_the_tolerance():
    volume = generate.blobs((32, 32, 32), 0.4, length=15e-9, spacing=ANISOTROPIC, seed=2)
    loose, tight = (
        twin.tortuosity(volume, "pore", "x", solver=type(TIGHT)(tolerance=tolerance))
        for tolerance in (1e-4, 1e-10)
    )
    assert tight.flux_imbalance <= loose.flux_imbalance
    assert tight.flux_imbalance < 1e-4
    assert loose.tortuosity_factor == pytest.approx(tight.tortuosity_factor, rel=1e-4)
