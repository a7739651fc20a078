"""Which number of a metric's result a study takes, and what it says where there is none."""

from __future__ import annotations

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.metrics import Question, check_metric

VOLUME = twin.generate.electrode((10, 10, 10), "1um")


@pytest.mark.parametrize(
    ("result", "value", "expected"),
    [
        (3, None, 3.0),
        (np.float32(0.5), None, 0.5),
        (np.array(2), None, 2.0),
        (np.inf, None, np.inf),
        ({"a": 1.0, "b": {"c": 2}}, "b.c", 2.0),
    ],
)
def test_numbers_are_found(result, value, expected):
    assert Question(lambda volume: result, value, {}).of(VOLUME) == expected


def test_attributes_and_entries_of_results_are_found():
    arguments = {"phase": "pore", "axis": "x"}
    t = twin.tortuosity(VOLUME, "pore", axis="x")
    assert Question(twin.tortuosity, "tortuosity_factor", arguments).of(VOLUME) == (
        t.tortuosity_factor
    )
    both = Question(twin.tortuosity, "directions.x.tortuosity_factor", arguments | {"axis": "xy"})
    assert both.of(VOLUME) == pytest.approx(t.tortuosity_factor, rel=1e-12)
    assert both.name == "directions.x.tortuosity_factor"


@pytest.mark.parametrize(
    ("result", "value", "said"),
    [
        ("wide", None, "the metric returned 'wide', which is no number and has none"),
        (None, None, "returned None, which is no number"),
        (True, None, "returned True, which is no number"),
        ([1.0, 2.0], None, r"returned \[1.0, 2.0\], which is no number"),
        ({"tau": 2.0, "ok": True}, None, "returned a dict; .* as value='tau', out of tau$"),
        ({"tau": 2.0}, "tao", "returned a dict without 'tao'; did you mean 'tau'"),
        (VOLUME, "shape", r"'shape' of the metric's result is \(10, 10, 10\), not a number"),
        ("wide", "tau", "without 'tau'; its numbers are none"),
    ],
)
def test_what_is_no_number_is_one_sentence(result, value, said):
    with pytest.raises(InputError, match=said):
        Question(lambda volume: result, value, {}).of(VOLUME)


def test_a_metric_can_be_called():
    with pytest.raises(InputError, match="a metric is a function of a volume"):
        check_metric("tortuosity")
