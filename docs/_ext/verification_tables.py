"""Writes the tables of the verification page from what the tests recorded.

The environment variable TWIN_VERIFICATION_JSON names the file, `docs/_generated/verification.json`,
where each test that compares with an exact or published number leaves what it found, what it
expected and how far apart they are. No number on the page is typed in.
"""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "docs" / "_generated" / "verification.json"
PAGE = ROOT / "docs" / "_generated" / "verification.md"
Row = dict[str, Any]


def title(test_file: str) -> str:
    """The first sentence of the test module's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / test_file).read_text(encoding="utf-8"))) or test_file
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def cells(row: Row) -> list[str]:
    order = "" if row["order"] is None else f"{row['order']:.2f}"
    numbers = [f"{row['expected']:.9g}", f"{row['found']:.9g}", f"{row['error']:.1e}", order]
    return [str(cell).replace("|", "\\|") for cell in (row["name"], *numbers, row["source"])]


def table(rows: list[Row]) -> str:
    head = ["case", "expected", "found", "error", "order", "expected from"]
    rule = ["---", "---:", "---:", "---:", "---:", "---"]
    lines = [head, rule, *map(cells, rows)]
    if all(row["order"] is None for row in rows):
        lines = [[*line[:4], line[5]] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def first_ours(item: tuple[str, list[Row]]) -> tuple[bool, str]:
    """Exact answers come before other programs and measured volumes."""
    return not item[0].startswith("tests/verification/"), item[0]


def tables(rows: list[Row]) -> str:
    files: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        files[row["test"].split("::")[0]].append(row)
    parts = [
        f"## {title(file)}\n\nTests: `{file}`\n\n"
        f":::{{container}} verification\n\n{table(members)}\n\n:::\n"
        for file, members in sorted(files.items(), key=first_ours)
    ]
    return "\n".join(parts)


def write(app: Sphinx) -> None:
    PAGE.parent.mkdir(exist_ok=True)
    if not RECORD.exists():
        PAGE.write_text("There is no record of the tests here yet.\n", encoding="utf-8")
        getLogger(__name__).warning("there is no %s: run the tests first", RECORD.relative_to(ROOT))
        return
    rows = json.loads(RECORD.read_text(encoding="utf-8")).values()
    PAGE.write_text(tables(list(rows)), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
