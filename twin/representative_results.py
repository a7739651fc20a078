"""What `twin.representative` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.perturbation import check_whole
from meshing.units import format_length
from meshing.volume import Volume
from twin.fraction_results import quantile
from twin.power_law import PowerLaw, fit_power_law
from twin.studies.table import Sweep
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Subvolumes:
    """Subvolumes of one size, side by side.

    Attributes
    ----------
    shape : tuple of three ints
        Voxels of each.
    extent : float
        Product of its edges along the axes that were cut [m^3 for three].
    edge : float
        Their geometric mean [m].
    values : ndarray, (n,)
        Of those with a finite value.
    infinite : int
        How many have none, as where a phase does not percolate.
    failed : int
        How many the metric failed on.

    Examples
    --------
    >>> import numpy as np
    >>> from twin.representative_results import Subvolumes
    >>> part = Subvolumes((9, 9, 9), 729.0, 9.0, np.array([1.0, 2.0, 3.0]), 0, 0)
    >>> part.mean, part.standard_deviation, part.mean_interval()[1] > 3
    (2.0, 1.0, True)
    """

    shape: tuple[int, int, int]
    extent: float
    edge: float
    values: NDArray[np.float64]
    infinite: int
    failed: int

    @property
    def mean(self) -> float:
        """NaN where none has a finite value."""
        return float(self.values.mean()) if len(self.values) else math.nan

    @property
    def standard_deviation(self) -> float:
        """Among the subvolumes; NaN for fewer than two values."""
        return float(self.values.std(ddof=1)) if len(self.values) > 1 else math.nan

    def mean_interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Where the mean of all subvolumes of this size lies, by Student's t distribution.

        Raises
        ------
        InputError
            When the confidence is not between 0 and 1.
        """
        count = len(self.values)
        if count < 2:
            return math.nan, math.nan
        margin = quantile(confidence, count - 1) * self.standard_deviation / math.sqrt(count)
        return self.mean - margin, self.mean + margin


