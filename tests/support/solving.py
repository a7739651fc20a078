"""Ask the package what the tests ask of it, in the words of the tests."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from meshing.voxel_mesh import voxel_mesh
from solvers.report import Solver
from solvers.steady import SteadySolution, solve_steady

TIGHT = Solver(tolerance=1e-10)
"""For comparisons to 1e-9: the answer must be better than the comparison."""

ANISOTROPIC = (20e-9, 5e-9, 8e-9)
"""Edges of a voxel [m], all different."""


def conduct(
    volume: Volume,
    conductivity: Mapping[str, float],
    axis: str = "x",
    sides: str = "no-flux",
    solver: Solver = TIGHT,
) -> SteadySolution:
    """Steady conduction through the named phases."""
    mesh = voxel_mesh(volume, list(conductivity), "xyz".index(axis), sides)
    return solve_steady(mesh, conductivity, solver)


def effective(solution: SteadySolution) -> float:
    """Effective conductivity: flow times length over cross-section."""
    mesh = solution.mesh
    edges = np.multiply(mesh.shape, mesh.spacing)
    return float(solution.flow * edges[mesh.axis] ** 2 / math.prod(edges))


def effective_conductivity(
    volume: Volume, conductivity: Mapping[str, float], axis: str = "x", sides: str = "no-flux"
) -> float:
    """Effective conductivity along `axis`; 0 where the named phases do not percolate."""
    mesh = voxel_mesh(volume, list(conductivity), "xyz".index(axis), sides)
    if not mesh.percolates:
        return 0.0
    return effective(solve_steady(mesh, conductivity, TIGHT))


def volume_of(
    k: NDArray[np.float64], spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
) -> tuple[Volume, dict[str, float]]:
    """Volume and conductivities by phase of a field of conductivities, one phase per value.

    Voxels of conductivity 0 belong to no conducting phase.
    """
    values, labels = np.unique(k, return_inverse=True)
    names = {f"k{label}": label for label in range(values.size)}
    conducting = {name: float(values[label]) for name, label in names.items() if values[label] > 0}
    return Volume(labels.reshape(k.shape), spacing=spacing, phases=names), conducting
