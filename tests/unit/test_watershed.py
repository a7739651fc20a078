"""The climb, the distance map and the merging, on images small enough to follow by eye."""

from __future__ import annotations

import numpy as np
import pytest

from meshing.watershed import distance_map, separate, touching_pairs

UNEQUAL = (20e-9, 5e-9, 8e-9)


def test_the_distance_is_that_of_scipy_in_the_unit_of_the_spacing() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    inside = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(15, 17, 16)), 2) > 0
    found = distance_map(inside, UNEQUAL)
    expected = ndimage.distance_transform_edt(inside, sampling=UNEQUAL)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    smooth = distance_map(inside, UNEQUAL, smoothing=10e-9)
    sigma = [10e-9 / h for h in UNEQUAL]
    blurred = np.where(inside, ndimage.gaussian_filter(expected, sigma, mode="nearest"), 0)
    np.testing.assert_allclose(smooth, blurred, rtol=1e-4, atol=1e-12)


def test_steps_are_slopes_and_not_differences() -> None:
    """The middle voxel is nearer to the lower of two maxima, in metres and not in voxels."""
    height = np.zeros((3, 1, 2), np.float32)
    height[0, 0, 0], height[1, 0, 0], height[2, 0, 0], height[2, 0, 1] = 2.0, 1.0, 0.5, 3.0
    near, far = (
        separate(height, (1.0, 1.0, edge), depth=0.1, share=0.0, least=1).ids for edge in (1.0, 4.0)
    )
    assert near[1, 0, 0] == near[2, 0, 1] != near[0, 0, 0]
    assert far[1, 0, 0] == far[0, 0, 0] != far[2, 0, 1]


def test_a_corner_is_no_way_up() -> None:
    """Two voxels that share a corner are two regions, whatever their heights."""
    for corner in ((1, 1, 1), (1, 1, 0)):
        height = np.zeros((2, 2, 2), np.float32)
        height[0, 0, 0], height[corner] = 1.0, 2.0
        assert separate(height, (1.0, 1.0, 1.0), depth=0.0, share=0.0, least=1).count == 2


def test_a_plateau_is_one_region() -> None:
    height = np.ones((5, 4, 3), np.float32)
    assert separate(height, (1.0, 1.0, 1.0), depth=0.0, share=0.0, least=1).count == 1


def test_a_small_region_joins_the_one_it_shares_most_area_with() -> None:
    """A small peak lies between a large one that touches it with a face and one with two."""
    height = np.zeros((2, 1, 9), np.float32)
    height[0, 0] = [4, 5, 4, 1, 2, 1, 4, 6, 4]
    height[1, 0] = [0, 0, 0, 0, 1.5, 1, 4, 5.5, 4]
    many = separate(height, (1.0, 1.0, 1.0), depth=0.4, share=0.0, least=1)
    assert many.count == 3
    small = many.ids[0, 0, 4]
    pairs = touching_pairs(many.ids, 3, (1.0, 1.0, 1.0))
    areas = {
        int(first + second - small): float(area)
        for first, second, area in zip(pairs.first, pairs.second, pairs.area, strict=True)
        if small in (first, second)
    }
    left, right = int(many.ids[0, 0, 0]), int(many.ids[0, 0, 8])
    assert areas == {left: 1.0, right: 2.0}
    joined = separate(height, (1.0, 1.0, 1.0), depth=0.4, share=0.0, least=5)
    assert joined.ids[0, 0, 4] == joined.ids[0, 0, 8]


def test_maxima_merge_over_their_highest_saddle() -> None:
    """The middle peak is shallow against both; it joins the one behind the higher saddle."""
    height = np.array([5, 3.0, 4, 3.5, 6], np.float32).reshape(1, 1, 5)
    ids = separate(height, (1.0, 1.0, 1.0), depth=1.0, share=0.0, least=1).ids[0, 0]
    assert ids[2] == ids[4] != ids[0]
