"""Discharges in images as text and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.reach import HIGH, LOW, reach
from meshing.units import format_length
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.lio2.image_model import SOLID
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from twin.lio2.image_results import ImageDischarge

Array = NDArray[np.float64]


def summary(d: ImageDischarge) -> str:
    """A few lines of text: capacity, product, pores, proofs, and why it ended."""
    head = [
        "Li-O2 discharge in an image", describe_size(d.volume), f"set {d.parameters.name}",
        f"{d.time[-1] / 3600:.4g} h",
    ]  # fmt: skip
    return f"{text_table(head, _lines(d))}\n\n{_why(d)}"


def _lines(d: ImageDischarge) -> list[list[str]]:
    last = {name: float(values[-1]) for name, values in d.table.items()}
    diffusivity = d.transport["relative_diffusivity"]
    carbon = last["bare_area"] + last["covered_area"]
    particle = (6.0 * last["largest_particle"] / np.pi) ** (1 / 3)
    return [
        ["capacity", f"{d.areal_capacity:.4g} mAh/cm2", f"{d.specific_capacity:.4g} mAh/g carbon",
         f"{d.mean_voltage:.4g} V in the mean"],
        ["Li2O2", f"{_percent(d.filling)} of the pores",
         f"film {format_length(last['thickness'])}, up to "
         f"{format_length(last['largest_thickness'])}",
         f"particles up to {format_length(particle)} across" if particle else "no particles"],
        ["carbon", f"{_percent(d.coverage)} covered",
         f"{_percent(last['bare_area'] / carbon)} bare",
         f"{_percent(last['isolated_area'] / carbon)} bare and isolated"],
        ["pores", f"{_percent(last['accessible'])} accessible",
         f"{_percent(last['trapped'])} trapped",
         f"D_eff / D {diffusivity[0]:.4g} to {diffusivity[-1]:.3g}"],
        ["balances", f"charge {d.charge_balance:.0e}",
         f"oxygen {np.nanmax(np.abs(d.table['oxygen_imbalance'])):.0e}", _left_out(d)],
        ["work", f"{len(d.time) - 1} steps", f"{d.table['solves'].sum():.0f} solves",
         f"{len(diffusivity)} measurements"],
    ]  # fmt: skip


def _why(d: ImageDischarge) -> str:
    losses = ", ".join(f"{name} {value:.3f} V" for name, value in d.verdict.losses.items())
    lines = (
        ("ended: ", d.verdict.reason),
        ("most was lost because ", d.verdict.explanation),
        ("what helps: ", d.verdict.advice),
        ("voltage lost at the end to: ", losses),
        ("note: ", _uncollected(d)),
        ("note: ", _without_electrons(d)),
    )
    return "\n".join(f"{head}{text}" for head, text in lines if text)


def numbers(d: ImageDischarge) -> dict[str, Any]:
    """Numbers and names only."""
    last = ("time", "voltage", "thickness", "largest_thickness", "largest_particle", "bare_area",
            "covered_area", "isolated_area", "oxygen_accessible", "separator_accessible",
            "accessible", "trapped")  # fmt: skip
    return {
        "parameter_set": d.parameters.name,
        "capacity": d.capacity,
        "areal_capacity": d.areal_capacity,
        "specific_capacity": d.specific_capacity,
        "mean_voltage": d.mean_voltage,
        "filling": d.filling,
        "coverage": d.coverage,
        **{f"end_{name}": float(d.table[name][-1]) for name in last},
        "reason": d.verdict.reason,
        "cause": d.verdict.cause,
        "explanation": d.verdict.explanation,
        "advice": d.verdict.advice,
        **{f"loss_{name}": float(loss) for name, loss in d.verdict.losses.items()},
        "charge_balance": d.charge_balance,
        "oxygen_imbalance": float(np.nanmax(np.abs(d.table["oxygen_imbalance"]))),
        "steps": len(d.time) - 1,
        "solves": int(d.table["solves"].sum()),
        "transport": {name: values.tolist() for name, values in d.transport.items()},
        "uncollected_carbon": uncollected_carbon(d),
        "series": None if d.series is None else str(d.series),
        "settings": {name: d.settings[name] for name in d.settings if name != "parameters"},
        "parameters": d.parameters.to_dict(),
    }


def rows(columns: Mapping[str, Array], units: Mapping[str, str]) -> list[dict[str, Any]]:
    """Arrays as rows of a table, units in the names of the columns.

    Capacities come in mAh/cm2 as well.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.lio2.image_report import rows
    >>> rows({"capacity": np.array([3.6e4]), "filling": np.array([0.5])},
    ...      {"capacity": "C/m2", "filling": "-"})
    [{'capacity_C_per_m2': 36000.0, 'capacity_mAh_per_cm2': 1.0, 'filling': 0.5}]
    """
    named: dict[str, list[Any]] = {}
    for name, values in columns.items():
        named[_column(name, units[name])] = np.asarray(values).tolist()
        if name == "capacity":
            areal = np.asarray(values) / (1e4 * MILLIAMPERE_HOUR)
            named["capacity_mAh_per_cm2"] = areal.tolist()
    return [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]


def _column(name: str, unit: str) -> str:
    return name if unit == "-" else f"{name}_{unit.replace('/', '_per_')}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _left_out(d: ImageDischarge) -> str:
    """The largest drops of potential that were left out; those that were resolved are 0."""
    drops = [
        f"{1e3 * largest:.2g} mV of {words}"
        for name, words in (("electrolyte_drop", "ions"), ("electron_drop", "electrons"))
        if 0.0 < (largest := float(np.max(d.transport[name]))) < np.inf
    ]
    return f"left out: {', '.join(drops)}" if drops else ""


def _uncollected(d: ImageDischarge) -> str:
    """Says so where carbon reacts whose electrons have no way out of the image."""
    share = float(np.max(d.transport["uncollected"]))
    if share == 0.0:
        return ""
    return (
        f"up to {_percent(share)} of the current was made on carbon that reaches no collector "
        "within the image, as if it did"
    )


def _without_electrons(d: ImageDischarge) -> str:
    """Says which carbon takes no part where its potential was resolved."""
    share = uncollected_carbon(d)
    if share == 0.0:
        return ""
    return (
        f"{_percent(share)} of the carbon reaches no collector within the image, and took no part; "
        "electrons='uniform' lets all of it react"
    )


def uncollected_carbon(d: ImageDischarge) -> float:
    """Share of the carbon that electrons do not reach; 0 where they were not resolved."""
    if d.settings["electrons"] != "resolved":
        return 0.0
    flags = reach(d.final.kind, SOLID, d.final.axis, d.final.wraps)
    collector = {"low": LOW, "high": HIGH}[d.settings["oxygen"]]
    count = np.count_nonzero(SOLID[d.final.kind])
    return 1.0 - np.count_nonzero(flags & collector) / count
