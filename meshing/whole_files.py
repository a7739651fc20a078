"""Files that appear under their names only when they are complete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from meshing.errors import InputError

__all__ = ["whole_files"]


@contextmanager
def whole_files(path: Path) -> Iterator[Path]:
    """Give a hidden folder beside `path`; what is written there is moved next to `path` at the end.

    For formats that write a second file beside the one that was asked for. The file named as
    `path` is moved last, so that it never points to data that is not there yet. When anything
    fails, nothing is moved and the folder is removed.

    Parameters
    ----------
    path : the file to write or replace.

    Yields
    ------
    Path
        The hidden folder, on the same file system as `path`.

    Raises
    ------
    InputError
        When the files cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from meshing.whole_files import whole_files
    >>> with whole_files(Path("mesh.txt")) as folder:
    ...     _ = (folder / "mesh.txt").write_text("done")
    >>> Path("mesh.txt").read_text()
    'done'
    """
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; give the name of a file")
    try:
        with TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as name:
            folder = Path(name)
            yield folder
            for file in sorted(folder.iterdir(), key=lambda file: file.name == path.name):
                file.replace(path.with_name(file.name))
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise InputError(
            f"cannot write {path}: {cause}; choose an existing folder that you may write to and "
            "that has space"
        ) from error
