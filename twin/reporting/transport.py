"""The section of a report that solves: the tortuosity factor of phases along x, y and z."""

from __future__ import annotations

from typing import Any

import twin
from meshing.volume import Volume
from twin.reporting.page import Section, number, paragraph, picture, table


def transport_section(volume: Volume, phase: str) -> tuple[Section, dict[str, Any]]:
    """Tortuosity factor of a phase along the axes of more than one voxel."""
    axes = "".join(axis for axis, n in zip("xyz", volume.shape, strict=True) if n > 1)
    found = twin.tortuosity(volume, phase, axis=axes)
    directions = found if isinstance(found, twin.Directions) else twin.Directions({axes: found})
    head = ["axis", "tortuosity factor", "MacMullin number", "relative diffusivity"]
    head += ["volume fraction", "flux imbalance"]
    rows = [
        [
            one.axis,
            *(number(v) for v in (one.tortuosity_factor, one.macmullin_number)),
            *(number(v) for v in (one.relative_diffusivity, one.volume_fraction)),
            number(one.flux_imbalance, 2),
        ]
        for one in directions
    ]
    body = paragraph(
        f"Steady diffusion through {phase} from one outer face to the opposite one, with no flux "
        "through the other faces. The tortuosity factor is the volume fraction over the relative "
        "diffusivity, the MacMullin number one over it; the imbalance of the flux between the two "
        "faces is a proof of the solution."
    )
    body += table(head, rows)
    body += "".join(paragraph(one.reason, "note") for one in directions if not one.percolates)
    if any(one.percolates for one in directions):
        words = f"Slices with the flux through {phase}, and the numbers"
        body += picture(directions.plot(), words)
    return Section(f"Transport through {phase}", body), directions.to_dict()
