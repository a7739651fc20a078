"""Where a flux is squeezed: how evenly it is spread, and the strongest constrictions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.units import format_length
from twin.constrictions import Constriction, constriction, find_clusters
from twin.driving import NotPercolating
from twin.files import save_csv
from twin.flux_distribution import FluxDistribution, distribution_of, magnitudes
from twin.flux_partition import check_one_axis
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from twin.directions import AlongAxis

__all__ = ["Bottlenecks", "bottlenecks"]

#: Without a ratio of the user's own: nine tenths of what one voxel in a hundred exceeds, so that a
#: long throat with the same flux everywhere is not cut up by rounding. And at least 2: a flux that
#: is even to within this factor has no constriction.
_QUANTILE, _PART = 0.99, 0.9
_LEAST: Final = 2.0


@dataclass(frozen=True, eq=False)
class Bottlenecks:
    """How evenly a flux is spread and where it is squeezed.

    Attributes
    ----------
    result : Tortuosity or Conduction
        The steady transport that was looked at.
    above : float
        Flux over mean from which voxels belong to a constriction.
    count : int
        Number of constrictions, listed or not.
    voxels : int
        Voxels in all of them.
    constrictions : tuple of Constriction
        The strongest, by their peak.
    distribution : FluxDistribution
        How evenly the flux is spread.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.ones((9, 5, 5), np.uint8)
    >>> labels[3:6] = 0
    >>> labels[3:6, 2, 2] = 1  # two rooms and a neck of one voxel
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 1})
    >>> found = twin.bottlenecks(twin.tortuosity(volume, "pore", axis="x"))
    >>> (neck,) = found.constrictions
    >>> neck.voxels, f"{neck.area:.2g}", round(neck.current_share, 3)
    (3, '1e-12', 1.0)
    """

    result: AlongAxis
    above: float
    count: int
    voxels: int
    constrictions: tuple[Constriction, ...]
    distribution: FluxDistribution

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each constriction, the strongest first."""
        return [
            {"constriction": number, **one.to_dict()}
            for number, one in enumerate(self.constrictions, start=1)
        ]

    def summary(self) -> str:
        """How evenly the flux is spread, and a table of the strongest constrictions."""
        mesh, spread = self.result.mesh, self.distribution
        lines = [
            f"Flux through {' + '.join(mesh.phases)} along {self.result.axis}: "
            f"{describe_size(mesh.volume)}, {mesh.sides} sides",
            "",
            f"largest flux over mean: {spread.maximum / spread.mean:.2f}",
            f"coefficient of variation: {spread.coefficient_of_variation:.3f}",
            f"half of the flux passes {100 * spread.half_share:.1f} % of the voxels that join the "
            "driven faces",
            f"constrictions, where the flux is above {self.above:.3g} of its mean: {self.count}, "
            f"{100 * self.voxels / spread.voxels:.2f} % of these voxels",
        ]
        if self.constrictions:
            head = ["", "x, y, z", "peak", "current", "along", "diameter", "voxels"]
            cells = [self._cells(number, one) for number, one in enumerate(self.constrictions, 1)]
            lines += ["", text_table(head, cells)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "phases": list(self.result.mesh.phases),
            "axis": self.result.axis,
            "sides": self.result.mesh.sides,
            "above": self.above,
            "count": self.count,
            "voxels": self.voxels,
            "distribution": self.distribution.to_dict(),
            "constrictions": self.rows(),
        }

    def to_csv(self, path: str | Path) -> Path:
        """Write the table of constrictions as comma-separated values, lengths in metres.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            When there is no constriction, or the file cannot be written.
        """
        path = Path(path)
        if not self.constrictions:
            raise InputError(
                f"there is no constriction to write: no flux is above {self.above:.3g} of its "
                "mean; ask for a lower ratio"
            )
        return save_csv(path, self.rows())

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the largest flux along each line of sight, with the strongest constrictions.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.bottleneck_plots import bottleneck_figure
        from twin.figures import saved

        return saved(bottleneck_figure(self), path)

    def _cells(self, number: int, one: Constriction) -> list[str]:
        known = self.result.volume.spacing_known

        def length(value: float) -> str:
            return format_length(value) if known else f"{value:.4g}"

        return [
            f"{number}",
            ", ".join(map(length, one.position)),
            f"{one.peak_ratio:.2f}",
            f"{100 * one.current_share:.2f} %",
            one.axis,
            length(one.equivalent_diameter),
            f"{one.voxels}",
        ]


def bottlenecks(
    result: AlongAxis, above: float | None = None, *, strongest: int = 20
) -> Bottlenecks:
    r"""Find where a flux is squeezed, and say how evenly it is spread.

    The local flux is compared with its mean over the voxels that join the two driven faces,
    :math:`r=|J|/\overline{|J|}`. Face-connected clusters of voxels with :math:`r` above a ratio
    are the constrictions. The section :math:`S` of each, in the plane through its peak, passes the
    share

    .. math::

        \frac{|\sum_{S} J_a A_a|}{\langle J \rangle A}

    of the total current, with :math:`A_a` the area of a voxel's face across the axis :math:`a` of
    the section, and :math:`\langle J \rangle A` the superficial flux times the cross-section of the
    image.

    Parameters
    ----------
    result : Tortuosity or Conduction
        Steady transport along one axis that percolates.
    above : float, optional
        Flux over mean from which voxels belong to a constriction. When left out, nine tenths of the
        ratio that one voxel in a hundred exceeds, and at least 2.
    strongest : int
        How many constrictions to list, the largest peak first.

    Returns
    -------
    Bottlenecks

    Raises
    ------
    InputError
        Several directions at once, a ratio that is not a positive number, a negative `strongest`.
    NotPercolating
        There is no flux.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((32, 32, 32), spacing="1um", binder_fraction=0.2)
    >>> found = twin.bottlenecks(twin.tortuosity(volume, "CBD", axis="z"), strongest=3)
    >>> len(found.constrictions), found.constrictions[0].peak_ratio > found.above > 2
    (3, True)
    """
    check_one_axis(result)
    _check(above, strongest)
    if not result.percolates:
        raise NotPercolating(result.reason)
    members, flux = result.mesh.active(), result.flux()
    size = magnitudes(flux, members)
    ordered = np.sort(size)
    spread = distribution_of(result, flux, ordered)
    least = _default(ordered, spread.mean) if above is None else float(above)
    squeezed = size > least * spread.mean
    where = np.zeros(result.mesh.shape, np.uint8)
    where[members] = squeezed
    clusters = find_clusters(result.mesh, where, size[squeezed])
    found = [
        constriction(result.mesh, flux, spread, clusters, int(peak))
        for peak in clusters.peaks()[:strongest]
    ]
    return Bottlenecks(result, least, clusters.count, len(clusters.index), tuple(found), spread)


def _check(above: float | None, strongest: int) -> None:
    if above is not None and not 0.0 < above < math.inf:
        raise InputError(
            f"constrictions are where the flux over its mean is above a positive number, found "
            f"{above!r}; use 5 for five times the mean, or None"
        )
    if strongest < 0:
        raise InputError(f"the constrictions to list are 0 or more, found {strongest}")


def _default(ordered: NDArray[np.float32], mean: float) -> float:
    return max(_PART * float(np.quantile(ordered, _QUANTILE)) / mean, _LEAST)
