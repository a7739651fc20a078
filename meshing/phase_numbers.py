"""Phases numbered from 0, as kernels that tell several apart want them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.volume import Volume

__all__ = ["UNNAMED", "PhaseNumbers", "phase_numbers", "wraps"]

#: What labels that belong to no phase are called, together.
UNNAMED: Final = "(unnamed)"

#: Segmented images have a handful of phases, grey values and labelled particles many more.
MANY_PHASES: Final = 16


@dataclass(frozen=True, eq=False)
class PhaseNumbers:
    """The phases of a volume as numbers 0, 1, 2, ...

    Attributes
    ----------
    names : name of each number; the last is `UNNAMED` where some labels belong to no phase.
    table : (highest label + 1,) uint8, the number of each label that occurs.

    Examples
    --------
    >>> from meshing.phase_numbers import phase_numbers
    >>> from meshing.volume import Volume
    >>> phase_numbers(Volume([[0, 85, 170]], phases={"pore": 0, "CBD": 170})).names
    ('pore', 'CBD', '(unnamed)')
    """

    names: tuple[str, ...]
    table: NDArray[np.uint8]

    @property
    def count(self) -> int:
        """How many phases there are."""
        return len(self.names)


def phase_numbers(volume: Volume) -> PhaseNumbers:
    """Number the phases of a volume in the order of their names' mapping.

    Parameters
    ----------
    volume : the image.

    Returns
    -------
    PhaseNumbers

    Raises
    ------
    InputError
        When there are too many phases for a table of all their pairs.

    Examples
    --------
    >>> from meshing.phase_numbers import phase_numbers
    >>> from meshing.volume import Volume
    >>> phase_numbers(Volume([[0, 3, 1]], phases={"solid": (1, 3), "pore": 0})).table.tolist()
    [1, 0, 0, 0]
    """
    names = tuple(volume.phases)
    if len(names) > MANY_PHASES:
        raise InputError(
            f"at most {MANY_PHASES} phases can be compared with each other, found {len(names)}; "
            "segment or merge them, or name the phases that matter"
        )
    table = np.full(max(volume.label_counts) + 1, len(names), np.uint8)
    for number, name in enumerate(names):
        table[[label for label in volume.label_values(name) if label < len(table)]] = number
    if (table[list(volume.label_counts)] == len(names)).any():
        return PhaseNumbers((*names, UNNAMED), table)
    table[table == len(names)] = 0  # labels that do not occur
    return PhaseNumbers(names, table)


def wraps(periodic: str) -> NDArray[np.bool_]:
    """Which axes are periodic, (3,) bool, from their letters.

    Raises
    ------
    InputError
        When a letter is none of xyz.

    Examples
    --------
    >>> from meshing.phase_numbers import wraps
    >>> wraps("xz").tolist()
    [True, False, True]
    """
    if set(periodic) - set("xyz"):
        raise InputError(
            f"the periodic axes must be letters of 'xyz', found {periodic!r}; use '' for none"
        )
    return np.array([axis in periodic for axis in "xyz"])
