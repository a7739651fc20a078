"""Components of voxels, against SciPy's labelling of the same image."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, sparse

from meshing.connectivity import connected_components

MEMBERS = np.array([False, True])


def joined(labels: np.ndarray, periodic: tuple[bool, bool, bool]) -> np.ndarray:
    """SciPy's components, opposite faces joined where an axis is periodic."""
    found, count = ndimage.label(labels)
    pairs = [np.zeros((0, 2), int)]
    for axis in np.flatnonzero(periodic):
        low, high = found.take(0, axis).ravel(), found.take(-1, axis).ravel()
        both = (low > 0) & (high > 0)
        pairs.append(np.column_stack([low[both], high[both]]))
    p, q = np.concatenate(pairs).T
    graph = sparse.coo_array((np.ones(len(p)), (p, q)), (count + 1, count + 1))
    number = sparse.csgraph.connected_components(graph, directed=False)[1]
    return np.where(found > 0, number[found], -1)


@pytest.mark.parametrize("periodic", [(False,) * 3, (True, True, False), (False, True, True)])
@pytest.mark.parametrize("seed", range(6))
def test_components_are_those_of_scipy(seed: int, periodic: tuple[bool, bool, bool]) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 24, 3))
    labels = (rng.random(shape) < rng.choice([0.2, 0.35, 0.6])).astype(np.uint8)
    expected = joined(labels, periodic)
    found = connected_components(labels, MEMBERS, periodic)
    sizes = np.unique(expected[expected >= 0], return_counts=True)[1]
    assert sorted(found.voxels) == sorted(sizes)
    spanning = [
        np.intersect1d(expected.take(0, axis), expected.take(-1, axis)) for axis in range(3)
    ]
    for axis in range(3):
        assert found.spanning(axis).sum() == (spanning[axis] >= 0).sum()


def test_components_do_not_depend_on_the_slabs_in_which_they_are_joined() -> None:
    """A spiral through all slabs is one component, whatever seams cut it."""
    labels = np.zeros((64, 8, 8), np.uint8)
    labels[:, 0, 0] = labels[:, 4, 4] = 1
    labels[-1, 0:5, 0] = labels[-1, 4, 0:5] = 1
    assert connected_components(labels, MEMBERS).count == 1
    labels[-1] = 0
    assert connected_components(labels, MEMBERS).count == 2
