"""A picture of the stored results: wall time, iterations, memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.stored import Measured, Session, of_case

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = {"twin": "#0072B2", "taufactor": "#D55E00", "porespy": "#009E73"}
_MARKERS: Final = ("o", "s", "^", "D", "v")


def draw(sessions: list[Session], path: Path) -> None:
    """Save the picture, the same bytes for the same results."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    settings: Any = {"svg.hashsalt": "twin", "font.size": 8.0}
    with rc_context(settings):
        figure = Figure(figsize=(9.0, 3.0), layout="constrained")
        time, iterations, memory = figure.subplots(1, 3)
        _time(time, of_case(sessions, "blobs"))
        _iterations(iterations, of_case(sessions, "growth"))
        _memory(memory, of_case(sessions, "memory"))
        figure.savefig(path, metadata={"Date": None})


def _time(axes: Axes, entries: list[Measured]) -> None:
    porosities = sorted({e.volume["porosity"] for e in entries})
    for marker, porosity in zip(_MARKERS, porosities, strict=False):
        for tool, colour in _COLOURS.items():
            points = _points(entries, tool, porosity, "size", "seconds")
            if points:
                label = f"{tool}, {porosity}"
                axes.loglog(*zip(*points, strict=True), marker, ls="-", c=colour, label=label, lw=1)
    axes.set(title="Blobs, default settings", xlabel="voxels along an edge", ylabel="wall time [s]")
    _finish(axes)


def _iterations(axes: Axes, entries: list[Measured]) -> None:
    for porosity in sorted({e.volume["porosity"] for e in entries}):
        points = _points(entries, "twin", porosity, "size", "iterations")
        if points:
            axes.plot(*zip(*points, strict=True), "o-", label=f"porosity {porosity}", lw=1)
    axes.set(title="One material", xlabel="voxels along an edge", ylabel="iterations")
    axes.set_ylim(bottom=0)
    _finish(axes)


def _memory(axes: Axes, entries: list[Measured]) -> None:
    for material in sorted({e.volume["material"] for e in entries}):
        members = [e for e in entries if e.volume["material"] == material]
        points = _points(members, "twin", None, "porosity", "bytes_per_voxel")
        if points:
            axes.plot(*zip(*points, strict=True), "o-", label=material, lw=1)
    axes.set(title="Memory", xlabel="porosity", ylabel="bytes per voxel of the volume")
    axes.set_ylim(bottom=0)
    _finish(axes)


def _points(
    entries: list[Measured], tool: str, porosity: float | None, x: str, y: str
) -> list[tuple[float, float]]:
    """Where a tool came to an end on a phase that percolates."""
    found = []
    for entry in entries:
        run = entry.run(tool)
        fits = porosity is None or entry.volume["porosity"] == porosity
        if fits and run is not None and run.get(y) is not None and run.get("percolates", True):
            found.append((float(entry.volume[x]), float(run[y])))
    return sorted(found)


def _finish(axes: Axes) -> None:
    if axes.lines:
        axes.legend(fontsize=6)
    axes.grid(alpha=0.3, which="both", lw=0.4)
