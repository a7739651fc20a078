"""What holds for the particles of any image."""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

import twin
from meshing.area_weights import crofton_shares
from meshing.regions import region_areas, region_lines, region_moments
from meshing.watershed import distance_map, separate, touching_pairs

UNEQUAL = (1.0, 0.8, 1.3)
PHASES = {"pore": 0, "AM": 1, "CBD": 2}

seeds = st.integers(0, 2**32 - 1)


def smooth_heights(seed: int, shape: tuple[int, int, int] = (14, 12, 13)) -> NDArray[np.float32]:
    """A map without two equal heights, positive in some places and 0 elsewhere."""
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 1.3)
    return np.maximum(field / field.std(), 0.0).astype(np.float32)


def random_labels(seed: int, shape: tuple[int, int, int] = (14, 12, 13)) -> NDArray[np.uint8]:
    """Three phases in patches of some voxels."""
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(seed)
    fields = [gaussian_filter(random.normal(size=shape), 1.5) for _ in PHASES]
    return np.argmax(fields, axis=0).astype(np.uint8)


def partition(ids: NDArray[np.integer]) -> set[frozenset[int]]:
    """The regions as sets of voxels, whatever their numbers."""
    flat = ids.ravel()
    return {frozenset(np.flatnonzero(flat == one).tolist()) for one in np.unique(flat[flat > 0])}


def cut(
    height: NDArray[np.float32], depth: float, share: float = 0.0, least: int = 1
) -> NDArray[np.integer]:
    return separate(height, UNEQUAL, depth, share, least).ids


@given(seed=seeds, depth=st.floats(0.0, 1.0), share=st.floats(0.0, 0.9), least=st.integers(1, 40))
@settings(max_examples=30)
def test_every_voxel_of_the_phase_is_in_one_region(
    seed: int, depth: float, share: float, least: int
) -> None:
    height = smooth_heights(seed)
    found = separate(height, UNEQUAL, depth, share, least)
    sizes = np.bincount(found.ids.ravel(), minlength=found.count + 1)
    assert ((found.ids > 0) <= (height > 0)).all()
    assert len(sizes) == found.count + 1
    assert (sizes[1:] >= least).all()
    assert found.left_out == (height > 0).sum() - sizes[1:].sum()


@given(seed=seeds, depth=st.floats(0.0, 1.0), share=st.floats(0.0, 0.9))
@settings(max_examples=20)
def test_regions_turn_with_the_image(seed: int, depth: float, share: float) -> None:
    height = smooth_heights(seed)
    ids = cut(height, depth, share)
    for order in itertools.permutations(range(3)):
        spacing = tuple(UNEQUAL[axis] for axis in order)
        turned = separate(
            np.ascontiguousarray(height.transpose(order)[::-1]), spacing, depth, share, 1
        ).ids
        assert partition(turned[::-1].transpose(np.argsort(order))) == partition(ids)


