"""Particles beside scikit-image's watershed from h-maxima, and beside PoreSpy's SNOW."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import twin
from meshing.watershed import distance_map, separate

pytestmark = pytest.mark.peers

CUBE = (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def inside() -> NDArray[np.bool_]:
    volume = twin.generate.electrode((80, 76, 70), "0.5um", particle_radius=4e-6, seed=3)
    return np.asarray(volume.labels == 1)


def shared(one: NDArray[np.integer], two: NDArray[np.integer]) -> float:
    """Share of the voxels of regions that are in the region of the other they share most with."""
    where = one > 0
    pairs, counts = np.unique(np.stack([one[where], two[where]]), axis=1, return_counts=True)
    most = np.zeros(one.max() + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return float(most.sum() / where.sum())


def test_the_watershed_of_scikit_image_from_the_same_h_maxima(inside: NDArray[np.bool_]) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    morphology = pytest.importorskip("skimage.morphology")
    segmentation = pytest.importorskip("skimage.segmentation")
    height = distance_map(inside, CUBE)
    markers, count = ndimage.label(morphology.h_maxima(height, 0.5), np.ones((3, 3, 3)))
    theirs = segmentation.watershed(-height, markers, mask=inside)
    ours = separate(height, CUBE, depth=0.5, share=0.0, least=1)
    # Theirs joins pieces that touch at an edge or a corner of voxels only, ours does not.
    assert count <= ours.count <= 1.03 * count
    assert shared(ours.ids, theirs) > 0.99
    assert shared(theirs, ours.ids) > 0.99


def test_snow_of_porespy_finds_the_same_particles(inside: NDArray[np.bool_]) -> None:
    porespy = pytest.importorskip("porespy")
    porespy.settings.tqdm = {"disable": True}
    theirs = porespy.filters.snow_partitioning(inside).regions
    ours = separate(distance_map(inside, CUBE), CUBE, depth=0.5, share=0.1, least=34)
    assert shared(ours.ids, theirs) > 0.98
    assert shared(theirs, ours.ids) > 0.98


def test_moments_of_porespy(inside: NDArray[np.bool_]) -> None:
    porespy = pytest.importorskip("porespy")
    porespy.settings.tqdm = {"disable": True}
    volume = twin.Volume(inside, "0.5um", {"pore": 0, "AM": 1})
    found = twin.particles(volume, "AM")
    for region in porespy.metrics.regionprops_3D(np.asarray(found.ids)):
        i = region.label - 1
        assert region.volume == found.moments.voxels[i]
        np.testing.assert_allclose((np.array(region.centroid) + 0.5) * 0.5e-6, found.position[i])
