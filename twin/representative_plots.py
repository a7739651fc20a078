"""Pictures of a study of subvolumes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from meshing.errors import InputError
from twin.figures import AXIS_COLOURS, new_figure, plain_lengths, plain_spines, styled
from twin.power_law import PowerLaw
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.representative_results import Representative

_ONE, _OTHER = AXIS_COLOURS["x"], AXIS_COLOURS["y"]

#: Points of one size are spread on either side over this part of the smallest size.
_SPREAD: Final = 0.08

#: The law is drawn to no more than so many edges of the image.
_FURTHEST: Final = 10.0


def representative_figure(result: Representative) -> Figure:
    """Draw the values against the size of subvolumes, and how their spread falls.

    Parameters
    ----------
    result : what `twin.representative` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.representative_plots import representative_figure
    >>> volume = twin.generate.blobs((32, 32, 32), 0.4, 2e-6, "1um")
    >>> study = twin.representative(
    ...     twin.Volume.volume_fraction, volume, ["8um", "16um"], name="pore", store=None, jobs=1
    ... )
    >>> representative_figure(study).axes[0].get_xlabel()
    'edge of subvolumes [µm]'
    """
    return _representative_figure(result)


@styled
def _representative_figure(result: Representative) -> Figure:
    figure = new_figure((7.6, 3.5))
    left, right = figure.subplots(1, 2)
    _draw_values(left, result)
    _draw_spread(right, result)
    for panel in (left, right):
        panel.legend(edgecolor="none", framealpha=0.8, handlelength=1.4)
        plain_spines(panel)
    return figure


def _draw_values(panel: Axes, result: Representative) -> None:
    """Every subvolume, the mean of each size with its interval, and the whole image."""
    scale, unit = length_scale(result.volume)
    edges = np.array([size.edge for size in result.sizes]) * scale
    for edge, size in zip(edges, result.sizes, strict=True):
        places = edge + edges[0] * np.linspace(-_SPREAD, _SPREAD, len(size.values))
        panel.plot(places, size.values, "o", markersize=3, color="0.6", zorder=1)
    panel.plot([], [], "o", markersize=3, color="0.6", label="subvolumes")
    intervals = np.array([size.mean_interval(result.confidence) for size in result.sizes])
    means = np.array([size.mean for size in result.sizes])
    panel.fill_between(
        edges, *intervals.T, color=_ONE, alpha=0.25, linewidth=0,
        label=f"mean, {100 * result.confidence:g} % confidence",
    )  # fmt: skip
    panel.plot(edges, means, "o-", markersize=4, linewidth=1.3, color=_ONE)
    if math.isfinite(result.whole):
        panel.axhline(
            result.whole, color=_OTHER, linewidth=1.2, linestyle="--",
            label=f"the image: {result.whole:.4g}",
        )  # fmt: skip
    panel.set_xlim(left=0.7 * edges[0])
    panel.set_xlabel(f"edge of subvolumes [{unit}]")
    panel.set_ylabel(result.name.replace("_", " "))


def _draw_spread(panel: Axes, result: Representative) -> None:
    """Relative standard deviation against the size, the laws, and the size that it takes."""
    scale, unit = length_scale(result.volume)
    usable = [s for s in result.sizes if len(s.values) > 1 and s.standard_deviation > 0]
    for kept, face, label in (
        (True, _ONE, "among subvolumes"),
        (False, "none", "some are infinite"),
    ):
        some = [size for size in usable if kept is not bool(size.infinite)]
        edges = np.array([size.edge for size in some]) * scale
        spread = np.array([size.standard_deviation for size in some]) / abs(result.best)
        bars = spread / np.sqrt([2.0 * (len(size.values) - 1) for size in some])
        if some:
            panel.errorbar(
                edges, spread, bars, fmt="o", markersize=5, color=_ONE, capsize=2, label=label,
                markerfacecolor=face,
            )  # fmt: skip
    panel.set_xscale("log")
    panel.set_yscale("log")
    plain_lengths(panel)
    panel.set_xlabel(f"edge of subvolumes [{unit}]")
    panel.set_ylabel("standard deviation / value")
    try:
        fitted, theory = result.law(), result.law(1.0)
    except InputError:
        return
    _draw_law(panel, result, fitted, "0.25", "-", f"power {fitted.exponent:.2f}", band=True)
    _draw_law(panel, result, theory, "0.25", ":", "power 1", band=False)
    whole = result.extent ** (1 / len(result.axes)) * scale
    error = result.standard_error() / abs(result.best)
    panel.plot(
        whole, error, "*", markersize=11, color=_OTHER, linestyle="none",
        label=f"the image: {100 * error:.2g} %",
    )  # fmt: skip
    needed = result.size_needed() * scale
    if math.isfinite(needed):
        panel.axvline(
            needed, color=AXIS_COLOURS["z"], linewidth=1.2, linestyle="--",
            label=f"± {100 * result.error:g} %: {needed:.3g} {unit}",
        )  # fmt: skip


def _draw_law(
    panel: Axes,
    result: Representative,
    law: PowerLaw,
    colour: str,
    style: str,
    label: str,
    *,
    band: bool,
) -> None:
    scale, _ = length_scale(result.volume)
    power = len(result.axes)
    whole = result.extent ** (1 / power)
    needed = result.size_needed()
    furthest = max(whole, needed if needed <= _FURTHEST * whole else 0.0)
    edges = np.geomspace(0.9 * result.sizes[0].edge, 1.1 * furthest, 60)
    unit = abs(result.best)
    line = [law.deviation(edge**power) / unit for edge in edges]
    panel.plot(edges * scale, line, color=colour, linestyle=style, linewidth=1.2, label=label)
    if band:
        low, high = np.transpose([law.interval(e**power, result.confidence) for e in edges]) / unit
        panel.fill_between(edges * scale, low, high, color=colour, alpha=0.15, linewidth=0)
