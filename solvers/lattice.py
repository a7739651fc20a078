"""The lattice of voxels that product grows in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.units import Spacing


@dataclass(frozen=True, eq=False)
class Lattice:
    """What stays of an image while product grows in it.

    Attributes
    ----------
    shape, spacing : voxels per axis; edges of a voxel [m].
    wraps : whether the image goes on at its other side, per axis.
    room : (6,) volume for electrolyte or product in a voxel of each kind [m3].
    """

    shape: tuple[int, int, int]
    spacing: Spacing
    wraps: tuple[bool, bool, bool]
    room: NDArray[np.float64]
