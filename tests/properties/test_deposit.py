"""What must hold as product grows in any image: balances, order, symmetries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.naive_deposit import Naive, NaiveBasins, first

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
from solvers.exposure import exposure

OPTIONS = {"porous_porosity": 0.4, "porous_area": 8e8}

SPACINGS = st.tuples(*[st.sampled_from([1e-9, 1.3e-9, 2.2e-9])] * 3)
AMOUNTS = st.sampled_from([0.02, 0.1, 0.4, 3.0])  # of a voxel's edge, in one step


@st.composite
def images(draw: st.DrawFn, porous: bool = True) -> np.ndarray:
    """A random image with a site at least, from all but full of carbon to all but empty."""
    shape = draw(st.tuples(*[st.integers(1, 7)] * 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shares = np.array([0.1, *draw(st.sampled_from([(0.2, 0.6), (0.6, 0.2), (0.02, 0.8)])), 0.1])
    if not porous:
        shares[3] = 0.0
    kinds = [INERT, CARBON, PORE, POROUS]
    kind = rng.choice(kinds, shape, p=shares / shares.sum()).astype(np.uint8)
    if kind.size < 2:
        kind = np.full((1, 1, 2), PORE, np.uint8)
    kind.reshape(-1)[-2:] = CARBON, PORE
    return kind


def product(deposit: Deposit) -> float:
    """All product, counted without our kernels."""
    room = np.array([0.0, 0.0, 1.0, 1.0, deposit.porous, deposit.porous]) * deposit.voxel_volume
    return float((room[deposit.kind] * deposit.theta).sum())


def step(deposit: Deposit, rng: np.random.Generator, amount: float, supply: str = "basin"):
    """One step of growth with random amounts; the product that was put in."""
    room = deposit.voxel_volume * amount
    film = room * rng.uniform(-0.01, 1.0, len(deposit.sites)) * (rng.random() < 0.8)
    film = np.maximum(film, -0.5 * deposit.sites.volume)
    solution = np.zeros(len(film))
    if deposit.particles is not None:
        solution = room * rng.uniform(0.0, 1.0, len(deposit.sites)) * (rng.random() < 0.8)
    return grow(deposit, film, solution, supply), float(film.sum() + solution.sum())


def check(deposit: Deposit, before: Deposit, every_face: bool) -> None:
    """What holds for every deposit."""
    kind, sites = deposit.kind.ravel(), deposit.sites
    is_open = (deposit.kind == PORE) | (deposit.kind == POROUS)
    assert (deposit.theta[is_open] < CLOSES).all()
    assert (deposit.theta[~is_open & (deposit.kind > CARBON)] > CLOSES - 1e-12).all()
    assert not deposit.theta[deposit.kind <= CARBON].any()
    assert (deposit.particle >= 0).all() and (deposit.particle <= 1).all()
    if deposit.particles is not None:
        check_particles(deposit)
    key = sites.voxel * 7 + sites.side
    assert (np.diff(key) > 0).all()
    assert is_open.ravel()[sites.voxel].all()
    assert np.isin(kind[sites.carbon], (CARBON, POROUS, FULL)).all()
    assert (sites.area > 0).all() and (sites.base >= 0).all()
    changed = deposit.kind != before.kind
    assert set(zip(before.kind[changed], deposit.kind[changed], strict=True)) <= {
        (PORE, CLOSED),
        (POROUS, FULL),
    }
    # What lies at each face with a site is solid, and every face of an open pore to carbon has one,
    # but those that a smooth wall runs along.
    for side in range(6):
        beside = neighbours(deposit, side)
        mine = sites.voxel[sites.side == side]
        assert np.isin(beside.ravel()[mine], (CARBON, POROUS, CLOSED, FULL)).all()
        wall = (deposit.kind == PORE) & np.isin(beside, (CARBON, POROUS, FULL))
        assert not every_face or np.isin(np.flatnonzero(wall), mine).all()


def check_particles(deposit: Deposit) -> None:
    """Each particle holds its volume, and is a ball in the room that films have left."""
    particles = deposit.particles
    film, share = deposit.film.ravel(), deposit.particle.ravel()
    held = share * deposit.room[deposit.kind.ravel()]
    basin = particles.basin
    sums = np.bincount(basin[basin >= 0], held[basin >= 0], len(particles))
    np.testing.assert_allclose(sums, particles.volume, rtol=1e-13, atol=1e-40)
    open_ones = np.isin(deposit.kind.ravel()[particles.order], (PORE, POROUS))
    mine, distance = particles.order[open_ones], particles.distance[open_ones]
    radius = np.repeat(particles.radius, np.diff(particles.start))[open_ones]
    reach = (radius - distance) / np.mean(deposit.spacing) + 0.5
    grown = radius > 0  # a smaller one fills less than half of its first voxel, and no other
    ball = np.clip(np.minimum(reach, 1 - film[mine]), 0, 1)
    np.testing.assert_allclose(share[mine][grown], ball[grown], rtol=0, atol=1e-11)
    assert not share[mine][~grown & (distance > 0)].any()


def neighbours(deposit: Deposit, side: int) -> np.ndarray:
    """The kind of the voxel at a side of each, inert beyond the image."""
    axis, ahead = side >> 1, bool(side & 1)
    found = np.roll(deposit.kind, -1 if ahead else 1, axis)
    if not deposit.wraps[axis]:
        end = [slice(None)] * 3
        end[axis] = slice(-1, None) if ahead else slice(0, 1)
        found[tuple(end)] = INERT
    return found


@settings(max_examples=80)
@given(
    images(),
    SPACINGS,
    st.integers(0, 2),
    st.sampled_from(["no-flux", "periodic"]),
    st.sampled_from(["voxel", "smooth", 1e9]),
    st.sampled_from([None, 1e15, 5e16]),
    st.sampled_from(["basin", "uniform"]),
    AMOUNTS,
    st.integers(0, 2**32),
)
def test_all_product_is_kept_whatever_happens(
    kind, spacing, axis, sides, area, nuclei, supply, amount, seed
) -> None:
    deposit = begin(kind, spacing, axis, sides, area, **OPTIONS)
    if nuclei is not None:
        limit = len(np.unique(deposit.sites.voxel)) / deposit.carbon_area
        deposit = begin(
            kind, spacing, axis, sides, area, **OPTIONS, nuclei=min(nuclei, 0.5 * limit), seed=seed
        )
    rng, put = np.random.default_rng(seed), 0.0
    for _ in range(25):
        before = deposit
        deposit, made = step(deposit, rng, amount, supply)
        put += made
        assert product(deposit) == pytest.approx(put, rel=1e-13, abs=1e-40)
        assert deposit.volume == pytest.approx(put, rel=1e-13, abs=1e-40)
        check(deposit, before, every_face=area != "smooth")
    found = exposure(deposit, 0.3e-9)
    assert -1e-12 <= found.coverage <= 1
    assert found.area.sum() == pytest.approx(deposit.sites.area.sum(), rel=1e-12, abs=0)


def test_all_product_is_kept_over_hundreds_of_steps_to_the_last_voxel() -> None:
    rng = np.random.default_rng(7)
    kind = rng.choice([CARBON, PORE, POROUS], (24, 20, 16), p=[0.2, 0.7, 0.1])
    deposit = begin(kind, (2e-9, 1e-9, 1.5e-9), 1, **OPTIONS, nuclei=1e15, seed=1)
    room = float(deposit.room[deposit.kind].sum())
    put = 0.0
    for _ in range(600):
        weights = rng.random(len(deposit.sites)) * deposit.active_area
        made = weights * (room / 400 / max(weights.sum(), 1e-30))
        share = rng.random()
        deposit = grow(deposit, share * made, (1 - share) * made)
        put += float(made.sum())
        assert abs(product(deposit) / put - 1) < 1e-13
    # Where no site is left, as in pores that carbon never touched, nothing grows any more.
    assert len(deposit.sites) == 0
    assert (deposit.kind == CLOSED).any() and (deposit.kind == FULL).any()


@settings(max_examples=60)
@given(
    images(),
    SPACINGS,
    st.integers(0, 2),
    st.sampled_from(["no-flux", "periodic"]),
    AMOUNTS,
    st.integers(0, 2**32),
)
def test_films_grow_as_in_plain_python(kind, spacing, axis, sides, amount, seed) -> None:
    deposit = begin(kind, spacing, axis, sides, "smooth", **OPTIONS)
    naive = Naive.of(deposit)
    rng = np.random.default_rng(seed)
    for _ in range(12):
        film = amount * deposit.voxel_volume * rng.random(len(deposit.sites))
        deposit = grow(deposit, film)
        naive.grow(film)
        np.testing.assert_array_equal(deposit.kind, naive.kind)
        room = np.where(deposit.kind > CARBON, deposit.room[deposit.kind], 1.0)
        np.testing.assert_allclose(deposit.film, naive.product / room, rtol=1e-11, atol=1e-13)
        faces = sorted(naive.faces.items(), key=first)
        sites = deposit.sites
        assert [key for key, _ in faces] == [
            (naive.place(v), s) for v, s in zip(sites.voxel, sites.side, strict=True)
        ]
        assert [face.carbon for _, face in faces] == [naive.place(c) for c in sites.carbon]
        for name in ("area", "base", "volume", "thickness"):
            mine = np.array([getattr(face, name) for _, face in faces])
            np.testing.assert_allclose(getattr(sites, name), mine, rtol=1e-10, atol=1e-24)


def mirrored(deposit: Deposit, axis: int) -> np.ndarray:
    """For each site of the mirror image in its order, the site that it mirrors."""
    place = list(np.unravel_index(deposit.sites.voxel, deposit.kind.shape))
    place[axis] = deposit.kind.shape[axis] - 1 - place[axis]
    voxel = np.ravel_multi_index(place, deposit.kind.shape)
    side = deposit.sites.side.astype(np.int64)
    side = np.where(side >> 1 == axis, side ^ 1, side)
    return np.lexsort((side, voxel))


@settings(max_examples=40)
@given(
    images(),
    SPACINGS,
    st.integers(0, 2),
    st.integers(0, 2),
    st.sampled_from(["no-flux", "periodic"]),
    AMOUNTS,
    st.integers(0, 2**32),
)
def test_the_mirror_image_grows_to_the_mirror_image_to_the_last_bit(
    kind, spacing, axis, across, sides, amount, seed
) -> None:
    one = begin(kind, spacing, axis, sides, "voxel", **OPTIONS)
    two = begin(np.flip(kind, across), spacing, axis, sides, "voxel", **OPTIONS)
    rng = np.random.default_rng(seed)
    for _ in range(20):
        film = amount * one.voxel_volume * rng.random(len(one.sites))
        order = mirrored(one, across)
        one, two = grow(one, film), grow(two, film[order])
        np.testing.assert_array_equal(np.flip(one.kind, across), two.kind)
        np.testing.assert_array_equal(np.flip(one.film, across), two.film)
        order = mirrored(one, across)
        for name in ("area", "base", "volume"):
            mine, other = getattr(one.sites, name), getattr(two.sites, name)
            np.testing.assert_array_equal(mine[order], other)


@settings(max_examples=30)
@given(images(porous=False), SPACINGS, st.integers(0, 2), AMOUNTS, st.integers(0, 2**32))
def test_particles_of_the_mirror_image_mirror_particles(
    kind, spacing, across, amount, seed
) -> None:
    rng = np.random.default_rng(seed)
    pores = np.flatnonzero(kind == PORE)
    centre = rng.choice(pores, min(len(pores), 3), replace=False)
    place = list(np.unravel_index(centre, kind.shape))
    place[across] = kind.shape[across] - 1 - place[across]
    one = with_nuclei(begin(kind, spacing, 2, area="voxel"), centre)
    flipped = begin(np.flip(kind, across), spacing, 2, area="voxel")
    two = with_nuclei(flipped, np.ravel_multi_index(place, kind.shape))
    assert_alike(np.flip(one.particles.basin.reshape(kind.shape), across).ravel(), two)
    for _ in range(10):
        solution = amount * one.voxel_volume * rng.random(len(one.sites))
        order = mirrored(one, across)
        if len(order) != len(two.sites):
            return  # a voxel that is full to rounding closed in one image alone
        one = grow(one, 0 * solution, solution)
        two = grow(two, 0 * solution, solution[order])
        np.testing.assert_allclose(np.flip(one.particle, across), two.particle, rtol=0, atol=1e-11)


def assert_alike(basin: np.ndarray, deposit: Deposit) -> None:
    np.testing.assert_array_equal(basin, deposit.particles.basin)


@settings(max_examples=30)
@given(images(), st.integers(0, 2), st.integers(1, 6), AMOUNTS, st.integers(0, 2**32))
def test_a_periodic_image_may_be_cut_anywhere(kind, across, shift, amount, seed) -> None:
    axis = (across + 1) % 3
    spacing = (1e-9, 1.7e-9, 2.1e-9)
    one = begin(kind, spacing, axis, "periodic", "smooth", **OPTIONS)
    two = begin(np.roll(kind, shift, across), spacing, axis, "periodic", "smooth", **OPTIONS)
    two = replace(two, sites=replace(two.sites, area=one.sites.area[rolled(one, shift, across)]))
    rng = np.random.default_rng(seed)
    for _ in range(10):
        film = amount * one.voxel_volume * rng.random(len(one.sites))
        order = rolled(one, shift, across)
        one, two = grow(one, film), grow(two, film[order])
        np.testing.assert_array_equal(np.roll(one.kind, shift, across), two.kind)
        np.testing.assert_array_equal(np.roll(one.film, shift, across), two.film)


def rolled(deposit: Deposit, shift: int, axis: int) -> np.ndarray:
    """For each site of the shifted image in its order, the site that it is."""
    place = list(np.unravel_index(deposit.sites.voxel, deposit.kind.shape))
    place[axis] = (place[axis] + shift) % deposit.kind.shape[axis]
    return np.lexsort((deposit.sites.side, np.ravel_multi_index(place, deposit.kind.shape)))


def naive_of(deposit: Deposit, centre: np.ndarray) -> NaiveBasins:
    is_open = (deposit.kind == PORE) | (deposit.kind == POROUS)
    places = [tuple(int(a) for a in np.unravel_index(c, is_open.shape)) for c in centre]
    return NaiveBasins(is_open, deposit.spacing, deposit.wraps, places)


def some(pores: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A few different voxels, in no order."""
    return np.random.default_rng(seed).choice(pores, min(count, len(pores)), replace=False)


