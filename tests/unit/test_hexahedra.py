"""Hexahedra: where each voxel's corners are, that touching voxels share them, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.hexahedra import hexahedra
from meshing.volume import Volume
from meshing.voxel_mesh import voxel_mesh

SPACING = (20e-9, 5e-9, 7e-9)


def random_volume(shape: tuple[int, int, int] = (5, 6, 4), seed: int = 0) -> Volume:
    labels = np.random.default_rng(seed).integers(0, 3, shape)
    return Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1, "CBD": 2})


def signed_volumes(points: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Triple product of the edges from corner 0 along x (to 1), y (to 3) and z (to 4)."""
    corner = points[cells]
    edges = corner[:, [1, 3, 4]] - corner[:, [0]]
    return np.linalg.det(edges)


def test_every_voxel_is_a_box_at_its_place() -> None:
    volume = random_volume()
    mesh = hexahedra(volume, ["AM", "CBD"])
    where = np.argwhere(volume.labels > 0)
    corners = mesh.points[mesh.cells]
    assert len(mesh.cells) == len(where)
    assert corners.min(axis=1) == pytest.approx(where * SPACING, rel=1e-14, abs=0)
    assert corners.max(axis=1) == pytest.approx((where + 1) * SPACING, rel=1e-14, abs=0)
    assert signed_volumes(mesh.points, mesh.cells) == pytest.approx(
        np.prod(SPACING), rel=1e-12, abs=0
    )


def test_corners_have_the_order_of_vtk() -> None:
    """VTK's own cell: low z counter-clockwise from the low corner, then high z."""
    mesh = hexahedra(Volume(np.ones((1, 1, 1), int), spacing=(2.0, 3.0, 5.0)), "1")
    expected = [
        (0, 0, 0),
        (2, 0, 0),
        (2, 3, 0),
        (0, 3, 0),
        (0, 0, 5),
        (2, 0, 5),
        (2, 3, 5),
        (0, 3, 5),
    ]
    assert mesh.points[mesh.cells[0]].tolist() == [list(map(float, corner)) for corner in expected]


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 1, 1), (1, 5, 1), (1, 1, 6), (7, 5, 3)])
def test_each_shared_point_is_there_once(shape: tuple[int, int, int]) -> None:
    mesh = hexahedra(Volume(np.ones(shape, int)), "1")
    assert len(mesh.points) == np.prod(np.array(shape) + 1)
    assert len(np.unique(mesh.points, axis=0)) == len(mesh.points)


def test_every_point_is_a_corner_of_a_cell() -> None:
    mesh = hexahedra(random_volume((8, 7, 6), seed=3), "AM")
    assert len(np.unique(mesh.points, axis=0)) == len(mesh.points)
    assert set(mesh.cells.ravel().tolist()) == set(range(len(mesh.points)))


def test_voxels_that_touch_along_an_edge_share_two_points() -> None:
    labels = np.zeros((2, 2, 1), int)
    labels[0, 0, 0] = labels[1, 1, 0] = 1
    mesh = hexahedra(Volume(labels), "1")
    assert len(mesh.points) == 8 + 8 - 2
    assert len(np.intersect1d(*mesh.cells)) == 2


def test_a_marked_voxel_is_found() -> None:
    labels = np.zeros((6, 5, 4), int)
    labels[4, 1, 2] = 1
    mesh = hexahedra(Volume(labels, spacing=SPACING), "1")
    centre = mesh.points[mesh.cells[0]].mean(axis=0)
    assert centre == pytest.approx(np.array([4.5, 1.5, 2.5]) * SPACING, rel=1e-12, abs=0)
    assert np.unravel_index(mesh.voxels[0], mesh.shape) == (4, 1, 2)


def test_labels_and_fields_follow_the_cells() -> None:
    volume = random_volume()
    mesh = hexahedra(volume, ["CBD", "pore"])
    assert (mesh.labels == volume.labels.ravel()[mesh.voxels]).all()
    assert (np.diff(mesh.voxels) > 0).all()
    assert dict(mesh.phases) == {"CBD": (2,), "pore": (0,)}


def test_only_voxels_that_carry_an_unknown() -> None:
    labels = np.zeros((4, 3, 3), int)
    labels[:, 1, 1] = 1
    labels[0, 0, 0] = 1
    volume = Volume(labels, spacing=SPACING)
    active = voxel_mesh(volume, ["1"], axis=0).active()
    assert len(hexahedra(volume, "1").cells) == 5
    assert len(hexahedra(volume, "1", within=active).cells) == 4


def test_a_phase_without_voxels_is_refused() -> None:
    volume = Volume(np.zeros((2, 2, 2), int), phases={"pore": 0, "AM": 1})
    with pytest.raises(InputError, match="there is no voxel of phase AM to mesh"):
        hexahedra(volume, "AM")


def test_a_selection_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(2, 2, 2\) of the volume, found \(2, 2, 3\)"):
        hexahedra(Volume(np.ones((2, 2, 2), int)), "1", within=np.ones((2, 2, 3), bool))
