"""The page on two electrodes and their tortuosity factors shows what its script stored."""

from __future__ import annotations

import re

import electrode_study
import pytest
import study_tables

TEXT = (study_tables.DOCS / f"{electrode_study.PAGE}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def record() -> study_tables.Record:
    return study_tables.record_of(electrode_study.PAGE)


def cells(table: str) -> list[list[str]]:
    """Rows below the head, without the rule."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


@pytest.mark.parametrize("name", electrode_study.TABLES)
def test_every_table_is_whole_and_shown(name, record):
    lines = electrode_study.TABLES[name](record).splitlines()
    assert len(lines) > 3
    assert len({line.count("|") for line in lines}) == 1
    assert f"_generated/studies/electrode-tortuosity-{name}.md" in TEXT


def test_a_table_follows_the_record(record):
    rows = cells(electrode_study.factors(record))
    found = record["nmc"]["axes"]["x"]
    assert rows[0][:2] == ["NMC cathode", "x"]
    assert float(rows[0][3].split()[0]) == pytest.approx(found["through"], abs=6e-4)
    for cell, face in zip(rows[0][4:6], ("low", "high"), strict=True):
        expected = found["AM + CBD"][face]["tortuosity_factor"]
        assert float(cell.split()[0]) == pytest.approx(expected, abs=6e-4)
    assert rows[4][:5] == ["paper, MX-1", "x", "18.1 %", "8.13 (45.17)", "8.51 (47.28)"]


def test_published_numbers_are_consistent(record):
    """MacMullin numbers are factors over porosities, within the digits of all three."""
    paper = record["paper"]
    for i, eps in enumerate(paper["porosity"]):
        for way in ("through", "electrode"):
            for axis in "xz":
                number = paper[f"{way}_number"][axis][i]
                assert number * eps / 100 == pytest.approx(paper[way][axis][i], rel=6e-3)


def test_numbers_in_the_text_are_found(record):
    numbers = re.findall(r"\{stored\}`([^`]+)`", TEXT)
    assert len(numbers) > 5
    assert all(study_tables.look_up(record, number) for number in numbers)


def test_what_the_text_says_of_both_factors(record):
    """The sentences of the page that carry no number of their own."""
    for _, _, found in electrode_study.solves(record):
        ones = [found[electrode_study.WALLS][face] for face in electrode_study.FACES]
        low, high = (one["tortuosity_factor"] for one in ones)
        assert 0.97 < (low + high) / 2 / found["through"] < 1
        assert abs(low / high - 1) < 0.06
        bounds = [one["lower_bound"] for one in ones]
        assert min(bounds) > 1 and abs(bounds[0] / bounds[1] - 1) < 0.5 * abs(low / high - 1) + 1e-3
        assert all(one["accessible_fraction"] > 0.99 for one in ones)
    z = record["nmc"]["axes"]["z"]
    low, high = (z["AM + CBD"][face]["tortuosity_factor"] for face in electrode_study.FACES)
    assert low < z["through"] < high
    paper = record["paper"]
    below = [
        e < t
        for axis in "xz"
        for e, t in zip(paper["electrode"][axis], paper["through"][axis], strict=True)
    ]
    assert sorted(below) == [False, True, True, True, True, True]


def test_what_the_text_says_of_walls_and_fits(record):
    for _, _, found in electrode_study.solves(record):
        for face in electrode_study.FACES:
            first = found[electrode_study.WALLS][face]["tortuosity_factor"]
            for kind in electrode_study.found_walls(found):
                changed = found[kind][face]["tortuosity_factor"]
                assert changed == pytest.approx(first, rel=0.01)
    ratios = record["spectrum"]["ratios"]
    for element in ("capacitor", "CPE"):
        assert ratios[f"{element}, unit"] == pytest.approx(1, abs=0.01)
        assert ratios[f"{element}, modulus"] < ratios[f"{element}, proportional"] < 0.95
    assert ratios["CPE, modulus"] == pytest.approx(ratios["capacitor, modulus"], rel=0.01)
