"""Picture of a `Characterization`: slices with the triple lines, and bars of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from meshing.phase_numbers import phase_numbers
from meshing.triple_lines import TripleLines, triple_lines
from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slice_plots import bar
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from meshing.areas import Area
    from twin.microstructure import Characterization

#: Colours of phases, in the order of their names (Okabe and Ito, https://jfly.uni-koeln.de/color/;
#: the first, which is mostly the pore, is light).
PHASE_COLOURS: Final = (
    "#E4E4E4", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#F0E442", "#999999",
)  # fmt: skip

_LINE_COLOUR: Final = "#D40000"
_EDGE: Final = "0.35"

#: Voxels along an edge of the detail of a slice.
_DETAIL: Final = 60

#: Estimators of an area, their names in a legend and their greys.
_ESTIMATORS: Final = (
    ("voxel", "voxel faces", "0.75"),
    ("marching_cubes", "marching cubes", "0.5"),
    ("crofton", "Crofton", "0.15"),
)


@styled
def characterization_figure(m: Characterization) -> Figure:
    """Draw slices through the middle above, and fractions, areas, coverage, percolation below.

    Parameters
    ----------
    m : what `twin.characterize` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.microstructure_plots import characterization_figure
    >>> m = twin.characterize(twin.generate.electrode((16, 16, 16), spacing="1um"))
    >>> characterization_figure(m).axes[0].get_ylabel()
    'z [µm]'
    """
    figure = new_figure((10.2, 6.7))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.25, 1.0))[:, 0]
    _draw_slices(above, m)
    fractions, areas, coverage, joined = below.subplots(1, 4, width_ratios=(0.8, 1.5, 1.0, 1.0))
    _draw_fractions(fractions, m)
    _draw_areas(areas, m)
    _draw_coverage(coverage, m)
    _draw_percolation(joined, m)
    return figure


def _colours(count: int) -> list[str]:
    return [PHASE_COLOURS[number % len(PHASE_COLOURS)] for number in range(count)]


def _draw_slices(figure: SubFigure, m: Characterization) -> None:
    """The middle slice across the thinnest axis, a detail of it, and where the triple lines are."""
    lines = triple_lines(m.volume, m.periodic)
    normal = int(np.argmin(m.volume.shape))
    whole, detail, map_ = figure.subplots(1, 3)
    _draw_slice(whole, m, normal)
    _draw_slice(detail, m, normal)
    _zoom(detail, m, normal)
    _frame_of(whole, detail)
    if len(lines):
        _draw_dots(detail, lines, normal)
        _draw_map(map_, lines, normal)
    else:
        _draw_slice(map_, m, int(np.argsort(m.volume.shape)[1]))
    handles = _handles(m, bool(len(lines)))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), frameon=False)


def _handles(m: Characterization, dots: bool) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    names = phase_numbers(m.volume).names
    found: list[Any] = [
        Patch(facecolor=colour, edgecolor=_EDGE, linewidth=0.5, label=name)
        for name, colour in zip(names, _colours(len(names)), strict=True)
    ]
    style: dict[str, Any] = {"marker": "o", "linestyle": "", "markersize": 4}
    return [*found, *([Line2D([], [], color=_LINE_COLOUR, label="triple line", **style)] * dots)]


def _plane(m: Characterization | TripleLines, normal: int) -> tuple[int, int, Any, float, str]:
    """Axes of a slice, edges of a voxel in a readable unit, and the length of the slice's edges."""
    across, up = (axis for axis in range(3) if axis != normal)
    scale, unit = length_scale(m.volume)
    return across, up, np.array(m.volume.spacing) * scale, scale, unit


def _frame(panel: Axes, m: Characterization | TripleLines, normal: int) -> dict[str, Any]:
    """Name the axes of a slice; options of `imshow` that lay an array on them."""
    across, up, step, _, unit = _plane(m, normal)
    panel.set_xlabel(f"{'xyz'[across]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[up]} [{unit}]")
    panel.locator_params(nbins=5)
    size = np.array(m.volume.shape) * step
    extent = (0.0, size[across], 0.0, size[up])
    return {"origin": "lower", "extent": extent, "interpolation": "nearest"}


def _draw_slice(panel: Axes, m: Characterization, normal: int) -> None:
    from matplotlib.colors import to_rgb

    phases = phase_numbers(m.volume)
    table = np.array([to_rgb(colour) for colour in _colours(phases.count)])[phases.table]
    middle = m.volume.shape[normal] // 2
    panel.imshow(
        table[m.volume.labels.take(middle, normal)].swapaxes(0, 1), **_frame(panel, m, normal)
    )
    _, _, step, _, unit = _plane(m, normal)
    panel.set_title(f"slice at {'xyz'[normal]} = {(middle + 0.5) * step[normal]:.4g} {unit}")


def _zoom(panel: Axes, m: Characterization, normal: int) -> None:
    """Show so many voxels around the middle of a slice that single ones are seen."""
    across, up, step, _, _ = _plane(m, normal)
    for axis, limit in ((across, panel.set_xlim), (up, panel.set_ylim)):
        count = m.volume.shape[axis]
        low = max(count - _DETAIL, 0) // 2
        limit(low * step[axis], min(low + _DETAIL, count) * step[axis])
    panel.set_title("its middle, with the triple lines")


