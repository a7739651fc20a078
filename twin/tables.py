"""Tables of plain text, their rows, and the size of a volume in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meshing.units import format_length
from meshing.volume import Volume


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align rows of text in columns, the first to the left and the others to the right.

    Parameters
    ----------
    head : the names of the columns.
    rows : the cells, as many in each row as there are columns.

    Returns
    -------
    str
        One line for the head and one for each row, without a newline at the end.

    Examples
    --------
    >>> from twin.tables import text_table
    >>> print(text_table(["axis", "tau"], [["x", "1.5"], ["y", "12.25"]]))
    axis    tau
    x       1.5
    y     12.25
    """
    table = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(_line(row, widths) for row in table)


def flat_row(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give each entry of a triple, and of a mapping, the column of its own that a table needs.

    Parameters
    ----------
    data : names and values; lists have an entry for each of x, y, z.

    Returns
    -------
    dict
        Columns and their values.

    Examples
    --------
    >>> from twin.tables import flat_row
    >>> flat_row({"spacing": [1e-6, 2e-6, 3e-6], "share": {"AM": 0.1}})
    {'spacing_x': 1e-06, 'spacing_y': 2e-06, 'spacing_z': 3e-06, 'share.AM': 0.1}
    """
    row: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, list):
            row |= {f"{key}_{axis}": entry for axis, entry in zip("xyz", value, strict=True)}
        elif isinstance(value, Mapping):
            row |= {f"{key}.{name}": entry for name, entry in flat_row(value).items()}
        else:
            row[key] = value
    return row


def describe_size(volume: Volume) -> str:
    """Voxels and their edges in words.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.tables import describe_size
    >>> describe_size(twin.Volume(np.zeros((4, 3, 2), np.uint8), spacing="50nm"))
    '4 x 3 x 2 voxels of 50 nm'
    """
    shape = " x ".join(map(str, volume.shape))
    edges = [format_length(edge) for edge in volume.spacing]
    if not volume.spacing_known:
        return f"{shape} voxels of unknown size"
    return f"{shape} voxels of {' x '.join(edges) if len(set(edges)) > 1 else edges[0]}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(cells).rstrip()
