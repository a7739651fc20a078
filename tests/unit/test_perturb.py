"""Interfaces moved at random: how many voxels change, which, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from support.images import seeds, shapes

import twin
from meshing.errors import InputError

ELECTRODE = twin.generate.electrode((30, 26, 28), (1e-6, 2e-6, 1e-6), seed=2)


def at_interfaces(labels, phases):
    """Which voxels have a neighbour of another phase across a face; -1 is no phase."""
    kinds = np.full(labels.shape, -1)
    for index, values in enumerate(phases.values()):
        kinds[np.isin(labels, values)] = index
    found = np.zeros(labels.shape, bool)
    for axis in range(3):
        a, b = np.moveaxis(kinds, axis, 0)[:-1], np.moveaxis(kinds, axis, 0)[1:]
        differ = (a != b) & (a >= 0) & (b >= 0)
        view = np.moveaxis(found, axis, 0)
        view[:-1] |= differ
        view[1:] |= differ
    return found


@settings(max_examples=60)
@given(shapes, seeds, st.sampled_from([0.02, 0.1, 0.3]))
def test_the_share_of_the_voxels_at_interfaces_changes(shape, seed, share):
    """Exactly, where enough voxels may change, and these lie at interfaces."""
    labels = np.random.default_rng(seed).integers(0, 5, shape)
    phases = {"a": 0, "b": (1, 2), "c": 3}  # label 4 belongs to no phase
    volume = twin.Volume(labels, phases=phases)
    before = at_interfaces(labels, phases)
    if not before.any():
        return
    other = twin.perturb(volume, share, 1, seed=seed % 100).labels
    changed = other != labels
    assert np.count_nonzero(changed) == round(share * np.count_nonzero(before))
    assert before[changed].all()
    np.testing.assert_array_equal(other[labels == 4], 4)
    assert (other != 4)[labels != 4].all()


def test_a_voxel_takes_the_label_of_a_neighbour_of_another_phase():
    other = twin.perturb(ELECTRODE, 0.3, 1, seed=4).labels
    before = ELECTRODE.labels
    for x, y, z in np.argwhere(other != before):
        around = {
            int(before[u, v, w])
            for u, v, w in ((x - 1, y, z), (x + 1, y, z), (x, y - 1, z), (x, y + 1, z),
                            (x, y, z - 1), (x, y, z + 1))
            if 0 <= u < 30 and 0 <= v < 26 and 0 <= w < 28
        }  # fmt: skip
        assert other[x, y, z] in around


@pytest.mark.parametrize("how", [{}, {"width": "1um", "patch": "5um"}], ids=["voxels", "patches"])
def test_a_seed_says_it_all(how):
    one, same, other = (twin.perturb(ELECTRODE, seed=seed, **how) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.labels, same.labels)
    assert np.count_nonzero(one.labels != other.labels) > 100
    assert one.spacing == ELECTRODE.spacing and one.phases == ELECTRODE.phases
    assert one.labels.dtype == ELECTRODE.labels.dtype


def test_no_interface_moves_further_than_the_iterations():
    labels = np.zeros((20, 12, 12), np.uint8)
    labels[10:] = 1
    volume = twin.Volume(labels, phases={"a": 0, "b": 1})
    for iterations in (1, 3):
        other = twin.perturb(volume, 0.4, iterations, seed=1).labels
        changed = np.flatnonzero((other != labels).any(axis=(1, 2)))
        assert changed.min() >= 10 - iterations and changed.max() < 10 + iterations
    assert len(changed) == 6


def test_both_phases_of_a_flat_interface_gain_alike(record_property):
    labels = np.zeros((20, 60, 60), np.uint8)
    labels[10:] = 1
    volume = twin.Volume(labels, phases={"a": 0, "b": 1})
    gains = [
        np.count_nonzero(twin.perturb(volume, 0.1, 1, seed=s).labels == 0) - 36000
        for s in range(40)
    ]
    # 720 coins are tossed each time, and every one gains or loses a voxel.
    assert abs(np.mean(gains)) < 4 * np.sqrt(720 / 40)
    assert np.std(gains) == pytest.approx(np.sqrt(720), rel=0.35)


def test_patches_displace_a_flat_interface_by_their_width():
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[30:] = 1
    volume = twin.Volume(labels, (1e-6, 2e-6, 1e-6), {"a": 0, "b": 1})
    heights = np.array(
        [
            np.count_nonzero(
                twin.perturb(volume, width="2um", patch="12um", seed=seed).labels == 0, axis=0
            )
            for seed in range(30)
        ]
    )
    moved = heights - 30.0
    # Whole layers move: rounding adds a twelfth to the variance.
    assert moved.std() == pytest.approx(np.sqrt(2.0**2 + 1 / 12), rel=0.1)
    assert abs(moved.mean()) < 0.4
    # Within half a patch the interface moves alike, and places two patches apart do not.
    near = np.mean(moved[:, :-3] * moved[:, 3:]) / moved.var()
    far = np.mean(moved[:, :-12] * moved[:, 12:]) / moved.var()
    assert near > 0.75 and abs(far) < 0.25
    sideways = np.mean(moved[:, :, :-6] * moved[:, :, 6:]) / moved.var()
    assert near == pytest.approx(sideways, abs=0.1)  # three voxels of 2 um are six of 1 um


def test_patches_keep_interfaces_smooth():
    """The area of a ball's faces hardly grows by patches, and by half where voxels move singly."""
    away = [(np.arange(40) - 19.5) ** 2] * 3
    ball = twin.Volume(sum(np.ix_(*away)) < 14**2, "1um", {"pore": 0, "AM": 1})

    def faces(volume):
        return twin.interface(volume, "pore", "AM").area

    smooth = twin.perturb(ball, width="1um", patch="10um", seed=1)
    rough = twin.perturb(ball, seed=1)
    assert faces(smooth) < 1.15 * faces(ball)
    assert faces(rough) > 1.5 * faces(ball)


