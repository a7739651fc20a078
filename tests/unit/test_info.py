"""What `twin.info` says of a volume."""

from __future__ import annotations

import json

import numpy as np
import pytest

import twin
from twin.info import MANY_LABELS


def test_percolation_is_counted_for_each_phase_and_axis() -> None:
    labels = np.zeros((6, 4, 5), np.uint8)
    labels[:, 1, 1] = 1  # a rod from face to face along x: 6 voxels
    labels[0, 3, 3] = 1  # and a grain on one face
    info = twin.info(twin.Volume(labels, "50nm", {"void": 0, "rod": 1}))
    rod = info.phases["rod"]
    assert (rod.voxels, rod.components, rod.labels) == (7, 2, (1,))
    assert rod.percolating_fraction == pytest.approx((6 / 7, 0.0, 0.0))
    assert info.phases["void"].percolating_fraction == (1.0, 1.0, 1.0)
    assert info.phases["void"].volume_fraction == 1 - 7 / 120
    assert not info.hint and not info.unnamed


def test_percolation_agrees_with_the_solve() -> None:
    volume = twin.generate.electrode((12, 16, 10), 1e-6, seed=3)
    info = twin.info(volume)
    for name in volume.phases:
        shares = info.phases[name].percolating_fraction
        assert shares is not None
        for axis, share in zip("xyz", shares, strict=True):
            result = twin.tortuosity(volume, name, axis)
            assert isinstance(result, twin.Tortuosity)
            assert share == result.percolating_fraction


def test_phases_of_several_labels_and_labels_without_a_phase() -> None:
    labels = np.zeros((5, 4, 4), np.uint8)
    labels[1:3], labels[3], labels[4] = 1, 2, 9
    info = twin.info(twin.Volume(labels, phases={"solid": (1, 2), "nothing": 77}))
    assert info.phases["solid"].voxels == 48 and info.phases["solid"].components == 1
    assert info.phases["nothing"].voxels == 0
    assert info.phases["nothing"].percolating_fraction == (0.0, 0.0, 0.0)
    assert info.unnamed == {0: 16, 9: 16}
    text = info.summary()
    assert text.count("(unnamed)") == 2 and "spacing  unknown" in text
    assert "1+2" in text


def test_grey_values_are_recognised() -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(4, 4, 4)
    info = twin.info(twin.Volume(grey))
    assert "64 different labels, from 0 to 63" in info.hint
    assert all(phase.components is None for phase in info.phases.values())
    lines = info.summary().splitlines()
    assert f"... and {64 - MANY_LABELS} smaller ones" in lines
    assert lines[-1].startswith("hint: the image has 64")


def test_the_dictionary_is_plain() -> None:
    volume = twin.Volume(np.eye(4, dtype=int), (1e-6, 2e-6, 3e-6), {"pore": 0, "solid": 1})
    data = twin.info(volume).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data["shape"] == [4, 4, 1] and data["spacing"] == [1e-6, 2e-6, 3e-6]
    assert data["labels"] == {"0": 12, "1": 4}
    assert data["phases"]["solid"]["percolating_fraction"] == {"x": 0.0, "y": 0.0, "z": 1.0}
    assert data["bytes_needed"] > 0 and data["bytes_free"] > 0
