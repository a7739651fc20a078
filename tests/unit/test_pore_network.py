"""What `twin.pore_network` refuses, says and writes, and what must hold for any image."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas
import pytest
import pyvista
from architecture.test_import_is_light import changed_by
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from support.images import seeds, spacings
from support.pore_shapes import PHASES

import twin
from meshing.errors import InputError
from meshing.pore_regions import PoreSpace, partition, pore_space
from twin.network_flow import conductances, network_flow
from twin.scene import check_drawing

SOLVE = """
labels = np.zeros((20, 16, 12), np.uint8)
labels[:, 2:9, 2:9] = 1
labels[8:12, 5:12, 3:7] = 1
import twin
twin.pore_network(twin.Volume(labels, 1e-6, {"pore": 1}), "pore", axis="x", compare=False).plot()
"""


@pytest.fixture(scope="module")
def network() -> twin.PoreNetwork:
    volume = twin.generate.electrode((28, 24, 26), (1e-6, 0.8e-6, 1.2e-6), seed=2)
    return twin.pore_network(volume, "pore")


@st.composite
def spaces(draw: st.DrawFn) -> tuple[NDArray[np.uint8], tuple[float, float, float]]:
    random = np.random.default_rng(draw(seeds))
    shape = tuple(draw(st.integers(2, 12)) for _ in range(3))
    noise = ndimage.gaussian_filter(random.random(shape), 0.8)
    inside = noise > np.quantile(noise, draw(st.sampled_from([0.4, 0.6, 0.75])))
    return inside.astype(np.uint8), draw(spacings)


def test_nothing_leaks_from_porespy_and_openpnm() -> None:
    """Floating-point errors, logging, warnings, random numbers, pictures: as before.

    SciPy, which is no guest, adds a filter for its own warnings when it is first loaded.
    """
    changes = changed_by(SOLVE)
    before, after = changes.pop("warning filters", [[], []])
    assert changes == {}
    assert [f for f in after if f not in before and "'scipy." not in f] == []  # type: ignore[operator, union-attr]


def test_openpnm_keeps_no_projects(network: twin.PoreNetwork) -> None:
    import openpnm

    assert not network.flows["x"].share.any() or len(openpnm.Workspace()) == 0


def test_the_same_image_gives_the_same_network(network: twin.PoreNetwork) -> None:
    again = twin.pore_network(network.volume, "pore", compare=False)
    np.testing.assert_array_equal(again.space.ids, network.space.ids)
    np.testing.assert_array_equal(again.space.pairs, network.space.pairs)
    for axis, flow in network.flows.items():
        np.testing.assert_array_equal(again.flows[axis].share, flow.share)


@settings(max_examples=40)
@given(spaces())
def test_pores_fill_the_phase_and_hang_together_as_its_voxels_do(case) -> None:
    inside, spacing = case
    ids = partition(inside, spacing, reach=4, smoothing=0.4)
    assert ((ids > 0) == (inside > 0)).all()
    space = pore_space(ids, inside, spacing)
    for number in range(1, ids.max() + 1):
        assert ndimage.label(ids == number)[1] == 1
    assert space.volume.sum() == pytest.approx(inside.sum() * math.prod(spacing))
    # Joining the pores of all throats gives the face-connected parts of the phase.
    parent = np.arange(ids.max() + 1)
    for first, second in space.pairs + 1:
        parent[parent == parent[second]] = parent[first]
    joined, parts = parent[ids], ndimage.label(inside)[0]
    couples = {(int(a), int(b)) for a, b in zip(joined[ids > 0], parts[ids > 0], strict=True)}
    assert len(couples) == len(np.unique(joined[ids > 0])) == parts.max()


@settings(max_examples=40)
@given(spaces(), st.integers(0, 2))
def test_throats_and_mouths_are_the_faces_between_regions(case, axis) -> None:
    inside, spacing = case
    ids = partition(inside, spacing, reach=4, smoothing=0.4)
    space = pore_space(ids, inside, spacing)
    faces: dict[tuple[int, int], list[tuple[int, np.ndarray]]] = {}
    for normal in range(3):
        for at in np.ndindex(ids.shape):
            to = list(at)
            to[normal] += 1
            if to[normal] == ids.shape[normal]:
                continue
            a, b = int(ids[at]), int(ids[tuple(to)])
            if a and b and a != b:
                centre = np.array(at) + 0.5
                centre[normal] += 0.5
                sign = 1 if a < b else -1
                faces.setdefault((min(a, b), max(a, b)), []).append((sign * (normal + 1), centre))
    assert [tuple(pair) for pair in (space.pairs + 1).tolist()] == sorted(faces)
    areas = math.prod(spacing) / np.array(spacing)
    for throat, (_, found) in enumerate(sorted(faces.items())):
        vector, weights = np.zeros(3), np.array([areas[abs(n) - 1] for n, _ in found])
        for n, _ in found:
            vector[abs(n) - 1] += math.copysign(areas[abs(n) - 1], n)
        np.testing.assert_allclose(space.throat_vector[throat], vector, atol=1e-9 * areas.max())
        assert space.throat_surface[throat] == pytest.approx(weights.sum())
        assert space.throat_faces[throat] == len(found)
        place = np.average([c for _, c in found], axis=0, weights=weights) * spacing
        np.testing.assert_allclose(space.throat_position[throat], place, rtol=1e-9)
    for side in (0, 1):
        mouths = space.mouths[axis, side]
        plane = ids.take(-side, axis)
        numbers, counts = np.unique(plane[plane > 0], return_counts=True)
        assert (mouths.pore + 1).tolist() == numbers.tolist()
        np.testing.assert_allclose(mouths.area, counts * areas[axis])
        edge = side * ids.shape[axis] * spacing[axis]
        np.testing.assert_allclose(mouths.position[:, axis], edge, rtol=1e-12)


def by_hand(space: PoreSpace, axis: int, length: float, section: float) -> float:
    """D_eff / D0 by Kirchhoff's laws, in a dense matrix."""
    n = len(space.position)
    matrix, source = np.zeros((n, n)), np.zeros(n)
    for (a, b), g in zip(space.pairs, conductances(space), strict=True):
        matrix[[a, b], [a, b]] += g
        matrix[[a, b], [b, a]] -= g
    inlet = np.zeros(n)
    for side in (0, 1):
        mouths = space.mouths[axis, side]
        for pore, place, area, diameter in zip(
            mouths.pore, mouths.position, mouths.area, mouths.diameter, strict=True
        ):
            away = max(np.linalg.norm(place - space.position[pore]), 0.25 * diameter)
            s = max(space.diameter[pore] / diameter, 1.0)
            g = area / away * ((s - 1) / math.log(s) if s > 1 + 1e-9 else 1.0)
            matrix[pore, pore] += g
            source[pore] += g * (side == 0)
            inlet[pore] += g * (side == 0)
    c = np.linalg.lstsq(matrix, source, rcond=None)[0]
    return float((inlet * (1 - c)).sum() * length / section)


