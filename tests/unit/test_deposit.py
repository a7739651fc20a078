"""Product in the pores of an image: known cases of films, closing voxels and particles."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest

from meshing.errors import InputError
from solvers.closing import CLOSES
from solvers.deposit import (
    CARBON,
    CLOSED,
    FULL,
    INERT,
    PORE,
    POROUS,
    Deposit,
    begin,
    grow,
    with_nuclei,
)
from solvers.exposure import by_layer, exposure

UNEVEN = (2e-9, 3e-9, 5e-9)


def image(shape: tuple[int, ...], carbon: tuple[slice | int, ...] = ()) -> np.ndarray:
    kind = np.full(shape, PORE, np.uint8)
    if carbon:
        kind[carbon] = CARBON
    return kind


def wall(axis: int, low: bool, length: int = 6) -> np.ndarray:
    """A plane of carbon at an end of an axis, pores before it."""
    kind = image((length, 1, 1))
    kind[0 if low else -1] = CARBON
    return np.moveaxis(kind, 0, axis)


def arrays(deposit: Deposit) -> list[np.ndarray]:
    found = [deposit.kind, deposit.film, deposit.particle, *deposit.sites.arrays]
    if deposit.particles is not None:
        found += [getattr(deposit.particles, field.name) for field in fields(deposit.particles)]
    return found


def near(expected: float, rel: float = 1e-12, abs: float = 0.0) -> object:
    """Approximately, without pytest's least difference of 1e-12, which is much in SI units here."""
    return pytest.approx(expected, rel=rel, abs=abs)


# Sites


def test_faces_of_pores_at_carbon_are_sites_in_the_order_of_voxels_and_sides() -> None:
    kind = image((3, 3, 3))
    kind[1, 1, 1] = CARBON
    kind[0, 0, 0] = INERT
    sites = begin(kind, UNEVEN, 2, area="voxel").sites
    assert sites.voxel.tolist() == [4, 10, 12, 14, 16, 22]
    assert sites.side.tolist() == [1, 3, 5, 4, 2, 0]
    assert (sites.carbon == 13).all()
    np.testing.assert_allclose(sites.area, np.array([15, 10, 6, 6, 10, 15]) * 1e-18, rtol=1e-15)
    assert not sites.thickness.any()


def test_a_voxel_with_carbon_on_all_sides_has_six_sites() -> None:
    kind = image((3, 3, 3), (slice(None),))
    kind[1, 1, 1] = PORE
    sites = begin(kind, UNEVEN, 0, area="voxel").sites
    assert sites.side.tolist() == list(range(6))
    assert sites.carbon.tolist() == [4, 22, 10, 16, 12, 14]


def test_sites_are_found_across_periodic_sides_but_not_along_the_axis() -> None:
    for axis in range(3):
        for across in range(3):
            deposit = begin(wall(across, True), UNEVEN, axis, "periodic", "voxel")
            assert len(deposit.sites) == (1 if across == axis else 2)


def test_nano_porous_voxels_react_inside_and_at_their_faces_to_pores() -> None:
    kind = np.array([CARBON, POROUS, PORE], np.uint8).reshape(1, 1, 3)
    deposit = begin(kind, UNEVEN, 2, area="voxel", porous_porosity=0.5, porous_area=1e9)
    sites = deposit.sites
    assert (sites.voxel.tolist(), sites.carbon.tolist()) == ([1, 2], [1, 1])
    assert sites.side.tolist() == [6, 4]
    np.testing.assert_allclose(sites.area, [3e-17, 6e-18], rtol=1e-14)
    np.testing.assert_allclose(deposit.carbon_area, 3.6e-17, rtol=1e-14)


