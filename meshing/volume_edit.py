"""Verbs on volumes: crop, rebin by majority, name the axes, merge phases.

Each returns a new volume; what need not be copied is shared with the old one.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from meshing.errors import InputError
from meshing.labels import relabel
from meshing.volume import Volume

__all__ = ["Box", "Crop", "axis_order", "crop", "crop_box", "merge_phases", "name_axes", "rebin"]

Box = tuple[slice, slice, slice]
"""Ranges of voxels along x, y and z, each with its start and its stop."""

Crop = str | Sequence[Sequence[int] | slice | None]
"""For each axis the first voxel and the one after the last, or None for the whole axis; or text."""


def crop(volume: Volume, box: Crop) -> Volume:
    """Part of a volume: a box of voxels.

    Parameters
    ----------
    volume : Volume
    box : text or three ranges
        For each axis ``(start, stop)`` in voxels, the stop excluded, or None for the whole axis.
        As text, ``"0:100, :, 20:50"``.

    Returns
    -------
    Volume
        The voxels of the box, with the same spacing and phases.

    Raises
    ------
    InputError
        When the box is not three ranges, or holds no voxel, or leaves the volume.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.volume import Volume
    >>> from meshing.volume_edit import crop
    >>> crop(Volume(np.zeros((8, 9, 10), np.uint8)), "2:6, :, 0:5").shape
    (4, 9, 5)
    """
    return replace(volume, labels=volume.labels[crop_box(box, volume.shape)])


def crop_box(box: Crop, shape: tuple[int, int, int]) -> Box:
    """Ranges of a crop, checked against the shape of the volume that it cuts.

    Parameters
    ----------
    box : text or three ranges
        As for `crop`.
    shape : three ints
        Voxels of the volume along x, y, z.

    Returns
    -------
    three slices

    Raises
    ------
    InputError
        When the box is not three ranges, or holds no voxel, or leaves the volume.

    Examples
    --------
    >>> from meshing.volume_edit import crop_box
    >>> crop_box([(2, 6), None, (0, 5)], (8, 9, 10))
    (slice(2, 6, None), slice(0, 9, None), slice(0, 5, None))
    """
    parts = box.split(",") if isinstance(box, str) else list(box)
    if len(parts) != 3:
        raise InputError(
            f"a crop needs three ranges (x, y, z), found {len(parts)}: {box!r}; "
            "write it as '0:100, :, 20:50'"
        )
    x, y, z = (_range(*each) for each in zip(parts, shape, "xyz", strict=True))
    return x, y, z


def rebin(volume: Volume, factor: int | Sequence[int]) -> Volume:
    """Coarser volume: each block of voxels becomes one voxel of the phase most of them belong to.

    Where several phases have the most voxels of a block, the one met first in the block (in the
    order of the array) is taken: the choice is the same at every run and favours no phase of an
    image without a preferred direction. Voxels at the high faces that fill no block are left out.

    Parameters
    ----------
    volume : Volume
    factor : int or three ints
        Voxels of a block along each axis.

    Returns
    -------
    Volume
        ``shape // factor`` voxels, the spacing multiplied by the factor. A phase of several labels
        votes as one, and keeps its first label.

    Raises
    ------
    InputError
        When a factor is not a positive integer or exceeds the voxels of its axis.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> from meshing.volume_edit import rebin
    >>> fine = Volume([[0, 1, 1, 1], [0, 0, 0, 1]], spacing="10nm")
    >>> coarse = rebin(fine, (2, 2, 1))
    >>> coarse.labels[:, :, 0], coarse.spacing
    (array([[0, 1]], dtype=uint8), (2e-08, 2e-08, 1e-08))
    """
    from meshing.kernels.majority import majority

    fx, fy, fz = _factors(factor, volume.shape)
    several = {name: [name] for name in volume.phases if len(volume.label_values(name)) > 1}
    single = merge_phases(volume, several)
    nx, ny, nz = volume.shape
    coarse = np.empty((nx // fx, ny // fy, nz // fz), single.labels.dtype)
    majority(single.labels, fx, fy, fz, *coarse.shape, coarse)
    dx, dy, dz = volume.spacing
    return replace(single, labels=coarse, spacing=(fx * dx, fy * dy, fz * dz))


def name_axes(volume: Volume, axes: str) -> Volume:
    """Volume whose array axes get other names; the array is transposed to the order x, y, z.

    Parameters
    ----------
    volume : Volume
    axes : str
        The names of the present array axes 0, 1, 2: ``"zyx"`` says that the first axis of the
        array is z, the second y, the third x.

    Returns
    -------
    Volume
        Labels and spacing in the order x, y, z.

    Raises
    ------
    InputError
        When `axes` does not name x, y and z once each.

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.volume import Volume
    >>> from meshing.volume_edit import name_axes
    >>> pages = Volume(np.zeros((10, 20, 30), np.uint8), spacing=(3e-6, 1e-6, 1e-6))
    >>> named = name_axes(pages, "zyx")
    >>> named.shape, named.spacing
    ((30, 20, 10), (1e-06, 1e-06, 3e-06))
    """
    order = axis_order(axes)
    x, y, z = (volume.spacing[axis] for axis in order)
    return replace(volume, labels=volume.labels.transpose(order), spacing=(x, y, z))


def axis_order(axes: str) -> tuple[int, int, int]:
    """Array axes that are x, y and z, from the names of the array axes in order.

    Examples
    --------
    >>> from meshing.volume_edit import axis_order
    >>> axis_order("yzx")
    (2, 0, 1)
    """
    if sorted(axes) != ["x", "y", "z"]:
        raise InputError(f"axes must name x, y and z once each, such as 'zyx', found {axes!r}")
    return axes.index("x"), axes.index("y"), axes.index("z")


def merge_phases(volume: Volume, groups: Mapping[str, Sequence[str]]) -> Volume:
    """Volume in which several phases are one.

    Parameters
    ----------
    volume : Volume
    groups : mapping of str to names of phases
        Each new phase with the phases that it is made of. Other phases stay as they are.

    Returns
    -------
    Volume
        Every voxel of a new phase has the first label of its first part.

    Raises
    ------
    InputError
        When a phase is unknown or in two groups, or when a new name is that of a phase that stays.

    Examples
    --------
    >>> from meshing.volume import Volume
    >>> from meshing.volume_edit import merge_phases
    >>> electrode = Volume([[0, 1, 2]], phases={"pore": 0, "AM": 1, "CBD": 2})
    >>> solid = merge_phases(electrode, {"solid": ["AM", "CBD"]})
    >>> dict(solid.phases), solid.labels[:, :, 0]
    ({'pore': 0, 'solid': 1}, array([[0, 1, 1]], dtype=uint8))
    """
    phases: dict[str, int | tuple[int, ...]] = dict(volume.phases)
    new_label: dict[int, int] = {}
    for parts in groups.values():
        for part in parts:
            _check_part(part, volume, phases)
            del phases[part]
    for name, parts in groups.items():
        if not parts or name in phases:
            raise InputError(_bad_group(name, parts))
        labels = [label for part in parts for label in volume.label_values(part)]
        new_label |= dict.fromkeys(labels[1:], labels[0])
        phases[name] = labels[0]
    if not new_label:
        return replace(volume, phases=phases)
    return replace(volume, labels=relabel(volume.labels, new_label), phases=phases)


def _check_part(part: str, volume: Volume, left: Mapping[str, object]) -> None:
    volume.label_values(part)
    if part not in left:
        raise InputError(f"phase {part!r} is to be merged twice; name it once")


def _bad_group(name: str, parts: Sequence[str]) -> str:
    if not parts:
        return f"the new phase {name!r} has no parts; name the phases that it is made of"
    return f"there is already a phase {name!r}; merge it too or choose another name"


def _factors(factor: int | Sequence[int], shape: tuple[int, int, int]) -> tuple[int, int, int]:
    given = list(factor) if isinstance(factor, Sequence) else [factor] * 3
    if len(given) != 3:
        raise InputError(f"rebinning needs one factor or three (x, y, z), found {len(given)}")
    for each, count, axis in zip(given, shape, "xyz", strict=True):
        if isinstance(each, float) or not 1 <= each <= count:
            raise InputError(
                f"the rebinning factor along {axis} must be an integer from 1 to {count}, "
                f"the voxels there; found {each!r}"
            )
    fx, fy, fz = (int(each) for each in given)
    return fx, fy, fz


def _range(part: str | Sequence[int] | slice | None, count: int, axis: str) -> slice:
    start, stop = _ends(part, axis)
    start = 0 if start is None else start
    stop = count if stop is None else stop
    if not 0 <= start < stop <= count:
        raise InputError(
            f"the crop {start}:{stop} along {axis} must lie within 0:{count} and hold a voxel"
        )
    return slice(start, stop)


def _ends(part: str | Sequence[int] | slice | None, axis: str) -> tuple[int | None, int | None]:
    if part is None:
        return None, None
    if isinstance(part, slice):
        return _ends_of_slice(part, axis)
    ends = part.split(":") if isinstance(part, str) else list(part)
    try:
        start, stop = (_end(end) for end in ends)
    except (TypeError, ValueError):
        raise InputError(
            f"the crop along {axis} must be a start and a stop in voxels, such as 0:100; "
            f"found {part!r}"
        ) from None
    return start, stop


def _ends_of_slice(part: slice, axis: str) -> tuple[int | None, int | None]:
    if part.step not in (None, 1):
        raise InputError(
            f"the crop along {axis} has the step {part.step}; a crop keeps every voxel: use rebin"
        )
    return part.start, part.stop


def _end(end: str | int) -> int | None:
    if isinstance(end, str):
        return int(end) if end.strip() else None
    return operator.index(end)
