"""What three-dimensional pictures share: a plotter without a screen, light, camera and box."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from meshing.errors import InputError
from meshing.surfaces import Smoothing, surface
from meshing.volume import Volume
from twin.files import check_writable
from twin.slices import length_scale

if TYPE_CHECKING:
    import pyvista

#: The smoothed surface need not keep the volume of the voxels: it is looked at, not measured.
_SMOOTHING: Final = Smoothing(iterations=20, volume_tolerance=None)

#: How surfaces take the light: enough from all sides that flat cuts are not dark.
LIGHT: Final[dict[str, Any]] = {"smooth_shading": True, "ambient": 0.3, "diffuse": 0.8}

_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def check_rendering(path: Path) -> None:
    """Make sure that a picture can be written where and as what it is wanted.

    Raises
    ------
    InputError
        When its suffix is none of a rendering, or the file cannot be written.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"cannot draw {path}: {path.suffix or 'no suffix'} is no format of renderings; use "
            f"one of {', '.join(_SUFFIXES)}"
        )
    check_writable(path)


@contextmanager
def plotter_of(size: tuple[int, int]) -> Iterator[Any]:
    """A plotter without a screen; VTK itself finds whether by EGL, OSMesa or a window server."""
    import pyvista

    with _quiet():
        check_drawing()
        plotter: Any = pyvista.Plotter(off_screen=True, window_size=list(size))
    try:
        plotter.set_background("white")
        plotter.enable_anti_aliasing("msaa", multi_samples=8)
        yield plotter
    finally:
        plotter.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """VTK tries one way to draw after the other, and warns of those that fail."""
    from vtkmodules.vtkCommonCore import vtkObject

    before = vtkObject.GetGlobalWarningDisplay()
    vtkObject.SetGlobalWarningDisplay(0)
    try:
        yield
    finally:
        vtkObject.SetGlobalWarningDisplay(before)


def check_drawing() -> None:
    """Make sure that VTK has something to draw with, which it does not survive to find missing.

    Raises
    ------
    InputError
        When there is neither a graphics driver nor OSMesa.
    """
    from vtkmodules.vtkRenderingCore import vtkRenderWindow
    from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow  # noqa: F401, registers

    window = vtkRenderWindow()
    by_osmesa = window.GetClassName() == "vtkOSOpenGLRenderWindow"
    if by_osmesa and ctypes.util.find_library("OSMesa") is None:
        raise InputError(
            "cannot draw in three dimensions here: VTK finds neither EGL nor OSMesa nor a window "
            "server; install libegl1 or libosmesa6, or open the fields of to_vtk in ParaView"
        )


def surface_mesh(volume: Volume, name: str, scale: float) -> pyvista.PolyData:
    """The smoothed surface of a phase, lengths times a factor."""
    import pyvista

    found = surface(volume, name, smoothing=_SMOOTHING)
    faces = np.insert(found.triangles, 0, 3, axis=1)  # VTK wants the number of corners first
    return pyvista.PolyData(found.points * scale, faces=faces.ravel())


def letters(plotter: Any) -> int:
    """Height of letters in pixels, in proportion to the picture."""
    return max(8, round(float(plotter.window_size[1]) / 60.0))


def draw_box(plotter: Any, volume: Volume) -> None:
    """Draw the edges of a volume with a scale along them."""
    import pyvista

    scale, unit = length_scale(volume)
    unit = unit.replace("µ", "u")  # VTK's own font has no µ, and would leave it out
    x, y, z = (n * h * scale for n, h in zip(volume.shape, volume.spacing, strict=True))
    plotter.add_mesh(
        pyvista.Box((0.0, x, 0.0, y, 0.0, z)).extract_all_edges(), color="black", line_width=2
    )
    plotter.show_bounds(
        bounds=(0.0, x, 0.0, y, 0.0, z), color="black", location="outer", ticks="outside",
        xtitle=f"x [{unit}]", ytitle=f"y [{unit}]", ztitle=f"z [{unit}]", n_xlabels=3,
        n_ylabels=3, n_zlabels=3, font_size=letters(plotter), bold=False, use_3d_text=False,
        fmt="%.3g",
    )  # fmt: skip


def look(plotter: Any, azimuth: float, elevation: float, centre: tuple[float, float]) -> None:
    """Turn the camera; the volume comes to lie `centre` beside the middle of the picture."""
    around, above = np.radians((azimuth, elevation))
    level, up = (np.cos(around), np.sin(around)), (np.cos(above), np.sin(above))
    direction = (up[0] * level[0], up[0] * level[1], up[1])
    plotter.view_vector(direction, viewup=(-up[1] * level[0], -up[1] * level[1], up[0]))
    plotter.camera.SetWindowCenter(*centre)
