"""Which part of what conducts carries the flux, and which is a dead end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.dead_ends import dead_ends
from meshing.errors import InputError
from meshing.selection import masks
from twin.directions import AlongAxis
from twin.flux_distribution import FluxDistribution, distribution_of, magnitudes
from twin.tables import describe_size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FluxPartition", "ThresholdCurve", "flux_partition"]

#: What the labels of a partition stand for.
OUTSIDE, THROUGH, DEAD_END, ISOLATED = range(4)

#: Thresholds of the curve, relative to the largest flux: twenty to a decade.
_THRESHOLDS: Final = np.geomspace(1e-6, 1.0, 121)


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """What a threshold on the flux would call a dead end, for a range of thresholds.

    Attributes
    ----------
    thresholds : ndarray, (n,)
        Relative to the maximum or the mean of the flux, as the partition's own.
    dead_end_fraction : ndarray, (n,)
        Share of all conducting voxels with less flux than that, islands not counted, 0 to 1.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((8, 6, 4), np.uint8), phases={"pore": 1})
    >>> parts = twin.flux_partition(twin.tortuosity(volume, "pore", axis="x"))
    >>> round(parts.curve.at(0.5), 3)
    0.0
    """

    thresholds: NDArray[np.float64]
    dead_end_fraction: NDArray[np.float64]

    def at(self, threshold: float) -> float:
        """Fraction at a threshold, between the points of the curve [-]."""
        return float(np.interp(threshold, self.thresholds, self.dead_end_fraction))


@dataclass(frozen=True, eq=False)
class FluxPartition:
    """Through paths, dead ends and islands of what conducts.

    Fractions are of the volume of all that conducts; they add up to 1.

    Attributes
    ----------
    result : Tortuosity or Conduction
        The steady transport that was looked at.
    labels : ndarray, (nx, ny, nz) uint8
        0 where nothing conducts, 1 through path, 2 dead end, 3 isolated: conducting, and joined to
        one driven face at most.
    threshold : float or None
        Flux below which a voxel is a dead end, relative to `relative_to`; None where dead ends are
        the voxels on no path.
    relative_to : str
        ``"maximum"`` or ``"mean"``, over the voxels that join the two driven faces.
    voxels : tuple of three ints
        Voxels on through paths, in dead ends and in islands.
    distribution : FluxDistribution
        How evenly the flux is spread.
    curve : ThresholdCurve
        The fraction of dead ends against the threshold.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.zeros((5, 3, 1), np.uint8)
    >>> labels[:, 0] = labels[2, 1:] = 1  # a channel with a side pocket
    >>> volume = twin.Volume(labels, phases={"pore": 1})
    >>> parts = twin.flux_partition(twin.tortuosity(volume, "pore", axis="x"))
    >>> parts.labels[:, :, 0].tolist()
    [[1, 0, 0], [1, 0, 0], [1, 2, 2], [1, 0, 0], [1, 0, 0]]
    """

    result: AlongAxis
    labels: NDArray[np.uint8]
    threshold: float | None
    relative_to: str
    voxels: tuple[int, int, int]
    distribution: FluxDistribution
    curve: ThresholdCurve

    @property
    def through_fraction(self) -> float:
        """Share of what conducts that carries flux through, 0 to 1."""
        return self.voxels[0] / sum(self.voxels)

    @property
    def dead_end_fraction(self) -> float:
        """Share of what conducts in dead ends, 0 to 1."""
        return self.voxels[1] / sum(self.voxels)

    @property
    def isolated_fraction(self) -> float:
        """Share of what conducts that does not join the two driven faces, 0 to 1."""
        return self.voxels[2] / sum(self.voxels)

    @property
    def method(self) -> str:
        """What makes a dead end, in words."""
        if self.threshold is None:
            return "on no path between the driven faces"
        return f"flux below {self.threshold:g} of its {self.relative_to}"

    def summary(self) -> str:
        """A few lines of text: the fractions, and how evenly the flux is spread."""
        mesh, spread = self.result.mesh, self.distribution
        lines = [
            f"Flux through {' + '.join(mesh.phases)} along {self.result.axis}: "
            f"{describe_size(mesh.volume)}, {mesh.sides} sides",
            "",
            f"through   {self.through_fraction:8.4f}  of what conducts",
            f"dead end  {self.dead_end_fraction:8.4f}  {self.method}",
            f"isolated  {self.isolated_fraction:8.4f}  joined to one driven face at most",
        ]
        if spread.mean:
            lines += [
                "",
                f"largest flux over mean: {spread.maximum / spread.mean:.2f}",
                f"coefficient of variation: {spread.coefficient_of_variation:.3f}",
                f"half of the flux passes {100 * spread.half_share:.1f} % of the voxels that join "
                "the driven faces",
            ]
        if self.result.reason:
            lines += ["", self.result.reason]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "phases": list(self.result.mesh.phases),
            "axis": self.result.axis,
            "sides": self.result.mesh.sides,
            "method": self.method,
            "threshold": self.threshold,
            "relative_to": self.relative_to,
            "through_fraction": self.through_fraction,
            "dead_end_fraction": self.dead_end_fraction,
            "isolated_fraction": self.isolated_fraction,
            "distribution": self.distribution.to_dict(),
            "curve": {
                "thresholds": self.curve.thresholds.tolist(),
                "dead_end_fraction": self.curve.dead_end_fraction.tolist(),
            },
        }

    def plot(self, path: str | Path | None = None, at: Sequence[int] | None = None) -> Figure:
        """Draw three slices with the flux of the through paths, and the curve of the threshold.

        Dead ends are white, islands light grey, other phases dark.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).
        at : three ints, optional
            The voxel through which the three slices pass; the middle of the volume when left out.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InputError
            When `at` is outside the volume, or the file cannot be written.
        """
        from twin.figures import saved
        from twin.partition_plots import partition_figure

        return saved(partition_figure(self, at), path)

    def to_vtk(self, path: str | Path) -> Path:
        """Write phases, partition, potential, flux and its magnitude as an image for ParaView.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.export import write_vti

        flux = self.result.flux()
        size = np.stack([np.linalg.norm(slab, axis=-1) for slab in flux])
        fields: dict[str, NDArray[Any]] = {
            "partition": self.labels,
            "potential": self.result.potential(),
            "flux": flux,
            "flux_over_mean": size / np.float32(self.distribution.mean or 1.0),
        }
        units = {"partition": "0 outside, 1 through, 2 dead end, 3 isolated"}
        return write_vti(path, self.result.volume, fields, units)


