"""A film that grows on random fibres, against the closed forms of overlapping fibres."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from meshing.generate.random_fibres import fibres
from solvers.deposit import CARBON, PORE, Deposit, begin, grow

pytestmark = pytest.mark.verification

RADIUS = 100e-9
EDGE = 1.6e-6
SOURCE = "Boolean model: eps = eps0^((r / r0)^2), a = -2 eps ln(eps0) r / r0^2"


def film_on_fibres(voxels: int, filling: list[float]) -> Iterator[tuple[Deposit, float]]:
    """A film that is made evenly on all sites, and the porosity at the start."""
    h = EDGE / voxels
    options = {"diameter": 2 * RADIUS, "porosity": 0.83, "exact": False, "seed": 0}
    volume = fibres((voxels,) * 3, h, **options).volume
    kind = np.where(volume.labels == volume.phases["pore"], PORE, CARBON).astype(np.uint8)
    deposit = begin(kind, (h,) * 3, 2)
    room = float(deposit.room[kind].sum())
    for step in range(round(100 * max(filling))):
        area = deposit.sites.area
        deposit = grow(deposit, area * (0.01 * room / area.sum()))
        if any(abs((step + 1) / 100 - each) < 1e-9 for each in filling):
            yield deposit, float((kind == PORE).mean())


def thickness(deposit: Deposit) -> float:
    return float(deposit.sites.thickness @ deposit.sites.area / deposit.sites.area.sum())


def radius(filling: float, eps0: float) -> float:
    return RADIUS * float(np.sqrt(np.log(eps0 * (1 - filling)) / np.log(eps0)))


def test_a_film_on_fibres_is_as_thick_as_the_closed_form_says(
    record_verification: Callable[..., None],
) -> None:
    errors = []
    for voxels in (32, 64, 128):  # fibres of 2, 4 and 8 voxels in radius
        for deposit, eps0 in film_on_fibres(voxels, [0.2]):
            expected = radius(0.2, eps0) - RADIUS
            errors.append(abs(thickness(deposit) / expected - 1))
    assert errors[2] < 0.04
    assert errors[0] > 2 * errors[1] > 3 * errors[2]
    order = float(np.log2(errors[0] / errors[2]) / 2)
    record_verification(
        "film on random fibres, thickness at a filling of 0.2, radius 8 voxels",
        expected, thickness(deposit), errors[2], order=order, source=SOURCE,
    )  # fmt: skip


def test_the_area_of_a_film_on_fibres_follows_the_closed_form(
    record_verification: Callable[..., None],
) -> None:
    for deposit, eps0 in film_on_fibres(128, [0.05, 0.1, 0.2, 0.3]):
        filling = deposit.volume / float(deposit.room[deposit.kind].sum())
        r = radius(filling, eps0)
        expected = -2 * eps0 * (1 - filling) * np.log(eps0) * r / RADIUS**2 * EDGE**3
        found = float(deposit.sites.area.sum())
        assert found == pytest.approx(expected, rel=0.07, abs=0)
        record_verification(
            f"film on random fibres, area at a filling of {filling:.2f}, radius 8 voxels",
            expected, found, abs(found / expected - 1), source=SOURCE,
        )  # fmt: skip


@pytest.mark.parametrize("voxels", [4, 8, 12])
def test_the_area_of_fibres_before_any_product(
    voxels: int, record_verification: Callable[..., None]
) -> None:
    h = RADIUS / voxels
    volume = fibres((120,) * 3, h, diameter=2 * RADIUS, porosity=0.83, exact=False, seed=1).volume
    kind = np.where(volume.labels == volume.phases["pore"], PORE, CARBON).astype(np.uint8)
    eps = float((kind == PORE).mean())
    expected = -2 * eps * np.log(eps) / RADIUS
    found = begin(kind, (h,) * 3, 2).carbon_area / (kind.size * h**3)
    assert found == pytest.approx(expected, rel=0.04)
    record_verification(
        f"smooth area of random fibres, radius {voxels} voxels",
        expected, found, abs(found / expected - 1), source=SOURCE,
    )  # fmt: skip
