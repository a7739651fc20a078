"""Random spheres, fibres and agglomerates: porosities that are known, and no overlaps."""

from __future__ import annotations

import numpy as np
import pytest

import twin
from meshing import generate
from meshing.errors import InputError
from meshing.generate.bodies import Bodies, distances
from meshing.generate.particles import Space

ANISOTROPIC = (1e-6, 1.5e-6, 0.8e-6)


def bodies(centres, directions, across, along, half_length) -> Bodies:
    n = len(centres)
    columns = (np.broadcast_to(np.asarray(c, float), n) for c in (across, along, half_length))
    return Bodies(np.array(centres, float), np.array(directions, float), *columns, np.arange(n))


def voxel_places(shape, step):
    return np.stack(
        np.meshgrid(
            *((np.arange(n) + 0.5) * h for n, h in zip(shape, step, strict=True)), indexing="ij"
        ),
        axis=-1,
    )


def test_distances_to_balls_are_exact_and_the_two_nearest_are_kept():
    random = np.random.default_rng(1)
    shape, step, reach = (14, 11, 17), ANISOTROPIC, 4e-6
    centres = random.uniform(0, 1, (7, 3)) * np.multiply(shape, step)
    radii = random.uniform(1e-6, 3e-6, 7)
    found = distances(bodies(centres, [[0, 0, 1]] * 7, radii, radii, 0.0), shape, step, reach)
    all_of_them = np.linalg.norm(voxel_places(shape, step)[..., None, :] - centres, axis=-1) - radii
    nearest = np.sort(all_of_them, axis=-1)
    assert np.abs(found.first - np.minimum(nearest[..., 0], reach)).max() < 1e-12
    assert np.abs(found.second - np.minimum(nearest[..., 1], reach)).max() < 1e-12
    near = nearest[..., 0] < reach
    assert (found.owner[near] == all_of_them.argmin(axis=-1)[near]).all()
    assert (found.owner[~near] == -1).all()


def test_distances_to_fibres_are_those_to_their_segment():
    shape, step = (20, 18, 22), ANISOTROPIC
    middle, axis = np.array([9e-6, 12e-6, 8e-6]), np.array([0.6, 0.0, 0.8])
    made = bodies([middle], [axis], 1.5e-6, 1.5e-6, 5e-6)
    found = distances(made, shape, step, reach=2e-6).first
    offset = voxel_places(shape, step) - middle
    along = np.clip(offset @ axis, -5e-6, 5e-6)
    expected = np.linalg.norm(offset - along[..., None] * axis, axis=-1) - 1.5e-6
    assert np.abs(found - np.minimum(expected, 2e-6)).max() < 1e-12


def test_an_ellipsoid_is_inside_where_its_equation_says():
    shape, step = (30, 24, 36), ANISOTROPIC
    middle, axis = np.array([15e-6, 18e-6, 14e-6]), np.array([2.0, 1.0, 2.0]) / 3
    found = distances(bodies([middle], [axis], 4e-6, 9e-6, 0.0), shape, step, reach=2e-6).first
    offset = voxel_places(shape, step) - middle
    along = offset @ axis
    across = np.linalg.norm(offset - along[..., None] * axis, axis=-1)
    assert ((found < 0) == ((along / 9e-6) ** 2 + (across / 4e-6) ** 2 < 1)).all()


@pytest.mark.parametrize("spread", [0.0, 0.3])
@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.verification
def test_the_porosity_of_overlapping_spheres_is_that_of_the_boolean_model(spread, periodic):
    """Left to chance, the mean over many is exp(-n V): here with n V of 0.5."""
    found = [
        generate.spheres(
            (40, 30, 50), ANISOTROPIC, diameter=7e-6, fraction=1 - np.exp(-0.5), exact=False,
            size_spread=spread, periodic=periodic, seed=seed,
        ).volume.volume_fraction("matrix")
        for seed in range(24)
    ]  # fmt: skip
    assert np.mean(found) == pytest.approx(np.exp(-0.5), abs=3 * np.std(found, ddof=1) / 24**0.5)
    assert np.std(found) < 0.06


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"orientation": "z"},
        {"orientation": "xy", "scatter": 8.0},
        {"fibre_length": 25e-6},
        {"fibre_length": 60e-6, "periodic": True},
    ],
    ids=str,
)
@pytest.mark.verification
def test_the_porosity_of_fibres_is_that_of_the_boolean_model(options):
    found = [
        generate.fibres(
            (40, 30, 50),
            ANISOTROPIC,
            diameter=5e-6,
            porosity=0.7,
            exact=False,
            seed=seed,
            **options,
        ).volume.volume_fraction("pore")
        for seed in range(24)
    ]
    assert np.mean(found) == pytest.approx(0.7, abs=3 * np.std(found, ddof=1) / 24**0.5)
    assert np.std(found) < 0.08


