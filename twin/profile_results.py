"""What `twin.profile` returns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from twin.files import save_csv
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class AxisProfile:
    """Volume fractions in slabs across one axis.

    Attributes
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"z"``.
    edges : ndarray, (n + 1,)
        Where the slabs begin and end, from 0 on the low face [m]; in voxels without a spacing.
    fractions : mapping of str to ndarray, (n,)
        Volume fraction of each phase in each slab [-].

    Examples
    --------
    >>> import twin
    >>> volume = twin.Volume([[1, 1, 0, 0], [1, 0, 0, 0]], phases={"pore": 0, "AM": 1})
    >>> along = twin.profile(volume, axis="y")["y"]
    >>> along.fractions["AM"].tolist(), along.mean("AM")
    ([1.0, 0.5, 0.0, 0.0], 0.375)
    """

    axis: str
    edges: NDArray[np.float64]
    fractions: Mapping[str, NDArray[np.float64]]

    @property
    def position(self) -> NDArray[np.float64]:
        """Centres of the slabs [m]."""
        centres: NDArray[np.float64] = (self.edges[1:] + self.edges[:-1]) / 2
        return centres

    def mean(self, phase: str) -> float:
        """Mean over the axis, which is the volume fraction in the image [-]."""
        return float(np.average(self.fractions[phase], weights=np.diff(self.edges)))

    def deviation(self, phase: str) -> float:
        """Standard deviation over the axis [-]; of slabs of this thickness."""
        squares = (self.fractions[phase] - self.mean(phase)) ** 2
        return math.sqrt(float(np.average(squares, weights=np.diff(self.edges))))

    def slope(self, phase: str) -> float:
        """Change from the low to the high face of a straight line through the profile [-]."""
        if len(self.position) == 1:
            return math.nan
        weights = np.sqrt(np.diff(self.edges))
        line = np.polyfit(self.position / self.edges[-1], self.fractions[phase], 1, w=weights)
        return float(line[0])


@dataclass(frozen=True, eq=False)
class Profile:
    """Volume fractions of phases along one axis or several.

    Attributes
    ----------
    volume : Volume
    phases : tuple of str
    along : mapping of str to AxisProfile
        One for each axis that was asked for.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((20, 20, 20), "1um")
    >>> found = twin.profile(volume, ["AM", "CBD"])
    >>> found.phases, [p.axis for p in found], found["z"].fractions["AM"].shape
    (('AM', 'CBD'), ['x', 'y', 'z'], (20,))
    """

    volume: Volume
    phases: tuple[str, ...]
    along: Mapping[str, AxisProfile]

    def __getitem__(self, axis: str) -> AxisProfile:
        """The profile along one axis."""
        return self.along[axis]

    def __iter__(self) -> Iterator[AxisProfile]:
        """The profiles, one per axis."""
        return iter(self.along.values())

    def summary(self) -> str:
        """A title and a table: how much each phase varies along each axis."""
        rows = [
            [phase, p.axis, *(f"{number:.4g}" for number in _numbers(p, phase).values())]
            for phase in self.phases
            for p in self
        ]
        head = ["phase", "along", "mean", "deviation", "least", "most", "slope"]
        title = f"Profiles of {' + '.join(self.phases)}: {describe_size(self.volume)}"
        return "\n".join([title, "", text_table(head, rows)])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, without the curves."""
        return {
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "profiles": {
                phase: {p.axis: _numbers(p, phase) for p in self} for phase in self.phases
            },
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each slab: the axis, where it is, and the fractions."""
        return [
            {
                "axis": p.axis,
                "start": float(p.edges[slab]),
                "stop": float(p.edges[slab + 1]),
                **{phase: float(p.fractions[phase][slab]) for phase in self.phases},
            }
            for p in self
            for slab in range(len(p.edges) - 1)
        ]

    def to_csv(self, path: str | Path) -> Path:
        """Write the profiles as comma-separated values, positions in metres.

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
        """Draw a panel for each phase with a curve for each axis.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.profile_plots import profile_figure

        return saved(profile_figure(self), path)


def _numbers(profile: AxisProfile, phase: str) -> dict[str, float]:
    fractions = profile.fractions[phase]
    return {
        "mean": profile.mean(phase),
        "deviation": profile.deviation(phase),
        "least": float(fractions.min()),
        "most": float(fractions.max()),
        "slope": profile.slope(phase),
    }
