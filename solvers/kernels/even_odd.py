"""Kernels of the finest level: the seven-point stencil on the even-odd layout.

The matrix is ``A = [[D_r, -B], [-B^T, D_b]]`` with red and black unknowns, face conductances B >= 0
and the diagonal D, which holds the conductances to neighbours and to driven faces. Red unknowns are
eliminated exactly, ``x_r = D_r^-1 (b_r + B x_b)``, so conjugate gradients run on black vectors with

    S = D_b - B^T D_r^-1 B .

Every kernel takes the neighbour tables of `solvers.layout.Layout`, then the conductances, in one
of two forms that compile to two versions. Uniform: one number per axis (gx, gy, gz), an ``F`` of
one dimension that is not read, and diagonals looked up in ``table`` by one-byte codes. General: an
``F`` of shape (6, size), a code per face of each red voxel for x-, x+, y-, y+, z-, z+, with the few
different conductances of an image of phases in ``W``, or the conductances themselves, and a ``W``
of two dimensions that is not read; diagonals are summed where they are needed, and the code of the
voxel tells what ``table`` adds. A diagonal must be the exact sum of its conductances in the
precision of the vectors: a rounding of it acts as a leak that grows with the square of the number
of voxels across.

Indices are unsigned, because a signed index costs a test for negative values at every access. Work
is cut into chunks of whole block planes whatever the number of threads, and partial sums are
float64 per chunk, so results do not depend on threads.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel
from solvers.kernels.layout import WIDTH


@kernel
def _total(parts):
    """Their sum, in order: a sum over an array inside a parallel kernel is cut by threads."""
    total = 0.0
    for part in parts:
        total += part
    return total


@kernel
def outer_neighbour(along, s, offset, last):
    """Element whose outer z neighbour leaves the segment, and the index of that neighbour."""
    width, one, none = np.uint64(WIDTH), np.uint64(1), np.uint64(0)
    if offset == 0:
        before = np.uint64(along[s, 0])
        if before == none:
            return none, none
        if before == s - one:
            return none, before * width + width - one
        return none, before * width + np.uint64(last)
    after = np.uint64(along[s, 1])
    if after == none or after == s + one:
        return width - one, after * width
    return np.uint64(last), after * width


@kernel
def first_beside(lateral, s):
    """First elements of the segments at x - 1, x + 1, y - 1, y + 1."""
    return (
        np.uint64(lateral[s, 0]) * np.uint64(WIDTH),
        np.uint64(lateral[s, 1]) * np.uint64(WIDTH),
        np.uint64(lateral[s, 2]) * np.uint64(WIDTH),
        np.uint64(lateral[s, 3]) * np.uint64(WIDTH),
    )


@kernel
def of_face(F, W, face, o):
    """Conductance of a face of a red element: by its code, or as it is where W has no codes."""
    if W.ndim == 2:
        return np.float64(F[face, o])
    return W[F[face, o]]


@kernel
def weights_around(F, W, to_red, sides, base, i, k, offset):
    """Conductances towards x-, x+, y-, y+, the other colour at the same place, and k."""
    o = base + i
    if to_red:
        return (
            of_face(F, W, 0, o), of_face(F, W, 1, o), of_face(F, W, 2, o), of_face(F, W, 3, o),
            of_face(F, W, 5 - offset, o), of_face(F, W, 4 + offset, o),
        )  # fmt: skip
    a, b, c, d = sides[0] + i, sides[1] + i, sides[2] + i, sides[3] + i
    return (
        of_face(F, W, 1, a), of_face(F, W, 0, b), of_face(F, W, 3, c), of_face(F, W, 2, d),
        of_face(F, W, 4 + offset, o), of_face(F, W, 5 - offset, k),
    )  # fmt: skip


@kernel
def _row(v, to_red, gx, gy, gz, F, W, table, code, sides, base, i, k, offset):
    """Conductance-weighted sum over the six neighbours of element i of a segment, and diagonal."""
    a, b, c, d = sides[0] + i, sides[1] + i, sides[2] + i, sides[3] + i
    o = base + i
    if F.ndim == 1:
        return gx * (v[a] + v[b]) + gy * (v[c] + v[d]) + gz * (v[o] + v[k]), table[code]
    w0, w1, w2, w3, w4, w5 = weights_around(F, W, to_red, sides, base, i, k, offset)
    total = w0 * v[a] + w1 * v[b] + w2 * v[c] + w3 * v[d] + w4 * v[o] + w5 * v[k]
    return total, table[code] + w0 + w1 + w2 + w3 + w4 + w5


@kernel
def beside(i, at, o, edge, offset):
    """The neighbour along z that is not at the same place of the other colour."""
    if i == at:
        return edge
    return o + np.uint64(1) if offset == 1 else o - np.uint64(1)


@kernel
def _eliminate_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, F, W, table, red, black, p, t
):
    energy = 0.0
    for s in range(np.uint64(low), np.uint64(high)):
        offset = np.int64(parity[s])
        sides = first_beside(lateral, s)
        base = s * np.uint64(WIDTH)
        at, edge = outer_neighbour(along, s, offset, last)
        part = p[0] * 0
        for count in range(WIDTH):
            i = np.uint64(count)
            o = base + i
            if black[o] > 0:
                part += p[o] * p[o] * table[black[o]]
            if red[o] > 0:
                k = beside(i, at, o, edge, offset)
                total, diagonal = _row(
                    p, True, gx, gy, gz, F, W, table, red[o], sides, base, i, k, offset
                )
                # A division: a rounded reciprocal errs alike everywhere, which acts as a leak.
                value = total / diagonal
                t[o] = value
                if F.ndim == 1:
                    part -= value * value * diagonal
                else:
                    part += value * value * table[red[o]]
                    part += _squares(p, value, F, W, sides, base, i, k, offset)
        energy += part
    return energy


@kernel
def _squares(p, value, F, W, sides, base, i, k, offset):
    """Energy of the six faces of red element i, between its value and those of its neighbours.

    With diagonals that are sums, p^T D_b p - t^T D_r t is the sum of these over all red elements
    and of the squares on driven faces: nothing is subtracted, so large conductances hide nothing.
    """
    w0, w1, w2, w3, w4, w5 = weights_around(F, W, True, sides, base, i, k, offset)
    energy = w0 * (p[sides[0] + i] - value) ** 2 + w1 * (p[sides[1] + i] - value) ** 2
    energy += w2 * (p[sides[2] + i] - value) ** 2 + w3 * (p[sides[3] + i] - value) ** 2
    return energy + w4 * (p[base + i] - value) ** 2 + w5 * (p[k] - value) ** 2


@parallel
def eliminate(bounds, lateral, along, parity, last, gx, gy, gz, F, W, table, red, black, p, t):
    """t = D_r^-1 B p; returns p^T S p = p^T D_b p - t^T D_r t."""
    partial = np.zeros(len(bounds) - 1)
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        partial[chunk] = _eliminate_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, F, W, table, red, black, p, t,
        )  # fmt: skip
    return _total(partial)


@kernel
def _advance_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, F, W, table, black, t, p, alpha, x, s
):
    square, left = 0.0, 0.0
    for segment in range(np.uint64(low), np.uint64(high)):
        offset = 1 - np.int64(parity[segment])
        sides = first_beside(lateral, segment)
        base = segment * np.uint64(WIDTH)
        at, edge = outer_neighbour(along, segment, offset, last)
        part, sum_of = s[0] * 0, s[0] * 0
        for count in range(WIDTH):
            i = np.uint64(count)
            o = base + i
            if black[o] > 0:
                k = beside(i, at, o, edge, offset)
                total, diagonal = _row(
                    t, False, gx, gy, gz, F, W, table, black[o], sides, base, i, k, offset
                )
                x[o] += alpha * p[o]
                residual = s[o] - alpha * (p[o] - total / diagonal)
                s[o] = residual
                sum_of += diagonal * residual
                part += diagonal * residual * residual
        square += part
        left += sum_of
    return square, left


@parallel
def advance(
    bounds, lateral, along, parity, last, gx, gy, gz, F, W, table, black, t, p, alpha, x, s
):
    """x += alpha p and s -= alpha D_b^-1 S p, given t = D_r^-1 B p; returns s^T D_b s and sum(r).

    The residual r is kept as ``s = D_b^-1 r``, which is the black half of the pre-smoothing too.
    Its sum is what ends and leaks pass less than sources bring.
    """
    partial = np.zeros((2, len(bounds) - 1))
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        partial[0, chunk], partial[1, chunk] = _advance_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, F, W, table, black, t, p, alpha, x, s,
        )  # fmt: skip
    return _total(partial[0]), _total(partial[1])


@kernel
def _restrict_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, F, W, table, aggregate, s, coarse
):
    for segment in range(np.uint64(low), np.uint64(high)):
        offset = np.int64(parity[segment])
        sides = first_beside(lateral, segment)
        base = segment * np.uint64(WIDTH)
        at, edge = outer_neighbour(along, segment, offset, last)
        for count in range(WIDTH):
            i = np.uint64(count)
            o = base + i
            if aggregate[o] >= 0:
                k = beside(i, at, o, edge, offset)
                total, _ = _row(
                    s, True, gx, gy, gz, F, W, table, np.uint8(0), sides, base, i, k, offset
                )
                coarse[np.uint64(aggregate[o])] += total


@parallel
def restrict(bounds, lateral, along, parity, last, gx, gy, gz, F, W, table, aggregate, s, coarse):
    """coarse = P^T of the residual after the black update: B s on red, zero on black."""
    for i in prange(len(coarse)):
        coarse[i] = 0
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        _restrict_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, F, W, table, aggregate, s, coarse,
        )  # fmt: skip


@parallel
def prolong(bounds, aggregate, coarse, scale, t):
    """t = scale P coarse on red voxels."""
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        for o in range(
            np.uint64(bounds[chunk]) * np.uint64(WIDTH),
            np.uint64(bounds[chunk + 1]) * np.uint64(WIDTH),
        ):
            if aggregate[o] >= 0:
                t[o] = scale * coarse[np.uint64(aggregate[o])]


@kernel
def _turn_chunk(
    low, high, lateral, along, parity, last, gx, gy, gz, F, W, table, black, t, s, beta, p
):
    for segment in range(np.uint64(low), np.uint64(high)):
        offset = 1 - np.int64(parity[segment])
        sides = first_beside(lateral, segment)
        base = segment * np.uint64(WIDTH)
        at, edge = outer_neighbour(along, segment, offset, last)
        for count in range(WIDTH):
            i = np.uint64(count)
            o = base + i
            if black[o] > 0:
                k = beside(i, at, o, edge, offset)
                total, diagonal = _row(
                    t, False, gx, gy, gz, F, W, table, black[o], sides, base, i, k, offset
                )
                p[o] = s[o] + total / diagonal + beta * p[o]


@parallel
def turn(bounds, lateral, along, parity, last, gx, gy, gz, F, W, table, black, t, s, beta, p):
    """p = z + beta p, with the post-smoothed black correction z = s + D_b^-1 B^T t."""
    for task in prange(len(bounds) - 1):
        chunk = np.int64(task)
        _turn_chunk(
            bounds[chunk], bounds[chunk + 1], lateral, along, parity, last,
            gx, gy, gz, F, W, table, black, t, s, beta, p,
        )  # fmt: skip


@kernel
def diagonals(elements, to_red, lateral, along, parity, last, gx, gy, gz, F, W, table, codes, out):
    """Diagonal entries of some elements of a colour; 0 where there is no unknown."""
    width = np.uint64(WIDTH)
    for n in range(len(elements)):
        o = np.uint64(elements[n])
        s = o // width
        offset = np.int64(parity[s]) if to_red else 1 - np.int64(parity[s])
        at, edge = outer_neighbour(along, s, offset, last)
        k = beside(o % width, at, o, edge, offset)
        if codes[o] == 0:
            continue
        out[n] = table[codes[o]]
        if F.ndim == 2:
            for w in weights_around(
                F, W, to_red, first_beside(lateral, s), s * width, o % width, k, offset
            ):
                out[n] += w
