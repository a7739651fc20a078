"""The pictures that a page shows are those that its own examples save.

A page that shows `_generated/pictures/...` is executed in an empty folder before the build, and the
pictures that it saved there are copied to where it shows them.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from pathlib import Path

from page_code import run
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
PICTURES = DOCS / "_generated" / "pictures"


def pages_with_pictures() -> list[Path]:
    sources = [p for p in DOCS.rglob("*.md") if not {"_build", "_generated"} & set(p.parts)]
    return sorted(p for p in sources if "_generated/pictures/" in p.read_text(encoding="utf-8"))


def make(app: Sphinx) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for page in pages_with_pictures():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            with contextlib.redirect_stdout(io.StringIO()):
                run(page)
            for picture in Path(folder).glob("*.png"):
                shutil.copy(picture, PICTURES / picture.name)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
