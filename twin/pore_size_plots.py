"""Pictures of pore sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slice_plots import bar
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.pore_size_results import PoreSizes
    from twin.size_distribution import SizeDistribution

_SIZES: Final = "viridis"
_GREY: Final = "0.82"
_BAR: Final = "#9ecae1"
_LINE: Final = "#08519c"
_BINS: Final = 30


def pore_size_figure(found: PoreSizes) -> Figure:
    """Draw a slice with the size of each voxel, and how the volume is shared among sizes.

    Parameters
    ----------
    found : what `twin.pore_sizes` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.pore_size_plots import pore_size_figure
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> pore_size_figure(twin.pore_sizes(volume, "pore")).axes[1].get_ylabel()
    'share of the volume [%]'
    """
    return _pore_size_figure(found)


@styled
def _pore_size_figure(found: PoreSizes) -> Figure:
    figure = new_figure((9.0, 3.7))
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.15))
    _draw_slice(left, found)
    scale, unit = _scale(found)
    if found.along:
        _draw_chords(right, found, scale)
    else:
        _draw_histogram(right, found.distribution, scale)
    right.set_xlabel(f"{'chord length' if found.along else 'diameter'} [{unit}]")
    right.set_xlim(left=0.0)
    figure.suptitle(f"{found.phase}: {found.method.replace('-', ' ')}", fontsize=11)
    return figure


def _scale(found: PoreSizes) -> tuple[float, str]:
    """The unit of sizes: that in which the largest one is at least 1."""
    if not found.volume.spacing_known:
        return 1.0, "voxels"
    largest = float(found.distribution.sizes[-1]) if found.distribution.total else 0.0
    return (1e9, "nm") if largest < 1e-6 else (1e6, "µm") if largest < 1e-3 else (1e3, "mm")


def _draw_slice(panel: Axes, found: PoreSizes) -> None:
    volume = found.volume
    scale, unit = length_scale(volume)
    sizes = [n * h * scale for n, h in zip(volume.shape, volume.spacing, strict=True)]
    normal = min(range(3), key=lambda a: (volume.shape[a] > 1, sizes[a]))
    across, up = sorted({0, 1, 2} - {normal})
    middle = volume.shape[normal] // 2
    name, field = next(iter(found.fields().items()))
    factor, size_unit = _scale(found)
    values = field.take(middle, normal) * factor
    place: dict[str, Any] = {
        "origin": "lower",
        "extent": (0.0, sizes[across], 0.0, sizes[up]),
        "interpolation": "nearest",
    }
    labels = np.asarray(volume.labels.take(middle, normal))
    panel.imshow(_background(found, labels).swapaxes(0, 1), **place)
    shown = np.where(values > 0.0, values, np.nan)
    image = panel.imshow(shown.T, cmap=_SIZES, vmin=0.0, **place)
    bar(panel, image, f"{name.replace('_', ' along ')} [{size_unit}]")
    panel.set_xlabel(f"{'xyz'[across]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[up]} [{unit}]")
    position = (middle + 0.5) * volume.spacing[normal] * scale
    panel.set_title(f"slice at {'xyz'[normal]} = {position:.4g} {unit}")


def _background(found: PoreSizes, labels: NDArray[Any]) -> NDArray[Any]:
    """Grey where other phases are, white where the phase has no size."""
    from matplotlib.colors import to_rgba

    here = np.isin(labels, found.volume.label_values(found.phase))
    return np.where(here[..., np.newaxis], to_rgba("white"), to_rgba(_GREY))


def _draw_histogram(panel: Axes, one: SizeDistribution, scale: float) -> None:
    edges, shares = one.histogram(_BINS)
    panel.bar(edges[:-1] * scale, 100 * shares, np.diff(edges) * scale, align="edge", color=_BAR)
    panel.set_ylabel("share of the volume [%]")
    beside = panel.twinx()
    beside.step(
        np.append(0.0, one.sizes) * scale, 100 * np.append(0.0, one.cumulative), where="post",
        color=_LINE, linewidth=1.3,
    )  # fmt: skip
    beside.set_ylim(0.0, 105.0)
    beside.set_ylabel("no larger [%]", color=_LINE)
    for share, size in ((10, one.d10), (50, one.d50), (90, one.d90)):
        beside.plot([size * scale] * 2, [0.0, share], color="0.25", linewidth=0.8, linestyle=":")
        beside.annotate(
            f"D{share} = {size * scale:.3g}", (size * scale, share), xytext=(5, -2),
            textcoords="offset points", va="top", fontsize=8,
        )  # fmt: skip
    panel.spines["top"].set_visible(False)
    beside.spines["top"].set_visible(False)


def _draw_chords(panel: Axes, found: PoreSizes, scale: float) -> None:
    largest = float(found.distribution.sizes[-1]) if found.distribution.total else 1.0
    for axis, one in found.along.items():
        # Classes of so many voxels each, so that all have as many lengths.
        edge = found.volume.spacing["xyz".index(axis)]
        step = edge * max(round(largest / edge / _BINS), 1)
        edges = 0.5 * edge + step * np.arange(int(largest / step) + 2)
        _, shares = one.histogram(list(edges))
        mean = found.mean_chord[axis]
        panel.stairs(
            100 * shares, edges * scale, color=AXIS_COLOURS[axis], linewidth=1.4,
            label=f"along {axis}: mean by number {mean * scale:.3g}",
        )  # fmt: skip
        if mean <= largest:
            panel.axvline(mean * scale, color=AXIS_COLOURS[axis], linewidth=0.8, linestyle=":")
    panel.set_ylabel("share of the volume [%]")
    panel.margins(y=0.25)
    panel.set_ylim(bottom=0.0)
    panel.legend(frameon=False, loc="upper right")
    plain_spines(panel)
