"""Particles of product that grow from nuclei, each in the open voxels nearest to its nucleus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Particles:
    """Balls that fill their basins outwards.

    Particle i with radius R holds, in a voxel at distance d of its basin, the share
    ``min(1 - film, clamp((R - d) / w + 1 / 2, 0, 1))`` of its room, w the mean edge of a voxel.

    Attributes
    ----------
    centre : (k,) int64, flat index of the voxel with the nucleus in its centre.
    volume : (k,) float64 [m3].
    radius : (k,) float64 [m], 0 without volume.
    basin : (nx ny nz,) int32, particle of every voxel that was open at the start, or -1.
    order : (m,) int64, flat indices of these voxels, by particle and then by distance.
    distance : (m,) float64, of the voxels of `order` from the centres of their particles [m].
    start : (k + 1,) int64, where each particle's voxels are in `order`.
    first : (k,) int64, of these, the first that is not closed for good.
    settled : (k,) float64, product of the particle in the voxels before `first` [m3].
    """

    centre: NDArray[np.int64]
    volume: NDArray[np.float64]
    radius: NDArray[np.float64]
    basin: NDArray[np.int32]
    order: NDArray[np.int64]
    distance: NDArray[np.float64]
    start: NDArray[np.int64]
    first: NDArray[np.int64]
    settled: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.centre)
