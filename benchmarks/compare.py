"""Our solver and its peers on the same volumes: `python -m benchmarks.compare --help`.

Every run is a process of its own with a time limit, one after the other. The results are written
after each run, so what was measured before an interruption is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from benchmarks import session, volumes
from benchmarks.measure import seconds_to_copy
from benchmarks.tools import REFERENCES, TOOLS, relative_error
from benchmarks.volumes import ROOT, Image, Problem

PEERS: Final = ("taufactor", "porespy")
_PERCENTS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

#: What a reader of the JSON has to know.
NOTES: Final = (
    "seconds: the whole call, from an array in memory to the answer (for twin: labels, trimming, "
    "set-up, solve, checks), compilation apart; median of seconds_each.",
    "peak_bytes: high-water mark of resident memory above that before the call, of all repeats.",
    "process_bytes: the high-water mark itself: interpreter, libraries and labels included.",
    "passes: seconds over copy_seconds, the time of one copy of a float32 array of the volume's "
    "size (NumPy, one thread) in the same session.",
    "error: relative error of D_eff to a tight answer of the same convention. twin and TauFactor "
    "hold the concentrations on the outer faces and are compared with twin at tolerance 1e-11 in "
    "double precision; PoreSpy holds them on the first and last voxel centres with a length of "
    "N - 1, and is compared with itself at tol 1e-10.",
    "convention_difference: relative difference of D_eff from the reference of the outer faces.",
    "tau_e: that of TauFactor's ElectrodeSolver has a full voxel to the separator and lets the "
    "collector and the sides charge; its error is against ours, so that it holds this too.",
    "flux_imbalance: (largest - smallest) / mean flow through the planes across the axis.",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Defaults of a case; `problems` takes the options of the command line."""

    problems: Callable[[argparse.Namespace], list[Problem]]
    sizes: tuple[int, ...] = ()
    porosities: tuple[float, ...] = ()
    axes: str = "x"
    tools: tuple[str, ...] = ("twin",)


CASES: Final = {
    "taufactor2_500": Case(lambda o: volumes.benchmark_500(o.axes), axes="xyz"),
    "blobs": Case(
        lambda o: volumes.porespy_blobs(o.sizes, o.porosities, o.axes),
        (100, 200, 300), (0.2, 0.5, 0.8), tools=("twin", *PEERS),
    ),
    "growth": Case(
        lambda o: volumes.growth(o.sizes, o.porosities, o.axes), (100, 200, 400), (0.2, 0.5, 0.8)
    ),
    "composites": Case(
        lambda o: volumes.composites(o.sizes, o.axes), (100, 301), axes="z", tools=("twin", *PEERS)
    ),
    "electrodes": Case(
        lambda o: volumes.electrodes(o.sizes, o.axes), (64, 128, 256), axes="x",
        tools=("twin", "twin-electrode", "twin-spectrum", "taufactor-electrode"),
    ),
    "memory": Case(lambda o: volumes.memory(o.sizes, o.porosities, o.axes), (200,), _PERCENTS),
}  # fmt: skip


