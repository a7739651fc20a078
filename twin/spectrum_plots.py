"""Pictures of impedance spectra: Nyquist and Bode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.figures import new_figure, plain_spines, styled
from twin.spectrum import Spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Complexes: TypeAlias = NDArray[np.complex128]

#: Colours that readers with any colour vision tell apart (Okabe and Ito).
COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

_HEIGHT: Final = 1.3  # of the Nyquist panel over its width
_STEEP: Final = 2.0  # -Im Z over Re Z where the low-frequency branch has begun
_NEAR: Final = 0.075  # labels closer than this share of the panel would touch
_MARKERS: Final = ("o", "s", "D", "^", "v", "P")
_LINES: Final = ("-", "--", "-.", ":")


@dataclass(frozen=True)
class Guides:
    """What is drawn beside spectra to read them by.

    Attributes
    ----------
    ionic_resistance : float or None
        R_ion of one electrode, in the unit of the spectra, whose third is marked.
    series_resistance : float
        Where the 45 degree line begins, in the unit of the spectra.
    electrodes : int
        In series: 2 for a symmetric cell.
    dimensionless : bool
        Whether impedances are drawn over the ionic resistance.
    """

    ionic_resistance: float | None = None
    series_resistance: float = 0.0
    electrodes: int = 1
    dimensionless: bool = False


def spectrum_figure(
    spectra: Sequence[Spectrum], guides: Guides | None = None, title: str = ""
) -> Figure:
    """Draw a Nyquist plot with equal axes, and magnitude and phase over the frequency.

    Impedances are in Ohm cm2, or in Ohm where one spectrum is known in no other unit. Measured
    spectra are points, others lines; circles mark decades of the frequency.

    Parameters
    ----------
    spectra : at least one; the frequencies of the first are written beside it.
    guides : what to draw beside them.
    title : above the picture.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InputError
        No spectrum; no common unit; a dimensionless picture without an ionic resistance.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.spectrum_plots import Guides, spectrum_figure
    >>> line = twin.transmission_line(np.geomspace(1e-1, 1e5, 60), 2e-3, twin.Wall(10.0))
    >>> figure = spectrum_figure([line], Guides(ionic_resistance=2e-3))
    >>> [panel.get_ylabel() for panel in figure.axes]
    ['−Im Z [Ω cm²]', '|Z| [Ω cm²]', '−phase [°]']
    """
    return _spectrum_figure(spectra, guides or Guides(), title)


@styled
def _spectrum_figure(spectra: Sequence[Spectrum], guides: Guides, title: str) -> Figure:
    scale = _scale_of(spectra, guides)
    figure = new_figure((8.8, 4.6))
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=(1.0, 1.15))[0]
    nyquist = left.subplots()
    magnitude, phase = right.subplots(2, 1, sharex=True)
    _draw_nyquist(nyquist, spectra, scale, guides)
    _draw_bode(magnitude, phase, spectra, scale)
    if len(spectra) > 1 or spectra[0].label:
        magnitude.legend(frameon=False, handlelength=1.8)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


@dataclass(frozen=True)
class _Scale:
    """The unit of a picture: its name, and how spectra and resistances come into it."""

    unit: str
    factor: float  # of a number in the unit of the spectra
    specific: bool

    def of(self, spectrum: Spectrum) -> Complexes:
        z = spectrum.ohm_m2 if self.specific else spectrum.ohm
        return z * self.factor

    def label(self, what: str) -> str:
        return f"{what} [{self.unit}]" if self.unit else rf"{what} / $R_\mathrm{{ion}}$"


def _scale_of(spectra: Sequence[Spectrum], guides: Guides) -> _Scale:
    if not spectra:
        raise InputError("there is no spectrum to draw; give at least one")
    specific = all(s.unit == "Ohm m2" or s.area is not None for s in spectra)
    if not guides.dimensionless:
        return _Scale("Ω cm²", 1e4, True) if specific else _Scale("Ω", 1.0, False)
    if not guides.ionic_resistance:
        raise InputError("a dimensionless picture needs the ionic resistance; give it")
    return _Scale("", 1.0 / guides.ionic_resistance, specific)


def _draw_nyquist(panel: Axes, spectra: Sequence[Spectrum], scale: _Scale, guides: Guides) -> None:
    impedances = [scale.of(s.rising()) for s in spectra]
    left, right = _window(impedances)
    high = max(_reach(z.conj(), left, right) for z in impedances)
    low = max(_reach(z, left, right) for z in impedances)
    top = min(_HEIGHT * (right - left), max(1.12 * high, 0.1 * (right - left)))
    panel.set_xlim(left, right)
    panel.set_ylim(-min(1.05 * low, 0.2 * top), top)
    panel.set_aspect("equal", adjustable="box")
    _draw_guides(panel, scale, guides)
    for k, spectrum in enumerate(spectra):
        z = scale.of(spectrum)
        panel.plot(z.real, -z.imag, **_style(k, spectrum))
        _draw_decades(panel, spectrum.rising(), scale, _colour(k), named=k == 0)
    panel.set_xlabel(scale.label("Re Z"))
    panel.set_ylabel(scale.label("−Im Z"))
    plain_spines(panel)


def _window(impedances: Sequence[Complexes]) -> tuple[float, float]:
    """From 0, or from the first resistance, to beyond the knee of the widest spectrum."""
    starts, ends = zip(*(_extent(z) for z in impedances), strict=True)
    start, end = min(starts), max(ends)
    left = 0.0 if 0.0 <= start < 0.51 * end else start - 0.05 * (end - start)
    return left, end


def _extent(z: Complexes) -> tuple[float, float]:
    """Smallest Re Z, and where to end: beyond the knee, or at the largest where there is none."""
    start = float(z.real.min())
    steep = -z.imag > _STEEP * (z.real - start) + 1e-3 * np.abs(z).max()
    below = z.real[~steep]
    if steep[0] and below.size > 1:  # at the lowest frequency
        return start, start + 1.7 * float(below.max() - start)
    return start, start + 1.08 * (float(np.ptp(z.real)) or abs(start))  # one point: from 0 to it


def _reach(z: Complexes, left: float, right: float) -> float:
    """Largest Im Z between two values of Re Z, 0 where none is positive."""
    inside = (z.real >= left) & (z.real <= right)
    return float(z.imag[inside].max(initial=0.0))


def _draw_guides(panel: Axes, scale: _Scale, guides: Guides) -> None:
    if guides.ionic_resistance is None:
        return
    start = guides.series_resistance * scale.factor
    third = guides.electrodes * guides.ionic_resistance * scale.factor / 3.0
    panel.plot([start, start + third], [0.0, third], color="0.6", linewidth=0.8, linestyle="--")
    panel.axvline(start + third, color="0.6", linewidth=0.8, linestyle=":")
    count = "2" if guides.electrodes == 2 else ""
    origin = r"R_0 + " if start > 0.0 else ""
    panel.annotate(
        rf"${origin}{count}R_\mathrm{{ion}}/3$", (start + third, 0.0), (4, 4),
        textcoords="offset points", color="0.35", fontsize=8,
    )  # fmt: skip


def _draw_decades(panel: Axes, spectrum: Spectrum, scale: _Scale, colour: str, named: bool) -> None:
    z = scale.of(spectrum)
    log = np.log10(spectrum.frequency)
    (left, right), (bottom, top) = panel.get_xlim(), panel.get_ylim()
    last = (math.inf, math.inf)
    for power in range(math.ceil(log[0] - 1e-9), math.floor(log[-1] + 1e-9) + 1):
        x, y = (float(np.interp(power, log, part)) for part in (z.real, -z.imag))
        apart = math.hypot(x - last[0], y - last[1]) > _NEAR * (top - bottom)
        if not (left <= x <= right and bottom <= y <= 0.98 * top and apart):
            continue
        last = (x, y)
        panel.plot(x, y, "o", color=colour, markersize=5.0 if named else 3.0, zorder=4)
        if named:
            rise = 0 if abs(y) < 0.05 * top else -3  # not on the axis
            panel.annotate(
                hertz(10.0**power), (x, y), (8, rise), textcoords="offset points", ha="left",
                va="center", fontsize=7.5, color="0.25",
            )  # fmt: skip


def _draw_bode(magnitude: Axes, phase: Axes, spectra: Sequence[Spectrum], scale: _Scale) -> None:
    phase.axhline(45.0, color="0.6", linewidth=0.8, linestyle=":")
    for k, spectrum in enumerate(spectra):
        style = _style(k, spectrum)
        magnitude.loglog(spectrum.frequency, np.abs(scale.of(spectrum)), **style)
        phase.semilogx(spectrum.frequency, -spectrum.phase, **style)
        _draw_phase_minimum(phase, spectrum, _colour(k), named=k == 0)
    magnitude.set_ylabel(scale.label("|Z|"))
    phase.set_ylabel("−phase [°]")
    phase.set_xlabel("frequency [Hz]")
    phase.set_yticks(range(-90, 91, 15))
    lowest = min(float((-s.phase).min()) for s in spectra)
    phase.set_ylim(15.0 * math.floor(max(lowest, -90.0) / 15.0 - 0.2), 93.0)
    for panel in (magnitude, phase):
        plain_spines(panel)


def _draw_phase_minimum(panel: Axes, spectrum: Spectrum, colour: str, named: bool) -> None:
    lowest = spectrum.phase_minimum()
    if lowest is None or spectrum.measured:
        return
    panel.plot(lowest.frequency, lowest.angle, "v", color=colour, markersize=5, zorder=4)
    if named:
        panel.annotate(
            f"{lowest.angle:.1f}°", (lowest.frequency, lowest.angle), (0, -12),
            textcoords="offset points", ha="center", fontsize=8, color=colour,
        )  # fmt: skip


def hertz(frequency: float) -> str:
    """A frequency in words.

    Examples
    --------
    >>> from twin.spectrum_plots import hertz
    >>> hertz(1e4), hertz(0.001), hertz(3.2e6)
    ('10 kHz', '1 mHz', '3.2 MHz')
    """
    for factor, unit in ((1e9, "GHz"), (1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz"), (1e-3, "mHz")):
        if frequency >= 0.9995 * factor:
            return f"{frequency / factor:.3g} {unit}"
    return f"{frequency * 1e6:.3g} µHz"


def _style(k: int, spectrum: Spectrum) -> dict[str, Any]:
    common: dict[str, Any] = {"color": _colour(k), "label": spectrum.label or None}
    if spectrum.measured:
        marker = _MARKERS[k % len(_MARKERS)]
        return {**common, "marker": marker, "linestyle": "none", "markersize": 4.5,
                "markerfacecolor": "none", "markeredgewidth": 1.0}  # fmt: skip
    return {**common, "linestyle": _LINES[k % len(_LINES)], "linewidth": 1.5}


def _colour(k: int) -> str:
    return COLOURS[k % len(COLOURS)]
