"""Diffusion through a network of pores and throats, solved by OpenPNM."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.guests import unchanged_settings
from meshing.pore_regions import PoreSpace
from meshing.volume import Volume

__all__ = ["NetworkFlow", "network_flow"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NetworkFlow:
    """Steady diffusion through a pore network along one axis: c = 1 on the low face, 0 on the high.

    Attributes
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"z"``.
    volume_fraction : float
        Of the whole phase.
    relative_diffusivity : float
        D_eff / D0 of the network; 0 where no path of pores joins the two faces.
    concentration : (pores,) float64
        c / c_inlet of each pore; nan in those that are on no such path.
    share : (throats,) float64
        Share of the total flow that passes each throat, positive from its first to its second pore.
    imbalance : float
        Largest difference of what enters and leaves a pore, over the total flow; nan without one.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.zeros((8, 5, 5), np.uint8)
    >>> labels[:, 1:4, 1:4] = 1  # a straight channel
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 1})
    >>> flow = twin.pore_network(volume, "pore", axis="x", compare=False).flows["x"]
    >>> round(flow.tortuosity_factor, 6)
    1.0
    """

    axis: str
    volume_fraction: float
    relative_diffusivity: float
    concentration: Floats
    share: Floats
    imbalance: float

    @property
    def percolates(self) -> bool:
        """Whether a path of pores joins the two faces."""
        return self.relative_diffusivity > 0.0

    @property
    def macmullin_number(self) -> float:
        """N_M = D0 / D_eff of the network; inf where no path joins the faces."""
        return 1.0 / self.relative_diffusivity if self.percolates else math.inf

    @property
    def tortuosity_factor(self) -> float:
        """Tau = eps D0 / D_eff of the network, an approximation; inf where no path joins them."""
        return self.volume_fraction * self.macmullin_number

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only."""
        return {
            "axis": self.axis,
            "percolates": self.percolates,
            "tortuosity_factor": self.tortuosity_factor,
            "macmullin_number": self.macmullin_number,
            "relative_diffusivity": self.relative_diffusivity,
            "imbalance": self.imbalance,
        }


@dataclass(frozen=True, eq=False)
class _Graph:
    """Pores, and after them a node for each mouth on the low and on the high face.

    Attributes
    ----------
    position : (nodes, 3) float64 [m].
    pairs : (links, 2) int64, those of throats first.
    conductance : (links,) float64 [m], over D0.
    low, high : nodes of the mouths.
    """

    position: Floats
    pairs: NDArray[np.int64]
    conductance: Floats
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def conductances(space: PoreSpace) -> Floats:
    r"""Conductance of each throat with its two half pores, over D0, (throats,) [m].

    From the throat to the centre of a pore the cross-section widens linearly, from the area of the
    throat by the ratio :math:`s` of the inscribed diameters of pore and throat:

    .. math::

        g = \left(\sum_{i=1,2} \frac{l_i}{A}\,\frac{\ln s_i}{s_i - 1}\right)^{-1}

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.pore_regions import pore_space
    >>> from twin.network_flow import conductances
    >>> ids = np.zeros((6, 3, 3), np.int32)
    >>> ids[:3, 1, 1], ids[3:, 1, 1] = 1, 2
    >>> space = pore_space(ids, (ids > 0).astype(np.uint8), (1.0, 1.0, 1.0))
    >>> conductances(space).tolist()  # area 1 over a distance of 3
    [0.3333333333333333]
    """
    resistance = np.zeros(len(space.pairs))
    for end in (0, 1):
        pore = space.pairs[:, end]
        resistance += _half(
            space.position[pore], space.diameter[pore],
            space.throat_position, space.throat_diameter, space.throat_area,
        )  # fmt: skip
    return np.asarray(1.0 / resistance)


