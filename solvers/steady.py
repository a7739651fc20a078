"""Steady conduction on a voxel mesh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

from meshing.voxel_mesh import VoxelMesh
from solvers.report import Progress, Report, Solver


@dataclass(frozen=True, eq=False)
class SteadySolution:
    """Flow through a voxel mesh between potential 1 on the low face and 0 on the high face.

    Attributes
    ----------
    mesh : the voxel mesh.
    flow : total flow [conductivity times m], from the energy of the field.
    plane_flows : (n - 1,) flow through each plane between two voxel layers of the driven axis.
    report : what the solver did.
    """

    mesh: VoxelMesh
    flow: float
    plane_flows: NDArray[np.float64]
    report: Report
    values: NDArray[np.float32]

    def potential(self) -> NDArray[np.float32]:
        """Potential at voxel centres, (nx, ny, nz) float32, NaN where nothing conducts."""
        return self.values


def solve_steady(
    mesh: VoxelMesh,
    conductivity: Mapping[str, float],
    solver: Solver | None = None,
    progress: Progress | None = None,
) -> SteadySolution:
    start = perf_counter()
    active = mesh.active()
    k = np.zeros(mesh.shape)
    for name in mesh.phases:
        for value in mesh.volume.label_values(name):
            k[mesh.volume.labels == value] = conductivity[name]
    k *= active
    number = np.full(mesh.shape, -1)
    number[active] = np.arange(active.sum())
    n = int(active.sum())
    diagonal = np.zeros(n)
    rhs = np.zeros(n)
    rows, cols, vals = [], [], []
    h = mesh.spacing
    axis = mesh.axis
    planes = np.zeros(mesh.shape[axis] - 1)
    couplings = []
    for a in range(3):
        area = h[0] * h[1] * h[2] / h[a]
        m = mesh.shape[a]
        pairs = [(slice(0, m - 1), slice(1, m))]
        if mesh.sides == "periodic" and a != axis and m > 1:
            pairs.append((slice(m - 1, m), slice(0, 1)))
        for lo, hi in pairs:
            i = tuple(lo if b == a else slice(None) for b in range(3))
            j = tuple(hi if b == a else slice(None) for b in range(3))
            both = active[i] & active[j]
            ki, kj = k[i][both], k[j][both]
            g = area / h[a] * 2 * ki * kj / (ki + kj)
            p, q = number[i][both], number[j][both]
            np.add.at(diagonal, p, g)
            np.add.at(diagonal, q, g)
            rows += [p, q]
            cols += [q, p]
            vals += [-g, -g]
            couplings.append((a, p, q, g, np.nonzero(both)[axis]))
    g0 = 2 * h[0] * h[1] * h[2] / h[axis] ** 2
    low, high = number.take(0, axis), number.take(-1, axis)
    low, high = low[low >= 0], high[high >= 0]
    kf = k[active]
    diagonal[low] += g0 * kf[low]
    diagonal[high] += g0 * kf[high]
    rhs[low] += g0 * kf[low]
    rows.append(np.arange(n))
    cols.append(np.arange(n))
    vals.append(diagonal)
    matrix = sparse.csr_matrix(
        (np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), (n, n)
    )
    x = spsolve(matrix.tocsc(), rhs)
    for a, p, q, g, plane in couplings:
        if a == axis:
            np.add.at(planes, plane, g * (x[p] - x[q]))
    values = np.full(mesh.shape, np.nan, np.float32)
    values[active] = x
    flow = float((g0 * kf[low] * (1 - x[low])).sum())
    report = Report(True, 1, 0.0, (0.0,), (n,), 0.0, perf_counter() - start)
    return SteadySolution(mesh, flow, planes, report, values)
