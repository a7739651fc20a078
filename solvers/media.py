"""What fills the voxels: resistivities of phases and of the interfaces between them, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.voxel_mesh import VoxelMesh

#: One number for all directions, or one for each of the axes x, y, z.
Conductivity = float | Sequence[float]

Pair = tuple[str, str]

NO_RESISTANCE: Mapping[Pair, float] = MappingProxyType({})

#: Contact resistances are a table of all pairs of phases, which is to stay below 200 MB.
MOST_PHASES = 5000


@dataclass(frozen=True, eq=False)
class Media:
    """Resistivities in the order that kernels read them; relative numbers.

    Attributes
    ----------
    phases : the phases of the mesh; kind i + 1 is phase i, and kind 0 conducts nothing.
    kinds : (labels,) kind of each label, in the smallest type that holds them.
    resistivity : (phases + 1, 3) float64, along the axes in mesh order, times `scale`; row 0 is 1.
    contact : (phases + 1, phases + 1) float64, resistance of a face between two kinds, times
        `scale`; symmetric.
    scale : the largest conductivity [any unit].
    """

    phases: tuple[str, ...]
    kinds: NDArray[np.unsignedinteger]
    resistivity: NDArray[np.float64]
    contact: NDArray[np.float64]
    scale: float

    @property
    def uniform(self) -> bool:
        """Whether all phases conduct alike and their interfaces do not resist."""
        same = (self.resistivity[1:] == self.resistivity[1]).all()
        return bool(same) and not self.contact.any()

    @property
    def contrast(self) -> float:
        """The largest over the smallest conductivity."""
        return float(self.resistivity[1:].max() / self.resistivity[1:].min())


def fill(
    mesh: VoxelMesh,
    conductivity: Mapping[str, Conductivity],
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
) -> Media:
    """Tables for the voxels of a mesh.

    Parameters
    ----------
    mesh : the voxels that conduct.
    conductivity : of each phase of the mesh, positive, a number or one for each axis x, y, z.
    contact_resistance : of interfaces between two phases of the mesh [m / unit of conductivity].

    Raises
    ------
    InputError
        A phase has no conductivity, or one that is not positive; an interface of phases that the
        mesh does not have, of a phase with itself, or named twice; a negative resistance.
    """
    phases = tuple(mesh.phases)
    if len(phases) > MOST_PHASES:
        raise InputError(
            f"{len(phases)} phases conduct and {MOST_PHASES} are possible; merge some of them"
        )
    values = np.array([_checked(conductivity, phase) for phase in phases])
    scale = float(values.max())
    resistivity = np.ones((len(phases) + 1, 3))
    resistivity[1:] = scale / values[:, mesh.order]
    contact = np.zeros((len(phases) + 1, len(phases) + 1))
    for (a, b), resistance in _checked_contacts(phases, contact_resistance).items():
        i, j = phases.index(a) + 1, phases.index(b) + 1
        contact[i, j] = contact[j, i] = resistance * scale
    return Media(phases, _kinds(mesh), resistivity, contact, scale)


def _kinds(mesh: VoxelMesh) -> NDArray[np.unsignedinteger]:
    table = np.zeros(int(mesh.mesh_labels.max()) + 1, np.min_scalar_type(len(mesh.phases)))
    for kind, phase in enumerate(mesh.phases, start=1):
        present = [label for label in mesh.volume.label_values(phase) if label < len(table)]
        table[present] = kind
    return table


def _checked(conductivity: Mapping[str, Conductivity], phase: str) -> NDArray[np.float64]:
    if phase not in conductivity:
        raise InputError(f"phase {phase} has no conductivity; give one, or leave the phase out")
    value = np.asarray(conductivity[phase], np.float64)
    if value.shape not in ((), (3,)):
        raise InputError(
            f"the conductivity of phase {phase} has {value.size} entries; give one number, or one "
            "for each of the axes x, y, z"
        )
    if not (np.isfinite(value) & (value > 0)).all():
        raise InputError(
            f"the conductivity of phase {phase} is {conductivity[phase]}; "
            "give a positive number, or leave the phase out"
        )
    return np.broadcast_to(value, 3)


def _checked_contacts(
    phases: tuple[str, ...], contact_resistance: Mapping[Pair, float]
) -> dict[Pair, float]:
    found: dict[Pair, float] = {}
    for (a, b), resistance in contact_resistance.items():
        for phase in (a, b):
            if phase not in phases:
                raise InputError(
                    f"the interface of {a} and {b} has a contact resistance, but {phase} does not "
                    f"conduct here; the conducting phases are: {', '.join(phases)}"
                )
        if a == b:
            raise InputError(f"phase {a} has no interface with itself; name two phases")
        if (b, a) in found:
            raise InputError(f"the interface of {a} and {b} is named twice; name it once")
        if not (np.isfinite(resistance) and resistance >= 0):
            raise InputError(
                f"the contact resistance of {a} and {b} is {resistance}; give a number from 0 on"
            )
        found[a, b] = float(resistance)
    return found
