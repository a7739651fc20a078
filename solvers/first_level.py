"""The first coarse level: components of 2 x 2 x 2 voxel blocks on the even-odd layout.

Element i of the four segments of a 2 x 2 bundle of rows holds exactly the voxels of block i, so a
block is eight bits, and its components are looked up in a table of 256 entries.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from solvers.coarse import Level, rows_from, starts
from solvers.kernels.coarse import COLOURS
from solvers.kernels.first_level import assign, connect, count
from solvers.layout import Layout
from solvers.report import Precision


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
    faces: NDArray[np.unsignedinteger] | NDArray[np.float32],
    weights: NDArray[np.float64],
    wrap: NDArray[np.bool_],
    weak: float,
) -> tuple[Level, NDArray[np.int32], NDArray[np.int32]]:
    """Aggregate the voxels.

    Parameters
    ----------
    layout, conductance, faces, weights : of the `System`. With a code for each face the diagonal
        is double precision: what a good conductor gives a poor one would drown in its rounding.
    wrap : (3,) bool, periodic axes.
    weak : couplings below this part of the largest one of either voxel join nothing.

    Returns
    -------
    The graph, without leaks, and the aggregates of red and of black elements (-1 is none).
    """
    nx, ny, nz = layout.shape
    shape = ((nx + 1) // 2, (ny + 1) // 2, (nz + 1) // 2)
    bx, by, bz = shape
    precision: Precision = np.float32 if faces.ndim == 1 else np.float64
    tables = (layout.words, layout.number, layout.lateral, layout.along, layout.last)
    blocks = (*tables, faces, weights, component_table(), weak, bx, by, bz, wrap)
    counts = np.zeros((bx, COLOURS), np.int64)
    count(*blocks, counts)
    following, start = starts(counts)
    n = int(start[-1, -1])
    block = np.empty(n, np.int32)
    red = np.full(layout.size, -1, np.int32)
    black = np.full(layout.size, -1, np.int32)
    assign(*blocks, following, block, red, black)
    place = np.zeros(n, np.int64)
    inverse = np.zeros(n, precision)
    gx, gy, gz = (precision(g) for g in conductance)
    arguments = (*tables, bx, by, bz, gx, gy, gz, faces, weights, red, black)
    nothing = np.zeros(0, np.int32)
    connect(*arguments, False, place, nothing, nothing.view(np.float32), inverse)
    row = rows_from(place)
    column = np.empty(row[-1], np.int32)
    weight = np.empty(row[-1], np.float32)
    connect(*arguments, True, row, column, weight, inverse)
    leak = np.zeros(n, precision)
    return Level(shape, start, row, column, weight, inverse, leak, block), red, black
