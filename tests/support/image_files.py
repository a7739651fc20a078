"""Writers of small images in every format, each by a library or by hand, never by our readers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[Any]
Writer = Callable[[Path, Labels, tuple[float, float, float]], Path]


def ellipsoids(shape: tuple[int, int, int] = (7, 10, 13)) -> Labels:
    """Three labels on unequal axes, different in every octant, so that no mirror image passes."""
    labels: Labels = np.random.default_rng(2).integers(0, 3, shape, dtype=np.uint8)
    return labels


def write_tiff(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """ImageJ's metadata: page distance and pixels per micrometre."""
    import tifffile

    tifffile.imwrite(
        path,
        labels,
        imagej=True,
        resolution=(1e-6 / steps[2], 1e-6 / steps[1]),
        metadata={"spacing": steps[0] * 1e6, "unit": "um", "axes": "ZYX"},
    )
    return path


def write_compressed_tiff(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """OME metadata, each page compressed."""
    import tifffile

    sizes = {f"PhysicalSize{a}": s * 1e9 for a, s in zip("ZYX", steps, strict=True)}
    units = {f"PhysicalSize{a}Unit": "nm" for a in "ZYX"}
    with tifffile.TiffWriter(path, ome=True) as file:
        metadata = {"axes": "ZYX", **sizes, **units}
        file.write(labels, compression="zlib", photometric="minisblack", metadata=metadata)
    return path


def write_npy(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    np.save(path, labels)
    return path


def write_fortran_npy(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    np.save(path, np.asfortranarray(labels))
    return path


def write_npz(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    np.savez_compressed(path, labels=labels, voxel=np.array(steps))
    return path


def write_hdf5(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    import h5py

    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("scan/labels", data=labels, chunks=(3, 4, 5), shuffle=True)
        dataset.attrs["element_size_um"] = [s * 1e6 for s in steps]
        file["scan/grey"] = labels.astype(np.float32)
    return path


def write_nexus(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """The chain of NeXus defaults, and axes with units of their own."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update({"NX_class": "NXentry", "default": "segmented"})
        data = entry.create_group("segmented")
        data.attrs.update({"NX_class": "NXdata", "signal": "labels", "axes": ["p", "q", "r"]})
        data["labels"] = labels
        data["other"] = labels
        for name, count, step, unit in zip(
            "pqr", labels.shape, steps, ("nm", "um", "mm"), strict=True
        ):
            data[name] = 5.0 + np.arange(count) * step / {"nm": 1e-9, "um": 1e-6, "mm": 1e-3}[unit]
            data[name].attrs["units"] = unit
    return path


def write_nrrd(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    import nrrd

    header = {
        "space dimension": 3,
        "space directions": np.diag([s * 1e6 for s in steps]),
        "space units": ["um"] * 3,
        "encoding": "raw",
    }
    nrrd.write(str(path), labels, header, index_order="F")
    return path


def write_compressed_nrrd(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    import nrrd

    header = {"spacings": [s * 1e3 for s in steps], "encoding": "gzip"}
    nrrd.write(str(path), labels, header, index_order="F")
    return path


def write_mha(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """By VTK; the header says how the bytes lie, x fastest."""
    from vtkmodules.vtkIOImage import vtkMetaImageWriter

    writer = vtkMetaImageWriter()
    writer.SetInputData(vtk_image(labels, [s * 1e3 for s in steps], on="points"))
    writer.SetFileName(str(path))
    writer.SetCompression(False)
    writer.Write()
    return path


def write_compressed_mhd(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    from vtkmodules.vtkIOImage import vtkMetaImageWriter

    writer = vtkMetaImageWriter()
    writer.SetInputData(vtk_image(labels, [s * 1e3 for s in steps], on="points"))
    writer.SetFileName(str(path))
    writer.SetRAWFileName(str(path.with_suffix(".zraw")))
    writer.SetCompression(True)
    writer.Write()
    return path


def write_vti_cells(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    return write_vti(path, vtk_image(labels, steps, on="cells"))


def write_vti_points(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    return write_vti(path, vtk_image(labels, steps, on="points"), compressed=True)


def write_vti(path: Path, image: Any, compressed: bool = False) -> Path:
    from vtkmodules.vtkIOXML import vtkXMLImageDataWriter

    writer = vtkXMLImageDataWriter()
    writer.SetInputData(image)
    writer.SetFileName(str(path))
    writer.SetEncodeAppendedData(False)
    if not compressed:
        writer.SetCompressorTypeToNone()
    writer.Write()
    return path


def vtk_image(labels: Labels, steps: Any, on: str) -> Any:
    """VTK's image of labels (x, y, z): voxels are cells, or points."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions([n + 1 if on == "cells" else n for n in labels.shape])
    image.SetSpacing([float(s) for s in steps])
    values = numpy_to_vtk(labels.ravel(order="F"), deep=True)
    values.SetName("labels")
    attributes = image.GetCellData() if on == "cells" else image.GetPointData()
    attributes.SetScalars(values)
    return image


def write_zarr(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """OME-NGFF 0.4: two resolutions, five axes."""
    import zarr

    group = zarr.create_group(str(path), zarr_format=2)
    full = group.create_array("0", shape=(1, 1, *labels.shape), chunks=(1, 1, 3, 4, 5), dtype="u1")
    full[0, 0] = labels
    half = labels[::2, ::2, ::2]
    small = group.create_array("1", shape=(1, 1, *half.shape), dtype="u1")
    small[0, 0] = half
    axes = [{"name": "t", "type": "time"}, {"name": "c", "type": "channel"}]
    axes += [{"name": a, "type": "space", "unit": "micrometer"} for a in "zyx"]
    scale = [1.0, 1.0, *(s * 1e6 for s in steps)]
    group.attrs["multiscales"] = [
        {
            "version": "0.4",
            "axes": axes,
            "datasets": [
                {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": scale}]},
                {"path": "1", "coordinateTransformations": [{"type": "scale", "scale": scale}]},
            ],
        }
    ]
    return path


def write_slices(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    """Names without leading zeros: slice_10 sorts before slice_2 by letters."""
    import tifffile

    path.mkdir()
    for number, page in enumerate(labels):
        tifffile.imwrite(path / f"slice_{number + 4}.tif", page)
    (path / "notes.txt").write_text("not an image")
    return path


def write_png_slices(path: Path, labels: Labels, steps: tuple[float, float, float]) -> Path:
    from PIL import Image

    path.mkdir()
    for number, page in enumerate(labels):
        Image.fromarray(page).save(path / f"{number:03d}.png")
    return path / "*.png"


# Format, name of the file, writer, whether the file states the spacing.
EVERY_FORMAT: list[Any] = [
    ("TIFF, plain", "a.tif", write_tiff, True),
    ("TIFF, compressed", "a.ome.tif", write_compressed_tiff, True),
    ("TIFF slices", "slices", write_slices, False),
    ("PNG slices", "slices", write_png_slices, False),
    ("npy", "a.npy", write_npy, False),
    ("npy, Fortran", "a.npy", write_fortran_npy, False),
    ("npz", "a.npz", write_npz, False),
    ("HDF5", "a.h5", write_hdf5, True),
    ("NeXus", "a.nxs", write_nexus, True),
    ("NRRD", "a.nrrd", write_nrrd, True),
    ("NRRD, detached", "a.nhdr", write_nrrd, True),
    ("NRRD, compressed", "a.nrrd", write_compressed_nrrd, True),
    ("MetaImage", "a.mha", write_mha, True),
    ("MetaImage, detached", "a.mhd", write_mha, True),
    ("MetaImage, compressed", "a.mhd", write_compressed_mhd, True),
    ("vti, cells", "a.vti", write_vti_cells, True),
    ("vti, points", "a.vti", write_vti_points, True),
    ("Zarr", "a.zarr", write_zarr, True),
]
