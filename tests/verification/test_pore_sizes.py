"""Pore sizes of bodies whose size is known: layers, tubes, balls, and what a throat hides.

The wall of a voxelised body is known to about a voxel, and so are sizes; they converge with the
first power of the voxel edge.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from support.pore_shapes import PHASES, Triple, ball, layer, oblique_layer, tube

import twin

pytestmark = pytest.mark.verification

CUBES = (1.0, 1.0, 1.0)
SPACINGS = [CUBES, (20e-9, 5e-9, 8e-9)]
SPHERES = ["local-thickness", "mercury"]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("voxels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("method", SPHERES)
def test_a_layer_has_the_size_of_its_thickness_exactly(
    method: str, voxels: int, axis: int, spacing: Triple
) -> None:
    found = twin.pore_sizes(layer(voxels, axis, spacing), "pore", method)  # type: ignore[arg-type]
    assert found.distribution.sizes == pytest.approx([voxels * spacing[axis]], rel=1e-6)
    assert found.measured_fraction == 1.0


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_distances_in_a_layer_are_those_to_its_nearer_wall(axis: int, spacing: Triple) -> None:
    found = twin.pore_sizes(layer(7, axis, spacing), "pore", "distance-map")
    expected = np.array([1, 3, 5, 7]) * spacing[axis]
    assert found.distribution.sizes == pytest.approx(expected, rel=1e-6)
    across = found.volume.labels.size // found.volume.shape[axis]
    assert found.distribution.voxels.tolist() == [2 * across, 2 * across, 2 * across, across]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("axis", "xyz")
def test_chords_across_a_layer_are_its_thickness_and_none_along_it(
    axis: str, spacing: Triple
) -> None:
    number = "xyz".index(axis)
    found = twin.pore_sizes(layer(5, number, spacing), "pore", "chords")
    assert found.along[axis].sizes == pytest.approx([5 * spacing[number]], rel=1e-12)
    assert found.mean_chord[axis] == pytest.approx(5 * spacing[number], rel=1e-12)
    for other in set("xyz") - {axis}:
        assert found.along[other].total == 0
        assert np.isnan(found.along[other].d50)
        assert found.mean_chord[other] == np.inf
    assert found.measured_fraction == pytest.approx(1 / 3)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("method", SPHERES)
def test_a_straight_square_channel_has_the_size_of_its_width(
    method: str, width: int, axis: int
) -> None:
    labels = np.zeros((12, 12, 12), np.uint8)
    np.moveaxis(labels, axis, 0)[:, 3 : 3 + width, 2 : 2 + width] = 1
    volume = twin.Volume(labels, CUBES, PHASES)
    found = twin.pore_sizes(volume, "pore", method)  # type: ignore[arg-type]
    # A sphere leaves the corners of a square channel to smaller ones.
    assert found.distribution.sizes[-1] == pytest.approx(width, rel=1e-6)
    assert found.d50 == pytest.approx(width, rel=1e-6)


@pytest.mark.parametrize("normal", [(1, 2, 3), (0.3, 1, 0.1), (1, 1, 0)])
@pytest.mark.parametrize("thickness", [4.4, 9.7])
def test_an_oblique_layer_has_its_thickness(
    normal: Triple, thickness: float, record_verification: Callable[..., None]
) -> None:
    volume = oblique_layer(thickness, normal, 36, CUBES)
    found = twin.pore_sizes(volume, "pore").d50
    record_verification(
        f"local thickness of a layer across {normal}, {thickness} voxels", thickness, found,
        found / thickness - 1,
    )  # fmt: skip
    assert found == pytest.approx(thickness, abs=0.85)


OFF = [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.2, 0.1, 0.4)]


@pytest.mark.parametrize("spacing", [CUBES, (1.0, 0.5, 0.7)])
@pytest.mark.parametrize("diameter", [5.3, 10.6, 21.2])
@pytest.mark.parametrize("off", OFF)
def test_spheres_in_a_ball(diameter: float, off: Triple, spacing: Triple) -> None:
    """No sphere is larger than the ball, and the largest fills all but a rim of a voxel."""
    found = twin.pore_sizes(ball(diameter, spacing, off), "pore")
    assert diameter - 2.1 < found.d50 < diameter + 0.3
    largest = twin.pore_sizes(ball(diameter, spacing, off), "pore", "distance-map")
    assert largest.distribution.sizes[-1] <= found.distribution.sizes[-1] * (1 + 1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("diameter", [5.3, 10.6, 21.2])
def test_spheres_in_a_tube(diameter: float, axis: int) -> None:
    volume = tube(diameter, 12.0, (1.0, 1.0, 0.5), axis, OFF[2])
    for method in SPHERES:
        found = twin.pore_sizes(volume, "pore", method)  # type: ignore[arg-type]
        assert diameter - 1.7 < found.d50 < diameter + 0.3
        assert found.measured_fraction == 1.0


def test_sizes_of_a_ball_converge_with_the_voxel_edge(
    record_verification: Callable[..., None],
) -> None:
    edges = np.array([1 / 8, 1 / 16, 1 / 32])
    errors = []
    for h in edges:
        cubes = (h, h, h)
        found = [twin.pore_sizes(ball(1.0, cubes, off), "pore").d50 for off in OFF]
        errors.append(1.0 - float(np.mean(found)))
        record_verification(
            f"local thickness of a ball of {1 / h:.0f} voxels", 1.0, 1.0 - errors[-1], errors[-1]
        )
    order = np.polyfit(np.log(edges), np.log(errors), 1)[0]
    assert 0.7 < order < 1.4


@pytest.mark.parametrize("axis", "xyz")
def test_chords_of_a_ball(axis: str, record_verification: Callable[..., None]) -> None:
    r"""Lines at random places: the density of the length is 2 l / D^2, so the mean by number is
    2 D / 3 and that by volume (each chord weighted by its length) 3 D / 4."""
    diameter = 40.0
    volume = ball(diameter, (1.0, 0.5, 0.8), OFF[2])
    found = twin.pore_sizes(volume, "pore", "chords", axis=axis)
    record_verification(
        f"mean chord of a ball along {axis}, by number", 2 * diameter / 3, found.mean_chord[axis],
        found.mean_chord[axis] / (2 * diameter / 3) - 1,
    )  # fmt: skip
    assert found.mean_chord[axis] == pytest.approx(2 * diameter / 3, rel=0.01)
    assert found.mean == pytest.approx(3 * diameter / 4, rel=0.01)
    # A share p of the volume lies on chords up to D p^(1/3).
    assert found.d10 == pytest.approx(diameter * 0.1 ** (1 / 3), rel=0.05)
    assert found.d50 == pytest.approx(diameter * 0.5 ** (1 / 3), rel=0.02)
    assert found.d90 == pytest.approx(diameter * 0.9 ** (1 / 3), rel=0.02)


def test_the_mean_chord_does_not_see_the_border() -> None:
    """Half of the chords of periodic layers are cut; the mean by number is that of whole ones."""
    labels = np.zeros((10, 3, 3), np.uint8)
    labels[:2] = labels[5:8] = labels[9:] = 1  # 3 voxels of each period of 5, cut anywhere
    found = twin.pore_sizes(twin.Volume(labels, 1.0, PHASES), "pore", "chords", axis="x")
    assert found.mean_chord["x"] == pytest.approx(3.0)
    assert found.along["x"].sizes.tolist() == [3.0]
    assert found.measured_fraction == pytest.approx(0.5)


def dumbbell(throat: int) -> twin.Volume:
    """A room of 9 voxels' width behind a square throat from the low face of x."""
    labels = np.zeros((22, 13, 13), np.uint8)
    labels[8:17, 2:11, 2:11] = 1
    low = 6 - throat // 2
    labels[:8, low : low + throat, low : low + throat] = 1
    return twin.Volume(labels, (2.0, 2.0, 2.0), PHASES)


@pytest.mark.parametrize("throat", [1, 2, 3, 5])
def test_mercury_sees_no_more_of_a_room_than_its_throat(throat: int) -> None:
    volume = dumbbell(throat)
    found = twin.pore_sizes(volume, "pore", "mercury", axis="x")
    assert found.distribution.sizes[-1] == pytest.approx(2.0 * throat, rel=1e-6)
    assert found.d50 == pytest.approx(2.0 * throat, rel=1e-6)
    assert twin.pore_sizes(volume, "pore").distribution.sizes[-1] == pytest.approx(18.0, rel=1e-6)


def test_mercury_does_not_get_where_there_is_no_way() -> None:
    volume = dumbbell(3)
    found = twin.pore_sizes(volume, "pore", "mercury", axis="yz")
    assert found.distribution.total == 0
    assert found.measured_fraction == 0.0
    assert np.isnan(found.d50)
