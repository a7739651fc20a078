"""The sections of a report that have distributions: along the axes, of pores, of particles."""

from __future__ import annotations

from typing import Any

import twin
from meshing.units import format_length
from meshing.volume import Volume
from twin.reporting.page import Section, paragraph, picture, table


def profiles_section(volume: Volume) -> tuple[Section, dict[str, Any]]:
    """Volume fractions along each axis."""
    found = twin.profile(volume)
    words = "Volume fraction of each phase along x, y and z"
    text = paragraph("Volume fraction of each phase in the layers across an axis.")
    return Section("Profiles", text + picture(found.plot(), words)), found.to_dict()


def pores_section(volume: Volume, phase: str) -> tuple[Section, dict[str, Any]]:
    """Pore sizes by local thickness."""
    found = twin.pore_sizes(volume, phase)
    text = paragraph(
        f"The size at a voxel of {phase} is the diameter of the largest sphere in the phase that "
        "covers it (local thickness); quantiles are by volume."
    )
    quantiles = {"D10": found.d10, "D50": found.d50, "D90": found.d90, "mean": found.mean}
    cells = [_length(volume, value) for value in quantiles.values()]
    body = text + table(["", *quantiles], [["diameter", *cells]])
    words = f"Where the pores of {phase} are wide, and the distribution of their sizes"
    return Section(f"Sizes of {phase}", body + picture(found.plot(), words)), found.to_dict()


def particles_section(volume: Volume, phase: str) -> tuple[Section, dict[str, Any]]:
    """Particles of a phase."""
    found = twin.particles(volume, phase)
    counted = int(found.counted.sum())
    text = paragraph(
        f"{found.count:,} particles of {phase} were told apart by a watershed of the distance map. "
        f"The {counted:,} that no face of the image cuts are counted. The diameter is that of the "
        "ball as large as a particle; quantiles are by volume."
    )
    quantiles = {"D10": found.d10, "D50": found.d50, "D90": found.d90}
    cells = [_length(volume, value) for value in quantiles.values()]
    body = text + table(["", *quantiles], [["diameter", *cells]])
    body += paragraph(f"Mean sphericity {found.mean(found.sphericity):.3f}.")
    words = f"Particles of {phase}: a slice, sizes, places, shapes, surfaces"
    section = Section(f"Particles of {phase}", body + picture(found.plot(), words))
    return section, found.to_dict()


def _length(volume: Volume, value: float) -> str:
    return format_length(value) if volume.spacing_known else f"{value:.4g} voxels"
