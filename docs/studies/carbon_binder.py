"""The numbers and pictures of the page on the carbon-binder domain.

    python docs/studies/carbon_binder.py ../shared/data/volumes [part ...]

Solves on the two measured volumes and writes `carbon_binder.json` and the pictures beside this
file. The tables of the page, and the numbers in its text, are read from that file. With names of
parts, only these are computed and those of the others are kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

import twin

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "carbon_binder.json"

#: Conductivities [S/m]; where they come from is said in `sources`.
CBD, AM = 760.0, 0.1

#: The flux needs more digits than the effective conductivity does.
FIELDS: Final = twin.Solver(tolerance=1e-7)

#: Part of a volume on which what is unknown is varied, in voxels.
CROP: Final = "0:160, 0:160, 0:160"

AXIS: Final = "x"
"""Along which the pictures are."""

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Electrode:
    """A measured volume: its file, voxel edge, labels, and where it comes from."""

    name: str
    file: str
    voxel: str
    phases: dict[str, int]
    source: str

    def read(self, folder: Path) -> twin.Volume:
        return twin.read(folder / self.file, self.voxel, self.phases)


NMC: Final = Electrode(
    "NMC cathode",
    "nmc_1cal_am_cbd_pore.tif",
    "398nm",
    {"pore": 0, "AM": 1, "CBD": 2},
    "NREL MATBOX, electrode NMC 1-CAL (BSD-2)",
)
GENERATED: Final = Electrode(
    "generated electrode",
    "taufactor_electrode_3phase.tif",
    "390.625nm",
    {"pore": 0, "AM": 85, "CBD": 170},
    "TauFactor, example electrode of three phases (MIT)",
)


def described(electrode: Electrode, folder: Path) -> Numbers:
    volume = electrode.read(folder)
    return {
        "name": electrode.name,
        "file": electrode.file,
        "sha256": hashlib.sha256((folder / electrode.file).read_bytes()).hexdigest(),
        "source": electrode.source,
        "shape": list(volume.shape),
        "spacing": list(volume.spacing),
        "fractions": {name: volume.volume_fraction(name) for name in volume.phases},
        "joined": joined(volume),
    }


def joined(volume: twin.Volume) -> Numbers:
    """Pieces of the CBD, and the share of the largest, as voxels join by faces or also by corners.

    How thin the network is shows in what becomes of it when touching at an edge or a corner counts.
    """
    from scipy import ndimage

    binder = volume.labels == volume.label_values("CBD")[0]
    found = {}
    for name, neighbours in (("faces", 1), ("faces, edges and corners", 3)):
        labels, pieces = ndimage.label(binder, ndimage.generate_binary_structure(3, neighbours))
        largest = int(np.bincount(labels.ravel())[1:].max())
        found[name] = {"pieces": pieces, "largest": largest / int(binder.sum())}
    return found


def effective(c: twin.Conduction) -> Numbers:
    """The numbers of a result that the page shows."""
    numbers = c.to_dict()
    names = (
        "effective_conductivity", "tortuosity_factor", "macmullin_number", "wiener_bounds",
        "hashin_shtrikman_bounds", "share", "heat_share", "interface_share",
        "interface_heat_share", "percolating_fractions", "flux_imbalance", "estimated_error",
        "iterations",
    )  # fmt: skip
    return {name: numbers[name] for name in names}


def flux(c: twin.Conduction) -> Numbers:
    """Through paths and dead ends by each definition, the curve, and the constrictions."""
    maximum = twin.flux_partition(c)
    mean = twin.flux_partition(c, 0.02, relative_to="mean")
    paths = twin.flux_partition(c, None)
    spread, curve = maximum.distribution, maximum.curve
    throats = twin.bottlenecks(c, strongest=20)
    return {
        "2 % of the maximum": classes(maximum),
        "2 % of the mean": classes(mean),
        "on no path": classes(paths),
        "maximum_over_mean": spread.maximum / spread.mean,
        "threshold_over_mean": 0.02 * spread.maximum / spread.mean,
        "coefficient_of_variation": spread.coefficient_of_variation,
        "half_share": spread.half_share,
        "line_length": float(twin.streamlines(c, count=400).length_ratios.mean()),
        "heat_above_2_percent": heat_above(c, 0.02 * spread.maximum),
        "curve": [curve.thresholds[::4].tolist(), curve.dead_end_fraction[::4].tolist()],
        "bottlenecks": {
            "above": throats.above,
            "count": throats.count,
            "one voxel wide": sum(
                round(one.area / face_area(c)) == 1 for one in throats.constrictions
            ),
            "listed": len(throats.constrictions),
            "strongest": throats.rows()[:8],
        },
    }


def face_area(c: twin.Conduction) -> float:
    """Area of a voxel's face [m2]; both volumes have cubic voxels."""
    dx, dy, _ = c.mesh.spacing
    return dx * dy


