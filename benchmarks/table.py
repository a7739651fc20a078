"""Stored results into the README and the documentation: `python -m benchmarks.table`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from benchmarks import figure, markdown, stored
from benchmarks.volumes import ROOT

BEGIN: Final = "<!-- benchmarks: begin -->"
END: Final = "<!-- benchmarks: end -->"


def between_marks(text: str, new: str) -> str:
    """The text with what stands between the two marks replaced."""
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"the text needs the marks {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    middle = f"\n{new}\n" if new else "\n"
    return f"{before}{BEGIN}{middle}{END}{after}"


def rewrite(path: Path, new: str) -> None:
    path.write_text(between_marks(path.read_text(encoding="utf-8"), new), encoding="utf-8")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.table", description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    chosen = parser.parse_args(words)
    sessions = stored.read(chosen.results)
    picture = chosen.page.with_suffix(".svg")
    if sessions:
        figure.draw(sessions, picture)
    rewrite(chosen.readme, markdown.short(sessions))
    rewrite(chosen.page, markdown.full(sessions, picture.name))


if __name__ == "__main__":
    main()
