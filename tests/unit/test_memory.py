"""Memory needed and memory free."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import psutil
import pytest

import twin
from meshing.errors import InputError
from twin import memory

VOLUME = twin.Volume(np.ones((10, 20, 30), np.uint8), phases={"pore": 1})


def group(folder: Path, version: int, limit: str, used: int, inactive: int = 0) -> None:
    """Write the files of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    if version == 2:
        names = ("memory.max", "memory.current", "inactive_file")
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"cache 5\n{names[2]} {inactive}\n")


@pytest.fixture
def no_groups(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_CGROUPS", tmp_path / "self")
    return tmp_path


def test_needed_memory_grows_with_voxels_flux_and_results() -> None:
    half = memory.bytes_needed(VOLUME, 0.5)
    assert 10 < half / 6000 < 24
    twice = twin.Volume(np.ones((20, 20, 30), np.uint8), phases={"pore": 1})
    assert memory.bytes_needed(twice, 0.5) == 2 * half
    assert memory.bytes_needed(VOLUME, 0.2) < half < memory.bytes_needed(VOLUME, 0.8)
    assert half < memory.bytes_needed(VOLUME, 0.5, kept=1) < 1.5 * half


def test_free_memory_is_that_of_the_machine(no_groups: Path) -> None:
    assert 0 < memory.bytes_free() <= psutil.virtual_memory().total


@pytest.mark.parametrize(("version", "folder"), [(1, "memory"), (2, ".")])
def test_a_control_group_may_allow_less(no_groups: Path, version: int, folder: str) -> None:
    group(no_groups / folder, version, "3000", used=1000, inactive=500)
    assert memory.bytes_free() == 2500


@pytest.mark.parametrize(("limit", "version"), [("max", 2), ("9223372036854771712", 1)])
def test_a_group_without_a_limit_changes_nothing(no_groups: Path, limit: str, version: int) -> None:
    group(no_groups / ("memory" if version == 1 else "."), version, limit, used=1000)
    assert memory.bytes_free() > 10**6


def test_the_tightest_group_around_the_process_counts(no_groups: Path) -> None:
    (no_groups / "self").write_text("0::/outer/inner\n")
    group(no_groups / "outer", 2, "4000", used=1000)
    group(no_groups / "outer" / "inner", 2, "max", used=900)
    assert memory.bytes_free() == 3000
    group(no_groups / "outer" / "inner", 2, "1000", used=900)
    assert memory.bytes_free() == 100


def test_groups_of_other_resources_are_no_limits(no_groups: Path) -> None:
    (no_groups / "self").write_text("4:cpu:/job\n3:memory:/job\n")
    group(no_groups / "memory" / "job", 1, "700", used=0)
    assert memory.bytes_free() == 700


def test_what_does_not_fit_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 1000)
    needed = memory.format_bytes(memory.bytes_needed(VOLUME, 0.0))
    sentence = f"a solve on 10 x 20 x 30 voxels needs about {needed} of memory and 1 kB are free"
    with pytest.raises(InputError, match=re.escape(sentence) + ".*crop or rebin.*larger machine"):
        twin.tortuosity(VOLUME, "pore", axis="x")


def test_the_voxels_that_carry_flux_count(monkeypatch: pytest.MonkeyPatch) -> None:
    needed = memory.bytes_needed(VOLUME, 1.0)
    monkeypatch.setattr(memory, "bytes_free", lambda: needed - 1)
    with pytest.raises(InputError, match=re.escape(memory.format_bytes(needed))):
        twin.tortuosity(VOLUME, "pore", axis="x")
    sparse = twin.generate.channels((10, 20, 30), "x", 2, 4)
    assert twin.tortuosity(sparse, "pore", axis="x").tortuosity_factor == pytest.approx(1.0)


def test_results_that_are_kept_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: memory.bytes_needed(VOLUME, 1.0))
    twin.tortuosity(VOLUME, "pore", axis="x")
    with pytest.raises(InputError, match="a solve on"):
        twin.tortuosity(VOLUME, "pore", axis="xy")


def test_one_can_go_on_regardless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 1000)
    result = twin.tortuosity(VOLUME, "pore", axis="x", ignore_memory=True)
    assert result.tortuosity_factor == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("count", "text"),
    [(999, "999 B"), (24_000, "24 kB"), (1.5e6, "1.5 MB"), (999_600, "1 MB"), (7e13, "70 TB")],
)
def test_bytes_are_readable(count: float, text: str) -> None:
    assert memory.format_bytes(int(count)) == text