def _frame_of(whole: Axes, detail: Axes) -> None:
    """Show where the detail lies."""
    from matplotlib.patches import Rectangle

    (left, right), (low, high) = detail.get_xlim(), detail.get_ylim()
    style: dict[str, Any] = {"fill": False, "edgecolor": "black", "linewidth": 0.9}
    whole.add_patch(Rectangle((left, low), right - left, high - low, **style))


def _draw_dots(panel: Axes, lines: TripleLines, normal: int) -> None:
    """Where triple lines pass the middle slice."""
    across, up, step, _, _ = _plane(lines, normal)
    low = lines.corners[lines.edges[:, 0]]
    through = (lines.axes == normal) & (low[:, normal] == lines.volume.shape[normal] // 2)
    dots = low[through] * step
    style: dict[str, Any] = {"color": _LINE_COLOUR, "linestyle": "", "marker": "o", "mew": 0}
    panel.plot(dots[:, across], dots[:, up], markersize=3.2, **style)


def _draw_map(panel: Axes, lines: TripleLines, normal: int) -> None:
    """Density of the triple lines, mean along the line of sight."""
    scale, unit = length_scale(lines.volume)
    seen = lines.density().mean(axis=normal, dtype=np.float64) / scale**2
    image = panel.imshow(seen.T, cmap="inferno", vmin=0.0, **_frame(panel, lines, normal))
    bar(panel, image, f"length / volume [1/{unit.removesuffix('s')}²]")
    panel.set_title(f"triple lines, mean along {'xyz'[normal]}")


def _draw_fractions(panel: Axes, m: Characterization) -> None:
    """A bar for each phase, with a line from its eroded to its dilated fraction."""
    values = list(m.fractions.values())
    places = np.arange(len(values))
    heights = np.array([v.value for v in values])
    reach = np.array([[v.value - v.eroded, v.dilated - v.value] for v in values]).T
    colours = _colours(len(values))
    panel.bar(places, heights, 0.7, color=colours, edgecolor=_EDGE, linewidth=0.5)
    panel.errorbar(places, heights, reach, fmt="none", ecolor="0.2", elinewidth=0.9, capsize=2.5)
    panel.set_xticks(places, list(m.fractions))
    panel.set_ylabel("volume fraction ∓ one voxel")
    panel.set_ylim(bottom=0.0)
    plain_spines(panel)


def _draw_areas(panel: Axes, m: Characterization) -> None:
    """Areas of phases and pairs over the volume, three estimators side by side."""
    scale, unit = length_scale(m.volume)
    rows: list[tuple[str, Area]] = [
        *m.areas.phases.items(),
        *((":".join(pair), area) for pair, area in m.areas.interfaces.items()),
    ]
    if len(m.areas.phases) == 2:  # both phases and their interface are the same surface
        rows = rows[-1:]
    places = np.arange(len(rows))
    for shift, (attribute, name, grey) in zip((-0.27, 0.0, 0.27), _ESTIMATORS, strict=True):
        values = [getattr(area.over(m.box * scale), attribute) for _, area in rows]
        panel.bar(places + shift, values, 0.26, color=grey, label=name)
    names = [name.replace(":", ":\n") for name, _ in rows]
    panel.set_xticks(places, names)
    panel.set_ylabel(f"area / volume of the image [1/{unit.removesuffix('s')}]")
    panel.legend(frameon=False, handlelength=1.0, loc="upper left", fontsize=7.5)
    panel.set_ylim(0.0, 1.35 * max([panel.get_ylim()[1] / 1.05, 1e-300]))
    plain_spines(panel)


def _draw_coverage(panel: Axes, m: Characterization) -> None:
    """What covers the surface of each phase, as parts of a bar."""
    names = list(m.areas.phases)
    colours = _colours(len(names))
    for place, name in enumerate(names):
        bottom = 0.0
        for other, colour in zip(names, colours, strict=True):
            share = 0.0 if other == name else m.coverage(name, by=other)
            if not share > 0.0:
                continue
            panel.bar(place, share, 0.7, bottom, color=colour, edgecolor=_EDGE, linewidth=0.5)
            if share > 0.08:
                middle = bottom + share / 2
                style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5}
                panel.text(place, middle, f"{share:.0%}", color=_ink(colour), **style)
            bottom += share
    panel.set_xticks(range(len(names)), names)
    panel.set_xlabel("surface of")
    panel.set_ylabel("share covered by each other phase")
    panel.set_ylim(0.0, 1.0)
    plain_spines(panel)


def _ink(colour: str) -> str:
    """Black on light colours, white on dark ones (luma of Rec. 601)."""
    from matplotlib.colors import to_rgb

    return "black" if float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) > 0.5 else "white"


def _draw_percolation(panel: Axes, m: Characterization) -> None:
    """Share of each phase that joins the faces of x, y and z."""
    places = np.arange(len(m.percolation))
    for axis in range(3):
        values = [found.percolating_fraction[axis] for found in m.percolation.values()]
        name = "xyz"[axis]
        shift = 0.27 * (axis - 1)
        panel.bar(places + shift, values, 0.26, color=AXIS_COLOURS[name], label=f"along {name}")
    panel.set_xticks(places, list(m.percolation))
    panel.set_ylabel("share of the phase that percolates")
    panel.set_ylim(0.0, 1.3)
    panel.set_yticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    panel.legend(frameon=False, handlelength=1.0, loc="upper left", ncols=3, columnspacing=0.8,
                 fontsize=7.5)  # fmt: skip
    plain_spines(panel)
