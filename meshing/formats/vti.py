"""VTK image data, .vti: labels on cells or on points, read plane by plane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from meshing.errors import InputError
from meshing.formats.image import Image, Request, Steps, choose_array, metres, without_unit
from meshing.formats.vtk_reading import VtkArray, as_numpy, read_plane
from meshing.volume import PhaseMap

__all__ = ["open_vti"]

# The closing tag may have blanks and comments behind it.
_END_BYTES: Final = 1024


@contextmanager
def open_vti(request: Request) -> Iterator[Image]:
    """Open one array of a .vti file; array axes x, y, z are VTK's.

    VTK knows no unit: the spacing is taken as metres. Where an array of the points and one of the
    cells have the same name, that of the cells is taken. A file written by this package says which
    array holds the phases, their names, and whether its lengths are metres or voxels.
    """
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    _check_end(request.path)
    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(request.path))
    extent, plane = read_plane(reader)
    arrays = _arrays(plane.GetPointData(), extent, reader, cells=False)
    arrays |= _arrays(plane.GetCellData(), extent, reader, cells=True)
    found = {name: (array.shape, array.dtype) for name, array in arrays.items()}
    notes = _notes(plane.GetFieldData())
    phases = _phases(notes)
    wanted = "phase" if request.dataset is None and phases else request.dataset
    chosen = arrays[choose_array(found, wanted, request.path)]
    attributes = plane.GetCellData() if chosen.cells else plane.GetPointData()
    if attributes.GetArray(chosen.name).GetNumberOfComponents() > 1:
        raise InputError(
            f"the array {chosen.name!r} of {request.path} holds vectors or colours; "
            "store one integer label per voxel"
        )
    reader.GetPointDataArraySelection().DisableAllArrays()
    reader.GetCellDataArraySelection().DisableAllArrays()
    selection = (
        reader.GetCellDataArraySelection() if chosen.cells else reader.GetPointDataArraySelection()
    )
    selection.EnableArray(chosen.name)
    yield Image(chosen, _spacing(plane, notes), slow=2, phases=phases)


def _notes(fields: Any) -> dict[str, list[Any]]:
    """Columns of text and numbers that describe the whole image."""
    columns = [fields.GetAbstractArray(n) for n in range(fields.GetNumberOfArrays())]
    return {
        column.GetName(): [column.GetValue(n) for n in range(column.GetNumberOfValues())]
        for column in columns
    }


def _phases(notes: Mapping[str, Sequence[Any]]) -> PhaseMap | None:
    if "phase_name" not in notes or "phase_label" not in notes:
        return None
    phases: dict[str, list[int]] = {}
    for name, label in zip(notes["phase_name"], notes["phase_label"], strict=True):
        phases.setdefault(name, []).append(int(label))
    return {name: labels[0] if len(labels) == 1 else labels for name, labels in phases.items()}


def _spacing(plane: Any, notes: Mapping[str, Sequence[Any]]) -> Steps | None:
    if "length_unit" in notes:
        return tuple(metres(step, notes["length_unit"][0]) for step in plane.GetSpacing())
    return without_unit(plane.GetSpacing(), "m")


def _check_end(path: Path) -> None:
    """Refuse a file that does not end as it should: VTK would fill the rest with anything."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_BYTES))
        if b"</VTKFile>" not in file.read():
            raise ValueError("it does not end with </VTKFile>")


def _arrays(
    attributes: Any, extent: tuple[int, ...], reader: Any, *, cells: bool
) -> dict[str, VtkArray]:
    arrays = {}
    for number in range(attributes.GetNumberOfArrays()):
        values = attributes.GetArray(number)
        if values is not None:
            dtype = as_numpy(values).dtype
            arrays[values.GetName()] = VtkArray(reader, values.GetName(), cells, extent, dtype)
    return arrays
