"""The effective diffusivity as a tensor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.generate import blobs, channels, oblique_channels

SPACING = (2e-6, 0.5e-6, 1e-6)


@pytest.fixture(scope="module")
def oblique() -> twin.DiffusivityTensor:
    return twin.diffusivity_tensor(oblique_channels((24, 24, 3), (1, 1), 6, 12), "pore")


def test_the_diagonal_is_that_of_the_periodic_solves() -> None:
    volume = blobs((10, 12, 8), 0.6, 2e-6, SPACING, periodic=True, seed=2)
    tensor = twin.diffusivity_tensor(volume, "pore")
    for a, axis in enumerate("xyz"):
        alone = twin.tortuosity(volume, "pore", axis, "periodic")
        assert isinstance(alone, twin.Tortuosity)
        assert tensor.matrix[a, a] == alone.relative_diffusivity
        assert tensor.directions[axis].tortuosity_factor == alone.tortuosity_factor


def test_a_straight_channel_has_one_entry() -> None:
    matrix = twin.diffusivity_tensor(channels((8, 6, 8), "y", 2, 4, SPACING), "pore").matrix
    np.testing.assert_allclose(matrix, np.diag([0.0, 0.25, 0.0]), atol=1e-6)


def test_oblique_channels_point_along_themselves(oblique: twin.DiffusivityTensor) -> None:
    # planes that climb at 45 degrees in the xy plane, with the walls as stairs
    assert oblique.matrix[1, 0] > 0.5 * oblique.matrix[0, 0]
    assert np.abs(oblique.matrix[2, :2]).max() < 1e-6
    across, along, out_of_plane = oblique.principal_directions
    assert np.abs(along) == pytest.approx([0.5**0.5, 0.5**0.5, 0.0], abs=1e-4)
    assert along[0] * along[1] > 0 > across[0] * across[1]
    assert np.abs(out_of_plane) == pytest.approx([0, 0, 1], abs=1e-4)
    assert oblique.principal_values[2] == pytest.approx(0.5, abs=1e-6)


def test_a_mirror_image_turns_the_sign_of_the_off_diagonal() -> None:
    volume = blobs((10, 12, 8), 0.6, 2e-6, SPACING, periodic=True, seed=2)
    mirrored = twin.Volume(volume.labels[:, ::-1], SPACING, volume.phases)
    before = twin.diffusivity_tensor(volume, "pore").matrix
    after = twin.diffusivity_tensor(mirrored, "pore").matrix
    sign = np.array([1, -1, 1])
    assert np.abs(before - np.diag(np.diag(before))).max() > 1e-3
    np.testing.assert_allclose(after, before * np.outer(sign, sign), atol=1e-4)


@pytest.mark.parametrize(
    ("matrix", "asymmetry"),
    [(np.zeros((3, 3)), 0.0), (np.eye(3), 0.0), ([[2, 1, 0], [0, 2, 0], [0, 0, 1]], 0.5)],
)
def test_asymmetry_is_relative(
    oblique: twin.DiffusivityTensor, matrix: Any, asymmetry: float
) -> None:
    tensor = twin.DiffusivityTensor(np.array(matrix, float), oblique.directions)
    assert tensor.asymmetry == asymmetry


def test_text_and_dictionary(oblique: twin.DiffusivityTensor) -> None:
    data = json.loads(json.dumps(oblique.to_dict()))
    assert data["relative_diffusivity_tensor"] == oblique.matrix.tolist()
    assert data["principal_values"] == oblique.principal_values.tolist()
    assert data["sides"] == "periodic"
    lines = oblique.summary().splitlines()
    assert [float(text) for text in lines[2].split()] == pytest.approx(
        oblique.matrix[0].tolist(), abs=1e-6
    )
    assert sum(line.startswith("principal value") for line in lines) == 3
    assert oblique.summary().endswith(oblique.directions.summary())


def test_rows_hold_the_columns(oblique: twin.DiffusivityTensor) -> None:
    for j, row in enumerate(oblique.rows()):
        assert row["axis"] == "xyz"[j]
        column = [row[f"relative_diffusivity_{i}j"] for i in "xyz"]
        assert column == oblique.matrix[:, j].tolist()


def test_fields_and_pictures_are_those_of_the_directions(
    oblique: twin.DiffusivityTensor, tmp_path: Path
) -> None:
    assert [path.name for path in oblique.to_vtk(tmp_path / "o.vti")] == [
        "o_x.vti", "o_y.vti", "o_z.vti",
    ]  # fmt: skip
    assert len(oblique.plot(tmp_path / "o.png").axes) == len(oblique.directions.plot().axes)
    assert oblique.percolates
