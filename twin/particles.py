"""A phase as particles: where they lie, how large and round they are, and what they touch."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.labels import slabs
from meshing.phase_numbers import phase_numbers
from meshing.regions import region_areas, region_lines, region_moments
from meshing.units import Length, length
from meshing.volume import Volume
from meshing.watershed import Watershed, distance_map, separate, touching_pairs
from twin.memory import check_memory
from twin.particle_contacts import Contacts
from twin.particle_results import BORDERS, Border, Particles, Separation
from twin.timing import timed

__all__ = ["particles"]

#: Bytes for each voxel of the volume, an upper bound of the peaks seen: the phase, its distance
#: map and the numbers of the particles.
PER_VOXEL: Final = 16

#: Without lengths of the user's own: maxima that are no deeper cut than half an edge of a voxel are
#: steps of the voxels, and below four edges across a particle has no shape that could be measured.
_HEIGHT, _SMALLEST = 0.5, 4.0


def particles(
    volume: Volume,
    phase: str,
    *,
    height: Length | None = None,
    neck: float = 0.9,
    smoothing: Length = 0.0,
    smallest: Length | None = None,
    border: Border = "weigh",
    cut_axes: str = "xyz",
    ignore_memory: bool = False,
) -> Particles:
    r"""Separate a phase into particles and measure each of them.

    The distance from each voxel of the phase to the nearest voxel outside has a maximum in every
    particle, and in a neck between two particles a saddle. Every voxel climbs to a maximum by the
    steepest of its 26 neighbours. Two maxima of heights :math:`m_1 \ge m_2` with a saddle s between
    them are two particles when

    .. math::

        m_2 - s > h \quad\text{and}\quad s < n\, m_2

    with the `height` h and the `neck` n; otherwise they are merged, the highest saddles first. This
    is the watershed of the h-maxima, with a limit that grows with the particle beside.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels; at least two voxels along each axis.
    phase : str
        The phase to separate.
    height : float or str, optional
        How far a maximum rises above its saddle at least [m]. Half the longest edge of a voxel when
        it is not given.
    neck : float
        How wide a neck may be against the largest sphere in the smaller of two particles, for both
        to be told apart [-]; from 0 to 1. Lower it where particles fall to pieces, raise it where
        they stick together.
    smoothing : float or str
        Standard deviation of a Gaussian that smooths the distance map before [m]; for rough
        surfaces.
    smallest : float or str, optional
        Diameter of the sphere that has the volume of the smallest particle [m]. Fragments below
        join the neighbour with which they share most area; those that touch none are left out. Four
        times the longest edge of a voxel when it is not given.
    border : {"weigh", "remove", "keep"}
        What to do with particles that the outer faces of the volume cut: leave them out of all
        statistics and weigh each of the others by one over the chance that a particle of its extent
        is not cut (Miles and Lantuéjoul), which makes up for large particles being cut more often;
        only leave them out; or count them like the others, at the size of what is left of them.
    cut_axes : str
        The axes whose outer faces cut particles. ``"xy"`` for an image that holds the whole
        thickness of an electrode along z.
    ignore_memory : bool
        Go on even when the estimate of the memory needed is larger than what is free.

    Returns
    -------
    Particles

    Raises
    ------
    InputError
        When the phase is unknown or has no voxels; when the volume is one voxel thick; when an
        option is out of range; when no particle is as large as `smallest`; when all are cut by the
        border and are not to be kept; when the memory does not suffice.

    References
    ----------
    h-maxima: Vincent, IEEE Trans. Image Process. 2 (1993) 176, doi:10.1109/83.217222

    Examples
    --------
    >>> import numpy as np, twin
    >>> x, y, z = np.ogrid[:40, :26, :26]
    >>> one, two = ((x - c) ** 2 + (y - 12) ** 2 + (z - 12) ** 2 < 100 for c in (11, 28))
    >>> volume = twin.Volume(one | two, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> found = twin.particles(volume, "AM")
    >>> found.count, (1e6 * found.diameter).round(1).tolist(), found.contacts.neighbours(1).tolist()
    (2, [19.8, 19.8], [2])
    """
    chosen = _chosen(volume, height, neck, smoothing, smallest)
    _check(volume, border, cut_axes)
    labels = volume.present_labels(phase)
    if not ignore_memory:
        check_memory(volume, PER_VOXEL * volume.labels.size, "separating particles")
    (cut, measured), seconds, compiling = timed(lambda: _measured(volume, phase, labels, chosen))
    found = Particles(
        volume=volume, phase=phase, separation=chosen, border=border, cut_axes=cut_axes,
        ids=cut.ids, maxima=cut.maxima, left_out=cut.left_out, **measured,
        seconds=seconds, seconds_compiling=compiling,
    )  # fmt: skip
    if not found.counted.any():
        raise InputError(
            f"the faces of the volume cut all particles of {phase!r}, of which there are "
            f"{found.count}; use border='keep' (--border keep) to count them as they are, or "
            "cut_axes (--cut-axes) to say which faces cut particles"
        )
    return found


def _measured(
    volume: Volume, phase: str, labels: tuple[int, ...], chosen: Separation
) -> tuple[Watershed, dict[str, Any]]:
    """The particles and all that is measured of them, by the names of `Particles`."""
    distance = distance_map(_inside(volume, labels), volume.spacing, chosen.smoothing)
    voxel = float(np.prod(volume.spacing))
    least = max(1, math.ceil(math.pi / 6 * chosen.smallest**3 / voxel))
    cut = separate(distance, volume.spacing, chosen.height, 1.0 - chosen.neck, least)
    del distance
    if cut.count == 0:
        raise InputError(
            f"no particle of {phase!r} has {least} voxels or more, the volume of the smallest to "
            "be kept; give a smaller diameter as smallest (--smallest)"
        )
    moments = region_moments(cut.ids, cut.count, volume.spacing)
    pairs = touching_pairs(cut.ids, cut.count, volume.spacing)
    return cut, {
        "moments": moments,
        "areas": region_areas(volume, cut.ids, cut.count),
        "phases": phase_numbers(volume).names,
        "triple_edges": region_lines(volume, cut.ids, cut.count),
        "contacts": Contacts.of(pairs, cut.count),
    }


def _inside(volume: Volume, labels: tuple[int, ...]) -> NDArray[np.bool_]:
    inside = np.empty(volume.shape, np.bool_)
    for slab in slabs(volume.shape[0], bytes_each=volume.labels[:1].nbytes):
        inside[slab] = np.isin(volume.labels[slab], labels)
    return inside


def _chosen(
    volume: Volume, height: Length | None, neck: float, smoothing: Length, smallest: Length | None
) -> Separation:
    edge = max(volume.spacing)
    chosen = Separation(
        height=_HEIGHT * edge if height is None else length(height),
        neck=neck,
        smoothing=length(smoothing),
        smallest=_SMALLEST * edge if smallest is None else length(smallest),
    )
    for name in ("height", "smoothing", "smallest"):
        if getattr(chosen, name) < 0.0:
            raise InputError(f"{name} is a length of 0 or more, found {getattr(chosen, name)!r}")
    if not 0.0 <= neck <= 1.0:
        raise InputError(
            f"the neck is a ratio from 0 (all that touch are one) to 1 (none are merged for it), "
            f"found {neck!r}"
        )
    return chosen


def _check(volume: Volume, border: str, cut_axes: str) -> None:
    if min(volume.shape) < 2:
        raise InputError(
            f"particles are measured in three dimensions, found a volume of {volume.shape} "
            "voxels; give a stack of slices"
        )
    if border not in BORDERS:
        raise InputError(f"the border is one of {', '.join(map(repr, BORDERS))}, found {border!r}")
    if set(cut_axes) - set("xyz"):
        raise InputError(
            f"the axes that cut particles are letters of 'xyz', found {cut_axes!r}; use '' for none"
        )
