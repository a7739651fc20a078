"""The picture of a sweep: a number against an argument."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.figures import new_figure, plain_spines, styled
from twin.studies.table import NO_LABELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.studies.table import Sweep

#: Colours for a few names that readers with any colour vision tell apart (Okabe and Ito,
#: https://jfly.uni-koeln.de/color/).
_COLOURS: Final = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip
_MARKERS: Final = "osD^vP*"

#: Curves over names are moved apart by at most so much to each side, of the distance of two names.
_SPREAD: Final = 0.18

#: From this ratio of the largest to the smallest value on, an axis is logarithmic.
_DECADES: Final = 100.0


def sweep_figure(
    table: Sweep,
    y: str,
    x: str | None = None,
    by: str | None = None,
    labels: Mapping[str, str] = NO_LABELS,
) -> Figure:
    """Draw a column of a sweep against another, a curve for each value of the remaining arguments.

    Parameters
    ----------
    table : the sweep.
    y : the column to draw.
    x : the column along the axis; by default the first argument that has several values.
    by : the argument with a curve for each value; by default all that remain.
    labels : what to write for a column, where it is not its name.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        When there is no such column, or none of its values can be drawn.

    Examples
    --------
    >>> import twin
    >>> from twin.studies.picture import sweep_figure
    >>> table = twin.sweep(pow, base=[1.0, 10.0, 100.0], exp=[1, 2], store=None, jobs=1)
    >>> sweep_figure(table, "value").axes[0].get_xscale()
    'log'
    """
    if x is None and not table.swept:
        raise InputError("nothing was swept; say what to draw along the axis with x=")
    return _sweep_figure(table, y, x or table.swept[0], by, labels)


@styled
def _sweep_figure(
    table: Sweep, y: str, x: str, by: str | None, labels: Mapping[str, str]
) -> Figure:
    heights, places = _numbers(table, y), table.column(x)
    curves = _curves(table, x, by)
    figure = new_figure((5.6, 3.8))
    panel = figure.subplots()
    named = places.dtype == object
    positions = _positions(places) if named else places
    # Markers over one name stand side by side.
    shifts = np.linspace(-_SPREAD, _SPREAD, len(curves)) if named and len(curves) > 1 else [0.0]
    styles = zip(cycle(shifts), _styles(len(curves)), strict=False)
    for (label, rows), (shift, style) in zip(curves.items(), styles, strict=False):
        where = positions[rows] + shift
        _draw_curve(panel, where, heights[rows], {**style, "label": label}, named)
    _scale_axes(panel, places, heights)
    panel.set_xlabel(_label(x, labels))
    panel.set_ylabel(_label(y, labels))
    if len(curves) > 1:
        others = [by] if by is not None else [name for name in table.swept if name != x]
        _legend(figure, ",\n".join(_label(name, labels) for name in others), len(curves))
    missing = int(np.count_nonzero(~np.isfinite(heights)))
    if missing:
        has = "has" if missing == 1 else "have"
        note = f"{missing} of {len(table)} points {has} no finite value"
        panel.set_title(note, color="0.4", fontsize=8.0, loc="right")
    return figure


def _numbers(table: Sweep, name: str) -> NDArray[np.float64]:
    values = table.column(name)
    if values.dtype == object:
        raise InputError(
            f"{name!r} is not a number at every point and cannot be drawn; choose another"
        )
    if not np.isfinite(values).any():
        raise InputError(f"no point has a finite {name!r}; there is nothing to draw")
    return np.where(np.isfinite(values), values, np.nan)


def _curves(table: Sweep, x: str, by: str | None) -> dict[str, NDArray[np.intp]]:
    """Rows of each curve, by its label."""
    names = [by] if by is not None else [name for name in table.swept if name != x]
    columns = [table.column(name) for name in names]
    labels = [", ".join(_text(column[row]) for column in columns) for row in range(len(table))]
    return {
        label: np.array([row for row, own in enumerate(labels) if own == label])
        for label in dict.fromkeys(labels)
    }


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _styles(count: int) -> list[dict[str, Any]]:
    """Colours that are told apart for a few curves, a scale of them for many."""
    from matplotlib import colormaps

    if count <= len(_COLOURS):
        colours: list[Any] = list(_COLOURS[:count])
    else:
        colours = list(colormaps["viridis"](np.linspace(0.0, 0.92, count)))
    return [
        {"color": colour, "marker": marker, "markersize": 4.5, "linewidth": 1.2}
        for colour, marker in zip(colours, cycle(_MARKERS), strict=False)
    ]


def _positions(names: NDArray[Any]) -> NDArray[np.float64]:
    order = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], np.float64)


def _draw_curve(
    panel: Axes,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    style: dict[str, Any],
    named: bool,
) -> None:
    order = np.argsort(x, kind="stable")
    # Between names there is nothing that a line could stand for.
    line = {"linestyle": "none"} if named else {}
    panel.plot(x[order], y[order], **{**style, **line})


def _label(name: str, labels: Mapping[str, str]) -> str:
    return labels.get(name, name.replace("_", " "))


def _scale_axes(panel: Axes, places: NDArray[Any], heights: NDArray[np.float64]) -> None:
    if places.dtype == object:
        names = list(dict.fromkeys(places))
        panel.set_xticks(range(len(names)), [str(name) for name in names])
        panel.margins(x=0.25 / len(names) + 0.05)
    elif is_logarithmic(places):
        panel.set_xscale("log")
    if is_logarithmic(heights):
        panel.set_yscale("log")
    plain_spines(panel)


def is_logarithmic(values: NDArray[np.float64]) -> bool:
    """Whether an axis is better logarithmic: two decades or more, or a constant factor.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.studies.picture import is_logarithmic
    >>> is_logarithmic(np.array([1.0, 2.0, 3.0])), is_logarithmic(np.array([1.0, 2.0, 4.0]))
    (False, True)
    """
    found = np.unique(values[np.isfinite(values)])
    if len(found) < 2 or found[0] <= 0.0:
        return False
    if found[-1] / found[0] >= _DECADES:
        return True
    steps = np.diff(np.log(found))
    return len(steps) > 1 and bool(np.allclose(steps, steps[0], rtol=1e-6))


def _legend(figure: Figure, title: str, count: int) -> None:
    figure.legend(
        loc="outside right upper",
        title=title,
        frameon=False,
        handlelength=1.6,
        ncols=-(-count // 16),
    )
