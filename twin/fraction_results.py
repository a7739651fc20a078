"""What `twin.fraction_uncertainty` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import format_length
from meshing.volume import Volume
from twin.tables import describe_size, flat_row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from twin.correlation_results import Correlation


@dataclass(frozen=True, eq=False)
class Blocks:
    """The same standard error from the spread of the volume fraction among blocks.

    Attributes
    ----------
    shape : tuple of three ints
        Voxels of a block along x, y, z; none thinner than the correlation reaches, where it decays.
    fractions : ndarray, (n,)
        Volume fraction of each block that fits in the image side by side.
    standard_error : float
        Of the volume fraction of the image; NaN for one block alone.
    """

    shape: tuple[int, int, int]
    fractions: NDArray[np.float64]
    standard_error: float


@dataclass(frozen=True, eq=False)
class FractionUncertainty:
    """How well one image knows the volume fraction of a phase.

    Attributes
    ----------
    volume : Volume
    phase : str
    correlation : Correlation
        The curves along the axes, over all distances.
    standard_error : float
        Estimated standard deviation of the volume fraction among images of this size [-]; NaN
        where it cannot be told, and `reason` says why.
    integral_range : float
        Volume A (area in an image of one layer) such that V / A independent samples have this
        standard error [m^3, m^2 or m; in voxels without a spacing].
    degrees_of_freedom : float
        How many independent samples the estimate itself rests on: images over windows of it.
    blocks : Blocks
        Another estimate beside it.
    reason : str
        Why there is no estimate; empty where there is one.

    Examples
    --------
    >>> import numpy as np, twin
    >>> noise = np.random.default_rng(0).random((80, 80, 80)) < 0.3
    >>> found = twin.fraction_uncertainty(twin.Volume(noise, phases={"pore": 1}), "pore")
    >>> round(found.standard_error / (0.3 * 0.7 / 80**3) ** 0.5, 1)
    1.0
    """

    volume: Volume
    phase: str
    correlation: Correlation
    standard_error: float
    integral_range: float
    degrees_of_freedom: float
    blocks: Blocks
    reason: str

    @property
    def volume_fraction(self) -> float:
        """Of the phase in the image [-]."""
        return self.volume.volume_fraction(self.phase)

    @property
    def relative_error(self) -> float:
        """Standard error over volume fraction [-]."""
        return self.standard_error / self.volume_fraction

    @property
    def dimensions(self) -> int:
        """Axes of more than one voxel."""
        return sum(n > 1 for n in self.volume.shape)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Where the volume fraction of the material lies, with some confidence.

        Student's t distribution with the degrees of freedom of the estimate, within 0 and 1.

        Parameters
        ----------
        confidence : float
            Probability that the interval holds it, between 0 and 1.

        Returns
        -------
        tuple of two floats

        Raises
        ------
        InputError
            When the confidence is not between 0 and 1.
        """
        margin = quantile(confidence, self.degrees_of_freedom) * self.standard_error
        return max(self.volume_fraction - margin, 0.0), min(self.volume_fraction + margin, 1.0)

    def size_for(self, error: float, confidence: float = 0.95) -> float:
        """Edge of a cube (square, line) whose volume fraction is known to a relative error.

        Parameters
        ----------
        error : float
            Half of the interval over the volume fraction [-].
        confidence : float
            Probability that the interval holds it, between 0 and 1.

        Returns
        -------
        float
            The edge [m]; in voxels without a spacing.

        Raises
        ------
        InputError
            When the error is not above 0, or the confidence not between 0 and 1.
        """
        if not error > 0:
            raise InputError(f"a relative error is a number above 0, as 0.05; found {error!r}")
        fraction = self.volume_fraction
        wanted = error * fraction / quantile(confidence, self.degrees_of_freedom)
        samples = fraction * (1 - fraction) / wanted**2
        return float((samples * self.integral_range) ** (1 / self.dimensions))

    def summary(self) -> str:
        """A few lines of text: the fraction, its standard error, and where that comes from."""
        lines = [f"Volume fraction of {self.phase}: {describe_size(self.volume)}", ""]
        if self.reason:
            lines += [f"{self.volume_fraction:.5g}, standard error unknown: {self.reason}"]
        else:
            low, high = self.interval()
            lines += [
                f"{self.volume_fraction:.5g} +- {self.standard_error:.2g} (standard error), "
                f"{low:.5g} to {high:.5g} with 95 % confidence",
                f"the image is {self._size() / self.integral_range:.4g} independent samples, "
                f"integral range ({self._length(self.integral_range ** (1 / self.dimensions))})"
                f"^{self.dimensions}",
                f"1 % relative error with 95 % confidence: edges of "
                f"{self._length(self.size_for(0.01))}",
            ]
        blocks = len(self.blocks.fractions)
        shape = " x ".join(map(str, self.blocks.shape))
        if blocks > 1:
            lines += [f"from {blocks} blocks of {shape} voxels: {self.blocks.standard_error:.2g}"]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "phase": self.phase,
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume_fraction,
            "standard_error": self.standard_error,
            "integral_range": self.integral_range,
            "degrees_of_freedom": self.degrees_of_freedom,
            "cut": {c.name: c.range.cut for c in self.correlation},
            "blocks": len(self.blocks.fractions),
            "block_standard_error": self.blocks.standard_error,
            "reason": self.reason,
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table: what `to_dict` says, with flat columns."""
        return [flat_row(self.to_dict())]

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the correlation, and the error against the size of an image.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.correlation_plots import fraction_figure
        from twin.figures import saved

        return saved(fraction_figure(self), path)

    def _size(self) -> float:
        """Volume, area or length of the image."""
        edges = zip(self.volume.shape, self.volume.spacing, strict=True)
        return math.prod(n * h for n, h in edges if n > 1)

    def _length(self, value: float) -> str:
        return format_length(value) if self.volume.spacing_known else f"{value:.4g} voxels"


def quantile(confidence: float, degrees_of_freedom: float) -> float:
    """How many standard errors the half of an interval is, by Student's t distribution.

    Raises
    ------
    InputError
        When the confidence is not between 0 and 1.

    Examples
    --------
    >>> from twin.fraction_results import quantile
    >>> round(quantile(0.95, 1e9), 3), round(quantile(0.95, 4), 3)
    (1.96, 2.776)
    """
    from scipy import stats

    if not 0.0 < confidence < 1.0:
        raise InputError(f"a confidence lies between 0 and 1, as 0.95; found {confidence!r}")
    return float(stats.t.ppf((1 + confidence) / 2, degrees_of_freedom))
