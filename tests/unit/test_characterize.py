"""What `twin.characterize` says, writes and refuses, in Python and on the command line."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
import tifffile

import twin
from twin import memory
from twin.cli import main
from twin.progress import steps_bar

PHASES = {"pore": 0, "AM": 1, "CBD": 2}


@pytest.fixture(scope="module")
def electrode() -> twin.Volume:
    return twin.generate.electrode((24, 22, 20), "0.5um", seed=1)


@pytest.fixture(scope="module")
def found(electrode: twin.Volume) -> twin.Characterization:
    return twin.characterize(electrode)


def test_it_is_what_the_single_functions_find(
    electrode: twin.Volume, found: twin.Characterization
) -> None:
    assert found.fractions == twin.volume_fractions(electrode)
    assert found.percolation == twin.percolation(electrode)
    assert found.areas.interfaces == twin.surface_areas(electrode).interfaces
    lines = twin.triple_lines(electrode)
    assert found.triple_lines == lines.by_triple()
    assert found.all_triple_lines == lines.total
    assert found.seconds >= found.seconds_compiling >= 0


def test_densities_are_over_the_volume_of_the_image(
    electrode: twin.Volume, found: twin.Characterization
) -> None:
    box = 24 * 22 * 20 * 0.5e-6**3
    assert found.box == pytest.approx(box, rel=1e-12)
    area = found.areas.phase("AM")
    for name, value in area.to_dict().items():
        assert found.specific_area("AM", name) == pytest.approx(value / box, rel=1e-12)
    pair = found.areas.interface("AM", "CBD").crofton
    assert found.specific_interface("CBD", "AM") == pytest.approx(pair / box, rel=1e-12)
    length = found.triple_lines["pore", "AM", "CBD"]
    assert found.line_density("CBD", "AM", "pore").smooth == pytest.approx(length.smooth / box)


def test_coverage_and_thickness(found: twin.Characterization) -> None:
    for estimator in ("voxel", "crofton"):
        shares = [found.coverage("AM", by=other, estimator=estimator) for other in ("pore", "CBD")]
        assert math.fsum(shares) == pytest.approx(1.0, rel=1e-12)
    volume = found.fractions["CBD"].value * found.box
    assert found.thickness("CBD") == pytest.approx(volume / found.areas.phase("CBD").crofton)
    on_am = volume / found.areas.interface("AM", "CBD").voxel
    assert found.thickness("CBD", on="AM", estimator="voxel") == pytest.approx(on_am)


def test_a_film_of_known_thickness_and_coverage() -> None:
    """Carbon under peroxide two voxels thick on 28 columns of 100."""
    labels = np.zeros((10, 10, 8), np.uint8)
    labels[:, :, :3] = 1
    labels.reshape(100, 8)[:28, 3:5] = 2
    volume = twin.Volume(labels, (1e-6, 1e-6, 50e-9), {"pore": 0, "C": 1, "Li2O2": 2})
    m = twin.characterize(volume)
    assert m.coverage("C", by="Li2O2", estimator="voxel") == pytest.approx(0.28, rel=1e-12)
    on_carbon = m.thickness("Li2O2", on="C", estimator="voxel")
    assert on_carbon == pytest.approx(100e-9, rel=1e-12)


def test_the_summary_shows_the_numbers_in_readable_units(found: twin.Characterization) -> None:
    text = found.summary()
    assert "24 x 22 x 20 voxels of 500 nm" in text
    area = found.specific_area("AM", "voxel") * 1e-6
    assert f"{area:.4g}" in text and "[1/µm]" in text
    density = found.line_density("pore", "AM", "CBD").edges * 1e-12
    assert f"{density:.4g}" in text and "[1/µm2]" in text
    assert "no voxels" not in text and "not known" not in text


def test_an_empty_phase_and_an_unknown_spacing_are_said() -> None:
    volume = twin.Volume(np.eye(6, dtype=int), phases={"pore": 0, "AM": 1, "CBD": 7})
    m = twin.characterize(volume)
    text = m.summary()
    assert "phase 'CBD' (label 7) has no voxels" in text
    assert "all lengths are in voxels" in text and "[1/voxel]" in text
    assert math.isnan(m.coverage("CBD", by="AM")) and math.isnan(m.thickness("CBD"))
    assert m.coverage("AM", by="CBD") == 0.0
    assert m.specific_area("AM", "voxel") == pytest.approx(20 / 36)


def test_one_phase_alone_is_no_error() -> None:
    m = twin.characterize(twin.Volume(np.ones((4, 4, 4), int), "1um", {"pore": 1}))
    assert m.fractions["pore"].dilated == 1.0
    assert m.triple_lines == {} and m.specific_area("pore") == 0.0
    assert m.plot() is not None and len(m.rows()) == 1


def test_labels_without_a_name_count_as_one_phase() -> None:
    labels = np.random.default_rng(0).integers(0, 4, (8, 8, 8))
    m = twin.characterize(twin.Volume(labels, phases={"pore": 0, "AM": 1}))
    assert set(m.fractions) == {"pore", "AM"}
    assert ("pore", "AM", "(unnamed)") in m.triple_lines
    shares = [m.coverage("AM", by=other) for other in ("pore", "(unnamed)")]
    assert sum(shares) == pytest.approx(1.0)
    assert "pore:(unnamed)" in m.summary()
    m.plot()


def test_rows_have_the_same_columns_and_the_numbers(found: twin.Characterization) -> None:
    rows = found.rows()
    assert len({tuple(row) for row in rows}) == 1
    kinds = [row["kind"] for row in rows]
    assert kinds == ["phase"] * 3 + ["interface"] * 3 + ["triple line"]
    row = rows[1]
    assert (row["name"], row["volume_fraction"]) == ("AM", found.fractions["AM"].value)
    assert row["specific_area.crofton"] == found.specific_area("AM")
    assert row["percolating_fraction_z"] == found.percolation["AM"].percolating_fraction[2]
    assert rows[-1]["density.smooth"] == found.line_density("pore", "AM", "CBD").smooth
    assert rows[-1]["volume_fraction"] == ""


def test_the_numbers_are_json(found: twin.Characterization) -> None:
    data = json.loads(json.dumps(found.to_dict()))
    assert data["phases"]["AM"]["volume_fraction"] == found.fractions["AM"].value
    assert data["interfaces"]["AM:CBD"]["area"] == found.areas.interface("AM", "CBD").to_dict()
    assert data["coverage"]["AM"]["CBD"] == found.coverage("AM", by="CBD")
    assert data["triple_lines"]["pore:AM:CBD"]["length"]["edges"] > 0


def test_a_sweep_takes_it(electrode: twin.Volume) -> None:
    def of(width: int) -> twin.Characterization:
        return twin.characterize(twin.crop(electrode, f"0:{width},:,:"))

    table = twin.sweep(of, width=[10, 20], workers="threads", jobs=1, store=None, progress=False)
    rows = table.rows()
    assert [row["width"] for row in rows] == [10, 20]
    assert rows[0]["phases.AM.volume_fraction"] != rows[1]["phases.AM.volume_fraction"]


def test_what_paraview_gets(found: twin.Characterization, tmp_path: Path) -> None:
    import pyvista

    written = found.to_vtk(tmp_path / "m.vti")
    assert [path.name for path in written] == ["m.vti", "m_lines.vtp"]
    density = pyvista.read(written[0])["triple_line_density"]
    smooth = found.line_density("pore", "AM", "CBD").smooth
    assert density.mean(dtype=float) == pytest.approx(smooth, rel=1e-5)
    edges = found.all_triple_lines.edges
    assert pyvista.read(written[1]).n_lines == round(edges / 0.5e-6)


def test_without_lines_there_is_no_file_of_lines(tmp_path: Path) -> None:
    m = twin.characterize(twin.Volume(np.eye(4, dtype=int), "1um"))
    assert [path.name for path in m.to_vtk(tmp_path / "m.vti")] == ["m.vti"]


def test_the_picture(found: twin.Characterization, tmp_path: Path) -> None:
    figure = found.plot(tmp_path / "m.png")
    assert (tmp_path / "m.png").stat().st_size > 10_000
    panels = figure.axes
    assert [panel.get_title() for panel in panels[1:3]] == [
        "its middle, with the triple lines",
        "triple lines, mean along z",
    ]
    bars = [panel for panel in panels if panel.get_ylabel() == "volume fraction ∓ one voxel"]
    heights = [patch.get_height() for patch in bars[0].patches]
    assert heights == pytest.approx([f.value for f in found.fractions.values()])


def test_steps_are_told(electrode: twin.Volume) -> None:
    steps = []
    twin.characterize(electrode, progress=lambda *step: steps.append(step))
    assert [step[1:] for step in steps] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert steps[1][0] == "areas"


def test_a_bar_is_drawn_on_a_terminal_and_wiped() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    with steps_bar(stream) as progress:
        assert progress is not None
        progress("areas", 1, 4)
    assert "areas" in stream.getvalue() and stream.getvalue().endswith("\x1b[K")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("q",), "letters of 'xyz', found 'q'"),
        ((), "at most 16 phases can be compared"),
    ],
)
def test_what_cannot_be_characterized_is_refused(arguments: tuple[str, ...], said: str) -> None:
    labels = np.zeros((4, 5, 6), int) if arguments else np.arange(120).reshape(4, 5, 6)
    with pytest.raises(twin.InputError, match=said):
        twin.characterize(twin.Volume(labels), *arguments)


def test_unknown_names_are_refused(found: twin.Characterization) -> None:
    with pytest.raises(twin.InputError, match="one of crofton, marching_cubes, voxel, found 'mc'"):
        found.specific_area("AM", "mc")  # type: ignore[arg-type]
    with pytest.raises(twin.InputError, match="there is no phase 'por'"):
        found.coverage("por", by="AM")
    with pytest.raises(twin.InputError, match="three different phases meet: pore, AM, CBD"):
        found.line_density("pore", "AM", "AM")


def test_memory_is_looked_at_first(electrode: twin.Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 1000)
    with pytest.raises(twin.InputError, match="a characterization on 24 x 22 x 20 voxels needs"):
        twin.characterize(electrode)
    assert twin.characterize(electrode, ignore_memory=True).fractions


@pytest.fixture
def stored(electrode: twin.Volume, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> twin.Volume:
    """The electrode as electrode.tif in the current folder."""
    tifffile.imwrite(tmp_path / "electrode.tif", electrode.labels)
    monkeypatch.chdir(tmp_path)
    return electrode


def test_the_command_writes_what_the_function_finds(
    stored: twin.Volume, found: twin.Characterization, capsys: pytest.CaptureFixture[str]
) -> None:
    image = ["characterize", "electrode.tif", "--spacing", "0.5um"]
    outputs = ["--json", "o.json", "--csv", "o.csv", "--vtk", "o.vti", "--plot", "o.png"]
    assert main([*image, "--phases", "pore=0,AM=1,CBD=2", *outputs]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    written = {"o.json", "o.csv", "o.png", "o.vti", "o_lines.vtp"}
    assert {line.split()[1] for line in out.splitlines() if line.startswith("wrote")} == written
    data = json.loads(Path("o.json").read_text())
    assert (data["twin"], data["image"]) == (twin.__version__, "electrode.tif")
    assert data["phases"]["AM"]["area"] == found.areas.phase("AM").to_dict()
    rows = list(csv.DictReader(Path("o.csv").read_text().splitlines()))
    assert [row["name"] for row in rows][-1] == "pore:AM:CBD"
    assert float(rows[0]["volume_fraction"]) == found.fractions["pore"].value


def test_the_command_takes_periodic_axes(
    stored: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["characterize", "electrode.tif", "--periodic", "xy", "--json", "-"]) == 0
    data = json.loads(capsys.readouterr().out)
    expected = twin.surface_areas(twin.Volume(stored.labels), "xy").phase("1").voxel
    assert (data["periodic"], data["spacing_known"]) == ("xy", False)
    assert data["phases"]["1"]["area"]["voxel"] == expected


def test_the_command_refuses_in_one_sentence(
    stored: twin.Volume, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["characterize", "electrode.tif", "--periodic", "w"]) == 2
    assert capsys.readouterr().err.startswith("error: the periodic axes must be letters of 'xyz'")