@settings(max_examples=30)
@given(spaces(), st.integers(0, 2))
def test_openpnm_finds_what_kirchhoff_says(case, axis) -> None:
    inside, spacing = case
    ids = partition(inside, spacing, reach=4, smoothing=0.4)
    space = pore_space(ids, inside, spacing)
    volume = twin.Volume(inside, spacing, PHASES)
    flow = network_flow(volume, space, "xyz"[axis], volume.volume_fraction("pore"))
    parts = ndimage.label(inside)[0]
    low, high = (set(np.unique(parts.take(side, axis))) - {0} for side in (0, -1))
    assert flow.percolates == bool(low & high)
    if not flow.percolates:
        assert flow.tortuosity_factor == math.inf
        assert np.isnan(flow.concentration).all()
        assert not flow.share.any()
        return
    edges = np.multiply(inside.shape, spacing)
    expected = by_hand(space, axis, edges[axis], edges.prod() / edges[axis])
    assert flow.relative_diffusivity == pytest.approx(expected, rel=1e-7)
    assert flow.imbalance < 1e-9


def test_tables(network: twin.PoreNetwork, tmp_path: Path) -> None:
    pores, throats = network.pore_table(), network.throat_table()
    assert len(pores) == network.pores and len(throats) == network.throats
    edges = np.multiply(network.volume.shape, network.volume.spacing)
    assert (pores[["position_x", "position_y", "position_z"]].to_numpy() < edges).all()
    assert pores["throats"].sum() == 2 * network.throats
    assert (throats["first"] < throats["second"]).all()
    straight = np.linalg.norm(
        np.diff(network.space.position[network.space.pairs], axis=1)[:, 0], axis=1
    )
    assert (throats["length"] >= straight * (1 - 1e-12)).all()
    files = network.to_csv(tmp_path / "net.csv")
    assert [file.name for file in files] == ["net_pores.csv", "net_throats.csv"]
    read = pandas.read_csv(files[1], index_col="throat")
    np.testing.assert_allclose(read["share_z"], throats["share_z"], rtol=1e-12)


