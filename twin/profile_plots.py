"""Pictures of profiles along the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.figures import AXIS_COLOURS, new_figure, plain_spines, styled
from twin.slices import length_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.profile_results import Profile


def profile_figure(result: Profile) -> Figure:
    """Draw a panel for each phase, with a curve for each axis and the mean.

    Parameters
    ----------
    result : what `twin.profile` found.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.profile_plots import profile_figure
    >>> volume = twin.generate.electrode((20, 20, 20), "1um")
    >>> [panel.get_title() for panel in profile_figure(twin.profile(volume)).axes]
    ['pore', 'AM', 'CBD']
    """
    return _profile_figure(result)


@styled
def _profile_figure(result: Profile) -> Figure:
    count = len(result.phases)
    figure = new_figure((max(4.2, 3.0 * count), 3.0))
    panels = figure.subplots(1, count, squeeze=False)[0]
    for panel, phase in zip(panels, result.phases, strict=True):
        _draw(panel, result, phase)
    panels[0].set_ylabel("volume fraction")
    return figure


def _draw(panel: Axes, result: Profile, phase: str) -> None:
    scale, unit = length_scale(result.volume)
    for p in result:
        panel.stairs(
            p.fractions[phase], p.edges * scale, baseline=None, color=AXIS_COLOURS[p.axis],
            linewidth=1.2, label=f"{p.axis}: ± {p.deviation(phase):.3f}",
        )  # fmt: skip
    mean = result.volume.volume_fraction(phase)
    panel.axhline(mean, color="0.5", linewidth=0.8, linestyle="--", zorder=0)
    panel.set_title(phase)
    panel.set_xlabel(f"position [{unit}]")
    panel.set_xlim(0.0, max(p.edges[-1] for p in result) * scale)
    panel.set_ylim(bottom=0.0)
    panel.legend(frameon=False, handlelength=1.2)
    plain_spines(panel)
