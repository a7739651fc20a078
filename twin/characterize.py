"""What a structure is in numbers: everything that its voxels say without a solve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meshing.areas import SurfaceAreas, surface_areas
from meshing.fractions import VolumeFraction, volume_fractions
from meshing.percolation import Percolation, mark_percolating
from meshing.phase_numbers import phase_numbers
from meshing.triple_lines import TripleLength, count_triple_edges, triple_lines
from meshing.volume import Volume
from twin.memory import check_memory
from twin.microstructure import Characterization, Triple
from twin.progress import StepProgress
from twin.timing import timed

#: Bytes for each voxel of the volume, and for each voxel edge of the triple lines; upper bounds of
#: the peaks seen on an electrode of 301 x 301 x 251 voxels and on labels at random.
PER_VOXEL: Final = 6
PER_EDGE: Final = 125

_STEPS: Final = ("volume fractions", "areas", "percolation", "triple lines")


def characterize(
    volume: Volume,
    periodic: str = "",
    *,
    ignore_memory: bool = False,
    progress: StepProgress | None = None,
) -> Characterization:
    """Volume fractions, percolation, areas, interfaces and triple lines of all phases.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    periodic : str
        Axes along which the first and the last voxel are neighbours, as ``"xy"``.
    ignore_memory : bool
        Go on even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called before every step with its name, the number of steps done, and that of all.

    Returns
    -------
    Characterization
        A phase without voxels has the fraction 0 and no area, and the summary says so. Without a
        known spacing lengths are in voxels.

    Raises
    ------
    InputError
        When an axis of `periodic` is unknown, there are too many phases, or the volume does not
        fit in memory.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((40, 40, 40), spacing="1um")
    >>> m = twin.characterize(volume)
    >>> round(m.fractions["AM"].value, 3), m.percolation["pore"].percolates("z")
    (0.45, True)
    >>> 0 < m.coverage("AM", by="CBD") < 1
    True
    """
    phase_numbers(volume)  # refuses grey values before they are looked at
    found, seconds, compiling = timed(
        lambda: _characterize(volume, periodic, ignore_memory, progress)
    )
    fractions, areas, percolating, lengths, total = found
    return Characterization(
        volume, periodic, fractions, percolating, areas, lengths, total, seconds, compiling
    )


_Found = tuple[
    dict[str, VolumeFraction],
    SurfaceAreas,
    dict[str, Percolation],
    Mapping[Triple, TripleLength],
    TripleLength,
]


def _characterize(
    volume: Volume, periodic: str, ignore_memory: bool, progress: StepProgress | None
) -> _Found:
    tell = progress or _silence
    tell(_STEPS[0], 0, len(_STEPS))
    fractions = volume_fractions(volume, periodic)
    if not ignore_memory:
        needed = PER_VOXEL * volume.labels.size + PER_EDGE * count_triple_edges(volume, periodic)
        check_memory(volume, needed, "a characterization")
    tell(_STEPS[1], 1, len(_STEPS))
    areas = surface_areas(volume, periodic)
    tell(_STEPS[2], 2, len(_STEPS))
    percolating, flags = mark_percolating(volume, periodic)
    tell(_STEPS[3], 3, len(_STEPS))
    lines = triple_lines(volume, periodic, percolating=flags)
    return fractions, areas, percolating, lines.by_triple(), lines.total


def _silence(step: str, done: int, total: int) -> None:
    """Tell nobody."""
