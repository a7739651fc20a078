"""Tables of stored results, in Markdown. Every number comes from the results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean
from typing import Any, Final

from benchmarks import discharges as one_dimension
from benchmarks import image_discharges
from benchmarks.stored import Measured, Run, Session, of_case

_NAMES: Final = {"twin": "twin", "taufactor": "TauFactor", "porespy": "PoreSpy"}
_GIB: Final = 2**30
_OUT_OF_MEMORY: Final = ("MemoryError", "bad_alloc", "enough memory", "can't allocate memory")
Rows = list[list[str]]


def short(sessions: list[Session]) -> str:
    """What the README shows."""
    parts = [
        benchmark_500(sessions), blobs(sessions), composites(sessions), electrodes(sessions),
        growth(sessions),
        memory(sessions), discharges(sessions),
    ]  # fmt: skip
    shown = [part for part in parts if part]
    return "\n\n".join([*shown, provenance(sessions)] if shown else [])


def full(sessions: list[Session], picture: str) -> str:
    """What the page of the documentation shows."""
    details_ = details(sessions)
    parts = [
        f"![Wall time, iterations and memory]({picture})" if sessions else "",
        _under("The 500³ benchmark", benchmark_500(sessions)),
        _under("Blobs, beside the peers", blobs(sessions)),
        _under("Composites", composites(sessions)),
        _under("Electrodes", electrodes(sessions)),
        _under("Each run", details_),
        _under("Iterations", growth(sessions)),
        _under("Memory", memory_table(sessions)),
        _under("Li-O2 discharges", discharges(sessions)),
        _under("Where and with what", provenance(sessions)),
    ]
    return "\n\n".join(part for part in parts if part)


def benchmark_500(sessions: list[Session]) -> str:
    """Per axis and in the mean, beside the published values and times."""
    found = of_case(sessions, "taufactor2_500")
    if not found:
        return ""
    entry = found[0]
    done = [(axis, run) for axis in entry.axes if (run := _done(entry, "twin", axis))]
    if not done:
        return ""
    published = entry.volume["published_tortuosity_factor"]
    rows = [
        [axis, f"{run['tortuosity_factor']:.6f}", f"{published[axis]}", *_costs(run)]
        for axis, run in done
    ]
    rows.append(["mean", "", "", *_mean_costs([run for _, run in done])])
    head = [
        "axis", "tau", "published", "seconds", "passes", "iterations", "peak GiB", "B/voxel",
        "process GiB",
    ]  # fmt: skip
    times = ", ".join(f"{k} {v} s" for k, v in entry.volume["published_seconds"].items())
    return (
        f"The 500³ volume of {entry.volume['source']}. Times published there, on other computers, "
        f"mean of the three directions: {times}. Here `twin` takes:\n\n{table(head, rows)}"
    )


def _costs(run: Run) -> list[str]:
    peak = run["peak_bytes"]
    memory_ = [""] * 3
    if peak is not None:
        whole = run["process_bytes"]
        memory_ = [f"{peak / _GIB:.2f}", f"{run['bytes_per_voxel']:.1f}", f"{whole / _GIB:.2f}"]
    return [f"{run['seconds']:.2f}", f"{run['passes']:.0f}", f"{run['iterations']}", *memory_]


def _mean_costs(runs: list[Run]) -> list[str]:
    seconds, passes = mean(r["seconds"] for r in runs), mean(r["passes"] for r in runs)
    return [f"{seconds:.2f}", f"{passes:.0f}", *[""] * 4]


def blobs(sessions: list[Session]) -> str:
    """Time of each tool, how many times faster ours is, and the errors."""
    peers = ("taufactor", "porespy")
    rows = []
    for entry in of_case(sessions, "blobs"):
        ours = _done(entry, "twin")
        if ours is None:
            continue
        row = [
            f"{entry.volume['size']}³", f"{entry.volume['porosity']}",
            f"{ours['seconds']:.2f}", f"{ours['passes']:.0f}", _error(ours),
        ]  # fmt: skip
        for peer in peers:
            row += _against(entry.run(peer), ours)
        rows.append(row)
    if not rows:
        return ""
    head = ["volume", "porosity", "twin [s]", "passes", "error"]
    for peer in peers:
        head += [f"{_NAMES[peer]} [s]", "twin is faster", "error"]
    return (
        "PoreSpy's blobs, each tool with its default settings; the error is that of D_eff, "
        f"against a tight answer with the same boundary convention:\n\n{table(head, rows)}"
    )


def composites(sessions: list[Session]) -> str:
    """Phases alone and together in one cathode, and what each tool takes."""
    peers = ("taufactor", "porespy")
    rows = []
    for entry in of_case(sessions, "composites"):
        ours = _done(entry, "twin", "z")
        if ours is None:
            continue
        row = [
            entry.volume["part"], entry.volume["conducts"], f"{ours['seconds']:.2f}",
            f"{ours['passes']:.0f}", f"{ours['iterations']}", _error(ours),
            f"{ours.get('bytes_per_conducting_voxel', math.nan):.0f}",
        ]  # fmt: skip
        for peer in peers:
            row += _against(entry.run(peer, "z"), ours)[:2]
        rows.append(row)
    if not rows:
        return ""
    head = ["volume", "conducts", "twin [s]", "passes", "iterations", "error", "B/conducting voxel"]
    for peer in peers:
        head += [f"{_NAMES[peer]} [s]", "twin is faster"]
    return (
        "Conduction along z through an NMC cathode (NREL MATBOX, 1-CAL, 251 x 301 x 301 voxels) "
        "and through a corner of it, each tool with its default settings; PoreSpy solves for one "
        f"conductivity only:\n\n{table(head, rows)}"
    )


def electrodes(sessions: list[Session]) -> str:
    """The electrode tortuosity factor and a spectrum, as multiples of the flux through."""
    rows = []
    for entry in of_case(sessions, "electrodes"):
        through = _done(entry, "twin", "x")
        runs = {name: _done(entry, f"twin-{name}", "x") for name in ("electrode", "spectrum")}
        if through is None or None in runs.values():
            continue
        row = [f"{entry.volume['size']}³", f"{through['seconds']:.3g}"]
        for run in runs.values():
            row += [f"{run['seconds']:.3g}", f"{run['seconds'] / through['seconds']:.2f}"]
        tau = runs["electrode"]["tortuosity_factor"]
        row += [f"{runs['spectrum']['solves']}", f"{tau:.5f}", _error(runs["electrode"])]
        row += _against(entry.run("taufactor-electrode", "x"), runs["electrode"])
        rows.append(row)
    if not rows:
        return ""
    head = [
        "pores", "tau [s]", "tau_e [s]", "over tau", "spectrum [s]", "over tau", "solves",
        "tau_e", "error", "TauFactor tau_e [s]", "twin is faster", "difference",
    ]  # fmt: skip
    return (
        "Electrode tortuosity factor and impedance at 60 frequencies over seven decades, along x "
        "through corners of TauFactor's three-phase electrode, all solid reactive, each tool with "
        "its default settings. The last column is the difference of TauFactor's tau_e from the "
        "exact one of the voxels; TauFactor has other boundaries (a full voxel to the separator, "
        f"collector and sides that charge too), which is part of it:\n\n{table(head, rows)}"
    )


def _against(run: Run | None, ours: Run) -> list[str]:
    if run is None:
        return ["", "", ""]
    if run["outcome"] == "done":
        ratio = run["seconds"] / ours["seconds"]
        return [f"{run['seconds']:.3g}", f"{ratio:.3g} times", _error(run)]
    if "seconds_at_least" in run:
        least = run["seconds_at_least"]
        return [f"over {least:g}", f"over {least / ours['seconds']:.3g} times", ""]
    full_ = any(sign in run["outcome"] for sign in _OUT_OF_MEMORY)
    return ["out of memory" if full_ else "failed", "", ""]


def _error(run: Run) -> str:
    return f"{float(run['error']):.0e}" if "error" in run else ""


def details(sessions: list[Session]) -> str:
    """A row for every run beside peers."""
    rows = []
    entries = [
        entry
        for case in ("blobs", "composites", "electrodes", "taufactor2_500")
        for entry in of_case(sessions, case)
    ]
    for entry in entries:
        for (tool, axis), run in sorted(entry.runs.items(), key=lambda item: item[0][::-1]):
            rows.append([entry.volume["name"], axis, tool, *_detail(run)])
    head = [
        "volume", "axis", "tool", "D_eff/D0", "tau as given", "seconds", "passes", "iterations",
        "imbalance", "error", "peak GiB", "B/voxel",
    ]  # fmt: skip
    return table(head, rows) if rows else ""


def _detail(run: Run) -> list[str]:
    if run["outcome"] != "done":
        return ["", "", run["outcome"], *[""] * 6]
    peak = run["peak_bytes"]
    return [
        _number(run["relative_diffusivity"], ".8g"),
        _number(run["tortuosity_factor"], ".8g"),
        f"{run['seconds']:.3g}",
        f"{run['passes']:.0f}",
        str(run.get("iterations", "")),
        _number(run["flux_imbalance"], ".0e"),
        _error(run),
        "" if peak is None else f"{peak / _GIB:.2f}",
        "" if peak is None else f"{run['bytes_per_voxel']:.1f}",
    ]


def growth(sessions: list[Session]) -> str:
    """Iterations for larger and larger volumes of one material."""
    found = [e for e in of_case(sessions, "growth") if _done(e, "twin")]
    sizes = sorted({entry.volume["size"] for entry in found})
    rows = []
    for porosity in sorted({entry.volume["porosity"] for entry in found}):
        runs = {e.volume["size"]: e.runs["twin", "x"] for e in found
                if e.volume["porosity"] == porosity}  # fmt: skip
        counts = [int(run["iterations"]) for _, run in sorted(runs.items()) if run["percolates"]]
        growth_ = f"{counts[-1] / counts[0]:.2f} times" if len(counts) > 1 else ""
        rows.append([f"{porosity}", *(_iterations(runs.get(size)) for size in sizes), growth_])
    if not rows:
        return ""
    head = ["porosity", *(f"{size}³" for size in sizes), "last over first"]
    return f"Iterations, for volumes of one material:\n\n{table(head, rows)}"


def _iterations(run: Run | None) -> str:
    if run is None:
        return ""
    return str(run["iterations"]) if run["percolates"] else "does not percolate"


def memory(sessions: list[Session]) -> str:
    """One sentence: the least and the most, over all porosities."""
    found = [
        (float(run["bytes_per_voxel"]), entry)
        for entry in of_case(sessions, "memory")
        if (run := _done(entry, "twin")) and run["percolates"] and "bytes_per_voxel" in run
    ]
    if not found:
        return ""
    least, most = min(found, key=lambda f: f[0]), max(found, key=lambda f: f[0])
    return (
        f"Memory above that of the labels, over {len(found)} volumes of porosity "
        f"{min(e.volume['porosity'] for _, e in found)} to "
        f"{max(e.volume['porosity'] for _, e in found)}: from {least[0]:.1f} bytes per voxel of "
        f"the volume ({least[1].volume['name']}) to {most[0]:.1f} ({most[1].volume['name']})."
    )


def memory_table(sessions: list[Session]) -> str:
    rows = []
    for entry in of_case(sessions, "memory"):
        run = _done(entry, "twin")
        if run is not None:
            rows.append([
                entry.volume["material"], f"{entry.volume['size']}³",
                f"{entry.volume['porosity']}", "yes" if run["percolates"] else "no",
                f"{run['bytes_per_voxel']:.1f}" if "bytes_per_voxel" in run else "",
                f"{run['seconds']:.2f}", f"{run['passes']:.0f}",
            ])  # fmt: skip
    head = ["material", "volume", "porosity", "percolates", "B/voxel", "seconds", "passes"]
    return f"{memory(sessions)}\n\n{table(head, rows)}" if rows else ""


def discharges(sessions: list[Session]) -> str:
    """One paragraph for each case, of its latest session."""
    parts = []
    for case, text in _DISCHARGES.items():
        found = [session for session in sessions if session["case"] == case]
        parts += [text(found[-1])] if found else []
    return "\n\n".join(parts)


#: Cases of discharges, and what makes their paragraphs.
_DISCHARGES: Final = {
    "discharges": one_dimension.text, "image discharges": image_discharges.text,
}  # fmt: skip


def provenance(sessions: list[Session]) -> str:
    """Machine, versions, commit and date of everything that is shown."""
    cases = ("taufactor2_500", "blobs", "composites", "electrodes", "growth", "memory")
    shown = [entry for case in cases for entry in of_case(sessions, case)]
    lines: dict[str, list[str]] = {}
    for entry in shown:
        lines.setdefault(_where(entry.session), []).append(entry.session["case"])
    for session in sessions:
        if session["case"] in _DISCHARGES:
            lines.setdefault(_where(session), []).append(session["case"])
    return "\n".join(
        f"- {', '.join(dict.fromkeys(names))}: {where}" for where, names in lines.items()
    )


def _where(session: Session) -> str:
    machine, versions = session["machine"], session["versions"]
    tools = ", ".join(
        f"{_NAMES.get(name, name)} {versions[name]}"
        for name in ("twin", "taufactor", "torch", "porespy", "numba", "numpy", "python")
        if versions.get(name)
    )
    changed = " with uncommitted changes" if session["uncommitted_changes"] else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / _GIB:.0f} GiB; {tools}; commit "
        f"`{session['commit'][:10]}`{changed}; {session['started'][:10]}"
    )


def table(head: Sequence[str], rows: Rows) -> str:
    lines = [list(head), ["---:"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _under(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if text else ""


def _done(entry: Measured, tool: str, axis: str = "x") -> Run | None:
    run = entry.run(tool, axis)
    return run if run is not None and run["outcome"] == "done" else None


def _number(value: Any, form: str) -> str:
    number = float(value)
    return format(number, form) if math.isfinite(number) else ""
