"""The voxels of a mesh that lie on no path between its two driven faces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.dead_ends import count_ones, search, set_dead
from meshing.voxel_mesh import VoxelMesh

__all__ = ["DeadEnds", "dead_ends"]


@dataclass(frozen=True, eq=False)
class DeadEnds:
    """Voxels that join the driven faces on one way only: whoever enters must come back by it.

    Attributes
    ----------
    mesh : VoxelMesh
        The voxels that were looked at.
    words : ndarray
        Membership, one bit for each voxel, as in `VoxelMesh.words`.
    voxels : int
        How many there are.

    Examples
    --------
    >>> import twin
    >>> volume = twin.Volume([[1, 1, 1, 1], [0, 1, 0, 0]], phases={"pore": 1})
    >>> dead = twin.dead_ends(twin.voxel_mesh(volume, ["pore"], axis=1))
    >>> dead.voxels, dead.fraction
    (1, 0.2)
    """

    mesh: VoxelMesh
    words: NDArray[np.uint16]
    voxels: int

    @property
    def fraction(self) -> float:
        """Share of the mesh's voxels, 0 to 1; 0 for a mesh without voxels."""
        return self.voxels / self.mesh.spanning_voxels if self.mesh.spanning_voxels else 0.0

    def mask(self) -> NDArray[np.bool_]:
        """Which voxels are dead ends, (nx, ny, nz) bool. Made when asked for."""
        return replace(self.mesh, words=self.words).active()


def dead_ends(mesh: VoxelMesh) -> DeadEnds:
    r"""Find the voxels on no path between the two driven faces, from the geometry alone.

    A voxel carries a steady current, whatever the conductivities, only where a path that visits no
    voxel twice leads through it from one driven face to the other. With the two faces as two more
    vertices and an edge between them, these are the voxels that share a block (a biconnected
    component) with that edge. All others are dead ends: pockets behind a single voxel.

    Pockets with a mouth of two voxels or more are on such a path, though the current in them may
    be as small as one likes: `twin.flux_partition` tells those apart by their flux.

    The search takes time in proportion to the voxels, on one thread, and 9 bytes for each voxel of
    the mesh (17 from 2\ :sup:`31` voxels on) beside half a byte for each voxel of the volume.

    Parameters
    ----------
    mesh : VoxelMesh
        The voxels, from `twin.voxel_mesh` or from a result; neighbours share a face, also across
        periodic sides.

    Returns
    -------
    DeadEnds

    References
    ----------
    Hopcroft and Tarjan, Communications of the ACM 16 (1973) 372, doi:10.1145/362248.362272

    Examples
    --------
    A channel of five voxels with a side pocket of two:

    >>> import numpy as np, twin
    >>> labels = np.zeros((5, 3, 1), np.uint8)
    >>> labels[:, 0] = labels[2, 1:] = 1
    >>> mesh = twin.voxel_mesh(twin.Volume(labels, phases={"pore": 1}), ["pore"], axis=0)
    >>> dead = twin.dead_ends(mesh)
    >>> dead.voxels, dead.mask()[2, :, 0].tolist()
    (2, [False, True, True])
    """
    kind = _index_type(mesh.spanning_voxels)
    first = np.empty(mesh.words.shape, kind)
    count = count_ones(mesh.words, first)
    number = np.zeros(count, kind)
    lowest, way = np.empty(count + 2, kind), np.empty(count + 2, np.uint8)
    wrap = np.array([mesh.sides == "periodic" and a != mesh.axis for a in mesh.order])
    shape = np.array(mesh.mesh_shape, np.int64)
    search(mesh.words, first, shape, mesh.mesh_axis, wrap, number, lowest, way)
    words = np.empty_like(mesh.words)
    return DeadEnds(mesh, words, int(set_dead(mesh.words, first, number, lowest, words)))


def _index_type(voxels: int) -> type[np.signedinteger[Any]]:
    """Four bytes where they count far enough."""
    return np.int32 if voxels + 2 <= np.iinfo(np.int32).max else np.int64
