"""What `twin.tortuosity` takes and refuses, and what it says of a closed phase."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from meshing.generate import channels

SPACING = (20e-9, 5e-9, 8e-9)


def volume_of(labels: Any, **phases: int) -> twin.Volume:
    return twin.Volume(np.asarray(labels, np.uint8), SPACING, phases or {"solid": 0, "pore": 1})


@pytest.fixture
def electrode() -> twin.Volume:
    return twin.generate.electrode((12, 10, 14), (2e-6, 3e-6, 2.5e-6), seed=1)


@pytest.mark.parametrize("axis", "xyz")
def test_a_straight_channel_has_the_factor_one(axis: str) -> None:
    result = twin.tortuosity(channels((8, 8, 8), axis, 2, 4, SPACING), "pore", axis)
    assert isinstance(result, twin.Tortuosity)
    assert result.tortuosity_factor == pytest.approx(1.0, abs=1e-7)
    assert result.macmullin_number == pytest.approx(4.0, abs=1e-6)
    assert result.relative_diffusivity == pytest.approx(0.25, abs=1e-7)
    assert result.volume_fraction == result.accessible_fraction / 4 == 0.25
    assert result.percolates and not result.reason


def test_the_axis_is_z_unless_said_otherwise(electrode: twin.Volume) -> None:
    result = twin.tortuosity(electrode, "pore")
    assert isinstance(result, twin.Tortuosity)
    assert result.axis == "z"


def test_several_axes_come_in_the_order_asked_for(electrode: twin.Volume) -> None:
    result = twin.tortuosity(electrode, "pore", "zx")
    assert isinstance(result, twin.Directions)
    assert [t.axis for t in result] == ["z", "x"]
    alone = twin.tortuosity(electrode, "pore", "x")
    assert isinstance(alone, twin.Tortuosity)
    assert result["x"].tortuosity_factor == alone.tortuosity_factor


def test_a_periodic_side_opens_a_way_around() -> None:
    # two walls with a hole on opposite sides: the way between them is short across the border
    labels = np.ones((9, 9, 1), np.uint8)
    labels[2, 1:] = labels[6, :-1] = 0
    volume = twin.Volume(labels, (5e-9, 20e-9, 8e-9), {"pore": 1})
    shut = twin.tortuosity(volume, "pore", "x", "no-flux")
    wrapped = twin.tortuosity(volume, "pore", "x", "periodic")
    assert isinstance(shut, twin.Tortuosity) and isinstance(wrapped, twin.Tortuosity)
    assert wrapped.tortuosity_factor < 0.5 * shut.tortuosity_factor


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        (slice(4, 5), "no path of phase 'pore' joins the low and the high face of axis x"),
        (slice(0, 1), "phase 'pore' does not touch the low face of axis x"),
        (slice(7, 8), "phase 'pore' does not touch the high face of axis x"),
        ([0, 7], "phase 'pore' touches neither face of axis x"),
    ],
)
def test_a_closed_phase_has_no_diffusivity_and_a_reason(closed: Any, reason: str) -> None:
    labels = np.ones((8, 3, 3))
    labels[closed] = 0
    volume = volume_of(labels)
    result = twin.tortuosity(volume, "pore", "x")
    assert isinstance(result, twin.Tortuosity)
    assert result.tortuosity_factor == result.macmullin_number == math.inf
    assert result.relative_diffusivity == 0.0
    assert not result.percolates and result.reason == reason
    assert result.report is None and result.iterations == 0
    assert math.isnan(result.flux_imbalance) and math.isnan(result.estimated_error)
    assert result.percolating_fraction == 0.0
    with pytest.raises(twin.NotPercolating, match=re.escape(reason)):
        twin.tortuosity(volume, "pore", "x", throw=True)


def test_throw_names_the_first_closed_axis_of_several() -> None:
    volume = channels((8, 8, 8), "x", 2, 4)
    with pytest.raises(twin.NotPercolating, match="axis y"):
        twin.tortuosity(volume, "pore", "xyz", throw=True)


@pytest.mark.parametrize("axis", ["", "w", "xx", "X", "x y", "xyzx"])
def test_an_unknown_axis_is_refused(electrode: twin.Volume, axis: str) -> None:
    sentence = f"there is no axis {axis!r}; use 'x', 'y', 'z' or several, as 'xyz'"
    with pytest.raises(InputError, match=re.escape(sentence)):
        twin.tortuosity(electrode, "pore", axis)


def test_an_array_is_not_a_volume() -> None:
    with pytest.raises(InputError, match="a volume is needed, found ndarray; read one with"):
        twin.tortuosity(np.ones((4, 4, 4), np.uint8), "pore", "x")  # type: ignore[call-overload]


def test_unknown_sides_are_refused(electrode: twin.Volume) -> None:
    with pytest.raises(InputError, match="no sides 'open'; use 'no-flux' or 'periodic'"):
        twin.tortuosity(electrode, "pore", "x", "open")  # type: ignore[call-overload]


def test_an_unknown_phase_is_refused_with_the_known_ones(electrode: twin.Volume) -> None:
    with pytest.raises(InputError, match=r"'poer'.*'pore', 'AM', 'CBD'; did you mean 'pore'"):
        twin.tortuosity(electrode, "poer", "x")


def test_an_empty_phase_is_refused() -> None:
    volume = volume_of(np.zeros((4, 4, 4)), pore=0, CBD=7)
    with pytest.raises(InputError, match="CBD"):
        twin.tortuosity(volume, "CBD", "x")


def test_an_axis_of_one_voxel_is_refused_before_any_solve() -> None:
    flat = volume_of(np.ones((6, 6)))
    called: list[str] = []
    sentence = "axis z is one voxel long (shape (6, 6, 1)) and cannot be driven"
    with pytest.raises(InputError, match=re.escape(sentence)):
        twin.tortuosity(flat, "pore", "xyz", progress=lambda *a: called.append(a[0]))
    assert not called
    result = twin.tortuosity(flat, "pore", "xy")
    assert [t.tortuosity_factor for t in result] == pytest.approx([1.0, 1.0])  # type: ignore[union-attr]


def test_too_few_iterations_raise_with_the_report(electrode: twin.Volume) -> None:
    with pytest.raises(twin.NotConverged, match="iteration") as caught:
        twin.tortuosity(electrode, "pore", "x", solver=twin.Solver(1e-12, max_iterations=1))
    assert caught.value.report.iterations == 1
    assert not caught.value.report.converged


def test_progress_names_the_axis(electrode: twin.Volume) -> None:
    seen: list[tuple[str, int, float]] = []
    result = twin.tortuosity(electrode, "pore", "xz", progress=lambda *a: seen.append(a))
    assert isinstance(result, twin.Directions)
    for t in result:
        steps = [iteration for axis, iteration, _ in seen if axis == t.axis]
        assert steps == list(range(1, t.iterations + 1))


def test_time_is_split_in_compiling_and_solving(electrode: twin.Volume) -> None:
    twin.tortuosity(electrode, "pore", "x")
    again = twin.tortuosity(electrode, "pore", "x")
    assert isinstance(again, twin.Tortuosity)
    assert again.seconds_compiling == 0.0
    assert 0.0 < again.seconds_solving == again.seconds