def network_flow(volume: Volume, space: PoreSpace, axis: str, fraction: float) -> NetworkFlow:
    """Solve for the concentrations of the pores between the two outer faces of an axis.

    Parameters
    ----------
    volume : the image.
    space : its pores and throats.
    axis : "x", "y" or "z".
    fraction : volume fraction of the phase.

    Returns
    -------
    NetworkFlow

    References
    ----------
    Gostick et al., Comput. Sci. Eng. 18 (2016) 60, doi:10.1109/MCSE.2016.49

    Examples
    --------
    >>> import numpy as np, twin
    >>> from meshing.pore_regions import pore_space
    >>> from twin.network_flow import network_flow
    >>> ids = np.zeros((6, 3, 3), np.int32)
    >>> ids[:3, 1, 1], ids[3:, 1, 1] = 1, 2
    >>> volume = twin.Volume((ids > 0).astype(np.uint8), spacing=1.0, phases={"pore": 1})
    >>> space = pore_space(ids, volume.labels, (1.0, 1.0, 1.0))
    >>> network_flow(volume, space, "x", 1 / 9).concentration.round(6).tolist()
    [0.75, 0.25]
    """
    number = "xyz".index(axis)
    graph = _graph(space, number)
    pores, throats = len(space.position), len(space.pairs)
    nodes, links = _spanning(graph)
    if not links.any():
        nothing = np.full(pores, np.nan)
        return NetworkFlow(axis, fraction, 0.0, nothing, np.zeros(throats), math.nan)
    c = np.full(len(graph.position), np.nan)
    c[nodes] = _solve(graph, nodes, links)
    first, second = graph.pairs.T
    rate = np.where(links, graph.conductance * (c[first] - c[second]), 0.0)
    gain = np.bincount(second, rate, len(c)) - np.bincount(first, rate, len(c))
    total = -float(gain[graph.low].sum())
    imbalance = float(np.abs(gain[:pores]).max()) / total
    length = volume.shape[number] * volume.spacing[number]
    whole = float(np.prod(np.multiply(volume.shape, volume.spacing)))
    return NetworkFlow(
        axis, fraction, total * length**2 / whole, c[:pores], rate[:throats] / total, imbalance
    )


def _half(
    centre: Floats, pore_diameter: Floats, place: Floats, diameter: Floats, area: Floats
) -> Floats:
    """Resistance between the centre of a pore and an opening of it, times D0 [1/m]."""
    wider = np.maximum(pore_diameter / diameter, 1.0) - 1.0
    narrow = wider > 1e-9  # ln(1 + w) / w is 1 where w vanishes
    shape = np.ones(len(wider))
    shape[narrow] = np.log1p(wider[narrow]) / wider[narrow]
    length = np.linalg.norm(place - centre, axis=1)
    # A pore may have its centre of mass in an opening; it is no short circuit.
    return np.asarray(np.maximum(length, 0.25 * diameter) * shape / area)


def _graph(space: PoreSpace, axis: int) -> _Graph:
    position, pairs, g = [space.position], [space.pairs], [conductances(space)]
    ends = []
    count = len(space.position)
    for side in (0, 1):
        mouths = space.mouths[axis, side]
        ends.append(np.arange(count, count + len(mouths.pore)))
        count += len(mouths.pore)
        position.append(mouths.position)
        pairs.append(np.stack([mouths.pore, ends[-1]], axis=1))
        g.append(1.0 / _half(
            space.position[mouths.pore], space.diameter[mouths.pore],
            mouths.position, mouths.diameter, mouths.area,
        ))  # fmt: skip
    return _Graph(np.concatenate(position), np.concatenate(pairs), np.concatenate(g), *ends)


def _spanning(graph: _Graph) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The nodes and links of clusters that meet both faces."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    size = len(graph.position)
    links = coo_matrix((np.ones(len(graph.pairs)), graph.pairs.T), (size, size))
    _, cluster = connected_components(links, directed=False)
    both = np.intersect1d(cluster[graph.low], cluster[graph.high])
    nodes = np.isin(cluster, both)
    return nodes, nodes[graph.pairs[:, 0]]


def _solve(graph: _Graph, nodes: NDArray[np.bool_], links: NDArray[np.bool_]) -> Floats:
    """Concentrations of the nodes of spanning clusters."""
    number = np.cumsum(nodes) - 1
    with unchanged_settings():
        import openpnm

        network = openpnm.network.Network(
            conns=number[graph.pairs[links]], coords=graph.position[nodes]
        )
        try:
            phase = openpnm.phase.Phase(network=network)
            phase["throat.diffusive_conductance"] = graph.conductance[links]
            flow = openpnm.algorithms.FickianDiffusion(network=network, phase=phase)
            flow.set_value_BC(pores=number[graph.low[nodes[graph.low]]], values=1.0)
            flow.set_value_BC(pores=number[graph.high[nodes[graph.high]]], values=0.0)
            flow.run()
            return np.asarray(flow["pore.concentration"], np.float64)
        finally:  # OpenPNM keeps every project of the session in its workspace
            openpnm.Workspace().close_project(network.project)
