"""Pictures of a flux in three dimensions, drawn by PyVista without a screen."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.surfaces import Smoothing, surface
from meshing.volume import Volume
from twin.files import atomic, check_writable
from twin.flux_colours import GREY, WHITE, flux_colours, flux_limits
from twin.flux_partition import DEAD_END, ISOLATED, THROUGH, FluxPartition
from twin.slices import length_scale

if TYPE_CHECKING:
    import pyvista

    from twin.streamlines import StreamLines

__all__ = ["render"]

#: The smoothed surface need not keep the volume of the voxels: it is looked at, not measured.
_SMOOTHING: Final = Smoothing(iterations=20, volume_tolerance=None)

#: How surfaces take the light: enough from all sides that flat cuts are not dark.
_LIGHT: Final[dict[str, Any]] = {"smooth_shading": True, "ambient": 0.3, "diffuse": 0.8}

_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def render(
    partition: FluxPartition,
    path: str | Path,
    *,
    lines: StreamLines | None = None,
    size: tuple[int, int] = (1600, 1300),
    azimuth: float = 35.0,
    elevation: float = 20.0,
) -> Path:
    """Draw through paths and dead ends in three dimensions and save the picture.

    The surface of the through paths has the colour of the flux over its mean, dead ends are white
    and islands are left out. With stream lines the surfaces become glass and the lines carry the
    colours. No screen is needed.

    Parameters
    ----------
    partition : FluxPartition
        What `twin.flux_partition` found.
    path : str or Path
        The picture, ``.png``, ``.jpg``, ``.tif`` or ``.bmp``.
    lines : StreamLines, optional
        Stream lines of the same result.
    size : two ints
        Width and height of the picture in pixels.
    azimuth, elevation : float
        From where to look, in degrees: around the z axis from x towards y, and above the xy plane.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        When the suffix is another, the file cannot be written, there is nothing to draw, or this
        computer has nothing to draw with.

    Examples
    --------
    >>> from contextlib import suppress
    >>> import twin
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um", binder_fraction=0.2)
    >>> parts = twin.flux_partition(twin.tortuosity(volume, "CBD", axis="z"))
    >>> with suppress(twin.InputError):  # where there is nothing to draw with
    ...     path = twin.render(parts, "paths.png", size=(400, 300))
    """
    path = Path(path)
    _check(path, partition)
    with _plotter(size) as plotter:
        _draw_surfaces(plotter, partition, 0.12 if lines is not None else 1.0)
        if lines is not None:
            _draw_lines(plotter, partition, lines)
        _draw_box(plotter, partition)
        _look(plotter, azimuth, elevation)
        with atomic(path) as temporary:
            plotter.screenshot(str(temporary))
    return path


def _check(path: Path, partition: FluxPartition) -> None:
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(
            f"cannot draw {path}: {path.suffix or 'no suffix'} is no format of renderings; use "
            f"one of {', '.join(_SUFFIXES)}"
        )
    if not partition.result.percolates:
        raise InputError(f"there is no flux to draw: {partition.result.reason}")
    check_writable(path)


@contextmanager
def _plotter(size: tuple[int, int]) -> Iterator[Any]:
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


def _draw_surfaces(plotter: Any, partition: FluxPartition, opacity: float) -> None:
    scale, _ = length_scale(partition.result.volume)
    classes = Volume(
        partition.labels,
        partition.result.mesh.spacing,
        {"through": THROUGH, "dead end": DEAD_END, "isolated": ISOLATED},
    )
    if partition.voxels[0]:
        through = _mesh(classes, "through", scale)
        if opacity == 1.0:
            ratio = _ratio_at(partition, through.points / scale)
            plotter.add_mesh(through, scalars=ratio, **_coloured(plotter, partition))
        else:
            plotter.add_mesh(through, color=GREY, opacity=opacity, **_LIGHT)
    if partition.voxels[1]:
        ends = _mesh(classes, "dead end", scale)
        plotter.add_mesh(ends, color=WHITE, opacity=min(1.0, 3 * opacity), **_LIGHT)


def _mesh(classes: Volume, name: str, scale: float) -> pyvista.PolyData:
    import pyvista

    found = surface(classes, name, smoothing=_SMOOTHING)
    faces = np.insert(found.triangles, 0, 3, axis=1)  # VTK wants the number of corners first
    return pyvista.PolyData(found.points * scale, faces=faces.ravel())


def _ratio_at(partition: FluxPartition, points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Largest flux over mean in the eight voxels around each point of a surface."""
    shape = np.array(partition.labels.shape)
    flux = partition.result.flux()
    lowest = np.floor(points / partition.result.mesh.spacing - 0.5).astype(np.intp)
    largest = np.zeros(len(points), np.float32)
    for corner in np.ndindex(2, 2, 2):
        x, y, z = np.clip(lowest + corner, 0, shape - 1).T
        through = partition.labels[x, y, z] == THROUGH
        np.maximum(largest, np.linalg.norm(flux[x, y, z], axis=-1) * through, out=largest)
    return largest / np.float32(partition.distribution.mean)


