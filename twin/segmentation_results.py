"""What `twin.segmentation_uncertainty` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.units import format_length
from meshing.volume import Volume
from twin.fraction_results import quantile
from twin.studies.table import Sweep
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class SegmentationUncertainty:
    """How much a number of an image depends on where its interfaces were placed.

    Attributes
    ----------
    volume : Volume
        The image as it was segmented.
    name : str
        What was measured.
    reference : float
        Of the image as it was segmented.
    values : ndarray, (n,)
        Of each perturbed image that has a finite one.
    infinite : int
        How many have none, such as the tortuosity factor of a phase that does not percolate.
    fractions : mapping of str to ndarray, (n,)
        Volume fraction of each phase in these images [-].
    changed : ndarray, (n,)
        Share of the voxels that another phase has taken in them [-].
    how : mapping of str to anything
        The arguments of `twin.perturb`.
    sweep : Sweep
        The points.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((24, 24, 24), "1um")
    >>> found = twin.segmentation_uncertainty(
    ...     twin.tortuosity, volume, value="tortuosity_factor", phase="pore", axis="z",
    ...     samples=4, store=None, jobs=1,
    ... )
    >>> len(found.values), found.standard_deviation > 0
    (4, True)
    """

    volume: Volume
    name: str
    reference: float
    values: NDArray[np.float64]
    infinite: int
    fractions: Mapping[str, NDArray[np.float64]]
    changed: NDArray[np.float64]
    how: Mapping[str, Any]
    sweep: Sweep

    @property
    def failed(self) -> int:
        """How many perturbed images the metric failed on; `sweep` says why."""
        return len(self.sweep.failed)

    @property
    def mean(self) -> float:
        """Of the perturbed images; NaN where none has a finite value."""
        return float(self.values.mean()) if len(self.values) else math.nan

    @property
    def standard_deviation(self) -> float:
        """Among the perturbed images; NaN for fewer than two."""
        return float(self.values.std(ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def shift(self) -> float:
        """Mean of the perturbed images less the reference: what rougher interfaces do."""
        return self.mean - self.reference

    def quantiles(self, *probabilities: float) -> tuple[float, ...]:
        """Values that so many of the perturbed images do not exceed; NaN where there is none.

        Parameters
        ----------
        *probabilities : float
            Each from 0 to 1.

        Returns
        -------
        tuple of float
        """
        if not len(self.values):
            return (math.nan,) * len(probabilities)
        return tuple(np.quantile(self.values, probabilities).tolist())

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Mean and margins in which a further segmentation would lie, with some confidence.

        Student's t distribution for one more value beside these: normal values are assumed.

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
        count = len(self.values)
        if count < 2:
            return math.nan, math.nan
        margin = quantile(confidence, count - 1) * self.standard_deviation
        margin *= math.sqrt(1 + 1 / count)
        return self.mean - margin, self.mean + margin

    def summary(self) -> str:
        """A few lines of text: the number, its spread, and how far the phases moved."""
        low, middle, high = self.quantiles(0.05, 0.5, 0.95)
        how = ", ".join(f"{name} {self._shown(given)}" for name, given in self.how.items())
        lines = [
            f"{self.name}: {describe_size(self.volume)}",
            f"{len(self.changed)} perturbed images, {how}; "
            f"{100 * float(np.mean(self.changed)):.3g} % of the voxels changed",
            "",
            f"as segmented        {self.reference:.6g}",
            f"perturbed           {self.mean:.6g} +- {self.standard_deviation:.2g} "
            "(standard deviation)",
            f"5, 50, 95 %         {low:.6g}, {middle:.6g}, {high:.6g}",
        ]
        if self.infinite:
            lines += [f"no finite value in {self.infinite} of them"]
        if self.failed:
            lines += [f"{self.failed} more failed: {self.sweep.failed[0].error}"]
        rows = [
            [phase, f"{self.volume.volume_fraction(phase):.5g}", f"{f.mean():.5g}", _spread(f)]
            for phase, f in self.fractions.items()
        ]
        head = ["volume fraction", "as segmented", "perturbed", "deviation"]
        return "\n".join([*lines, "", text_table(head, rows)])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        low, middle, high = self.quantiles(0.05, 0.5, 0.95)
        return {
            "name": self.name,
            "reference": self.reference,
            "samples": len(self.values),
            "infinite": self.infinite,
            "failed": self.failed,
            "mean": self.mean,
            "standard_deviation": self.standard_deviation,
            "shift": self.shift,
            "quantiles": {"0.05": low, "0.5": middle, "0.95": high},
            "changed": float(np.mean(self.changed)),
            "fractions": {phase: float(f.mean()) for phase, f in self.fractions.items()},
            **{key: value for key, value in self.how.items() if key != "between"},
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each perturbed image, as the sweep has them."""
        return self.sweep.rows()

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the values, and a slice with where interfaces lie in other segmentations.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.segmentation_plots import segmentation_figure

        return saved(segmentation_figure(self), path)

    def _shown(self, given: Any) -> Any:
        """A length that was given as a number gets its unit."""
        length = given is self.how.get("width") or given is self.how.get("patch")
        if isinstance(given, str) or not length:
            return given
        return format_length(given) if self.volume.spacing_known else f"{given:g} voxels"


def _spread(values: NDArray[np.float64]) -> str:
    return f"{values.std(ddof=1):.2g}" if len(values) > 1 else "-"
