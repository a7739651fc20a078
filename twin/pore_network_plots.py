"""Pictures of pore networks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slice_plots import bar
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.network_flow import NetworkFlow
    from twin.pore_network_results import PoreNetwork

_CONCENTRATION: Final = "viridis"
_STICK: Final = "0.35"
_APART: Final = "0.85"

#: Width of the line of a throat that carries the whole flow, and of one that carries nothing
#: [points]; its width grows with the square root of the share, as its diameter would.
_WIDEST, _THINNEST = 9.0, 0.25


def network_figure(network: PoreNetwork) -> Figure:
    """Draw the network from the side, the sizes of its pores and throats, and tau beside tau.

    Parameters
    ----------
    network : what `twin.pore_network` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.pore_network_plots import network_figure
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network_figure(twin.pore_network(volume, "pore", axis="z")).axes[1].get_ylabel()
    'share of the number [%]'
    """
    return _network_figure(network)


@styled
def _network_figure(network: PoreNetwork) -> Figure:
    flow = list(network.flows.values())[-1]
    scale, _ = length_scale(network.volume)
    sizes = np.multiply(network.volume.shape, network.volume.spacing) * scale
    driven = "xyz".index(flow.axis)
    normal, other = sorted({0, 1, 2} - {driven}, key=lambda a: sizes[a])
    figure = new_figure((9.2, min(max(1.2 + 4.6 * sizes[other] / sizes[driven], 3.6), 6.5)))
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.45, 1.0))[0]
    _draw_network(left.subplots(), network, flow, (driven, other, normal))
    above, below = right.subplots(2, 1)
    _draw_sizes(above, network)
    _draw_factors(below, network)
    figure.suptitle(
        f"{network.phase}: {network.pores} pores, {network.throats} throats", fontsize=11
    )
    return figure


def _draw_network(
    panel: Axes, network: PoreNetwork, flow: NetworkFlow, axes: tuple[int, int, int]
) -> None:
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import Circle

    scale, unit = length_scale(network.volume)
    space, seen = network.space, list(axes[:2])
    sizes = np.multiply(network.volume.shape, network.volume.spacing)[seen] * scale
    behind = np.argsort(-space.position[:, axes[2]], kind="stable")  # the near ones are drawn last
    place = space.position[:, seen] * scale
    balls = [Circle(tuple(place[p]), 0.5 * space.diameter[p] * scale) for p in behind]
    c = flow.concentration[behind]
    shown = PatchCollection(balls, linewidths=0.4, edgecolors="white", alpha=0.85, zorder=2)
    shown.set_array(np.ma.masked_invalid(c))
    shown.set_cmap(colormaps[_CONCENTRATION].with_extremes(bad=_APART))
    shown.set_clim(0.0, 1.0)
    panel.add_collection(shown)
    ends = place[space.pairs]
    middle = space.throat_position[:, seen] * scale
    lines = np.stack([ends[:, 0], middle, ends[:, 1]], axis=1)
    widths = _THINNEST + _WIDEST * np.sqrt(np.abs(flow.share))
    panel.add_collection(
        LineCollection(list(lines), linewidths=widths, colors=_STICK, zorder=3, alpha=0.8)
    )
    panel.set_xlim(0.0, sizes[0])
    panel.set_ylim(0.0, sizes[1])
    panel.set_aspect("equal")
    panel.set_xlabel(f"{'xyz'[axes[0]]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[axes[1]]} [{unit}]")
    panel.set_title(f"flow along {flow.axis}, seen along {'xyz'[axes[2]]}; wide: much flow")
    bar(panel, cast("Any", shown), r"$c\,/\,c_\mathrm{in}$")


def _draw_sizes(panel: Axes, network: PoreNetwork) -> None:
    known = network.volume.spacing_known
    largest = float(network.space.diameter.max())
    scale, unit = (1e9, "nm") if largest < 1e-6 else (1e6, "µm") if largest < 1e-3 else (1e3, "mm")
    factor = scale if known else 1.0
    edges = np.linspace(0.0, largest * factor, 21)
    sizes = {"pores": network.space.diameter, "throats": network.space.throat_diameter}
    for (name, values), colour in zip(sizes.items(), ("#08519c", "#d94801"), strict=True):
        counts, _ = np.histogram(values * factor, edges)
        if len(values):
            panel.stairs(100 * counts / len(values), edges, color=colour, linewidth=1.4, label=name)
    panel.set_xlabel(f"inscribed diameter [{unit if known else 'voxels'}]")
    panel.set_ylabel("share of the number [%]")
    panel.set_xlim(left=0.0)
    panel.legend(frameon=False)
    plain_spines(panel)


def _draw_factors(panel: Axes, network: PoreNetwork) -> None:
    names = list(network.flows)
    place = np.arange(len(names))
    groups = [("network, approximate", [flow.tortuosity_factor for flow in network.flows.values()])]
    if network.voxels:
        groups.append(("voxels", [network.voxels[name].tortuosity_factor for name in names]))
    width = 0.8 / len(groups)
    top = 1.0
    for index, (label, values) in enumerate(groups):
        heights = [value if math.isfinite(value) else 0.0 for value in values]
        top = max(top, *heights)
        bars = panel.bar(
            place + (index - 0.5 * (len(groups) - 1)) * width, heights, 0.92 * width,
            color=[AXIS_COLOURS[name] for name in names], alpha=1.0 if index else 0.45,
            hatch=None if index else "////", edgecolor="white", linewidth=0.0, label=label,
        )  # fmt: skip
        panel.bar_label(bars, [f"{h:.2f}" if h else "∞" for h in heights], padding=2, fontsize=8)
    panel.set_xticks(place, names)
    panel.set_xlabel("axis (hatched: network, full: voxels)" if network.voxels else "axis")
    panel.set_ylabel("tortuosity factor τ")
    panel.set_ylim(0.0, 1.2 * top)
    plain_spines(panel)
