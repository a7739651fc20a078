"""Pictures of the electrode tortuosity factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import new_figure, plain_spines, styled
from twin.slice_plots import Words, draw_flux, draw_potential, flux_bar, flux_scale, legend
from twin.slices import Slice, length_scale, slice_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.electrode_results import ElectrodeTortuosity

_WORDS: Final = Words(
    potential="drop of the potential",
    potential_bar=r"$w\,/\,(I R_\mathrm{ion})$",
    flux="current density",
    flux_bar=r"$|i|\,/\,\langle i\rangle_\mathrm{separator}$",
)

#: Colours of the separator's face, and of what flows through (Okabe and Ito, as in `figures`).
_COLOURS: Final = {"low": "#0072B2", "high": "#D55E00"}
_THROUGH: Final = "0.55"

#: Layers through which less than this share of the current passes weigh less than a per cent of the
#: first ones, with the square of the current; the scale of resistances does not follow them.
_LEAST_CURRENT: Final = 0.1


def electrode_figure(result: ElectrodeTortuosity) -> Figure:
    """Draw a slice with potential and current, and the profiles over the depth.

    Parameters
    ----------
    result : what `twin.electrode_tortuosity` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.electrode_plots import electrode_figure
    >>> labels = np.ones((3, 3, 20), np.uint8)
    >>> labels[1, 1] = 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> figure = electrode_figure(twin.electrode_tortuosity(volume, "pore"))
    >>> [axes.get_title() for axes in figure.axes[:2]]
    ['drop of the potential', 'current density']
    """
    return _electrode_figure(result)


@styled
def _electrode_figure(result: ElectrodeTortuosity) -> Figure:
    cut = slice_of(result, 1.0, "not reached")
    ratio = cut.extent[1] / cut.extent[0]
    wide = ratio < 0.4  # long samples: one panel above the other
    height = 2.4 + 13.0 * ratio if wide else 0.9 + 3.2 * min(ratio, 2.0)
    figure = new_figure((8.6, height + 2.6))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(height, 2.6))[:, 0]
    left, right = above.subplots(2, 1) if wide else above.subplots(1, 2)
    _draw_fields(left, right, cut)
    for panel in (left, right):
        panel.locator_params("y", nbins=3 if wide else 5)
        _mark_faces(panel, cut, result.separator)
    legend(above, [cut])
    figure.suptitle(f"{_headline(result)}, slice at {cut.position}", fontsize=11)
    _draw_numbers(below, result)
    return figure


def _headline(result: ElectrodeTortuosity) -> str:
    return f"{result.phase} along {result.axis}: τₑ = {result.tortuosity_factor:.3f}"


def _draw_fields(left: Axes, right: Axes, cut: Slice) -> None:
    deepest = float(np.nanmax(cut.potential, initial=0.0))
    draw_potential(left, cut, _WORDS, deepest or 1.0)
    image = draw_flux(right, cut, flux_scale([cut]))
    right.set_title(_WORDS.flux)
    flux_bar(right, image, _WORDS)


def _mark_faces(panel: Axes, cut: Slice, separator: str) -> None:
    """A thick edge where the separator lies, and both faces by name."""
    width, height = cut.extent
    at = 0.0 if separator == "low" else width
    panel.plot(
        [at, at], [0.0, height], color=_COLOURS[separator], linewidth=4.0,
        solid_capstyle="butt", clip_on=False, zorder=5,
    )  # fmt: skip
    places = ((at, "separator"), (width - at, "collector"))
    for place, name in places:
        text = panel.text(
            place, 1.02 * height, name, fontsize=7.5, va="bottom",
            ha="left" if place == 0.0 else "right",
        )  # fmt: skip
        text.set_color(_COLOURS[separator] if name == "separator" else "0.3")


def _draw_numbers(figure: Any, result: ElectrodeTortuosity) -> None:
    """Profiles from each one's separator on, and what becomes of them."""
    panels = figure.subplots(1, 4)
    for one in result.orientations():
        _draw_profiles(panels[:3], one)
    factor, unit = length_scale(result.volume)
    names = ("pores (dotted: reached)", "walls / mean", "local tortuosity factor")
    for panel, name in zip(panels, names, strict=False):
        panel.set_xlabel(f"depth from the separator [{unit}]")
        panel.set_title(name)
        panel.set_xlim(0.0, result.length * factor)
        plain_spines(panel)
    for panel in panels[:2]:
        panel.set_ylim(bottom=0.0)
    panels[2].set_yscale("log")
    panels[2].set_ylim(*_range_of_resistances(result))
    panels[2].yaxis.set_major_formatter("{x:g}")
    _draw_factors(panels[3], result)
    if result.flipped is not None:
        panels[0].legend(frameon=False, handlelength=1.2, title="separator")


def _draw_profiles(panels: Any, one: ElectrodeTortuosity) -> None:
    profiles = one.profiles
    depth = profiles["position"] * length_scale(one.volume)[0]
    style: dict[str, Any] = {"color": _COLOURS[one.separator], "linewidth": 1.2}
    panels[0].plot(depth, profiles["porosity"], label=one.separator, **style)
    panels[0].plot(depth, profiles["accessible_porosity"], linestyle=":", **style)
    panels[1].plot(depth, profiles["wall_area"] / profiles["wall_area"].mean(), **style)
    panels[2].plot(depth, profiles["local_tortuosity"], **style)


def _range_of_resistances(result: ElectrodeTortuosity) -> tuple[float, float]:
    """From below the least to above the largest of those layers that matter."""
    local = np.concatenate([
        one.profiles["local_tortuosity"][one.profiles["current"] > _LEAST_CURRENT]
        for one in result.orientations()
    ])  # fmt: skip
    return float(min(local.min(), 1.0)) / 1.1, max(1.3 * float(local.max()), 10.0)


def _draw_factors(panel: Axes, result: ElectrodeTortuosity) -> None:
    """A bar for each orientation, its bound as a line across, and the flux through beside them."""
    ones = result.orientations()
    names = [f"τₑ\n{one.separator}" for one in ones]
    heights = [one.tortuosity_factor for one in ones]
    colours = [_COLOURS[one.separator] for one in ones]
    if result.through is not None:
        percolates = result.through.percolates
        names.append("τ\nthrough")
        heights.append(result.through.tortuosity_factor if percolates else 0.0)
        colours.append(_THROUGH)
    bars = panel.bar(names, heights, 0.6, color=colours)
    panel.bar_label(bars, [f"{height:.3f}" if height else "∞" for height in heights], padding=2)
    for place, one in enumerate(ones):
        panel.hlines(one.lower_bound, place - 0.3, place + 0.3, color="white", linewidth=1.2)
    panel.set_xlim(-0.7, len(names) - 0.3)
    panel.set_ylim(0.0, 1.2 * max(heights))
    panel.set_title("tortuosity factors")
    panel.set_xlabel("white: slice bound")
    plain_spines(panel)
