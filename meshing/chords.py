"""Chords through a phase: runs of voxels along an axis, from wall to wall.

The outer faces of the volume are no walls: chords that meet them are cut. Lengths are in metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.pore_sizes import count_chords, mark_chords
from meshing.pore_sizes import Inside, Lengths
from meshing.units import Spacing

__all__ = ["Chords", "chord_map", "chords"]


@dataclass(frozen=True, eq=False)
class Chords:
    """Chords through a phase along one axis.

    Attributes
    ----------
    edge : edge of a voxel along the axis [m].
    whole : (n + 1,) int64, how many chords from wall to wall there are of 0 .. n voxels.
    cut : (n + 1,) int64, how many of each length the border of the volume cuts, at one end or,
        those of n voxels, at both.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.chords import Chords
    >>> Chords(2.0, np.array([0, 0, 3, 0]), np.array([0, 0, 2, 0])).mean
    5.0
    """

    edge: float
    whole: NDArray[np.int64]
    cut: NDArray[np.int64]

    @property
    def walls(self) -> int:
        """Number of ends at walls."""
        return 2 * int(self.whole.sum()) + int(self.cut[:-1].sum())

    @property
    def mean(self) -> float:
        """Mean length [m]: all lengths over half the number of ends at walls; inf without one.

        It needs no chord to be whole, and the border does not make it shorter.
        """
        voxels = int(np.arange(len(self.whole)) @ (self.whole + self.cut))
        return 2.0 * self.edge * voxels / self.walls if self.walls else np.inf


def chords(inside: Inside, spacing: Spacing, axis: int) -> Chords:
    """Count the chords of a phase along an axis, one line of voxels after the other.

    Parameters
    ----------
    inside : (nx, ny, nz) uint8, 1 in the phase and 0 elsewhere.
    spacing : edges of a voxel along x, y, z [m].
    axis : 0, 1 or 2.

    Returns
    -------
    Chords

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.chords import chords
    >>> inside = np.array([1, 0, 1, 1, 0], np.uint8).reshape(1, 1, 5)
    >>> chords(inside, (1.0, 1.0, 2.0), 2).whole.tolist()
    [0, 0, 1, 0, 0, 0]
    """
    lines = np.moveaxis(inside, axis, 2)
    na, nb, n = lines.shape
    whole, cut = np.zeros((2, na, n + 1), np.int64)
    count_chords(lines, na, nb, n, whole, cut)
    return Chords(spacing[axis], whole.sum(axis=0), cut.sum(axis=0))


def chord_map(inside: Inside, spacing: Spacing, axis: int) -> Lengths:
    """Length [m] of the chord along an axis through each voxel, (nx, ny, nz) float32; 0 outside.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.chords import chord_map
    >>> inside = np.array([1, 0, 1, 1, 0], np.uint8).reshape(1, 1, 5)
    >>> chord_map(inside, (1.0, 1.0, 2.0), 2).ravel().tolist()
    [2.0, 0.0, 4.0, 4.0, 0.0]
    """
    out = np.zeros(inside.shape, np.float32)
    lines = np.moveaxis(inside, axis, 2)
    mark_chords(lines, *lines.shape, spacing[axis], np.moveaxis(out, axis, 2))
    return out
