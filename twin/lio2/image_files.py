"""Files of a discharge in an image: a series for ParaView, and a state to go on from."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.volume import Volume
from solvers.deposit import PORE, POROUS, Deposit
from solvers.particles import Particles
from solvers.sites import Sites
from twin.export import write_vti
from twin.files import atomic, check_writable, make_folder
from twin.lio2.image_key import Key, check_key

Array = NDArray[np.float64]

#: Names of the files in the folder of a run.
SERIES: Final = "discharge.pvd"
STATE: Final = "state.npz"

#: Fields of a snapshot that are not those of the product, with their units.
UNITS: Final[Mapping[str, str]] = MappingProxyType({
    "product": "-",
    "particle": "-",
    "film_thickness": "m",
    "oxygen": "mol/m3",
    "reaction_rate": "A/m3",
    "potential": "V",
})  # fmt: skip

NO_FIELDS: Final[Mapping[str, NDArray[Any]]] = MappingProxyType({})


def write_state_vti(
    path: str | Path,
    volume: Volume,
    deposit: Deposit,
    given: Mapping[str, NDArray[Any]] = NO_FIELDS,
) -> Path:
    """Write one moment of a discharge as a VTK image.

    Cell arrays: `phase`, the labels of the image; `kind`, what the voxel is now (the numbers of
    `solvers.deposit`); `product`, share of the voxel's room that Li2O2 fills; `particle`, the part
    of it in particles; `film_thickness`; and the given fields. Where a voxel has no such value it
    is NaN.

    Parameters
    ----------
    path : the file, ``.vti``.
    volume : the image.
    deposit : the product.
    given : dense arrays: "oxygen" [mol/m3], "reaction_rate" [A/m3], "potential" [V].

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the suffix is another, or the file cannot be written.
    """
    arrays = _arrays(deposit, given)
    units = {name: UNITS[name] for name in arrays if name in UNITS}
    return write_vti(path, volume, arrays, units)


def film_thickness(deposit: Deposit) -> NDArray[np.float32]:
    """Thickness of the film on the sites of each voxel, their mean by area [m]; NaN without sites.

    Parameters
    ----------
    deposit : the product.

    Returns
    -------
    ndarray
        (nx, ny, nz).
    """
    sites, size = deposit.sites, deposit.kind.size
    area = np.bincount(sites.voxel, sites.area, size)
    total = np.bincount(sites.voxel, sites.area * sites.thickness, size)
    with np.errstate(invalid="ignore"):
        return (total / area).astype(np.float32).reshape(deposit.kind.shape)


def _arrays(deposit: Deposit, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    room = deposit.kind >= PORE
    reached = (deposit.kind == PORE) | (deposit.kind == POROUS)
    arrays = {
        "product": _where(room, np.minimum(deposit.theta, 1.0)),
        "particle": _where(room, deposit.particle),
        "film_thickness": film_thickness(deposit),
    }
    for name, values in given.items():
        if name != "film_thickness":
            arrays[name] = _where(reached, values)
    return {**arrays, "kind": deposit.kind}


def _where(mask: NDArray[np.bool_], values: NDArray[Any]) -> NDArray[np.float32]:
    out: NDArray[np.float32] = np.where(mask, values, np.nan).astype(np.float32)
    return out


@dataclass(frozen=True, eq=False)
class Series:
    """Snapshots of a discharge in a folder, and the index that ParaView opens.

    The index is written after each snapshot and is never half-written: a run that is interrupted
    leaves a series that ends with its last snapshot.

    Attributes
    ----------
    folder : where the files are; it is made when the first is written.
    snapshots : time [s] and name of the file of each.
    replaced : files of a series that this one replaces, removed when it has its first snapshot.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.lio2.image_files import Series
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Series.read(Path(folder)).snapshots
    ()
    """

    folder: Path
    snapshots: tuple[tuple[float, str], ...] = ()
    replaced: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The index, ``.pvd``."""
        return self.folder / SERIES

    @classmethod
    def read(cls, folder: str | Path) -> Series:
        """The series that a folder holds; an empty one where there is none.

        Raises
        ------
        InputError
            When the index there cannot be read.
        """
        path = Path(folder) / SERIES
        if not path.exists():
            return cls(Path(folder))
        try:
            sets = list(ElementTree.parse(path).getroot().iter("DataSet"))
            found = tuple((float(s.attrib["timestep"]), s.attrib["file"]) for s in sets)
        except (ElementTree.ParseError, KeyError, ValueError, OSError) as error:
            raise InputError(f"cannot read the series {path}: {error}; remove it") from error
        return cls(Path(folder), found)

    @classmethod
    def instead(cls, folder: str | Path) -> Series:
        """A new series in the place of that which a folder holds, until its first snapshot.

        Raises
        ------
        InputError
            When the index there cannot be read.
        """
        there = cls.read(folder)
        return cls(Path(folder), replaced=tuple(name for _, name in there.snapshots))

    def until(self, time: float) -> Series:
        """Without the snapshots after a time [s], as for a run that goes on from there."""
        return replace(self, snapshots=tuple(s for s in self.snapshots if s[0] <= time))

    def add(
        self,
        time: float,
        volume: Volume,
        deposit: Deposit,
        given: Mapping[str, NDArray[Any]] = NO_FIELDS,
    ) -> Series:
        """Write a snapshot, and then the index with it.

        Parameters
        ----------
        time : moment [s], later than those before.
        volume, deposit, given : as for `write_state_vti`.

        Returns
        -------
        Series
            With this snapshot.

        Raises
        ------
        InputError
            When the folder or a file cannot be written.
        """
        make_folder(self.folder)
        name = f"discharge_{len(self.snapshots):04d}.vti"
        write_state_vti(self.folder / name, volume, deposit, given)
        longer = replace(self, snapshots=(*self.snapshots, (time, name)), replaced=())
        longer.write_index()
        if self.replaced:
            warnings.warn(
                f"the discharge that was in the folder {self.folder} has been replaced by a new "
                "one; give each a folder of its own to keep both",
                stacklevel=6,
            )
        for old in set(self.replaced) - {name}:
            if Path(old).name == old:
                (self.folder / old).unlink(missing_ok=True)
        return longer

    def write_index(self) -> None:
        """Write the index of the snapshots, which ParaView opens."""
        root = ElementTree.Element("VTKFile", type="Collection", version="0.1")
        collection = ElementTree.SubElement(root, "Collection")
        for time, name in self.snapshots:
            ElementTree.SubElement(
                collection, "DataSet", timestep=repr(float(time)), part="0", file=name
            )
        ElementTree.indent(root)
        with atomic(self.path) as temporary:
            ElementTree.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)


