"""A sweep that is killed or interrupted keeps what was finished, and goes on from there."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from support.sweeping import environment, lines, start, wait_for

POINTS = 12


def stored(path: Path) -> set[int]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT arguments ->> 'x' FROM point").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    return {x for (x,) in rows}


def finish(folder: Path, jobs: int) -> list[str]:
    """What the same script prints when it runs to its end: points computed, sum of squares."""
    process = start(folder, jobs)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.split()


def end_of(processes: list[psutil.Process]) -> list[psutil.Process]:
    """The processes that outlive a while."""
    return psutil.wait_procs(processes, timeout=10)[1]


def shared_folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("twin-sweep-*")}


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_kill_9_the_same_call_computes_the_rest(tmp_path: Path, jobs: int) -> None:
    folders = shared_folders()
    process = start(tmp_path, jobs)
    wait_for(4, tmp_path / "ended.txt", process)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    ended = set(lines(tmp_path / "ended.txt"))
    process.communicate()
    assert not end_of(workers)
    kept = stored(tmp_path / "sweep.db")
    assert len(ended - kept) <= 2 * jobs  # the points in flight
    assert 1 <= len(kept) < POINTS

    (tmp_path / "begun.txt").unlink()
    assert finish(tmp_path, jobs) == [str(POINTS - len(kept)), str(sum(n**2 for n in range(12)))]
    assert set(lines(tmp_path / "begun.txt")) == set(range(POINTS)) - kept
    assert stored(tmp_path / "sweep.db") == set(range(POINTS))
    assert shared_folders() <= folders
    assert {p.name for p in tmp_path.iterdir()} == {"sweep.db", "begun.txt", "ended.txt"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_ends_the_workers(tmp_path: Path, jobs: int) -> None:
    folders = shared_folders()
    process = start(tmp_path, jobs)
    wait_for(4, tmp_path / "ended.txt", process)
    workers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to the workers as well
    _, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert err.count("Traceback") == 1 and err.rstrip().endswith("KeyboardInterrupt")
    assert not end_of(workers)
    kept = stored(tmp_path / "sweep.db")
    assert len(set(lines(tmp_path / "ended.txt")) - kept) <= jobs
    assert 1 <= len(kept) < POINTS
    assert finish(tmp_path, jobs)[0] == str(POINTS - len(kept))
    assert shared_folders() <= folders


def test_workers_leave_ctrl_c_to_their_parent(tmp_path: Path) -> None:
    process = start(tmp_path, 2)
    wait_for(4, tmp_path / "ended.txt", process)
    for worker in psutil.Process(process.pid).children(recursive=True):
        worker.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.split() == [str(POINTS), str(sum(n**2 for n in range(POINTS)))]


COMMAND = """
import signal, sys, time
import twin
from twin.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)

find = twin.tortuosity
def slow(**values):
    time.sleep(0.5)
    with open("ended.txt", "a") as file:
        file.write("1 ")
    return find(**values)

twin.tortuosity = slow
sys.exit(main(["sweep", "tortuosity", "image.npy", "--phase", "0", "--axis", "x,y,z",
               "--sides", "no-flux,periodic", "--jobs", "1", "--csv", "out.csv"]))
"""


def test_the_command_tells_how_to_go_on(tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "image.npy", np.zeros((4, 4, 4), np.uint8))
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(3, tmp_path / "ended.txt", process)
    time.sleep(0.15)  # the solve of the third point is over, and the fourth one sleeps
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == (
        "error: interrupted; the points that were finished are in sweep.db, and the same command "
        "computes the others\n"
    )
    assert {p.name for p in tmp_path.iterdir()} == {"sweep.db", "ended.txt", "image.npy"}
