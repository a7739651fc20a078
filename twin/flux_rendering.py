"""Drawing through paths, dead ends and stream lines of a flux in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from twin.flux_colours import GREY, WHITE, flux_colours, flux_limits
from twin.flux_partition import DEAD_END, ISOLATED, THROUGH, FluxPartition
from twin.scene import LIGHT, letters, surface_mesh
from twin.slices import length_scale

if TYPE_CHECKING:
    from twin.streamlines import StreamLines


def draw_partition(plotter: Any, partition: FluxPartition, lines: StreamLines | None) -> None:
    """Draw the surfaces of a partition, as glass around stream lines where there are some."""
    _draw_surfaces(plotter, partition, 0.12 if lines is not None else 1.0)
    if lines is not None:
        _draw_lines(plotter, partition, lines)


def _draw_surfaces(plotter: Any, partition: FluxPartition, opacity: float) -> None:
    scale, _ = length_scale(partition.result.volume)
    classes = Volume(
        partition.labels,
        partition.result.mesh.spacing,
        {"through": THROUGH, "dead end": DEAD_END, "isolated": ISOLATED},
    )
    if partition.voxels[0]:
        through = surface_mesh(classes, "through", scale)
        if opacity == 1.0:
            ratio = _ratio_at(partition, through.points / scale)
            plotter.add_mesh(through, scalars=ratio, **_coloured(plotter, partition))
        else:
            plotter.add_mesh(through, color=GREY, opacity=opacity, **LIGHT)
    if partition.voxels[1]:
        ends = surface_mesh(classes, "dead end", scale)
        plotter.add_mesh(ends, color=WHITE, opacity=min(1.0, 3 * opacity), **LIGHT)


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
        **LIGHT,
        "scalar_bar_args": {
            "title": "flux / mean", "vertical": True, "color": "black", "fmt": "%.3g",
            "title_font_size": letters(plotter), "label_font_size": letters(plotter),
            "position_x": 0.86, "position_y": 0.25, "height": 0.5, "width": 0.05,
        },
    }  # fmt: skip


def _draw_lines(plotter: Any, partition: FluxPartition, lines: StreamLines) -> None:
    scale, _ = length_scale(partition.result.volume)
    mesh = lines.to_pyvista()
    mesh.points = mesh.points * scale
    tubes = mesh.tube(radius=0.25 * min(partition.result.mesh.spacing) * scale, n_sides=8)
    plotter.add_mesh(tubes, scalars="flux_over_mean", **_coloured(plotter, partition))
