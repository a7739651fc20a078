"""The tensor against an independent direct solve, entry by entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from support.reference import faces, solve
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing.generate import blobs

pytestmark = pytest.mark.verification


def mean_flux_times_length(
    k: NDArray[np.float64], driven: int, spacing: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Column of the tensor: flow through all faces across each axis, summed over the voxels."""
    found = solve(k, spacing, driven, "periodic")
    potential = found.potential.ravel()
    volume = k.size * np.prod(spacing)
    length = k.shape[driven] * spacing[driven]
    column = np.zeros(3)
    for axis in range(3):
        if axis == driven:
            column[axis] = found.effective_conductivity
            continue
        p, q, g = faces(k, spacing, axis, wrap=True)
        flows = np.nan_to_num(g * (potential[p] - potential[q]))
        column[axis] = flows.sum() * spacing[axis] * length / volume
    return column


@pytest.mark.parametrize("seed", [1, 2])
def test_every_entry(seed: int, record_verification: Callable[..., None]) -> None:
    volume = blobs((12, 14, 10), 0.6, 16e-9, ANISOTROPIC, seed=seed)
    k = (volume.labels == 1).astype(float)
    expected = np.stack([mean_flux_times_length(k, j, ANISOTROPIC) for j in range(3)], axis=1)
    off_diagonal = expected[~np.eye(3, dtype=bool)]
    assert np.abs(off_diagonal).max() > 0.005 * expected.max()  # there is something to compare
    tensor = twin.diffusivity_tensor(volume, "pore", solver=TIGHT).matrix
    error = float(np.abs(tensor - expected).max() / expected.max())
    record_verification(
        f"effective diffusivity tensor, random image {seed}", expected[0, 1], tensor[0, 1], error,
        source="direct solve",
    )  # fmt: skip
    np.testing.assert_allclose(np.diag(tensor), np.diag(expected), rtol=1e-7)
    assert error < 2e-5  # the field carries half the digits of the energy
