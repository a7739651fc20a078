"""Flux at voxel centres from a concentration on voxels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.labels import slabs
from solvers.steady import SteadySolution


def flux(solution: SteadySolution) -> NDArray[np.float32]:
    """Mean of the fluxes through the two opposite faces of each voxel, per axis.

    Parameters
    ----------
    solution : the potential between 1 on the low outer face of the driven axis and 0 on the high.

    Returns
    -------
    ndarray, (nx, ny, nz, 3) float32
        Minus the gradient [1/m]; 0 where nothing conducts.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.flux import flux
    >>> volume = twin.Volume(np.ones((4, 2, 2), np.uint8), spacing=0.5, phases={"pore": 1})
    >>> float(flux(twin.tortuosity(volume, "pore", axis="x").solution)[0, 0, 0, 0])
    0.5
    """
    c = solution.potential()
    result = np.empty((*c.shape, 3), np.float32)
    for axis in range(3):
        # Slabs along another axis than that of the difference need no neighbours.
        along = 1 if axis == 0 else 0
        for cut in slabs(c.shape[along], bytes_each=16 * c.size // c.shape[along]):
            where = (slice(None), cut) if along else (cut,)
            result[(*where, ..., axis)] = _component(c[where], axis, solution)
    return result


def _component(c: NDArray[np.float32], axis: int, solution: SteadySolution) -> NDArray[np.float32]:
    low, high = _ghosts(c, axis, solution)
    faces = np.diff(np.concatenate([low, c, high], axis), axis=axis)
    faces[np.isnan(faces)] = 0.0  # a wall on either side
    faces *= -0.5 / solution.mesh.spacing[axis]
    before, after = np.split(faces, [1], axis)[1], np.split(faces, [-1], axis)[0]
    mean: NDArray[np.float32] = before + after
    return mean


def _ghosts(
    c: NDArray[np.float32], axis: int, solution: SteadySolution
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Layers beyond the two faces that make the difference across each face the right one."""
    first, last = c.take([0], axis), c.take([-1], axis)
    if axis == solution.mesh.axis:  # the face, half a voxel away, holds 1 or 0
        return 2.0 - first, -last
    if solution.mesh.sides == "periodic":
        return last, first
    return np.full_like(first, np.nan), np.full_like(last, np.nan)
