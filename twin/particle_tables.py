"""Tables and text of `Particles`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import format_length
from twin.slices import length_scale
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    from twin.particle_results import By, Particles

_QUANTILES: Final = (0.1, 0.5, 0.9)
_BYS: Final[tuple[By, ...]] = ("volume", "number")


def columns(found: Particles) -> dict[str, NDArray[Any]]:
    """The columns of the table of particles, (particles,) each, by their names.

    Parameters
    ----------
    found : what `twin.particles` found.
    """
    x, y, z = found.position.T
    short, middle, long = found.semi_axes.T
    return {
        "particle": np.arange(1, found.count + 1),
        "x": x,
        "y": y,
        "z": z,
        "voxels": found.moments.voxels,
        "volume": found.volumes,
        "diameter": found.diameter,
        "sphericity": found.sphericity,
        "semi_axis_short": short,
        "semi_axis_middle": middle,
        "semi_axis_long": long,
        "surface_area": found.surface_area,
        **{f"area.{name}": found.interface(name) for name in found.phases},
        "area.cut_off": found.areas[:, -1],
        **{f"share.{name}": found.share(name) for name in found.phases},
        "triple_edges": found.triple_edges,
        "triple_line": found.triple_line,
        "triple_line_per_volume": found.specific_triple_line,
        "neighbours": found.contacts.numbers,
        "cut": found.cut,
        "weight": found.weight,
    }


def numbers(found: Particles) -> dict[str, Any]:
    """Numbers and names of all particles together.

    Parameters
    ----------
    found : what `twin.particles` found.
    """
    chosen = found.separation
    return {
        "phase": found.phase,
        "shape": list(found.volume.shape),
        "spacing": list(found.volume.spacing),
        "spacing_known": found.volume.spacing_known,
        "height": chosen.height,
        "neck": chosen.neck,
        "smoothing": chosen.smoothing,
        "smallest": chosen.smallest,
        "border": found.border,
        "cut_axes": found.cut_axes,
        "particles": found.count,
        "cut": int(found.cut.sum()),
        "counted": int(found.counted.sum()),
        "maxima": found.maxima,
        "left_out_fraction": found.left_out / found.volume.voxel_count(found.phase),
        "diameter": {by: _quantiles(found, by) for by in _BYS},
        "sphericity": _spread(found, found.sphericity),
        "surface_share": {name: found.mean_share(name) for name in found.phases},
        "triple_line_per_volume": found.mean(found.specific_triple_line, by="volume"),
        "neighbours": found.mean(found.contacts.numbers),
        "seconds": found.seconds,
        "seconds_compiling": found.seconds_compiling,
    }


def summary_text(found: Particles) -> str:
    """What `Particles.summary` says.

    Parameters
    ----------
    found : what `twin.particles` found.
    """
    blocks = [
        f"Particles of {found.phase}: {describe_size(found.volume)}",
        "\n".join(_counts(found)),
        _sizes(found),
        _shapes(found),
        _surface(found),
    ]
    return "\n\n".join(blocks)


def _quantiles(found: Particles, by: By) -> dict[str, float]:
    row = {f"d{100 * q:.0f}": found.quantile(q, by) for q in _QUANTILES}
    return {**row, "mean": found.mean(found.diameter, by)}


def _spread(found: Particles, values: NDArray[np.float64]) -> dict[str, float]:
    """Mean and quantiles by number over the counted particles."""
    own, weight = values[found.counted], found.weight[found.counted]
    at = np.quantile(own, _QUANTILES, method="inverted_cdf", weights=weight)
    row = {f"p{100 * q:.0f}": float(v) for q, v in zip(_QUANTILES, at, strict=True)}
    return {**row, "mean": found.mean(values)}


def _counts(found: Particles) -> list[str]:
    counted, cut, chosen = int(found.counted.sum()), int(found.cut.sum()), found.separation
    left = 100 * found.left_out / found.volume.voxel_count(found.phase)
    what = {
        "remove": "left out of what follows",
        "keep": "counted like the others",
        "weigh": "left out, and the others weighed by how likely they are not to be cut",
    }[found.border]
    lines = [
        f"{_many(found.count, 'particle')}, of which the outer faces cut {cut}: {what}",
        f"{found.maxima} maxima of the distance; one is a particle when it is more than "
        f"{_length(found, chosen.height)} above a neck, and the neck is narrower than "
        f"{chosen.neck:g} of it",
        f"smallest diameter {_length(found, chosen.smallest)}; {left:.3f} % of {found.phase} is in "
        "smaller fragments that touch no particle",
    ]
    if counted == 1:
        lines.append("one particle is counted: its size is a number and no distribution")
    if not found.volume.spacing_known:
        lines.append("the spacing is unknown: lengths are in voxels")
    return lines


def _sizes(found: Particles) -> str:
    rows = [
        [f"by {by}", *(_length(found, value) for value in _quantiles(found, by).values())]
        for by in _BYS
    ]
    return text_table(["diameter", "D10", "D50", "D90", "mean"], rows)


def _shapes(found: Particles) -> str:
    short, middle, long = found.semi_axes.T
    shapes = {
        "sphericity": found.sphericity,
        "middle / short axis": middle / short,
        "long / middle axis": long / middle,
        "neighbours": found.contacts.numbers.astype(np.float64),
    }
    rows = [
        [name, *(f"{value:.4g}" for value in _spread(found, values).values())]
        for name, values in shapes.items()
    ]
    return text_table(["by number", "10 %", "50 %", "90 %", "mean"], rows)


def _surface(found: Particles) -> str:
    scale, unit = length_scale(found.volume)
    unit = "voxel" if unit == "voxels" else unit
    names = {name: name for name in found.phases} | {found.phase: f"other {found.phase} particles"}
    volume = float(found.weight @ found.volumes)
    rows = [
        [
            names[name],
            f"{100 * found.mean_share(name):.2f} %",
            f"{float(found.weight @ found.interface(name)) / volume / scale:.4g}",
        ]
        for name in found.phases
    ]
    line = found.mean(found.specific_triple_line, by="volume") / scale**2
    return "\n".join(
        [
            text_table(["surface against", "share", f"per volume [1/{unit}]"], rows),
            f"triple lines per volume of particles: {line:.4g} 1/{unit}²",
        ]
    )


def _length(found: Particles, value: float) -> str:
    return format_length(value) if found.volume.spacing_known else f"{value:.4g}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
