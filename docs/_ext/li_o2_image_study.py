"""Writes the tables of the study of discharges inside an image from what its script stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from study_tables import GENERATED, Record, percent, record_of, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE: Final = "studies/li-o2-image"
FILLINGS: Final = ("20 %", "40 %", "60 %", "80 %")
LAWS: Final = {
    "archie": "Archie, fibres that grow thicker",
    "film": "closure: film",
    "both": "closure: few particles and a film",
    "few": "closure: few particles",
}


def transport(record: Record) -> str:
    """D_eff / D, tau and coverage as the pores fill, with the prototype's below."""
    head = ["product", *(f"{share} of the pores" for share in FILLINGS)]
    rows = [
        [mode["name"], *(_state(one) for one in mode["at"])] for mode in record["modes"].values()
    ]
    for name, states in record["prototype"].items():
        if name != "empty":
            rows.append([f"prototype, {name}", *(_cell(*state) for state in states)])
    return table(head, rows)


def _state(one: Record | None) -> str:
    if one is None:
        return "—"
    return _cell(one["relative_diffusivity"], one["tortuosity_factor"], one["coverage"])


def _cell(ratio: float, tau: float, coverage: float | None) -> str:
    covered = "" if coverage is None else f", {100 * coverage:.0f} %"
    return f"{ratio:.3g} ({tau:.3g}{covered})"


def endings(record: Record) -> str:
    head = ["product", "particles", "capacity", "filled", "covered", "accessible", "why it ended"]
    head += ["largest imbalance of oxygen"]
    rows = [
        [
            mode["name"], str(mode["particles"]), f"{mode['capacity']:.0f} mAh/g",
            percent(mode["filling"]), percent(mode["coverage"]), percent(mode["accessible"]),
            mode["reason"], f"{mode['oxygen_imbalance']:.0e}",
        ]
        for mode in record["modes"].values()
    ]  # fmt: skip
    return table(head, rows)


def nuclei(record: Record) -> str:
    head = ["nuclei per carbon area", "particles in the image", "median diameter", "covered"]
    rows = [
        [
            f"{one['nuclei']:.0e} /m²", str(one["particles"]), f"{1e9 * one['diameter']:.0f} nm",
            percent(one["coverage"]),
        ]
        for one in record["coverage"]
    ]  # fmt: skip
    return table(head, rows)


def cells(record: Record) -> str:
    currents = list(record["cells"]["archie"])
    head = ["", *(f"{float(current) / 1000:g} mA/cm²" for current in currents)]
    rows = [
        [
            LAWS[key],
            *(f"{found[c]['capacity']:.3g} mAh/cm² ({found[c]['cause']})" for c in currents),
        ]
        for key, found in record["cells"].items()
    ]  # fmt: skip
    return table(head, rows)


def pieces(record: Record) -> str:
    head = ["above the separator", "filled", "in the model", "covered", "film", "D_eff / D"]
    rows = [
        [
            f"{1e6 * one['depth']:.0f} µm", percent(one["filling"]), percent(one["model"]),
            percent(one["coverage"]), f"{1e9 * one['thickness']:.1f} nm",
            f"{one['relative_diffusivity']:.2g}",
        ]
        for one in record["pieces"]
    ]  # fmt: skip
    return table(head, rows)


TABLES: Final[dict[str, Callable[[Record], str]]] = {
    function.__name__: function for function in (transport, endings, nuclei, cells, pieces)
}


def write(app: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    record = record_of(PAGE)
    for name, made in TABLES.items():
        path = GENERATED / f"li-o2-image-{name}.md"
        path.write_text(f":::{{container}} study\n\n{made(record)}\n:::\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
