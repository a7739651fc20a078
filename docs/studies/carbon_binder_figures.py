"""The curves of the page on the carbon-binder domain, drawn from its stored numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, saved, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Record = dict[str, Any]

_CBD, _AM, _CONTACT = "#0072B2", "#D55E00", "#009E73"
_DASHES: Final[dict[str, Any]] = {"color": "0.3", "linewidth": 0.8, "linestyle": "--"}


@styled
def thresholds(record: Record, path: Path) -> None:
    """Dead ends against the threshold, measured by the maximum and by the mean."""
    figure = new_figure((8.6, 3.8))
    left, right = figure.subplots(1, 2, sharey=True)
    for volume, style in (("nmc", "-"), ("generated", "--")):
        for axis, c in record[f"{volume}_cbd"]["axes"].items():
            flux = c["flux"]
            at, fraction = map(np.array, flux["curve"])
            joined = 1.0 - flux["on no path"]["isolated"]
            look = {"color": AXIS_COLOURS[axis], "linestyle": style, "linewidth": 1.4}
            label = f"{record[volume]['name']}, {axis}"
            left.plot(at, 100 * fraction / joined, **look)
            right.plot(at * flux["maximum_over_mean"], 100 * fraction / joined, label=label, **look)
    for panel, unit, mark in ((left, "maximum", 0.02), (right, "mean", 0.02)):
        panel.axvline(mark, **_DASHES)
        panel.set_xscale("log")
        panel.set_ylim(0, 100)
        panel.set_xlabel(f"threshold on |J| / {unit}")
        plain_spines(panel)
    left.set_xlim(1e-6, 1)
    right.set_xlim(1e-4, 1e2)
    left.set_ylabel("below the threshold\n[% of the CBD that percolates]")
    figure.legend(frameon=False, loc="outside upper center", ncols=2)
    saved(figure, path)


@styled
def sweeps(record: Record, path: Path) -> None:
    """Conductivity and heat of a crop against what is unknown: the AM, and its contact."""
    figure = new_figure((8.6, 5.0))
    panels = figure.subplots(2, 2, sharex="col")
    am, contact = record["varied_am"], record["varied_contact"]["rows"]
    _sweep(panels[:, 0], [row["AM"] for row in am["rows"]], am["rows"])
    resisting = [row for row in contact if row["contact_resistance"] > 0]
    _sweep(panels[:, 1], [row["contact_resistance"] for row in resisting], resisting)
    alone = am["CBD alone"]["effective_conductivity"]
    panels[0, 0].set_yscale("log")
    panels[0, 1].set_ylim(0.0, 1.2 * contact[0]["effective_conductivity"])
    for panel, va in zip(panels[0], ("bottom", "top"), strict=True):
        panel.axhline(alone, **_DASHES)
        panel.text(0.98, alone * (1.02 if va == "bottom" else 0.97), "CBD alone", ha="right",
                   va=va, fontsize=8, transform=panel.get_yaxis_transform())  # fmt: skip
    none = contact[0]["effective_conductivity"]
    panels[0, 1].axhline(none, **_DASHES)
    panels[0, 1].text(0.98, none * 1.02, "contact without resistance", ha="right", va="bottom",
                      fontsize=8, transform=panels[0, 1].get_yaxis_transform())  # fmt: skip
    panels[0, 0].set_ylabel("effective conductivity [S/m]")
    panels[1, 0].set_ylabel("share of the Joule heat [%]")
    panels[1, 0].set_xlabel("conductivity of the AM [S/m]")
    panels[1, 1].set_xlabel("resistance of the contact AM:CBD [Ω m²]")
    saved(figure, path)


def _sweep(panels: Any, x: list[float], rows: list[Record]) -> None:
    above, below = panels
    above.plot(x, [row["effective_conductivity"] for row in rows], "o-", color="0.2", markersize=3)
    for name, colour in (("CBD", _CBD), ("AM", _AM)):
        heat = [100 * row["heat_share"][name] for row in rows]
        below.plot(x, heat, "o-", color=colour, markersize=3, label=name)
    crossing = [100 * row["interface_heat_share"]["AM:CBD"] for row in rows]
    if max(crossing) > 0:
        below.plot(x, crossing, "o-", color=_CONTACT, markersize=3, label="contact AM:CBD")
    below.set_ylim(0, 100)
    below.legend(frameon=False)
    for panel in (above, below):
        _logarithmic(panel)


def _logarithmic(panel: Axes) -> None:
    panel.set_xscale("log")
    plain_spines(panel)
