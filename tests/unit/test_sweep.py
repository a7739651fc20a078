"""`twin.sweep`: which points there are, what they find, and what is kept."""

from __future__ import annotations

import io
import math
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import psutil
import pytest
from support import sweeping

import twin
from twin.studies import store as store_module

DEFAULT_JOBS: dict[str, Any] = {"jobs": 1, "progress": False}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sweep(function: Any, **values: Any) -> twin.Sweep:
    return twin.sweep(function, **{**DEFAULT_JOBS, **values})


@pytest.fixture
def calls() -> list[float]:
    """What `sweeping.recorded` and `sweeping.moody` are called with."""
    sweeping.RECORDER.calls = []
    return sweeping.RECORDER.calls


# --- the points


def test_every_combination_in_order_the_last_name_fastest() -> None:
    table = sweep(sweeping.area, width=[1.0, 2.0], height=[3.0, 5.0, 7.0])
    assert [(p["width"], p["height"], p["area"]) for p in table] == [
        (1.0, 3.0, 3.0), (1.0, 5.0, 5.0), (1.0, 7.0, 7.0),
        (2.0, 3.0, 6.0), (2.0, 5.0, 10.0), (2.0, 7.0, 14.0),
    ]  # fmt: skip
    assert table.swept == ("width", "height")


def test_paired_values_go_together() -> None:
    table = sweep(sweeping.area, width=[1.0, 2.0], height=[3.0, 5.0], paired=True)
    assert [(p["width"], p["height"]) for p in table] == [(1.0, 3.0), (2.0, 5.0)]


def test_some_names_paired_and_others_combined() -> None:
    def f(a: int, b: int, c: str) -> int:
        return a + b

    table = sweep(f, a=[1, 2], c=["p", "q"], b=[10, 20], paired=["a", "b"])
    assert [(p["a"], p["b"], p["c"]) for p in table] == [
        (1, 10, "p"), (1, 10, "q"), (2, 20, "p"), (2, 20, "q"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "several",
    [[1.0, 2.0], range(1, 3), np.array([1.0, 2.0]), pandas.Series([1.0, 2.0])],
    ids=["list", "range", "array", "series"],
)
def test_what_has_several_values(several: Any) -> None:
    assert sweep(sweeping.area, width=several).column("width").tolist() == [1.0, 2.0]


def test_a_tuple_a_text_and_a_mapping_are_one_value() -> None:
    def f(spacing: tuple[float, ...], phase: str, conductivity: dict[str, float]) -> int:
        return len(spacing) + len(phase) + len(conductivity)

    table = sweep(f, spacing=(1.0, 2.0), phase="pore", conductivity={"AM": 1.0})
    assert len(table) == 1 and table[0]["value"] == 7
    assert table.rows()[0]["spacing"] == "(1.0, 2.0)"


def test_the_same_point_twice_is_computed_once(calls: list[float]) -> None:
    table = sweep(sweeping.recorded, x=[1.0, 2.0, 1.0])
    assert calls == [1.0, 2.0]
    assert table.column("value").tolist() == [1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"widht": [1.0]}, "area takes no 'widht'; did you mean 'width'?"),
        ({"height": [1.0]}, "area needs 'width'; give it one value or a list"),
        ({"width": []}, "the list of 'width' is empty; give it at least one value"),
        ({"width": iter([1.0])}, "are a list_iterator, which can be gone through once only"),
        (
            {"width": [1.0, 2.0], "height": [1.0], "paired": True},
            "lists that are paired must be of one length: width has 2, height has 1",
        ),
        (
            {"width": [1.0, 2.0], "paired": ["widht"]},
            "paired names 'widht', which has no list of values; did you mean 'width'?",
        ),
        ({"width": [1.0], "jobs": 0}, "jobs counts the points computed at a time"),
        ({"width": [1.0], "jobs": 1.5}, "found 1.5"),
        ({"width": [1.0], "workers": "people"}, "there are no workers 'people'"),
        ({"width": [1.0], "cluster": "tcp://x:1"}, "leave out jobs"),
    ],
)
def test_what_cannot_be_swept_is_told_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(twin.InputError) as told:
        sweep(sweeping.area, **values)
    assert sentence in str(told.value)
    assert "\n" not in str(told.value)


def test_a_thing_that_is_no_function() -> None:
    with pytest.raises(twin.InputError, match="a function is needed to sweep over, found float"):
        sweep(3.0, x=[1])


