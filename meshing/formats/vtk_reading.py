"""One array of a VTK image reader, read plane by plane, with VTK's complaints as exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["VtkArray", "as_numpy", "read_plane", "vtk_errors"]


@dataclass(frozen=True, eq=False)
class VtkArray:
    """An array of points or cells of a VTK reader as an array (x, y, z), read when it is sliced.

    VTK stores x fastest: the array is the transpose of (z, y, x) in C order, and a reader that can
    read a part of its file reads whole planes of constant z.
    """

    reader: Any
    name: str
    cells: bool
    extent: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return _counts(self.extent, self.cells)

    def __getitem__(self, index: tuple[slice, ...], /) -> npt.NDArray[Any]:
        start, stop, _ = index[2].indices(self.shape[2])
        bottom = self.extent[4]
        top = min(bottom + (stop if self.cells else stop - 1), self.extent[5])
        with vtk_errors():
            self.reader.UpdateExtent((*self.extent[:4], bottom + start, top))
        output = self.reader.GetOutput()
        attributes = output.GetCellData() if self.cells else output.GetPointData()
        values = as_numpy(attributes.GetArray(self.name))
        planes = values.reshape(_counts(output.GetExtent(), self.cells)[::-1]).T
        # A reader that cannot read a part has given all planes.
        first = start + bottom - output.GetExtent()[4]
        part: npt.NDArray[Any] = planes[index[0], index[1], first : first + stop - start]
        return part


def read_plane(reader: Any) -> tuple[tuple[int, ...], Any]:
    """Extent of the whole image, and the image as VTK gives it for its first plane."""
    with vtk_errors():
        reader.UpdateInformation()
        pipeline = reader.GetExecutive()
        extent = tuple(pipeline.GetWholeExtent(pipeline.GetOutputInformation(0)))
        reader.UpdateExtent((*extent[:5], min(extent[4] + 1, extent[5])))
    return extent, reader.GetOutput()


def as_numpy(values: Any) -> npt.NDArray[Any]:
    """The numbers of a VTK array, shared with it."""
    from vtkmodules.util import numpy_support

    array: npt.NDArray[Any] = numpy_support.vtk_to_numpy(values)  # type: ignore[no-untyped-call]
    return array


@contextmanager
def vtk_errors() -> Iterator[None]:
    """Raise what VTK would print, as a ValueError; its own settings are as before afterwards."""
    from vtkmodules.vtkCommonCore import vtkLogger, vtkOutputWindow, vtkStringOutputWindow

    window, verbosity = vtkOutputWindow.GetInstance(), vtkLogger.GetCurrentVerbosityCutoff()
    caught = vtkStringOutputWindow()
    vtkOutputWindow.SetInstance(caught)
    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield
    finally:
        vtkOutputWindow.SetInstance(window)
        vtkLogger.SetStderrVerbosity(verbosity)
    if "ERROR" in caught.GetOutput():
        raise ValueError(_first_sentence(caught.GetOutput()))


def _first_sentence(output: str) -> str:
    """What VTK said first, without the file and the object that said it."""
    said = next(line for line in output.splitlines() if "): " in line)
    return said.partition("): ")[2].strip()


def _counts(extent: Sequence[int], cells: bool) -> tuple[int, int, int]:
    """Points, or cells, along x, y, z; an image of one plane of points has one layer of cells."""
    nx, ny, nz = (extent[2 * a + 1] - extent[2 * a] + 1 for a in range(3))
    return (max(nx - 1, 1), max(ny - 1, 1), max(nz - 1, 1)) if cells else (nx, ny, nz)
