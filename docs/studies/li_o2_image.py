"""The numbers and pictures of the study of discharges inside an image.

    python docs/studies/li_o2_image.py

writes li_o2_image.json and the pictures beside itself. Nothing is read; the image is made here.
"""

from __future__ import annotations

import json
import platform
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import li_o2_image_figures as figures
import numpy as np

import twin
from twin.lio2 import Closure, Discharge, Growth, ImageDischarge, Parameters
from twin.lio2.constants import FARADAY, MILLIAMPERE_HOUR

HERE: Final = Path(__file__).resolve().parent
RECORD: Final = HERE / "li_o2_image.json"

Numbers = dict[str, Any]

#: A mat of carbon nanotubes: porosity and diameters of the thesis's p-CNT cathode.
EDGE: Final = 56
SPACING: Final = 2.5e-9
DIAMETER: Final = 17.5e-9
POROSITY: Final = 0.83
SEED: Final = 1

#: The cell, and the current density of its cathode [A/m2]. The image carries the same current in
#: every cubic metre as the whole cathode in the mean.
CELL: Final = Parameters.of("Su2021_ch6")
CURRENT: Final = 2.4


@dataclass(frozen=True)
class Mode:
    """A way in which product grows.

    Attributes
    ----------
    name : on the page.
    growth : what is asked of the image.
    film : whether a film stops electrons.
    """

    name: str
    growth: Growth
    film: bool = True


MODES: Final = {
    "film": Mode("film that stops electrons", Growth(0.0)),
    "conducting": Mode("film that does not", Growth(0.0), film=False),
    "many": Mode("many particles", Growth(1.0, nuclei=3e15)),
    "few": Mode("few particles", Growth(1.0, nuclei=3e14)),
    "both": Mode("few particles and a film", Growth(0.8, nuclei=3e14)),
}

#: Shares of the pores at which transport is compared.
FILLINGS: Final = (0.2, 0.4, 0.6, 0.8)

#: D_eff / D, tau and coverage at those, of a throw-away prototype of this model that was written
#: before it: 64^3 voxels, random fibres of a radius of 4 voxels, porosity 0.804; all product in a
#: film next to carbon, or around particles, without kinetics.
PROTOTYPE: Final[Numbers] = {
    "empty": (0.674, 1.193),
    "film": ((0.456, 1.41, 1.00), (0.269, 1.79, 1.00), (0.084, 3.81, None), (0.0085, 18.8, None)),
    "300 particles": ((0.447, 1.44, 0.53), (0.272, 1.78, 0.77), (0.114, 2.82, 0.90),
                      (0.029, 5.60, 0.98)),
    "30 particles": ((0.450, 1.43, 0.33), (0.272, 1.77, 0.52), (0.147, 2.19, 0.68),
                     (0.058, 2.78, 0.84)),
}  # fmt: skip

#: A tomogram of a discharged cathode of carbon black: share of its pores that product fills, and
#: of its carbon that product covers.
TOMOGRAM: Final[Numbers] = {
    "source": "Z. Su, thesis 2021, chapter 2, https://theses.hal.science/tel-03951438",
    "filling": 0.21,
    "coverage": 0.28,
}

#: Nuclei per carbon area for the coverage at the filling of that tomogram [1/m2].
NUCLEI: Final = (1e14, 3e14, 1e15, 3e15, 1e16)

#: Current densities of the cathode for which laws are compared [A/m2].
CURRENTS: Final = (0.24, 2.4, 12.0)

#: Depths from the separator of the pieces of the cathode [m].
DEPTHS: Final = (148e-6, 140e-6, 120e-6, 75e-6)


def material() -> twin.Volume:
    made = twin.generate.fibres(
        (EDGE, EDGE, EDGE), SPACING, diameter=DIAMETER, porosity=POROSITY, seed=SEED
    )
    return made.volume


def local_current() -> float:
    """Over the cross-section of the image [A/m2]."""
    return CURRENT * EDGE * SPACING / CELL.cathode_thickness


def grown(volume: twin.Volume, mode: Mode, folder: Path, **options: Any) -> ImageDischarge:
    cell = CELL if mode.film else CELL.replace(film="none")
    return twin.lio2.discharge_image(
        volume, cell, local_current(), carbon="fibre", growth=mode.growth, folder=folder, **options
    )


def in_modes(volume: twin.Volume, folder: Path) -> tuple[dict[str, ImageDischarge], Numbers]:
    """All modes to their ends, with pictures of two of them."""
    runs, found = {}, {}
    for key, mode in MODES.items():
        runs[key] = d = grown(volume, mode, folder / key)
        found[key] = {"name": mode.name, **kept(d), "at": [at(d, share) for share in FILLINGS]}
        if key in ("film", "few", "both"):
            figures.sheet(d, HERE / f"li-o2-image-{key}.png")
    return runs, found


