"""Drawing a slice through a result: what lies there, the potential, the flux and stream lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.slices import Slice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.image import AxesImage

NO_COLOURS: Mapping[str, Any] = MappingProxyType({})

_POTENTIAL: Final = "viridis"
_FLUX: Final = "inferno"

#: Streamlines are traced on at most so many points along an axis of the picture.
_STREAM_POINTS: Final = 160

#: Below this share of the scale no streamline is drawn: in dead ends the flux is what the tolerance
#: of the solver left, and lines of it mean nothing.
_STAGNANT: Final = 0.02


@dataclass(frozen=True)
class Words:
    """What the two fields are called in a picture, and their colour bars.

    Attributes
    ----------
    potential, flux : titles of the panels.
    potential_bar, flux_bar : labels of the colour bars.
    """

    potential: str
    potential_bar: str
    flux: str
    flux_bar: str


@dataclass(frozen=True)
class Scale:
    """A scale of colours for the flux: linear from 0, logarithmic from a positive number."""

    low: float
    high: float

    @property
    def norm(self) -> Normalize:
        """The same for matplotlib."""
        from matplotlib.colors import LogNorm, Normalize

        return LogNorm(self.low, self.high) if self.low else Normalize(self.low, self.high)


def _greys(count: int) -> list[str]:
    """Colours of what does not carry the flux, from light to dark."""
    return [f"{shade:.3f}" for shade in np.linspace(0.86, 0.5, max(count, 2))[:count]]


def _colours(cut: Slice) -> list[str]:
    """White for closed pores; greys for the other phases."""
    greys = iter(_greys(cut.closed.count(False)))
    return ["white" if closed else next(greys) for closed in cut.closed]


def draw_kinds(panel: Axes, cut: Slice) -> None:
    """Draw what carries no flux, and name the axes."""
    from matplotlib.colors import to_rgba

    colours = np.array([(0.0, 0.0, 0.0, 0.0), *map(to_rgba, _colours(cut))])
    panel.imshow(colours[cut.kinds].swapaxes(0, 1), **placed(cut))
    panel.set_xlabel(f"{cut.axes[0]} [{cut.unit}]")
    panel.set_ylabel(f"{cut.axes[1]} [{cut.unit}]")
    panel.locator_params(nbins=5)


def placed(cut: Slice) -> dict[str, Any]:
    """Options of `imshow` that lay an array on the slice's axes."""
    extent = (0.0, cut.extent[0], 0.0, cut.extent[1])
    return {"origin": "lower", "extent": extent, "interpolation": "nearest"}


def draw_potential(panel: Axes, cut: Slice, words: Words, high: float = 1.0) -> None:
    """Draw the potential, from 0 to 1 or another number, with its title and colour bar."""
    draw_kinds(panel, cut)
    image = panel.imshow(cut.potential.T, cmap=_POTENTIAL, vmin=0.0, vmax=high, **placed(cut))
    panel.set_title(words.potential)
    bar(panel, image, words.potential_bar)


def draw_flux(panel: Axes, cut: Slice, scale: Scale) -> AxesImage:
    """Draw the size of the flux on a scale of `flux_scale`, with stream lines over it."""
    draw_kinds(panel, cut)
    size = np.where(cut.kinds == 0, np.linalg.norm(cut.flow, axis=-1), np.nan)
    # What is below a logarithmic scale has its lowest colour; zeros would have none.
    image = panel.imshow(np.maximum(size, scale.low).T, cmap=_FLUX, norm=scale.norm, **placed(cut))
    if min(size.shape) > 1 and not np.isnan(size).all():
        _draw_streamlines(panel, cut, scale)
    panel.set_xlim(0.0, cut.extent[0])
    panel.set_ylim(0.0, cut.extent[1])
    return image


def _draw_streamlines(panel: Axes, cut: Slice, scale: Scale) -> None:
    step = [-(-count // _STREAM_POINTS) for count in cut.kinds.shape]
    coarse = (slice(None, None, step[0]), slice(None, None, step[1]))
    points = [
        (np.arange(count) + 0.5) * (edge / count)
        for count, edge in zip(cut.kinds.shape, cut.extent, strict=True)
    ]
    size = np.linalg.norm(cut.flow, axis=-1, keepdims=True)
    flow = np.where(size > (scale.low or _STAGNANT * scale.high), cut.flow, np.nan)[coarse]
    panel.streamplot(
        points[0][:: step[0]],
        points[1][:: step[1]],
        flow[..., 0].T,
        flow[..., 1].T,
        color=(1.0, 1.0, 1.0, 0.75),
        linewidth=0.5,
        arrowsize=0.5,
        density=1.6,
    )


def flux_scale(cuts: list[Slice], decades: int = 0) -> Scale:
    """The scale of the flux in all slices of a picture.

    A few throats carry many times the mean flux: the scale ends where 1 % is above it. A uniform
    flux stays in the middle of a linear scale. A logarithmic scale ends where 1 % is below it, and
    covers one power of ten at least.

    Parameters
    ----------
    cuts : the slices.
    decades : largest number of powers of ten of a logarithmic scale; 0 for a linear one.
    """
    values = np.concatenate([np.linalg.norm(cut.flow[cut.kinds == 0], axis=-1) for cut in cuts])
    high = float(max(np.quantile(values, 0.99), 1.5 * values.mean())) if values.size else 1.0
    if decades == 0:
        return Scale(0.0, high)
    least = float(np.quantile(values, 0.01)) if values.size else 0.0
    return Scale(min(max(least, high * 10.0**-decades), high / 10), high)


def flux_bar(panel: Axes, image: AxesImage, words: Words) -> None:
    """Draw the colour bar of the flux, the same for all panels of a picture."""
    bar(panel, image, words.flux_bar, extend="both" if image.norm.vmin else "max")


def bar(panel: Axes, image: AxesImage, label: str, **options: Any) -> None:
    """A colour bar of the panel's own height."""
    figure = panel.figure
    figure.colorbar(image, cax=panel.inset_axes((1.03, 0.0, 0.04, 1.0)), label=label, **options)


def legend(figure: Any, cuts: list[Slice], more: Mapping[str, Any] = NO_COLOURS) -> None:
    """Name below a figure what carries no flux, and what `more` has a colour for."""
    from matplotlib.patches import Patch

    colours = dict(more) | {
        name: c for cut in cuts for name, c in zip(cut.names, _colours(cut), strict=True)
    }
    patches = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.6, label=name)
        for name, colour in colours.items()
    ]
    if patches:
        figure.legend(
            handles=patches, loc="outside lower center", ncols=len(patches), frameon=False
        )
