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
HEADER = (
    "| case | expected | found | error | order | expected from |\n|---|---:|---:|---:|---:|---|\n"
)

Row = dict[str, Any]


def title(test_file: str) -> str:
    """The first sentence of the test module's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / test_file).read_text(encoding="utf-8"))) or test_file
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def line(row: Row) -> str:
    cells = [
        row["name"],
        f"{row['expected']:.10g}",
        f"{row['found']:.10g}",
        f"{row['error']:.1e}",
        "" if row["order"] is None else f"{row['order']:.2f}",
        row["source"],
    ]
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def tables(rows: list[Row]) -> str:
    files: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        files[row["test"].split("::")[0]].append(row)
    parts = []
    for file, members in sorted(files.items()):
        body = "\n".join(line(row) for row in members)
        parts.append(f"## {title(file)}\n\nTests: `{file}`\n\n{HEADER}{body}\n")
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
