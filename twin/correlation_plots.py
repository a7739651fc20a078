"""Pictures of the two-point correlation and of what follows from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twin.figures import AXIS_COLOURS, new_figure, plain_lengths, plain_spines, styled
from twin.fraction_uncertainty import blocks_of
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.correlation_results import Correlation, CorrelationCurve
    from twin.fraction_results import FractionUncertainty

_RADIAL: Final = "0.35"

#: The spread among blocks is drawn for so many blocks along the longest axis.
_DIVISIONS: Final = (2, 3, 4, 6, 8, 12, 16, 24, 32)


def correlation_figure(result: Correlation) -> Figure:
    """Draw the probability, and the correlation with its integral lengths.

    Parameters
    ----------
    result : what `twin.correlation` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.correlation_plots import correlation_figure
    >>> volume = twin.generate.blobs((24, 24, 24), 0.4, 2e-6, 1e-6)
    >>> figure = correlation_figure(twin.correlation(volume, "pore"))
    >>> figure.axes[0].get_xlabel()
    'distance [µm]'
    """
    return _correlation_figure(result)


def fraction_figure(result: FractionUncertainty) -> Figure:
    """Draw the correlation, and the error of the volume fraction against the size of an image.

    Parameters
    ----------
    result : what `twin.fraction_uncertainty` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.correlation_plots import fraction_figure
    >>> volume = twin.generate.blobs((24, 24, 24), 0.4, 2e-6, 1e-6)
    >>> figure = fraction_figure(twin.fraction_uncertainty(volume, "pore"))
    >>> figure.axes[1].get_xlabel()
    'edge of a block [µm]'
    """
    return _fraction_figure(result)


@styled
def _correlation_figure(result: Correlation) -> Figure:
    figure = new_figure((7.6, 3.3))
    left, right = figure.subplots(1, 2)
    scale, unit = length_scale(result.volume)
    fraction = result.volume_fraction
    for curve in result:
        left.plot(curve.distance * scale, curve.probability, **_style(curve))
    for level, name in ((fraction, r"$\varepsilon$"), (fraction**2, r"$\varepsilon^2$")):
        left.axhline(level, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
        left.annotate(
            name, (1.0, level), xycoords=("axes fraction", "data"), xytext=(2, 0),
            textcoords="offset points", va="center", color="0.4",
        )  # fmt: skip
    left.set_ylabel(rf"probability $S_2$ that both points lie in {result.phase}")
    left.set_xlabel(f"distance [{unit}]")
    left.set_xlim(left=0.0)
    left.legend(frameon=False, handlelength=1.4)
    plain_spines(left)
    _draw_correlation(right, result, whole=True)
    return figure


@styled
def _fraction_figure(result: FractionUncertainty) -> Figure:
    figure = new_figure((7.6, 3.3))
    left, right = figure.subplots(1, 2)
    _draw_correlation(left, result.correlation, whole=False)
    _draw_errors(right, result)
    error = "unknown" if result.reason else f"{result.standard_error:.2g}"
    figure.suptitle(
        f"{result.phase}: volume fraction {result.volume_fraction:.4g}, standard error {error}",
        fontsize=11,
    )
    return figure


def _draw_correlation(panel: Axes, result: Correlation, whole: bool) -> None:
    """The correlation by direction, with its cuts; to twice the longest cut unless all is asked."""
    scale, unit = length_scale(result.volume)
    for curve in result:
        length = curve.integral_length * scale
        label = rf"{curve.name}: $\ell$ = {length:.3g} {unit}"
        panel.plot(curve.distance * scale, curve.correlation, **{**_style(curve), "label": label})
        if curve.range.decayed:
            at = np.searchsorted(curve.distance, curve.range.cut)
            panel.plot(
                curve.range.cut * scale, curve.correlation[at], marker="|", markersize=11,
                markeredgewidth=1.6, color=_style(curve)["color"],
            )  # fmt: skip
    panel.axhline(0.0, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
    panel.set_xlabel(f"distance [{unit}]")
    panel.set_ylabel(r"correlation $\rho$")
    longest = max(c.distance[-1] for c in result)
    furthest = max(c.range.cut for c in result)
    panel.set_xlim(0.0, scale * (longest if whole else min(longest, 2 * furthest)))
    panel.legend(frameon=False, handlelength=1.4, title="integral lengths; | is their cut")
    plain_spines(panel)


def _draw_errors(panel: Axes, result: FractionUncertainty) -> None:
    """Spread of the volume fraction among blocks, and what the integral range makes of it."""
    scale, unit = length_scale(result.volume)
    fraction, dimensions = result.volume_fraction, result.dimensions
    edges, spreads = _spreads(result)
    panel.loglog(
        edges * scale, spreads / fraction, "o", markersize=5, color=AXIS_COLOURS["x"],
        label="among blocks of the image",
    )  # fmt: skip
    if not result.reason:
        whole = (math.prod(_lengths(result))) ** (1 / dimensions)
        line = np.geomspace(min([*edges, whole]), 3 * whole, 50)
        variance = fraction * (1 - fraction) * result.integral_range / line**dimensions
        panel.loglog(
            line * scale, np.sqrt(variance) / fraction, color="0.25", linewidth=1.3,
            label="from the integral range",
        )  # fmt: skip
        panel.loglog(
            whole * scale, result.relative_error, "*", markersize=12, color=AXIS_COLOURS["y"],
            label="the image", linestyle="none",
        )  # fmt: skip
    plain_lengths(panel)
    panel.set_xlabel(f"edge of a block [{unit}]")
    panel.set_ylabel(r"standard deviation of $\varepsilon$ / $\varepsilon$")
    panel.legend(frameon=False, handlelength=1.4)
    plain_spines(panel)


def _spreads(result: FractionUncertainty) -> tuple[Any, Any]:
    """Edges of blocks about as long as wide, and the standard deviation among them."""
    volume, found = result.volume, {}
    longest = max(_lengths(result))
    for division in _DIVISIONS:
        x, y, z = (
            max(1, min(n, round(division * n * h / longest)))
            for n, h in zip(volume.shape, volume.spacing, strict=True)
        )
        blocks = blocks_of(volume, result.phase, (x, y, z))
        if len(blocks.fractions) > 1:
            size = zip(blocks.shape, volume.spacing, volume.shape, strict=True)
            edge = math.prod(b * h for b, h, n in size if n > 1) ** (1 / result.dimensions)
            found[edge] = float(blocks.fractions.std(ddof=1))
    kept = {edge: spread for edge, spread in sorted(found.items()) if spread > 0}
    return np.array(list(kept)), np.array(list(kept.values()))


def _lengths(result: FractionUncertainty) -> list[float]:
    edges = zip(result.volume.shape, result.volume.spacing, strict=True)
    return [n * h for n, h in edges if n > 1]


def _style(curve: CorrelationCurve) -> dict[str, Any]:
    radial = curve.name == "radial"
    return {
        "color": _RADIAL if radial else AXIS_COLOURS[curve.name],
        "linewidth": 1.3,
        "linestyle": "-." if radial else "-",
        "label": "all directions" if radial else f"along {curve.name}",
    }
