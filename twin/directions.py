"""Results along one axis and along several: what every steady transport through an image shares."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh
from solvers.report import Report
from solvers.steady import SteadySolution
from twin.planes import Planes
from twin.tables import flat_row, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class AlongAxis(ABC):
    """Steady transport along one axis between two driven faces, whatever is transported.

    The driven faces are the outer faces of the volume: potential 1 on the low one and 0 on the
    high one, half a voxel from the first and last voxel centres.

    Attributes
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"z"``.
    mesh : VoxelMesh
        The voxels that carried the flux.
    solution : SteadySolution or None
        The solver's answer; None without percolation.
    reason : str
        Why nothing percolates; empty where something does.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].
    """

    axis: str
    mesh: VoxelMesh
    solution: SteadySolution | None
    reason: str
    seconds: float
    seconds_compiling: float

    @property
    def percolates(self) -> bool:
        """Whether what conducts joins the two driven faces."""
        return self.solution is not None

    @property
    def volume(self) -> Volume:
        """The image."""
        return self.mesh.volume

    @property
    def effective(self) -> float:
        """Effective conductivity, from the energy of the field; 0 without percolation.

        In the unit in which the conductivities were given: of D0 for a tortuosity factor.
        """
        if self.solution is None:
            return 0.0
        sizes = [n * h for n, h in zip(self.mesh.shape, self.mesh.spacing, strict=True)]
        return self.solution.flow * self.length**2 / math.prod(sizes)

    @property
    def length(self) -> float:
        """Distance of the driven faces [m], or in voxels where their size is not known."""
        return self.mesh.shape[self.mesh.axis] * self.mesh.spacing[self.mesh.axis]

    @property
    def volume_fraction(self) -> float:
        """Volume fraction eps of all that conducts, whether it percolates or not."""
        return self.mesh.volume_fraction

    @property
    def percolating_fraction(self) -> float:
        """Share of what conducts that joins inlet and outlet, 0 to 1."""
        return self.mesh.percolating_fraction

    @property
    def accessible_fraction(self) -> float:
        """Share of what conducts that is reached from the inlet (the low face), 0 to 1."""
        return self.mesh.accessible_fraction

    @property
    def flux_imbalance(self) -> float:
        """(largest - smallest) / mean flow through the planes across the axis; nan without any.

        The planes are the two driven faces and those between two layers of voxels. The field has
        about half the digits of the effective conductivity, and so has this number.
        """
        if self.solution is None:
            return math.nan
        flows = self.solution.plane_flows
        return float(np.ptp(flows) / flows.mean())

    @property
    def report(self) -> Report | None:
        """What the solver did; None without percolation."""
        return self.solution.report if self.solution else None

    @property
    def iterations(self) -> int:
        """Iterations of the solver; 0 without percolation."""
        return self.solution.report.iterations if self.solution else 0

    @property
    def estimated_error(self) -> float:
        """Estimated relative error of the result that the iteration left; nan without one."""
        return self.solution.report.estimated_error if self.solution else math.nan

    @property
    def seconds_solving(self) -> float:
        """Wall time of the whole call without compilation [s]."""
        return self.seconds - self.seconds_compiling

    def potential(self) -> NDArray[np.float32]:
        """What drives the flux, at voxel centres, (nx, ny, nz) float32, NaN where nothing flows.

        1 on the low driven face and 0 on the high one. Made when asked for; a result does not keep
        it.
        """
        if self.solution is None:
            return np.full(self.mesh.shape, np.nan, np.float32)
        return self.solution.potential()

    def flux(self) -> NDArray[np.float32]:
        """Flux -k grad u at voxel centres, (nx, ny, nz, 3) float32, 0 where nothing flows.

        In the unit of the conductivities, divided by m, for the unit potential difference of
        `potential`. Made when asked for; a result does not keep it. Without a known spacing
        lengths are in voxels.
        """
        if self.solution is None:
            return np.zeros((*self.mesh.shape, 3), np.float32)
        return self.solution.flux()

    def summary(self) -> str:
        """A few lines of text: what was solved and the numbers, one row."""
        return Directions({self.axis: self}).summary()

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes; infinite where they are.

        `shape` counts voxels and `spacing` is in metres, or 1 where it is not known.
        """
        return {**self._problem(), "axis": self.axis, **self._numbers()}

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw a slice along the driven axis, with the potential and the flux.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved

        return saved(self._figure(), path)

    @abstractmethod
    def to_vtk(self, path: str | Path) -> Path:
        """Write phases and fields as an image for ParaView.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``.

        Returns
        -------
        Path
            The file that was written.
        """

    @abstractmethod
    def _title(self) -> str:
        """The first line of the summary."""

    @abstractmethod
    def _head(self) -> list[str]:
        """Columns of the summary's table between the axis and the work of the solver."""

    @abstractmethod
    def _cells(self) -> list[str]:
        """One cell of the summary's table for each column of `_head`."""

    def _remarks(self, directions: Directions[Any]) -> list[str]:
        """What the summary says of all directions, below its table."""
        return []

    def _together(self, directions: Directions[Any]) -> dict[str, Any]:
        """Numbers of all directions together."""
        return {}

    def _problem(self) -> dict[str, Any]:
        """What the directions of one volume share."""
        return {
            "sides": self.mesh.sides,
            "shape": list(self.mesh.shape),
            "spacing": list(self.mesh.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume_fraction,
        }

    def _numbers(self) -> dict[str, Any]:
        return {
            "percolating_fraction": self.percolating_fraction,
            "accessible_fraction": self.accessible_fraction,
            "percolates": self.percolates,
            "reason": self.reason,
            "flux_imbalance": self.flux_imbalance,
            "estimated_error": self.estimated_error,
            "iterations": self.iterations,
            "seconds_solving": self.seconds_solving,
            "seconds_compiling": self.seconds_compiling,
        }

    @abstractmethod
    def _figure(self) -> Figure:
        """The picture of this axis."""

    @abstractmethod
    def _figure_of(self, directions: Directions[Any]) -> Figure:
        """The picture of several axes."""


R = TypeVar("R", bound=AlongAxis)

_WORK = ("imbalance", "iterations", "seconds", "compiling")


@dataclass(frozen=True, eq=False)
class Directions(Generic[R]):
    """Results along several axes of one volume, in the order in which they were asked for.

    Attributes
    ----------
    results : mapping of str to Tortuosity or Conduction
        One result for each axis, at least one.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((6, 4, 4), np.uint8), phases={"pore": 1})
    >>> d = twin.tortuosity(volume, "pore", axis="xyz")
    >>> [t.axis for t in d], round(d["y"].tortuosity_factor, 6)
    (['x', 'y', 'z'], 1.0)
    """

    results: Mapping[str, R]

    def __getitem__(self, axis: str) -> R:
        """The result along one axis, "x", "y" or "z"."""
        return self.results[axis]

    def __iter__(self) -> Iterator[R]:
        """The results, one per axis."""
        return iter(self.results.values())

    def __len__(self) -> int:
        """The number of axes."""
        return len(self.results)

    @property
    def percolates(self) -> bool:
        """Whether what conducts percolates along every axis that was asked for."""
        return all(t.percolates for t in self)

    @property
    def anisotropy_ratio(self) -> float:
        """Largest over smallest effective conductivity of the axes; inf where one is closed."""
        values = [t.effective for t in self]
        return max(values) / min(values) if self.percolates else math.inf

    def planes(self, through: str = "z") -> Planes:
        """Through-plane and in-plane conductivity of a sheet, side by side.

        Parameters
        ----------
        through : str
            The axis across the sheet, ``"x"``, ``"y"`` or ``"z"``.

        Returns
        -------
        Planes

        Raises
        ------
        InputError
            When that axis, or every other one, was not asked for.
        """
        others = [t.effective for t in self if t.axis != through]
        if through not in self.results or not others:
            raise InputError(
                f"the axis through the plane is one of the axes solved, beside at least one in "
                f"the plane, found {through!r} and {', '.join(self.results)}; solve along 'xyz'"
            )
        return Planes(through, self[through].effective, math.fsum(others) / len(others))

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each axis: what `to_dict` of it says, with flat columns."""
        return [flat_row(t.to_dict()) for t in self]

    def summary(self) -> str:
        """A title and a table with one line for each axis; below it, why an axis is closed."""
        first = next(iter(self))
        rows = [[t.axis, *t._cells(), *_work(t)] for t in self]
        lines = [first._title(), "", text_table(["axis", *first._head(), *_WORK], rows)]
        lines += first._remarks(self)
        lines += [f"{t.axis}: {t.reason}" for t in self if t.reason]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: what all axes share, and the numbers of each in `directions`."""
        first = next(iter(self))
        numbers = {t.axis: t._numbers() for t in self}
        return {**first._problem(), **first._together(self), "directions": numbers}

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the directions side by side: a slice with its flux for each, and the numbers.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved

        return saved(next(iter(self))._figure_of(self), path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        """Write an image for ParaView for each axis: ``fields.vti`` gives ``fields_x.vti``, ...

        Parameters
        ----------
        path : str or Path
            Folder and name, to which the axis is added.

        Returns
        -------
        list of Path
            The files that were written.
        """
        names = [Path(path).with_stem(f"{Path(path).stem}_{t.axis}") for t in self]
        return [t.to_vtk(name) for t, name in zip(self, names, strict=True)]


def _work(t: AlongAxis) -> list[str]:
    """Cells of `_WORK`."""
    seconds = (t.seconds_solving, t.seconds_compiling)
    return [f"{t.flux_imbalance:.1e}", f"{t.iterations}", *(f"{s:.2f}" for s in seconds)]
