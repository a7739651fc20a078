"""What is measured at every moment of a discharge in an image."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.reach import HIGH, LOW, reach
from solvers.cells import Cells, solve
from solvers.deposit import Deposit
from solvers.exposure import Exposure, by_layer, exposure
from solvers.kernels.cells import open_room
from solvers.minimise import Effort
from solvers.report import Report
from twin.lio2.image_fields import Fields, electrolyte
from twin.lio2.image_model import OPEN, ImageModel
from twin.lio2.image_run import Now
from twin.lio2.image_search import currents_without
from twin.lio2.image_stage import Stage, collected

Array = NDArray[np.float64]

#: Relative error of D_eff.
DIFFUSIVITY: Final = 1e-8


def measure_moment(model: ImageModel, now: Now, covered: float) -> dict[str, float]:
    """One row of the table of a discharge, by the names of `twin.lio2.image_results.TABLE`."""
    deposit, fields, stage = now.deposit, now.fields, now.stage
    found = exposure(deposit, covered)
    charge = now.charge
    room = deposit.all_room
    return {
        "time": now.time,
        "capacity": charge / model.cross_section,
        "charge": charge,
        "current_density": model.current_density,
        "voltage": fields.voltage,
        "overpotential": model.parameters.equilibrium_voltage - fields.voltage,
        "product": deposit.volume,
        "filling": deposit.volume / room,
        "coverage": found.coverage,
        "bare_area": found.bare_area,
        "covered_area": found.covered_area,
        "isolated_area": _isolated(stage, covered),
        "thickness": found.mean_thickness,
        "largest_thickness": found.largest_thickness,
        "largest_particle": found.largest_particle,
        **_reached(model, stage, room),
        "oxygen": _mean_oxygen(stage, fields),
        **_losses(model, stage, fields, found),
        "oxygen_imbalance": fields.imbalance,
        "step": now.step,
        "solves": float(fields.solves),
    }


def _isolated(stage: Stage, covered: float) -> float:
    """Bare carbon that electrolyte, ions, oxygen or electrons do not reach [m2]."""
    deposit = stage.deposit
    bare = (deposit.sites.base == 0.0) & (deposit.sites.thickness <= covered)
    bare[stage.which] = False
    return float(deposit.active_area[bare].sum())


def _reached(model: ImageModel, stage: Stage, room: float) -> dict[str, float]:
    """Shares of the pores, as they were at first, that hold electrolyte and reach an end."""
    deposit = stage.deposit
    sums = np.zeros((deposit.kind.shape[0], 4))
    open_room(
        deposit.kind, stage.flags, deposit.film, deposit.particle, deposit.room, OPEN, sums
    )  # fmt: skip
    neither, low, high, both = sums.sum(axis=0) / room
    at_oxygen, at_separator = (low, high) if model.oxygen == "low" else (high, low)
    return {
        "oxygen_accessible": float(at_oxygen + both),
        "separator_accessible": float(at_separator + both),
        "accessible": float(both),
        "trapped": float(neither),
    }


def _mean_oxygen(stage: Stage, fields: Fields) -> float:
    """Mean over the current [mol/m3]."""
    current = fields.current[stage.which]
    left = np.maximum(1.0 - fields.depletion.ravel()[stage.voxel], 0.0)
    return fields.face * float(current @ left / current.sum())


def _losses(model: ImageModel, stage: Stage, fields: Fields, found: Exposure) -> dict[str, float]:
    """Voltages that the current costs because of each limit, one removed after the other."""
    i = currents_without(model, stage, fields)
    slope = model.tafel_slope

    def cost(more: float, less: float) -> float:
        # Near equilibrium product may dissolve as a limit goes: then it costs nothing.
        return slope * math.log(more / less) if more > 0.0 and less > 0.0 else 0.0

    return {
        "loss_oxygen": cost(i["oxygen"], i["now"]),
        "loss_film": cost(i["film"], i["oxygen"]),
        "loss_electrons": cost(i["electrons"], i["film"]),
        "loss_electrolyte": cost(i["electrolyte"], i["electrons"]),
        "loss_area": cost(found.carbon_area, float(stage.area.sum())),
    }


def measure_transport(
    model: ImageModel, now: Now, row: Mapping[str, float]
) -> tuple[dict[str, float], Report | None]:
    """Transport through the pores as they are, by the names of the table of `TRANSPORT`."""
    deposit, stage = now.deposit, now.stage
    volume = deposit.voxel_volume * deposit.kind.size
    length = volume / model.cross_section
    porosity = (deposit.all_room - deposit.volume) / volume
    flow, report = _flow_through(model, stage)
    relative = flow * length / model.cross_section
    return {
        "filling": row["filling"],
        "capacity": row["capacity"],
        "porosity": porosity,
        "relative_diffusivity": relative,
        "tortuosity_factor": porosity / relative if relative > 0.0 else math.inf,
        "area": float(deposit.active_area.sum()) / volume,
        "coverage": row["coverage"],
        "accessible": row["accessible"],
        "electrolyte_drop": _electrolyte_drop(model, stage, now.fields),
        **_electron_drop(model, stage, now.fields),
    }, report


def _electrolyte_drop(model: ImageModel, stage: Stage, fields: Fields) -> float:
    """What a uniform electrolyte leaves out [V], by the rates as they are; 0 where it is resolved.

    The mean over the current of the drop of potential from the separator, with that of diffusion,
    and of the overpotential that the rate needs more where there is less salt.
    """
    if model.electrolyte == "resolved":
        return 0.0
    ends = {"low": (None, 0.0), "high": (0.0, None), "both": (0.0, 0.0)}[model.oxygen]
    current = fields.current[stage.which]
    ion = _made_by(stage.pores, ends, stage.voxel, current)
    salt, phi = electrolyte(model, ion)
    full, start = electrolyte(model, None)
    order = model.parameters.lithium_order
    cost = start - phi - model.tafel_slope * order * np.log(salt / full)
    return float(current @ cost / current.sum())


def _electron_drop(model: ImageModel, stage: Stage, fields: Fields) -> dict[str, float]:
    """The same for uniform carbon, infinite where carbon that reacts reaches no collector.

    Besides it the share of the current that is made there.
    """
    if model.resolves_electrons:
        return {"electron_drop": 0.0, "uncollected": 0.0}
    solid, carried = collected(model, stage.deposit)
    current = fields.current[stage.which]
    lost = current[~carried.ravel()[stage.carbon]]
    if (lost != 0.0).any():
        return {"electron_drop": math.inf, "uncollected": float(lost.sum() / current.sum())}
    ends = {"low": (0.0, None), "high": (None, 0.0), "both": (0.0, 0.0)}[model.oxygen]
    electron = _made_by(solid, ends, stage.carbon, current)
    drop = float(current @ electron / current.sum())
    return {"electron_drop": drop / model.parameters.electronic_conductivity, "uncollected": 0.0}


def _made_by(
    cells: Cells,
    ends: tuple[float | None, float | None],
    voxel: NDArray[np.int64],
    current: Array,
) -> Array:
    """The field that a current makes, where it makes it [A/m]."""
    found, _ = solve(cells, *ends, source=current, effort=Effort(DIFFUSIVITY, 1000), at=voxel)
    return found.values.ravel()[voxel]


def _flow_through(model: ImageModel, stage: Stage) -> tuple[float, Report | None]:
    """From end to end at a difference of 1 [m]."""
    deposit = stage.deposit
    # In a bath pores may react that lead from one end to nowhere.
    if model.bath is not None and not _leads_through(deposit):
        return 0.0, None
    ramp = _ramp(deposit.kind.shape, deposit.axis)
    found, _ = solve(stage.pores, 1.0, 0.0, start=ramp, effort=Effort(DIFFUSIVITY, 1000))
    # What trickles through the last necks may round to less than nothing.
    return max(found.low, 0.0), found.report


def _leads_through(deposit: Deposit) -> bool:
    flags = reach(deposit.kind, OPEN, deposit.axis, deposit.wraps)
    return bool((flags == LOW | HIGH).any())


def _ramp(shape: tuple[int, ...], axis: int) -> Array:
    """The straight profile from 1 to 0."""
    n = shape[axis]
    along = 1.0 - (np.arange(n) + 0.5) / n
    view = along.reshape([-1 if a == axis else 1 for a in range(3)])
    return np.ascontiguousarray(np.broadcast_to(view, shape))


def rate_density(stage: Stage, fields: Fields) -> Array:
    """Current per volume of voxels [A/m3], (nx, ny, nz)."""
    deposit = stage.deposit
    in_voxels = np.bincount(deposit.sites.voxel, fields.current, deposit.kind.size)
    return (in_voxels / deposit.voxel_volume).reshape(deposit.kind.shape)


def dense_fields(model: ImageModel, stage: Stage, fields: Fields) -> dict[str, NDArray[Any]]:
    """Fields for pictures, NaN where they are not."""
    reached = stage.flags == LOW | HIGH
    oxygen = np.where(reached, fields.oxygen, np.nan)
    found: dict[str, NDArray[Any]] = {
        "oxygen": oxygen.astype(np.float32),
        "reaction_rate": rate_density(stage, fields).astype(np.float32),
    }
    if fields.ion is not None:
        drop = fields.ion / model.parameters.ionic_conductivity
        found["potential"] = np.where(reached, -drop, np.nan).astype(np.float32)
    return found


def measure_layers(model: ImageModel, stage: Stage, fields: Fields) -> dict[str, Array]:
    """Means over the cross-section, from the separator on, by the names of `LAYERS`."""
    deposit = stage.deposit
    layers = by_layer(deposit)
    axis, n = deposit.axis, deposit.kind.shape[deposit.axis]
    thin = model.cross_section * deposit.spacing[axis]
    others = tuple(a for a in range(3) if a != axis)
    reached = stage.flags == LOW | HIGH
    amount = np.where(reached, fields.oxygen, 0.0).sum(axis=others)
    count = reached.sum(axis=others)
    oxygen = np.divide(amount, count, out=np.full(n, np.nan), where=count > 0)
    found = {
        "porosity": (layers.room - layers.product) / thin,
        "product": layers.product / thin,
        "oxygen": oxygen,
        "reaction": rate_density(stage, fields).mean(axis=others),
        "thickness": layers.thickness,
    }
    inwards = slice(None, None, -1) if model.oxygen == "low" else slice(None)
    position = (np.arange(n) + 0.5) * deposit.spacing[axis]
    return {"position": position, **{name: values[inwards] for name, values in found.items()}}
