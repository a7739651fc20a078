"""What must hold for the electrode tortuosity factor of every image, and a direct solve of each."""

from __future__ import annotations

from dataclasses import replace

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from support.electrode_cases import ask, electrodes

from meshing.volume import Volume

MANY = hypothesis.settings(max_examples=120)
SOME = hypothesis.settings(max_examples=40)
EXACT = 1e-9


@MANY
@hypothesis.given(case=electrodes())
def test_every_small_image_against_a_direct_solve(case):
    expected = case.expected()
    hypothesis.event(f"{case.sides}, {case.wall}, {len(case.reactive)} reactive")
    hypothesis.event(f"unreached pores: {expected.accessible_porosity < expected.volume_fraction}")
    e = case.solved()
    assert e.tortuosity_factor == pytest.approx(expected.tortuosity_factor, rel=EXACT)
    assert e.macmullin_number == pytest.approx(expected.macmullin_number, rel=EXACT)
    assert e.accessible_tortuosity_factor == pytest.approx(
        expected.accessible_tortuosity_factor, rel=EXACT
    )
    assert e.volume_fraction == pytest.approx(expected.volume_fraction, rel=1e-14)
    assert e.accessible_porosity == pytest.approx(expected.accessible_porosity, rel=1e-14)
    assert e.wall_area == pytest.approx(expected.wall_area, rel=1e-12)
    assert dict(e.wall_areas) == pytest.approx(dict(expected.wall_areas), rel=1e-12)


@MANY
@hypothesis.given(case=electrodes())
def test_the_bound_from_slices(case):
    """Of the package, and that of the planes between the layers of voxels, which is as rigorous."""
    e = case.solved()
    # Where layers are equipotential the bound is met, to rounding and to what iteration leaves.
    assert e.lower_bound <= e.tortuosity_factor * (1 + EXACT)
    planes = case.expected().slice_bound
    assert planes <= e.tortuosity_factor * (1 + EXACT)
    assert e.lower_bound == pytest.approx(planes, rel=1e-12)
    assert e.residual * e.gradient_factor == pytest.approx(e.tortuosity_factor, rel=1e-12)


@SOME
@hypothesis.given(case=electrodes())
def test_the_other_orientation_is_the_mirrored_image(case):
    mirrored = case.with_labels(np.flip(case.volume.labels, "xyz".index(case.axis)))
    hypothesis.assume(mirrored.has_walls())
    e = case.solved(flip=True)
    expected = mirrored.expected()
    assert e.flipped.tortuosity_factor == pytest.approx(expected.tortuosity_factor, rel=EXACT)
    assert e.flipped.wall_area == pytest.approx(expected.wall_area, rel=1e-12)


@SOME
@hypothesis.given(case=electrodes(largest=5))
def test_a_mirror_image_has_one_tortuosity_factor(case):
    """An image joined to its mirror looks the same from both ends."""
    a = "xyz".index(case.axis)
    labels = case.volume.labels
    joined = case.with_labels(np.concatenate([labels, np.flip(labels, a)], a))
    hypothesis.assume(joined.has_walls())
    e = joined.solved(flip=True)
    assert e.flipped.tortuosity_factor == pytest.approx(e.tortuosity_factor, rel=EXACT)
    assert e.flipped.lower_bound == pytest.approx(e.lower_bound, rel=EXACT)


@SOME
@hypothesis.given(case=electrodes(), across=st.sampled_from([1, 2]))
def test_a_mirror_beside_the_axis_changes_nothing(case, across):
    side = ("xyz".index(case.axis) + across) % 3
    labels = case.volume.labels
    expected = case.solved().tortuosity_factor
    mirrored = case.with_labels(np.flip(labels, side)).solved()
    assert mirrored.tortuosity_factor == pytest.approx(expected, rel=EXACT)
    if case.sides == "no-flux":  # sides are planes of symmetry
        joined = np.concatenate([labels, np.flip(labels, side)], side)
        doubled = case.with_labels(joined).solved()
        assert doubled.tortuosity_factor == pytest.approx(expected, rel=EXACT)


@SOME
@hypothesis.given(case=electrodes(), order=st.permutations((0, 1, 2)))
def test_turning_the_image_turns_the_axis(case, order):
    volume = Volume(
        case.volume.labels.transpose(order),
        tuple(case.volume.spacing[a] for a in order),
        case.volume.phases,
    )
    axis = "xyz"[list(order).index("xyz".index(case.axis))]
    turned = replace(case, volume=volume, axis=axis).solved()
    e = case.solved()
    assert turned.tortuosity_factor == pytest.approx(e.tortuosity_factor, rel=EXACT)
    assert turned.lower_bound == pytest.approx(e.lower_bound, rel=EXACT)
    assert turned.wall_area == pytest.approx(e.wall_area, rel=1e-12)


