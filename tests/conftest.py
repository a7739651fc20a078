"""What all tests share: measured volumes, strict floating point, the verification record."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
RECORD = "verification/rows"

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures go to files, never to a screen


def pytest_report_header() -> str:
    spec = importlib.util.find_spec("twin")
    where = "not installed" if spec is None else str(spec.origin)
    return f"twin: {where}"


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
        pytest.skip(f"the measured volumes are not here: there is no folder {folder}")
    return folder


@pytest.fixture
def verify(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a computed number with an exact or published one and record the pair.

    `verify("straight channel", computed, expected, relative=1e-9, source="exact")` fails like an
    assertion. Every comparison is kept, passed or failed, with the difference that was seen; the
    verification page of the documentation is built from this record and from nothing else.
    """

    def compare(
        case: str,
        computed: float,
        expected: float,
        *,
        relative: float = 0.0,
        absolute: float = 0.0,
        source: str,
        quantity: str = "tau",
    ) -> None:
        allowed = max(relative * abs(expected), absolute)
        difference = abs(computed - expected)
        row = {
            "case": case,
            "quantity": quantity,
            "computed": float(computed),
            "expected": float(expected),
            "difference": float(difference),
            "allowed": float(allowed),
            "passed": bool(difference <= allowed),
            "source": source,
            "test": request.node.nodeid,
        }
        rows = request.config.stash.setdefault(_ROWS, {})
        rows[f"{request.node.nodeid} {case} {quantity}"] = row
        assert difference <= allowed, (
            f"{case}: {quantity} = {computed!r}, expected {expected!r} ({source}), "
            f"off by {difference:.3g}, allowed {allowed:.3g}"
        )

    return compare


_ROWS: pytest.StashKey[dict[str, dict[str, object]]] = pytest.StashKey()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the verification record in pytest's cache, where the documentation build finds it."""
    rows = session.config.stash.get(_ROWS, {})
    cache = getattr(session.config, "cache", None)
    if rows and cache is not None:
        cache.set(RECORD, {**cache.get(RECORD, {}), **rows})
