"""Which labels a phase, or several phases together, stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume

__all__ = ["Phases", "label_array", "masks", "phase_names"]

Phases = str | Sequence[str]
"""The name of one phase, or the names of several that count as one."""


def phase_names(phases: Phases) -> tuple[str, ...]:
    """Names as a tuple, whether one name or several were given.

    Examples
    --------
    >>> from meshing.selection import phase_names
    >>> phase_names("pore"), phase_names(["pore", "CBD"])
    (('pore',), ('pore', 'CBD'))
    """
    return (phases,) if isinstance(phases, str) else tuple(phases)


def label_array(volume: Volume, phases: Phases) -> NDArray[np.int64]:
    """All labels of some phases, (labels,) int64.

    Raises
    ------
    InputError
        When a phase is unknown.

    Examples
    --------
    >>> from meshing.selection import label_array
    >>> from meshing.volume import Volume
    >>> volume = Volume([[0, 1, 2]], phases={"pore": 0, "solid": (1, 2)})
    >>> label_array(volume, ["pore", "solid"]).tolist()
    [0, 1, 2]
    """
    values = [label for name in phase_names(phases) for label in volume.label_values(name)]
    return np.array(values, np.int64)


def masks(
    volume: Volume, phases: Phases, within: NDArray[np.bool_] | None = None
) -> Iterator[NDArray[np.bool_]]:
    """Where some phases are, one slab of the first axis at a time.

    Parameters
    ----------
    volume : the image.
    phases : one phase or several.
    within : (nx, ny, nz) bool; only voxels where it is true. None takes all.

    Yields
    ------
    (ny, nz) bool, for x = 0 .. nx - 1.

    Examples
    --------
    >>> from meshing.selection import masks
    >>> from meshing.volume import Volume
    >>> [int(mask.sum()) for mask in masks(Volume([[0, 1], [1, 1]]), "1")]
    [1, 2]
    """
    values = label_array(volume, phases)
    for x, slab in enumerate(volume.labels):
        mask = np.isin(slab, values)
        yield mask if within is None else mask & within[x]
