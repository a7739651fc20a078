"""Shapes with exact answers: channels, layers, arrays of spheres, checkerboards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from meshing.generate._checks import axis_number, check_positive, check_shape
from meshing.units import SpacingLike
from meshing.units import spacing as as_spacing
from meshing.volume import Volume


def channels(
    shape: Sequence[int], axis: str, width: int, pitch: int, spacing: SpacingLike = 1.0
) -> Volume:
    r"""Make straight square channels along an axis, :math:`\tau=1` exactly.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    axis : {"x", "y", "z"}
        Direction of the channels.
    width, pitch : int
        Width of a channel and distance from one to the next, in voxels of the other two axes.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> channels((8, 8, 8), "z", width=2, pitch=4).volume_fraction("pore")
    0.25
    """
    along = axis_number(axis)
    labels = np.ones(check_shape(shape), np.uint8)
    for across, index in enumerate(np.ogrid[tuple(map(slice, labels.shape))]):
        if across != along:
            labels &= (index % pitch < width).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"solid": 0, "pore": 1})


def oblique_channels(
    shape: Sequence[int], slope: tuple[int, int], width: int, pitch: int, spacing: SpacingLike = 1.0
) -> Volume:
    r"""Make plane channels that climb in the xy plane, with stairs for walls.

    Voxel (i, j, k) is pore where :math:`(j - \lfloor i\,a/b\rfloor) \bmod p < w`.  With the
    distance between planes small beside the length, channels at the angle :math:`\theta` to x
    between periodic sides have :math:`D_{xx}/D_0=\varepsilon\cos^2\theta`.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z; the sides fit together when the pitch divides ny.
    slope : two ints
        Rise a along y in voxels, for a run b along x in voxels.
    width, pitch : int
        Width w of a channel and distance p from one to the next along y, in voxels.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"solid": 0, "pore": 1}``.

    Examples
    --------
    >>> oblique_channels((4, 4, 1), slope=(1, 1), width=2, pitch=4).labels[:, :, 0].tolist()
    [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]
    """
    i, j, _ = np.ogrid[tuple(map(slice, check_shape(shape)))]
    rise, run = slope
    plane = (j - i * rise // run) % pitch < width
    labels = np.broadcast_to(plane, check_shape(shape)).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"solid": 0, "pore": 1})


def layers(
    shape: Sequence[int], axis: str, thickness: Mapping[str, int], spacing: SpacingLike = 1.0
) -> Volume:
    """Make plane layers across an axis: in series along it, in parallel along the other two.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    axis : {"x", "y", "z"}
        Normal of the layers.
    thickness : mapping from str to int
        Thickness of each phase in voxels, in order; repeated up to the end of the axis.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 that count the phases of `thickness` from 0.

    Examples
    --------
    >>> layers((6, 1, 1), "x", {"A": 1, "B": 2}).labels.ravel().tolist()
    [0, 1, 1, 0, 1, 1]
    """
    size, normal = check_shape(shape), axis_number(axis)
    period = np.repeat(np.arange(len(thickness), dtype=np.uint8), list(thickness.values()))
    across = [1, 1, 1]
    across[normal] = size[normal]
    labels = np.broadcast_to(np.resize(period, size[normal]).reshape(across), size).copy()
    phases = {name: label for label, name in enumerate(thickness)}
    return Volume(labels, spacing=as_spacing(spacing), phases=phases)


def sphere_array(
    shape: Sequence[int],
    radius: float,
    spacing: SpacingLike = 1.0,
    *,
    repeat: Sequence[int] = (1, 1, 1),
) -> Volume:
    """Make an array of equal spheres, one in the middle of each cell.

    Parameters
    ----------
    shape : three ints
        Voxels of one cell along x, y, z; ``shape * spacing`` of equal edges makes it cubic.
    radius : float
        Radius of the spheres [m]; those larger than half an edge are cut at the cell.
    spacing : float, str or three floats
        Edges of a voxel [m].
    repeat : three ints
        Cells along x, y, z.

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"matrix": 0, "sphere": 1}``.

    Examples
    --------
    >>> sphere_array((4, 4, 4), radius=1.0).volume_fraction("sphere")
    0.125
    """
    size, step = check_shape(shape), as_spacing(spacing)
    middle = np.multiply(size, step) / 2
    squares = [
        ((index + 0.5) * h - centre) ** 2
        for index, h, centre in zip(np.ogrid[tuple(map(slice, size))], step, middle, strict=True)
    ]
    cell = (sum(squares) <= check_positive("radius", radius) ** 2).astype(np.uint8)
    labels = np.tile(cell, check_shape(repeat))
    return Volume(labels, spacing=step, phases={"matrix": 0, "sphere": 1})


def checkerboard(shape: Sequence[int], size: int, spacing: SpacingLike = 1.0) -> Volume:
    r"""Make a checkerboard in x and y, of effective conductivity :math:`\sqrt{k_A k_B}`.

    Parameters
    ----------
    shape : three ints
        Voxels along x, y, z.
    size : int
        Edge of a square in voxels.
    spacing : float, str or three floats
        Edges of a voxel [m].

    Returns
    -------
    Volume
        Labels (nx, ny, nz) uint8 with phases ``{"A": 0, "B": 1}``.

    Examples
    --------
    >>> checkerboard((2, 4, 1), size=1).labels[:, :, 0].tolist()
    [[0, 1, 0, 1], [1, 0, 1, 0]]
    """
    i, j, _ = np.ogrid[tuple(map(slice, check_shape(shape)))]
    labels = np.broadcast_to((i // size + j // size) % 2, check_shape(shape)).astype(np.uint8)
    return Volume(labels, spacing=as_spacing(spacing), phases={"A": 0, "B": 1})
