"""Files are written whole or not at all."""

from __future__ import annotations

import io
import json
import math
import os
from pathlib import Path

import pytest

from meshing.errors import InputError
from twin.files import atomic, check_writable, write_csv, write_json


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    with atomic(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
        assert temporary.suffix == ".json"
        written = temporary.stat().st_ino
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    assert target.read_text() == "whole"
    assert target.stat().st_ino == written  # renamed, and not copied


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, InputError])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, failure: type[BaseException]
) -> None:
    target = tmp_path / "result.json"
    target.write_text("old")
    with pytest.raises(failure), atomic(target) as temporary:
        temporary.write_text("half of the new")
        raise failure("stop")
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    assert target.read_text() == "old"


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    sentence = r"cannot write .*result\.json: no space left on device"
    with pytest.raises(InputError, match=sentence), atomic(target):
        raise OSError(28, os.strerror(28))
    assert not list(tmp_path.iterdir())


def test_a_writable_path_is_left_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    check_writable(target)
    assert not list(tmp_path.iterdir())
    target.write_text("old")
    check_writable(target)
    assert target.read_text() == "old"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no folder .*missing; make it first"):
        check_writable(tmp_path / "missing" / "result.json")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it is a folder; give the name of a file"):
        check_writable(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a directory; choose a folder"):
        check_writable(tmp_path / "file" / "result.json")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="permission denied; choose a folder"):
        check_writable(tmp_path / "result.json")


def test_json_has_null_where_a_number_is_not_finite() -> None:
    file = io.StringIO()
    write_json(file, {"a": math.inf, "b": [math.nan, 1.5], "c": {"d": -math.inf, "e": True}})
    assert json.loads(file.getvalue()) == {"a": None, "b": [None, 1.5], "c": {"d": None, "e": True}}


def test_csv_has_the_columns_of_the_rows() -> None:
    file = io.StringIO()
    write_csv(file, [{"axis": "x", "tau": 1.5}, {"axis": "y", "tau": math.inf}])
    assert file.getvalue() == "axis,tau\nx,1.5\ny,inf\n"
