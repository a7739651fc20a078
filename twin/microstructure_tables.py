"""The text, the numbers and the rows of a `Characterization`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from meshing.areas import Area
from meshing.triple_lines import TripleLength
from meshing.volume import Volume
from twin.slices import length_scale
from twin.tables import describe_size, flat_row, text_table

if TYPE_CHECKING:
    from twin.microstructure import Characterization


def summary_text(m: Characterization) -> str:
    """Tables of phases, areas, interfaces and triple lines, with remarks on what is missing."""
    scale, unit = length_scale(m.volume)
    unit = unit.removesuffix("s")
    lines = [f"Microstructure: {describe_size(m.volume)}", "", _phases_table(m)]
    lines += ["", f"area over the volume of the image [1/{unit}]", _areas_table(m, scale)]
    if len(m.areas.phases) > 1:
        lines += ["", "share of the surface of a phase (Crofton) that another covers"]
        lines += [_coverage_table(m)]
    if m.triple_lines:
        lines += ["", f"triple lines over the volume of the image [1/{unit}2]"]
        lines += [_lines_table(m, scale)]
    return "\n".join([*lines, *([""] if _remarks(m) else []), *_remarks(m)])


def numbers(m: Characterization) -> dict[str, Any]:
    """Everything, by names; pairs and triples are named as ``AM:CBD``."""
    return {
        **_problem(m.volume),
        "periodic": m.periodic,
        "phases": {name: _phase(m, name) for name in m.fractions},
        "interfaces": {":".join(pair): _area(m, area) for pair, area in m.areas.interfaces.items()},
        "coverage": {
            name: {other: m.coverage(name, by=other) for other in m.areas.phases if other != name}
            for name in m.fractions
        },
        "triple_lines": {":".join(names): _line(m, one) for names, one in m.triple_lines.items()},
        "all_triple_lines": _line(m, m.all_triple_lines),
        "seconds": m.seconds,
        "seconds_compiling": m.seconds_compiling,
    }


def csv_rows(m: Characterization) -> list[dict[str, Any]]:
    """Rows with the same columns, empty where a kind of row has no such number."""
    data = numbers(m)
    tables = {"phase": "phases", "interface": "interfaces", "triple line": "triple_lines"}
    found = [
        {"kind": kind, "name": name, **flat_row(row)}
        for kind, table in tables.items()
        for name, row in data[table].items()
    ]
    columns = dict.fromkeys(column for row in found for column in row)
    return [{column: row.get(column, "") for column in columns} for row in found]


def _problem(volume: Volume) -> dict[str, Any]:
    return {
        "shape": list(volume.shape),
        "spacing": list(volume.spacing),
        "spacing_known": volume.spacing_known,
    }


def _phase(m: Characterization, name: str) -> dict[str, Any]:
    return {
        **m.fractions[name].to_dict(),
        **m.percolation[name].to_dict(),
        **_area(m, m.areas.phases[name]),
        "thickness": m.thickness(name),
    }


def _area(m: Characterization, area: Area) -> dict[str, Any]:
    return {
        "area": area.to_dict(),
        "specific_area": area.over(m.box).to_dict(),
        "voxel_over_marching_cubes": area.voxel_over_marching_cubes,
        "voxel_over_crofton": area.voxel_over_crofton,
    }


def _line(m: Characterization, length: TripleLength) -> dict[str, Any]:
    return {"length": length.to_dict(), "density": length.over(m.box).to_dict()}


def _phases_table(m: Characterization) -> str:
    head = ["phase", "fraction", "eroded", "dilated", "parts", "largest"]
    head += [f"perc. {axis}" for axis in "xyz"]
    rows = []
    for name, fraction in m.fractions.items():
        joined = m.percolation[name]
        shares = (joined.largest_fraction, *joined.percolating_fraction)
        rows.append([
            name,
            *(f"{v:.4f}" for v in (fraction.value, fraction.eroded, fraction.dilated)),
            str(joined.components),
            *(f"{share:.4f}" for share in shares),
        ])  # fmt: skip
    return text_table(head, rows)


def _areas_table(m: Characterization, scale: float) -> str:
    head = ["surface", "voxel", "m. cubes", "Crofton", "voxel/m. cubes", "voxel/Crofton"]
    rows = []
    for name, area in _named_areas(m):
        each = area.over(m.box * scale)
        ratios = (area.voxel_over_marching_cubes, area.voxel_over_crofton)
        cells = [f"{v:.4g}" for v in (each.voxel, each.marching_cubes, each.crofton)]
        rows.append([name, *cells, *(_ratio(ratio) for ratio in ratios)])
    return text_table(head, rows)


def _named_areas(m: Characterization) -> Iterator[tuple[str, Area]]:
    yield from m.areas.phases.items()
    for pair, area in m.areas.interfaces.items():
        yield ":".join(pair), area


def _coverage_table(m: Characterization) -> str:
    others = list(m.areas.phases)
    rows = [
        [name, *("" if name == other else _share(m.coverage(name, by=other)) for other in others)]
        for name in m.fractions
    ]
    return text_table(["phase", *(f"by {other}" for other in others)], rows)


def _lines_table(m: Characterization, scale: float) -> str:
    head = ["phases", "edges", "2/3 of them", "smooth", *(f"perc. {axis}" for axis in "xyz")]
    rows = []
    for name, length in [
        *((":".join(names), length) for names, length in m.triple_lines.items()),
        *([("all", m.all_triple_lines)] if len(m.triple_lines) > 1 else []),
    ]:
        each = length.over(m.box * scale**2)
        values = (each.edges, each.corrected, each.smooth)
        shares = (_share(share) for share in each.percolating_fraction)
        rows.append([name, *(f"{value:.4g}" for value in values), *shares])
    return text_table(head, rows)


def _remarks(m: Characterization) -> list[str]:
    empty = [name for name, fraction in m.fractions.items() if fraction.value == 0.0]
    labels = {name: "+".join(map(str, m.volume.label_values(name))) for name in empty}
    found = [f"phase {name!r} (label {labels[name]}) has no voxels" for name in empty]
    if not m.volume.spacing_known:
        found.append("the size of a voxel is not known: all lengths are in voxels")
    if m.periodic:
        found.append(f"periodic along {', '.join(m.periodic)}")
    return found


def _ratio(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"
