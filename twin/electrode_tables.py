"""Numbers of an electrode tortuosity factor as rows and dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from twin.electrode_results import ElectrodeTortuosity

HEAD = (
    "separator", "tau_e", "N_M,e", "eps", "accessible", "bound", "imbalance", "iterations",
    "seconds", "compiling",
)  # fmt: skip


def cells(e: ElectrodeTortuosity) -> list[str]:
    """One line of the summary's table."""
    numbers = (e.tortuosity_factor, e.macmullin_number, e.volume_fraction)
    return [
        e.separator,
        *(f"{number:#.6g}" for number in numbers),
        f"{e.accessible_porosity:#.6g}",
        f"{e.lower_bound:#.4g}",
        f"{e.imbalance:.1e}",
        f"{e.iterations}",
        f"{e.seconds_solving:.2f}",
        f"{e.seconds_compiling:.2f}",
    ]


def problem(e: ElectrodeTortuosity) -> dict[str, Any]:
    """What both orientations share."""
    return {
        "phase": e.phase,
        "axis": e.axis,
        "sides": e.mesh.sides,
        "shape": list(e.mesh.shape),
        "spacing": list(e.mesh.spacing),
        "spacing_known": e.volume.spacing_known,
        "wall": e.wall,
        "area": e.area,
        "capacitances": dict(e.capacitances),
    }


def numbers(e: ElectrodeTortuosity) -> dict[str, Any]:
    """Numbers of one orientation, with the names of the attributes."""
    return {
        "separator": e.separator,
        "tortuosity_factor": e.tortuosity_factor,
        "macmullin_number": e.macmullin_number,
        "accessible_tortuosity_factor": e.accessible_tortuosity_factor,
        "volume_fraction": e.volume_fraction,
        "accessible_porosity": e.accessible_porosity,
        "accessible_fraction": e.accessible_fraction,
        "wall_area": e.wall_area,
        "wall_areas": e.wall_areas,
        "specific_area": e.specific_area,
        "lower_bound": e.lower_bound,
        "gradient_factor": e.gradient_factor,
        "residual": e.residual,
        "imbalance": e.imbalance,
        "estimated_error": e.estimated_error,
        "iterations": e.iterations,
        "seconds_solving": e.seconds_solving,
        "seconds_compiling": e.seconds_compiling,
    }


def lists(profiles: Mapping[str, NDArray[np.float64]]) -> dict[str, list[float]]:
    """Profiles for JSON."""
    return {name: values.tolist() for name, values in profiles.items()}
