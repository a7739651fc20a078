"""Stream lines whose course is known: straight, around corners, across periodic sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from support.solving import ANISOTROPIC, TIGHT

import twin
from meshing.errors import InputError

Labels = NDArray[np.uint8]


def solved(labels: Labels, axis: str = "x", sides: str = "no-flux") -> twin.Tortuosity:
    volume = twin.Volume(labels, ANISOTROPIC, {"solid": 0, "pore": 1})
    found = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)  # type: ignore[arg-type]
    assert isinstance(found, twin.Tortuosity)
    return found


def pieces(lines: twin.StreamLines) -> list[NDArray[np.float64]]:
    """Points of each uninterrupted piece, in voxels."""
    parts = np.split(lines.points / lines.result.mesh.spacing, np.flatnonzero(lines.jumps)[1:])
    assert all(len(part) for part in parts)
    return parts


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_lines_through_a_block_are_straight(axis: int) -> None:
    result = solved(np.ones((8, 6, 4), np.uint8), "xyz"[axis])
    lines = twin.streamlines(result, 30)
    assert lines.arrived.all()
    np.testing.assert_allclose(lines.length_ratios, 1.0, rtol=1e-5)
    np.testing.assert_allclose(lines.lengths, result.length, rtol=1e-5)
    np.testing.assert_allclose(lines.flux_over_mean, 1.0, rtol=1e-4)
    for part in pieces(lines):
        assert part[0, axis] == 0.0
        assert part[-1, axis] == pytest.approx(result.mesh.shape[axis], rel=1e-12)
        others = np.delete(part, axis, axis=1)
        np.testing.assert_allclose(others - others[0], 0.0, atol=1e-4)


def test_lines_divide_the_current_into_equal_parts() -> None:
    """Two channels, of 2 and of 6 voxels: a quarter and three quarters of the lines."""
    labels = np.zeros((9, 7, 4), np.uint8)
    labels[:, 0, :2] = 1
    labels[:, 3:6, :2] = 1
    lines = twin.streamlines(solved(labels), 400)
    begins = lines.points[lines.first[:-1]] / ANISOTROPIC
    assert (begins[:, 1] < 1).sum() == 100
    assert ((begins[:, 1] > 3) & (begins[:, 1] < 6)).sum() == 300
    # and in each voxel of a channel evenly
    counts, _ = np.histogram(begins[begins[:, 1] > 3, 1], bins=[3, 4, 5, 6])
    np.testing.assert_array_equal(counts, [100, 100, 100])


@pytest.mark.parametrize("turn", ["y", "z"])
def test_around_a_corner_lines_are_hyperbolas(turn: str) -> None:
    """Flux enters a corner voxel by one face and leaves by the next: (1 - p) q is constant."""
    labels = np.zeros((6, 5, 5), np.uint8)
    labels[:3, 1, 1] = 1
    along = (slice(1, 4), 1) if turn == "y" else (1, slice(1, 4))
    labels[(2, *along)] = 1
    labels[(slice(2, 6), *((3, 1) if turn == "y" else (1, 3)))] = 1
    lines = twin.streamlines(solved(labels), 25)
    assert lines.arrived.all()
    across = "xyz".index(turn)
    for part in pieces(lines):
        part = part - 1.0  # the corner is voxel 2 of x and 1 of the other axis
        start, end = part[0, across], part[-1, across]
        crossing = part[np.isclose(part[:, across], 1.0, atol=1e-9)]  # out of the corner voxel
        assert crossing[0, 0] - 1.0 == pytest.approx(1.0 - start, abs=1e-4)
        assert end - 2.0 == pytest.approx(start, abs=1e-4)  # the second corner turns it back


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
def test_no_line_leaves_what_conducts(sides: str) -> None:
    volume = twin.generate.electrode((30, 26, 22), ANISOTROPIC, binder_fraction=0.2, seed=3)
    result: Any = twin.tortuosity(volume, "CBD", "y", sides, solver=TIGHT)  # type: ignore[arg-type]
    active, potential = result.mesh.active(), result.potential()
    lines = twin.streamlines(result, 300)
    assert lines.arrived.all()
    assert (lines.length_ratios > 1).all()
    for part in pieces(lines):
        voxels = np.floor((part[1:] + part[:-1]) / 2).astype(int)  # a step stays in one voxel
        here = tuple(np.minimum(voxels, np.array(active.shape) - 1).T)
        assert active[here].all()
        assert (np.diff(potential[here]) <= 0).all()
    across = np.flatnonzero(lines.jumps)
    assert len(across) == len(lines) if sides == "no-flux" else len(across) > len(lines)


def test_a_line_goes_on_behind_a_periodic_side() -> None:
    labels = np.zeros((7, 6, 1), np.uint8)
    labels[:4, 1] = labels[3, :2] = labels[3, 4:] = labels[3:, 4] = 1
    assert not solved(labels).percolates
    result = solved(labels, sides="periodic")
    lines = twin.streamlines(result, 8)
    assert lines.arrived.all()
    assert lines.jumps.sum() == 2 * len(lines)
    for first, second in zip(pieces(lines)[::2], pieces(lines)[1::2], strict=True):
        assert (first[-1, 1], second[0, 1]) == pytest.approx((0.0, 6.0), abs=1e-12)
        np.testing.assert_allclose(first[-1, [0, 2]], second[0, [0, 2]])
        assert second[-1, 0] == pytest.approx(7.0, rel=1e-12)
    # From y = 1.5 to 0 and from 6 to 4.5: the way across is no part of the length.
    assert (lines.lengths < result.length + 4 * ANISOTROPIC[1]).all()
    mesh = lines.to_pyvista()
    assert mesh.n_cells == 2 * len(lines)
    assert mesh.cell_data["line"].tolist() == np.repeat(np.arange(8), 2).tolist()


def test_many_phases_and_contacts_are_crossed() -> None:
    """The lines follow the faces' own flux, whatever it meets: here two layers and a contact."""
    labels = np.ones((8, 3, 3), np.uint8)
    labels[4:] = 2
    volume = twin.Volume(labels, ANISOTROPIC, {"good": 1, "poor": 2})
    contact = {("good", "poor"): 1e-7}
    result: Any = twin.conduction(
        volume, {"good": 1e6, "poor": 0.1}, "x", contact_resistance=contact, solver=TIGHT
    )
    lines = twin.streamlines(result, 9)
    assert lines.arrived.all()
    np.testing.assert_allclose(lines.length_ratios, 1.0, rtol=1e-5)
    np.testing.assert_allclose(lines.flux_over_mean, 1.0, rtol=1e-3)