def _coloured(plotter: Any, partition: FluxPartition) -> dict[str, Any]:
    return {
        "cmap": flux_colours(),
        "clim": flux_limits(partition),
        "log_scale": True,
        **_LIGHT,
        "scalar_bar_args": {
            "title": "flux / mean", "vertical": True, "color": "black", "fmt": "%.3g",
            "title_font_size": _letters(plotter), "label_font_size": _letters(plotter),
            "position_x": 0.86, "position_y": 0.25, "height": 0.5, "width": 0.05,
        },
    }  # fmt: skip


def _draw_lines(plotter: Any, partition: FluxPartition, lines: StreamLines) -> None:
    scale, _ = length_scale(partition.result.volume)
    mesh = lines.to_pyvista()
    mesh.points = mesh.points * scale
    tubes = mesh.tube(radius=0.25 * min(partition.result.mesh.spacing) * scale, n_sides=8)
    plotter.add_mesh(tubes, scalars="flux_over_mean", **_coloured(plotter, partition))


def _letters(plotter: Any) -> int:
    """Height of letters in pixels, in proportion to the picture."""
    return max(8, round(float(plotter.window_size[1]) / 60.0))


def _draw_box(plotter: Any, partition: FluxPartition) -> None:
    import pyvista

    scale, unit = length_scale(partition.result.volume)
    unit = unit.replace("µ", "u")  # VTK's own font has no µ, and would leave it out
    mesh = partition.result.mesh
    x, y, z = (n * h * scale for n, h in zip(mesh.shape, mesh.spacing, strict=True))
    plotter.add_mesh(
        pyvista.Box((0.0, x, 0.0, y, 0.0, z)).extract_all_edges(), color="black", line_width=2
    )
    plotter.show_bounds(
        bounds=(0.0, x, 0.0, y, 0.0, z), color="black", location="outer", ticks="outside",
        xtitle=f"x [{unit}]", ytitle=f"y [{unit}]", ztitle=f"z [{unit}]", n_xlabels=3,
        n_ylabels=3, n_zlabels=3, font_size=_letters(plotter), bold=False, use_3d_text=False,
        fmt="%.3g",
    )  # fmt: skip


def _look(plotter: Any, azimuth: float, elevation: float) -> None:
    around, above = np.radians((azimuth, elevation))
    level, up = (np.cos(around), np.sin(around)), (np.cos(above), np.sin(above))
    direction = (up[0] * level[0], up[0] * level[1], up[1])
    plotter.view_vector(direction, viewup=(-up[1] * level[0], -up[1] * level[1], up[0]))
    plotter.camera.SetWindowCenter(0.05, -0.08)  # room for the colour bar and the lower numbers
