"""Which phases and interfaces carry the flow, and where its energy is spent."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.even_odd import beside, outer_neighbour
from solvers.kernels.faces import beyond, kind_of, place_along
from solvers.kernels.layout import WIDTH


@kernel
def _add_end(
    value, labels, kinds, resistivity, hx, hy, hz, x, y, z, axis, n, current, heat
):  # fmt: skip
    """Add the driven faces of a voxel, at potential 1 and 0."""
    edge = (hx[x], hy[y], hz[z])[axis]
    kind = kind_of(labels, kinds, x, y, z)
    g = 2 * hx[x] * hy[y] * hz[z] / edge**2 / resistivity[kind, axis]
    place = place_along(x, y, z, axis)
    if place == 0:
        heat[kind] += g * (1 - value) ** 2
        current[kind] += g * (1 - value) * edge / 2
    if place == n - 1:
        heat[kind] += g * value**2
        current[kind] += g * value * edge / 2


@kernel
def _add_faces(
    s, i, o, outer, offset, x, y, z, lateral, labels, kinds, resistivity, contact, hx, hy, hz,
    has_black, red, black, axis, current, heat, crossing, contact_heat,
):  # fmt: skip
    """Add the faces of a red voxel that join it to others."""
    here = kind_of(labels, kinds, x, y, z)
    for face in range(6):
        if face < 4:
            other = np.uint64(lateral[s, face]) * np.uint64(WIDTH) + i
        else:
            other = o if (face == 4) == (offset == 1) else outer
        if not has_black[other] > 0:
            continue
        across = face >> 1
        u = beyond(x, face, len(hx)) if across == 0 else x
        v = beyond(y, face, len(hy)) if across == 1 else y
        w = beyond(z, face, len(hz)) if across == 2 else z
        there = kind_of(labels, kinds, u, v, w)
        own, theirs = (hx[x], hy[y], hz[z])[across], (hx[u], hy[v], hz[w])[across]
        near = own * resistivity[here, across] / 2
        far = theirs * resistivity[there, across] / 2
        whole = near + far + contact[here, there]
        drop = np.float64(red[o]) - np.float64(black[other])
        flow = drop * (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])[across] / whole
        heat[here] += flow * drop * near / whole
        heat[there] += flow * drop * far / whole
        if here != there:
            pair = (min(here, there), max(here, there))
            crossing[pair] += abs(flow)
            contact_heat[pair] += flow * drop * contact[here, there] / whole
        if across == axis:
            along = flow if face & 1 else -flow
            current[here] += along * own / 2
            current[there] += along * theirs / 2


@kernel
def _add_segment(
    s, x, y, j, lateral, along, last, labels, kinds, resistivity, contact, hx, hy, hz,
    has_red, has_black, red, black, axis, current, heat, crossing, contact_heat,
):  # fmt: skip
    offset = (x + y) & 1
    width = np.uint64(WIDTH)
    at, edge = outer_neighbour(along, s, offset, last)
    n = (len(hx), len(hy), len(hz))[axis]
    for count in range(WIDTH):
        i = np.uint64(count)
        o = s * width + i
        z = 2 * (WIDTH * j + count) + offset
        if has_black[o] > 0:
            _add_end(
                black[o], labels, kinds, resistivity, hx, hy, hz,
                x, y, z + 1 - 2 * offset, axis, n, current, heat,
            )  # fmt: skip
        if not has_red[o] > 0:
            continue
        _add_end(red[o], labels, kinds, resistivity, hx, hy, hz, x, y, z, axis, n, current, heat)
        _add_faces(
            s, i, o, beside(i, at, o, edge, offset), offset, x, y, z, lateral, labels, kinds,
            resistivity, contact, hx, hy, hz, has_black, red, black, axis,
            current, heat, crossing, contact_heat,
        )  # fmt: skip


@parallel
def share(
    number, lateral, along, last, labels, kinds, resistivity, contact, hx, hy, hz,
    has_red, has_black, red, black, axis, current, heat, crossing, contact_heat,
):  # fmt: skip
    """Sum what each kind and each pair of kinds takes, a part for every mesh plane x.

    Parameters
    ----------
    current : (nx, kinds), flow along the driven axis times the length that it runs in a kind.
    heat : (nx, kinds), energy spent in a kind.
    crossing, contact_heat : (nx, kinds, kinds), absolute flow through the faces between two kinds,
        and energy spent in their contact resistance; the smaller kind comes first.
    """
    nx, ny, nj = number.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.uint64(number[x, y, j])
                if s > 0:
                    _add_segment(
                        s, x, y, j, lateral, along, last,
                        labels, kinds, resistivity, contact, hx, hy, hz,
                        has_red, has_black, red, black, axis,
                        current[x], heat[x], crossing[x], contact_heat[x],
                    )  # fmt: skip
