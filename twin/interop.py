"""Volumes for other programs: FiPy, to solve an equation of one's own on the image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.guests import unchanged_settings
from meshing.volume import Volume

if TYPE_CHECKING:
    import fipy

__all__ = ["FipyImage", "to_fipy"]


@dataclass(frozen=True, eq=False)
class FipyImage:
    """A volume as a FiPy mesh, one cell per voxel, with a coefficient on its cells.

    Attributes
    ----------
    volume : the image.
    mesh : `fipy.Grid3D`, or `fipy.Grid2D` of a volume one voxel thick along z; lengths in metres,
        the volume's low corner is the origin. ``mesh.facesLeft`` and ``facesRight`` are the faces
        x low and high, ``facesBottom`` and ``facesTop`` those of y, ``facesFront`` and
        ``facesBack`` those of z.
    coefficient : `fipy.CellVariable`, the coefficient of each voxel's phase.
        ``coefficient.harmonicFaceValue`` is what a `DiffusionTerm` needs between phases.
    phase : `fipy.CellVariable` of the labels.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.interop import to_fipy
    >>> image = to_fipy(twin.Volume(np.eye(2, dtype=int), spacing="50nm"), {"0": 1.0, "1": 0.0})
    >>> image.mesh.numberOfCells, image.voxels(image.coefficient)[..., 0].tolist()
    (4, [[0.0, 1.0], [1.0, 0.0]])
    """

    volume: Volume
    mesh: Any
    coefficient: Any
    phase: Any

    def cells(self, values: NDArray[Any]) -> fipy.CellVariable:
        """A field of the volume, (nx, ny, nz), as a variable on FiPy's cells.

        Examples
        --------
        >>> import numpy as np, twin
        >>> from twin.interop import to_fipy
        >>> image = to_fipy(twin.Volume(np.zeros((3, 2, 2), int)), {"0": 1.0})
        >>> image.cells(np.arange(12.0).reshape(3, 2, 2)).value[:3].tolist()
        [0.0, 4.0, 8.0]
        """
        with unchanged_settings():
            import fipy
        if np.shape(values) != self.volume.shape:
            raise InputError(
                f"a field must have the shape {self.volume.shape} of the volume, found "
                f"{np.shape(values)}"
            )
        return fipy.CellVariable(mesh=self.mesh, value=_fipy_order(np.asarray(values)))

    def voxels(self, variable: fipy.CellVariable) -> NDArray[np.float64]:
        """Values of a FiPy variable on the voxels: (nx, ny, nz), or (nx, ny, nz, d) of a vector.

        Examples
        --------
        >>> import numpy as np, twin
        >>> from twin.interop import to_fipy
        >>> volume = twin.Volume(np.arange(12).reshape(3, 2, 2))
        >>> image = to_fipy(volume, {name: 1.0 for name in volume.phases})
        >>> bool((image.voxels(image.phase) == volume.labels).all())
        True
        """
        values = np.asarray(variable.value, np.float64)
        if values.shape[-1] != self.volume.labels.size:
            raise InputError(
                f"a variable on the {self.volume.labels.size} cells has one value each, found "
                f"{values.shape[-1]}; take its faces to cells first"
            )
        columns = values.reshape(-1, values.shape[-1])
        voxels = [column.reshape(self.volume.shape, order="F") for column in columns]
        return voxels[0] if values.ndim == 1 else np.stack(voxels, axis=-1)


def to_fipy(volume: Volume, coefficients: Mapping[str, float]) -> FipyImage:
    """Hand a volume to FiPy, so that any equation FiPy can write may be solved on the image.

    A phase that does not conduct has the coefficient 0; its cells then have no equation, and a
    direct solver finds the matrix singular. Give them one, such as
    ``- fipy.ImplicitSourceTerm(image.cells(solid))`` with `solid` 1 in that phase and 0 elsewhere,
    which sets them to zero and leaves the other phases alone. FiPy takes coefficients below 1e-20
    as zero: scale such equations.

    FiPy is imported here, with the warning filters, logging and floating-point settings kept as
    they are; the solvers that ``FIPY_SOLVERS`` asks for are FiPy's own choice.

    Parameters
    ----------
    volume : the image.
    coefficients : value of every phase by its name, in any unit; the mesh is in metres.

    Returns
    -------
    FipyImage

    Raises
    ------
    InputError
        When a phase is unknown or has no coefficient, a voxel belongs to no phase, or a coefficient
        is not finite.

    References
    ----------
    Guyer, Wheeler and Warren, Comput. Sci. Eng. 11 (2009) 6, doi:10.1109/MCSE.2009.52

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.interop import to_fipy
    >>> volume = twin.Volume(np.eye(3, dtype=int), spacing="1um", phases={"pore": 0, "AM": 1})
    >>> image = to_fipy(volume, {"pore": 1.0, "AM": 0.5})
    >>> image.coefficient.value.tolist()
    [0.5, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 0.5]
    """
    values = _coefficient_of_labels(volume, coefficients)
    with unchanged_settings():
        import fipy
    nx, ny, nz = volume.shape
    dx, dy, dz = volume.spacing
    mesh = (
        fipy.Grid2D(nx=nx, ny=ny, dx=dx, dy=dy)
        if nz == 1
        else fipy.Grid3D(nx=nx, ny=ny, nz=nz, dx=dx, dy=dy, dz=dz)
    )
    labels = _fipy_order(volume.labels)
    on_cells = np.zeros(labels.size)
    for label, value in values.items():
        on_cells[labels == label] = value
    return FipyImage(
        volume=volume,
        mesh=mesh,
        coefficient=fipy.CellVariable(mesh=mesh, name="coefficient", value=on_cells),
        phase=fipy.CellVariable(mesh=mesh, name="phase", value=labels),
    )


def _coefficient_of_labels(volume: Volume, coefficients: Mapping[str, float]) -> dict[int, float]:
    values: dict[int, float] = {}
    for name, value in coefficients.items():
        if not np.isfinite(value):
            raise InputError(f"the coefficient of {name!r} must be a finite number, found {value}")
        values |= dict.fromkeys(volume.label_values(name), float(value))
    missing = [label for label in volume.label_counts if label not in values]
    if missing:
        named = [n for n in volume.phases if set(volume.label_values(n)) & set(missing)]
        what = f"phase {', '.join(named)}" if named else f"label {missing[0]}, which has no name"
        raise InputError(f"there is no coefficient for {what}; every voxel needs one")
    return values


def _fipy_order(values: NDArray[Any]) -> NDArray[Any]:
    """FiPy counts cells with x running fastest."""
    return values.ravel(order="F")
