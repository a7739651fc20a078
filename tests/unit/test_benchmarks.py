"""The runner behind the benchmarks: what it measures, and what it writes into tables."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import twin

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def benchmarks_package():
    """`benchmarks` is no installed package: found by its file, so that `twin` is not."""
    file = ROOT / "benchmarks" / "__init__.py"
    spec = importlib.util.spec_from_file_location(
        "benchmarks", file, submodule_search_locations=[str(file.parent)]
    )
    sys.modules["benchmarks"] = importlib.util.module_from_spec(spec)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def block() -> np.ndarray:
    """An open block with a closed pore: D_eff / D0 is that of the open part."""
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[:, :5] = 1
    labels[3, 8, 4] = 1
    return labels


def open_block():
    from benchmarks.volumes import Problem

    return Problem("an open block", block, "x", {})


@pytest.mark.parametrize(
    "name",
    [
        "twin",
        "twin-reference",
        pytest.param("taufactor", marks=pytest.mark.peers),
        pytest.param("porespy", marks=pytest.mark.peers),
        pytest.param("porespy-reference", marks=pytest.mark.peers),
    ],
)
@pytest.mark.parametrize("axis", [0, 2])
def test_every_tool_gives_its_numbers(name, axis):
    from benchmarks.tools import ONE_PHASE, TOOLS
    from benchmarks.volumes import global_state_restored

    tool = TOOLS[name]
    if name == "taufactor":
        pytest.importorskip("torch", reason="TauFactor needs PyTorch, which is not installed")
    pytest.importorskip(tool.distribution, reason=f"{tool.distribution} is not installed")
    with global_state_restored(), np.errstate(all="ignore"):
        numbers = tool.numbers(tool.call(tool.prepare(block(), axis, ONE_PHASE)))
    assert numbers["relative_diffusivity"] == pytest.approx(0.5, rel=1e-4)
    assert numbers["volume_fraction"] == pytest.approx(block().mean())
    assert numbers["flux_imbalance"] < 1e-3
    assert numbers["converged"]


@pytest.mark.parametrize(
    ("name", "rel"), [("twin", 1e-6), pytest.param("taufactor", 0.05, marks=pytest.mark.peers)]
)
def test_tools_take_several_conductivities(name, rel):
    """Layers in parallel; TauFactor holds its potentials one voxel outside the volume."""
    from benchmarks.tools import TOOLS

    tool = TOOLS[name]
    if name == "taufactor":
        pytest.importorskip("torch", reason="TauFactor needs PyTorch, which is not installed")
    pytest.importorskip(tool.distribution, reason=f"{tool.distribution} is not installed")
    labels = np.zeros((30, 6, 4), np.uint8)
    labels[:, 2:4] = 1
    labels[:, 4:] = 2
    numbers = tool.numbers(tool.call(tool.prepare(labels, 0, (0.0, 1.0, 3.0))))
    assert numbers["relative_diffusivity"] == pytest.approx(4 / 9, rel=rel)


def test_all_labels_occur_in_the_warm_up():
    from benchmarks.worker import warm_up

    for labels in (2, 3, 4):
        assert np.unique(warm_up(labels)).tolist() == list(range(labels))


def test_a_phase_of_the_cathode_alone_is_a_volume_of_two_labels():
    from benchmarks.volumes import _composite

    labels = np.arange(3, dtype=np.uint8).reshape(3, 1, 1)
    alone = _composite("a part", "CBD alone", labels, "z")
    assert alone.make().ravel().tolist() == [0, 0, 1]
    assert alone.conductivities == (0.0, 1.0)
    mixed = _composite("a part", "AM 0.1, CBD 760 S/m", labels, "z")
    assert mixed.make().ravel().tolist() == [0, 1, 2]
    assert mixed.conductivities == (0.0, 0.1, 760.0)


def test_the_error_is_that_of_the_diffusivity():
    from benchmarks.tools import relative_error

    found = {"relative_diffusivity": 0.101}
    assert relative_error(found, {"relative_diffusivity": 0.1}) == pytest.approx(0.01)
    assert np.isnan(relative_error(found, {"relative_diffusivity": 0.0}))


PEAK = """
import json, numpy as np
from benchmarks.measure import measured
size = 64_000_000
full = measured(lambda: np.ones(size // 8).sum())
empty = measured(lambda: None)
print(json.dumps([size, full.value, full.peak_bytes, full.process_bytes, empty.peak_bytes]))
"""


def test_peak_memory_is_that_of_the_call():
    """In a process of its own, as in the benchmarks: an old one has freed memory to hand out."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    size, value, peak, process, empty = json.loads(run.stdout)
    assert value == size // 8
    if peak is None:
        pytest.skip("this system does not tell the peak of resident memory")
    assert 0.9 * size < peak < 1.3 * size
    assert process > peak
    assert empty < 0.1 * size


def test_sheets_join_both_faces_where_blobs_do_not():
    from benchmarks.volumes import one_blobs, one_sheets

    for make, percolates in ((one_blobs, False), (one_sheets, True)):
        labels = make(60, 0.1)
        assert labels.mean() == pytest.approx(0.1, abs=1e-4)
        volume = twin.Volume(labels, phases={"solid": 0, "pore": 1})
        assert twin.voxel_mesh(volume, ["pore"], 0).percolates is percolates


def test_porespy_leaves_no_trace():
    import logging

    from benchmarks.volumes import one_porespy_blobs

    state = np.random.get_state()[1].copy()  # noqa: NPY002 - PoreSpy seeds the global generator
    before = (logging.getLogger().handlers[:], logging.getLogger().level, np.geterr())
    labels = one_porespy_blobs(16, 0.5)
    assert labels.mean() == pytest.approx(0.5, abs=0.01)
    assert (logging.getLogger().handlers[:], logging.getLogger().level, np.geterr()) == before
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def options(tmp_path: Path, *words: str):
    from benchmarks.compare import options

    return options(["--case", "blobs", "--out", str(tmp_path / "out.json"), *words])


def test_references_come_before_those_they_judge(tmp_path):
    from benchmarks.compare import schedule
    from benchmarks.volumes import Problem

    problem = Problem("a block", block, "x", {})
    everything = ["twin-reference", "twin", "taufactor", "porespy-reference", "porespy"]
    assert schedule(problem, options(tmp_path)) == everything
    everything.remove("porespy-reference")
    assert schedule(problem, options(tmp_path, "--skip-porespy-reference")) == everything
    assert schedule(Problem("", block, "x", {}, False), options(tmp_path)) == [
        "twin", "taufactor", "porespy",
    ]  # fmt: skip


def test_a_run_past_its_limit_says_so(tmp_path):
    from benchmarks.compare import run_once

    np.save(tmp_path / "labels.npy", block())
    run = run_once("twin", open_block(), tmp_path / "labels.npy", "x", limit=0.01)
    assert run == {"outcome": "stopped at the limit of 0.01 s", "seconds_at_least": 0.01}


def test_a_run_that_fails_says_why(tmp_path):
    from benchmarks.compare import run_once

    run = run_once("no such tool", open_block(), tmp_path / "labels.npy", "x", limit=100)
    assert run == {"outcome": "failed with exit code 1: KeyError: 'no such tool'"}


def test_results_hold_no_nan(tmp_path):
    from benchmarks.compare import write

    write({"a": [float("inf"), 1.5], "b": {"c": float("nan")}}, tmp_path / "r" / "out.json")
    text = (tmp_path / "r" / "out.json").read_text()
    assert json.loads(text) == {"a": ["inf", 1.5], "b": {"c": "nan"}}
    assert not list(tmp_path.rglob("*.part"))


def made_up_session(seconds: float, peer: dict, started: str = "2020-01-01T00:00") -> dict:
    """The shape of a session, with numbers that no tool ever gave."""
    done = {
        "axis": "x", "outcome": "done", "iterations": 7, "flux_imbalance": 1e-4, "percolates": True,
        "tortuosity_factor": 2.0, "relative_diffusivity": 0.25, "peak_bytes": 2**30,
    }  # fmt: skip
    ours = {"tool": "twin", **done, "seconds": seconds, "passes": 50.0, "error": 1e-9}
    ours["bytes_per_voxel"] = 20.0
    volume = {"name": "blobs", "sha256": "0", "size": 100, "porosity": 0.5, "runs": [ours]}
    volume["runs"].append({**done, "bytes_per_voxel": 40.0, "passes": 1.0, **peer})
    machine = {"processor": "a processor", "cores": 2, "memory_bytes": 2**33}
    return {
        "case": "blobs", "started": started, "machine": machine, "versions": {"twin": "0"},
        "commit": "c" * 40, "uncommitted_changes": False, "volumes": [volume],
    }  # fmt: skip


def test_the_table_says_how_many_times_faster():
    from benchmarks.markdown import blobs

    peer = {"tool": "taufactor", "seconds": 5.0, "error": 0.002}
    row = blobs([made_up_session(0.5, peer)]).splitlines()[-1]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:8] == ["100³", "0.5", "0.50", "50", "1e-09", "5", "10 times", "2e-03"]
    stopped = {"tool": "porespy", "outcome": "stopped", "seconds_at_least": 100.0}
    row = blobs([made_up_session(0.5, stopped)]).splitlines()[-1]
    assert "| over 100 | over 200 times |" in row
    full = {"tool": "porespy", "outcome": "failed with exit code 1: MemoryError: 8 GiB"}
    assert "| out of memory |" in blobs([made_up_session(0.5, full)]).splitlines()[-1]


def test_a_volume_comes_from_its_latest_full_session():
    from benchmarks.stored import of_case

    peer = {"tool": "taufactor", "seconds": 5.0, "error": 0.002}
    old, new = made_up_session(0.5, peer), made_up_session(0.4, peer, "2021-01-01T00:00")
    assert [e.run("twin")["seconds"] for e in of_case([old, new], "blobs")] == [0.4]
    new["volumes"][0]["runs"].pop()
    assert [e.run("twin")["seconds"] for e in of_case([old, new], "blobs")] == [0.5]


def test_tables_go_between_the_marks(tmp_path):
    from benchmarks.table import BEGIN, END, between_marks, main

    page, readme, results = tmp_path / "page.md", tmp_path / "README.md", tmp_path / "results"
    for file in (page, readme):
        file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    results.mkdir()
    peer = {"tool": "taufactor", "seconds": 5.0, "error": 0.002}
    (results / "one.json").write_text(json.dumps(made_up_session(0.5, peer)), encoding="utf-8")
    paths = ["--results", str(results), "--readme", str(readme), "--page", str(page)]
    main(paths)
    once = (
        readme.read_text(encoding="utf-8"),
        page.read_bytes(),
        (tmp_path / "page.svg").read_bytes(),
    )
    main(paths)
    assert once == (
        readme.read_text(encoding="utf-8"), page.read_bytes(), (tmp_path / "page.svg").read_bytes()
    )  # fmt: skip
    assert once[0].startswith(f"before\n{BEGIN}\n") and once[0].endswith(f"\n{END}\nafter\n")
    assert "old" not in once[0] and "10 times" in once[0] and "`cccccccccc`" in once[0]
    with pytest.raises(ValueError, match="once each"):
        between_marks("no marks", "")
