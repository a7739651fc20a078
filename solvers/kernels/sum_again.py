"""Kernels that sum couplings of coarse levels again where aggregates stay as they are."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.even_odd import beside, first_beside, outer_neighbour, weights_around
from solvers.kernels.layout import WIDTH


@kernel
def _add(row, column, mine, theirs, amount, sums):
    """Add to the coupling of an unknown to another, where there is one."""
    for e in range(row[mine], row[mine + 1]):
        if column[e] == theirs:
            sums[e] += amount
            return


@kernel
def _add_segment(s, lateral, along, parity, last, F, W, is_red, own, other, row, column, sums):
    """Add what voxels of one colour in a segment pass to other aggregates."""
    offset = np.int64(parity[s]) if is_red else 1 - np.int64(parity[s])
    sides = first_beside(lateral, s)
    base = s * np.uint64(WIDTH)
    at, edge = outer_neighbour(along, s, offset, last)
    for count in range(WIDTH):
        i = np.uint64(count)
        o = base + i
        mine = own[o]
        if mine < 0:
            continue
        k = beside(i, at, o, edge, offset)
        w = weights_around(F, W, is_red, sides, base, i, k, offset)
        others = (sides[0] + i, sides[1] + i, sides[2] + i, sides[3] + i, o, k)
        for way in range(6):
            theirs = other[others[way]]
            if w[way] > 0 and theirs != mine:
                _add(row, column, mine, theirs, w[way], sums)


@parallel
def add_voxels(bounds, lateral, along, parity, last, F, W, red, black, row, column, sums):
    """Couplings of the first level: sums of conductances between voxels of two aggregates.

    Parameters
    ----------
    red, black : the aggregate of each element, below 0 for none.
    sums : by coupling, float64, zero on entry; each aggregate adds up its own.
    """
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        for s in range(np.uint64(bounds[chunk]), np.uint64(bounds[chunk + 1])):
            _add_segment(s, lateral, along, parity, last, F, W, True, red, black, row, column, sums)
            _add_segment(
                s, lateral, along, parity, last, F, W, False, black, red, row, column, sums
            )


@parallel
def add_aggregates(
    bounds, first, members, row, column, weight, aggregate, coarse_row, coarse_column, sums
):
    """Couplings of a coarser level, as `solvers.kernels.coarse.couple` sums them."""
    for task in prange(len(bounds) - 1):
        part = np.int64(task)
        for this in range(bounds[part], bounds[part + 1]):
            for m in range(first[this], first[this + 1]):
                i = members[m]
                for e in range(row[i], row[i + 1]):
                    other = aggregate[column[e]]
                    if other != this and weight[e] > 0:
                        _add(coarse_row, coarse_column, this, other, weight[e], sums)
