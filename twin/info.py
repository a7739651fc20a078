"""What a volume is: its size, its labels and phases, and how each phase percolates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from meshing.percolation import Percolation, percolation
from meshing.units import format_length
from meshing.volume import Volume
from twin.memory import bytes_free, bytes_needed, format_bytes
from twin.tables import text_table

#: Segmented images have a handful of labels and grey-scale images dozens to thousands; with more
#: than so many the phases are listed without their percolation.
MANY_LABELS: Final = 16


@dataclass(frozen=True)
class PhaseInfo:
    """One phase of a volume.

    Attributes
    ----------
    labels : its labels in the image.
    voxels : how many voxels it has.
    volume_fraction : its voxels over all voxels.
    components : its face-connected parts; None where percolation was not looked at.
    percolating_fraction : for axes x, y, z the share of its voxels that joins the two faces of the
        axis (sides not periodic); None where percolation was not looked at.
    """

    labels: tuple[int, ...]
    voxels: int
    volume_fraction: float
    components: int | None
    percolating_fraction: tuple[float, float, float] | None


@dataclass(frozen=True, eq=False)
class Info:
    """What `twin.info` found in a volume.

    Attributes
    ----------
    volume : the image.
    phases : one entry for each phase, by name.
    unnamed : voxels of each label that belongs to no phase.
    hint : what to check, as a sentence; empty where nothing is odd.
    bytes_needed, bytes_free : memory that a solve on the largest phase takes, and that is free
        [bytes].

    Examples
    --------
    >>> import numpy as np, twin
    >>> info = twin.info(twin.Volume(np.eye(4, dtype=int), phases={"pore": 0, "solid": 1}))
    >>> info.phases["pore"].volume_fraction, info.phases["pore"].components
    (0.75, 2)
    """

    volume: Volume
    phases: dict[str, PhaseInfo]
    unnamed: dict[int, int]
    hint: str
    bytes_needed: int
    bytes_free: int

    def summary(self) -> str:
        """Text for people: the size, a table of the phases, memory, hints."""
        total = self.volume.labels.size
        phases = list(self.phases.items())
        if self.hint:
            phases = sorted(phases, key=lambda item: -item[1].voxels)[:MANY_LABELS]
        rows = [_cells(name, phase) for name, phase in phases]
        rows += [
            ["(unnamed)", str(label), str(n), f"{n / total:.6f}", "", "", "", ""]
            for label, n in self.unnamed.items()
        ]
        memory = f"{format_bytes(self.bytes_needed)}, {format_bytes(self.bytes_free)} are free"
        lines = [*_size(self.volume), f"memory   a solve on the largest phase needs about {memory}"]
        lines += ["", text_table(_HEAD, rows)]
        if len(phases) < len(self.phases):
            lines.append(f"... and {len(self.phases) - len(phases)} smaller ones")
        return "\n".join([*lines, *(["", f"hint: {self.hint}"] if self.hint else [])])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only; `spacing` is in metres, or 1 where it is not known."""
        return {
            "shape": list(self.volume.shape),
            "dtype": self.volume.labels.dtype.name,
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "labels": {str(label): n for label, n in self.volume.label_counts.items()},
            "phases": {name: _phase_dict(phase) for name, phase in self.phases.items()},
            "bytes_needed": self.bytes_needed,
            "bytes_free": self.bytes_free,
            "hint": self.hint,
        }


_HEAD: Final = (
    "phase", "label", "voxels", "fraction", "components", "perc. x", "perc. y", "perc. z"
)  # fmt: skip


def info(volume: Volume) -> Info:
    """Look at a volume before anything is solved on it.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.

    Returns
    -------
    Info
        Size, phases with their fractions and percolation along each axis, memory for a solve, and
        a hint where the image looks as if it were not segmented.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((4, 4, 4), np.uint8), spacing="50nm", phases={"pore": 1})
    >>> twin.info(volume).phases["pore"].percolating_fraction
    (1.0, 1.0, 1.0)
    """
    many = len(volume.label_counts) > MANY_LABELS
    joined = {} if many else percolation(volume)
    named = {label for name in volume.phases for label in volume.label_values(name)}
    unnamed = {label: n for label, n in volume.label_counts.items() if label not in named}
    return Info(
        volume=volume,
        phases={name: _phase(volume, name, joined.get(name)) for name in volume.phases},
        unnamed={} if many else unnamed,
        hint=_hint(volume) if many else "",
        bytes_needed=bytes_needed(volume, max(volume.fractions().values(), default=0.0)),
        bytes_free=bytes_free(),
    )


def _phase(volume: Volume, name: str, joined: Percolation | None) -> PhaseInfo:
    return PhaseInfo(
        labels=volume.label_values(name),
        voxels=volume.voxel_count(name),
        volume_fraction=volume.volume_fraction(name),
        components=None if joined is None else joined.components,
        percolating_fraction=None if joined is None else joined.percolating_fraction,
    )


def _hint(volume: Volume) -> str:
    labels = volume.label_counts
    return (
        f"the image has {len(labels)} different labels, from {min(labels)} to {max(labels)}: "
        "it looks like grey values; segment it first, or name the phases that matter"
    )


def _size(volume: Volume) -> list[str]:
    shape = " x ".join(map(str, volume.shape))
    lines = [f"shape    {shape} (x, y, z), {volume.labels.size} voxels, {volume.labels.dtype}"]
    if not volume.spacing_known:
        return [*lines, "spacing  unknown: lengths count voxels; give it as --spacing 50nm"]
    edges = [format_length(h) for h in volume.spacing]
    sizes = [format_length(n * h) for n, h in zip(volume.shape, volume.spacing, strict=True)]
    return [*lines, f"spacing  {' x '.join(edges)}", f"size     {' x '.join(sizes)}"]


def _cells(name: str, phase: PhaseInfo) -> list[str]:
    cells = [name, "+".join(map(str, phase.labels)), str(phase.voxels)]
    cells.append(f"{phase.volume_fraction:.6f}")
    if phase.components is None or phase.percolating_fraction is None:
        return [*cells, "-", "-", "-", "-"]
    return [*cells, str(phase.components), *(f"{f:.4f}" for f in phase.percolating_fraction)]


def _phase_dict(phase: PhaseInfo) -> dict[str, Any]:
    percolating = phase.percolating_fraction
    return {
        "labels": list(phase.labels),
        "voxels": phase.voxels,
        "volume_fraction": phase.volume_fraction,
        "components": phase.components,
        "percolating_fraction": percolating and dict(zip("xyz", percolating, strict=True)),
    }
