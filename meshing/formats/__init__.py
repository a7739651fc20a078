"""Readers of segmented images: one function for every format, one line per format in a table."""

from __future__ import annotations

import difflib
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from textwrap import shorten
from typing import Final
from xml.etree import ElementTree

import numpy.typing as npt

from meshing.errors import InputError
from meshing.formats.hdf5 import open_hdf5, open_xdmf
from meshing.formats.image import Format, Image, Request, known_spacing
from meshing.formats.loading import load, three_axes
from meshing.formats.metaimage import open_metaimage
from meshing.formats.nrrd import open_nrrd
from meshing.formats.numpy_files import open_npy, open_npz
from meshing.formats.raw import open_raw
from meshing.formats.slices import open_picture, open_slices
from meshing.formats.tiff import open_tiff
from meshing.formats.vti import open_vti
from meshing.formats.zarr import open_zarr
from meshing.units import SpacingLike
from meshing.volume import PhaseMap, Volume
from meshing.volume_edit import Crop, axis_order

__all__ = ["read"]

_DATASET: Final = frozenset({"dataset"})
_TIFF: Final = Format("TIFF", open_tiff)
_PICTURE: Final = Format("an image", open_picture)
_SLICES: Final = Format("a stack of slices", open_slices)
_RAW: Final = Format("RAW", open_raw, frozenset({"shape", "dtype", "byteorder", "offset"}))
_HDF5: Final = Format("HDF5", open_hdf5, _DATASET)
_XDMF: Final = Format("XDMF", open_xdmf)
_NRRD: Final = Format("NRRD", open_nrrd)
_METAIMAGE: Final = Format("MetaImage", open_metaimage)
_ZARR: Final = Format("Zarr", open_zarr, _DATASET)

FORMATS: Final = {
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".png": _PICTURE,
    ".bmp": _PICTURE,
    ".npy": Format("a NumPy array", open_npy),
    ".npz": Format("NumPy arrays", open_npz, _DATASET),
    ".raw": _RAW,
    ".bin": _RAW,
    ".h5": _HDF5,
    ".hdf": _HDF5,
    ".hdf5": _HDF5,
    ".nxs": _HDF5,
    ".nx": _HDF5,
    ".xmf": _XDMF,
    ".xdmf": _XDMF,
    ".nrrd": _NRRD,
    ".nhdr": _NRRD,
    ".mha": _METAIMAGE,
    ".mhd": _METAIMAGE,
    ".vti": Format("VTK image data", open_vti, _DATASET),
    ".zarr": _ZARR,
}
_ZARR_MARKS: Final = ("zarr.json", ".zarray", ".zgroup")

# So many letters of what a library says are enough; it may quote the bytes of the file.
_SAID: Final = 200

# By these the libraries say that a file is not what it should be.
_BROKEN: Final = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    EOFError,
    RuntimeError,
    TypeError,
    ArithmeticError,
    SystemError,
    struct.error,
    tokenize.TokenError,
    zlib.error,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)


