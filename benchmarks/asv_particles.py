"""asv: particles of an electrode separated and measured, and how other tools separate them.

asv run --config benchmarks/asv.conf.json --bench "Particles|Watersheds"
python -m benchmarks.asv_particles 500

The image is a generated electrode of 125^3 voxels, mirrored until it is large enough: particles at
the mirrors are no balls, and the numbers of particles and voxels grow together.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable

import numpy as np

import twin
from benchmarks.measure import measured
from meshing.watershed import distance_map, separate

#: Radius of the particles [voxels].
RADIUS = 10.0


def electrode(size: int) -> twin.Volume:
    """An electrode of size^3 voxels of 0.5 um."""
    part = twin.generate.electrode((125,) * 3, "0.5um", particle_radius=0.5e-6 * RADIUS, seed=1)
    more = [(0, max(size - 125, 0))] * 3
    labels = np.pad(part.labels, more, mode="symmetric")[:size, :size, :size]
    return twin.Volume(labels, part.spacing, dict(part.phases))


def with_twin(volume: twin.Volume) -> int:
    """Separated by our kernels, with nothing measured."""
    distance = distance_map(volume.labels == 1, (1.0, 1.0, 1.0))
    return separate(distance, (1.0, 1.0, 1.0), depth=0.5, share=0.1, least=34).count


def with_scikit_image(volume: twin.Volume) -> int:
    """Markers by h-maxima, then a watershed from them."""
    from scipy.ndimage import label
    from skimage.morphology import h_maxima
    from skimage.segmentation import watershed

    inside = volume.labels == 1
    distance = distance_map(inside, (1.0, 1.0, 1.0))
    markers, _ = label(h_maxima(distance, 0.5), np.ones((3, 3, 3)))
    return int(watershed(-distance, markers, mask=inside).max())


def with_porespy(volume: twin.Volume) -> int:
    """SNOW with its default settings."""
    import porespy

    porespy.settings.tqdm = {"disable": True}
    return int(porespy.filters.snow_partitioning(volume.labels == 1).regions.max())


TOOLS: dict[str, Callable[[twin.Volume], int]] = {
    "twin": with_twin,
    "scikit-image": with_scikit_image,
    "porespy": with_porespy,
}


class Particles:
    """The whole of `twin.particles`, compiled before."""

    params = ([100, 200, 300],)
    param_names = ("size",)
    timeout = 600.0

    def setup(self, size: int) -> None:
        self.volume = electrode(size)
        twin.particles(electrode(60), "AM", border="keep")

    def time_particles(self, size: int) -> None:
        twin.particles(self.volume, "AM", border="keep")

    def peakmem_particles(self, size: int) -> None:
        """Of the whole process, which has libraries and compiled code in it."""
        twin.particles(self.volume, "AM", border="keep")

    def track_bytes_per_voxel(self, size: int) -> float:
        """Peak above the memory before the call."""
        peak = measured(lambda: twin.particles(self.volume, "AM", border="keep")).peak_bytes
        return math.nan if peak is None else peak / self.volume.labels.size

    track_bytes_per_voxel.unit = "bytes"  # type: ignore[attr-defined]


class Watersheds:
    """Separation alone, by tool."""

    params = ([100, 150], list(TOOLS))
    param_names = ("size", "tool")
    timeout = 600.0

    def setup(self, size: int, tool: str) -> None:
        self.volume = electrode(size)
        TOOLS[tool](electrode(40))

    def time_separation(self, size: int, tool: str) -> None:
        TOOLS[tool](self.volume)

    def track_particles(self, size: int, tool: str) -> int:
        """How many come out."""
        return TOOLS[tool](self.volume)

    track_particles.unit = "particles"  # type: ignore[attr-defined]


def main() -> None:
    """Print the wall and processor time of `twin.particles` on one size, and its peak of memory."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("size", type=int, nargs="?", default=500)
    size: int = parser.parse_args().size
    twin.particles(electrode(60), "AM", border="keep")
    volume = electrode(size)
    start = time.process_time()
    run = measured(lambda: twin.particles(volume, "AM", border="keep"))
    processor = time.process_time() - start
    peak = math.nan if run.peak_bytes is None else run.peak_bytes / volume.labels.size
    print(
        f"{size}^3: {run.value.count} particles, {run.seconds:.1f} s, processor {processor:.1f} s, "
        f"peak {peak:.1f} bytes per voxel"
    )


if __name__ == "__main__":
    main()
