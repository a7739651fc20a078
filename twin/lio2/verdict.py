"""Why a discharge ended: which of four limits costs most voltage.

At the last moment the voltage at the same current is found four times anew, each time with one
limit removed:

oxygen       the electrolyte saturated with oxygen everywhere
passivation  no film: every wall conducts, and no voltage drops across product
clogging     pores as open as at the start, for oxygen and ions and for wall area
lithium      salt as at the start, and the diffusion potential with it

Except for "oxygen", the dissolved oxygen is the steady profile of diffusion and reaction for that
change. All overpotentials shift alike. The cause is the limit whose removal raises the voltage
most. The gains do not add up: a shell of product, for example, is a film, narrows pores, and keeps
oxygen away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.porous_layer import DEPOSIT, ELECTRON, GAS, ION, SALT
from solvers.kernels.surface_reaction import L_W, RHO, surface_rate
from twin.lio2.constants import FARADAY
from twin.lio2.laws import relative_diffusivity
from twin.lio2.layer import Layer

Array = NDArray[np.float64]

LIMITS: Final = ("oxygen", "passivation", "clogging", "lithium")


@dataclass(frozen=True)
class Verdict:
    """How much higher the voltage would be without each limit, at the same current.

    Attributes
    ----------
    oxygen, passivation, clogging, lithium : gains [V].

    Examples
    --------
    >>> import twin
    >>> twin.lio2.Verdict(oxygen=0.7, passivation=0.2, clogging=0.1, lithium=0.0).cause
    'oxygen'
    """

    oxygen: float
    passivation: float
    clogging: float
    lithium: float

    @property
    def cause(self) -> str:
        """The limit with the largest gain."""
        return max(LIMITS, key=lambda name: getattr(self, name))


@dataclass(frozen=True, eq=False)
class _Moment:
    """What the rate of each cell of the cathode depends on."""

    eta: Array
    salt: Array
    product: Array
    geometry: Array
    ratio: Array
    kinetics: Array


def judge(layer: Layer, start: Array, end: Array) -> Verdict:
    """Find the voltage without each limit.

    Parameters
    ----------
    layer : the equations, with the current of the last moment.
    start, end : unknowns at the first and the last moment.

    Returns
    -------
    Verdict
    """
    now, fresh = _moment(layer, end), _moment(layer, start)
    target = _current(layer, end, now)
    changed = {
        "passivation": replace(now, kinetics=_bare(now.kinetics)),
        "clogging": replace(
            now,
            geometry=_opened(now, fresh),
            ratio=fresh.ratio,
            eta=now.eta - _drop_in_product(layer, end, now, fresh),
        ),
        "lithium": replace(now, salt=fresh.salt, eta=now.eta - _diffusion_potential(layer, end)),
    }
    gains = {
        name: _gain(layer, target, lambda m: _current(layer, end, m), moment)
        for name, moment in changed.items()
    }
    oxygen = _gain(layer, target, lambda m: _saturated(layer, end, m), now)
    return Verdict(oxygen=oxygen, **gains)


def _gain(
    layer: Layer, target: float, current: Callable[[_Moment], float], moment: _Moment
) -> float:
    """How far all overpotentials can rise until the current is the target's again [V]."""
    from scipy.optimize import brentq

    reach = layer.parameters.equilibrium_voltage

    def excess(rise: float) -> float:
        return current(replace(moment, eta=moment.eta + rise)) - target

    low, high = -_STEP, _STEP
    while excess(low) < 0.0 and low > -reach:
        low -= _STEP
    while excess(high) > 0.0 and high < reach:
        high += _STEP
    return float(brentq(excess, low, high, xtol=1e-7))


def _moment(layer: Layer, y: Array) -> _Moment:
    p, part = layer.parameters, slice(layer.first, -1)
    product = np.ascontiguousarray(y[part, DEPOSIT])
    return _Moment(
        eta=y[part, ELECTRON] - y[part, ION],
        salt=y[part, SALT] / p.reference_salt,
        product=product,
        geometry=layer.growth(product),
        ratio=relative_diffusivity(layer.transport, p.porosity, product)[:, 0],
        kinetics=layer.kinetics,
    )


