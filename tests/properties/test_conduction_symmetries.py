"""What must not change, or change in a known way, for any phases, directions and interfaces."""

from __future__ import annotations

from dataclasses import replace

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from support.conduction import Case, mixtures

EXAMPLES = hypothesis.settings(max_examples=25)


def triples(case: Case) -> dict[int, np.ndarray]:
    return {p: np.array(np.broadcast_to(k, 3), float) for p, k in case.conductivity.items()}


def with_conductivity(case: Case, values: dict[int, np.ndarray]) -> Case:
    return replace(case, conductivity={p: tuple(map(float, k)) for p, k in values.items()})


@EXAMPLES
@hypothesis.given(case=mixtures())
def test_swapping_inlet_and_outlet(case):
    """The same flow, the same heat and the same current in every phase and interface."""
    hypothesis.assume(case.named)
    back = replace(case, labels=np.flip(case.labels, "xyz".index(case.axis)))
    assert back.effective() == pytest.approx(case.effective(), rel=1e-9)
    hypothesis.assume(case.effective() > 0)
    one, other = case.solved().shares, back.solved().shares
    assert other.heat == pytest.approx(one.heat, abs=1e-5)
    assert other.current == pytest.approx(one.current, abs=1e-5)
    assert other.interface_heat == pytest.approx(one.interface_heat, abs=1e-5)
    assert other.interface_current == pytest.approx(one.interface_current, rel=1e-4, abs=1e-5)


@EXAMPLES
@hypothesis.given(case=mixtures(), mirrored=st.sampled_from([0, 1, 2, (0, 1, 2)]))
def test_mirrors(case, mirrored):
    hypothesis.assume(case.named)
    other = replace(case, labels=np.flip(case.labels, mirrored))
    assert other.effective() == pytest.approx(case.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=mixtures(), order=st.permutations((0, 1, 2)))
def test_turning_image_voxels_and_conductivity_turns_the_axis(case, order):
    hypothesis.assume(case.named)
    x, y, z = (case.spacing[a] for a in order)
    turned = replace(
        with_conductivity(case, {p: k[list(order)] for p, k in triples(case).items()}),
        labels=case.labels.transpose(order),
        spacing=(x, y, z),
        axis="xyz"[list(order).index("xyz".index(case.axis))],
    )
    assert turned.effective() == pytest.approx(case.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=mixtures(), shift=st.integers(1, 8), along=st.sampled_from([1, 2]))
def test_a_shift_between_periodic_sides(case, shift, along):
    """Interfaces across the wrap, of odd and even sizes, are interfaces like all others."""
    hypothesis.assume(case.named)
    periodic = replace(case, sides="periodic")
    axis = ("xyz".index(case.axis) + along) % 3
    moved = replace(periodic, labels=np.roll(case.labels, shift, axis))
    assert moved.effective() == pytest.approx(periodic.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(
    case=mixtures(),
    length=st.sampled_from([1e-9, 3.7, 1e6]),
    factor=st.sampled_from([1e-12, 0.3, 1e9]),
)
def test_units(case, length, factor):
    """Lengths times a and conductivities times b make contact resistances times a / b."""
    hypothesis.assume(case.named)
    x, y, z = (length * h for h in case.spacing)
    scaled = replace(
        with_conductivity(case, {p: factor * k for p, k in triples(case).items()}),
        spacing=(x, y, z),
        contact={pair: length / factor * r for pair, r in case.contact.items()},
    )
    assert scaled.effective() == pytest.approx(factor * case.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(
    case=mixtures(contact=False), axis=st.integers(0, 2), stretch=st.sampled_from([0.1, 2.0, 30.0])
)
def test_conductivity_along_an_axis_is_as_good_as_another_voxel_edge(case, axis, stretch):
    """k_a times s^2 gives what edges h_a / s give, which lengthen and widen the way by s."""
    hypothesis.assume(case.named)
    values = triples(case)
    for k in values.values():
        k[axis] *= stretch**2
    edges = list(case.spacing)
    edges[axis] /= stretch
    thin = replace(case, spacing=(edges[0], edges[1], edges[2]))
    factor = stretch**2 if axis == "xyz".index(case.axis) else 1.0
    better = with_conductivity(case, values)
    assert better.effective() == pytest.approx(factor * thin.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(
    case=mixtures(), axis=st.integers(0, 2), stretch=st.sampled_from([0.1, 2.0, 30.0])
)
def test_an_image_one_voxel_thick_conducts_alike_at_any_thickness(case, axis, stretch):
    """Two dimensions, contact resistances included: nothing crosses the faces of the third."""
    hypothesis.assume(case.named and axis != "xyz".index(case.axis))
    flat = replace(case, labels=case.labels.take([0], axis))
    hypothesis.assume(flat.named)
    edges = list(flat.spacing)
    edges[axis] *= stretch
    thick = replace(flat, spacing=(edges[0], edges[1], edges[2]))
    assert thick.effective() == pytest.approx(flat.effective(), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=mixtures(contact=False), seed=st.integers(0, 99))
def test_phases_of_one_conductivity_are_one_phase(case, seed):
    hypothesis.assume(case.named)
    value = np.random.default_rng(seed).uniform(0.5, 2, 3)
    same = with_conductivity(case, dict.fromkeys(case.conductivity, value))
    merged = Case(
        (case.labels > 0).astype(np.uint8), {1: tuple(map(float, value))}, case.spacing, case.axis,
        case.sides, {},
    )  # fmt: skip
    assert same.effective() == pytest.approx(merged.effective(), rel=1e-9)
    if (case.labels > 0).all():
        assert same.effective() == pytest.approx(value["xyz".index(case.axis)], rel=1e-9)


@EXAMPLES
@hypothesis.given(case=mixtures())
def test_every_plane_carries_the_flow_and_the_heat_is_current_times_voltage(case):
    """The flow at a drop of 1 is the heat; shares of phases and interfaces add up to it."""
    hypothesis.assume(case.named and case.effective() > 0)
    solution = case.solved()
    assert solution.plane_flows == pytest.approx(solution.flow, rel=1e-4)
    shares = solution.shares
    heat = sum(shares.heat.values()) + sum(shares.interface_heat.values())
    assert heat == pytest.approx(1, rel=1e-9)
    assert sum(shares.current.values()) == pytest.approx(1, rel=1e-9)
    assert min(shares.heat.values()) >= 0
    assert min(shares.interface_heat.values(), default=0.0) >= 0
    without = {pair for pair, value in shares.interface_heat.items() if value == 0}
    assert {tuple(sorted(pair)) for pair in case.contacts} >= set(shares.interface_heat) - without
