"""VTK images: read back by VTK's own reader, voxel for voxel, with names and units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.export import to_pyvista, write_vti

SPACING = (20e-9, 5e-9, 7e-9)
SHAPE = (4, 3, 2)


@pytest.fixture
def volume() -> twin.Volume:
    labels = np.random.default_rng(0).integers(0, 3, SHAPE)
    return twin.Volume(labels, spacing=SPACING, phases={"porosité": 0, "solid": (1, 2)})


def read(path: Path) -> Any:
    """The image as ParaView reads it; VTK alone, not the library that wrote it."""
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    assert reader.GetErrorCode() == 0
    return reader.GetOutput()


def cell(image: Any, voxel: tuple[int, int, int]) -> int:
    """VTK's number of the cell that holds the middle of a voxel, found by VTK."""
    from vtkmodules.vtkCommonCore import reference

    middle = (np.array(voxel) + 0.5) * SPACING
    found = image.FindCell(middle, None, 0, 0.0, reference(0), [0.0] * 3, [0.0] * 8)
    assert found >= 0
    return int(found)


def test_every_voxel_comes_back_at_its_place(volume: twin.Volume, tmp_path: Path) -> None:
    scalar = np.random.default_rng(1).random(SHAPE)
    vector = np.random.default_rng(2).random((*SHAPE, 3)).astype(np.float32)
    path = write_vti(tmp_path / "a.vti", volume, {"c": scalar, "flux": vector})
    image = read(path)
    data = image.GetCellData()
    assert image.GetNumberOfCells() == volume.labels.size
    for voxel in np.ndindex(SHAPE):
        number = cell(image, voxel)
        assert data.GetArray("phase").GetValue(number) == volume.labels[voxel]
        assert data.GetArray("c").GetValue(number) == np.float32(scalar[voxel])
        assert data.GetArray("flux").GetTuple3(number) == tuple(vector[voxel].tolist())


def test_a_marked_voxel_is_found(tmp_path: Path) -> None:
    labels = np.zeros((6, 5, 4), int)
    labels[4, 1, 2] = 1
    image = read(write_vti(tmp_path / "a.vti", twin.Volume(labels, spacing=SPACING)))
    phase = image.GetCellData().GetArray("phase")
    (number,) = (i for i in range(labels.size) if phase.GetValue(i) == 1)
    bounds = image.GetCell(number).GetBounds()
    low, high = np.array([4, 1, 2]) * SPACING, np.array([5, 2, 3]) * SPACING
    assert bounds[::2] == pytest.approx(low, rel=1e-12, abs=0)
    assert bounds[1::2] == pytest.approx(high, rel=1e-12, abs=0)


def test_spacing_and_origin(volume: twin.Volume, tmp_path: Path) -> None:
    image = read(write_vti(tmp_path / "a.vti", volume))
    assert image.GetSpacing() == SPACING
    assert image.GetOrigin() == (0, 0, 0)
    assert image.GetDimensions() == tuple(n + 1 for n in SHAPE)


def test_numbers_are_stored_compactly(volume: twin.Volume, tmp_path: Path) -> None:
    arrays = {"c": np.ones(SHAPE), "inside": np.ones(SHAPE, bool), "count": np.ones(SHAPE, "i4")}
    data = read(write_vti(tmp_path / "a.vti", volume, arrays)).GetCellData()
    kinds = {name: data.GetArray(name).GetDataTypeAsString() for name in ("phase", *arrays)}
    assert kinds == {
        "phase": "unsigned char",
        "c": "float",
        "inside": "unsigned char",
        "count": "int",
    }


def test_files_are_compressed(tmp_path: Path) -> None:
    flat = twin.Volume(np.zeros((40, 40, 40), int))
    path = write_vti(tmp_path / "a.vti", flat, {"c": np.zeros((40, 40, 40))})
    assert path.stat().st_size < 40**3


def test_no_value_is_nan(volume: twin.Volume, tmp_path: Path) -> None:
    values = np.where(volume.labels == 0, 0.5, np.nan)
    image = read(write_vti(tmp_path / "a.vti", volume, {"c": values}))
    array = image.GetCellData().GetArray("c")
    found = {voxel: array.GetValue(cell(image, voxel)) for voxel in np.ndindex(SHAPE)}
    assert {v for v, value in found.items() if np.isnan(value)} == set(
        map(tuple, np.argwhere(volume.labels > 0).tolist())
    )


