"""What `twin.conduction` refuses, each in one sentence, before anything is solved."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin import memory

PHASES = {"pore": 0, "AM": 1, "CBD": 2}


@pytest.fixture
def volume() -> twin.Volume:
    labels = np.arange(3, dtype=np.uint8).repeat(4).reshape(1, 12, 1)
    return twin.Volume(np.tile(labels, (4, 1, 4)), (20e-9, 5e-9, 8e-9), PHASES)


def refused(volume: twin.Volume, conductivity: Any, **options: Any) -> str:
    """The sentence with which a question is refused before the first iteration."""
    called: list[str] = []
    with pytest.raises(InputError) as caught:
        twin.conduction(volume, conductivity, progress=lambda *a: called.append(a[0]), **options)
    assert not called
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_an_unknown_phase_comes_with_the_nearest(volume: twin.Volume) -> None:
    assert refused(volume, {"CDB": 760.0}) == (
        "there is no phase 'CDB'; the phases are 'pore', 'AM', 'CBD'; did you mean 'CBD'?"
    )
    assert "did you mean 'AM'?" in refused(volume, {"CBD": 1.0, "am": 1.0})


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, "high", None, 1j, (1.0, -1.0, 1.0)])
def test_a_conductivity_is_zero_or_positive(volume: twin.Volume, value: Any) -> None:
    sentence = refused(volume, {"CBD": 760.0, "AM": value})
    assert sentence.startswith("the conductivity of phase 'AM' must be 0 or a positive number")
    assert "found " in sentence


@pytest.mark.parametrize("value", [(1.0, 2.0), (1.0, 2.0, 3.0, 4.0), ()])
def test_a_conductivity_has_one_or_three_entries(volume: twin.Volume, value: Any) -> None:
    sentence = refused(volume, {"AM": value})
    assert sentence == (
        f"the conductivity of phase 'AM' has {len(value)} entries; give one number, or three for "
        "the axes x, y, z"
    )


def test_a_phase_conducts_along_all_axes_or_along_none(volume: twin.Volume) -> None:
    sentence = refused(volume, {"AM": (1.0, 0.0, 1.0)})
    assert sentence.startswith("the conductivity of phase 'AM' is 0 along some axes only")


@pytest.mark.parametrize("value", [0.0, (0, 0, 0)])
def test_something_must_conduct(volume: twin.Volume, value: Any) -> None:
    sentence = "all conductivities are 0; give at least one phase a positive one"
    assert refused(volume, {"AM": value, "CBD": 0}) == sentence


def test_an_empty_mapping_is_refused(volume: twin.Volume) -> None:
    assert refused(volume, {}).startswith("no phase conducts: give conductivities, as {'CBD'")


@pytest.mark.parametrize("given", [760.0, "CBD", [("CBD", 760.0)]])
def test_conductivities_come_by_phase(volume: twin.Volume, given: Any) -> None:
    assert refused(volume, given).startswith("conductivities are given by phase, as {'CBD'")


def test_phases_without_a_voxel(volume: twin.Volume) -> None:
    labels = np.ones((4, 4, 4), np.uint8)
    empty = twin.Volume(labels, 1e-6, PHASES)
    assert "phase 'CBD' (label 2) has no voxels" in refused(empty, {"CBD": 1.0})
    assert "phase 'CBD' (label 2) has no voxels" in refused(empty, {"AM": 2.0, "CBD": 1.0})
    assert twin.conduction(empty, {"AM": 2.0, "CBD": 0.0}).percolates


def test_an_unknown_transport_comes_with_the_nearest(volume: twin.Volume) -> None:
    assert refused(volume, {"AM": 1.0}, transport="electric") == (
        "there is no transport 'electric'; use 'electronic', 'ionic', 'thermal', 'diffusive'; "
        "did you mean 'electronic'?"
    )


@pytest.mark.parametrize(("axis", "sides"), [("w", "no-flux"), ("zz", "no-flux"), ("z", "open")])
def test_axes_and_sides_are_those_of_tortuosity(volume: twin.Volume, axis: str, sides: str) -> None:
    with pytest.raises(InputError) as caught:
        twin.tortuosity(volume, "AM", axis, sides)  # type: ignore[call-overload]
    assert refused(volume, {"AM": 1.0}, axis=axis, sides=sides) == str(caught.value)


def test_an_array_is_not_a_volume() -> None:
    with pytest.raises(InputError, match="a volume is needed, found ndarray"):
        twin.conduction(np.ones((4, 4, 4)), {"AM": 1.0})  # type: ignore[call-overload]


BOTH = {"AM": 1.0, "CBD": 760.0}


def contact_refused(volume: twin.Volume, contact: Any) -> str:
    return refused(volume, BOTH, contact_resistance=contact)


def test_an_interface_is_named_once(volume: twin.Volume) -> None:
    twice = {("AM", "CBD"): 1e-6, ("CBD", "AM"): 1e-6}
    sentence = "the interface of 'AM' and 'CBD' is named twice; name it once"
    assert contact_refused(volume, twice) == sentence


def test_a_phase_has_no_interface_with_itself(volume: twin.Volume) -> None:
    sentence = "phase 'AM' has no interface with itself; name two phases"
    assert contact_refused(volume, {("AM", "AM"): 1e-6}) == sentence


def test_an_interface_lies_between_known_phases(volume: twin.Volume) -> None:
    sentence = contact_refused(volume, {("AM", "CDB"): 1e-6})
    assert sentence.startswith("there is no phase 'CDB'") and "did you mean 'CBD'" in sentence


@pytest.mark.parametrize("conductivity", [BOTH, {**BOTH, "pore": 0.0}])
def test_an_interface_lies_between_conductors(
    volume: twin.Volume, conductivity: dict[str, float]
) -> None:
    sentence = refused(volume, conductivity, contact_resistance={("pore", "AM"): 1e-6})
    assert sentence.startswith("phase 'pore' does not conduct, so its interface with 'AM' needs no")


@pytest.mark.parametrize("value", [-1e-6, math.nan, math.inf, "small", None])
def test_a_contact_resistance_is_zero_or_positive(volume: twin.Volume, value: Any) -> None:
    sentence = contact_refused(volume, {("CBD", "AM"): value})
    assert sentence == (
        f"the contact resistance of 'AM' and 'CBD' must be 0 or a positive number, found {value!r}"
    )


@pytest.mark.parametrize("key", ["AM", "AM:CBD", ("AM",), ("AM", "CBD", "pore"), 3])
def test_an_interface_is_a_pair(volume: twin.Volume, key: Any) -> None:
    sentence = contact_refused(volume, {key: 1e-6})
    assert sentence == f"an interface is named by its two phases, ('AM', 'CBD'), found {key!r}"


@pytest.mark.parametrize("given", [1e-6, [("AM", "CBD", 1e-6)]])
def test_contact_resistances_come_by_interface(volume: twin.Volume, given: Any) -> None:
    sentence = contact_refused(volume, given)
    assert sentence.startswith("contact resistances are given by interface, as {('AM', 'CBD')")


def test_a_contact_needs_the_size_of_the_voxels(volume: twin.Volume) -> None:
    unknown = twin.Volume(volume.labels, phases=PHASES)
    sentence = contact_refused(unknown, {("AM", "CBD"): 1e-6})
    assert sentence.startswith("a contact resistance needs the size of the voxels")
    found = twin.conduction(unknown, BOTH, contact_resistance={("AM", "CBD"): 0.0})
    assert found.percolates


def test_a_volume_that_does_not_fit(volume: twin.Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 10)
    assert "a solve on 4 x 12 x 4 voxels needs about" in refused(volume, BOTH)
    assert twin.conduction(volume, BOTH, ignore_memory=True).percolates


def test_several_conductivities_need_more_memory_than_one(
    volume: twin.Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: memory.bytes_needed(volume, 2 / 3))
    assert twin.conduction(volume, {"AM": 2.0, "CBD": (2.0, 2.0, 2.0)}).percolates
    for conductivity in (BOTH, {"AM": (1.0, 1.0, 2.0)}):
        assert refused(volume, conductivity).startswith("a solve on 4 x 12 x 4 voxels needs")
    contact = {("AM", "CBD"): 1e-9}
    assert "a solve on" in refused(volume, {"AM": 2.0, "CBD": 2.0}, contact_resistance=contact)


def test_no_path_says_which_phases_touch_which_face() -> None:
    labels = np.zeros((6, 3, 3), np.uint8)
    labels[:2], labels[4:, 1:] = 1, 2
    volume = twin.Volume(labels, 1e-6, PHASES)
    result = twin.conduction(volume, BOTH, "x")
    assert result.reason == (
        "no path of AM + CBD joins the low and the high face of axis x: the low face is touched "
        "by 'AM', the high face by 'CBD'"
    )
    with pytest.raises(twin.NotPercolating, match=re.escape(result.reason)):
        twin.conduction(volume, BOTH, "x", throw=True)
    labels[4:], labels[:2, 0] = 0, 2
    found = twin.conduction(twin.Volume(labels, 1e-6, PHASES), BOTH, "x").reason
    assert found.endswith("touched by 'AM' and 'CBD', the high face by none of them")


def test_one_phase_that_does_not_percolate_is_told_as_a_tortuosity_factor_is() -> None:
    labels = np.ones((6, 3, 3), np.uint8)
    labels[3] = 0
    volume = twin.Volume(labels, 1e-6, PHASES)
    reason = twin.conduction(volume, {"AM": 1.0}, "x").reason
    assert reason == twin.tortuosity(volume, "AM", "x").reason
