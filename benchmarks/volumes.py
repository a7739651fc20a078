"""The volumes of each case: what conducts is 1, the rest is 0, unless conductivities say more."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import twin

ROOT: Final = Path(__file__).resolve().parents[1]
DATA: Final = ROOT.parent / "shared" / "data" / "volumes"
BENCHMARK_500: Final = DATA / "taufactor2_benchmark_500.tif"
CATHODE: Final = DATA / "nmc_1cal_am_cbd_pore.tif"
ELECTRODE: Final = DATA / "taufactor_electrode_3phase.tif"

#: Standard deviation of the Gaussian behind the volumes of our own generator [voxels].
LENGTH: Final = 3.0
SEED: Final = 0

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Problem:
    """A volume to solve on.

    Attributes
    ----------
    name : what tables call it.
    make : makes the (nx, ny, nz) labels, 0 and 1.
    axes : driven axes, as "xyz".
    facts : what was asked for and where it comes from; kept in the results.
    reference : whether a tight reference is worth its time.
    conductivities : of labels 0, 1, ...; 0 does not conduct.
    """

    name: str
    make: Callable[[], Image]
    axes: str
    facts: dict[str, Any]
    reference: bool = True
    conductivities: tuple[float, ...] = (0.0, 1.0)


def benchmark_500(axes: str) -> list[Problem]:
    """The 500^3 volume that the TauFactor 2 paper offers for comparisons; none where it is absent.

    Published, over-converged: tau of the paper, doi:10.21105/joss.05358, on the stored axes.
    """
    if not BENCHMARK_500.is_file():
        print(f"skipped: the volume is not here (there is no {BENCHMARK_500})")
        return []

    def make() -> Image:
        return np.asarray(twin.read(BENCHMARK_500).labels == 255, np.uint8)

    facts = {
        "source": "TauFactor 2, doi:10.21105/joss.05358",
        "published_tortuosity_factor": {"x": 4.2431, "y": 1.1513, "z": 1.3905},
        "published_seconds": {
            "TauFactor 2 on an A6000 GPU": 26, "TauFactor 2 on a 32-core CPU": 447,
            "PoreSpy": 540, "PuMA": 1201,
        },
    }  # fmt: skip
    return [Problem("taufactor2_500", make, axes, facts)]


#: Labels of the cathode are pore 0, AM 1, CBD 2. Names, and conductivities of the three.
_COMPOSITES: Final = {
    "AM alone": (0.0, 1.0, 0.0),
    "CBD alone": (0.0, 0.0, 1.0),
    "AM 0.1, CBD 760 S/m": (0.0, 0.1, 760.0),
    "pore 0.001, AM 1, CBD 1000": (1e-3, 1.0, 1e3),
}


def composites(sizes: Sequence[int], axes: str) -> list[Problem]:
    """Conduction through corners of an NMC cathode, up to all of it; none where it is absent."""
    if not CATHODE.is_file():
        print(f"skipped: the volume is not here (there is no {CATHODE})")
        return []
    labels = np.asarray(twin.read(CATHODE).labels, np.uint8)
    corners = {n: np.ascontiguousarray(labels[:n, :n, :n]) for n in sizes}
    return [
        _composite(" x ".join(map(str, image.shape)), name, image, axes)
        for image in corners.values()
        for name in _COMPOSITES
    ]


def _composite(part: str, name: str, image: Image, axes: str) -> Problem:
    """One phase alone is a volume of 0 and 1, which every tool can solve."""
    values = _COMPOSITES[name]
    conducting = [label for label, k in enumerate(values) if k > 0]
    alone = conducting[0] if len(conducting) == 1 else None
    return Problem(
        f"{part}: {name}",
        lambda: image.copy() if alone is None else (image == alone).astype(np.uint8),
        axes,
        {"source": "NREL MATBOX, NMC 1-CAL", "part": part, "conducts": name},
        conductivities=values if alone is None else (0.0, 1.0),
    )


def electrodes(sizes: Sequence[int], axes: str) -> list[Problem]:
    """Pores of TauFactor's electrode, corners of it up to all; none where it is absent."""
    if not ELECTRODE.is_file():
        print(f"skipped: the volume is not here (there is no {ELECTRODE})")
        return []
    pores = np.asarray(twin.read(ELECTRODE).labels == 0, np.uint8)
    return [
        Problem(
            f"electrode {n}^3",
            lambda n=n: np.ascontiguousarray(pores[:n, :n, :n]),  # type: ignore[misc]
            axes,
            {"source": "TauFactor, three-phase electrode", "size": n},
        )
        for n in sizes
    ]


def porespy_blobs(sizes: Sequence[int], porosities: Sequence[float], axes: str) -> list[Problem]:
    """PoreSpy's blobs with its default blobiness: features grow with the volume."""
    return [
        Problem(
            f"blobs {n}^3, porosity {p}",
            lambda n=n, p=p: one_porespy_blobs(n, p),  # type: ignore[misc]
            axes,
            {"source": f"porespy.generators.blobs, seed {SEED}", "size": n, "porosity": p},
        )
        for n in sizes
        for p in porosities
    ]


def growth(sizes: Sequence[int], porosities: Sequence[float], axes: str) -> list[Problem]:
    """Larger and larger volumes of the same material: features of one size in voxels."""
    return [
        Problem(
            f"same material {n}^3, porosity {p}",
            lambda n=n, p=p: one_blobs(n, p),  # type: ignore[misc]
            axes,
            {"source": f"meshing.generate.blobs, length {LENGTH} voxels", "size": n, "porosity": p},
            reference=False,
        )
        for p in porosities
        for n in sizes
    ]


def memory(sizes: Sequence[int], porosities: Sequence[float], axes: str) -> list[Problem]:
    """Blobs, and sheets, which join both faces at low porosities too."""
    makers = {"blobs": one_blobs, "sheets": one_sheets}
    return [
        Problem(
            f"{material} {n}^3, porosity {p}",
            lambda make=make, n=n, p=p: make(n, p),  # type: ignore[misc]
            axes,
            {
                "source": f"meshing.generate.blobs, length {LENGTH} voxels",
                "material": material, "size": n, "porosity": p,
            },
            reference=False,
        )
        for material, make in makers.items()
        for n in sizes
        for p in porosities
    ]  # fmt: skip


def one_blobs(size: int, porosity: float) -> Image:
    """Our own blobs, of one feature size in voxels."""
    volume = twin.generate.blobs((size,) * 3, porosity, LENGTH, seed=SEED)
    return np.asarray(volume.labels, np.uint8)


def one_sheets(size: int, porosity: float) -> Image:
    """The voxels where the field behind the blobs is near its median."""
    return one_blobs(size, 0.5 + porosity / 2) - one_blobs(size, 0.5 - porosity / 2)


def one_porespy_blobs(size: int, porosity: float) -> Image:
    """Blobs by PoreSpy, whose import and seeding leave nothing behind."""
    with global_state_restored():
        from porespy.generators import blobs

        return np.asarray(blobs([size] * 3, porosity=porosity, seed=SEED), np.uint8)


@contextmanager
def global_state_restored() -> Iterator[None]:
    """Put back what importing and calling PoreSpy changes: logging, NumPy's errors and seed."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    errors, state = np.geterr(), np.random.get_state()  # noqa: NPY002 - PoreSpy seeds this one
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.handlers[:], root.level = handlers, level
        np.seterr(**errors)
        np.random.set_state(state)  # noqa: NPY002
