"""Lines where three phases meet: against every edge looked at by brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.triple_lines import count_triple_edges, triple_lines
from meshing.volume import Volume

SPACING = (20e-9, 5e-9, 7e-9)
PHASES = {"pore": 0, "AM": 1, "CBD": 2, "Li": 3}


def brute_force(labels: np.ndarray, periodic: str) -> dict[tuple[tuple[int, ...], int], set[int]]:
    """Start and axis of every edge at which three labels meet, with the labels."""
    found = {}
    for voxel in np.ndindex(labels.shape):
        for axis in range(3):
            a, b = (other for other in range(3) if other != axis)
            around = []
            for back_a in (0, 1):
                for back_b in (0, 1):
                    near = list(voxel)
                    near[a] -= back_a
                    near[b] -= back_b
                    around.append(near)
            outside = [
                near[i] < 0 and "xyz"[i] not in periodic for near in around for i in range(3)
            ]
            meeting = {int(labels[tuple(near)]) for near in around}  # -1 is the last voxel
            if not any(outside) and len(meeting) > 2:
                found[voxel, axis] = meeting
    return found


@pytest.mark.parametrize("periodic", ["", "x", "yz", "xyz"])
@pytest.mark.parametrize("shape", [(5, 4, 3), (2, 2, 2), (1, 6, 2), (4, 1, 1), (6, 7, 5)])
def test_edges_are_those_of_brute_force(shape: tuple[int, int, int], periodic: str) -> None:
    labels = np.random.default_rng(sum(shape)).integers(0, 4, shape)
    volume = Volume(labels, SPACING, PHASES)
    expected = brute_force(labels, periodic)
    lines = triple_lines(volume, periodic)
    assert len(lines) == count_triple_edges(volume, periodic) == len(expected)

    starts = map(tuple, lines.corners[lines.edges[:, 0]].tolist())
    bits = [{p for p in range(4) if mask >> p & 1} for mask in lines.phases.tolist()]
    listed = dict(zip(zip(starts, lines.axes.tolist(), strict=True), bits, strict=True))
    assert listed == expected
    for name, numbers in zip(combinations(PHASES, 3), combinations(range(4), 3), strict=True):
        meeting = [axis for (_, axis), at in expected.items() if set(numbers) <= at]
        length = sum(SPACING[axis] for axis in meeting)
        assert lines.between(*name).edges == pytest.approx(length, rel=1e-12, abs=1e-30)
    total = sum(SPACING[axis] for _, axis in expected)
    assert lines.total.edges == pytest.approx(total, rel=1e-12, abs=1e-30)


def test_the_two_ends_of_an_edge_are_neighbours() -> None:
    labels = np.random.default_rng(1).integers(0, 3, (5, 6, 4))
    lines = triple_lines(Volume(labels), "y")
    low, high = lines.corners[lines.edges[:, 0]], lines.corners[lines.edges[:, 1]]
    step = np.zeros_like(low)
    step[np.arange(len(lines)), lines.axes] = 1
    end = low + step
    end[:, 1] %= 6
    assert (high == end).all()


def wedges(shape: tuple[int, int, int]) -> np.ndarray:
    """Three sectors around the middle of the last two axes."""
    y, z = np.mgrid[: shape[1], : shape[2]] - np.array(shape[1:])[:, None, None] / 2 + 0.5
    sector = (3 * np.arctan2(y, z) / (2 * np.pi) % 3).astype(np.uint8)
    return np.repeat(sector[None], shape[0], axis=0)


@pytest.mark.parametrize("periodic", ["", "x"])
def test_a_straight_line_has_its_length(periodic: str) -> None:
    volume = Volume(wedges((6, 14, 14)), SPACING)
    total = triple_lines(volume, periodic).total
    exact = 6 * SPACING[0]
    assert total.edges == pytest.approx(exact, rel=1e-12)
    assert total.corrected == pytest.approx(2 / 3 * exact, rel=1e-12)
    assert total.smooth == pytest.approx(exact, rel=0.02)


def test_in_a_flat_image_lines_stand_upright_and_need_no_correction() -> None:
    volume = Volume(wedges((1, 14, 14)), SPACING)
    total = triple_lines(volume).total
    assert total.corrected == total.edges == pytest.approx(SPACING[0], rel=1e-12)
    assert total.smooth == pytest.approx(SPACING[0], rel=0.02)


def test_percolating_where_all_three_phases_join_the_faces() -> None:
    """A film that ends half-way: its line runs along x, and the film reaches one face only."""
    labels = np.zeros((8, 6, 6), np.uint8)
    labels[:, :3] = 1
    labels[:, 3, :3] = 2  # film on a wall, along x and half of z
    through = triple_lines(Volume(labels)).total
    assert through.percolating_fraction == (1.0, 0.0, 0.0)
    labels[7, 3] = 0  # it no longer joins the faces of x
    assert triple_lines(Volume(labels)).total.percolating_fraction == (0.0, 0.0, 0.0)
    labels[7, 3, :3] = 2
    labels[:, 4, 0] = 2  # a bridge of the film to the far side of y
    labels[:, 5, 0] = 2
    fractions = triple_lines(Volume(labels)).total.percolating_fraction
    assert fractions[0] == 1.0


@pytest.mark.parametrize("periodic", ["", "z", "xyz"])
def test_the_map_has_the_mean_of_the_lines(periodic: str) -> None:
    labels = np.random.default_rng(2).integers(0, 4, (9, 7, 8))
    volume = Volume(np.kron(labels, np.ones((2, 2, 2), int)), SPACING)
    lines = triple_lines(volume, periodic)
    density = lines.density()
    assert density.shape == volume.shape and density.dtype == np.float32
    box = volume.labels.size * np.prod(SPACING)
    assert density.mean(dtype=float) == pytest.approx(lines.total.smooth / box, rel=1e-5)


def test_smooth_lengths_wrap_around() -> None:
    """A periodic image that is shifted around has the same lines."""
    labels = np.kron(np.random.default_rng(3).integers(0, 3, (5, 5, 5)), np.ones((2, 2, 2), int))
    here = triple_lines(Volume(labels, SPACING), "xyz").total
    shifted = np.roll(labels, (3, 1, 4), axis=(0, 1, 2))
    there = triple_lines(Volume(shifted, SPACING), "xyz").total
    assert there.smooth == pytest.approx(here.smooth, rel=1e-12)
    assert there.edges == pytest.approx(here.edges, rel=1e-12)


def test_two_phases_have_no_lines() -> None:
    lines = triple_lines(Volume(np.random.default_rng(4).integers(0, 2, (6, 6, 6))))
    assert len(lines) == 0
    assert (lines.total.edges, lines.total.smooth) == (0.0, 0.0)
    assert np.isnan(lines.total.percolating_fraction).all()
    assert not lines.density().any()


def test_lines_to_draw_stay_near_their_edges() -> None:
    labels = np.random.default_rng(5).integers(0, 3, (6, 7, 8))
    lines = triple_lines(Volume(labels, (1.0, 2.0, 3.0)), "x")
    mesh = lines.to_pyvista()
    inside = lines.corners[lines.edges[:, 1], 0] > 0
    crossing = (lines.axes == 0) & ~inside
    assert mesh.n_lines == len(lines) - crossing.sum()
    moved = mesh.points / (1.0, 2.0, 3.0) - lines.corners
    assert 0.1 < np.abs(moved).max() < 2.0
    assert set(np.unique(mesh.cell_data["phases"])) == {0b111}


def test_what_cannot_be_asked_is_refused() -> None:
    lines = triple_lines(Volume([[0, 1], [2, 1]], phases={"pore": 0, "AM": 1, "CBD": 2}))
    with pytest.raises(InputError, match=r"there is no phase 'por'.*did you mean 'pore'"):
        lines.between("por", "AM", "CBD")
    with pytest.raises(InputError, match="name three different ones"):
        lines.between("pore", "AM", "AM")
