"""Generated volumes: the same every time, the fractions asked for, pores that percolate."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from meshing import generate
from meshing.errors import InputError
from meshing.voxel_mesh import voxel_mesh

ANISOTROPIC = (8e-7, 5e-7, 1e-6)


def fingerprint(volume) -> str:
    return hashlib.sha256(volume.labels.tobytes()).hexdigest()


def test_an_electrode_is_the_same_every_time_and_another_with_another_seed():
    first, again, other = (generate.electrode((30, 28, 26), 1e-6, seed=s) for s in (4, 4, 5))
    assert fingerprint(first) == fingerprint(again)
    assert fingerprint(first) != fingerprint(other)


@pytest.mark.parametrize("spacing", [5e-7, ANISOTROPIC])
@pytest.mark.parametrize(("active", "binder"), [(0.45, 0.13), (0.6, 0.05), (0.3, 0.0)])
def test_an_electrode_has_the_fractions_asked_for(active, binder, spacing):
    volume = generate.electrode(
        (60, 60, 60), spacing, active_fraction=active, binder_fraction=binder, seed=1
    )
    few = 5 / volume.labels.size
    assert volume.phases == {"pore": 0, "AM": 1, "CBD": 2}
    assert volume.volume_fraction("AM") == pytest.approx(active, abs=few)
    assert volume.volume_fraction("CBD") == pytest.approx(binder, abs=few)
    assert volume.labels.dtype == np.uint8


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_default_electrode_has_pores_and_binder_through_it(axis, sides):
    volume = generate.electrode()
    assert voxel_mesh(volume, ["pore"], axis, sides).percolating_fraction > 0.99
    assert voxel_mesh(volume, ["CBD"], axis, sides).percolating_fraction > 0.8


def test_particles_are_round_in_metres_and_binder_lies_on_them():
    volume = generate.electrode((50, 80, 40), ANISOTROPIC, seed=3)
    active = volume.labels == 1
    # A sphere is as long in metres along every axis: so are its chords, on average.
    chords = [
        active.sum() / np.count_nonzero(np.diff(active.astype(np.int8), axis=a) == 1) * h
        for a, h in enumerate(volume.spacing)
    ]
    assert max(chords) < 1.35 * min(chords)
    binder = volume.labels == 2
    beside = np.zeros_like(active)
    for axis in range(3):
        beside |= np.roll(active, 1, axis) | np.roll(active, -1, axis)
    assert (binder & beside).sum() / binder.sum() > 1.5 * beside[~active].mean()


def test_blobs_have_their_fraction_their_size_and_fit_together_when_periodic():
    fine, coarse = (generate.blobs((48, 48, 48), 0.3, length, seed=2) for length in (1.5, 4.0))
    edges = [np.count_nonzero(np.diff(v.labels.astype(np.int8), axis=0)) for v in (fine, coarse)]
    assert edges[0] > 2 * edges[1]
    assert fine.volume_fraction("pore") == pytest.approx(0.3, abs=1e-4)
    unlike = {
        periodic: np.count_nonzero(labels[0] != labels[-1])
        for periodic in (False, True)
        for labels in [generate.blobs((48, 48, 48), 0.5, 4.0, periodic=periodic, seed=2).labels]
    }
    assert unlike[True] < unlike[False] / 2


def test_blobs_are_round_in_metres():
    labels = generate.blobs((96, 32, 32), 0.5, 4e-9, (1e-9, 3e-9, 3e-9), seed=1).labels
    per_metre = [
        np.count_nonzero(np.diff(labels.astype(np.int8), axis=a)) / h
        for a, h in enumerate((1, 3, 3))
    ]
    assert max(per_metre) < 1.3 * min(per_metre)


def test_channels_layers_and_squares():
    channels = generate.channels((6, 6, 6), "y", width=1, pitch=3).labels
    assert (channels == channels[:, :1]).all()
    assert channels[:, 0].sum() == 4
    layers = generate.layers((2, 3, 7), "z", {"A": 2, "B": 1})
    assert layers.labels[1, 2].tolist() == [0, 0, 1, 0, 0, 1, 0]
    assert layers.phases == {"A": 0, "B": 1}
    board = generate.checkerboard((4, 4, 2), 2).labels
    assert board[:, :, 1].tolist() == [[0, 0, 1, 1]] * 2 + [[1, 1, 0, 0]] * 2


def test_an_array_of_spheres_is_centred_and_repeats():
    one = generate.sphere_array((16, 8, 8), 4e-9, (1e-9, 2e-9, 2e-9)).labels
    assert (one == one[::-1, ::-1, ::-1]).all()
    assert one.mean() == pytest.approx(4 / 3 * np.pi / 64, rel=0.1)
    two = generate.sphere_array((16, 8, 8), 4e-9, (1e-9, 2e-9, 2e-9), repeat=(1, 2, 1)).labels
    assert two.shape == (16, 16, 8)
    assert (two[:, :8] == one).all()
    assert (two[:, 8:] == one).all()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: generate.electrode((9, 9)), "a shape is three whole numbers"),
        (lambda: generate.electrode((9, 9, 0)), "a shape is three whole numbers"),
        (
            lambda: generate.electrode((9, 9, 9), active_fraction=0.8, binder_fraction=0.2),
            "add up to less than 1",
        ),
        (lambda: generate.electrode((9, 9, 9), particle_radius=0.0), "particle radius must be"),
        (lambda: generate.blobs((9, 9, 9), 1.5, 2.0), "volume fractions must be"),
        (lambda: generate.blobs((9, 9, 9), 0.5, 2.0, spacing=1e-9), "within the volume"),
        (lambda: generate.channels((9, 9, 9), "w", 1, 3), 'an axis is "x", "y" or "z"'),
        (lambda: generate.sphere_array((9, 9, 9), -1.0), "radius must be above 0"),
    ],
)
def test_wrong_arguments_are_told(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
