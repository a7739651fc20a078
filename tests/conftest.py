"""What all tests share: measured volumes, strict floating point, the verification record."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numba
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files, never to a screen

# The same examples in every run, so that a failure is seen again; no database of past failures,
# no deadline (the first call compiles), and a failure prints the blob that reproduces it.
hypothesis.settings.register_profile(
    "twin", derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.load_profile("twin")


def pytest_configure() -> None:
    """One thread for each of several test processes: threads that wait for one another cost more
    than they bring. What threads could change has tests of its own, `properties/test_threads.py`.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        numba.set_num_threads(1)


def pytest_report_header() -> list[str]:
    spec = importlib.util.find_spec("twin")
    where = "not installed" if spec is None else str(spec.origin)
    record = os.environ.get("TWIN_VERIFICATION_JSON", "not kept (TWIN_VERIFICATION_JSON is unset)")
    return [f"twin: {where}", f"verification record: {record}"]


@pytest.fixture(autouse=True)
def strict_floating_point() -> Iterator[None]:
    """An overflow or an invalid operation in our array code is an error, not a quiet NaN."""
    with np.errstate(invalid="raise", over="raise", divide="raise"):
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of measured volumes beside the repository; the test is skipped without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the measured volumes are not here: there is no folder ../shared/data")
    return folder


_ROWS: pytest.StashKey[dict[str, dict[str, object]]] = pytest.StashKey()


@pytest.fixture
def record_verification(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep one row of the verification table: what was expected, found, and how far apart.

    `record_verification(name, expected, found, error, order=None, source="")`; `error` is the
    number the test compares with its tolerance (relative where the name does not say otherwise),
    `order` an observed order of accuracy.  The rows are written to the file that the environment
    variable TWIN_VERIFICATION_JSON names, and nowhere when it is unset.  The table of the
    documentation is made from them and from nothing else.
    """

    def record(
        name: str,
        expected: float,
        found: float,
        error: float,
        order: float | None = None,
        source: str = "",
    ) -> None:
        rows = request.config.stash.setdefault(_ROWS, {})
        rows[f"{request.node.nodeid} {name}"] = {
            "name": name,
            "expected": float(expected),
            "found": float(found),
            "error": float(error),
            "order": None if order is None else float(order),
            "source": source,
            "test": request.node.nodeid,
        }

    return record


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the rows of a process of pytest-xdist that has ended."""
    rows = getattr(node, "workeroutput", {}).get("verification", {})
    node.config.stash.setdefault(_ROWS, {}).update(rows)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the verification rows, beside those that an earlier run left in the same file."""
    rows = session.config.stash.get(_ROWS, {})
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["verification"] = rows
        return
    target = os.environ.get("TWIN_VERIFICATION_JSON")
    if not rows or not target:
        return
    path = Path(target)
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    merged = dict(sorted({**earlier, **rows}.items()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(merged, indent=1, allow_nan=True), encoding="utf-8")
