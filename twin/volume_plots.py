"""Picture of an image: three slices through its middle, with the names of the phases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from meshing.phase_numbers import UNNAMED, phase_numbers
from meshing.volume import Volume
from twin.figures import new_figure, saved, styled
from twin.microstructure_plots import PHASE_COLOURS
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_slices"]

#: The axes of each slice, to the right and upwards: across z, across y, across x.
_SLICES: Final = ((0, 1), (0, 2), (1, 2))

_EDGE: Final = "0.35"
_UNNAMED: Final = "#FFFFFF"


def plot_slices(volume: Volume, path: str | Path | None = None) -> Figure:
    """Draw the three slices through the middle of an image, each phase in its colour.

    An image one voxel thick is drawn once.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels. Labels without a phase are white.
    path : str or Path, optional
        Save the picture, ``.png``, ``.pdf`` or ``.svg``.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        When the file cannot be written or its suffix is no format of pictures.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((24, 20, 16), spacing="1um")
    >>> [panel.get_title() for panel in twin.plot_slices(volume, "slices.png").axes]
    ['z = 8.5 µm', 'y = 10.5 µm', 'x = 12.5 µm']
    """
    return saved(_slices_figure(volume), path)


@styled
def _slices_figure(volume: Volume) -> Figure:
    flat = [axis for axis, count in enumerate(volume.shape) if count == 1]
    planes = [plane for plane in _SLICES if not set(flat) & set(plane)] or list(_SLICES)
    size = np.multiply(volume.shape, volume.spacing)
    widths = [float(size[across]) for across, _ in planes]
    tallest = max(float(size[up]) for _, up in planes)
    wide = 10.0 if len(planes) > 1 else 5.0
    figure = new_figure((wide, min(0.9 * wide * tallest / sum(widths), 8.0) + 0.9))
    panels = figure.subplots(1, len(planes), width_ratios=widths, squeeze=False)[0]
    for panel, (across, up) in zip(panels, planes, strict=True):
        _draw(panel, volume, across, up)
    handles = _handles(volume)
    figure.legend(
        handles=handles, loc="outside upper center", ncols=min(len(handles), 8), frameon=False
    )
    return figure


def _draw(panel: Axes, volume: Volume, across: int, up: int) -> None:
    from matplotlib.colors import to_rgb

    (normal,) = {0, 1, 2} - {across, up}
    scale, unit = length_scale(volume)
    step = np.array(volume.spacing) * scale
    middle = volume.shape[normal] // 2
    phases = phase_numbers(volume)
    table = np.array([to_rgb(colour) for colour in phase_colours(phases.names)])[phases.table]
    size = np.array(volume.shape) * step
    panel.imshow(
        table[volume.labels.take(middle, normal)].swapaxes(0, 1),
        origin="lower",
        extent=(0.0, size[across], 0.0, size[up]),
        interpolation="nearest",
    )
    panel.set_title(f"{'xyz'[normal]} = {(middle + 0.5) * step[normal]:.4g} {unit}")
    panel.set_xlabel(f"{'xyz'[across]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[up]} [{unit}]")
    panel.locator_params(nbins=5)


def phase_colours(names: Sequence[str]) -> list[str]:
    """The colour of each phase in pictures of an image; labels of no phase are white."""
    return [
        _UNNAMED if name == UNNAMED else PHASE_COLOURS[number % len(PHASE_COLOURS)]
        for number, name in enumerate(names)
    ]


def _handles(volume: Volume) -> list[Any]:
    from matplotlib.patches import Patch

    names = phase_numbers(volume).names
    return [
        Patch(facecolor=colour, edgecolor=_EDGE, linewidth=0.5, label=name)
        for name, colour in zip(names, phase_colours(names), strict=True)
    ]
