"""Pictures of conduction through several phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slice_plots import (
    Words,
    draw_flux,
    draw_kinds,
    draw_potential,
    flux_bar,
    flux_scale,
    legend,
    placed,
)
from twin.slices import Slice, slice_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.conduction_results import Conduction
    from twin.directions import Directions
    from twin.transport import Transport


#: The flux is drawn on a logarithmic scale of at most so many powers of ten, so that a poor
#: conductor of large cross-section is seen beside a good one.
_DECADES: Final = 3

#: Name, share and style of a piece of a stacked bar.
Part: TypeAlias = tuple[str, float, dict[str, Any]]


def direction_figure(result: Conduction) -> Figure:
    """Draw a slice along the driven axis: its phases, the potential, and the flux.

    Parameters
    ----------
    result : what `twin.conduction` found along one axis.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.conduction_plots import direction_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), spacing="1um", phases={"CBD": 1})
    >>> figure = direction_figure(twin.conduction(volume, {"CBD": 760.0}, axis="x"))
    >>> [axes.get_title() for axes in figure.axes[:3]]
    ['phases', 'potential', 'current density']
    """
    return _direction_figure(result)


def directions_figure(results: Directions[Conduction]) -> Figure:
    """Draw a slice with its flux for each direction, k_eff, and who carries and spends how much.

    Parameters
    ----------
    results : what `twin.conduction` found along several axes.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.conduction_plots import directions_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), phases={"CBD": 1})
    >>> figure = directions_figure(twin.conduction(volume, {"CBD": 760.0}, axis="xyz"))
    >>> figure.axes[0].get_title()
    'along x: σ = 760 S/m'
    """
    return _directions_figure(results)


@styled
def _direction_figure(result: Conduction) -> Figure:
    cut, words = _slice_of(result), _words(result.transport)
    ratio = cut.extent[1] / cut.extent[0]
    wide = ratio < 0.6  # long samples: one panel above the other
    size = (7.6, 2.2 + 15.0 * ratio) if wide else (10.6, 1.4 + 2.6 * min(ratio, 3.0))
    figure = new_figure(size)
    first, second, third = figure.subplots(3, 1) if wide else figure.subplots(1, 3)
    _draw_phases(first, cut, result)
    draw_potential(second, cut, words)
    image = draw_flux(third, cut, flux_scale([cut], _DECADES))
    third.set_title(words.flux)
    flux_bar(third, image, words)
    figure.suptitle(f"{_headline(result)}, slice at {cut.position}", fontsize=11)
    legend(figure, [cut], _phase_colours(result))
    return figure


@styled
def _directions_figure(results: Directions[Conduction]) -> Figure:
    cuts = [_slice_of(c) for c in results]
    words = _words(next(iter(results)).transport)
    figure = new_figure((2.9 * len(cuts) + 0.6 if len(cuts) > 1 else 7.2, 6.3))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1.0))[:, 0]
    maps = above.subplots(1, len(cuts), squeeze=False)[0]
    scale = flux_scale(cuts, _DECADES)
    for panel, cut, c in zip(maps, cuts, results, strict=True):
        image = draw_flux(panel, cut, scale)
        panel.set_title(_headline(c))
    flux_bar(maps[-1], image, words)
    legend(above, cuts)
    bars, flow, loss = below.subplots(1, 3)
    _draw_conductivities(bars, results)
    _draw_shares(flow, loss, results)
    _share_legend(below, loss)
    return figure


def _words(transport: Transport) -> Words:
    symbol = transport.flux_symbol
    return Words(
        potential=transport.potential,
        potential_bar=f"${transport.potential_symbol}$ [{transport.potential_unit}]",
        flux=transport.flux,
        flux_bar=rf"$|{symbol}|\,/\,\langle {symbol}\rangle$",
    )


def _slice_of(result: Conduction) -> Slice:
    """The flux over the mean flux through the sample."""
    mean = result.mean_current_density if result.percolates else 1.0
    return slice_of(result, 1.0 / mean)


def _headline(result: Conduction) -> str:
    words = result.transport
    value = f"{result.effective_conductivity:.4g} {words.conductivity_unit}"
    return f"along {result.axis}: {words.conductivity_symbol} = {value}"


def _phase_colours(result: Conduction) -> dict[str, Any]:
    """A colour for each phase that conducts; the others are grey, as in the other panels."""
    from matplotlib import colormaps

    colours = colormaps["Set2"].colors  # type: ignore[attr-defined]
    return {name: colours[i % len(colours)] for i, name in enumerate(result.mesh.phases)}


def _draw_phases(panel: Axes, cut: Slice, result: Conduction) -> None:
    draw_kinds(panel, cut)
    colours = np.zeros((*cut.labels.shape, 4))
    for name, colour in _phase_colours(result).items():
        here = np.isin(cut.labels, result.volume.label_values(name)) & (cut.kinds == 0)
        colours[here] = (*colour, 1.0)
    panel.imshow(colours.swapaxes(0, 1), **placed(cut))
    panel.set_title("phases")


def _draw_conductivities(panel: Axes, results: Directions[Conduction]) -> None:
    words = next(iter(results)).transport
    heights, names = [c.effective_conductivity for c in results], [c.axis for c in results]
    bars = panel.bar(names, heights, color=[AXIS_COLOURS[name] for name in names], width=0.6)
    panel.bar_label(bars, [f"{h:.4g}" for h in heights], padding=2)
    panel.set_ylim(0.0, 1.2 * max(heights) or 1.0)
    panel.set_xlabel("axis")
    panel.set_ylabel(rf"${words.conductivity_symbol}_\mathrm{{eff}}$ [{words.conductivity_unit}]")
    plain_spines(panel)


def _draw_shares(flow: Axes, loss: Axes, results: Directions[Conduction]) -> None:
    """Stack what the phases carry, and what they and the contacts between them spend."""
    words = next(iter(results)).transport
    for position, c in enumerate(results):
        if c.percolates:
            _stack(flow, position, _phase_parts(c, c.share))
            _stack(loss, position, _phase_parts(c, c.heat_share) + _contact_parts(c))
    for panel, what in ((flow, words.flow), (loss, words.loss)):
        panel.set_xticks(range(len(results)), [c.axis for c in results])
        panel.set_xlim(-0.6, len(results) - 0.4)
        panel.set_xlabel("axis")
        panel.set_ylabel(f"share of the {what}")
        panel.set_ylim(0.0, 1.0)
        plain_spines(panel)


def _phase_parts(result: Conduction, shares: Mapping[str, float]) -> list[Part]:
    colours = _phase_colours(result)
    return [(name, value, {"color": [colours[name]]}) for name, value in shares.items()]


def _contact_parts(result: Conduction) -> list[Part]:
    """The interfaces that resist; those that do not spend nothing."""
    resisting = [pair for pair, r in result.conductors.contact_resistance.items() if r > 0.0]
    shades = np.linspace(0.35, 0.75, len(resisting))
    return [
        (
            f"{a}:{b} contact",
            result.interface_heat_share[a, b],
            {"color": f"{shade:.3f}", "hatch": "///"},
        )
        for (a, b), shade in zip(resisting, shades, strict=True)
    ]


def _stack(panel: Axes, position: int, parts: list[Part]) -> None:
    bottom = 0.0
    for name, value, style in parts:
        panel.bar(position, value, 0.6, bottom, label=name, **style)
        bottom += value


def _share_legend(figure: Any, panel: Axes) -> None:
    handles, names = panel.get_legend_handles_labels()
    entries = dict(zip(names, handles, strict=True))  # each name once, not once for each axis
    if entries:
        figure.legend(entries.values(), entries, loc="outside lower center", ncols=6, frameon=False)
