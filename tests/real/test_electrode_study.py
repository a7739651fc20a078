"""The stored numbers of the study of the electrode tortuosity factor are those of today's code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import twin

pytestmark = pytest.mark.real

RECORD = Path(__file__).resolve().parents[2] / "docs" / "studies" / "electrode_tortuosity.json"


def test_one_orientation_of_the_cathode_is_found_again(shared_data: Path) -> None:
    stored = json.loads(RECORD.read_text(encoding="utf-8"))["nmc"]
    path = shared_data / "volumes" / stored["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == stored["sha256"]
    volume = twin.read(path, stored["spacing"][0], {"pore": 0, "AM": 1, "CBD": 2})
    e = twin.electrode_tortuosity(volume, "pore", "z", "high", reactive="AM")
    expected = stored["axes"]["z"]["AM"]["high"]
    for name in ("tortuosity_factor", "lower_bound", "specific_area", "accessible_porosity"):
        assert getattr(e, name) == pytest.approx(expected[name], rel=1e-6), name
