"""Many runs of one function, over several values of its arguments."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Literal

from meshing.errors import InputError
from twin.progress import PointProgress, points_bar
from twin.studies.crew import Job, OpenCrew, cores, dask, processes, serial, threads
from twin.studies.fingerprint import name_of
from twin.studies.outcome import Outcome
from twin.studies.points import Plan, Task, plan
from twin.studies.run import run_tasks
from twin.studies.store import Record, Store, open_store
from twin.studies.table import Point, Sweep

Workers = Literal["processes", "threads"]


def sweep(
    function: Callable[..., Any],
    /,
    *,
    paired: bool | Collection[str] = False,
    store: str | Path | None = "sweep.db",
    jobs: int | None = None,
    workers: Workers = "processes",
    cluster: Any = None,
    retry: bool = False,
    keep_results: bool = False,
    progress: bool | PointProgress = True,
    **values: Any,
) -> Sweep:
    """Call a function at every combination of several values of its arguments.

    Every point is on disk as soon as it is finished. The same call again computes only what is
    not there yet: after an interruption, after ``kill -9``, after a change of the values. A point
    that fails keeps its error and does not stop the others.

    Two points are the same when the function and all arguments are. Numbers, texts, arrays and
    volumes are the same when their contents and types are. A function of a script or a notebook
    is the same while its name, its code, its defaults and the functions, classes and constants of
    its module that it names are the same; a function of an installed package, while its name and
    the version of the package are; and all are new when any code of `twin` is.

    Parameters
    ----------
    function : callable
        Takes arguments by name and returns a number, a mapping of names to numbers, or an object
        with ``to_dict()``, as all results of `twin` are.
    paired : bool or collection of str
        False for all combinations; True to take the first value of each list, then the second,
        and so on; or the names of the lists that go together so.
    store : str, Path or None
        The file that keeps the points, of this sweep and of any other; None keeps nothing.
    jobs : int, optional
        How many points are computed at a time; by default as many as there are cores, which they
        share. With 1, points are computed in this process.
    workers : str
        ``"processes"``, or ``"threads"`` of this process for functions that release Python's lock.
    cluster : optional
        A Dask cluster in the place of processes: its address (``"tcp://host:8786"``), the path of
        a scheduler file, a `distributed.Client`, or a cluster object.
    retry : bool
        Compute again the points that failed before.
    keep_results : bool
        Keep the objects that the function returned, not their numbers alone. A point that was
        computed without is computed again.
    progress : bool or callable
        True draws a bar where the standard error stream is a terminal; a callable is called after
        every point with the numbers of points done, failed and asked for.
    **values
        The arguments by name: a list, a range or an array of one axis has several values;
        anything else, a tuple too, is one value for all points.

    Returns
    -------
    Sweep
        A row for each point, the last name running fastest.

    Raises
    ------
    InputError
        When the function does not take a name or lacks one, a list is empty, paired lists differ
        in length, the function cannot be sent to other processes, the store was written by
        another version or cannot be written; and when every point is refused with one sentence.

    Examples
    --------
    >>> import twin
    >>> def ohm(resistance, current=1.0):
    ...     return {"voltage": resistance * current, "power": resistance * current**2}
    >>> table = twin.sweep(ohm, resistance=[1.0, 2.0], current=[0.1, 10.0], jobs=1)
    >>> table.column("voltage").tolist()
    [0.1, 10.0, 0.2, 20.0]
    >>> twin.sweep(ohm, resistance=[1.0, 2.0], current=[0.1, 10.0], jobs=1).computed
    0
    """
    gather = _crew(jobs, workers, cluster)
    points = plan(function, values, paired)
    with open_store(store) as kept:
        known = _known(kept, points, retry, keep_results)
        missing = list({t.key: t for t in points.tasks if t.key not in known}.values())
        with _reporting(progress, points, known) as report:
            save = partial(_save, kept, name_of(function), report)
            run_tasks(Job(function, keep_results), missing, gather(len(missing)), save)
        outcomes = {**known, **kept.get((task.key for task in missing), keep_results)}
    rows = tuple(Point(task.arguments, outcomes[task.key]) for task in points.tasks)
    _refuse(rows)
    return Sweep(name_of(function), points.swept, rows, len(missing), kept.path)


def _crew(jobs: int | None, workers: str, cluster: Any) -> Callable[[int], OpenCrew]:
    """Who computes the points, once it is known how many there are."""
    _check_jobs(jobs)
    if workers not in ("processes", "threads"):
        raise InputError(f"there are no workers {workers!r}; use 'processes' or 'threads'")
    if cluster is not None:
        if jobs is not None:
            raise InputError("a cluster has its own number of workers; leave out jobs")
        return lambda points: partial(dask, cluster=cluster)
    if jobs == 1:
        return lambda points: serial
    pool = processes if workers == "processes" else threads
    return lambda points: partial(pool, count=min(jobs or cores(), max(points, 1)))


def _check_jobs(jobs: object) -> None:
    if jobs is not None and (not isinstance(jobs, int) or jobs < 1):
        raise InputError(f"jobs counts the points computed at a time, from 1 on; found {jobs!r}")


def _known(store: Store, points: Plan, retry: bool, keep_results: bool) -> dict[str, Outcome]:
    """What need not be computed."""
    found = store.get((task.key for task in points.tasks), keep_results)
    return {
        key: outcome
        for key, outcome in found.items()
        if not (retry and outcome.error)
        and (not keep_results or outcome.error or outcome.note or outcome.result is not None)
    }


def _refuse(rows: Sequence[Point]) -> None:
    """Raise where every point was refused for the same reason: it is the call that is wrong."""
    errors = {point.error for point in rows}
    (error, *others) = errors
    name, _, sentence = error.partition(": ")
    if not others and name == InputError.__name__:
        raise InputError(sentence)


def _save(
    store: Store,
    function: str,
    report: Callable[[list[Outcome]], None],
    finished: list[tuple[Task, Outcome]],
) -> None:
    store.put(
        Record(task.key, function, {n: v.label for n, v in task.arguments.items()}, outcome)
        for task, outcome in finished
    )
    report([outcome for _, outcome in finished])


@contextmanager
def _reporting(
    progress: bool | PointProgress, points: Plan, known: Mapping[str, Outcome]
) -> Iterator[Callable[[list[Outcome]], None]]:
    """Count what is finished, for a bar or for who asked to be told."""
    total = len({task.key for task in points.tasks})
    done, failed = len(known), sum(bool(outcome.error) for outcome in known.values())

    def report(outcomes: list[Outcome]) -> None:
        nonlocal done, failed
        for outcome in outcomes:
            done, failed = done + 1, failed + bool(outcome.error)
            if tell is not None:
                tell(done, failed, total)

    asked = nullcontext(progress if callable(progress) else None)
    with points_bar(sys.stderr) if progress is True else asked as tell:
        yield report
