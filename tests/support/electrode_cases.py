"""Ask the package for one electrode, and random electrodes for hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

import twin
from meshing.volume import Volume
from support import electrode, images
from support.solving import TIGHT

PHASES = {"pore": 0, "AM": 1, "CBD": 2}


@dataclass(frozen=True, eq=False)
class Case:
    """One electrode and how it is looked at."""

    volume: Volume
    axis: str
    separator: str
    reactive: Mapping[str, float]
    sides: str
    wall: str

    @property
    def length(self) -> float:
        a = "xyz".index(self.axis)
        return self.volume.shape[a] * self.volume.spacing[a]

    @property
    def cross_section(self) -> float:
        return float(np.prod(np.multiply(self.volume.shape, self.volume.spacing)) / self.length)

    def with_labels(self, labels: NDArray[np.integer]) -> Case:
        return replace(self, volume=Volume(labels, self.volume.spacing, self.volume.phases))

    def expected(self) -> electrode.Electrode:
        """What the direct solve says."""
        return electrode.direct_electrode(
            self.volume, "pore", self.axis, self.separator, self.reactive, self.sides, self.wall
        )

    def has_walls(self) -> bool:
        """Whether a pore that the separator reaches has a wall that carries charge."""
        cell = electrode.half_cell(
            self.volume, "pore", self.axis, self.separator, list(self.reactive), self.sides
        )
        return cell.area.size > 0

    def solved(self, **options: Any) -> Any:
        """What the package says."""
        return ask(
            self.volume, self.axis, self.separator, self.reactive,
            sides=self.sides, wall=self.wall, **options,
        )  # fmt: skip


def ask(
    volume: Volume,
    axis: str = "x",
    separator: str = "low",
    reactive: Any = None,
    **options: Any,
) -> Any:
    """The package's answer on the phase "pore", better than any comparison here."""
    given = {} if reactive is None else {"reactive": reactive}
    return twin.electrode_tortuosity(
        volume, "pore", axis, separator, **given, **{"solver": TIGHT, **options}
    )


@st.composite
def electrodes(draw: st.DrawFn, largest: int = 9) -> Case:
    """Random pores in two solids, of which one or both carry charge, alike or not."""
    axis, seed = draw(images.axes), draw(images.seeds)
    shape = tuple(draw(st.integers(2 if a == axis else 1, largest)) for a in "xyz")
    porosity = draw(st.sampled_from([0.35, 0.5, 0.65, 0.8, 0.95]))
    random = np.random.default_rng(seed)
    labels = random.integers(1, 3, shape).astype(np.uint8)
    labels[random.random(shape) < porosity] = 0
    reactive = draw(
        st.sampled_from([{"AM": 1.0}, {"AM": 1.0, "CBD": 1.0}, {"AM": 0.02, "CBD": 3.0}])
    )
    case = Case(
        Volume(labels, draw(images.spacings), PHASES), axis,
        draw(st.sampled_from(["low", "high"])), reactive, draw(images.sides),
        draw(st.sampled_from(["half-face", "centre"])),
    )  # fmt: skip
    hypothesis.assume({name for name in reactive} <= _present(labels))
    hypothesis.assume(case.has_walls())
    return case


def _present(labels: NDArray[np.integer]) -> set[str]:
    found = set(np.unique(labels).tolist())
    return {name for name, label in PHASES.items() if label in found}
