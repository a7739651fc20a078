"""Pictures of diffusion through a phase."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slice_plots import Words, draw_flux, draw_potential, flux_bar, flux_scale, legend
from twin.slices import Floats, slice_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.directions import Directions
    from twin.results import Tortuosity

_WORDS: Final = Words(
    potential="concentration",
    potential_bar=r"$c\,/\,c_\mathrm{in}$",
    flux="flux",
    flux_bar=r"$|J|\,L\,/\,(D_0\,c_\mathrm{in})$",
)


def direction_figure(result: Tortuosity) -> Figure:
    """Draw a slice along the driven axis: the concentration in the phase, and its flux.

    Parameters
    ----------
    result : what `twin.tortuosity` found along one axis.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.plots import direction_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), spacing="1um", phases={"pore": 1})
    >>> figure = direction_figure(twin.tortuosity(volume, "pore", axis="x"))
    >>> [axes.get_xlabel() for axes in figure.axes[:2]]
    ['x [µm]', 'x [µm]']
    """
    return _direction_figure(result)


def directions_figure(results: Directions[Tortuosity]) -> Figure:
    """Draw a slice with its flux for each direction, the factors, and profiles along the axes.

    Parameters
    ----------
    results : what `twin.tortuosity` found along several axes.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.plots import directions_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), phases={"pore": 1})
    >>> figure = directions_figure(twin.tortuosity(volume, "pore", axis="xyz"))
    >>> figure.axes[0].get_title()
    'along x: τ = 1.000'
    """
    return _directions_figure(results)


@styled
def _direction_figure(result: Tortuosity) -> Figure:
    cut = slice_of(result, result.length)
    ratio = cut.extent[1] / cut.extent[0]
    wide = ratio < 0.6  # long samples: one panel above the other
    figure = new_figure((7.6, 1.6 + 10.0 * ratio) if wide else (7.6, 1.2 + 2.7 * min(ratio, 3.0)))
    left, right = figure.subplots(2, 1) if wide else figure.subplots(1, 2)
    draw_potential(left, cut, _WORDS)
    image = draw_flux(right, cut, flux_scale([cut]))
    right.set_title(_WORDS.flux)
    flux_bar(right, image, _WORDS)
    figure.suptitle(f"{result.phase} {_headline(result)}, slice at {cut.position}", fontsize=11)
    legend(figure, [cut])
    return figure


@styled
def _directions_figure(results: Directions[Tortuosity]) -> Figure:
    cuts = [slice_of(t, t.length) for t in results]
    figure = new_figure((2.9 * len(cuts) + 0.6 if len(cuts) > 1 else 7.2, 6.3))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1.0))[:, 0]
    maps = above.subplots(1, len(cuts), squeeze=False)[0]
    scale = flux_scale(cuts)
    for panel, cut, t in zip(maps, cuts, results, strict=True):
        image = draw_flux(panel, cut, scale)
        panel.set_title(_headline(t))
    flux_bar(maps[-1], image, _WORDS)
    legend(above, cuts)
    bars, concentration, fraction = below.subplots(1, 3)
    _draw_factors(bars, results)
    _draw_profiles(concentration, fraction, results)
    return figure


def _headline(result: Tortuosity) -> str:
    tau = result.tortuosity_factor
    return f"along {result.axis}: τ = {f'{tau:.3f}' if math.isfinite(tau) else '∞'}"


def _draw_factors(panel: Axes, results: Directions[Tortuosity]) -> None:
    heights = [t.tortuosity_factor if t.percolates else 0.0 for t in results]
    names = [t.axis for t in results]
    bars = panel.bar(names, heights, color=[AXIS_COLOURS[name] for name in names], width=0.6)
    texts = [f"{h:.3f}" if h else "∞" for h in heights]
    panel.bar_label(bars, texts, padding=2)
    panel.set_ylim(0.0, 1.2 * max([1.0, *heights]))
    panel.set_xlabel("axis")
    panel.set_ylabel("tortuosity factor τ")
    plain_spines(panel)


def _draw_profiles(concentration: Axes, fraction: Axes, results: Directions[Tortuosity]) -> None:
    concentration.plot([0, 1], [1, 0], color="0.6", linewidth=0.8, linestyle="--")
    for t in filter(lambda t: t.percolates, results):
        mean, share = _profile(t)
        position = (np.arange(len(mean)) + 0.5) / len(mean)
        style: dict[str, Any] = {"color": AXIS_COLOURS[t.axis], "linewidth": 1.3, "label": t.axis}
        concentration.plot(position, mean, **style)
        fraction.plot(position, share, **style)
    concentration.set_ylabel(r"plane mean of $c\,/\,c_\mathrm{in}$")
    fraction.set_ylabel("area fraction that carries flux")
    fraction.set_ylim(bottom=0.0)
    for panel in (concentration, fraction):
        panel.set_xlabel("position / length")
        panel.set_xlim(0.0, 1.0)
        plain_spines(panel)
    if concentration.get_legend_handles_labels()[0]:
        concentration.legend(frameon=False, handlelength=1.4)


def _profile(result: Tortuosity) -> tuple[Floats, Floats]:
    """Mean concentration and area fraction of the active voxels in each plane across the axis."""
    c = result.concentration()
    planes = np.moveaxis(c, "xyz".index(result.axis), 0)
    sums = np.array([np.nansum(plane, dtype=np.float64) for plane in planes])
    counts = np.array([np.count_nonzero(~np.isnan(plane)) for plane in planes])
    mean = np.full(len(sums), np.nan)
    np.divide(sums, counts, out=mean, where=counts > 0)
    return mean, counts / planes[0].size
