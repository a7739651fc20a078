"""What must hold for every image, whatever its answer is."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from support import images
from support.solving import effective_conductivity, volume_of

EXAMPLES = hypothesis.settings(max_examples=40)


def conductivity_of(k, spacing, axis, sides) -> float:
    volume, conductivity = volume_of(k, spacing)
    return effective_conductivity(volume, conductivity, axis, sides)


@EXAMPLES
@hypothesis.given(case=images.many_phases(), order=st.permutations((0, 1, 2)))
def test_turning_the_image_turns_the_axis(case, order):
    k, spacing, axis, sides = case
    turned = k.transpose(order)
    turned_spacing = tuple(spacing[a] for a in order)
    turned_axis = "xyz"[list(order).index("xyz".index(axis))]
    found = conductivity_of(turned, turned_spacing, turned_axis, sides)
    assert found == pytest.approx(conductivity_of(k, spacing, axis, sides), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=images.many_phases(), mirrored=st.sampled_from([0, 1, 2, (0, 1, 2)]))
def test_a_mirror_changes_nothing(case, mirrored):
    k, spacing, axis, sides = case
    found = conductivity_of(np.flip(k, mirrored), spacing, axis, sides)
    assert found == pytest.approx(conductivity_of(k, spacing, axis, sides), rel=1e-9)


@EXAMPLES
@hypothesis.given(
    case=images.many_phases(),
    length=st.sampled_from([1e-9, 3.7, 1e6]),
    factor=st.sampled_from([1e-12, 0.3, 1e9]),
)
def test_units_of_length_and_conductivity(case, length, factor):
    k, spacing, axis, sides = case
    scaled = tuple(length * h for h in spacing)
    found = conductivity_of(factor * k, scaled, axis, sides)
    assert found == pytest.approx(factor * conductivity_of(k, spacing, axis, sides), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=images.many_phases(), along=st.sampled_from([0, 1, 2]))
def test_an_image_and_its_reflection_conduct_as_the_image(case, along):
    """Faces are planes of symmetry: equipotential at the ends, without flux at the sides."""
    k, spacing, axis, _ = case
    doubled = np.concatenate([k, np.flip(k, along)], along)
    found = conductivity_of(doubled, spacing, axis, "no-flux")
    assert found == pytest.approx(conductivity_of(k, spacing, axis, "no-flux"), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=images.many_phases(), across=st.sampled_from([1, 2]))
def test_tiles_side_by_side_conduct_as_one_between_periodic_sides(case, across):
    k, spacing, axis, _ = case
    driven = "xyz".index(axis)
    doubled = np.concatenate([k, k], (driven + across) % 3)
    found = conductivity_of(doubled, spacing, axis, "periodic")
    assert found == pytest.approx(conductivity_of(k, spacing, axis, "periodic"), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=images.many_phases(), shift=st.integers(1, 11))
def test_a_shift_between_periodic_sides_changes_nothing(case, shift):
    k, spacing, axis, _ = case
    moved = np.roll(k, shift, ("xyz".index(axis) + 1) % 3)
    found = conductivity_of(moved, spacing, axis, "periodic")
    assert found == pytest.approx(conductivity_of(k, spacing, axis, "periodic"), rel=1e-9)


@EXAMPLES
@hypothesis.given(case=images.many_phases(insulator=False), along=st.sampled_from([0, 1, 2]))
def test_cutting_voxels_in_two_keeps_straight_layers(case, along):
    """Twice the voxels of half the edge: the same layers, so the same answer across and along."""
    k, spacing, axis, sides = case
    normal = "xyz".index(axis)
    layer = [0, 0, 0]
    layer[normal] = slice(None)
    across = np.expand_dims(k[tuple(layer)], [a for a in range(3) if a != normal])
    layered = np.broadcast_to(across, k.shape)
    halved = tuple(h / 2 if a == along else h for a, h in enumerate(spacing))
    found = conductivity_of(np.repeat(layered, 2, along), halved, axis, sides)
    assert found == pytest.approx(conductivity_of(layered, spacing, axis, sides), rel=1e-9)
