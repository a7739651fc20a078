"""A phase as a network of pores and throats, and diffusion through it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from meshing.errors import InputError
from meshing.pore_regions import partition, pore_space
from meshing.pore_sizes import inside_of
from meshing.volume import Volume
from twin.driving import check_axes
from twin.memory import check_memory
from twin.network_flow import network_flow
from twin.pore_network_results import PoreNetwork
from twin.results import Tortuosity
from twin.tortuosity import tortuosity

__all__ = ["pore_network"]

#: Bytes for each cube of the shortest voxel edge: an upper bound of the peaks seen.
_BYTES: Final = 150

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def pore_network(
    volume: Volume,
    phase: str,
    axis: str | None = None,
    *,
    reach: int = 4,
    smoothing: float = 0.4,
    compare: bool = True,
    ignore_memory: bool = False,
) -> PoreNetwork:
    r"""Cut a phase into pores and throats, and let a species diffuse through the network.

    Pores are the regions of the SNOW algorithm of PoreSpy: one for each peak of the distance to the
    walls that is neither a saddle nor nearer to another peak than to a wall. Throats are where two
    of them share faces. The same image gives the same network; nothing is drawn at random.

    OpenPNM solves for the steady concentrations between the two outer faces of each axis. A throat
    of area :math:`A` and its two half pores of lengths :math:`l_i` conduct

    .. math::

        g = D_0\left(\sum_{i=1,2} \frac{l_i}{A}\,\frac{\ln s_i}{s_i - 1}\right)^{-1}

    with :math:`s_i` the ratio of the inscribed diameters of pore and throat: the cross-section
    widens linearly from the throat to the centre of mass of the pore. **This is an approximation.**
    In straight channels it is exact; in the porous volumes of the verification its tortuosity
    factor is within a third of that on the voxels, above or below. Where the number matters, take
    `twin.tortuosity`, which is solved on the voxels and stands beside it in the result.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels. With voxels that are no cubes PoreSpy partitions an image of
        cubes of their shortest edge; everything is measured on the voxels themselves.
    phase : str
        Name of the phase, pore or solid.
    axis : str, optional
        Letters of ``"xyz"`` along which something flows; by default every axis of more than one
        voxel.
    reach : int
        How far, in cubes, a peak is the highest; larger values give fewer pores (PoreSpy's
        ``r_max``).
    smoothing : float
        Standard deviation of the Gaussian that smooths the distance before, in cubes (PoreSpy's
        ``sigma``).
    compare : bool
        Solve on the voxels as well.
    ignore_memory : bool
        Go on even when the estimate of the memory needed is larger than what is free.

    Returns
    -------
    PoreNetwork

    Raises
    ------
    InputError
        Unknown or empty phase, a phase that fills the volume, an unknown axis or one of one voxel,
        a reach below 1 or negative smoothing, a volume that does not fit in memory.
    NotConverged
        The solve on the voxels came to its iteration limit.

    References
    ----------
    Gostick, Phys. Rev. E 96 (2017) 023307, doi:10.1103/PhysRevE.96.023307 (SNOW); Gostick et al.,
    J. Open Source Softw. 4 (2019) 1296, doi:10.21105/joss.01296 (PoreSpy); Gostick et al., Comput.
    Sci. Eng. 18 (2016) 60, doi:10.1109/MCSE.2016.49 (OpenPNM).

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((32, 32, 32), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z")
    >>> approximate = network.flows["z"].tortuosity_factor
    >>> 0.7 < approximate / network.voxels["z"].tortuosity_factor < 1.4
    True
    """
    axes = _check(volume, phase, axis, reach, smoothing)
    if not ignore_memory:
        check_memory(volume, _bytes(volume), "a pore network")
    inside = inside_of(volume.labels, volume.present_labels(phase))
    if inside.all():
        raise InputError(
            f"phase {phase!r} fills the whole volume: it has no walls, and no pores to tell apart"
        )
    ids = partition(inside, volume.spacing, reach, smoothing)
    space = pore_space(ids, inside, volume.spacing)
    fraction = volume.volume_fraction(phase)
    flows = {a: network_flow(volume, space, a, fraction) for a in axes}
    voxels = {a: _solved(volume, phase, a, ignore_memory) for a in axes} if compare else _NOTHING
    return PoreNetwork(volume, phase, reach, smoothing, space, flows, voxels)


def _solved(volume: Volume, phase: str, axis: str, ignore_memory: bool) -> Tortuosity:
    found = tortuosity(volume, phase, axis, ignore_memory=ignore_memory)
    return found if isinstance(found, Tortuosity) else found[axis]


def _bytes(volume: Volume) -> int:
    edge = min(volume.spacing)
    cubes = 1.0
    for n, h in zip(volume.shape, volume.spacing, strict=True):
        cubes *= n * h / edge if n > 1 else 1.0
    return round(_BYTES * cubes)


def _check(volume: Volume, phase: str, axis: str | None, reach: int, smoothing: float) -> str:
    if axis is None and isinstance(volume, Volume):
        axis = "".join(a for a, n in zip("xyz", volume.shape, strict=True) if n > 1)
    axes = axis or ""
    check_axes(volume, axes, "no-flux")
    volume.present_labels(phase)
    if reach < 1:
        raise InputError(f"the reach of a peak is 1 voxel or more, found {reach}")
    if not 0.0 <= smoothing < float("inf"):
        raise InputError(f"the smoothing is 0 or a positive number of voxels, found {smoothing}")
    return axes