def _bare(kinetics: Array) -> Array:
    """The kinetics without a film."""
    changed = kinetics.copy()
    changed[[L_W, RHO]] = 0.0
    return changed


def _opened(now: _Moment, fresh: _Moment) -> Array:
    """The area of the start under the film of now."""
    return np.column_stack([fresh.geometry[:, :2], now.geometry[:, 2]])


def _drop_in_product(layer: Layer, y: Array, now: _Moment, fresh: _Moment) -> Array:
    """The potential that ions lose because product narrows the pores [V], (cathode cells,)."""
    d = layer.widths[layer.first :]
    reacted = np.cumsum(layer.react(y)[layer.first :] * d)
    current = layer.current - np.concatenate([[0.0], reacted[:-1]])  # through each left face
    half = 0.5 * d * (1.0 / now.ratio - 1.0 / fresh.ratio) / layer.parameters.ionic_conductivity
    return np.asarray(np.cumsum(current * (half + np.concatenate([[0.0], half[:-1]]))))


def _diffusion_potential(layer: Layer, y: Array) -> Array:
    """What the gradient of salt adds to the potential of the electrolyte [V], (cathode cells,)."""
    p = layer.parameters
    factor = 2.0 * p.thermal_voltage * (1.0 - p.transference_number) * p.thermodynamic_factor
    salt = y[:-1, SALT]
    return np.asarray(factor * np.log(salt[0] / salt[layer.first :]))


def _rates(moment: _Moment, oxygen: Array) -> tuple[Array, Array]:
    """Current per volume and its derivative by the reduced oxygen concentration."""
    rate, slopes = np.empty(len(oxygen)), np.empty((len(oxygen), 5))
    surface_rate(
        moment.eta, moment.salt, oxygen, moment.product, moment.geometry[:, 2], moment.kinetics,
        rate, slopes,
    )  # fmt: skip
    area = moment.geometry[:, 0]
    return area * rate, area * slopes[:, 2]


def _saturated(layer: Layer, y: Array, moment: _Moment) -> float:
    oxygen = np.full(len(moment.eta), y[-1, GAS] / layer.parameters.reference_oxygen)
    return float(_rates(moment, oxygen)[0] @ layer.widths[layer.first :])


def _current(layer: Layer, y: Array, moment: _Moment) -> float:
    """Current with the steady oxygen profile [A/m2], by Newton's method in the cathode."""
    from scipy.linalg import solve_banded

    p = layer.parameters
    d = layer.widths[layer.first :]
    half = 0.5 * d / (p.oxygen_diffusivity * moment.ratio)
    g = 1.0 / (half[:-1] + half[1:])
    side = 1.0 / (half[-1] + 1.0 / p.gas_transfer_coefficient)
    charge = p.electrons * FARADAY
    oxygen = np.maximum(y[layer.first : -1, GAS], 0.0)
    diagonal = np.concatenate([g, [side]]) + np.concatenate([[0.0], g])
    rate = np.zeros(len(d))
    for _ in range(_ITERATIONS):
        rate, slope = _rates(moment, oxygen / p.reference_oxygen)
        flow = np.diff(np.concatenate([oxygen, [y[-1, GAS]]])) * np.concatenate([g, [side]])
        residual = rate * d / charge - flow + np.concatenate([[0.0], flow[:-1]])
        matrix = np.zeros((3, len(d)))
        matrix[0, 1:], matrix[2, :-1] = -g, -g
        matrix[1] = diagonal + slope * d / (charge * p.reference_oxygen)
        # Newton's method on a broken power would fall below zero and come back, again and again.
        change = np.maximum(solve_banded((1, 1), matrix, -residual), -_LARGEST_FALL * oxygen)
        oxygen = oxygen + change
        if np.abs(change).max() <= 1e-9 * y[-1, GAS]:
            break
    return float(rate @ d)


#: Voltages are bracketed in steps of this size [V].
_STEP: Final = 0.1

#: The equation is linear for first-order kinetics; other orders take a few more.
_ITERATIONS: Final = 200

#: The share of its oxygen that a cell may lose in one iteration.
_LARGEST_FALL: Final = 0.95
