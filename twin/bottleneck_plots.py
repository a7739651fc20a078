"""Pictures of where a flux is squeezed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from twin.figures import new_figure, plain_spines, styled
from twin.flux_colours import log_bar
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

    from twin.bottlenecks import Bottlenecks

_FLUX: Final = "inferno"
_RING, _LINE = "#56b4e9", "#0072b2"

#: Largest over smallest flux of the colours.
_DECADES: Final = 300.0

#: So many constrictions have a ring in the picture: more would hide what they stand for.
_RINGS: Final = 8


def bottleneck_figure(found: Bottlenecks) -> Figure:
    """Draw the largest flux along each line of sight, with the strongest constrictions.

    Parameters
    ----------
    found : what `twin.bottlenecks` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.bottleneck_plots import bottleneck_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), spacing="1um", phases={"pore": 1})
    >>> figure = bottleneck_figure(twin.bottlenecks(twin.tortuosity(volume, "pore", axis="x")))
    >>> [axes.get_title() for axes in figure.axes[:3]]
    ['seen along z', 'seen along y', 'seen along x']
    """
    return _bottleneck_figure(found)


def projections(found: Bottlenecks) -> list[NDArray[np.float32]]:
    """Largest flux over mean on the lines along x, y and z, slab by slab.

    Returns
    -------
    list of ndarray
        (ny, nz), (nx, nz) and (nx, ny) float32; 0 where a line meets no flux.
    """
    nx, ny, nz = found.result.mesh.shape
    along_x = np.zeros((ny, nz), np.float32)
    along_y, along_z = np.zeros((nx, nz), np.float32), np.zeros((nx, ny), np.float32)
    for x, slab in enumerate(found.result.flux()):
        ratio = np.linalg.norm(slab, axis=-1) / np.float32(found.distribution.mean)
        np.maximum(along_x, ratio, out=along_x)
        along_y[x], along_z[x] = ratio.max(0), ratio.max(1)
    return [along_x, along_y, along_z]


@styled
def _bottleneck_figure(found: Bottlenecks) -> Figure:
    mesh = found.result.mesh
    scale, unit = length_scale(mesh.volume)
    sizes = [n * h * scale for n, h in zip(mesh.shape, mesh.spacing, strict=True)]
    planes = ((0, 1), (0, 2), (1, 2))
    widths = [max(sizes[across], 0.2 * max(sizes)) for across, _ in planes]
    height = min(max(7.0 * max(sizes[up] for _, up in planes) / sum(widths), 0.8), 6.0) + 0.9
    figure = new_figure((8.6, height + 2.6))
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=(height, 2.6))[:, 0]
    panels = above.subplots(1, 3, width_ratios=widths)
    seen = projections(found)[::-1]
    limit = max(float(max(image.max() for image in seen)), 2.0)
    for panel, image, axes in zip(panels, seen, planes, strict=True):
        drawn = _draw_projection(panel, image, axes, sizes, limit)
        panel.set_xlabel(f"{'xyz'[axes[0]]} [{unit}]")
        panel.set_ylabel(f"{'xyz'[axes[1]]} [{unit}]")
        _draw_rings(panel, found, axes, scale)
    _flux_bar(panels[-1], drawn)
    above.suptitle(_headline(found), fontsize=11)
    left, right = below.subplots(1, 2)
    _draw_shares(left, found)
    _draw_throats(right, found, scale, unit)
    return figure


def _headline(found: Bottlenecks) -> str:
    phases = " + ".join(found.result.mesh.phases)
    return (
        f"{phases} along {found.result.axis}: {found.count} constrictions above "
        f"{found.above:.3g} times the mean flux"
    )


def _draw_projection(
    panel: Axes, image: NDArray[np.float32], axes: tuple[int, int], sizes: list[float], limit: float
) -> AxesImage:
    from matplotlib.colors import LogNorm

    across, up = axes
    panel.set_title(f"seen along {'xyz'[3 - across - up]}")
    panel.locator_params(nbins=4)
    extent = (0.0, sizes[across], 0.0, sizes[up])
    norm = LogNorm(limit / _DECADES, limit, clip=True)
    panel.set_facecolor("black")
    return panel.imshow(
        np.ma.masked_equal(image.T, 0.0), origin="lower", extent=extent, cmap=_FLUX, norm=norm,
        interpolation="nearest",
    )  # fmt: skip


def _draw_rings(panel: Axes, found: Bottlenecks, axes: tuple[int, int], scale: float) -> None:
    from matplotlib.patheffects import withStroke

    for number, one in enumerate(found.constrictions[:_RINGS], start=1):
        x, y = (one.position[axis] * scale for axis in axes)
        panel.plot(x, y, "o", markersize=9, markerfacecolor="none", markeredgecolor=_RING)
        text = panel.annotate(f"{number}", (x, y), (5, 4), textcoords="offset points")
        text.set(
            color="white", fontsize=8, path_effects=[withStroke(linewidth=2, foreground="black")]
        )


def _flux_bar(panel: Axes, image: AxesImage) -> None:
    cax = panel.inset_axes((1.05, 0.0, 0.05, 1.0))
    log_bar(panel, image, cax=cax, label="largest |J| / mean on the line")


def _draw_shares(panel: Axes, found: Bottlenecks) -> None:
    spread = found.distribution
    shares = np.linspace(0.0, 100.0, len(spread.flux_share))
    panel.plot([0, 100], [0, 100], color="0.6", linewidth=0.8, linestyle="--")
    panel.plot(shares, 100 * spread.flux_share, color=_LINE, linewidth=1.3)
    half = 100 * spread.half_share
    panel.plot([half, half, 0], [0, 50, 50], color="0.3", linewidth=0.8)
    panel.annotate(f"half of the flux: {half:.1f} %", (half, 50), (8, -10),
                   textcoords="offset points")  # fmt: skip
    panel.set_xlim(0, 100)
    panel.set_ylim(0, 100)
    panel.set_xlabel("voxels that join the faces, strongest first [%]")
    panel.set_ylabel("flux they carry [%]")
    plain_spines(panel)


def _draw_throats(panel: Axes, found: Bottlenecks, scale: float, unit: str) -> None:
    x = [one.equivalent_diameter * scale for one in found.constrictions]
    y = [100 * one.current_share for one in found.constrictions]
    panel.scatter(x, y, s=16, color=_LINE, alpha=0.8, linewidths=0)
    for number, (a, b) in enumerate(zip(x[:_RINGS], y[:_RINGS], strict=True), start=1):
        panel.annotate(f"{number}", (a, b), (3, 3), textcoords="offset points", fontsize=8)
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.set_xlabel(f"equivalent diameter of the section [{unit}]")
    panel.set_ylabel("share of the current [%]")
    plain_spines(panel)