@given(seed=seeds, depth=st.floats(0.0, 0.6), more=st.floats(0.0, 0.6), share=st.floats(0.0, 0.5))
@settings(max_examples=30)
def test_asking_for_more_depth_joins_regions_and_cuts_none(
    seed: int, depth: float, more: float, share: float
) -> None:
    height = smooth_heights(seed)
    fine, coarse = cut(height, depth, share), cut(height, depth + more, share)
    pairs = np.unique(np.stack([fine, coarse]).reshape(2, -1), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


@given(seed=seeds, depth=st.floats(0.0, 0.8))
@settings(max_examples=30)
def test_what_stays_apart_is_deeper_cut_than_asked(seed: int, depth: float) -> None:
    """On every path between two regions the map falls by more than the depth below the lower."""
    height = smooth_heights(seed)
    found = separate(height, UNEQUAL, depth, 0.0, 1)
    pairs = touching_pairs(found.ids, found.count, UNEQUAL, height)
    peak = np.array([height[found.ids == one].max() for one in range(1, found.count + 1)])
    lower = np.minimum(peak[pairs.first - 1], peak[pairs.second - 1])
    assert (lower - pairs.saddle > depth - 1e-6).all()


@given(seed=seeds)
@settings(max_examples=15)
def test_regions_are_within_what_hangs_together_through_faces(seed: int) -> None:
    measure = pytest.importorskip("skimage.measure")
    inside = random_labels(seed) == 1
    ids = cut(distance_map(inside, UNEQUAL), 0.0)
    pieces = measure.label(inside, connectivity=1)
    pairs = np.unique(np.stack([ids, pieces]).reshape(2, -1)[:, inside.ravel()], axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]
    assert set(pairs[1]) == set(range(1, pieces.max() + 1))


@given(seed=seeds)
@settings(max_examples=6)
def test_sums_of_all_regions_are_those_of_the_image(seed: int) -> None:
    labels = random_labels(seed)
    volume = twin.Volume(labels, UNEQUAL, PHASES)
    ids = cut(distance_map(labels == 1, UNEQUAL), 0.2)
    count = int(ids.max())
    moments = region_moments(ids, count, UNEQUAL)
    where = np.argwhere(labels == 1)
    assert moments.voxels.sum() == len(where)
    centre = (moments.voxels @ moments.position) / len(where)
    np.testing.assert_allclose(centre, (where.mean(axis=0) + 0.5) * UNEQUAL)
    # One region for the whole phase has the surfaces that all have together, less the contacts.
    areas, alone = region_areas(volume, ids, count), region_areas(volume, (labels == 1) * 1, 1)
    np.testing.assert_allclose(areas[:, [0, 2, 3]].sum(axis=0), alone[0, [0, 2, 3]])
    assert alone[0, 1] == 0.0
    lines = region_lines(volume, ids, count).sum()
    assert lines == pytest.approx(region_lines(volume, (labels == 1) * 1, 1)[0], rel=1e-12)
    # And that of the edges which another part of the package counts for the three phases.
    edges = twin.triple_lines(volume).total.edges
    assert lines == pytest.approx(edges, rel=1e-12)


@given(seed=seeds)
@settings(max_examples=15)
def test_contacts_are_the_faces_between_two_particles(seed: int) -> None:
    labels = random_labels(seed)
    ids = cut(distance_map(labels == 1, UNEQUAL), 0.2)
    pairs = touching_pairs(ids, int(ids.max()), UNEQUAL)
    steps = np.prod(UNEQUAL) / np.array(UNEQUAL)
    vectors: dict[tuple[int, int], NDArray[np.float64]] = {}
    for axis in range(3):
        low, high = np.moveaxis(ids, axis, 0)[:-1], np.moveaxis(ids, axis, 0)[1:]
        touching = (low != high) & (low > 0) & (high > 0)
        for one, two in zip(low[touching], high[touching], strict=True):
            key = (int(min(one, two)), int(max(one, two)))
            vectors.setdefault(key, np.zeros(3))[axis] += steps[axis] * (1 if one < two else -1)
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == sorted(vectors)
    for vector, key in zip(pairs.vector, sorted(vectors), strict=True):
        np.testing.assert_allclose(vector, vectors[key], atol=1e-12)


@given(seed=seeds)
@settings(max_examples=4)
def test_areas_are_the_crossings_of_lines(seed: int) -> None:
    """Counted one line at a time, with the weights of the directions."""
    labels = np.pad(random_labels(seed, (8, 7, 9)), 1)
    ids = (labels == 1).astype(np.int32)
    volume = twin.Volume(labels, UNEQUAL, PHASES)
    total = 0.0
    for step in itertools.product((-1, 0, 1), repeat=3):
        kind = tuple(np.abs(step))
        if not any(step):
            continue
        number = [k for k in itertools.product((0, 1), repeat=3) if any(k)].index(kind)
        lines = 2 ** (sum(kind) - 1)
        weight = 2 * crofton_shares(UNEQUAL)[number] / lines
        weight *= np.prod(UNEQUAL) / np.linalg.norm(np.multiply(step, UNEQUAL))
        total += weight * ((ids == 1) & (np.roll(ids, step, axis=(0, 1, 2)) == 0)).sum()
    # Each crossing was met once, from the region; the opposite step meets those at its other end.
    assert region_areas(volume, ids, 1)[0].sum() == pytest.approx(total, rel=1e-12)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="Numba has one thread here")
def test_results_do_not_depend_on_the_number_of_threads() -> None:
    volume = twin.generate.electrode((50, 40, 40), spacing=UNEQUAL, particle_radius=6.0)
    threads, found = numba.get_num_threads(), []
    for count in (1, 2):
        numba.set_num_threads(count)
        found.append(twin.particles(volume, "AM", border="keep"))
    numba.set_num_threads(threads)
    one, two = found
    assert (one.ids == two.ids).all()
    assert (one.areas == two.areas).all()
    assert (one.triple_edges == two.triple_edges).all()
