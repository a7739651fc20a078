"""Writes the tables of a study, and the numbers in its text, from what its script stored.

The script of a study solves on measured volumes that are not everywhere, and leaves its numbers in
a file beside the page, of the page's name. `{stored}` with a path into that file and a format, as
`nmc_cbd.anisotropy_ratio:.2f`, shows a number in the text. No number on the page is typed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
RECORD = DOCS / "studies" / "carbon_binder.json"
GENERATED = DOCS / "_generated" / "studies"

Record = dict[str, Any]
Rows = list[list[str]]

VOLUMES: Final = {"nmc": "NMC cathode", "generated": "generated electrode"}
AXES: Final = "xyz"


def look_up(record: Record, text: str) -> str:
    """The number at a path, as `nmc.fractions.CBD:.1%`, in the format after the last colon."""
    path, _, form = text.rpartition(":")  # names of interfaces have colons
    found: Any = record
    for key in path.split("."):
        found = found[int(key)] if isinstance(found, list) else found[key]
    return format(found, form).replace("%", " %")


def table(head: list[str], rows: Rows) -> str:
    """Text to the left, numbers to the right."""
    names = [all(not cell[:1].isdigit() for cell in column) for column in zip(*rows, strict=True)]
    rule = ["---" if name else "---:" for name in names]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rows]) + "\n"


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def along_axes(record: Record, part: str) -> Iterator[tuple[str, str, Record]]:
    """Name of the volume, axis and numbers of each solve."""
    for volume, name in VOLUMES.items():
        for axis in AXES:
            yield name, axis, record[f"{volume}_{part}"]["axes"][axis]


def volumes(record: Record) -> str:
    head = ["volume", "voxels", "voxel", "pore", "AM", "CBD"]
    head += ["pieces of CBD", "largest piece", "pieces, corners join", "largest piece"]
    rows = []
    for volume, name in VOLUMES.items():
        found = record[volume]
        rows.append([
            name, " × ".join(map(str, found["shape"])), f"{1e9 * found['spacing'][0]:.6g} nm",
            *(percent(found["fractions"][phase]) for phase in ("pore", "AM", "CBD")),
            *(
                cell
                for joined in found["joined"].values()
                for cell in (str(joined["pieces"]), percent(joined["largest"]))
            ),
        ])  # fmt: skip
    return table(head, rows)


def binder(record: Record) -> str:
    head = ["volume", "axis", "σ_eff [S/m]", "τ", "percolating", "largest flux / mean"]
    head += ["coefficient of variation", "half of the flux in", "imbalance"]
    rows = [
        [
            name, axis, f"{c['effective_conductivity']:#.4g}", f"{c['tortuosity_factor']:#.4g}",
            percent(c["percolating_fractions"]["CBD"]), f"{c['flux']['maximum_over_mean']:#.4g}",
            f"{c['flux']['coefficient_of_variation']:.2f}", percent(c["flux"]["half_share"]),
            f"{c['flux_imbalance']:.0e}",
        ]
        for name, axis, c in along_axes(record, "cbd")
    ]  # fmt: skip
    return table(head, rows)


def partition(record: Record) -> str:
    ways = ("2 % of the maximum", "2 % of the mean", "on no path")
    head = ["volume", "axis", "isolated", *(f"dead end: {way}" for way in ways)]
    head += ["through: above 2 % of the maximum", "their share of the heat"]
    rows = [
        [
            name, axis, percent(c["flux"][ways[0]]["isolated"]),
            *(percent(c["flux"][way]["dead end"]) for way in ways),
            percent(c["flux"][ways[0]]["through"]), percent(c["flux"]["heat_above_2_percent"]),
        ]
        for name, axis, c in along_axes(record, "cbd")
    ]  # fmt: skip
    return table(head, rows)


def bottlenecks(record: Record) -> str:
    head = ["", "x, y, z [µm]", "flux / mean", "share of the current", "runs along"]
    head += ["diameter [µm]", "voxels"]
    rows = [
        [
            str(one["constriction"]),
            ", ".join(f"{1e6 * one[f'position_{axis}']:.1f}" for axis in AXES),
            f"{one['peak_ratio']:.0f}", percent(one["current_share"]), one["axis"],
            f"{1e6 * one['equivalent_diameter']:.2f}", str(one["voxels"]),
        ]
        for one in record["nmc_cbd"]["axes"]["x"]["flux"]["bottlenecks"]["strongest"]
    ]  # fmt: skip
    return table(head, rows)


def composite(record: Record) -> str:
    head = ["volume", "axis", "σ_eff [S/m]", "over CBD alone", "τ", "current in CBD", "in AM"]
    head += ["heat in CBD", "in AM", "current across AM:CBD / current"]
    alone = {(name, axis): c for name, axis, c in along_axes(record, "cbd")}
    rows = []
    for name, axis, c in along_axes(record, "am_cbd"):
        gain = c["effective_conductivity"] / alone[name, axis]["effective_conductivity"]
        rows.append([
            name, axis, f"{c['effective_conductivity']:#.4g}", f"{gain:.3f}",
            f"{c['tortuosity_factor']:#.4g}", percent(c["share"]["CBD"]), percent(c["share"]["AM"]),
            percent(c["heat_share"]["CBD"]), percent(c["heat_share"]["AM"]),
            f"{c['interface_share']['AM:CBD']:.2f}",
        ])  # fmt: skip
    return table(head, rows)


def anisotropy(record: Record) -> str:
    head = ["volume", "phases", "σ_x : σ_y : σ_z", "largest over smallest"]
    rows = []
    for volume, name in VOLUMES.items():
        for part, phases in (("cbd", "CBD"), ("am_cbd", "AM + CBD")):
            found = record[f"{volume}_{part}"]
            values = [found["axes"][axis]["effective_conductivity"] for axis in AXES]
            shares = " : ".join(f"{value / max(values):.2f}" for value in values)
            rows.append([name, phases, shares, f"{found['anisotropy_ratio']:.2f}"])
    return table(head, rows)


def voxels(record: Record) -> str:
    head = ["CBD of the crop", "of the volume", "percolating", "σ_eff [S/m]", "τ"]
    head += ["largest flux / mean"]
    rows = [
        [
            name, percent(c["fraction"]), percent(c["percolating_fractions"]["CBD"]),
            f"{c['effective_conductivity']:#.4g}", f"{c['tortuosity_factor']:#.4g}",
            f"{c['maximum_over_mean']:#.4g}",
        ]
        for name, c in record["voxels"].items() if isinstance(c, dict)
    ]  # fmt: skip
    return table(head, rows)


TABLES: Final[dict[str, Callable[[Record], str]]] = {
    function.__name__: function
    for function in (volumes, binder, partition, bottlenecks, composite, anisotropy, voxels)
}


def write(app: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    for name, made in TABLES.items():
        path = GENERATED / f"carbon-binder-{name}.md"
        path.write_text(f":::{{container}} study\n\n{made(record)}\n:::\n", encoding="utf-8")


def record_of(page: str) -> Record:
    """What the script of a study left beside its page, `studies/carbon-binder` for example."""
    name = Path(page).name.replace("-", "_")
    record: Record = json.loads((RECORD.parent / f"{name}.json").read_text(encoding="utf-8"))
    return record


def stored(
    name: str, rawtext: str, text: str, lineno: int, inliner: Any, *_: Any, **__: Any
) -> tuple[list[Node], list[system_message]]:
    """A number of the page's study in the text."""
    from docutils import nodes

    record = record_of(inliner.document.settings.env.docname)
    return [nodes.Text(look_up(record, text))], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write)
    app.add_role("stored", stored)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
