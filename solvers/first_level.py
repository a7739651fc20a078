"""The first coarse level: components of 2 x 2 x 2 voxel blocks on the even-odd layout.

Element i of the four segments of a 2 x 2 bundle of rows holds exactly the voxels of block i, so a
block is eight bits, and its components are looked up in a table of 256 entries.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numba
import numpy as np
from numpy.typing import NDArray

from solvers.coarse import COLOURS, Level, _colour, _starts, rows_from
from solvers.even_odd import outer_neighbour
from solvers.layout import WIDTH, Layout


@cache
def component_table() -> NDArray[np.int8]:
    """Component of each of the 8 voxels of a block (place 4 a + 2 b + c), for every occupation.

    Returns
    -------
    (256, 9) int8; the component 0 .. 3 of each voxel, -1 where empty, and last their number.
    """
    table = np.full((256, 9), -1, np.int8)
    for mask, row in enumerate(table):
        row[8] = 0
        for place in range(8):
            if mask >> place & 1 and row[place] < 0:
                _flood(mask, row, place)
                row[8] += 1
    return table


def _flood(mask: int, row: NDArray[np.int8], place: int) -> None:
    row[place] = row[8]
    for axis in (1, 2, 4):
        other = place ^ axis
        if mask >> other & 1 and row[other] < 0:
            _flood(mask, row, other)


def first_level(
    layout: Layout,
    conductance: tuple[float, float, float],
    weights: NDArray[np.float32],
    wrap: NDArray[np.bool_],
) -> tuple[Level, NDArray[np.int32], NDArray[np.int32]]:
    """Aggregate the voxels.

    Returns
    -------
    The graph, without leaks, and the aggregates of red and of black elements (-1 is none).
    """
    nx, ny, nz = layout.shape
    shape = ((nx + 1) // 2, (ny + 1) // 2, (nz + 1) // 2)
    bx, by, bz = shape
    table = component_table()
    counts = np.zeros((bx, COLOURS), np.int64)
    _count(layout.words, table, bx, by, bz, wrap, counts)
    following, start = _starts(counts)
    n = int(start[-1, -1])
    block = np.empty(n, np.int32)
    red = np.full(layout.size, -1, np.int32)
    black = np.full(layout.size, -1, np.int32)
    _assign(layout.words, layout.number, table, bx, by, bz, wrap, following, block, red, black)
    place = np.zeros(n, np.int64)
    nothing = np.zeros(0, np.int32)
    inverse = np.zeros(n, np.float32)
    gx, gy, gz = (np.float32(g) for g in conductance)
    arguments = (layout.words, layout.number, layout.lateral, layout.along, layout.last, bx, by, bz,
                 gx, gy, gz, weights, red, black)  # fmt: skip
    _connect(*arguments, False, place, nothing, nothing.view(np.float32), inverse)
    row = rows_from(place)
    column = np.empty(row[-1], np.int32)
    weight = np.empty(row[-1], np.float32)
    _connect(*arguments, True, row, column, weight, inverse)
    leak = np.zeros(n, np.float32)
    return Level(shape, start, row, column, weight, inverse, leak, block), red, black


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _at(array, x, y, j):
    """The entry of a row that may lie one step beyond an odd number of rows; zero there."""
    if x < array.shape[0] and y < array.shape[1]:
        return np.int64(array[x, y, j])
    return np.int64(0)


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _mask(w00, w01, w10, w11, i):
    """Occupation of block i of a bundle of four words."""
    low = ((w00 >> (2 * i)) & 3) | (((w01 >> (2 * i)) & 3) << 2)
    return low | (((w10 >> (2 * i)) & 3) << 4) | (((w11 >> (2 * i)) & 3) << 6)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _count(words, table, bx, by, bz, wrap, counts):
    for task in numba.prange(bx):
        X = np.int64(task)  # prange counts in uint64, which would mix to float64
        for Y in range(by):
            for j in range(words.shape[2]):
                w00, w01 = _at(words, 2 * X, 2 * Y, j), _at(words, 2 * X, 2 * Y + 1, j)
                w10, w11 = _at(words, 2 * X + 1, 2 * Y, j), _at(words, 2 * X + 1, 2 * Y + 1, j)
                if w00 | w01 | w10 | w11 == 0:
                    continue
                for i in range(WIDTH):
                    found = table[_mask(w00, w01, w10, w11, i), 8]
                    if found > 0:
                        counts[X, _colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)] += found


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _assign(words, number, table, bx, by, bz, wrap, following, block, red, black):
    for task in numba.prange(bx):
        X = np.int64(task)  # prange counts in uint64, which would mix to float64
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
                    colour = _colour(X, Y, WIDTH * j + i, bx, by, bz, wrap)
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


@numba.njit(cache=True, error_model="numpy", nogil=True)
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


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _connect(
    words, number, lateral, along, last, bx, by, bz, gx, gy, gz, W, red, black,
    write, places, column, weight, diagonal,
):  # fmt: skip
    """Count the couplings of each aggregate into `places`, or write them from `places` on."""
    for task in numba.prange(bx):
        X = np.int64(task)  # prange counts in uint64, which would mix to float64
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
