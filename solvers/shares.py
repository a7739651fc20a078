"""Shares of the flow and of its energy, by phase and by interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.shares import share
from solvers.media import Pair
from solvers.system import System


@dataclass(frozen=True)
class Shares:
    """What each phase and each interface carries and spends.

    Attributes
    ----------
    current : share of each phase in the mean flux along the driven axis, in proportion to the
        integral of the flux over the phase; they sum to 1, and a backflow is negative.
    heat : share of each phase in the energy that the flow spends (Joule heat).
    interface_current : absolute flow through all faces between two phases, over the total flow;
        above 1 where the flow crosses such faces more than once on its way. Names in
        alphabetical order.
    interface_heat : share of the energy that the contact resistance between two phases takes; with
        `heat` they sum to 1.
    """

    current: Mapping[str, float]
    heat: Mapping[str, float]
    interface_current: Mapping[Pair, float]
    interface_heat: Mapping[Pair, float]


def share_out(system: System, red: NDArray[np.floating], black: NDArray[np.floating]) -> Shares:
    """Shares of a field, given on red and on black elements."""
    layout, phases = system.layout, system.media.phases
    planes, kinds = layout.number.shape[0], len(phases) + 1
    current, heat = np.zeros((planes, kinds)), np.zeros((planes, kinds))
    crossing, contact_heat = np.zeros((2, planes, kinds, kinds))
    share(
        layout.number, layout.lateral, layout.along, layout.last, *system.materials,
        system.red, system.black, red, black, system.axis, current, heat, crossing, contact_heat,
    )  # fmt: skip
    length = system.thickness[system.axis].sum()
    total = current.sum() / length
    energy = heat.sum() + contact_heat.sum()
    return Shares(
        _by_phase(phases, current.sum(axis=0) / length / total),
        _by_phase(phases, heat.sum(axis=0) / energy),
        _by_pair(phases, crossing.sum(axis=0) / total),
        _by_pair(phases, contact_heat.sum(axis=0) / energy),
    )


def _by_phase(phases: tuple[str, ...], values: NDArray[np.float64]) -> dict[str, float]:
    return {phase: float(value) for phase, value in zip(phases, values[1:], strict=True)}


def _by_pair(phases: tuple[str, ...], values: NDArray[np.float64]) -> dict[Pair, float]:
    return {
        (min(a, b), max(a, b)): float(values[i, j])
        for (i, a), (j, b) in combinations(enumerate(phases, start=1), 2)
    }