@dataclass(frozen=True, eq=False)
class Representative:
    """A number of subvolumes of several sizes, and what size it takes to know it.

    Attributes
    ----------
    volume : Volume
    name : str
        What was measured.
    axes : str
        The axes along which the image was cut.
    sizes : tuple of Subvolumes
        From the smallest.
    whole : float
        Of the whole image; NaN where it was not asked for.
    error, confidence : float
        The relative error that is aimed at, and with what confidence [-].
    sweep : Sweep
        The points.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.blobs((48, 48, 48), 0.4, 2e-6, "1um")
    >>> study = twin.representative(
    ...     twin.Volume.volume_fraction, volume, ["6um", "12um", "24um"], name="pore",
    ...     store=None, jobs=1,
    ... )
    >>> [len(size.values) for size in study.sizes], round(study.whole, 3)
    ([27, 27, 8], 0.4)
    """

    volume: Volume
    name: str
    axes: str
    sizes: tuple[Subvolumes, ...]
    whole: float
    error: float
    confidence: float
    sweep: Sweep

    @property
    def best(self) -> float:
        """Of the whole image, or the mean of the largest subvolumes that have a finite value."""
        means = [self.whole, *(size.mean for size in reversed(self.sizes))]
        return next((value for value in means if math.isfinite(value)), math.nan)

    @property
    def extent(self) -> float:
        """Product of the edges of the image along the axes that were cut [m^3 for three]."""
        edges = zip("xyz", self.volume.shape, self.volume.spacing, strict=True)
        return math.prod(n * h for name, n, h in edges if name in self.axes)

    def law(self, exponent: float | None = None) -> PowerLaw:
        """How the standard deviation falls with the size of subvolumes.

        Sizes at which a subvolume has an infinite value have no finite deviation, and no part in
        it.

        Parameters
        ----------
        exponent : float, optional
            Of the variance; fitted by default. With 1, as theory has it for volume fractions in
            images large against the structure.

        Returns
        -------
        PowerLaw

        Raises
        ------
        InputError
            When too few sizes have values that differ.
        """
        finite = [size for size in self.sizes if not size.infinite]
        return fit_power_law(
            [size.extent for size in finite],
            [size.standard_deviation for size in finite],
            [len(size.values) for size in finite],
            exponent,
        )

    def standard_error(self, exponent: float | None = None) -> float:
        """Standard deviation among images of the size of this one, by the power law."""
        return self.law(exponent).deviation(self.extent)

    def size_needed(
        self,
        error: float | None = None,
        confidence: float | None = None,
        *,
        images: int = 1,
        exponent: float | None = None,
    ) -> float:
        """Edge of a cube (square, line) that gives the number to a relative error.

        Parameters
        ----------
        error : float, optional
            Half of the interval over the value [-]; that of the study by default.
        confidence : float, optional
            Probability that the interval holds it; that of the study by default.
        images : int
            How many such images are averaged.
        exponent : float, optional
            Of the power law; fitted by default.

        Returns
        -------
        float
            The edge [m], in voxels without a spacing; inf where the deviation does not fall.

        Raises
        ------
        InputError
            When a number is out of range, or too few sizes have values that differ.
        """
        wanted = self.error if error is None else error
        sure = self.confidence if confidence is None else confidence
        check_aim(wanted, sure)
        check_whole(images, 1, "images are counted from 1 on")
        deviation = wanted * abs(self.best) * math.sqrt(images) / quantile(sure, math.inf)
        return float(self.law(exponent).volume_for(deviation) ** (1 / len(self.axes)))

    def summary(self) -> str:
        """A table with a line for each size, and the size that it takes."""
        head = ["edge", "subvolumes", "mean", "+-", "deviation", "relative", "no value"]
        rows = [self._cells(size) for size in self.sizes]
        lines = [
            f"{self.name} of subvolumes: {describe_size(self.volume)}",
            "",
            text_table(head, rows),
        ]
        if math.isfinite(self.whole):
            lines += ["", f"the image: {self.whole:.6g}"]
        return "\n".join([*lines, *self._outlook()])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        data: dict[str, Any] = {
            "name": self.name,
            "axes": self.axes,
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "whole": self.whole,
            "error": self.error,
            "confidence": self.confidence,
            "sizes": self.rows(),
        }
        try:
            law = self.law()
        except InputError:
            return data
        return data | {
            "exponent": law.exponent,
            "exponent_standard_error": math.sqrt(law.covariance[1, 1]),
            "standard_error": self.standard_error(),
            "size_needed": self.size_needed(),
            "size_needed_exponent_1": self.size_needed(exponent=1.0),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each size."""
        return [
            {
                "edge": size.edge,
                "extent": size.extent,
                "subvolumes": len(size.values),
                "infinite": size.infinite,
                "failed": size.failed,
                "mean": size.mean,
                "mean_low": size.mean_interval(self.confidence)[0],
                "mean_high": size.mean_interval(self.confidence)[1],
                "standard_deviation": size.standard_deviation,
            }
            for size in self.sizes
        ]

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the values against the size, and how their spread falls.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.representative_plots import representative_figure

        return saved(representative_figure(self), path)

    def _cells(self, size: Subvolumes) -> list[str]:
        low, high = size.mean_interval(self.confidence)
        none = size.infinite + size.failed
        return [
            self._length(size.edge),
            str(len(size.values)),
            f"{size.mean:.5g}",
            f"{(high - low) / 2:.2g}",
            f"{size.standard_deviation:.3g}",
            f"{size.standard_deviation / abs(self.best):.3g}",
            str(none) if none else "",
        ]

    def _outlook(self) -> list[str]:
        """The law and the size that it takes, or why there is none."""
        try:
            law = self.law()
        except InputError as error:
            return ["", str(error)]
        sigma = math.sqrt(law.covariance[1, 1])
        aim = f"{100 * self.error:g} % with {100 * self.confidence:g} % confidence"
        return [
            f"standard error of the image, by the power law: {self.standard_error():.2g}",
            "",
            f"the variance falls with the volume to the power {law.exponent:.2f} +- {sigma:.2f} "
            "(1 for structures small against the subvolumes)",
            f"{aim} takes edges of {self._length(self.size_needed())}, "
            f"{self._length(self.size_needed(exponent=1.0))} with the power 1",
        ]

    def _length(self, value: float) -> str:
        if not math.isfinite(value):
            return "any length" if math.isnan(value) else "infinite length"
        return format_length(value) if self.volume.spacing_known else f"{value:.4g} voxels"


def check_aim(error: float, confidence: float) -> None:
    """Make sure that an error and a confidence can be aimed at.

    Raises
    ------
    InputError
        When the error is not above 0, or the confidence not between 0 and 1.
    """
    if not error > 0:
        raise InputError(f"a relative error is a number above 0, as 0.05; found {error!r}")
    quantile(confidence, math.inf)