def test_names_and_units_go_with_the_file(volume: twin.Volume, tmp_path: Path) -> None:
    arrays = {"c": np.ones(SHAPE), "flux": np.ones((*SHAPE, 3))}
    path = write_vti(tmp_path / "a.vti", volume, arrays, {"flux": "mol/(m² s)"})
    data = read(path).GetFieldData()

    def column(name: str) -> list[Any]:
        array = data.GetAbstractArray(name)
        return [array.GetValue(i) for i in range(array.GetNumberOfValues())]

    assert list(zip(column("phase_name"), column("phase_label"), strict=True)) == [
        ("porosité", 0),
        ("solid", 1),
        ("solid", 2),
    ]
    assert dict(zip(column("array_name"), column("array_unit"), strict=True)) == {
        "c": "",
        "flux": "mol/(m² s)",
    }
    assert column("length_unit") == ["m"]


def test_unknown_spacing_is_said(tmp_path: Path) -> None:
    image = read(write_vti(tmp_path / "a.vti", twin.Volume(np.zeros(SHAPE, int))))
    assert image.GetFieldData().GetAbstractArray("length_unit").GetValue(0) == "voxel"


def test_paraview_colours_by_the_first_field(volume: twin.Volume, tmp_path: Path) -> None:
    plain = read(write_vti(tmp_path / "a.vti", volume))
    with_field = read(write_vti(tmp_path / "b.vti", volume, {"c": np.ones(SHAPE)}))
    assert plain.GetCellData().GetScalars().GetName() == "phase"
    assert with_field.GetCellData().GetScalars().GetName() == "c"


def test_a_pyvista_image_has_the_volume_of_each_phase(volume: twin.Volume) -> None:
    image = to_pyvista(volume)
    pores = image.threshold([0, 0], scalars="phase")
    assert pores.n_cells == volume.voxel_count("porosité")
    assert image.volume == pytest.approx(np.prod(SHAPE) * np.prod(SPACING), rel=1e-12, abs=0)


def test_an_image_one_voxel_thick(tmp_path: Path) -> None:
    labels = np.arange(6).reshape(3, 2)
    image = read(write_vti(tmp_path / "a.vti", twin.Volume(labels)))
    phase = image.GetCellData().GetArray("phase")
    assert [phase.GetValue(i) for i in range(6)] == [0, 2, 4, 1, 3, 5]


def test_a_failure_leaves_the_old_file_and_nothing_else(
    volume: twin.Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vtkmodules import vtkIOXML

    class FullDisk(vtkIOXML.vtkXMLImageDataWriter):
        def Write(self) -> int:  # noqa: N802
            Path(self.GetFileName()).write_bytes(b"half of")
            return 0

    target = tmp_path / "a.vti"
    target.write_text("yesterday's")
    monkeypatch.setattr(vtkIOXML, "vtkXMLImageDataWriter", FullDisk)
    with pytest.raises(InputError, match=r"annot write .*a\.vti"):
        write_vti(target, volume)
    assert [file.name for file in tmp_path.iterdir()] == ["a.vti"]
    assert target.read_text() == "yesterday's"


@pytest.mark.parametrize(
    ("arrays", "units", "sentence"),
    [
        ({"c": np.ones((2, 3, 4))}, {}, r"array 'c' must have the shape \(4, 3, 2\)"),
        ({"c": np.ones((4, 3, 2, 2))}, {}, r"3 components where it is a vector; found"),
        ({"c": np.ones(SHAPE, complex)}, {}, "must hold real numbers, found complex128"),
        ({"phase": np.ones(SHAPE)}, {}, "the name 'phase' is taken by the labels"),
        (
            {"c": np.ones(SHAPE)},
            {"d": "V"},
            "there is no array 'd' for the unit; the arrays are: c",
        ),
    ],
)
def test_wrong_arrays_are_refused(
    arrays: dict[str, Any],
    units: dict[str, str],
    sentence: str,
    volume: twin.Volume,
    tmp_path: Path,
) -> None:
    with pytest.raises(InputError, match=sentence):
        write_vti(tmp_path / "a.vti", volume, arrays, units)
    assert not any(tmp_path.iterdir())


def test_another_suffix_is_refused(volume: twin.Volume, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has the suffix \.vti, found 'a\.vtk'"):
        write_vti(tmp_path / "a.vtk", volume)


def test_a_missing_folder_is_refused(volume: twin.Volume, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"annot write .*there is no folder"):
        write_vti(tmp_path / "missing" / "a.vti", volume)
