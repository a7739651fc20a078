"""How the voxels of each phase hang together, and which of them join opposite faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.connectivity import Components, connected_components
from meshing.kernels.connectivity import mark_runs
from meshing.phase_numbers import PhaseNumbers, phase_numbers, wraps
from meshing.volume import Volume

__all__ = ["Percolation", "mark_percolating", "percolation"]


@dataclass(frozen=True)
class Percolation:
    """The connected parts of a phase; voxels are connected where they share a face.

    Attributes
    ----------
    components : number of connected parts.
    largest_fraction : share of the phase's voxels in the largest part; 0 without voxels.
    percolating_fraction : share of the phase's voxels in parts that join the two faces of the
        x, y, z axis.

    Examples
    --------
    >>> from meshing.percolation import Percolation
    >>> Percolation(2, 0.75, (0.75, 0.0, 0.0)).percolates("x")
    True
    """

    components: int
    largest_fraction: float
    percolating_fraction: tuple[float, float, float]

    def percolates(self, axis: str) -> bool:
        """Whether some part joins the two faces of an axis, "x", "y" or "z"."""
        return self.percolating_fraction["xyz".index(axis)] > 0.0

    def to_dict(self) -> dict[str, Any]:
        """The numbers by their names; one for each axis in a list."""
        return {
            "components": self.components,
            "largest_fraction": self.largest_fraction,
            "percolating_fraction": list(self.percolating_fraction),
        }


def percolation(volume: Volume, periodic: str = "") -> dict[str, Percolation]:
    """Connected parts of each phase, and the share of it that joins opposite faces.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    periodic : str
        Axes along which the first and the last voxel are neighbours, as ``"xy"``. The axis whose
        faces are to be joined is left open.

    Returns
    -------
    dict of str to Percolation
        One for each phase.

    Raises
    ------
    InputError
        When an axis of `periodic` is unknown, or there are too many phases.

    Examples
    --------
    >>> import twin
    >>> volume = twin.Volume([[1, 1, 0], [0, 1, 0], [0, 1, 1]], phases={"pore": 0, "AM": 1})
    >>> found = twin.percolation(volume)
    >>> found["AM"].components, found["AM"].percolating_fraction
    (1, (1.0, 1.0, 1.0))
    >>> found["pore"].components, found["pore"].percolating_fraction
    (2, (0.0, 0.0, 1.0))
    """
    return _percolation(volume, periodic, None)


def mark_percolating(
    volume: Volume, periodic: str = ""
) -> tuple[dict[str, Percolation], NDArray[np.uint8]]:
    """The same, and which voxels are in a part that joins the faces of an axis.

    Returns
    -------
    tuple
        As `percolation`; and (nx, ny, nz) uint8, bits 0, 1, 2 for x, y, z.

    Examples
    --------
    >>> from meshing.percolation import mark_percolating
    >>> from meshing.volume import Volume
    >>> mark_percolating(Volume([[1, 1, 1], [0, 0, 1]]))[1][:, :, 0].tolist()
    [[7, 7, 7], [4, 4, 7]]
    """
    flags = np.zeros(volume.shape, np.uint8)
    return _percolation(volume, periodic, flags), flags


def _percolation(
    volume: Volume, periodic: str, flags: NDArray[np.uint8] | None
) -> dict[str, Percolation]:
    phases, wrap = phase_numbers(volume), wraps(periodic)
    found = {}
    for number, name in enumerate(phases.names):
        one = _of_phase(volume, phases, number, wrap, flags)
        if name in volume.phases:
            found[name] = one
    return found


def _of_phase(
    volume: Volume,
    phases: PhaseNumbers,
    number: int,
    wrap: NDArray[np.bool_],
    flags: NDArray[np.uint8] | None,
) -> Percolation:
    members = phases.table == number
    parts = _parts(volume, members, wrap)
    total = int(parts.voxels.sum())
    largest, count = int(parts.voxels.max(initial=0)), parts.count
    joined = []
    for axis in range(3):
        if wrap[axis]:  # opened along the axis: a cut through the ring is no way across
            parts = _parts(volume, members, np.where(np.arange(3) == axis, False, wrap))
        elif axis and wrap[axis - 1]:
            parts = _parts(volume, members, wrap)
        across = parts.spanning(axis)
        joined.append(int(parts.voxels[across].sum()))
        if flags is not None:
            bits = (across.astype(np.uint8) << axis)[parts.component]
            nx, ny, _ = volume.shape
            mark_runs(parts.row_start, parts.run_low, parts.run_high, bits, nx, ny, flags)
    x, y, z = (voxels / total if total else 0.0 for voxels in joined)
    return Percolation(count, largest / total if total else 0.0, (x, y, z))


def _parts(volume: Volume, members: NDArray[np.bool_], wrap: NDArray[Any]) -> Components:
    x, y, z = (bool(one) for one in wrap)
    return connected_components(volume.labels, members, (x, y, z))
