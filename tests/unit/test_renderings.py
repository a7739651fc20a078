"""Renderings: that colours and white are where they should be, and one sentence where none is."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import twin
from meshing.errors import InputError
from twin.scene import check_drawing

SIZE = (420, 360)


@pytest.fixture(scope="module")
def can_draw() -> None:
    try:
        check_drawing()
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def partition() -> twin.FluxPartition:
    """A thick channel along x, and a thick pocket on a thin neck."""
    labels = np.zeros((24, 24, 12), np.uint8)
    labels[:, 2:8, 3:9] = 1
    labels[12, 8:12, 6] = 1
    labels[8:17, 12:22, 2:10] = 1
    volume = twin.Volume(labels, "1um", {"solid": 0, "pore": 1})
    result = twin.tortuosity(volume, "pore", "x")
    return twin.flux_partition(result)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def coloured(picture: np.ndarray) -> np.ndarray:
    return picture.max(axis=-1) - picture.min(axis=-1) > 60


@pytest.mark.usefixtures("can_draw")
def test_the_channel_is_coloured_and_its_pocket_white(
    partition: twin.FluxPartition, tmp_path: Path
) -> None:
    above = twin.render(partition, tmp_path / "a.png", size=SIZE, azimuth=-90.0, elevation=90.0)
    picture = pixels(above)
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    left = picture[:, : int(0.8 * SIZE[0])]  # without the colour bar
    # Seen from above with x to the right, the channel is at low y: in the lower half.
    rows = np.flatnonzero(coloured(left).any(axis=1))
    assert rows.min() > 0.45 * SIZE[1]
    grey = (left.max(axis=-1) - left.min(axis=-1) < 25) & (left.min(axis=-1) > 90)
    shaded = grey & (left.max(axis=-1) < 254)  # white things are not quite as white as the paper
    assert shaded[: int(0.45 * SIZE[1])].sum() > 500
    assert coloured(picture[:, int(0.85 * SIZE[0]) :]).any()  # the colour bar


@pytest.mark.usefixtures("can_draw")
def test_lines_carry_the_colours_in_a_body_of_glass(
    partition: twin.FluxPartition, tmp_path: Path
) -> None:
    solid = pixels(twin.render(partition, tmp_path / "solid.png", size=SIZE))
    lines = twin.streamlines(partition.result, 10)
    glass = pixels(twin.render(partition, tmp_path / "glass.png", lines=lines, size=SIZE))
    left = slice(0, int(0.8 * SIZE[0]))
    many, few = coloured(solid[:, left]).sum(), coloured(glass[:, left]).sum()
    assert 0 < few < 0.7 * many


@pytest.mark.usefixtures("can_draw")
def test_nothing_is_left_of_a_picture_that_failed(
    partition: twin.FluxPartition, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"\.gif is no format of renderings; use one of \.png"):
        twin.render(partition, tmp_path / "a.gif")
    with pytest.raises(InputError, match="there is no folder"):
        twin.render(partition, tmp_path / "nowhere" / "a.png")
    assert not list(tmp_path.iterdir())


def test_no_flux_cannot_be_drawn(tmp_path: Path) -> None:
    labels = np.ones((6, 5, 4), np.uint8)
    labels[3:] = 0
    volume = twin.Volume(labels, phases={"pore": 1})
    parts = twin.flux_partition(twin.tortuosity(volume, "pore", "x"))
    with pytest.raises(InputError, match="no flux to draw: phase 'pore' does not touch the high"):
        twin.render(parts, tmp_path / "a.png")


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or ctypes.util.find_library("OSMesa") is not None,
    reason="there is something to draw with, whatever is taken away",
)
def test_a_computer_that_cannot_draw_says_so() -> None:
    """VTK told to use OSMesa where there is none would end the process without a word."""
    code = "from twin.scene import check_drawing; check_drawing()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(twin.__file__).parents[1],
        env={**os.environ, "VTK_DEFAULT_OPENGL_WINDOW": "vtkOSOpenGLRenderWindow"},
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1].endswith("open the fields of to_vtk in ParaView")
    assert "VTK finds neither EGL nor OSMesa" in run.stderr
