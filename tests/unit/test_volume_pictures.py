"""Pictures of an image: slices and surfaces have the colours of their phases where they lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

import twin
from meshing.errors import InputError
from twin.microstructure_plots import PHASE_COLOURS
from twin.scene import check_drawing

SPACING = (1e-6, 2e-6, 3e-6)


@pytest.fixture
def volume() -> twin.Volume:
    """Pore below, A in the upper half, B in a corner of it."""
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[:, :, 4:] = 5
    labels[:6, :5, 4:] = 7
    return twin.Volume(labels, SPACING, {"pore": 0, "A": 5, "B": 7})


def test_slices_show_each_phase_in_its_colour_and_lengths_in_metres(volume, tmp_path):
    figure = twin.plot_slices(volume, tmp_path / "slices.png")
    across_z, across_y, across_x = figure.axes
    image = across_x.get_images()[0]
    assert image.get_extent() == pytest.approx([0, 20, 0, 24])
    expected = np.empty((8, 10, 3))
    expected[:4], expected[4:] = to_rgb(PHASE_COLOURS[0]), to_rgb(PHASE_COLOURS[1])
    assert np.allclose(image.get_array(), expected)  # x = 6 is beside B
    assert np.allclose(across_z.get_images()[0].get_array()[0, 0], to_rgb(PHASE_COLOURS[2]))
    assert across_y.get_xlabel() == "x [µm]"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["pore", "A", "B"]
    with Image.open(tmp_path / "slices.png") as picture:
        assert picture.width > 1500


def test_labels_of_no_phase_are_white(volume):
    fewer = twin.Volume(volume.labels, SPACING, {"pore": 0, "A": 5})
    figure = twin.plot_slices(fewer)
    assert np.allclose(figure.axes[0].get_images()[0].get_array()[0, 0], 1.0)
    assert figure.legends[0].get_texts()[-1].get_text() == "(unnamed)"


def test_a_picture_of_unknown_spacing_counts_voxels(volume):
    bare = twin.Volume(volume.labels, phases=volume.phases)
    assert twin.plot_slices(bare).axes[0].get_ylabel() == "y [voxels]"


def test_a_flat_image_is_drawn_once(volume):
    flat = twin.Volume(volume.labels[:, :1], SPACING, volume.phases)
    (panel,) = twin.plot_slices(flat).axes
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("x [µm]", "z [µm]")


@pytest.fixture(scope="module")
def can_draw() -> None:
    try:
        check_drawing()
    except InputError as error:
        pytest.skip(str(error))


def hues(path: Path) -> np.ndarray:
    """Share of the pixels that are bluish and that are orange."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    red, blue = pixels[..., 0], pixels[..., 2]
    return np.array([(blue - red > 40).mean(), (red - blue > 40).mean()])


@pytest.mark.usefixtures("can_draw")
def test_a_rendering_shows_the_phases_but_the_hidden_ones(volume, tmp_path):
    how = {"size": (300, 240), "azimuth": 215.0}
    both = hues(twin.render(volume, tmp_path / "both.png", **how))
    one = hues(twin.render(volume, tmp_path / "one.png", hidden=["pore", "A"], **how))
    assert (both > 0.01).all()
    assert one[0] < 0.001
    assert one[1] > 0.01


@pytest.mark.parametrize(
    ("hidden", "sentence"),
    [(["pore", "A", "B"], "no phase left to draw"), (["por"], "there is no phase 'por'")],
)
def test_what_cannot_be_drawn_is_told(volume, tmp_path, hidden, sentence):
    with pytest.raises(InputError, match=sentence):
        twin.render(volume, tmp_path / "a.png", hidden=hidden)
    with pytest.raises(InputError, match="is no format of renderings"):
        twin.render(volume, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
