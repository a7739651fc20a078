"""A sweep on a Dask cluster: a scheduler and two workers, which are processes of their own."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import sweeping

import twin

pytestmark = pytest.mark.filterwarnings("default:::distributed")

SCHEDULER = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
WORKER = ["distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]


def launch(folder: Path, module: str, *options: str) -> subprocess.Popen[bytes]:
    log = (folder / f"{module}-{len(list(folder.iterdir()))}.log").open("wb")
    with log:
        return subprocess.Popen(
            [sys.executable, "-m", module, *options],
            cwd=folder, env=sweeping.environment(), stdout=log, stderr=log,
        )  # fmt: skip


@pytest.fixture(scope="module")
def scheduler_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    options = ["--scheduler-file", str(file)]
    processes = [launch(folder, *SCHEDULER, "--no-dashboard", *options)]
    processes += [
        launch(folder, *WORKER, "--no-dashboard", *options, "--name", name) for name in "ab"
    ]
    yield file
    for process in reversed(processes):
        process.kill()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def client(scheduler_file: Path) -> Iterator[Any]:
    from distributed import Client

    with Client(scheduler_file=str(scheduler_file), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        yield client


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sweep(function: Any, **values: Any) -> twin.Sweep:
    return twin.sweep(function, **{"progress": False, **values})


def test_by_client_address_and_scheduler_file(client: Any, scheduler_file: Path) -> None:
    address = json.loads(scheduler_file.read_text())["address"]
    expected = sweep(sweeping.area, width=[1.0, 2.0, 3.0], store=None, jobs=1)
    for cluster in (client, address, scheduler_file):
        found = sweep(sweeping.area, width=[1.0, 2.0, 3.0], store=None, cluster=cluster)
        assert found.column("area").tolist() == expected.column("area").tolist()
    assert client.status == "running"  # a client of the user's own stays open


def test_points_run_in_both_workers_with_a_thread_each(client: Any) -> None:
    def f(x: int) -> dict[str, Any]:
        import os
        import time

        import numba

        time.sleep(0.2)
        return {"pid": os.getpid(), "threads": numba.get_num_threads()}

    table = sweep(f, x=[1, 2, 3, 4], store=None, cluster=client)
    assert set(table.column("pid")) == {
        info["pid"] for info in client.run(lambda: {"pid": __import__("os").getpid()}).values()
    }
    assert set(table.column("threads")) == {1}


def test_points_are_kept_here_and_shared_with_other_ways_to_compute(client: Any) -> None:
    sweep(sweeping.picky, x=[1, 2, 3], cluster=client)
    table = sweep(sweeping.picky, x=[1, 2, 3, 4], jobs=1)
    assert table.computed == 1
    assert [p.error for p in table] == ["", "ValueError: two is not allowed", "", ""]


def test_a_large_volume_and_large_swept_values(client: Any) -> None:
    labels = np.random.default_rng(0).integers(0, 3, (2, 60, 50, 40), dtype=np.uint8)
    images = [twin.Volume(part, (1e-6, 2e-6, 3e-6)) for part in labels]
    table = sweep(sweeping.mean_label, volume=images, power=[1, 2], cluster=client)
    expected = [sweeping.mean_label(image, power) for image in images for power in (1, 2)]
    assert table.column("value").tolist() == expected
    assert len(set(table.column("volume"))) == 2


def test_tortuosity_on_the_cluster(client: Any) -> None:
    image = twin.generate.blobs((16, 14, 12), 0.7, 4e-6, spacing=(1e-6, 2e-6, 3e-6))
    table = sweep(twin.tortuosity, volume=image, phase="pore", axis=["x", "y", "z"],
                  cluster=client, keep_results=True)  # fmt: skip
    expected = [twin.tortuosity(image, "pore", axis).tortuosity_factor for axis in "xyz"]
    assert table.column("tortuosity_factor").tolist() == pytest.approx(expected, rel=1e-12)
    assert [t.axis for t in table.results] == ["x", "y", "z"]


def test_a_worker_of_another_version(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twin, "__version__", "9.9.9")
    with pytest.raises(twin.InputError, match=r"must have twin 9\.9\.9 .* found 0\.1\.0"):
        sweep(sweeping.area, width=[1.0], store=None, cluster=client)


def test_no_scheduler_at_the_address() -> None:
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(twin.InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
    ):
        sweep(sweeping.area, width=[1.0], store=None, cluster="tcp://127.0.0.1:9")


def test_a_greeting_that_comes_with_other_news_is_asked_for_again(
    scheduler_file: Path, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    connect, tries = Client.__init__, []

    def first_fails(self: Any, *args: Any, **more: Any) -> None:
        tries.append(more)
        if len(tries) == 1:
            self.status = "closed"
            raise AssertionError
        connect(self, *args, **more)

    monkeypatch.setattr(Client, "__init__", first_fails)
    monkeypatch.setattr(Client, "__del__", lambda self: None)
    found = sweep(sweeping.area, width=[1.0], store=None, cluster=scheduler_file)
    assert found[0]["area"] == 2.0 and len(tries) == 2


def test_without_distributed(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "distributed":
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(twin.InputError, match=r"pip install 'twin\[cluster\]'"):
        sweep(sweeping.area, width=[1.0], store=None, cluster="tcp://127.0.0.1:9")


def test_a_worker_that_dies_is_made_up_for_and_a_scheduler_leaves_what_was_finished(
    tmp_path: Path,
) -> None:
    from distributed import Client

    file = tmp_path / "scheduler.json"
    scheduler = launch(tmp_path, *SCHEDULER, "--no-dashboard", "--scheduler-file", str(file))
    workers = [
        launch(tmp_path, *WORKER, "--no-dashboard", "--scheduler-file", str(file), "--name", name)
        for name in "ab"
    ]
    after_a_worker = []

    def f(x: int) -> int:
        import time

        time.sleep(0.1)
        return x

    def end(done: int, failed: int, total: int) -> None:
        if done == 2:
            workers[0].kill()
        elif done > 8:
            after_a_worker.append(failed)
            scheduler.kill()

    with Client(scheduler_file=str(file), set_as_default=False, timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
        with pytest.raises(ConnectionError, match="the points that were finished are kept"):
            sweep(f, x=list(range(40)), cluster=client, progress=end)
        workers[1].kill()
        for process in (scheduler, *workers):
            process.wait(timeout=30)
    assert after_a_worker and not any(after_a_worker)
    rest = sweep(f, x=list(range(40)), jobs=2)
    assert 1 <= rest.computed <= 31 and not rest.failed