def test_a_function_without_arguments_by_name() -> None:
    with pytest.raises(twin.InputError, match="takes no arguments by name, found 'x'"):
        sweep(math.sqrt, x=[1])


def test_a_function_of_any_names() -> None:
    def total(**numbers: float) -> float:
        return sum(numbers.values())

    assert sweep(total, a=[1.0, 2.0], b=3.0).column("value").tolist() == [4.0, 5.0]


# --- the store


def test_the_same_call_twice_computes_nothing(calls: list[float]) -> None:
    first = sweep(sweeping.recorded, x=[1.0, 2.0])
    second = sweep(sweeping.recorded, x=[1.0, 2.0])
    assert calls == [1.0, 2.0]
    assert (first.computed, second.computed) == (2, 0)
    assert first.rows() == second.rows()


def test_more_values_compute_only_what_is_new(calls: list[float]) -> None:
    sweep(sweeping.recorded, x=[1.0, 2.0])
    table = sweep(sweeping.recorded, x=[2.0, 3.0], y=[1.0, 5.0])  # y is 1.0 when it is left out
    assert table.computed == 3
    assert sorted(calls) == [1.0, 2.0, 2.0, 3.0, 3.0]


def test_without_a_store_nothing_is_written(calls: list[float]) -> None:
    for _ in range(2):
        assert sweep(sweeping.recorded, x=[1.0], store=None).computed == 1
    assert not list(Path().iterdir())
    assert len(calls) == 2


def test_every_point_is_on_disk_when_the_next_begins() -> None:
    seen = []

    def look(x: int) -> int:
        with sqlite3.connect("s.db") as connection:
            seen.append(connection.execute("SELECT count(*) FROM point").fetchone()[0])
        connection.close()
        return x

    sweep(look, x=[1, 2, 3], store="s.db")
    assert seen == [0, 1, 2]


def test_the_store_can_be_read_with_sqlite() -> None:
    sweep(sweeping.area, width=[1.5], store="s.db")
    connection = sqlite3.connect("s.db")
    rows = connection.execute(
        "SELECT function, arguments ->> 'width', numbers ->> 'area', error FROM point"
    ).fetchall()
    connection.close()
    assert rows == [("support.sweeping.area", 1.5, 3.0, "")]


def test_infinite_numbers_and_nan_come_back_from_the_store() -> None:
    def strange(x: int) -> dict[str, float]:
        return {"inf": math.inf, "nan": math.nan}

    sweep(strange, x=1)
    row = sweep(strange, x=1).rows()[0]
    assert row["inf"] == math.inf and math.isnan(row["nan"])


def test_a_store_of_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(sweeping.area, width=[1.0], store="s.db")
    monkeypatch.setattr(twin, "__version__", "9.9.9")
    before = Path("s.db").read_bytes()
    with pytest.raises(twin.InputError) as told:
        sweep(sweeping.area, width=[1.0], store="s.db")
    assert "s.db were computed by twin 0.1.0, and this is twin 9.9.9" in str(told.value)
    assert Path("s.db").read_bytes() == before


def test_a_store_of_another_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(sweeping.area, width=[1.0], store="s.db")
    monkeypatch.setattr(store_module, "_LAYOUT", 2)
    with pytest.raises(twin.InputError, match="give the store another name"):
        sweep(sweeping.area, width=[1.0], store="s.db")


def test_a_database_of_something_else() -> None:
    connection = sqlite3.connect("s.db")
    connection.execute("CREATE TABLE mine (x)")
    connection.commit()
    connection.close()
    with pytest.raises(twin.InputError, match="a database of something else than a sweep"):
        sweep(sweeping.area, width=[1.0], store="s.db")


def test_a_file_that_is_no_database() -> None:
    Path("s.db").write_text("not a database, but long enough to look at" * 20)
    with pytest.raises(twin.InputError, match=r"s\.db is no store of a sweep"):
        sweep(sweeping.area, width=[1.0], store="s.db")


@pytest.mark.parametrize(
    ("place", "sentence"),
    [(".", "it is a folder"), ("missing/s.db", "there is no folder missing; make it first")],
)
def test_a_place_that_cannot_hold_a_store(place: str, sentence: str) -> None:
    with pytest.raises(twin.InputError, match=sentence):
        sweep(sweeping.area, width=[1.0], store=place)


