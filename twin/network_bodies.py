"""A pore network as balls and sticks, and its pores as an image, for ParaView."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from twin.export import write_vti
from twin.files import atomic, check_writable

if TYPE_CHECKING:
    import pyvista

    from twin.pore_network_results import PoreNetwork

__all__ = ["balls_and_sticks", "write_network"]

#: Corners around a ball, from pole to pole, and around a stick.
_AROUND: Final = 16
_DOWN: Final = 12
_STICK: Final = 8

#: Sticks are drawn thinner than the throats they stand for, so that balls are seen between them.
_THIN: Final = 0.35


def balls_and_sticks(network: PoreNetwork) -> pyvista.PolyData:
    """Pores as balls of their inscribed diameters, throats as sticks by way of their centres.

    Examples
    --------
    >>> import twin
    >>> from twin.network_bodies import balls_and_sticks
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z", compare=False)
    >>> sorted(balls_and_sticks(network).cell_data)
    ['concentration_z', 'diameter', 'kind', 'number', 'share_z']
    """
    import pyvista

    unit_ball = pyvista.Sphere(
        radius=0.5, theta_resolution=_AROUND, phi_resolution=_DOWN, center=(0.0, 0.0, 0.0)
    )
    space = network.space
    balls = _copies(unit_ball, space.diameter[:, None], space.position)
    both = [(balls, 0, space.diameter)]
    if network.throats:
        both.append((_sticks(network), 1, space.throat_diameter))
    for body, kind, diameter in both:
        number = np.repeat(np.arange(len(diameter)), body.n_cells // len(diameter))
        body.cell_data["kind"] = np.full(body.n_cells, kind, np.uint8)
        body.cell_data["number"] = number
        body.cell_data["diameter"] = diameter[number].astype(np.float32)
        for axis, flow in network.flows.items():
            nothing = np.full(body.n_cells, np.nan, np.float32)
            c = nothing if kind else flow.concentration[number].astype(np.float32)
            share = np.abs(flow.share[number]).astype(np.float32) if kind else nothing
            body.cell_data[f"concentration_{axis}"] = c
            body.cell_data[f"share_{axis}"] = share
    first, *others = (body for body, _, _ in both)
    joined: pyvista.PolyData = first.append_polydata(*others) if others else first
    return joined


def write_network(network: PoreNetwork, path: Path) -> Path:
    """Write balls and sticks (.vtp), or an image of the pores' numbers (.vti).

    Examples
    --------
    >>> from pathlib import Path
    >>> import twin
    >>> from twin.network_bodies import write_network
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z", compare=False)
    >>> write_network(network, Path("pores.vtp")).name
    'pores.vtp'
    """
    suffix = path.suffix.lower()
    if suffix == ".vti":
        ids = network.space.ids
        diameter = np.append(0.0, network.space.diameter)[ids].astype(np.float32)
        unit = "m" if network.volume.spacing_known else "voxel"
        fields = {"pore": ids, "diameter": diameter}
        return write_vti(path, network.volume, fields, {"diameter": unit})
    if suffix != ".vtp":
        raise InputError(
            f"a network is written as .vtp (balls and sticks) or .vti (the pore of each voxel), "
            f"found {path.name!r}; rename it"
        )
    check_writable(path)
    with atomic(path) as temporary:
        _save(balls_and_sticks(network), temporary)
    return path


def _copies(
    body: pyvista.PolyData, scale: NDArray[np.float64], place: NDArray[np.float64]
) -> pyvista.PolyData:
    """One mesh of many copies of a body of triangles, scaled and moved."""
    import pyvista

    points = body.points[None] * scale[:, :, None] + place[:, None]
    triangles = np.asarray(body.faces, np.int64).reshape(1, -1, 4)
    corners = triangles.repeat(len(place), axis=0)
    corners[..., 1:] += (np.arange(len(place)) * body.n_points)[:, None, None]
    return pyvista.PolyData(points.reshape(-1, 3), corners.ravel())


def _sticks(network: PoreNetwork) -> pyvista.PolyData:
    """A bent tube for each throat: from centre to centre of its pores by way of its own."""
    import pyvista

    space = network.space
    ends = space.position[space.pairs]
    halves = np.stack([ends, np.broadcast_to(space.throat_position[:, None], ends.shape)], axis=2)
    low, high = halves.reshape(-1, 2, 3).swapaxes(0, 1)
    radius = np.repeat(0.5 * _THIN * space.throat_diameter, 2)
    along = high - low
    # Any direction that is not along the stick gives two across it.
    helper = np.eye(3)[np.abs(along).argmin(axis=1)]
    first = _unit(np.cross(along, helper))
    second = _unit(np.cross(along, first))
    angle = 2.0 * np.pi * np.arange(_STICK) / _STICK
    ring = np.cos(angle)[:, None] * first[:, None] + np.sin(angle)[:, None] * second[:, None]
    ring *= radius[:, None, None]
    points = np.concatenate([low[:, None] + ring, high[:, None] + ring], axis=1)
    here = np.arange(_STICK)
    after = (here + 1) % _STICK
    quads = np.stack([here, after, after + _STICK, here + _STICK], axis=1)
    corners = quads[None] + (np.arange(len(points)) * 2 * _STICK)[:, None, None]
    faces = np.insert(corners.reshape(-1, 4), 0, 4, axis=1)
    return pyvista.PolyData(points.reshape(-1, 3), faces.ravel())


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0.0))


def _save(body: Any, path: Path) -> None:
    """VTK says by a return value that it could not write, on a full disk for example."""
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(body)
    writer.SetFileName(str(path))
    writer.SetHeaderTypeToUInt64()
    writer.SetCompressorTypeToLZ4()
    writer.EncodeAppendedDataOff()
    if writer.Write() != 1:
        raise OSError(f"VTK could not write {path}")