@settings(max_examples=80)
@given(
    images(),
    SPACINGS,
    st.integers(0, 2),
    st.sampled_from(["no-flux", "periodic"]),
    st.integers(1, 6),
    st.integers(0, 2**32),
)
def test_basins_are_those_found_in_plain_python(kind, spacing, axis, sides, count, seed) -> None:
    pores = np.flatnonzero((kind == PORE) | (kind == POROUS))
    centre = some(pores, count, seed)
    deposit = with_nuclei(begin(kind, spacing, axis, sides, **OPTIONS), centre)
    particles, naive = deposit.particles, naive_of(deposit, centre)
    expected, distance = np.full(kind.shape, -1), np.zeros(kind.shape)
    for voxel, i in naive.find().items():
        expected[voxel], distance[voxel] = i, min(spacing) * np.sqrt(naive.square(voxel, i))
    np.testing.assert_array_equal(particles.basin.reshape(kind.shape), expected)
    number = naive.pores().ravel()
    mine = number[centre]
    np.testing.assert_array_equal(particles.pore, np.unique(mine, return_inverse=True)[1])
    np.testing.assert_array_equal(particles.basin >= 0, np.isin(number, mine))
    for i in range(len(centre)):
        part = slice(particles.start[i], particles.start[i + 1])
        assert set(particles.order[part]) == set(np.flatnonzero(particles.basin == i))
        assert (np.diff(particles.distance[part]) >= 0).all()
        found = distance.ravel()[particles.order[part]]
        np.testing.assert_allclose(particles.distance[part], found, rtol=1e-14)


