"""Conduction through any phases against a resistor network that is solved without subtraction."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from support import network, reference
from support.conduction import Case, effective, mixtures, random_labels

from meshing.voxel_mesh import voxel_mesh

EXACT = 1e-9
"""What the solver's tolerance of 1e-10 leaves; the network keeps some 13 digits."""


def compare(case: Case) -> None:
    expected = case.expected()
    named = case.named
    hypothesis.event(f"conducts: {expected.flow > 0}, {case.sides}")
    if not named:
        assert expected.flow == 0
        return
    mesh = voxel_mesh(case.volume, list(named), "xyz".index(case.axis), case.sides)
    assert mesh.percolates == (expected.flow > 0)
    if mesh.percolates:
        found = effective(case.solved())
        assert found == pytest.approx(expected.effective_conductivity, rel=EXACT)


@hypothesis.settings(max_examples=40)
@hypothesis.given(case=mixtures(anisotropic=False, contact=False))
def test_numbers_as_conductivities(case):
    compare(case)


@hypothesis.settings(max_examples=40)
@hypothesis.given(case=mixtures(contact=False))
def test_a_conductivity_for_each_axis(case):
    compare(case)


@hypothesis.settings(max_examples=40)
@hypothesis.given(case=mixtures())
def test_contact_resistances(case):
    compare(case)


SHARED = 1e-5
"""Shares come from the field, which has half the digits of the flow."""


@hypothesis.settings(max_examples=40)
@hypothesis.given(case=mixtures())
def test_shares_of_phases_and_interfaces(case):
    expected = case.expected()
    hypothesis.assume(expected.flow > 0)
    shares = case.solved().shares
    found = (shares.current, shares.heat, shares.interface_current, shares.interface_heat)
    answers = (expected.current, expected.heat, expected.crossing, expected.heat)
    for by_name, answer in zip(found, answers, strict=True):
        for name, share in by_name.items():
            key = label_of(name) if isinstance(name, str) else tuple(map(label_of, name))
            part = answer.get(key, 0.0) / expected.flow
            assert share == pytest.approx(part, rel=SHARED, abs=SHARED)
    assert set(shares.current) == set(shares.heat) == set(case.named)
    assert sum(shares.current.values()) == pytest.approx(1, rel=1e-12)
    heat = sum(shares.heat.values()) + sum(shares.interface_heat.values())
    assert heat == pytest.approx(1, rel=1e-12)


def label_of(name: str) -> int:
    return int(name.removeprefix("p"))


@pytest.mark.parametrize("contrast", [1e2, 1e5, 1e8])
def test_the_network_and_a_direct_solve_of_the_matrix_agree(contrast):
    """Two ways that share no line: star and mesh here, a sparse factorisation there."""
    random = np.random.default_rng(2)
    k = random.choice([0.0, 1.0, contrast**0.5, contrast], (8, 6, 7), p=[0.2, 0.3, 0.3, 0.2])
    values, labels = np.unique(k, return_inverse=True)
    conductivity = {label: float(value) for label, value in enumerate(values) if value > 0}
    spacing = (2.0, 0.5, 1.0)
    found = network.solve(labels.reshape(k.shape), conductivity, spacing, 1, "periodic")
    other = reference.solve(k, spacing, 1, "periodic")
    assert found.effective_conductivity == pytest.approx(other.effective_conductivity, rel=1e-11)
    assert found.potential[other.driven] == pytest.approx(other.potential[other.driven], abs=1e-9)


def test_three_resistors_by_hand():
    """Two voxels of k = 2 and (9, 4, 9) along y, edges 2, 3, 5 and a contact of 7 between them.

    The face has an area of 10: halves of 3/40 and 3/80, two of each, and 7/10.
    """
    answer = network.solve(
        np.array([[[1], [2]]]),
        {1: 2.0, 2: (9.0, 4.0, 9.0)},
        (2.0, 3.0, 5.0),
        1,
        contact={(2, 1): 7.0},
    )
    resistance = 2 * 3 / 40 + 2 * 3 / 80 + 7 / 10
    assert answer.flow == pytest.approx(1 / resistance, rel=1e-14)
    assert answer.heat[1, 2] == pytest.approx(0.7 / resistance**2, rel=1e-14)
    assert answer.heat[1] == pytest.approx(0.15 / resistance**2, rel=1e-14)
    assert answer.current == pytest.approx({1: answer.flow / 2, 2: answer.flow / 2}, rel=1e-14)
    assert answer.potential.ravel() == pytest.approx(
        [1 - 0.075 / resistance, 0.0375 / resistance], rel=1e-14
    )


ITERATIONS = 45
"""A third more than the largest count seen, 34, at a contrast of 1e8."""


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("contrast", [1e2, 1e4, 1e6, 1e8])
@pytest.mark.parametrize("phases", [2, 3, 4])
def test_iterations_stay_bounded_for_white_noise(phases, contrast, sides):
    labels = random_labels(phases, (10, 10, 10), phases, 0.0)
    k = contrast ** np.linspace(0, 1, phases)
    conductivity = {label + 1: float(value) for label, value in enumerate(k)}
    case = Case(labels, conductivity, (1.0, 2.0, 1.5), "y", sides, {})
    solution = case.solved()
    assert effective(solution) == pytest.approx(case.expected().effective_conductivity, rel=EXACT)
    assert solution.report.iterations <= ITERATIONS
