"""Constrictions whose place, section and current are known, and measures of evenness."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing.errors import InputError
from twin.bottleneck_plots import projections

Labels = NDArray[np.uint8]


def solved(labels: Labels, axis: str = "x", sides: str = "no-flux") -> twin.Tortuosity:
    volume = twin.Volume(labels, ANISOTROPIC, {"solid": 0, "pore": 1})
    found = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)  # type: ignore[arg-type]
    assert isinstance(found, twin.Tortuosity)
    return found


def dumbbell() -> Labels:
    """Two rooms of 8 x 9 x 9 voxels, joined by a neck of 2 x 3 over 4 layers."""
    labels = np.ones((20, 9, 9), np.uint8)
    labels[8:12] = 0
    labels[8:12, 3:5, 4:7] = 1
    return labels


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_neck_of_a_dumbbell(axis: int) -> None:
    result = solved(np.moveaxis(dumbbell(), 0, axis), "xyz"[axis])
    found = twin.bottlenecks(result, above=4.0)
    assert found.count == 1
    (neck,) = found.constrictions
    area = 6 * math.prod(ANISOTROPIC) / ANISOTROPIC[axis]
    assert neck.area == pytest.approx(area, rel=1e-12)
    assert neck.equivalent_diameter == pytest.approx(math.sqrt(4 * area / math.pi), rel=1e-12)
    assert neck.current_share == pytest.approx(1.0, rel=1e-4)
    assert neck.axis == "xyz"[axis]
    x, y, z = (neck.voxel[a] for a in (axis, *({0, 1, 2} - {axis})))
    assert 8 <= x < 12
    assert 3 <= y < 5
    assert 4 <= z < 7
    centre = (np.array(neck.voxel) + 0.5) * ANISOTROPIC
    np.testing.assert_allclose(neck.position, centre)
    assert neck.voxels >= 24  # the whole neck, and what spills out of its mouths
    assert found.voxels == neck.voxels


def test_the_flux_in_a_long_neck_is_that_of_its_area() -> None:
    """In the middle of a neck the flux is the current over its area; rooms hold the rest."""
    labels = np.ones((60, 9, 9), np.uint8)
    labels[8:52] = 0
    labels[8:52, 3:5, 4:7] = 1
    result = solved(labels)
    found = twin.bottlenecks(result, above=0.9)
    size = np.linalg.norm(result.flux()[30, 3:5, 4:7].astype(float), axis=-1)
    superficial = found.distribution.superficial
    np.testing.assert_allclose(size, superficial * 81 / 6, rtol=1e-5)
    assert found.constrictions[0].peak_ratio >= size.max() / found.distribution.mean


def test_necks_in_parallel_share_the_current() -> None:
    """Rooms far wider than two necks of 1 and 4 voxels: the shares are those of the two."""
    labels = np.ones((22, 11, 11), np.uint8)
    labels[6:16] = 0
    labels[6:16, 2, 2] = 1
    labels[6:16, 7:9, 7:9] = 1
    result = solved(labels)
    found = twin.bottlenecks(result, above=4.0)
    assert found.count == 2
    by_area = sorted(found.constrictions, key=lambda one: one.area)
    assert by_area[1].area == pytest.approx(4 * by_area[0].area, rel=1e-12)
    assert sum(one.current_share for one in by_area) == pytest.approx(1.0, rel=1e-4)
    flux = result.flux()[11].astype(float)
    for one, (y, z) in zip(by_area, ((2, 2), (7, 7)), strict=True):
        inside = flux[y : y + 2, z : z + 2, 0].sum() / flux[..., 0].sum()
        assert one.current_share == pytest.approx(inside, rel=1e-4)
    peaks = [one.peak_ratio for one in found.constrictions]
    assert peaks == sorted(peaks, reverse=True)
    assert twin.bottlenecks(result, above=4.0, strongest=1).constrictions[0].peak_ratio == peaks[0]
    assert twin.bottlenecks(result, above=4.0, strongest=0).constrictions == ()


def test_a_neck_across_a_periodic_side_is_one() -> None:
    labels = np.ones((20, 9, 9), np.uint8)
    labels[8:12] = 0
    labels[8:12, [0, 8], 4] = 1
    closed = twin.bottlenecks(solved(labels), above=4.0)
    around = twin.bottlenecks(solved(labels, sides="periodic"), above=4.0)
    assert (closed.count, around.count) == (2, 1)
    face = ANISOTROPIC[1] * ANISOTROPIC[2]
    assert [one.area for one in closed.constrictions] == pytest.approx([face, face])
    assert around.constrictions[0].area == pytest.approx(2 * face)
    assert around.constrictions[0].current_share == pytest.approx(1.0, rel=1e-4)


def test_a_section_is_the_part_that_holds_the_peak() -> None:
    """Two necks that one hot slot joins farther on: in the plane of the peak they are two."""
    labels = np.zeros((9, 7, 3), np.uint8)
    labels[:2] = labels[7:] = 1
    labels[2:7, 0, 0] = labels[2:7, 6, 0] = 1
    labels[4, :, 0] = 1
    found = twin.bottlenecks(solved(labels), above=0.1)
    assert found.count == 1
    one = found.constrictions[0]
    assert one.area == pytest.approx(ANISOTROPIC[1] * ANISOTROPIC[2])
    assert one.current_share == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
def test_a_uniform_flux_has_no_constriction(axis: str) -> None:
    found = twin.bottlenecks(solved(np.ones((8, 6, 4), np.uint8), axis))
    assert (found.count, found.voxels, found.constrictions) == (0, 0, ())
    assert found.above == 2.0
    assert found.distribution.half_share == pytest.approx(0.5, rel=1e-5)
    np.testing.assert_allclose(found.distribution.flux_share, np.linspace(0, 1, 101), atol=1e-5)
    assert found.distribution.coefficient_of_variation < 1e-4
    assert found.distribution.superficial == pytest.approx(found.distribution.mean, rel=1e-5)
    assert "constrictions, where the flux is above 2 of its mean: 0" in found.summary()


def test_a_long_throat_of_even_flux_is_whole() -> None:
    """More than a hundredth of the voxels have the largest flux, and rounding tells them apart."""
    labels = np.ones((30, 9, 9), np.uint8)
    labels[5:25] = 0
    labels[5:25, 4, 4] = 1
    found = twin.bottlenecks(solved(labels))
    assert found.count == 1
    assert found.constrictions[0].voxels == 20


def test_constrictions_are_the_clusters_above_the_ratio() -> None:
    volume = twin.generate.electrode((30, 26, 22), ANISOTROPIC, binder_fraction=0.2, seed=3)
    result = twin.tortuosity(volume, "CBD", "y", "periodic")
    found = twin.bottlenecks(result, strongest=10_000)
    active = result.mesh.active()
    size = np.linalg.norm(result.flux().astype(float), axis=-1)
    ratio = size / size[active].mean()
    assert found.above == pytest.approx(0.9 * np.quantile(ratio[active], 0.99), rel=1e-3)
    assert found.voxels == pytest.approx((ratio > found.above).sum(), abs=2)
    assert len(found.constrictions) == found.count > 3
    assert sum(one.voxels for one in found.constrictions) == found.voxels
    for one in found.constrictions:
        assert one.peak_ratio == pytest.approx(ratio[one.voxel], rel=1e-5)
        assert 0 < one.current_share <= 1
    assert found.constrictions[0].peak_ratio == pytest.approx(ratio.max(), rel=1e-5)
    sums = np.cumsum(np.sort(ratio[active])[::-1])
    share = (np.searchsorted(sums, sums[-1] / 2) + 1) / len(sums)
    assert found.distribution.half_share == pytest.approx(share, abs=2 / len(sums))
    deviation = ratio[active].std()
    assert found.distribution.coefficient_of_variation == pytest.approx(deviation, rel=1e-4)


def test_table_and_files(tmp_path: Path) -> None:
    found = twin.bottlenecks(solved(dumbbell()), above=4.0)
    path = found.to_csv(tmp_path / "necks.csv")
    with path.open(newline="") as file:
        (row,) = csv.DictReader(file)
    (neck,) = found.constrictions
    assert row["constriction"] == "1"
    assert float(row["position_y"]) == neck.position[1]
    assert float(row["equivalent_diameter"]) == neck.equivalent_diameter
    assert found.to_dict()["constrictions"] == found.rows()
    last = found.summary().splitlines()[-1].split("  ")
    assert last[0] == "1"
    assert f"{neck.peak_ratio:.2f}" in found.summary()
    assert "100.00 %" in found.summary()


def test_no_constriction_is_no_table(tmp_path: Path) -> None:
    found = twin.bottlenecks(solved(np.ones((8, 6, 4), np.uint8)))
    with pytest.raises(InputError, match="no flux is above 2 of its mean; ask for a lower ratio"):
        found.to_csv(tmp_path / "none.csv")
    assert not list(tmp_path.iterdir())


def test_no_flux_has_no_bottleneck() -> None:
    labels = np.ones((6, 5, 4), np.uint8)
    labels[3] = 0
    with pytest.raises(twin.NotPercolating, match="no path of phase 'pore'"):
        twin.bottlenecks(solved(labels))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"above": 0.0}, r"above a positive number, found 0\.0"),
        ({"above": float("nan")}, "found nan"),
        ({"strongest": -1}, "0 or more, found -1"),
    ],
)
def test_bad_options_are_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        twin.bottlenecks(solved(np.ones((4, 3, 2), np.uint8)), **options)


def test_the_picture_shows_lines_of_sight() -> None:
    found = twin.bottlenecks(solved(dumbbell()), above=4.0)
    ratio = np.linalg.norm(found.result.flux(), axis=-1) / found.distribution.mean
    for axis, seen in enumerate(projections(found)):
        np.testing.assert_allclose(seen, ratio.max(axis), rtol=1e-5)
    figure = found.plot()
    assert [axes.get_title() for axes in figure.axes[:3]] == [
        "seen along z",
        "seen along y",
        "seen along x",
    ]
    ring = figure.axes[0].lines[0].get_xydata()
    np.testing.assert_allclose(ring, [[p * 1e9 for p in found.constrictions[0].position[:2]]])


@pytest.mark.parametrize("shape", [(2, 1, 1), (40, 2, 3), (2, 40, 1)])
def test_thin_volumes_can_be_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    found = twin.bottlenecks(solved(np.ones(shape, np.uint8)))
    assert isinstance(found.plot(tmp_path / "thin.png"), Figure)
