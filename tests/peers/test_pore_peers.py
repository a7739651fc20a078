"""Pores by PoreSpy, called directly, beside ours on the same image.

PoreSpy's radius is the distance to the nearest voxel centre outside, cut to whole voxels; ours ends
where the surface crosses. Sizes are compared to what that makes: up to two voxel edges.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import twin
from meshing.pore_regions import pore_space

pytestmark = pytest.mark.peers

porespy = pytest.importorskip("porespy")


@pytest.fixture(scope="module", params=[(0.35, 4.0), (0.6, 5.0)], ids=["narrow", "wide"])
def volume(request: pytest.FixtureRequest) -> twin.Volume:
    fraction, length = request.param
    return twin.generate.blobs((56, 52, 48), fraction, length, 1.0, seed=7)


def pores(volume: twin.Volume) -> NDArray[np.bool_]:
    return np.isin(volume.labels, volume.label_values("pore"))


def quantiles(values: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9])


def test_local_thickness(volume: twin.Volume) -> None:
    inside = pores(volume)
    theirs = 2.0 * porespy.filters.local_thickness(inside)[inside]
    (ours,) = twin.pore_sizes(volume, "pore").fields().values()
    assert np.abs(quantiles(ours[inside]) - quantiles(theirs)).max() < 2.0
    assert abs(ours[inside].mean() - theirs.mean()) < 1.0
    assert np.corrcoef(ours[inside], theirs)[0, 1] > 0.9


def test_distance_map(volume: twin.Volume) -> None:
    """A wall is half a voxel nearer than the centre behind it, or less where it is oblique."""
    from scipy import ndimage

    inside = pores(volume)
    theirs = ndimage.distance_transform_edt(inside)[inside]
    (ours,) = twin.pore_sizes(volume, "pore", "distance-map").fields().values()
    difference = theirs - ours[inside] / 2
    assert difference.min() > -0.1
    assert difference.max() < 1.0
    assert 0.1 < difference.mean() < 0.6


def test_mercury(volume: twin.Volume) -> None:
    inside = pores(volume)
    theirs = 2.0 * porespy.filters.porosimetry(inside)
    (ours,) = twin.pore_sizes(volume, "pore", "mercury").fields().values()
    both = (theirs > 0) & (ours > 0)
    assert both.sum() > 0.97 * inside.sum()
    assert np.abs(quantiles(ours[both]) - quantiles(theirs[both])).max() < 2.0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_chords(volume: twin.Volume, axis: int) -> None:
    """Whole chords, one for each line of voxels: the same number of each length."""
    from scipy import ndimage

    inside = pores(volume)
    lines = np.zeros((3, 3, 3), int)
    np.moveaxis(lines, axis, 0)[:, 1, 1] = 1
    numbers, count = ndimage.label(inside, lines)
    lengths = porespy.filters.region_size(numbers)
    cut = set(np.unique(np.moveaxis(numbers, axis, 0)[[0, -1]]))
    whole = ~np.isin(numbers, list(cut)) & inside
    theirs = np.bincount(lengths[whole].astype(int))
    found = twin.pore_sizes(volume, "pore", "chords", axis="xyz"[axis]).along["xyz"[axis]]
    assert count > 500
    assert found.sizes.astype(int).tolist() == np.flatnonzero(theirs).tolist()
    assert found.voxels.tolist() == theirs[theirs > 0].tolist()


def test_the_network_of_the_same_regions(volume: twin.Volume) -> None:
    """Same pores, same throats, same volumes and centres; areas as far as voxels are areas."""
    inside = pores(volume)
    regions = twin.pore_network(volume, "pore", compare=False).space.ids
    theirs = porespy.networks.regions_to_network(regions)
    ours = pore_space(regions, inside.astype(np.uint8), (1.0, 1.0, 1.0))
    pairs = np.sort(theirs["throat.conns"], axis=1)
    assert sorted(map(tuple, pairs.tolist())) == [tuple(p) for p in ours.pairs.tolist()]
    np.testing.assert_allclose(theirs["pore.region_volume"], ours.volume)
    np.testing.assert_allclose(theirs["pore.coords"] + 0.5, ours.position, atol=1e-6)
    large = ours.volume > 27
    difference = (theirs["pore.extended_diameter"] - ours.diameter)[large]
    assert np.abs(np.median(difference)) < 1.0
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    area = theirs["throat.cross_sectional_area"][order]
    wide = ours.throat_faces > 20
    # They count the voxels behind a throat: an oblique one has fewer than its area.
    assert 0.6 < np.median(area[wide] / ours.throat_area[wide]) < 1.4


def test_the_regions_are_those_of_snow(volume: twin.Volume) -> None:
    """A region here lies in one region there; more only where those fall apart."""
    inside = pores(volume)
    theirs = porespy.filters.snow_partitioning(inside).regions
    ours = twin.pore_network(volume, "pore", compare=False).space.ids
    couples = {(int(a), int(b)) for a, b in zip(ours[inside], theirs[inside], strict=True)}
    assert len(couples) == ours.max()
    assert len({b for _, b in couples}) == theirs.max()
