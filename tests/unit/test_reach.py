"""Which voxels reach the ends of an axis."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from meshing.reach import HIGH, LOW, reach

MEMBERS = np.array([False, True, True, False])


def searched(labels: np.ndarray, axis: int, periodic: tuple[bool, bool, bool]) -> np.ndarray:
    """The same, by flooding from each end until nothing changes."""
    open_ = MEMBERS[labels]
    out = np.zeros(labels.shape, np.uint8)
    for bit, layer in ((LOW, 0), (HIGH, labels.shape[axis] - 1)):
        at = np.zeros(labels.shape, bool)
        index = [slice(None)] * 3
        index[axis] = layer
        at[tuple(index)] = open_[tuple(index)]
        while True:
            more = ndimage.binary_dilation(at, ndimage.generate_binary_structure(3, 1))
            for side in range(3):
                if periodic[side]:
                    more |= np.roll(at, 1, side) | np.roll(at, -1, side)
            more &= open_
            if np.array_equal(more, at):
                break
            at = more
        out += np.where(at, bit, 0).astype(np.uint8)
    return out


@pytest.mark.parametrize("seed", range(12))
def test_reach_is_what_a_flood_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 12, 3))
    labels = rng.choice(4, shape, p=[0.35, 0.3, 0.2, 0.15]).astype(np.uint8)
    axis = seed % 3
    periodic = tuple(bool(rng.integers(2)) and a != axis for a in range(3))
    found = reach(labels, MEMBERS, axis, periodic)
    assert found.dtype == np.uint8
    assert np.array_equal(found, searched(labels, axis, periodic))


def test_two_ends_are_told_apart() -> None:
    """A dead end at either side, a way through, and a pore that reaches nothing."""
    rows = ["110111", "111111", "001100"]
    labels = np.array([[[int(c) for c in row] for row in rows]], np.uint8)
    found = reach(labels[:, [0]], MEMBERS, 2)
    assert found[0, 0].tolist() == [LOW, LOW, 0, HIGH, HIGH, HIGH]
    assert (reach(labels[:, [1]], MEMBERS, 2) == LOW | HIGH).all()
    assert not reach(labels[:, [2]], MEMBERS, 2).any()


def test_a_way_through_a_periodic_side() -> None:
    """The halves of a pore meet only across the side."""
    labels = np.zeros((1, 4, 3), np.uint8)
    labels[0, 0, :2] = labels[0, 3, 1:] = 1
    closed = reach(labels, MEMBERS, 2)
    assert (closed[0, 0].tolist(), closed[0, 3].tolist()) == ([LOW, LOW, 0], [0, HIGH, HIGH])
    wrapped = reach(labels, MEMBERS, 2, (False, True, False))
    assert (wrapped[labels == 1] == LOW | HIGH).all()


def test_without_members_nothing_is_reached() -> None:
    assert not reach(np.zeros((2, 3, 4), np.uint8), MEMBERS, 0).any()
