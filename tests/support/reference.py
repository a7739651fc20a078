"""An independent answer to the discrete problem: assembled with SciPy, solved directly in float64.

Written from the equations and from nothing of the package, so that the two can disagree.  Voxel
(i, j, k) has conductivity k >= 0; the conductance of the face between two voxels p and q across
axis a is A/h * 2 k_p k_q / (k_p + k_q); outer faces of the driven axis hold 1 (low) and 0 (high)
half a voxel from the first and last centres, of conductance 2 A k / h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu


@dataclass(frozen=True, eq=False)
class Reference:
    """Effective conductivity, field (NaN where no flux is driven) and flow through each plane.

    `plane_flows` has n + 1 entries: both outer faces and the n - 1 planes between voxels.
    """

    effective_conductivity: float
    potential: NDArray[np.float64]
    plane_flows: NDArray[np.float64]
    driven: NDArray[np.bool_]


def faces(
    k: NDArray[np.float64], spacing: tuple[float, float, float], axis: int, wrap: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Flat indices of the two voxels of every conducting face across `axis`, and conductances."""
    number = np.arange(k.size).reshape(k.shape)
    here, there = number, np.roll(number, -1, axis)
    if not wrap:
        keep = [slice(None)] * 3
        keep[axis] = slice(0, -1)
        here, there = here[tuple(keep)], there[tuple(keep)]
    p, q = here.ravel(), there.ravel()
    kp, kq = k.ravel()[p], k.ravel()[q]
    conducting = (kp > 0) & (kq > 0) & (p != q)
    p, q, kp, kq = p[conducting], q[conducting], kp[conducting], kq[conducting]
    area_over_width = np.prod(spacing) / spacing[axis] ** 2
    return p, q, area_over_width * 2.0 / (1.0 / kp + 1.0 / kq)


def solve(
    k: NDArray[np.float64],
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    axis: int = 0,
    sides: str = "no-flux",
    ends: float = 0.5,
) -> Reference:
    """Solve div(k grad u) = 0 on the voxels that join the two driven faces.

    `ends` is the distance from the outermost voxel centres to where 1 and 0 are held, in voxels:
    0.5 is the outer face.  TauFactor's solver for several phases takes 1, with a length of n + 1.
    """
    k = np.asarray(k, float)
    parts = [faces(k, spacing, a, wrap=sides == "periodic" and a != axis) for a in range(3)]
    p, q, g = (np.concatenate(column) for column in zip(*parts, strict=True))
    driven = _joins_both_faces(k, axis, p, q)
    unknown = np.full(k.size, -1)
    unknown[driven.ravel()] = np.arange(driven.sum())
    kept = driven.ravel()[p] & driven.ravel()[q]
    p, q, g = unknown[p[kept]], unknown[q[kept]], g[kept]
    outer = k / ends * np.prod(spacing) / spacing[axis] ** 2 * driven
    low = np.zeros(k.shape)
    high = np.zeros(k.shape)
    np.moveaxis(low, axis, 0)[0] = np.moveaxis(outer, axis, 0)[0]
    np.moveaxis(high, axis, 0)[-1] = np.moveaxis(outer, axis, 0)[-1]
    values = _solve_network(p, q, g, low[driven], high[driven])
    potential = np.full(k.shape, np.nan)
    potential[driven] = values
    flows = _plane_flows(k, spacing, axis, potential, low, high)
    length = (k.shape[axis] - 1 + 2 * ends) * spacing[axis]
    area = k.size / k.shape[axis] * np.prod(spacing) / spacing[axis]
    return Reference(flows[0] * length / area, potential, flows, driven)


def solve_between_centres(k: NDArray[np.float64], axis: int = 0, sides: str = "no-flux") -> float:
    """Effective conductivity with 1 and 0 on the first and last voxel centres, cubic voxels.

    The convention of PoreSpy, pumapy, Tortuosity.jl and OpenPNM: the length is n - 1 voxels.
    """
    k = np.asarray(k, float)
    unit = (1.0, 1.0, 1.0)
    parts = [faces(k, unit, a, wrap=sides == "periodic" and a != axis) for a in range(3)]
    p, q, g = (np.concatenate(column) for column in zip(*parts, strict=True))
    driven = _joins_both_faces(k, axis, p, q).ravel()
    kept = driven[p] & driven[q]
    p, q, g = p[kept], q[kept], g[kept]
    layer = np.indices(k.shape)[axis].ravel()
    last = k.shape[axis] - 1
    fixed = (layer == 0) | (layer == last)
    inner = driven & ~fixed
    unknown = np.cumsum(inner) - 1
    to_low, to_high = np.zeros(inner.sum()), np.zeros(inner.sum())
    straight = 0.0
    for a, b in ((p, q), (q, p)):
        for held, target in ((0, to_low), (last, to_high)):
            touching = inner[a] & (layer[b] == held)
            np.add.at(target, unknown[a[touching]], g[touching])
        straight += g[(layer[a] == 0) & (layer[b] == last)].sum()
    free = inner[p] & inner[q]
    u = _solve_network(unknown[p[free]], unknown[q[free]], g[free], to_low, to_high)
    flow = (to_low * (1.0 - u)).sum() + straight
    return float(flow * last / (k.size / k.shape[axis]))


def _joins_both_faces(
    k: NDArray[np.float64], axis: int, p: NDArray[np.intp], q: NDArray[np.intp]
) -> NDArray[np.bool_]:
    graph = sparse.coo_matrix((np.ones(p.size), (p, q)), (k.size, k.size))
    _, component = connected_components(graph, directed=False)
    component = component.reshape(k.shape)
    first, last = component.take(0, axis), component.take(-1, axis)
    both = np.intersect1d(first[k.take(0, axis) > 0], last[k.take(-1, axis) > 0])
    return np.isin(component, both) & (k > 0)


def _solve_network(
    p: NDArray[np.intp],
    q: NDArray[np.intp],
    g: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    n = low.size
    if n == 0:
        return np.zeros(0)
    incidence = sparse.coo_matrix(
        (np.repeat([1.0, -1.0], p.size), (np.tile(np.arange(p.size), 2), np.concatenate([p, q]))),
        (p.size, n),
    ).tocsc()
    matrix = incidence.T @ sparse.diags_array(g) @ incidence + sparse.diags_array(low + high)
    factors = splu(matrix.tocsc())
    values = factors.solve(low)
    # One step of refinement: conductivities that differ by orders of magnitude cost digits.
    refined: NDArray[np.float64] = values + factors.solve(low - matrix @ values)
    return refined


def _plane_flows(
    k: NDArray[np.float64],
    spacing: tuple[float, float, float],
    axis: int,
    potential: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    u = np.nan_to_num(potential).ravel()
    reached = np.isfinite(potential).ravel()
    p, q, g = faces(k, spacing, axis, wrap=False)
    plane = np.unravel_index(p, k.shape)[axis]
    flow = g * (u[p] - u[q]) * (reached[p] & reached[q])
    inner = np.bincount(plane, flow, minlength=k.shape[axis])[: k.shape[axis] - 1]
    inlet = (low.ravel() * (1.0 - u))[reached].sum()
    outlet = (high.ravel() * u)[reached].sum()
    return np.concatenate([[inlet], inner, [outlet]])
