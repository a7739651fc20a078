"""What `twin.tortuosity` returns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.directions import AlongAxis, Directions
from twin.tables import describe_size

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Tortuosity(AlongAxis):
    """Steady diffusion through one phase along one axis.

    The driven faces are the outer faces of the volume: c = 1 on the low one and c = 0 on the high
    one, half a voxel from the first and last voxel centres.

    Attributes
    ----------
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
    phase : str
        Name of the phase that carried the flux.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((6, 4, 4), np.uint8), spacing="1um", phases={"pore": 1})
    >>> t = twin.tortuosity(volume, "pore", axis="x")
    >>> t.percolates, t.volume_fraction, round(t.macmullin_number, 6)
    (True, 1.0, 1.0)
    """

    phase: str

    @property
    def relative_diffusivity(self) -> float:
        """D_eff / D0, from the energy of the field; 0 without percolation."""
        return self.effective

    @property
    def tortuosity_factor(self) -> float:
        """Tau = eps D0 / D_eff; inf without percolation."""
        return self.volume_fraction * self.macmullin_number

    @property
    def macmullin_number(self) -> float:
        """N_M = D0 / D_eff = tau / eps; inf without percolation."""
        return 1.0 / self.relative_diffusivity if self.percolates else math.inf

    def concentration(self) -> NDArray[np.float32]:
        """Concentration c / c_inlet at voxel centres: `potential` by its name here."""
        return self.potential()

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

    def _title(self) -> str:
        size = describe_size(self.volume)
        return f"Tortuosity factor of {self.phase}: {size}, {self.mesh.sides} sides"

    def _head(self) -> list[str]:
        return ["tau", "N_M", "D_eff/D0", "eps", "percolating", "accessible"]

    def _cells(self) -> list[str]:
        numbers = (self.tortuosity_factor, self.macmullin_number, self.relative_diffusivity)
        shares = (self.percolating_fraction, self.accessible_fraction)
        return [
            *(f"{number:#.6g}" for number in (*numbers, self.volume_fraction)),
            *(f"{share:.4f}" for share in shares),
        ]

    def _problem(self) -> dict[str, Any]:
        return {"phase": self.phase, **super()._problem()}

    def _numbers(self) -> dict[str, Any]:
        return {
            "tortuosity_factor": self.tortuosity_factor,
            "macmullin_number": self.macmullin_number,
            "relative_diffusivity": self.relative_diffusivity,
            **super()._numbers(),
        }

    def _figure(self) -> Figure:
        from twin.plots import direction_figure

        return direction_figure(self)

    def _figure_of(self, directions: Directions[Any]) -> Figure:
        from twin.plots import directions_figure

        return directions_figure(directions)
