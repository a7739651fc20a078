"""Every package that the code imports is a declared dependency."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from architecture.source import imported, modules

ROOT = Path(__file__).resolve().parents[2]
OURS = {"twin", "solvers", "meshing"}

# Extras that users install for what a few of them need; whoever lacks one is told so.
OF_USERS = ("cluster", "parquet")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in OF_USERS for line in extras[name])]
    return {normal(re.split(r"[\s<>=!~;\[]", line)[0]) for line in lines}


def used() -> set[str]:
    names = {
        name
        for package in OURS
        for path in modules(package)
        for _, name in imported(path.read_text(encoding="utf-8"))
    }
    providers = packages_distributions()
    outside = names - OURS - set(sys.stdlib_module_names)
    return {normal(providers[name][0]) for name in outside}


def test_the_imports_are_seen() -> None:
    assert {"numpy", "numba"} <= used()


def test_what_is_imported_is_declared() -> None:
    # VTK comes with pyvista, of which it is the engine; dask with distributed.
    assert used() - {"vtk", "dask"} <= declared()


def test_the_tests_have_the_extras_of_users() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"twin[{','.join(OF_USERS)}]" in project["optional-dependencies"]["test"]
