"""Pairs of voxels of a phase at every distance, by Fourier transforms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshing.labels import slabs
from meshing.selection import Phases, label_array
from meshing.volume import Volume

__all__ = ["LinePairs", "autocorrelation", "layer_counts", "line_pairs", "pair_counts"]

Three = tuple[int, int, int]
Wraps = tuple[bool, bool, bool]


@dataclass(frozen=True, eq=False)
class LinePairs:
    """Pairs of voxels along an axis.

    Attributes
    ----------
    hits : ndarray, (n,) int64
        Pairs of which both voxels belong to the phase, for distances of 0, 1, ... n - 1 voxels.
    pairs : ndarray, (n,) int64
        All pairs at these distances.
    """

    hits: NDArray[np.int64]
    pairs: NDArray[np.int64]


def layer_counts(volume: Volume, phases: Phases, axis: int) -> NDArray[np.int64]:
    """Voxels of some phases in each layer across an axis.

    Parameters
    ----------
    volume : the image.
    phases : one phase or several that count as one.
    axis : 0, 1 or 2.

    Returns
    -------
    ndarray, (n,) int64
        One number for each layer of voxels.

    Examples
    --------
    >>> from meshing.two_point import layer_counts
    >>> from meshing.volume import Volume
    >>> layer_counts(Volume([[0, 1, 1], [0, 0, 1]]), "1", 1).tolist()
    [0, 1, 2]
    """
    total = np.zeros(volume.shape[axis], np.int64)
    for lines in _lines(volume, phases, axis):
        total += np.count_nonzero(lines, axis=(0, 1))
    return total


def line_pairs(
    volume: Volume, phases: Phases, axis: int, longest: int, periodic: bool
) -> LinePairs:
    r"""Count the pairs of voxels of a phase along an axis, exactly.

    The pairs at a distance are the autocorrelation of the indicator of the phase: the inverse
    transform of its power spectrum. Lines of voxels along the axis are transformed one by one, the
    power of all of them is added up, and one inverse transform ends it; lines that are not
    periodic are padded with as many zeros as the longest distance. The counts are whole numbers,
    and rounding takes away what the transforms leave.

    Parameters
    ----------
    volume : the image.
    phases : one phase or several that count as one.
    axis : 0, 1 or 2.
    longest : the longest distance, in voxels, below the voxels of the axis.
    periodic : whether the image goes on at its other face.

    Returns
    -------
    LinePairs

    Examples
    --------
    >>> from meshing.two_point import line_pairs
    >>> from meshing.volume import Volume
    >>> row = Volume([[1], [1], [0], [1]])
    >>> found = line_pairs(row, "1", axis=0, longest=3, periodic=False)
    >>> found.hits.tolist(), found.pairs.tolist()
    ([3, 1, 1, 1], [4, 3, 2, 1])
    >>> line_pairs(row, "1", axis=0, longest=3, periodic=True).hits.tolist()
    [3, 2, 2, 2]
    """
    from scipy import fft

    n = volume.shape[axis]
    length = n if periodic else fft.next_fast_len(n + longest, real=True)
    power = np.zeros(length // 2 + 1)
    for lines in _lines(volume, phases, axis, bytes_each=16 * length // n):
        spectrum = fft.rfft(lines.astype(np.float64), length, axis=2, workers=_workers())
        power += np.einsum("ijk,ijk->k", spectrum.real, spectrum.real)
        power += np.einsum("ijk,ijk->k", spectrum.imag, spectrum.imag)
    hits = np.rint(fft.irfft(power, length)[: longest + 1]).astype(np.int64)
    offered = np.full(longest + 1, n) if periodic else n - np.arange(longest + 1)
    return LinePairs(hits, offered.astype(np.int64) * (volume.labels.size // n))


def autocorrelation(
    volume: Volume, phases: Phases, lags: Three, periodic: Wraps, centre: float = 0.0
) -> NDArray[np.float32]:
    r"""Autocorrelation of the indicator of a phase at every vector up to some length.

    .. math:: K(h) = \sum_x (I(x) - m) \, (I(x + h) - m)

    over the voxels x for which x and x + h are in the image (or in its periodic copies), with I = 1
    in the phase and 0 elsewhere.

    The transform goes along z first, for the whole image, and then plane by plane across it, so
    that of the padded image no more than one plane is there at a time: the peak is about 4 bytes
    for each voxel of the image that is padded along z alone, and the result.

    Parameters
    ----------
    volume : the image.
    phases : one phase or several that count as one.
    lags : longest distance along x, y, z, in voxels, below the voxels of the axis.
    periodic : for each axis whether the image goes on at its other face.
    centre : m, what is subtracted from the indicator.

    Returns
    -------
    ndarray, (lags[0] + 1, 2 lags[1] + 1, 2 lags[2] + 1) float32
        For h_x = 0 ... and h_y, h_z = -lags ... lags; the rest follows from K(-h) = K(h).

    Examples
    --------
    >>> from meshing.two_point import autocorrelation
    >>> from meshing.volume import Volume
    >>> square = Volume([[1, 1], [0, 1]])
    >>> autocorrelation(square, "1", (1, 1, 0), (False,) * 3)[:, :, 0].round().tolist()
    [[1.0, 3.0, 1.0], [0.0, 1.0, 1.0]]
    """
    from scipy import fft

    sizes = [
        n if wraps else fft.next_fast_len(n + lag, real=axis == 2)
        for axis, (n, lag, wraps) in enumerate(zip(volume.shape, lags, periodic, strict=True))
    ]
    along = _transform_along_z(volume, phases, sizes[2], np.float32(centre))
    across = np.empty((lags[0] + 1, 2 * lags[1] + 1, along.shape[2]), np.complex64)
    y = np.arange(-lags[1], lags[1] + 1)
    for k in range(along.shape[2]):
        plane = fft.fft2(along[:, :, k], (sizes[0], sizes[1]), workers=_workers())
        power = plane.real**2 + plane.imag**2
        rows = fft.ifft(power, axis=0, workers=_workers())[: lags[0] + 1]
        across[:, :, k] = fft.ifft(rows, axis=1, workers=_workers()).take(y, 1, mode="wrap")
    del along
    z = np.arange(-lags[2], lags[2] + 1)
    out = np.empty((*across.shape[:2], len(z)), np.float32)
    for slab, spectrum in zip(out, across, strict=True):
        slab[:] = fft.irfft(spectrum, sizes[2], axis=1, workers=_workers()).take(z, 1, mode="wrap")
    return out


def pair_counts(shape: Three, lags: Three, periodic: Wraps) -> list[NDArray[np.float64]]:
    """Factors of the number of pairs at each vector of `autocorrelation`: one array for each axis.

    Examples
    --------
    >>> from meshing.two_point import pair_counts
    >>> x, y, z = pair_counts((4, 3, 1), (1, 1, 0), (False, True, False))
    >>> x.tolist(), y.tolist(), z.tolist()
    ([4.0, 3.0], [3.0, 3.0, 3.0], [1.0])
    """
    ranges = [np.arange(lags[0] + 1), *(np.arange(-lag, lag + 1) for lag in lags[1:])]
    return [
        np.full(len(h), float(n)) if wraps else n - np.abs(h).astype(np.float64)
        for n, h, wraps in zip(shape, ranges, periodic, strict=True)
    ]


def _transform_along_z(
    volume: Volume, phases: Phases, length: int, centre: np.float32
) -> NDArray[np.complex64]:
    from scipy import fft

    nx, ny, _ = volume.shape
    out = np.empty((nx, ny, length // 2 + 1), np.complex64)
    x = 0
    for lines in _lines(volume, phases, 2, bytes_each=8):
        field = lines.astype(np.float32) - centre
        out[x : x + len(lines)] = fft.rfft(field, length, axis=2, workers=_workers())
        x += len(lines)
    return out


def _lines(
    volume: Volume, phases: Phases, axis: int, bytes_each: int = 1
) -> Iterator[NDArray[np.bool_]]:
    """Where some phases are, a slab of lines at a time, with the axis of the lines last."""
    values = label_array(volume, phases)
    across = 1 if axis == 0 else 0
    layer = volume.labels.size // volume.shape[across]
    for part in slabs(volume.shape[across], bytes_each * layer):
        slab = volume.labels[:, part] if across else volume.labels[part]
        order = {0: (1, 2, 0), 1: (0, 2, 1), 2: (0, 1, 2)}[axis]
        yield np.isin(slab.transpose(order), values)


def _workers() -> int:
    """As many threads as Numba may use: a sweep that runs several points gives each its share."""
    import numba

    return int(numba.get_num_threads())