def test_what_is_written(network: twin.PoreNetwork, tmp_path: Path) -> None:
    text = network.summary()
    assert "approximation" in text and "tau on the voxels" in text
    assert isinstance(network.plot(tmp_path / "net.png"), Figure)
    assert (tmp_path / "net.png").stat().st_size > 20_000
    data = network.to_dict()
    assert data["pores"] == network.pores
    assert data["directions"]["z"]["voxel_tortuosity_factor"] == pytest.approx(
        network.voxels["z"].tortuosity_factor
    )
    assert network.rows()[0]["axis"] == "x"
    bodies = pyvista.read(network.to_vtk(tmp_path / "net.vtp"))
    balls = bodies.extract_cells(bodies.cell_data["kind"] == 0)
    assert set(np.unique(balls.cell_data["number"])) == set(range(network.pores))
    one = balls.extract_cells(balls.cell_data["number"] == 3)
    centre = np.array(one.bounds).reshape(3, 2)
    assert centre.mean(axis=1) == pytest.approx(network.space.position[3], rel=1e-5)
    assert np.diff(centre)[2] == pytest.approx(network.space.diameter[3], rel=1e-5)
    sticks = bodies.extract_cells(bodies.cell_data["kind"] == 1)
    assert set(np.unique(sticks.cell_data["number"])) == set(range(network.throats))
    image = pyvista.read(network.to_vtk(tmp_path / "net.vti"))
    assert image.cell_data["pore"].max() == network.pores
    with pytest.raises(InputError, match=r"written as .vtp .* or .vti .* found 'net.stl'"):
        network.to_vtk(tmp_path / "net.stl")


def test_constrictions_are_throats_beside_those_of_the_voxels(network: twin.PoreNetwork) -> None:
    found = network.constrictions("z", 5)
    assert len(found) == 5
    ratios = [one.peak_ratio for one in found]
    assert ratios == sorted(ratios, reverse=True)
    throats = network.throat_table()
    first = throats.iloc[(throats["position_x"] - found[0].position[0]).abs().argmin()]
    assert found[0].current_share == pytest.approx(abs(first["share_z"]))
    edges = np.multiply(network.volume.shape, network.volume.spacing)
    pores = edges[0] * edges[1] * network.volume.volume_fraction("pore")
    assert found[0].peak_ratio == pytest.approx(found[0].current_share * pores / found[0].area)
    voxels = twin.bottlenecks(network.voxels["z"], strongest=4)
    rows = network.throats_at(voxels)
    assert [row["constriction"] for row in rows] == [1, 2, 3, 4][: len(rows)]
    for row, one in zip(rows, voxels.constrictions, strict=True):
        away = np.linalg.norm(network.space.throat_position - one.position, axis=1)
        assert row["distance"] == away.min() == away[row["throat"]]
        assert row["current_share"] == one.current_share


def test_the_neck_of_a_dumbbell_is_its_only_throat() -> None:
    labels = np.zeros((22, 13, 13), np.uint8)
    labels[:9, 2:11, 2:11] = labels[13:, 2:11, 2:11] = 1
    labels[9:13, 5:8, 5:8] = 1
    volume = twin.Volume(labels, 2e-6, PHASES)
    found = twin.pore_network(volume, "pore", axis="x")
    (row,) = found.throats_at(twin.bottlenecks(found.voxels["x"], above=4.0))
    assert row["throat_share"] == pytest.approx(1.0)
    assert row["current_share"] == pytest.approx(1.0, rel=1e-3)
    assert row["distance"] <= 3 * 2e-6
    assert 6e-6 - 2e-6 < row["throat_diameter"] < 6e-6 + 3e-6
    assert found.constrictions("x")[0].current_share == pytest.approx(1.0)


