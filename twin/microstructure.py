"""What `twin.characterize` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from meshing.areas import SurfaceAreas
from meshing.errors import InputError
from meshing.fractions import VolumeFraction
from meshing.percolation import Percolation
from meshing.triple_lines import TripleLength, triple_lines
from meshing.volume import Volume
from twin.microstructure_tables import csv_rows, numbers, summary_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The estimators of an area, which are attributes of `Area`.
Estimator = Literal["crofton", "marching_cubes", "voxel"]

Triple = tuple[str, str, str]


@dataclass(frozen=True, eq=False)
class Characterization:
    """The microstructure of a volume in numbers.

    Areas and lengths are totals of the volume [m2], [m]; divided by `box` they are densities, which
    `specific_area`, `specific_interface` and `line_density` give. Without a known spacing all
    lengths are in voxels.

    Attributes
    ----------
    volume : Volume
        The image.
    periodic : str
        Axes whose first and last voxels were neighbours.
    fractions : mapping of str to VolumeFraction
        Volume fraction of each phase, and what one voxel less or more makes of it.
    percolation : mapping of str to Percolation
        Connected parts of each phase, and the share that joins the faces of each axis.
    areas : SurfaceAreas
        Area of each phase and of each pair, by three estimators.
    triple_lines : mapping of three names to TripleLength
        Length of the lines along which three phases meet.
    all_triple_lines : TripleLength
        The same of all together.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].

    Examples
    --------
    >>> import twin
    >>> volume = twin.Volume([[0, 1, 1], [0, 2, 2]], "1um", {"pore": 0, "C": 1, "Li2O2": 2})
    >>> m = twin.characterize(volume)
    >>> f"{m.areas.interface('C', 'Li2O2').voxel:.3g}"
    '2e-12'
    >>> round(m.coverage("C", by="Li2O2", estimator="voxel"), 6)
    0.666667
    >>> len(m.triple_lines), m.all_triple_lines.edges
    (1, 1e-06)
    """

    volume: Volume
    periodic: str
    fractions: Mapping[str, VolumeFraction]
    percolation: Mapping[str, Percolation]
    areas: SurfaceAreas
    triple_lines: Mapping[Triple, TripleLength]
    all_triple_lines: TripleLength
    seconds: float
    seconds_compiling: float

    @property
    def box(self) -> float:
        """Size of the volume [m3]."""
        return self.areas.box

    def specific_area(self, phase: str, estimator: Estimator = "crofton") -> float:
        """Area of a phase over the size of the volume [1/m].

        Parameters
        ----------
        phase : str
            Its name.
        estimator : str
            ``"crofton"``, ``"marching_cubes"`` or ``"voxel"``.

        Raises
        ------
        InputError
            When there is no such phase or estimator.
        """
        return _estimate(self.areas.phase(phase), estimator) / self.box

    def specific_interface(
        self, first: str, second: str, estimator: Estimator = "crofton"
    ) -> float:
        """Area between two phases over the size of the volume [1/m].

        Parameters
        ----------
        first, second : str
            The two phases, in either order.
        estimator : str
            As for `specific_area`.

        Raises
        ------
        InputError
            When there is no such phase or estimator.
        """
        return _estimate(self.areas.interface(first, second), estimator) / self.box

    def coverage(self, phase: str, by: str, estimator: Estimator = "crofton") -> float:
        """Share of a phase's surface that another phase covers; nan for a phase without surface.

        Parameters
        ----------
        phase, by : str
            The phase that is covered, and the one that covers it.
        estimator : str
            As for `specific_area`.

        Raises
        ------
        InputError
            When there is no such phase or estimator.

        Examples
        --------
        >>> import twin
        >>> volume = twin.Volume([[0, 1, 2]], phases={"pore": 0, "C": 1, "Li2O2": 2})
        >>> twin.characterize(volume).coverage("C", by="Li2O2")
        0.5
        """
        covered = _estimate(self.areas.interface(phase, by), estimator)
        whole = _estimate(self.areas.phase(phase), estimator)
        return covered / whole if whole else math.nan

    def thickness(
        self, phase: str, on: str | None = None, estimator: Estimator = "crofton"
    ) -> float:
        """Mean thickness of a phase: its volume over an area [m]; nan where there is no area.

        Parameters
        ----------
        phase : str
            The deposit.
        on : str, optional
            The phase that it lies on: the area is then that between the two. By default it is the
            whole surface of the deposit, as V/S is mostly understood; a film has nearly twice the
            surface that it covers.
        estimator : str
            As for `specific_area`.

        Raises
        ------
        InputError
            When there is no such phase or estimator.

        Examples
        --------
        >>> import twin
        >>> film = twin.Volume([[0, 0, 1, 2]], "1um", {"pore": 0, "Li2O2": 1, "C": 2})
        >>> m = twin.characterize(film)
        >>> round(m.thickness("Li2O2", on="C", estimator="voxel") * 1e6, 3)
        1.0
        >>> round(m.thickness("Li2O2", estimator="voxel") * 1e6, 3)
        0.5
        """
        surface = self.areas.phase(phase) if on is None else self.areas.interface(phase, on)
        area = _estimate(surface, estimator)
        return self.volume.volume_fraction(phase) * self.box / area if area else math.nan

    def line_density(self, first: str, second: str, third: str) -> TripleLength:
        """Length of the lines where three phases meet over the size of the volume [1/m2].

        Parameters
        ----------
        first, second, third : str
            The phases, in any order.

        Raises
        ------
        InputError
            When three phases of those names do not exist.
        """
        for triple, length in self.triple_lines.items():
            if set(triple) == {first, second, third}:
                return length.over(self.box)
        known = "; ".join(", ".join(triple) for triple in self.triple_lines) or "none"
        raise InputError(
            f"there are no triple lines of {first!r}, {second!r}, {third!r}; "
            f"three different phases meet: {known}"
        )

    def summary(self) -> str:
        """Text for people: tables of phases, areas, interfaces and triple lines."""
        return summary_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only; lengths in metres, or voxels where `spacing_known` is False."""
        return numbers(self)

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each phase, pair of phases and triple, told apart by `kind`."""
        return csv_rows(self)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw slices with the triple lines, and bars of fractions, areas and interfaces.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.microstructure_plots import characterization_figure

        return saved(characterization_figure(self), path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        """Write phases and the density of triple lines for ParaView, and the lines themselves.

        Parameters
        ----------
        path : str or Path
            The image, ``.vti``: phase, and `triple_line_density` [1/m2] of each voxel. Beside it
            ``name_lines.vtp`` holds the smoothed lines, where there are any, with the bits of the
            axes along which their phases percolate.

        Returns
        -------
        list of Path
            The files that were written.
        """
        from twin.export import write_vti
        from twin.files import atomic

        lines = triple_lines(self.volume, self.periodic)
        length = "m" if self.volume.spacing_known else "voxel"
        fields = {"triple_line_density": lines.density()}
        written = [write_vti(path, self.volume, fields, {"triple_line_density": f"1/{length}2"})]
        if len(lines):
            path = Path(path)
            beside = path.with_name(f"{path.stem}_lines.vtp")
            with atomic(beside) as temporary:
                lines.to_pyvista().save(temporary)
            written.append(beside)
        return written


def _estimate(area: Any, estimator: str) -> float:
    if estimator not in get_args(Estimator):
        known = ", ".join(get_args(Estimator))
        raise InputError(f"an area is estimated by one of {known}, found {estimator!r}")
    value: float = getattr(area, estimator)
    return value
