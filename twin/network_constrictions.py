"""Where the flow through a pore network is squeezed, beside where the flux on the voxels is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from meshing.errors import InputError
from twin.constrictions import Constriction
from twin.network_flow import NetworkFlow

if TYPE_CHECKING:
    from twin.bottlenecks import Bottlenecks
    from twin.pore_network_results import PoreNetwork

__all__ = ["beside", "squeezed_throats"]


def squeezed_throats(
    network: PoreNetwork, flow: NetworkFlow, strongest: int
) -> tuple[Constriction, ...]:
    """The throats with the largest flux, the largest first.

    Parameters
    ----------
    network : pores and throats.
    flow : diffusion through them along one axis.
    strongest : how many.

    Returns
    -------
    tuple of Constriction

    Examples
    --------
    >>> import twin
    >>> from twin.network_constrictions import squeezed_throats
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z", compare=False)
    >>> first, second = squeezed_throats(network, network.flows["z"], 2)
    >>> first.peak_ratio >= second.peak_ratio
    True
    """
    if strongest < 0:
        raise InputError(f"the constrictions to list are 0 or more, found {strongest}")
    space, volume = network.space, network.volume
    number = "xyz".index(flow.axis)
    edges = np.multiply(volume.shape, volume.spacing)
    # The flow of one total crosses the phase's part of the cross-section on average.
    section = float(edges.prod() / edges[number]) * flow.volume_fraction
    flux = np.abs(flow.share) / space.throat_area * section
    order = np.argsort(-flux, kind="stable")[:strongest]
    return tuple(
        Constriction(
            voxel=_voxel(network, int(throat)),
            position=_triple(space.throat_position[throat]),
            peak_ratio=float(flux[throat]),
            axis="xyz"[int(np.abs(space.throat_vector[throat]).argmax())],
            area=float(space.throat_area[throat]),
            current_share=float(abs(flow.share[throat])),
            voxels=int(space.throat_faces[throat]),
        )
        for throat in order
        if flux[throat] > 0.0
    )


def beside(network: PoreNetwork, flow: NetworkFlow, found: Bottlenecks) -> list[dict[str, Any]]:
    """The nearest throat of each constriction of the flux on the voxels.

    Parameters
    ----------
    network : pores and throats.
    flow : diffusion through them along the axis of the flux.
    found : constrictions of the flux.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> import twin
    >>> from twin.network_constrictions import beside
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z")
    >>> found = twin.bottlenecks(network.voxels["z"], strongest=1)
    >>> [row["constriction"] for row in beside(network, network.flows["z"], found)]
    [1]
    """
    if found.result.volume.shape != network.volume.shape:
        raise InputError(
            f"the constrictions are of a volume of {found.result.volume.shape} voxels, and the "
            f"network is of one of {network.volume.shape}; take those of the same volume"
        )
    space = network.space
    if not network.throats:
        raise InputError("the network has no throats to look for")
    rows = []
    for number, one in enumerate(found.constrictions, start=1):
        away = np.linalg.norm(space.throat_position - np.array(one.position), axis=1)
        throat = int(away.argmin())
        rows.append(
            {
                "constriction": number,
                "diameter": one.equivalent_diameter,
                "current_share": one.current_share,
                "throat": throat,
                "distance": float(away[throat]),
                "throat_diameter": float(space.throat_diameter[throat]),
                "throat_share": float(abs(flow.share[throat])),
            }
        )
    return rows


def _triple(point: Any) -> tuple[float, float, float]:
    x, y, z = map(float, point)
    return x, y, z


def _voxel(network: PoreNetwork, throat: int) -> tuple[int, int, int]:
    """The voxel at the centre of a throat; a centre on a face is in the voxel after it."""
    place = network.space.throat_position[throat] / network.volume.spacing
    x, y, z = np.minimum(place.astype(int), np.array(network.volume.shape) - 1).tolist()
    return x, y, z
