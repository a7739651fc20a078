"""Writes the tables of the study of the electrode tortuosity factor from what its script stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from study_tables import GENERATED, VOLUMES, Record, Rows, percent, record_of, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE: Final = "studies/electrode-tortuosity"
AXES: Final = "xz"
FACES: Final = ("low", "high")
WALLS: Final = "AM + CBD"


def solves(record: Record) -> Iterator[tuple[str, str, Record]]:
    """Name of the volume, axis and all that was found along it."""
    for volume, name in VOLUMES.items():
        for axis in AXES:
            yield name, axis, record[volume]["axes"][axis]


def factors(record: Record) -> str:
    """As table 3 of the paper, with both orientations."""
    head = ["electrode", "axis", "porosity", "τ (N_M)", "τₑ (N_M,e), separator low", "high"]
    head += ["mean τₑ / τ"]
    rows = []
    for name, axis, found in solves(record):
        ones = [found[WALLS][face] for face in FACES]
        eps, tau = ones[0]["volume_fraction"], found["through"]
        mean = sum(one["tortuosity_factor"] for one in ones) / 2
        rows.append([
            name, axis, percent(eps), both(tau, tau / eps),
            *(both(one["tortuosity_factor"], one["macmullin_number"]) for one in ones),
            f"{mean / tau:.3f}",
        ])  # fmt: skip
    return table(head, [*rows, *_published(record["paper"])])


def both(tau: float, macmullin: float) -> str:
    """A tortuosity factor with its MacMullin number."""
    return f"{tau:.3f} ({macmullin:.2f})"


def _published(paper: Record) -> Rows:
    """The paper gives one orientation, and does not say which."""
    rows = []
    for i, sample in enumerate(paper["samples"]):
        eps = paper["porosity"][i]
        for axis in AXES:
            tau, electrode = (paper[way][axis][i] for way in ("through", "electrode"))
            numbers = (paper[way][axis][i] for way in ("through_number", "electrode_number"))
            first, second = numbers
            rows.append([
                f"paper, {sample}", axis, percent(eps / 100), f"{tau:.2f} ({first:.2f})",
                f"{electrode:.2f} ({second:.2f})", "", f"{electrode / tau:.3f}",
            ])  # fmt: skip
    return rows


def gradients(record: Record) -> str:
    head = ["electrode", "axis", "separator", "τₑ", "slice bound", "residual", "pores reached"]
    head += ["imbalance"]
    rows = [
        [
            name, axis, face, f"{one['tortuosity_factor']:.3f}", f"{one['lower_bound']:.3f}",
            f"{one['residual']:.3f}", percent(one["accessible_fraction"]),
            f"{one['imbalance']:.0e}",
        ]
        for name, axis, found in solves(record)
        for face, one in found[WALLS].items()
    ]  # fmt: skip
    return table(head, rows)


def walls(record: Record) -> str:
    head = ["electrode", "axis", "separator", "AM + CBD", "AM only", "change"]
    head += ["AM + CBD, smooth areas", "change"]
    rows = []
    for name, axis, found in solves(record):
        for face in FACES:
            first, *others = (found[kind][face]["tortuosity_factor"] for kind in found_walls(found))
            cells = [f"{first:.3f}"]
            for other in others:
                cells += [f"{other:.3f}", f"{100 * (other / first - 1):+.1f} %"]
            rows.append([name, axis, face, *cells])
    return table(head, rows)


def found_walls(found: Record) -> list[str]:
    """The kinds of walls that were solved for, in order."""
    return [kind for kind in found if kind != "through"]


def fits(record: Record) -> str:
    head = ["line", "weighting", "fitted R_ion / limit"]
    rows = [
        [*name.split(", "), f"{ratio:.3f}"] for name, ratio in record["spectrum"]["ratios"].items()
    ]
    return table(head, rows)


TABLES: Final[dict[str, Callable[[Record], str]]] = {
    function.__name__: function for function in (factors, gradients, walls, fits)
}


def write(app: Sphinx) -> None:
    GENERATED.mkdir(parents=True, exist_ok=True)
    record = record_of(PAGE)
    for name, made in TABLES.items():
        path = GENERATED / f"electrode-tortuosity-{name}.md"
        path.write_text(f":::{{container}} study\n\n{made(record)}\n:::\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
