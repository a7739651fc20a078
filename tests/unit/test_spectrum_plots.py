"""Pictures of spectra: what they show."""

from __future__ import annotations

import numpy as np
import pytest

import twin
from twin.spectrum_plots import Guides, hertz, spectrum_figure

FREQUENCY = np.geomspace(1e-1, 1e6, 57)
LINE = twin.transmission_line(FREQUENCY, 2e-3, twin.Wall(10.0), area=1e-4)
REACTIVE = twin.transmission_line(
    FREQUENCY, 2e-3, twin.Wall(10.0, charge_transfer_resistance=5e-3), label="reactive"
)
MEASURED = twin.Spectrum(
    FREQUENCY, LINE.impedance + 2e-10j * np.pi * FREQUENCY, label="cell", measured=True
)


def texts(panel):
    return [text.get_text() for text in panel.texts]


def lines(panel, label):
    return [line for line in panel.lines if line.get_label() == label]


def test_a_line_and_its_guides():
    nyquist, magnitude, phase = spectrum_figure([LINE], Guides(ionic_resistance=2e-3)).axes
    assert nyquist.get_aspect() == 1.0
    (curve,) = lines(nyquist, "transmission line")
    assert curve.get_xdata() == pytest.approx(LINE.ohm_cm2.real)
    assert curve.get_ydata() == pytest.approx(-LINE.ohm_cm2.imag)
    (curve,) = lines(magnitude, "transmission line")
    assert curve.get_ydata() == pytest.approx(np.abs(LINE.ohm_cm2))
    (curve,) = lines(phase, "transmission line")
    assert curve.get_ydata() == pytest.approx(-LINE.phase)
    assert r"$R_\mathrm{ion}/3$" in texts(nyquist)
    assert {"100 Hz", "1 kHz"} <= set(texts(nyquist))
    assert texts(phase) == ["43.4°"]
    # The knee is inside and the branch beyond it is cut off, not the other way round.
    third = 1e4 * 2e-3 / 3
    assert 1.2 * third < nyquist.get_xlim()[1] < 3 * third
    assert nyquist.get_ylim()[1] < 0.1 * (-LINE.ohm_cm2.imag).max()


def test_an_arc_is_shown_whole():
    nyquist = spectrum_figure([REACTIVE]).axes[0]
    z = REACTIVE.ohm_cm2
    assert nyquist.get_xlim()[1] > z.real.max()
    assert nyquist.get_ylim()[1] > -z.imag.min()
    assert nyquist.get_xlim()[1] < 1.2 * z.real.max()


def test_measured_points_and_simulated_lines():
    nyquist, magnitude, _ = MEASURED.plot(None, LINE).axes
    (points,) = lines(nyquist, "cell")
    (line,) = lines(nyquist, "transmission line")
    assert (points.get_linestyle(), points.get_marker()) == ("None", "o")
    assert line.get_linestyle() != "None"
    assert [t.get_text() for t in magnitude.get_legend().get_texts()] == [
        "cell",
        "transmission line",
    ]
    assert nyquist.get_ylim()[0] < 0  # the inductive end is shown


def test_units_of_pictures():
    def units(spectra, guides=None):
        return [panel.get_ylabel() for panel in spectrum_figure(spectra, guides).axes[:2]]

    ohm = twin.Spectrum(FREQUENCY, LINE.ohm, unit="Ohm")
    assert units([LINE]) == ["−Im Z [Ω cm²]", "|Z| [Ω cm²]"]
    assert units([ohm, LINE]) == ["−Im Z [Ω]", "|Z| [Ω]"]
    nothing = units([LINE], Guides(ionic_resistance=2e-3, dimensionless=True))
    assert nothing == [r"−Im Z / $R_\mathrm{ion}$", r"|Z| / $R_\mathrm{ion}$"]
    drawn = spectrum_figure([ohm, LINE]).axes[0].lines
    assert lines(spectrum_figure([ohm, LINE]).axes[0], "transmission line")[0].get_xdata() == (
        pytest.approx(LINE.ohm.real)
    )
    assert drawn


def test_guides_of_a_symmetric_cell():
    both = twin.transmission_line(
        FREQUENCY, 2e-3, twin.Wall(10.0), cell="symmetric", separator_resistance=5e-3
    )
    guides = Guides(ionic_resistance=2e-3, series_resistance=5e-3, electrodes=2)
    nyquist = spectrum_figure([both], guides, title="two electrodes").axes[0]
    assert r"$R_0 + 2R_\mathrm{ion}/3$" in texts(nyquist)
    assert nyquist.get_xlim()[0] > 40  # the separator's 50 Ohm cm2 would leave the picture empty
    upright = [line for line in nyquist.lines if line.get_linestyle() == ":"]
    assert upright[0].get_xdata()[0] == pytest.approx(1e4 * (5e-3 + 4e-3 / 3))


def test_a_spectrum_draws_its_own_guides():
    nyquist = LINE.plot(ionic_resistance=2e-3, dimensionless=True).axes[0]
    upright = [line for line in nyquist.lines if line.get_linestyle() == ":"]
    assert upright[0].get_xdata()[0] == pytest.approx(1 / 3)
    fit = twin.fit_transmission_line(LINE, element="capacitor", series_resistance=False)
    assert r"$R_\mathrm{ion}/3$" in texts(fit.plot().axes[0])


def test_a_picture_of_one_point():
    nyquist = spectrum_figure([twin.Spectrum([5.0], [1e-3 + 0j])]).axes[0]
    left, right = nyquist.get_xlim()
    assert left <= 10.0 <= right


@pytest.mark.parametrize(
    ("spectra", "guides", "sentence"),
    [
        ([], None, "there is no spectrum to draw"),
        ([LINE], Guides(dimensionless=True), "needs the ionic resistance; give it"),
        (
            [REACTIVE, twin.Spectrum([1.0], [1j], unit="Ohm")],
            None,
            "an impedance in Ohm m2 needs the area of the electrode",
        ),
    ],
)
def test_pictures_that_cannot_be(spectra, guides, sentence):
    with pytest.raises(twin.InputError, match=sentence):
        spectrum_figure(spectra, guides)


@pytest.mark.parametrize(
    ("frequency", "text"),
    [(1e10, "10 GHz"), (2e6, "2 MHz"), (999.9, "1 kHz"), (50.0, "50 Hz"), (5e-5, "50 µHz")],
)
def test_frequencies_in_words(frequency, text):
    assert hertz(frequency) == text


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_files_of_pictures(suffix, tmp_path):
    twin.fit_transmission_line(MEASURED, inductance=True).plot(tmp_path / f"fit{suffix}")
    assert (tmp_path / f"fit{suffix}").stat().st_size > 4000
