"""Perturbed segmentations and any number of them: what is gathered, resumed, printed, refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from support.sweeping import fraction_of_binder

import twin
from meshing.errors import InputError

VOLUME = twin.generate.electrode((20, 18, 16), "1um", seed=3)


def percolates_once(volume: twin.Volume) -> float:
    """Infinite for about half of the perturbed images."""
    return math.inf if volume.voxel_count("pore") % 2 else 2.0


def fails_at_times(volume: twin.Volume) -> float:
    if volume.voxel_count("pore") % 2 and volume.voxel_count("pore") != VOLUME.voxel_count("pore"):
        raise ArithmeticError("not this one")
    return 1.0


def study(metric=fraction_of_binder, **how):
    return twin.segmentation_uncertainty(
        metric, VOLUME, **{"samples": 8, "store": None, "jobs": 1, **how}
    )


@pytest.mark.parametrize(
    "how", [{}, {"width": "1um", "patch": "6um"}, {"between": [["AM", "CBD"]]}]
)
def test_each_seed_is_a_perturbed_image(how):
    found = study(**how)
    by_hand = [twin.perturb(VOLUME, seed=seed, **how) for seed in range(8)]
    expected = [image.volume_fraction("CBD") for image in by_hand]
    np.testing.assert_array_equal(found.values, expected)
    assert found.reference == VOLUME.volume_fraction("CBD")
    np.testing.assert_array_equal(found.fractions["CBD"], expected)
    changed = [np.mean(image.labels != VOLUME.labels) for image in by_hand]
    np.testing.assert_allclose(found.changed, changed, rtol=1e-12)
    assert found.mean == pytest.approx(np.mean(expected), rel=1e-12)
    assert found.standard_deviation == pytest.approx(np.std(expected, ddof=1), rel=1e-12)
    assert found.shift == found.mean - found.reference
    assert found.quantiles(0.0, 1.0) == (min(expected), max(expected))


def test_the_interval_of_one_more_image():
    found = study()
    low, high = found.interval(0.9)
    assert (low + high) / 2 == pytest.approx(found.mean)
    # 1.8946 is the 95 % quantile of Student's t with 7 degrees of freedom.
    expected = 1.8946 * found.standard_deviation * math.sqrt(9 / 8)
    assert (high - low) / 2 == pytest.approx(expected, rel=1e-4)


def test_a_result_with_numbers():
    found = study(twin.tortuosity, value="tortuosity_factor", phase="pore", axis="y", samples=4)
    assert found.reference == twin.tortuosity(VOLUME, "pore", axis="y").tortuosity_factor
    assert found.shift > 0 and found.standard_deviation > 0
    assert found.sweep.function.endswith("segmentation_uncertainty._one")
    assert found.name == "tortuosity_factor"


def test_it_goes_on_where_it_stopped(tmp_path: Path):
    store = tmp_path / "study.db"
    assert study(store=store, samples=3).sweep.computed == 4
    again = study(store=store, samples=5)
    assert again.sweep.computed == 2 and len(again.values) == 5


def test_in_other_processes(tmp_path: Path):
    np.testing.assert_array_equal(study(jobs=2, samples=3).values, study(samples=3).values)


def test_values_that_are_not_finite_are_counted_apart(tmp_path: Path):
    found = study(percolates_once)
    assert found.infinite + len(found.values) == 8 and 0 < found.infinite < 8
    assert found.mean == 2.0
    assert f"no finite value in {found.infinite} of them" in found.summary()
    found.plot(tmp_path / "s.png")


def test_images_that_fail_are_counted_apart():
    found = study(fails_at_times)
    assert 0 < found.failed < 8 and len(found.values) == 8 - found.failed
    assert f"{found.failed} more failed: ArithmeticError: not this one" in found.summary()


def test_what_it_says(tmp_path: Path):
    found = study(share=0.05, iterations=2)
    text = found.summary()
    assert text.startswith("fraction of binder: 20 x 18 x 16 voxels of 1 µm")
    assert "8 perturbed images, share 0.05, iterations 2; " in text
    assert f"{found.reference:.6g}" in text
    data = found.to_dict()
    assert data["standard_deviation"] == found.standard_deviation
    assert (data["share"], data["iterations"], data["samples"]) == (0.05, 2, 8)
    assert [row["seed"] for row in found.rows()] == [None, *range(8)]
    figure = found.plot(tmp_path / "s.png")
    assert (tmp_path / "s.png").stat().st_size > 0
    counts = sum(patch.get_height() for patch in figure.axes[1].patches)
    assert counts == 8


def test_lengths_are_shown_with_their_unit():
    found = study(width=0.5e-6, patch="6um", samples=2)
    assert "width 500 nm, patch 6um;" in found.summary()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (dict(samples=1), "a spread needs 2 perturbed images or more; found 1"),
        (dict(share=2.0), "the share of the voxels at interfaces"),
        (dict(width="1um"), "give both, or neither"),
        (dict(between=[("AM", "nothing")]), "there is no phase 'nothing'"),
        (dict(metric="tau"), "a metric is a function of a volume"),
        (dict(metric=twin.tortuosity, phase="pore"), "say which of its numbers is meant"),
        (dict(metric=twin.tortuosity, phase="pore", value="tortuosity_facto"),
         "did you mean 'tortuosity_factor'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(arguments, said):
    with pytest.raises(InputError, match=said):
        study(**arguments)


def test_an_image_without_a_value():
    def odd(volume):
        if volume.labels is VOLUME.labels:
            raise ArithmeticError("no")
        return 1.0

    with pytest.raises(InputError, match="as it was segmented gives no value: ArithmeticError: no"):
        study(odd)
