"""The Python blocks of a page as one program: the tests run it, the build makes pictures of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def code_of(page: Path) -> str:
    """The page's Python blocks, in order, each on the lines where it stands in the page."""
    text = page.read_text(encoding="utf-8")
    program = ""
    for block in BLOCK.finditer(text):
        first_line = text.count("\n", 0, block.start(1))
        program += "\n" * (first_line - program.count("\n")) + block.group(1)
    return program


def run(page: Path) -> None:
    """Execute the page's program in the current folder."""
    names: dict[str, Any] = {"__name__": "__page__"}
    exec(compile(code_of(page), str(page), "exec"), names)
