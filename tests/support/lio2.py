"""Li-O2 cells in limits that have exact answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import twin
from solvers.banded import Newton
from solvers.kernels.porous_layer import DEPOSIT, ELECTRON, GAS, ION
from twin.lio2.layer import Layer

#: Growth, salt and ohmic drops switched off: oxygen diffuses and reacts at one potential.
KINETIC = {
    "reverse_rate": 0.0,
    "lithium_order": 0.0,
    "film": "none",
    "ionic_conductivity": 1e4,
    "electronic_conductivity": 1e4,
    "salt_diffusivity": 1e-5,
    "thermodynamic_factor": 1e-12,
    "lithium_exchange_current_density": 1e6,
    "product_density": 1e12,  # so that it takes no room
}


@dataclass(frozen=True, eq=False)
class Instant:
    """A steady moment: oxygen in the cathode from the separator on [mol/m3], and eta [V]."""

    oxygen: np.ndarray
    overpotential: float
    voltage: float


def instant(p: twin.lio2.Parameters, current: float, cells: int) -> Instant:
    """The steady profile at a current: implicit steps until nothing changes any more."""
    layer = Layer(p, twin.lio2.Grid(cells, 1, graded=False), Newton(1e-10, 200))
    layer.current = current
    y = layer.start(layer.initial())
    for step in (1.0, 1e2, 1e4, 1e6, 1e6, 1e6, 1e6):
        y, _ = layer.solve(layer.conserved(y), step, y)
    part = slice(1, -1)
    eta = y[part, ELECTRON] - y[part, ION]
    assert np.ptp(eta) < 1e-5
    assert y[part, DEPOSIT].max() < 1.0
    return Instant(y[part, GAS], float(eta.mean()), layer.voltage(y))
