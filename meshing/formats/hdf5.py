"""HDF5 and NeXus: one dataset of the file, read by slices; XDMF, which points to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from meshing.errors import InputError
from meshing.formats.image import Image, Request, Steps, choose_array, metres, without_unit

__all__ = ["open_hdf5", "open_xdmf"]


@contextmanager
def open_hdf5(request: Request) -> Iterator[Image]:
    """Open a dataset of an HDF5 file; array axes are those of the dataset.

    Without a dataset path the signal that a NeXus file declares as its default is taken, else the
    only dataset that can hold labels. Spacing is the attribute ``element_size_um`` of the dataset
    (in the order of its axes), else the step of the axes that NeXus declares.
    """
    import h5py

    with h5py.File(request.path, "r") as file:
        dataset = _dataset(file, request)
        yield Image(dataset, _spacing(dataset))


def _dataset(file: Any, request: Request) -> Any:
    import h5py

    wanted = request.dataset or _default_signal(file)
    if wanted is not None and isinstance(file.get(wanted), h5py.Dataset):
        return file[wanted]
    found: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = (item.shape or (), item.dtype)

    file.visititems(note)
    return file[choose_array(found, request.dataset, request.path)]


def _default_signal(file: Any) -> str | None:
    """Path of the signal at the end of the chain of NeXus defaults, if the file has one."""
    group = file
    while "default" in group.attrs and _text(group.attrs["default"]) in group:
        group = group[_text(group.attrs["default"])]
    return f"{group.name}/{_text(group.attrs['signal'])}" if "signal" in group.attrs else None


def _spacing(dataset: Any) -> Steps | None:
    sizes = dataset.attrs.get("element_size_um")
    if sizes is not None and np.size(sizes) == dataset.ndim:
        return tuple(metres(float(size), "um") for size in np.ravel(sizes))
    group = dataset.parent
    if "axes" not in group.attrs:
        return None
    names = [_text(name) for name in np.atleast_1d(group.attrs["axes"])]
    if len(names) != dataset.ndim:
        return None
    return tuple(_axis_step(group.get(name)) for name in names)


def _axis_step(axis: Any) -> float | None:
    """Step of evenly spaced positions with a unit of length; None where it is anything else."""
    if axis is None or "units" not in axis.attrs or axis.ndim != 1 or axis.size < 2:
        return None
    positions = np.asarray(axis[...], dtype=np.float64)
    step = (positions[-1] - positions[0]) / (axis.size - 1)
    if not np.allclose(np.diff(positions), step, rtol=1e-3, atol=0.0):
        return None
    return metres(float(abs(step)), _text(axis.attrs["units"]))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextmanager
def open_xdmf(request: Request) -> Iterator[Image]:
    """Open the HDF5 dataset that an XDMF file of a uniform grid points to.

    XDMF lists dimensions, origin and spacing slowest axis first, in the order of the array.
    """
    root = ElementTree.parse(request.path).getroot()
    items = [e for e in root.iterfind(".//Attribute/DataItem") if e.get("Format") == "HDF"]
    if len(items) != 1:
        raise InputError(
            f"{request.path} points to {len(items)} HDF5 images; read the HDF5 file itself"
        )
    name, _, dataset = (items[0].text or "").strip().partition(":")
    target = Path(request.path).parent / name
    if not target.is_file():
        raise InputError(f"{request.path} points to {target}, which does not exist")
    with open_hdf5(Request(target, dataset=dataset)) as image:
        yield replace(image, spacing=image.spacing or _grid_spacing(root))


def _grid_spacing(root: ElementTree.Element) -> Steps | None:
    for geometry in root.iter("Geometry"):
        if geometry.get("GeometryType", "").upper() == "ORIGIN_DXDYDZ":
            steps = (geometry.findall("DataItem")[1].text or "").split()
            return without_unit(map(float, steps), "m")
    return None
