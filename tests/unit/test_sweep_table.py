"""The table of a sweep: rows, selection, files and pictures."""

from __future__ import annotations

import builtins
import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from support import sweeping

import twin
from twin.studies.picture import is_logarithmic


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sweep(function: Any, **values: Any) -> twin.Sweep:
    return twin.sweep(function, **{"jobs": 1, "store": None, "progress": False, **values})


def mixed(x: float, kind: str = "a") -> dict[str, Any]:
    if x == 0.0:
        raise ZeroDivisionError("no value at 0")
    return {
        "kind": kind, "inverse": 1.0 / x, "label": f"at {x}", "positive": x > 0, "nothing": None,
        "deep": {"square": x * x}, "curve": [x] * 9, "spacing": (x, 2 * x, 3 * x),
    }  # fmt: skip


@pytest.fixture
def table() -> twin.Sweep:
    return sweep(mixed, x=[0.0, 1.0, 2.0], kind=["a", "b"])


def test_rows_have_the_same_columns_swept_ones_first(table: twin.Sweep) -> None:
    columns = (
        "x", "kind", "inverse", "label", "positive", "nothing", "deep.square", "spacing_x",
        "spacing_y", "spacing_z", "error", "seconds",
    )  # fmt: skip
    assert table.columns == columns
    assert all(tuple(row) == columns for row in table.rows())
    assert table.rows()[0]["inverse"] is None
    assert table.rows()[5]["deep.square"] == 4.0
    assert table.rows()[0]["error"] == "ZeroDivisionError: no value at 0"


def test_a_number_that_differs_from_the_argument_of_its_name_is_kept() -> None:
    def rounded(x: float) -> dict[str, float]:
        return {"x": round(x), "seconds": 1.0}

    assert sweep(rounded, x=[1.0, 2.2]).columns == (
        "x", "result.x", "result.seconds", "error", "seconds",
    )  # fmt: skip


def test_columns_as_arrays(table: twin.Sweep) -> None:
    inverse = table.column("inverse")
    assert (
        inverse.dtype == float and np.isnan(inverse[:2]).all() and inverse[2:].tolist()[-1] == 0.5
    )
    assert table.column("label").tolist()[2] == "at 1.0"
    with pytest.raises(twin.InputError, match="no column 'invers'; did you mean 'inverse'"):
        table.column("invers")


def test_selection(table: twin.Sweep) -> None:
    assert [(p["x"], p["kind"]) for p in table.select(x=2.0)] == [(2.0, "a"), (2.0, "b")]
    assert len(table.select(x=[1.0, 2.0], kind="a")) == 2
    assert len(table.select(x=1)) == 2  # 1 and 1.0 are one number
    assert len(table.select(x=1.0 + 1e-12)) == 2
    with pytest.raises(twin.InputError, match="no argument 'knd'; did you mean 'kind'"):
        table.select(knd="a")
    with pytest.raises(twin.InputError, match=r"no point has x = 3\.0; its values are 0\.0, 1\.0"):
        table.select(x=3.0)


def test_selection_by_volume() -> None:
    images = [twin.Volume(np.full((2, 2, 2), n, np.uint8)) for n in (1, 2)]
    found = sweep(sweeping.mean_label, volume=images, power=[1, 2])
    assert found.select(volume=images[1]).column("value").tolist() == [2.0, 4.0]


def test_summary_tells_what_was_computed_and_what_failed(table: twin.Sweep) -> None:
    lines = table.summary().splitlines()
    assert lines[0].endswith(".mixed: 6 points, 6 computed, 0 from the store, 2 failed")
    assert lines[2].split()[:3] == ["x", "kind", "inverse"]
    assert lines[-1] == "2 failed: ZeroDivisionError: no value at 0"


def test_a_long_table_is_cut() -> None:
    found = sweep(sweeping.area, width=[float(n) for n in range(1, 31)])
    assert "and 10 rows more" in found.summary()


def test_to_dict_holds_rows(table: twin.Sweep) -> None:
    data = table.to_dict()
    assert (data["points"], data["failed"], data["swept"]) == (6, 2, ["x", "kind"])
    assert data["rows"] == table.rows()


