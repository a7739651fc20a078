"""What the product in an image leaves open, and what it still leads to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.reach import HIGH, LOW, reach
from solvers.cells import Cells, build_cells, with_conductivity
from solvers.deposit import Deposit
from twin.lio2.image_model import OPEN, SOLID, ImageModel

Array = NDArray[np.float64]


class CannotCarry(RuntimeError):
    """The image cannot carry the current; the text says what it lacks."""


@dataclass(frozen=True, eq=False)
class Stage:
    """What the product leaves open.

    Attributes
    ----------
    deposit : the product.
    flags : (nx, ny, nz), the ends that every open voxel reaches, as `meshing.reach.reach`.
    which : sites that can react: open to both ends, and electrons reach them.
    area : their free area [m2].
    pores, solid : the voxels that conduct; solid is None where carbon is uniform.
    carried : (nx, ny, nz) carbon whose electrons reach the collector; None where it is uniform.
    """

    deposit: Deposit
    flags: NDArray[np.uint8]
    which: NDArray[np.int64]
    area: Array
    pores: Cells
    solid: Cells | None
    carried: NDArray[np.bool_] | None

    @property
    def voxel(self) -> NDArray[np.int64]:
        """Of the sites that can react."""
        return self.deposit.sites.voxel[self.which]

    @property
    def carbon(self) -> NDArray[np.int64]:
        """Of the sites that can react."""
        return self.deposit.sites.carbon[self.which]


def ends_reached(model: ImageModel, deposit: Deposit) -> NDArray[np.uint8]:
    """The ends that every open voxel reaches; where both are the same, one is as good as both."""
    flags = reach(deposit.kind, OPEN, model.axis, deposit.wraps)
    if model.oxygen == "both":
        flags[flags > 0] = LOW | HIGH
    return flags


def open_stage(model: ImageModel, deposit: Deposit, before: Stage | None = None) -> Stage:
    """Find what is open, reachable and reactive.

    Parameters
    ----------
    before : the last stage, whose coarse levels are used again; None to make new ones.

    Raises
    ------
    CannotCarry
        No pores reach both oxygen and separator, or there is no carbon in them.
    """
    same = before is not None and np.array_equal(before.deposit.kind, deposit.kind)
    flags = before.flags if before is not None and same else ends_reached(model, deposit)
    sites = deposit.sites
    fed = flags.ravel()[sites.voxel] == LOW | HIGH
    solid = None
    carried = None
    if model.resolves_electrons:
        solid, carried = collected(model, deposit, before)
        fed &= carried.ravel()[sites.carbon]
    which = np.flatnonzero(fed)
    area = deposit.active_area[which]
    if not area.any():
        raise CannotCarry(_lack(flags == LOW | HIGH, fed))
    conductivity = model.conductivity(deposit, flags)
    if before is None:
        pores = build_cells(conductivity, deposit.spacing, model.axis, deposit.wraps, model.buffers)
    else:
        pores = with_conductivity(before.pores, conductivity, again=not same)
    return Stage(deposit, flags, which, area, pores, solid, carried)


def _lack(through: NDArray[np.bool_], fed: NDArray[np.bool_]) -> str:
    if not through.any():
        return "no open pore reaches from the separator to the oxygen any more"
    if not fed.any():
        return "no carbon that electrons reach lies in the pores between separator and oxygen"
    return "particles cover all carbon"


def collected(
    model: ImageModel, deposit: Deposit, before: Stage | None = None
) -> tuple[Cells, NDArray[np.bool_]]:
    """The carbon that reaches the end of the oxygen, where the current is collected.

    Carbon stays what it is, so that this is found once; coarse levels are made anew without
    `before`, as those of the pores are.
    """
    carried = None if before is None else before.carried
    if before is not None and before.solid is not None and carried is not None:
        return before.solid, carried
    flags = reach(deposit.kind, SOLID, model.axis, deposit.wraps)
    carried = flags & {"low": LOW, "high": HIGH, "both": LOW | HIGH}[model.oxygen] > 0
    one = carried.astype(np.float64)
    cells = build_cells(one, deposit.spacing, model.axis, deposit.wraps, model.buffers)
    return cells, carried
