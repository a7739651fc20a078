"""Picture of a discharge in an image: curves, losses, transport, and profiles over depth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from twin.figures import new_figure, plain_spines, styled
from twin.lio2.closure_plots import draw_transport
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.lio2.image_verdict import LOSSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.lio2.image_results import ImageDischarge

Array = NDArray[np.float64]

#: Colours that readers with any colour vision tell apart (Okabe and Ito), and the words for each.
LOSS_COLOURS: Final = {
    "oxygen": ("#0072B2", "O₂ transport"),
    "film": ("#D55E00", "film"),
    "area": ("#E69F00", "lost area"),
    "electrolyte": ("#009E73", "electrolyte"),
    "electrons": ("#CC79A7", "carbon"),
}

_DARK: Final = "0.25"
_FIRST: Final = "#D55E00"
_SECOND: Final = "#0072B2"
_PORES: Final = "#E4E4E4"


def image_figure(d: ImageDischarge) -> Figure:
    """Draw voltage, losses, coverage and film, transport, and two panels of profiles.

    Parameters
    ----------
    d : the discharge.

    Returns
    -------
    matplotlib.figure.Figure
    """
    return _image_figure(d)


@styled
def _image_figure(d: ImageDischarge) -> Figure:
    figure = new_figure((11.0, 6.2))
    panels = figure.subplots(2, 3).ravel()
    _draw_voltage(panels[0], d)
    _draw_losses(panels[1], d)
    _draw_coverage(panels[2], d)
    closure = d.closure
    draw_transport(panels[3], closure)
    panels[3].set_xlabel("Li₂O₂ volume fraction")
    panels[3].locator_params(axis="x", nbins=6)
    panels[3].set_xlim(left=0.0)
    plain_spines(panels[3])
    _draw_product(panels[4], d)
    _draw_oxygen(panels[5], d)
    figure.suptitle(_title(d), fontsize=11)
    return figure


@dataclass(frozen=True)
class CapacityScale:
    """Factor from C/m2 to the unit that suits a capacity, and its name."""

    factor: float
    unit: str


def capacity_scale(d: ImageDischarge) -> CapacityScale:
    """mAh/cm2, or uAh/cm2 for an image so thin that it holds little.

    Parameters
    ----------
    d : the discharge.

    Returns
    -------
    CapacityScale
    """
    to_milli = 1.0 / (1e4 * MILLIAMPERE_HOUR)
    if d.areal_capacity < _SMALL:
        return CapacityScale(1e3 * to_milli, "µAh/cm²")
    return CapacityScale(to_milli, "mAh/cm²")


def _draw_voltage(panel: Axes, d: ImageDischarge) -> None:
    panel.plot(_capacity(d), d.voltage, color=_DARK, linewidth=1.4)
    panel.axhline(d.parameters.cut_off_voltage, color="0.6", linewidth=0.7, linestyle=":")
    panel.set_ylabel("voltage [V]")
    _label_capacity(panel, d)
    factor = 100.0 * d.filling / _capacity(d)[-1] if d.capacity else 1.0
    functions: Any = (lambda x: np.asarray(x) * factor, lambda x: np.asarray(x) / factor)
    panel.secondary_xaxis("top", functions=functions).set_xlabel("pores filled [%]", fontsize=8)
    panel.spines["right"].set_visible(False)


def _draw_losses(panel: Axes, d: ImageDischarge) -> None:
    capacity = _capacity(d)
    losses = {name: np.nan_to_num(d.table[f"loss_{name}"]).clip(0.0) for name in LOSSES}
    total = d.parameters.equilibrium_voltage - d.voltage
    rest = (total - np.sum(list(losses.values()), axis=0)).clip(0.0)
    panel.fill_between(capacity, 0.0, rest, color="0.82", linewidth=0.0, label="bare reaction")
    base = rest
    for name, loss in losses.items():
        if loss.max() > _VISIBLE * total.max():
            colour, words = LOSS_COLOURS[name]
            panel.fill_between(
                capacity, base, base + loss, color=colour, linewidth=0.0, alpha=0.85, label=words
            )
        base = base + loss
    panel.plot(capacity, total, color=_DARK, linewidth=1.2)
    panel.set_ylabel("voltage lost [V]")
    panel.set_ylim(0.0, 1.4 * float(total.max()))
    panel.legend(frameon=False, loc="upper left", ncols=2, columnspacing=1.0, handlelength=1.0)
    _label_capacity(panel, d)
    plain_spines(panel)


def _draw_coverage(panel: Axes, d: ImageDischarge) -> None:
    capacity = _capacity(d)
    shares = (("coverage", "carbon covered", "-"), ("accessible", "pores accessible", "-."))
    for name, words, style in shares:
        panel.plot(capacity, 100.0 * d.table[name], style, color=_FIRST, linewidth=1.3, label=words)
    panel.set_ylim(0.0, 130.0)
    panel.set_yticks(range(0, 101, 20))
    panel.set_ylabel("share [%]", color=_FIRST)
    panel.tick_params(axis="y", colors=_FIRST)
    _label_capacity(panel, d)
    film = panel.twinx()
    thickness = 1e9 * d.table["thickness"]
    film.plot(capacity, thickness, color=_SECOND, linewidth=1.3, label="mean film")
    top = float(thickness.max())
    if d.parameters.film in ("tunnelling", "both"):
        limit = 1e9 * d.parameters.tunnelling_thickness
        film.axhline(limit, color=_SECOND, linewidth=0.9, linestyle=":", label="tunnelling limit")
        top = max(top, limit)
    film.set_ylim(0.0, 1.3 * max(top, 1.0))
    film.set_ylabel("film [nm]", color=_SECOND)
    film.tick_params(axis="y", colors=_SECOND)
    handles = panel.get_legend_handles_labels()[0] + film.get_legend_handles_labels()[0]
    panel.legend(
        handles=handles, frameon=False, loc="upper left", ncols=2, columnspacing=0.8,
        handlelength=1.5, fontsize=8.0,
    )  # fmt: skip
    for axes in (panel, film):
        axes.spines["top"].set_visible(False)


def _draw_product(panel: Axes, d: ImageDischarge) -> None:
    depth, layers = _depth(d), d.layers
    room = layers["porosity"] + layers["product"]
    panel.fill_between(depth, 0.0, layers["product"], color=_FIRST, linewidth=0.0, label="Li₂O₂")
    panel.fill_between(
        depth, layers["product"], room, color=_PORES, linewidth=0.0, label="open pores"
    )
    panel.set_ylim(0.0, 1.15 * float(room.max()))
    panel.set_ylabel("volume fraction at the end")
    panel.legend(frameon=False, loc="upper right", ncols=2, handlelength=1.0)
    _label_depth(panel, d)
    plain_spines(panel)


def _draw_oxygen(panel: Axes, d: ImageDischarge) -> None:
    depth = _depth(d)
    panel.plot(depth, d.layers["oxygen"], color=_SECOND, linewidth=1.4)
    panel.axhline(d.parameters.dissolved_oxygen, color="0.6", linewidth=0.7, linestyle=":")
    panel.set_ylim(0.0, 1.1 * d.parameters.dissolved_oxygen)
    panel.set_ylabel("dissolved O₂ at the end [mol/m³]", color=_SECOND)
    panel.tick_params(axis="y", colors=_SECOND)
    _label_depth(panel, d)
    reaction = panel.twinx()
    reaction.plot(depth, 1e-6 * d.layers["reaction"], color=_FIRST, linewidth=1.2)
    reaction.set_ylim(bottom=0.0)
    reaction.set_ylabel("reaction [A/cm³]", color=_FIRST)
    reaction.tick_params(axis="y", colors=_FIRST)
    for axes in (panel, reaction):
        axes.spines["top"].set_visible(False)


def _capacity(d: ImageDischarge) -> Array:
    return np.asarray(d.charge * capacity_scale(d).factor)


def _label_capacity(panel: Axes, d: ImageDischarge) -> None:
    panel.set_xlabel(f"capacity [{capacity_scale(d).unit}]")
    panel.set_xlim(0.0, 1.03 * max(float(_capacity(d)[-1]), 1e-9))


def _label_depth(panel: Axes, d: ImageDischarge) -> None:
    panel.set_xlabel("depth below the O₂ side [µm]")
    panel.set_xlim(0.0, 1e6 * d.thickness)


def _depth(d: ImageDischarge) -> Array:
    """Depth of the layers below the oxygen side [µm]."""
    return np.asarray(1e6 * (d.thickness - d.layers["position"]))


def _title(d: ImageDischarge) -> str:
    shape = " × ".join(map(str, d.volume.shape))
    cause = LOSS_COLOURS[d.verdict.cause][1]
    lost = f"; most voltage was lost to: {cause}" if d.verdict.explanation else ""
    return (
        f"{d.parameters.name}, {shape} voxels, {d.settings['current_density']:.3g} A/m²: "
        f"{d.areal_capacity:.3g} mAh/cm², {d.specific_capacity:.4g} mAh/g carbon\n"
        f"{d.verdict.reason}{lost}"
    )


#: A capacity below this is told in the smaller unit [mAh/cm2].
_SMALL: Final = 0.1

#: A loss below this share of all is left out of the picture.
_VISIBLE: Final = 0.005
