"""Finer voxels of the same walls: a discharge in an image tends to that of smooth walls."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.special import erfc
from support.image_discharge import tafel_slope
from support.straight_fibres import ParallelSurface, StraightFibres

import twin
from solvers.cells import build_cells, solve
from solvers.deposit import CARBON, PORE, Deposit, begin, grow
from solvers.minimise import Effort
from twin.lio2 import ImageDischarge, ImageStepping, Parameters, discharge_image

pytestmark = pytest.mark.verification

UNIT = 10e-9
PARALLEL = "a film of even thickness on smooth walls: the surface parallel to them"
STEPS = ImageStepping(filling=0.01, voxel=0.3, film=2e-10, error=2e-11)


def at(d: ImageDischarge, filling: float, name: str) -> float:
    columns = d.table if name in d.table else d.transport
    return float(np.interp(filling, columns["filling"], columns[name]))


# Bars along the axes: the walls are the same whatever the voxel


def bars(parts: int) -> twin.Volume:
    """Three square bars that cross, of 20 nm, in voxels of 10 nm over a number."""
    labels = np.zeros((6, 6, 12), np.uint8)
    labels[1:3, 1:3, :], labels[:, 3:5, 2:4], labels[3:5, :, 7:9] = 1, 1, 1
    labels = np.kron(labels, np.ones((parts,) * 3, np.uint8))
    return twin.Volume(labels, spacing=UNIT / parts, phases={"pore": 0, "carbon": 1})


@cache
def in_bars(
    parts: int, diffusivity: float, capacity: float, stepping: ImageStepping = STEPS
) -> ImageDischarge:
    p = Parameters.of("Su2021_ch6").replace(
        oxygen_diffusivity=diffusivity, separator_thickness=1e-9
    )
    options: dict[str, Any] = {"area": "voxel", "sides": "periodic", "covered": 3e-9}
    return discharge_image(
        bars(parts), p, 0.3, capacity=capacity, measure=0.02, stepping=stepping, **options
    )


PLENTY, SCARCE = (7e-11, 380.0), (1e-13, 55.0)


@pytest.mark.parametrize(
    ("oxygen", "filling", "name", "order"),
    [
        (PLENTY, 0.3, "voltage", 1.0),
        (PLENTY, 0.4, "voltage", 1.0),
        (PLENTY, 0.3, "relative_diffusivity", 1.0),
        (PLENTY, 0.4, "relative_diffusivity", 1.0),
        (PLENTY, 0.4, "thickness", 1.0),
        (SCARCE, 0.02, "voltage", 1.5),
        (SCARCE, 0.05, "voltage", 1.5),
        (SCARCE, 0.02, "relative_diffusivity", 1.0),
        (SCARCE, 0.05, "relative_diffusivity", 1.0),
    ],
)
def test_finer_voxels_of_the_same_bars_change_less_and_less(
    oxygen: tuple[float, float], filling: float, name: str, order: float,
    record_verification: Callable[..., None],
) -> None:  # fmt: skip
    """Voxels of 10, 5 and 2.5 nm: the second change is smaller by 2 to the order or more."""
    found = [at(in_bars(parts, *oxygen), filling, name) for parts in (1, 2, 4)]
    changes = np.abs(np.diff(found))
    record_verification(
        f"{name.replace('_', ' ')} in crossing bars at a filling of {filling:g}, the change from "
        "voxels of 5 to 2.5 nm", found[2], found[1], changes[1],
        order=math.log2(changes[0] / changes[1]),
    )  # fmt: skip
    assert changes[1] < changes[0] / 2**order


def test_steps_matter_less_than_voxels() -> None:
    """Steps of half the length change the voltage by less than a fifth of what finer voxels do."""
    short = ImageStepping(filling=0.005, voxel=0.15, film=1e-10, error=1e-11)
    for oxygen, fillings in ((PLENTY, (0.3, 0.4)), (SCARCE, (0.02, 0.05))):
        one, two, fine = in_bars(2, *oxygen), in_bars(2, *oxygen, short), in_bars(4, *oxygen)
        assert len(two.time) > 1.5 * len(one.time)
        for filling in fillings:
            middle, *others = (at(d, filling, "voltage") for d in (one, two, fine))
            assert abs(others[0] - middle) < 0.2 * abs(others[1] - middle)


# Round fibres: the walls that voxels stand for are smooth


#: Draws with porosities of 0.73, 0.79 and 0.71.
FIBRES = [StraightFibres(160e-9, 20e-9, 0.75, seed) for seed in (0, 2, 5)]
FILLINGS = (0.1, 0.15, 0.2)


@cache
def parallel(fibres: StraightFibres) -> ParallelSurface:
    return ParallelSurface.of(fibres.distances(96), 1e-9, 20e-9)


@cache
def on_fibres(fibres: StraightFibres, voxels: int) -> ImageDischarge:
    p = Parameters.of("Su2021_ch6").replace(separator_thickness=1e-9)
    image, area = fibres.image(voxels), float(parallel(fibres).area[0])
    return discharge_image(image, p, 0.3, area=area, measure=0.05, stepping=STEPS)


def exact(fibres: StraightFibres, d: ImageDischarge, filling: float) -> tuple[float, float]:
    """Thickness and voltage of an even film on smooth walls in uniform oxygen."""
    p, smooth = d.parameters, parallel(fibres)
    thickness = float(np.interp(filling, smooth.filled, smooth.thickness))
    area = float(np.interp(thickness, smooth.thickness, smooth.area))

    def passes(film: float) -> float:
        return float(erfc((film - p.tunnelling_thickness) / p.tunnelling_width))

    gain = area * passes(thickness) / (smooth.area[0] * passes(0.0))
    return thickness, float(d.voltage[0]) + tafel_slope(p) * math.log(gain)


def test_films_on_fibres_tend_to_those_on_smooth_walls(
    record_verification: Callable[..., None],
) -> None:
    """Thickness and voltage of the image against those of even films, by root mean squares.

    A film of 5 to 9 nm stops electrons, so that 2 % of thickness are up to 10 mV.
    """
    errors = []
    for voxels in (16, 32):
        rows = []
        for fibres in FIBRES:
            d = on_fibres(fibres, voxels)
            for filling in FILLINGS:
                thickness, voltage = exact(fibres, d, filling)
                rows.append((at(d, filling, "thickness") / thickness - 1,
                             at(d, filling, "voltage") - voltage))  # fmt: skip
        errors.append(np.sqrt(np.mean(np.square(rows), axis=0)))
    coarse, fine = errors
    record_verification(
        "voltage under films on fibres of 4 voxels in radius, root mean square over fillings [V]",
        voltage, at(d, filling, "voltage"), fine[1], order=math.log2(coarse[1] / fine[1]),
        source=PARALLEL,
    )  # fmt: skip
    assert fine[0] < coarse[0] < 0.05
    assert fine[1] < coarse[1] / 2 < 0.01


# Transport through fibres that films narrow, against the same fibres with larger radii


def conducts(conductivity: np.ndarray) -> float:
    """D_eff / D along z of voxels with these diffusivities, over D."""
    cells = build_cells(conductivity, (1.0, 1.0, 1.0), 2)
    found, _ = solve(cells, 1.0, 0.0, effort=Effort(1e-8, 1000))
    nx, ny, nz = conductivity.shape
    return found.low * nz / (nx * ny)


def films(kind: np.ndarray, spacing: float, fillings: list[float]) -> list[Deposit]:
    """Even films on all walls."""
    deposit, found = begin(kind, (spacing,) * 3, 2), []
    for step in range(1, 1 + round(100 * fillings[-1])):
        area = deposit.sites.area
        deposit = grow(deposit, area * (0.01 * deposit.all_room / area.sum()))
        if step in np.round(100 * np.array(fillings)):
            found.append(deposit)
    return found


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_films_narrow_fibres_as_larger_fibres_do(
    seed: int, record_verification: Callable[..., None]
) -> None:
    """Fibres of 4 voxels in radius and a porosity of 0.8, a film that fills up to 80 % of it.

    Voxels that hold the surface of the film conduct as their open part to the power of 1.5; the
    larger fibres are made of whole voxels, of the same porosity in all. Near the end of the way
    through, differences between draws are far larger than those between the two.
    """
    fibres, fillings = StraightFibres(64.0, 4.0, 0.804, seed), [0.2, 0.4, 0.6, 0.8]
    away = fibres.distances(64)
    places = np.sort(away.ravel())
    kind = np.where(away < 0, CARBON, PORE).astype(np.uint8)
    for filling, deposit in zip(fillings, films(kind, 1.0, fillings), strict=True):
        left = np.where(deposit.kind == PORE, 1 - deposit.theta, 0.0)
        found = conducts(np.ascontiguousarray(left**1.5))
        cut = places[round(away.size * (1 - (away > 0).mean() * (1 - filling)))]
        expected = conducts((away >= cut).astype(np.float64))
        record_verification(
            f"D_eff / D of fibres under a film at a filling of {filling:g}, draw {seed}, against "
            "larger fibres", expected, found, abs(found / expected - 1),
        )  # fmt: skip
        assert abs(found - expected) < (0.07 * expected if filling < 0.5 else 0.02)
