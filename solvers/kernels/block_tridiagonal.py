"""Block-tridiagonal linear systems by elimination with pivoting inside the blocks."""

from __future__ import annotations

from meshing.kernels import kernel


@kernel
def _exchange(matrix, i, a, b, m):
    for j in range(m):
        matrix[i, a, j], matrix[i, b, j] = matrix[i, b, j], matrix[i, a, j]


@kernel
def _solve_block(lower, diagonal, rhs, i, m):
    """Replace lower[i] and rhs[i] by diagonal[i]^-1 times them; false for a singular block."""
    for k in range(m):
        pivot = k
        for row in range(k + 1, m):
            if abs(diagonal[i, row, k]) > abs(diagonal[i, pivot, k]):
                pivot = row
        if not abs(diagonal[i, pivot, k]) > 0.0:  # NaN as well
            return False
        if pivot != k:
            _exchange(diagonal, i, k, pivot, m)
            _exchange(lower, i, k, pivot, m)
            rhs[i, k], rhs[i, pivot] = rhs[i, pivot], rhs[i, k]
        for row in range(k + 1, m):
            factor = diagonal[i, row, k] / diagonal[i, k, k]
            if factor != 0.0:
                for j in range(k + 1, m):
                    diagonal[i, row, j] -= factor * diagonal[i, k, j]
                for j in range(m):
                    lower[i, row, j] -= factor * lower[i, k, j]
                rhs[i, row] -= factor * rhs[i, k]
    for k in range(m - 1, -1, -1):
        inverse = 1.0 / diagonal[i, k, k]
        for row in range(k):
            factor = diagonal[i, row, k] * inverse
            if factor != 0.0:
                for j in range(m):
                    lower[i, row, j] -= factor * lower[i, k, j]
                rhs[i, row] -= factor * rhs[i, k]
        for j in range(m):
            lower[i, k, j] *= inverse
        rhs[i, k] *= inverse
    return True


@kernel
def solve_blocks(lower, diagonal, upper, rhs):
    """Solve L_i x_(i-1) + D_i x_i + U_i x_(i+1) = b_i, from the last block to the first.

    Parameters
    ----------
    lower, diagonal, upper : (n, m, m) blocks; lower and diagonal are overwritten.
    rhs : (n, m) right-hand side, overwritten by the solution.

    Returns
    -------
    int
        -1, or the number of a block that is singular or not finite.
    """
    n, m = rhs.shape
    for i in range(n - 1, -1, -1):
        if i < n - 1:
            for row in range(m):
                for k in range(m):
                    factor = upper[i, row, k]
                    if factor != 0.0:
                        for j in range(m):
                            diagonal[i, row, j] -= factor * lower[i + 1, k, j]
                        rhs[i, row] -= factor * rhs[i + 1, k]
        if not _solve_block(lower, diagonal, rhs, i, m):
            return i
    for i in range(1, n):
        for row in range(m):
            total = rhs[i, row]
            for j in range(m):
                total -= lower[i, row, j] * rhs[i - 1, j]
            rhs[i, row] = total
    return -1
