"""The page on two electrodes in numbers shows what its script stored, and its words hold."""

from __future__ import annotations

import re

import microstructure_study
import pytest
import study_tables

TEXT = (study_tables.DOCS / f"{microstructure_study.PAGE}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def record() -> study_tables.Record:
    return study_tables.record_of(microstructure_study.PAGE)


def cells(table: str) -> list[list[str]]:
    """Rows below the head, without the rule."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


@pytest.mark.parametrize("name", microstructure_study.TABLES)
def test_every_table_is_whole_and_shown(name, record):
    lines = microstructure_study.TABLES[name](record).splitlines()
    assert len(lines) > 3
    assert len({line.count("|") for line in lines}) == 1
    assert f"_generated/studies/microstructure-{name}.md" in TEXT


def test_a_table_follows_the_record(record):
    row = cells(microstructure_study.surfaces(record))[0]
    found = record["nmc"]["phases"]["AM"]
    assert row[:2] == ["NMC cathode", "AM"]
    assert float(row[6]) == pytest.approx(1e-6 * found["specific_area"]["voxel"], abs=6e-4)
    published = cells(microstructure_study.surfaces(record))[6]
    assert published[:3] == ["paper, MX-1", "CBD", "88.2 %"]


def test_numbers_in_the_text_are_found(record):
    numbers = re.findall(r"\{stored\}`([^`]+)`", TEXT)
    assert len(numbers) > 15
    assert all(study_tables.look_up(record, number) for number in numbers)


def test_what_the_text_says_holds_for_the_numbers(record):
    """The sentences of the page that carry no number of their own."""
    for volume in study_tables.VOLUMES:
        phases, rows = record[volume]["phases"], record[volume]["coarser"]
        assert phases["AM"]["voxel_over_crofton"] == pytest.approx(1.5, abs=0.03)
        assert phases["CBD"]["voxel_over_crofton"] > 1.55
        assert phases["AM"]["voxel_over_marching_cubes"] == pytest.approx(1.38, abs=0.015)
        for phase in phases.values():
            assert phase["largest_fraction"] == max(phase["percolating_fraction"])
        assert rows[0]["edges_over_smooth"] > 2 * 1.5
        areas = [row["area_over_first"] for row in rows]
        assert all(area["CBD"] < area["AM"] for area in areas[1:])
        percolating = [row["phases"]["CBD"]["percolating_fraction"][2] for row in rows]
        assert percolating[-1] == 0.0 < percolating[0]
    covered = {volume: record[volume]["coverage"]["CBD"]["AM"] for volume in study_tables.VOLUMES}
    assert covered["nmc"] > 0.5 > 2 * covered["generated"] - 0.1
