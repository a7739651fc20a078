"""Discharges in images that have exact answers: pores one voxel wide, and their ladders."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq, root
from scipy.special import erfc

import twin
from twin.lio2.constants import FARADAY
from twin.lio2.parameters import Parameters

#: Irreversible, of first order in oxygen, without film: what closed forms are for.
TAFEL = {"reverse_rate": 0.0, "lithium_order": 0.0, "film": "none"}

EDGE = 50e-9


def cell(**changes: object) -> Parameters:
    """The set of the library with Tafel kinetics and other changes."""
    return Parameters.of("Su2021_ch6").replace(**{**TAFEL, **changes})


def pore(layers: int, length: float = 4e-6, edge: float = EDGE) -> twin.Volume:
    """A straight pore of one voxel's width in a block of carbon, along z."""
    labels = np.ones((3, 3, layers), np.uint8)
    labels[1, 1] = 0
    spacing = (edge, edge, length / layers)
    return twin.Volume(labels, spacing=spacing, phases={"pore": 0, "carbon": 1})


def slab(layers: int, length: float, edge: float = EDGE) -> twin.Volume:
    """A pore beside a bar of carbon, both one voxel wide, along z."""
    labels = np.zeros((1, 2, layers), np.uint8)
    labels[0, 1] = 1
    spacing = (edge, edge, length / layers)
    return twin.Volume(labels, spacing=spacing, phases={"pore": 0, "carbon": 1})