def test_csv_holds_every_point(table: twin.Sweep) -> None:
    path = table.to_csv("t.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert float(rows[4]["inverse"]) == 0.5 and rows[0]["inverse"] == ""
    assert rows[1]["error"] == "ZeroDivisionError: no value at 0"


def test_pandas_and_parquet_agree(table: twin.Sweep) -> None:
    frame = table.to_pandas()
    assert list(frame.columns) == list(table.columns) and len(frame) == 6
    back = pandas.read_parquet(table.to_parquet("t.parquet"))
    assert list(back.columns) == list(table.columns)
    assert back["inverse"].tolist()[2:] == table.column("inverse").tolist()[2:]
    assert back["label"].tolist()[2:] == table.column("label").tolist()[2:]
    assert {p.name for p in Path().iterdir()} == {"t.parquet"}


def test_parquet_of_a_column_with_texts_and_numbers() -> None:
    def f(x: object) -> int:
        return 1

    found = sweep(f, x=[1.5, "many"])
    assert pandas.read_parquet(found.to_parquet("t.parquet"))["x"].tolist() == ["1.5", "many"]


def test_without_pyarrow(table: twin.Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pyarrow":
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(twin.InputError, match=r"pip install 'twin\[parquet\]'"):
        table.to_parquet("t.parquet")


@pytest.mark.parametrize("write", ["to_csv", "to_parquet"])
def test_a_file_that_cannot_be_written(table: twin.Sweep, write: str) -> None:
    with pytest.raises(twin.InputError, match="there is no folder missing; make it first"):
        getattr(table, write)("missing/t")


# --- pictures


def power(x: float, n: int) -> float:
    return x**n


def test_a_curve_for_each_value_of_the_other_argument() -> None:
    figure = sweep(power, x=[1.0, 10.0, 100.0], n=[1, 2]).plot("value")
    (panel,) = figure.axes
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    assert [line.get_ydata().tolist() for line in panel.lines] == [[1, 10, 100], [1, 100, 10000]]
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("x", "value")
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "n"
    assert [text.get_text() for text in legend.get_texts()] == ["1", "2"]


def test_what_is_along_the_axis_can_be_chosen_and_labelled() -> None:
    found = sweep(power, x=[3.0, 1.0, 2.0], n=[1, 2])
    figure = found.plot("value", x="n", by="x", labels={"value": "value [m]"}, path="p.png")
    (panel,) = figure.axes
    assert len(panel.lines) == 3 and panel.get_ylabel() == "value [m]"
    assert Path("p.png").stat().st_size > 5000


def test_curves_run_from_left_to_right() -> None:
    (panel,) = sweep(power, x=[3.0, 1.0, 2.0], n=1).plot("value").axes
    assert panel.lines[0].get_xdata().tolist() == [1.0, 2.0, 3.0]
    assert panel.get_xscale() == "linear"


def test_names_along_the_axis_have_markers_side_by_side() -> None:
    (panel,) = sweep(mixed, kind=["a", "b"], x=[1.0, 2.0]).plot("inverse").axes
    assert [label.get_text() for label in panel.get_xticklabels()] == ["a", "b"]
    assert all(line.get_linestyle() == "None" for line in panel.lines)
    places = [line.get_xdata().tolist() for line in panel.lines]
    assert places[0] != places[1]
    assert np.allclose(np.round(places), [[0, 1], [0, 1]])


def test_points_without_a_finite_value_are_counted(table: twin.Sweep) -> None:
    (panel,) = table.plot("inverse").axes
    assert panel.get_title(loc="right") == "2 of 6 points have no finite value"
    assert math.isnan(panel.lines[0].get_ydata()[0])


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("label", "'label' is not a number at every point"),
        ("nothing", "no point has a finite 'nothing'"),
        ("invers", "did you mean 'inverse'"),
    ],
)
def test_what_cannot_be_drawn(table: twin.Sweep, column: str, sentence: str) -> None:
    with pytest.raises(twin.InputError, match=sentence):
        table.plot(column)


def test_nothing_swept_needs_an_axis() -> None:
    with pytest.raises(twin.InputError, match="say what to draw along the axis with x="):
        sweep(power, x=1.0, n=1).plot("value")


def test_many_curves_have_colours_of_a_scale() -> None:
    figure = sweep(power, x=[1.0, 2.0], n=list(range(1, 13))).plot("value")
    colours = {tuple(np.round(line.get_color(), 6)) for line in figure.axes[0].lines}
    assert len(colours) == 12


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 100.0], True), ([1.0, 99.0], False), ([1.0, 2.0, 4.0], True),
        ([1.0, 2.0, 3.0], False), ([0.0, 1000.0], False), ([-1.0, 1000.0], False),
        ([5.0, 5.0], False), ([1.0, np.nan, 1000.0], True),
    ],
)  # fmt: skip
def test_when_an_axis_is_logarithmic(values: list[float], expected: bool) -> None:
    assert is_logarithmic(np.array(values)) is expected
