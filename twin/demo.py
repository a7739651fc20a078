"""The main job on a generated electrode: what a user does with an image of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import twin
from meshing.errors import InputError
from meshing.generate import electrode
from meshing.volume import Volume
from twin.directions import Directions
from twin.files import atomic, check_writable, write_csv, write_json
from twin.progress import AxisProgress
from twin.results import Tortuosity

SHAPE: Final = (128, 128, 128)
SPACING: Final = 400e-9  # metres: a cube of 51.2 um, ten particles across


def demo(
    folder: Path, progress: AxisProgress | None = None, shape: tuple[int, int, int] = SHAPE
) -> tuple[Directions[Tortuosity], list[Path]]:
    """Find the tortuosity factor of the pores of a generated electrode along x, y and z.

    Parameters
    ----------
    folder : where to write; made where it is missing.
    progress : called after every iteration with the axis, the iteration and the error.
    shape : voxels of the electrode along x, y, z; its size in metres stays the same.

    Returns
    -------
    tuple
        The results, and the files that were written: the electrode as TIFF, the numbers as JSON
        and CSV, a picture, and the fields of each direction for ParaView.

    Raises
    ------
    InputError
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from twin.demo import demo
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result, files = demo(Path(folder), shape=(20, 20, 20))
    >>> result.percolates, [file.name for file in files][:2]
    (True, ['electrode.tif', 'tortuosity.json'])
    """
    with _made(folder):
        check_writable(folder / "tortuosity.json")
        volume = _electrode(shape)
        result = twin.tortuosity(volume, "pore", axis="xyz", progress=progress)
        assert isinstance(result, Directions)
        return result, _write(folder, volume, result)


def _electrode(shape: tuple[int, int, int]) -> Volume:
    spacing = [SPACING * full / n for full, n in zip(SHAPE, shape, strict=True)]
    return electrode(shape, spacing)


def _write(folder: Path, volume: Volume, result: Directions[Tortuosity]) -> list[Path]:
    image, numbers = folder / "electrode.tif", folder / "tortuosity.json"
    table, picture = folder / "tortuosity.csv", folder / "tortuosity.png"
    twin.write_tiff(volume, image)
    with atomic(numbers) as temporary, temporary.open("w", encoding="utf-8") as file:
        write_json(file, {"twin": twin.__version__, **result.to_dict()})
    with atomic(table) as temporary, temporary.open("w", encoding="utf-8") as file:
        write_csv(file, result.rows())
    result.plot(picture)
    return [image, numbers, table, picture, *result.to_vtk(folder / "pore.vti")]


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder; take it away again when the work fails before it holds a file."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cause = (error.strerror or str(error)).lower()
        raise InputError(f"cannot make the folder {folder}: {cause}; choose another") from None
    try:
        yield
    except BaseException:
        if new and not any(folder.iterdir()):
            folder.rmdir()
        raise
