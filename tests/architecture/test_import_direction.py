"""Imports go only twin -> solvers -> meshing, also inside functions."""

from __future__ import annotations

import pytest
from architecture.source import imported, modules

MAY_IMPORT = {
    "meshing": {"meshing"},
    "solvers": {"solvers", "meshing"},
    "twin": {"twin", "solvers", "meshing"},
}


def wrong_imports(package: str, source: str) -> list[tuple[int, str]]:
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package]
    return [(line, name) for line, name in imported(source) if name in forbidden]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_go_down_only(package: str) -> None:
    found = modules(package)
    assert found, f"no modules in {package}"
    wrong = [
        f"{path.name}:{line} imports {name}"
        for path in found
        for line, name in wrong_imports(package, path.read_text(encoding="utf-8"))
    ]
    assert not wrong


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_imports_from_tests_benchmarks_or_docs(package: str) -> None:
    for path in modules(package):
        names = {name for _, name in imported(path.read_text(encoding="utf-8"))}
        assert not names & {"tests", "benchmarks", "docs", "pytest"}, path


@pytest.mark.parametrize(
    "source",
    [
        "import twin",
        "from twin.results import Tortuosity",
        "def f():\n    from twin import read",
        "from importlib import import_module\nimport_module('twin.cli')",
    ],
)
def test_an_upward_import_is_seen(source: str) -> None:
    assert wrong_imports("meshing", source)
    assert wrong_imports("solvers", source)
    assert not wrong_imports("twin", source)
