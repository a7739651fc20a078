"""The numbers, tables, files and fields of results."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import twin
from meshing.generate import blobs, channels
from twin.files import write_csv

SPACING = (2e-6, 0.5e-6, 1e-6)


def solve(volume: twin.Volume, axes: str, sides: Any = "no-flux") -> twin.Directions:
    found = twin.tortuosity(volume, "pore", axes, sides)
    return twin.Directions({found.axis: found}) if isinstance(found, twin.Tortuosity) else found


@pytest.fixture(scope="module")
def directions() -> twin.Directions:
    return solve(twin.generate.electrode((12, 16, 14), SPACING, seed=4), "xyz")


@pytest.fixture(scope="module")
def closed() -> twin.Directions:
    return solve(channels((8, 8, 8), "x", 2, 4, SPACING), "xy")


def face_flux(
    c: NDArray[np.float32], axis: int, driven: int, periodic: bool, h: float
) -> NDArray[np.float64]:
    """Flux through the low face of each voxel and the last high face, voxel by voxel."""
    c = np.moveaxis(c.astype(np.float64), axis, 0)
    faces = np.zeros((c.shape[0] + 1, *c.shape[1:]))
    for k in range(1, c.shape[0]):
        faces[k] = np.nan_to_num((c[k - 1] - c[k]) / h)
    if axis == driven:
        faces[0] = np.nan_to_num((1.0 - c[0]) / (h / 2))
        faces[-1] = np.nan_to_num(c[-1] / (h / 2))
    elif periodic:
        faces[0] = faces[-1] = np.nan_to_num((c[-1] - c[0]) / h)
    return np.moveaxis(faces, 0, axis)


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("axis", "xyz")
def test_flux_is_the_mean_of_two_faces(axis: str, sides: str) -> None:
    result = solve(blobs((7, 9, 8), 0.6, 1.5e-6, SPACING, seed=3), axis, sides)[axis]
    c, flux, driven = result.concentration(), result.flux(), "xyz".index(axis)
    assert flux.shape == (7, 9, 8, 3) and flux.dtype == np.float32
    for a in range(3):
        faces = face_flux(c, a, driven, sides == "periodic", SPACING[a])
        low, high = faces.take(range(c.shape[a]), a), faces.take(range(1, c.shape[a] + 1), a)
        expected = np.where(np.isnan(c), 0.0, (low + high) / 2)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(flux[..., a], expected, rtol=1e-4, atol=1e-4 * scale)


@pytest.mark.parametrize("axis", "xyz")
def test_mean_flux_is_the_diffusivity(directions: twin.Directions, axis: str) -> None:
    result, a = directions[axis], "xyz".index(axis)
    length = result.volume.shape[a] * SPACING[a]
    mean = result.flux()[..., a].mean(dtype=np.float64) * length
    assert mean == pytest.approx(result.relative_diffusivity, rel=1e-4)


def test_concentration_lies_between_the_faces_and_only_where_flux_passes(
    directions: twin.Directions,
) -> None:
    for result in directions:
        c = result.concentration()
        active = result.mesh.active()
        assert c.dtype == np.float32
        np.testing.assert_array_equal(~np.isnan(c), active)
        assert c[active].min() > 0.0 and c[active].max() < 1.0
        low = c.take(0, "xyz".index(result.axis))
        assert np.nanmean(low) > 0.5  # c = 1 on the low face


def test_a_closed_axis_has_empty_fields(closed: twin.Directions) -> None:
    assert np.isnan(closed["y"].concentration()).all()
    assert closed["y"].concentration().shape == (8, 8, 8)
    assert not closed["y"].flux().any()


def test_numbers_agree_with_each_other(directions: twin.Directions) -> None:
    for t in directions:
        assert t.macmullin_number == pytest.approx(1 / t.relative_diffusivity, rel=1e-12)
        assert t.tortuosity_factor == pytest.approx(t.volume_fraction * t.macmullin_number)
        assert t.volume_fraction == t.volume.volume_fraction("pore")
        assert 0 < t.percolating_fraction <= t.accessible_fraction <= 1
        assert t.seconds == t.seconds_solving + t.seconds_compiling


def test_a_dictionary_says_what_the_attributes_say(directions: twin.Directions) -> None:
    for t in directions:
        data = t.to_dict()
        assert data["shape"] == [12, 16, 14] and data["spacing"] == list(SPACING)
        plain = {"phase", "axis", "tortuosity_factor", "iterations", "accessible_fraction"}
        assert {key: data[key] for key in plain} == {key: getattr(t, key) for key in plain}
        assert json.loads(json.dumps(data)) == data


def test_directions_share_what_is_the_same(directions: twin.Directions) -> None:
    data = directions.to_dict()
    assert list(data["directions"]) == ["x", "y", "z"]
    for t in directions:
        shared = {key: value for key, value in data.items() if key != "directions"}
        assert {**shared, "axis": t.axis, **data["directions"][t.axis]} == t.to_dict()


def test_rows_are_flat_and_alike(directions: twin.Directions) -> None:
    rows = directions.rows()
    assert [row["axis"] for row in rows] == ["x", "y", "z"]
    assert all(list(row) == list(rows[0]) for row in rows)
    assert not any(isinstance(value, list | dict) for row in rows for value in row.values())
    assert [rows[0][f"spacing_{a}"] for a in "xyz"] == list(SPACING)


def test_the_summary_has_a_line_for_each_axis(directions: twin.Directions) -> None:
    title, blank, head, *lines = directions.summary().splitlines()
    assert title.startswith(
        "Tortuosity factor of pore: 12 x 16 x 14 voxels of 2 µm x 500 nm x 1 µm"
    )
    assert not blank
    assert head.split()[:4] == ["axis", "tau", "N_M", "D_eff/D0"]
    for t, line in zip(directions, lines, strict=True):
        cells = line.split()
        assert cells[0] == t.axis
        assert float(cells[1]) == pytest.approx(t.tortuosity_factor, rel=1e-5)
        assert float(cells[3]) == pytest.approx(t.relative_diffusivity, rel=1e-5)
    assert directions["x"].summary().splitlines()[-1] == lines[0]


def test_the_summary_says_why_an_axis_is_closed(closed: twin.Directions) -> None:
    *_, line, reason = closed.summary().splitlines()
    assert line.split()[:4] == ["y", "inf", "inf", "0.00000"]
    assert reason == f"y: {closed['y'].reason}"
    assert not closed.percolates
    assert closed["y"].to_dict()["tortuosity_factor"] == math.inf


def read_with_vtk(path: Path) -> Any:
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def cells(image: Any, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Values of a cell array by voxel: VTK stores x fastest."""
    from vtkmodules.util.numpy_support import vtk_to_numpy

    values = vtk_to_numpy(image.GetCellData().GetArray(name))
    return np.stack(
        [part.reshape(shape, order="F") for part in values.reshape(len(values), -1).T], axis=-1
    )


