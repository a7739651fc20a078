"""The multigrid cycle on the coarse levels: Gauss-Seidel by colours, forward and then backward."""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@kernel
def _total(parts):
    """Their sum, in order: a sum over an array inside a parallel kernel is cut by threads."""
    total = 0.0
    for part in parts:
        total += part
    return total


@kernel
def _relax_range(low, high, forward, row, column, weight, inverse, b, x):
    """Solve equations one after the other: unknowns of one block may be coupled."""
    for count in range(np.uint64(high - low)):
        i = np.uint64(low) + count if forward else np.uint64(high) - np.uint64(1) - count
        total = b[i]
        for e in range(np.uint64(row[i]), np.uint64(row[i + np.uint64(1)])):
            total += weight[e] * x[np.uint64(column[e])]
        x[i] = total * inverse[i]


@kernel
def _restrict_range(low, high, row, column, weight, inverse, aggregate, b, x, coarse):
    for i in range(np.uint64(low), np.uint64(high)):
        if inverse[i] == 0:
            continue
        total = b[i] - x[i] / inverse[i]
        for e in range(np.uint64(row[i]), np.uint64(row[i + np.uint64(1)])):
            total += weight[e] * x[np.uint64(column[e])]
        coarse[np.uint64(aggregate[i])] += total


@parallel
def relax(cuts, forward, row, column, weight, inverse, b, x):
    """Solve the equations of a colour for their own unknowns, in parts that share no block."""
    for task in prange(len(cuts) - 1):
        part = np.int64(task)
        _relax_range(cuts[part], cuts[part + 1], forward, row, column, weight, inverse, b, x)


@parallel
def restrict(starts, colours, row, column, weight, inverse, aggregate, b, x, coarse):
    """coarse = P^T (b - A x) over the first so many colours; others have no residual."""
    for task in prange(len(coarse)):
        i = np.int64(task)
        coarse[i] = 0
    planes = starts.shape[1] - 1
    for task in prange((planes + 1) // 2):
        plane = np.int64(task)
        for c in range(colours):
            low, high = starts[c, 2 * plane], starts[c, min(2 * plane + 2, planes)]
            _restrict_range(low, high, row, column, weight, inverse, aggregate, b, x, coarse)


@parallel
def prolong(aggregate, scale, coarse, x):
    """x += scale P coarse."""
    for task in prange(len(x)):
        i = np.int64(task)
        x[i] += scale * coarse[aggregate[i]]


@parallel
def dot(a, b, parts):
    """Scalar product in float64, summed in parts that do not depend on threads."""
    partial = np.zeros(parts)
    for task in prange(parts):
        part = np.int64(task)
        for i in range(len(a) * part // parts, len(a) * (part + 1) // parts):
            partial[part] += np.float64(a[i]) * np.float64(b[i])
    return _total(partial)


@kernel
def invert(coupling, leak, out):
    """Inverse of ``diag(leak + sum_j w_ij) - w`` for couplings w >= 0 and leaks >= 0.

    Elimination in which nothing is subtracted: a diagonal is summed from what is left of its row
    (Grassmann, Taksar and Heyman, doi:10.1287/opre.33.5.1107), so that every entry is right to a
    few roundings whatever the contrast. Overwrites `coupling` and `leak`.
    """
    n = len(leak)
    out[:] = 0
    diagonal = np.empty(n)
    for k in range(n):
        diagonal[k] = leak[k] + coupling[k, k + 1 :].sum()
        out[k, k] = 1
        if diagonal[k] == 0:
            continue  # a node that nothing joins, whose value does not matter
        for i in range(k + 1, n):
            part = coupling[i, k] / diagonal[k]
            if part == 0:
                continue
            leak[i] += part * leak[k]
            for j in range(k + 1, n):
                coupling[i, j] += part * coupling[k, j]
            for j in range(k + 1):
                out[i, j] += part * out[k, j]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            if coupling[k, j] != 0:
                out[k] += coupling[k, j] * out[j]
        if diagonal[k] > 0:
            out[k] /= diagonal[k]


@kernel
def cycle_small(
    depth, from_zero, sweeps, cycles, scale, spans,
    row, column, weight, inverse, aggregate, coarsest, b, x,
):  # fmt: skip
    """The whole cycle from a small level downwards, on one thread and arrays of all small levels.

    Unknowns, rows and columns count through all small levels. ``spans[depth]`` holds the colours'
    bounds, the last one repeated; so unknowns of a level lie between its first and last entry.
    """
    bounds = spans[depth]
    first, end = bounds[0], bounds[-1]
    if depth == len(spans) - 1:
        for i in range(first, end):
            x[i] = b[i] * inverse[i]
        for i in range(len(coarsest)):
            total = 0.0
            for j in range(len(coarsest)):
                total += coarsest[i, j] * b[first + j]
            x[first + i] = total
        return
    if from_zero:
        x[first:end] = 0
    for _ in range(sweeps):
        for c in range(len(bounds) - 1):
            _relax_range(bounds[c], bounds[c + 1], True, row, column, weight, inverse, b, x)
    following = spans[depth + 1]
    b[following[0] : following[-1]] = 0
    _restrict_range(first, end, row, column, weight, inverse, aggregate, b, x, b)
    for visit in range(cycles):
        cycle_small(
            depth + 1, visit == 0, sweeps, cycles, scale, spans,
            row, column, weight, inverse, aggregate, coarsest, b, x,
        )  # fmt: skip
    for i in range(first, end):
        x[i] += scale * x[aggregate[i]]
    for _ in range(sweeps):
        for c in range(len(bounds) - 1, 0, -1):
            _relax_range(bounds[c - 1], bounds[c], False, row, column, weight, inverse, b, x)
