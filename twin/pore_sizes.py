"""How large the pores of a phase are: by spheres, by what gets in, by walls, by chords."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.chords import chords
from meshing.errors import InputError
from meshing.pore_sizes import inside_of, sphere_map, wall_distance
from meshing.units import Spacing
from meshing.volume import Volume
from twin.memory import check_memory
from twin.pore_size_results import WORDS, PoreSizes
from twin.size_distribution import SizeDistribution, distribution_of, together

__all__ = ["pore_sizes"]

Method = Literal["local-thickness", "mercury", "distance-map", "chords"]

#: Bytes for each voxel of the volume: the peaks of resident memory seen on the phases of an NMC
#: cathode, and more on top for phases of larger fractions.
_BYTES: Final = {"local-thickness": 130, "mercury": 160, "distance-map": 30, "chords": 10}


def pore_sizes(
    volume: Volume,
    phase: str,
    method: Method = "local-thickness",
    *,
    axis: str | None = None,
    ignore_memory: bool = False,
) -> PoreSizes:
    r"""How large the pores of a phase are, and which share of its volume has which size.

    With :math:`r(c)` the radius of the largest sphere around :math:`c` in the phase, the size of a
    voxel :math:`x` is

    ``"local-thickness"``
        the diameter of the largest sphere that covers it,
        :math:`2\max\{r(c) : |x-c| < r(c)\}`;
    ``"mercury"``
        the same with spheres that come in from the border of the volume, no larger than the
        narrowest place on the widest way to where they are: what mercury would show;
    ``"distance-map"``
        :math:`2r(x)`, twice the distance to the nearest wall;
    ``"chords"``
        the length of the straight line through it along an axis, from wall to wall.

    Walls lie where the surface passes between the centres of two voxels. They are those between
    the phase and any other label; the outer faces of the volume are none. Spheres have their
    centres inside the volume and may reach over its border; a chord that the border cuts has no
    size, and counts in the mean by number as what is seen of it.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels; one voxel thick for a picture in a plane, whose spheres are
        circles.
    phase : str
        Name of the phase to measure, pore or solid.
    method : str
        ``"local-thickness"``, ``"mercury"``, ``"distance-map"`` or ``"chords"``.
    axis : str, optional
        Letters of ``"xyz"``: the axes whose outer faces let mercury in, or along which chords run.
        By default every axis of more than one voxel. The other methods take none.
    ignore_memory : bool
        Go on even when the estimate of the memory needed is larger than what is free.

    Returns
    -------
    PoreSizes

    Raises
    ------
    InputError
        Unknown or empty phase, a phase that fills the volume, an unknown method or axis, an axis
        with a method that takes none, a volume that does not fit in memory.

    References
    ----------
    Hildebrand and Rüegsegger, J. Microsc. 185 (1997) 67, doi:10.1046/j.1365-2818.1997.1340694.x
    (local thickness); Münch and Holzer, J. Am. Ceram. Soc. 91 (2008) 4059,
    doi:10.1111/j.1551-2916.2008.02736.x (the two side by side).

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((40, 40, 40), spacing="1um")
    >>> spheres = twin.pore_sizes(volume, "pore")
    >>> twin.pore_sizes(volume, "pore", "mercury").d50 < spheres.d50  # throats hide what is behind
    True
    """
    axes = _check(volume, phase, method, axis)
    if not ignore_memory:
        check_memory(volume, _BYTES[method] * volume.labels.size, "measuring pores")
    inside = inside_of(volume.labels, volume.present_labels(phase))
    if inside.all():
        raise InputError(
            f"phase {phase!r} fills the whole volume: it has no walls, and its pores no size"
        )
    if method == "chords":
        return _by_chords(volume, phase, axes, inside)
    diameters = _MAPS[method](inside, volume.spacing, axes)
    diameters *= np.float32(2.0)
    found = distribution_of(diameters)
    share = found.total / int(inside.sum(dtype=np.int64))
    nothing: Mapping[str, Any] = MappingProxyType({})
    return PoreSizes(volume, phase, method, axes, found, nothing, nothing, share, diameters)


def _thickness(inside: NDArray[np.uint8], spacing: Spacing, axes: str) -> NDArray[np.float32]:
    return sphere_map(inside, spacing)


def _mercury(inside: NDArray[np.uint8], spacing: Spacing, axes: str) -> NDArray[np.float32]:
    return sphere_map(inside, spacing, ("x" in axes, "y" in axes, "z" in axes))


def _distance(inside: NDArray[np.uint8], spacing: Spacing, axes: str) -> NDArray[np.float32]:
    return wall_distance(inside, spacing)


_MAPS: Final[Mapping[str, Callable[..., NDArray[np.float32]]]] = MappingProxyType(
    {"local-thickness": _thickness, "mercury": _mercury, "distance-map": _distance}
)


def _by_chords(volume: Volume, phase: str, axes: str, inside: NDArray[np.uint8]) -> PoreSizes:
    along, means = {}, {}
    for axis in axes:
        number = "xyz".index(axis)
        found = chords(inside, volume.spacing, number)
        lengths = np.flatnonzero(found.whole)
        sizes = np.asarray(lengths * volume.spacing[number], np.float64)
        along[axis] = SizeDistribution(sizes, lengths * found.whole[lengths])
        means[axis] = found.mean
    everything = together(along.values())
    share = everything.total / (len(axes) * int(inside.sum(dtype=np.int64)))
    return PoreSizes(volume, phase, "chords", axes, everything, along, means, share, None)


def _check(volume: Volume, phase: str, method: str, axis: str | None) -> str:
    if not isinstance(volume, Volume):
        raise InputError(
            f"a volume is needed, found {type(volume).__name__}; read one with twin.read or make "
            "one with twin.Volume(labels, spacing, phases)"
        )
    volume.present_labels(phase)  # raises where there is no such phase, or none of it
    if method not in WORDS:
        raise InputError(f"pore sizes are found by {', '.join(WORDS)}, found {method!r}")
    thick = "".join(a for a, count in zip("xyz", volume.shape, strict=True) if count > 1)
    if method not in ("mercury", "chords"):
        if axis is not None:
            raise InputError(f"{method} takes no axis, found {axis!r}; leave it out")
        return ""
    if axis is None:
        return thick
    if not axis or set(axis) - set("xyz") or len(set(axis)) < len(axis):
        raise InputError(f'axes are letters of "xyz", each once, found {axis!r}')
    if set(axis) - set(thick):
        raise InputError(
            f"the volume is one voxel thick along {min(set(axis) - set(thick))}, where nothing "
            f"can be measured; use {thick!r}"
        )
    return axis
