"""Particles for ParaView: a labelled volume with the numbers of each particle, and their graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.export import write_vti
from twin.files import atomic

if TYPE_CHECKING:
    import pyvista

    from twin.particle_results import Particles

__all__ = ["contact_graph", "spread", "write_particles"]


def write_particles(found: Particles, path: Path) -> list[Path]:
    """Write what `Particles.to_vtk` says.

    Parameters
    ----------
    found : what `twin.particles` found.
    path : the image, ``.vti``.

    Returns
    -------
    list of Path
        The files that were written.
    """
    unit = "m" if found.volume.spacing_known else "voxel"
    fields = {
        "particle": found.ids,
        "diameter": spread(found, found.diameter),
        "sphericity": spread(found, found.sphericity),
        "triple_line_per_volume": spread(found, found.specific_triple_line),
    }
    units = {"diameter": unit, "triple_line_per_volume": f"1/{unit}2"}
    beside = path.with_name(f"{path.stem}_contacts.vtp")
    write_vti(path, found.volume, fields, units)
    with atomic(beside) as temporary:
        contact_graph(found).save(temporary)
    return [path, beside]


def spread(found: Particles, values: NDArray[Any]) -> NDArray[np.float32]:
    """Give each voxel the number of its particle, (nx, ny, nz); NaN where there is none.

    Parameters
    ----------
    found : what `twin.particles` found.
    values : (particles,)

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.particle_export import spread
    >>> found = twin.particles(twin.generate.sphere_array((20, 20, 20), 6.0), "sphere")
    >>> bool(np.nanmax(spread(found, found.diameter)) > 11)
    True
    """
    table = np.concatenate([[np.nan], values]).astype(np.float32)
    return table[found.ids]


def contact_graph(found: Particles) -> pyvista.PolyData:
    """Points at the centres of the particles, and a line for each contact.

    Parameters
    ----------
    found : what `twin.particles` found.

    Returns
    -------
    pyvista.PolyData
        Points carry `particle`, `diameter` and `neighbours`, lines `area`; lengths in metres.
    """
    import pyvista

    contacts = found.contacts
    ends = np.stack([contacts.first, contacts.second], axis=1) - 1
    points = found.position.astype(np.float32)
    graph = pyvista.PolyData(points, lines=np.insert(ends, 0, 2, axis=1).ravel())
    graph.point_data["particle"] = np.arange(1, found.count + 1)
    graph.point_data["diameter"] = found.diameter
    graph.point_data["neighbours"] = contacts.numbers
    graph.cell_data["area"] = contacts.area
    return graph
