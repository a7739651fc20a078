"""What must hold for any Li-O2 cell: balances, bounds, and an answer."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import twin


def decades(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(np.log10(low), np.log10(high)).map(lambda x: float(10.0**x))


CELLS = st.fixed_dictionaries({
    "oxygen_diffusivity": decades(1e-11, 1e-8),
    "oxygen_solubility": decades(0.3, 50.0),
    "porosity": st.floats(0.2, 0.95),
    "tortuosity": st.floats(1.0, 10.0),
    "cathode_thickness": decades(5e-6, 1e-3),
    "salt_concentration": decades(50.0, 2000.0),
    "salt_diffusivity": decades(1e-11, 1e-8),
    "ionic_conductivity": decades(0.01, 2.0),
    "radius": decades(3e-9, 1e-6),
    "exchange_current_density": decades(1e-8, 1e-2),
    "transference_number": st.floats(0.0, 0.9),
    "structure": st.sampled_from(["fibres", "spheres", "pores"]),
    "film": st.sampled_from(["tunnelling", "ohmic", "both", "none"]),
    "film_resistivity": decades(1e6, 1e12),
    "gas_volume": st.one_of(st.just(float("inf")), decades(1e-3, 1.0)),
    "gas_transfer_coefficient": st.one_of(st.just(float("inf")), decades(1e-6, 1e-3)),
})  # fmt: skip


@settings(max_examples=25)
@given(cell=CELLS, current=decades(0.01, 100.0))
def test_any_cell_is_discharged_and_its_balances_hold(cell: dict, current: float) -> None:
    d = twin.lio2.discharge(current_density=current, grid=twin.lio2.Grid(30, 4), **cell)
    p = d.parameters
    assert max(abs(d.charge_balance), abs(d.salt_balance), abs(d.oxygen_balance)) < 1e-9
    assert d.voltage[-1] <= p.cut_off_voltage + 1e-9
    assert 0.0 <= d.pore_filling < 1.0
    assert d.capacity <= p.capacity_limit
    oxygen = d.profile("oxygen")
    assert oxygen.max() <= p.dissolved_oxygen * (1 + 1e-6)
    assert oxygen.min() > -1e-3 * p.dissolved_oxygen
    assert (d.profile("salt") > 0).all()
    assert d.cause in ("oxygen", "passivation", "clogging", "lithium", "kinetics")
