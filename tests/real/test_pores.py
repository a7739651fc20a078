"""Pores of measured volumes: what the methods say of one image, and the network of its pores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.real


def piece(folder: Path, name: str, box: str, **options: object) -> twin.Volume:
    path = folder / "volumes" / name
    if not path.exists():
        pytest.skip(f"{name} is not here: there is no {path}")
    return twin.crop(twin.read(path, **options), box)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cathode(request: pytest.FixtureRequest) -> twin.Volume:
    """A piece of the calendered NMC cathode."""
    return piece(
        request.getfixturevalue("shared_data"), "nmc_1cal_am_cbd_pore.tif",
        "60:140, 60:140, 60:140", spacing="0.398um", phases={"pore": 0, "AM": 1, "CBD": 2},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sandstone(request: pytest.FixtureRequest) -> twin.Volume:
    """A piece of Berea sandstone."""
    return piece(
        request.getfixturevalue("shared_data"), "berea_400.tif", "0:90, 0:90, 0:90",
        spacing="5.345um", phases={"pore": 0, "grain": 255},
    )  # fmt: skip


def test_the_methods_are_in_order(cathode: twin.Volume) -> None:
    """A sphere around a voxel is one that covers it, and mercury is held back."""
    spheres, mercury, walls = (
        twin.pore_sizes(cathode, "pore", method)  # type: ignore[arg-type]
        for method in ("local-thickness", "mercury", "distance-map")
    )
    assert walls.d50 < mercury.d50 <= spheres.d50
    assert mercury.measured_fraction > 0.98
    assert 2e-6 < spheres.d50 < 10e-6
    larger = spheres.fields()["diameter"] - mercury.fields()["diameter"]
    assert larger.min() > -1e-12


def test_the_mean_chord_is_four_times_volume_over_surface(cathode: twin.Volume) -> None:
    """On the voxels themselves: faces across each axis are the ends of its chords."""
    found = twin.pore_sizes(cathode, "pore", "chords")
    rest = twin.merge_phases(cathode, {"solid": ("AM", "CBD")})
    faces = twin.interface(rest, "pore", "solid").faces
    voxels = cathode.voxel_count("pore")
    for axis, count in zip("xyz", faces, strict=True):
        expected = 2.0 * voxels * cathode.spacing[0] / count
        assert found.mean_chord[axis] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["cathode", "sandstone"])
def test_the_network_is_near_the_voxels(name: str, request: pytest.FixtureRequest) -> None:
    volume: twin.Volume = request.getfixturevalue(name)
    found = twin.pore_network(volume, "pore", axis="xz")
    assert found.pores > 50
    assert found.space.volume.sum() == pytest.approx(
        volume.voxel_count("pore") * np.prod(volume.spacing)
    )
    for axis, flow in found.flows.items():
        assert flow.imbalance < 1e-9
        ratio = flow.tortuosity_factor / found.voxels[axis].tortuosity_factor
        assert 0.75 < ratio < 1.34


def test_constrictions_of_the_voxels_are_throats_of_the_network(sandstone: twin.Volume) -> None:
    """Most lie within two voxels of a throat, which carries about what they carry."""
    found = twin.pore_network(sandstone, "pore", axis="x")
    rows = found.throats_at(twin.bottlenecks(found.voxels["x"], strongest=15))
    near = [row for row in rows if row["distance"] < 2 * sandstone.spacing[0]]
    assert len(near) >= 8
    ratios = [row["throat_share"] / row["current_share"] for row in near]
    assert 0.7 < np.median(ratios) < 1.5
