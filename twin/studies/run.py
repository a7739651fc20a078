"""Handing out points and keeping what comes back, whatever happens on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from twin.studies.crew import Crew, Job, OpenCrew, processes
from twin.studies.outcome import Outcome, failure
from twin.studies.points import Task

Save = Callable[[list[tuple[Task, Outcome]]], None]
"""Keeps the outcomes of points that were finished together."""


class WorkerDied(RuntimeError):
    """The process that computed a point ended without an answer."""


def run_tasks(job: Job, tasks: Iterable[Task], gather: OpenCrew, save: Save) -> None:
    """Compute points and keep each as soon as it is finished.

    Where a process dies, the points that were under way are computed once more, each in a process
    of its own, so that the one which kills its process is found and the others are not lost.

    Parameters
    ----------
    job : what the points have in common.
    tasks : the points.
    gather : gathers who computes them.
    save : keeps outcomes; called from this thread only.

    Returns
    -------
    None

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, when what was finished is kept and the others are given up.
    ConnectionError
        When a cluster is gone.
    """
    waiting = deque(tasks)
    while waiting:
        with gather(job) as crew:
            suspects = _drain(crew, waiting, save)
        for task in suspects:
            with processes(job, 1) as crew:
                if _drain(crew, deque([task]), save):
                    save([(task, failure(_died()))])


def _drain(crew: Crew, waiting: deque[Task], save: Save) -> list[Task]:
    """Hand out points until none waits; those under way when a process died, where one did."""
    flying: dict[Future[Outcome], Task] = {}
    lost: list[Task] = []
    try:
        while (waiting or flying) and not (lost and not flying):
            while waiting and not lost and len(flying) < (crew.window or len(flying) + 1):
                lost += _hand_out(crew, waiting, flying)
            finished = wait(flying, return_when=FIRST_COMPLETED).done if flying else set()
            lost += _collect(finished, flying, save)
    except KeyboardInterrupt:
        _collect({future for future in flying if future.done()}, flying, save)
        raise
    return lost


def _hand_out(crew: Crew, waiting: deque[Task], flying: dict[Future[Outcome], Task]) -> list[Task]:
    """Hand out one point; the point itself where the crew has broken meanwhile."""
    task = waiting.popleft()
    try:
        flying[crew.submit(task)] = task
    except BrokenExecutor:
        return [task]
    return []


def _collect(
    finished: set[Future[Outcome]], flying: dict[Future[Outcome], Task], save: Save
) -> list[Task]:
    """Keep what is finished; the points whose process died."""
    lost = [flying[f] for f in finished if _is_lost(f)]
    kept = [(flying[f], _outcome(f)) for f in finished if not _is_lost(f)]
    save(kept)
    for future in finished:  # only now, so that an interrupted save is made up for
        del flying[future]
    return lost


def _is_lost(future: Future[Outcome]) -> bool:
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)


def _outcome(future: Future[Outcome]) -> Outcome:
    if future.cancelled():
        raise ConnectionError(
            "the connection to the cluster is lost; the points that were finished are kept, and "
            "the same call computes the others"
        ) from CancelledError()
    error = future.exception()
    return future.result() if error is None else failure(error)


def _died() -> WorkerDied:
    return WorkerDied(
        "the process that computed the point died: killed, out of memory, or a crash in compiled "
        "code"
    )
