"""Constrictions: clusters of voxels with far more flux than the mean, and their sections."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.connectivity import connected_components
from meshing.voxel_mesh import VoxelMesh
from twin.flux_distribution import FluxDistribution

__all__ = ["Clusters", "Constriction", "constriction", "find_clusters"]


@dataclass(frozen=True)
class Constriction:
    """A cluster of neighbouring voxels in which the flux is far above its mean.

    The section is the part of the cluster in the plane through the peak, across the axis along
    which most of the flux at the peak runs. It is the whole cross-section of a throat where all of
    it is above the ratio that was asked for; a throat that runs at an angle to the axes has a
    section larger than the throat is wide, by up to a factor of the square root of 3.

    Attributes
    ----------
    voxel : tuple of three ints
        Indices x, y, z of the voxel with the largest flux.
    position : tuple of three floats
        Its centre [m], from the low corner of the volume; in voxels where their size is unknown.
    peak_ratio : float
        Flux there over the mean of what joins the driven faces.
    axis : str
        ``"x"``, ``"y"`` or ``"z"``: along which most of the flux at the peak runs.
    area : float
        Area of the section [m2].
    current_share : float
        Share of the total current that passes the section, 0 to 1, by the flux at voxel centres:
        the mean of what enters by one side of the section and leaves by the other.
    voxels : int
        Voxels of the cluster.

    Examples
    --------
    >>> from twin.constrictions import Constriction
    >>> throat = Constriction((2, 0, 0), (5e-7, 1e-7, 1e-7), 3.0, "x", 4e-14, 1.0, 5)
    >>> f"{throat.equivalent_diameter:.3g}"
    '2.26e-07'
    """

    voxel: tuple[int, int, int]
    position: tuple[float, float, float]
    peak_ratio: float
    axis: str
    area: float
    current_share: float
    voxels: int

    @property
    def equivalent_diameter(self) -> float:
        """Diameter of the circle with the area of the section [m]."""
        return math.sqrt(4.0 * self.area / math.pi)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with flat keys for a table."""
        return {
            **{f"voxel_{name}": index for name, index in zip("xyz", self.voxel, strict=True)},
            **{f"position_{name}": at for name, at in zip("xyz", self.position, strict=True)},
            "peak_ratio": self.peak_ratio,
            "axis": self.axis,
            "area": self.area,
            "equivalent_diameter": self.equivalent_diameter,
            "current_share": self.current_share,
            "voxels": self.voxels,
        }


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of squeezed voxels.

    Attributes
    ----------
    index : (squeezed,) flat index of each voxel, ascending.
    size : (squeezed,) magnitude of the flux.
    number : (squeezed,) cluster of each voxel.
    count : number of clusters.
    """

    index: NDArray[np.int64]
    size: NDArray[np.float32]
    number: NDArray[np.int64]
    count: int

    def peaks(self) -> NDArray[np.intp]:
        """Places in `index` of the largest flux of each cluster, the largest first."""
        order = np.lexsort((-self.size, self.number))
        _, first = np.unique(self.number[order], return_index=True)
        found = order[first]
        ranked: NDArray[np.intp] = found[np.argsort(-self.size[found], kind="stable")]
        return ranked


def find_clusters(
    mesh: VoxelMesh, squeezed: NDArray[np.uint8], size: NDArray[np.float32]
) -> Clusters:
    """Join neighbouring squeezed voxels.

    Parameters
    ----------
    mesh : the voxels that carry the flux.
    squeezed : (nx, ny, nz) uint8, 1 where the flux is far above its mean.
    size : magnitude of the flux there, in the order of the array.

    Returns
    -------
    Clusters
    """
    x, y, z = (mesh.sides == "periodic" and axis != mesh.axis for axis in range(3))
    parts = connected_components(squeezed, np.array([False, True]), (x, y, z))
    number = np.repeat(parts.component, parts.run_high - parts.run_low)
    return Clusters(np.flatnonzero(squeezed), size, number, parts.count)


def constriction(
    mesh: VoxelMesh,
    flux: NDArray[np.float32],
    spread: FluxDistribution,
    clusters: Clusters,
    peak: int,
) -> Constriction:
    """Measure a cluster.

    Parameters
    ----------
    mesh, flux, spread : the voxels that carry the flux, the flux, and its distribution.
    clusters : all clusters.
    peak : place of the cluster's peak among their voxels.

    Returns
    -------
    Constriction
    """
    members = clusters.index[clusters.number == clusters.number[peak]]
    x, y, z = (int(i) for i in np.unravel_index(clusters.index[peak], mesh.shape))
    axis = int(np.abs(flux[x, y, z]).argmax())
    places = np.stack(np.unravel_index(members, mesh.shape), axis=1)
    section = _section(places[places[:, axis] == (x, y, z)[axis]], (x, y, z), mesh)
    through = flux[*section.T, axis].sum(dtype=np.float64)
    face, whole = _face(mesh, axis), _face(mesh, mesh.axis) * _voxels_across(mesh)
    dx, dy, dz = mesh.spacing
    return Constriction(
        voxel=(x, y, z),
        position=((x + 0.5) * dx, (y + 0.5) * dy, (z + 0.5) * dz),
        peak_ratio=float(clusters.size[peak]) / spread.mean,
        axis="xyz"[axis],
        area=len(section) * face,
        current_share=float(abs(through)) * face / (spread.superficial * whole),
        voxels=len(members),
    )


def _face(mesh: VoxelMesh, axis: int) -> float:
    """Area of a voxel's face across an axis [m2]."""
    return math.prod(mesh.spacing) / mesh.spacing[axis]


def _voxels_across(mesh: VoxelMesh) -> int:
    return math.prod(mesh.shape) // mesh.shape[mesh.axis]


def _section(
    plane: NDArray[np.intp], peak: tuple[int, int, int], mesh: VoxelMesh
) -> NDArray[np.intp]:
    """Those voxels of a plane that are joined to the peak within it, (n, 3)."""
    left = {(int(x), int(y), int(z)) for x, y, z in plane} - {peak}
    found = [peak]
    for voxel in found:  # grows while it is walked
        for beside in _beside(voxel, mesh):
            if beside in left:
                left.remove(beside)
                found.append(beside)
    return np.array(found)


def _beside(voxel: Sequence[int], mesh: VoxelMesh) -> Iterator[tuple[int, int, int]]:
    """The six neighbours of a voxel; those behind a closed side are in no set of voxels."""
    for axis in range(3):
        for step in (-1, 1):
            place = list(voxel)
            place[axis] += step
            if mesh.sides == "periodic" and axis != mesh.axis:
                place[axis] %= mesh.shape[axis]
            yield place[0], place[1], place[2]
