"""Two-point correlation: against counting pair by pair, what it prints, and what it refuses."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.images import seeds, shapes, spacings

import twin
from meshing.errors import InputError
from meshing.two_point import autocorrelation, layer_counts, line_pairs, pair_counts


def binary(shape, seed, share=0.4):
    return np.random.default_rng(seed).random(shape) < share


def shifted_pairs(image, h, periodic):
    """Sum of image(x) image(x + h), and the number of pairs, by shifting the image."""
    here, there = [], []
    for n, step, wraps in zip(image.shape, h, periodic, strict=True):
        index = np.arange(n)
        other = (index + step) % n if wraps else index + step
        inside = (other >= 0) & (other < n)
        here.append(index[inside])
        there.append(other[inside])
    a, b = image[np.ix_(*here)], image[np.ix_(*there)]
    return float((a * b).sum()), a.size


@given(shapes, seeds, st.sampled_from([(False,) * 3, (True, False, True), (True,) * 3]))
def test_pairs_along_an_axis_are_counted_one_by_one(shape, seed, periodic):
    image = binary(shape, seed)
    volume = twin.Volume(image, phases={"pore": 1})
    for axis in range(3):
        longest = shape[axis] - 1
        found = line_pairs(volume, "pore", axis, longest, periodic[axis])
        for r in range(longest + 1):
            h = [r if a == axis else 0 for a in range(3)]
            assert (found.hits[r], found.pairs[r]) == shifted_pairs(image, h, periodic)
        np.testing.assert_array_equal(
            layer_counts(volume, "pore", axis), np.moveaxis(image, axis, 0).sum(axis=(1, 2))
        )


@settings(max_examples=30)
@given(shapes, seeds, st.sampled_from([(False,) * 3, (True, False, True)]), st.booleans())
def test_pairs_at_every_vector_are_counted_one_by_one(shape, seed, periodic, centred):
    image = binary(shape, seed)
    volume = twin.Volume(image, phases={"pore": 1})
    centre = float(image.mean()) if centred else 0.0
    lags = tuple((n - 1) // 2 if wraps else min(n - 1, 3)
                 for n, wraps in zip(shape, periodic, strict=True))  # fmt: skip
    found = autocorrelation(volume, "pore", lags, periodic, centre)
    x, y, z = pair_counts(shape, lags, periodic)
    assert found.shape == (len(x), len(y), len(z))
    ranges = [range(lags[0] + 1), *(range(-lag, lag + 1) for lag in lags[1:])]
    for place, h in zip(np.ndindex(found.shape), itertools.product(*ranges), strict=True):
        expected, pairs = shifted_pairs(image - centre, h, periodic)
        assert found[place] == pytest.approx(expected, abs=1e-6 * image.size)  # single precision
        assert x[place[0]] * y[place[1]] * z[place[2]] == pairs


@given(shapes, seeds, spacings)
def test_faces_of_the_phase_make_the_slope(shape, seed, spacing):
    image = binary(shape, seed, 0.5)
    image.flat[0], image.flat[-1] = True, False
    volume = twin.Volume(image, spacing, {"pore": 1})
    for axis, curve in zip("xyz", twin.correlation(volume, "pore"), strict=True):
        a = "xyz".index(axis)
        faces = np.count_nonzero(np.diff(image.astype(int), axis=a))
        pairs = np.diff(image.astype(int), axis=a).size
        assert curve.slope == pytest.approx(-faces / (2 * pairs * spacing[a]), rel=1e-12)


@given(shapes, seeds)
def test_a_phase_and_the_rest_have_one_correlation(shape, seed):
    """In a periodic image exactly: S2 of the rest is 1 - 2 eps + S2 of the phase."""
    image = binary(shape, seed, 0.5)
    image.flat[0], image.flat[-1] = True, False
    volume = twin.Volume(image, phases={"solid": 0, "pore": 1})
    pore, solid = (twin.correlation(volume, p, periodic="xyz") for p in ("pore", "solid"))
    for one, other in zip(pore, solid, strict=True):
        np.testing.assert_allclose(one.correlation, other.correlation, atol=1e-12)
        assert one.slope == pytest.approx(other.slope, rel=1e-12)


def test_shells_hold_all_vectors_of_their_length():
    image = binary((9, 8, 7), 3)
    spacing = (1.0, 2.0, 1.5)
    volume = twin.Volume(image, spacing, {"pore": 1})
    radial = twin.correlation(volume, "pore", radial=True, longest=4.0)["radial"]
    sums = np.zeros((len(radial.distance), 3))
    for h in itertools.product(range(-4, 5), range(-2, 3), range(-2, 3)):
        r = math.dist(np.multiply(h, spacing), (0, 0, 0))
        if round(r) < len(sums):
            hits, pairs = shifted_pairs(image, h, (False,) * 3)
            sums[round(r)] += hits, pairs, r * pairs
    np.testing.assert_allclose(radial.pairs, sums[:, 1])
    np.testing.assert_allclose(radial.probability, sums[:, 0] / sums[:, 1], rtol=1e-5)
    np.testing.assert_allclose(radial.distance, sums[:, 2] / sums[:, 1], rtol=1e-12)


def test_a_phase_of_several_labels_counts_as_one():
    labels = np.random.default_rng(1).integers(0, 3, (8, 9, 10))
    volume = twin.Volume(labels, phases={"pore": 0, "solid": (1, 2)})
    binary_volume = twin.Volume(labels > 0, phases={"solid": 1})
    several, one = (twin.correlation(v, "solid") for v in (volume, binary_volume))
    for a, b in zip(several, one, strict=True):
        np.testing.assert_array_equal(a.probability, b.probability)


def test_an_image_of_one_layer_has_two_axes():
    volume = twin.Volume(binary((30, 20), 2), "1um", {"pore": 1})
    c = twin.correlation(volume, "pore", radial=True)
    assert list(c.curves) == ["x", "y", "radial"]
    faces = sum(np.count_nonzero(np.diff(volume.labels[:, :, 0].astype(int), axis=a)) / p
                for a, p in ((0, 29 * 20), (1, 30 * 19)))  # fmt: skip
    assert c.specific_surface == pytest.approx(math.pi * faces / 4 / 1e-6)


def test_what_it_says(tmp_path: Path):
    volume = twin.generate.electrode((20, 24, 16), "1um")
    c = twin.correlation(volume, "AM", "xz", radial=True)
    text = c.summary()
    assert text.startswith("Two-point correlation of AM: 20 x 24 x 16 voxels of 1 µm")
    for curve in c:
        assert f"{curve.integral_length * 1e6:.4g} µm" in text
    assert f"{c.specific_surface:.5g} 1/m" in text
    data = c.to_dict()
    assert data["integral_length"] == {x.name: x.integral_length for x in c}
    rows = list(csv.DictReader(c.to_csv(tmp_path / "c.csv").read_text().splitlines()))
    assert len(rows) == sum(len(x.distance) for x in c)
    last = rows[-1]
    assert (last["direction"], float(last["distance"])) == ("radial", c["radial"].distance[-1])
    figure = c.plot(tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 0
    left = figure.axes[0]
    np.testing.assert_allclose(left.lines[0].get_xdata(), c["x"].distance * 1e6)
    np.testing.assert_array_equal(left.lines[0].get_ydata(), c["x"].probability)


def test_lengths_without_a_spacing_are_in_voxels():
    volume = twin.generate.blobs((20, 20, 20), 0.4, 2.0)
    volume = twin.Volume(volume.labels, phases=volume.phases)
    c = twin.correlation(volume, "pore", "x")
    assert "voxels of unknown size" in c.summary() and " voxels  " in c.summary()
    assert "1/voxel" in c.summary()
    assert c.plot().axes[0].get_xlabel() == "distance [voxels]"


NOISE = twin.Volume(binary((8, 9, 10), 1), "2um", {"pore": 1, "none": 7})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: twin.correlation(NOISE, "none"), r"phase 'none' \(label 7\) has no voxels"),
        (lambda: twin.correlation(NOISE, "pores"), "did you mean 'pore'"),
        (lambda: twin.correlation(NOISE, "pore", "w"), "different letters of 'xyz', found 'w'"),
        (lambda: twin.correlation(NOISE, "pore", "xx"), "different letters"),
        (lambda: twin.correlation(NOISE, "pore", ""), "different letters"),
        (lambda: twin.correlation(NOISE, "pore", periodic="q"), "must be letters of 'xyz'"),
        (lambda: twin.correlation(NOISE, "pore", longest="16um"),
         "longest distance along x must be from one voxel, 2e-06 m, to all but one, 1.4e-05 m"),
        (lambda: twin.correlation(NOISE, "pore", longest=1e-7), "found 1e-07"),
        (lambda: twin.correlation(NOISE, "pore", longest="far"), "cannot read 'far' as a length"),
        (lambda: twin.correlation(twin.Volume(np.ones((4, 4, 4), int)), "1"),
         "phase '1' fills the whole image"),
        (lambda: twin.correlation(twin.Volume([[0, 1]]), "1", "x"),
         "one voxel along x, and no two points apart; the axes to choose from are 'y'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(call, said):
    with pytest.raises(InputError, match=said):
        call()
