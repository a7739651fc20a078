"""What `twin.pore_sizes` refuses, says and writes, and what must hold for any image."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import ndimage
from support.images import seeds, spacings
from support.pore_shapes import PHASES, layer

import twin
from meshing.chords import chord_map
from meshing.errors import InputError
from meshing.pore_sizes import sphere_map, wall_distance, ways_in
from twin.pore_size_results import WORDS

METHODS = list(WORDS)


@pytest.fixture(scope="module")
def electrode() -> twin.Volume:
    return twin.generate.electrode((20, 18, 16), spacing=(1e-6, 0.5e-6, 0.8e-6), seed=2)


@st.composite
def blobs(draw: st.DrawFn) -> tuple[NDArray[np.uint8], tuple[float, float, float]]:
    """A small image with pores of a few voxels, and any voxel edges."""
    random = np.random.default_rng(draw(seeds))
    shape = tuple(draw(st.integers(1 if axis else 3, 11)) for axis in range(3))
    noise = ndimage.gaussian_filter(random.random(shape), 1.0)
    inside = noise > np.quantile(noise, draw(st.sampled_from([0.2, 0.5, 0.8])))
    return inside.astype(np.uint8), draw(spacings)


@settings(max_examples=60)
@given(blobs())
def test_every_voxel_has_a_sphere_and_none_larger_than_fits(case) -> None:
    inside, spacing = case
    radius, distance = sphere_map(inside, spacing), wall_distance(inside, spacing)
    assert ((radius > 0) == (inside > 0)).all()
    assert (radius >= distance * (1 - 1e-6)).all()
    # Between voxel centres a sphere is larger than around them by half a diagonal at most.
    half = 0.5 * np.linalg.norm(spacing)
    assert radius.max() <= (distance.max() + half) * (1 + 1e-6)


@settings(max_examples=60)
@given(blobs(), st.permutations([0, 1, 2]), st.tuples(*[st.booleans()] * 3))
def test_turned_and_mirrored_images_have_the_same_sizes(case, order, mirrored) -> None:
    inside, spacing = case
    turned = np.transpose(inside, order)
    turned_spacing = tuple(spacing[a] for a in order)
    flips = tuple(axis for axis in range(3) if mirrored[axis])
    image = np.ascontiguousarray(np.flip(turned, flips))
    for found, there in (
        (sphere_map(inside, spacing), sphere_map(image, turned_spacing)),
        (wall_distance(inside, spacing), wall_distance(image, turned_spacing)),
        (
            sphere_map(inside, spacing, (True, True, True)),
            sphere_map(image, turned_spacing, (True, True, True)),
        ),
        (chord_map(inside, spacing, order[0]), chord_map(image, turned_spacing, 0)),
    ):
        np.testing.assert_allclose(np.flip(there, flips), np.transpose(found, order), rtol=1e-5)


@settings(max_examples=40)
@given(blobs())
def test_sizes_scale_with_the_voxels(case) -> None:
    inside, spacing = case
    larger = tuple(4.0 * edge for edge in spacing)
    np.testing.assert_array_equal(4 * sphere_map(inside, spacing), sphere_map(inside, larger))
    np.testing.assert_array_equal(4 * wall_distance(inside, spacing), wall_distance(inside, larger))


@settings(max_examples=60)
@given(blobs(), st.tuples(*[st.booleans()] * 3))
def test_the_widest_way_is_that_of_components_at_each_radius(case, inlets) -> None:
    """For each radius: which voxels of at least that radius hang together with an inlet."""
    inside, spacing = case
    radius = wall_distance(inside, spacing)
    expected = np.zeros_like(radius)
    doors = np.zeros(inside.shape, bool)
    for axis in range(3):
        if inlets[axis]:
            np.moveaxis(doors, axis, 0)[[0, -1]] = True
    for r in np.unique(radius[inside > 0]):
        parts, _ = ndimage.label(radius >= r)
        reached = np.isin(parts, np.unique(parts[doors & (parts > 0)])) & (parts > 0)
        expected[reached] = r
    np.testing.assert_array_equal(ways_in(inside, radius, inlets), expected)


@settings(max_examples=40)
@given(blobs(), st.integers(0, 2))
def test_chords_are_runs_of_voxels(case, axis) -> None:
    inside, spacing = case
    expected = np.zeros(inside.shape, np.float32)
    lines, out = np.moveaxis(inside, axis, 2), np.moveaxis(expected, axis, 2)
    for a, b in np.ndindex(lines.shape[:2]):
        at = 0
        for value, run in itertools.groupby(lines[a, b]):
            length = len(list(run))
            out[a, b, at : at + length] = value * length * spacing[axis]
            at += length
    np.testing.assert_allclose(chord_map(inside, spacing, axis), expected, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_agree_with_the_fields(electrode: twin.Volume, method: str) -> None:
    found = twin.pore_sizes(electrode, "pore", method)  # type: ignore[arg-type]
    pores = electrode.voxel_count("pore")
    for field in found.fields().values():
        assert field.shape == electrode.shape
        assert (field[~np.isin(electrode.labels, electrode.label_values("pore"))] == 0).all()
    if found.along:
        assert list(found.along) == ["x", "y", "z"]
        assert found.distribution.total == sum(one.total for one in found.along.values())
        return
    (field,) = found.fields().values()
    sizes = np.sort(field[field > 0])
    assert found.distribution.total == len(sizes)
    assert found.measured_fraction == pytest.approx(len(sizes) / pores)
    assert found.d50 == pytest.approx(sizes[(len(sizes) + 1) // 2 - 1], rel=1e-6)
    assert found.mean == pytest.approx(sizes.astype(float).mean(), rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_written(electrode: twin.Volume, method: str, tmp_path: Path) -> None:
    found = twin.pore_sizes(electrode, "pore", method)  # type: ignore[arg-type]
    assert "D50" in found.summary() and "pore" in found.summary()
    assert isinstance(found.plot(tmp_path / "sizes.png"), Figure)
    assert (tmp_path / "sizes.png").stat().st_size > 10_000
    with found.to_csv(tmp_path / "sizes.csv").open() as file:
        rows = list(csv.DictReader(file))
    for axis in found.along or [""]:
        mine = [row for row in rows if row.get("axis", "") == axis]
        assert sum(float(row["share"]) for row in mine) == pytest.approx(1.0)
        assert float(mine[-1]["cumulative"]) == pytest.approx(1.0)
    assert found.to_dict()["d50"] == found.d50
    assert found.to_vtk(tmp_path / "sizes.vti").exists()


def test_quantiles_of_a_distribution() -> None:
    found = twin.SizeDistribution(np.array([1.0, 2.0, 4.0]), np.array([10, 40, 50]))
    assert [found.quantile(p) for p in (0.0, 0.1, 0.11, 0.5, 0.51, 1.0)] == [1, 1, 2, 2, 4, 4]
    _, shares = found.histogram([0.0, 1.0, 2.0, 3.0])
    assert shares.tolist() == [0.1, 0.4, 0.0]  # a size on an edge is in the class below it
    assert found.histogram(2)[0].tolist() == [0.0, 2.0, 4.0]
    nothing = twin.SizeDistribution(np.zeros(0), np.zeros(0, np.int64))
    assert np.isnan([nothing.d50, nothing.mean]).all()
    assert nothing.histogram(3)[1].tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(InputError, match="a share is from 0 to 1, found 50"):
        found.quantile(50)
    with pytest.raises(InputError, match="1 class or more, found 0"):
        found.histogram(0)
    with pytest.raises(InputError, match="two or more ascending numbers"):
        found.histogram([1.0, 1.0])


@pytest.mark.parametrize("method", METHODS)
def test_a_picture_in_a_plane_has_circles(method: str) -> None:
    picture = layer(4, 0, (1.0, 1.0, 1.0)).labels[:, :, 3]
    found = twin.pore_sizes(twin.Volume(picture, 2.0, PHASES), "pore", method)  # type: ignore[arg-type]
    assert found.distribution.sizes[-1] == pytest.approx(6.0 if method == "distance-map" else 8.0)
    assert "z" not in found.axes


def test_lengths_without_a_spacing_are_in_voxels(tmp_path: Path) -> None:
    volume = twin.Volume(layer(4, 0, (1.0, 1.0, 1.0)).labels, phases=PHASES)
    found = twin.pore_sizes(volume, "pore")
    assert found.d50 == pytest.approx(4.0)
    assert "lengths are in voxels" in found.summary()
    assert found.to_dict()["spacing_known"] is False
    found.plot(tmp_path / "voxels.png")


@pytest.mark.parametrize(
    ("phase", "options", "sentence"),
    [
        ("pores", {}, "there is no phase 'pores'; .* did you mean 'pore'"),
        ("binder", {}, r"phase 'binder' \(label 7\) has no voxels"),
        ("all", {}, "phase 'all' fills the whole volume: it has no walls"),
        ("pore", {"method": "thickness"}, "local-thickness, .* chords, found 'thickness'"),
        ("pore", {"axis": "x"}, "local-thickness takes no axis, found 'x'"),
        ("pore", {"method": "chords", "axis": "xx"}, "letters of \"xyz\", each once, found 'xx'"),
        ("pore", {"method": "chords", "axis": ""}, 'letters of "xyz", each once'),
        ("pore", {"method": "mercury", "axis": "xz"}, "one voxel thick along z"),
    ],
)
def test_bad_input_is_told_in_a_sentence(phase, options, sentence) -> None:
    labels = np.zeros((6, 6), np.uint8)
    labels[2:4] = 1
    phases = {"pore": 1, "binder": 7} if phase != "all" else {"all": (0, 1)}
    with pytest.raises(InputError, match=sentence):
        twin.pore_sizes(twin.Volume(labels, 1.0, phases), phase, **options)


def test_something_else_than_a_volume_is_refused() -> None:
    with pytest.raises(InputError, match="a volume is needed, found ndarray"):
        twin.pore_sizes(np.zeros((3, 3, 3)), "pore")  # type: ignore[arg-type]


def test_a_volume_that_does_not_fit_is_refused(
    electrode: twin.Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.memory.bytes_free", lambda: 1000)
    with pytest.raises(InputError, match="measuring pores on 20 x 18 x 16 voxels needs about"):
        twin.pore_sizes(electrode, "pore")
    assert twin.pore_sizes(electrode, "pore", ignore_memory=True).d50 > 0
