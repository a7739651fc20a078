"""A foreign `solvers` or `meshing` on the import path is named in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import twin

PACKAGES = Path(twin.__file__).parents[1]


def import_twin(first_on_path: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path[:0] = [{str(first_on_path)!r}, {str(PACKAGES)!r}]; import twin"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_our_own_packages_pass(tmp_path: Path) -> None:
    assert import_twin(tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["solvers", "meshing"])
@pytest.mark.parametrize("form", ["{}.py", "{}/__init__.py"])
def test_a_foreign_package_is_named(tmp_path: Path, name: str, form: str) -> None:
    intruder = tmp_path / form.format(name)
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text("")
    run = import_twin(tmp_path)
    assert run.returncode != 0
    message = run.stderr.strip().splitlines()[-1]
    assert message.startswith("ImportError: twin needs its own package")
    assert repr(name) in message
    assert str(intruder) in message
    assert "rename or move" in message


@pytest.mark.parametrize("name", ["solvers", "meshing"])
def test_a_foreign_module_already_loaded_is_named(name: str) -> None:
    code = (
        f"import sys, types; sys.path.insert(0, {str(PACKAGES)!r}); "
        f"sys.modules[{name!r}] = types.ModuleType({name!r}); import twin"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert repr(name) in run.stderr.strip().splitlines()[-1]