def test_fractions_are_met_to_half_a_voxel_and_the_diameter_says_by_how_much_surfaces_moved():
    made = generate.fibres((60, 50, 40), "3.5nm", diameter="17.5nm", porosity=0.83, seed=4)
    assert abs(made.volume.volume_fraction("pore") - 0.83) <= 0.5 / made.volume.labels.size
    assert made.achieved["diameter"] == pytest.approx(17.5e-9, rel=0.15)
    assert made.achieved["diameter"] != 17.5e-9
    left = generate.fibres(
        (60, 50, 40), "3.5nm", diameter="17.5nm", porosity=0.83, seed=4, exact=False
    )
    assert left.achieved["diameter"] == 17.5e-9
    assert left.volume.volume_fraction("pore") != made.volume.volume_fraction("pore")


def mean_tau(edge: int, spacing: str) -> float:
    made = generate.fibres((edge,) * 3, spacing, diameter="17.5nm", porosity=0.83, seed=1)
    return np.mean([t.tortuosity_factor for t in twin.tortuosity(made.volume, "pore", axis="xyz")])


def test_fibres_of_nanotubes_have_the_tortuosity_of_the_cathode_of_nanotubes():
    """0.83 porous: tau near 1.15, as a Li-O2 cathode of nanotubes has it. Voxels add to it in
    proportion to their size."""
    coarse, fine = mean_tau(64, "5nm"), mean_tau(128, "2.5nm")
    assert coarse > fine
    assert 2 * fine - coarse == pytest.approx(1.15, abs=0.03)


def test_spheres_that_may_not_overlap_do_not():
    made = generate.spheres(
        (50, 40, 60), ANISOTROPIC, diameter=9e-6, fraction=0.45, size_spread=0.2, overlap=False,
        exact=False, periodic=True, seed=2,
    )  # fmt: skip
    # Every sphere is a piece of its own: a voxel's neighbour of another sphere would be an overlap
    # or a contact closer than a voxel, so volumes are compared with the spheres' own instead.
    assert made.achieved["sphere"] == pytest.approx(0.45, abs=0.005)
    assert made.achieved["D50"] == pytest.approx(9e-6, rel=0.03)
    assert made.targets["matrix"] == 0.55


def test_packed_spheres_keep_their_distance():
    from meshing.generate.particles import Particles

    space = Space((60, 60, 60), (1e-6,) * 3, periodic=True)
    random = np.random.default_rng(3)
    packed, worst = Particles(9e-6, 0.25, 1.0, None, 0.0).packed(space, 0.5, 0.0, 2000, random)
    assert worst == 0.0
    offsets = packed.centres[:, None] - packed.centres
    offsets -= space.edges * np.rint(offsets / space.edges)
    touching = packed.across[:, None] + packed.across
    gaps = np.linalg.norm(offsets, axis=-1) - touching + np.diag(2 * np.diag(touching))
    assert gaps.min() >= -1e-6 * packed.across.min()


def test_equal_spheres_that_cannot_come_apart_are_told():
    with pytest.raises(InputError, match="were not brought apart"):
        generate.spheres((20, 20, 20), diameter=9, fraction=0.75, overlap=False)


def test_agglomerates_have_their_fractions_and_leave_large_pores():
    made = generate.agglomerates((80, 64, 72), (9e-9, 11e-9, 10e-9), seed=5)
    half = 0.5 / made.volume.labels.size
    assert abs(made.volume.volume_fraction("carbon") - 0.22) <= half
    assert abs(made.volume.volume_fraction("binder") - 0.03) <= half
    assert made.achieved["D50"] == pytest.approx(80e-9, rel=0.1)
    # Carbon is far more uneven over boxes of 200 nm than spheres scattered at random.
    alone = generate.spheres(
        (80, 64, 72), (9e-9, 11e-9, 10e-9), diameter=80e-9, fraction=0.22, seed=5
    )
    uneven = [
        np.std((v.labels == 1).reshape(4, 20, 4, 16, 4, 18).mean(axis=(1, 3, 5)))
        for v in (made.volume, alone.volume)
    ]
    assert uneven[0] > 1.3 * uneven[1]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: generate.spheres((9, 9, 9), diameter=4, fraction=1.0), "volume fractions must be"),
        (lambda: generate.spheres((9, 9, 9), diameter=0, fraction=0.2), "must be above 0"),
        (lambda: generate.spheres((9, 9, 9), diameter=400, fraction=0.001), "holds too few"),
        (lambda: generate.fibres((9, 9, 9), diameter=4, porosity=1.2), "volume fractions must be"),
        (lambda: generate.fibres((9, 9, 9), diameter=-4, porosity=0.2), "fibres must be above 0"),
        (
            lambda: generate.fibres((9, 9, 9), diameter=4, porosity=0.5, periodic=True),
            "do not fit together; give their length",
        ),
        (
            lambda: generate.agglomerates((20, 20, 20), carbon_fraction=0.7),
            "packing of 0.6 cannot make up 0.7",
        ),
    ],
)
def test_what_cannot_be_met_is_told(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
