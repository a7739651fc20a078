"""Slices through a discharge in an image, side by side: what became of the pores, and the O2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.deposit import CARBON, CLOSED, FULL, INERT, PORE, POROUS
from twin.figures import new_figure, styled
from twin.lio2.image_files import Series
from twin.lio2.image_plots import capacity_scale
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

    from twin.lio2.image_results import ImageDischarge

#: Colours of the solids; product goes from the colour of an empty pore to that of a full voxel.
_CARBON: Final = "#2B2B2B"
_INERT: Final = "#8C8C8C"
_EMPTY: Final = "#FFFFFF"
_POROUS: Final = "#A9A9A9"
_CLOSED: Final = "#C44E00"
_PRODUCT: Final = ("#FBE3B0", "#E69F00", _CLOSED)
_UNREACHED: Final = "#D9D9D9"
_FIELD: Final = "viridis"


#: Fields that can be drawn below the product: factor to the unit of the label, and the label.
FIELDS: Final = {
    "oxygen": (1.0, "dissolved O₂ [mol/m³]"),
    "reaction_rate": (1e-6, "reaction [A/cm³]"),
    "film_thickness": (1e9, "film [nm]"),
}


@dataclass(frozen=True, eq=False)
class _Cut:
    """A plane of one moment; the second axis leads to the oxygen, upwards.

    Attributes
    ----------
    title : which moment, in words.
    kind, product, field : (n, m), of the last the one that is drawn below.
    """

    title: str
    kind: NDArray[Any]
    product: NDArray[Any]
    field: NDArray[Any]


@dataclass(frozen=True)
class _Scale:
    """The field that is drawn below: factor to the unit of its label, and its largest value."""

    name: str
    factor: float
    label: str
    top: float


@dataclass(frozen=True)
class _Frame:
    """Where the plane lies: its normal and the position along it, axes, edges and their unit."""

    normal: int
    middle: int
    across: int
    up: int
    flipped: bool
    extent: tuple[float, float]
    unit: str


@styled
def contact_sheet(d: ImageDischarge, shares: Sequence[float], field: str) -> Figure:
    """Draw the plane in the middle at shares of the charge.

    Parameters
    ----------
    d : the discharge, with a series.
    shares : of its charge, 0 to 1.
    field : what to draw below the product, one of `FIELDS`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        There is no series, or no such field.
    """
    if field not in FIELDS:
        raise InputError(f"there is no field {field!r} to draw; there are {', '.join(FIELDS)}")
    frame = _frame(d)
    cuts = _cuts(d, shares, frame, field)
    scale = _scale(d, cuts, field)
    figure = new_figure(_size(frame, len(cuts)))
    panels = figure.subplots(2, len(cuts), squeeze=False, sharex=True, sharey=True)
    for (above, below), cut in zip(panels.T, cuts, strict=True):
        _draw_product(above, cut, frame)
        _draw_field(below, cut, frame, scale)
        above.set_title(cut.title)
    _name_axes(panels, frame)
    _bars(figure, panels, scale)
    _legend(figure, cuts, field)
    return figure


def _frame(d: ImageDischarge) -> _Frame:
    """The plane along the depth and the longer of the other axes, through the middle."""
    driven = "xyz".index(d.settings["axis"])
    size = np.multiply(d.volume.shape, d.volume.spacing)
    normal, across = sorted({0, 1, 2} - {driven}, key=lambda a: size[a])
    scale, unit = length_scale(d.volume)
    extent = (float(size[across]) * scale, float(size[driven]) * scale)
    flipped = d.settings["oxygen"] == "low"
    return _Frame(normal, d.volume.shape[normal] // 2, across, driven, flipped, extent, unit)


def _scale(d: ImageDischarge, cuts: Sequence[_Cut], name: str) -> _Scale:
    """Oxygen up to its solubility; other fields up to where a hundredth is above."""
    factor, label = FIELDS[name]
    if name == "oxygen":
        return _Scale(name, factor, label, factor * d.parameters.dissolved_oxygen)
    values = np.concatenate([cut.field[np.isfinite(cut.field)] for cut in cuts])
    values = values[values > 0.0]
    top = factor * float(np.quantile(values, 0.99)) if values.size else 1.0
    return _Scale(name, factor, label, top)


def _cuts(d: ImageDischarge, shares: Sequence[float], frame: _Frame, field: str) -> list[_Cut]:
    if d.series is None:
        raise InputError(
            "a contact sheet is made of saved moments, and this discharge has none; run it with a "
            "folder"
        )
    series = Series.read(d.series.parent)
    if not series.snapshots:
        raise InputError(f"there are no snapshots in {d.series}; run the discharge again")
    times = np.array([time for time, _ in series.snapshots])
    charge = np.interp(times, d.time, d.charge)
    wanted = {int(np.abs(charge - share * d.capacity).argmin()) for share in shares}
    scale = capacity_scale(d)
    filling = np.interp(times, d.time, d.table["filling"])
    return [
        _cut(
            d.series.parent / series.snapshots[k][1], frame, field,
            f"{charge[k] * scale.factor:.3g} {scale.unit}\n{100 * filling[k]:.3g} % filled",
        )
        for k in sorted(wanted)
    ]  # fmt: skip


def _cut(path: Path, frame: _Frame, field: str, title: str) -> _Cut:
    import pyvista

    try:
        image = pyvista.read(path)
    except (FileNotFoundError, ValueError) as error:
        raise InputError(f"cannot read the snapshot {path}; run the discharge again") from error
    shape = tuple(n - 1 for n in image.dimensions)

    def plane(name: str) -> NDArray[Any]:
        values = np.asarray(image.cell_data[name]).reshape(shape, order="F")
        cut: NDArray[Any] = values.take(frame.middle, frame.normal)
        cut = cut if frame.across < frame.up else cut.T
        return cut[:, ::-1] if frame.flipped else cut

    return _Cut(title, plane("kind"), plane("product"), plane(field))


def _size(frame: _Frame, count: int) -> tuple[float, float]:
    """Inches: panels as wide as they can be, and none higher than half a page."""
    width = min(2.1, 10.0 / count)
    height = width * frame.extent[1] / frame.extent[0]
    if height > _HIGHEST:
        width, height = max(_NARROWEST, width * _HIGHEST / height), _HIGHEST
    return max(count * (width + 0.12) + 1.6, _NARROWEST_SHEET), 2.0 * height + 1.5


def _draw_product(panel: Axes, cut: _Cut, frame: _Frame) -> None:
    panel.imshow(_painted(cut).swapaxes(0, 1), **_placed(frame))


def _painted(cut: _Cut) -> NDArray[np.float64]:
    """Colours of solids, pores and the product in them, (n, m, 4)."""
    from matplotlib.colors import to_rgba

    share = np.nan_to_num(cut.product.astype(np.float64))
    out = np.asarray(_product_colours()(share))
    out[share == 0.0] = to_rgba(_EMPTY)
    porous = cut.kind == POROUS
    out[porous] = 0.5 * (np.array(to_rgba(_POROUS)) + out[porous])
    for kind, colour in _SOLIDS:
        out[cut.kind == kind] = to_rgba(colour)
    return out


def _product_colours() -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("product", [_EMPTY, *_PRODUCT])


def _draw_field(panel: Axes, cut: _Cut, frame: _Frame, scale: _Scale) -> None:
    from matplotlib.colors import to_rgba

    ground = np.full((*cut.kind.shape, 4), to_rgba(_UNREACHED))
    for kind, colour in _SOLIDS:
        ground[cut.kind == kind] = to_rgba(colour)
    panel.imshow(ground.swapaxes(0, 1), **_placed(frame))
    values = scale.factor * cut.field.T
    panel.imshow(values, cmap=_FIELD, vmin=0.0, vmax=scale.top, **_placed(frame))


def _placed(frame: _Frame) -> dict[str, Any]:
    extent = (0.0, frame.extent[0], 0.0, frame.extent[1])
    # A panel of a column that is hundreds of voxels high is too narrow for true proportions.
    slender = frame.extent[1] > _SLENDER * frame.extent[0]
    return {
        "origin": "lower", "extent": extent, "interpolation": "nearest",
        "aspect": "auto" if slender else "equal",
    }  # fmt: skip


def _name_axes(panels: Any, frame: _Frame) -> None:
    for panel in panels[-1]:
        panel.set_xlabel(f"{'xyz'[frame.across]} [{frame.unit}]")
    for panel in panels[:, 0]:
        panel.set_ylabel(f"from the separator to O₂ [{frame.unit}]")
    for panel in panels.ravel():
        panel.locator_params(nbins=4)


def _bars(figure: Figure, panels: Any, scale: _Scale) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    product = ScalarMappable(Normalize(0.0, 100.0), _product_colours())
    field = ScalarMappable(Normalize(0.0, scale.top), _FIELD)
    aspect = max(18.0, 4.0 * figure.get_figheight())
    for row, values, label in (
        (panels[0], product, "Li₂O₂ in the voxel [%]"),
        (panels[1], field, scale.label),
    ):
        figure.colorbar(values, ax=list(row), label=label, fraction=0.05, pad=0.01, aspect=aspect)


def _legend(figure: Figure, cuts: Sequence[_Cut], field: str) -> None:
    from matplotlib.patches import Patch

    present = {int(kind) for cut in cuts for kind in np.unique(cut.kind)}
    entries = [(_WORDS[kind], colour) for kind, colour in _SOLIDS if kind in present]
    if POROUS in present:
        entries.append(("nano-porous carbon", _POROUS))
    if field == "oxygen" and any(
        np.isnan(cut.field[np.isin(cut.kind, (PORE, POROUS))]).any() for cut in cuts
    ):
        entries.append(("no O₂ gets there", _UNREACHED))
    handles = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.6, label=words)
        for words, colour in entries
    ]
    columns = max(1, min(len(handles), int(figure.get_figwidth() / _LEGEND)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)


#: Kinds that are drawn in one colour.
_SOLIDS: Final = (
    (CARBON, _CARBON), (INERT, _INERT), (CLOSED, _CLOSED), (FULL, _CLOSED),
)  # fmt: skip
_WORDS: Final = {
    CARBON: "carbon",
    INERT: "other solids",
    CLOSED: "pore full of Li₂O₂",
    FULL: "nano-porous carbon full of Li₂O₂",
}

#: Largest height of a panel and smallest width [inches], and the proportion from which on a panel
#: is drawn wider than it is.
_HIGHEST: Final = 3.6
_NARROWEST: Final = 0.9
_NARROWEST_SHEET: Final = 4.2
_LEGEND: Final = 1.9  # an entry of the legend
_SLENDER: Final = 4.0
