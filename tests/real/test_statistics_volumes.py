"""Measured volumes: what one part of an image says of the other parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.real

CASES = [
    ("berea_400.tif", {"pore": 0, "grain": 255}, "pore"),
    ("taufactor_electrode_3phase.tif", {"pore": 0, "AM": 85, "CBD": 170}, "AM"),
    ("taufactor_electrode_3phase.tif", {"pore": 0, "AM": 85, "CBD": 170}, "CBD"),
    ("nmc_1cal_am_cbd_pore.tif", {"pore": 0, "AM": 1, "CBD": 2}, "pore"),
]


@pytest.mark.parametrize(("file", "phases", "phase"), CASES, ids=lambda value: str(value)[:12])
def test_each_part_foretells_the_spread_of_all(
    shared_data: Path,
    file: str,
    phases: dict[str, int],
    phase: str,
    record_verification: Callable[..., None],
) -> None:
    """Of 27 values the standard deviation is known to 14 %, and four times that is an error."""
    volume = twin.read(shared_data / "volumes" / file, phases=phases)
    parts = [
        twin.crop(
            volume,
            [(i * (n // 3), (i + 1) * (n // 3)) for i, n in zip(c, volume.shape, strict=True)],
        )
        for c in itertools.product(range(3), repeat=3)
    ]
    found = [twin.fraction_uncertainty(part, phase) for part in parts]
    spread = np.std([f.volume_fraction for f in found], ddof=1)
    estimate = np.sqrt(np.mean([f.standard_error**2 for f in found]))
    record_verification(
        f"{file}, {phase}: deviation among 27 parts, and as each foretells it",
        spread, estimate, abs(estimate / spread - 1),
    )  # fmt: skip
    assert abs(np.log(estimate / spread)) < 4 * 0.14
