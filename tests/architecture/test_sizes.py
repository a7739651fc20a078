"""Functions stay small and modules stay on one topic."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from architecture.source import modules

LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
PATHS = [path for package in ("meshing", "solvers", "twin") for path in modules(package)]


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from its name on, its docstring not counted."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - docstring


def long_functions(source: str) -> list[str]:
    return [
        f"{node.name}: {body_lines(node)} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and body_lines(node) > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_functions_and_modules_are_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not long_functions(source)
    assert source.count("\n") <= LONGEST_MODULE


def test_a_long_function_is_seen() -> None:
    body = "    x = 1\n" * LONGEST_FUNCTION
    assert long_functions(f"def f():\n{body}")
    assert not long_functions("def f():\n    '''\n" + "\n" * 90 + "    '''\n    return 1\n")