@dataclass(frozen=True, eq=False)
class State:
    """What a discharge goes on from.

    Attributes
    ----------
    deposit : the product.
    table : arrays of the curves so far.
    extra : arrays and numbers beside.
    """

    deposit: Deposit
    table: dict[str, Array]
    extra: dict[str, Any]


def save_state(
    path: str | Path,
    deposit: Deposit,
    table: Mapping[str, Array],
    extra: Mapping[str, Any],
    key: Key,
) -> Path:
    """Write a state to go on from, bit by bit as it is; the file is whole or the one before.

    Parameters
    ----------
    path : the file, ``.npz``.
    deposit : the product.
    table : arrays of the curves so far.
    extra : arrays and numbers beside, by name.
    key : of the run.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    path = Path(path)
    check_writable(path)
    arrays: dict[str, Any] = {}
    parts = {"deposit": deposit, "table": dict(table), "extra": dict(extra)}
    tree = {name: _pack(part, name, arrays) for name, part in parts.items()}
    head = {"volume": key.volume, "settings": key.settings, "tree": tree}
    arrays["head"] = np.array(json.dumps(head))
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)
    return path


def load_state(path: str | Path, key: Key) -> State:
    """Read a state that `save_state` wrote.

    Parameters
    ----------
    path : the file.
    key : of the run that is to go on.

    Returns
    -------
    State

    Raises
    ------
    InputError
        When there is none, it cannot be read, or is of another image or other settings.
    """
    path = Path(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            head = json.loads(str(stored["head"]))
            check_key(path, head, key)
            parts = {name: _unpack(part, stored) for name, part in head["tree"].items()}
    except FileNotFoundError:
        raise InputError(f"there is no saved state {path}; run without resuming first") from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except _DAMAGED as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} is no state of a discharge, or damaged; remove it") from error
    return State(parts["deposit"], parts["table"], parts["extra"])


#: What reading the bytes of something else, or of a part of a state, may raise.
_DAMAGED: Final = (
    ValueError, LookupError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile,
)  # fmt: skip


#: What a state is made of beside arrays, numbers and words.
_CLASSES: Final[Mapping[str, Any]] = {
    "Deposit": Deposit, "Sites": Sites, "Particles": Particles,
}  # fmt: skip


def _pack(value: Any, name: str, arrays: dict[str, NDArray[Any]]) -> Any:
    """A tree of plain values, in which arrays are named and put aside."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if is_dataclass(value):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        return {"class": type(value).__name__, "values": _pack(parts, name, arrays)["values"]}
    if isinstance(value, Mapping):
        return {"values": {k: _pack(v, f"{name}.{k}", arrays) for k, v in value.items()}}
    if isinstance(value, tuple | list):
        items = [_pack(v, f"{name}.{k}", arrays) for k, v in enumerate(value)]
        return {"items": items, "tuple": isinstance(value, tuple)}
    return value.item() if isinstance(value, np.generic) else value


def _unpack(tree: Any, stored: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return stored[tree["array"]]
    if "items" in tree:
        items = [_unpack(item, stored) for item in tree["items"]]
        return tuple(items) if tree["tuple"] else items
    values = {k: _unpack(v, stored) for k, v in tree["values"].items()}
    return _CLASSES[tree["class"]](**values) if "class" in tree else values
