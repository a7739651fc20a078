"""Who computes the points: this process, its threads, other processes, or a Dask cluster."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, Final

from twin.studies.outcome import Outcome, failure, run_point
from twin.studies.points import Task, Value
from twin.studies.sharing import Packed, Shared, pack, share

#: A value with more content than this is sent to a worker once, and not with each point [bytes].
_LARGE: Final = 2**16

#: A worker looks so often whether its parent is alive [s].
_LOOK: Final = 0.5

_THREAD_VARIABLES: Final = (
    "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """What all points of a sweep have in common."""

    function: Callable[..., Any]
    keep_results: bool


@dataclass(frozen=True)
class Crew:
    """Who computes points.

    Attributes
    ----------
    submit : callable
        Takes a task and gives the future of its outcome.
    window : int or None
        How many points are handed out at a time; None for all of them.
    """

    submit: Callable[[Task], Future[Outcome]]
    window: int | None


OpenCrew = Callable[[Job], AbstractContextManager[Crew]]
"""Gathers a crew for a job; on leaving, what is not finished is given up."""


def cores() -> int:
    """The cores that this process may use.

    Examples
    --------
    >>> from twin.studies.crew import cores
    >>> cores() >= 1
    True
    """
    import loky

    return int(loky.cpu_count())


@contextmanager
def serial(job: Job) -> Iterator[Crew]:
    """One point after the other, in this process and this thread."""

    def submit(task: Task) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(run_point(job.function, _contents(task), job.keep_results))
        return future

    yield Crew(submit, 1)


@contextmanager
def threads(job: Job, count: int) -> Iterator[Crew]:
    """Threads of this process, each with its share of the cores."""
    each = max(1, cores() // count)

    def run(task: Task) -> Outcome:
        with numba_threads(each):
            return run_point(job.function, _contents(task), job.keep_results)

    executor = ThreadPoolExecutor(count, thread_name_prefix="sweep")
    try:
        yield Crew(lambda task: executor.submit(run, task), 2 * count)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def processes(job: Job, count: int) -> Iterator[Crew]:
    """Processes of this computer, started afresh, each with its share of the cores.

    loky starts them without running the user's script again, so that a script needs no guard, and
    takes functions of scripts and notebooks.
    """
    import loky

    each = str(max(1, cores() // count))
    environment = {name: os.environ.get(name, each) for name in _THREAD_VARIABLES}
    with tempfile.TemporaryDirectory(prefix="twin-sweep-", ignore_cleanup_errors=True) as folder:
        executor = loky.ProcessPoolExecutor(
            count,
            context=loky.backend.get_context("loky"),
            initializer=_begin,
            initargs=(os.getpid(), folder),
            env=environment,
        )
        handles = _Handles(lambda value, n: share(value, Path(folder) / str(n)), job.function)
        try:
            yield Crew(lambda task: _send(executor, task, handles, job.keep_results), 2 * count)
        finally:
            executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def dask(job: Job, cluster: Any) -> Iterator[Crew]:
    """The workers of a Dask cluster; a task is one thread there, and so it is here."""
    from twin.studies.cluster import connected, sent_once

    with connected(cluster) as client:
        executor = client.get_executor(pure=False)
        handles = _Handles(lambda value, n: sent_once(client, value, _LARGE), job.function)
        try:
            yield Crew(
                lambda task: _send(executor, task, handles, job.keep_results, threads_each=1), None
            )
        finally:
            executor.shutdown(wait=False)


@contextmanager
def numba_threads(count: int | None) -> Iterator[None]:
    """Let Numba use so many threads in calls from this one; None leaves it as it is.

    Examples
    --------
    >>> import numba
    >>> from twin.studies.crew import numba_threads
    >>> with numba_threads(1):
    ...     numba.get_num_threads()
    1
    """
    if count is None:
        yield
        return
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(min(count, before))
    try:
        yield
    finally:
        numba.set_num_threads(before)


class _Handles:
    """What is large goes to the workers once: the handles of what was sent before."""

    def __init__(self, send: Callable[[Any, int], Any], function: Callable[..., Any]) -> None:
        self._send = send
        self._known: dict[str, Any] = {}
        self.function = send(function, 0)

    def of(self, value: Value) -> Any:
        if value.digest not in self._known:
            self._known[value.digest] = self._send(value.content, len(self._known) + 1)
        return self._known[value.digest]


def _contents(task: Task) -> dict[str, Any]:
    return {name: value.content for name, value in task.arguments.items()}


def _send(
    executor: Executor, task: Task, handles: _Handles, keep: bool, threads_each: int | None = None
) -> Future[Outcome]:
    """Hand out a point: small values are pickled with it, large ones go by their handles."""
    small = {n: v.content for n, v in task.arguments.items() if v.size <= _LARGE}
    large = {n: handles.of(v) for n, v in task.arguments.items() if v.size > _LARGE}
    packed = pack((small, list(large), keep, threads_each))
    # Dask puts the values in the place of its handles where they are arguments themselves.
    return executor.submit(_run_packed, packed, handles.function, *large.values())


def _run_packed(packed: bytes, function: Any, *large: Any) -> Outcome:
    """Compute a point in another process, where reading what was sent can fail as well."""
    try:
        arguments, names, keep, threads_each = pickle.loads(packed)
        arguments |= {n: _opened(handle) for n, handle in zip(names, large, strict=True)}
        call = _opened(function)
    except Exception as error:  # whatever an object's own methods raise
        return failure(error)
    with numba_threads(threads_each):
        return run_point(call, arguments, keep)


def _opened(handle: Any) -> Any:
    return handle.value() if isinstance(handle, Shared | Packed) else handle


def _begin(parent: int, folder: str) -> None:
    """Start a worker: Ctrl-C is the parent's to answer, and no worker outlives its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent, folder), daemon=True).start()


def _end_with(parent: int, folder: str) -> None:
    import shutil

    import psutil

    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(parent)
        # Who was killed stays in the table of processes until whoever started it asks.
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            sleep(_LOOK)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
