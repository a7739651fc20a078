"""Writes the tables of the study of the microstructure from what its script stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from study_tables import GENERATED, VOLUMES, Record, Rows, percent, record_of, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE: Final = "studies/microstructure"
PHASES: Final = ("AM", "CBD", "pore")


def of_phases(record: Record) -> Iterator[tuple[str, str, Record]]:
    """Name of the volume, phase, and its numbers."""
    for volume, name in VOLUMES.items():
        for phase in PHASES:
            yield name, phase, record[volume]["phases"][phase]


def per_um(value: float) -> str:
    """An area per volume [1/m] as um2 per um3."""
    return f"{1e-6 * value:.3f}"


def fractions(record: Record) -> str:
    head = ["electrode", "phase", "volume fraction", "a voxel less", "a voxel more", "±"]
    rows = [
        [
            name, phase, percent(p["volume_fraction"]), percent(p["eroded_fraction"]),
            percent(p["dilated_fraction"]),
            percent((p["dilated_fraction"] - p["eroded_fraction"]) / 2),
        ]
        for name, phase, p in of_phases(record)
    ]  # fmt: skip
    return table(head, [*rows, *_published_fractions(record["paper"])])


def _published_fractions(paper: Record) -> Rows:
    return [
        [
            f"paper, {sample}", phase, percent(paper["fraction"][phase][i] / 100), "", "",
            percent(paper["sensitivity"] / 100) if phase == "AM" else "",
        ]
        for i, sample in enumerate(paper["samples"]) for phase in PHASES
    ]  # fmt: skip


def surfaces(record: Record) -> str:
    head = ["electrode", "phase", "percolation x", "y", "z", "parts", "faces [µm²/µm³]"]
    head += ["marching cubes", "Crofton", "faces / m. cubes", "faces / Crofton"]
    rows = [
        [
            name, phase, *(percent(share) for share in p["percolating_fraction"]),
            str(p["components"]),
            *(per_um(p["specific_area"][e]) for e in ("voxel", "marching_cubes", "crofton")),
            f"{p['voxel_over_marching_cubes']:.2f}", f"{p['voxel_over_crofton']:.2f}",
        ]
        for name, phase, p in of_phases(record)
    ]  # fmt: skip
    return table(head, [*rows, *_published_surfaces(record["paper"])])


def _published_surfaces(paper: Record) -> Rows:
    """One percolation and one area, which is taken to be by faces."""
    low, high = paper["voxel_over_marching_cubes"]
    return [
        [
            f"paper, {sample}", phase, percent(paper["percolation"][phase][i] / 100), *[""] * 3,
            f"{paper['specific_area'][phase][i]:.2f}", "", "", f"{low} to {high}", "",
        ]
        for i, sample in enumerate(paper["samples"]) for phase in ("CBD", "pore")
    ]  # fmt: skip


def interfaces(record: Record) -> str:
    head = ["electrode", "interface", "faces [µm²/µm³]", "Crofton", "of the first's surface"]
    head += ["of the second's"]
    rows = []
    for volume, name in VOLUMES.items():
        for pair, found in record[volume]["interfaces"].items():
            first, second = pair.split(":")
            covered = record[volume]["coverage"]
            area = found["specific_area"]
            rows.append([
                name, f"{first} : {second}", per_um(area["voxel"]), per_um(area["crofton"]),
                percent(covered[first][second]), percent(covered[second][first]),
            ])  # fmt: skip
    return table(head, rows)


def coarser(record: Record) -> str:
    head = ["electrode", "voxel", "CBD", "of it percolating (z)", "AM surface [µm²/µm³]"]
    head += ["CBD surface", "CBD faces / Crofton", "triple edges [1/µm²]", "2/3 of them", "smooth"]
    rows = []
    for volume, name in VOLUMES.items():
        for found in record[volume]["coarser"]:
            am, cbd = found["phases"]["AM"], found["phases"]["CBD"]
            (lines,) = found["triple_lines"].values()
            rows.append([
                name, f"{1e9 * found['spacing'][0]:.4g} nm", percent(cbd["volume_fraction"]),
                percent(cbd["percolating_fraction"][2]), per_um(am["specific_area"]["crofton"]),
                per_um(cbd["specific_area"]["crofton"]), f"{cbd['voxel_over_crofton']:.2f}",
                *(f"{1e-12 * lines['density'][e]:.3f}" for e in ("edges", "corrected", "smooth")),
            ])  # fmt: skip
    return table(head, rows)


TABLES: Final[dict[str, Callable[[Record], str]]] = {
    function.__name__: function for function in (fractions, surfaces, interfaces, coarser)
}


def write(app: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    record = record_of(PAGE)
    for name, made in TABLES.items():
        path = GENERATED / f"microstructure-{name}.md"
        path.write_text(f":::{{container}} study\n\n{made(record)}\n:::\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
