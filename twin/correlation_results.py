"""What `twin.correlation` returns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import format_length
from meshing.volume import Volume
from twin.files import save_csv
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

#: The integral length is taken up to so many times itself, the automatic windowing of Madras and
#: Sokal, doi:10.1007/BF01022990: of an exponential correlation this leaves out exp(-6), 0.25 %.
WINDOW: Final = 6.0

#: Surface per volume over the slope of the probability at 0, for surfaces without a preferred
#: direction on a line, in a plane and in space.
_SURFACE_PER_SLOPE: Final = {1: 2.0, 2: math.pi, 3: 4.0}


@dataclass(frozen=True)
class Range:
    """How far a correlation reaches.

    Attributes
    ----------
    integral_length : float
        Integral of the correlation from 0 to the cut [m].
    cut : float
        The shortest distance that is `WINDOW` times the integral up to it, or the longest that was
        measured [m].
    decayed : bool
        Whether there is such a distance.
    """

    integral_length: float
    cut: float
    decayed: bool


@dataclass(frozen=True, eq=False)
class CorrelationCurve:
    """Two-point correlation of a phase in one direction, or averaged over all.

    Attributes
    ----------
    name : str
        ``"x"``, ``"y"``, ``"z"`` or ``"radial"``.
    distance : ndarray, (n,)
        Distances of two points, from 0 on [m]; in voxels where the spacing is unknown.
    probability : ndarray, (n,)
        Probability S2 that both points lie in the phase.
    pairs : ndarray, (n,)
        Pairs of voxels that each probability was counted from.
    volume_fraction : float
        Of the phase in the whole image [-].
    slope : float or None
        Slope of the probability at 0, from the faces of the phase across the axis [1/m].

    Examples
    --------
    >>> import numpy as np, twin
    >>> stripes = twin.Volume(np.tile([[0], [0], [1], [1]], (4, 1)), phases={"pore": 1})
    >>> curve = twin.correlation(stripes, "pore", axis="x", periodic="x")["x"]
    >>> curve.probability.tolist()
    [0.5, 0.25, 0.0, 0.25, 0.5, 0.25, 0.0, 0.25, 0.5]
    """

    name: str
    distance: Floats
    probability: Floats
    pairs: NDArray[Any]
    volume_fraction: float
    slope: float | None = None

    @property
    def correlation(self) -> Floats:
        """Coefficient (S2 - eps^2) / (eps - eps^2): 1 at 0, 0 where two points are strangers."""
        squared = self.volume_fraction**2
        scaled: Floats = (self.probability - squared) / (self.volume_fraction - squared)
        return scaled

    @cached_property
    def range(self) -> Range:
        """How far the correlation reaches."""
        return range_of(self.distance, self.correlation)

    @property
    def integral_length(self) -> float:
        """Integral of the correlation over the distance, up to the cut of `range` [m]."""
        return self.range.integral_length


@dataclass(frozen=True, eq=False)
class Correlation:
    """Two-point correlation of a phase, by direction.

    Attributes
    ----------
    volume : Volume
    phase : str
    periodic : str
        The axes along which the image goes on at its other face.
    curves : mapping of str to CorrelationCurve
        One for each axis that was asked for, and ``"radial"`` where it was.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.blobs((40, 40, 40), 0.4, 2e-6, "0.5um")
    >>> c = twin.correlation(volume, "pore", radial=True)
    >>> [curve.name for curve in c]
    ['x', 'y', 'z', 'radial']
    """

    volume: Volume
    phase: str
    periodic: str
    curves: Mapping[str, CorrelationCurve]

    def __getitem__(self, name: str) -> CorrelationCurve:
        """The curve of an axis, or ``"radial"``."""
        return self.curves[name]

    def __iter__(self) -> Iterator[CorrelationCurve]:
        """The curves."""
        return iter(self.curves.values())

    @property
    def volume_fraction(self) -> float:
        """Of the phase in the whole image [-]."""
        return self.volume.volume_fraction(self.phase)

    @property
    def specific_surface(self) -> float:
        """Surface of the phase per volume of the image, from the slopes at 0 [1/m].

        Minus four times the mean slope over the axes (pi times in an image of one layer), exact for
        a surface whose normals have no preferred direction. NaN without an axis.
        """
        slopes = [curve.slope for curve in self if curve.slope is not None]
        dimensions = sum(n > 1 for n in self.volume.shape)
        if not slopes:
            return math.nan
        return -_SURFACE_PER_SLOPE[dimensions] * math.fsum(slopes) / len(slopes)

    def summary(self) -> str:
        """A few lines of text: how far the phase remembers itself, by direction."""
        unit = "m" if self.volume.spacing_known else "voxel"
        rows = [
            [c.name, self._length(c.integral_length), self._length(c.range.cut), _decayed(c)]
            for c in self
        ]
        lines = [
            f"Two-point correlation of {self.phase}: {describe_size(self.volume)}",
            f"volume fraction {self.volume_fraction:.6g}",
            "",
            text_table(["along", "integral length", "up to", "decayed"], rows),
        ]
        if not math.isnan(self.specific_surface):
            lines += ["", f"surface per volume, from the slopes at 0: {self.specific_surface:.5g}"]
            lines[-1] += f" 1/{unit}"
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, without the curves."""
        return {
            "phase": self.phase,
            "periodic": self.periodic,
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume_fraction,
            "specific_surface": self.specific_surface,
            "integral_length": {c.name: c.integral_length for c in self},
            "cut": {c.name: c.range.cut for c in self},
            "decayed": {c.name: c.range.decayed for c in self},
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each direction and distance."""
        return [
            {
                "direction": curve.name,
                "distance": float(distance),
                "probability": float(probability),
                "correlation": float(correlation),
                "pairs": int(pairs),
            }
            for curve in self
            for distance, probability, correlation, pairs in zip(
                curve.distance, curve.probability, curve.correlation, curve.pairs, strict=True
            )
        ]

    def to_csv(self, path: str | Path) -> Path:
        """Write the curves as comma-separated values, distances in metres.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        return save_csv(path, self.rows())

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the probability and the correlation against the distance.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.correlation_plots import correlation_figure
        from twin.figures import saved

        return saved(correlation_figure(self), path)

    def _length(self, value: float) -> str:
        return format_length(value) if self.volume.spacing_known else f"{value:.4g} voxels"


def range_of(distance: Floats, correlation: Floats) -> Range:
    """Integral of a correlation over the distance, up to where it has decayed.

    Parameters
    ----------
    distance : (n,) from 0 on [m].
    correlation : (n,) 1 at 0.

    Returns
    -------
    Range

    Examples
    --------
    >>> import numpy as np
    >>> from twin.correlation_results import range_of
    >>> r = np.linspace(0.0, 30.0, 3001)
    >>> found = range_of(r, np.exp(-r))
    >>> round(found.integral_length, 3), round(found.cut, 2), found.decayed
    (0.998, 5.99, True)
    """
    steps = np.diff(distance) * (correlation[1:] + correlation[:-1]) / 2
    integral = np.concatenate([[0.0], np.cumsum(steps)])
    reached = np.flatnonzero(distance[1:] >= WINDOW * integral[1:]) + 1
    cut = int(reached[0]) if reached.size else len(distance) - 1
    return Range(float(integral[cut]), float(distance[cut]), bool(reached.size))


def _decayed(curve: CorrelationCurve) -> str:
    return "yes" if curve.range.decayed else "no"
