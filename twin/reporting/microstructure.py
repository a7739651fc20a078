"""The sections of a report that count and measure: phases, surfaces, triple lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twin.reporting.page import Section, number, paragraph, percent, picture, table
from twin.slices import length_scale

if TYPE_CHECKING:
    from meshing.areas import Area
    from meshing.triple_lines import TripleLength
    from twin.microstructure import Characterization


def phases_section(m: Characterization) -> Section:
    """Volume fractions, with what one voxel makes of them, and percolation."""
    head = ["phase", "volume fraction", "one voxel less", "one more", "parts", "largest part"]
    head += [f"joins {axis} faces" for axis in "xyz"]
    rows = []
    for name, fraction in m.fractions.items():
        joined = m.percolation[name]
        shares = (joined.largest_fraction, *joined.percolating_fraction)
        values = (fraction.value, fraction.eroded, fraction.dilated)
        cells = [f"{value:.4f}" for value in values] + [f"{joined.components:,}"]
        rows.append([name, *cells, *(percent(share) for share in shares)])
    text = paragraph(
        "Beside each volume fraction stands what it would be if the phase had one voxel less, or "
        "one more, all around. Parts are connected through faces of voxels; the last columns are "
        "the share of a phase's voxels in parts that join two opposite faces of the image."
    )
    body = text + table(head, rows)
    return Section("Phases", body + picture(m.plot(), "Slices, fractions, areas"))


def surfaces_section(m: Characterization) -> Section:
    """Areas by three estimators, coverage, and triple lines."""
    scale, unit = length_scale(m.volume)
    unit = unit.removesuffix("s")
    head = ["surface", "voxel faces", "marching cubes", "Crofton", "voxel / Crofton"]
    areas = {**m.areas.phases, **{" – ".join(pair): a for pair, a in m.areas.interfaces.items()}}
    rows = [[name, *_area(area, m.box * scale)] for name, area in areas.items()]
    body = paragraph(
        "Faces of voxels have about 3/2 of the area of the smooth surface they stand for, marching "
        "cubes some 8 % more; the Crofton estimate has no such error on average."
    )
    body += table(head, rows, f"area over the volume of the image [1/{unit}]")
    body += _coverage(m)
    lines = {" – ".join(names): length for names, length in m.triple_lines.items()}
    if lines:
        head = ["phases", "edges of voxels", "2/3 of them", "smooth"]
        head += [f"joins {axis} faces" for axis in "xyz"]
        cells = [[name, *_line(length, m.box * scale**2)] for name, length in lines.items()]
        body += table(head, cells, f"triple lines over the volume of the image [1/{unit}²]")
    return Section("Surfaces and triple lines", body)


def _coverage(m: Characterization) -> str:
    names = [name for name in m.areas.phases if name in m.fractions]
    if len(names) < 2:
        return ""
    rows = [
        [name, *("" if other == name else percent(m.coverage(name, by=other)) for other in names)]
        for name in names
    ]
    head = ["surface of", *(f"covered by {name}" for name in names)]
    return table(head, rows, "share of the surface of a phase (Crofton) that another covers")


def _area(area: Area, box: float) -> list[str]:
    each = area.over(box)
    values = (each.voxel, each.marching_cubes, each.crofton)
    return [*(number(value) for value in values), number(area.voxel_over_crofton)]


def _line(length: TripleLength, box: float) -> list[str]:
    each = length.over(box)
    values = (each.edges, each.corrected, each.smooth)
    return [number(value) for value in values] + [
        percent(share) for share in each.percolating_fraction
    ]