@settings(max_examples=40)
@given(
    images(),
    SPACINGS,
    st.integers(0, 2),
    st.sampled_from(["no-flux", "periodic"]),
    st.integers(1, 6),
    st.sampled_from(["basin", "uniform"]),
    AMOUNTS,
    st.integers(0, 2**32),
)
def test_no_product_passes_a_wall(kind, spacing, axis, sides, count, supply, amount, seed) -> None:
    pores = np.flatnonzero((kind == PORE) | (kind == POROUS))
    start = begin(kind, spacing, axis, sides, "voxel", **OPTIONS)
    centre = some(pores, count, seed)
    deposit = with_nuclei(start, centre)
    number = naive_of(deposit, centre).pores().ravel()
    room = np.where(kind.ravel() == POROUS, deposit.porous, 1.0) * deposit.voxel_volume
    rng, put = np.random.default_rng(seed), np.zeros(number.max() + 1)
    for _ in range(12):
        made = amount * deposit.voxel_volume * rng.random((2, len(deposit.sites)))
        put += np.bincount(number[deposit.sites.voxel], made.sum(axis=0), len(put))
        deposit = grow(deposit, *made, supply)
        held = np.where(number >= 0, room * deposit.theta.ravel(), 0.0)
        found = np.bincount(number + 1, held, len(put) + 1)[1:]
        np.testing.assert_allclose(found, put, rtol=1e-12, atol=0)


