"""Area of every phase and of every pair of phases, by voxel faces and free of their staircase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.area_weights import crofton_weights, face_weights, marching_cubes_weights
from meshing.errors import InputError
from meshing.kernels.cells import count_configurations
from meshing.phase_numbers import PhaseNumbers, phase_numbers, wraps
from meshing.units import Spacing
from meshing.volume import Volume

__all__ = ["Area", "SurfaceAreas", "surface_areas"]

#: Parts of the volume that are counted apart; fixed, so that nothing depends on threads.
CHUNKS: Final = 16

#: Counts are in eighths of a cell.
EIGHTHS: Final = 8.0


@dataclass(frozen=True)
class Area:
    """One surface by three estimators, side by side.

    Attributes
    ----------
    voxel : area of the faces of the voxels [m2]: too large by 3/2 for surfaces that face every
        direction alike, at any resolution.
    marching_cubes : area of the triangles of marching cubes on the labels [m2]: too large by some
        8 % for smooth surfaces, at any resolution.
    crofton : area from intersections with lines in 13 directions [m2]: no error on average for
        surfaces that face every direction alike.

    Examples
    --------
    >>> from meshing.areas import Area
    >>> Area(voxel=3.0, marching_cubes=2.2, crofton=2.0).voxel_over_crofton
    1.5
    """

    voxel: float
    marching_cubes: float
    crofton: float

    @property
    def voxel_over_marching_cubes(self) -> float:
        """Ratio of the two; nan where there is no surface."""
        return self.voxel / self.marching_cubes if self.marching_cubes else float("nan")

    @property
    def voxel_over_crofton(self) -> float:
        """Ratio of the two; nan where there is no surface."""
        return self.voxel / self.crofton if self.crofton else float("nan")

    def over(self, size: float) -> Area:
        """Each divided by a size: by a volume [m3] they become specific areas [1/m]."""
        return Area(self.voxel / size, self.marching_cubes / size, self.crofton / size)

    def to_dict(self) -> dict[str, float]:
        """The three numbers by their names."""
        return {
            "voxel": self.voxel,
            "marching_cubes": self.marching_cubes,
            "crofton": self.crofton,
        }


@dataclass(frozen=True, eq=False)
class SurfaceAreas:
    """Areas of all phases of a volume, and of all pairs.

    The outside of the volume is no surface. Where some labels belong to no phase they count as one
    phase, "(unnamed)".

    Attributes
    ----------
    volume : the image.
    periodic : axes whose first and last voxels are neighbours.
    phases : area of each phase against all others [m2].
    interfaces : area between two phases [m2], by their names in the order of the phases.

    Examples
    --------
    >>> import twin
    >>> labels = [[[0, 1, 1], [0, 1, 2]]]
    >>> areas = twin.surface_areas(twin.Volume(labels, "1um", {"pore": 0, "AM": 1, "CBD": 2}))
    >>> areas.interface("CBD", "AM").voxel
    2e-12
    """

    volume: Volume
    periodic: str
    phases: Mapping[str, Area]
    interfaces: Mapping[tuple[str, str], Area]

    @property
    def box(self) -> float:
        """Size of the volume [m3], by which specific areas are divided."""
        return self.volume.labels.size * float(np.prod(self.volume.spacing))

    def phase(self, name: str) -> Area:
        """Area of a phase [m2].

        Raises
        ------
        InputError
            When there is no such phase.
        """
        if name not in self.phases:
            self.volume.label_values(name)  # says which phases there are, and the nearest one
        return self.phases[name]

    def interface(self, first: str, second: str) -> Area:
        """Area between two phases [m2], in either order.

        Raises
        ------
        InputError
            When there is no such phase, or both are the same.
        """
        self.phase(first), self.phase(second)
        if first == second:
            raise InputError(
                f"an interface lies between different phases, found {first!r} twice; name two"
            )
        pair = (first, second)
        return self.interfaces[pair if pair in self.interfaces else (second, first)]


def surface_areas(volume: Volume, periodic: str = "") -> SurfaceAreas:
    r"""Areas of all phases and of all their interfaces, by three estimators at once.

    The image is passed once: the :math:`2^3` voxels around each corner have 256 configurations for
    each phase, and each estimator is a sum over them of weights :math:`w(c)`. The area between
    phases p and q is that of each less that of both as one phase,
    :math:`A_{pq} = (A_p + A_q - A_{p \cup q}) / 2`, taken cell by cell.

    Memory: none of the size of the volume.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    periodic : str
        Axes along which the first and the last voxel are neighbours, as ``"xy"``. Elsewhere the
        structure is taken to go on straight beyond the faces of the volume.

    Returns
    -------
    SurfaceAreas

    Raises
    ------
    InputError
        When an axis of `periodic` is unknown, or there are too many phases.

    References
    ----------
    Lewiner et al., J. Graphics Tools 8 (2003) 1, doi:10.1080/10867651.2003.10487582;
    Legland, Kieu and Devaux, Image Anal. Stereol. 26 (2007) 83, doi:10.5566/ias.v26.p83-92

    Examples
    --------
    >>> import numpy as np, twin
    >>> x, y, z = np.ogrid[-12:13, -12:13, -12:13]
    >>> ball = twin.Volume(x**2 + y**2 + z**2 <= 100, "1um", {"pore": 0, "AM": 1})
    >>> area = twin.surface_areas(ball).phase("AM")
    >>> exact = 4 * np.pi * 10e-6**2
    >>> [round(float(a / exact), 2) for a in (area.voxel, area.marching_cubes, area.crofton)]
    [1.51, 1.09, 1.0]
    """
    wrap = wraps(periodic)
    phases = phase_numbers(volume)
    alone, together = _counted(volume, phases, wrap)
    weights = _weights(volume.spacing, _flat(volume))
    own = np.einsum("ppc,ec->pe", alone, weights)
    pairs = np.einsum("pqc,ec->pqe", alone, weights)
    union = np.einsum("pqc,ec->pqe", together, weights)
    return SurfaceAreas(
        volume=volume,
        periodic=periodic,
        phases={name: _area(own[p]) for p, name in enumerate(phases.names)},
        interfaces={
            (phases.names[p], phases.names[q]): _area(
                0.5 * (pairs[p, q] + pairs[q, p] - union[p, q])
            )
            for p, q in combinations(range(phases.count), 2)
        },
    )


def _counted(
    volume: Volume, phases: PhaseNumbers, wrap: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cells of each configuration, (phases, phases, 256) each, as `count_configurations` says."""
    nx, ny, nz = volume.shape
    layers = nx + int(not wrap[0])
    bounds = np.linspace(0, layers, min(CHUNKS, layers) + 1).astype(np.int64)
    alone = np.zeros((len(bounds) - 1, phases.count, phases.count, 256), np.int64)
    together = np.zeros_like(alone)
    count_configurations(volume.labels, phases.table, nx, ny, nz, wrap, bounds, alone, together)
    return alone.sum(axis=0) / EIGHTHS, together.sum(axis=0) / EIGHTHS


def _flat(volume: Volume) -> tuple[int, int, int]:
    """The least shape that is one voxel thick along the same axes."""
    x, y, z = (min(n, 2) for n in volume.shape)
    return x, y, z


@lru_cache(maxsize=8)
def _weights(spacing: Spacing, shape: tuple[int, int, int]) -> NDArray[np.float64]:
    """Area of each configuration by each estimator, (3, 256) [m2], in the order of `Area`."""
    weights = np.stack(
        [
            face_weights(spacing),
            marching_cubes_weights(spacing),
            crofton_weights(spacing, shape),
        ]
    )
    weights.flags.writeable = False
    return weights


def _area(values: NDArray[np.float64]) -> Area:
    return Area(*(float(value) for value in values))
