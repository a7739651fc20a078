"""Every example of the README and of the documentation is executed, top to bottom, page by page, in
an empty folder; each page with examples ends by asserting a number."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from page_code import blocks, run

ROOT = Path(__file__).resolve().parents[2]


def pages() -> list[Path]:
    built = {"_build", "_generated"}
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if not built & set(page.parts) and blocks(page)]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=name)
def test_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(page)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_page_ends_with_an_assertion(page: Path) -> None:
    last = blocks(page)[-1]
    assert last.language == "python", "the last example is a command"
    statement = ast.parse(last.text).body[-1]
    assert isinstance(statement, ast.Assert), f"the last statement is {ast.unparse(statement)!r}"


def test_the_readme_has_an_example() -> None:
    assert ROOT / "README.md" in pages()
