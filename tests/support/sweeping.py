"""Functions to sweep over, in a module that other processes can import, and processes of their own
that sweep."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import twin

ROOT = Path(twin.__file__).parents[1]

# A sweep of slow points, each of which leaves a line in calls.txt before it works and one after.
SCRIPT = """
import signal, sys, time
import twin

# A shell starts background processes deaf to Ctrl-C, and they hand that on.
signal.signal(signal.SIGINT, signal.default_int_handler)

def slow(x):
    with open("begun.txt", "a") as file:
        file.write(f"{x}\\n")
    time.sleep(0.15)
    with open("ended.txt", "a") as file:
        file.write(f"{x}\\n")
    return {"square": x * x}

table = twin.sweep(slow, x=list(range(12)), jobs=int(sys.argv[1]))
print(table.computed, int(table.column("square").sum()))
"""


class Recorder:
    """What a function was called with; no constant, and so no part of what the function is."""

    def __init__(self) -> None:
        self.calls: list[float] = []


RECORDER = Recorder()


def recorded(x: float, y: float = 1.0) -> float:
    RECORDER.calls.append(x)
    return x * y


def moody(x: int) -> int:
    """Fails when it is called for the first time."""
    RECORDER.calls.append(x)
    if len(RECORDER.calls) == 1:
        raise RuntimeError("not now")
    return x


def area(width: float, height: float = 2.0) -> dict[str, float]:
    return {"area": width * height, "perimeter": 2.0 * (width + height)}


def picky(x: int) -> int:
    if x == 2:
        raise ValueError("two is\nnot allowed")
    return 10 * x


def deadly(x: int) -> int:
    if x == 3:
        os._exit(7)
    return x


def mean_label(volume: twin.Volume, power: int) -> float:
    return float((volume.labels.astype(np.float64) ** power).mean())


def fraction_of_binder(volume: twin.Volume) -> float:
    return volume.volume_fraction("CBD")


class Unsendable:
    """A function that is known by its pickle here, and cannot be opened or sent elsewhere."""

    def __getstate__(self) -> object:
        raise TypeError("cannot pickle this")

    def __call__(self, x: int) -> int:
        return x


def own_process(x: int) -> dict[str, object]:
    return {"pid": os.getpid(), "threads": os.environ.get("NUMBA_NUM_THREADS", "")}


def environment() -> dict[str, str]:
    """Of a process that finds the same packages as this one."""
    paths = [str(ROOT), str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def start(folder: Path, jobs: int = 2) -> subprocess.Popen[str]:
    """Start the sweep of slow points in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(jobs)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def lines(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def wait_for(count: int, path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until so many points have left a line, while the process runs."""
    while len(lines(path)) < count:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
