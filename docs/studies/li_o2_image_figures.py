"""The curves of the page on discharges inside an image, drawn from its stored numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import new_figure, plain_spines, saved, styled
from twin.lio2 import ImageDischarge

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Record = dict[str, Any]

COLOURS: Final = {
    "archie": "0.25", "film": "#0072B2", "conducting": "#56B4E9", "many": "#E69F00",
    "few": "#D55E00", "both": "#009E73",
}  # fmt: skip

LAWS: Final = {
    "archie": "Archie, fibres that grow thicker", "film": "closure: film",
    "both": "closure: few particles and a film", "few": "closure: few particles",
}  # fmt: skip


def sheet(d: ImageDischarge, path: Path) -> None:
    """Slices through the middle as the pores fill."""
    d.contact_sheet(path, shares=(0.0, 0.25, 0.5, 0.75, 1.0), field="film_thickness")


@styled
def transport(record: Record, path: Path) -> None:
    """Diffusivity, tortuosity factor and coverage against the filling, in all modes."""
    figure = new_figure((9.6, 3.6))
    left, middle, right = figure.subplots(1, 3)
    for key, mode in record["modes"].items():
        t, look = mode["transport"], {"color": COLOURS[key], "linewidth": 1.5}
        filling, ratio = np.array(t["filling"]), np.array(t["relative_diffusivity"])
        tau = np.array([np.nan if v is None else v for v in t["tortuosity_factor"]])
        left.plot(100 * filling, ratio, label=mode["name"], **look)
        middle.plot(100 * filling, tau, **look)
        c = mode["curve"]
        right.plot(100 * np.array(c["filling"]), 100 * np.array(c["coverage"]), **look)
    _archie(left, middle, record)
    tomogram = record["tomogram"]
    right.plot(100 * tomogram["filling"], 100 * tomogram["coverage"], "k*", markersize=9)
    right.annotate("tomogram of\ncarbon black", (100 * tomogram["filling"],
                   100 * tomogram["coverage"]), (25, 14), fontsize=8)  # fmt: skip
    left.set_ylabel("D_eff / D")
    middle.set_yscale("log")
    middle.set_ylim(1, 60)
    middle.set_yticks([1, 2, 5, 10, 20, 50], ["1", "2", "5", "10", "20", "50"])
    middle.set_ylabel("tortuosity factor")
    right.set_ylabel("carbon under product [%]")
    right.set_ylim(0, 102)
    for panel in (left, middle, right):
        panel.set_xlim(0, 100)
        panel.set_xlabel("pores filled with Li₂O₂ [%]")
        plain_spines(panel)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    saved(figure, path)


def _archie(left: Axes, middle: Axes, record: Record) -> None:
    """The power law through the image without product."""
    image = record["image"]
    filled = np.linspace(0.0, 0.97, 100)
    left_over = image["porosity"] * (1.0 - filled)
    ratio = left_over ** image["exponent"]
    look: dict[str, Any] = {"color": "0.4", "linestyle": "--", "linewidth": 1.0}
    left.plot(100 * filled, ratio, label=f"Archie, exponent {image['exponent']:.2f}", **look)
    middle.plot(100 * filled, left_over / ratio, **look)


@styled
def curves(record: Record, path: Path) -> None:
    """V(Q) of the whole cathode with each law, one panel for each current."""
    found = record["cells"]
    currents = list(next(iter(found.values())))
    figure = new_figure((9.6, 3.5))
    panels = figure.subplots(1, len(currents), sharey=True)
    for panel, current in zip(panels, currents, strict=True):
        for key, cells in found.items():
            one, style = cells[current], "--" if key == "archie" else "-"
            panel.plot(one["charge"], one["voltage"], style, color=COLOURS[key], linewidth=1.5,
                       label=LAWS[key] if panel is panels[0] else None)  # fmt: skip
        panel.set_title(f"{float(current) / 1000:g} mA/cm²")
        panel.set_xlabel("capacity [mAh/cm²]")
        panel.set_xlim(left=0)
        plain_spines(panel)
    panels[0].set_ylabel("voltage [V]")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    saved(figure, path)
