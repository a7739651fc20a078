"""A plane of a discharge in an image as a picture: what became of the pores, and a field there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.deposit import CARBON, CLOSED, FULL, INERT, PORE, POROUS
from twin.lio2.image_album import Cut
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

#: Fields that can be drawn: factor to the unit of the label, and the label.
FIELDS: Final = {
    "oxygen": (1.0, "dissolved O₂ [mol/m³]"),
    "reaction_rate": (1e-6, "reaction [A/cm³]"),
    "film_thickness": (1e9, "film [nm]"),
}

#: From this proportion on a panel is drawn wider than it is: a column of hundreds of voxels would
#: be too narrow in its true proportions.
_SLENDER: Final = 4.0

#: Differences of oxygen above this part of its solubility are seen.
_SEEN: Final = 0.1

_LEGEND: Final = 1.9  # width of an entry of the legend [inches]


@dataclass(frozen=True)
class Scale:
    """A field in a picture.

    Attributes
    ----------
    name : one of `FIELDS`.
    factor, label : to the unit of the label, and the label.
    top : largest value, in that unit.
    """

    name: str
    factor: float
    label: str
    top: float

    @classmethod
    def of(cls, d: ImageDischarge, cuts: Sequence[Cut], name: str | None) -> Scale:
        """Oxygen up to its solubility; other fields up to where a hundredth is above.

        Films that stop electrons are told from others: twice their thickness is the most.

        Parameters
        ----------
        d, cuts : the discharge, and what will be drawn of it.
        name : one of `FIELDS`; None for the oxygen where it varies, and the film where it does not.

        Returns
        -------
        Scale

        Raises
        ------
        InputError
            There is no such field.
        """
        if name is None:
            name = "oxygen" if _varies(d, cuts) else "film_thickness"
        if name not in FIELDS:
            raise InputError(f"there is no field {name!r} to draw; there are {', '.join(FIELDS)}")
        factor, label = FIELDS[name]
        if name == "oxygen":
            return cls(name, factor, label, factor * d.parameters.dissolved_oxygen)
        values = np.concatenate([getattr(cut, name).ravel() for cut in cuts])
        values = values[values > 0.0]
        top = float(np.quantile(values, 0.99)) if values.size else 1.0 / factor
        if name == "film_thickness" and d.parameters.film in ("tunnelling", "both"):
            top = min(top, 2.0 * d.parameters.tunnelling_thickness)
        return cls(name, factor, label, factor * top)

    def bar(self) -> dict[str, Any]:
        """Options of its colour bar."""
        return _bar(self.top, _FIELD, self.label, "neither" if self.name == "oxygen" else "max")


def _varies(d: ImageDischarge, cuts: Sequence[Cut]) -> bool:
    """Whether a picture of the oxygen shows anything, at any of the moments."""
    seen = d.parameters.dissolved_oxygen * _SEEN
    reached = (cut.oxygen[np.isfinite(cut.oxygen)] for cut in cuts)
    return any(
        len(values) > 0 and float(np.ptp(np.quantile(values, (0.05, 0.95)))) > seen
        for values in reached
    )


@dataclass(frozen=True)
class Frame:
    """How the plane lies in a picture, oxygen on top.

    Attributes
    ----------
    across : name of the axis to the right.
    flipped : whether oxygen enters at the low end.
    extent, unit : width and height in this unit.
    """

    across: str
    flipped: bool
    extent: tuple[float, float]
    unit: str

    @classmethod
    def of(cls, d: ImageDischarge) -> Frame:
        """Of the plane of a discharge's album."""
        plane = d.album.plane
        scale, unit = length_scale(d.volume)
        width, height = (
            d.volume.shape[axis] * d.volume.spacing[axis] * scale
            for axis in (plane.across, plane.depth)
        )
        return cls("xyz"[plane.across], d.settings["oxygen"] == "low", (width, height), unit)

    @property
    def proportion(self) -> float:
        """Height over width."""
        return self.extent[1] / self.extent[0]

    def upright(self, values: NDArray[Any]) -> NDArray[Any]:
        """Rows from below to above."""
        return (values[:, ::-1] if self.flipped else values).swapaxes(0, 1)

    @property
    def placed(self) -> dict[str, Any]:
        """Options of `imshow`."""
        return {
            "origin": "lower", "extent": (0.0, self.extent[0], 0.0, self.extent[1]),
            "interpolation": "nearest", "aspect": "auto" if self.proportion > _SLENDER else "equal",
        }  # fmt: skip

    def name_axes(self, panels: Sequence[Axes], first: Axes) -> None:
        """Label the axes of panels in a row, of which one is on the left."""
        for panel in panels:
            panel.set_xlabel(f"{self.across} [{self.unit}]")
            panel.locator_params(nbins=4)
        first.set_ylabel(f"from the separator to O₂ [{self.unit}]")


def painted_product(cut: Cut, frame: Frame) -> NDArray[np.float64]:
    """Colours of solids, pores and the product in them, (depth, across, 4)."""
    from matplotlib.colors import to_rgba

    share = np.nan_to_num(cut.product.astype(np.float64))
    out = np.asarray(product_colours()(share))
    out[share == 0.0] = to_rgba(_EMPTY)
    porous = cut.kind == POROUS
    out[porous] = 0.5 * (np.array(to_rgba(_POROUS)) + out[porous])
    for kind, colour in _SOLIDS:
        out[cut.kind == kind] = to_rgba(colour)
    return frame.upright(out)


def painted_field(cut: Cut, frame: Frame, scale: Scale) -> NDArray[np.float64]:
    """Colours of a field, and of solids where there is none, (depth, across, 4)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba

    values = scale.factor * getattr(cut, scale.name).astype(np.float64)
    out = np.asarray(colormaps[_FIELD](np.clip(values / scale.top, 0.0, 1.0)))
    nothing = np.isnan(values)
    out[nothing] = to_rgba(_UNREACHED)
    for kind, colour in _SOLIDS:
        out[nothing & (cut.kind == kind)] = to_rgba(colour)
    return frame.upright(out)


def product_colours() -> Colormap:
    """From an empty pore to a full voxel."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("product", [_EMPTY, *_PRODUCT])


def product_bar() -> dict[str, Any]:
    """Options of the colour bar of the product."""
    return _bar(100.0, product_colours(), "Li₂O₂ in the voxel [%]", "neither")


def _bar(top: float, colours: Colormap | str, label: str, extend: str) -> dict[str, Any]:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    mappable = ScalarMappable(Normalize(0.0, top), colours)
    return {"mappable": mappable, "label": label, "extend": extend}


def draw_legend(figure: Figure, cuts: Sequence[Cut], field: str) -> None:
    """Name the colours of what is neither pore nor field, below all panels."""
    from matplotlib.patches import Patch

    present = {int(kind) for cut in cuts for kind in np.unique(cut.kind)}
    entries = [(_WORDS[kind], colour) for kind, colour in _SOLIDS if kind in present]
    if POROUS in present:
        entries.append(("nano-porous carbon", _POROUS))
    if field == "oxygen" and any(
        np.isnan(cut.oxygen[np.isin(cut.kind, (PORE, POROUS))]).any() for cut in cuts
    ):
        entries.append(("no O₂ gets there", _UNREACHED))
    if field == "film_thickness":
        entries.append(("away from walls", _UNREACHED))
    handles = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.6, label=words)
        for words, colour in entries
    ]
    columns = max(1, min(len(handles), int(figure.get_figwidth() / _LEGEND)))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False)
