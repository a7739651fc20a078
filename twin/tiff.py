"""Writing an image as TIFF, with its spacing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from meshing.errors import InputError
from meshing.volume import Volume
from twin.files import atomic, check_writable

__all__ = ["check_tiff", "write_tiff"]

_SUFFIXES: Final = (".tif", ".tiff")


def write_tiff(volume: Volume, path: str | Path) -> Path:
    """Write the labels of an image as pages of a TIFF, with the spacing as ImageJ writes it.

    Pages are array axis 0, which is x, as `twin.read` takes them. A TIFF has no names of phases,
    and a single page comes back as an image of two axes.

    Parameters
    ----------
    volume : Volume
        The image, with labels up to 65535.
    path : str or Path
        The file, ``.tif`` or ``.tiff``.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the suffix is another, the file cannot be written, or a label is too large.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.blobs((12, 10, 8), 0.5, length=2e-6, spacing="1um")
    >>> twin.read(twin.write_tiff(volume, "blobs.tif")).spacing
    (1e-06, 1e-06, 1e-06)
    """
    import tifffile

    path = Path(path)
    check_tiff(path)
    if volume.labels.dtype.itemsize > np.dtype(np.uint16).itemsize:
        raise InputError(
            f"TIFF files of ImageJ hold labels up to 65535, found {max(volume.label_counts)}; "
            "merge phases, or write a .vti file with twin.write_vti"
        )
    pages, rows, columns = (1e6 * h for h in volume.spacing)
    known = {"spacing": pages, "unit": "um"} if volume.spacing_known else {}
    with atomic(path) as temporary:
        tifffile.imwrite(
            temporary,
            volume.labels,
            imagej=True,
            resolution=(1 / columns, 1 / rows) if volume.spacing_known else None,
            metadata={**known, "axes": "ZYX"},
        )
    return path


def check_tiff(path: Path) -> None:
    """Make sure that a TIFF can be written.

    Raises
    ------
    InputError
        When the suffix is none of a TIFF, or the file cannot be written.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"images are written as .tif files, found {path.name!r}; rename it")
    check_writable(path)