def kept(d: ImageDischarge) -> Numbers:
    numbers = d.to_dict()
    last = {name: float(values[-1]) for name, values in d.table.items()}
    every = max(1, len(d.time) // 150)
    particles = d.final.particles
    return {
        "capacity": numbers["specific_capacity"],
        "mean_voltage": numbers["mean_voltage"],
        "reason": d.verdict.reason,
        "losses": dict(d.verdict.losses),
        "charge_balance": d.charge_balance,
        "oxygen_imbalance": float(np.nanmax(np.abs(d.table["oxygen_imbalance"]))),
        "steps": len(d.time) - 1,
        "particles": 0 if particles is None else len(particles.volume),
        **{name: last[name] for name in ("filling", "coverage", "thickness", "largest_thickness",
                                         "accessible", "trapped")},
        "transport": {
            name: [v if np.isfinite(v) else None for v in values.tolist()]
            for name, values in d.transport.items()
        },
        "curve": {name: d.table[name][::every].tolist()
                  for name in ("filling", "voltage", "coverage")},
    }  # fmt: skip


def at(d: ImageDischarge, share: float) -> Numbers | None:
    """Transport and coverage at a filling; None beyond the end."""
    t = d.transport
    if share > t["filling"][-1]:
        return None
    ratio = float(np.interp(share, t["filling"], t["relative_diffusivity"]))
    porosity = float(t["porosity"][0]) * (1.0 - share)
    coverage = float(np.interp(share, d.table["filling"], d.table["coverage"]))
    reached = float(np.interp(share, d.table["filling"], d.table["accessible"]))
    return {
        "relative_diffusivity": ratio, "tortuosity_factor": porosity / ratio,
        "coverage": coverage, "accessible": reached / (1.0 - share),
    }  # fmt: skip


def coverages(volume: twin.Volume, folder: Path) -> list[Numbers]:
    """Coverage at the filling of the tomogram, against nuclei per area."""
    room = volume.volume_fraction("pore") * EDGE * SPACING
    per_room = CELL.electrons * FARADAY / CELL.product_molar_volume
    limit = TOMOGRAM["filling"] * room * per_room
    found = []
    for nuclei in NUCLEI:
        mode = Mode("", Growth(1.0, nuclei=nuclei))
        d = grown(volume, mode, folder / f"{nuclei:g}", capacity=limit)
        assert d.final.particles is not None
        found.append({
            "nuclei": nuclei, "particles": len(d.final.particles.volume),
            "coverage": d.coverage, "filling": d.filling,
            "diameter": float(np.median(6.0 * d.final.particles.volume / np.pi) ** (1 / 3)),
        })  # fmt: skip
    return found


def laws(volume: twin.Volume, runs: dict[str, ImageDischarge]) -> dict[str, Parameters]:
    """Cells of one thickness with the porosity of the image, and what product does to it."""
    archie = Parameters.from_image(volume, "pore", "fibre", base=CELL)
    closures: dict[str, Closure] = {key: runs[key].closure for key in ("film", "both", "few")}
    return {"archie": archie, **{key: one.into(CELL) for key, one in closures.items()}}


def across(cells: dict[str, Parameters]) -> Numbers:
    """V(Q) of the whole cathode with every law, at every current, by its name in µA/cm²."""
    return {
        key: {f"{100 * current:.0f}": curve(twin.lio2.discharge(cell, current_density=current))
              for current in CURRENTS}
        for key, cell in cells.items()
    }  # fmt: skip


def curve(d: Discharge) -> Numbers:
    return {
        "capacity": d.areal_capacity, "mean_voltage": d.mean_voltage, "cause": d.cause,
        "filling": d.pore_filling,
        "charge": (d.charge / (1e4 * MILLIAMPERE_HOUR)).tolist(), "voltage": d.voltage.tolist(),
    }  # fmt: skip


def pieces(volume: twin.Volume, cell: Parameters) -> list[Numbers]:
    """The image at depths of the cathode, with particles and a film."""
    run = twin.lio2.discharge(cell, current_density=CURRENT)
    centres = run.position[run.in_cathode] - run.parameters.separator_thickness
    found = []
    for depth in DEPTHS:
        d = twin.lio2.discharge_at(
            volume, run, depth, parameters=CELL, carbon="fibre", growth=MODES["both"].growth
        )
        product = run.profile("product")[-1, run.in_cathode]
        found.append({
            "depth": depth, "filling": d.filling, "coverage": d.coverage,
            "relative_diffusivity": float(d.transport["relative_diffusivity"][-1]),
            "thickness": float(d.table["thickness"][-1]),
            "oxygen": float(np.interp(0.5 * d.time[-1], d.time, d.table["oxygen"])),
            "model": float(np.interp(depth, centres, product)) / run.parameters.porosity,
        })  # fmt: skip
    return found


def main() -> None:
    volume = material()
    tau = twin.tortuosity(volume, "pore").tortuosity_factor
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs, found = in_modes(volume, folder)
        cells = laws(volume, runs)
        record: Numbers = {
            "versions": {
                "twin": twin.__version__,
                "python": platform.python_version(),
                **{name: version(name) for name in ("numpy", "numba", "scipy")},
            },
            "image": {
                "edge": EDGE, "spacing": SPACING, "diameter": DIAMETER, "side": EDGE * SPACING,
                "porosity": volume.volume_fraction("pore"), "tortuosity_factor": tau,
                "area": cells["archie"].growth(np.zeros(1))[0, 0],
                "exponent": runs["film"].closure.exponent, "current_density": local_current(),
            },
            "prototype": PROTOTYPE,
            "tomogram": TOMOGRAM,
            "modes": found,
            "coverage": coverages(volume, folder),
            "cells": across(cells),
            "pieces": pieces(volume, cells["both"]),
        }  # fmt: skip
    figures.transport(record, HERE / "li-o2-image-transport.svg")
    figures.curves(record, HERE / "li-o2-image-curves.svg")
    text = json.dumps(record, indent=1, default=float, allow_nan=False)
    RECORD.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
