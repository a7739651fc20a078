"""Abaqus input files: nodes, elements and one element set per phase.

meshio writes hexahedra as C3D8RH and triangles as R3D3, element types that change the mechanics
(or that CalculiX does not know), so the few lines of the format are written here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError

__all__ = ["set_names", "write_abaqus"]

#: Rows that are formatted at a time.
CHUNK = 10_000


def write_abaqus(
    path: Path,
    points: NDArray[np.float64],
    cells: NDArray[np.integer],
    kind: str,
    groups: NDArray[np.int32],
    names: Sequence[str],
) -> None:
    """Write nodes and elements; the elements of each group become a set.

    Parameters
    ----------
    path : the file.
    points : (points, 3) positions.
    cells : (cells, corners) points of each element, from 0, in the order of Abaqus, which for
        C3D8 and S3 is that of VTK.
    kind : element type, as "C3D8".
    groups : (cells,) group of each element, from 1.
    names : name of each group.

    Returns
    -------
    None

    Raises
    ------
    InputError
        When two groups would get the same name.

    Examples
    --------
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from meshing.abaqus import write_abaqus
    >>> points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0.0]])
    >>> write_abaqus(Path("t.inp"), points, np.array([[0, 1, 2]]), "S3", np.array([1]), ["AM"])
    >>> Path("t.inp").read_text().splitlines()[-2:]
    ['*ELEMENT, TYPE=S3, ELSET=AM', '1, 1, 2, 3']
    """
    with path.open("w", encoding="ascii") as file:
        file.write("*HEADING\nvoxel mesh of a segmented image\n*NODE\n")
        _rows(file, np.arange(len(points)), points, "%.9e")
        for number, name in enumerate(set_names(names), 1):
            members = np.flatnonzero(groups == number)
            if members.size:
                file.write(f"*ELEMENT, TYPE={kind}, ELSET={name}\n")
                _rows(file, members, cells, "%d")


def set_names(names: Sequence[str]) -> list[str]:
    """Names that Abaqus takes: letters, digits and underscores, a letter first.

    Raises
    ------
    InputError
        When two names become the same.

    Examples
    --------
    >>> from meshing.abaqus import set_names
    >>> set_names(["pore", "NMC 622", "0"])
    ['pore', 'NMC_622', 'phase_0']
    """
    found = [re.sub(r"[^A-Za-z0-9_]", "_", name) for name in names]
    found = [name if name[:1].isalpha() else f"phase_{name}" for name in found]
    # Abaqus does not tell capital letters from small ones.
    if len({name.upper() for name in found}) < len(found):
        raise InputError(
            f"the phases {', '.join(names)} get the same name in an Abaqus file, where only "
            "letters, digits and underscores count; rename one"
        )
    return found


def _rows(file: TextIO, rows: NDArray[np.int64], table: NDArray[np.number], number: str) -> None:
    """Lines of a row's number, from 1, and its entries: positions as they are, points from 1."""
    shift = 1 if table.dtype.kind in "iu" else 0
    line = ", ".join(["%d"] + [number] * table.shape[1]) + "\n"
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        entries = np.column_stack([part + 1, table[part] + shift])
        file.write(line * len(part) % tuple(entries.ravel().tolist()))
