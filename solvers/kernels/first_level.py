"""Kernels that make the first coarse level of the voxels."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.coarse import block_colour
from solvers.kernels.even_odd import (
    beside,
    first_beside,
    of_face,
    outer_neighbour,
    weights_around,
)
from solvers.kernels.layout import WIDTH


@kernel
def _at(array, x, y, j):
    """The entry of a row that may lie one step beyond an odd number of rows; zero there."""
    if x < array.shape[0] and y < array.shape[1]:
        return np.int64(array[x, y, j])
    return np.int64(0)


@kernel
def _mask(w00, w01, w10, w11, i):
    """Occupation of block i of a bundle of four words."""
    low = ((w00 >> (2 * i)) & 3) | (((w01 >> (2 * i)) & 3) << 2)
    return low | (((w10 >> (2 * i)) & 3) << 4) | (((w11 >> (2 * i)) & 3) << 6)


@kernel
def _weights_of(place, i, bundle, lateral, along, last, F, W):
    """Conductances of a voxel of block i, as `even_odd.weights_around` gives them."""
    a, b, c = place >> 2, (place >> 1) & 1, place & 1
    s = bundle[place >> 1]
    base = s * np.uint64(WIDTH)
    at, edge = outer_neighbour(along, s, c, last)
    k = beside(i, at, base + i, edge, c)
    return weights_around(F, W, (a + b + c) & 1 == 0, first_beside(lateral, s), base, i, k, c)


@kernel
def _join(row, one, other):
    """Give two components of a block one number, if they have two."""
    old = row[other]
    if row[one] == old:
        return
    for place in range(8):
        if row[place] == old:
            row[place] = row[one]


@kernel
def _strong_components(mask, i, bundle, lateral, along, last, F, W, weak, row):
    """Components of a block by couplings that are not weak, as a row of `component_table`.

    A coupling is weak when it is less than `weak` times the largest of either voxel.
    """
    inner = np.zeros((3, 8))
    most = np.zeros(8)
    for place in range(8):
        row[place] = place if (mask >> place) & 1 else -1
        if row[place] < 0:
            continue
        w = _weights_of(place, i, bundle, lateral, along, last, F, W)
        inner[0, place] = w[1 - (place >> 2)]
        inner[1, place] = w[3 - ((place >> 1) & 1)]
        inner[2, place] = w[4]
        most[place] = max(max(w[0], w[1], w[2]), max(w[3], w[4], w[5]))
    for axis in range(3):
        step = 4 >> axis
        for place in range(8):
            other = place + step
            if place & step or row[place] < 0 or row[other] < 0:
                continue
            if inner[axis, place] > 0 and inner[axis, place] >= weak * max(
                most[place], most[other]
            ):
                _join(row, place, other)
    _renumber(row)


@kernel
def _renumber(row):
    """Number components from 0 in the order of their first voxels; row[8] becomes their count."""
    row[8] = 0
    for place in range(8):
        if row[place] < row[8]:
            continue
        old = row[place]
        for other in range(place, 8):
            if row[other] == old:
                row[other] = row[8]
        row[8] += 1


@kernel
def _components(table, mask, i, bundle, lateral, along, last, F, W, weak, row):
    """The row of a block: looked up where all faces conduct alike."""
    if F.ndim == 1:
        return table[mask]
    _strong_components(mask, i, bundle, lateral, along, last, F, W, weak, row)
    return row


@kernel
def _bundle(number, X, Y, j):
    """Segments of the four rows of a bundle of blocks."""
    return (
        np.uint64(_at(number, 2 * X, 2 * Y, j)),
        np.uint64(_at(number, 2 * X, 2 * Y + 1, j)),
        np.uint64(_at(number, 2 * X + 1, 2 * Y, j)),
        np.uint64(_at(number, 2 * X + 1, 2 * Y + 1, j)),
    )


@parallel
def count(words, number, lateral, along, last, F, W, table, weak, bx, by, bz, wrap, counts):
    for task in prange(bx):
        X = np.int64(task)
        row = np.zeros(9, np.int8)
        for Y in range(by):
            for j in range(words.shape[2]):
                w00, w01 = _at(words, 2 * X, 2 * Y, j), _at(words, 2 * X, 2 * Y + 1, j)
                w10, w11 = _at(words, 2 * X + 1, 2 * Y, j), _at(words, 2 * X + 1, 2 * Y + 1, j)
                if w00 | w01 | w10 | w11 == 0:
                    continue
                bundle = _bundle(number, X, Y, j)
                for i in range(WIDTH):
                    mask = _mask(w00, w01, w10, w11, i)
                    if mask == 0:
                        continue
                    found = _components(
                        table, mask, np.uint64(i), bundle, lateral, along, last, F, W, weak, row
                    )
                    counts[X, block_colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)] += found[8]


@parallel
def assign(
    words, number, lateral, along, last, F, W, table, weak, bx, by, bz, wrap,
    following, block, red, black,
):  # fmt: skip
    for task in prange(bx):
        X = np.int64(task)
        row = np.zeros(9, np.int8)
        for Y in range(by):
            for j in range(words.shape[2]):
                w00, w01 = _at(words, 2 * X, 2 * Y, j), _at(words, 2 * X, 2 * Y + 1, j)
                w10, w11 = _at(words, 2 * X + 1, 2 * Y, j), _at(words, 2 * X + 1, 2 * Y + 1, j)
                if w00 | w01 | w10 | w11 == 0:
                    continue
                bundle = _bundle(number, X, Y, j)
                for i in range(WIDTH):
                    mask = _mask(w00, w01, w10, w11, i)
                    if mask == 0:
                        continue
                    found = _components(
                        table, mask, np.uint64(i), bundle, lateral, along, last, F, W, weak, row
                    )
                    colour = block_colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)
                    base = following[X, colour]
                    following[X, colour] += found[8]
                    for c in range(found[8]):
                        block[base + c] = (X * by + Y) * bz + WIDTH * j + i
                    for place in range(8):
                        if found[place] < 0:
                            continue
                        a, b, c = place >> 2, (place >> 1) & 1, place & 1
                        o = np.int64(bundle[place >> 1]) * WIDTH + i
                        if (a + b + c) & 1:
                            black[o] = base + found[place]
                        else:
                            red[o] = base + found[place]


@kernel
def _connect_block(
    i, bundle, lateral, along, last, gx, gy, gz, F, W, red, black, who, whom, how
):  # fmt: skip
    """List the couplings of block i of a bundle of four segments; returns their number.

    Of the six neighbours of a voxel the three outside its block are looked at, and then those
    inside where weak couplings may divide what touches.
    """
    count = 0
    ways = 3
    if F.ndim == 2:
        ways = 6
    width = np.uint64(WIDTH)
    for place in range(8):
        a, b, c = place >> 2, (place >> 1) & 1, place & 1
        s = bundle[place >> 1]
        o = s * width + i
        is_red = (a + b + c) & 1 == 0
        mine = red[o] if is_red else black[o]
        if mine < 0:
            continue
        at, edge = outer_neighbour(along, s, c, last)
        others = (
            np.uint64(lateral[s, a]) * width + i,
            np.uint64(lateral[s, 2 + b]) * width + i,
            beside(i, at, o, edge, c),
            np.uint64(lateral[s, 1 - a]) * width + i,
            np.uint64(lateral[s, 3 - b]) * width + i,
            o,
        )
        faces = (a, 2 + b, 4 + c, 1 - a, 3 - b, 5 - c)
        for way in range(ways):
            other = others[way]
            theirs = black[other] if is_red else red[other]
            if theirs < 0 or theirs == mine:
                continue
            g = (gx, gy, gz, gx, gy, gz)[way]
            if F.ndim == 2:
                g = of_face(F, W, faces[way], o)
                if not is_red:
                    g = of_face(F, W, faces[way] ^ 1, other)
            e = 0
            while e < count and not (who[e] == mine and whom[e] == theirs):
                e += 1
            if e == count:
                who[e], whom[e], how[e] = mine, theirs, 0
                count += 1
            how[e] += g
    return count


@parallel
def connect(
    words, number, lateral, along, last, bx, by, bz, gx, gy, gz, F, W, red, black,
    write, places, column, weight, diagonal,
):  # fmt: skip
    """Count the couplings of each aggregate into `places`, or write them from `places` on."""
    for task in prange(bx):
        X = np.int64(task)
        who = np.empty(48, np.int32)
        whom = np.empty(48, np.int32)
        how = np.empty(48, np.float64)
        filled = np.zeros(48, np.int64)
        for Y in range(by):
            for j in range(words.shape[2]):
                bundle = _bundle(number, X, Y, j)
                if bundle[0] + bundle[1] + bundle[2] + bundle[3] == 0:
                    continue
                for i in range(WIDTH):
                    count = _connect_block(
                        np.uint64(i), bundle, lateral, along, last,
                        gx, gy, gz, F, W, red, black, who, whom, how,
                    )  # fmt: skip
                    for e in range(count):
                        if not write:
                            places[who[e]] += 1
                            continue
                        filled[e] = 0
                        for before in range(e):
                            filled[e] += who[before] == who[e]
                        at = places[who[e]] + filled[e]
                        column[at] = whom[e]
                        weight[at] = how[e]
                        diagonal[who[e]] += weight[at]
