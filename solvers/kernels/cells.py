"""Kernels of voxels with a conductivity each: values on the even-odd layout, and conductances."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.fine import six_around
from solvers.kernels.layout import WIDTH

#: Voxels in a segment.
SPAN = 2 * WIDTH


@parallel
def pack(number, values, colour, out):
    """Values of an array on the elements of a colour, 0 red, 1 black; beyond it as they are."""
    nx, ny, nj = number.shape
    _, _, nz = values.shape
    for task in prange(min(nx, values.shape[0])):
        x = np.int64(task)
        for y in range(min(ny, values.shape[1])):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                z = SPAN * j + ((x + y + colour) & 1)
                for i in range(min(WIDTH, (nz - z + 1) // 2) if s > 0 else 0):
                    out[s * WIDTH + i] = values[x, y, z + 2 * i]


@parallel
def conduct(number, lateral, along, last, red, black, hx, hy, hz, faces):
    """Conductance of every face of red voxels, (6, size) float32.

    Two half voxels in series, ``A / (h_1 / 2 k_1 + h_2 / 2 k_2)``, with the digits of single
    precision, so that sums of them are exact; 0 where either conducts nothing.

    Parameters
    ----------
    red, black : (size,) conductivities k; a node of no thickness is open with any k > 0.
    hx, hy, hz : thickness of the layers.
    """
    nx, ny, nj = number.shape
    nz = len(hz)
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    o = s * WIDTH + i
                    offset = (x + y) & 1
                    z = SPAN * j + 2 * i + offset
                    if z >= nz:
                        continue
                    others = six_around(lateral, along, last, s, i, offset)
                    own = (hx[x], hy[y], hz[z])
                    area = (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])
                    beyond = (
                        hx[(x + nx - 1) % nx], hx[(x + 1) % nx], hy[(y + ny - 1) % ny],
                        hy[(y + 1) % ny], hz[(z + nz - 1) % nz], hz[(z + 1) % nz],
                    )  # fmt: skip
                    for face in range(6):
                        mine, theirs, axis = red[o], black[others[face]], face // 2
                        g = 0.0
                        if mine > 0 and theirs > 0 and area[axis] > 0:
                            g = 2 * area[axis] / (own[axis] / mine + beyond[face] / theirs)
                        faces[face, o] = g


@parallel
def number_cells(number, lateral, along, last, faces, table, red_k, black_k, red, black):
    """Give every voxel that conducts a code of its own, 1 + element or 1 + size + element.

    Parameters
    ----------
    table : by code, what a voxel gives to others than its neighbours; a voxel without such, and
        without conducting faces, is no unknown and gets 0.
    """
    nx, ny, nj = number.shape
    size = len(red)
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    o = s * WIDTH + i
                    offset = (x + y) & 1
                    total = table[1 + o]
                    for face in range(6):
                        total += faces[face, o]
                    red[o] = 1 + o if total > 0 and red_k[o] > 0 else 0
                    total = table[1 + size + o]
                    others = six_around(lateral, along, last, s, i, 1 - offset)
                    for face in range(6):
                        # The face of a black voxel is the opposite one of its red neighbour.
                        total += faces[face ^ 1, others[face]]
                    black[o] = 1 + size + o if total > 0 and black_k[o] > 0 else 0


@parallel
def locate(number, ny, nz, voxel, size, out):
    """Elements of voxels, given by flat indices; black ones count on from `size`."""
    for task in prange(len(voxel)):
        n = np.int64(task)
        z = voxel[n] % nz
        y = voxel[n] // nz % ny
        x = voxel[n] // (ny * nz)
        o = np.int64(number[x, y, z // SPAN]) * WIDTH + z % SPAN // 2
        out[n] = o + size if (x + y + z) & 1 else o


@kernel
def add(places, amounts, factor, out):
    """Add amounts at places, which may repeat, times a factor."""
    for n in range(len(places)):
        out[places[n]] += amounts[n] * factor


@parallel
def narrow(kind, flags, through, film, particle, base, exponent, out):
    """Conductivity ``base (1 - theta)^exponent`` of voxels with these flags; 0 of others."""
    nx, ny, nz = kind.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for z in range(nz):
                out[x, y, z] = 0.0
                if flags[x, y, z] == through:
                    left = max(1.0 - film[x, y, z] - particle[x, y, z], 0.0)
                    # Most voxels hold nothing, and powers take long.
                    power = left if left == 1.0 else left**exponent
                    out[x, y, z] = base[kind[x, y, z]] * power


@parallel
def open_room(kind, flags, film, particle, room, is_open, out):
    """Room that product leaves in open voxels by their flags, (nx, 4); zero on entry."""
    nx, ny, nz = kind.shape
    for task in prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for z in range(nz):
                k = kind[x, y, z]
                if is_open[k]:
                    left = max(1.0 - film[x, y, z] - particle[x, y, z], 0.0)
                    out[x, flags[x, y, z]] += room[k] * left


@parallel
def go_on(before, now, ratio, out):
    """Straight on from two fields, by so many times what lies between them."""
    for task in prange(len(now)):
        n = np.int64(task)
        out[n] = now[n] + ratio * (now[n] - before[n])
