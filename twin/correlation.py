"""Two-point correlation of a phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.two_point import autocorrelation, layer_counts, line_pairs, pair_counts
from meshing.units import Length, length
from meshing.volume import Volume
from twin.correlation_results import Correlation, CorrelationCurve

__all__ = ["check_part", "correlation", "line_curve", "wraps"]


def correlation(
    volume: Volume,
    phase: str,
    axis: str | None = None,
    *,
    periodic: str = "",
    radial: bool = False,
    longest: Length | None = None,
) -> Correlation:
    r"""Two-point correlation of a phase along the axes, and averaged over all directions.

    The probability that two points at a distance r both lie in the phase,

    .. math::

        S_2(r) = \frac{1}{n(r)} \sum_x I(x) \, I(x + r), \qquad
        \rho(r) = \frac{S_2(r) - \varepsilon^2}{\varepsilon - \varepsilon^2}

    over the n(r) pairs of voxels that are in the image, by Fourier transforms with as many zeros
    around the image as the longest distance; along an axis the counts are exact. The integral
    length of a direction is the integral of :math:`\rho` from 0 up to the shortest distance that
    is six times the integral so far. The slope of S2 at 0 gives the surface per volume.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    phase : str
        Name of the phase.
    axis : str, optional
        Letters of ``"xyz"``; by default every axis of more than one voxel.
    periodic : str
        The axes along which the image goes on at its other face, as ``"xy"``; none by default.
    radial : bool
        Whether to average over all directions too, which takes a transform in three dimensions.
    longest : float or str, optional
        The longest distance [m], or text with a unit; by default half the image along each axis.

    Returns
    -------
    Correlation

    Raises
    ------
    InputError
        Unknown or empty phase, a phase that fills the image, unknown axis, an axis of one voxel, a
        longest distance below one voxel or beyond the image.

    References
    ----------
    Torquato, Random Heterogeneous Materials, Springer 2002, doi:10.1007/978-1-4757-6355-3; the
    slope at 0: Debye, Anderson and Brumberger, Journal of Applied Physics 28 (1957) 679,
    doi:10.1063/1.1722830; the cut: Madras and Sokal, Journal of Statistical Physics 50 (1988) 109,
    doi:10.1007/BF01022990

    Examples
    --------
    >>> import numpy as np, twin
    >>> noise = np.random.default_rng(0).random((60, 60, 60)) < 0.3
    >>> c = twin.correlation(twin.Volume(noise, spacing="1um", phases={"pore": 1}), "pore")
    >>> print(c["z"].probability[[0, 1, 5]].round(2))
    [0.3  0.09 0.09]
    """
    check_part(volume, phase)
    wrap = wraps(periodic)
    curves = {
        name: line_curve(volume, phase, "xyz".index(name), wrap["xyz".index(name)], longest)
        for name in _axes(volume, axis)
    }
    if radial:
        curves["radial"] = _radial_curve(volume, phase, wrap, longest)
    return Correlation(volume, phase, periodic, curves)


def line_curve(
    volume: Volume, phase: str, axis: int, periodic: bool, longest: Length | None
) -> CorrelationCurve:
    """Correlation along one axis.

    Parameters
    ----------
    volume, phase : the image and the phase, which `check_part` has passed.
    axis : 0, 1 or 2.
    periodic : whether the image goes on at its other face.
    longest : the longest distance [m]; half the image when None.

    Returns
    -------
    CorrelationCurve

    Examples
    --------
    >>> import twin
    >>> from twin.correlation import line_curve
    >>> line_curve(twin.Volume([[0], [1], [1], [1]]), "1", 0, False, 1.0).slope
    -0.16666666666666666
    """
    edge = volume.spacing[axis]
    steps = _steps(volume, axis, longest)
    found = line_pairs(volume, phase, axis, steps, periodic)
    counts = layer_counts(volume, phase, axis)
    # Both voxels of a pair, less the pairs within the phase: twice the faces of the phase.
    ends = 2 * counts.sum() - (0 if periodic else counts[0] + counts[-1])
    faces = ends - 2 * found.hits[1]
    return CorrelationCurve(
        name="xyz"[axis],
        distance=np.arange(steps + 1, dtype=np.float64) * edge,
        probability=found.hits / found.pairs,
        pairs=found.pairs,
        volume_fraction=volume.volume_fraction(phase),
        slope=-float(faces / (2 * found.pairs[1] * edge)),
    )


def check_part(volume: Volume, phase: str) -> None:
    """Make sure that a phase fills some of the voxels, and not all.

    Raises
    ------
    InputError
        When it is unknown, or fills none or all.
    """
    volume.present_labels(phase)
    if volume.voxel_count(phase) == volume.labels.size:
        raise InputError(
            f"phase {phase!r} fills the whole image, and nothing varies; name a phase that fills "
            "a part of it"
        )


def wraps(periodic: str) -> tuple[bool, bool, bool]:
    """For each axis whether it is periodic.

    Raises
    ------
    InputError
        When a letter is none of "xyz".

    Examples
    --------
    >>> from twin.correlation import wraps
    >>> wraps("xz")
    (True, False, True)
    """
    if set(periodic) - set("xyz"):
        raise InputError(
            f"the periodic axes must be letters of 'xyz', found {periodic!r}; use '' for none"
        )
    return "x" in periodic, "y" in periodic, "z" in periodic


def _axes(volume: Volume, axis: str | None) -> str:
    long = "".join(name for name, n in zip("xyz", volume.shape, strict=True) if n > 1)
    if axis is None:
        return long
    if not axis or set(axis) - set("xyz") or len(set(axis)) < len(axis):
        raise InputError(f"axes are different letters of 'xyz', found {axis!r}; use 'z' or 'xyz'")
    for name in axis:
        if name not in long:
            raise InputError(
                f"the image has one voxel along {name}, and no two points apart; the axes to "
                f"choose from are {long!r}"
            )
    return axis


def _steps(volume: Volume, axis: int, longest: Length | None) -> int:
    """The longest distance in voxels."""
    n, edge = volume.shape[axis], volume.spacing[axis]
    if longest is None:
        return max(1, n // 2)
    steps = round(length(longest) / edge)
    if not 1 <= steps < n:
        unit = "m" if volume.spacing_known else "voxels"
        raise InputError(
            f"the longest distance along {'xyz'[axis]} must be from one voxel, {edge:.4g} {unit}, "
            f"to all but one, {(n - 1) * edge:.4g} {unit}; found {longest!r}"
        )
    return steps


def _radial_curve(
    volume: Volume, phase: str, periodic: tuple[bool, bool, bool], longest: Length | None
) -> CorrelationCurve:
    """Average over all directions, by shells as thick as the smallest edge of a voxel."""
    shape, spacing = volume.shape, volume.spacing
    steps = [_steps(volume, a, longest) if n > 1 else 0 for a, n in enumerate(shape)]
    reach = min(s * h for s, h in zip(steps, spacing, strict=True) if s)
    x, y, z = (int(min(s, reach // h)) for s, h in zip(steps, spacing, strict=True))
    # Of an even number of voxels that are periodic, -n/2 and n/2 are the same vector: counted
    # twice, hits and pairs, it changes no average to speak of.
    hits = autocorrelation(volume, phase, (x, y, z), periodic)
    pairs = pair_counts(shape, (x, y, z), periodic)
    thickness = min(h for h, n in zip(spacing, shape, strict=True) if n > 1)
    found, offered, distances = _shells(hits, pairs, spacing, thickness, reach)
    return CorrelationCurve(
        name="radial",
        distance=distances / offered,
        probability=found / offered,
        pairs=offered,
        volume_fraction=volume.volume_fraction(phase),
    )


def _shells(
    hits: NDArray[np.float32],
    pairs: list[NDArray[np.float64]],
    spacing: tuple[float, float, float],
    thickness: float,
    reach: float,
) -> NDArray[np.float64]:
    """Sums of hits, of pairs and of distances over vectors of about one length, (3, n)."""
    y, z = ((np.arange(n) - n // 2) * h for n, h in zip(hits.shape[1:], spacing[1:], strict=True))
    plane, offered = y[:, None] ** 2 + z**2, pairs[1][:, None] * pairs[2]
    out = np.zeros((3, int(reach / thickness + 0.5) + 1))
    for step, found in enumerate(hits):
        distance = np.sqrt((step * spacing[0]) ** 2 + plane)
        shell = np.rint(distance / thickness).astype(np.intp)
        inside = shell < out.shape[1]
        both = 1.0 if step == 0 else 2.0  # vectors with h_x < 0 mirror those with h_x > 0
        weight = both * pairs[0][step] * offered[inside]
        values = (both * found[inside], weight, weight * distance[inside])
        for total, value in zip(out, values, strict=True):
            total += np.bincount(shell[inside], value, out.shape[1])
    return out
