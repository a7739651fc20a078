"""Electrodes of particles: what was asked for is what the image has."""

from __future__ import annotations

import hashlib

import numba
import numpy as np
import pytest

from meshing import generate
from meshing.errors import InputError

ANISOTROPIC = (3e-7, 4e-7, 2.5e-7)


def fingerprint(made) -> str:
    return hashlib.sha256(made.volume.labels.tobytes() + made.bodies.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def mx1():
    """The fractions and the D50 of MX-1, doi:10.1002/aenm.202003529."""
    return generate.particle_electrode((96, 96, 96), "250nm", seed=1)


def test_it_is_the_same_every_time_with_any_threads_and_another_with_another_seed():
    def make(seed: int):
        return generate.particle_electrode((40, 36, 44), ANISOTROPIC, periodic=False, seed=seed)

    first = fingerprint(make(3))
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        assert fingerprint(make(3)) == first
    finally:
        numba.set_num_threads(before)
    assert fingerprint(make(4)) != first


def test_fractions_are_met_to_half_a_voxel(mx1):
    half = 0.5 / mx1.volume.labels.size
    assert set(mx1.volume.phases) == {"pore", "AM", "CBD"}
    for phase, fraction in {"AM": 0.744, "CBD": 0.075}.items():
        assert abs(mx1.volume.volume_fraction(phase) - fraction) <= half
        assert mx1.achieved[phase] == mx1.volume.volume_fraction(phase)
    assert mx1.targets["pore"] == pytest.approx(0.181)


def test_sizes_are_met_to_a_few_per_cent(mx1):
    assert mx1.targets["D50"] == 4.6e-6
    for name in ("D10", "D50", "D90"):
        assert mx1.achieved[name] == pytest.approx(mx1.targets[name], rel=0.03)
    assert mx1.achieved["aspect ratio"] == pytest.approx(1, abs=0.03)


def test_bodies_are_numbered_and_are_the_active_material(mx1):
    assert ((mx1.bodies > 0) == (mx1.volume.labels == 1)).all()
    assert np.unique(mx1.bodies).tolist() == list(range(int(mx1.achieved["bodies"]) + 1))


def test_a_cut_out_of_a_larger_electrode_has_the_sizes_too():
    found = [
        generate.particle_electrode(
            (72, 60, 64), ANISOTROPIC, d50="3um", periodic=False, seed=seed
        ).achieved["D50"]
        for seed in range(6)
    ]
    assert np.mean(found) == pytest.approx(3e-6, rel=0.04)


def test_opposite_faces_fit_together_when_periodic():
    unlike = {
        periodic: np.count_nonzero(labels[0] != labels[-1])
        / np.count_nonzero(labels[0] != labels[1])
        for periodic in (True, False)
        for labels in [
            generate.particle_electrode(
                (64, 64, 64), 4e-7, active_fraction=0.5, periodic=periodic
            ).volume.labels
        ]
    }
    assert unlike[True] < 1.3
    assert unlike[False] > 3


@pytest.mark.parametrize(("ratio", "cosine"), [(2.0, 0.99), (0.4, 0.99)])
def test_ellipsoids_have_their_aspect_and_direction(ratio, cosine):
    made = generate.particle_electrode(
        (64, 48, 77), ANISOTROPIC, active_fraction=0.35, binder_fraction=0.05, aspect_ratio=ratio,
        orientation="z",
    )  # fmt: skip
    assert made.achieved["aspect ratio"] == pytest.approx(ratio, rel=0.05)
    assert made.achieved["cos2 z"] > cosine
    assert made.achieved["D50"] == pytest.approx(4.6e-6, rel=0.05)
    # Chords along the axis over those across it are as the aspect ratio.
    active = (made.volume.labels == 1).astype(np.int8)
    chords = [
        active.sum() / np.count_nonzero(np.diff(active, axis=a) == 1) * h
        for a, h in enumerate(ANISOTROPIC)
    ]
    assert chords[2] / np.mean(chords[:2]) == pytest.approx(ratio, rel=0.15)


def test_scatter_and_planes():
    made = {
        orientation: generate.particle_electrode(
            (60, 60, 60), 4e-7, active_fraction=0.3, aspect_ratio=1.8, orientation=orientation,
            scatter=scatter,
        ).achieved
        for orientation, scatter in ((None, 0.0), ("x", 15.0), ("yz", 0.0))
    }  # fmt: skip
    assert made[None]["cos2 x"] == pytest.approx(1 / 3, abs=0.12)
    assert 0.8 < made["x"]["cos2 x"] < 0.97
    assert made["yz"]["cos2 x"] == pytest.approx(0, abs=1e-12)


def test_films_lie_on_particles_and_clusters_in_lumps():
    made = {
        binder: generate.particle_electrode(
            (64, 64, 64), 3e-7, active_fraction=0.5, binder_fraction=0.1, binder=binder
        ).volume.labels
        for binder in ("film", "clusters")
    }
    on_particles = {k: share_of_faces(v, 2, 1) for k, v in made.items()}
    assert on_particles["film"] > 1.3 * on_particles["clusters"]
    faces = {
        k: sum(np.count_nonzero(np.diff(v == 2, axis=a)) for a in range(3)) for k, v in made.items()
    }
    assert faces["clusters"] < 0.7 * faces["film"]


def share_of_faces(labels, phase, other) -> float:
    """Faces between two phases over all faces of the first."""
    count = total = 0
    for axis in range(3):
        here = np.moveaxis(labels, axis, 0)
        for a, b in ((here[1:], here[:-1]), (here[:-1], here[1:])):
            total += np.count_nonzero((a == phase) & (b != phase))
            count += np.count_nonzero((a == phase) & (b == other))
    return count / total


def test_the_summary_has_targets_beside_what_was_made(mx1):
    text = mx1.summary()
    assert "D50             4.6 µm" in text
    assert "0.7440    0.7440" in text
    data = mx1.to_dict()
    assert data["targets"]["D50"] == 4.6e-6
    assert data["achieved"]["bodies"] == int(data["achieved"]["bodies"])
    assert repr(mx1).startswith("<Generated Volume 96 x 96 x 96")


def test_where_no_particle_is_whole_no_size_is_claimed():
    made = generate.particle_electrode((8, 8, 8), 5e-7, d50=6e-6, periodic=False)
    assert np.isnan(made.achieved["D50"])
    assert made.achieved["AM"] == pytest.approx(0.744, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"active_fraction": 0.95, "binder_fraction": 0.1}, "add up to less than 1"),
        ({"d50": "60um"}, "too large for a volume of 25.6 µm"),
        ({"d50": "0.4um"}, "less than 3 voxels of 200 nm"),
        ({"d50": -1.0}, "diameter of the particles must be above 0"),
        ({"aspect_ratio": 0.0}, "aspect ratio above 0"),
        ({"size_spread": 2.0}, "spread of sizes is at least 0"),
        ({"overlap": 1.0}, "overlap is at least 0 and below 1"),
        ({"orientation": "up"}, "an orientation is None for all directions"),
        ({"binder": "paint"}, '"clusters" or as "film"'),
        ({"binder_length": "0nm"}, "length of the binder's lumps must be above 0"),
    ],
)
def test_what_cannot_be_met_is_told(options, sentence):
    with pytest.raises(InputError, match=sentence):
        generate.particle_electrode((128, 128, 128), "200nm", **options)
