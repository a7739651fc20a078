"""An independent answer for any phases: a resistor network, solved without a subtraction.

Two voxels p and q across axis a are joined by three resistors in series, half of p, the contact
between their phases, and half of q: r = h / (2 A k_p) + R / A + h / (2 A k_q).  Outer faces of the
driven axis hold 1 (low) and 0 (high), half a voxel from the centres.

Nodes are eliminated by the star-mesh rule: a node with conductances g_i to its neighbours gives
way to g_i g_j / sum(g) between each two of them.  Only positive numbers are added, multiplied and
divided, so every conductance keeps nearly all of its digits whatever the contrast.  A direct
solve of the matrix loses as many digits as the contrast has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Triple = tuple[float, float, float]
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Answer:
    """Flow and effective conductivity; potential; heat and current of labels and of interfaces.

    `heat` is the power in every label and interface, at a drop of 1; it adds up to the flow.
    `current` is the mean over the length of the current in every label; it adds up to the flow.
    `crossing` is the current through every interface, both senses counted.
    """

    flow: float
    effective_conductivity: float
    potential: NDArray[np.float64]
    heat: Mapping[int | Pair, float]
    current: Mapping[int, float]
    crossing: Mapping[Pair, float]


@dataclass(frozen=True, eq=False)
class Faces:
    """Resistors between nodes p and q: three in series, and the axis that they lie along."""

    p: NDArray[np.intp]
    q: NDArray[np.intp]
    parts: NDArray[np.float64]
    axis: NDArray[np.intp]

    @property
    def conductance(self) -> NDArray[np.float64]:
        return 1.0 / self.parts.sum(axis=1)


def solve(
    labels: NDArray[np.integer],
    conductivity: Mapping[int, float | Triple],
    spacing: Triple = (1.0, 1.0, 1.0),
    axis: int = 0,
    sides: str = "no-flux",
    contact: Mapping[Pair, float] | None = None,
) -> Answer:
    """Conduction through the labels that have a conductivity, one number or one for each axis."""
    faces = resistors(labels, conductivity, spacing, axis, sides, contact)
    network = np.zeros((labels.size + 2, labels.size + 2))
    np.add.at(network, (faces.p, faces.q), faces.conductance)
    np.add.at(network, (faces.q, faces.p), faces.conductance)
    flow = eliminate(network)
    potential = substitute(network)
    edges = np.multiply(labels.shape, spacing)
    heat, current, crossing = _accounts(labels, faces, potential, axis, labels.shape[axis])
    return Answer(
        flow, float(flow * edges[axis] ** 2 / edges.prod()),
        potential[:-2].reshape(labels.shape), heat, current, crossing,
    )  # fmt: skip


def resistors(
    labels: NDArray[np.integer],
    conductivity: Mapping[int, float | Triple],
    spacing: Triple,
    axis: int,
    sides: str = "no-flux",
    contact: Mapping[Pair, float] | None = None,
) -> Faces:
    """All faces that conduct; nodes are voxels in C order, then the low and the high end."""
    k = _by_axis(labels, conductivity)
    return _join([
        *(_inner(labels, k, spacing, a, sides == "periodic" and a != axis, contact or {})
          for a in range(3)),
        *(_outer(k, spacing, axis, high) for high in (False, True)),
    ])  # fmt: skip


def eliminate(network: NDArray[np.float64]) -> float:
    """Conductance between the last two nodes; leaves what `substitute` needs above the diagonal."""
    for node in range(len(network) - 2):
        to = node + 1 + np.flatnonzero(network[node, node + 1 :])
        if to.size:
            g = network[node, to]
            network[np.ix_(to, to)] += np.outer(g / g.sum(), g)
    return float(network[-2, -1])


def substitute(network: NDArray[np.float64]) -> NDArray[np.float64]:
    """Potentials of all nodes, 1 and 0 at the last two; NaN where a node hangs on nothing."""
    potential = np.full(len(network), np.nan)
    potential[-2:] = 1.0, 0.0
    for node in range(len(network) - 3, -1, -1):
        to = node + 1 + np.flatnonzero(network[node, node + 1 :])
        if to.size:
            g = network[node, to]
            potential[node] = g @ potential[to] / g.sum()
    return potential


def _by_axis(
    labels: NDArray[np.integer], conductivity: Mapping[int, float | Triple]
) -> NDArray[np.float64]:
    """(3, nx, ny, nz), 0 where a label has none."""
    k = np.zeros((3, *labels.shape))
    for label, value in conductivity.items():
        k[:, labels == label] = np.broadcast_to(value, 3)[:, None]
    return k


def _inner(
    labels: NDArray[np.integer],
    k: NDArray[np.float64],
    spacing: Triple,
    axis: int,
    wrap: bool,
    contact: Mapping[Pair, float],
) -> Faces:
    number = np.arange(labels.size).reshape(labels.shape)
    here, there = number, np.roll(number, -1, axis)
    if not wrap:
        keep = [slice(None)] * 3
        keep[axis] = slice(0, -1)
        here, there = here[tuple(keep)], there[tuple(keep)]
    p, q = here.ravel(), there.ravel()
    conducting = (k[axis].ravel()[p] > 0) & (k[axis].ravel()[q] > 0) & (p != q)
    p, q = p[conducting], q[conducting]
    area = np.prod(spacing) / spacing[axis]
    half = spacing[axis] / 2 / area
    first, second = labels.ravel()[p], labels.ravel()[q]
    between = np.zeros(p.size)
    for (a, b), resistance in contact.items():
        touching = ((first == a) & (second == b)) | ((first == b) & (second == a))
        between[touching] = resistance / area
    parts = np.stack([half / k[axis].ravel()[p], between, half / k[axis].ravel()[q]], axis=1)
    return Faces(p, q, parts, np.full(p.size, axis))


def _outer(k: NDArray[np.float64], spacing: Triple, axis: int, high: bool) -> Faces:
    number = np.arange(k[0].size).reshape(k[0].shape).take(-1 if high else 0, axis).ravel()
    p = number[k[axis].ravel()[number] > 0]
    half = spacing[axis] ** 2 / 2 / np.prod(spacing) / k[axis].ravel()[p]
    none = np.zeros(p.size)
    end = np.full(p.size, k[0].size + high)
    # Inlet, voxels, outlet: every resistor points down the drive.
    return (
        Faces(p, end, np.stack([half, none, none], 1), np.full(p.size, axis))
        if high
        else Faces(end, p, np.stack([none, none, half], 1), np.full(p.size, axis))
    )


def _join(parts: list[Faces]) -> Faces:
    return Faces(
        *(np.concatenate([getattr(f, name) for f in parts]) for name in ("p", "q", "parts", "axis"))
    )


def _accounts(
    labels: NDArray[np.integer], faces: Faces, potential: NDArray[np.float64], axis: int, n: int
) -> tuple[dict[int | Pair, float], dict[int, float], dict[Pair, float]]:
    """Heat and mean current of every label; heat and current of every pair that touches."""
    flat = np.append(labels.ravel(), [-1, -1])  # an end belongs to the voxel it touches
    first = np.where(flat[faces.p] < 0, flat[faces.q], flat[faces.p])
    second = np.where(flat[faces.q] < 0, flat[faces.p], flat[faces.q])
    flows = np.nan_to_num(faces.conductance * (potential[faces.p] - potential[faces.q]))
    heat: defaultdict[int | Pair, float] = defaultdict(float)
    current: defaultdict[int, float] = defaultdict(float)
    crossing: defaultdict[Pair, float] = defaultdict(float)
    for a, b, i, r, along in zip(first, second, flows, faces.parts, faces.axis, strict=True):
        heat[int(a)] += i**2 * r[0]
        heat[int(b)] += i**2 * r[2]
        if along == axis:
            current[int(a)] += i * (r[0] > 0) / (2 * n)
            current[int(b)] += i * (r[2] > 0) / (2 * n)
        if a != b:
            pair = (int(min(a, b)), int(max(a, b)))
            heat[pair] += i**2 * r[1]
            crossing[pair] += abs(i)
    return dict(heat), dict(current), dict(crossing)
