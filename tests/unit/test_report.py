"""The report of an image: one page with all that was found, as a real browser sees it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.browser import open_page, run

import twin
from meshing.errors import InputError
from twin.cli import main
from twin.reporting.page import facts, number, percent, table

SPACING = (4e-7, 5e-7, 6e-7)


@pytest.fixture(scope="module")
def volume() -> twin.Volume:
    made = twin.generate.particle_electrode(
        (48, 40, 44), SPACING, d50="4um", active_fraction=0.5, periodic=False, seed=2
    )
    return made.volume


@pytest.fixture(scope="module")
def page(volume, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    source = twin.write_tiff(volume, folder / "electrode.tif")
    return twin.report(
        volume, folder / "electrode.html", particles="AM", transport=["pore", "CBD"],
        source=source, command="twin report electrode.tif & more <b>",
    )  # fmt: skip


def numbers_of(page: Path) -> dict:
    code = re.search(r"data:application/json;base64,([^\"]*)", page.read_text(encoding="utf-8"))
    return json.loads(base64.b64decode(code[1]))


def text_of(page: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.read_text(encoding="utf-8")))


def test_the_page_needs_no_other_file_and_no_network(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)
    assert "url(" not in text
    assert "@import" not in text
    assert "<script" not in text
    assert text.count("data:image/png;base64,") == text.count("<img ")


def test_a_browser_shows_every_picture_and_complains_of_nothing(page, tmp_path):
    seen = open_page(page, tmp_path, "--window-size=1200,900")
    assert len(seen.page["images"]) >= 6
    for width, height, words in seen.page["images"]:
        assert min(width, height) > 300
        assert words
    assert seen.page["errors"] == []
    assert seen.console == []
    assert [r for r in seen.page["requests"] if not r.startswith("data:")] == []
    sections = [link[1:] for link in seen.page["links"] if link.startswith("#")]
    assert sections == seen.page["ids"]
    assert len(sections) == 9


def test_the_browser_test_sees_a_broken_picture_and_an_error(page, tmp_path):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8").replace(
        "data:image/png;base64,iVBOR", "data:image/png;base64,", 1
    )
    broken.write_text(text.replace("</body>", "<script>throw new Error('x')</script></body>"))
    seen = open_page(broken, tmp_path)
    assert 0 in [width for width, _, _ in seen.page["images"]]
    assert seen.page["errors"]
    assert seen.console


def test_it_fits_a_telephone_and_prints(page, tmp_path):
    assert open_page(page, tmp_path, "--window-size=500,900").page["wide"] <= 0
    run(tmp_path, f"--print-to-pdf={tmp_path / 'page.pdf'}", page.as_uri())
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_it_is_white_in_the_light_and_dark_in_the_dark(page, tmp_path):
    for scheme, bright in (("1", True), ("0", False)):
        shot = tmp_path / f"{scheme}.png"
        run(
            tmp_path, f"--screenshot={shot}", f"--blink-settings=preferredColorScheme={scheme}",
            "--window-size=800,600", page.as_uri(),
        )  # fmt: skip
        with Image.open(shot) as picture:
            corner = np.asarray(picture.convert("L"))[:20, :20].mean()
        assert (corner > 200) == bright
        assert (corner < 60) != bright


def test_numbers_are_those_of_the_functions(page, volume):
    found = numbers_of(page)
    m = twin.characterize(volume)
    assert found["microstructure"]["phases"]["AM"]["specific_area"]["crofton"] == pytest.approx(
        m.specific_area("AM")
    )
    assert found["particles"]["particles"] == twin.particles(volume, "AM").count
    tau = twin.tortuosity(volume, "pore", axis="z").tortuosity_factor
    assert found["transport.pore"]["directions"]["z"]["tortuosity_factor"] == pytest.approx(tau)
    text = text_of(page)
    assert f"{m.fractions['AM'].value:.4f}" in text
    assert f"{tau:.4g}" in text
    assert twin.pore_sizes(volume, "pore").d50 == pytest.approx(found["pore_sizes"]["d50"])


def test_it_says_where_it_comes_from(page):
    known = numbers_of(page)["provenance"]
    source = page.with_name("electrode.tif")
    assert known["SHA-256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert known["bytes"] == source.stat().st_size
    assert known["twin"] == twin.__version__
    assert known["command"] == "twin report electrode.tif & more <b>"
    text = page.read_text(encoding="utf-8")
    assert "electrode.tif &amp; more &lt;b&gt;" in text
    assert known["SHA-256"] in text
    assert "400 nm × 500 nm × 600 nm" in text
    assert "<h1>electrode.tif</h1>" in text


def test_what_cannot_be_had_is_said_in_its_place(tmp_path):
    labels = np.zeros((20, 16, 1), np.uint8)
    labels[5:9, 4:8] = 3
    flat = twin.Volume(labels, phases={"pore": 0, "AM": 3})
    page = twin.report(
        flat, tmp_path / "flat.html", particles="AM", transport=["AM"], title="A & B"
    )
    text = text_of(page)
    assert "The size of a voxel is not known: all lengths on this page are in voxels" in text
    assert "An image one voxel thick has no rendering" in text
    assert "Not to be had here: " in text
    assert "phase &#x27;AM&#x27; touches neither face of axis x" in text
    assert "<title>A &amp; B</title>" in page.read_text(encoding="utf-8")
    assert "particles" not in numbers_of(page)


def test_steps_are_told(volume, tmp_path):
    told: list[tuple[str, int, int]] = []
    small = twin.crop(volume, "0:16,0:16,0:16")
    twin.report(
        small, tmp_path / "a.html", rendering=False, transport=["pore"],
        progress=lambda *step: told.append(step),
    )  # fmt: skip
    assert [done for _, done, _ in told] == list(range(5))
    assert told[-1] == ("transport through pore", 4, 5)


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("a.pdf", {}, "a report is a page of HTML, found 'a.pdf'"),
        ("no/a.html", {}, "there is no folder"),
        ("a.html", {"pores": "por"}, "there is no phase 'por'"),
        ("a.html", {"particles": "AN"}, "there is no phase 'AN'"),
        ("a.html", {"transport": ["pore", "x"]}, "there is no phase 'x'"),
    ],
)
def test_wrong_arguments_are_told_before_any_work(volume, tmp_path, name, options, sentence):
    def never(*step: object) -> None:
        raise AssertionError(step)

    with pytest.raises(InputError, match=re.escape(sentence)):
        twin.report(volume, tmp_path / name, progress=never, **options)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_page_and_its_own_words(volume, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    twin.write_tiff(volume, tmp_path / "a b.tif")
    words = ["report", "a b.tif", "--phases", "pore=0,AM=1,CBD=2", "--crop", "0:20,0:20,0:20",
             "--no-rendering", "--transport", "pore", "-o", "r.html"]  # fmt: skip
    assert main(words) == 0
    assert capsys.readouterr().out == "wrote r.html\n"
    known = numbers_of(tmp_path / "r.html")["provenance"]
    assert known["command"].startswith("twin report 'a b.tif' --phases pore=0,AM=1,CBD=2")
    assert main(["report", "a b.tif", "-o", "r.txt"]) == 2
    assert "a report is a page of HTML" in capsys.readouterr().err


def test_pieces_of_a_page():
    assert table(["a", "b"], [["<x>", "1"]]).count("&lt;x&gt;") == 1
    assert 'class="long"' in facts({"hash": "0" * 64})
    assert 'class="long"' not in facts({"hash": "0" * 8})
    assert [number(v) for v in (np.nan, np.inf, 1.23456)] == ["–", "∞", "1.235"]
    assert percent(0.1234) == "12.3 %"
