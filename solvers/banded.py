"""Newton's method for equations that join each cell of a row with its two neighbours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.block_tridiagonal import solve_blocks

Array = NDArray[np.float64]

#: Called with the unknowns (n, m); fills the residual and the blocks.
Assemble = Callable[[Array, "Blocks"], None]

#: Called with the unknowns and their change; the share of the change that may be taken, up to 1.
Limit = Callable[[Array, Array], float]


@dataclass(frozen=True, eq=False)
class Blocks:
    """A block-tridiagonal system: the residual and its derivatives.

    Attributes
    ----------
    residual : (n, m).
    lower, diagonal, upper : (n, m, m) derivatives by the unknowns of the cell before, of the cell
        itself and of the cell after.

    Examples
    --------
    >>> from solvers.banded import Blocks
    >>> Blocks.empty(4, 2).diagonal.shape
    (4, 2, 2)
    """

    residual: Array
    lower: Array
    diagonal: Array
    upper: Array

    @classmethod
    def empty(cls, cells: int, fields: int) -> Blocks:
        """Room for so many cells with so many unknowns each, all zero."""
        shape = (cells, fields, fields)
        return cls(np.zeros(shape[:2]), np.zeros(shape), np.zeros(shape), np.zeros(shape))

    def solve(self) -> Array:
        """Solve for the right-hand side in `residual`, which becomes the solution.

        Raises
        ------
        NewtonFailed
            A block is singular or not finite.
        """
        bad = int(solve_blocks(self.lower, self.diagonal, self.upper, self.residual))
        if bad >= 0:
            raise NewtonFailed("singular", bad, 0, 0)
        return self.residual


@dataclass(frozen=True)
class Newton:
    """When to stop.

    Attributes
    ----------
    tolerance : the largest scaled change of the last iteration. The error that is left is about
        its square.
    max_iterations : give up after so many.
    """

    tolerance: float = 1e-6
    max_iterations: int = 25


class NewtonFailed(RuntimeError):
    """No solution was found.

    Attributes
    ----------
    reason : "singular", or "slow" when the iterations ran out.
    cell, field : where the equations were singular, or the change was largest.
    iterations : how many were made.
    """

    def __init__(self, reason: str, cell: int, field: int, iterations: int) -> None:
        super().__init__(f"{reason} at cell {cell}, field {field}, after {iterations} iterations")
        self.reason = reason
        self.cell = cell
        self.field = field
        self.iterations = iterations


def newton(
    assemble: Assemble,
    guess: Array,
    blocks: Blocks,
    scale: Array,
    limit: Limit,
    options: Newton,
) -> tuple[Array, int]:
    """Solve residual(y) = 0 by Newton's method.

    Parameters
    ----------
    assemble : fills residual and derivatives for given unknowns.
    guess : (n, m) where to start.
    blocks : work space.
    scale : (m,) size of each field, in which changes are measured.
    limit : the share of a change that may be taken.
    options : tolerance and limit of iterations.

    Returns
    -------
    tuple
        The unknowns (n, m), and the number of iterations.

    Raises
    ------
    NewtonFailed
        The iterations ran out, or the equations were singular.

    Examples
    --------
    The square roots of 4 and 9, which are not coupled:

    >>> import numpy as np
    >>> from solvers.banded import Blocks, Newton, newton
    >>> def assemble(y, blocks):
    ...     blocks.residual[:] = y**2 - [[4.0], [9.0]]
    ...     blocks.diagonal[:] = 2 * y[:, :, None]
    >>> y, iterations = newton(
    ...     assemble, np.ones((2, 1)), Blocks.empty(2, 1), np.ones(1), lambda y, c: 1.0, Newton()
    ... )
    >>> y.ravel().round(9).tolist()
    [2.0, 3.0]
    """
    y = guess.copy()
    change = np.zeros_like(y)
    for iteration in range(1, options.max_iterations + 1):
        assemble(y, blocks)
        change = blocks.solve()
        np.negative(change, out=change)
        share = limit(y, change)
        y += share * change
        size = float(np.abs(change / scale).max())
        if not np.isfinite(size):
            break
        if share == 1.0 and size <= options.tolerance:
            return y, iteration
    worst = np.abs(change / scale)
    cell, field = divmod(int(np.nanargmax(np.where(np.isfinite(worst), worst, np.inf))), y.shape[1])
    raise NewtonFailed("slow", cell, field, options.max_iterations)