def classes(partition: twin.FluxPartition) -> Numbers:
    return {
        "through": partition.through_fraction,
        "dead end": partition.dead_end_fraction,
        "isolated": partition.isolated_fraction,
    }


def heat_above(c: twin.Conduction, least: float) -> float:
    """Share of the sum of |J|^2 in the voxels with a flux of `least` or more.

    In one phase that is their share of the Joule heat, and so of the resistance.
    """
    all_of_it = above = 0.0
    for slab in c.flux():
        square = np.square(slab, dtype=np.float64).sum(-1)
        all_of_it += float(square.sum())
        above += float(square[square >= least**2].sum())
    return above / all_of_it


def through(electrode: Electrode, folder: Path, together: bool) -> Numbers:
    """CBD alone, or AM and CBD, along x, y and z, with the pictures along one of them."""
    volume = electrode.read(folder)
    conductivity = {"CBD": CBD, "AM": AM} if together else {"CBD": CBD}
    solver = twin.Solver() if together else FIELDS
    found = twin.conduction(volume, conductivity, axis="xyz", solver=solver)
    if together:
        save(found.plot, f"{slug(electrode)}-am-cbd.png")
        return {"axes": {c.axis: effective(c) for c in found}, **ratio(found)}
    save(twin.flux_partition(found[AXIS]).plot, f"{slug(electrode)}-maximum.png")
    if electrode is NMC:  # few paths carry its current, and can be shown one by one
        draw(found[AXIS], slug(electrode))
    return {"axes": {c.axis: {**effective(c), "flux": flux(c)} for c in found}, **ratio(found)}


def ratio(found: twin.Directions[twin.Conduction]) -> Numbers:
    planes = {axis: found.planes(axis).to_dict() for axis in "xyz"}
    return {"anisotropy_ratio": found.anisotropy_ratio, "planes": planes}


def slug(electrode: Electrode) -> str:
    return electrode.name.lower().replace(" ", "-")


def draw(c: twin.Conduction, name: str) -> None:
    paths = twin.flux_partition(c, None)
    save(paths.plot, f"{name}-paths.png")
    save(twin.bottlenecks(c).plot, f"{name}-bottlenecks.png")
    lines = twin.streamlines(c, count=400)
    save(lambda path: twin.render(paths, path, lines=lines), f"{name}-lines.png", width=1000)


def save(make: Callable[[Path], Any], file: str, width: int = 1300) -> None:
    """Save a picture with 256 colours and a width in pixels that suit a page."""
    from PIL import Image

    path = HERE / file
    make(path)
    with Image.open(path) as picture:
        size = width, round(picture.height * width / picture.width)
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def crop(folder: Path) -> twin.Volume:
    return twin.crop(NMC.read(folder), CROP)


def voxels(folder: Path) -> Numbers:
    """The CBD of a crop: as measured, each voxel cut into eight, a voxel thicker into the pore.

    What the mesh does to the numbers, and what the segmentation would.
    """
    volume = crop(folder)
    cases = {
        "as measured": volume,
        "voxels cut into eight": cut_into_eight(volume),
        "a voxel thicker": thicker(volume),
    }
    return {"crop": CROP, "axis": AXIS, **{name: along(case) for name, case in cases.items()}}


