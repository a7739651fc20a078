"""Pictures in three dimensions, drawn by PyVista without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from meshing.errors import InputError
from meshing.volume import Volume
from twin.files import atomic
from twin.flux_partition import FluxPartition
from twin.flux_rendering import draw_partition
from twin.network_rendering import draw_network
from twin.particle_rendering import draw_particles
from twin.particle_results import Particles
from twin.pore_network_results import PoreNetwork
from twin.scene import check_rendering, draw_box, look, plotter_of
from twin.volume_rendering import draw_volume, shown_phases

if TYPE_CHECKING:
    from twin.streamlines import StreamLines

__all__ = ["render"]


def render(
    subject: FluxPartition | Particles | PoreNetwork | Volume,
    path: str | Path,
    *,
    lines: StreamLines | None = None,
    hidden: Sequence[str] | None = None,
    size: tuple[int, int] = (1600, 1300),
    azimuth: float = 35.0,
    elevation: float = 20.0,
) -> Path:
    """Draw an image, its particles, its pore network, or the paths and dead ends of a flux.

    Of an image the surfaces of its phases are drawn, smoothed, each with a colour; an edge of more
    than 200 voxels is drawn in blocks of them. Particles have a surface each, in colours that tell
    them apart and mean nothing. The pores of a network are balls in the colour of their
    concentration. Of a flux the surface of the through paths has the colour of the flux over its
    mean, dead ends are white and islands are left out; with stream lines the surfaces become glass
    and the lines carry the colours. No screen is needed.

    Parameters
    ----------
    subject : Volume, Particles, PoreNetwork or FluxPartition
        An image, or what `twin.particles`, `twin.pore_network` or `twin.flux_partition` found.
    path : str or Path
        The picture, ``.png``, ``.jpg``, ``.tif`` or ``.bmp``.
    lines : StreamLines, optional
        Stream lines of the same result as the partition.
    hidden : sequence of str, optional
        Phases of an image to leave out; by default its first phase, which is mostly the pore.
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
    ...     picture = twin.render(volume, "electrode.png", size=(400, 300))
    ...     paths = twin.render(parts, "paths.png", size=(400, 300))
    """
    path = Path(path)
    check_rendering(path)
    if isinstance(subject, Volume):
        _render_volume(subject, path, shown_phases(subject, hidden), size, (azimuth, elevation))
    elif isinstance(subject, Particles):
        _render_particles(subject, path, size, (azimuth, elevation))
    elif isinstance(subject, PoreNetwork):
        _render_network(subject, path, size, (azimuth, elevation))
    else:
        _render_flux(subject, path, lines, size, (azimuth, elevation))
    return path


def _render_volume(
    volume: Volume,
    path: Path,
    shown: Sequence[str],
    size: tuple[int, int],
    view: tuple[float, float],
) -> None:
    with plotter_of(size) as plotter:
        draw_volume(plotter, volume, shown)
        draw_box(plotter, volume)
        look(plotter, *view, centre=(0.0, -0.08))  # room for the lower numbers
        with atomic(path) as temporary:
            plotter.screenshot(str(temporary))


def _render_particles(
    found: Particles, path: Path, size: tuple[int, int], view: tuple[float, float]
) -> None:
    with plotter_of(size) as plotter:
        draw_particles(plotter, found)
        draw_box(plotter, found.volume)
        look(plotter, *view, centre=(0.0, -0.08))  # room for the lower numbers
        with atomic(path) as temporary:
            plotter.screenshot(str(temporary))


def _render_network(
    network: PoreNetwork, path: Path, size: tuple[int, int], view: tuple[float, float]
) -> None:
    with plotter_of(size) as plotter:
        draw_network(plotter, network)
        draw_box(plotter, network.volume)
        look(plotter, *view, centre=(0.05, -0.08))  # room for the colour bar and the lower numbers
        with atomic(path) as temporary:
            plotter.screenshot(str(temporary))


def _render_flux(
    partition: FluxPartition,
    path: Path,
    lines: StreamLines | None,
    size: tuple[int, int],
    view: tuple[float, float],
) -> None:
    if not partition.result.percolates:
        raise InputError(f"there is no flux to draw: {partition.result.reason}")
    with plotter_of(size) as plotter:
        draw_partition(plotter, partition, lines)
        draw_box(plotter, partition.result.volume)
        look(plotter, *view, centre=(0.05, -0.08))  # room for the colour bar and the lower numbers
        with atomic(path) as temporary:
            plotter.screenshot(str(temporary))