@SOME
@hypothesis.given(
    case=electrodes(),
    length=st.sampled_from([1e-9, 3.7, 1e6]),
    capacitance=st.sampled_from([1e-12, 0.3, 1e9]),
    conductivity=st.sampled_from([1e-3, 40.0]),
)
def test_units_of_length_capacitance_and_conductivity(case, length, capacitance, conductivity):
    e = case.solved()
    spacing = tuple(length * h for h in case.volume.spacing)
    scaled = replace(
        case,
        volume=Volume(case.volume.labels, spacing, case.volume.phases),
        reactive={name: capacitance * c for name, c in case.reactive.items()},
    ).solved()
    assert scaled.tortuosity_factor == pytest.approx(e.tortuosity_factor, rel=EXACT)
    assert scaled.wall_area == pytest.approx(length**2 * e.wall_area, rel=1e-12)
    resistance = e.macmullin_number * length * case.length / conductivity
    assert scaled.ionic_resistance(conductivity) == pytest.approx(resistance, rel=EXACT)


@SOME
@hypothesis.given(case=electrodes(largest=6), across=st.sampled_from([1, 2]))
def test_tiles_between_periodic_sides(case, across):
    """Two tiles side by side, and the tile moved past its side, are the tile."""
    side = ("xyz".index(case.axis) + across) % 3
    case = replace(case, sides="periodic")
    hypothesis.assume(case.has_walls())
    labels = case.volume.labels
    # A tile one voxel thick neighbours itself, and through that face nothing passes either way.
    expected = case.solved().tortuosity_factor
    tiles = case.with_labels(np.concatenate([labels, labels], side)).solved()
    assert tiles.tortuosity_factor == pytest.approx(expected, rel=EXACT)
    moved = case.with_labels(np.roll(labels, 1 + labels.shape[side] // 2, side)).solved()
    assert moved.tortuosity_factor == pytest.approx(expected, rel=EXACT)


@SOME
@hypothesis.given(case=electrodes(largest=5), times=st.sampled_from([2, 3]))
def test_thick_voxels_are_thin_ones_where_nothing_changes_across_them(case, times):
    """One voxel of thickness t h, or t of thickness h: an image extruded beside the axis."""
    side = ("xyz".index(case.axis) + 1) % 3
    flat = case.with_labels(np.take(case.volume.labels, [0], side))
    hypothesis.assume(set(flat.reactive) <= _names(flat.volume) and flat.has_walls())
    spacing = list(case.volume.spacing)
    spacing[side] *= times
    thick = replace(flat, volume=Volume(flat.volume.labels, tuple(spacing), flat.volume.phases))
    thin = flat.with_labels(np.repeat(flat.volume.labels, times, side))
    assert thin.solved().tortuosity_factor == pytest.approx(
        thick.solved().tortuosity_factor, rel=EXACT
    )


@pytest.mark.parametrize("spacing", [(1.0, 2.0, 1.0), (3.0, 0.2, 1.0)])
def test_one_wide_voxel_or_two_narrow_ones(spacing):
    """A slit of one voxel, or of two of half its width: no lateral field reaches the centres."""
    hx, hy, hz = spacing
    phases = {"pore": 0, "AM": 1}
    one = Volume(np.repeat([[1, 0, 1]], 9, 0), spacing, phases)
    two = Volume(np.repeat([[1, 1, 0, 0, 1, 1]], 9, 0), (hx, hy / 2, hz), phases)
    found = [ask(volume, wall="centre").tortuosity_factor for volume in (one, two)]
    assert found[0] == pytest.approx(found[1], rel=EXACT)
    assert found[0] == pytest.approx(1 + 0.5 / 9**2, rel=EXACT)


@MANY
@hypothesis.given(
    case=electrodes(), share=st.sampled_from([0.1, 0.5, 1.0]), seed=st.integers(0, 99)
)
def test_pore_that_adds_no_wall_adds_no_resistance(case, share, seed):
    """Inert solid that touches no reactive one turns into pore: R_ion falls or stays.

    The currents of before are still possible, and the resistance is the least that any have.
    """
    case = replace(case, reactive={"AM": 1.0})
    hypothesis.assume({"AM"} <= _names(case.volume) and case.has_walls())
    labels = case.volume.labels
    free = (labels == 2) & ~_beside(labels == 1, case)
    free &= np.random.default_rng(seed).random(labels.shape) < share
    hypothesis.assume(free.any())
    opened = case.with_labels(np.where(free, 0, labels))
    # Pores that were closed and now are reached would bring their walls with them.
    hypothesis.assume(opened.expected().wall_area == case.expected().wall_area)
    before, after = case.solved(), opened.solved()
    hypothesis.event(f"falls: {after.macmullin_number < before.macmullin_number * (1 - 1e-6)}")
    assert after.macmullin_number <= before.macmullin_number * (1 + EXACT)


def _beside(mask: np.ndarray, case) -> np.ndarray:
    """Voxels that share a face with one of the mask."""
    beside = np.zeros_like(mask)
    for a in range(3):
        wrap = case.sides == "periodic" and a != "xyz".index(case.axis)
        for step in (-1, 1):
            moved = np.roll(mask, step, a)
            if not wrap:
                edge = [slice(None)] * 3
                edge[a] = 0 if step == 1 else -1
                moved[tuple(edge)] = False
            beside |= moved
    return beside


def _names(volume: Volume) -> set[str]:
    return {name for name in volume.phases if volume.voxel_count(name) > 0}
