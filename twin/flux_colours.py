"""The colours of a flux and its classes, and the scale that they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Colormap

    from twin.flux_partition import FluxPartition

#: Colours of dead ends and of islands.
WHITE, GREY = "#ffffff", "#a8a8a8"

#: The colours of the flux leave out the darkest and the lightest ends, which are phases here.
_COLOURS: Final = ("plasma", 0.08, 0.97)

#: Largest over smallest flux of the colours where no threshold ends them.
_WIDEST: Final = 300.0

#: And where a threshold that ends them is high.
_NARROWEST: Final = 4.0


def flux_colours() -> Colormap:
    """The colours of the flux, as matplotlib and PyVista take them."""
    import matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    name, low, high = _COLOURS
    points = matplotlib.colormaps[name](np.linspace(low, high, 256))
    return LinearSegmentedColormap.from_list(f"{name} without its ends", points)


def flux_limits(partition: FluxPartition) -> tuple[float, float]:
    """Ends of the logarithmic scale of flux over mean, from the threshold to where 1 % is above."""
    spread = partition.distribution
    if not spread.mean:
        return 0.1, 10.0
    above = np.append(np.cumsum(spread.counts[::-1])[::-1], 0)  # voxels from each edge on
    high = max(float(spread.edges[np.argmax(above <= 0.01 * spread.voxels)]), 2.0)
    low = min(least_flux(partition), high / _NARROWEST)
    return low if low > 0.0 else high / _WIDEST, high


def least_flux(partition: FluxPartition) -> float:
    """Flux over mean below which a voxel is a dead end; 0 where a threshold does not decide."""
    spread, threshold = partition.distribution, partition.threshold or 0.0
    return (
        threshold if partition.relative_to == "mean" else threshold * spread.maximum / spread.mean
    )


def log_bar(panel: Axes, colours: ScalarMappable, **options: Any) -> None:
    """Draw a colour bar for a logarithmic scale, with plain numbers at 1, 2, 5, 10."""
    from matplotlib.ticker import LogLocator

    ticks = LogLocator(subs=(1.0, 2.0, 5.0))
    bar = panel.figure.colorbar(colours, ticks=ticks, format="%g", **options)
    bar.ax.minorticks_off()
