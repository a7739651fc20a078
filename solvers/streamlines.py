"""Stream lines of a steady flux, each carrying the same share of the flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.streamlines import follow_lines, inlet_flux
from solvers.steady import SteadySolution

#: Steps of this part of an edge cover it evenly, however many there are (the golden ratio).
_GOLDEN: Final = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines as points in a row.

    Attributes
    ----------
    points : (rows, 3) float64, in voxels along x, y, z from the low corner of the volume.
    sizes : (rows,) float64, magnitude of the flux [conductivity / m].
    jumps : (rows,) bool, whether a point begins a piece: a line, or its part behind a periodic
        side.
    first : (lines + 1,) int64, row of the first point of each line, and the number of rows.
    arrived : (lines,) bool, whether a line reached the outlet.
    """

    points: NDArray[np.float64]
    sizes: NDArray[np.float64]
    jumps: NDArray[np.bool_]
    first: NDArray[np.int64]
    arrived: NDArray[np.bool_]


def trace(solution: SteadySolution, lines: int) -> Lines:
    """Follow lines from the inlet that divide its flow into equal parts.

    Parameters
    ----------
    solution : the steady flux.
    lines : how many lines, at least one.

    Returns
    -------
    Lines
    """
    mesh, system = solution.mesh, solution._system()
    edges = [h[:n] for h, n in zip(system.thickness, mesh.mesh_shape, strict=True)]
    field = (
        solution._potential(system, solution.black.dtype), *system.materials[:4], *edges,
        np.array(system.periodic), mesh.mesh_axis,
    )  # fmt: skip
    voxels, starts = _starts(field, mesh.mesh_shape, mesh.mesh_axis, lines)
    ends, arrived = np.empty(lines, np.int64), np.empty(lines, np.bool_)
    first = np.zeros(lines + 1, np.int64)
    follow_lines(*field, voxels, starts, first, *_room(0), ends, arrived)
    np.cumsum(ends, out=first[1:])
    room = _room(int(first[-1]))
    follow_lines(*field, voxels, starts, first, *room, ends, arrived)
    points, sizes, jumps = room
    scale = system.unit / max(mesh.spacing) ** 2
    return Lines(points[:, np.argsort(mesh.order)], sizes * scale, jumps, first, arrived)


def _room(rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    return np.empty((rows, 3)), np.empty(rows), np.empty(rows, np.bool_)


def _starts(
    field: tuple[Any, ...], shape: tuple[int, int, int], axis: int, lines: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Voxels at the inlet and places in them, spread so that all lines carry the same flow."""
    across = [a for a in range(3) if a != axis]
    plane = np.zeros([shape[a] for a in across])
    inlet_flux(*field, plane)
    sums = np.cumsum(plane)
    parts = (np.arange(lines) + 0.5) / lines * sums[-1]
    chosen = np.minimum(np.searchsorted(sums, parts, side="right"), plane.size - 1)
    before = sums[chosen] - plane.ravel()[chosen]
    voxels, starts = np.zeros((lines, 3), np.int64), np.zeros((lines, 3))
    voxels[:, across] = np.stack(np.unravel_index(chosen, plane.shape), axis=1)
    starts[:, across[0]] = np.clip((parts - before) / plane.ravel()[chosen], 0.0, 1.0)
    starts[:, across[1]] = (0.5 + _GOLDEN * np.arange(lines)) % 1.0
    return voxels, starts
