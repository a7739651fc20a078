"""Pictures of stream lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.flux_colours import log_bar
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    from twin.streamlines import StreamLines

_FLUX: Final = "plasma"

#: Smallest and largest flux over mean that colours tell apart.
_LIMITS: Final = (0.1, 10.0)


def streamline_figure(lines: StreamLines) -> Figure:
    """Draw the lines as seen from the side, and how long they are.

    Parameters
    ----------
    lines : what `twin.streamlines` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.streamline_plots import streamline_figure
    >>> volume = twin.Volume(np.ones((8, 8, 4), np.uint8), spacing="1um", phases={"pore": 1})
    >>> t = twin.tortuosity(volume, "pore", axis="x")
    >>> streamline_figure(twin.streamlines(t)).axes[0].get_title()
    'pore along x, 200 lines seen along z'
    """
    return _streamline_figure(lines)


@styled
def _streamline_figure(lines: StreamLines) -> Figure:
    mesh = lines.result.mesh
    scale, unit = length_scale(mesh.volume)
    sizes = [n * h * scale for n, h in zip(mesh.shape, mesh.spacing, strict=True)]
    # Seen along the shorter of the two axes that are not driven, so that the longer one shows.
    normal, up = sorted({0, 1, 2} - {mesh.axis}, key=lambda a: sizes[a])
    axes = (mesh.axis, up)
    height = min(max(3.9 * sizes[up] / sizes[mesh.axis], 1.2), 6.0)
    figure = new_figure((8.6, height + 1.0))
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
    drawn = _draw_lines(left, lines, axes, scale)
    left.set_xlim(0.0, sizes[axes[0]])
    left.set_ylim(0.0, sizes[axes[1]])
    left.set_aspect("equal")
    left.set_xlabel(f"{'xyz'[axes[0]]} [{unit}]")
    left.set_ylabel(f"{'xyz'[axes[1]]} [{unit}]")
    phases = " + ".join(mesh.phases)
    left.set_title(f"{phases} along {lines.result.axis}, {len(lines)} lines seen along "
                   f"{'xyz'[normal]}")  # fmt: skip
    cax = left.inset_axes((1.03, 0.0, 0.04, 1.0))
    log_bar(left, drawn, cax=cax, label="|J| / mean", extend="both")
    _draw_lengths(right, lines)
    return figure


def _draw_lines(
    panel: Axes, lines: StreamLines, axes: tuple[int, int], scale: float
) -> LineCollection:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LogNorm

    seen = lines.points[:, axes] * scale
    inside = ~lines.jumps[1:]
    segments = np.stack([seen[:-1], seen[1:]], axis=1)[inside]
    drawn = LineCollection(
        list(segments), array=lines.flux_over_mean[1:][inside], cmap=_FLUX,
        norm=LogNorm(*_LIMITS, clip=True), linewidths=0.7, alpha=0.8,
    )  # fmt: skip
    panel.add_collection(drawn)
    return drawn


def _draw_lengths(panel: Axes, lines: StreamLines) -> None:
    ratios = lines.length_ratios
    if len(ratios):
        reach = (ratios.min(), max(ratios.max(), ratios.min() + 0.01))  # straight lines are alike
        panel.hist(ratios, bins=30, range=reach, color=AXIS_COLOURS[lines.result.axis])
        panel.axvline(ratios.mean(), color="0.2", linewidth=0.8, linestyle="--")
        panel.set_title(f"mean {ratios.mean():.3f}")
    panel.set_xlabel("length of a line / distance of the faces")
    panel.set_ylabel("lines")
    plain_spines(panel)
