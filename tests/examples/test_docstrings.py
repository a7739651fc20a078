"""Every example in a docstring is executed, in an empty folder."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
from pathlib import Path

import pytest


def modules_with_examples() -> list[str]:
    names = []
    for package in ("meshing", "solvers", "twin"):
        spec = importlib.util.find_spec(package)
        assert spec is not None and spec.origin is not None, f"{package} is not installed"
        folder = Path(spec.origin).parent
        for path in sorted(folder.rglob("*.py")):
            if ">>> " in path.read_text(encoding="utf-8"):
                parts = path.relative_to(folder.parent).with_suffix("").parts
                names.append(".".join(parts).removesuffix(".__init__"))
    return names


@pytest.mark.parametrize("name", modules_with_examples())
def test_docstring_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    outcome = doctest.testmod(
        module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS, report=True
    )
    assert outcome.attempted > 0, f"the examples of {name} are not found"
    assert outcome.failed == 0
