"""Picture of a closure: transport and area against the product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from twin.figures import new_figure, plain_spines, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.lio2.closure import Closure

#: Of what was measured, and of what a law says.
MEASURED: Final = "#0072B2"
LAW: Final = "0.45"
COVERED: Final = "#D55E00"


@styled
def closure_figure(closure: Closure) -> Figure:
    """Draw transport and area of a closure.

    Parameters
    ----------
    closure : what an image told.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.lio2.closure_plots import closure_figure
    >>> eps = np.array([0.8, 0.6, 0.4])
    >>> closure = twin.lio2.Closure(0.8 - eps, eps, eps**2, 2e7 * eps, 1 - eps, 1e4 * (0.8 - eps))
    >>> [panel.get_ylabel() for panel in closure_figure(closure).axes]
    ['D_eff / D', 'area over volume [1/µm]', 'carbon covered [%]']
    """
    figure = new_figure((10.5, 3.3))
    panels = figure.subplots(1, 3)
    draw_transport(panels[0], closure)
    _draw_area(panels[1], closure)
    panels[2].plot(closure.product, 100.0 * closure.coverage, "o-", color=COVERED, markersize=3.5)
    panels[2].set_ylabel("carbon covered [%]")
    for panel in panels[1:]:
        panel.set_ylim(bottom=0.0)
    for panel in panels:
        panel.set_xlabel("Li₂O₂ volume fraction")
        panel.set_xlim(left=0.0)
        plain_spines(panel)
    return figure


def _draw_area(panel: Axes, closure: Closure) -> None:
    panel.plot(
        closure.product, 1e-6 * closure.area, "o-", color=MEASURED, markersize=3.5,
        label="without particles",
    )  # fmt: skip
    if closure.reactive is not None:
        panel.plot(
            closure.reactive.product, 1e-6 * closure.reactive.area, color=COVERED, linewidth=1.3,
            label="that carries the current",
        )  # fmt: skip
        top = 1e-6 * max(float(closure.area.max()), float(closure.reactive.area.max()))
        panel.set_ylim(0.0, 1.3 * top)
        panel.legend(frameon=False, loc="upper right")
    panel.set_ylabel("area over volume [1/µm]")


def draw_transport(panel: Axes, closure: Closure) -> None:
    """Draw D_eff / D against the product, beside Archie's law of the image without product."""
    rows = closure.relative_diffusivity > 0.0
    panel.plot(
        closure.product[rows], closure.relative_diffusivity[rows], "o-", color=MEASURED,
        markersize=3.5, label="in the image",
    )  # fmt: skip
    if closure.exponent > 0.0:
        product = np.linspace(0.0, float(closure.product[-1]), 100)
        law = (closure.porosity[0] - product).clip(1e-6) ** closure.exponent
        panel.plot(
            product, law, "--", color=LAW, linewidth=1.2,
            label=f"Archie, exponent {closure.exponent:.2f}",
        )  # fmt: skip
    for product in closure.product[~rows][:1]:
        panel.axvline(product, color=LAW, linewidth=0.8, linestyle=":")
        panel.text(
            product, 0.95, "no path through ", color=LAW, fontsize=7.5, ha="right", va="top",
            transform=panel.get_xaxis_transform(),
        )  # fmt: skip
    panel.set_yscale("log")
    panel.set_ylabel("D_eff / D")
    _plain_decades(panel)
    panel.legend(frameon=False, loc="lower left")


def _plain_decades(panel: Axes) -> None:
    """Write 0.1, 0.2, 0.5 and so on along the logarithmic axis; decades alone where there are many.

    A range of less than a decade is stretched to one, so that a small change looks small.
    """
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    low, high = panel.get_ylim()
    low = min(low, 0.1 * high)
    panel.set_ylim(low, high)
    subs = (1.0, 2.0, 5.0) if high / low < 200.0 else (1.0,)
    panel.yaxis.set_major_locator(LogLocator(subs=subs))
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
