"""Meshes to files: VTU, XDMF, Gmsh, Abaqus, and STL for surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.abaqus import write_abaqus
from meshing.errors import InputError
from meshing.hexahedra import HexahedralMesh
from meshing.surfaces import Surface
from meshing.units import Length, length
from meshing.whole_files import whole_files

__all__ = ["write_mesh"]

Mesh = HexahedralMesh | Surface

#: Suffixes of files that hold values on cells beside the mesh.
WITH_FIELDS = (".vtu", ".xdmf", ".msh")

NO_FIELDS: Mapping[str, NDArray[Any]] = MappingProxyType({})


def write_mesh(
    path: str | Path,
    mesh: Mesh,
    fields: Mapping[str, NDArray[Any]] = NO_FIELDS,
    *,
    unit: Length = "1m",
) -> Path:
    """Write a mesh; the suffix of the file chooses the format.

    ========= ==================================================================================
    .vtu      ParaView; labels as cell data ``phase``
    .xdmf     ParaView and other readers of HDF5, which lies beside it as ``NAME.xdmf.h5``; labels
              as cell data ``phase``
    .msh      Gmsh 2.2, binary; each phase is a physical group of its name
    .inp      Abaqus and CalculiX; each phase is an element set of its name, elements are C3D8 or
              S3
    .stl      binary STL, surfaces only; single precision
    ========= ==================================================================================

    The file appears when it is complete; a file of that name is replaced.

    Parameters
    ----------
    path : the file to write.
    mesh : from `hexahedra` or `surface`.
    fields : values of the volume's voxels to store on the cells of a hexahedral mesh, arrays of
        shape (nx, ny, nz) or (nx, ny, nz, 3), with their names (.vtu, .xdmf and .msh).
    unit : length of one unit of the file. Programs that join points closer than some 1e-8 need
        the micrometres of a tomogram as numbers around one: ``unit="1um"``.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the suffix is unknown, the format cannot hold the mesh or its fields, a field does not
        have the shape of the volume, or the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.hexahedra import hexahedra
    >>> from meshing.mesh_files import write_mesh
    >>> from meshing.volume import Volume
    >>> mesh = hexahedra(Volume(np.ones((2, 3, 4), int), spacing="50nm"), "1")
    >>> write_mesh("block.msh", mesh, unit="1um").name
    'block.msh'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            f"cannot write {path} as a mesh: the suffix {suffix!r} is unknown; "
            f"use {', '.join(sorted(_WRITERS))}"
        )
    if suffix == ".stl" and isinstance(mesh, HexahedralMesh):
        raise InputError(
            f"cannot write {path}: STL holds triangles, found hexahedra; write a surface, or "
            "choose .vtu"
        )
    if fields and (suffix not in WITH_FIELDS or isinstance(mesh, Surface)):
        raise InputError(
            f"cannot write fields to {path}; they go on hexahedra in {', '.join(WITH_FIELDS)}"
        )
    scale = length(unit)
    if scale <= 0.0:
        raise InputError(f"the unit must be a length greater than zero, found {unit!r}")
    with whole_files(path) as folder:
        _WRITERS[suffix](folder / path.name, mesh, fields, scale)
    return path


def _write_vtu(path: Path, mesh: Mesh, fields: Mapping[str, NDArray[Any]], scale: float) -> None:
    import meshio

    meshio.vtu.write(path, _meshio(mesh, _cell_data(mesh, fields), scale))


def _write_xdmf(path: Path, mesh: Mesh, fields: Mapping[str, NDArray[Any]], scale: float) -> None:
    """The data get a name of their own: an HDF5 file NAME.h5 may well be the tomogram itself."""
    import meshio

    draft = path.with_name(f"{path.name}.xdmf")
    meshio.xdmf.write(draft, _meshio(mesh, _cell_data(mesh, fields), scale))
    draft.replace(path)


def _write_gmsh(path: Path, mesh: Mesh, fields: Mapping[str, NDArray[Any]], scale: float) -> None:
    import meshio

    group = _groups(mesh)
    data = _cell_data(mesh, fields) | {"gmsh:physical": group, "gmsh:geometrical": group}
    dimension = 3 if isinstance(mesh, HexahedralMesh) else 2
    content = _meshio(mesh, data, scale)
    content.field_data = {
        name: np.array([number, dimension]) for number, name in enumerate(_group_names(mesh), 1)
    }
    meshio.gmsh.write(path, content, fmt_version="2.2", binary=True)


def _write_stl(path: Path, mesh: Mesh, fields: Mapping[str, NDArray[Any]], scale: float) -> None:
    import meshio

    assert isinstance(mesh, Surface)
    a, b, c = (mesh.points[mesh.triangles[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    normals /= np.where(size > 0.0, size, 1.0)
    meshio.stl.write(path, _meshio(mesh, {"facet_normals": normals}, scale), binary=True)


def _write_inp(path: Path, mesh: Mesh, fields: Mapping[str, NDArray[Any]], scale: float) -> None:
    shape, cells = _cells(mesh)
    kind = {"hexahedron": "C3D8", "triangle": "S3"}[shape]
    write_abaqus(path, mesh.points / scale, cells, kind, _groups(mesh), _group_names(mesh))


_WRITERS = {
    ".inp": _write_inp,
    ".msh": _write_gmsh,
    ".stl": _write_stl,
    ".vtu": _write_vtu,
    ".xdmf": _write_xdmf,
}


def _meshio(mesh: Mesh, cell_data: Mapping[str, NDArray[Any]], scale: float) -> Any:
    import meshio

    points = mesh.points if scale == 1.0 else mesh.points / scale
    return meshio.Mesh(
        points, [_cells(mesh)], cell_data={name: [v] for name, v in cell_data.items()}
    )


def _cells(mesh: Mesh) -> tuple[str, NDArray[np.integer]]:
    """Shape of the cells, as meshio calls it, and their points."""
    if isinstance(mesh, HexahedralMesh):
        return "hexahedron", mesh.cells
    return "triangle", mesh.triangles


def _cell_data(mesh: Mesh, fields: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    if isinstance(mesh, Surface):
        return {}
    data: dict[str, NDArray[Any]] = {"phase": mesh.labels}
    for name, field in fields.items():
        if name in data:
            raise InputError(f"the name {name!r} is taken by the labels; give the field another")
        if field.shape not in (mesh.shape, (*mesh.shape, 3)):
            raise InputError(
                f"field {name!r} must have the shape {mesh.shape} of the volume, and 3 components "
                f"where it is a vector; found {field.shape}"
            )
        data[name] = field.reshape(-1, *field.shape[3:])[mesh.voxels]
    return data


def _group_names(mesh: Mesh) -> list[str]:
    """A surface wraps its phases together; a hexahedron belongs to one of them."""
    return list(mesh.phases) if isinstance(mesh, HexahedralMesh) else [" + ".join(mesh.phases)]


def _groups(mesh: Mesh) -> NDArray[np.int32]:
    """Number of each cell's group, from 1."""
    if isinstance(mesh, Surface):
        return np.ones(len(mesh.triangles), np.int32)
    groups = np.zeros(len(mesh.cells), np.int32)
    for number, labels in enumerate(mesh.phases.values(), 1):
        groups[np.isin(mesh.labels, labels)] = number
    return groups