@settings(max_examples=40)
@given(
    images(),
    SPACINGS,
    st.sampled_from(["basin", "uniform"]),
    st.sampled_from([0.02, 0.1, 0.4]),
    st.integers(0, 2**32),
)
def test_particles_do_not_grow_where_nothing_gets(kind, spacing, supply, amount, seed) -> None:
    rng = np.random.default_rng(seed)
    pores = np.flatnonzero((kind == PORE) | (kind == POROUS))
    deposit = with_nuclei(begin(kind, spacing, 2, **OPTIONS), some(pores, 4, seed))
    reached, put = np.ones(kind.shape, np.bool_), 0.0
    for _ in range(15):
        before = deposit
        now = reached.ravel()[deposit.sites.voxel]
        made = amount * deposit.voxel_volume * rng.random((2, len(deposit.sites))) * now
        deposit = grow(deposit, *made, supply, reached)
        put += float(made.sum())
        np.testing.assert_array_equal(deposit.particle[~reached], before.particle[~reached])
        assert product(deposit) == pytest.approx(put, rel=1e-13, abs=0)
        assert (deposit.particle >= 0).all() and (deposit.particle <= 1).all()
        # Part of the image is cut off, and never comes back.
        reached &= rng.random(kind.shape) > 0.1


def maze(seed: int) -> np.ndarray:
    """Narrow pores, in which many voxels are cut off from the nearest nucleus."""
    kinds = np.random.default_rng(seed).choice([CARBON, PORE], (9, 8, 7), p=[0.5, 0.5])
    return kinds.astype(np.uint8)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32).map(maze),
    st.permutations([1e-9, 2e-9, 4e-9]),
    st.permutations(range(3)),
    st.integers(2, 20),
    st.integers(0, 2**32),
)
def test_basins_turn_with_the_image(kind, spacing, turn, count, seed) -> None:
    centre = some(np.flatnonzero((kind == PORE) | (kind == POROUS)), count, seed)
    one = with_nuclei(begin(kind, tuple(spacing), 2, **OPTIONS), centre)
    place = np.unravel_index(centre, kind.shape)
    turned = np.transpose(kind, turn)
    there = np.ravel_multi_index([place[axis] for axis in turn], turned.shape)
    edges = tuple(spacing[axis] for axis in turn)
    two = with_nuclei(begin(turned, edges, 2, **OPTIONS), there)
    assert_alike(np.transpose(one.particles.basin.reshape(kind.shape), turn).ravel(), two)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32).map(maze),
    SPACINGS,
    st.integers(0, 2),
    st.integers(1, 6),
    st.integers(2, 20),
    st.integers(0, 2**32),
)
def test_basins_of_a_periodic_image_do_not_know_where_it_is_cut(
    kind, spacing, across, shift, count, seed
) -> None:
    axis = (across + 1) % 3
    centre = some(np.flatnonzero((kind == PORE) | (kind == POROUS)), count, seed)
    one = with_nuclei(begin(kind, spacing, axis, "periodic", **OPTIONS), centre)
    place = list(np.unravel_index(centre, kind.shape))
    place[across] = (place[across] + shift) % kind.shape[across]
    rolled_kind = np.roll(kind, shift, across)
    there = np.ravel_multi_index(place, kind.shape)
    two = with_nuclei(begin(rolled_kind, spacing, axis, "periodic", **OPTIONS), there)
    basin = one.particles.basin.reshape(kind.shape)
    assert_alike(np.roll(basin, shift, across).ravel(), two)


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="Numba has one thread here")
def test_growth_does_not_depend_on_the_number_of_threads() -> None:
    kind = np.random.default_rng(3).choice([CARBON, PORE, POROUS], (60, 50, 40), p=[0.1, 0.8, 0.1])
    ends = []
    for count in (1, numba.config.NUMBA_NUM_THREADS):
        with threads(count):
            deposit = begin(kind, (1e-9, 2e-9, 1e-9), 2, "periodic", **OPTIONS, nuclei=1e14)
            for _ in range(8):
                made = deposit.active_area * 0.2e-9
                deposit = grow(deposit, 0.4 * made, 0.6 * made)
            ends.append(deposit)
    one, two = ends
    assert (one.kind == CLOSED).any()
    for name in ("kind", "film", "particle"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    for mine, other in zip(one.sites.arrays, two.sites.arrays, strict=True):
        np.testing.assert_array_equal(mine, other)
    for name in ("basin", "pore", "order", "distance", "start", "volume", "radius"):
        mine, other = (getattr(each.particles, name) for each in (one, two))
        np.testing.assert_array_equal(mine, other)
    assert one.volume == two.volume
