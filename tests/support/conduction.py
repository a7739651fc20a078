"""Conduction through several phases: random cases, and the package's answer to them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from meshing.volume import Volume
from meshing.voxel_mesh import voxel_mesh
from solvers.report import Solver
from solvers.steady import SteadySolution, solve_steady
from support import images, network
from support.solving import TIGHT

Conductivity = float | Sequence[float]
Contacts = Mapping[tuple[str, str], float]
Triple = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Case:
    """An image of labels; labels with a conductivity are the phases "p1", "p2", ..."""

    labels: NDArray[np.uint8]
    conductivity: Mapping[int, float | Triple]
    spacing: Triple
    axis: str
    sides: str
    contact: Mapping[tuple[int, int], float]

    @property
    def volume(self) -> Volume:
        names = {name_of(label): label for label in self.conductivity}
        return Volume(self.labels, self.spacing, names)

    @property
    def named(self) -> dict[str, Conductivity]:
        """Conductivities of the phases that the image has."""
        present = set(np.unique(self.labels).tolist())
        return {name_of(p): k for p, k in self.conductivity.items() if p in present}

    @property
    def contacts(self) -> dict[tuple[str, str], float]:
        """Contact resistances between phases that the image has."""
        named = self.named
        pairs = {(name_of(a), name_of(b)): r for (a, b), r in self.contact.items()}
        return {pair: r for pair, r in pairs.items() if set(pair) <= set(named)}

    def expected(self) -> network.Answer:
        """What the resistor network says."""
        return network.solve(
            self.labels, self.conductivity, self.spacing, "xyz".index(self.axis), self.sides,
            self.contact,
        )  # fmt: skip

    def solved(self, solver: Solver = TIGHT) -> SteadySolution:
        """What the package says."""
        return conduct(self.volume, self.named, self.axis, self.sides, self.contacts, solver)

    def effective(self) -> float:
        """Effective conductivity, 0 where nothing percolates."""
        mesh = voxel_mesh(self.volume, list(self.named), "xyz".index(self.axis), self.sides)
        return effective(self.solved()) if mesh.percolates else 0.0


def name_of(label: int) -> str:
    return f"p{label}"


def conduct(
    volume: Volume,
    conductivity: Mapping[str, Conductivity],
    axis: str = "x",
    sides: str = "no-flux",
    contact: Contacts | None = None,
    solver: Solver = TIGHT,
) -> SteadySolution:
    """Steady conduction through the named phases, with resistances where two of them touch."""
    mesh = voxel_mesh(volume, list(conductivity), "xyz".index(axis), sides)
    return solve_steady(mesh, conductivity, solver, contact_resistance=contact or {})


def effective(solution: SteadySolution) -> float:
    """Effective conductivity: flow times length over cross-section."""
    mesh = solution.mesh
    edges = np.multiply(mesh.shape, mesh.spacing)
    return float(solution.flow * edges[mesh.axis] ** 2 / edges.prod())


def random_labels(
    seed: int, shape: tuple[int, int, int], phases: int, void: float
) -> NDArray[np.uint8]:
    """Labels 1 to `phases` at random, and 0 for a share `void` of the voxels."""
    random = np.random.default_rng(seed)
    labels = random.integers(1, phases + 1, shape).astype(np.uint8)
    labels[random.random(shape) < void] = 0
    return labels


@st.composite
def mixtures(
    draw: st.DrawFn,
    *,
    insulator: bool = True,
    anisotropic: bool = True,
    contact: bool = True,
    contrast: float = 1e8,
) -> Case:
    """Two to four phases of conductivity ratios up to `contrast`, any sides, any voxels."""
    axis, seed, phases = draw(images.axes), draw(images.seeds), draw(st.integers(2, 4))
    nx, ny, nz = (draw(st.integers(2 if a == axis else 1, 9)) for a in "xyz")
    void = draw(st.sampled_from([0.0, 0.0, 0.2, 0.4])) if insulator else 0.0
    labels = random_labels(seed, (nx, ny, nz), phases, void)
    spacing, sides = draw(images.spacings), draw(images.sides)
    random = np.random.default_rng(seed + 1)
    ratio = contrast ** draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
    exponents = np.append(random.random((phases - 2, 3)), [[0.0] * 3, [1.0] * 3], axis=0)
    turned = anisotropic and draw(st.booleans())
    if turned:
        exponents = random.permuted(exponents, axis=0)
    else:
        exponents[:, 1:] = exponents[:, :1]
    k = ratio**exponents
    conductivity = {
        label + 1: tuple(map(float, k[label])) if turned else float(k[label, 0])
        for label in range(phases)
    }
    touching = {}
    if contact and draw(st.booleans()):
        for pair in itertools.combinations(range(1, phases + 1), 2):
            if random.random() < 0.6:
                # From far below to far above what a voxel resists.
                touching[pair] = float(10 ** random.uniform(-5, 5) * max(spacing) / k.max())
    return Case(labels, conductivity, spacing, axis, sides, touching)
