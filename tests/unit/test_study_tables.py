"""What the page on the carbon-binder domain shows is what its script stored."""

from __future__ import annotations

import json
import re

import pytest
import study_tables

PAGE = study_tables.DOCS / "studies" / "carbon-binder.md"


@pytest.fixture(scope="module")
def record() -> study_tables.Record:
    return json.loads(study_tables.RECORD.read_text(encoding="utf-8"))


def cells(table: str) -> list[list[str]]:
    """Rows below the head, without the rule."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


@pytest.mark.parametrize("name", study_tables.TABLES)
def test_every_table_is_made_of_whole_rows(name, record):
    lines = study_tables.TABLES[name](record).splitlines()
    assert len(lines) > 3
    assert len({line.count("|") for line in lines}) == 1


def test_the_table_of_the_binder_follows_the_record(record):
    first = cells(study_tables.binder(record))[0]
    found = record["nmc_cbd"]["axes"]["x"]
    assert first[:2] == ["NMC cathode", "x"]
    assert float(first[2]) == pytest.approx(found["effective_conductivity"], rel=1e-3)
    found["effective_conductivity"] *= 2
    doubled = cells(study_tables.binder(record))[0]
    found["effective_conductivity"] /= 2
    assert float(doubled[2]) == pytest.approx(2 * float(first[2]), rel=1e-3)


def test_shares_of_a_table_add_up(record):
    for row in cells(study_tables.composite(record)):
        current, heat = row[5:7], row[7:9]
        for shares in (current, heat):
            assert sum(float(share.split()[0]) for share in shares) == pytest.approx(100, abs=0.2)


def test_a_number_in_the_text_is_looked_up_and_written_in_its_format(record):
    shown = study_tables.look_up(record, "nmc_cbd.axes.x.percolating_fractions.CBD:.1%")
    assert float(shown.rstrip("%")) == pytest.approx(
        100 * record["nmc"]["joined"]["faces"]["largest"], abs=0.05
    )
    with pytest.raises(KeyError):
        study_tables.look_up(record, "nmc_cbd.axes.w.tortuosity_factor:.1f")


def test_the_page_shows_every_table_and_picture_and_finds_every_number(record):
    text = PAGE.read_text(encoding="utf-8")
    for name in study_tables.TABLES:
        assert f"_generated/studies/carbon-binder-{name}.md" in text
    numbers = re.findall(r"\{stored\}`([^`]+)`", text)
    assert len(numbers) > 10
    assert all(study_tables.look_up(record, number) for number in numbers)


def test_every_picture_of_the_studies_is_shown_on_some_page():
    texts = [page.read_text(encoding="utf-8") for page in PAGE.parent.glob("*.md")]
    shown = {
        name for text in texts for name in re.findall(r"^```\{image\} (\S+)", text, re.MULTILINE)
    }
    assert shown == {path.name for path in PAGE.parent.iterdir() if path.suffix in (".png", ".svg")}


def worst(axes: study_tables.Record) -> str:
    return min(axes, key=lambda axis: axes[axis]["effective_conductivity"])


def test_what_the_text_says_holds_for_the_numbers(record):
    """The sentences of the page that carry no number of their own."""
    measured, generated = record["nmc_cbd"]["axes"], record["generated_cbd"]["axes"]
    together = record["nmc_am_cbd"]
    assert worst(measured) == "y" and worst(together["axes"]) == "x"
    assert together["anisotropy_ratio"] < record["nmc_cbd"]["anisotropy_ratio"]
    for c in together["axes"].values():
        assert c["share"]["AM"] < 0.1 < c["heat_share"]["AM"]
    for axis in "xyz":
        here, there = measured[axis]["flux"], generated[axis]["flux"]
        assert here["coefficient_of_variation"] > 3 * there["coefficient_of_variation"]
        assert (
            here["2 % of the maximum"]["through"]
            < 0.02
            < 0.5
            < there["2 % of the maximum"]["through"]
        )
        assert here["heat_above_2_percent"] > 0.85
        assert here["on no path"]["through"] > 10 * here["2 % of the maximum"]["through"]
