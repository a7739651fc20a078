"""Faces between phases: counted, measured and listed, against brute force and known images."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.interfaces import interface, interface_faces
from meshing.volume import Volume

SPACING = (20e-9, 5e-9, 7e-9)


def brute_force(
    labels: np.ndarray, first: int, second: int, periodic: str
) -> set[tuple[tuple[int, ...], tuple[int, ...], int, int]]:
    """Every face by looking at every voxel: first voxel, second voxel, axis, direction."""
    found = set()
    for voxel in np.ndindex(labels.shape):
        for axis, step in product(range(3), (-1, 1)):
            near = list(voxel)
            near[axis] += step
            outside = not 0 <= near[axis] < labels.shape[axis]
            if outside and "xyz"[axis] not in periodic:
                continue
            near[axis] %= labels.shape[axis]
            if labels[voxel] == first and labels[tuple(near)] == second:
                found.add((voxel, tuple(near), axis, step))
    return found


@pytest.mark.parametrize("periodic", ["", "x", "yz", "xyz"])
@pytest.mark.parametrize("shape", [(5, 4, 3), (2, 2, 2), (1, 6, 2), (4, 1, 1)])
def test_faces_are_those_of_brute_force(shape: tuple[int, int, int], periodic: str) -> None:
    labels = np.random.default_rng(sum(shape)).integers(0, 3, shape)
    volume = Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1, "CBD": 2})
    expected = brute_force(labels, 1, 2, periodic)

    faces = interface_faces(volume, "AM", "CBD", periodic)
    first = np.stack(np.unravel_index(faces.first, shape), axis=1).tolist()
    second = np.stack(np.unravel_index(faces.second, shape), axis=1).tolist()
    listed = zip(first, second, faces.axis.tolist(), faces.direction.tolist(), strict=True)
    found = [(tuple(a), tuple(b), axis, step) for a, b, axis, step in listed]

    assert len(found) == len(set(found))
    assert set(found) == expected
    counted = interface(volume, "AM", "CBD", periodic)
    assert counted.faces == tuple(np.bincount(faces.axis, minlength=3))


def test_area_is_that_of_a_block_with_anisotropic_voxels() -> None:
    labels = np.zeros((6, 7, 8), int)
    labels[2:4, 1:4, 3:7] = 1
    found = interface(Volume(labels, spacing=SPACING), "0", "1")
    a, b, c = 2 * SPACING[0], 3 * SPACING[1], 4 * SPACING[2]
    assert found.faces == (2 * 12, 2 * 8, 2 * 6)
    assert found.areas == pytest.approx((2 * b * c, 2 * a * c, 2 * a * b), rel=1e-14, abs=0)
    assert found.area == pytest.approx(sum(found.areas), rel=1e-14, abs=0)
    box = 6 * SPACING[0] * 7 * SPACING[1] * 8 * SPACING[2]
    assert found.specific_area == pytest.approx(found.area / box, rel=1e-14, abs=0)


def test_the_two_sides_may_be_swapped() -> None:
    labels = np.random.default_rng(1).integers(0, 2, (5, 6, 7))
    volume = Volume(labels, spacing=SPACING)
    there, back = interface_faces(volume, "0", "1"), interface_faces(volume, "1", "0")
    order = np.lexsort((there.axis, there.first, there.second))
    other = np.lexsort((back.axis, back.second, back.first))
    assert (there.first[order] == back.second[other]).all()
    assert (there.direction[order] == -back.direction[other]).all()


def test_centres_lie_between_the_voxels_or_on_the_outer_face() -> None:
    labels = np.zeros((3, 2, 2), int)
    labels[2, 1, 0] = 1
    faces = interface_faces(Volume(labels, spacing=(2.0, 3.0, 5.0)), "1", "0", periodic="x")
    centres = {tuple(c) for c in faces.centres().tolist()}
    assert centres == {(4.0, 4.5, 2.5), (6.0, 4.5, 2.5), (5.0, 3.0, 2.5), (5.0, 4.5, 5.0)}


def test_several_phases_count_as_one() -> None:
    labels = np.random.default_rng(2).integers(0, 4, (6, 6, 6))
    volume = Volume(labels, phases={"pore": 0, "NMC": (1, 3), "CBD": 2})
    merged = Volume(np.where(labels > 0, 1, 0))
    assert interface(volume, "pore", ["NMC", "CBD"]).faces == interface(merged, "0", "1").faces


def test_a_periodic_wall_is_seen_from_both_sides() -> None:
    labels = np.array([0, 1]).reshape(2, 1, 1)
    assert interface(Volume(labels), "0", "1").faces == (1, 0, 0)
    assert interface(Volume(labels), "0", "1", periodic="x").faces == (2, 0, 0)


@pytest.mark.verification
def test_published_counts_of_every_pair() -> None:
    """TauFactor, docs/notebooks/02-surface-areas.ipynb (github.com/tldr-group/taufactor)."""
    labels = np.zeros((20, 20, 20), int)
    labels[0:10, 0:10, 0:5] = 1
    labels[5:-5, 5:-5, 5:-5] = 2
    labels[0:10, 0:10, 15:] = 1
    labels[10:, 5:, 15:] = 3
    volume = Volume(labels)
    counts = {"01": 325, "02": 500, "03": 200, "12": 50, "13": 25, "23": 50}
    assert {pair: interface(volume, *pair).count for pair in counts} == counts


@pytest.mark.verification
@pytest.mark.real
def test_published_areas_of_a_measured_electrode(
    shared_data: Path, record_verification: Callable[..., None]
) -> None:
    """Faces per voxel of each phase; TauFactor, docs/notebooks/02-surface-areas.ipynb."""
    import tifffile

    image = tifffile.imread(shared_data / "volumes" / "taufactor_electrode_3phase.tif")
    volume = Volume(image, phases={"pore": 0, "NMC": 85, "CBD": 170})
    published = {
        "pore": 0.30683690309524536,
        "NMC": 0.14610451459884644,
        "CBD": 0.34222638607025146,
    }
    for name, faces in published.items():
        others = [other for other in published if other != name]
        found = interface(volume, name, others).specific_area
        record_verification(
            f"faces per voxel of {name}, measured electrode",
            faces,
            found,
            abs(found / faces - 1),
            source="TauFactor, docs/notebooks/02-surface-areas.ipynb",
        )
        # the published numbers are single precision
        assert found == pytest.approx(faces, rel=1e-7, abs=0)


@pytest.mark.parametrize("second", ["AM", ["CBD", "AM"]])
def test_a_phase_on_both_sides_is_refused(second: str | list[str]) -> None:
    volume = Volume(np.arange(3).reshape(3, 1, 1), phases={"pore": 0, "AM": 1, "CBD": 2})
    with pytest.raises(InputError, match=r"an interface lies between different phases, found AM"):
        interface(volume, "AM", second)


def test_an_unknown_periodic_axis_is_refused() -> None:
    with pytest.raises(InputError, match=r"must be letters of 'xyz', found 'q'"):
        interface(Volume(np.arange(2).reshape(2, 1, 1)), "0", "1", periodic="q")


def test_an_unknown_phase_is_refused() -> None:
    with pytest.raises(InputError, match=r"there is no phase 'por'.*did you mean 'pore'"):
        interface(Volume(np.zeros((2, 2, 2), int), phases={"pore": 0, "AM": 1}), "por", "AM")