def random_image(
    seed: int, shape: tuple[int, int, int], spacing: object, share: float = 0.75
) -> twin.Volume:
    """Pores at random, and open on both ends of z; lumps of two voxels."""
    rng = np.random.default_rng(seed)
    coarse = rng.random([-(-n // 2) for n in shape]) > share
    labels = np.kron(coarse, np.ones((2, 2, 2), np.uint8))[tuple(slice(n) for n in shape)]
    return twin.Volume(labels.astype(np.uint8), spacing=spacing, phases={"pore": 0, "carbon": 1})


def tafel_slope(p: Parameters) -> float:
    """RT / (alpha F) [V]."""
    return p.thermal_voltage / p.charge_transfer_coefficient


def at_separator(p: Parameters, current: float) -> float:
    """Potential of the electrolyte behind the separator, against lithium [V]."""
    drop = current * p.separator_thickness * p.separator_tortuosity / p.separator_porosity
    foil = 2 * p.thermal_voltage * math.asinh(0.5 * current / p.lithium_exchange_current_density)
    return -foil - drop / p.ionic_conductivity


def voltage(p: Parameters, current: float, rate: float) -> float:
    """Of a cell whose walls react with ``rate = i0 (c / c_ref) exp(-alpha F eta / RT)`` [A/m2]."""
    eta = -tafel_slope(p) * math.log(rate / p.exchange_current_density)
    return p.equilibrium_voltage + at_separator(p, current) + eta


@dataclass(frozen=True)
class Ladder:
    """A pore one voxel wide: resistors in a row, with a sink in each.

    Attributes
    ----------
    parameters : of the cell.
    layers, length, edge : of the pore [-], [m], [m].
    walls : carbon faces of a voxel.
    total : cross-section of the image over that of the pore.
    """

    parameters: Parameters
    layers: int
    length: float = 4e-6
    edge: float = EDGE
    walls: int = 4
    total: int = 9

    @property
    def step(self) -> float:
        """Length of a voxel [m]."""
        return self.length / self.layers

    @property
    def wall(self) -> float:
        """Area of carbon in a voxel [m2]."""
        return self.walls * self.edge * self.step

    @property
    def conductance(self) -> float:
        """Between the centres of two voxels, with a conductivity of 1 [m]."""
        return self.edge**2 / self.step

    def current(self, density: float) -> float:
        """Of the image [A]."""
        return density * self.total * self.edge**2

    def first(self, density: float) -> float:
        """Voltage without product, by the exact solution of the difference equation [V].

        ``c_i ~ cosh(mu (i + 1/2))`` from the sealed end on, ``4 sinh^2 mu/2 = r``, r what a voxel
        consumes over what it conducts, and the oxygen's end half a voxel beyond the last centre.
        """
        p, n = self.parameters, self.layers
        scale = p.electrons * FARADAY * p.oxygen_diffusivity * self.conductance
        flow = self.current(density) / scale  # [mol/m3]

        def miss(log: float) -> float:
            mu = 2 * math.asinh(0.5 * math.exp(0.5 * log))
            last = math.cosh(mu * (n - 0.5))
            ends = math.sinh(mu * n) / (2 * math.sinh(mu / 2))  # the sum of the cosines
            top = p.dissolved_oxygen / (last + 0.5 * math.exp(log) * ends)
            return math.log(math.exp(log) * top * ends / flow)

        r = math.exp(brentq(miss, -60, 4, xtol=1e-14))
        return voltage(p, density, r * scale * p.reference_oxygen / self.wall)

    def discharge(self, density: float, duration: float, exponent: float = 1.5) -> Callable:
        """Voltage by time [s], integrated with hardly any error: ordinary differential equations.

        Product stays where it is made, as a film on the walls of its voxel.
        """
        p, room = self.parameters, self.edge**2 * self.step
        made = p.product_molar_volume / (p.electrons * FARADAY)

        def rates(volume: np.ndarray) -> tuple[np.ndarray, float]:
            share = np.clip(1 - volume / room, 1e-9, 1.0)
            passes = np.ones(self.layers)
            if p.film == "tunnelling":
                depth = volume / self.wall - p.tunnelling_thickness
                passes = 0.5 * erfc(depth / p.tunnelling_width)
            half = 0.5 / (self.conductance * share**exponent)
            g = p.electrons * FARADAY * p.oxygen_diffusivity / (half[1:] + half[:-1])
            inlet = p.electrons * FARADAY * p.oxygen_diffusivity / half[-1]
            matrix = np.diag(np.append(g, inlet) + np.append(0.0, g))
            matrix -= np.diag(g, 1) + np.diag(g, -1)
            load = np.append(np.zeros(self.layers - 1), inlet * p.dissolved_oxygen)

            def currents(log: float) -> np.ndarray:
                k = math.exp(log) * self.wall * passes / p.reference_oxygen
                return k * np.linalg.solve(matrix + np.diag(k), load)

            target = self.current(density)
            log = brentq(lambda x: math.log(currents(x).sum() / target), -40, 40, xtol=1e-13)
            return currents(log), voltage(p, density, math.exp(log))

        solution = solve_ivp(
            lambda _, v: made * rates(v)[0], (0, duration), np.zeros(self.layers),
            method="DOP853", rtol=1e-10, atol=1e-12 * room, dense_output=True,
        )  # fmt: skip
        assert solution.success
        return np.vectorize(lambda t: rates(solution.sol(t))[1])


def ohmic_tafel(ladder: Ladder, density: float, conductivity: float) -> float:
    """Voltage where only the drop of one potential is felt, the other conductor being perfect [V].

    ``u'' ~ exp(u)`` with no current at one end: the current is ``I tan(t (1 - x / L)) / tan t``
    with ``2 t tan t = I L / (conductivity RT / alpha F)``, so that the reaction is fastest at the
    end where the potential is given.
    """
    p = ladder.parameters
    drive = ladder.current(density) / ladder.edge**2 * ladder.length / conductivity / tafel_slope(p)
    t = brentq(lambda x: 2 * x * math.tan(x) - drive, 1e-9, math.pi / 2 - 1e-9, xtol=1e-15)
    perimeter = ladder.wall / ladder.step
    fastest = ladder.current(density) / ladder.length * t / math.tan(t) / math.cos(t) ** 2
    return voltage(p, density, fastest / perimeter * p.reference_oxygen / p.dissolved_oxygen)


def resolved_electrolyte(ladder: Ladder, density: float) -> tuple[float, np.ndarray]:
    """Voltage [V] and reaction of each voxel [A] where ions limit, without the oxygen's part.

    The equations of the difference scheme, solved for all currents at once: salt
    ``c = c0 - (1 - t+) psi / (F D)``, potential ``phi0 - psi / kappa + 2 RT/F (1 - t+) f ln c/c0``.
    """
    p, n, total = ladder.parameters, ladder.layers, 0.0
    resistance = np.append(0.5, np.ones(n - 1)) / ladder.conductance
    neutral = 1 - p.transference_number

    def local(share: np.ndarray) -> np.ndarray:
        """The voltage that each voxel would need."""
        through = np.cumsum(share[::-1])[::-1]
        psi = np.cumsum(resistance * through) * total
        salt = 1 - neutral * psi / (FARADAY * p.salt_diffusivity * p.salt_concentration)
        phi = at_separator(p, density) - psi / p.ionic_conductivity
        phi = phi + 2 * p.thermal_voltage * neutral * p.thermodynamic_factor * np.log(salt)
        relative = (salt * p.salt_concentration / p.reference_salt) ** p.lithium_order
        relative = relative * p.dissolved_oxygen / p.reference_oxygen
        rate = total * share / ladder.wall / (p.exchange_current_density * relative)
        return np.asarray(p.equilibrium_voltage + phi - tafel_slope(p) * np.log(rate))

    def miss(logs: np.ndarray) -> np.ndarray:
        share = np.exp(logs)
        found = local(share)
        return np.append(np.diff(found) / tafel_slope(p), math.log(share.sum()))

    logs = np.full(n, -math.log(n))
    for part in np.linspace(0.1, 1.0, 10):  # from a small current on, so that it converges
        total = part * ladder.current(density)
        found = root(miss, logs, tol=1e-13)
        assert found.success
        logs = found.x
    return float(local(np.exp(logs))[0]), total * np.exp(logs)
