"""Volume fractions, and how much one voxel at the boundaries matters to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from meshing.kernels.neighbours import count_boundary_voxels
from meshing.phase_numbers import phase_numbers, wraps
from meshing.volume import Volume

__all__ = ["VolumeFraction", "volume_fractions"]


@dataclass(frozen=True)
class VolumeFraction:
    """Volume fraction of a phase, and what becomes of it with a voxel less or more all around.

    Attributes
    ----------
    value : voxels of the phase over all voxels [-].
    eroded : the same without the voxels that share a face with another phase.
    dilated : the same with the voxels of other phases that share a face with the phase.

    Examples
    --------
    >>> from meshing.fractions import VolumeFraction
    >>> VolumeFraction(value=0.5, eroded=0.375, dilated=0.625).sensitivity
    0.125
    """

    value: float
    eroded: float
    dilated: float

    @property
    def sensitivity(self) -> float:
        """Half the distance of the two, the +- of a volume fraction [-]."""
        return 0.5 * (self.dilated - self.eroded)

    def to_dict(self) -> dict[str, float]:
        """The numbers by their names."""
        return {
            "volume_fraction": self.value,
            "eroded_fraction": self.eroded,
            "dilated_fraction": self.dilated,
        }


def volume_fractions(volume: Volume, periodic: str = "") -> dict[str, VolumeFraction]:
    """Volume fraction of each phase, with that of the phase eroded and dilated by one voxel.

    A segmentation is uncertain by about a voxel where phases meet. One layer of voxels more or
    less bounds what that does to a volume fraction: an upper bound, because an image whose
    boundaries are all shifted to one side is an unlikely one.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    periodic : str
        Axes along which the first and the last voxel are neighbours, as ``"xy"``.

    Returns
    -------
    dict of str to VolumeFraction
        One for each phase.

    Raises
    ------
    InputError
        When an axis of `periodic` is unknown, or there are too many phases.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.zeros((10, 10, 10), np.uint8)
    >>> labels[3:7, 3:7, 3:7] = 1
    >>> fraction = twin.volume_fractions(twin.Volume(labels, phases={"AM": 1}))["AM"]
    >>> fraction.eroded, fraction.value, fraction.dilated
    (0.008, 0.064, 0.16)
    """
    wrap = wraps(periodic)
    phases = phase_numbers(volume)
    nx, ny, nz = volume.shape
    inside = np.zeros((nx, phases.count), np.int64)
    outside = np.zeros_like(inside)
    table = phases.table.astype(np.uint32)
    count_boundary_voxels(volume.labels, table, phases.count, nx, ny, nz, wrap, inside, outside)
    lost, won = inside.sum(axis=0), outside.sum(axis=0)
    return {
        name: _fraction(volume, name, int(lost[p]), int(won[p]))
        for p, name in enumerate(phases.names)
        if name in volume.phases
    }


def _fraction(volume: Volume, name: str, lost: int, won: int) -> VolumeFraction:
    voxels, size = volume.voxel_count(name), volume.labels.size
    return VolumeFraction(voxels / size, (voxels - lost) / size, (voxels + won) / size)
