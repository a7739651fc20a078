"""Volumes and their fields to ParaView and PyVista."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.volume import Volume
from twin.files import atomic, check_writable

if TYPE_CHECKING:
    import pyvista

__all__ = ["to_pyvista", "write_vti"]

NO_ARRAYS: Mapping[str, NDArray[Any]] = MappingProxyType({})
NO_UNITS: Mapping[str, str] = MappingProxyType({})


def write_vti(
    path: str | Path,
    volume: Volume,
    arrays: Mapping[str, NDArray[Any]] = NO_ARRAYS,
    units: Mapping[str, str] = NO_UNITS,
) -> Path:
    """Write a volume and fields on its voxels as a VTK image, which ParaView opens.

    Labels are the cell array ``phase``. Floating-point fields are stored in single precision,
    compressed. The first field is the one that ParaView colours by; without fields it is
    ``phase``. Names and units go with the file as field data, a column each:
    ``phase_name`` and ``phase_label``, ``array_name`` and ``array_unit``, ``length_unit``.

    Parameters
    ----------
    path : the file to write; its suffix is ``.vti``.
    volume : the image.
    arrays : (nx, ny, nz) or (nx, ny, nz, 3) arrays with their names; NaN where there is no value.
    units : unit of each array as text, as ``{"flux": "mol/(m2 s)"}``.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the suffix is another, an array has the wrong shape or type or name, a unit belongs to
        no array, or the file cannot be written.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.export import write_vti
    >>> volume = twin.Volume(np.zeros((4, 3, 2), int), spacing="50nm", phases={"pore": 0})
    >>> write_vti("pore.vti", volume, {"potential": np.ones((4, 3, 2))}, {"potential": "V"}).name
    'pore.vti'
    """
    path = Path(path)
    if path.suffix.lower() != ".vti":
        raise InputError(f"a VTK image has the suffix .vti, found {path.name!r}; rename it")
    check_writable(path)
    image = to_pyvista(volume, arrays, units)
    with atomic(path) as temporary:
        _save(image, temporary)
    return path


def to_pyvista(
    volume: Volume,
    arrays: Mapping[str, NDArray[Any]] = NO_ARRAYS,
    units: Mapping[str, str] = NO_UNITS,
) -> pyvista.ImageData:
    """The image that `write_vti` writes, as a `pyvista.ImageData` to filter and to plot.

    Parameters
    ----------
    volume, arrays, units : as for `write_vti`.

    Returns
    -------
    pyvista.ImageData
        Voxels are cells, the low corner of the volume is the origin, lengths are in metres.

    Raises
    ------
    InputError
        When an array has the wrong shape or type or name, or a unit belongs to no array.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.export import to_pyvista
    >>> image = to_pyvista(twin.Volume(np.zeros((4, 3, 2), int), spacing=(20e-9, 5e-9, 5e-9)))
    >>> image.dimensions, image.cell_data["phase"].shape
    ((5, 4, 3), (24,))
    """
    import pyvista

    _check_names(arrays, units)
    nx, ny, nz = volume.shape
    image = pyvista.ImageData(dimensions=(nx + 1, ny + 1, nz + 1), spacing=volume.spacing)
    image.cell_data["phase"] = _vtk_order(volume.labels)
    for name, values in arrays.items():
        image.cell_data[name] = _vtk_order(_storable(name, np.asarray(values), volume.shape))
    image.cell_data.active_scalars_name = next(iter(arrays), "phase")
    image.field_data["phase_label"] = [label for _, label in _phases(volume)]
    for name, column in _texts(volume, arrays, units).items():
        image.GetFieldData().AddArray(_text_array(name, column))
    return image


def _check_names(arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str]) -> None:
    if "phase" in arrays:
        raise InputError("the name 'phase' is taken by the labels; give the array another")
    for name in units:
        if name not in arrays:
            known = ", ".join(arrays) or "none"
            raise InputError(f"there is no array {name!r} for the unit; the arrays are: {known}")


def _storable(name: str, values: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[Any]:
    if values.shape not in (shape, (*shape, 3)):
        raise InputError(
            f"array {name!r} must have the shape {shape} of the volume, and 3 components where it "
            f"is a vector; found {values.shape}"
        )
    if values.dtype.kind not in "biuf":
        raise InputError(f"array {name!r} must hold real numbers, found {values.dtype}")
    if values.dtype.kind == "b":
        return values.view(np.uint8)
    return values.astype(np.float32, copy=False) if values.dtype.kind == "f" else values


def _vtk_order(values: NDArray[Any]) -> NDArray[Any]:
    """Cells with x running fastest; the components of a vector stay together."""
    return np.ascontiguousarray(values.swapaxes(0, 2)).reshape(-1, *values.shape[3:])


def _phases(volume: Volume) -> list[tuple[str, int]]:
    return [(name, label) for name in volume.phases for label in volume.label_values(name)]


def _texts(
    volume: Volume, arrays: Mapping[str, NDArray[Any]], units: Mapping[str, str]
) -> dict[str, list[str]]:
    columns = {
        "phase_name": [name for name, _ in _phases(volume)],
        "length_unit": ["m" if volume.spacing_known else "voxel"],
    }
    if arrays:
        columns["array_name"] = list(arrays)
        columns["array_unit"] = [units.get(name, "") for name in arrays]
    return columns


def _text_array(name: str, column: list[str]) -> Any:
    """A column of VTK's own strings, which take every letter; PyVista's take ASCII alone."""
    from vtkmodules.vtkCommonCore import vtkStringArray

    array = vtkStringArray()
    array.SetName(name)
    for text in column:
        array.InsertNextValue(text)
    return array


def _save(image: pyvista.ImageData, path: Path) -> None:
    """VTK says by a return value that it could not write, on a full disk for example."""
    from vtkmodules.vtkIOXML import vtkXMLImageDataWriter

    writer = vtkXMLImageDataWriter()
    writer.SetInputData(image)
    writer.SetFileName(str(path))
    writer.SetHeaderTypeToUInt64()
    writer.SetCompressorTypeToLZ4()  # larger files than zlib's, several times faster
    writer.EncodeAppendedDataOff()
    if writer.Write() != 1:
        raise OSError(f"VTK could not write {path}")
