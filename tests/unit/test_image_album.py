"""Slices of a discharge in an image: which moments are kept, and what they show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import lio2_image

import twin
from solvers.deposit import PORE
from twin.lio2 import Growth, ImageDischarge, discharge_image
from twin.lio2.image_album import MOST, Album, Cut, Plane
from twin.lio2.image_files import film_thickness


def cut(moment: int) -> Cut:
    nothing = np.zeros((2, 3), np.float32)
    return Cut(moment, nothing.astype(np.uint8), nothing + moment, nothing, nothing, nothing)


def kept(charge: Any, most: int = 8) -> list[int]:
    album = Album(Plane(0, 0, 1, 2))
    for moment in range(len(charge)):
        album = album.add(cut(moment), charge, most)
    return [each.moment for each in album.cuts]


@pytest.mark.parametrize("power", [0.5, 1.0, 3.0])
def test_moments_are_spread_over_the_charge(power: float) -> None:
    charge = np.linspace(0.0, 1.0, 200) ** power
    moments = kept(charge, 16)
    assert len(moments) == 16
    assert moments[0] == 0
    assert moments[-1] == 199
    gaps = np.diff(charge[moments])
    assert gaps.max() < 3.0 / 15


def test_a_short_discharge_is_kept_whole() -> None:
    assert kept(np.arange(8.0)) == list(range(8))
    assert kept(np.arange(9.0)) == [0, 2, 3, 4, 5, 6, 7, 8]


def test_moments_near_shares_of_the_charge() -> None:
    charge = np.array([0.0, 1.0, 2.0, 10.0])
    album = Album(Plane(0, 0, 1, 2), tuple(cut(k) for k in (0, 1, 3)))
    found = album.at((0.0, 0.04, 0.1, 0.2, 1.0), charge)
    assert [each.moment for each in found] == [0, 1, 3]


def test_arrays_make_the_album_again() -> None:
    album = Album(Plane(0, 0, 1, 2), tuple(cut(k) for k in (0, 4, 5)))
    again = Album(album.plane).with_arrays(album.to_arrays())
    assert [each.moment for each in again.cuts] == [0, 4, 5]
    assert again.cuts[1].kind.dtype == np.uint8
    assert (again.cuts[1].product == 4.0).all()


@pytest.fixture(scope="module", params=["x", "y", "z"])
def run(request: pytest.FixtureRequest) -> ImageDischarge:
    """Along each axis, so that the plane lies in each way."""
    mat = twin.generate.fibres((14, 12, 16), "5nm", diameter="20nm", porosity=0.8, seed=4).volume
    return discharge_image(
        mat, current_density=0.02, carbon="fibre", axis=request.param, growth=Growth(0.5, 1e15)
    )


def test_the_last_cut_is_the_plane_of_the_end(run: ImageDischarge) -> None:
    last, plane = run.album.cuts[-1], run.album.plane
    assert last.moment == len(run.time) - 1
    assert len(run.album.cuts) == min(MOST, len(run.time))
    final = run.final
    room = np.where(final.kind >= PORE, np.minimum(final.theta, 1.0), np.nan)
    fields = {**run.fields, "product": room, "film_thickness": film_thickness(final)}
    for name, dense in fields.items():
        dense = np.where(final.kind == PORE, dense, np.nan) if name == "reaction_rate" else dense
        shown = getattr(last, name)
        assert np.allclose(shown, plane.cut(dense), rtol=1e-5, atol=0.0, equal_nan=True), name
        assert np.isfinite(shown).any()
    assert (last.kind == plane.cut(final.kind)).all()


def test_an_album_is_in_the_middle_of_the_longer_side() -> None:
    volume = lio2_image.image((12, 10, 16))
    assert Plane.of(volume, 2) == Plane(normal=1, position=5, across=0, depth=2)
    assert Plane.of(volume, 0) == Plane(normal=1, position=5, across=2, depth=0)
