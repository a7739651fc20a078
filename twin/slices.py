"""The plane through a result that a picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh

Floats = NDArray[np.floating[Any]]

_UNITS: Final = ((1.0, "m", 1.0), (1e-3, "mm", 1e3), (1e-6, "µm", 1e6), (0.0, "nm", 1e9))


class Driven(Protocol):
    """A result along one axis, with its fields."""

    @property
    def axis(self) -> str: ...
    @property
    def volume(self) -> Volume: ...
    @property
    def mesh(self) -> VoxelMesh: ...
    def potential(self) -> Floats: ...
    def flux(self) -> NDArray[np.float32]: ...


@dataclass(frozen=True, eq=False)
class Slice:
    """A plane of a result, (n, m) voxels along the driven axis and another one.

    Attributes
    ----------
    axes : names of the driven axis, of the other axis in the plane, and of the normal.
    extent : edges of the plane, in `unit`.
    unit : name of the unit of lengths.
    position : where the plane lies along its normal, as text.
    labels : (n, m) labels of the image.
    names : what does not carry the flux.
    closed : of each name, whether it could carry the flux and is not reached by it.
    kinds : (n, m) 0 where flux passes, else 1 + the index into `names`.
    potential : (n, m) of the result, NaN where no flux passes.
    flow : (n, m, 3) flux along the driven axis, the other and the normal, times a factor.
    """

    axes: str
    extent: tuple[float, float]
    unit: str
    position: str
    labels: NDArray[Any]
    names: tuple[str, ...]
    closed: tuple[bool, ...]
    kinds: NDArray[np.intp]
    potential: Floats
    flow: Floats


def slice_of(result: Driven, factor: float, unreached: str = "not percolating") -> Slice:
    """Cut a result along its driven axis, in the middle or as near to it as any flux passes.

    Parameters
    ----------
    result : what was found along one axis.
    factor : what the flux is multiplied by; with the length of the volume it is 1 along a straight
        channel of conductivity 1.
    unreached : what is said of voxels that could carry flux and do not.

    Returns
    -------
    Slice

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.slices import slice_of
    >>> volume = twin.Volume(np.ones((4, 3, 2), np.uint8), spacing="2um", phases={"pore": 1})
    >>> cut = slice_of(twin.tortuosity(volume, "pore", axis="y"), factor=1.0)
    >>> cut.axes, cut.extent, cut.position
    ('yxz', (6.0, 8.0), 'z = 3 µm')
    """
    volume, driven = result.volume, "xyz".index(result.axis)
    # The normal is the shorter of the two other axes, so that the picture shows the longer one.
    normal, other = sorted({0, 1, 2} - {driven}, key=lambda a: volume.shape[a] * volume.spacing[a])
    field = result.potential()
    middle = _middle(np.any(~np.isnan(field), axis=(driven, other)))
    order = (driven, other)

    def plane(field: NDArray[Any]) -> NDArray[Any]:
        cut: NDArray[Any] = field.take(middle, normal)
        return cut if driven < other else cut.swapaxes(0, 1)

    potential = plane(field)
    del field  # the flux that comes now is three times as large
    flow = plane(result.flux())[..., [driven, other, normal]] * factor
    labels = plane(volume.labels)
    names, closed, kinds = _kinds(result, labels, ~np.isnan(potential), unreached)
    scale, unit = length_scale(volume)
    edges = [volume.shape[a] * volume.spacing[a] * scale for a in order]
    position = f"{'xyz'[normal]} = {(middle + 0.5) * volume.spacing[normal] * scale:.4g} {unit}"
    axes = "".join("xyz"[a] for a in (*order, normal))
    return Slice(
        axes=axes,
        extent=(edges[0], edges[1]),
        unit=unit,
        position=position,
        labels=labels,
        names=names,
        closed=closed,
        kinds=kinds,
        potential=potential,
        flow=flow,
    )


def _middle(carries: NDArray[np.bool_]) -> int:
    """The plane nearest to the middle that carries any flux, or the middle where none does."""
    middle = len(carries) // 2
    planes = np.flatnonzero(carries)
    return int(planes[np.abs(planes - middle).argmin()]) if planes.size else middle


def _kinds(
    result: Driven, labels: NDArray[Any], carries: NDArray[np.bool_], unreached: str
) -> tuple[tuple[str, ...], tuple[bool, ...], NDArray[np.intp]]:
    names, closed, kinds = [], [], np.zeros(labels.shape, np.intp)
    for name in result.volume.phases:
        here = np.isin(labels, result.volume.label_values(name)) & ~carries
        if here.any():
            closed.append(name in result.mesh.phases)
            names.append(f"{name}, {unreached}" if closed[-1] else name)
            kinds[here] = len(names)
    rest = (kinds == 0) & ~carries
    if rest.any():
        names.append("other labels")
        closed.append(False)
        kinds[rest] = len(names)
    return tuple(names), tuple(closed), kinds


def length_scale(volume: Volume) -> tuple[float, str]:
    """Factor from metres to the unit that suits the size of the volume, and its name."""
    if not volume.spacing_known:
        return 1.0, "voxels"
    size = max(n * h for n, h in zip(volume.shape, volume.spacing, strict=True))
    factor, unit = next((factor, unit) for least, unit, factor in _UNITS if size >= least)
    return factor, unit
