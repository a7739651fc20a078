"""What a page shows as output or as a picture is what its own examples printed and saved.

A page with an `output` directive, or with a picture from `_generated/pictures`, is executed in an
empty folder before the build. The directive shows what the example before it printed; pictures are
copied to where the page shows them.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import page_code
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).resolve().parents[1]
GENERATED = DOCS / "_generated"
MARKS = ("```{output}", "_generated/pictures/")


def shows_output(page: Path) -> bool:
    text = page.read_text(encoding="utf-8")
    return not {"_build", "_generated"} & set(page.parts) and any(mark in text for mark in MARKS)


def record_of(page: Path) -> Path:
    return GENERATED / "output" / page.relative_to(DOCS).with_suffix(".json")


def run_pages(app: Sphinx) -> None:
    (GENERATED / "pictures").mkdir(parents=True, exist_ok=True)
    for page in filter(shows_output, sorted(DOCS.rglob("*.md"))):
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            printed = page_code.run(page)
            for suffix in ("png", "gif"):
                for picture in Path(folder).rglob(f"*.{suffix}"):
                    shutil.copy(picture, GENERATED / "pictures" / picture.name)
        record = record_of(page)
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(printed), encoding="utf-8")


class Output(SphinxDirective):
    """Shows what the example just before it printed."""

    def run(self) -> list[nodes.Node]:
        page = Path(self.get_source_info()[0])
        before = [block.line < self.lineno for block in page_code.blocks(page)].count(True)
        printed = json.loads(record_of(page).read_text(encoding="utf-8"))[before - 1]
        if not printed:
            raise self.error(f"the example before line {self.lineno} printed nothing")
        return [nodes.literal_block(printed, printed.rstrip(), language="none", classes=["output"])]


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", run_pages)
    app.add_directive("output", Output)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
