"""Slices through a discharge in an image, side by side: what became of the pores, and the O2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from twin.figures import new_figure, styled
from twin.lio2.image_album import Cut
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
    from matplotlib.figure import Figure

    from twin.lio2.image_results import ImageDischarge

#: Largest height of a panel, smallest widths of a panel and of the sheet [inches].
_HIGHEST: Final = 3.6
_NARROWEST: Final = 1.05
_NARROWEST_SHEET: Final = 4.2


@styled
def contact_sheet(d: ImageDischarge, shares: Sequence[float], field: str | None) -> Figure:
    """Draw the plane in the middle at shares of the charge.

    Parameters
    ----------
    d : the discharge.
    shares : of its charge, 0 to 1.
    field : what to draw below the product, as for `twin.lio2.image_slices.Scale.of`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        There is no such field.
    """
    frame = Frame.of(d)
    cuts = d.album.at(shares, d.charge)
    scale = Scale.of(d, cuts, field)
    figure = new_figure(_size(frame, len(cuts)))
    panels = figure.subplots(2, len(cuts), squeeze=False, sharex=True, sharey=True)
    for (above, below), cut in zip(panels.T, cuts, strict=True):
        above.imshow(painted_product(cut, frame), **frame.placed)
        below.imshow(painted_field(cut, frame, scale), **frame.placed)
        above.set_title(_title(d, cut))
    for row in panels:
        frame.name_axes(row, row[0])
    for panel in panels[0]:
        panel.set_xlabel("")
    _bars(figure, panels, scale)
    draw_legend(figure, cuts, scale.name)
    return figure


def _title(d: ImageDischarge, cut: Cut) -> str:
    scale = capacity_scale(d)
    capacity = d.charge[cut.moment] * scale.factor
    filling = 100.0 * d.table["filling"][cut.moment]
    return f"{capacity:.3g} {scale.unit}\n{filling:.3g} % filled"


def _size(frame: Frame, count: int) -> tuple[float, float]:
    """Inches: panels as wide as they can be, and none higher than half a page."""
    width = min(2.1, 10.0 / count)
    height = width * frame.proportion
    if height > _HIGHEST:
        width, height = max(_NARROWEST, width * _HIGHEST / height), _HIGHEST
    return max(count * (width + 0.12) + 1.6, _NARROWEST_SHEET), 2.0 * height + 1.5


def _bars(figure: Figure, panels: Any, scale: Scale) -> None:
    aspect = max(18.0, 4.0 * figure.get_figheight())
    for row, bar in zip(panels, (product_bar(), scale.bar()), strict=True):
        figure.colorbar(**bar, ax=list(row), fraction=0.05, pad=0.01, aspect=aspect)