def test_it_is_drawn_in_three_dimensions(network: twin.PoreNetwork, tmp_path: Path) -> None:
    try:
        check_drawing()
    except InputError as error:
        pytest.skip(str(error))
    path = twin.render(network, tmp_path / "balls.png", size=(420, 360))
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    coloured = np.ptp(pixels, axis=-1) > 40  # neither paper nor sticks nor letters
    assert 0.05 < coloured.mean() < 0.9
    yellow = (pixels[..., 0] > 180) & (pixels[..., 1] > 160) & (pixels[..., 2] < 90)
    assert yellow.any()  # what comes in


def test_a_picture_in_a_plane() -> None:
    volume = twin.generate.electrode((50, 44, 20), 1e-6, seed=4)
    picture = twin.Volume(volume.labels[:, :, 8], 1e-6, {"pore": 0, "AM": 1, "CBD": 2})
    found = twin.pore_network(picture, "pore")
    assert list(found.flows) == ["x", "y"]
    assert found.pores > 3
    for axis, flow in found.flows.items():
        assert flow.percolates == found.voxels[axis].percolates


def test_a_network_without_a_path_says_so() -> None:
    labels = np.zeros((12, 9, 9), np.uint8)
    labels[:5, 2:7, 2:7] = labels[7:, 2:7, 2:7] = 1
    found = twin.pore_network(twin.Volume(labels, 1e-6, PHASES), "pore", axis="xz")
    assert not found.percolates
    assert found.flows["x"].tortuosity_factor == math.inf
    assert found.flows["x"].relative_diffusivity == 0.0
    assert "x: no path of pores joins the two faces." in found.summary()
    assert found.constrictions("x") == ()
    assert found.throats == 0
    found.plot()
    assert found.to_pyvista().n_cells > 0
    with pytest.raises(InputError, match="the network has no throats"):
        found.throats_at(twin.bottlenecks(_straight()))


def _straight() -> twin.Tortuosity:
    labels = np.zeros((12, 9, 9), np.uint8)
    labels[:, 2:7, 2:7] = 1
    result = twin.tortuosity(twin.Volume(labels, 1e-6, PHASES), "pore", "x")
    assert isinstance(result, twin.Tortuosity)
    return result


def test_lengths_without_a_spacing_are_in_voxels() -> None:
    labels = np.zeros((12, 9, 9), np.uint8)
    labels[:, 2:7, 2:7] = 1
    found = twin.pore_network(twin.Volume(labels, phases=PHASES), "pore", axis="x")
    assert found.space.diameter == pytest.approx([5.0], rel=1e-6)
    assert "lengths are in voxels" in found.summary()
    found.plot()


@pytest.mark.parametrize(
    ("phase", "options", "sentence"),
    [
        ("pores", {}, "there is no phase 'pores'"),
        ("binder", {}, r"phase 'binder' \(label 7\) has no voxels"),
        ("all", {}, "phase 'all' fills the whole volume: it has no walls, and no pores"),
        ("pore", {"axis": "w"}, "there is no axis 'w'"),
        ("pore", {"axis": "z"}, "axis z is one voxel long"),
        ("pore", {"reach": 0}, "the reach of a peak is 1 voxel or more, found 0"),
        ("pore", {"smoothing": -1.0}, "the smoothing is 0 or a positive number .* found -1.0"),
    ],
)
def test_bad_input_is_told_in_a_sentence(phase, options, sentence) -> None:
    labels = np.zeros((6, 6), np.uint8)
    labels[2:4] = 1
    phases = {"pore": 1, "binder": 7} if phase != "all" else {"all": (0, 1)}
    with pytest.raises(InputError, match=sentence):
        twin.pore_network(twin.Volume(labels, 1.0, phases), phase, **options)


def test_other_bad_input(network: twin.PoreNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="a volume is needed, found ndarray"):
        twin.pore_network(np.zeros((3, 3, 3)), "pore")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="0 or more, found -1"):
        network.constrictions("z", -1)
    with pytest.raises(InputError, match="are of a volume of"):
        network.throats_at(twin.bottlenecks(_straight()))
    only = twin.pore_network(network.volume, "pore", axis="y", compare=False)
    with pytest.raises(InputError, match=r"nothing flows along 'x' in this network, .* are y"):
        only.constrictions("x")
    monkeypatch.setattr("twin.memory.bytes_free", lambda: 1000)
    with pytest.raises(InputError, match="a pore network on 28 x 24 x 26 voxels needs about"):
        twin.pore_network(network.volume, "pore")
