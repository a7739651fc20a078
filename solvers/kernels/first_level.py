"""Kernels that make the first coarse level of the voxels."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.coarse import block_colour
from solvers.kernels.even_odd import outer_neighbour
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


@parallel
def count(words, table, bx, by, bz, wrap, counts):
    for task in prange(bx):
        X = np.int64(task)
        for Y in range(by):
            for j in range(words.shape[2]):
                w00, w01 = _at(words, 2 * X, 2 * Y, j), _at(words, 2 * X, 2 * Y + 1, j)
                w10, w11 = _at(words, 2 * X + 1, 2 * Y, j), _at(words, 2 * X + 1, 2 * Y + 1, j)
                if w00 | w01 | w10 | w11 == 0:
                    continue
                for i in range(WIDTH):
                    found = table[_mask(w00, w01, w10, w11, i), 8]
                    if found > 0:
                        counts[X, block_colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)] += found


@parallel
def assign(words, number, table, bx, by, bz, wrap, following, block, red, black):
    for task in prange(bx):
        X = np.int64(task)
        for Y in range(by):
            for j in range(words.shape[2]):
                w00, w01 = _at(words, 2 * X, 2 * Y, j), _at(words, 2 * X, 2 * Y + 1, j)
                w10, w11 = _at(words, 2 * X + 1, 2 * Y, j), _at(words, 2 * X + 1, 2 * Y + 1, j)
                if w00 | w01 | w10 | w11 == 0:
                    continue
                for i in range(WIDTH):
                    mask = _mask(w00, w01, w10, w11, i)
                    if mask == 0:
                        continue
                    colour = block_colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)
                    base = following[X, colour]
                    following[X, colour] += table[mask, 8]
                    for c in range(table[mask, 8]):
                        block[base + c] = (X * by + Y) * bz + WIDTH * j + i
                    for place in range(8):
                        if table[mask, place] < 0:
                            continue
                        a, b, c = place >> 2, (place >> 1) & 1, place & 1
                        o = _at(number, 2 * X + a, 2 * Y + b, j) * WIDTH + i
                        if (a + b + c) & 1:
                            black[o] = base + table[mask, place]
                        else:
                            red[o] = base + table[mask, place]


@kernel
def _connect_block(
    i, bundle, lateral, along, last, gx, gy, gz, W, red, black, who, whom, how
):  # fmt: skip
    """List the couplings of block i of a bundle of four segments; returns their number.

    Of the six neighbours of a voxel the three that lie outside its block are looked at.
    """
    count = 0
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
        step = o + np.uint64(1) if c == 1 else o - np.uint64(1)
        others = (
            np.uint64(lateral[s, a]) * width + i,
            np.uint64(lateral[s, 2 + b]) * width + i,
            edge if i == at else step,
        )
        faces = (a, 2 + b, 4 + c)
        for axis in range(3):
            other = others[axis]
            theirs = black[other] if is_red else red[other]
            if theirs < 0 or theirs == mine:
                continue
            g = (gx, gy, gz)[axis]
            if W.ndim == 2:
                g = W[faces[axis], o] if is_red else W[faces[axis] ^ 1, other]
            e = 0
            while e < count and not (who[e] == mine and whom[e] == theirs):
                e += 1
            if e == count:
                who[e], whom[e], how[e] = mine, theirs, np.float32(0)
                count += 1
            how[e] += g
    return count


@parallel
def connect(
    words, number, lateral, along, last, bx, by, bz, gx, gy, gz, W, red, black,
    write, places, column, weight, diagonal,
):  # fmt: skip
    """Count the couplings of each aggregate into `places`, or write them from `places` on."""
    for task in prange(bx):
        X = np.int64(task)
        who = np.empty(24, np.int32)
        whom = np.empty(24, np.int32)
        how = np.empty(24, np.float32)
        filled = np.zeros(24, np.int64)
        for Y in range(by):
            for j in range(words.shape[2]):
                s00, s01 = _at(number, 2 * X, 2 * Y, j), _at(number, 2 * X, 2 * Y + 1, j)
                s10, s11 = _at(number, 2 * X + 1, 2 * Y, j), _at(number, 2 * X + 1, 2 * Y + 1, j)
                if s00 + s01 + s10 + s11 == 0:
                    continue
                bundle = (np.uint64(s00), np.uint64(s01), np.uint64(s10), np.uint64(s11))
                for i in range(WIDTH):
                    count = _connect_block(
                        np.uint64(i), bundle, lateral, along, last,
                        gx, gy, gz, W, red, black, who, whom, how,
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
                        diagonal[who[e]] += how[e]