def test_the_smooth_area_of_oblique_walls() -> None:
    x, y, _ = np.indices((40, 40, 4))
    sites = begin(np.where(x + y < 40, CARBON, PORE), (1e-9,) * 3, 2).sites
    inner = (np.abs(sites.voxel // 160 - 20) < 8) & (np.abs(sites.voxel // 4 % 40 - 20) < 8)
    np.testing.assert_allclose(sites.area[inner], 1e-18 * math.sqrt(0.5), rtol=1e-9)
    # Steps of two voxels along y to one along x, twice as long: the same wall again.
    longer = begin(np.where(2 * x + y < 40, CARBON, PORE), (2e-9, 1e-9, 1e-9), 2).sites
    place = longer.voxel // 160
    flat = longer.side < 4
    area = np.bincount(place[flat], longer.area[flat])[8:13]
    np.testing.assert_allclose(area, 4 * 2 * math.sqrt(2) * 1e-18, rtol=0.02)


def test_the_smooth_area_of_a_ball_and_of_a_ball_across_the_sides() -> None:
    n, radius = 40, 12
    away = [np.arange(n) - 19.5] * 3
    r = np.sqrt(sum(a**2 for a in np.meshgrid(*away, indexing="ij")))
    kind = np.where(r < radius, CARBON, PORE).astype(np.uint8)
    expected = 4 * math.pi * radius**2 * 1e-18
    assert begin(kind, (1e-9,) * 3, 2).carbon_area == near(expected, rel=0.02)
    moved = np.roll(kind, (n // 2, n // 2), (0, 1))
    whole = begin(kind, (1e-9,) * 3, 2, "periodic").carbon_area
    assert begin(moved, (1e-9,) * 3, 2, "periodic").carbon_area == near(whole, rel=1e-12)


def test_an_area_that_is_given_is_that_of_all_carbon() -> None:
    kind = image((4, 5, 6), (slice(0, 2),))
    kind[3, 3, 3] = POROUS
    nano: dict[str, float] = {"porous_porosity": 0.5, "porous_area": 1e9}
    deposit = begin(kind, UNEVEN, 2, area=3e7, **nano)
    faces = deposit.sites.area[deposit.sites.side < 6].sum()
    assert deposit.carbon_area == near(3e7 * 120 * 3e-26, rel=1e-13)
    assert deposit.carbon_area - faces == near(1e9 * 3e-26, rel=1e-12)
    with pytest.raises(InputError, match=r"carbon has 8\.33333e\+06 1/m inside; give more"):
        begin(kind, UNEVEN, 2, area=8e6, **nano)
    kind[:] = POROUS
    with pytest.raises(InputError, match="no carbon has faces at pores"):
        begin(kind, UNEVEN, 2, area=2e9, **nano)


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        (image((2, 2, 2)), {}, "no carbon touches any of the 8 pore voxels"),
        (image((2, 2)), {}, "has 2"),
        (wall(0, True), {"spacing": (1.0, 0.0, 1.0)}, "three positive lengths"),
        (wall(0, True) + 1, {}, "inert, carbon, pore or porous"),
        (wall(0, True) * 2, {}, "nano-porous voxels need a porosity"),
        (wall(0, True), {"area": -1.0}, "must be positive"),
        (wall(0, True), {"nuclei": 1e20}, "take fewer"),
    ],
)
def test_images_that_cannot_be(kind: np.ndarray, options: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        begin(kind, **{"spacing": UNEVEN, "axis": 2} | options)


def test_amounts_that_cannot_be() -> None:
    deposit = begin(wall(0, True), UNEVEN, 2)
    with pytest.raises(InputError, match="for each of the 1 sites"):
        grow(deposit, np.zeros(2))
    with pytest.raises(InputError, match="for each of the 1 sites"):
        grow(deposit, np.array([np.nan]))
    with pytest.raises(InputError, match="there are none"):
        grow(deposit, np.zeros(1), np.ones(1))


# Films


@pytest.mark.parametrize(("axis", "low"), [*product(range(3), (True, False))])
def test_a_flat_wall_grows_voxel_after_voxel_with_a_thickness_that_knows_no_voxels(
    axis: int, low: bool
) -> None:
    deposit = begin(wall(axis, low), UNEVEN, axis, area="voxel")
    h, volume = UNEVEN[axis], deposit.voxel_volume
    thickness, closed = 0.0, 0
    for step in np.random.default_rng(axis).uniform(0.0, 0.7, 12):
        thickness += step * h
        deposit = grow(deposit, np.array([step * volume]))
        if thickness > 5 * h:
            break
        np.testing.assert_allclose(deposit.sites.thickness, thickness, rtol=1e-13)
        closed = int(thickness / h)
        assert (deposit.kind == CLOSED).sum() == closed
        shares = np.moveaxis(deposit.film, axis, 0).ravel()[1 : -1 if low else None]
        place = closed if low else len(shares) - 1 - closed
        np.testing.assert_allclose(
            np.moveaxis(deposit.film, axis, 0).ravel()[closed + 1 if low else 4 - closed],
            thickness / h - closed, atol=1e-12,
        )  # fmt: skip
        assert place >= 0
    assert closed >= 3


def test_an_oblique_wall_grows_like_a_flat_one() -> None:
    x, y, _ = np.indices((60, 60, 2))
    deposit = begin(np.where(x + y < 50, CARBON, PORE), (1e-9,) * 3, 2, area=1.0)
    ratio = math.sqrt(0.5)
    deposit = replace(
        deposit, sites=replace(deposit.sites, area=np.full(len(deposit.sites), ratio * 1e-18))
    )
    thickness = 0.0
    for step in (0.3e-9, 0.25e-9, 0.25e-9, 0.5e-9, 0.65e-9, 0.1e-9):
        thickness += step
        deposit = grow(deposit, step * deposit.sites.area)
        sites = deposit.sites
        x, y, _ = np.unravel_index(sites.voxel, deposit.kind.shape)
        inner = np.abs(x - y) < 30
        np.testing.assert_allclose(sites.thickness[inner], thickness, rtol=1e-12)
        np.testing.assert_allclose(sites.area[inner], ratio * 1e-18, rtol=1e-12)
    assert thickness > 2.8 * ratio * 1e-9  # two layers have closed


@pytest.mark.parametrize("share", [0.999, 1.0])
def test_a_film_behind_an_edge_is_as_thick_as_its_volume_over_its_area(share: float) -> None:
    kind = image((3, 3, 1))
    kind[0], kind[:, 0] = CARBON, CARBON
    deposit = begin(kind, UNEVEN, 2, area="voxel")
    # Half through each face of the corner.
    mine = np.where(deposit.sites.voxel == 4, 0.5 * share * deposit.voxel_volume, 0.0)
    deposit = grow(deposit, mine)
    behind = deposit.sites.base[deposit.sites.base > 0]
    assert len(behind) == (0 if share < 1 else 2)
    mean = deposit.voxel_volume / 2 * (1 / 15e-18 + 1 / 10e-18) / 2
    np.testing.assert_allclose(behind, mean, rtol=1e-13)


@pytest.mark.parametrize(("part", "product"), [(1.0, 2e-9), (0.25, 2e-9), (1.25, 1.6e-9)])
def test_a_particle_in_a_voxel_adds_to_the_product_behind_it(part: float, product: float) -> None:
    """Its volume over the area, where that is no more than the distance from carbon."""
    kind = image((4, 1, 1))
    kind[0] = CARBON
    deposit = begin(kind, UNEVEN, 0, area="voxel")
    deposit = replace(deposit, sites=replace(deposit.sites, area=part * deposit.sites.area))
    deposit = with_nuclei(deposit, np.array([1]))
    volume = deposit.voxel_volume
    deposit = grow(deposit, np.array([0.1 * volume]), np.array([1.4 * volume]))
    assert deposit.kind.ravel().tolist() == [CARBON, CLOSED, PORE, PORE]
    assert deposit.particle.ravel()[1] == near(0.9, rel=1e-12)
    np.testing.assert_allclose(deposit.sites.base, product, rtol=1e-12)


@pytest.mark.parametrize("film", [0.0, 0.0005, 0.1, 0.6])
def test_electrons_come_through_a_closed_voxel_beside_its_particle_alone(film: float) -> None:
    kind = image((4, 1, 1))
    kind[0] = CARBON
    deposit = with_nuclei(begin(kind, UNEVEN, 0, area="voxel"), np.array([1]))
    first, volume, free = kind == PORE, deposit.voxel_volume, deposit.carbon_area
    first[2:] = False  # the particle stays in its first voxel
    filled = np.array([film * volume]), np.array([(0.998 - film) * volume])
    deposit = grow(deposit, *filled, reached=first)
    assert deposit.active_area.tolist() == [near(free * (0.002 + film))]
    deposit = grow(deposit, np.zeros(1), np.array([0.002 * volume]), reached=first)
    assert deposit.kind.ravel().tolist() == [CARBON, CLOSED, PORE, PORE]
    assert deposit.sites.area.tolist() == ([] if film < 0.001 else [near(free * film)])


def test_a_film_on_a_thin_fibre_is_as_thick_as_the_ring_of_its_volume() -> None:
    n, radius, h = 60, 6.0, 1e-9
    away = np.arange(n) - 29.5
    r = np.hypot(*np.meshgrid(away, away, indexing="ij"))
    kind = np.where(r < radius, CARBON, PORE).astype(np.uint8)[..., None]
    deposit = begin(np.repeat(kind, 3, axis=2), (h,) * 3, 2)
    for _ in range(40):
        deposit = grow(deposit, 0.2e-9 * deposit.sites.area)
    ring = math.sqrt(deposit.volume / (math.pi * 3 * h) + (radius * h) ** 2) - radius * h
    area = float(deposit.sites.area.sum())
    mean = float(deposit.sites.thickness @ deposit.sites.area) / area
    assert mean == near(ring, rel=0.08)
    assert area == near(2 * math.pi * (radius * h + ring) * 3 * h, rel=0.12)


def test_a_square_pore_closes_when_it_is_full() -> None:
    kind = image((7, 7, 4), (slice(None),))
    kind[2:5, 2:5] = PORE
    start = begin(kind, UNEVEN, 2, area="voxel")
    room = 9 * 4 * start.voxel_volume
    for share, is_open in ((CLOSES - 1e-9, True), (1 + 1e-9, False)):
        deposit, put = start, 0.0
        while put < share * room * (1 - 1e-12):
            area = deposit.sites.area
            made = area * min(0.37e-9, (share * room - put) / area.sum())
            deposit, put = grow(deposit, made), put + float(made.sum())
        assert ((deposit.kind == PORE).any(), len(deposit.sites) > 0) == (is_open, is_open)
        assert deposit.volume == near(share * room, rel=1e-12)
    assert deposit.film.max() > 1


@pytest.mark.parametrize("share", [0.9985, 0.9995])
def test_a_voxel_closes_when_next_to_nothing_is_left_of_its_room(share: float) -> None:
    deposit = begin(wall(0, True), UNEVEN, 0, area="voxel")
    volume = deposit.voxel_volume
    deposit = grow(deposit, np.array([share * volume]))
    closed = share > CLOSES
    assert deposit.kind.ravel()[:3].tolist() == [CARBON, CLOSED if closed else PORE, PORE]
    np.testing.assert_allclose(deposit.film.ravel(), [0, share, 0, 0, 0, 0], rtol=1e-14, atol=0)
    np.testing.assert_allclose(deposit.sites.thickness, share * UNEVEN[0], rtol=1e-14)
    assert deposit.sites.voxel.tolist() == [2 if closed else 1]
    assert deposit.all_room == near(5 * volume)  # what is left of the closed one is room as before


def test_what_has_no_room_moves_on_and_stays_where_there_is_none() -> None:
    deposit = begin(wall(0, True, 5), UNEVEN, 0, area="voxel")
    volume = deposit.voxel_volume
    along = grow(deposit, np.array([3.25 * volume]))
    np.testing.assert_allclose(along.film.ravel(), [0, 1, 1, 1, 0.25], atol=1e-14)
    assert along.sites.voxel.tolist() == [4]
    over = grow(deposit, np.array([7.5 * volume]))
    np.testing.assert_allclose(over.film.ravel(), [0, 1, 1, 1, 4.5], rtol=1e-14)
    assert len(over.sites) == 0
    assert grow(over, np.zeros(0)).volume == over.volume == near(7.5 * volume)


def test_a_nano_porous_voxel_fills_its_own_room_and_passes_on_the_rest() -> None:
    kind = np.array([POROUS, PORE, PORE], np.uint8).reshape(1, 1, 3)
    deposit = begin(kind, UNEVEN, 2, area="voxel", porous_porosity=0.25, porous_area=1e9)
    volume = deposit.voxel_volume
    half = grow(deposit, np.array([0.125 * volume, 0.0]))
    np.testing.assert_allclose(half.film.ravel(), [0.5, 0.0, 0.0], rtol=1e-14)
    np.testing.assert_allclose(half.sites.thickness, [0.125e-9, 0.0], rtol=1e-14)
    full = grow(half, np.array([0.225 * volume, 0.5 * volume]))
    assert full.kind.ravel().tolist() == [FULL, PORE, PORE]
    np.testing.assert_allclose(full.film.ravel(), [1.0, 0.6, 0.0], rtol=1e-14)
    assert (full.sites.voxel.tolist(), full.sites.carbon.tolist()) == ([1], [0])
    assert full.volume == near(0.85 * volume, rel=1e-14)


def test_a_film_may_dissolve_again() -> None:
    deposit = begin(wall(0, True), UNEVEN, 0, area="voxel")
    made = np.array([0.5 * deposit.voxel_volume])
    back = grow(grow(deposit, made), -made)
    assert (back.volume, back.sites.thickness[0]) == (0.0, 0.0)


# Particles


@pytest.mark.parametrize("spacing", [(1e-9,) * 3, (1e-9, 1.3e-9, 0.8e-9)])
def test_a_particle_in_the_open_grows_as_a_ball(spacing: tuple[float, float, float]) -> None:
    kind = image((33, 33, 33))
    kind[0, 0, 0] = CARBON
    centre = 16 * 33 * 33 + 16 * 33 + 16
    deposit = with_nuclei(begin(kind, spacing, 2), np.array([centre]))
    n = len(deposit.sites)
    away = np.stack([(a - 16) * h for a, h in zip(np.indices(kind.shape), spacing, strict=True)])
    distance = np.sqrt((away**2).sum(axis=0))
    for _ in range(30):
        deposit = grow(deposit, np.zeros(n), np.full(n, 40e-27 / n))
        volume = float(deposit.particles.volume[0])
        assert deposit.volume == near(volume, rel=1e-14)
        ball = (3 * volume / (4 * math.pi)) ** (1 / 3)
        assert deposit.particles.radius[0] == near(ball, abs=0.15e-9)
    assert deposit.particles.volume[0] == near(1200e-27, rel=1e-14)
    width = np.mean(spacing)
    radius = deposit.particles.radius[0]
    np.testing.assert_allclose(
        deposit.particle[kind == PORE],
        np.clip((radius - distance) / width + 0.5, 0, 1)[kind == PORE],
        rtol=0, atol=1 - CLOSES,  # voxels close a little before they are full
    )  # fmt: skip


def test_a_particle_takes_the_room_that_the_film_leaves() -> None:
    kind = np.array([CARBON, PORE, PORE, PORE], np.uint8).reshape(1, 1, 4)
    deposit = with_nuclei(begin(kind, (1e-9,) * 3, 2, area="voxel"), np.array([1]))
    volume = deposit.voxel_volume
    deposit = grow(deposit, np.array([0.3 * volume]), np.array([0.2 * volume]))
    np.testing.assert_allclose(deposit.theta.ravel(), [0.0, 0.5, 0.0, 0.0], rtol=1e-14)
    np.testing.assert_allclose(deposit.active_area, 0.8 * deposit.sites.area, rtol=1e-14)
    # 0.7 fit beside the film, the rest is at the next voxel: and the first one closes.
    deposit = grow(deposit, np.zeros(1), np.array([0.7 * volume]))
    np.testing.assert_allclose(deposit.particle.ravel(), [0.0, 0.7, 0.2, 0.0], rtol=1e-13)
    assert deposit.kind.ravel().tolist() == [CARBON, CLOSED, PORE, PORE]
    np.testing.assert_allclose(
        deposit.sites.base, 1e-9, rtol=1e-14
    )  # a film of 0.3 nm, but a voxel


def test_a_voxel_inside_a_particle_closes_without_new_sites() -> None:
    kind = image((9, 9, 9))
    kind[0, 0, 0] = CARBON
    deposit = with_nuclei(begin(kind, (1e-9,) * 3, 2), np.array([4 * 81 + 4 * 9 + 4]))
    n = len(deposit.sites)
    deposit = grow(deposit, np.zeros(n), np.full(n, 10e-27))
    assert (deposit.kind == CLOSED).sum() > 5
    assert len(deposit.sites) == n


def row(*, centres: list[int], carbon: int = 0, length: int = 9) -> Deposit:
    kind = image((length, 1, 1), (carbon,))
    return with_nuclei(begin(kind, (1e-9,) * 3, 0, area="voxel"), np.array(centres))


def test_a_full_basin_passes_on_to_the_others_in_equal_parts() -> None:
    deposit = row(centres=[1, 4, 7], length=10)  # basins of 2, 3 and 4 voxels
    volume = deposit.voxel_volume
    np.testing.assert_array_equal(deposit.particles.basin, [-1, 0, 0, 1, 1, 1, 2, 2, 2, 2])
    made = grow(deposit, np.zeros(1), np.array([4.0 * volume]))
    np.testing.assert_allclose(made.particles.volume / volume, [2.0, 1.0, 1.0], rtol=1e-14)
    assert made.volume == near(4.0 * volume, rel=1e-14)
    made = grow(deposit, np.zeros(1), np.array([8.5 * volume]))
    np.testing.assert_allclose(made.particles.volume / volume, [2.0, 3.0, 3.5], rtol=1e-14)
    over = grow(deposit, np.zeros(1), np.array([9.5 * volume]))
    np.testing.assert_allclose(over.particles.volume / volume, [2.0, 3.0, 4.0], rtol=1e-14)
    assert over.film[1, 0, 0] == near(0.5, rel=1e-13)  # made there, and nowhere to go
    assert over.volume == near(9.5 * volume, rel=1e-14)


def test_a_uniform_supply_gives_equal_parts() -> None:
    deposit = row(centres=[1, 4, 7], length=10)
    volume = deposit.voxel_volume
    made = grow(deposit, np.zeros(1), np.array([1.5 * volume]), supply="uniform")
    np.testing.assert_allclose(made.particles.volume / volume, 0.5, rtol=1e-14)
    made = grow(deposit, np.zeros(1), np.array([7.5 * volume]), supply="uniform")
    np.testing.assert_allclose(made.particles.volume / volume, [2.0, 2.75, 2.75], rtol=1e-14)


def test_nuclei_are_where_area_is_and_the_same_for_the_same_seed() -> None:
    kind = image((20, 20, 20), (slice(0, 5),))
    per_area = 40 / (400 * 1e-18)
    first, again, other = (
        begin(kind, (1e-9,) * 3, 2, area="voxel", nuclei=per_area, seed=seed) for seed in (1, 1, 2)
    )
    assert len(first.particles) == 40 == len(set(first.particles.centre.tolist()))
    assert set(first.particles.centre) <= set(first.sites.voxel)
    np.testing.assert_array_equal(first.particles.centre, again.particles.centre)
    assert (first.particles.centre != other.particles.centre).any()
    assert len(begin(kind, (1e-9,) * 3, 2, nuclei=1.0).particles) == 1


def test_nuclei_are_as_likely_as_the_area_of_a_site() -> None:
    kind = np.full((40, 40, 1), POROUS, np.uint8)
    kind[:20], kind[19] = PORE, CARBON  # 40 faces of 1 nm2, and 800 insides of 0.1 nm2
    nuclei = 20 / 120e-18
    options = {"area": "voxel", "porous_porosity": 0.5, "porous_area": 1e8, "nuclei": nuclei}
    faces = 0
    for seed in range(40):
        deposit = begin(kind, (1e-9,) * 3, 1, **options, seed=seed)
        faces += int((deposit.particles.centre < 800).sum())
    # A third of 800 at first, and less as faces are taken: 253 +- 13. By number they would be 38.
    assert 201 < faces < 305


def test_basins_reach_across_periodic_sides() -> None:
    kind = image((10, 1, 4))
    kind[5, 0, 3] = CARBON
    centres = np.array([4 * 1, 4 * 4])
    for sides, expected in (("no-flux", 1), ("periodic", 0)):
        deposit = with_nuclei(begin(kind, (1e-9,) * 3, 2, sides), centres)
        assert deposit.particles.basin[4 * 9] == expected
        at = deposit.particles.order == 36
        apart = {"no-flux": 5e-9, "periodic": 2e-9}[sides]
        np.testing.assert_allclose(deposit.particles.distance[at], apart, rtol=1e-14)


def limbs(opening: slice | None) -> np.ndarray:
    """Two straight pores of 8 voxels along x beside each other, and an opening in their wall."""
    kind = image((8, 1, 3))
    kind[:, 0, 1] = CARBON
    if opening is not None:
        kind[opening, 0, 1] = PORE
    return kind


def at(x: int, z: int) -> int:
    """Flat index in the image of `limbs`."""
    return 3 * x + z


def basins(deposit: Deposit) -> np.ndarray:
    return deposit.particles.basin.reshape(deposit.kind.shape)[:, 0]


def test_a_wall_parts_basins() -> None:
    kind = limbs(None)
    centres = np.array([at(0, 0), at(7, 2)])
    deposit = with_nuclei(begin(kind, (1e-9,) * 3, 2, area="voxel"), centres)
    # In a straight line half of each pore is nearer to the nucleus behind the wall.
    assert basins(deposit)[:, 0].tolist() == [0] * 8
    assert basins(deposit)[:, 2].tolist() == [1] * 8
    assert deposit.particles.pore.tolist() == [0, 1]
    far = deposit.particles.order == at(0, 2)
    np.testing.assert_allclose(deposit.particles.distance[far], 7e-9, rtol=1e-14)


def test_a_basin_behind_a_wall_goes_to_the_nucleus_that_gets_there_first() -> None:
    kind = limbs(slice(7, 8))  # an opening at the high end of x
    start = begin(kind, (1e-9,) * 3, 2, area="voxel")
    both = with_nuclei(start, np.array([at(1, 0), at(6, 2)]))
    assert basins(both)[:, 0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    # Voxels 0 to 3 of the second are nearer to the first nucleus, which does not reach them.
    assert basins(both)[:, 2].tolist() == [1] * 8
    alone = with_nuclei(start, np.array([at(1, 0)]))
    assert (basins(alone)[kind[:, 0] == PORE] == 0).all()
    near_by = alone.particles.order == at(1, 2)  # where the way is long the line is short
    np.testing.assert_allclose(alone.particles.distance[near_by], 2e-9, rtol=1e-14)


def test_a_basin_is_connected_across_periodic_sides() -> None:
    kind = limbs(None)
    kind[4, 0, 0] = CARBON  # the first pore is cut in two, but goes on at the sides
    for sides, expected in (("no-flux", [0, 0, 0, 0, -1, -1, -1, -1]),
                            ("periodic", [0, 0, 0, 0, -1, 0, 0, 0])):  # fmt: skip
        deposit = with_nuclei(begin(kind, (1e-9,) * 3, 2, sides, "voxel"), np.array([at(1, 0)]))
        assert basins(deposit)[:, 0].tolist() == expected
        assert (basins(deposit)[:, 2] == -1).all()


@pytest.mark.parametrize("supply", ["basin", "uniform"])
def test_in_a_pore_without_a_nucleus_product_is_a_film_where_it_is_made(supply: str) -> None:
    start = begin(limbs(None), (1e-9,) * 3, 2, area="voxel")
    deposit = with_nuclei(start, np.array([at(2, 0)]))
    made = 0.1 * deposit.voxel_volume * (1 + np.arange(16) % 2)  # more at the second pore
    deposit = grow(deposit, np.zeros(16), made, supply)
    np.testing.assert_allclose(deposit.film[:, 0], [[0, 0, 0.2]] * 8, rtol=1e-14, atol=0)
    assert not deposit.particle[:, 0, 2].any()
    assert deposit.particles.volume[0] == near(0.8 * deposit.voxel_volume)
    assert deposit.volume == near(float(made.sum()), rel=1e-14)


@pytest.mark.parametrize("supply", ["basin", "uniform"])
def test_a_full_pore_passes_nothing_on_through_its_wall(supply: str) -> None:
    start = begin(limbs(None), (1e-9,) * 3, 2, area="voxel")
    deposit = with_nuclei(start, np.array([at(0, 0), at(4, 0), at(4, 2)]))
    volume, first = deposit.voxel_volume, np.tile([1.0, 0.0], 8)
    deposit = grow(deposit, np.zeros(16), 0.9 * volume * first, supply)
    # The basin of the first has 3 voxels, and no room for 3.6.
    shares = {"basin": [2.7, 4.5, 0.0], "uniform": [3.0, 4.2, 0.0]}[supply]
    np.testing.assert_allclose(deposit.particles.volume / volume, shares, rtol=1e-14)
    left = len(deposit.sites)
    made = np.where(deposit.sites.voxel % 3 == 0, 0.5 * volume, 0.0)
    deposit = grow(deposit, np.zeros(left), made, supply)
    assert deposit.particles.volume[2] == 0.0 and not deposit.theta[:, 0, 2].any()
    assert deposit.theta[:, 0, 0].sum() == near(7.2 + made.sum() / volume, rel=1e-14)


def test_a_particle_grows_only_where_what_it_grows_from_gets() -> None:
    kind = image((9, 1, 1), (8,))
    start = with_nuclei(begin(kind, (1e-9,) * 3, 0, area="voxel"), np.array([4]))
    volume = start.voxel_volume
    start = grow(start, np.zeros(1), np.array([2.0 * volume]))
    np.testing.assert_allclose(start.particle[2:7, 0, 0], [0, 0.5, 1, 0.5, 0], atol=1e-14)
    reached = np.zeros(kind.shape, np.bool_)
    reached[5:8] = True
    one = grow(start, np.zeros(1), np.array([volume]), reached=reached)
    np.testing.assert_allclose(one.particle[:, 0, 0], [0, 0, 0, 0.5, 1, 1, 0.5, 0, 0], atol=1e-14)
    assert one.particles.volume[0] == near(3.0 * volume) and one.volume == near(3.0 * volume)
    # There is room for 2.5 here; the rest is a film where it was made, and nowhere else.
    full = grow(start, np.zeros(1), np.array([3.0 * volume]), reached=reached)
    np.testing.assert_allclose(full.particle[:4, 0, 0], [0, 0, 0, 0.5], atol=1e-14)
    assert full.particles.volume[0] == near(4.5 * volume) and full.volume == near(5.0 * volume)
    assert full.film[7, 0, 0] == near(0.5, rel=1e-13)
    # With all of it reached again the ball is whole.
    again = grow(one, np.zeros(1), np.array([volume]))
    assert again.volume == near(4.0 * volume) and again.particle[3, 0, 0] == near(1.0)


@pytest.mark.parametrize(("centres", "length"), [([1, 4, 7], 10), ([1, 500, 999], 1000)])
def test_a_particle_in_a_trapped_pore_leaves_its_part_to_others(
    centres: list[int], length: int
) -> None:
    deposit = row(centres=centres, length=length)
    volume = deposit.voxel_volume
    reached = (deposit.particles.basin != 1).reshape(deposit.kind.shape)
    made = grow(deposit, np.zeros(1), np.array([1.5 * volume]), "uniform", reached)
    np.testing.assert_allclose(made.particles.volume / volume, [0.75, 0.0, 0.75], rtol=1e-14)
    assert made.volume == near(1.5 * volume, rel=1e-14)


def test_a_particle_goes_on_behind_a_trapped_part_of_its_basin() -> None:
    kind = image((40, 1, 1), (0,))
    deposit = with_nuclei(begin(kind, (1e-9,) * 3, 0, area="voxel"), np.array([1]))
    reached = np.ones(kind.shape, np.bool_)
    reached[1:38] = False
    for made, shares in ((0.25, [0, 0.25, 0]), (0.5, [0, 0.75, 0]), (0.5, [0, 1, 0.25])):
        solution = np.array([made]) * deposit.voxel_volume
        deposit = grow(deposit, np.zeros(1), solution, "basin", reached)
        np.testing.assert_allclose(deposit.particle[37:, 0, 0], shares, atol=1e-13)
    assert not deposit.particle[:38].any()


# Nothing of the old is changed


@pytest.mark.parametrize("supply", ["basin", "uniform"])
def test_growth_leaves_the_deposit_it_starts_from_alone(supply: str) -> None:
    kind = np.random.default_rng(0).choice([CARBON, PORE], (8, 7, 6), p=[0.2, 0.8])
    deposit = begin(kind, UNEVEN, 2, "periodic", nuclei=1e16, seed=3)
    for _ in range(12):
        for each in arrays(deposit):
            each.flags.writeable = False
        made = deposit.active_area * 0.4e-9
        deposit = grow(deposit, 0.5 * made, 0.5 * made, supply=supply)
    assert (deposit.kind == CLOSED).any()


def test_mirror_images_of_many_sites_mirror_each_other_to_the_last_bit() -> None:
    rng = np.random.default_rng(11)
    kind = rng.choice([CARBON, PORE, POROUS], (14, 13, 12), p=[0.15, 0.8, 0.05])
    options = {"area": "voxel", "porous_porosity": 0.4, "porous_area": 8e8}
    growth = rng.uniform(0.1e-9, 0.3e-9, (*kind.shape, 7))
    for axis in range(3):
        one = begin(kind, UNEVEN, 2, "periodic", **options)
        two = begin(np.flip(kind, axis), UNEVEN, 2, "periodic", **options)
        sides = np.arange(7)
        sides[2 * axis : 2 * axis + 2] = 2 * axis + 1, 2 * axis
        mirrored = np.flip(growth, axis)[..., sides]
        for _ in range(14):
            one, two = (
                grow(
                    each, given.reshape(-1, 7)[each.sites.voxel, each.sites.side] * each.sites.area
                )
                for each, given in ((one, growth), (two, mirrored))
            )
        assert (one.kind == CLOSED).sum() > 300 and len(one.sites) > 100
        for name in ("kind", "film"):
            np.testing.assert_array_equal(np.flip(getattr(one, name), axis), getattr(two, name))
        for name in ("area", "base", "volume"):
            mine, other = (
                dense(each, getattr(each.sites, name), kind.shape) for each in (one, two)
            )
            np.testing.assert_array_equal(np.flip(mine, axis)[..., sides], other)


def dense(deposit: Deposit, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values of the sites by voxel and side."""
    found = np.zeros((deposit.kind.size, 7))
    found[deposit.sites.voxel, deposit.sites.side] = values
    return found.reshape(*shape, 7)


# Measures


def test_exposure_counts_films_particles_and_closed_voxels_as_covered() -> None:
    kind = image((4, 1, 6))
    kind[..., 0] = CARBON
    start = begin(kind, (1e-9,) * 3, 2, area="voxel")
    volume = start.voxel_volume
    deposit = grow(start, np.array([0.2, 0.1, 0.0, 1.5]) * volume)
    found = exposure(deposit, covered=0.15e-9)
    assert (found.carbon_area, found.coverage) == (near(4e-18), near(0.5))
    assert found.largest_thickness == near(1.25e-9)  # half of 0.5 nm on either side
    assert found.area.sum() == near(deposit.sites.area.sum())
    assert found.edges[-1] == near(1.25e-9)
    assert found.mean_thickness == near((0.2 + 0.1 + 2 * 1.25) * 1e-9 / 5, rel=1e-12)
    assert exposure(deposit, covered=1.0).bare_area == near(3e-18)  # a closed voxel took one face
    with_particle = grow(with_nuclei(start, np.array([1])), np.zeros(4), np.full(4, 0.1 * volume))
    found = exposure(with_particle, covered=0.15e-9)
    assert found.bare_area == near(3.6e-18)
    assert found.largest_particle == near(0.4 * volume)


@pytest.mark.parametrize("axis", range(3))
def test_layers_add_up(axis: int) -> None:
    kind = np.random.default_rng(0).choice([CARBON, PORE, POROUS], (8, 7, 6), p=[0.2, 0.6, 0.2])
    deposit = begin(kind, UNEVEN, axis, porous_porosity=0.3, porous_area=1e8, nuclei=1e16)
    for _ in range(5):
        deposit = grow(deposit, 0.3e-9 * deposit.sites.area, 0.3e-9 * deposit.active_area)
    layers = by_layer(deposit)
    others = tuple(a for a in range(3) if a != axis)
    room = deposit.room[deposit.kind]
    np.testing.assert_allclose(layers.room, room.sum(axis=others), rtol=1e-12)
    np.testing.assert_allclose(
        layers.product, (room * deposit.theta).sum(axis=others), rtol=1e-12, atol=1e-40
    )
    assert layers.product.sum() == near(deposit.volume, rel=1e-13)
    assert layers.area.sum() == near(deposit.active_area.sum(), rel=1e-13)
    layer = np.unravel_index(deposit.sites.voxel, kind.shape)[axis]
    for place in range(kind.shape[axis]):
        mine = layer == place
        area, thickness = deposit.sites.area[mine], deposit.sites.thickness[mine]
        mean = np.average(thickness, weights=area) if mine.any() else 0.0
        assert layers.thickness[place] == near(mean, rel=1e-12)
