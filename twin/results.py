"""What `twin.tortuosity` returns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.units import format_length
from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh
from solvers.report import Report
from solvers.steady import SteadySolution
from twin.tables import text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_HEAD = (
    "axis", "tau", "N_M", "D_eff/D0", "eps", "percolating", "accessible", "imbalance",
    "iterations", "seconds", "compiling",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tortuosity:
    """Steady diffusion through one phase along one axis.

    The driven faces are the outer faces of the volume: c = 1 on the low one and c = 0 on the high
    one, half a voxel from the first and last voxel centres.

    Attributes
    ----------
    phase : str
        Name of the phase that carried the flux.
    axis : str
        ``"x"``, ``"y"`` or ``"z"``.
    mesh : VoxelMesh
        The voxels that carried the flux.
    solution : SteadySolution or None
        The solver's answer; None where the phase does not percolate.
    reason : str
        Why the phase does not percolate; empty where it does.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((6, 4, 4), np.uint8), spacing="1um", phases={"pore": 1})
    >>> t = twin.tortuosity(volume, "pore", axis="x")
    >>> t.percolates, t.volume_fraction, round(t.macmullin_number, 6)
    (True, 1.0, 1.0)
    """

    phase: str
    axis: str
    mesh: VoxelMesh
    solution: SteadySolution | None
    reason: str
    seconds: float
    seconds_compiling: float

    @property
    def percolates(self) -> bool:
        """Whether the phase joins the two driven faces."""
        return self.solution is not None

    @property
    def volume(self) -> Volume:
        """The image."""
        return self.mesh.volume

    @property
    def relative_diffusivity(self) -> float:
        """D_eff / D0, from the energy of the field; 0 without percolation."""
        if self.solution is None:
            return 0.0
        sizes = [n * h for n, h in zip(self.mesh.shape, self.mesh.spacing, strict=True)]
        length = sizes[self.mesh.axis]
        return self.solution.flow * length**2 / math.prod(sizes)

    @property
    def volume_fraction(self) -> float:
        """Volume fraction eps of the whole phase."""
        return self.mesh.volume_fraction

    @property
    def tortuosity_factor(self) -> float:
        """Tau = eps D0 / D_eff; inf without percolation."""
        return self.volume_fraction * self.macmullin_number

    @property
    def macmullin_number(self) -> float:
        """N_M = D0 / D_eff = tau / eps; inf without percolation."""
        return 1.0 / self.relative_diffusivity if self.percolates else math.inf

    @property
    def percolating_fraction(self) -> float:
        """Share of the phase that joins inlet and outlet, 0 to 1."""
        return self.mesh.percolating_fraction

    @property
    def accessible_fraction(self) -> float:
        """Share of the phase that is reached from the inlet (the low face), 0 to 1."""
        return self.mesh.accessible_fraction

    @property
    def flux_imbalance(self) -> float:
        """(largest - smallest) / mean flow through the planes across the axis; nan without any.

        The planes are the two driven faces and those between two layers of voxels. The field has
        about half the digits of tau, and so has this number.
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
        """Estimated relative error of tau that the iteration left; nan without percolation."""
        return self.solution.report.estimated_error if self.solution else math.nan

    @property
    def seconds_solving(self) -> float:
        """Wall time of the whole call without compilation [s]."""
        return self.seconds - self.seconds_compiling

    def concentration(self) -> NDArray[np.float32]:
        """Concentration c / c_inlet at voxel centres, (nx, ny, nz) float32, NaN outside.

        Made when asked for; a result does not keep it.
        """
        if self.solution is None:
            return np.full(self.mesh.shape, np.nan, np.float32)
        return self.solution.potential()

    def flux(self) -> NDArray[np.float32]:
        """Flux -grad(c / c_inlet) [1/m] at voxel centres, (nx, ny, nz, 3) float32, 0 outside.

        Multiplied by D0 c_inlet it is the molar flux. Made when asked for; a result does not keep
        it. Without a known spacing the unit is 1/voxel.
        """
        if self.solution is None:
            return np.zeros((*self.mesh.shape, 3), np.float32)
        return self.solution.flux()

    def summary(self) -> str:
        """A few lines of text: what was solved and the numbers, one row."""
        return Directions({self.axis: self}).summary()

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes; infinite where tau is.

        `shape` counts voxels and `spacing` is in metres, or 1 where it is not known.
        """
        return {**self._problem(), "axis": self.axis, **self._numbers()}

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw a slice along the driven axis: the concentration in the phase, and its flux.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import save
        from twin.plots import direction_figure

        figure = direction_figure(self)
        if path is not None:
            save(figure, Path(path))
        return figure

    def to_vtk(self, path: str | Path) -> Path:
        """Write phases, concentration [-] and flux [1/m] as an image for ParaView.

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

        fields = {"concentration": self.concentration(), "flux": self.flux()}
        length = "m" if self.volume.spacing_known else "voxel"
        return write_vti(path, self.volume, fields, {"flux": f"1/{length}"})

    def _problem(self) -> dict[str, Any]:
        """What the directions of one volume share."""
        return {
            "phase": self.phase,
            "sides": self.mesh.sides,
            "shape": list(self.mesh.shape),
            "spacing": list(self.mesh.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume_fraction,
        }

    def _numbers(self) -> dict[str, Any]:
        return {
            "tortuosity_factor": self.tortuosity_factor,
            "macmullin_number": self.macmullin_number,
            "relative_diffusivity": self.relative_diffusivity,
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


@dataclass(frozen=True, eq=False)
class Directions:
    """Results along several axes of one volume, in the order in which they were asked for.

    Attributes
    ----------
    results : mapping of str to Tortuosity
        One result for each axis, at least one.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((6, 4, 4), np.uint8), phases={"pore": 1})
    >>> d = twin.tortuosity(volume, "pore", axis="xyz")
    >>> [t.axis for t in d], round(d["y"].tortuosity_factor, 6)
    (['x', 'y', 'z'], 1.0)
    """

    results: Mapping[str, Tortuosity]

    def __getitem__(self, axis: str) -> Tortuosity:
        """The result along one axis, "x", "y" or "z"."""
        return self.results[axis]

    def __iter__(self) -> Iterator[Tortuosity]:
        """The results, one per axis."""
        return iter(self.results.values())

    def __len__(self) -> int:
        """The number of axes."""
        return len(self.results)

    @property
    def percolates(self) -> bool:
        """Whether the phase percolates along every axis that was asked for."""
        return all(t.percolates for t in self)

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each axis: what `Tortuosity.to_dict` says, with flat columns."""
        return [_flat(t.to_dict()) for t in self]

    def summary(self) -> str:
        """A title and a table with one line for each axis; below it, why an axis is closed."""
        lines = [self._title(), "", text_table(_HEAD, [_cells(t) for t in self])]
        lines += [f"{t.axis}: {t.reason}" for t in self if t.reason]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: what all axes share, and the numbers of each in `directions`."""
        problem = next(iter(self))._problem()
        return {**problem, "directions": {t.axis: t._numbers() for t in self}}

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
        from twin.figures import save
        from twin.plots import directions_figure

        figure = directions_figure(self)
        if path is not None:
            save(figure, Path(path))
        return figure

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

    def _title(self) -> str:
        mesh = next(iter(self)).mesh
        phases = " + ".join(mesh.phases)
        return f"Tortuosity factor of {phases}: {describe_size(mesh.volume)}, {mesh.sides} sides"


def describe_size(volume: Volume) -> str:
    """Voxels and their edges in words.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.results import describe_size
    >>> describe_size(twin.Volume(np.zeros((4, 3, 2), np.uint8), spacing="50nm"))
    '4 x 3 x 2 voxels of 50 nm'
    """
    shape = " x ".join(map(str, volume.shape))
    edges = [format_length(edge) for edge in volume.spacing]
    if not volume.spacing_known:
        return f"{shape} voxels of unknown size"
    return f"{shape} voxels of {' x '.join(edges) if len(set(edges)) > 1 else edges[0]}"


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """Give each entry of a triple a column of its own, which a flat table needs."""
    row: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, list):
            row |= {f"{key}_{axis}": entry for axis, entry in zip("xyz", value, strict=True)}
        else:
            row[key] = value
    return row


def _cells(t: Tortuosity) -> list[str]:
    return [
        t.axis,
        f"{t.tortuosity_factor:#.6g}",
        f"{t.macmullin_number:#.6g}",
        f"{t.relative_diffusivity:#.6g}",
        f"{t.volume_fraction:#.6g}",
        f"{t.percolating_fraction:.4f}",
        f"{t.accessible_fraction:.4f}",
        f"{t.flux_imbalance:.1e}",
        f"{t.iterations}",
        f"{t.seconds_solving:.2f}",
        f"{t.seconds_compiling:.2f}",
    ]
