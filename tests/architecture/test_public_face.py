"""Every public name exists, is documented with an example, and has its place in the reference."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import twin

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    name
    for name in twin.__all__
    if name != "__version__" and not inspect.ismodule(getattr(twin, name))
]


def sections(docstring: str) -> set[str]:
    return set(re.findall(r"^(\w[\w ]*)\n-{3,}$", docstring, flags=re.MULTILINE))


def public_methods(cls: type) -> list[str]:
    return [
        name
        for name, value in vars(cls).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or isinstance(value, property | classmethod | staticmethod))
    ]


def static_imports() -> dict[str, str]:
    """Name and module of the imports that type checkers read in `twin/__init__.py`."""
    tree = ast.parse(Path(twin.__file__).read_text(encoding="utf-8"))
    guarded = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: node.module or ""
        for block in guarded
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_type_checkers_see_the_names_that_python_loads() -> None:
    assert static_imports() == twin._HOME


def test_names_are_listed_once_and_in_order() -> None:
    assert list(twin.__all__) == sorted(set(twin.__all__), key=lambda n: (n.lower(), n))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tortoise'"):
        twin.tortoise  # noqa: B018


@pytest.mark.parametrize("name", NAMES)
def test_public_name_is_documented_with_an_example(name: str) -> None:
    thing = getattr(twin, name)
    text = inspect.getdoc(thing) or ""
    assert text, f"{name} has no docstring"
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return  # the functions that raise it show it
    needed = {"Examples"} if inspect.isclass(thing) else {"Examples", "Returns"}
    if inspect.isroutine(thing) and inspect.signature(thing).parameters:
        needed.add("Parameters")
    assert needed <= sections(text), f"{name} lacks {sorted(needed - sections(text))}"
    assert ">>>" in text, f"the example of {name} does not run"


@pytest.mark.parametrize("name", [n for n in NAMES if inspect.isclass(getattr(twin, n))])
def test_public_methods_are_documented(name: str) -> None:
    cls = getattr(twin, name)
    bare = [m for m in public_methods(cls) if not inspect.getdoc(getattr(cls, m))]
    assert not bare, f"{name}: no docstring on {bare}"


def test_every_public_name_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^   (\w+)$", page, flags=re.MULTILINE))
    assert listed == {*NAMES, *twin.generate.__all__, *twin.lio2.__all__}


def test_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, flags=re.MULTILINE)
    assert f"\nversion: {twin.__version__}\n" in citation
    assert released[0] == twin.__version__
