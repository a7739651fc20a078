"""Every small image against a direct sparse solve of the same equations, to 1e-9."""

from __future__ import annotations

import math

import hypothesis
import numpy as np
import pytest
from support import images, reference
from support.solving import TIGHT, conduct, effective, volume_of

import twin
from meshing.volume import Volume
from meshing.voxel_mesh import voxel_mesh


@hypothesis.settings(max_examples=120)
@hypothesis.given(case=images.single_phase())
def test_one_phase(case):
    image, spacing, axis, sides = case
    expected = reference.solve(image.astype(float), spacing, "xyz".index(axis), sides)
    hypothesis.event(f"percolates: {expected.driven.any()}, {sides}")
    volume = Volume(image.astype(np.uint8), spacing, {"solid": 0, "pore": 1})
    if not image.any():
        with pytest.raises(ValueError, match="pore"):
            twin.tortuosity(volume, "pore", axis, sides)
        return
    t = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)
    assert t.percolates == expected.driven.any()
    assert t.percolating_fraction == pytest.approx(expected.driven.sum() / image.sum(), abs=1e-12)
    assert t.relative_diffusivity == pytest.approx(expected.effective_conductivity, rel=1e-9)
    if t.percolates:
        tau = image.mean() / expected.effective_conductivity
        assert t.tortuosity_factor == pytest.approx(tau, rel=1e-9)
    else:
        assert math.isinf(t.tortuosity_factor)


@hypothesis.settings(max_examples=120)
@hypothesis.given(case=images.many_phases())
def test_several_conductivities(case):
    k, spacing, axis, sides = case
    expected = reference.solve(k, spacing, "xyz".index(axis), sides)
    hypothesis.event(f"percolates: {expected.driven.any()}, {sides}")
    volume, conductivity = volume_of(k, spacing)
    mesh = voxel_mesh(volume, list(conductivity), "xyz".index(axis), sides)
    assert mesh.percolates == expected.driven.any()
    assert np.array_equal(mesh.active(), expected.driven)
    if mesh.percolates:
        solution = conduct(volume, conductivity, axis, sides, TIGHT)
        assert effective(solution) == pytest.approx(expected.effective_conductivity, rel=1e-9)


@hypothesis.settings(max_examples=60)
@hypothesis.given(case=images.many_phases())
def test_field_and_planes(case):
    """The flow is an energy that the field minimises, so the field has about half of its digits."""
    k, spacing, axis, sides = case
    expected = reference.solve(k, spacing, "xyz".index(axis), sides)
    hypothesis.assume(expected.driven.any())
    volume, conductivity = volume_of(k, spacing)
    solution = conduct(volume, conductivity, axis, sides, TIGHT)
    potential = solution.potential()
    assert np.array_equal(np.isfinite(potential), expected.driven)
    assert potential[expected.driven] == pytest.approx(
        expected.potential[expected.driven], abs=5e-5
    )
    assert solution.plane_flows == pytest.approx(expected.plane_flows.mean(), rel=2e-4)


def test_the_direct_solve_conserves_its_own_flow():
    """What the images are compared with carries the same flow through all planes to 1e-12."""
    k = np.random.default_rng(7).choice([0.0, 1.0, 30.0], (9, 8, 7), p=[0.3, 0.4, 0.3])
    flows = reference.solve(k, (2.0, 0.5, 1.0), 0, "periodic").plane_flows
    assert flows[0] > 0
    assert flows == pytest.approx(flows[0], rel=1e-12)
