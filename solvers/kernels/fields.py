"""From vectors on the even-odd layout to flows, energies and arrays of the volume's shape."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.even_odd import beside, outer_neighbour
from solvers.kernels.faces import beyond, kind_of, place_along
from solvers.kernels.layout import WIDTH


@parallel
def lay_profile(number, parity, axis, profile, diagonal, v):
    """v = profile[k] on black unknowns, k the place along the driven axis."""
    nx, ny, nj = number.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = number[x, y, j]
                if s == 0:
                    continue
                for i in range(WIDTH):
                    o = s * WIDTH + i
                    if diagonal[o] > 0:
                        k = place_along(x, y, 2 * (WIDTH * j + i) + 1 - parity[s], axis)
                        v[o] = profile[k]


@kernel
def _row_flows(
    s, x, y, j, lateral, along, last, uniform, gx, gy, gz,
    labels, kinds, resistivity, contact, hx, hy, hz, has_red, has_black, red, black, axis, flows,
):  # fmt: skip
    """Add the faces of one segment; returns their energy."""
    energy = 0.0
    offset = (x + y) & 1
    width = np.uint64(WIDTH)
    at, edge = outer_neighbour(along, s, offset, last)
    nx, ny, nz = len(hx), len(hy), len(hz)
    for count in range(WIDTH):
        i = np.uint64(count)
        o = s * width + i
        if not has_red[o] > 0:
            continue
        z = 2 * (WIDTH * j + count) + offset
        k = place_along(x, y, z, axis)
        here = np.float64(red[o])
        kind = kind_of(labels, kinds, x, y, z)
        outer = beside(i, at, o, edge, offset)
        for face in range(6):
            if face < 4:
                other = np.uint64(lateral[s, face]) * width + i
            else:
                other = o if (face == 4) == (offset == 1) else outer
            if not has_black[other] > 0:
                continue
            if uniform:
                g = gx if face < 2 else (gy if face < 4 else gz)
            else:
                across = face >> 1
                u = beyond(x, face, nx) if across == 0 else x
                v = beyond(y, face, ny) if across == 1 else y
                w = beyond(z, face, nz) if across == 2 else z
                there = kind_of(labels, kinds, u, v, w)
                series = (hx[x], hy[y], hz[z])[across] * resistivity[kind, across]
                series += (hx[u], hy[v], hz[w])[across] * resistivity[there, across]
                area = (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])[across]
                g = area / (series / 2 + contact[kind, there])
            drop = here - np.float64(black[other])
            energy += g * drop * drop
            if face == 2 * axis:
                flows[k] -= g * drop
            elif face == 2 * axis + 1:
                flows[k + 1] += g * drop
    return energy


@kernel
def _total(parts):
    """Their sum, in order: a sum over an array inside a parallel kernel is cut by threads."""
    total = 0.0
    for part in parts:
        total += part
    return total


@parallel
def plane_flows(
    number, lateral, along, last, uniform, gx, gy, gz,
    labels, kinds, resistivity, contact, hx, hy, hz, has_red, has_black, red, black, axis, flows,
):  # fmt: skip
    """Flow through every plane between two layers of the driven axis; returns the energy.

    Conductances are float64 here. The field is the minimum of the energy, so a field that float32
    conductances gave has an energy that is right to the square of their rounding.
    `flows` is (nx, n + 1) float64, a part for every mesh plane x; its ends are left to the caller.
    """
    nx, ny, nj = number.shape
    energy = np.zeros(nx)
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.uint64(number[x, y, j])
                if s > 0:
                    energy[x] += _row_flows(
                        s, x, y, j, lateral, along, last, uniform, gx, gy, gz,
                        labels, kinds, resistivity, contact, hx, hy, hz,
                        has_red, has_black, red, black, axis, flows[x],
                    )  # fmt: skip
    return _total(energy)


@parallel
def spread(number, nx, ny, nz, has_red, has_black, red, black, out):
    """Write red and black values to an array in mesh order; what is no unknown stays as it is."""
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range((nz + 2 * WIDTH - 1) // (2 * WIDTH)):
                s = np.int64(number[x, y, j])
                if s == 0:
                    continue
                for bit in range(min(2 * WIDTH, nz - 2 * WIDTH * j)):
                    o = s * WIDTH + bit // 2
                    if (x + y + bit) & 1:
                        if has_black[o]:
                            out[x, y, 2 * WIDTH * j + bit] = black[o]
                    elif has_red[o]:
                        out[x, y, 2 * WIDTH * j + bit] = red[o]


@kernel
def _row_flux(
    u, x, y, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven, ends, scale, out
):  # fmt: skip
    """Flux densities of a row of voxels along z; half of what either face passes."""
    nx, ny, nz = u.shape
    for z in range(nz):
        if np.isnan(u[x, y, z]):
            continue
        here = np.float64(u[x, y, z])
        kind = kind_of(labels, kinds, x, y, z)
        for face in range(6):
            axis = face >> 1
            edge = (hx[x], hy[y], hz[z])[axis]
            place = (x, y, z)[axis]
            at_end = place == ((nx, ny, nz)[axis] - 1 if face & 1 else 0)
            if at_end and axis == driven:
                drop = here - ends[face & 1]
                if np.isnan(drop):
                    continue
                resistance = edge * resistivity[kind, axis] / 2
            elif at_end and not wrap[axis]:
                continue
            else:
                i = beyond(x, face, nx) if axis == 0 else x
                j = beyond(y, face, ny) if axis == 1 else y
                k = beyond(z, face, nz) if axis == 2 else z
                if np.isnan(u[i, j, k]):
                    continue
                there = kind_of(labels, kinds, i, j, k)
                drop = here - np.float64(u[i, j, k])
                halves = edge * resistivity[kind, axis]
                halves += (hx[i], hy[j], hz[k])[axis] * resistivity[there, axis]
                resistance = halves / 2 + contact[kind, there]
            along = drop if face & 1 else -drop
            out[z, axis] += 0.5 * scale * along / resistance


@parallel
def flux_density(
    u, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven, ends, scale, out
):  # fmt: skip
    """Mean flux density through the two faces of each voxel across each axis; 0 where u is NaN.

    Parameters
    ----------
    u : (nx, ny, nz) potential, NaN where nothing conducts.
    ends : (2,) potential on the low and the high driven face, NaN where nothing passes.
    scale : factor of the densities, to the unit that is wanted.
    out : (nx, ny, nz, 3), zero on entry.
    """
    nx, ny, _ = u.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            _row_flux(
                u, x, y, labels, kinds, resistivity, contact, hx, hy, hz, wrap, driven, ends,
                scale, out[x, y],
            )  # fmt: skip
