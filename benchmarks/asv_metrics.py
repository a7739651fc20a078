"""asv: the microstructure of a three-phase electrode in numbers, and how other tools get some.

asv run --config benchmarks/asv.conf.json --python=same --quick --bench asv_metrics
python -m benchmarks.asv_metrics 200
python -m benchmarks.asv_metrics ../shared/data/volumes/nmc_1cal_am_cbd_pore.tif
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import twin
from benchmarks.measure import measured

_SIZES = [100, 200, 300]

Labels = np.ndarray[Any, np.dtype[np.integer[Any]]]


def electrode(size: int) -> twin.Volume:
    """Generated at 100^3 voxels, and mirrored until it is size^3."""
    part = twin.generate.electrode((100,) * 3, "0.5um", seed=1)
    more = [(0, size - 100)] * 3
    return twin.Volume(np.pad(part.labels, more, mode="symmetric"), part.spacing, part.phases)


class Metrics:
    """Of all three phases; what is compiled was compiled before."""

    params = (_SIZES,)
    param_names = ("size",)
    timeout = 600.0

    def setup(self, size: int) -> None:
        self.volume = electrode(size)
        twin.characterize(twin.crop(self.volume, "0:20,0:20,0:20"))

    def time_everything(self, size: int) -> None:
        twin.characterize(self.volume)

    def time_volume_fractions(self, size: int) -> None:
        twin.volume_fractions(self.volume)

    def time_surface_areas(self, size: int) -> None:
        twin.surface_areas(self.volume)

    def time_percolation(self, size: int) -> None:
        twin.percolation(self.volume)

    def time_triple_lines(self, size: int) -> None:
        twin.triple_lines(self.volume)

    def track_bytes_per_voxel(self, size: int) -> float:
        """Peak above the memory before the call."""
        peak = measured(lambda: twin.characterize(self.volume)).peak_bytes
        return math.nan if peak is None else peak / self.volume.labels.size

    track_bytes_per_voxel.unit = "bytes"  # type: ignore[attr-defined]


def triangles_of_scikit_image(labels: Labels) -> float:
    """Marching cubes of every phase."""
    from skimage.measure import marching_cubes, mesh_surface_area

    total = 0.0
    for label in np.unique(labels):
        inside = (labels == label).astype(np.float32)
        points, faces, _, _ = marching_cubes(inside, 0.5)  # type: ignore[no-untyped-call]
        total += float(mesh_surface_area(points, faces))  # type: ignore[no-untyped-call]
    return total


def faces_of_taufactor(labels: Labels) -> float:
    from taufactor.metrics import specific_surface_area

    found = specific_surface_area(labels.astype(np.int64), method="face_counting", device="cpu")
    return float(sum(found.values()) * labels.size)


def triple_lines_of_taufactor(labels: Labels) -> float:
    from taufactor.metrics import triple_phase_boundary

    with contextlib.redirect_stdout(io.StringIO()):  # it prints
        return float(triple_phase_boundary(labels.astype(np.int64)))


def percolation_of_porespy(labels: Labels) -> float:
    """One phase along one axis after the other, as its function is called."""
    import porespy

    masks = [labels == label for label in np.unique(labels)]
    found = [porespy.metrics.percolating_porosity(m, axis=a) for m in masks for a in range(3)]
    return float(sum(found))


OURS: list[Callable[[twin.Volume], Any]] = [
    twin.characterize, twin.volume_fractions, twin.surface_areas, twin.percolation,
    twin.triple_lines,
]  # fmt: skip

PEERS: dict[str, Callable[[Labels], float]] = {
    "scikit-image: marching cubes of all phases": triangles_of_scikit_image,
    "TauFactor: faces of all phases": faces_of_taufactor,
    "TauFactor: edges at which three phases meet": triple_lines_of_taufactor,
    "PoreSpy: percolating fractions, three phases and axes": percolation_of_porespy,
}


def main() -> None:
    """Print how long everything takes here, with its processor time, and each part elsewhere."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("image", nargs="?", default="200", help="a size, or a file of labels")
    given: str = parser.parse_args().image
    volume = electrode(int(given)) if given.isdigit() else twin.read(Path(given))
    twin.characterize(twin.crop(volume, "0:20,0:20,0:20"))
    for call in OURS:
        processor = time.process_time()
        run = measured(partial(call, volume))
        processor = time.process_time() - processor
        peak = math.nan if run.peak_bytes is None else run.peak_bytes / 1e6
        _show(f"twin.{call.__name__}", run.seconds, f"{processor:6.2f} s processor {peak:5.0f} MB")
    labels = np.asarray(volume.labels)
    for name, peer in PEERS.items():
        _show(name, measured(partial(peer, labels)).seconds)


def _show(name: str, seconds: float, more: str = "") -> None:
    print(f"{name:55} {seconds:7.2f} s  {more}".rstrip())


if __name__ == "__main__":
    main()
