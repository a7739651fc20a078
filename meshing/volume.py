"""A segmented image: one integer label per voxel, the voxel size, and the names of the phases."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from meshing.errors import InputError
from meshing.labels import LabelArray, check_labels, count_labels, highest_label, narrow
from meshing.units import Spacing, SpacingLike, format_length
from meshing.units import spacing as as_spacing

__all__ = ["PhaseMap", "Volume"]

# A sentence names at most so many labels or phases.
_LISTED: Final = 12

PhaseMap = Mapping[str, int | Sequence[int]]
"""Names of phases with the label, or the several labels, of each."""


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Volume:
    """A segmented image of integer labels on a regular grid of voxels.

    Axes x, y, z are array axes 0, 1, 2.

    Parameters
    ----------
    labels : array of integers or booleans, (nx, ny, nz) or (nx, ny)
        One label per voxel, none negative. An image of two axes becomes a volume one voxel
        thick, (nx, ny, 1). Labels are kept in the smallest unsigned type that holds them. An
        array that has this type already, and any memory map (`numpy.memmap`), is kept without a
        copy: it is shared with the caller, so change a copy.
    spacing : float, str or a sequence of three of them, optional
        Edge lengths of a voxel along x, y, z [m], or text with a unit: ``"50nm"``. When it is not
        given the spacing is 1 along each axis and `spacing_known` is False: lengths then count
        voxels.
    phases : mapping of str to int or to several ints, optional
        Name and label, or labels, of each phase. By default each label found is a phase named
        after its number. Labels without a name belong to no phase.
    spacing_known : bool
        False says that `spacing` counts voxels and is no length. `dataclasses.replace` keeps it:
        give it with a new spacing.

    Attributes
    ----------
    labels : unsigned integer array, (nx, ny, nz)
        In C order and the machine's byte order.
    spacing : tuple of three floats
        Edge lengths of a voxel [m].
    phases : immutable mapping of str to int or tuple of int
    spacing_known : bool

    Raises
    ------
    InputError
        When the labels are not integers, or one is negative; when there are neither two nor
        three axes, or no voxel; when the spacing is not positive; when a label belongs to two
        phases.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.volume import Volume
    >>> volume = Volume(np.eye(4, dtype=int), spacing="50nm", phases={"pore": 0, "solid": 1})
    >>> volume.shape, volume.volume_fraction("pore")
    ((4, 4, 1), 0.75)
    """

    labels: LabelArray
    spacing: Spacing
    phases: Mapping[str, int | tuple[int, ...]]
    spacing_known: bool

    def __init__(
        self,
        labels: npt.ArrayLike,
        spacing: SpacingLike | None = None,
        phases: PhaseMap | None = None,
        *,
        spacing_known: bool = True,
    ) -> None:
        known = spacing_known and spacing is not None
        object.__setattr__(self, "labels", _as_labels(labels))
        object.__setattr__(self, "spacing", as_spacing(1.0 if spacing is None else spacing))
        object.__setattr__(self, "spacing_known", known)
        named = {str(label): label for label in self.label_counts} if phases is None else phases
        object.__setattr__(self, "phases", _as_phases(named))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along x, y, z."""
        nx, ny, nz = self.labels.shape
        return nx, ny, nz

    @cached_property
    def label_counts(self) -> Mapping[int, int]:
        """Voxels of each label found, in ascending order; counted once, when first asked."""
        return MappingProxyType(count_labels(self.labels))

    def label_values(self, name: str) -> tuple[int, ...]:
        """Labels of the phase `name`.

        Raises
        ------
        InputError
            When no phase has that name; the sentence lists the names and the nearest one.

        Examples
        --------
        >>> from meshing.volume import Volume
        >>> Volume([[0, 1, 2]], phases={"pore": 0, "solid": (1, 2)}).label_values("solid")
        (1, 2)
        """
        if name not in self.phases:
            raise InputError(_unknown_phase(name, self.phases))
        return _as_tuple(self.phases[name])

    def present_labels(self, name: str) -> tuple[int, ...]:
        """Labels of the phase `name`, once it is known that it has voxels.

        Raises
        ------
        InputError
            When no phase has that name, or when none of its labels occurs in the volume.
        """
        labels = self.label_values(name)
        if self.voxel_count(name) == 0:
            raise InputError(
                f"phase {name!r} (label {_listed(labels)}) has no voxels; "
                f"the labels found are {_listed(self.label_counts)}"
            )
        return labels

    def voxel_count(self, name: str) -> int:
        """Number of voxels of the phase `name`."""
        return sum(self.label_counts.get(label, 0) for label in self.label_values(name))

    def volume_fraction(self, name: str) -> float:
        """Voxels of the phase `name` over all voxels (0 when it occurs nowhere)."""
        return self.voxel_count(name) / self.labels.size

    def fractions(self) -> dict[str, float]:
        """Volume fraction of every named phase."""
        return {name: self.volume_fraction(name) for name in self.phases}

    def __repr__(self) -> str:
        shape = " x ".join(str(count) for count in self.shape)
        edges = " x ".join(format_length(edge) for edge in self.spacing)
        size = f"spacing {edges}" if self.spacing_known else "spacing unknown"
        return f"<Volume {shape} {self.labels.dtype}, {size}, phases {_listed(self.phases)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # An immutable mapping cannot be pickled: a copy is built from what the constructor takes.
        return _rebuild, (self.labels, self.spacing, dict(self.phases), self.spacing_known)


