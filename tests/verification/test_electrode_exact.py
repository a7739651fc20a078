"""Electrodes whose discrete answer is exact, to 1e-9: pores one voxel wide, bundles, slits.

Voxel edges are never equal unless a formula needs it, every axis and both ends are looked at from.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode_cases import ask
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing.volume import Volume

pytestmark = pytest.mark.verification

WALLS = ("half-face", "centre")
ENDS = [("x", "low"), ("x", "high"), ("y", "low"), ("y", "high"), ("z", "low"), ("z", "high")]


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize(("axis", "separator"), ENDS)
@pytest.mark.parametrize(("faces", "spacing"), [(2, ANISOTROPIC), (4, ANISOTROPIC), (4, (1, 1, 1))])
def test_straight_pores(axis, separator, faces, spacing, wall, record_verification):
    volume = shapes.turned(shapes.straight_pore(12, faces, spacing), axis, separator)
    e = ask(volume, axis, separator, wall=wall)
    walls = _walls_of_a_voxel(faces, spacing)
    expected = exact.voxel_wide_pore(spacing, [[(a, h, 1.0) for a, h in walls]] * 12, wall)
    if spacing == (1, 1, 1):
        assert expected == pytest.approx(exact.straight_pore(12, faces, wall), rel=1e-13)
    record_verification(
        f"electrode, straight pore of 12 voxels, {faces} walls, {axis} {separator}, {wall}, "
        f"voxels {spacing}",
        expected, e.tortuosity_factor, abs(e.tortuosity_factor / expected - 1),
    )  # fmt: skip
    assert e.tortuosity_factor == pytest.approx(expected, rel=1e-9)
    share = 1 / 3 if faces == 2 else 1 / 9
    assert e.volume_fraction == e.accessible_porosity == pytest.approx(share, rel=1e-14)
    assert e.macmullin_number == pytest.approx(expected / share, rel=1e-9)
    area = 12 * sum(a for a, _ in walls)
    assert e.wall_area == pytest.approx(area, rel=1e-12)
    box = np.prod(np.multiply(volume.shape, volume.spacing))
    assert e.specific_area == pytest.approx(area / box, rel=1e-12)
    assert e.ionic_resistance(0.3) == pytest.approx(
        expected / share * 12 * spacing[0] / 0.3, rel=1e-9
    )


def _walls_of_a_voxel(faces: int, spacing) -> list[tuple[float, float]]:
    """Area of each wall and edge of the voxel across it."""
    hx, hy, hz = spacing
    across_y, across_z = (hx * hz, hy), (hx * hy, hz)
    return [across_y] * 2 + ([across_z] * 2 if faces == 4 else [])


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize(
    "depths", [(40, 30, 20, 10), (40, 5, 5, 5), (40, 40), (40, 1), (39,), (1, 2, 3)]
)
def test_bundles_of_pores(depths, wall, record_verification):
    e = ask(shapes.bundle(depths, 40), wall=wall)
    expected = exact.bundle(depths, 40, wall)
    record_verification(
        f"electrode, bundle of depths {depths} of 40, {wall}",
        expected, e.tortuosity_factor, abs(e.tortuosity_factor / expected - 1),
    )  # fmt: skip
    assert e.tortuosity_factor == pytest.approx(expected, rel=1e-9)
    assert e.wall_area == sum(2 * d + (d < 40) for d in depths)


@pytest.mark.parametrize("wall", WALLS)
def test_walls_of_unlike_capacitance(wall):
    """CBD over AM along a pore: every face weighs with the capacitance of its phase."""
    labels = shapes.straight_pore(9, 4, ANISOTROPIC).labels.copy()
    labels[3:6] *= 2
    labels[6:, 2] *= 2
    volume = Volume(labels, ANISOTROPIC, {"pore": 0, "AM": 1, "CBD": 2})
    for c in (0.01, 7.0):
        e = ask(volume, reactive={"AM": 2.0, "CBD": 2.0 * c}, wall=wall)
        of_y, of_z = _walls_of_a_voxel(4, ANISOTROPIC)[1:3]
        layers = [[(*of_y, 1.0)] * 2 + [(*of_z, 1.0)] * 2] * 3
        layers += [[(*of_y, c)] * 2 + [(*of_z, c)] * 2] * 3
        layers += [[(*of_y, 1.0), (*of_y, c)] + [(*of_z, 1.0)] * 2] * 3
        expected = exact.voxel_wide_pore(ANISOTROPIC, layers, wall)
        assert e.tortuosity_factor == pytest.approx(expected, rel=1e-9)
        carbon = 3 * (2 * of_y[0] + 2 * of_z[0]) + 3 * of_y[0]
        assert e.wall_areas["CBD"] == pytest.approx(carbon, rel=1e-12)
        assert e.wall_area == pytest.approx(9 * 2 * (of_y[0] + of_z[0]), rel=1e-12)


def test_only_the_reactive_phases_carry_charge():
    """Walls of the rear half alone: every charge crosses the front half, 3 / 2 + 1 / 2."""
    labels = shapes.straight_pore(8, 4).labels.copy()
    labels[:4] *= 2
    volume = Volume(labels, (1, 1, 1), {"pore": 0, "AM": 1, "CBD": 2})
    planes, charges = np.append(2.0, np.ones(7)), [0.0] * 4 + [4.0] * 4
    expected = exact.chain_resistance(planes, charges) / 8
    for reactive in ("AM", ("AM",), {"AM": 0.3}):
        e = ask(volume, reactive=reactive, wall="centre")
        assert e.tortuosity_factor == pytest.approx(expected, rel=1e-9)
        assert e.wall_area == 16
    both = ask(volume, wall="centre")
    assert both.wall_area == 32
    assert both.tortuosity_factor == pytest.approx(exact.straight_pore(8, 4, "centre"), rel=1e-9)


@pytest.mark.parametrize(("n", "half", "centre"), [
    (4, 1.125, 1.03125), (8, 1.07643354, 1.02955854), (16, 1.06356527, 1.04012777),
    (32, 1.06012035, 1.04840160), (64, 1.05919935, 1.05333997), (128, 1.05895400, 1.05602431),
])  # fmt: skip
def test_slits_half_as_wide_as_long(n, half, centre):
    """Eight digits, met by a direct solve and by a separate implementation."""
    volume = shapes.slit(n, n // 2)
    assert ask(volume).tortuosity_factor == pytest.approx(half, abs=6e-9)
    assert ask(volume, wall="centre").tortuosity_factor == pytest.approx(centre, abs=6e-9)


@pytest.mark.parametrize(("n", "width", "number"), [
    (4, 2, 1.078125), (8, 4, 1.04212302), (16, 8, 1.03275920), (32, 16, 1.03030431),
    (10, 2, 1.0125), (40, 8, 1.00537784), (20, 5, 1.00955348),
])  # fmt: skip
def test_square_channels(n, width, number):
    found = ask(shapes.square_channel(n, width)).tortuosity_factor
    assert found == pytest.approx(number, abs=6e-9)


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
def test_walls_across_the_sides(sides):
    """A pore beside a side: the solid on the other side is its wall when the sides are periodic."""
    labels = np.ones((10, 3, 1), np.uint8)
    labels[:, 0] = 0
    e = ask(Volume(labels, (1, 1, 1), {"pore": 0, "AM": 1}), sides=sides)
    faces = {"no-flux": 1, "periodic": 2}[sides]
    assert e.wall_area == 10 * faces
    assert e.tortuosity_factor == pytest.approx(
        exact.straight_pore(10, faces, "half-face"), rel=1e-9
    )


def test_the_collector_the_sides_and_the_front_carry_no_charge():
    """One solid voxel on each outer face in turn: its free faces are walls, the outer one not."""
    for corner in ((2, 2, 0), (2, 2, 4), (0, 2, 2), (4, 2, 2), (2, 0, 2), (2, 4, 2)):
        labels = np.zeros((5, 5, 5), np.uint8)
        labels[corner] = 1
        e = ask(Volume(labels, (1, 1, 1), {"pore": 0, "AM": 1}), "z")
        assert e.wall_area == 5
    with pytest.raises(twin.InputError):
        ask(Volume(np.zeros((5, 5, 5), np.uint8), 1.0, {"pore": 0, "AM": 1}), "z", reactive="AM")


def test_pores_that_the_separator_does_not_reach():
    """Left out of the network, of its walls and of N_M,e; tau_e by either porosity."""
    labels = np.ones((10, 9, 1), np.uint8)
    labels[:, :3] = shapes.slit(10, 1).labels
    labels[8:, 6] = 0  # touches the collector
    labels[3:5, 4] = 0  # closed
    e = ask(Volume(labels, 1.0, {"pore": 0, "AM": 1}))
    alone = exact.straight_pore(10, 2, "half-face")
    assert e.wall_area == 20
    assert e.macmullin_number == pytest.approx(9 * alone, rel=1e-9)
    assert e.volume_fraction == pytest.approx(14 / 90, rel=1e-14)
    assert e.accessible_porosity == pytest.approx(10 / 90, rel=1e-14)
    assert e.accessible_fraction == pytest.approx(10 / 14, rel=1e-14)
    assert e.tortuosity_factor == pytest.approx(alone * 14 / 10, rel=1e-9)
    assert e.accessible_tortuosity_factor == pytest.approx(alone, rel=1e-9)


@pytest.mark.parametrize(("axis", "separator"), ENDS)
def test_both_orientations_and_through(axis, separator):
    """A pore that narrows: wide at the separator, narrow there when it is turned round."""
    widths = [8] * 10 + [4] * 10
    straight = shapes.slit(20, widths, ANISOTROPIC)
    volume = shapes.turned(straight, axis, separator)
    e = ask(volume, axis, separator, flip=True, through=True)
    other = {"low": "high", "high": "low"}[separator]
    again = ask(volume, axis, other).tortuosity_factor
    assert e.flipped.tortuosity_factor == pytest.approx(again, rel=1e-9)
    assert e.tortuosity_factor < 1 < e.flipped.tortuosity_factor
    through = twin.tortuosity(volume, "pore", axis, solver=TIGHT)
    assert e.through.tortuosity_factor == pytest.approx(through.tortuosity_factor, rel=1e-9)
    assert ask(straight).tortuosity_factor == pytest.approx(e.tortuosity_factor, rel=1e-9)


def test_the_bound_from_slices_is_met_where_layers_are_equipotential():
    """A straight pore with centre walls has nothing but its gradient of current."""
    e = ask(shapes.straight_pore(12, 4, ANISOTROPIC), wall="centre")
    assert e.lower_bound == e.gradient_factor
    assert e.lower_bound == pytest.approx(1.0, abs=0.5 / 12**2 + 1e-9)
    assert e.residual == pytest.approx(e.tortuosity_factor / e.gradient_factor, rel=1e-12)
    assert e.residual >= 1 - 1e-9
