"""Tables of plain text."""

from __future__ import annotations

from collections.abc import Sequence


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


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "  ".join(cells).rstrip()
