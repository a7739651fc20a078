"""Kernel of packing: ellipsoids of revolution that overlap push each other apart."""

from __future__ import annotations

import math

import numpy as np

from meshing.kernels import kernel

__all__ = ["push_apart"]

#: Steps of the golden section; each narrows the interval by 0.618, so 12 leave 0.3 % of it, and
#: the contact of two ellipsoids is flat where it is searched.
_STEPS = 12
_GOLDEN = 0.6180339887498949


@kernel
def _inverse_form(m, x, y, z):
    """d M^-1 d of a symmetric matrix, by cofactors."""
    a = m[1] * m[2] - m[5] * m[5]
    b = m[4] * m[5] - m[3] * m[2]
    c = m[3] * m[5] - m[4] * m[1]
    d = m[0] * m[2] - m[4] * m[4]
    e = m[3] * m[4] - m[0] * m[5]
    f = m[0] * m[1] - m[3] * m[3]
    determinant = m[0] * a + m[3] * b + m[4] * c
    products = a * x * x + d * y * y + f * z * z + 2.0 * (b * x * y + c * x * z + e * y * z)
    return products / determinant


@kernel
def _ratio(share, first, second, x, y, z, mixed):
    for entry in range(6):
        mixed[entry] = (1.0 - share) * first[entry] + share * second[entry]
    return share * (1.0 - share) * _inverse_form(mixed, x, y, z)


@kernel
def _contact(first, second, x, y, z, mixed):
    """Perram and Wertheim's contact function: below 1 where two ellipsoids overlap."""
    low, high = 0.0, 1.0
    a, b = high - _GOLDEN, _GOLDEN
    at_a = _ratio(a, first, second, x, y, z, mixed)
    at_b = _ratio(b, first, second, x, y, z, mixed)
    for _ in range(_STEPS):
        if at_a > at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = _ratio(a, first, second, x, y, z, mixed)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = _ratio(b, first, second, x, y, z, mixed)
    return max(at_a, at_b)


@kernel
def push_apart(longest, shortest, squares, cells, starts, order, edges, box, centres):
    """Move bodies that overlap apart, one pair after the other; return the largest overlap.

    Parameters
    ----------
    longest, shortest : float64 arrays, (n,)
        Half axes of each body [m], the those of the longest first.
    squares : float64 array, (n, 6)
        Squared half axes as a matrix xx, yy, zz, xy, xz, yz [m2].
    cells : int64 array, (3,)
        Cells of the search grid along x, y, z.
    starts, order : int64 arrays, (cells + 1,) and (n,)
        Bodies of each cell, cells in C order.
    edges, box : float64 arrays, (3,)
        Edges of a cell and of the periodic box [m].
    centres : float64 array, (n, 3)
        Changed [m].

    Returns
    -------
    float
        Largest overlap of a pair before its move, as a share of the distance at which it touches.
    """
    worst = 0.0
    mixed = np.empty(6)
    for i in range(len(longest)):
        # Those not larger than i are no farther than twice its half axis; larger ones look for i.
        x, nx = _window(centres[i, 0], 2.0 * longest[i], cells[0], edges[0])
        y, ny = _window(centres[i, 1], 2.0 * longest[i], cells[1], edges[1])
        z, nz = _window(centres[i, 2], 2.0 * longest[i], cells[2], edges[2])
        for a in range(nx):
            for b in range(ny):
                for c in range(nz):
                    row = (x + a) % cells[0] * cells[1] + (y + b) % cells[1]
                    cell = row * cells[2] + (z + c) % cells[2]
                    for place in range(starts[cell], starts[cell + 1]):
                        j = order[place]
                        if j > i:
                            away = _push(i, j, longest, shortest, squares, box, mixed, centres)
                            worst = max(worst, away)
    return worst


@kernel
def _window(centre, reach, count, edge):
    """First cell and number of cells along an axis within reach of a point, none of them twice."""
    first = np.int64(math.floor((centre - reach) / edge))
    last = np.int64(math.floor((centre + reach) / edge))
    return first, min(last - first + 1, count)


@kernel
def _nearest_image(offset, edge):
    return offset - edge * np.rint(offset / edge)


@kernel
def _push(i, j, longest, shortest, squares, box, mixed, centres):
    """Move two bodies until they touch, the smaller one farther; return their overlap."""
    x = _nearest_image(centres[j, 0] - centres[i, 0], box[0])
    y = _nearest_image(centres[j, 1] - centres[i, 1], box[1])
    z = _nearest_image(centres[j, 2] - centres[i, 2], box[2])
    away = x * x + y * y + z * z
    touching = (longest[i] + longest[j]) ** 2
    if away >= touching or away == 0.0:
        return 0.0
    ratio = away / touching
    if shortest[i] < longest[i] or shortest[j] < longest[j]:
        ratio = _contact(squares[i], squares[j], x, y, z, mixed)
    if ratio >= 1.0:
        return 0.0
    missing = 1.0 / math.sqrt(ratio) - 1.0
    share = longest[j] ** 3 / (longest[i] ** 3 + longest[j] ** 3)
    for axis, offset in enumerate((x, y, z)):
        centres[i, axis] -= offset * missing * share
        centres[j, axis] += offset * missing * (1.0 - share)
    return 1.0 - math.sqrt(ratio)
