"""How evenly a flux is spread over the voxels that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from twin.directions import AlongAxis

__all__ = ["FluxDistribution"]

#: Edges of the histogram of |J| / mean: ten to a decade.
_EDGES: Final = np.geomspace(1e-6, 1e4, 101)


@dataclass(frozen=True, eq=False)
class FluxDistribution:
    """Distribution of the magnitude of the flux over the voxels that join the driven faces.

    Magnitudes are those of the flux at voxel centres (`flux` of the result), in its unit.

    Attributes
    ----------
    voxels : int
        Voxels that join the two driven faces.
    mean, maximum : float
        Of the magnitude over these voxels.
    superficial : float
        Mean of the flux along the driven axis over the whole volume: the total flow over the
        cross-section of the image.
    coefficient_of_variation : float
        Standard deviation of the magnitude over its mean; 0 for a uniform flux.
    half_share : float
        Share of these voxels that carries half of the flux, the strongest first; 0.5 for a uniform
        flux.
    edges : ndarray, (bins + 1,)
        Edges of the histogram of magnitude over mean, ten to a decade.
    counts : ndarray, (bins,)
        Voxels in each bin; those below the first edge are in none.
    flux_share : ndarray, (101,)
        Share of the flux that 0 %, 1 %, ... 100 % of these voxels carry, the strongest first.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((8, 6, 4), np.uint8), phases={"pore": 1})
    >>> found = twin.bottlenecks(twin.tortuosity(volume, "pore", axis="x"))
    >>> round(found.distribution.half_share, 3), round(found.distribution.maximum, 6)
    (0.5, 0.125)
    """

    voxels: int
    mean: float
    maximum: float
    superficial: float
    coefficient_of_variation: float
    half_share: float
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    flux_share: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Numbers only, with the names of the attributes; the histogram is left out."""
        names = ("voxels", "mean", "maximum", "superficial", "coefficient_of_variation")
        return {name: getattr(self, name) for name in (*names, "half_share")}


def magnitudes(flux: NDArray[np.floating[Any]], members: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Magnitude of the flux at the members, slab by slab, in the order of the array.

    Parameters
    ----------
    flux : (nx, ny, nz, 3).
    members : (nx, ny, nz) bool.

    Returns
    -------
    (members.sum(),) float32

    Examples
    --------
    >>> import numpy as np
    >>> from twin.flux_distribution import magnitudes
    >>> magnitudes(np.full((2, 1, 1, 3), 2.0), np.array([[[True]], [[False]]])).round(3).tolist()
    [3.4639999866485596]
    """
    slabs = (
        np.linalg.norm(f[m].astype(np.float64), axis=-1) for f, m in zip(flux, members, strict=True)
    )
    return np.concatenate([slab.astype(np.float32) for slab in slabs])


def superficial_flux(flux: NDArray[np.floating[Any]], axis: int) -> float:
    """Mean of the flux along an axis over the whole volume, summed in double precision."""
    sums = [float(slab[..., axis].sum(dtype=np.float64)) for slab in flux]
    return float(np.sum(sums)) / (flux.size // 3)


def distribution_of(
    result: AlongAxis, flux: NDArray[np.floating[Any]], ordered: NDArray[np.float32]
) -> FluxDistribution:
    """Describe a flux.

    Parameters
    ----------
    result : what the flux belongs to.
    flux : (nx, ny, nz, 3), of the result.
    ordered : magnitudes of the flux where it passes, ascending.

    Returns
    -------
    FluxDistribution

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.flux_distribution import distribution_of, magnitudes
    >>> volume = twin.Volume(np.ones((8, 6, 4), np.uint8), phases={"pore": 1})
    >>> t = twin.tortuosity(volume, "pore", axis="x")
    >>> flux = t.flux()
    >>> found = distribution_of(t, flux, np.sort(magnitudes(flux, t.mesh.active())))
    >>> round(found.superficial, 6), round(found.coefficient_of_variation, 3)
    (0.125, 0.0)
    """
    mean = float(ordered.mean(dtype=np.float64)) if len(ordered) else 0.0
    volume_share, flux_share = _concentration(ordered)
    return FluxDistribution(
        voxels=len(ordered),
        mean=mean,
        maximum=float(ordered[-1]) if len(ordered) else 0.0,
        superficial=superficial_flux(flux, result.mesh.axis),
        coefficient_of_variation=float(ordered.std(dtype=np.float64)) / mean if mean else 0.0,
        half_share=float(np.interp(0.5, flux_share, volume_share)) if mean else 0.0,
        edges=_EDGES,
        counts=np.diff(np.searchsorted(ordered, (_EDGES * mean).astype(ordered.dtype))),
        flux_share=np.interp(np.linspace(0.0, 1.0, 101), volume_share, flux_share),
    )


def _concentration(
    ordered: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of the voxels, the strongest first, and of the flux that they carry."""
    sums = np.append(0.0, np.cumsum(ordered[::-1], dtype=np.float64))
    return np.linspace(0.0, 1.0, len(sums)), sums / (sums[-1] or 1.0)
