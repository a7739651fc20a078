"""What `twin.tortuosity` returns."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from meshing.voxel_mesh import VoxelMesh
from solvers.report import Report
from solvers.steady import SteadySolution


@dataclass(frozen=True, eq=False)
class Tortuosity:
    """Steady diffusion through one phase along one axis.

    Attributes
    ----------
    phase, axis : what was asked for.
    mesh : the voxels that carried the flux.
    solution : the solver's answer; None where the phase does not percolate.
    reason : why the phase does not percolate; empty where it does.
    seconds, seconds_compiling : wall time of the whole call, and of compilation within it.
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
    def relative_diffusivity(self) -> float:
        """D_eff / D0, from the energy of the field; 0 without percolation."""
        if self.solution is None:
            return 0.0
        return self.solution.flow * self._length / self._area

    @property
    def _length(self) -> float:
        return self.mesh.shape[self.mesh.axis] * self.mesh.spacing[self.mesh.axis]

    @property
    def _area(self) -> float:
        sizes = [n * h for n, h in zip(self.mesh.shape, self.mesh.spacing, strict=True)]
        return math.prod(sizes) / sizes[self.mesh.axis]

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
        """Share of the phase that joins inlet and outlet."""
        return self.mesh.percolating_fraction

    @property
    def accessible_fraction(self) -> float:
        """Share of the phase that is reached from the inlet (the low face)."""
        return self.mesh.accessible_fraction

    @property
    def flux_imbalance(self) -> float:
        """(largest - smallest) / mean flow over the planes across the driven axis; nan without."""
        if self.solution is None:
            return math.nan
        flows = self.solution.plane_flows
        return float(np.ptp(flows) / flows.mean())

    @property
    def report(self) -> Report | None:
        """What the solver did."""
        return self.solution.report if self.solution else None

    @property
    def iterations(self) -> int:
        """Iterations of the solver; 0 without percolation."""
        return self.solution.report.iterations if self.solution else 0

    @property
    def estimated_error(self) -> float:
        """Estimated relative error of tau that the iteration left; 0 without percolation."""
        return self.solution.report.estimated_error if self.solution else 0.0

    @property
    def seconds_solving(self) -> float:
        """Wall time of the whole call without compilation."""
        return self.seconds - self.seconds_compiling

    def concentration(self) -> NDArray[np.float32]:
        """Concentration c / c_inlet at voxel centres, (nx, ny, nz) float32, NaN outside."""
        if self.solution is None:
            return np.full(self.mesh.shape, np.nan, np.float32)
        return self.solution.potential()

    def flux(self) -> NDArray[np.float32]:
        """Flux -grad(c / c_inlet) [1/m] at voxel centres, (nx, ny, nz, 3) float32, 0 outside."""
        raise NotImplementedError

    def summary(self) -> str:
        """A few lines of text."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, ready for JSON."""
        raise NotImplementedError

    def plot(self, path: str | Path | None = None) -> Any:
        """A slice of the concentration with its flux; a matplotlib figure, saved to `path`."""
        raise NotImplementedError

    def to_vtk(self, path: str | Path) -> Path:
        """Phases, concentration and flux to a ParaView image, `.vti`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Directions:
    """Results along several axes."""

    results: dict[str, Tortuosity]

    def __getitem__(self, axis: str) -> Tortuosity:
        """The result along one axis, "x", "y" or "z"."""
        return self.results[axis]

    def __iter__(self) -> Iterator[Tortuosity]:
        """The results, one per axis."""
        return iter(self.results.values())
