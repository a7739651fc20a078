"""Drawing pore networks in three dimensions."""

from __future__ import annotations

from typing import Any, Final

from twin.pore_network_results import PoreNetwork
from twin.scene import LIGHT, letters
from twin.slices import length_scale

_STICK: Final = (0.45, 0.45, 0.45)
_APART: Final = (0.85, 0.85, 0.85)


def draw_network(plotter: Any, network: PoreNetwork) -> None:
    """Draw pores as balls in the colour of their concentration, and throats as grey sticks.

    The concentration is that of the last axis along which something flows; pores that no path joins
    to both faces are light grey.
    """
    scale, _ = length_scale(network.volume)
    bodies = network.to_pyvista()
    bodies.points = bodies.points * scale
    axis = list(network.flows)[-1]
    kind = bodies.cell_data["kind"]
    if network.throats:
        plotter.add_mesh(bodies.extract_cells(kind == 1), color=_STICK, **LIGHT)
    plotter.add_mesh(
        bodies.extract_cells(kind == 0), scalars=f"concentration_{axis}", clim=(0.0, 1.0),
        cmap="viridis", nan_color=_APART, **LIGHT,
        scalar_bar_args={
            "title": "c / c_in", "vertical": True, "color": "black", "fmt": "%.3g",
            "title_font_size": letters(plotter), "label_font_size": letters(plotter),
            "position_x": 0.86, "position_y": 0.25, "height": 0.5, "width": 0.05,
        },
    )  # fmt: skip
