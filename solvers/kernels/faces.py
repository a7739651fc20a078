"""Faces of voxels: where they are and what they conduct, in float64."""

from __future__ import annotations

from meshing.kernels import kernel


@kernel
def place_along(x, y, z, axis):
    if axis == 0:
        return x
    return y if axis == 1 else z


@kernel
def kind_of(labels, kinds, x, y, z):
    """What fills a voxel; a layer beyond the labels is one of no thickness, and as the last."""
    nx, ny, nz = labels.shape
    return kinds[labels[min(x, nx - 1), min(y, ny - 1), min(z, nz - 1)]]


@kernel
def beyond(place, face, n):
    """The layer beyond a face, wrapped."""
    if face & 1:
        return place + 1 if place < n - 1 else 0
    return place - 1 if place > 0 else n - 1


@kernel
def _across(hx, hy, hz, x, y, z, face):
    """The voxel beyond a face, the area of the face and the two edges across it."""
    if face < 2:
        u = beyond(x, face, len(hx))
        return u, y, z, hy[y] * hz[z], hx[x], hx[u]
    if face < 4:
        v = beyond(y, face, len(hy))
        return x, v, z, hx[x] * hz[z], hy[y], hy[v]
    w = beyond(z, face, len(hz))
    return x, y, w, hx[x] * hy[y], hz[z], hz[w]


@kernel
def in_series(labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, face):
    """Resistance times area of both halves of a face and of what is between, the area, kinds."""
    u, v, w, area, own, theirs = _across(hx, hy, hz, x, y, z, face)
    here, there = kind_of(labels, kinds, x, y, z), kind_of(labels, kinds, u, v, w)
    near = own * resistivity[here, face // 2] / 2
    far = theirs * resistivity[there, face // 2] / 2
    return near, far, contact[here, there], area, here, there


@kernel
def conductance(labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, face):
    """Conductance of a face of a voxel in float64."""
    near, far, between, area, _, _ = in_series(
        labels, kinds, resistivity, contact, hx, hy, hz, x, y, z, face
    )
    return area / (near + far + between)
