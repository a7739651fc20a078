"""Memory that a solve needs, and memory that is free, compared before the solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from meshing.errors import InputError
from meshing.volume import Volume


@dataclass(frozen=True)
class Needs:
    """Memory that work on one kind of problem takes, beside the labels.

    Attributes
    ----------
    solve, kept : for a solve, and for its result: bytes for each voxel of the volume, and for each
        voxel that carries flux.
    picture, fields : to draw a result, and to write its fields: bytes for each voxel.
    """

    solve: tuple[float, float]
    kept: tuple[float, float]
    picture: int
    fields: int


#: One conductivity everywhere. Upper bounds of the peaks of resident memory seen on 200^3 blobs
#: of which 0.2 to 0.98 carry flux.
UNIFORM: Final = Needs(solve=(6.0, 21.0), kept=(0.6, 2.0), picture=30, fields=48)

#: Several conductivities. Upper bounds of the peaks seen on an electrode of 150^3 voxels of which
#: 0.58 and all carry flux.
MIXED: Final = Needs(solve=(12.0, 63.0), kept=(2.0, 5.0), picture=42, fields=60)

#: Uniform charging of the walls of an electrode, in double precision. Upper bounds of the peaks
#: seen on 200^3 blobs of which 0.2 to 0.98 are pores.
ELECTRODE: Final = Needs(solve=(8.0, 40.0), kept=(1.0, 10.0), picture=42, fields=72)

#: The same, and a spectrum of fifteen solves in single precision.
SPECTRUM: Final = Needs(solve=(8.0, 160.0), kept=(1.0, 120.0), picture=42, fields=60)

_CGROUPS: Final = Path("/sys/fs/cgroup")
_OWN_CGROUPS: Final = Path("/proc/self/cgroup")

# Control groups, version 2 and version 1: folder under the root, limit, use.
_LIMIT_FILES: Final = (
    ("", "memory.max", "memory.current"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def bytes_needed(volume: Volume, fraction: float, kept: int = 0, needs: Needs = UNIFORM) -> int:
    """Memory that a solve on a volume takes, beside the volume itself.

    Parameters
    ----------
    volume : the image, nx * ny * nz voxels.
    fraction : share of all voxels that carry flux [-].
    kept : results along other axes that stay in memory meanwhile.
    needs : of the kind of problem.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.memory import bytes_needed
    >>> bytes_needed(twin.Volume(np.zeros((10, 10, 10), np.uint8)), fraction=0.5)
    16500
    """
    solve, result = (each + more * fraction for each, more in (needs.solve, needs.kept))
    each = solve + kept * result
    return round(each * volume.labels.size)


def bytes_free() -> int:
    """Memory that this process can still take [bytes]: of the machine, or of its control group.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> from twin.memory import bytes_free
    >>> bytes_free() > 0
    True
    """
    import psutil

    return min([int(psutil.virtual_memory().available), *_left_in_groups()])


def check_memory(volume: Volume, needed: int, work: str = "a solve") -> None:
    """Make sure that some work on a volume fits in memory.

    Parameters
    ----------
    volume : the image.
    needed : memory that the work takes [bytes].
    work : what it is, for the sentence.

    Returns
    -------
    None

    Raises
    ------
    InputError
        When it needs more than is free; the sentence names both, and what to do.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.memory import bytes_needed, check_memory
    >>> volume = twin.Volume(np.zeros((10, 10, 10), np.uint8))
    >>> check_memory(volume, bytes_needed(volume, fraction=0.5))
    """
    free = bytes_free()
    if needed > free:
        shape = " x ".join(map(str, volume.shape))
        raise InputError(
            f"{work} on {shape} voxels needs about {format_bytes(needed)} of memory and "
            f"{format_bytes(free)} are free; crop or rebin the volume, use a larger machine, or "
            "go on regardless with ignore_memory (--ignore-memory on the command line)"
        )


def format_bytes(count: int) -> str:
    """Text of a number of bytes, in units of 1000.

    Examples
    --------
    >>> from twin.memory import format_bytes
    >>> format_bytes(3_200_000_000)
    '3.2 GB'
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _left_in_groups() -> Iterator[int]:
    """What each control group over this process still allows; nothing where there is none."""
    for folder, limit, used in _LIMIT_FILES:
        root = _CGROUPS / folder
        for group in _own_groups(root):
            allowed, taken = _number(group / limit), _number(group / used)
            if allowed is not None and taken is not None:
                yield max(allowed - taken + _reclaimable(group), 0)


def _own_groups(root: Path) -> Iterator[Path]:
    """The groups that this process is in, and all those around them."""
    yield root
    lines = _OWN_CGROUPS.read_text().splitlines() if _OWN_CGROUPS.exists() else []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            group = Path(path.lstrip("/"))
            yield from (root / part for part in (group, *group.parents) if part.parts)


def _number(file: Path) -> int | None:
    text = file.read_text().strip() if file.exists() else ""
    return int(text) if text.isdigit() else None  # "max" where there is no limit


def _reclaimable(group: Path) -> int:
    """Pages of files that the system drops when memory is short, though it counts them as used."""
    file = group / "memory.stat"
    lines = file.read_text().splitlines() if file.exists() else []
    pages = dict(line.split() for line in lines)
    return int(pages.get("total_inactive_file", pages.get("inactive_file", 0)))
