"""Percolation of a measured cathode, as its description states it."""

from __future__ import annotations

from pathlib import Path

import pytest

import twin

pytestmark = pytest.mark.real


def test_percolation_of_the_three_phase_cathode(shared_data: Path) -> None:
    path = shared_data / "volumes" / "nmc_1cal_am_cbd_pore.tif"
    volume = twin.read(path, "0.398um", {"pore": 0, "AM": 1, "CBD": 2})
    info = twin.info(volume)
    expected = {"pore": (0.400549, 0.9950), "AM": (0.499451, 0.9981), "CBD": (0.1, 0.6596)}
    for name, (fraction, percolating) in expected.items():
        phase = info.phases[name]
        assert phase.volume_fraction == pytest.approx(fraction, abs=5e-7)
        assert phase.percolating_fraction == pytest.approx((percolating,) * 3, abs=5e-5)
    assert info.phases["CBD"].components == 64_441
