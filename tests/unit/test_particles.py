"""Particles: what is refused, what is written, and the corners of what can be asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from support.balls import ball, joined

import twin
from meshing.errors import InputError
from twin.cli import main
from twin.particle_rendering import particle_surfaces
from twin.scene import check_drawing

PHASES = {"pore": 0, "AM": 1, "CBD": 2}
UNEQUAL = (1.0e-6, 0.8e-6, 1.3e-6)


def three_balls() -> NDArray[np.uint8]:
    """Two balls that touch and one that the low x face cuts, on a floor of binder."""
    labels = np.zeros((60, 30, 34), np.uint8)
    labels[:, :, :12] = 2
    for x, radius in ((1.0, 9.0), (24.2, 9.5), (41.0, 8.3)):
        labels[ball(labels.shape, (1.0, 1.0, 1.0), (x, 15.3, 17.1), radius)] = 1
    return labels


@pytest.fixture(scope="module")
def volume() -> twin.Volume:
    return twin.Volume(three_balls(), "1um", PHASES)


@pytest.fixture(scope="module")
def found(volume: twin.Volume) -> twin.Particles:
    return twin.particles(volume, "AM")


def test_removed_and_kept(volume: twin.Volume, found: twin.Particles) -> None:
    assert found.border == "weigh"
    removed = twin.particles(volume, "AM", border="remove")
    assert removed.counted.tolist() == found.counted.tolist()
    assert removed.weight.tolist() == [0.0, 1.0, 1.0]
    assert removed.mean(removed.diameter) == pytest.approx(found.diameter[1:].mean())
    assert twin.particles(volume, "AM", border="keep").weight.tolist() == [1.0, 1.0, 1.0]


def test_numbers_belong_together(found: twin.Particles) -> None:
    assert found.count == 3
    assert found.cut.tolist() == [True, False, False]
    assert found.counted.tolist() == [False, True, True]
    extent = found.moments.high - found.moments.low + 1
    weight = np.prod(np.array(found.ids.shape) / (found.ids.shape - extent - 1), axis=1)
    np.testing.assert_allclose(found.weight, weight * [0, 1, 1])
    voxels = np.bincount(found.ids.ravel())[1:]
    assert found.moments.voxels.tolist() == voxels.tolist()
    assert voxels.sum() == found.volume.voxel_count("AM")
    np.testing.assert_allclose(found.volumes, voxels * 1e-18)
    np.testing.assert_allclose(sum(found.share(name) for name in PHASES), 1.0)
    assert found.contacts.neighbours(2).tolist() == [3]
    assert found.contacts.numbers.tolist() == [0, 1, 1]
    matrix = found.contacts.matrix().toarray()
    assert matrix[1, 2] == matrix[2, 1] == found.contacts.area[0]
    assert np.count_nonzero(matrix) == 2
    assert found.areas[0, -1] > 0
    assert found.areas[1:, -1].tolist() == [0.0, 0.0]
    assert (found.triple_line[1:] > 0).all()


def test_moments_are_those_of_scikit_image() -> None:
    measure = pytest.importorskip("skimage.measure")
    labels = three_balls()
    found = twin.particles(twin.Volume(labels, UNEQUAL, PHASES), "AM", border="keep")
    for region in measure.regionprops(np.asarray(found.ids), spacing=UNEQUAL):
        i = region.label - 1
        assert found.moments.voxels[i] == region.num_pixels
        np.testing.assert_allclose(found.position[i], region.centroid + 0.5 * np.array(UNEQUAL))
        assert (*found.moments.low[i], *(found.moments.high[i] + 1)) == region.bbox
        own = np.diag(np.array(UNEQUAL) ** 2 / 12)
        covariance = np.cov(region.coords * UNEQUAL, rowvar=False, bias=True) + own
        np.testing.assert_allclose(found.moments.covariance[i], covariance, atol=1e-15)


def test_quantiles_are_steps(found: twin.Particles) -> None:
    small, large = sorted(found.diameter[found.counted].tolist())
    assert found.quantile(0.0) == found.d10 == small
    share = found.weight[found.diameter == small].sum() / found.weight.sum()
    assert found.quantile(share - 1e-3, by="number") == small
    assert found.quantile(share + 1e-3, by="number") == large
    assert found.d50 == found.d90 == large
    mean = np.average(found.diameter, weights=found.weight)
    assert found.mean(found.diameter) == pytest.approx(mean)
    with pytest.raises(InputError, match="a share is from 0 to 1, found 50"):
        found.quantile(50)
    with pytest.raises(InputError, match="by 'volume' or by 'number', found 'mass'"):
        found.quantile(0.5, by="mass")  # type: ignore[arg-type]


def test_summary_and_numbers(found: twin.Particles) -> None:
    text = found.summary()
    assert "3 particles, of which the outer faces cut 1: left out, and the others weighed" in text
    assert "other AM particles" in text
    assert "D50" in text
    data = json.loads(json.dumps(found.to_dict()))
    assert data["particles"] == 3
    assert data["counted"] == 2
    assert data["diameter"]["volume"]["d50"] == found.d50
    assert sum(data["surface_share"].values()) == pytest.approx(1.0)


def test_table_and_files(found: twin.Particles, tmp_path: Path) -> None:
    table = found.table()
    assert len(table) == 3
    assert table["diameter"].tolist() == found.diameter.tolist()
    assert list(found.rows()[0]) == list(table.columns)
    with found.to_csv(tmp_path / "particles.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["share.CBD"]) for row in rows] == found.share("CBD").tolist()
    with found.contacts.to_csv(tmp_path / "contacts.csv").open(encoding="utf-8") as file:
        (contact,) = csv.DictReader(file)
    assert (contact["first"], contact["second"]) == ("2", "3")
    assert float(contact["area"]) == found.contacts.area[0]


def test_labelled_volume_and_graph(found: twin.Particles, tmp_path: Path) -> None:
    pyvista = pytest.importorskip("pyvista")
    image, graph = (pyvista.read(path) for path in found.to_vtk(tmp_path / "particles.vti"))
    ids = image.cell_data["particle"].reshape(found.ids.shape[::-1]).swapaxes(0, 2)
    assert (ids == found.ids).all()
    diameter = image.cell_data["diameter"].reshape(ids.shape[::-1]).swapaxes(0, 2)
    assert np.isnan(diameter[ids == 0]).all()
    np.testing.assert_allclose(diameter[ids == 2], found.diameter[1], rtol=1e-6)
    np.testing.assert_allclose(graph.points, found.position, rtol=1e-6)
    assert graph.cell_data["area"].tolist() == found.contacts.area.tolist()


def test_picture(found: twin.Particles, tmp_path: Path) -> None:
    figure = found.plot(tmp_path / "particles.png")
    assert isinstance(figure, Figure)
    assert (tmp_path / "particles.png").stat().st_size > 10_000
    sideways = found.plot(axis="x")
    assert [axes.get_ylabel() for axes in (sideways.axes[0], sideways.axes[2])] == [
        "x [µm]",
        "x of the centre [µm]",
    ]
    with pytest.raises(InputError, match="the axis is one of 'x', 'y' and 'z', found 'w'"):
        found.plot(axis="w")


def test_one_particle_without_spacing() -> None:
    labels = ball((24, 24, 24), (1.0, 1.0, 1.0), (12, 12, 12), 9.0)
    found = twin.particles(twin.Volume(labels, phases={"pore": 0, "AM": 1}), "AM")
    assert found.d10 == found.d50 == found.d90 == pytest.approx(18.0, rel=0.01)
    text = found.summary()
    assert "one particle is counted: its size is a number and no distribution" in text
    assert "the spacing is unknown: lengths are in voxels" in text
    assert "1 particle, of which" in text
    assert found.plot().axes[0].get_xlabel() == "x [voxels]"
    assert found.contacts.table().empty


def test_a_phase_that_fills_the_volume() -> None:
    volume = twin.Volume(np.ones((8, 9, 10), np.uint8), "1um", {"AM": 1})
    found = twin.particles(volume, "AM", border="keep")
    assert found.count == 1
    assert found.volumes[0] == pytest.approx(720e-18)
    assert np.isfinite(found.plot().axes[0].get_xlim()).all()


def test_fragments_join_the_neighbour_they_touch_most() -> None:
    """A bump on a ball is a fragment; a speck far away touches nothing and is left out."""
    mask, _ = joined((70, 40, 40), (1.0, 1.0, 1.0), (13.0, 5.0), 3.0, (1, 0, 0))
    mask[64:66, 30:32, 30:32] = True
    volume = twin.Volume(mask, 1.0, PHASES)
    whole = twin.particles(volume, "AM", smallest=0.0)
    assert whole.count == 3
    assert whole.left_out == 0
    joined_up = twin.particles(volume, "AM", smallest=11.0)
    assert joined_up.count == 1
    assert joined_up.left_out == 8
    assert (joined_up.ids[64:66, 30:32, 30:32] == 0).all()
    assert joined_up.moments.voxels[0] == mask.sum() - 8


def test_smoothing_takes_rough_maxima_away() -> None:
    """A ball with a rough surface: without limits of height or neck it falls to pieces."""
    gaussian_filter = pytest.importorskip("scipy.ndimage").gaussian_filter
    rough = gaussian_filter(np.random.default_rng(3).normal(size=(48, 48, 48)), 1.2)
    away = np.linalg.norm(np.indices(rough.shape) + 0.5 - 24, axis=0)
    volume = twin.Volume(away + 2 * rough / rough.std() < 16, 1.0, PHASES)
    no_limits: dict[str, Any] = {"neck": 1.0, "height": 0.0, "smallest": 6.0}
    assert twin.particles(volume, "AM", **no_limits).count > 1
    assert twin.particles(volume, "AM", **no_limits, smoothing=3.0).count == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"height": -1.0}, "height is a length of 0 or more, found -1.0"),
        ({"smoothing": "-1um"}, "smoothing is a length of 0 or more, found -1e-06"),
        ({"smallest": -2e-6}, "smallest is a length of 0 or more, found -2e-06"),
        ({"neck": 1.2}, "the neck is a ratio from 0 .* found 1.2"),
        ({"neck": float("nan")}, "the neck is a ratio from 0 .* found nan"),
        ({"border": "drop"}, "the border is one of 'weigh', 'remove', 'keep', found 'drop'"),
        ({"cut_axes": "xw"}, "letters of 'xyz', found 'xw'; use '' for none"),
        ({"height": "2"}, "the length '2' has no unit"),
        ({"smallest": "50um"}, "no particle of 'AM' has 65450 voxels or more"),
    ],
)
def test_options_out_of_range(volume: twin.Volume, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        twin.particles(volume, "AM", **options)


def test_phases_and_volumes_that_have_no_particles(volume: twin.Volume) -> None:
    with pytest.raises(InputError, match="there is no phase 'NMC'"):
        twin.particles(volume, "NMC")
    nothing = twin.Volume(volume.labels, "1um", {**PHASES, "Li2O2": 7})
    with pytest.raises(InputError, match=r"phase 'Li2O2' \(label 7\) has no voxels"):
        twin.particles(nothing, "Li2O2")
    flat = twin.Volume(volume.labels[:, :, 15], "1um", PHASES)
    with pytest.raises(InputError, match="three dimensions, found a volume of"):
        twin.particles(flat, "AM")


def test_all_cut_by_the_border(volume: twin.Volume) -> None:
    box = twin.crop(volume, "0:30, :, :")
    with pytest.raises(InputError, match="cut all particles of 'AM', of which there are 2; use"):
        twin.particles(box, "AM")
    with pytest.raises(InputError, match="--cut-axes"):
        twin.particles(box, "AM", border="weigh")
    assert twin.particles(box, "AM", border="keep").count == 2
    assert twin.particles(box, "AM", cut_axes="y").counted.all()


def test_too_little_memory(volume: twin.Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.memory.bytes_free", lambda: 1000)
    with pytest.raises(InputError, match="separating particles on 60 x 30 x 34 voxels needs"):
        twin.particles(volume, "AM")
    assert twin.particles(volume, "AM", ignore_memory=True).count == 3


def test_the_command(
    volume: twin.Volume, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "electrode.tif"
    tifffile.imwrite(image, volume.labels)
    words = ["particles", str(image), "--spacing", "1um", "--phases", "pore=0,AM=1,CBD=2"]
    files = {name: tmp_path / f"out.{name}" for name in ("json", "csv", "vti", "png")}
    code = main(
        [
            *words, "--phase", "AM", "--border", "remove", "--height", "0.4um", "--neck", "0.85",
            "--smallest", "3um", "--json", str(files["json"]), "--csv", str(files["csv"]),
            "--vtk", str(files["vti"]), "--plot", str(files["png"]),
        ]
    )  # fmt: skip
    assert code == 0
    assert "out_contacts.vtp" in capsys.readouterr().out
    data = json.loads(files["json"].read_text(encoding="utf-8"))
    assert (data["height"], data["neck"], data["smallest"]) == (4e-7, 0.85, 3e-6)
    assert data["border"] == "remove"
    assert len(files["csv"].read_text(encoding="utf-8").splitlines()) == 4
    assert main([*words, "--phase", "AMM"]) == 2
    assert "there is no phase 'AMM'" in capsys.readouterr().err


def test_bodies_in_three_dimensions(found: twin.Particles, tmp_path: Path) -> None:
    """Seen from above with x to the right: one body cut at the left, two whole ones beside it."""
    try:
        check_drawing()
    except InputError as error:
        pytest.skip(str(error))
    surfaces = particle_surfaces(found)
    assert set(surfaces.cell_data["particle"]) == {1, 2, 3}
    x = surfaces.points[:, 0]
    assert -1e-6 < x.min() < 0.1
    picture = twin.render(found, tmp_path / "a.png", size=(420, 360), azimuth=-90.0, elevation=90.0)
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    coloured = pixels.max(axis=-1) - pixels.min(axis=-1) > 40
    columns = np.flatnonzero(coloured.any(axis=0))
    assert len(columns) > 100
    colours = {tuple(pixels[coloured[:, c], c].mean(axis=0).round(-1)) for c in columns[[5, -10]]}
    assert len(colours) == 2
