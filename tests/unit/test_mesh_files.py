"""Mesh files: read back by other readers, whole or not there, and one sentence for wrong use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshing.abaqus import set_names
from meshing.errors import InputError
from meshing.hexahedra import HexahedralMesh, hexahedra
from meshing.mesh_files import write_mesh
from meshing.surfaces import Surface, surface
from meshing.volume import Volume

SPACING = (2e-6, 0.5e-6, 0.7e-6)


@pytest.fixture
def volume() -> Volume:
    labels = np.random.default_rng(0).integers(0, 3, (6, 5, 4))
    return Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1, "CBD": 2})


@pytest.fixture
def mesh(volume: Volume) -> HexahedralMesh:
    return hexahedra(volume, ["pore", "CBD"])


@pytest.fixture
def wall(volume: Volume) -> Surface:
    return surface(volume, "AM")


def field(volume: Volume) -> np.ndarray:
    """Different in every voxel: 100 x + 10 y + z."""
    x, y, z = np.indices(volume.shape)
    return (100 * x + 10 * y + z).astype(np.float64)


def places(points: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The number of `field` for the voxel in which each cell's middle lies."""
    x, y, z = np.floor(points[cells].mean(axis=1) / SPACING).astype(int).T
    return 100 * x + 10 * y + z


def read(path: Path) -> Any:
    import meshio

    return meshio.read(path)


@pytest.mark.parametrize("name", ["m.vtu", "m.xdmf", "m.msh"])
def test_cells_and_fields_come_back(
    name: str, volume: Volume, mesh: HexahedralMesh, tmp_path: Path
) -> None:
    values = field(volume)
    vectors = np.stack([values, 2 * values, 3 * values], axis=-1).astype(np.float32)
    path = write_mesh(tmp_path / name, mesh, {"value": values, "flux": vectors})
    found = read(path)
    (block,) = found.cells
    assert block.type == "hexahedron"
    assert found.points == pytest.approx(mesh.points, rel=1e-10, abs=0)
    assert (block.data == mesh.cells).all()
    expected = places(mesh.points, mesh.cells)
    assert (found.cell_data["value"][0].ravel() == expected).all()
    assert (found.cell_data["flux"][0] == np.outer(expected, [1, 2, 3])).all()
    assert (found.cell_data["phase"][0].ravel() == mesh.labels).all()


@pytest.mark.parametrize("name", ["m.vtu", "m.xdmf"])
def test_vtk_and_paraview_s_readers_see_boxes_in_their_place(
    name: str, volume: Volume, mesh: HexahedralMesh, tmp_path: Path
) -> None:
    import pyvista
    from vtkmodules.vtkIOXdmf2 import vtkXdmfReader
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridReader

    reader = vtkXdmfReader() if name.endswith("xdmf") else vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(write_mesh(tmp_path / name, mesh, {"value": field(volume)})))
    reader.Update()
    grid = pyvista.wrap(reader.GetOutputDataObject(0))
    assert grid.n_cells == len(mesh.cells)
    sizes = grid.compute_cell_sizes(length=False, area=False)["Volume"]
    assert sizes == pytest.approx(np.prod(SPACING), rel=1e-6, abs=0)  # negative when inside out
    x, y, z = np.floor(grid.cell_centers().points / np.float32(SPACING)).astype(int).T
    assert (grid.cell_data["value"] == 100 * x + 10 * y + z).all()


def test_gmsh_has_a_named_group_for_each_phase(mesh: HexahedralMesh, tmp_path: Path) -> None:
    found = read(write_mesh(tmp_path / "m.msh", mesh))
    assert {name: tuple(value) for name, value in found.field_data.items()} == {
        "pore": (1, 3),
        "CBD": (2, 3),
    }
    group = found.cell_data["gmsh:physical"][0]
    assert (group == np.where(mesh.labels == 0, 1, 2)).all()


def test_abaqus_has_an_element_set_for_each_phase(mesh: HexahedralMesh, tmp_path: Path) -> None:
    path = write_mesh(tmp_path / "m.inp", mesh)
    headers = [line for line in path.read_text().splitlines() if line.startswith("*ELEMENT")]
    assert headers == ["*ELEMENT, TYPE=C3D8, ELSET=pore", "*ELEMENT, TYPE=C3D8, ELSET=CBD"]
    found = read(path)
    assert found.points == pytest.approx(mesh.points, rel=1e-9, abs=0)
    pores, binder = (block.data for block in found.cells)
    assert (pores == mesh.cells[mesh.labels == 0]).all()
    assert (binder == mesh.cells[mesh.labels == 2]).all()


@pytest.mark.parametrize("name", ["s.vtu", "s.xdmf", "s.msh", "s.inp"])
def test_triangles_come_back(name: str, wall: Surface, tmp_path: Path) -> None:
    found = read(write_mesh(tmp_path / name, wall))
    (block,) = found.cells
    assert block.type == "triangle"
    assert (block.data == wall.triangles).all()
    assert found.points == pytest.approx(wall.points, rel=1e-9, abs=1e-18)


