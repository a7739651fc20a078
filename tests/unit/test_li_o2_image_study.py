"""The page on discharges inside an image shows what its script stored."""

from __future__ import annotations

import re

import li_o2_image_study
import pytest
import study_tables

TEXT = (study_tables.DOCS / f"{li_o2_image_study.PAGE}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def record() -> study_tables.Record:
    return study_tables.record_of(li_o2_image_study.PAGE)


@pytest.mark.parametrize("name", li_o2_image_study.TABLES)
def test_every_table_is_whole_and_shown(name: str, record: study_tables.Record) -> None:
    lines = li_o2_image_study.TABLES[name](record).splitlines()
    assert len(lines) > 3
    assert len({line.count("|") for line in lines}) == 1
    assert f"_generated/studies/li-o2-image-{name}.md" in TEXT


def test_a_table_follows_the_record(record: study_tables.Record) -> None:
    rows = [line.split("|") for line in li_o2_image_study.transport(record).splitlines()[2:]]
    assert rows[0][1].strip() == "film that stops electrons"
    found = record["modes"]["film"]["at"][1]
    assert float(rows[0][3].split("(")[0]) == pytest.approx(found["relative_diffusivity"], rel=5e-3)
    assert rows[0][5].strip() == "—"  # the film ends before


def test_numbers_in_the_text_are_found(record: study_tables.Record) -> None:
    numbers = re.findall(r"\{stored\}`([^`]+)`", TEXT)
    assert len(numbers) > 5
    assert all(study_tables.look_up(record, number) for number in numbers)


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\{image\} (\S+)", TEXT)
    assert len(pictures) == 5
    assert all((study_tables.DOCS / "studies" / one).exists() for one in pictures)


def test_charge_of_every_run_is_in_its_product(record: study_tables.Record) -> None:
    for mode in record["modes"].values():
        assert abs(mode["charge_balance"]) < 1e-10
