"""The numbers and pictures of the page on the microstructure of two electrodes.

    python docs/studies/microstructure.py ../shared/data/volumes

Measures two volumes and writes `microstructure.json` and the pictures beside this file. The
tables of the page, and the numbers in its text, are read from that file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import twin

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "microstructure.json"

Numbers = dict[str, Any]

#: File, voxel edge, labels and source of each volume.
VOLUMES: Final[dict[str, tuple[str, str, dict[str, int], str]]] = {
    "nmc": (
        "nmc_1cal_am_cbd_pore.tif",
        "398nm",
        {"pore": 0, "AM": 1, "CBD": 2},
        "NREL MATBOX, electrode NMC 1-CAL (BSD-2)",
    ),
    "generated": (
        "taufactor_electrode_3phase.tif",
        "390.625nm",
        {"pore": 0, "AM": 85, "CBD": 170},
        "TauFactor, example electrode of three phases (MIT)",
    ),
}

#: Tables 1 to 3 and the supporting information of the paper, whose volumes are not public: in
#: per cent, um2 per um3 of the control volume (by voxels, as its analyses are said to be); ratio
#: of areas by voxels and by marching cubes; variation of AM by one voxel.
PAPER: Final[Numbers] = {
    "source": "Nguyen et al. 2021, doi:10.1002/aenm.202003529",
    "fraction": {"AM": (74.4, 74.1, 71.7), "CBD": (7.5, 8.8, 10.5), "pore": (18.1, 17.1, 17.8)},
    "specific_area": {"CBD": (1.12, 1.08, 1.00), "pore": (1.05, 1.07, 1.0)},
    "percolation": {"CBD": (88.2, 91.4, 93.2), "pore": (95.5, 94.6, 94.6)},
    "samples": ("MX-1", "MX-1b", "MX-2b"),
    "voxel_over_marching_cubes": (1.2, 1.3),
    "sensitivity": 6.0,
}

#: Voxels are joined in blocks of so many along each edge.
BLOCKS: Final = (1, 2, 3, 4)


def measured(name: str, folder: Path) -> Numbers:
    file, voxel, phases, source = VOLUMES[name]
    volume = twin.read(folder / file, voxel, phases)
    found = twin.characterize(volume)
    found.plot(HERE / f"microstructure-{name}.png")
    numbers = found.to_dict()
    for key in ("seconds", "seconds_compiling"):  # of a machine, not of the electrode
        del numbers[key]
    return {
        "file": file,
        "sha256": hashlib.sha256((folder / file).read_bytes()).hexdigest(),
        "source": source,
        **numbers,
        "coarser": compared([coarser(volume, block) for block in BLOCKS]),
    }


def coarser(volume: twin.Volume, block: int) -> Numbers:
    """The same volume in larger voxels, by majority."""
    numbers = twin.characterize(twin.rebin(volume, block) if block > 1 else volume).to_dict()
    names = ("spacing", "phases", "triple_lines")
    return {"block": block, **{name: numbers[name] for name in names}}


def compared(rows: list[Numbers]) -> list[Numbers]:
    """Areas over those at the voxels of the image; triple lines by edges over smooth ones."""
    first = {name: phase["specific_area"]["crofton"] for name, phase in rows[0]["phases"].items()}
    for row in rows:
        (lines,) = row["triple_lines"].values()
        row["edges_over_smooth"] = lines["density"]["edges"] / lines["density"]["smooth"]
        row["area_over_first"] = {
            name: phase["specific_area"]["crofton"] / first[name]
            for name, phase in row["phases"].items()
        }
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the two volumes are")
    folder: Path = parser.parse_args().folder
    names = ("numpy", "numba", "scikit-image")
    record = {
        "versions": {
            "twin": twin.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in names},
        },
        "paper": PAPER,
        **{name: measured(name, folder) for name in VOLUMES},
    }
    text = json.dumps(record, indent=1, default=float, allow_nan=False)
    RECORD.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
