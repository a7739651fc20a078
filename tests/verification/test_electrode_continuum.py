"""Straight pores with their lateral field: observed order of accuracy against the continuum.

Half a voxel in series with every wall makes the scheme second order but for a logarithm, which the
corner between separator (w = 0) and wall (dw/dn = 1) brings; the wall's potential at the voxel's
centre makes it first order, with an error known beforehand.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode_cases import ask

pytestmark = pytest.mark.verification


def observed_orders(errors) -> np.ndarray:
    """Order between one grid and the next of half the voxel edge."""
    return np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))


@pytest.mark.parametrize("aspect", [2, 5])
def test_slit(aspect, record_verification):
    """Width over length 1/2 and 1/5, from two voxels of width on."""
    lengths = np.array([2, 4, 8, 16, 32]) * aspect
    expected = exact.slit(1 / aspect, 1.0)
    found = np.array([ask(shapes.slit(n, n // aspect)).tortuosity_factor for n in lengths])
    errors = found - expected
    orders = observed_orders(errors)
    record_verification(
        f"electrode, slit of width L / {aspect}, {lengths[-1]} voxels",
        expected, found[-1], abs(errors[-1]), order=orders[-1],
    )  # fmt: skip
    assert (errors > 0).all()
    assert (orders[1:] > 1.85).all()
    assert (orders < 2.0).all()
    assert abs(errors[-1]) < 0.01 * (expected - 1)  # a part of the lateral correction


@pytest.mark.parametrize("aspect", [2, 5])
def test_slit_with_walls_at_centres(aspect, record_verification):
    """First order: the missing half voxel is -3 d h / (4 L^2)."""
    lengths = np.array([4, 8, 16, 32]) * aspect
    expected = exact.slit(1 / aspect, 1.0)
    found = np.array(
        [ask(shapes.slit(n, n // aspect), wall="centre").tortuosity_factor for n in lengths]
    )
    leading = -0.75 / aspect / lengths
    rest = found - expected - leading
    record_verification(
        f"electrode, slit of width L / {aspect}, walls at centres, {lengths[-1]} voxels",
        expected, found[-1], abs(found[-1] - expected),
        order=observed_orders(found - expected)[-1],
    )  # fmt: skip
    assert (np.abs(rest) < 0.7 * np.abs(leading)).all()
    assert (observed_orders(rest) > 1.85).all()
    assert observed_orders(found - expected)[-1] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("aspect", [2, 5])
def test_square_channel(aspect, record_verification):
    lengths = np.array([2, 4, 8, 16]) * aspect
    expected = exact.square_channel(1 / aspect, 1.0)
    found = np.array([
        ask(shapes.square_channel(n, n // aspect)).tortuosity_factor for n in lengths
    ])  # fmt: skip
    errors = found - expected
    orders = observed_orders(errors)
    record_verification(
        f"electrode, square channel of width L / {aspect}, {lengths[-1]} voxels",
        expected, found[-1], abs(errors[-1]), order=orders[-1],
    )  # fmt: skip
    assert (errors > 0).all()
    assert (orders[1:] > 1.85).all()
    assert (orders < 2.0).all()


@pytest.mark.parametrize("spacing", [(0.5, 1.0, 1.0), (3.0, 1.0, 1.0)])
def test_slit_on_voxels_of_unlike_edges(spacing, record_verification):
    """The same slit on voxels half as long and three times as long as wide: the same limit."""
    expected = exact.slit(1.0, 2.0)
    errors = []
    for width in (6, 12, 24, 48):
        length = round(2 * width / spacing[0])
        errors.append(ask(shapes.slit(length, width, spacing)).tortuosity_factor - expected)
    orders = observed_orders(np.array(errors))
    record_verification(
        f"electrode, slit of width L / 2, voxels {spacing}, 48 across",
        expected, expected + errors[-1], abs(errors[-1]), order=orders[-1],
    )  # fmt: skip
    assert (orders > 1.8).all()
    assert orders[-1] < 2.0


STAIRS = 1.5 * sum(1 / (2 * j * (16 * j**2 - 1) ** 2) for j in range(1, 20))
"""What stairs add to tau_e of a cylinder, in r^2 / L^2: they charge its wall with |cos| + |sin| of
the angle, whose mean cancels and whose harmonics 4 j drive a lateral field of their own."""


def test_cylinder_in_stairs(record_verification):
    """A few hundredths of the lateral correction, for a radius of a quarter of the length.

    Its limit is not quite the cylinder's: see the next test.
    """
    expected = exact.cylinder(0.25, 1.0)
    layers = 24
    # A chain of layers has 1 / (2 n^2) of its own, whatever its section.
    found = [
        ask(
            shapes.quarter_cylinder(layers, radius, (4 * radius / layers, 1, 1))
        ).tortuosity_factor - 0.5 / layers**2
        for radius in (8, 32)
    ]  # fmt: skip
    errors = np.abs(np.array(found) - expected) / (expected - 1)
    record_verification(
        "electrode, cylinder in stairs, r = L / 4, 32 voxels of radius",
        expected, found[-1], abs(found[-1] - expected),
    )  # fmt: skip
    assert errors[1] < 0.03
    assert errors[1] < errors[0] / 2


def test_cylinder_in_stairs_has_a_limit_of_its_own(record_verification):
    """Long layers, so that only the section counts: 3/8 + 0.0034 of r^2 / L^2 instead of 3/8."""
    expected = 3 / 8 + STAIRS
    found = []
    for radius in (20, 40, 80):
        e = ask(shapes.quarter_cylinder(3, radius, (50 / 3 * radius, 1, 1)))
        found.append((e.tortuosity_factor - 1 - 0.5 / 3**2) * 50**2)
    record_verification(
        "electrode, section of a cylinder in stairs, correction in r^2/L^2, 80 voxels of radius",
        expected, found[-1], abs(found[-1] / expected - 1),
    )  # fmt: skip
    errors = np.array(found) / expected - 1
    assert abs(errors[-1]) < 2e-3
    assert abs(errors[-1]) < abs(errors[0]) / 4
    assert found[-1] > 3 / 8 + STAIRS / 2
