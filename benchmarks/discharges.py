"""Li-O2 discharges, one and many: `python -m benchmarks.discharges --out FILE.json`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import twin
from benchmarks import session
from benchmarks.asv_lio2 import Lio2Eight, _discharge
from benchmarks.asv_sweep import _diffusivities
from benchmarks.asv_sweep import _discharge as point
from benchmarks.compare import write

#: Repeats of what takes a fraction of a second.
_REPEATS: Final = 15


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discharges", description=__doc__)
    parser.add_argument("--out", required=True, type=Path, help="file for the results, .json")
    parser.add_argument("--points", type=int, default=1000, help="of the sweeps")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], help="processes of each")
    chosen = parser.parse_args(words)
    record: dict[str, Any] = {"case": "discharges", **session.describe(), "volumes": []}
    _discharge()  # compiles
    record["discharge_seconds_each"] = _times(_discharge)
    record["eight_seconds_each"] = _times(Lio2Eight().time_eight)
    record["sweeps"] = [_sweep(chosen.points, jobs) for jobs in chosen.jobs]
    write(record, chosen.out)


def _times(call: Callable[[], Any]) -> list[float]:
    found = []
    for _ in range(_REPEATS):
        start = perf_counter()
        call()
        found.append(perf_counter() - start)
    return found


def _sweep(points: int, jobs: int) -> dict[str, Any]:
    """A sweep by processes that were started and have compiled before."""
    with tempfile.TemporaryDirectory() as folder:

        def sweep(count: int) -> twin.Sweep:
            return twin.sweep(
                point, x=_diffusivities(count), store=Path(folder) / f"{count}.db", jobs=jobs,
                workers="processes", progress=False,
            )  # fmt: skip

        sweep(2 * jobs)
        start = perf_counter()
        found = sweep(points)
        seconds = perf_counter() - start
    bytes_each = found.column("bytes")
    return {
        "points": points, "jobs": jobs, "seconds": seconds, "largest_bytes": float(max(bytes_each)),
    }  # fmt: skip


def text(record: dict[str, Any]) -> str:
    """One paragraph for the tables."""
    one, eight = (median(record[f"{name}_seconds_each"]) for name in ("discharge", "eight"))
    sweeps = "; ".join(
        f"{s['points']} points with {s['jobs']} process{'es' if s['jobs'] > 1 else ''} "
        f"{s['seconds']:.1f} s"
        for s in record["sweeps"]
    )
    largest = max(s["largest_bytes"] for s in record["sweeps"]) / 1e6
    return (
        "A discharge of a Li-O2 cell (the set Su2021_ch6 at 2.4 A/m2, 100 cells of the cathode) "
        f"takes {1e3 * one:.0f} ms, the eight of chapter 6 of the thesis one after the other "
        f"{eight:.2f} s (medians of {len(record['discharge_seconds_each'])}); sweeps, with every "
        f"point on disk at once: {sweeps}; {largest:.0f} MB in the largest process."
    )


if __name__ == "__main__":
    main()
