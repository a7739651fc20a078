"""VTK image data: points and cells, encodings, extents, choice of the array, VTK's own settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.image_files import ellipsoids, vtk_image, write_vti
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonCore import vtkLogger, vtkOutputWindow
from vtkmodules.vtkIOXML import vtkXMLImageDataWriter

from meshing.errors import InputError
from meshing.formats import read
from meshing.formats.image import Request
from meshing.formats.vti import open_vti
from meshing.formats.vtk_reading import VtkArray
from meshing.volume import Volume
from twin.export import write_vti as write_vti_of_package

STEPS = (40e-9, 50e-9, 65e-9)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.vti"


def add(image: Any, name: str, values: np.ndarray, on: str = "cells") -> None:
    array = numpy_to_vtk(values, deep=True)
    array.SetName(name)
    (image.GetCellData() if on == "cells" else image.GetPointData()).AddArray(array)


@pytest.mark.parametrize("on", ["cells", "points"])
@pytest.mark.parametrize("mode", ["Ascii", "Binary", "Appended"])
@pytest.mark.parametrize("compressor", ["None", "ZLib", "LZ4", "LZMA"])
def test_encodings(path: Path, on: str, mode: str, compressor: str) -> None:
    writer = vtkXMLImageDataWriter()
    writer.SetInputData(vtk_image(ellipsoids(), STEPS, on))
    writer.SetFileName(str(path))
    getattr(writer, f"SetDataModeTo{mode}")()
    getattr(writer, f"SetCompressorTypeTo{compressor}")()
    writer.Write()
    for crop in (":, :, :", "1:4, 2:9, 5:12", ":, :, 12:13", ":, :, 0:1"):
        x, y, z = (
            slice(*(int(n) if n.strip() else None for n in p.split(":"))) for p in crop.split(",")
        )
        np.testing.assert_array_equal(read(path, crop=crop).labels, ellipsoids()[x, y, z])


@pytest.mark.parametrize("on", ["cells", "points"])
def test_an_extent_that_starts_elsewhere(path: Path, on: str) -> None:
    image = vtk_image(ellipsoids(), STEPS, on)
    n = [c - 1 for c in image.GetDimensions()]
    image.SetExtent(3, 3 + n[0], -4, n[1] - 4, 5, 5 + n[2])
    write_vti(path, image)
    np.testing.assert_array_equal(read(path).labels, ellipsoids())
    np.testing.assert_array_equal(read(path, crop=":, :, 3:7").labels, ellipsoids()[:, :, 3:7])


@pytest.mark.parametrize(("on", "planes"), [("cells", (3, 7)), ("points", (3, 6))])
def test_only_the_planes_of_a_crop_are_read(path: Path, on: str, planes: tuple[int, int]) -> None:
    write_vti(path, vtk_image(ellipsoids(), STEPS, on))
    with open_vti(Request(path)) as image:
        assert isinstance(image.data, VtkArray)
        part = image.data[:, 2:9, 3:7]
        assert image.data.reader.GetOutput().GetExtent()[4:] == planes
    np.testing.assert_array_equal(part, ellipsoids()[:, 2:9, 3:7])


@pytest.mark.parametrize("on", ["cells", "points"])
def test_an_image(path: Path, on: str) -> None:
    pixels = ellipsoids()[:, :, :1]
    image = vtk_image(pixels, STEPS, on)
    if on == "cells":
        image.SetDimensions(8, 11, 1)
    write_vti(path, image)
    np.testing.assert_array_equal(read(path).labels, pixels)


def test_spacing_of_one_is_unknown(path: Path) -> None:
    write_vti(path, vtk_image(ellipsoids(), (1, 1, 1), "cells"))
    assert not read(path).spacing_known


def test_fields_beside_the_labels(path: Path) -> None:
    image = vtk_image(ellipsoids(), STEPS, "cells")
    add(image, "concentration", np.linspace(0, 1, 910))
    add(image, "flux", np.zeros((910, 3)))
    write_vti(path, image)
    np.testing.assert_array_equal(read(path).labels, ellipsoids())


@pytest.mark.parametrize("spacing", [None, STEPS, (1.0, 1.0, 1.0)])
def test_what_this_package_writes_comes_back(path: Path, spacing: Any) -> None:
    phases = {"pore": 0, "Fest körper": (2, 1)}
    volume = Volume(ellipsoids(), spacing, phases)
    components = np.arange(910, dtype=np.uint16).reshape(volume.shape)
    write_vti_of_package(path, volume, {"component": components})
    back = read(path, crop=":, :, 2:")
    np.testing.assert_array_equal(back.labels, volume.labels[:, :, 2:])
    assert (back.spacing, back.spacing_known) == (volume.spacing, volume.spacing_known)
    assert dict(back.phases) == phases
    assert dict(read(path, phases={"void": 0}).phases) == {"void": 0}
    np.testing.assert_array_equal(read(path, dataset="component").labels, components)


def test_several_label_arrays(path: Path) -> None:
    image = vtk_image(ellipsoids(), STEPS, "cells")
    add(image, "grains", np.arange(910, dtype=np.uint16))
    write_vti(path, image)
    with told(
        f"{path} holds 2 images; choose one by dataset=: 'labels' (7 x 10 x 13 uint8), "
        "'grains' (7 x 10 x 13 uint16)"
    ):
        read(path)
    grains = read(path, dataset="grains").labels
    np.testing.assert_array_equal(grains.ravel(order="F"), np.arange(910))


def test_colours(path: Path) -> None:
    image = vtk_image(ellipsoids(), STEPS, "cells")
    image.GetCellData().Initialize()
    add(image, "colour", np.zeros((910, 3), np.uint8))
    write_vti(path, image)
    with told(
        f"the array 'colour' of {path} holds vectors or colours; store one integer label per voxel"
    ):
        read(path)


def test_a_float_array(path: Path) -> None:
    write_vti(path, vtk_image(ellipsoids().astype("f4"), STEPS, "cells"))
    with told(
        f"{path} holds no array of integer labels with 2 or 3 axes; "
        "found 'labels' (7 x 10 x 13 float32)"
    ):
        read(path)


def test_vtk_keeps_its_settings(path: Path, tmp_path: Path) -> None:
    window, verbosity = vtkOutputWindow.GetInstance(), vtkLogger.GetCurrentVerbosityCutoff()
    write_vti(path, vtk_image(ellipsoids(), STEPS, "cells"))
    read(path)
    broken = tmp_path / "broken.vti"
    broken.write_text("<VTKFile type='ImageData'><ImageData </VTKFile>")
    with pytest.raises(InputError, match=r"cannot read .* as VTK image data: Error parsing XML"):
        read(broken)
    assert vtkOutputWindow.GetInstance() is window
    assert vtkLogger.GetCurrentVerbosityCutoff() == verbosity
