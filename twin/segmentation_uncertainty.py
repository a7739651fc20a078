"""What the placing of the interfaces does to a number of an image."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from meshing.errors import InputError
from meshing.perturbation import Pairs, check_perturbation, check_whole, perturb
from meshing.units import Length
from meshing.volume import Volume
from twin.metrics import Metric, Question, check_metric
from twin.progress import PointProgress
from twin.segmentation_results import SegmentationUncertainty
from twin.studies.table import Sweep
from twin.sweep import sweep

__all__ = ["segmentation_uncertainty"]


def segmentation_uncertainty(
    metric: Metric,
    volume: Volume,
    *,
    value: str | None = None,
    share: float = 0.1,
    iterations: int = 5,
    width: Length | None = None,
    patch: Length | None = None,
    between: Pairs | None = None,
    samples: int = 20,
    store: str | Path | None = "sweep.db",
    jobs: int | None = None,
    cluster: Any = None,
    progress: bool | PointProgress = True,
    **arguments: Any,
) -> SegmentationUncertainty:
    """Spread of any number of an image among segmentations that place interfaces elsewhere.

    `twin.perturb` makes images whose interfaces lie elsewhere within a few voxels, each with a seed
    of its own, and the metric is asked of each, by `twin.sweep`: what is computed is kept, and an
    interrupted study goes on where it stopped.

    Parameters
    ----------
    metric : callable
        Takes a volume, and `arguments` by name, and returns a number or a result with numbers.
    volume : Volume
        The image as it was segmented.
    value : str, optional
        Which number of the result is meant, as ``"tortuosity_factor"``; none where the metric
        returns a number itself.
    share, iterations, width, patch, between
        How interfaces move, voxel by voxel or by patches: see `twin.perturb`.
    samples : int
        How many perturbed images, from 2 on.
    store, jobs, cluster, progress
        As for `twin.sweep`.
    **arguments
        What else the metric takes, by name.

    Returns
    -------
    SegmentationUncertainty

    Raises
    ------
    InputError
        When the metric gives no number, and what `twin.perturb` and `twin.sweep` refuse.

    References
    ----------
    Su, thesis, Universite de Picardie Jules Verne 2021, chapter 5,
    https://theses.hal.science/tel-03951438

    Examples
    --------
    >>> import twin
    >>> def surface(volume):
    ...     return twin.interface(volume, "AM", "pore").area
    >>> volume = twin.generate.electrode((20, 20, 20), "1um")
    >>> found = twin.segmentation_uncertainty(surface, volume, samples=3, store=None, jobs=1)
    >>> found.shift > 0  # voxel by voxel, moves roughen a surface
    True
    """
    check_metric(metric)
    check_whole(samples, 2, "a spread needs 2 perturbed images or more")
    # A list would be gone through by the sweep.
    pairs = None if between is None else tuple(between)
    check_perturbation(volume, share, iterations, width, patch, pairs)
    question = Question(metric, value, arguments)
    how: dict[str, Any] = {"share": share, "iterations": iterations}
    if width is not None:
        how = {"width": width, "patch": patch}
    how |= {} if pairs is None else {"between": pairs}
    table = sweep(
        _one, question=question, volume=volume, seed=[None, *range(samples)], **how,
        store=store, jobs=jobs, cluster=cluster, progress=progress,
    )  # fmt: skip
    return _gather(volume, question.name, how, table)


def _one(question: Question, volume: Volume, seed: int | None, **how: Any) -> dict[str, Any]:
    """The number of one perturbed image, or of the image itself without a seed."""
    other = volume if seed is None else perturb(volume, seed=seed, **how)
    return {
        "value": question.of(other),
        "changed": _changed(volume, other),
        "fraction": other.fractions(),
    }


def _changed(volume: Volume, other: Volume) -> float:
    pairs = zip(volume.labels, other.labels, strict=True)
    return sum(np.count_nonzero(a != b) for a, b in pairs) / volume.labels.size


def _gather(
    volume: Volume, name: str, how: Mapping[str, Any], table: Sweep
) -> SegmentationUncertainty:
    reference, *others = table
    if reference.error:
        raise InputError(f"the image as it was segmented gives no value: {reference.error}")
    done = [point for point in others if not point.error]
    finite = [point for point in done if math.isfinite(point["value"])]
    fractions = {
        phase: np.array([point[f"fraction.{phase}"] for point in done]) for phase in volume.phases
    }
    return SegmentationUncertainty(
        volume=volume,
        name=name,
        reference=reference["value"],
        values=np.array([point["value"] for point in finite]),
        infinite=len(done) - len(finite),
        fractions=fractions,
        changed=np.array([point["changed"] for point in done]),
        how=how,
        sweep=table,
    )
