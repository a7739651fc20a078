"""Pictures of discharges: curves, and profiles over depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from twin.figures import new_figure, plain_spines, styled
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.lio2.verdict import LIMITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from twin.lio2.results import Discharge

#: Shares of the charge at which profiles are drawn.
SHARES: Final = (0.02, 0.25, 0.5, 0.75, 1.0)

#: Colours that readers with any colour vision tell apart (Okabe and Ito).
_COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

# Profile -> factor of the axis and its text.
_AXES: Final[Mapping[str, tuple[float, str]]] = {
    "oxygen": (1.0, "dissolved O₂ [mol/m³]"),
    "salt": (1.0, "Li salt [mol/m³]"),
    "porosity": (1.0, "porosity"),
    "product": (1.0, "Li₂O₂ volume fraction"),
    "film_thickness": (1e9, "film thickness [nm]"),
    "wall_area": (1e-6, "wall area [1/µm]"),
    "reaction": (1e-6, "reaction [A/cm³]"),
    "electrolyte_potential": (1e3, "electrolyte potential [mV]"),
    "carbon_potential": (1.0, "carbon potential [V]"),
}


def discharge_figure(d: Discharge) -> Figure:
    """Draw the voltage curve, four profiles at several depths of discharge, and what limits.

    Parameters
    ----------
    d : the discharge.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import twin
    >>> from twin.lio2.plots import discharge_figure
    >>> figure = discharge_figure(twin.lio2.discharge(current_density=2.4))
    >>> figure.axes[0].get_ylabel()
    'cell voltage [V]'
    """
    return _discharge_figure(d)


@styled
def _discharge_figure(d: Discharge) -> Figure:
    figure = new_figure((10.5, 5.9))
    panels = figure.subplots(2, 3).ravel()
    colours = _shades(len(SHARES))
    _draw_voltage(panels[0], d, colours)
    for panel, name in zip(panels[1:5], ("oxygen", "product", "reaction", "salt"), strict=True):
        for share, colour in zip(SHARES, colours, strict=True):
            _draw_line(panel, d, name, d.moment(share), colour, "")
        _label_depth(panel, d, name)
    panels[1].axhline(d.parameters.dissolved_oxygen, color="0.6", linewidth=0.7, linestyle=":")
    panels[2].axhline(d.parameters.porosity, color="0.6", linewidth=0.7, linestyle=":")
    panels[2].set_ylim(0.0, 1.12 * d.parameters.porosity)
    panels[2].text(
        0.8, d.parameters.porosity, "all pores", color="0.4", fontsize=7.5, ha="right",
        va="bottom", transform=panels[2].get_yaxis_transform(),
    )  # fmt: skip
    _draw_gains(panels[5], d)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.suptitle(_title(d), fontsize=11)
    return figure


def draw_curves(panel: Axes, discharges: Mapping[str, Discharge]) -> None:
    """Draw voltage against capacity of several discharges in a panel.

    Parameters
    ----------
    panel : matplotlib Axes.
    discharges : with the text that the legend shows for each.

    Returns
    -------
    None

    Examples
    --------
    >>> import twin
    >>> from matplotlib.figure import Figure
    >>> panel = Figure().subplots()
    >>> twin.lio2.draw_curves(panel, {"base": twin.lio2.discharge(current_density=2.4)})
    >>> panel.get_xlabel()
    'capacity [mAh/cm²]'
    """
    for (label, d), colour in zip(discharges.items(), _cycle(len(discharges)), strict=True):
        panel.plot(_areal(d.charge), d.voltage, color=colour, linewidth=1.4, label=label)
    panel.set_xlabel("capacity [mAh/cm²]")
    panel.set_ylabel("cell voltage [V]")
    # Room for the legend on the right, where every curve has ended.
    panel.set_xlim(0.0, 1.6 * max(_areal(d.charge[-1:])[0] for d in discharges.values()))
    panel.legend(frameon=False, handlelength=1.4, loc="upper right")
    plain_spines(panel)


def draw_profiles(
    panel: Axes, discharges: Mapping[str, Discharge], name: str, share: float = 1.0
) -> None:
    """Draw a profile over depth of several discharges in a panel.

    Parameters
    ----------
    panel : matplotlib Axes.
    discharges : with the text that the legend shows for each.
    name : the profile, as for `Discharge.profile`.
    share : share of each charge at which the profile is taken, 0 to 1.

    Returns
    -------
    None

    Examples
    --------
    >>> import twin
    >>> from matplotlib.figure import Figure
    >>> panel = Figure().subplots()
    >>> d = twin.lio2.discharge(current_density=2.4)
    >>> twin.lio2.draw_profiles(panel, {"base": d}, "oxygen", share=0.5)
    >>> panel.get_ylabel()
    'dissolved O₂ [mol/m³]'
    """
    for (label, d), colour in zip(discharges.items(), _cycle(len(discharges)), strict=True):
        _draw_line(panel, d, name, d.moment(share), colour, label)
    _label_depth(panel, next(iter(discharges.values())), name)
    panel.legend(frameon=False, handlelength=1.4)


def _draw_voltage(panel: Axes, d: Discharge, colours: Sequence[str]) -> None:
    panel.plot(_areal(d.charge), d.voltage, color="0.25", linewidth=1.4)
    for share, colour in zip(SHARES, colours, strict=True):
        k = d.moment(share)
        panel.plot(
            _areal(d.charge[k]), d.voltage[k], "o", color=colour, markersize=5,
            label=f"at {100 * share:.0f} % of the charge",
        )  # fmt: skip
    panel.axhline(d.parameters.cut_off_voltage, color="0.6", linewidth=0.7, linestyle=":")
    panel.set_xlabel("capacity [mAh/cm²]")
    panel.set_ylabel("cell voltage [V]")
    panel.set_xlim(left=0.0)
    factor = 10.0 / d.parameters.carbon_loading
    functions: Any = (lambda x: np.asarray(x) * factor, lambda x: np.asarray(x) / factor)
    panel.secondary_xaxis("top", functions=functions).set_xlabel("mAh/g carbon", fontsize=8)
    panel.spines["right"].set_visible(False)


def _draw_line(panel: Axes, d: Discharge, name: str, k: int, colour: str, label: str) -> None:
    values = d.profile(name)[k] * _AXES[name][0]
    panel.plot(_depth(d), values, color=colour, linewidth=1.4, label=label)


def _label_depth(panel: Axes, d: Discharge, name: str) -> None:
    thickness = 1e6 * d.parameters.cathode_thickness
    panel.set_xlim(0.0, thickness + 1e6 * d.parameters.separator_thickness)
    panel.axvspan(thickness, panel.get_xlim()[1], color="0.93", linewidth=0.0, zorder=0)
    panel.text(
        0.5 * (thickness + panel.get_xlim()[1]), 0.5, "separator", color="0.4", fontsize=7.5,
        rotation=90, ha="center", va="center", transform=panel.get_xaxis_transform(),
    )  # fmt: skip
    panel.set_ylim(bottom=None if "potential" in name or name == "salt" else 0.0)
    panel.set_xlabel("depth below the O₂ side [µm]")
    panel.set_ylabel(_AXES[name][1])
    plain_spines(panel)


def _draw_gains(panel: Axes, d: Discharge) -> None:
    gains = [getattr(d.verdict, name) for name in LIMITS]
    colours = ["#D55E00" if name == d.cause else "0.7" for name in LIMITS]
    panel.barh(LIMITS, gains, color=colours, height=0.6)
    for row, gain in enumerate(gains):
        panel.text(max(gain, 0.0), row, f"  {round(gain, 2) + 0.0:.2f} V", va="center", fontsize=8)
    panel.invert_yaxis()
    panel.set_xlim(min(0.0, *gains), 1.25 * max(0.01, *gains))
    panel.set_xlabel("voltage gained without this limit [V]")
    panel.set_title("at the end", fontsize=9)
    plain_spines(panel)


def _title(d: Discharge) -> str:
    p = d.parameters
    currents = sorted({float(i) for i in d.current if i > 0.0})
    rates = ", ".join(f"{i:.3g}" for i in currents)
    why = "protocol ended" if d.cause == "none" else f"ended by {d.cause}"
    return (
        f"{p.name}, {rates} A/m²: {d.areal_capacity:.3g} mAh/cm², "
        f"{d.specific_capacity:.4g} mAh/g carbon; {why}"
    )


def _areal(charge: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(charge / (1e4 * MILLIAMPERE_HOUR))


def _depth(d: Discharge) -> NDArray[np.float64]:
    """Depth of the cells below the oxygen side [µm]."""
    p = d.parameters
    return 1e6 * (p.separator_thickness + p.cathode_thickness - d.position)


def _shades(count: int) -> list[str]:
    """Colours from early to late."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["viridis"](x)) for x in np.linspace(0.0, 0.9, count)]


def _cycle(count: int) -> list[str]:
    return [_COLOURS[i % len(_COLOURS)] for i in range(count)]
