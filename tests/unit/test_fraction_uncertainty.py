"""Standard error of a volume fraction: its parts, what it prints, and where it says no."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.fraction_uncertainty import blocks_of

SPACING = (1e-6, 2e-6, 1.5e-6)


@pytest.fixture(scope="module")
def found() -> twin.FractionUncertainty:
    volume = twin.generate.blobs((60, 40, 50), 0.3, 2e-6, SPACING, seed=3)
    return twin.fraction_uncertainty(volume, "pore")


def test_the_sum_over_the_window_by_hand(found):
    """The same from a transform of the whole padded image, in double precision."""
    volume = found.volume
    field = volume.labels - volume.volume_fraction("pore")
    size = [2 * n for n in volume.shape]
    power = np.abs(np.fft.fftn(field, size, axes=(0, 1, 2))) ** 2
    covariance = np.fft.ifftn(power).real
    lags = [np.fft.fftfreq(n, 1 / n) for n in size]
    cuts = [found.correlation[name].range.cut for name in "xyz"]
    inside = sum(
        (h * edge / cut) ** 2
        for h, edge, cut in zip(np.ix_(*lags), SPACING, cuts, strict=True)
    ) <= 1 + 1e-12  # fmt: skip
    weight = math.prod(
        np.clip(1 - np.abs(h) / n, 0, None)
        for h, n in zip(np.ix_(*lags), volume.shape, strict=True)
    )
    window = weight[inside].sum()
    count = volume.labels.size
    variance = covariance[inside].sum() / count / (count - window)
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=1e-4)
    assert found.degrees_of_freedom == pytest.approx(count / window, rel=1e-9)
    sill = 0.3 * 0.7 + variance
    size = count * math.prod(SPACING)
    assert found.integral_range == pytest.approx(variance / sill * size, rel=1e-3)


def test_blocks_hold_their_voxels():
    labels = np.random.default_rng(2).random((7, 8, 9)) < 0.5
    blocks = blocks_of(twin.Volume(labels, phases={"pore": 1}), "pore", (3, 2, 4))
    assert blocks.shape == (2, 4, 2)
    by_hand = [labels[2 * i : 2 * i + 2, 4 * j : 4 * j + 4, 2 * k : 2 * k + 2].mean()
               for i in range(3) for j in range(2) for k in range(4)]  # fmt: skip
    np.testing.assert_allclose(blocks.fractions, by_hand, rtol=1e-14)
    spread = np.std(by_hand, ddof=1)
    assert blocks.standard_error == pytest.approx(spread * math.sqrt(16 / labels.size))


def test_blocks_are_no_thinner_than_the_correlation_reaches(found):
    for name, n, edge in zip("xyz", found.blocks.shape, SPACING, strict=True):
        assert n * edge >= found.correlation[name].range.cut


def test_an_interval_and_the_size_it_needs(found):
    low, high = found.interval(0.9)
    narrow = found.interval(0.5)
    assert low < narrow[0] < found.volume_fraction < narrow[1] < high
    assert (low + high) / 2 == pytest.approx(found.volume_fraction, rel=1e-12)
    error = (high - low) / 2 / found.volume_fraction
    edge = found.size_for(error, confidence=0.9)
    volume = math.prod(n * h for n, h in zip(found.volume.shape, SPACING, strict=True))
    # The correction of the sill, one part in a few hundred, is all the difference.
    assert edge == pytest.approx(volume ** (1 / 3), rel=0.01)
    assert found.size_for(error / 2, 0.9) == pytest.approx(edge * 4 ** (1 / 3), rel=1e-12)


def test_what_it_says(found, tmp_path: Path):
    text = found.summary()
    assert f"+- {found.standard_error:.2g} (standard error)" in text
    assert f"from {len(found.blocks.fractions)} blocks of" in text
    data = found.to_dict()
    assert data["standard_error"] == found.standard_error
    assert data["blocks"] == len(found.blocks.fractions)
    (row,) = found.rows()
    assert row["cut.y"] == data["cut"]["y"] and row["spacing_y"] == SPACING[1]
    figure = found.plot(tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 0
    star = next(line for line in figure.axes[1].lines if line.get_label() == "the image")
    assert star.get_ydata()[0] == found.relative_error


def test_a_periodic_image_may_be_shifted():
    volume = twin.generate.blobs((40, 36, 30), 0.4, 2.0, periodic=True)
    rolled = twin.Volume(np.roll(volume.labels, (11, 5, 17), (0, 1, 2)), 1.0, volume.phases)
    one, other = (twin.fraction_uncertainty(v, "pore", periodic="xyz") for v in (volume, rolled))
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-4)


def test_an_image_smaller_than_its_structure_knows_nothing(tmp_path: Path):
    labels = np.zeros((20, 20, 20), np.uint8)
    labels[:10, :10, :10] = 1
    found = twin.fraction_uncertainty(twin.Volume(labels, phases={"pore": 1}), "pore")
    assert math.isnan(found.standard_error)
    assert "decays along no axis" in found.reason
    assert found.reason in found.summary()
    found.plot(tmp_path / "f.png")


def test_a_crystal_varies_less_than_can_be_told(tmp_path: Path):
    volume = twin.generate.checkerboard((24, 24, 24), 2)
    found = twin.fraction_uncertainty(volume, "A")
    assert math.isnan(found.standard_error)
    assert found.reason
    found.plot(tmp_path / "f.png")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f: f.interval(1.0), "a confidence lies between 0 and 1, as 0.95; found 1.0"),
        (lambda f: f.size_for(0.0), "a relative error is a number above 0, as 0.05; found 0.0"),
        (lambda f: twin.fraction_uncertainty(f.volume, "pore", periodic="a"), "letters of 'xyz'"),
        (lambda f: twin.fraction_uncertainty(f.volume, "none"), "there is no phase 'none'"),
        (lambda f: twin.fraction_uncertainty(twin.Volume([[1, 1]]), "1"), "fills the whole image"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(found, call, said):
    with pytest.raises(InputError, match=said):
        call(found)
