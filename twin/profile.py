"""Profiles of phases along the axes."""

from __future__ import annotations

import numpy as np

from meshing.errors import InputError
from meshing.selection import Phases, phase_names
from meshing.two_point import layer_counts
from meshing.units import Length, length
from meshing.volume import Volume
from twin.profile_results import AxisProfile, Profile

__all__ = ["profile"]


def profile(
    volume: Volume,
    phases: Phases | None = None,
    axis: str = "xyz",
    *,
    width: Length | None = None,
) -> Profile:
    r"""Volume fraction of phases in slabs across one axis or several.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    phases : str or sequence of str, optional
        The phases, each with a profile of its own; every named phase by default.
    axis : str
        Letters of ``"xyz"``.
    width : float or str, optional
        Thickness of a slab [m], or text with a unit, rounded to whole voxels; one voxel by default.
        The last slab along an axis is thinner where the width does not divide the axis.

    Returns
    -------
    Profile

    Raises
    ------
    InputError
        Unknown or empty phase, unknown axis, a width below one voxel or beyond the image.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.layers((6, 6, 12), "z", {"pore": 2, "solid": 1}, "1um")
    >>> found = twin.profile(volume, "pore", axis="z", width="3um")
    >>> print(found["z"].fractions["pore"].round(3))
    [0.667 0.667 0.667 0.667]
    """
    names = phase_names(phases or ()) or _present(volume)
    for name in names:
        volume.present_labels(name)
    if not axis or set(axis) - set("xyz") or len(set(axis)) < len(axis):
        raise InputError(f"axes are different letters of 'xyz', found {axis!r}; use 'z' or 'xyz'")
    along = {name: _along(volume, names, "xyz".index(name), width) for name in axis}
    return Profile(volume, tuple(names), along)


def _present(volume: Volume) -> tuple[str, ...]:
    """Every named phase that has voxels."""
    names = tuple(name for name in volume.phases if volume.voxel_count(name))
    if not names:
        raise InputError("no named phase has voxels; give the volume phases by name and label")
    return names


def _along(volume: Volume, names: tuple[str, ...], axis: int, width: Length | None) -> AxisProfile:
    n, edge = volume.shape[axis], volume.spacing[axis]
    starts = np.arange(0, n, _layers(volume, axis, width))
    ends = np.append(starts, n)
    voxels = np.diff(ends) * (volume.labels.size // n)
    fractions = {
        name: np.add.reduceat(layer_counts(volume, name, axis), starts) / voxels for name in names
    }
    return AxisProfile("xyz"[axis], ends * edge, fractions)


def _layers(volume: Volume, axis: int, width: Length | None) -> int:
    """Thickness of a slab in voxels."""
    if width is None:
        return 1
    n, edge = volume.shape[axis], volume.spacing[axis]
    layers = round(length(width) / edge)
    if not 1 <= layers <= n:
        unit = "m" if volume.spacing_known else "voxels"
        raise InputError(
            f"the width of a slab across {'xyz'[axis]} must be from one voxel, {edge:.4g} {unit}, "
            f"to the whole image, {n * edge:.4g} {unit}; found {width!r}"
        )
    return layers
