"""Memory that a solve needs, and memory that is free, compared before the solve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from meshing.errors import InputError
from meshing.volume import Volume

#: Largest memory that a solve takes for each voxel of the volume, beside the labels [bytes].
BYTES_PER_VOXEL: Final = 24

_CGROUPS: Final = Path("/sys/fs/cgroup")
_OWN_CGROUPS: Final = Path("/proc/self/cgroup")

# Control groups, version 2 and version 1: folder under the root, limit, use.
_LIMIT_FILES: Final = (
    ("", "memory.max", "memory.current"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)


def bytes_needed(volume: Volume) -> int:
    """Memory that a solve on a volume takes at most, beside the volume itself.

    Parameters
    ----------
    volume : the image, nx * ny * nz voxels.

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.memory import bytes_needed
    >>> bytes_needed(twin.Volume(np.zeros((10, 10, 10), np.uint8)))
    24000
    """
    return BYTES_PER_VOXEL * volume.labels.size


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


def check_memory(volume: Volume) -> None:
    """Make sure that a solve fits in memory.

    Parameters
    ----------
    volume : the image to solve on.

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
    >>> from twin.memory import check_memory
    >>> check_memory(twin.Volume(np.zeros((10, 10, 10), np.uint8)))
    """
    needed, free = bytes_needed(volume), bytes_free()
    if needed > free:
        shape = " x ".join(map(str, volume.shape))
        raise InputError(
            f"a solve on {shape} voxels needs about {format_bytes(needed)} of memory and "
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
