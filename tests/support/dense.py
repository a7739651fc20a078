"""Dense matrices of what the solver keeps in its own layout, for small meshes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from solvers.coarse import Level
from solvers.fine import BLACK
from solvers.krylov import State, _correct, _turn
from solvers.multigrid import Hierarchy
from solvers.system import System


def matrix_of(level: Level) -> NDArray[np.float64]:
    """The matrix of a coarse level that still has its leaks."""
    n = len(level.inverse)
    rows = np.repeat(np.arange(n), np.diff(level.row))
    matrix = np.zeros((n, n))
    np.add.at(matrix, (rows, level.column), -level.weight.astype(float))
    matrix[np.diag_indices(n)] += level.leak - matrix.sum(axis=1)
    return matrix


def preconditioner(system: System, hierarchy: Hierarchy) -> NDArray[np.float64]:
    """The preconditioner as a matrix over the black unknowns, column by column."""
    unknowns = np.flatnonzero(system.black)
    matrix = np.empty((len(unknowns), len(unknowns)))
    for column, element in enumerate(unknowns):
        state = State(*(np.zeros(system.layout.size, system.precision) for _ in range(4)))
        state.s[element] = 1.0 / system.diagonal(BLACK, np.array([element]))[0]
        _correct(system, hierarchy, state, 0.0)
        _turn(system, state, 0.0)
        matrix[:, column] = state.p[unknowns]
    return matrix
