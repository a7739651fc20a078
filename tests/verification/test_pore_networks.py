"""Pore networks of bodies whose pores, throats and flow are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from support.pore_shapes import PHASES, Triple, places

import twin
from meshing.pore_regions import pore_space
from twin.network_flow import conductances, network_flow

pytestmark = pytest.mark.verification

SPACINGS = [(1.0, 1.0, 1.0), (20e-9, 5e-9, 8e-9)]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("width", [1, 4])
def test_a_straight_channel_has_the_tortuosity_factor_one(
    axis: str, width: int, spacing: Triple
) -> None:
    shape = [9, 9, 9]
    shape["xyz".index(axis)] = 14
    labels = np.zeros(shape, np.uint8)
    np.moveaxis(labels, "xyz".index(axis), 0)[:, 2 : 2 + width, 3 : 3 + width] = 1
    volume = twin.Volume(labels, spacing, PHASES)
    found = twin.pore_network(volume, "pore", axis=axis)
    assert found.flows[axis].tortuosity_factor == pytest.approx(1.0, rel=1e-9)
    assert found.voxels[axis].tortuosity_factor == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("cuts", [(5,), (2, 3, 11), (1, 2, 3, 4, 5, 6, 7)])
def test_a_channel_cut_anywhere_conducts_the_same(cuts: tuple[int, ...]) -> None:
    """Regions of any length: lengths add up to that of the channel, whatever their centres are."""
    ids = np.zeros((14, 6, 6), np.int32)
    ids[:, 1:5, 1:5] = 1
    for number, cut in enumerate(cuts, start=2):
        ids[cut:, 1:5, 1:5] = number
    volume = twin.Volume((ids > 0).astype(np.uint8), (3.0, 1.0, 2.0), PHASES)
    space = pore_space(ids, volume.labels, volume.spacing)
    flow = network_flow(volume, space, "x", volume.volume_fraction("pore"))
    assert flow.tortuosity_factor == pytest.approx(1.0, rel=1e-9)
    assert flow.share == pytest.approx(np.ones(len(cuts)), rel=1e-9)
    centres = 1.0 - (space.position[:, 0] / (14 * 3.0))
    assert flow.concentration == pytest.approx(centres, rel=1e-9)


PERIOD, RADIUS = 16.0, 9.2


def lattice(cells: tuple[int, int, int], spacing: Triple, wall: int = 2) -> twin.Volume:
    """Balls on a cubic lattice that meet in discs, with solid around."""
    period = [round(PERIOD / h) for h in spacing]
    shape = [c * p + 2 * wall for c, p in zip(cells, period, strict=True)]
    inside = np.zeros(shape, bool)
    for cell in product(*map(range, cells)):
        centre = [(wall + (k + 0.5) * p) * h for k, p, h in zip(cell, period, spacing, strict=True)]
        x = places(shape, spacing, (centre[0], centre[1], centre[2]))
        inside |= (x**2).sum(axis=0) < RADIUS**2
    return twin.Volume(inside, spacing, PHASES)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (1.0, 0.5, 1.0)])
def test_a_lattice_of_balls_is_the_network_it_is(
    spacing: Triple, record_verification: Callable[..., None]
) -> None:
    cells = (3, 2, 2)
    found = twin.pore_network(lattice(cells, spacing), "pore", compare=False)
    assert found.pores == math.prod(cells)
    expected = {
        tuple(sorted((_number(a, cells), _number(b, cells))))
        for a in product(*map(range, cells))
        for b in product(*map(range, cells))
        if np.abs(np.subtract(a, b)).sum() == 1
    }
    place = {_cell(p, spacing): n for n, p in enumerate(found.space.position)}
    renumber = {n: _number(cell, cells) for cell, n in place.items()}
    pairs = {tuple(sorted((renumber[a], renumber[b]))) for a, b in found.space.pairs.tolist()}
    assert pairs == expected
    for n, cell in renumber_back(renumber, cells).items():
        centre = np.array([(2 + 0.0) * h for h in spacing]) + (np.array(cell) + 0.5) * PERIOD
        # A pore at the rim reaches farther outwards than into its neighbours.
        assert np.linalg.norm(found.space.position[n] - centre) < 1.2
    # A face between two regions is seen by voxels whose centres are half an edge before it.
    across = np.array(spacing)[np.abs(found.space.throat_vector).argmax(axis=1)]
    squared = RADIUS**2 - (PERIOD / 2 - across / 2) ** 2
    area, exact = found.space.throat_area.mean(), math.pi * squared.mean()
    record_verification("area of the throats of a lattice of balls", exact, area, area / exact - 1)
    assert found.space.throat_area == pytest.approx(math.pi * squared, rel=0.05)
    assert found.space.throat_diameter == pytest.approx(2 * np.sqrt(squared), abs=1.6)
    assert found.space.diameter == pytest.approx(np.full(found.pores, 2 * RADIUS), abs=1.8)
    pore = 4 / 3 * math.pi * RADIUS**3
    cap = math.pi / 3 * (RADIUS - PERIOD / 2) ** 2 * (2 * RADIUS + PERIOD / 2)
    whole = found.space.volume.sum()
    assert whole == pytest.approx(math.prod(cells) * pore - 2 * len(expected) * cap, rel=0.02)


def _cell(position: np.ndarray, spacing: Triple) -> tuple[int, int, int]:
    x, y, z = (int((p - 2 * h) // PERIOD) for p, h in zip(position, spacing, strict=True))
    return x, y, z


def _number(cell: tuple[int, ...], cells: tuple[int, int, int]) -> int:
    return int(np.ravel_multi_index(cell, cells))


def renumber_back(
    renumber: dict[int, int], cells: tuple[int, int, int]
) -> dict[int, tuple[np.intp, ...]]:
    return {n: np.unravel_index(number, cells) for n, number in renumber.items()}


def test_conductance_of_a_throat_between_two_balls() -> None:
    """The formula, written out for one pair: lengths, area and widening all known."""
    ids = np.zeros((12, 7, 7), np.int32)
    ids[:5, 1:6, 1:6] = 1
    ids[5:7, 2:5, 2:5] = 2
    ids[7:, 1:6, 1:6] = 3
    space = pore_space(ids, (ids > 0).astype(np.uint8), (1.0, 1.0, 1.0))
    assert space.throat_area.tolist() == [9.0, 9.0]
    wide, narrow = space.diameter[:2] / space.throat_diameter[0]
    assert wide > 1.05
    half = [
        length / 9.0 * (math.log(s) / (s - 1.0) if s > 1.0 else 1.0)
        for length, s in ((2.5, wide), (1.0, narrow))
    ]
    assert conductances(space) == pytest.approx(np.full(2, 1.0 / sum(half)), rel=1e-6)


def structures() -> dict[str, tuple[twin.Volume, str]]:
    electrode = twin.generate.electrode((56, 56, 56), 0.7e-6, seed=3)
    found = {"electrode": (electrode, "pore"), "its particles": (electrode, "AM")}
    for share in (0.3, 0.5, 0.7):
        blobs = twin.generate.blobs((56, 56, 56), share, 5.0, 1.0, seed=2)
        found[f"blobs of {share}"] = (blobs, "pore")
    stretched = twin.generate.electrode((56, 40, 80), (0.7e-6, 1e-6, 0.5e-6), seed=3)
    return found | {"electrode of other voxels": (stretched, "pore")}


@pytest.mark.parametrize("name", list(structures()))
def test_the_network_is_within_a_third_of_the_voxels(
    name: str, record_verification: Callable[..., None]
) -> None:
    volume, phase = structures()[name]
    found = twin.pore_network(volume, phase)
    for axis, flow in found.flows.items():
        exact = found.voxels[axis].tortuosity_factor
        assert flow.imbalance < 1e-9
        if not found.voxels[axis].percolates:
            assert not flow.percolates
            continue
        ratio = flow.tortuosity_factor / exact
        record_verification(
            f"tau of the network of {name} along {axis}", exact, flow.tortuosity_factor, ratio - 1
        )
        assert 0.75 < ratio < 1.34