def options(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("--case", required=True, choices=sorted(CASES))
    parser.add_argument("--out", required=True, type=Path, help="file for the results, .json")
    parser.add_argument("--sizes", type=int, nargs="+", help="edges of the volumes [voxels]")
    parser.add_argument("--porosities", type=float, nargs="+")
    parser.add_argument("--axes", help="driven axes, as xyz")
    parser.add_argument("--tools", nargs="+", choices=sorted(TOOLS))
    parser.add_argument("--repeats", type=int, default=3, help="of twin; peers run once")
    parser.add_argument("--limit", type=float, default=900, help="of one run [s]")
    parser.add_argument(
        "--skip-porespy-reference", action="store_true",
        help="no tight run of PoreSpy, which takes longer than the default one; no error then",
    )  # fmt: skip
    chosen = parser.parse_args(words)
    case = CASES[chosen.case]
    for name in ("sizes", "porosities", "axes", "tools"):
        if getattr(chosen, name) is None:
            setattr(chosen, name, getattr(case, name))
    return chosen


def main(words: list[str] | None = None) -> None:
    chosen = options(words)
    problems = CASES[chosen.case].problems(chosen)
    record = {
        "case": chosen.case, "tools": list(chosen.tools), **session.describe(),
        "notes": list(NOTES), "volumes": [],
    }  # fmt: skip
    for problem in problems:
        measure_volume(problem, chosen, record)


def measure_volume(problem: Problem, chosen: argparse.Namespace, record: dict[str, Any]) -> None:
    """All axes and tools on one volume, added to the record as they come."""
    print(problem.name, flush=True)
    labels = problem.make()
    entry = {**describe_volume(problem, labels), "runs": []}
    record["volumes"].append(entry)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "labels.npy"
        np.save(file, labels)
        del labels
        for axis in chosen.axes:
            references: dict[str, dict[str, Any]] = {}
            for tool in schedule(problem, chosen):
                run = run_tool(tool, problem, file, axis, chosen)
                complete(run, tool, references, entry)
                entry["runs"].append(run)
                write(record, chosen.out)
                report(run)


def schedule(problem: Problem, chosen: argparse.Namespace) -> list[str]:
    """Tools in the order of their runs: a reference before those that are compared with it."""
    tools: list[str] = []
    for tool in chosen.tools:
        reference = REFERENCES.get(tool, "")
        wanted = problem.reference and not (tool == "porespy" and chosen.skip_porespy_reference)
        if tool == "porespy" and len(problem.conductivities) > 2:
            continue  # it solves for one conductivity
        tools += [reference] if wanted and reference and reference not in tools else []
        tools.append(tool)
    return tools


def describe_volume(problem: Problem, labels: Image) -> dict[str, Any]:
    return {
        "name": problem.name,
        **problem.facts,
        "shape": list(labels.shape),
        "volume_fraction": float(np.array(problem.conductivities)[labels].astype(bool).mean()),
        "conductivities": list(problem.conductivities),
        "sha256": hashlib.sha256(labels.tobytes()).hexdigest(),
        "copy_seconds": seconds_to_copy(labels.shape),
    }


def run_tool(
    tool: str, problem: Problem, labels: Path, axis: str, chosen: argparse.Namespace
) -> dict[str, Any]:
    """Run a tool, twin several times; what it found, and what it took."""
    ours = TOOLS[tool].distribution == "twin" and tool not in REFERENCES.values()
    repeats = chosen.repeats if ours else 1
    found = []
    for _ in range(repeats):
        found.append(run_once(tool, problem, labels, axis, chosen.limit))
        if found[-1]["outcome"] != "done":
            break
    run = {"tool": tool, "axis": axis, "settings": TOOLS[tool].settings, **found[-1]}
    run["convention"] = TOOLS[tool].convention
    if run["outcome"] == "done":
        each = [one["seconds"] - one.get("seconds_compiling", 0.0) for one in found]
        run |= {"seconds": median(each), "seconds_each": each}
        for key in ("peak_bytes", "process_bytes"):
            run[key] = max((one[key] for one in found if one[key] is not None), default=None)
    return run


def run_once(tool: str, problem: Problem, labels: Path, axis: str, limit: float) -> dict[str, Any]:
    """One process; a failure or the time limit is an outcome like another."""
    answer, job = labels.with_name("answer.json"), labels.with_name("job.json")
    answer.unlink(missing_ok=True)
    task = {
        "tool": tool, "labels": str(labels), "axis": "xyz".index(axis), "answer": str(answer),
        "conductivities": problem.conductivities,
    }  # fmt: skip
    job.write_text(json.dumps(task), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.worker", str(job)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=limit, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"outcome": f"stopped at the limit of {limit:g} s", "seconds_at_least": limit}
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or ["no message"]
        return {"outcome": f"failed with exit code {done.returncode}: {words[-1]}"}
    return {"outcome": "done", **json.loads(answer.read_text(encoding="utf-8"))}


def complete(
    run: dict[str, Any], tool: str, references: dict[str, dict[str, Any]], volume: dict[str, Any]
) -> None:
    """Add what follows from the volume and from the reference."""
    if run["outcome"] != "done":
        return
    run["passes"] = run["seconds"] / volume["copy_seconds"]
    if run["peak_bytes"] is not None:
        run["bytes_per_voxel"] = run["peak_bytes"] / math.prod(volume["shape"])
        if "conducting_voxels" in run:
            run["bytes_per_conducting_voxel"] = run["peak_bytes"] / run["conducting_voxels"]
    if tool in REFERENCES.values():
        references[tool] = run
        return
    if REFERENCES.get(tool) in references:
        run["error"] = relative_error(run, references[REFERENCES[tool]])
    if "twin-reference" in references and TOOLS[tool].convention != TOOLS["twin"].convention:
        run["convention_difference"] = relative_error(run, references["twin-reference"])


def without_infinities(value: Any) -> Any:
    """JSON has no infinity and no nan: they become the words for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: without_infinities(entry) for key, entry in value.items()}
    return [without_infinities(entry) for entry in value] if isinstance(value, list) else value


def write(record: dict[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    text = json.dumps(without_infinities(record), indent=1, allow_nan=False)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def report(run: dict[str, Any]) -> None:
    line = f"  {run['axis']} {run['tool']:18}"
    if run["outcome"] != "done":
        print(f"{line} {run['outcome']}", flush=True)
        return
    peak = "?" if run["peak_bytes"] is None else f"{run['bytes_per_voxel']:.1f}"
    error = f", error {run['error']:.1e}" if "error" in run else ""
    print(
        f"{line} {run['seconds']:.3f} s, {run['passes']:.0f} passes, {peak} bytes per voxel, "
        f"tau {run['tortuosity_factor']:.6g}{error}",
        flush=True,
    )


if __name__ == "__main__":
    main()