def read(
    path: str | Path,
    spacing: SpacingLike | None = None,
    phases: PhaseMap | None = None,
    *,
    dataset: str | None = None,
    shape: Sequence[int] | None = None,
    dtype: npt.DTypeLike | None = None,
    byteorder: str | None = None,
    offset: int | None = None,
    crop: Crop | None = None,
    axes: str = "xyz",
) -> Volume:
    """Read a segmented image from a file, or from a folder of slices.

    Only what is needed is read: a crop reads its own part of the file (its slices, planes or
    chunks), and an image of 8 or 16 bits that is stored plainly (RAW, .npy, TIFF without
    compression) stays in the file as a memory map until its voxels are used.

    The axes x, y, z of the volume are the axes 0, 1, 2 of the stored array:

    =============================== ============================================
    format                          axes 0, 1, 2
    =============================== ============================================
    TIFF                            page, row, column
    slices (TIFF, PNG, BMP)         file, row, column; an image alone: row, column
    .npy, .npz, HDF5, NeXus, Zarr   those of the array
    RAW                             those of `shape`, the last runs fastest
    NRRD, MetaImage, .vti           x, y, z of the file, x runs fastest
    =============================== ============================================

    Parameters
    ----------
    path : str or Path
        The file, a folder with the slices, or a pattern of names such as ``"slices/*.tif"``.
    spacing : float, str or a sequence of three of them, optional
        Edge lengths of a voxel along x, y, z [m], or text with a unit: ``"50nm"``. It takes the
        place of what the file states. Where neither states it, `Volume.spacing_known` is False.
    phases : mapping of str to int or to several ints, optional
        Name and label, or labels, of each phase; by default those that a .vti file written by this
        package states, else each label found is a phase.
    dataset : str, optional
        Which array of an .npz, HDF5, NeXus, Zarr or .vti file; needed where it holds several.
    shape : sequence of ints, optional
        RAW: voxels along each axis.
    dtype : type, optional
        RAW: type of a voxel, such as ``"uint8"``.
    byteorder : "little" or "big", optional
        RAW: order of the bytes of a voxel; by default that of this machine.
    offset : int, optional
        RAW: bytes to skip at the start of the file.
    crop : text or three ranges, optional
        Box of voxels along x, y, z as in `meshing.volume_edit.crop`: ``"0:100, :, 20:50"``.
    axes : str
        Names of the stored axes 0, 1, 2: with ``"zyx"`` the pages of a TIFF lie along z. Spacing
        and crop are those of the volume, after its axes have got their names.

    Returns
    -------
    Volume

    Raises
    ------
    InputError
        When the file is missing, broken or of an unknown format, when it holds no labels or
        several arrays, or when an argument does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.formats import read
    >>> np.save("electrode.npy", np.zeros((30, 20, 10), np.uint8))
    >>> volume = read("electrode.npy", spacing="50nm", phases={"pore": 0}, crop="0:15, :, :")
    >>> volume.shape, volume.spacing[0]
    ((15, 20, 10), 5e-08)
    """
    place = Path(path).expanduser()
    sizes = None if shape is None else tuple(shape)
    request = Request(place, dataset, sizes, dtype, byteorder, offset)
    form = _format(request)
    _check_options(form, request)
    order = axis_order(axes)
    with _one_sentence(form, place), form.open(request) as image:
        labels = load(image, order, crop, place)
        steps = _spacing(image, place) if spacing is None else None
        named = image.phases if phases is None else phases
    if steps is not None:
        spacing = [steps[axis] for axis in order]
    return Volume(labels, spacing, named)


def _spacing(image: Image, path: Path) -> list[float] | None:
    """Spacing along the three stored axes; an image of two axes is as thick as a pixel is long."""
    if image.spacing is None:
        return None
    kept = tuple(image.spacing[axis] for axis in three_axes(image.data.shape))
    steps = known_spacing(kept, path)
    return None if steps is None else [*steps, *steps[:1]][:3]


def _format(request: Request) -> Format:
    path, suffix = request.path, request.path.suffix.lower()
    if path.is_dir():
        marked = any((path / mark).exists() for mark in _ZARR_MARKS)
        return _ZARR if marked or suffix == ".zarr" else _SLICES
    if not path.exists():
        if any(letter in str(path) for letter in "*?["):
            return _SLICES
        raise InputError(_no_such_file(path))
    if path.stat().st_size == 0:
        raise InputError(f"the file {path} is empty (0 bytes); copy it again")
    if suffix in FORMATS:
        return FORMATS[suffix]
    if request.shape is not None:
        return _RAW
    raise InputError(
        f"cannot tell the format of {path} from its suffix {suffix!r}; known are "
        f"{', '.join(FORMATS)}; any other file is read as RAW when shape= and dtype= are given"
    )


def _no_such_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no file {path}, nor a folder {path.parent}"
    names = [other.name for other in path.parent.iterdir()]
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"there is no file {path}" + (f"; did you mean {near[0]!r}?" if near else "")


def _check_options(form: Format, request: Request) -> None:
    given = {f.name for f in fields(request) if getattr(request, f.name) is not None} - {"path"}
    if unused := sorted(given - form.options):
        raise InputError(
            f"{request.path} is read as {form.name}, which does not use {unused[0]}=; leave it out"
        )


@contextmanager
def _one_sentence(form: Format, path: Path) -> Iterator[None]:
    """Whatever a library says of a broken file, in one sentence that names the file."""
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        said = shorten(str(error).partition("\n")[0].strip(". "), _SAID)
        raise InputError(
            f"cannot read {path} as {form.name}: {said}; the file may be truncated or not be "
            f"{form.name}"
        ) from error
