"""Kernels that follow stream lines from voxel to voxel through a field on voxels.

Within a voxel each component of the flux varies linearly between its two faces, so that the path
through the voxel is known in closed form (Pollock, doi:10.1111/j.1745-6584.1988.tb00425.x). A line
goes from higher to lower potential at every face that it crosses: it meets no voxel twice, crosses
no wall, and ends at the outlet.
"""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@kernel
def _step(x, y, z, face, shape):
    """The voxel behind a face, around the axis where it is beyond the last one."""
    step = 2 * (face & 1) - 1
    if face < 2:
        return (x + step) % shape[0], y, z
    return (x, (y + step) % shape[1], z) if face < 4 else (x, y, (z + step) % shape[2])


@kernel
def _at_end(x, y, z, face, shape):
    """Whether a face of a voxel is a face of the volume."""
    axis = face // 2
    return (x, y, z)[axis] == (shape[axis] - 1 if face & 1 else 0)


@kernel
def _face_flux(u, labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, face, wrap, driven):
    """Flux density through a face x-, x+, y-, y+, z-, z+ of a voxel, positive along the axis."""
    axis = face // 2
    kind = kinds[labels[x, y, z]]
    here, near = np.float64(u[x, y, z]), (hx[x], hy[y], hz[z])[axis] * resistivity[kind, axis]
    if _at_end(x, y, z, face, u.shape):
        if axis == driven:
            return (here if face & 1 else 1.0 - here) / (near / 2)
        if not wrap[axis]:
            return 0.0
    i, j, k = _step(x, y, z, face, u.shape)
    there = np.float64(u[i, j, k])
    if np.isnan(there):
        return 0.0
    beyond = kinds[labels[i, j, k]]
    far = (hx[i], hy[j], hz[k])[axis] * resistivity[beyond, axis]
    drop = here - there if face & 1 else there - here
    return drop / ((near + far) / 2 + contact[kind, beyond])


@kernel
def _face_fluxes(
    u, labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, wrap, driven, flux
):  # fmt: skip
    for face in range(6):
        flux[face] = _face_flux(
            u, labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, face, wrap, driven
        )


@kernel
def _time(part, low, high):
    """Time in which a point leaves along one axis, in edges per unit of flux; inf if never.

    The point is at `part` of the edge from the low face; flux is `low` and `high` on the faces.
    """
    here = low + (high - low) * part
    if here > 0 and high > 0:
        target, way = high, 1 - part
    elif here < 0 and low < 0:
        target, way = low, -part
    else:
        return np.inf
    change = (target - here) / here
    stretch = math.log1p(change) / change if abs(change) > 1e-12 else 1.0
    return way / here * stretch


@kernel
def _moved(part, low, high, time):
    """Where a point is along one axis after a time."""
    growth = (high - low) * time
    stretch = math.expm1(growth) / growth if abs(growth) > 1e-12 else 1.0
    return min(max(part + (low + (high - low) * part) * time * stretch, 0.0), 1.0)


@kernel
def _leave(flux, edges, at):
    """Move a point to where it leaves its voxel; returns the face, or -1 where it comes to rest."""
    soonest, face = np.inf, -1
    for axis in range(3):
        time = _time(at[axis], flux[2 * axis], flux[2 * axis + 1]) * edges[axis]
        if time < soonest:
            here = flux[2 * axis] + (flux[2 * axis + 1] - flux[2 * axis]) * at[axis]
            soonest, face = time, 2 * axis + (here > 0)
    if face < 0:
        return face
    for axis in range(3):
        time = soonest / edges[axis]
        at[axis] = _moved(at[axis], flux[2 * axis], flux[2 * axis + 1], time)
    at[face // 2] = face & 1
    return face


@kernel
def _note(x, y, z, at, flux, jumped, row, points, sizes, jumps):
    """Write a point, in voxels from the low corner, where there is room for it."""
    if row >= len(points):
        return
    points[row, 0], points[row, 1], points[row, 2] = x + at[0], y + at[1], z + at[2]
    square = 0.0
    for axis in range(3):
        square += (flux[2 * axis] + (flux[2 * axis + 1] - flux[2 * axis]) * at[axis]) ** 2
    sizes[row], jumps[row] = math.sqrt(square), jumped


@kernel
def _follow(
    u, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven,
    x, y, z, at, row, points, sizes, jumps,
):  # fmt: skip
    """Follow one line; returns the row after its last point and whether it reached the outlet."""
    flux = np.empty(6)
    jumped = True
    while True:
        _face_fluxes(
            u, labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, wrap, driven, flux
        )
        if jumped:
            _note(x, y, z, at, flux, True, row, points, sizes, jumps)
            row += 1
        face = _leave(flux, (hx[x], hy[y], hz[z]), at)
        if face < 0:
            return row, False
        _note(x, y, z, at, flux, False, row, points, sizes, jumps)
        row += 1
        axis, jumped = face // 2, _at_end(x, y, z, face, u.shape)
        if jumped and axis == driven:
            return row, bool(face & 1)
        x, y, z = _step(x, y, z, face, u.shape)
        at[axis] = 1 - at[axis]


@parallel
def follow_lines(
    u, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven,
    voxels, starts, first, points, sizes, jumps, ends, arrived,
):  # fmt: skip
    """Follow all lines.

    Parameters
    ----------
    u : (nx, ny, nz) potential, NaN where nothing conducts.
    voxels, starts : (lines, 3) voxel in which each line begins, and where in it, 0 to 1 per axis.
    first : (lines,) row of the first point of each line.
    points, sizes, jumps : (rows, 3), (rows,), (rows,) room for points in voxels, the magnitude of
        the flux, and whether a point begins a piece: first of its line, or behind a periodic side.
        Nothing is written beyond their end, so that empty ones serve to count.
    ends, arrived : (lines,) row after the last point; whether the line reached the outlet.
    """
    for task in prange(len(voxels)):
        line = np.int64(task)
        at = starts[line].copy()
        x, y, z = voxels[line, 0], voxels[line, 1], voxels[line, 2]
        end, arrives = _follow(
            u, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven,
            x, y, z, at, first[line], points, sizes, jumps,
        )  # fmt: skip
        ends[line], arrived[line] = end, arrives


@kernel
def inlet_flux(u, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven, out):
    """Flux density into each voxel of the low driven face; `out` is the plane across the axis."""
    for x in range(1 if driven == 0 else u.shape[0]):
        for y in range(1 if driven == 1 else u.shape[1]):
            for z in range(1 if driven == 2 else u.shape[2]):
                if np.isnan(u[x, y, z]):
                    continue
                first, second = (y if driven == 0 else x), (y if driven == 2 else z)
                out[first, second] = _face_flux(
                    u, labels, kinds, resistivity, contact, hx, hy, hz, x, y, z,
                    2 * driven, wrap, driven,
                )  # fmt: skip