def _rebuild(labels: LabelArray, spacing: Spacing, phases: PhaseMap, known: bool) -> Volume:
    return Volume(labels, spacing, phases, spacing_known=known)


def _as_labels(values: npt.ArrayLike) -> LabelArray:
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    check_labels(array.shape, array.dtype, "the array")
    if array.ndim == 2:
        array = array[:, :, np.newaxis]
    if array.dtype == np.bool_:
        array = _as_bits(np.asanyarray(array, order="C").view(np.uint8))
    mapped = isinstance(array, np.memmap) and array.flags.c_contiguous and array.dtype.isnative
    return _as_mapped(array) if mapped else narrow(array)


def _as_bits(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Zeros and ones: some libraries make booleans of other bytes, such as 255 for true."""
    if isinstance(octets, np.memmap) or octets.max() <= 1:
        return octets
    return np.minimum(octets, 1)


def _as_mapped(array: npt.NDArray[Any]) -> LabelArray:
    """A memory map as it is; only labels of a signed type are looked at."""
    if array.dtype.kind == "i":
        highest_label(array)
    return array.view(f"u{array.dtype.itemsize}")


def _as_phases(phases: PhaseMap) -> Mapping[str, int | tuple[int, ...]]:
    owner: dict[int, str] = {}
    stored: dict[str, int | tuple[int, ...]] = {}
    for name, given in phases.items():
        stored[name] = _as_label(name, given)
        for label in _as_tuple(stored[name]):
            if label in owner:
                raise InputError(
                    f"label {label} is given to phase {owner[label]!r} and to phase {name!r}; "
                    "give each label to one phase, once"
                )
            owner[label] = name
    return MappingProxyType(stored)


def _as_label(name: str, given: int | Sequence[int]) -> int | tuple[int, ...]:
    if not isinstance(given, Iterable):
        return _as_integer(name, given)
    labels = tuple(_as_integer(name, label) for label in given)
    if not labels:
        raise InputError(f"phase {name!r} has no label; give it at least one")
    return labels


def _as_integer(name: str, label: object) -> int:
    try:
        return operator.index(label)  # type: ignore[arg-type]
    except TypeError:
        raise InputError(
            f"the label of phase {name!r} must be an integer, found {label!r}"
        ) from None


def _as_tuple(labels: int | tuple[int, ...]) -> tuple[int, ...]:
    return labels if isinstance(labels, tuple) else (labels,)


def _listed(labels: Iterable[object]) -> str:
    first = [str(label) for label in islice(labels, _LISTED + 1)]
    return ", ".join(first[:_LISTED]) + (", ..." if len(first) > _LISTED else "")


def _unknown_phase(name: str, phases: Mapping[str, object]) -> str:
    lower = {known.lower(): known for known in phases}
    near = difflib.get_close_matches(str(name).lower(), lower, n=1)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    return f"there is no phase {name!r}; the phases are {_listed(map(repr, phases))}{hint}"
