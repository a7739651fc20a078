"""Writing files so that none is ever half-written."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from meshing.errors import InputError


def check_writable(path: Path) -> None:
    """Make sure that a file can be written, before the work that would fill it.

    Parameters
    ----------
    path : the file to come. A file of that name may exist; it is left as it is.

    Returns
    -------
    None

    Raises
    ------
    InputError
        When the folder is missing or cannot be written, or the path is itself a folder.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.files import check_writable
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_writable(Path(folder) / "result.json")
    """
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; give the name of a file")
    if not path.parent.exists():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}; make it first")
    probe = _temporary(path)
    try:
        probe.touch(exist_ok=False)  # permission bits do not tell what a file system allows
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {_cause(error)}; choose a folder that you may write to"
        ) from None


def check_folder(folder: Path) -> None:
    """Make sure that a folder is there, or can be made, and that files can be written in it.

    Parameters
    ----------
    folder : the folder to come; nothing is made.

    Returns
    -------
    None

    Raises
    ------
    InputError
        When it is a file, or lies in one, or in a folder that cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.files import check_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_folder(Path(folder) / "runs" / "first")
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputError(f"cannot make the folder {folder}: {there} is a file; give another name")
    check_writable(there / "probe")


def make_folder(folder: Path) -> None:
    """Make a folder, and those around it, unless it is there.

    Parameters
    ----------
    folder : the folder.

    Returns
    -------
    None

    Raises
    ------
    InputError
        When it cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.files import make_folder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     make_folder(Path(folder) / "runs" / "first")
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {_cause(error)}") from error


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder; on success it becomes `path`, else it is removed.

    Parameters
    ----------
    path : the file to write or replace.

    Yields
    ------
    Path
        The temporary name, with the suffix of `path`.

    Raises
    ------
    InputError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.files import atomic
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic(Path(folder) / "a.txt") as temporary:
    ...         _ = temporary.write_text("done")
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.txt']
    """
    temporary = _temporary(path)
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {_cause(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_json(file: TextIO, data: Mapping[str, Any]) -> None:
    """Write numbers and names as JSON; infinities and NaN, which JSON lacks, become null.

    Parameters
    ----------
    file : an open text file.
    data : strings, numbers, booleans, and mappings and sequences of them.

    Returns
    -------
    None

    Examples
    --------
    >>> import sys
    >>> from twin.files import write_json
    >>> write_json(sys.stdout, {"tortuosity_factor": float("inf"), "percolates": False})
    {
      "tortuosity_factor": null,
      "percolates": false
    }
    """
    json.dump(_finite(data), file, indent=2, allow_nan=False, ensure_ascii=False)
    file.write("\n")


def write_csv(file: TextIO, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same keys as comma-separated values, the keys in the first line.

    Parameters
    ----------
    file : an open text file.
    rows : one mapping from column to value for each line, at least one.

    Returns
    -------
    None

    Examples
    --------
    >>> import sys
    >>> from twin.files import write_csv
    >>> write_csv(sys.stdout, [{"axis": "x", "tortuosity_factor": 1.5}])
    axis,tortuosity_factor
    x,1.5
    """
    writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def save_csv(path: str | Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write rows as `write_csv` to a file that is whole or not there.

    Parameters
    ----------
    path : the file to write or replace.
    rows : as for `write_csv`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.files import save_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_csv(Path(folder) / "a.csv", [{"axis": "x"}]).read_text(encoding="utf-8")
    'axis\\nx\\n'
    """
    path = Path(path)
    check_writable(path)
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, rows)
    return path


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")


def _cause(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
