"""What every reader takes and gives: a request, and an image whose voxels are read when sliced."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.units import length
from meshing.volume import PhaseMap

__all__ = [
    "Data",
    "Format",
    "Image",
    "Request",
    "choose_array",
    "known_spacing",
    "map_file",
    "metres",
    "private_map",
    "without_unit",
]

MapMode = Literal["c", "r"]

Steps = tuple[float | None, ...]
"""Distances between voxels along the axes of the stored array [m]; None where not stated."""

# Spellings of units in the tags of files, beside those that `meshing.units.length` reads.
_SPELLINGS: Final = {
    "micron": "um",
    "microns": "um",
    "micrometer": "um",
    "micrometre": "um",
    "micrometers": "um",
    "nanometer": "nm",
    "nanometre": "nm",
    "nanometers": "nm",
    "millimeter": "mm",
    "millimetre": "mm",
    "millimeters": "mm",
    "centimeter": "cm",
    "centimetre": "cm",
    "meter": "m",
    "metre": "m",
    "meters": "m",
    r"\u00b5m": "um",
}
# A sentence lists at most so many arrays of a file.
_LISTED: Final = 12

_UNITS: Final = ("nm", "um", "µm", "μm", "mm", "cm", "m")


class Data(Protocol):
    """A stored array whose voxels are read when it is sliced: NumPy's, h5py's, Zarr's or ours."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def __getitem__(self, index: tuple[slice, ...], /) -> npt.NDArray[Any]: ...


@dataclass(frozen=True)
class Request:
    """What the user says about a file beside its path; None where nothing was said."""

    path: Path
    dataset: str | None = None
    shape: tuple[int, ...] | None = None
    dtype: npt.DTypeLike | None = None
    byteorder: str | None = None
    offset: int | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """A stored image, before its voxels are read.

    Attributes
    ----------
    data : sliceable array
    spacing : tuple of float or None, or None
        Distance between voxels along each axis of `data` [m], as far as the file states it.
    slow : int
        The axis of `data` whose planes lie together in the file: it is read plane by plane.
    phases : mapping of str to int or ints, or None
        Names of the phases, where the file states them.
    """

    data: Data
    spacing: Steps | None = None
    slow: int = 0
    phases: PhaseMap | None = None


@dataclass(frozen=True)
class Format:
    """A file format: its name, the function that opens it, what a user may say about it.

    Attributes
    ----------
    name : str
    open : function of a Request that gives a context in which the Image can be sliced
    options : names of the fields of Request that it uses
    """

    name: str
    open: Callable[[Request], AbstractContextManager[Image]]
    options: frozenset[str] = frozenset()


def map_file(
    path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int = 0
) -> npt.NDArray[Any]:
    """Memory map of an array in C order inside a file: nothing is read before it is used."""
    found = path.stat().st_size - offset
    needed = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    if found < needed:
        raise InputError(
            f"{path} is truncated: an array of shape {shape} and type {dtype} needs {needed} bytes "
            f"after the header, found {max(found, 0)}; copy the file again"
        )
    return private_map(lambda mode: np.memmap(path, dtype, mode, offset, shape))


def private_map(open_map: Callable[[MapMode], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Memory map that may be written to and leaves the file as it is, where the system allows it.

    A file larger than the memory that the system would have to promise for the changes is mapped
    for reading only.
    """
    try:
        return open_map("c")
    except OSError:
        return open_map("r")


def metres(value: float, unit: str) -> float | None:
    """A length of a file's tags in metres; None when the unit is no length, such as "pixel"."""
    name = unit.strip().lower() if len(unit.strip()) > 2 else unit.strip()
    name = _SPELLINGS.get(name, name)
    # repr and text: 0.398 um becomes the number nearest to 3.98e-7, as if a user had typed it.
    return length(f"{float(value)!r}{name}") if name in _UNITS and value > 0 else None


def without_unit(steps: Iterable[float], unit: str) -> Steps | None:
    """Spacing of a format whose lengths carry no unit; 1, 1, 1 is what is written for unknown."""
    values = tuple(float(step) for step in steps)
    return None if all(value == 1.0 for value in values) else tuple(metres(v, unit) for v in values)


def known_spacing(steps: Steps, path: Path) -> tuple[float, ...] | None:
    """Spacing along each axis, where the file states it or its square pixels suggest it.

    Many files state the size of a pixel and not the distance of the pages. Square pixels are then
    taken as cubic voxels; other pixels leave no honest guess.

    Parameters
    ----------
    steps : tuple of float or None
        Distance along each axis [m], None where not stated.
    path : Path
        Named in the sentence of an error.

    Raises
    ------
    InputError
        When some distances are stated, unequal ones, and others are not.
    """
    stated = [step for step in steps if step is not None]
    if not stated:
        return None
    if len(stated) == len(steps):
        return tuple(stated)
    if max(stated) > min(stated) * (1 + 1e-6):
        raise InputError(
            f"{path} states the pixel size {' x '.join(f'{step:.4g} m' for step in stated)} but "
            "not the distance between its pages; give the spacing of the three axes"
        )
    return tuple(stated[0] if step is None else step for step in steps)


def choose_array(
    found: Mapping[str, tuple[Sequence[int], np.dtype[Any]]], wanted: str | None, path: Path
) -> str:
    """Name of the array to read from a file that holds several.

    Parameters
    ----------
    found : mapping of name to shape and type
    wanted : str or None
        The name that the user gave. Without one, the only array that can hold labels is taken.

    Raises
    ------
    InputError
        When there is no such array, or none or several that can hold labels; the names are listed.
    """
    if wanted is not None:
        return _named(found, wanted, path)
    fit = [n for n, (shape, dtype) in found.items() if _holds_labels(shape, dtype)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise InputError(
            f"{path} holds {len(fit)} images; choose one by dataset=: {_listed(found, fit)}"
        )
    raise InputError(
        f"{path} holds no array of integer labels with 2 or 3 axes; found {_listed(found, found)}"
    )


def _named(
    found: Mapping[str, tuple[Sequence[int], np.dtype[Any]]], wanted: str, path: Path
) -> str:
    names = {name.strip("/"): name for name in found}
    if wanted.strip("/") in names:
        return names[wanted.strip("/")]
    near = difflib.get_close_matches(wanted.strip("/"), names, n=1)
    hint = f"; did you mean {names[near[0]]!r}?" if near else ""
    raise InputError(f"{path} has no dataset {wanted!r}; it holds {_listed(found, found)}{hint}")


def _holds_labels(shape: Sequence[int], dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "biu" and len([n for n in shape if n > 1]) in (2, 3)


def _listed(found: Mapping[str, tuple[Sequence[int], np.dtype[Any]]], names: Iterable[str]) -> str:
    described = []
    for name in names:
        shape, dtype = found[name]
        described.append(f"{name!r} ({' x '.join(map(str, shape)) or 'scalar'} {dtype})")
    if len(described) > _LISTED:
        described[_LISTED:] = ["..."]
    return ", ".join(described) or "nothing"
