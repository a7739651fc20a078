"""What conducts in a volume: the conductivities of its phases and of the contacts between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from meshing.errors import InputError
from meshing.volume import Volume
from solvers.media import NO_RESISTANCE, Pair

#: One number, or the entries along the axes x, y, z of the image.
Conductivity = float | tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Conductors:
    """Checked conductivities and contact resistances.

    Attributes
    ----------
    conductivity : of each phase that was named, 0 or positive [any unit].
    contact_resistance : of interfaces between two conducting phases, names in alphabetical order
        [m / unit of conductivity].
    """

    conductivity: Mapping[str, Conductivity]
    contact_resistance: Mapping[Pair, float]

    @property
    def conducting(self) -> dict[str, Conductivity]:
        """Conductivities of the phases that conduct."""
        return {name: k for name, k in self.conductivity.items() if max(entries(k)) > 0.0}

    @property
    def isotropic(self) -> bool:
        """Whether every phase conducts alike along all axes."""
        return all(len(set(entries(k))) == 1 for k in self.conductivity.values())

    @property
    def uniform(self) -> bool:
        """Whether all that conducts conducts alike, and contacts do not resist."""
        different = {entries(k) for k in self.conducting.values()}
        return len(different) == 1 and self.isotropic and not any(self.contact_resistance.values())

    def along(self, axis: int) -> dict[str, float]:
        """Conductivity of each conducting phase along an axis."""
        return {name: entries(k)[axis] for name, k in self.conducting.items()}


def entries(conductivity: Conductivity) -> tuple[float, float, float]:
    """Conductivity along x, y, z.

    Examples
    --------
    >>> from twin.conductors import entries
    >>> entries(2.0)
    (2.0, 2.0, 2.0)
    """
    if isinstance(conductivity, tuple):
        return conductivity
    return conductivity, conductivity, conductivity


def conductors(
    volume: Volume,
    conductivity: Mapping[str, float | Sequence[float]],
    contact_resistance: Mapping[Pair, float] = NO_RESISTANCE,
) -> Conductors:
    """Check what a user says about the phases of a volume.

    Parameters
    ----------
    volume : the image.
    conductivity : of each phase that conducts, one number or the entries along x, y, z; 0 for a
        phase that does not [any unit].
    contact_resistance : of interfaces between two of these phases [m / unit of conductivity].

    Returns
    -------
    Conductors

    Raises
    ------
    InputError
        No phase, an unknown or empty phase, a conductivity that is no such number; an interface
        that is not between two conducting phases, or is named twice, or a resistance that is no
        such number.

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.conductors import conductors
    >>> volume = twin.Volume(np.array([[0, 1, 2]]), "1um", {"pore": 0, "AM": 1, "CBD": 2})
    >>> found = conductors(volume, {"CBD": 760, "AM": (1, 1, 0.1)}, {("CBD", "AM"): 1e-9})
    >>> found.contact_resistance, found.along(2)
    ({('AM', 'CBD'): 1e-09}, {'CBD': 760.0, 'AM': 0.1})
    """
    if not isinstance(conductivity, Mapping):
        raise InputError(
            "conductivities are given by phase, as {'CBD': 760.0, 'AM': 0.1}, found "
            f"{type(conductivity).__name__} {conductivity!r}"
        )
    if not conductivity:
        raise InputError("no phase conducts: give conductivities, as {'CBD': 760.0, 'AM': 0.1}")
    for name in conductivity:
        volume.label_values(name)  # raises where there is no such phase
    checked = {name: _conductivity(name, given) for name, given in conductivity.items()}
    if not any(max(entries(k)) for k in checked.values()):
        raise InputError("all conductivities are 0; give at least one phase a positive one")
    conducting = Conductors(checked, {}).conducting
    for name in conducting:
        volume.present_labels(name)  # raises where the phase has no voxels
    return Conductors(checked, _contacts(volume, conducting, contact_resistance))


def _conductivity(name: str, given: Any) -> Conductivity:
    what = f"the conductivity of phase {name!r}"
    if not isinstance(given, Iterable) or isinstance(given, str):
        return _positive(given, what)
    values = tuple(_positive(value, what) for value in given)
    if len(values) == 1:
        return values[0]
    if len(values) != 3:
        raise InputError(
            f"{what} has {len(values)} entries; give one number, or three for the axes x, y, z"
        )
    if min(values) == 0.0 < max(values):
        raise InputError(
            f"{what} is 0 along some axes only, found {values}; give small positive numbers "
            "there, or 0 for all"
        )
    return values[0], values[1], values[2]


def _positive(given: Any, what: str) -> float:
    value = float(given) if isinstance(given, Real) else math.nan
    if not (math.isfinite(value) and value >= 0.0):
        raise InputError(f"{what} must be 0 or a positive number, found {given!r}")
    return value


def _contacts(
    volume: Volume, conducting: Mapping[str, Conductivity], given: Mapping[Pair, float]
) -> dict[Pair, float]:
    if not isinstance(given, Mapping):
        raise InputError(
            "contact resistances are given by interface, as {('AM', 'CBD'): 1e-6}, found "
            f"{type(given).__name__} {given!r}"
        )
    found: dict[Pair, float] = {}
    for key, resistance in given.items():
        pair = _pair(volume, conducting, key)
        a, b = pair
        if pair in found:
            raise InputError(f"the interface of {a!r} and {b!r} is named twice; name it once")
        found[pair] = _positive(resistance, f"the contact resistance of {a!r} and {b!r}")
    if any(found.values()) and not volume.spacing_known:
        raise InputError(
            "a contact resistance needs the size of the voxels; read the image with a spacing, as "
            "twin.read(path, spacing='50nm')"
        )
    return found


def _pair(volume: Volume, conducting: Mapping[str, Conductivity], key: Any) -> Pair:
    if isinstance(key, str) or not isinstance(key, Sequence) or len(key) != 2:
        raise InputError(f"an interface is named by its two phases, ('AM', 'CBD'), found {key!r}")
    for name in key:
        volume.label_values(name)  # raises where there is no such phase
    a, b = sorted(key)
    if a == b:
        raise InputError(f"phase {a!r} has no interface with itself; name two phases")
    for name, other in ((a, b), (b, a)):
        if name not in conducting:
            raise InputError(
                f"phase {name!r} does not conduct, so its interface with {other!r} needs no "
                f"contact resistance; leave it out, or give {name!r} a conductivity"
            )
    return a, b
