"""One field in the pores or in the carbon under what the sites do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvers.cells import Cells, Field, solve
from solvers.minimise import Effort
from twin.lio2.image_stage import CannotCarry

Array = NDArray[np.float64]

#: A field that is given on the low, the high, or both ends of the axis.
Ends = tuple[float | None, float | None]

#: Relative error that a solve may leave in the current of sites, over what the model allows.
ACCURACY: Final = 0.1

#: The relative error of the energy that gives it is kept between these.
FINEST: Final = 1e-15
COARSEST: Final = 1e-6
MAX_ITERATIONS: Final = 500


@dataclass(frozen=True, eq=False)
class Load:
    """What sites do to a field.

    Attributes
    ----------
    voxel : (sites,) where they do it.
    j, slope : per area, and how much less of it where the field is larger by 1.
    """

    voxel: NDArray[np.int64]
    j: Array
    slope: Array


@dataclass(frozen=True, eq=False)
class Loaded:
    """A field that was found.

    Attributes
    ----------
    field : as found.
    cells : with the coarse levels that were used.
    taken : (sites,) per area, what the sites take of it as they were linear.
    """

    field: Field
    cells: Cells
    taken: Array


def solve_load(
    cells: Cells, load: Load, before: Array, ends: Ends, area: Array, settled: float
) -> Loaded:
    """The field x of ``G x = J``, where J is ``area (j - slope (x - before))`` of every site.

    What enters at the ends is what the sites take, as far as the field is found. Coarse levels that
    are too old hide slow errors from the estimate of a solve, but not from this balance.

    Parameters
    ----------
    before : (nx, ny, nz) the field about which rates are linear, and the guess.
    area : (sites,) [m2].
    settled : part of the current that may be missing.

    Raises
    ------
    CannotCarry
        The balance is not met.
    """
    known = before.ravel()[load.voxel]
    leak = area * load.slope
    source = area * load.j + leak * known
    total = float(area @ load.j)
    goal = _goal(settled, total, leak, source, known)
    effort = Effort(goal, MAX_ITERATIONS, imbalance=ACCURACY * settled * abs(total))
    found, cells = solve(cells, *ends, leak, source, before, effort, at=load.voxel)
    taken = load.j - load.slope * (found.values.ravel()[load.voxel] - known)
    if abs(found.low + found.high + area @ taken) > settled * abs(total):
        raise CannotCarry("the fields in what is left of the pores could not be found")
    return Loaded(found, cells, taken)


def _goal(settled: float, total: float, leak: Array, source: Array, known: Array) -> float:
    """Relative error of a field's energy with which the currents of sites are as right as is asked.

    An error d of the field changes the current of the sites by ``sum(leak d)``, which is at most
    the root of ``sum(leak)`` times the energy of d. The energy of the field x is
    ``sum(source x)``, as far as the last one tells.
    """
    energy = float(np.abs(source) @ np.abs(known))
    if energy == 0.0:
        return FINEST
    weight = float(leak.sum()) / ACCURACY**2
    return float(np.clip((settled * total) ** 2 / (weight * energy), FINEST, COARSEST))
