"""Standard error of a volume fraction, from one image."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from meshing.selection import label_array
from meshing.two_point import autocorrelation, pair_counts
from meshing.volume import Volume
from twin.correlation import check_part, line_curve, wraps
from twin.correlation_results import Correlation
from twin.fraction_results import Blocks, FractionUncertainty

__all__ = ["blocks_of", "fraction_uncertainty"]

#: The ends of the half axes belong to the window, whatever rounding makes of them.
_EDGE: Final = 1.0 + 1e-9


def fraction_uncertainty(volume: Volume, phase: str, *, periodic: str = "") -> FractionUncertainty:
    r"""Standard error of the volume fraction of a phase, from one image.

    The variance of the volume fraction among images of N voxels is the mean of the covariance C
    over all pairs of voxels; for images large against the structure it is that of V / A independent
    samples, with the integral range A (Lantuejoul):

    .. math::

        \sigma_\varepsilon^2 = \frac{1}{N} \sum_h w(h) \, C(h) \simeq
        \varepsilon (1 - \varepsilon) \frac{A}{V}, \qquad w(h) = \prod_a (1 - |h_a| / n_a)

    The covariance of the one image is summed up over a window W, the ellipsoid whose half axes are
    the cuts of `twin.correlation` along x, y, z; an axis along which the correlation does not decay
    is taken whole. About the image's own volume fraction, the covariance comes out too small by the
    variance that is sought. With this put right,

    .. math::

        \sigma_\varepsilon^2 = \frac{\sum_{h \in W} K(h)}{N \, (N - \sum_{h \in W} w(h))}, \qquad
        K(h) = \sum_x (I(x) - \varepsilon) (I(x + h) - \varepsilon)

    The estimate itself has about :math:`N / \sum_W w` degrees of freedom. It knows the differences
    within this image only: whether the image was taken at a typical place is not in it, nor is the
    error of the segmentation (`twin.segmentation_uncertainty`).

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    phase : str
        Name of the phase.
    periodic : str
        The axes along which the image goes on at its other face, as ``"xy"``; none by default.

    Returns
    -------
    FractionUncertainty

    Raises
    ------
    InputError
        Unknown or empty phase, a phase that fills the image.

    References
    ----------
    Lantuejoul, Journal of Microscopy 161 (1991) 387, doi:10.1111/j.1365-2818.1991.tb03099.x; the
    correlation of one image: Dahari et al., Advanced Science 12 (2025) e14149,
    doi:10.1002/advs.202414149

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.blobs((60, 60, 60), 0.4, length=2.0)
    >>> found = twin.fraction_uncertainty(volume, "pore")
    >>> 0.005 < found.standard_error < 0.02
    True
    """
    check_part(volume, phase)
    wrap = wraps(periodic)
    curves = {
        "xyz"[axis]: line_curve(volume, phase, axis, wrap[axis], (n - 1) * volume.spacing[axis])
        for axis, n in enumerate(volume.shape)
        if n > 1
    }
    correlation = Correlation(volume, phase, periodic, curves)
    cuts = _cuts(correlation)
    variance, window = _variance(correlation, cuts, wrap)
    fraction = volume.volume_fraction(phase)
    reason = "" if variance > 0 else _reason(correlation)
    size = math.prod(n * h for n, h in zip(volume.shape, volume.spacing, strict=True) if n > 1)
    ratio = variance / (fraction * (1 - fraction) + variance)  # of a point: biased in the same way
    return FractionUncertainty(
        volume=volume,
        phase=phase,
        correlation=correlation,
        standard_error=math.nan if reason else math.sqrt(variance),
        integral_range=math.nan if reason else ratio * size,
        degrees_of_freedom=volume.labels.size / window,
        blocks=_blocks(volume, phase, cuts),
        reason=reason,
    )


def _cuts(correlation: Correlation) -> tuple[float, float, float]:
    """How far the correlation reaches along x, y and z [m]; inf where it does not decay."""
    x, y, z = (
        correlation[name].range.cut
        if name in correlation.curves and correlation[name].range.decayed
        else math.inf
        for name in "xyz"
    )
    return x, y, z


def _variance(
    correlation: Correlation, cuts: tuple[float, float, float], wrap: tuple[bool, bool, bool]
) -> tuple[float, float]:
    """Variance of the volume fraction, and the pairs of the window over the voxels."""
    volume, phase = correlation.volume, correlation.phase
    x, y, z = (
        _longest(n, h, cut, wraps)
        for n, h, cut, wraps in zip(volume.shape, volume.spacing, cuts, wrap, strict=True)
    )
    lags, count = (x, y, z), volume.labels.size
    covariance = autocorrelation(volume, phase, lags, wrap, correlation.volume_fraction)
    pairs = pair_counts(volume.shape, lags, wrap)
    # Squares of the distance along each axis, relative to the half axis of the window.
    squares = [
        ((np.arange(len(p)) - (len(p) // 2 if axis else 0)) * h / cut) ** 2
        for axis, (p, h, cut) in enumerate(zip(pairs, volume.spacing, cuts, strict=True))
    ]
    across = squares[1][:, None] + squares[2]
    offered = pairs[1][:, None] * pairs[2]
    total = window = 0.0
    for step, plane in enumerate(covariance):
        inside = across + squares[0][step] <= _EDGE
        both = 1.0 if step == 0 else 2.0  # vectors with h_x < 0 mirror those with h_x > 0
        total += both * float(plane[inside].sum(dtype=np.float64))
        window += both * float(pairs[0][step] * offered[inside].sum())
    window /= count
    left = count - window
    return (total / (count * left) if left >= 1.0 else math.nan), window


def _longest(n: int, edge: float, cut: float, periodic: bool) -> int:
    """Longest distance of the window along an axis, in voxels."""
    most = (n - 1) // 2 if periodic else n - 1
    return most if math.isinf(cut) else min(most, int(_EDGE * cut / edge))


def _reason(correlation: Correlation) -> str:
    if not any(curve.range.decayed for curve in correlation):
        return (
            "the correlation decays along no axis within the image, which is smaller than its "
            "structure; take a larger image"
        )
    return (
        "the sum of the correlation is not positive: the volume fraction varies less than an image "
        "of this size can tell; take a larger image"
    )


def _blocks(volume: Volume, phase: str, cuts: tuple[float, float, float]) -> Blocks:
    """Volume fractions of blocks that the correlation does not reach across."""
    x, y, z = (
        1 if math.isinf(cut) else max(1, n // max(1, math.ceil(cut / h)))
        for n, h, cut in zip(volume.shape, volume.spacing, cuts, strict=True)
    )
    return blocks_of(volume, phase, (x, y, z))


def blocks_of(volume: Volume, phase: str, counts: tuple[int, int, int]) -> Blocks:
    """Volume fraction of a phase in blocks side by side.

    Parameters
    ----------
    volume, phase : the image and the phase.
    counts : blocks along x, y, z; what is left of the voxels at the high faces is in none.

    Returns
    -------
    Blocks

    Examples
    --------
    >>> import twin
    >>> from twin.fraction_uncertainty import blocks_of
    >>> blocks_of(twin.Volume([[0, 1, 1, 1]]), "1", (1, 2, 1)).fractions.tolist()
    [0.5, 1.0]
    """
    bx, by, bz = (n // count for n, count in zip(volume.shape, counts, strict=True))
    values = label_array(volume, phase)
    voxels = np.zeros(counts, np.int64)
    for x, plane in enumerate(volume.labels[: counts[0] * bx]):
        cut = np.isin(plane[: counts[1] * by, : counts[2] * bz], values)
        voxels[x // bx] += cut.reshape(counts[1], by, counts[2], bz).sum(axis=(1, 3))
    fractions = voxels.ravel() / (bx * by * bz)
    if len(fractions) == 1:
        return Blocks((bx, by, bz), fractions, math.nan)
    # The blocks together are a little smaller than the image.
    error = math.sqrt(fractions.var(ddof=1) * bx * by * bz / volume.labels.size)
    return Blocks((bx, by, bz), fractions, error)
