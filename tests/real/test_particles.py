"""Particles of two NMC electrodes: what the tuning changes, and what must fit the whole image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.real

FILES = {
    "measured": ("nmc_1cal_am_cbd_pore.tif", 0.398e-6, {"pore": 0, "AM": 1, "CBD": 2}),
    "generated": ("taufactor_electrode_3phase.tif", 0.390625e-6, {"pore": 0, "AM": 85, "CBD": 170}),
}

#: Median diameter by volume [m] and mean sphericity with the default settings.
FOUND = {"measured": (10.67e-6, 0.884), "generated": (11.07e-6, 0.847)}


@pytest.fixture(scope="module", params=list(FILES))
def electrode(request: pytest.FixtureRequest) -> tuple[str, twin.Volume]:
    """One of the two electrodes, with its name."""
    folder: Path = request.getfixturevalue("shared_data")
    name, spacing, phases = FILES[request.param]
    path = folder / "volumes" / name
    if not path.exists():
        pytest.skip(f"the electrode is not here: there is no {path}")
    return request.param, twin.read(path, spacing, phases)


def test_sizes_and_shapes(electrode: tuple[str, twin.Volume]) -> None:
    name, volume = electrode
    found = twin.particles(volume, "AM")
    d50, sphericity = FOUND[name]
    assert found.d50 == pytest.approx(d50, rel=2e-3)
    assert found.mean(found.sphericity) == pytest.approx(sphericity, abs=2e-3)
    assert found.counted.sum() > 500  # as many as the holotomography study has in each sample
    assert found.left_out < 1e-4 * volume.voxel_count("AM")
    assert found.moments.voxels.sum() + found.left_out == volume.voxel_count("AM")


def test_the_median_does_not_hang_on_the_tuning(electrode: tuple[str, twin.Volume]) -> None:
    name, volume = electrode
    d50, _ = FOUND[name]
    for options in ({"neck": 0.85}, {"neck": 0.93}, {"height": volume.spacing[0]}):
        assert twin.particles(volume, "AM", **options).d50 == pytest.approx(d50, rel=0.05)


def test_surfaces_and_lines_are_those_of_the_whole_image(
    electrode: tuple[str, twin.Volume],
) -> None:
    _, volume = electrode
    found = twin.particles(volume, "AM", border="keep", smallest=0.0)
    whole = twin.surface_areas(volume)
    for other in ("pore", "CBD"):
        # At the faces of the volume one takes the structure to end, the other to go on.
        expected = whole.interface("AM", other).crofton
        assert found.interface(other).sum() == pytest.approx(expected, rel=0.01)
    edges = twin.triple_lines(volume).total.edges
    assert found.triple_edges.sum() == pytest.approx(edges, rel=1e-9)


def test_the_labelled_volume(electrode: tuple[str, twin.Volume]) -> None:
    """Every particle is in one piece of the phase, and touches those that it is said to."""
    measure = pytest.importorskip("skimage.measure")
    _, volume = electrode
    corner = twin.crop(volume, "0:120, 0:120, 0:120")
    found = twin.particles(corner, "AM", border="keep")
    pieces = measure.label(corner.labels == corner.label_values("AM")[0], connectivity=1)
    pairs = np.unique(np.stack([found.ids, pieces])[:, found.ids > 0], axis=1)
    assert pairs.shape[1] == found.count
    largest = int(np.argmax(found.contacts.numbers)) + 1
    grown = measure.label(found.ids == largest, connectivity=3)
    assert grown.max() == 1
    touched = set()
    for axis in range(3):
        low, high = np.moveaxis(found.ids, axis, 0)[:-1], np.moveaxis(found.ids, axis, 0)[1:]
        touched |= {*low[high == largest].tolist(), *high[low == largest].tolist()}
    assert touched - {0, largest} == set(found.contacts.neighbours(largest).tolist())
