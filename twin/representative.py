"""How large an image must be to stand for the material, from subvolumes of several sizes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from meshing.errors import InputError
from meshing.perturbation import check_whole
from meshing.units import Length, format_length, length
from meshing.volume import Volume
from meshing.volume_edit import crop
from twin.metrics import Metric, Question, check_metric
from twin.progress import PointProgress
from twin.representative_results import Representative, Subvolumes, check_aim
from twin.studies.table import Point
from twin.sweep import sweep

__all__ = ["representative"]

#: Sizes where none are given: the shortest edge over these, not thinner than so many voxels.
_DIVISIONS: Final = (8, 6, 4, 3, 2)
_THINNEST: Final = 4

Range = tuple[int, int]
Box = tuple[Range, Range, Range]


def representative(
    metric: Metric,
    volume: Volume,
    sizes: Sequence[Length] | None = None,
    *,
    value: str | None = None,
    axes: str | None = None,
    samples: int = 27,
    whole: bool = True,
    error: float = 0.05,
    confidence: float = 0.95,
    seed: int = 0,
    store: str | Path | None = "sweep.db",
    jobs: int | None = None,
    cluster: Any = None,
    progress: bool | PointProgress = True,
    **arguments: Any,
) -> Representative:
    r"""Measure any number on subvolumes of several sizes, and find the size that is large enough.

    The subvolumes of one size lie side by side and share no voxel, so that they are as independent
    as one image allows. The variance among them falls with their volume V as
    :math:`s^2 \propto V^{-\gamma}`, which is fitted and followed to the size at which the interval
    of the confidence is as narrow as the error asks (Kanit et al.). Theory gives
    :math:`\gamma = 1` for volume fractions of structures small against the subvolumes
    (Lantuejoul); `twin.fraction_uncertainty` needs no subvolumes for those. The subvolumes are
    computed by `twin.sweep`: what is computed is kept, and an interrupted study goes on where it
    stopped.

    Parameters
    ----------
    metric : callable
        Takes a volume, and `arguments` by name, and returns a number or a result with numbers.
    volume : Volume
        The image, (nx, ny, nz) labels.
    sizes : sequence of float or str, optional
        Edges of the subvolumes [m], or texts with a unit, rounded to whole voxels along each axis.
        By default the shortest edge of the image over 8, 6, 4, 3 and 2, from 4 voxels on.
    value : str, optional
        Which number of the result is meant, as ``"tortuosity_factor"``; none where the metric
        returns a number itself.
    axes : str, optional
        The axes along which the image is cut, as ``"xy"`` for an electrode that keeps its
        thickness; by default every axis of more than one voxel.
    samples : int
        At most so many subvolumes of a size, from 2 on; where more fit, which is drawn at random.
    whole : bool
        Whether to measure the whole image too.
    error, confidence : float
        The relative error that is aimed at, and with what confidence.
    seed : int
        Seed of the draw.
    store, jobs, cluster, progress
        As for `twin.sweep`.
    **arguments
        What else the metric takes, by name.

    Returns
    -------
    Representative

    Raises
    ------
    InputError
        When a subvolume is larger than the volume or thinner than a voxel, two sizes are the same
        in voxels, the metric gives no number, a number is out of range.

    References
    ----------
    Kanit et al., International Journal of Solids and Structures 40 (2003) 3647,
    doi:10.1016/S0020-7683(03)00143-4; Lantuejoul, Journal of Microscopy 161 (1991) 387,
    doi:10.1111/j.1365-2818.1991.tb03099.x

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((40, 40, 40), "1um")
    >>> study = twin.representative(
    ...     twin.tortuosity, volume, ["10um", "20um"], value="tortuosity_factor",
    ...     phase="pore", axis="z", samples=8, store=None, jobs=1,
    ... )
    >>> study.sizes[0].standard_deviation > study.sizes[1].standard_deviation > 0
    True
    """
    check_metric(metric)
    check_aim(error, confidence)
    check_whole(samples, 2, "a spread needs 2 subvolumes or more")
    cut = _axes(volume, axes)
    shapes = _shapes(volume, cut, sizes)
    random = np.random.default_rng(seed)
    boxes = [_boxes(volume, shape, samples, random) for shape in shapes]
    everything: Box = ((0, volume.shape[0]), (0, volume.shape[1]), (0, volume.shape[2]))
    question = Question(metric, value, arguments)
    table = sweep(
        _one, question=question, volume=volume,
        box=[*itertools.chain(*boxes), *([everything] if whole else [])],
        store=store, jobs=jobs, cluster=cluster, progress=progress,
    )  # fmt: skip
    points = iter(table)
    parts = [
        _gather(volume, cut, shape, [next(points) for _ in own])
        for shape, own in zip(shapes, boxes, strict=True)
    ]
    return Representative(
        volume=volume,
        name=question.name,
        axes=cut,
        sizes=tuple(parts),
        whole=_whole(next(points)) if whole else math.nan,
        error=error,
        confidence=confidence,
        sweep=table,
    )


def _one(question: Question, volume: Volume, box: Box) -> float:
    """The number of one subvolume."""
    return question.of(crop(volume, box))


def _whole(point: Point) -> float:
    return math.nan if point.error else float(point["value"])


def _gather(
    volume: Volume, axes: str, shape: tuple[int, int, int], points: list[Point]
) -> Subvolumes:
    found = [point["value"] for point in points if not point.error]
    finite = [number for number in found if math.isfinite(number)]
    edges = zip("xyz", shape, volume.spacing, strict=True)
    extent = math.prod(n * h for name, n, h in edges if name in axes)
    return Subvolumes(
        shape=shape,
        extent=extent,
        edge=extent ** (1 / len(axes)),
        values=np.array(finite),
        infinite=len(found) - len(finite),
        failed=len(points) - len(found),
    )


def _axes(volume: Volume, axes: str | None) -> str:
    if axes is None:
        return "".join(name for name, n in zip("xyz", volume.shape, strict=True) if n > 1)
    if not axes or set(axes) - set("xyz") or len(set(axes)) < len(axes):
        raise InputError(f"axes are different letters of 'xyz', found {axes!r}; use 'xy' or 'xyz'")
    return axes


def _shapes(
    volume: Volume, axes: str, sizes: Sequence[Length] | None
) -> list[tuple[int, int, int]]:
    """Voxels of the subvolumes along each axis, from the smallest."""
    if isinstance(sizes, str):
        raise InputError(f"sizes are several lengths, as ['5um', '10um']; found {sizes!r}")
    edges = _usual_sizes(volume, axes) if sizes is None else [length(size) for size in sizes]
    shapes = [_shape(volume, axes, edge) for edge in sorted(edges)]
    if not shapes:
        raise InputError(
            "there is no size to cut: give the edges of subvolumes, as sizes=['5um', '10um']"
        )
    if len(set(shapes)) < len(shapes):
        raise InputError("two sizes are the same in whole voxels; give sizes that differ")
    return shapes


def _usual_sizes(volume: Volume, axes: str) -> list[float]:
    edges = {
        name: (n * h, h) for name, n, h in zip("xyz", volume.shape, volume.spacing, strict=True)
    }
    shortest = min(edges[name][0] for name in axes)
    thickest = max(edges[name][1] for name in axes)
    sizes = [shortest / division for division in _DIVISIONS]
    return [size for size in sizes if size >= _THINNEST * thickest]


def _shape(volume: Volume, axes: str, edge: float) -> tuple[int, int, int]:
    x, y, z = (
        _voxels(volume, axis, edge) if name in axes else volume.shape[axis]
        for axis, name in enumerate("xyz")
    )
    return x, y, z


def _voxels(volume: Volume, axis: int, edge: float) -> int:
    n, h = volume.shape[axis], volume.spacing[axis]
    voxels = round(edge / h)
    if 1 <= voxels <= n:
        return voxels

    def shown(value: float) -> str:
        return format_length(value) if volume.spacing_known else f"{value:.4g} voxels"

    what = "larger than the volume" if voxels > n else "thinner than a voxel"
    raise InputError(
        f"a subvolume of {shown(edge)} is {what}, which has {n} voxels of {shown(h)}, "
        f"{shown(n * h)}, along {'xyz'[axis]}; give sizes {_in_units(volume)}"
    )


def _in_units(volume: Volume) -> str:
    if volume.spacing_known:
        return "in metres, or as '5um'"
    return "in voxels, for the spacing is unknown"


def _boxes(
    volume: Volume, shape: tuple[int, int, int], samples: int, random: np.random.Generator
) -> list[Box]:
    """Disjoint boxes of a shape, evenly over the image; drawn where more fit than are wanted."""
    starts = [_starts(n, part) for n, part in zip(volume.shape, shape, strict=True)]
    corners = list(itertools.product(*starts))
    if len(corners) > samples:
        drawn = random.choice(len(corners), samples, replace=False)
        corners = [corners[index] for index in sorted(drawn)]
    sx, sy, sz = shape
    return [((x, x + sx), (y, y + sy), (z, z + sz)) for x, y, z in corners]


def _starts(n: int, part: int) -> list[int]:
    """First voxels of as many parts as fit, evenly spaced."""
    count, rest = divmod(n, part)
    if count == 1:
        return [rest // 2]
    return [index * part + index * rest // (count - 1) for index in range(count)]
