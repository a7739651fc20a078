"""Bounds of Wiener and of Hashin and Shtrikman."""

from __future__ import annotations

import pytest

from twin.bounds import hashin_shtrikman, wiener


def test_wiener_is_series_and_parallel() -> None:
    lower, upper = wiener([0.2, 0.3, 0.5], [1.0, 10.0, 4.0])
    assert upper == pytest.approx(0.2 + 3.0 + 2.0)
    assert lower == pytest.approx(1 / (0.2 + 0.03 + 0.125))


@pytest.mark.parametrize("fractions", [[0.4, 0.5], [0.4, 0.6]])
def test_what_does_not_conduct_stops_a_series(fractions: list[float]) -> None:
    values = [2.0, 3.0 if sum(fractions) < 1 else 0.0]
    lower, upper = wiener(fractions, values)
    assert lower == 0.0
    assert upper == pytest.approx(sum(f * k for f, k in zip(fractions, values, strict=True)))
    assert hashin_shtrikman(fractions, values)[0] == 0.0


@pytest.mark.parametrize("dimensions", [2, 3])
def test_two_phases_as_they_are_usually_written(dimensions: int) -> None:
    """Hashin and Shtrikman 1962, doi:10.1063/1.1728579: k1 + f2 / (1 / (k2 - k1) + f1 / (d k1))."""
    (f1, f2), (k1, k2) = (0.3, 0.7), (1.0, 20.0)
    lower, upper = hashin_shtrikman([f1, f2], [k1, k2], dimensions)
    assert lower == pytest.approx(k1 + f2 / (1 / (k2 - k1) + f1 / (dimensions * k1)))
    assert upper == pytest.approx(k2 + f1 / (1 / (k1 - k2) + f2 / (dimensions * k2)))


def test_an_isotropic_body_is_bounded_more_narrowly() -> None:
    fractions, values = [0.25, 0.35, 0.4], [1.0, 7.0, 300.0]
    low, high = wiener(fractions, values)
    lower, upper = hashin_shtrikman(fractions, values)
    assert low < lower < upper < high


def test_one_material_leaves_no_room() -> None:
    assert wiener([1.0], [5.0]) == pytest.approx((5.0, 5.0))
    assert hashin_shtrikman([1.0], [5.0]) == pytest.approx((5.0, 5.0))
    assert hashin_shtrikman([0.0], [5.0]) == (0.0, 0.0)
