"""Li-O2 discharges inside images: `python -m benchmarks.image_discharges --out FILE.json`.

A cube for a hundred steps of growth, and a column of the whole thickness to its death. Each runs in
a process of its own, whose peak memory counts with all libraries and compiled code in it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np

import twin
from benchmarks import session
from benchmarks.compare import write
from benchmarks.measure import measured

#: Thickness of the cathode of chapter 6 of the thesis [m].
_THICKNESS: Final = 150e-6

#: Wall area of its carbon over the volume [1/m], which no voxel of a column could show.
_AREA: Final = 3.5e7


#: Called after every step.
Tick = Callable[[float, float], None]


def cube(voxels: int = 200, steps: int = 100, tick: Tick | None = None) -> twin.lio2.ImageDischarge:
    """A mat of fibres eight voxels thick, for so many steps of growth."""
    shape = (voxels, voxels, voxels)
    image = twin.generate.fibres(shape, "5nm", diameter="40nm", porosity=0.8, seed=1).volume
    stepping = twin.lio2.ImageStepping(most_steps=steps)
    return twin.lio2.discharge_image(
        image, current_density=0.5, carbon="fibre", stepping=stepping, progress=tick
    )


def column(
    voxels: int = 64, length: int = 600, tick: Tick | None = None
) -> twin.lio2.ImageDischarge:
    """A column from the separator to the oxygen, until the cut-off."""
    image = twin.generate.fibres(
        (voxels, voxels, length), _THICKNESS / length, diameter="1um", porosity=0.8, seed=1
    ).volume
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the voxels are coarse, as they must be
        return twin.lio2.discharge_image(
            image, current_density=2.4, carbon="fibre", area=_AREA, progress=tick
        )


CASES: Final = {"cube": cube, "column": column}


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.image_discharges", description=__doc__
    )
    parser.add_argument("--out", type=Path, help="file for the results, .json")
    parser.add_argument("--one", choices=CASES, help="run one case in this process and print it")
    parser.add_argument("--sizes", type=int, nargs="+", default=[], help="of that case")
    chosen = parser.parse_args(words)
    if chosen.one:
        print(json.dumps(_one(chosen.one, chosen.sizes)))
        return
    record: dict[str, Any] = {"case": "image discharges", **session.describe(), "volumes": []}
    record["runs"] = [_in_a_process(name) for name in CASES]
    write(record, chosen.out)


def _in_a_process(name: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.image_discharges", "--one", name],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _one(name: str, sizes: Sequence[int]) -> dict[str, Any]:
    """Time a case whose kernels were compiled before, on a small image."""
    CASES[name](24, 24)
    ticks: list[float] = []
    found = measured(lambda: CASES[name](*sizes, tick=lambda *_: ticks.append(perf_counter())))
    d, solves = found.value, float(found.value.table["solves"].sum())
    return {
        "name": name,
        "shape": list(d.volume.shape),
        "seconds": found.seconds,
        "seconds_of_a_step": [float(np.median(part)) for part in np.array_split(np.diff(ticks), 3)],
        "peak_bytes": found.process_bytes,
        "steps": len(d.time) - 1,
        "solves": solves,
        "filling": d.filling,
        "charge_balance": abs(d.charge_balance),
        "oxygen_imbalance": float(abs(d.table["oxygen_imbalance"]).max()),
        "reason": d.verdict.reason,
    }


def text(record: dict[str, Any]) -> str:
    """One sentence for each run, for the tables."""
    return " ".join(_sentence(run) for run in record["runs"])


def _sentence(run: dict[str, Any]) -> str:
    shape = " x ".join(map(str, run["shape"]))
    first, second, third = run["seconds_of_a_step"]
    return (
        f"The {run['name']} of {shape} voxels takes {run['seconds']:.0f} s for {run['steps']} "
        f"steps and {run['solves']:.0f} solves ({first:.1f}, {second:.1f} and {third:.1f} s for a "
        f"step in the first, second and last third of them), until {100 * run['filling']:.1f} % "
        f"of its pores are filled ({run['reason']}), with {run['peak_bytes'] / 1e9:.2f} GB at "
        f"most; charge "
        f"balances to {run['charge_balance']:.0e}, oxygen to {run['oxygen_imbalance']:.0e}."
    )


if __name__ == "__main__":
    main()
