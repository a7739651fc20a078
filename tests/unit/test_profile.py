"""Profiles: what they count, print and refuse."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from support.images import seeds, shapes, spacings

import twin
from meshing.errors import InputError

VOLUME = twin.generate.electrode((12, 20, 16), (1e-6, 2e-6, 1e-6), seed=1)


@given(shapes, seeds, spacings)
def test_fractions_of_all_phases_fill_every_slab(shape, seed, spacing):
    labels = np.random.default_rng(seed).integers(0, 3, shape)
    volume = twin.Volume(labels, spacing, {"a": 0, "b": 1, "c": 2})
    present = [name for name in volume.phases if volume.voxel_count(name)]
    found = twin.profile(volume, width=2 * max(spacing) if min(shape) > 30 else None)
    assert list(found.phases) == present
    for p in found:
        np.testing.assert_allclose(sum(p.fractions.values()), 1.0, rtol=1e-12)
        for name in present:
            assert p.mean(name) == pytest.approx(volume.volume_fraction(name), rel=1e-12)


def test_the_slope_of_a_ramp():
    labels = np.arange(10)[:, None, None] > np.arange(10)[None, :, None]
    found = twin.profile(twin.Volume(labels, (2.0, 1.0, 1.0), {"a": 1}), "a", axis="x")["x"]
    np.testing.assert_allclose(found.fractions["a"], np.arange(10) / 10)
    assert found.slope("a") == pytest.approx(1.0, rel=1e-12)
    assert found.deviation("a") == pytest.approx(math.sqrt(99 / 12) / 10, rel=1e-12)
    np.testing.assert_allclose(found.position, 2 * np.arange(10) + 1)


def test_one_slab_has_no_slope():
    found = twin.profile(VOLUME, "AM", "y", width="40um")["y"]
    assert math.isnan(found.slope("AM")) and found.deviation("AM") < 1e-15


def test_what_it_says(tmp_path: Path):
    found = twin.profile(VOLUME, axis="yz", width="4um")
    lines = found.summary().splitlines()
    assert lines[0].startswith("Profiles of pore + AM + CBD: 12 x 20 x 16 voxels of 1 µm x 2 µm")
    assert len(lines) == 3 + 3 * 2
    assert found.to_dict()["profiles"]["AM"]["z"]["mean"] == found["z"].mean("AM")
    rows = list(csv.DictReader(found.to_csv(tmp_path / "p.csv").read_text().splitlines()))
    assert len(rows) == 10 + 4
    assert float(rows[3]["AM"]) == found["y"].fractions["AM"][3]
    figure = found.plot(tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 0
    assert [panel.get_title() for panel in figure.axes] == ["pore", "AM", "CBD"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (dict(phases="XYZ"), "there is no phase 'XYZ'"),
        (dict(phases="AM", axis="a"), "different letters of 'xyz', found 'a'"),
        (dict(phases="AM", axis="x", width=1e-7), "from one voxel, 1e-06 m, to the whole image"),
        (dict(phases="AM", width="13um"), "a slab across x must be .* found '13um'"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments, said):
    with pytest.raises(InputError, match=said):
        twin.profile(VOLUME, **arguments)


def test_a_volume_without_named_voxels():
    with pytest.raises(InputError, match="no named phase has voxels"):
        twin.profile(twin.Volume([[0, 0]], phases={"pore": 1}))
