"""Picture of `Particles`: a slice, sizes, shapes, positions, and what the surfaces touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.figures import new_figure, plain_spines, styled
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.particle_results import Particles

__all__ = ["number_colours", "particles_figure"]

#: Colours of what a surface touches (Okabe and Ito, https://jfly.uni-koeln.de/color/).
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
_OWN: Final = "0.45"

#: Classes of a histogram.
_BINS: Final = 25

#: Areas of dots [points squared]: of those that are all alike, and of the largest of those that
#: differ, which shrinks where there are many.
_DOT: Final = 8.0
_LARGEST_DOTS: Final = (12.0, 90.0)
_DOTS_IN_ALL: Final = 3e4

#: A few fragments with a lot of surface stretch no axis and no scale of colours.
_MOST: Final = 0.98


def particles_figure(found: Particles, axis: str = "z") -> Figure:
    """Draw a slice with the particles told apart, their sizes, shapes, places and surfaces.

    Parameters
    ----------
    found : what `twin.particles` found.
    axis : the axis through the thickness.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        When the axis is none of x, y, z.

    Examples
    --------
    >>> import twin
    >>> from twin.particle_plots import particles_figure
    >>> volume = twin.generate.electrode((60, 60, 60), spacing="1um", seed=2)
    >>> particles_figure(twin.particles(volume, "AM")).axes[0].get_ylabel()
    'z [µm]'
    """
    if axis not in ("x", "y", "z"):
        raise InputError(f"the axis is one of 'x', 'y' and 'z', found {axis!r}")
    return _figure(found, "xyz".index(axis))


@styled
def _figure(found: Particles, axis: int) -> Figure:
    figure = new_figure((10.2, 6.4))
    panels = figure.subplots(2, 3)
    _draw_slice(panels[0, 0], found, axis)
    _draw_sizes(panels[0, 1], found)
    _draw_positions(panels[0, 2], found, axis)
    _draw_shapes(panels[1, 0], found)
    _draw_areas(panels[1, 1], found)
    _draw_shares(panels[1, 2], found)
    counted = int(found.counted.sum())
    figure.suptitle(
        f"{found.phase}: {found.count} particles, {counted} counted, D50 "
        f"{_number(found, found.d50)}",
        fontsize=11,
    )
    return figure


def _draw_slice(panel: Axes, found: Particles, axis: int) -> None:
    """The plane through the middle that holds the axis, upright, in colours of no meaning."""
    across = 0 if axis != 0 else 1
    normal = ({0, 1, 2} - {axis, across}).pop()
    ids = np.take(found.ids, found.volume.shape[normal] // 2, axis=normal)
    labels = np.take(found.volume.labels, found.volume.shape[normal] // 2, axis=normal)
    if across > axis:
        ids, labels = ids.T, labels.T
    scale, unit = length_scale(found.volume)
    edges = np.array(found.volume.shape) * found.volume.spacing * scale
    image = _coloured(found, ids, labels)
    panel.imshow(
        image.swapaxes(0, 1),
        origin="lower",
        extent=(0.0, float(edges[across]), 0.0, float(edges[axis])),
        interpolation="nearest",
    )
    panel.set_xlabel(f"{'xyz'[across]} [{unit}]")
    panel.set_ylabel(f"{'xyz'[axis]} [{unit}]")


def _coloured(found: Particles, ids: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.float64]:
    """Particles told apart, greys for the other phases."""
    colours = number_colours(found.count)
    image = np.ones((*ids.shape, 3))
    others = [name for name in found.volume.phases if name != found.phase]
    for name, grey in zip(others, np.linspace(0.93, 0.35, max(len(others), 2)), strict=False):
        image[np.isin(labels, found.volume.label_values(name))] = grey
    image[ids > 0] = colours[ids[ids > 0]]
    image[_borders(ids)] *= 0.35
    return np.clip(image, 0.0, 1.0)


def number_colours(count: int) -> NDArray[np.float64]:
    """Colours of no meaning that differ much from one number to the next, (count + 1, 3).

    Parameters
    ----------
    count : the highest number.

    Examples
    --------
    >>> from twin.particle_plots import number_colours
    >>> number_colours(8).shape
    (9, 3)
    """
    from matplotlib import colormaps

    golden = (np.arange(count + 1) * 0.6180339887498949) % 1.0
    return np.asarray(colormaps["turbo"](golden)[:, :3] * 0.75 + 0.2)


def _borders(ids: NDArray[Any]) -> NDArray[np.bool_]:
    """Voxels of a plane next to another particle."""
    border = np.zeros(ids.shape, np.bool_)
    for low, high in (
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
    ):
        border[low] |= (ids[low] != ids[high]) & (ids[low] > 0) & (ids[high] > 0)
    return border


def _draw_sizes(panel: Axes, found: Particles) -> None:
    scale, unit = length_scale(found.volume)
    own = found.counted
    diameter = found.diameter[own] * scale
    volume = (found.weight * found.volumes)[own]
    top = 1.03 * float(diameter.max())
    panel.hist(
        diameter,
        bins=_BINS,
        range=(0.0, top),
        weights=100 * volume / volume.sum(),
        color="#A9C8E2",
        label="by volume",
    )
    panel.set_xlabel(f"diameter of the same volume [{unit}]")
    panel.set_ylabel("share of the volume [%]")
    cumulative = panel.twinx()
    order = np.argsort(diameter)
    for weight, style, name in (
        (volume, "-", "by volume"),
        (found.weight[own], "--", "by number"),
    ):
        share = np.cumsum(weight[order]) / weight.sum()
        at = np.concatenate([[0.0], diameter[order], [top]])
        steps = np.concatenate([[0.0], share, [1.0]])
        cumulative.step(at, steps, where="post", color="#123A5E", linestyle=style, label=name)
    cumulative.set_ylim(0.0, 1.02)
    cumulative.set_xlim(0.0, top)
    cumulative.set_ylabel("cumulative share")
    cumulative.legend(frameon=False, loc="upper left", handlelength=1.6)
    for spine in (panel, cumulative):
        spine.spines["top"].set_visible(False)


def _draw_positions(panel: Axes, found: Particles, axis: int) -> None:
    scale, unit = length_scale(found.volume)
    at, diameter = found.position[:, axis] * scale, found.diameter * scale
    own = found.counted
    if not own.all():
        panel.scatter(
            diameter[~own], at[~own], s=_DOT, facecolors="none", edgecolors="0.7", linewidths=0.6,
            label="cut",
        )  # fmt: skip
    panel.scatter(diameter[own], at[own], label="counted", **_dots())
    panel.set_ylim(0.0, found.volume.shape[axis] * found.volume.spacing[axis] * scale)
    panel.set_xlim(left=0.0)
    panel.set_xlabel(f"diameter [{unit}]")
    panel.set_ylabel(f"{'xyz'[axis]} of the centre [{unit}]")
    if not own.all():
        panel.legend(
            frameon=False, loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=2,
            handletextpad=0.1, columnspacing=1.0,
        )  # fmt: skip
    plain_spines(panel)


def _draw_shapes(panel: Axes, found: Particles) -> None:
    scale, unit = length_scale(found.volume)
    own = found.counted
    panel.axhline(1.0, color="0.75", linewidth=0.8)
    panel.scatter(found.diameter[own] * scale, found.sphericity[own], **_dots())
    panel.set_xlim(left=0.0)
    panel.set_ylim(top=max(1.02, 1.01 * float(found.sphericity[own].max())))
    panel.set_xlabel(f"diameter [{unit}]")
    panel.set_ylabel("sphericity")
    plain_spines(panel)


def _draw_areas(panel: Axes, found: Particles) -> None:
    """Distributions of the area against each phase, over the volume of the particle."""
    scale, unit = length_scale(found.volume)
    own = found.counted
    if not _touched(found):
        panel.set_axis_off()
        return
    values = {
        _against(found, name): (found.interface(name) / found.volumes)[own] / scale
        for name in _touched(found)
    }
    top = max(float(np.quantile(each, _MOST)) for each in values.values())
    for (name, each), colour in zip(values.items(), _area_colours(found), strict=True):
        panel.hist(
            each, bins=_BINS, range=(0.0, top), weights=found.weight[own] / found.weight.sum(),
            histtype="step", color=colour, linewidth=1.3, label=name,
        )  # fmt: skip
    panel.set_xlim(0.0, top)
    panel.set_xlabel(f"area per volume of the particle [1/{_one(unit)}]")
    panel.set_ylabel("share of the particles")
    panel.legend(frameon=False, handlelength=1.2)
    plain_spines(panel)


def _draw_shares(panel: Axes, found: Particles) -> None:
    """Shares of the surface against two phases; the dot is the particle, its colour the lines."""
    scale, unit = length_scale(found.volume)
    own = found.counted
    others = [name for name in _touched(found) if name != found.phase]
    if not others:
        panel.set_axis_off()
        return
    across, up = (others[1], others[0]) if len(others) > 1 else (found.phase, others[0])
    order = np.flatnonzero(own)[np.argsort(-found.diameter[own])]  # the small in front
    size = found.diameter[order] / found.diameter[order].max()
    lines = found.specific_triple_line[order] / scale**2
    dots = panel.scatter(
        100 * found.share(across)[order],
        100 * found.share(up)[order],
        s=np.clip(_DOTS_IN_ALL / len(order), *_LARGEST_DOTS) * size**2,
        c=lines,
        vmin=0.0,
        vmax=float(np.quantile(lines, _MOST)) or 1.0,
        cmap="viridis",
        alpha=0.85,
        linewidths=0.0,
    )
    panel.axvline(100 * found.mean_share(across), color="0.4", linestyle="--", linewidth=0.8)
    panel.axhline(100 * found.mean_share(up), color="0.4", linestyle="--", linewidth=0.8)
    panel.set_xlabel(f"surface against {_against(found, across)} [%]")
    panel.set_ylabel(f"surface against {_against(found, up)} [%]")
    bar = panel.figure.colorbar(dots, ax=panel, extend="max")
    bar.set_label(f"triple line per volume [1/{_one(unit)}²]")
    bar.outline.set_visible(False)
    plain_spines(panel)


def _dots() -> dict[str, Any]:
    return {"s": _DOT, "color": "#0072B2", "linewidths": 0.0, "alpha": 0.7}


def _touched(found: Particles) -> list[str]:
    """The phases that the particles touch: others first, the particles' own last."""
    others = [name for name in found.phases if name != found.phase]
    reached = [name for name in others if found.interface(name).any()] or others[:1]
    return [*reached, found.phase] if len(found.contacts) else reached


def _area_colours(found: Particles) -> list[str]:
    names = _touched(found)
    return [_OWN if n == found.phase else _COLOURS[k % len(_COLOURS)] for k, n in enumerate(names)]


def _against(found: Particles, name: str) -> str:
    return f"other {name}" if name == found.phase else name


def _one(unit: str) -> str:
    return "voxel" if unit == "voxels" else unit


def _number(found: Particles, value: float) -> str:
    scale, unit = length_scale(found.volume)
    return f"{value * scale:.3g} {unit}"
