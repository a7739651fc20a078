"""Pictures of through paths, dead ends and islands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.selection import label_array
from twin.figures import new_figure, plain_spines, styled
from twin.flux_colours import GREY, WHITE, flux_colours, flux_limits, least_flux, log_bar
from twin.flux_partition import DEAD_END, ISOLATED, THROUGH
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import LogNorm
    from matplotlib.figure import Figure

    from twin.flux_partition import FluxPartition

#: Shades of the phases that do not conduct, from the first to the last.
_DARK: Final = (0.10, 0.30)

_THROUGH, _DEAD = "#cc4778", "#f2f2f2"


@dataclass(frozen=True, eq=False)
class Cut:
    """One plane of a partition.

    Attributes
    ----------
    normal, across, up : axes, 0, 1 or 2, normal to the plane, to the right and upwards in it.
    place : index of the plane along its normal.
    labels : (n, m) labels of the partition.
    ratio : (n, m) flux over its mean.
    others : (n, m) index of the phase that does not conduct, -1 where there is none.
    """

    normal: int
    across: int
    up: int
    place: int
    labels: NDArray[np.uint8]
    ratio: NDArray[np.float32]
    others: NDArray[np.intp]


def partition_figure(partition: FluxPartition, at: Sequence[int] | None = None) -> Figure:
    """Draw three slices with the flux of the through paths, and the curve of the threshold.

    Parameters
    ----------
    partition : what `twin.flux_partition` found.
    at : the voxel through which the slices pass; the middle when left out.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        When `at` is outside the volume.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.partition_plots import partition_figure
    >>> volume = twin.Volume(np.ones((8, 8, 8), np.uint8), spacing="1um", phases={"pore": 1})
    >>> figure = partition_figure(twin.flux_partition(twin.tortuosity(volume, "pore", axis="x")))
    >>> [axes.get_title() for axes in figure.axes[:3]]
    ['z = 4.5 µm', 'y = 4.5 µm', 'x = 4.5 µm']
    """
    return _partition_figure(partition, _checked(partition, at))


@styled
def _partition_figure(partition: FluxPartition, at: tuple[int, int, int]) -> Figure:
    cuts = _cuts(partition, at)
    sizes, _ = _sizes(partition)
    widths = [max(sizes[cut.across], 0.2 * max(sizes)) for cut in cuts]
    tall = max(sizes[cut.up] for cut in cuts) / sum(widths)
    heights = [min(max(7.0 * tall, 0.8), 6.0) + 1.2]
    heights += [2.6] if partition.result.percolates else []  # without flux it has no curves
    figure = new_figure((8.6, sum(heights)))
    rows = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
    _draw_cuts(
        rows[0].subplots(1, len(cuts), squeeze=False, width_ratios=widths)[0], cuts, partition
    )
    rows[0].suptitle(_headline(partition), fontsize=11)
    _legend(rows[0], partition)
    for row in rows[1:]:
        curve, spread = row.subplots(1, 2)
        _draw_curve(curve, partition)
        _draw_spread(spread, partition)
    return figure


def _checked(partition: FluxPartition, at: Sequence[int] | None) -> tuple[int, int, int]:
    nx, ny, nz = partition.labels.shape
    if at is None:
        return nx // 2, ny // 2, nz // 2
    if len(at) != 3 or not all(0 <= i < n for i, n in zip(at, (nx, ny, nz), strict=True)):
        raise InputError(
            f"the slices pass through a voxel of the volume, found {tuple(at)} in one of "
            f"{nx} x {ny} x {nz} voxels; give three indices from 0 on"
        )
    x, y, z = at
    return x, y, z


def _sizes(partition: FluxPartition) -> tuple[list[float], str]:
    """Edges of the volume and the unit that suits them."""
    scale, unit = length_scale(partition.result.volume)
    mesh = partition.result.mesh
    return [n * h * scale for n, h in zip(mesh.shape, mesh.spacing, strict=True)], unit


def _cuts(partition: FluxPartition, at: tuple[int, int, int]) -> list[Cut]:
    """Planes across z, y and x; of an image of one layer, the one plane that shows it."""
    flat = [axis for axis in range(3) if partition.labels.shape[axis] == 1]
    normals = flat[-1:] if flat else [2, 1, 0]
    flux = partition.result.flux()
    return [_cut(partition, flux, normal, at[normal]) for normal in normals]


def _cut(partition: FluxPartition, flux: NDArray[np.float32], normal: int, place: int) -> Cut:
    across, up = (axis for axis in range(3) if axis != normal)
    plane = (slice(None),) * normal + (place,)
    size = np.linalg.norm(flux[plane], axis=-1)
    image = partition.result.volume.labels[plane]
    others = np.full(image.shape, -1, np.intp)
    for number, name in enumerate(_other_phases(partition)):
        others[np.isin(image, label_array(partition.result.volume, name))] = number
    ratio = size / np.float32(partition.distribution.mean or 1.0)
    return Cut(normal, across, up, place, partition.labels[plane], ratio, others)


def _other_phases(partition: FluxPartition) -> list[str]:
    conducting = partition.result.mesh.phases
    return [name for name in partition.result.volume.phases if name not in conducting]


def _dark(partition: FluxPartition) -> list[str]:
    count = len(_other_phases(partition))
    return [f"{shade:.3f}" for shade in np.linspace(*_DARK, max(count, 2))[:count]]


def _norm(partition: FluxPartition) -> LogNorm:
    from matplotlib.colors import LogNorm

    return LogNorm(*flux_limits(partition), clip=True)


def _draw_cuts(panels: Any, cuts: list[Cut], partition: FluxPartition) -> None:
    norm, (sizes, unit) = _norm(partition), _sizes(partition)
    for panel, cut in zip(panels, cuts, strict=True):
        _draw_cut(panel, cut, partition, norm)
        place = (cut.place + 0.5) / partition.labels.shape[cut.normal] * sizes[cut.normal]
        panel.set_title(f"{'xyz'[cut.normal]} = {place:.4g} {unit}")
    if partition.result.percolates:
        _flux_bar(panels[-1], norm)


def _draw_cut(panel: Axes, cut: Cut, partition: FluxPartition, norm: LogNorm) -> None:
    from matplotlib.colors import to_rgb

    sizes, unit = _sizes(partition)
    dark = np.array([*map(to_rgb, _dark(partition)), to_rgb("black")])
    colours = dark[cut.others]
    flows = cut.labels == THROUGH
    colours[flows] = np.asarray(flux_colours()(norm(cut.ratio[flows])))[:, :3]
    colours[cut.labels == DEAD_END] = to_rgb(WHITE)
    colours[cut.labels == ISOLATED] = to_rgb(GREY)
    panel.imshow(
        colours.swapaxes(0, 1),
        origin="lower",
        extent=(0.0, sizes[cut.across], 0.0, sizes[cut.up]),
        interpolation="nearest",
    )
    panel.set_xlabel(f"{'xyz'[cut.across]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[cut.up]} [{unit}]")
    panel.locator_params(nbins=4)


def _flux_bar(panel: Axes, norm: LogNorm) -> None:
    from matplotlib.cm import ScalarMappable

    colours = ScalarMappable(norm, flux_colours())
    cax = panel.inset_axes((1.05, 0.0, 0.05, 1.0))
    log_bar(panel, colours, cax=cax, label="through: |J| / mean", extend="both")


def _headline(partition: FluxPartition) -> str:
    phases = " + ".join(partition.result.mesh.phases)
    shares = (partition.through_fraction, partition.dead_end_fraction, partition.isolated_fraction)
    through, ends, islands = (f"{100 * share:.1f} %" for share in shares)
    return f"{phases} along {partition.result.axis}: {through} through, {ends} dead ends, " + (
        f"{islands} isolated"
    )


def _legend(figure: Any, partition: FluxPartition) -> None:
    from matplotlib.patches import Patch

    kinds = {f"dead end: {partition.method}": WHITE, "isolated": GREY}
    kinds |= dict(zip(_other_phases(partition), _dark(partition), strict=True))
    patches = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.6, label=name)
        for name, colour in kinds.items()
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(patches), frameon=False)


def _draw_curve(panel: Axes, partition: FluxPartition) -> None:
    curve, joined = partition.curve, 1.0 - partition.isolated_fraction
    x, y = curve.thresholds, curve.dead_end_fraction
    panel.fill_between(x, 0.0, y, color=_DEAD, linewidth=0)
    panel.fill_between(x, y, joined, color=_THROUGH, linewidth=0)
    panel.axhspan(joined, 1.0, color=GREY, linewidth=0)
    panel.plot(x, y, color="0.2", linewidth=1.0)
    dashed: dict[str, Any] = {"color": "0.2", "linewidth": 0.8, "linestyle": "--"}
    if partition.threshold is None:
        panel.axhline(partition.dead_end_fraction, **dashed)
        panel.text(x[2], partition.dead_end_fraction, "on no path", color="white", va="bottom")
    elif x[0] < partition.threshold < x[-1]:
        panel.axvline(partition.threshold, **dashed)
    panel.set_xscale("log")
    panel.set_xlim(x[0], x[-1])
    panel.set_ylim(0.0, 1.0)
    panel.set_xlabel(f"threshold on |J| / {partition.relative_to}")
    panel.set_ylabel("share of what conducts")
    panel.text(0.03, 0.85 * joined, "through", color="white", transform=panel.transAxes)
    panel.text(0.97, 0.45 * joined, "dead end", ha="right", transform=panel.transAxes)


def _draw_spread(panel: Axes, partition: FluxPartition) -> None:
    spread = partition.distribution
    bins = np.flatnonzero(spread.counts)
    edges = spread.edges[bins[0] : bins[-1] + 2]
    shares = spread.counts[bins[0] : bins[-1] + 1] / spread.voxels
    panel.set_xscale("log")
    panel.stairs(shares / np.diff(np.log10(edges)), edges, fill=True, color=_THROUGH)
    panel.axvspan(edges[0], least_flux(partition), color="white", alpha=0.75, linewidth=0)
    panel.axvline(1.0, color="0.2", linewidth=0.8, linestyle="--")
    panel.set_xlim(edges[0], edges[-1])
    panel.set_xlabel("|J| / mean")
    panel.set_ylabel("share of voxels per decade")
    plain_spines(panel)
