"""Pictures of what other segmentations do to a number of an image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.perturbation import perturb
from meshing.volume import Volume
from meshing.volume_edit import crop
from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.segmentation_results import SegmentationUncertainty

#: The slice is segmented anew so many times for the picture, and is at most so many voxels wide.
_TIMES: Final = 30
_WIDEST: Final = 160

#: By patches, layers this far from the slice have no say in it.
_REACH: Final = 5

#: Shades of the phases, from the first to the last.
_SHADES: Final = (0.35, 0.95)


def segmentation_figure(result: SegmentationUncertainty) -> Figure:
    """Draw the values of the perturbed images, and where interfaces lie in some of them.

    Parameters
    ----------
    result : what `twin.segmentation_uncertainty` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.segmentation_plots import segmentation_figure
    >>> volume = twin.generate.electrode((16, 16, 16), "1um")
    >>> found = twin.segmentation_uncertainty(
    ...     twin.Volume.volume_fraction, volume, name="AM", samples=3, store=None, jobs=1
    ... )
    >>> segmentation_figure(found).axes[1].get_xlabel()
    'volume fraction'
    """
    return _segmentation_figure(result)


@styled
def _segmentation_figure(result: SegmentationUncertainty) -> Figure:
    figure = new_figure((7.6, 3.7))
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1.0))
    _draw_slice(figure, left, result)
    _draw_values(right, result)
    return figure


def _draw_slice(figure: Figure, panel: Axes, result: SegmentationUncertainty) -> None:
    """A slice in shades of grey, with how often a voxel changes in colour."""
    slab, layer, unit, extent = _slab(result)
    before = slab.labels[:, :, layer]
    changes = np.zeros(before.shape)
    for seed in range(_TIMES):
        changes += perturb(slab, seed=seed, **result.how).labels[:, :, layer] != before
    shades = _shades(panel, slab, before)
    style: dict[str, Any] = {"origin": "lower", "extent": extent, "interpolation": "nearest"}
    panel.imshow(shades.T, cmap="gray", vmin=0.0, vmax=1.0, **style)
    often = np.ma.masked_equal(changes / _TIMES, 0.0)
    image = panel.imshow(often.T, cmap="plasma", vmin=0.0, vmax=max(0.5, often.max()), **style)
    figure.colorbar(image, ax=panel, label="how often a voxel changes", shrink=0.85)
    panel.set_xlabel(f"x [{unit}]")
    panel.set_ylabel(f"y [{unit}]")
    panel.set_title("interfaces of other segmentations")


def _shades(panel: Axes, slab: Volume, labels: NDArray[Any]) -> NDArray[np.float64]:
    """A shade of grey for each phase, black for labels of none; and a legend below the panel."""
    from matplotlib.patches import Patch

    shades, patches = np.zeros(labels.shape), []
    for name, grey in zip(slab.phases, np.linspace(*_SHADES, len(slab.phases)), strict=True):
        shades[np.isin(labels, slab.label_values(name))] = grey
        patches.append(Patch(facecolor=str(grey), edgecolor="0.4", linewidth=0.5, label=name))
    panel.legend(
        handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=len(patches),
        frameon=False, handlelength=1.0, columnspacing=1.2,
    )  # fmt: skip
    return shades


def _slab(result: SegmentationUncertainty) -> tuple[Volume, int, str, tuple[float, ...]]:
    """Layers around the middle of z that may reach the slice, cut to a size that can be seen."""
    volume = result.volume
    nx, ny, nz = volume.shape
    middle, reach = nz // 2, result.how.get("iterations", _REACH)
    low, high = max(0, middle - reach), min(nz, middle + reach + 1)
    wide, tall = min(nx, _WIDEST), min(ny, _WIDEST)
    scale, unit = length_scale(volume)
    dx, dy, _ = volume.spacing
    slab = crop(volume, [(0, wide), (0, tall), (low, high)])
    return slab, middle - low, unit, (0.0, wide * dx * scale, 0.0, tall * dy * scale)


def _draw_values(panel: Axes, result: SegmentationUncertainty) -> None:
    panel.hist(
        result.values, bins=_bins(result.values), color=AXIS_COLOURS["x"], alpha=0.45,
        label=f"{len(result.values)} perturbed images",
    )  # fmt: skip
    panel.plot(
        result.values, np.full(len(result.values), -0.03), "|", color=AXIS_COLOURS["x"],
        markersize=8, transform=panel.get_xaxis_transform(), clip_on=False,
    )  # fmt: skip
    if math.isfinite(result.mean):
        panel.axvline(
            result.mean, color=AXIS_COLOURS["x"], linewidth=1.4,
            label=f"mean {result.mean:.4g} ± {result.standard_deviation:.2g}",
        )  # fmt: skip
    if math.isfinite(result.reference):
        panel.axvline(
            result.reference, color=AXIS_COLOURS["y"], linewidth=1.4, linestyle="--",
            label=f"as segmented {result.reference:.4g}",
        )  # fmt: skip
    panel.set_xlabel(result.name.replace("_", " "))
    panel.set_ylabel("images")
    panel.tick_params(axis="x", pad=9)
    panel.legend(frameon=False, handlelength=1.4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    plain_spines(panel)


def _bins(values: NDArray[np.float64]) -> int:
    return max(3, round(math.sqrt(len(values))))
