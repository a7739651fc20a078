"""Paths of the electrons in a measured cathode: what the geometry and the flux each say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.solving import TIGHT

import twin

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def binder(request: pytest.FixtureRequest) -> twin.Tortuosity:
    """The carbon-binder domain of a piece of the calendered NMC cathode, solved tightly."""
    folder: Path = request.getfixturevalue("shared_data")
    path = folder / "volumes" / "nmc_1cal_am_cbd_pore.tif"
    if not path.exists():
        pytest.skip(f"the NMC cathode is not here: there is no {path}")
    phases = {"pore": 0, "AM": 1, "CBD": 2}
    volume = twin.crop(twin.read(path, "0.398um", phases), "60:180, 60:180, 60:180")
    result = twin.tortuosity(volume, "CBD", "x", solver=TIGHT)
    assert isinstance(result, twin.Tortuosity)
    return result


def test_what_is_on_no_path_carries_nothing(binder: twin.Tortuosity) -> None:
    dead = twin.dead_ends(binder.mesh)
    assert 0.05 < dead.fraction < 0.5
    size = np.linalg.norm(binder.flux(), axis=-1)
    spread = twin.flux_partition(binder).distribution
    assert size[dead.mask()].max() < 1e-3 * spread.mean


def test_the_threshold_finds_more_dead_ends_than_the_geometry(binder: twin.Tortuosity) -> None:
    by_flux = twin.flux_partition(binder)
    by_path = twin.flux_partition(binder, threshold=None)
    assert by_flux.voxels[2] == by_path.voxels[2]
    assert by_flux.dead_end_fraction > 2 * by_path.dead_end_fraction
    assert (by_flux.labels[by_path.labels == 2] == 2).all()


def test_the_lines_through_a_throat_are_its_share_of_the_current(binder: twin.Tortuosity) -> None:
    """The flux of a voxel is the mean of its two faces, and so are the lines that cross them.

    They begin at a few points of each voxel of the inlet: a sample, which is good to some percent.
    """
    lines = twin.streamlines(binder, 4000)
    assert lines.arrived.all()
    found = twin.bottlenecks(binder, strongest=1)
    (throat,) = found.constrictions
    axis = "xyz".index(throat.axis)
    ratio = np.linalg.norm(binder.flux(), axis=-1) / found.distribution.mean
    near = np.abs(np.indices(ratio.shape).T - throat.voxel).max(axis=-1).T <= 3
    section = near & (ratio > found.above)
    points = lines.points / binder.mesh.spacing
    crossing = 0
    for face in (throat.voxel[axis], throat.voxel[axis] + 1):
        at_face = points[np.abs(points[:, axis] - face) < 1e-9]
        voxels = np.floor(at_face).astype(int)
        voxels[:, axis] = throat.voxel[axis]
        crossing += section[tuple(voxels.T)].sum()
    assert crossing / 2 / len(lines) == pytest.approx(throat.current_share, rel=0.03)