def cut_into_eight(volume: twin.Volume) -> twin.Volume:
    labels = volume.labels
    for axis in range(3):
        labels = np.repeat(labels, 2, axis)
    return twin.Volume(labels, [h / 2 for h in volume.spacing], volume.phases)


def thicker(volume: twin.Volume) -> twin.Volume:
    from scipy import ndimage

    binder, pore = (volume.label_values(name)[0] for name in ("CBD", "pore"))
    grown = ndimage.binary_dilation(volume.labels == binder) & (volume.labels == pore)
    return twin.Volume(np.where(grown, binder, volume.labels), volume.spacing, volume.phases)


def along(volume: twin.Volume) -> Numbers:
    c = twin.conduction(volume, {"CBD": CBD}, AXIS, solver=FIELDS)
    spread = twin.flux_partition(c).distribution
    return {
        "fraction": volume.volume_fraction("CBD"),
        **effective(c),
        "maximum_over_mean": spread.maximum / spread.mean,
    }


def varied_am(folder: Path) -> Numbers:
    """AM and CBD of a crop, for conductivities of the AM from lithiated to delithiated."""
    volume = crop(folder)
    values = np.geomspace(1e-4, 1e1, 11)
    rows = [
        {"AM": float(am), **effective(twin.conduction(volume, {"CBD": CBD, "AM": am}, AXIS))}
        for am in values
    ]
    alone = effective(twin.conduction(volume, {"CBD": CBD}, AXIS))
    return {"crop": CROP, "axis": AXIS, "rows": rows, "CBD alone": alone}


def varied_contact(folder: Path) -> Numbers:
    """AM and CBD of a crop, for resistances of the interface between them."""
    volume = crop(folder)
    values = [0.0, *np.geomspace(1e-8, 1e-2, 7)]
    rows = [
        {
            "contact_resistance": float(r),
            **effective(
                twin.conduction(
                    volume, {"CBD": CBD, "AM": AM}, AXIS, contact_resistance={("AM", "CBD"): r}
                )
            ),
        }
        for r in values
    ]
    return {"crop": CROP, "axis": AXIS, "rows": rows}


PARTS: Final[dict[str, Callable[[Path], Numbers]]] = {
    "nmc": lambda folder: described(NMC, folder),
    "generated": lambda folder: described(GENERATED, folder),
    "nmc_cbd": lambda folder: through(NMC, folder, together=False),
    "generated_cbd": lambda folder: through(GENERATED, folder, together=False),
    "voxels": voxels,
    "varied_am": varied_am,
    "varied_contact": varied_contact,
    "nmc_am_cbd": lambda folder: through(NMC, folder, together=True),
    "generated_am_cbd": lambda folder: through(GENERATED, folder, together=True),
}


def conditions() -> Numbers:
    names = ("numpy", "numba", "scipy")
    return {
        "conductivity": {"CBD": CBD, "AM": AM},
        "versions": {
            "twin": twin.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in names},
        },
    }


def computed(parts: list[str], folder: Path) -> Iterator[tuple[str, Numbers]]:
    for part in parts:
        print(part, flush=True)
        yield part, PARTS[part](folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the two volumes are")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when left out")
    chosen = parser.parse_args()
    unknown = set(chosen.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; use {', '.join(PARTS)}")
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    for part, numbers in computed(chosen.parts or list(PARTS), chosen.folder):
        record = {**record, "conditions": conditions(), part: numbers}
        text = json.dumps(record, indent=1, default=float, allow_nan=False)
        RECORD.write_text(text + "\n", encoding="utf-8")
    figures(record)


def figures(record: Numbers) -> None:
    """Draw the curves, once all parts are there."""
    from carbon_binder_figures import sweeps, thresholds

    if set(PARTS) <= set(record):
        thresholds(record, HERE / "thresholds.svg")
        sweeps(record, HERE / "sweeps.svg")


if __name__ == "__main__":
    main()