def test_the_file_for_paraview(tmp_path: Path) -> None:
    from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

    lines = twin.streamlines(solved(np.ones((8, 6, 4), np.uint8)), 12)
    path = lines.to_vtk(tmp_path / "lines.vtp")
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    found = reader.GetOutput()
    assert found.GetNumberOfCells() == 12
    points = [found.GetPoint(i) for i in range(found.GetNumberOfPoints())]
    np.testing.assert_allclose(points, lines.points, rtol=1e-6)
    ratio = found.GetPointData().GetArray("flux_over_mean")
    assert ratio.GetValue(3) == pytest.approx(1.0, rel=1e-4)
    assert found.GetCellData().GetArray("arrived").GetValue(0) == 1


def test_summary_and_picture(tmp_path: Path) -> None:
    lines = twin.streamlines(solved(np.ones((8, 6, 4), np.uint8)), 12)
    assert "lines: 12, of which 12 reach the high face" in lines.summary()
    assert "1.000 to 1.000, mean 1.000" in lines.summary()
    figure = lines.plot(tmp_path / "lines.png")
    assert isinstance(figure, Figure)
    assert figure.axes[0].get_title() == "pore along x, 12 lines seen along y"
    (drawn,) = figure.axes[0].collections
    assert len(drawn.get_paths()) == len(lines.points) - len(lines)


@pytest.mark.parametrize("shape", [(2, 1, 1), (40, 2, 3), (2, 40, 1)])
def test_thin_volumes_can_be_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    twin.streamlines(solved(np.ones(shape, np.uint8)), 3).plot(tmp_path / "thin.png")


def test_what_cannot_be_followed_is_one_sentence(tmp_path: Path) -> None:
    result = solved(np.ones((4, 3, 2), np.uint8))
    with pytest.raises(InputError, match="is 1 or more, found 0"):
        twin.streamlines(result, 0)
    with pytest.raises(InputError, match=r"suffix \.vtp, found 'a\.vtk'"):
        twin.streamlines(result).to_vtk(tmp_path / "a.vtk")
    closed = np.ones((4, 3, 2), np.uint8)
    closed[2] = 0
    with pytest.raises(twin.NotPercolating, match="no path"):
        twin.streamlines(solved(closed))