def test_stl_comes_back_with_normals_that_point_outwards(wall: Surface, tmp_path: Path) -> None:
    import pyvista

    path = write_mesh(tmp_path / "s.stl", wall, unit="1um")
    found = pyvista.read(path)
    assert found.n_cells == len(wall.triangles)
    assert found.n_open_edges == 0
    assert found.volume == pytest.approx(wall.enclosed_volume * 1e18, rel=1e-5, abs=0)
    corners = read(path).points[read(path).cells[0].data]
    turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    enclosed = np.einsum("ij,ij->", corners[:, 0], turned) / 6
    assert enclosed == pytest.approx(wall.enclosed_volume * 1e18, rel=1e-5, abs=0)


def test_lengths_are_in_the_unit_asked_for(mesh: HexahedralMesh, tmp_path: Path) -> None:
    found = read(write_mesh(tmp_path / "m.vtu", mesh, unit="1um"))
    assert found.points == pytest.approx(mesh.points * 1e6, rel=1e-9, abs=0)


def test_the_data_of_xdmf_leave_an_hdf5_file_of_that_name_alone(
    mesh: HexahedralMesh, tmp_path: Path
) -> None:
    tomogram = tmp_path / "cathode.h5"
    tomogram.write_bytes(b"the tomogram itself")
    write_mesh(tmp_path / "cathode.xdmf", mesh)
    assert tomogram.read_bytes() == b"the tomogram itself"
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"cathode.h5", "cathode.xdmf", "cathode.xdmf.h5"}


@pytest.mark.parametrize("name", ["m.vtu", "m.xdmf", "m.msh", "m.inp"])
def test_nothing_is_printed(
    name: str, mesh: HexahedralMesh, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_mesh(tmp_path / name, mesh)
    assert capfd.readouterr() == ("", "")


def test_a_failure_leaves_the_old_file_and_nothing_else(
    mesh: HexahedralMesh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import meshio

    def full_disk(path: Path, *arguments: object) -> None:
        path.write_bytes(b"half of")
        raise OSError(28, "No space left on device")

    target = tmp_path / "m.vtu"
    target.write_text("yesterday's")
    monkeypatch.setattr(meshio.vtu, "write", full_disk)
    with pytest.raises(InputError, match=r"cannot write .*m\.vtu: no space left on device"):
        write_mesh(target, mesh)
    assert [file.name for file in tmp_path.iterdir()] == ["m.vtu"]
    assert target.read_text() == "yesterday's"


def test_an_unknown_suffix_is_refused(mesh: HexahedralMesh, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the suffix '\.obj' is unknown; use \.inp, \.msh, \.stl"):
        write_mesh(tmp_path / "m.obj", mesh)
    assert not any(tmp_path.iterdir())


def test_a_missing_folder_is_refused(mesh: HexahedralMesh, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*m\.vtu: no such file or directory"):
        write_mesh(tmp_path / "missing" / "m.vtu", mesh)


def test_a_folder_in_place_of_the_file_is_refused(mesh: HexahedralMesh, tmp_path: Path) -> None:
    (tmp_path / "m.vtu").mkdir()
    with pytest.raises(InputError, match=r"m\.vtu: it is a folder; give the name of a file"):
        write_mesh(tmp_path / "m.vtu", mesh)


def test_hexahedra_do_not_go_into_stl(mesh: HexahedralMesh, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="STL holds triangles, found hexahedra"):
        write_mesh(tmp_path / "m.stl", mesh)


def test_fields_go_on_hexahedra_only(
    volume: Volume, mesh: HexahedralMesh, wall: Surface, tmp_path: Path
) -> None:
    for name, what in (("m.inp", mesh), ("m.vtu", wall)):
        with pytest.raises(InputError, match="cannot write fields to"):
            write_mesh(tmp_path / name, what, {"value": field(volume)})


def test_a_field_of_another_shape_or_name_is_refused(
    mesh: HexahedralMesh, volume: Volume, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"must have the shape \(6, 5, 4\).*found \(4, 5, 6\)"):
        write_mesh(tmp_path / "m.vtu", mesh, {"value": field(volume).T})
    with pytest.raises(InputError, match="the name 'phase' is taken by the labels"):
        write_mesh(tmp_path / "m.vtu", mesh, {"phase": field(volume)})
    assert not any(tmp_path.iterdir())


def test_a_unit_of_zero_is_refused(mesh: HexahedralMesh, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unit must be a length greater than zero, found '0um'"):
        write_mesh(tmp_path / "m.vtu", mesh, unit="0um")


def test_abaqus_names_that_become_one_are_refused() -> None:
    with pytest.raises(InputError, match="the phases NMC 622, nmc_622 get the same name"):
        set_names(["NMC 622", "nmc_622"])
