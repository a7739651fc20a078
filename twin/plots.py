"""Pictures of diffusion through a phase."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slices import Floats, Slice, slice_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from twin.results import Directions, Tortuosity

_CONCENTRATION: Final = "viridis"
_FLUX: Final = "inferno"

#: Streamlines are traced on at most so many points along an axis of the picture.
_STREAM_POINTS: Final = 160

#: Below this share of the scale no streamline is drawn: in dead ends the flux is what the tolerance
#: of the solver left, and lines of it mean nothing.
_STAGNANT: Final = 0.02


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


def directions_figure(results: Directions) -> Figure:
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
    cut = slice_of(result)
    ratio = cut.extent[1] / cut.extent[0]
    wide = ratio < 0.6  # long samples: one panel above the other
    figure = new_figure((7.6, 1.6 + 10.0 * ratio) if wide else (7.6, 1.2 + 2.7 * min(ratio, 3.0)))
    left, right = figure.subplots(2, 1) if wide else figure.subplots(1, 2)
    _draw_concentration(left, cut)
    image = _draw_flux(right, cut, _flux_limit([cut]))
    right.set_title("flux")
    _flux_bar(right, image)
    figure.suptitle(f"{result.phase} {_headline(result)}, slice at {cut.position}", fontsize=11)
    _legend(figure, [cut])
    return figure


@styled
def _directions_figure(results: Directions) -> Figure:
    cuts = [slice_of(t) for t in results]
    figure = new_figure((2.9 * len(cuts) + 0.6 if len(cuts) > 1 else 7.2, 6.3))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1.0))[:, 0]
    maps = above.subplots(1, len(cuts), squeeze=False)[0]
    limit = _flux_limit(cuts)
    for panel, cut, t in zip(maps, cuts, results, strict=True):
        image = _draw_flux(panel, cut, limit)
        panel.set_title(_headline(t))
    _flux_bar(maps[-1], image)
    _legend(above, cuts)
    bars, concentration, fraction = below.subplots(1, 3)
    _draw_factors(bars, results)
    _draw_profiles(concentration, fraction, results)
    return figure


def _headline(result: Tortuosity) -> str:
    tau = result.tortuosity_factor
    return f"along {result.axis}: τ = {f'{tau:.3f}' if math.isfinite(tau) else '∞'}"


def _greys(count: int) -> list[str]:
    """Colours of what does not carry the flux, from light to dark."""
    return [f"{shade:.3f}" for shade in np.linspace(0.86, 0.5, max(count, 2))[:count]]


def _colours(cut: Slice) -> list[str]:
    """White for closed pores; greys for the other phases."""
    closed = [name.endswith(", not percolating") for name in cut.names]
    greys = iter(_greys(closed.count(False)))
    return ["white" if is_closed else next(greys) for is_closed in closed]


def _draw_kinds(panel: Axes, cut: Slice) -> None:
    from matplotlib.colors import to_rgba

    colours = np.array([(0.0, 0.0, 0.0, 0.0), *map(to_rgba, _colours(cut))])
    panel.imshow(colours[cut.kinds].swapaxes(0, 1), **_placed(cut))
    panel.set_xlabel(f"{cut.axes[0]} [{cut.unit}]")
    panel.set_ylabel(f"{cut.axes[1]} [{cut.unit}]")
    panel.locator_params(nbins=5)


def _placed(cut: Slice) -> dict[str, Any]:
    extent = (0.0, cut.extent[0], 0.0, cut.extent[1])
    return {"origin": "lower", "extent": extent, "interpolation": "nearest"}


def _draw_concentration(panel: Axes, cut: Slice) -> None:
    _draw_kinds(panel, cut)
    image = panel.imshow(
        cut.concentration.T, cmap=_CONCENTRATION, vmin=0.0, vmax=1.0, **_placed(cut)
    )
    panel.set_title("concentration")
    _bar(panel, image, r"$c\,/\,c_\mathrm{in}$")


def _draw_flux(panel: Axes, cut: Slice, limit: float) -> AxesImage:
    _draw_kinds(panel, cut)
    size = np.where(cut.kinds == 0, np.linalg.norm(cut.flow, axis=-1), np.nan)
    image = panel.imshow(size.T, cmap=_FLUX, vmin=0.0, vmax=limit, **_placed(cut))
    if min(size.shape) > 1 and not np.isnan(size).all():
        _draw_streamlines(panel, cut, limit)
    panel.set_xlim(0.0, cut.extent[0])
    panel.set_ylim(0.0, cut.extent[1])
    return image


def _draw_streamlines(panel: Axes, cut: Slice, limit: float) -> None:
    step = [-(-count // _STREAM_POINTS) for count in cut.kinds.shape]
    coarse = (slice(None, None, step[0]), slice(None, None, step[1]))
    points = [
        (np.arange(count) + 0.5) * (edge / count)
        for count, edge in zip(cut.kinds.shape, cut.extent, strict=True)
    ]
    size = np.linalg.norm(cut.flow, axis=-1, keepdims=True)
    flow = np.where(size > _STAGNANT * limit, cut.flow, np.nan)[coarse]
    panel.streamplot(
        points[0][:: step[0]],
        points[1][:: step[1]],
        flow[..., 0].T,
        flow[..., 1].T,
        color=(1.0, 1.0, 1.0, 0.75),
        linewidth=0.5,
        arrowsize=0.5,
        density=1.6,
    )


def _flux_limit(cuts: list[Slice]) -> float:
    """A few throats carry many times the mean flux: the scale ends where 1 % is above it.

    A uniform flux stays in the middle of the scale.
    """
    values = np.concatenate([np.linalg.norm(cut.flow[cut.kinds == 0], axis=-1) for cut in cuts])
    return float(max(np.quantile(values, 0.99), 1.5 * values.mean())) if values.size else 1.0


def _flux_bar(panel: Axes, image: AxesImage) -> None:
    _bar(panel, image, r"$|J|\,L\,/\,(D_0\,c_\mathrm{in})$", extend="max")


def _bar(panel: Axes, image: AxesImage, label: str, **options: Any) -> None:
    """A colour bar of the panel's own height."""
    figure = panel.figure
    figure.colorbar(image, cax=panel.inset_axes((1.03, 0.0, 0.04, 1.0)), label=label, **options)


def _legend(figure: Any, cuts: list[Slice]) -> None:
    from matplotlib.patches import Patch

    colours = {name: c for cut in cuts for name, c in zip(cut.names, _colours(cut), strict=True)}
    patches = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.6, label=name)
        for name, colour in colours.items()
    ]
    if patches:
        figure.legend(
            handles=patches, loc="outside lower center", ncols=len(patches), frameon=False
        )


def _draw_factors(panel: Axes, results: Directions) -> None:
    heights = [t.tortuosity_factor if t.percolates else 0.0 for t in results]
    names = [t.axis for t in results]
    bars = panel.bar(names, heights, color=[AXIS_COLOURS[name] for name in names], width=0.6)
    texts = [f"{h:.3f}" if h else "∞" for h in heights]
    panel.bar_label(bars, texts, padding=2)
    panel.set_ylim(0.0, 1.2 * max([1.0, *heights]))
    panel.set_xlabel("axis")
    panel.set_ylabel("tortuosity factor τ")
    plain_spines(panel)


def _draw_profiles(concentration: Axes, fraction: Axes, results: Directions) -> None:
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
