"""Discharges as text, tables and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from meshing.errors import InputError
from meshing.units import format_length
from twin.files import atomic, check_writable
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.tables import text_table

if TYPE_CHECKING:
    from twin.lio2.results import Discharge

_SENTENCES: Final = {
    "oxygen": "dissolved oxygen does not reach the free walls",
    "passivation": "the film of Li2O2 lets too few electrons pass",
    "clogging": "the pores are filled with Li2O2",
    "lithium": "the electrolyte has run out of lithium salt",
    "kinetics": "even the fresh cell cannot carry the current above the cut-off",
    "none": "the protocol ended before the cut-off",
}


def summary(d: Discharge) -> str:
    """A few lines of text: the cell, the capacities, and why it ended."""
    p = d.parameters
    rows = [
        ["capacity", f"{d.areal_capacity:.4g} mAh/cm2", f"{d.specific_capacity:.4g} mAh/g carbon",
         f"{d.specific_capacity_with_product:.4g} mAh/g carbon + Li2O2"],
        ["energy", f"{d.energy / 3.6e7:.4g} Wh/cm2", f"{d.specific_energy:.4g} Wh/kg",
         f"{d.mean_voltage:.4g} V in the mean"],
        ["Li2O2", f"{100 * d.pore_filling:.3g} % of the pores",
         f"film up to {format_length(d.largest_film)}",
         f"90 % within {format_length(d.depth_of_90_percent)}"],
        ["balances", f"charge {d.charge_balance:.0e}", f"salt {d.salt_balance:.0e}",
         f"oxygen {d.oxygen_balance:.0e}"],
        ["work", f"{d.grid.cathode} + {d.grid.separator} cells", f"{d.history.steps} steps",
         f"{d.history.iterations} iterations"],
    ]  # fmt: skip
    head = ["Li-O2 discharge", f"set {p.name}", f"cathode {format_length(p.cathode_thickness)}",
            f"{d.time[-1] / 3600:.4g} h"]  # fmt: skip
    return f"{text_table(head, rows)}\n\n{_why(d)}"


def _why(d: Discharge) -> str:
    if d.cause in ("none", "kinetics"):
        return f"ended by {d.endings[-1]}: {_SENTENCES[d.cause]}"
    gains = ", ".join(f"{name} {value:.3f} V" for name, value in vars(d.verdict).items())
    return (
        f"ended by {d.cause}: {_SENTENCES[d.cause]}\n"
        f"(without this limit alone the voltage would be higher by: {gains})"
    )


def numbers(d: Discharge) -> dict[str, Any]:
    """Numbers and names only."""
    return {
        "parameter_set": d.parameters.name,
        "capacity": d.capacity,
        "areal_capacity": d.areal_capacity,
        "specific_capacity": d.specific_capacity,
        "specific_capacity_with_product": d.specific_capacity_with_product,
        "energy": d.energy,
        "specific_energy": d.specific_energy,
        "mean_voltage": d.mean_voltage,
        "plateau_voltage": d.plateau_voltage,
        "end_voltage": float(d.voltage[-1]),
        "duration": float(d.time[-1]),
        "pore_filling": d.pore_filling,
        "largest_film": d.largest_film,
        "depth_of_90_percent": d.depth_of_90_percent,
        "end_oxygen_pressure": float(d.oxygen_pressure[-1]),
        "cause": d.cause,
        **{f"gain_without_{name}": gain for name, gain in vars(d.verdict).items()},
        "endings": list(d.endings),
        "charge_balance": d.charge_balance,
        "salt_balance": d.salt_balance,
        "oxygen_balance": d.oxygen_balance,
        "steps": d.history.steps,
        "iterations": d.history.iterations,
        "seconds": d.seconds - d.seconds_compiling,
        "parameters": d.parameters.to_dict(),
    }


def curve_rows(d: Discharge) -> list[dict[str, Any]]:
    """One row for each moment."""
    columns = {
        "time_s": d.time,
        "charge_C_per_m2": d.charge,
        "capacity_mAh_per_cm2": d.charge / (1e4 * MILLIAMPERE_HOUR),
        "capacity_mAh_per_g": d.charge / d.parameters.carbon_loading / (1e3 * MILLIAMPERE_HOUR),
        "current_A_per_m2": d.current,
        "voltage_V": d.voltage,
        "oxygen_pressure_Pa": d.oxygen_pressure,
        "step": d.history.step + 1,
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*_lists(columns), strict=True)]


def profile_rows(d: Discharge, shares: Sequence[float]) -> list[dict[str, Any]]:
    """One row for each cell, at the moments nearest to shares of the charge."""
    from twin.lio2.results import PROFILES

    fields = {name: d.profile(name) for name in PROFILES}
    rows = []
    for share in shares:
        k = d.moment(share)
        about = {"time_s": float(d.time[k]), "charge_C_per_m2": float(d.charge[k])}
        columns = {"position_m": d.position, **{name: f[k] for name, f in fields.items()}}
        rows += [
            {**about, **dict(zip(columns, row, strict=True))}
            for row in zip(*_lists(columns), strict=True)
        ]
    return rows


def _lists(columns: dict[str, Any]) -> list[list[Any]]:
    return [np.asarray(column).tolist() for column in columns.values()]


def write_vtr(d: Discharge, path: Path) -> Path:
    """Write all profiles as a rectilinear grid, depth along x and the moments along y.

    Along y the moments lie at their share of the charge, stretched to the thickness of the cell, so
    that the picture is square. Time, charge and voltage go along as fields.
    """
    import pyvista

    from twin.lio2.results import PROFILES

    if path.suffix.lower() != ".vtr":
        raise InputError(f"a rectilinear VTK grid has the suffix .vtr, found {path.name!r}")
    check_writable(path)
    # Moments of one charge, at the start of a rest for example, would have no extent.
    _, kept = np.unique(d.charge, return_index=True)
    size = d.position[-1] + d.position[0]
    y = size * d.charge[kept] / max(d.capacity, np.finfo(float).tiny)
    grid = pyvista.RectilinearGrid(d.position, y, np.zeros(1))
    for name in PROFILES:
        grid.point_data[name] = d.profile(name)[kept].ravel()
    for name, values in (("time", d.time), ("charge", d.charge), ("voltage", d.voltage)):
        grid.point_data[name] = np.repeat(values[kept], len(d.position))
    grid.point_data.active_scalars_name = "product"
    with atomic(path) as temporary:
        grid.save(temporary)
    return path
