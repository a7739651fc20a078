"""The examples of a page as one program: the tests run it, the build shows its output.

Python blocks share their names; `$ twin ...` lines of console blocks are run as the command line
would run them. Everything happens in the current folder, in the order of the page.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """An example: its language, its text, and the line of the page where the text begins."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start(2)) + 1)
        for found in BLOCK.finditer(text)
    ]


def run(page: Path) -> list[str]:
    """Run the examples of a page; what each block printed."""
    names: dict[str, Any] = {"__name__": "__page__"}
    printed = []
    for block in blocks(page):
        with contextlib.redirect_stdout(io.StringIO()) as output:
            if block.language == "python":
                # Empty lines before the code make a traceback name the line of the page.
                source = "\n" * (block.line - 1) + block.text
                exec(compile(source, str(page), "exec"), names)
            else:
                run_commands(block.text)
        printed.append(output.getvalue())
    return printed


def run_commands(text: str) -> None:
    from twin.cli import main

    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("$ twin "):
            code = main(shlex.split(line)[2:])
            assert code == 0, f"{line} ended with exit code {code}"
