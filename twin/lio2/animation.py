"""A discharge in an image as a moving picture: slices through it, and its curve as it grows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from meshing.errors import InputError
from twin.figures import new_figure, plain_spines, styled
from twin.files import atomic, check_writable
from twin.lio2.image_album import MOST, Cut
from twin.lio2.image_plots import capacity_scale
from twin.lio2.image_slices import (
    Frame,
    Scale,
    draw_legend,
    painted_field,
    painted_product,
    product_bar,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.lio2.image_results import ImageDischarge

#: Dots per inch, height of the slices [inches], and their smallest and largest width.
_DPI: Final = 100
_HEIGHT: Final = 3.3
_NARROWEST: Final = 1.0
_WIDEST: Final = 4.4
_CURVE: Final = 3.4  # width of the curve [inches]
_BAR: Final = 0.13  # width of a colour bar [inches]

#: Browsers show no GIF faster.
_FASTEST: Final = 50

_GROWN: Final = "#C44E00"


def check_animation(path: Path) -> None:
    """Make sure that an animation can be written to a file.

    Raises
    ------
    InputError
        When the suffix is another than ``.gif``, or the file cannot be written.
    """
    if path.suffix.lower() != ".gif":
        raise InputError(f"an animation is a .gif file, found {path.name!r}; rename it")
    check_writable(path)


@styled
def write_animation(
    d: ImageDischarge, path: Path, field: str | None, frames_per_second: int
) -> Path:
    """Write frames, evenly spread over the charge, to a GIF that rests for a second and repeats.

    Parameters
    ----------
    d : the discharge.
    path : the file, ``.gif``.
    field : what to draw beside the product, as for `twin.lio2.image_slices.Scale.of`.
    frames_per_second : how fast it goes.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        There is no such field; a speed that no GIF has; the file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.animation import PillowWriter

    if not 1 <= frames_per_second <= _FASTEST:
        raise InputError(
            f"frames per second are between 1 and {_FASTEST}, found {frames_per_second!r}"
        )
    check_animation(path)
    scene = draw_scene(d, field)
    writer = PillowWriter(fps=frames_per_second)
    # Not `saving`, which would write what there is of it when it is interrupted.
    with atomic(path) as temporary, rc_context({"savefig.bbox": None}):
        writer.setup(scene.figure, str(temporary), _DPI)
        for cut in scene.cuts:
            scene.show(cut)
            writer.grab_frame()
        for _ in range(frames_per_second):
            writer.grab_frame()
        writer.finish()
    return path


@dataclass(frozen=True, eq=False)
class Scene:
    """Panels whose content is changed from frame to frame.

    Attributes
    ----------
    discharge, figure, frame, scale : what is drawn, and how.
    cuts : moments to show.
    slices : images of the product and of the field.
    grown : what there is of the curve, and its end.
    """

    discharge: ImageDischarge
    figure: Figure
    frame: Frame
    scale: Scale
    cuts: list[Cut]
    slices: tuple[Any, Any]
    grown: tuple[Any, Any]

    def show(self, cut: Cut) -> None:
        """Draw one of the moments."""
        d, k = self.discharge, cut.moment
        capacity = d.charge * capacity_scale(d).factor
        product, field = self.slices
        product.set_data(painted_product(cut, self.frame))
        field.set_data(painted_field(cut, self.frame, self.scale))
        line, dot = self.grown
        line.set_data(capacity[: k + 1], d.voltage[: k + 1])
        dot.set_data(capacity[k : k + 1], d.voltage[k : k + 1])
        self.figure.suptitle(_title(d, k), fontsize=12, family="DejaVu Sans Mono")


def draw_scene(d: ImageDischarge, field: str | None) -> Scene:
    """The panels, at the end of the discharge.

    Parameters
    ----------
    d : the discharge.
    field : as for `write_animation`.

    Returns
    -------
    Scene
    """
    frame = Frame.of(d)
    cuts = d.album.at(np.linspace(0.0, 1.0, MOST), d.charge)
    scale = Scale.of(d, cuts, field)
    width = float(np.clip(_HEIGHT / frame.proportion, _NARROWEST, _WIDEST))
    figure = new_figure((2.0 * (width + 1.1) + _CURVE + 0.3, _HEIGHT + 1.4))
    ratios = [width + 0.6, width + 0.6, _CURVE]
    product, beside, curve = figure.subplots(1, 3, width_ratios=ratios)
    slices = (
        product.imshow(painted_product(cuts[-1], frame), **frame.placed),
        beside.imshow(painted_field(cuts[-1], frame, scale), **frame.placed),
    )
    frame.name_axes((product, beside), product)
    share, aspect = _BAR / (width + 0.6), 1.3 * _HEIGHT / _BAR
    for panel, bar in ((product, product_bar()), (beside, scale.bar())):
        figure.colorbar(**bar, ax=panel, fraction=share, pad=0.03, aspect=aspect)
    draw_legend(figure, cuts, scale.name)
    scene = Scene(d, figure, frame, scale, cuts, slices, _draw_curve(curve, d))
    scene.show(cuts[-1])
    # What goes where is found once, or each frame would take longer than all it shows.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return scene


def _draw_curve(panel: Axes, d: ImageDischarge) -> tuple[Any, Any]:
    """The whole curve faintly, and what will grow upon it."""
    scale = capacity_scale(d)
    capacity = d.charge * scale.factor
    panel.plot(capacity, d.voltage, color="0.82", linewidth=1.2)
    panel.axhline(d.parameters.cut_off_voltage, color="0.6", linewidth=0.7, linestyle=":")
    (line,) = panel.plot([], [], color=_GROWN, linewidth=1.8)
    (dot,) = panel.plot([], [], "o", color=_GROWN, markersize=5)
    panel.set_xlabel(f"capacity [{scale.unit}]")
    panel.set_ylabel("voltage [V]")
    panel.set_xlim(0.0, 1.03 * max(float(capacity[-1]), 1e-9))
    plain_spines(panel)
    return line, dot


def _title(d: ImageDischarge, moment: int) -> str:
    """Of fixed width, so that it does not dance."""
    scale = capacity_scale(d)
    capacity = d.charge[moment] * scale.factor
    whole = len(f"{d.charge[-1] * scale.factor:.3f}")
    return (
        f"{100.0 * d.table['filling'][moment]:5.1f} % of the pores filled   "
        f"{d.voltage[moment]:.3f} V   {capacity:{whole}.3f} {scale.unit}"
    )