def flux_partition(
    result: AlongAxis,
    threshold: float | None = 0.02,
    *,
    relative_to: Literal["maximum", "mean"] = "maximum",
) -> FluxPartition:
    r"""Divide what conducts into through paths, dead ends and islands.

    With a threshold :math:`t`, a voxel is a dead end where the magnitude of the steady flux is
    below :math:`t\,\max|J|`, or :math:`t\,\overline{|J|}`. The default, 2 % of the maximum, is that
    of the work cited below, which calls it arbitrary; `FluxPartition.curve` shows what other
    thresholds give. The maximum of a voxel field is local: it sits at the sharpest corner or in the
    narrowest throat, and grows as the voxels are refined, while the mean converges. To compare
    images of different resolution or size, take ``relative_to="mean"`` or no threshold.

    Without a threshold, a voxel is a dead end where no path between the driven faces leads through
    it (`twin.dead_ends`). This knows nothing of the amount of flux: the far end of a wide pocket is
    on some path, and so is the rung of a balanced ladder, which carries none.

    Parameters
    ----------
    result : Tortuosity or Conduction
        Steady transport along one axis, whether it percolates or not.
    threshold : float or None
        Flux below which a voxel is a dead end, relative to the maximum (0 to 1) or the mean.
    relative_to : str
        ``"maximum"`` or ``"mean"`` of the magnitude over the voxels that join the driven faces.

    Returns
    -------
    FluxPartition

    Raises
    ------
    InputError
        Several directions at once, a threshold that is negative or above the maximum, another
        `relative_to`.

    References
    ----------
    Nguyen et al., Advanced Energy Materials 11 (2021) 2003529, doi:10.1002/aenm.202003529

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((32, 32, 32), spacing="1um", binder_fraction=0.2)
    >>> binder = twin.tortuosity(volume, "CBD", axis="z")
    >>> flow = twin.flux_partition(binder)
    >>> paths = twin.flux_partition(binder, threshold=None)
    >>> flow.dead_end_fraction > paths.dead_end_fraction > 0
    True
    """
    check_one_axis(result)
    _check(threshold, relative_to)
    members, flux = result.mesh.active(), result.flux()
    size = magnitudes(flux, members)
    ordered = np.sort(size)
    distribution = distribution_of(result, flux, ordered)
    del flux
    unit = distribution.maximum if relative_to == "maximum" else distribution.mean
    ends = size < threshold * unit if threshold is not None else _on_no_path(result, members)
    return FluxPartition(
        result=result,
        labels=_labels(result, members, ends),
        threshold=threshold,
        relative_to=relative_to,
        voxels=_count(result, ends),
        distribution=distribution,
        curve=_curve(ordered, unit, result.mesh.phase_voxels),
    )


def _on_no_path(result: AlongAxis, members: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return dead_ends(result.mesh).mask()[members]


def check_one_axis(result: AlongAxis) -> None:
    """Refuse what is no result along one axis.

    Raises
    ------
    InputError
        When it is something else, such as several directions together.
    """
    if not isinstance(result, AlongAxis):
        raise InputError(
            f"a result along one axis is needed, found {type(result).__name__}; give what "
            "twin.tortuosity or twin.conduction found along one axis, as results['z']"
        )


def _check(threshold: float | None, relative_to: str) -> None:
    if relative_to not in ("maximum", "mean"):
        raise InputError(
            f"a flux is compared with its 'maximum' or its 'mean', found {relative_to!r}; use one "
            "of these"
        )
    if threshold is None:
        return
    highest = 1.0 if relative_to == "maximum" else math.inf
    if not 0.0 <= threshold <= highest or math.isinf(threshold):
        raise InputError(
            f"a threshold relative to the {relative_to} is a number from 0 on"
            f"{', at most 1' if relative_to == 'maximum' else ''}, found {threshold!r}; use 0.02, "
            "or None for the voxels on no path"
        )


def _labels(
    result: AlongAxis, members: NDArray[np.bool_], ends: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    labels = np.empty(result.mesh.shape, np.uint8)
    for slab, conducts in zip(labels, masks(result.volume, result.mesh.phases), strict=True):
        np.multiply(conducts, ISOLATED, out=slab, casting="unsafe")
    labels[members] = np.where(ends, np.uint8(DEAD_END), np.uint8(THROUGH))
    return labels


def _count(result: AlongAxis, ends: NDArray[np.bool_]) -> tuple[int, int, int]:
    dead = int(np.count_nonzero(ends))
    return len(ends) - dead, dead, result.mesh.phase_voxels - len(ends)


def _curve(ordered: NDArray[np.float32], unit: float, conducting: int) -> ThresholdCurve:
    largest = float(ordered[-1]) if len(ordered) else 0.0
    values = _THRESHOLDS * largest
    below = np.searchsorted(ordered, values.astype(ordered.dtype))
    return ThresholdCurve(values / unit if unit else _THRESHOLDS.copy(), below / conducting)
