"""Kernels of the finest level: the seven-point stencil on the even-odd layout.

The matrix is ``A = [[D_r, -B], [-B^T, D_b]]`` with red and black unknowns, face conductances B >= 0
and the diagonal D, which holds the conductances to neighbours and to driven faces. Red unknowns are
eliminated exactly, ``x_r = D_r^-1 (b_r + B x_b)``, so conjugate gradients run on black vectors with

    S = D_b - B^T D_r^-1 B .

Every kernel takes the neighbour tables of `solvers.layout.Layout`, then the conductances, in one of
two forms that compile to two versions. Uniform: one number per axis (gx, gy, gz), a ``W`` of one
dimension that is not read, and diagonals looked up in ``table`` by one-byte codes. General: ``W`` of
shape (6, size), a weight per face of each red voxel for x-, x+, y-, y+, z-, z+, and diagonals as they
are. A diagonal must be the exact sum of its conductances in the precision of the vectors: a rounding
of it acts as a leak that grows with the square of the number of voxels across.
Work is cut into chunks of whole block planes whatever the number of threads, and partial sums are
float64 per chunk, so results do not depend on threads.
"""

from __future__ import annotations

import numba
import numpy as np

from solvers.layout import WIDTH

@numba.njit(cache=True, error_model="numpy", nogil=True)
def _along(along, s, offset, last):
    """Element whose outer z neighbour leaves the segment, and the index of that neighbour."""
    if offset == 0:
        before = along[s, 0]
        if before == 0:
            return 0, 0
        return 0, before * WIDTH + (WIDTH - 1 if before == s - 1 else last)
    after = along[s, 1]
    if after != 0 and after != s + 1:
        return last, after * WIDTH
    return WIDTH - 1, after * WIDTH


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _sum(v, to_red, gx, gy, gz, W, a, b, c, d, base, i, k, offset):
    """Conductance-weighted sum over the six neighbours of element i of a segment."""
    if W.ndim == 1:
        return (
            gx * (v[a + i] + v[b + i]) + gy * (v[c + i] + v[d + i]) + gz * (v[base + i] + v[k])
        )
    o = base + i
    if to_red:
        total = W[0, o] * v[a + i] + W[1, o] * v[b + i] + W[2, o] * v[c + i] + W[3, o] * v[d + i]
        return total + W[5 - offset, o] * v[o] + W[4 + offset, o] * v[k]
    total = W[1, a + i] * v[a + i] + W[0, b + i] * v[b + i]
    total += W[3, c + i] * v[c + i] + W[2, d + i] * v[d + i]
    return total + W[4 + offset, o] * v[o] + W[5 - offset, k] * v[k]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _diagonal(W, table, entries, o):
    return table[entries[o]] if W.ndim == 1 else entries[o]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _divide(value, diagonal):
    """A division: a rounded reciprocal has the same error everywhere, which acts as a leak."""
    return value / diagonal if diagonal > 0 else value * 0


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _eliminate_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, W, table, red, black, p, t
):
    energy = 0.0
    for s in range(low, high):
        offset = parity[s]
        a, b, c, d = lateral[s, 0] * WIDTH, lateral[s, 1] * WIDTH, lateral[s, 2] * WIDTH, lateral[s, 3] * WIDTH
        base = s * WIDTH
        at, edge = _along(along, s, offset, last)
        shift = 2 * offset - 1
        part = p[0] * 0
        for i in range(WIDTH):
            o = base + i
            k = edge if i == at else o + shift
            total = _sum(p, True, gx, gy, gz, W, a, b, c, d, base, i, k, offset)
            diagonal = _diagonal(W, table, red, o)
            value = _divide(total, diagonal)
            t[o] = value
            part += p[o] * p[o] * _diagonal(W, table, black, o) - value * value * diagonal
        energy += part
    return energy


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def eliminate(
    bounds, lateral, along, parity, last, gx, gy, gz, W, table, red, black, p, t
):
    """t = D_r^-1 B p; returns p^T S p = p^T D_b p - t^T D_r t."""
    partial = np.zeros(len(bounds) - 1)
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        partial[chunk] = _eliminate_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, W, table, red, black, p, t,
        )
    return partial.sum()


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _advance_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, W, table, black, t, p, alpha, x, r, z
):
    for s in range(low, high):
        offset = 1 - parity[s]
        a, b, c, d = lateral[s, 0] * WIDTH, lateral[s, 1] * WIDTH, lateral[s, 2] * WIDTH, lateral[s, 3] * WIDTH
        base = s * WIDTH
        at, edge = _along(along, s, offset, last)
        shift = 2 * offset - 1
        for i in range(WIDTH):
            o = base + i
            k = edge if i == at else o + shift
            total = _sum(t, False, gx, gy, gz, W, a, b, c, d, base, i, k, offset)
            diagonal = _diagonal(W, table, black, o)
            if diagonal > 0:
                x[o] += alpha * p[o]
                residual = r[o] - alpha * (diagonal * p[o] - total)
                r[o] = residual
                z[o] = residual / diagonal


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def advance(
    bounds, lateral, along, parity, last, gx, gy, gz, W, table, black, t, p, alpha, x, r, z
):
    """x += alpha p; r -= alpha S p, given t = D_r^-1 B p; and the pre-smoothed z = D_b^-1 r."""
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        _advance_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, W, table, black, t, p, alpha, x, r, z,
        )


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _restrict_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, W, aggregate, z, coarse
):
    for s in range(low, high):
        offset = parity[s]
        a, b, c, d = lateral[s, 0] * WIDTH, lateral[s, 1] * WIDTH, lateral[s, 2] * WIDTH, lateral[s, 3] * WIDTH
        base = s * WIDTH
        at, edge = _along(along, s, offset, last)
        shift = 2 * offset - 1
        for i in range(WIDTH):
            target = aggregate[base + i]
            if target >= 0:
                k = edge if i == at else base + i + shift
                coarse[target] += _sum(z, True, gx, gy, gz, W, a, b, c, d, base, i, k, offset)


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def restrict(
    bounds, lateral, along, parity, last, gx, gy, gz, W, aggregate, z, coarse
):
    """coarse = P^T (residual of z); after the black update it is B z on red and zero on black."""
    for task in numba.prange(len(coarse)):
        i = np.int64(task)  # prange counts in uint64, which would mix to float64
        coarse[i] = 0
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        _restrict_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, W, aggregate, z, coarse,
        )


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def prolong(bounds, aggregate, coarse, scale, t):
    """t = scale P coarse on red voxels."""
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        for o in range(bounds[chunk] * WIDTH, bounds[chunk + 1] * WIDTH):
            if aggregate[o] >= 0:
                t[o] = scale * coarse[aggregate[o]]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _smooth_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, W, table, black, t, r, z
):
    product = 0.0
    for s in range(low, high):
        offset = 1 - parity[s]
        a, b, c, d = lateral[s, 0] * WIDTH, lateral[s, 1] * WIDTH, lateral[s, 2] * WIDTH, lateral[s, 3] * WIDTH
        base = s * WIDTH
        at, edge = _along(along, s, offset, last)
        shift = 2 * offset - 1
        part = r[0] * 0
        for i in range(WIDTH):
            o = base + i
            k = edge if i == at else o + shift
            total = _sum(t, False, gx, gy, gz, W, a, b, c, d, base, i, k, offset)
            value = _divide(r[o] + total, _diagonal(W, table, black, o))
            z[o] = value
            part += value * r[o]
        product += part
    return product


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def smooth(
    bounds, lateral, along, parity, last, gx, gy, gz, W, table, black, t, r, z
):
    """z = D_b^-1 (r + B^T t), the post-smoothed black correction; returns r^T z."""
    partial = np.zeros(len(bounds) - 1)
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        partial[chunk] = _smooth_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, W, table, black, t, r, z,
        )
    return partial.sum()


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def turn(bounds, z, beta, p):
    """p = z + beta p, the next search direction."""
    for task in numba.prange(len(bounds) - 1):
        chunk = np.int64(task)  # prange counts in uint64, which would mix to float64
        for o in range(bounds[chunk] * WIDTH, bounds[chunk + 1] * WIDTH):
            p[o] = z[o] + beta * p[o]
