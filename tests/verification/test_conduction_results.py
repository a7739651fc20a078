"""What `twin.conduction` says of layers with contact resistance: every number of the result.

Three layers across an axis, of unlike thickness, edges of voxels in nanometres, SI throughout.
"""

from __future__ import annotations

import numpy as np
import pytest
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

CONDUCTIVITY = {"AM": 0.1, "CBD": 760.0, "binder": 3e-3}
THICKNESS = {"AM": 3, "CBD": 1, "binder": 2}
#: Ohm m2, of the size of what the layers resist.
CONTACT = {("CBD", "AM"): 4e-7, ("binder", "CBD"): 1e-6}


def layered(axis: str) -> Volume:
    return generate.layers((6, 6, 6), axis, THICKNESS, ANISOTROPIC)


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("axis", "xyz")
def test_every_number_of_layers_in_series(axis, sides, record_verification):
    volume = layered(axis)
    h = volume.spacing["xyz".index(axis)]
    bulk = {name: n * h / CONDUCTIVITY[name] for name, n in THICKNESS.items()}
    total = sum(bulk.values()) + sum(CONTACT.values())
    c = twin.conduction(volume, CONDUCTIVITY, axis, sides, contact_resistance=CONTACT, solver=TIGHT)
    exact = 6 * h / total
    record_verification(
        f"twin.conduction, layers with contact resistance, {axis}, {sides} [S/m]",
        exact, c.effective_conductivity, abs(c.effective_conductivity / exact - 1),
    )  # fmt: skip
    mean = sum(THICKNESS[name] / 6 * k for name, k in CONDUCTIVITY.items())
    assert c.effective_conductivity == pytest.approx(exact, rel=1e-9)
    assert c.tortuosity_factor == pytest.approx(mean / exact, rel=1e-9)
    assert c.wiener_bounds[1] == pytest.approx(mean, rel=1e-12)
    assert c.share == pytest.approx({n: t / 6 for n, t in THICKNESS.items()}, rel=1e-6)
    assert c.heat_share == pytest.approx({n: r / total for n, r in bulk.items()}, abs=1e-6)
    crossed = {tuple(sorted(pair)): r / total for pair, r in CONTACT.items()}
    for pair, part in crossed.items():
        assert c.interface_share[pair] == pytest.approx(1, rel=1e-6)
        assert c.interface_heat_share[pair] == pytest.approx(part, abs=1e-6)
    assert c.percolating_fractions == dict.fromkeys(THICKNESS, 1.0)
    assert c.flux_imbalance < 1e-5
    assert c.mean_current_density == pytest.approx(1 / total, rel=1e-9)
    assert c.magnitude() == pytest.approx(1 / total, rel=1e-5)


@pytest.mark.parametrize(("normal", "axis"), [("x", "y"), ("y", "z"), ("z", "x")])
def test_every_number_of_layers_in_parallel(normal, axis, record_verification):
    volume = layered(normal)
    c = twin.conduction(volume, CONDUCTIVITY, axis, contact_resistance=CONTACT, solver=TIGHT)
    parts = {name: THICKNESS[name] / 6 * k for name, k in CONDUCTIVITY.items()}
    exact = sum(parts.values())
    record_verification(
        f"twin.conduction, layers across {normal} side by side, {axis} [S/m]",
        exact, c.effective_conductivity, abs(c.effective_conductivity / exact - 1),
    )  # fmt: skip
    assert c.effective_conductivity == pytest.approx(exact, rel=1e-9)
    assert c.tortuosity_factor == pytest.approx(1, rel=1e-9)
    assert c.share == pytest.approx({name: k / exact for name, k in parts.items()}, abs=1e-8)
    assert c.heat_share == pytest.approx(c.share, abs=1e-8)
    assert max(c.interface_share.values()) < 1e-6


def test_a_conductivity_for_each_axis_of_the_image():
    volume = layered("z")
    k = {"AM": (1.0, 2.0, 3.0), "CBD": (40.0, 50.0, 60.0), "binder": (0.7, 0.8, 0.9)}
    fractions = {name: n / 6 for name, n in THICKNESS.items()}
    d = twin.conduction(volume, k, "xyz", solver=TIGHT)
    for axis in "xy":
        exact = sum(fractions[name] * value["xyz".index(axis)] for name, value in k.items())
        assert d[axis].effective_conductivity == pytest.approx(exact, rel=1e-9)
    exact = 1 / sum(fractions[name] / value[2] for name, value in k.items())
    assert d["z"].effective_conductivity == pytest.approx(exact, rel=1e-9)


def test_bounds_hold_one_phase_is_tortuosity_and_words_change_no_number():
    volume = generate.electrode((24, 24, 24), 1e-6, seed=2)
    k = {"AM": 0.1, "CBD": 760.0, "pore": 1e-3}
    electric = twin.conduction(volume, k, "x", solver=TIGHT)
    thermal = twin.conduction(volume, k, "x", transport="thermal", solver=TIGHT)
    assert thermal.effective_conductivity == electric.effective_conductivity
    low, high = electric.wiener_bounds
    assert low < electric.effective_conductivity < high
    pores = twin.conduction(volume, {"pore": 7.0}, "x", solver=TIGHT)
    t = twin.tortuosity(volume, "pore", "x", solver=TIGHT)
    assert pores.tortuosity_factor == pytest.approx(t.tortuosity_factor, rel=1e-12)
    assert pores.effective_conductivity == pytest.approx(7 * t.relative_diffusivity, rel=1e-12)
    assert np.isnan(pores.flux()).sum() == 0
