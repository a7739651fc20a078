"""Pictures: what they show, and that matplotlib is left as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

import twin
from meshing.errors import InputError
from meshing.generate import channels
from twin.slices import slice_of

SPACING = (2e-6, 1e-6, 1e-6)


@pytest.fixture(scope="module")
def directions() -> twin.Directions:
    volume = twin.generate.electrode((12, 20, 16), SPACING, seed=4)
    found = twin.tortuosity(volume, "pore", "xyz")
    assert isinstance(found, twin.Directions)
    return found


@pytest.fixture(scope="module")
def closed() -> twin.Directions:
    found = twin.tortuosity(channels((12, 12, 12), "x", 2, 5, SPACING), "pore", "yz")
    assert isinstance(found, twin.Directions)
    return found


def test_the_slice_holds_the_driven_axis(directions: twin.Directions) -> None:
    for t, axes in zip(directions, ("xyz", "yxz", "zxy"), strict=True):
        cut = slice_of(t, t.length)
        assert cut.axes == axes
        driven, other, normal = ("xyz".index(a) for a in axes)
        order = np.transpose(t.concentration(), (driven, other, normal))
        middle = order.shape[2] // 2
        np.testing.assert_array_equal(cut.potential, order[:, :, middle])
        flux = np.transpose(t.flux(), (driven, other, normal, 3))[:, :, middle]
        length = t.volume.shape[driven] * SPACING[driven]
        np.testing.assert_allclose(cut.flow, flux[..., [driven, other, normal]] * length)
        assert cut.unit == "µm"
        assert cut.extent[0] == pytest.approx(length * 1e6)


def test_what_carries_no_flux_is_named(directions: twin.Directions) -> None:
    cut = slice_of(directions["x"], 1.0)
    labels = directions["x"].volume.labels[:, :, 8]
    assert {"AM", "CBD"} <= set(cut.names)
    np.testing.assert_array_equal(cut.kinds == cut.names.index("AM") + 1, labels == 1)
    np.testing.assert_array_equal(cut.kinds == 0, ~np.isnan(cut.potential))


def test_labels_without_a_name_are_shown_as_others() -> None:
    labels = np.ones((4, 4, 4), np.uint8)
    labels[:, :, 2:] = 7
    result = twin.tortuosity(twin.Volume(labels, phases={"pore": 1}), "pore", "x")
    assert isinstance(result, twin.Tortuosity)
    cut = slice_of(result, 1.0)
    assert cut.names == ("other labels",)
    assert cut.unit == "voxels"


def test_the_slice_goes_where_flux_passes() -> None:
    result = twin.tortuosity(channels((8, 12, 12), "x", 2, 5, SPACING), "pore", "x")
    assert isinstance(result, twin.Tortuosity)
    cut = slice_of(result, 1.0)  # the channels are at 0, 1, 5, 6, 10, 11 of y
    assert cut.position == "y = 6.5 µm"
    empty = twin.tortuosity(channels((8, 12, 12), "x", 2, 9, SPACING), "pore", "x")
    assert isinstance(empty, twin.Tortuosity)
    assert slice_of(empty, 1.0).position == "y = 9.5 µm"  # the middle, at 6, is a wall


def test_one_direction_shows_concentration_and_flux(directions: twin.Directions) -> None:
    figure = directions["z"].plot()
    left, right = figure.axes[:2]
    assert (left.get_title(), right.get_title()) == ("concentration", "flux")
    assert (left.get_xlabel(), left.get_ylabel()) == ("z [µm]", "x [µm]")
    assert f"{directions['z'].tortuosity_factor:.3f}" in figure.get_suptitle()
    assert right.collections, "no streamlines"
    texts = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"AM", "CBD"} <= texts


def test_directions_show_every_axis_and_factor(directions: twin.Directions) -> None:
    figure = directions.plot()
    titles = [axes.get_title() for axes in figure.axes[:3]]
    assert titles == [f"along {t.axis}: τ = {t.tortuosity_factor:.3f}" for t in directions]
    bars = next(axes for axes in figure.axes if axes.get_ylabel().startswith("tortuosity"))
    heights = [bar.get_height() for bar in bars.patches]  # type: ignore[attr-defined]
    assert heights == [t.tortuosity_factor for t in directions]
    profile = next(axes for axes in figure.axes if axes.get_ylabel().startswith("area"))
    for line, t in zip(profile.lines, directions, strict=True):
        active = np.moveaxis(t.mesh.active(), "xyz".index(t.axis), 0)
        np.testing.assert_allclose(line.get_ydata(), active.mean(axis=(1, 2)))


def test_closed_axes_are_drawn_without_flux(closed: twin.Directions, tmp_path: Path) -> None:
    figure = closed.plot(tmp_path / "closed.png")
    assert [axes.get_title() for axes in figure.axes[:2]] == ["along y: τ = ∞", "along z: τ = ∞"]
    closed["y"].plot(tmp_path / "one.png")
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("shape", [(2, 1, 1), (40, 2, 3), (2, 40, 1)])
def test_thin_volumes_can_be_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    volume = twin.Volume(np.ones(shape, np.uint8), "50nm", {"pore": 1})
    result = twin.tortuosity(volume, "pore", "x")
    assert isinstance(result, twin.Tortuosity)
    assert isinstance(result.plot(tmp_path / "thin.png"), Figure)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_the_suffix_says_the_format(
    directions: twin.Directions, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"x{suffix}"
    directions["x"].plot(path)
    start = path.read_bytes()[:200]
    assert {".png": b"\x89PNG", ".pdf": b"%PDF", ".svg": b"<svg"}[suffix] in start or (
        suffix == ".svg" and b"<?xml" in start
    )


def test_an_unknown_format_is_one_sentence(directions: twin.Directions, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.doc is no format of pictures; use one of .*\.png"):
        directions["x"].plot(tmp_path / "x.doc")
    assert not list(tmp_path.iterdir())


def test_settings_of_matplotlib_stay_as_they_were(directions: twin.Directions) -> None:
    before = matplotlib.rcParams.copy()
    figure = directions["x"].plot()
    assert matplotlib.rcParams == before
    assert "matplotlib.pyplot" not in sys.modules or not any(
        manager.canvas.figure is figure
        for manager in sys.modules["matplotlib._pylab_helpers"].Gcf.get_all_fig_managers()
    )