def test_only_named_interfaces_move():
    other = twin.perturb(ELECTRODE, 0.3, 2, between=[("AM", "CBD")], seed=1)
    pores = ELECTRODE.labels == ELECTRODE.phases["pore"]
    np.testing.assert_array_equal(other.labels == ELECTRODE.phases["pore"], pores)
    assert (other.labels != ELECTRODE.labels).any()
    by_patches = twin.perturb(ELECTRODE, between=[("AM", "CBD")], width="1um", patch="6um", seed=1)
    np.testing.assert_array_equal(by_patches.labels == ELECTRODE.phases["pore"], pores)
    assert (by_patches.labels != ELECTRODE.labels).any()


def test_changes_stay_near_the_interfaces():
    near = ndimage.binary_dilation(at_interfaces(ELECTRODE.labels, ELECTRODE.phases), iterations=4)
    other = twin.perturb(ELECTRODE, 0.1, 5, seed=7)
    assert near[other.labels != ELECTRODE.labels].all()


ONE = twin.Volume(np.zeros((4, 4, 4), np.uint8), phases={"pore": 0})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (dict(share=0.0), "the share of the voxels at interfaces lies above 0, .* found 0.0"),
        (dict(share=1.5), "found 1.5"),
        (dict(iterations=0), "iterations are a whole number from 1 on; found 0"),
        (dict(iterations=2.5), "found 2.5"),
        (dict(seed=-1), "a seed is a whole number from 0 on; found -1"),
        (dict(seed=None), "found None"),
        (dict(width="1um"), "needs its width and the distance of its patches"),
        (dict(patch="10um"), "needs its width and the distance of its patches"),
        (dict(width=0.0, patch="10um"), "the width of a displacement is above 0 m; found 0.0"),
        (dict(width="1um", patch="3um"), "a patch is two voxels long at least, 4e-06 m; found"),
        (dict(between=[("AM", "AM")]), "an interface lies between two phases"),
        (dict(between=["AM"]), r"as \('AM', 'CBD'\); found 'AM'"),
        (dict(between=[("AM", "CBD", "pore")]), "an interface lies between two phases"),
        (dict(between=[("AM", "XX")]), "there is no phase 'XX'"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments, said):
    with pytest.raises(InputError, match=said):
        twin.perturb(ELECTRODE, **arguments)


def test_a_volume_without_interfaces():
    with pytest.raises(InputError, match="no two voxels of the phases share a face"):
        twin.perturb(ONE)
    with pytest.raises(InputError, match="the volume has no phase"):
        twin.perturb(twin.Volume([[0, 1]], phases={}))


def test_a_spacing_that_is_unknown_counts_voxels():
    volume = twin.Volume(ELECTRODE.labels, phases=ELECTRODE.phases)
    assert (twin.perturb(volume, width=1.0, patch=6.0).labels != volume.labels).any()
    with pytest.raises(InputError, match=r"2 voxels \(the spacing is unknown\)"):
        twin.perturb(volume, width="1um", patch="5um")
