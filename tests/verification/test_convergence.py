"""Observed order of accuracy against exact answers of the continuum."""

from __future__ import annotations

import numpy as np
import pytest
from support.solving import effective_conductivity, volume_of

from meshing import generate

pytestmark = pytest.mark.verification

KELLER = "Keller 1964, J. Math. Phys. 5, 548; Dykhne 1971, Sov. Phys. JETP 32, 63"


def observed_orders(errors) -> np.ndarray:
    """Order between one grid and the next of half the voxel edge."""
    return np.log2(np.abs(errors[:-1]) / np.abs(errors[1:]))


@pytest.mark.parametrize("contrast", [4.0, 10.0, 100.0])
def test_checkerboard_converges_at_the_order_of_its_corners(contrast, record_verification):
    r"""The limit is sqrt(k_A k_B); at the corners the field goes with r^p, p = 4/pi atan(1/sqrt c).

    The effective conductivity is an energy, so its error falls with the power 2 p of the voxel
    edge: 1.18 at contrast 4, 0.78 at 10, 0.25 at 100, far from the second order of smooth fields.
    Faces through the middles of squares are planes of symmetry, so two by two quarters do.
    """
    sizes = (8, 16, 32, 64, 128)
    exact = np.sqrt(contrast)
    found = np.array([
        effective_conductivity(
            generate.checkerboard((n, n, 1), n // 2), {"A": 1.0, "B": contrast}
        )
        for n in sizes
    ])  # fmt: skip
    errors = found / exact - 1
    orders = observed_orders(errors)
    expected_order = 8 / np.pi * np.arctan(contrast**-0.5)
    record_verification(
        f"checkerboard, contrast {contrast:g}, {sizes[-1]} voxels",
        exact, found[-1], abs(errors[-1]), order=orders[-1], source=KELLER,
    )  # fmt: skip
    assert (np.diff(np.abs(errors)) < 0).all()
    # The order climbs to its limit from below, slowly where the limit is small.
    assert (np.diff(np.abs(orders - expected_order)) < 0).all()
    assert orders[-1] == pytest.approx(expected_order, abs=0.05)


@pytest.mark.parametrize("axis", "xy")
def test_smooth_conductivity_of_known_effective_value_converges_at_second_order(
    axis, record_verification
):
    """k = exp(2 cos 2 pi x cos 2 pi y): a shift by half a period turns k into 1/k, so k_eff = 1.

    A field in two directions, with flux along both and a smooth coefficient; voxels 1:2, so the
    two axes are solved on unlike grids.
    """
    errors = []
    for n in (8, 16, 32, 64):
        x = (np.arange(n) + 0.5) / n
        y = (np.arange(n // 2) + 0.5) / (n // 2)
        k = np.exp(2 * np.outer(np.cos(2 * np.pi * x), np.cos(2 * np.pi * y)))[:, :, None]
        # Values that symmetry makes equal become one phase.
        volume, conductivity = volume_of(np.round(k, 12), (1 / n, 2 / n, 1.0))
        errors.append(effective_conductivity(volume, conductivity, axis) - 1)
    orders = observed_orders(np.array(errors))
    record_verification(
        f"smooth conductivity equal to its inverse half a period on, {axis}, 64 x 32 voxels",
        1, 1 + errors[-1], abs(errors[-1]), order=orders[-1], source=KELLER,
    )  # fmt: skip
    assert orders[-1] == pytest.approx(2, abs=0.05)
    assert abs(errors[-1]) < 4e-3


@pytest.mark.parametrize("axis", "xyz")
def test_product_of_functions_is_exact_in_discrete_form_and_second_order(axis, record_verification):
    """k = X(x) Y(y) Z(z): k_eff along x is the harmonic mean of X times the means of Y and Z.

    The discrete problem gives the same with the means over voxel centres, the midpoint rule.
    """
    functions = (lambda s: np.exp(s), lambda s: 1 + s**2, lambda s: 2 + np.sin(3 * s))
    # Means and harmonic means over 0..1 by integration.
    mean = (np.e - 1, 4 / 3, 2 + (1 - np.cos(3)) / 3)
    harmonic = (1 / (1 - 1 / np.e), 1 / (np.pi / 4), _harmonic_mean_of_two_plus_sine())
    driven = "xyz".index(axis)
    exact = np.prod([harmonic[a] if a == driven else mean[a] for a in range(3)])
    errors = []
    for n in (4, 8, 16):
        shape = (n, n // 2, n)
        values = [f((np.arange(m) + 0.5) / m) for f, m in zip(functions, shape, strict=True)]
        k = np.einsum("i,j,k->ijk", *values)
        volume, conductivity = volume_of(k, tuple(1 / m for m in shape))
        found = effective_conductivity(volume, conductivity, axis)
        discrete = np.prod(
            [1 / np.mean(1 / v) if a == driven else np.mean(v) for a, v in enumerate(values)]
        )
        assert found == pytest.approx(discrete, rel=1e-9)
        errors.append(found / exact - 1)
    orders = observed_orders(np.array(errors))
    record_verification(
        f"conductivity X(x) Y(y) Z(z), {axis}, 16 voxels",
        exact, exact * (1 + errors[-1]), abs(errors[-1]), order=orders[-1],
    )  # fmt: skip
    assert orders[-1] == pytest.approx(2, abs=0.1)


def _harmonic_mean_of_two_plus_sine() -> float:
    """Of 2 + sin 3 s over 0..1: the antiderivative of 1 / (2 + sin t) is an arctangent."""

    def antiderivative(t: float) -> float:
        return 2 / np.sqrt(3) * np.arctan((2 * np.tan(t / 2) + 1) / np.sqrt(3))

    return float(3 / (antiderivative(3.0) - antiderivative(0.0)))
