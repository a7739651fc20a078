"""What a generator was asked for, what it made, and how well the two agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.generate.bodies import Distances, Moments, moments
from meshing.generate.particles import Space
from meshing.units import format_length
from meshing.volume import Volume

#: Names of what is achieved: how many bodies, and the lengths, which tables show with their unit.
BODIES: Final = "bodies"
DIAMETER: Final = "diameter"
_COSINES: Final = ("cos2 x", "cos2 y", "cos2 z")
_LENGTHS: Final = (DIAMETER, "D10", "D50", "D90")


@dataclass(frozen=True, eq=False)
class Generated:
    """A volume made of random bodies, with what it was to have and what it has.

    Attributes
    ----------
    volume : Volume
        The image.
    targets : mapping of str to float
        What was asked for. Volume fractions [-] have the name of their phase; ``D10``, ``D50`` and
        ``D90`` are quantiles by volume of the diameter of the ball as large as a body [m].
    achieved : mapping of str to float
        The same and more, measured on the image. Sizes and shapes are of the bodies that no face
        cuts, each with the weight that makes up for the larger ones being cut more often.
    bodies : int32 array, (nx, ny, nz)
        Which body each voxel belongs to, from 1; 0 in none.

    Examples
    --------
    >>> import twin
    >>> made = twin.generate.spheres((40, 40, 40), "1um", diameter=8e-6, fraction=0.3)
    >>> made.targets["sphere"], made.achieved["sphere"]
    (0.3, 0.3)
    """

    volume: Volume
    targets: Mapping[str, float]
    achieved: Mapping[str, float]
    bodies: NDArray[np.int32]

    def summary(self) -> str:
        """A table for people: what was asked for beside what was made."""
        rows = [("", "target", "achieved")]
        for name, value in self.achieved.items():
            target = _text(name, self.targets[name]) if name in self.targets else "-"
            rows.append((name, target, _text(name, value)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"{name:<{widths[0]}}  {target:>{widths[1]}}  {made:>{widths[2]}}"
            for name, target, made in rows
        ]
        return "\n".join([repr(self.volume)[1:-1], "", *lines])

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, lengths in metres."""
        return {
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "phases": dict(self.volume.phases),
            "targets": dict(self.targets),
            "achieved": dict(self.achieved),
        }

    def __repr__(self) -> str:
        return f"<Generated {repr(self.volume)[1:-1]}, {self.achieved[BODIES]:.0f} bodies>"


def report(
    volume: Volume, phase: str, found: Distances, space: Space, targets: Mapping[str, float]
) -> Generated:
    """Measure what was made beside what it was to be; the bodies are the voxels of a phase."""
    inside = np.isin(volume.labels, volume.label_values(phase))
    measured = moments(found, inside, space.step, periodic=space.periodic)
    numbers = body_numbers(found, inside)
    achieved = {**volume.fractions(), **size_distribution(measured), **shape_of(measured)}
    if not (found.bodies.along != found.bodies.across).any():
        achieved = {name: value for name, value in achieved.items() if name not in _COSINES}
    return Generated(volume, targets, achieved | {BODIES: float(numbers.max())}, numbers)


def body_numbers(found: Distances, inside: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The bodies of an image numbered from 1, those cut by a periodic side once; 0 outside."""
    number = np.append(found.bodies.number, -1)
    kept = np.unique(number[np.unique(np.where(inside, found.owner, -1))])
    new = np.searchsorted(kept[kept >= 0], number) + 1
    return np.where(inside, new[found.owner], 0).astype(np.int32)


def size_distribution(measured: Moments) -> dict[str, float]:
    """D10, D50 and D90 by volume of the whole bodies; NaN where there is none."""
    whole = measured.whole
    diameters = np.cbrt(6 / np.pi * measured.volume[whole])
    order = np.argsort(diameters)
    bulk = (measured.volume * measured.weight)[whole][order]
    share = (np.cumsum(bulk) - bulk / 2) / max(bulk.sum(), np.finfo(float).tiny)
    return {
        name: float(np.interp(level, share, diameters[order])) if len(share) else float("nan")
        for name, level in (("D10", 0.1), ("D50", 0.5), ("D90", 0.9))
    }


def shape_of(measured: Moments) -> dict[str, float]:
    """Mean aspect ratio of the whole bodies, and where their axes point (mean squared cosines).

    Along the axis of an ellipsoid the places of its voxels have the variance a2 / 5, and across
    it b2 / 5: the aspect ratio is a / b.
    """
    whole, axes = measured.whole, measured.directions[measured.whole]
    covariance = measured.covariance[whole]
    along = np.einsum("ni,nij,nj->n", axes, covariance, axes)
    across = (np.trace(covariance, axis1=1, axis2=2) - along) / 2
    weight = (measured.volume * measured.weight)[whole]
    if not len(weight):
        return dict.fromkeys(("aspect ratio", *_COSINES), float("nan"))
    ratio = np.average(np.sqrt(along / across), weights=weight)
    cosines = np.average(axes**2, axis=0, weights=weight)
    return {"aspect ratio": float(ratio)} | dict(zip(_COSINES, map(float, cosines), strict=True))


def _text(name: str, value: float) -> str:
    if name in _LENGTHS:
        return format_length(value)
    return f"{value:.0f}" if name == BODIES else f"{value:.4f}"