def test_two_sweeps_write_to_one_store_at_a_time() -> None:
    def run(first: int) -> None:
        sweep(sweeping.area, width=[float(first + n) for n in range(20)], store="s.db")

    threads = [threading.Thread(target=run, args=(100 * n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    widths = [float(100 * n + k) for n in range(3) for k in range(20)]
    assert sweep(sweeping.area, width=widths, store="s.db").computed == 0


# --- which functions are the same


def defined(source: str) -> Any:
    """The function f that a script defines."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(source, "script.py", "exec"), names)
    return names["f"]


@pytest.mark.parametrize(
    ("before", "after", "computed"),
    [
        ("def f(x):\n    return x + 1", "def f(x):\n    return x + 1", 0),
        ("def f(x):\n    return x + 1", "\n\n# a note\ndef f(x):\n\n    return x + 1", 0),
        ("def f(x):\n    return x + 1", "def f(x):\n    return x + 2", 1),
        ("def f(x):\n    return x.real", "def f(x):\n    return x.imag", 1),
        ("k = 1\ndef f(x):\n    return x + k", "k = 2\ndef f(x):\n    return x + k", 1),
        (
            "def g(x):\n    return x\ndef f(x):\n    return g(x)",
            "def g(x):\n    return -x\ndef f(x):\n    return g(x)",
            1,
        ),
        (
            "def f(x):\n    return [i for i in range(x)][-1]",
            "def f(x):\n    return [-i for i in range(x)][-1]",
            1,
        ),
        (
            "class C:\n    def v(self):\n        return 1\ndef f(x):\n    return C().v()",
            "class C:\n    def v(self):\n        return 2\ndef f(x):\n    return C().v()",
            1,
        ),
        (
            "from functools import partial\ndef g(x, y):\n    return x + y\nf = partial(g, y=1)",
            "from functools import partial\ndef g(x, y):\n    return x + y\nf = partial(g, y=2)",
            1,
        ),
        (
            "def make(k):\n    return lambda x: x + k\nf = make(1)",
            "def make(k):\n    return lambda x: x + k\nf = make(2)",
            1,
        ),
        (
            "import numba\n@numba.njit\ndef f(x):\n    return x + 1",
            "import numba\n@numba.njit\ndef f(x):\n    return x + 2",
            1,
        ),
        ("def f(x, y=1):\n    return x + y", "def f(x, y=2):\n    return x + y", 1),
    ],
    ids=["same", "comment", "constant", "attribute", "global", "helper", "inner", "class",
         "partial", "closure", "compiled", "default"],
)  # fmt: skip
def test_an_edited_function_is_computed_again(before: str, after: str, computed: int) -> None:
    sweep(defined(before), x=[3])
    assert sweep(defined(after), x=[3]).computed == computed


def test_a_change_of_our_own_code_is_a_change_of_every_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sweep(sweeping.area, width=[1.0])
    monkeypatch.setattr("twin.studies.points.own_code", lambda: "other")
    assert sweep(sweeping.area, width=[1.0]).computed == 1


def test_functions_that_call_each_other_have_a_digest() -> None:
    source = "def g(x):\n    return f(x - 1)\ndef f(x):\n    return g(x) if x > 0 else 0"
    assert sweep(defined(source), x=[3])[0]["value"] == 0
    assert sweep(defined(source), x=[3]).computed == 0


# --- which arguments are the same


def volume(value: int = 1, spacing: Any = (1e-6, 2e-6, 3e-6), name: str = "pore") -> twin.Volume:
    labels = np.full((4, 3, 2), 1, np.uint8)
    labels[0, 0, 0] = value
    return twin.Volume(labels, spacing, {name: 1})


@pytest.mark.parametrize(
    ("other", "computed"),
    [
        (volume(), 0),
        (volume(value=2), 1),
        (volume(spacing=(1e-6, 3e-6, 2e-6)), 1),
        (volume(name="AM"), 1),
        (twin.Volume(volume().labels.copy(), volume().spacing, {"pore": 1}), 0),
    ],
    ids=["same", "voxel", "spacing", "phase", "copy"],
)
def test_volumes_are_told_apart_by_content(other: twin.Volume, computed: int) -> None:
    sweep(sweeping.mean_label, volume=volume(), power=[1])
    assert sweep(sweeping.mean_label, volume=other, power=[1]).computed == computed


def test_arrays_are_told_apart_by_content_type_and_shape() -> None:
    a = np.arange(12.0).reshape(3, 4)
    different = [a, a + 1e-15, a.astype(np.float32), a.reshape(4, 3), a[:, ::-1]]
    assert sweep(np.mean, a=different).computed == len(different)
    same = [a.copy(), np.asfortranarray(a), a[::-1][::-1]]
    assert sweep(np.mean, a=same).computed == 0


def test_a_value_that_cannot_be_told_from_others() -> None:
    with pytest.raises(twin.InputError, match="of type lock cannot be told from others"):
        sweep(sweeping.area, width=threading.Lock())


# --- points that fail


def test_a_failed_point_keeps_its_error_and_the_others_go_on() -> None:
    table = sweep(sweeping.picky, x=[1, 2, 3])
    assert table.column("value").tolist()[::2] == [10, 30] and math.isnan(table.column("value")[1])
    (failed,) = table.failed
    assert failed["x"] == 2
    assert failed.error == "ValueError: two is not allowed"
    assert 'raise ValueError("two is\\nnot allowed")' in failed.traceback
    assert "1 failed: ValueError: two is not allowed" in table.summary()
    assert [row["error"] for row in table.rows()] == [None, failed.error, None]


def test_a_failed_point_is_computed_again_on_request_only(calls: list[float]) -> None:
    assert len(sweep(sweeping.moody, x=[1]).failed) == 1
    assert len(sweep(sweeping.moody, x=[1]).failed) == 1 and calls == [1]
    again = sweep(sweeping.moody, x=[1], retry=True)
    assert not again.failed and again.computed == 1 and calls == [1, 1]
    assert sweep(sweeping.moody, x=[1], retry=True).computed == 0


def test_a_result_that_makes_no_row_fails_with_a_sentence() -> None:
    def f(x: int) -> list[int]:
        return [x]

    assert "returned a list; a sweep needs a number" in sweep(f, x=[1]).failed[0].error


# --- results


def test_numbers_of_our_own_results() -> None:
    image = twin.generate.blobs((12, 10, 8), 0.7, 3e-6, spacing=(1e-6, 2e-6, 3e-6))
    table = sweep(twin.tortuosity, volume=image, phase="pore", axis=["x", "z"])
    expected = [twin.tortuosity(image, "pore", axis).tortuosity_factor for axis in ("x", "z")]
    assert table.column("tortuosity_factor").tolist() == expected
    assert "result.axis" not in table.columns and table.columns[0] == "axis"
    assert table.column("spacing_y").tolist() == [2e-6, 2e-6]


def test_results_are_kept_on_request() -> None:
    image = volume()
    kept = sweep(twin.tortuosity, volume=image, phase="pore", axis=["x", "y"], keep_results=True)
    t = kept.results[1]
    assert isinstance(t, twin.Tortuosity) and t.axis == "y"
    assert t.tortuosity_factor == kept[1]["tortuosity_factor"]
    again = sweep(twin.tortuosity, volume=image, phase="pore", axis=["x", "y"], keep_results=True)
    assert again.computed == 0 and again.results[1].tortuosity_factor == t.tortuosity_factor
    numbers = sweep(twin.tortuosity, volume=image, phase="pore", axis=["x", "y"])
    assert numbers.computed == 0 and numbers.results == (None, None)


def test_a_point_without_its_result_is_computed_again_when_it_is_wanted() -> None:
    sweep(sweeping.area, width=[1.0])
    table = sweep(sweeping.area, width=[1.0], keep_results=True)
    assert table.computed == 1 and table.results == ({"area": 2.0, "perimeter": 6.0},)


class Locked(dict[str, float]):
    def __init__(self) -> None:
        super().__init__(a=1.0)
        self.lock = threading.Lock()


def test_a_result_that_cannot_be_pickled_leaves_its_numbers() -> None:
    def f(x: int) -> Locked:
        return Locked()

    for computed in (1, 0):
        table = sweep(f, x=[1], keep_results=True)
        assert (table.computed, table.results, table[0]["a"]) == (computed, (None,), 1.0)
        assert "1 not kept: the result cannot be pickled" in table.summary()


# --- other processes and threads


def test_processes_get_their_share_of_cores_and_little_memory() -> None:
    def f(x: int) -> dict[str, Any]:
        import numba

        t = twin.tortuosity(twin.generate.blobs((12, 12, 12), 0.6, 3), "pore", "x")
        megabytes = psutil.Process().memory_info().rss / 1e6
        return {**sweeping.own_process(x), "MB": megabytes, "n": numba.get_num_threads(),
                "tau": t.tortuosity_factor}  # fmt: skip

    table = sweep(f, x=[1, 2], jobs=2)
    assert not table.failed, table.failed[0].traceback
    assert psutil.Process().pid not in set(table.column("pid"))
    assert (table.column("MB") < 500).all()
    import loky

    assert set(table.column("n")) == {max(1, loky.cpu_count() // 2)}


def test_processes_find_what_one_process_finds() -> None:
    here = sweep(sweeping.area, width=[1.0, 2.0, 3.0], store=None)
    there = sweep(sweeping.area, width=[1.0, 2.0, 3.0], store=None, jobs=2)
    threads = sweep(sweeping.area, width=[1.0, 2.0, 3.0], store=None, jobs=2, workers="threads")
    areas = [table.column("area").tolist() for table in (here, there, threads)]
    assert areas == [[2.0, 4.0, 6.0]] * 3


def test_a_large_volume_reaches_processes_by_content() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (60, 50, 40), dtype=np.uint8)
    image = twin.Volume(labels, (1e-6, 2e-6, 3e-6))
    table = sweep(sweeping.mean_label, volume=image, power=[1, 2], jobs=2)
    expected = [sweeping.mean_label(image, power) for power in (1, 2)]
    assert table.column("value").tolist() == expected
    assert sweep(sweeping.mean_label, volume=image, power=[1, 2]).computed == 0


def test_a_point_that_kills_its_process_fails_alone() -> None:
    table = sweep(sweeping.deadly, x=[1, 2, 3, 4, 5, 6], jobs=2)
    assert [p["x"] for p in table.failed] == [3]
    assert table.failed[0].error.startswith("WorkerDied: the process that computed the point died")
    assert [p["value"] for p in table if not p.error] == [1, 2, 4, 5, 6]


def test_a_function_that_cannot_be_sent() -> None:
    with pytest.raises(twin.InputError, match="cannot be sent to other processes"):
        sweep(sweeping.Unsendable(), x=[1, 2], jobs=2)


# --- progress


def test_progress_counts_points_that_were_there_before() -> None:
    told: list[tuple[int, int, int]] = []
    sweep(sweeping.picky, x=[1])
    sweep(sweeping.picky, x=[1, 2, 3], progress=lambda *counts: told.append(counts))
    assert told == [(2, 1, 3), (3, 1, 3)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_and_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    sweep(sweeping.picky, x=[1, 2, 3], progress=True)
    drawn = sys.stderr.getvalue().split("\r\x1b[K")
    assert "] 1 of 3 points, 0:00:0" in drawn[1]
    assert "] 3 of 3 points, 1 failed, 0:00:00 left" in drawn[3]
    assert drawn[-1] == ""  # the line is cleared in the end
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    sweep(sweeping.picky, x=[4], progress=True)
    assert sys.stderr.getvalue() == ""


def test_every_point_refused_alike_is_a_wrong_call() -> None:
    with pytest.raises(twin.InputError) as told:
        sweep(twin.tortuosity, volume=volume(), phase="por", axis=["x", "y"])
    assert str(told.value).startswith("there is no phase 'por'")
    table = sweep(twin.tortuosity, volume=volume(), phase=["por", "pore"], axis="x")
    assert [bool(p.error) for p in table] == [True, False]


def test_a_name_that_a_cell_does_not_have() -> None:
    with pytest.raises(twin.InputError, match=r"no parameter 'oxygen_difusivity'.*oxygen_diff"):
        sweep(twin.lio2.discharge, oxygen_difusivity=[1e-10, 2e-10], current_density=2.4)


def test_processes_share_a_large_volume_in_memory() -> None:
    def is_mapped(x: int, image: twin.Volume) -> bool:
        import mmap

        owner: Any = image.labels
        while isinstance(owner, np.ndarray):
            owner = owner.base
        return isinstance(owner.obj, mmap.mmap) and image.labels.flags.writeable

    image = twin.Volume(np.ones((60, 50, 40), np.uint8), 1e-6)
    table = sweep(is_mapped, image=image, x=[1, 2], jobs=2)
    assert not table.failed, table.failed[0].traceback
    assert table.column("value").all()


def test_import_of_the_module_is_light() -> None:
    code = "import sys, twin.sweep; print(*{n.split('.')[0] for n in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env=sweeping.environment(),
    )  # fmt: skip
    heavy = {"dask", "distributed", "pandas", "pyarrow", "loky", "matplotlib", "numba"}
    assert not heavy & set(run.stdout.split())
