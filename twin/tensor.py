"""Effective diffusivity, or conductivity, as a tensor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic

import numpy as np
from numpy.typing import NDArray

from meshing.labels import slabs
from meshing.volume import Volume
from solvers.media import NO_RESISTANCE, Pair
from solvers.report import Solver
from twin.conduction import conduction
from twin.conduction_results import Conduction
from twin.directions import AlongAxis, Directions, R
from twin.progress import AxisProgress
from twin.results import Tortuosity
from twin.tables import describe_size
from twin.tortuosity import tortuosity
from twin.transport import TransportName

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EffectiveTensor(ABC, Generic[R]):
    """An effective conductivity as a tensor, whatever is conducted.

    Attributes
    ----------
    matrix : ndarray, (3, 3)
        Mean flux along axis i for a unit mean gradient along axis j.
    directions : Directions
        The three solves, with periodic sides; column j comes from axis j.
    """

    #: Name of the matrix in dictionaries and tables.
    _quantity: ClassVar[str]

    matrix: Matrix
    directions: Directions[R]

    @property
    def asymmetry(self) -> float:
        """Largest ``|k_ij - k_ji|`` over the largest ``|k_ij|``; 0 for a tensor of zeros.

        What the driven faces and the sides add to the response of the material: it shrinks as the
        volume grows, and says how far the off-diagonal entries can be trusted.
        """
        largest = float(np.abs(self.matrix).max())
        return float(np.abs(self.matrix - self.matrix.T).max()) / largest if largest else 0.0

    @property
    def principal_values(self) -> Matrix:
        """Eigenvalues of the symmetric part, (3,), in ascending order."""
        return self._principal()[0]

    @property
    def principal_directions(self) -> Matrix:
        """Unit vectors (x, y, z) of the principal values, (3, 3), one in each row."""
        return self._principal()[1].T

    @property
    def percolates(self) -> bool:
        """Whether what conducts percolates along all three axes."""
        return self.directions.percolates

    def summary(self) -> str:
        """The tensor, its asymmetry, and its principal values with their directions."""
        size = describe_size(self.directions["x"].volume)
        lines = [f"{self._title()}: {size}", ""]
        lines += ["  ".join(f"{value:#12.6g}" for value in row) for row in self.matrix]
        lines += ["", f"asymmetry {self.asymmetry:.1e}"]
        pairs = zip(self.principal_values, self.principal_directions, strict=True)
        for value, direction in pairs:
            x, y, z = direction
            lines.append(f"principal value {value:.6g} along ({x:.4f}, {y:.4f}, {z:.4f})")
        return "\n".join([*lines, "", self.directions.summary()])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only; the tensor and the principal directions row by row."""
        return {
            f"{self._quantity}_tensor": self.matrix.tolist(),
            "asymmetry": self.asymmetry,
            "principal_values": self.principal_values.tolist(),
            "principal_directions": self.principal_directions.tolist(),
            **self.directions.to_dict(),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each driven axis j, with the entries xj, yj and zj."""
        columns = self.matrix.T.tolist()
        return [
            {**row, **{f"{self._quantity}_{i}j": k for i, k in zip("xyz", column, strict=True)}}
            for row, column in zip(self.directions.rows(), columns, strict=True)
        ]

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the three directions side by side, as `Directions.plot` does."""
        return self.directions.plot(path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        """Write the fields of the three solves, as `Directions.to_vtk` does."""
        return self.directions.to_vtk(path)

    @abstractmethod
    def _title(self) -> str:
        """What the matrix holds."""

    def _principal(self) -> tuple[Matrix, Matrix]:
        values, vectors = np.linalg.eigh((self.matrix + self.matrix.T) / 2)
        return values, vectors


@dataclass(frozen=True, eq=False)
class DiffusivityTensor(EffectiveTensor[Tortuosity]):
    """Effective diffusivity of a phase over that of the free medium, as a tensor.

    Attributes
    ----------
    matrix : ndarray, (3, 3)
        D_ij / D0: mean flux along axis i for a unit mean gradient along axis j.
    directions : Directions
        The three solves, with periodic sides; column j comes from axis j.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((4, 4, 4), np.uint8), phases={"pore": 1})
    >>> tensor = twin.diffusivity_tensor(volume, "pore")
    >>> tensor.principal_values.round(6).tolist()
    [1.0, 1.0, 1.0]
    """

    _quantity: ClassVar[str] = "relative_diffusivity"

    def _title(self) -> str:
        return f"D_eff / D0 of {self.directions['x'].phase}"


@dataclass(frozen=True, eq=False)
class ConductivityTensor(EffectiveTensor[Conduction]):
    """Effective conductivity of a composite as a tensor.

    Attributes
    ----------
    matrix : ndarray, (3, 3)
        k_ij: mean flux along axis i for a unit mean gradient along axis j [unit of the
        conductivities that were given].
    directions : Directions
        The three solves, with periodic sides; column j comes from axis j.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((4, 4, 4), np.uint8), phases={"CBD": 1})
    >>> tensor = twin.conductivity_tensor(volume, {"CBD": (3.0, 2.0, 1.0)})
    >>> tensor.matrix.diagonal().round(6).tolist()
    [3.0, 2.0, 1.0]
    """

    _quantity: ClassVar[str] = "effective_conductivity"

    def _title(self) -> str:
        words = self.directions["x"].transport
        phases = " + ".join(self.directions["x"].mesh.phases)
        return f"Effective {words.conductivity} [{words.conductivity_unit}] of {phases}"


def diffusivity_tensor(
    volume: Volume,
    phase: str,
    *,
    solver: Solver | None = None,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> DiffusivityTensor:
    r"""Effective diffusivity tensor of one phase, from three solves with periodic sides.

    Solve j holds c = 1 on the low and c = 0 on the high outer face of axis j (Dirichlet), with the
    four other faces periodic in pairs. With :math:`L_j` the length of the volume along j and the
    mean taken over the whole volume,

    .. math::

        \frac{D_{ij}}{D_0} = \frac{\langle J_i \rangle\, L_j}{D_0\,(c_\mathrm{low} -
        c_\mathrm{high})}

    The diagonal is D_eff / D0 of `tortuosity` with ``sides="periodic"``, to the tolerance of the
    solver; the other entries have about half as many digits. The convention is that of
    a sample between two electrodes and not that of a cell repeated in all three directions: the
    driven faces are planes of equal concentration, near which the flux is normal to them. The
    off-diagonal entries are therefore usually smaller than those of the repeated material, by a
    share that falls as the volume grows, and the matrix is symmetric only in that limit.
    `asymmetry` reports what is left.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels; opposite sides should fit together.
    phase : str
        Name of the phase that carries the flux.
    solver : Solver, optional
        Tolerance and iteration limit.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every iteration with the axis, the number of the iteration and the estimated
        relative error.

    Returns
    -------
    DiffusivityTensor
        The matrix (3, 3) of D_ij / D0, a column of zeros for an axis along which the phase does
        not percolate, and the three results behind it.

    Raises
    ------
    InputError
        Unknown or empty phase, an axis of one voxel, a volume that does not fit in memory.
    NotConverged
        The iteration limit came before the tolerance.

    Examples
    --------
    >>> from meshing.generate import oblique_channels
    >>> import twin
    >>> volume = oblique_channels((16, 16, 2), slope=(1, 1), width=4, pitch=8)
    >>> tensor = twin.diffusivity_tensor(volume, "pore")
    >>> bool(tensor.matrix[1, 0] > 0)
    True
    """
    results = {
        axis: tortuosity(
            volume, phase, axis, "periodic",
            solver=solver, ignore_memory=ignore_memory, progress=progress,
        )
        for axis in ("x", "y", "z")
    }  # fmt: skip
    directions = Directions(results)
    return DiffusivityTensor(matrix_of(directions), directions)


def conductivity_tensor(
    volume: Volume,
    conductivity: Mapping[str, float | Sequence[float]],
    *,
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
    transport: TransportName = "electronic",
    solver: Solver | None = None,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> ConductivityTensor:
    r"""Effective conductivity tensor of a composite, from three solves with periodic sides.

    As `diffusivity_tensor`, which says what the convention means for the entries off the diagonal,
    for any number of conducting phases:

    .. math::

        k_{ij} = \frac{\langle j_i \rangle\, L_j}{\varphi_\mathrm{low} - \varphi_\mathrm{high}}

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels; opposite sides should fit together.
    conductivity, contact_resistance, transport :
        As for `conduction`.
    solver : Solver, optional
        Tolerance and iteration limit.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every iteration with the axis, the number of the iteration and the estimated
        relative error.

    Returns
    -------
    ConductivityTensor
        The matrix (3, 3) of k_ij [unit of the conductivities], a column of zeros for an axis along
        which nothing percolates, and the three results behind it.

    Raises
    ------
    InputError
        As `conduction`.
    NotConverged
        The iteration limit came before the tolerance.

    Examples
    --------
    >>> from meshing.generate import oblique_channels
    >>> import twin
    >>> volume = oblique_channels((16, 16, 2), slope=(1, 1), width=4, pitch=8)
    >>> tensor = twin.conductivity_tensor(volume, {"pore": 1.0, "solid": 0.1})
    >>> bool(tensor.matrix[1, 0] > 0)
    True
    """
    results = {
        axis: conduction(
            volume, conductivity, axis, "periodic",
            contact_resistance=contact_resistance, transport=transport,
            solver=solver, ignore_memory=ignore_memory, progress=progress,
        )
        for axis in ("x", "y", "z")
    }  # fmt: skip
    directions = Directions(results)
    return ConductivityTensor(matrix_of(directions), directions)


def matrix_of(directions: Directions[R]) -> Matrix:
    """Tensor (3, 3) of three solves with periodic sides, in the unit of their conductivities."""
    columns = [_mean_flux(t) * t.length for t in directions]
    matrix = np.stack(columns, axis=1)
    # The energy of a field knows its own entry to twice the digits of the field.
    np.fill_diagonal(matrix, [t.effective for t in directions])
    return matrix


def _mean_flux(t: AlongAxis) -> Matrix:
    """Mean of the flux over all voxels of the volume, (3,), summed in float64."""
    flux = t.flux()
    total = np.zeros(3)
    for slab in slabs(len(flux), bytes_each=8 * flux[0].size):
        total += flux[slab].sum(axis=(0, 1, 2), dtype=np.float64)
    return total / t.volume.labels.size
