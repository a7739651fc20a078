"""The numbers and pictures of the study of the electrode tortuosity factor.

    python docs/studies/electrode_tortuosity.py ../shared/data/volumes

writes electrode_tortuosity.json and the pictures beside itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import twin

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "electrode_tortuosity.json"

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

#: Table 3 of the paper, whose volumes are not public: porosity in per cent, tortuosity factors and
#: MacMullin numbers; z runs through the electrode.
PAPER: Final[Numbers] = {
    "source": "Nguyen et al. 2021, doi:10.1002/aenm.202003529",
    "samples": ("MX-1", "MX-1b", "MX-2b"),
    "porosity": (18.1, 17.1, 17.8),
    "through": {"x": (8.13, 9.31, 7.31), "z": (4.12, 4.15, 3.74)},
    "electrode": {"x": (8.51, 8.57, 6.97), "z": (3.78, 3.95, 3.56)},
    "through_number": {"x": (45.17, 54.44, 41.07), "z": (22.88, 24.15, 21.05)},
    "electrode_number": {"x": (47.28, 50.12, 39.16), "z": (20.87, 22.99, 20.00)},
}

AXES: Final = ("x", "z")

#: What the walls are: phases with a double layer, and how faces count.
WALLS: Final[Mapping[str, tuple[tuple[str, ...], Literal["voxel", "smooth"]]]] = {
    "AM + CBD": (("AM", "CBD"), "voxel"),
    "AM": (("AM",), "voxel"),
    "AM + CBD, smooth": (("AM", "CBD"), "smooth"),
}

#: Of the spectrum: volume and axis, conductivity of the electrolyte [S/m] and capacitance [F/m2],
#: which no ratio of resistances depends on.
SPECTRUM: Final = ("nmc", "x", 1.0, 0.1)

#: What of a result is kept; times are of a machine, not of the electrode.
KEPT: Final = (
    "tortuosity_factor", "macmullin_number", "accessible_tortuosity_factor", "volume_fraction",
    "accessible_porosity", "accessible_fraction", "specific_area", "wall_areas", "lower_bound",
    "residual", "imbalance", "estimated_error",
)  # fmt: skip


def measured(name: str, folder: Path) -> tuple[twin.Volume, Numbers]:
    file, voxel, phases, source = VOLUMES[name]
    volume = twin.read(folder / file, voxel, phases)
    numbers = {
        "file": file,
        "sha256": hashlib.sha256((folder / file).read_bytes()).hexdigest(),
        "source": source,
        "shape": list(volume.shape),
        "spacing": list(volume.spacing),
        "axes": {axis: along(name, volume, axis) for axis in AXES},
    }
    return volume, numbers


def along(name: str, volume: twin.Volume, axis: Literal["x", "z"]) -> Numbers:
    """Both orientations for all kinds of walls, and the flux through."""
    found: Numbers = {}
    for walls, (reactive, area) in WALLS.items():
        first = walls == "AM + CBD"
        e = twin.electrode_tortuosity(
            volume, "pore", axis, reactive=reactive, area=area, flip=True, through=first
        )
        found[walls] = {one.separator: kept(one) for one in e.orientations()}
        if first:
            found["through"] = e.through.tortuosity_factor
            e.plot(HERE / f"electrode-{name}-{axis}.png")
    return found


def kept(one: twin.ElectrodeTortuosity) -> Numbers:
    numbers = one.to_dict()
    return {key: numbers[key] for key in KEPT}


def spectrum_of(volume: twin.Volume) -> Numbers:
    """The spectrum of one electrode, and what lines fitted to it find."""
    name, axis, conductivity, capacitance = SPECTRUM
    z = twin.impedance(volume, "pore", axis, conductivity=conductivity, capacitance=capacitance)
    fits = {
        f"{element}, {weighting}": twin.fit_transmission_line(
            z.spectrum, element=element, weighting=weighting
        )
        for element in ("capacitor", "CPE")
        for weighting in ("unit", "modulus", "proportional")
    }
    dip = z.spectrum.phase_minimum()
    fit = fits["CPE, modulus"]
    fit.plot(HERE / "electrode-spectrum.png")
    return {
        "volume": name,
        "axis": axis,
        "conductivity": conductivity,
        "capacitance": capacitance,
        "ionic_resistance": z.ionic_resistance,
        "estimated_error": z.estimated_error,
        "solves": z.solves,
        "frequencies": len(z.frequency),
        "frequency_range": [float(z.frequency.min()), float(z.frequency.max())],
        "phase_minimum": dip.angle if dip else None,
        "ratios": {name: fit.ratio(z.ionic_resistance) for name, fit in fits.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the two volumes are")
    folder: Path = parser.parse_args().folder
    record: Numbers = {
        "versions": {
            "twin": twin.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "numba", "scipy")},
        },
        "paper": PAPER,
    }
    for name in VOLUMES:
        volume, record[name] = measured(name, folder)
        if name == SPECTRUM[0]:
            record["spectrum"] = spectrum_of(volume)
    text = json.dumps(record, indent=1, default=float, allow_nan=False)
    RECORD.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
