"""Voxels on no path between the driven faces: by hand, by NetworkX, and where no current runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import reference
from support.paths import on_a_path

import meshing.dead_ends
import twin
from meshing.dead_ends import dead_ends

Image = NDArray[np.bool_]


def mesh_of(image: Image, axis: int, sides: str = "no-flux") -> twin.VoxelMesh:
    volume = twin.Volume(image.astype(np.uint8), (20e-9, 5e-9, 8e-9), {"pore": 1})
    return twin.voxel_mesh(volume, ["pore"], axis, sides)  # type: ignore[arg-type]


def turned(image: Image, axis: int) -> Image:
    """The same image with what ran along x along another axis."""
    return np.moveaxis(image, 0, axis)


@st.composite
def images(draw: st.DrawFn) -> tuple[Image, int, str]:
    shape = draw(st.tuples(*[st.integers(1, 6)] * 3))
    axis = draw(st.integers(0, 2))
    shape = tuple(max(n, 2) if a == axis else n for a, n in enumerate(shape))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = random.random(shape) < draw(st.sampled_from([0.4, 0.5, 0.6, 0.8]))
    image[(0,) * 3] = True  # a phase without voxels is refused
    return image, axis, draw(st.sampled_from(["no-flux", "periodic"]))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_pocket_behind_one_voxel_is_a_dead_end(axis: int) -> None:
    image = np.zeros((7, 5, 3), np.bool_)
    image[:, 0, 0] = True  # the channel
    image[3, 1:4, 0] = True  # the pocket, with a room at its end
    image[2:5, 3:5, :] = True
    image = turned(image, axis)
    dead = dead_ends(mesh_of(image, axis))
    channel = turned(np.zeros((7, 5, 3), np.bool_), axis)
    np.moveaxis(channel, axis, 0)[:, 0, 0] = True
    np.testing.assert_array_equal(dead.mask(), image & ~channel)
    assert dead.voxels == 2 + 3 * 2 * 3
    assert dead.fraction == dead.voxels / image.sum()


def test_a_pocket_with_two_mouths_is_on_a_path() -> None:
    image = np.zeros((7, 5, 1), np.bool_)
    image[:, 0] = image[2, :] = image[4, :] = image[2:5, 4] = True
    assert dead_ends(mesh_of(image, 0)).voxels == 0
    image[3, 4] = False  # the loop is opened: two arms that lead nowhere
    assert dead_ends(mesh_of(image, 0)).voxels == 8


def test_a_loop_that_hangs_on_one_voxel_is_a_dead_end() -> None:
    image = np.zeros((9, 6, 1), np.bool_)
    image[:, 0] = image[4, 1:3] = True
    image[2:7, 2:6] = True
    image[3:6, 3:5] = False
    assert dead_ends(mesh_of(image, 0)).voxels == 1 + 5 * 4 - 3 * 2


def test_both_arms_of_a_ring_are_on_a_path() -> None:
    image = np.ones((6, 5, 1), np.bool_)
    image[1:5, 1:4] = False
    assert dead_ends(mesh_of(image, 0)).voxels == 0


def test_two_doors_in_one_face_are_two_ways_in() -> None:
    image = np.zeros((4, 3, 1), np.bool_)
    image[:, 0] = image[0, :] = True
    # The row along the face is joined to it voxel by voxel: each is a way in, and none a dead end.
    assert dead_ends(mesh_of(image, 0)).voxels == 0
    assert dead_ends(mesh_of(image[:, ::-1], 0)).voxels == 0


def test_periodic_sides_open_a_second_way() -> None:
    image = np.zeros((5, 4, 1), np.bool_)
    image[:, 0] = image[1, :] = True
    assert dead_ends(mesh_of(image, 0, "periodic")).voxels == 3  # back to the voxel it left
    image[1, 3] = False
    image[1:4, 2] = image[3, 3] = True
    assert dead_ends(mesh_of(image, 0)).voxels == 5
    assert dead_ends(mesh_of(image, 0, "periodic")).voxels == 0


def test_a_mesh_that_does_not_percolate_has_none() -> None:
    image = np.zeros((4, 3, 2), np.bool_)
    image[:2] = True
    dead = dead_ends(mesh_of(image, 0))
    assert (dead.voxels, dead.fraction) == (0, 0.0)
    assert not dead.mask().any()


@given(images())
@settings(max_examples=300)
def test_blocks_are_those_of_networkx(case: tuple[Image, int, str]) -> None:
    image, axis, sides = case
    mesh = mesh_of(image, axis, sides)
    conducts = mesh.active()
    expected = conducts & ~on_a_path(conducts, axis, sides == "periodic")
    dead = dead_ends(mesh)
    np.testing.assert_array_equal(dead.mask(), expected)
    assert dead.voxels == expected.sum()


@given(images())
@settings(max_examples=100)
def test_dead_ends_are_where_no_current_runs(case: tuple[Image, int, str]) -> None:
    """With conductivities at random no two paths balance, so current runs on every path."""
    image, axis, sides = case
    mesh = mesh_of(image, axis, sides)
    k = np.random.default_rng(7).lognormal(size=image.shape) * image
    largest = _largest_currents(k, axis, sides)
    carries = largest > 1e-9 * max(largest.max(), 1e-300)
    np.testing.assert_array_equal(mesh.active() & ~dead_ends(mesh).mask(), carries)


def _largest_currents(k: NDArray[np.float64], axis: int, sides: str) -> NDArray[np.float64]:
    """The largest current through any face of each voxel, by a direct solve."""
    found = reference.solve(k, axis=axis, sides=sides)
    u, k = np.nan_to_num(found.potential), k * found.driven
    largest = np.zeros(k.shape)
    along, u_along, k_along = (np.moveaxis(field, axis, 0) for field in (largest, u, k))
    along[0] = 2 * k_along[0] * np.abs(1 - u_along[0])
    along[-1] = np.maximum(along[-1], 2 * k_along[-1] * np.abs(u_along[-1]))
    for a in range(3):
        p, q, g = reference.faces(k, (1.0,) * 3, a, sides == "periodic" and a != axis)
        current = g * np.abs(u.ravel()[p] - u.ravel()[q])
        np.maximum.at(largest.reshape(-1), p, current)
        np.maximum.at(largest.reshape(-1), q, current)
    return largest


def test_long_rows_cross_words() -> None:
    """Members are found by counting bits in words of 16 voxels."""
    random = np.random.default_rng(3)
    image = random.random((5, 4, 50)) < 0.55
    for axis in range(3):
        mesh = mesh_of(image, axis)
        expected = mesh.active() & ~on_a_path(mesh.active(), axis, False)
        np.testing.assert_array_equal(dead_ends(mesh).mask(), expected)


def test_eight_byte_numbers_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meshes of 2^31 voxels take them; the smaller ones here are told to."""
    mesh = mesh_of(np.random.default_rng(5).random((20, 20, 20)) < 0.4, 2)
    expected = dead_ends(mesh)
    assert 0 < expected.voxels < mesh.spanning_voxels
    monkeypatch.setattr(meshing.dead_ends, "_index_type", lambda voxels: np.int64)
    np.testing.assert_array_equal(dead_ends(mesh).words, expected.words)


@pytest.mark.parametrize(("voxels", "kind"), [(2**31 - 3, np.int32), (2**31 - 2, np.int64)])
def test_numbers_are_wide_enough(voxels: int, kind: type) -> None:
    assert meshing.dead_ends._index_type(voxels) is kind
