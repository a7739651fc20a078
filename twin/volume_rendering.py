"""Drawing the phases of an image in three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.volume_edit import rebin
from twin.scene import LIGHT, surface_mesh
from twin.slices import length_scale
from twin.volume_plots import phase_colours

#: Cuts are large and flat: more light from all sides than for a few paths.
_LIGHT: Final[dict[str, Any]] = {**LIGHT, "ambient": 0.45, "diffuse": 0.65}

#: More voxels along an edge are joined into blocks: a picture shows no more.
_DETAIL: Final = 200


def shown_phases(volume: Volume, hidden: Sequence[str] | None) -> list[str]:
    """Phases to draw: those with voxels, but the hidden ones; of several the first by default.

    Raises
    ------
    InputError
        When there is no phase of a hidden name, or nothing is left to draw.
    """
    present = [name for name in volume.phases if volume.voxel_count(name)]
    without = (present[:1] if len(present) > 1 else []) if hidden is None else hidden
    for name in without:
        volume.label_values(name)
    shown = [name for name in present if name not in without]
    if not shown:
        raise InputError("there is no phase left to draw; hide fewer of them")
    return shown


def draw_volume(plotter: Any, volume: Volume, shown: Sequence[str]) -> None:
    """Draw the surfaces of the phases `shown`, with their names."""
    scale, _ = length_scale(volume)
    every = dict(zip(volume.phases, phase_colours(list(volume.phases)), strict=True))
    colours = {name: every[name] for name in shown}
    coarse = rebin(volume, [max(1, -(-count // _DETAIL)) for count in volume.shape])
    for name in shown:
        if coarse.voxel_count(name):
            plotter.add_mesh(surface_mesh(coarse, name, scale), color=colours[name], **_LIGHT)
    plotter.add_legend(
        [[name, colour] for name, colour in colours.items()], bcolor=None, border=False,
        face="rectangle", loc="upper left", size=(0.22, 0.045 * len(colours)),
    )  # fmt: skip
