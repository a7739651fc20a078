"""Cases whose discrete answer is exact: channels, layers, stairs; every axis, both kinds of side.

Voxel edges are never equal here, so that a mixed-up axis or a forgotten area shows.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.reference import solve
from support.solving import ANISOTROPIC, TIGHT, conduct, effective, volume_of

import twin
from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

SIDES = ("no-flux", "periodic")


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("axis", "xyz")
def test_open_block(axis, sides, record_verification):
    volume = Volume(np.ones((7, 5, 6), np.uint8), ANISOTROPIC, {"pore": 1})
    t = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)
    record_verification(
        f"open block, {axis}, {sides}", 1, t.tortuosity_factor, abs(t.tortuosity_factor - 1)
    )
    assert t.tortuosity_factor == pytest.approx(1, abs=1e-9)
    assert t.relative_diffusivity == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("axis", "xyz")
def test_straight_channels(axis, sides, record_verification):
    volume = generate.channels((12, 9, 15), axis, width=2, pitch=3, spacing=ANISOTROPIC)
    t = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)
    record_verification(
        f"straight channels, {axis}, {sides}", 1, t.tortuosity_factor, abs(t.tortuosity_factor - 1)
    )
    assert t.volume_fraction == pytest.approx(4 / 9)
    assert t.tortuosity_factor == pytest.approx(1, abs=1e-9)
    assert t.macmullin_number == pytest.approx(9 / 4, rel=1e-9)


@pytest.mark.parametrize("axis", "xyz")
def test_the_field_in_a_channel_is_linear_between_the_outer_faces(axis):
    volume = generate.channels((12, 9, 15), axis, width=2, pitch=3, spacing=ANISOTROPIC)
    c = twin.tortuosity(volume, "pore", axis, solver=TIGHT).concentration()
    n = c.shape["xyz".index(axis)]
    expected = 1 - (np.arange(n) + 0.5) / n
    found = np.moveaxis(c, "xyz".index(axis), -1)
    found = found[np.isfinite(found[..., 0])]
    assert len(found) == volume.labels.sum() / n
    assert np.abs(found - expected).max() < 2e-6  # a few steps of float32 at 1


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize("axis", "xyz")
def test_layers_in_series(axis, sides, record_verification):
    volume = generate.layers((12, 12, 12), axis, {"A": 2, "B": 3, "C": 1}, ANISOTROPIC)
    conductivity = {"A": 2.0, "B": 0.03, "C": 70.0}
    found = effective(conduct(volume, conductivity, axis, sides))
    exact = 1 / sum(volume.volume_fraction(p) / k for p, k in conductivity.items())
    record_verification(f"layers in series, {axis}, {sides}", exact, found, abs(found / exact - 1))
    assert found == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize(("normal", "axis"), [("x", "y"), ("y", "z"), ("z", "x"), ("x", "z")])
def test_layers_in_parallel(normal, axis, sides, record_verification):
    volume = generate.layers((12, 12, 12), normal, {"A": 2, "B": 3, "C": 1}, ANISOTROPIC)
    conductivity = {"A": 2.0, "B": 0.03, "C": 70.0}
    found = effective(conduct(volume, conductivity, axis, sides))
    exact = sum(volume.volume_fraction(p) * k for p, k in conductivity.items())
    record_verification(
        f"layers across {normal} in parallel, {axis}, {sides}",
        exact, found, abs(found / exact - 1),
    )  # fmt: skip
    assert found == pytest.approx(exact, rel=1e-9)


def test_layers_with_an_insulator_do_not_conduct_in_series():
    volume = generate.layers((6, 4, 4), "x", {"pore": 2, "solid": 1})
    t = twin.tortuosity(volume, "pore", "x")
    assert math.isinf(t.tortuosity_factor)
    assert t.relative_diffusivity == 0
    assert t.reason


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), ANISOTROPIC])
@pytest.mark.parametrize("columns", [4, 12])
def test_stairs_two_voxels_wide_are_a_chain(columns, spacing, record_verification):
    """Channels of two voxels that climb one row per column conduct through one chain of faces.

    Each column is entered at its lower and left at its upper voxel: n - 1 faces across x and
    n - 2 across y in series, and at either end two half voxels in parallel, one of them reached
    through one more face across y.
    """
    hx, hy, hz = spacing
    volume = generate.oblique_channels((columns, 8, 2), (1, 1), width=2, pitch=4, spacing=spacing)
    found = effective(conduct(volume, {"pore": 1.0}, "x", "periodic"))
    across_x, across_y = hx / (hy * hz), hy / (hx * hz)
    half = across_x / 2
    ends = 1 / (1 / half + 1 / (half + across_y))
    resistance = (columns - 1) * across_x + (columns - 2) * across_y + 2 * ends
    chains = 2 * 2  # two channels around y in each of two layers of z
    exact = chains / resistance * (columns * hx) / (8 * hy * 2 * hz)
    record_verification(
        f"stairs two voxels wide, {columns} columns, voxels {spacing}",
        exact, found, abs(found / exact - 1),
    )  # fmt: skip
    assert found == pytest.approx(exact, rel=1e-9)


def resistance_of_oblique_channels(slope: tuple[int, int], width: int, columns: int) -> float:
    volume = generate.oblique_channels((columns, 2 * width, 1), slope, width, 2 * width)
    return columns / effective(conduct(volume, {"pore": 1.0}, "x", "periodic"))


def conductivity_of_long_channels(slope: tuple[int, int], width: int) -> float:
    """Without the two ends: their resistance drops out of the difference of two lengths."""
    short, long = 6 * width, 12 * width
    ends_and = [resistance_of_oblique_channels(slope, width, n) for n in (short, long)]
    return (long - short) / (ends_and[1] - ends_and[0])


@pytest.mark.parametrize("width", [3, 4, 8])
def test_stairs_at_45_degrees(width, record_verification):
    """Antidiagonals are equipotential, and w - 1 faces join each to the next.

    A column is two antidiagonals, so a column of a channel has the resistance 2 / (w - 1), and
    channels of width w at a pitch of 2 w conduct (w - 1) / (4 w).
    """
    found = conductivity_of_long_channels((1, 1), width)
    exact = (width - 1) / (4 * width)
    record_verification(
        f"stairs at 45 degrees, {width} voxels wide", exact, found, abs(found / exact - 1)
    )
    assert found == pytest.approx(exact, rel=1e-6)  # what is left of the ends 6 widths apart


@pytest.mark.parametrize("slope", [(1, 2), (1, 3)])
def test_oblique_channels_converge_at_first_order(slope, record_verification):
    """eps cos^2(angle) with smooth walls; stairs narrow a channel by a part of one voxel."""
    exact = 0.5 / (1 + (slope[0] / slope[1]) ** 2)
    widths = np.array([4, 8, 16, 32])
    found = [conductivity_of_long_channels(slope, int(w)) for w in widths]
    errors = np.abs(np.array(found) / exact - 1)
    orders = np.log2(errors[:-1] / errors[1:])
    record_verification(
        f"oblique channels of slope {slope[0]}/{slope[1]}, 32 voxels wide",
        exact, found[-1], errors[-1], order=orders[-1],
    )  # fmt: skip
    assert errors[-1] < 0.03
    assert orders[-1] == pytest.approx(1, abs=0.02)


def test_the_reference_solver_agrees_on_a_resistor_network_solved_by_hand():
    """Two by two squares of conductivity 1 and 3: what the other tests lean on stands by itself.

    Faces across x are 3/2 in each row, half voxels 2 and 6; the rows exchange nothing only if
    their drops match, so the two unlike rows mirror each other: u = (1 - v) crosswise.
    """
    k = np.array([[1.0, 3.0], [3.0, 1.0]])[:, :, None]
    # Unknown a at (0, 0); antisymmetry gives 1 - b at (1, 0) with b at (0, 1) and 1 - a at (1, 1).
    a, b = np.linalg.solve(
        np.array([[2 + 1.5 + 1.5, 1.5 - 1.5], [1.5 - 1.5, 6 + 1.5 + 1.5]]), [2 + 1.5, 6 + 1.5]
    )
    flow = 2 * (1 - a) + 6 * (1 - b)
    assert solve(k).effective_conductivity == pytest.approx(flow, rel=1e-14)
    volume, conductivity = volume_of(k)
    assert effective(conduct(volume, conductivity)) == pytest.approx(flow, rel=1e-9)