def test_vtk_reads_the_fields_that_were_written(
    directions: twin.Directions, tmp_path: Path
) -> None:
    written = directions.to_vtk(tmp_path / "pore.vti")
    assert [path.name for path in written] == ["pore_x.vti", "pore_y.vti", "pore_z.vti"]
    for path, t in zip(written, directions, strict=True):
        image, shape = read_with_vtk(path), t.volume.shape
        assert image.GetSpacing() == pytest.approx(SPACING)
        assert image.GetDimensions() == tuple(n + 1 for n in shape)
        np.testing.assert_array_equal(cells(image, "phase", shape)[..., 0], t.volume.labels)
        np.testing.assert_array_equal(
            cells(image, "concentration", shape)[..., 0], t.concentration()
        )
        np.testing.assert_array_equal(cells(image, "flux", shape), t.flux())


def test_a_closed_axis_can_be_looked_at_too(closed: twin.Directions, tmp_path: Path) -> None:
    path = closed["y"].to_vtk(tmp_path / "closed.vti")
    assert np.isnan(cells(read_with_vtk(path), "concentration", (8, 8, 8))).all()


def test_rows_make_a_csv_that_reads_back(directions: twin.Directions, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w") as file:
        write_csv(file, directions.rows())
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["tortuosity_factor"]) for row in rows] == [
        t.tortuosity_factor for t in directions
    ]
