"""Drawing separated particles in three dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.watershed import Ids
from twin.particle_plots import number_colours
from twin.scene import LIGHT
from twin.slices import length_scale

if TYPE_CHECKING:
    import pyvista

    from twin.particle_results import Particles

__all__ = ["draw_particles", "particle_surfaces"]

_LIGHT: Final[dict[str, Any]] = {**LIGHT, "ambient": 0.4, "diffuse": 0.7}

#: More voxels along an edge are skipped: a picture shows no more.
_DETAIL: Final = 160
_MARGIN: Final = 4


def draw_particles(plotter: Any, found: Particles) -> None:
    """Draw the surface of every particle, in a colour that tells it from those beside it.

    Parameters
    ----------
    plotter : what to draw on.
    found : what `twin.particles` found.
    """
    colours = number_colours(found.count)
    for part in (particle_surfaces(found), *_cuts(found)):
        if part.n_cells:
            part.cell_data["colour"] = colours[part.cell_data["particle"]]
            plotter.add_mesh(part, scalars="colour", rgb=True, **_LIGHT)


def particle_surfaces(found: Particles) -> pyvista.PolyData:
    """Smoothed surfaces of all particles, open where the faces of the volume cut them.

    Parameters
    ----------
    found : what `twin.particles` found.

    Returns
    -------
    pyvista.PolyData
        Triangles with the number of their `particle`; lengths in the unit that suits the size of
        the volume.
    """
    import pyvista

    ids, spacing = _coarse(found)
    # Beyond its faces the image goes on a little, so that what they cut is not rounded off.
    wide = np.pad(ids, _MARGIN, mode="edge")
    image = pyvista.ImageData(
        dimensions=wide.shape, spacing=spacing, origin=(0.5 - _MARGIN) * spacing
    )
    image.point_data["particle"] = wide.ravel(order="F")
    surfaces = image.contour_labels(output_mesh_type="triangles")
    surfaces.cell_data["particle"] = surfaces.cell_data.pop("boundary_labels")
    bounds = np.stack([np.zeros(3), ids.shape * spacing], axis=1).ravel()
    clipped: pyvista.PolyData = surfaces.clip_box(bounds, invert=False).extract_surface(
        algorithm="dataset_surface"
    )
    return clipped


def _cuts(found: Particles) -> Iterator[pyvista.DataSet]:
    """The six faces of the volume, where there are particles."""
    import pyvista

    ids, spacing = _coarse(found)
    for axis in range(3):
        for side in (0, -1):
            face = np.take(ids, [side], axis=axis)
            shape = np.array(face.shape) + 1
            origin = np.zeros(3)
            origin[axis] = -side * ids.shape[axis] * spacing[axis]
            shape[axis] = 1
            image = pyvista.ImageData(dimensions=shape, spacing=spacing, origin=origin)
            image.cell_data["particle"] = face.ravel(order="F")
            yield image.threshold(0.5, scalars="particle")


def _coarse(found: Particles) -> tuple[Ids, NDArray[np.float64]]:
    """The particles at no more than the resolution of a picture, and the edges of its voxels."""
    scale, _ = length_scale(found.volume)
    step = [max(1, -(-count // _DETAIL)) for count in found.volume.shape]
    ids = found.ids[:: step[0], :: step[1], :: step[2]]
    edges = np.multiply(found.volume.shape, found.volume.spacing) * scale
    return ids, edges / ids.shape
