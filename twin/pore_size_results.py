"""What `twin.pore_sizes` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.chords import chord_map
from meshing.pore_sizes import inside_of
from meshing.units import format_length
from meshing.volume import Volume
from twin.files import save_csv
from twin.size_distribution import SizeDistribution
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["WORDS", "PoreSizes"]

#: What each method measures, in the words of a summary.
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "local-thickness": "largest sphere in the phase that covers a voxel",
        "mercury": "largest sphere that covers a voxel and comes in from the border",
        "distance-map": "sphere around a voxel up to the nearest wall",
        "chords": "chord through a voxel, from wall to wall",
    }
)


@dataclass(frozen=True, eq=False)
class PoreSizes:
    """Sizes of a phase, by volume.

    Attributes
    ----------
    volume : Volume
        The image.
    phase : str
        The phase that was measured.
    method : str
        ``"local-thickness"``, ``"mercury"``, ``"distance-map"`` or ``"chords"``.
    axes : str
        Axes whose outer faces let mercury in, or along which chords run; empty otherwise.
    distribution : SizeDistribution
        Sizes of all voxels; chords along all the axes together.
    along : mapping of str to SizeDistribution
        Chords along each axis; empty for the other methods.
    mean_chord : mapping of str to float
        Mean length of the chords along each axis, by number [m]; inf where there is no wall.
    measured_fraction : float
        Share of the phase that has a size: 1 but for what mercury does not reach, and for chords
        that the border cuts.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.zeros((12, 8, 8), np.uint8)
    >>> labels[3:8] = 1  # a layer of five voxels
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 1})
    >>> found = twin.pore_sizes(volume, "pore")
    >>> f"{found.d50:.3g}", f"{found.mean:.3g}"
    ('5e-06', '5e-06')
    """

    volume: Volume
    phase: str
    method: str
    axes: str
    distribution: SizeDistribution
    along: Mapping[str, SizeDistribution]
    mean_chord: Mapping[str, float]
    measured_fraction: float
    _map: NDArray[np.float32] | None

    @property
    def d10(self) -> float:
        """Size that a tenth of the volume does not exceed [m]."""
        return self.distribution.d10

    @property
    def d50(self) -> float:
        """Median size by volume [m]."""
        return self.distribution.d50

    @property
    def d90(self) -> float:
        """Size that nine tenths of the volume do not exceed [m]."""
        return self.distribution.d90

    @property
    def mean(self) -> float:
        """Mean size by volume [m]."""
        return self.distribution.mean

    def histogram(self, bins: int = 30) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Edges of classes of size [m] and the share of the volume in each.

        Parameters
        ----------
        bins : int
            Number of classes.
        """
        return self.distribution.histogram(bins)

    def fields(self) -> dict[str, NDArray[np.float32]]:
        """Size of each voxel [m], (nx, ny, nz) float32, 0 where there is none, by the field's name.

        One field of diameters, or the length of the chords along each axis, cut ones as well.
        """
        if self._map is not None:
            return {"diameter": self._map}
        inside = inside_of(self.volume.labels, self.volume.label_values(self.phase))
        return {
            f"chord_{axis}": chord_map(inside, self.volume.spacing, "xyz".index(axis))
            for axis in self.axes
        }

    def summary(self) -> str:
        """A few lines of text: what was measured, D10, D50, D90 and mean."""
        size = describe_size(self.volume)
        lines = [f"Pore sizes of {self.phase}: {size}", f"size: {WORDS[self.method]}", ""]
        head = ["", "D10", "D50", "D90", "mean by volume"]
        rows = [[name, *self._cells(one)] for name, one in self._named()]
        if self.mean_chord:
            head.append("mean by number")
            means = [self._length(mean) for mean in self.mean_chord.values()]
            rows = [
                [*row, mean] for row, mean in zip(rows, [*means, "-"][-len(rows) :], strict=True)
            ]
        lines += [text_table(head, rows), "", self._remark()]
        if not self.volume.spacing_known:
            lines.append("The size of a voxel is not known: lengths are in voxels.")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes; the histogram with them."""
        return {
            "phase": self.phase,
            "method": self.method,
            "axes": self.axes,
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume.volume_fraction(self.phase),
            "measured_fraction": self.measured_fraction,
            **self.distribution.to_dict(),
            "mean_chord": dict(self.mean_chord),
            "along": {axis: one.to_dict() for axis, one in self.along.items()},
            "histogram": self.rows(),
        }

    def rows(self) -> list[dict[str, Any]]:
        """The histogram as rows of a table; of chords, one after the other for each axis."""
        if not self.along:
            return self.distribution.rows()
        return [{"axis": axis, **row} for axis, one in self.along.items() for row in one.rows()]

    def to_csv(self, path: str | Path) -> Path:
        """Write the histogram as comma-separated values, lengths in metres.

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
        """Draw a slice with the size of each voxel, and the distribution.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.pore_size_plots import pore_size_figure

        return saved(pore_size_figure(self), path)

    def to_vtk(self, path: str | Path) -> Path:
        """Write phases and the size of each voxel [m] as an image for ParaView.

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

        fields = self.fields()
        unit = "m" if self.volume.spacing_known else "voxel"
        return write_vti(path, self.volume, fields, dict.fromkeys(fields, unit))

    def _named(self) -> list[tuple[str, SizeDistribution]]:
        if len(self.along) < 2:
            return [("", self.distribution)] if not self.along else list(self.along.items())
        return [*self.along.items(), ("all", self.distribution)]

    def _cells(self, one: SizeDistribution) -> list[str]:
        return [self._length(value) for value in (one.d10, one.d50, one.d90, one.mean)]

    def _length(self, value: float) -> str:
        if not np.isfinite(value):
            return "-" if np.isnan(value) else "inf"
        return format_length(value) if self.volume.spacing_known else f"{value:.4g}"

    def _remark(self) -> str:
        """What the border of the volume did."""
        share = f"{100.0 * self.measured_fraction:.2f} %"
        if self.method == "mercury":
            return (
                f"{share} of the phase is reached from the outer faces of the volume along "
                f"{self.axes}."
            )
        if self.method == "chords":
            return (
                f"{share} of the phase lies on whole chords, which the sizes are of; the border "
                "cuts the others. The mean by number needs no chord to be whole."
            )
        return "The outer faces of the volume are no walls: what they cut may be larger."
