"""Results of a discharge in an image: numbers, text, tables, files and pictures."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvista
from PIL import Image
from support import lio2_image

from meshing.errors import InputError
from solvers.deposit import CARBON, PORE, POROUS
from twin.lio2.animation import draw_scene
from twin.lio2.constants import FARADAY
from twin.lio2.image_model import Growth, ImageModel
from twin.lio2.image_results import LAYERS, TABLE, ImageDischarge
from twin.lio2.image_run import Ending
from twin.lio2.image_slices import Frame, Scale
from twin.lio2.image_verdict import ImageVerdict, judge
from twin.lio2.parameters import Parameters


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ImageDischarge:
    return lio2_image.discharge(tmp_path_factory.mktemp("run"))


def test_the_charge_is_that_of_the_product(run: ImageDischarge) -> None:
    nx, ny, _ = run.volume.shape
    dx, dy, _ = run.volume.spacing
    product = run.final.theta.sum() * run.final.voxel_volume
    moles = product / run.parameters.product_molar_volume
    assert run.capacity == pytest.approx(2 * FARADAY * moles / (nx * dx * ny * dy), rel=1e-12)
    assert run.areal_capacity == pytest.approx(run.capacity / 3.6e4)
    assert run.time[-1] == pytest.approx(run.capacity / 2.4)


def test_carbon_is_counted_in_voxels(run: ImageDischarge) -> None:
    share = run.volume.volume_fraction("carbon")
    assert run.carbon_loading == pytest.approx(1900.0 * share * 16 * 25e-9)
    assert run.specific_capacity == pytest.approx(run.capacity / run.carbon_loading / 3.6e3)


def test_porous_carbon_has_less_mass(run: ImageDischarge) -> None:
    kind = np.where(run.final.kind == CARBON, np.uint8(POROUS), run.final.kind)
    porous = replace(run, final=replace(run.final, kind=kind, porous=0.6))
    assert porous.carbon_loading == pytest.approx(0.4 * run.carbon_loading)


def test_the_mean_voltage_is_energy_over_charge(run: ImageDischarge) -> None:
    assert run.voltage[-1] < run.mean_voltage < run.voltage[0]
    steady = replace(run, table={**run.table, "voltage": np.full(len(run.time), 2.5)})
    assert steady.mean_voltage == pytest.approx(2.5)


def test_the_verdict() -> None:
    verdict = ImageVerdict("why", {"oxygen": 0.1, "film": 0.3, "area": -0.1})
    assert verdict.cause == "film"
    assert verdict.shares == pytest.approx({"oxygen": 0.25, "film": 0.75, "area": 0.0})
    assert ImageVerdict("why", {"oxygen": 0.0}).shares == {"oxygen": 0.0}


LOST = {"oxygen": 0.0, "film": 0.0, "area": 0.0, "electrolyte": 0.0, "electrons": 0.0}


@pytest.mark.parametrize(
    ("cause", "words", "advice"),
    [
        ("oxygen", "0.99 % of its solubility is left where it reacts, and product fills 75 % of "
         "the pores in the tenth of the depth next to the oxygen, 30 % of all", "a thinner"),
        ("film", "it is 4 nm thick in the mean, where 7 nm stop electrons", "more area of carbon"),
        ("area", "product covers 60 % of the carbon, and of the pores 80 % still lead "
         "from separator to oxygen; 30 % of the carbon is bare and out of reach", "fewer nuclei"),
        ("electrolyte", "ions do not get to the carbon (80 %", "conducts better"),
        ("electrons", "electrons do not get through the carbon (80 %", "hangs together"),
    ],
)  # fmt: skip
def test_the_cause_in_words(cause: str, words: str, advice: str) -> None:
    losses = {**LOST, "oxygen": 0.1, cause: 0.4} if cause != "oxygen" else {**LOST, "oxygen": 0.4}
    last = {f"loss_{name}": value for name, value in losses.items()}
    last |= {"oxygen": 0.0370, "filling": 0.3, "coverage": 0.6, "accessible": 0.8,
             "thickness": 4e-9, "bare_area": 0.4, "covered_area": 0.6,
             "isolated_area": 0.3}  # fmt: skip
    layers = {"position": np.arange(20.0), "product": np.append(np.zeros(18), [0.6, 0.3]),
              "porosity": np.full(20, 0.15)}  # fmt: skip
    model = ImageModel(
        Parameters.of("Su2021_ch6"), 2, "high", 2.4, 1e-14, 1.5, None, Growth(), "uniform", np.inf
    )
    found = judge(model, Ending("it ended"), last, layers)
    assert found.cause == cause
    assert words in found.explanation
    assert advice in found.advice
    assert judge(model, Ending("enough", wanted=True), last, layers).advice == ""
    slight = {**last, **{f"loss_{name}": 1e-3 * value for name, value in losses.items()}}
    assert judge(model, Ending("enough"), slight, layers).explanation == ""
    assert f"({'100' if cause == 'oxygen' else '80'} % of the losses)" in found.explanation


def test_carbon_without_a_collector_is_told_in_words(run: ImageDischarge) -> None:
    assert "0.01 mV of electrons" in run.summary()
    assert "collector" not in run.summary()
    n = len(run.transport["filling"])
    cut_off = {"electron_drop": np.full(n, np.inf), "uncollected": np.linspace(0.0, 0.125, n)}
    text = replace(run, transport={**run.transport, **cut_off}).summary()
    assert "up to 12.5 % of the current was made on carbon that reaches no collector" in text
    assert "inf" not in text
    assert "1 mV of ions" in text


def test_isolated_carbon_is_a_part_of_the_bare(run: ImageDischarge) -> None:
    carbon = run.table["bare_area"] + run.table["covered_area"]
    table = {
        **run.table, "bare_area": 0.4 * carbon, "covered_area": 0.6 * carbon,
        "isolated_area": 0.3 * carbon,
    }  # fmt: skip
    text = replace(run, table=table).summary()
    assert "40 % bare" in text
    assert "30 % bare and isolated" in text


@pytest.mark.parametrize(("end", "share"), [("high", 0.75), ("low", 0.25)])
def test_carbon_that_electrons_do_not_reach_is_told(
    run: ImageDischarge, end: str, share: float
) -> None:
    kind = np.full(run.final.kind.shape, PORE, np.uint8)
    kind[0, 0, :6], kind[0, 0, -2:] = CARBON, CARBON
    settings = {**run.settings, "electrons": "resolved", "oxygen": end}
    cut = replace(run, final=replace(run.final, kind=kind), settings=settings)
    assert f"{100 * share:g} % of the carbon reaches no collector within the image" in cut.summary()
    assert cut.to_dict()["uncollected_carbon"] == share
    uniform = replace(cut, settings=run.settings)
    assert "collector" not in uniform.summary()
    assert uniform.to_dict()["uncollected_carbon"] == 0.0


def test_the_histogram_of_the_film_counts_all_area(run: ImageDischarge) -> None:
    edges, share = run.thickness_histogram(10)
    assert (len(edges), len(share)) == (11, 10)
    assert share.sum() == pytest.approx(1.0)
    sites = run.final.sites
    below = sites.area[sites.thickness < edges[3]].sum() / sites.area.sum()
    assert share[:3].sum() == pytest.approx(below)


def test_the_summary_says_why_it_ended(run: ImageDischarge) -> None:
    text = run.summary()
    for words in ("12 x 10 x 16 voxels of 25 nm", "22.3 % of the pores", "100 % covered",
                  "ended: the voltage fell to the cut-off of 2 V", "oxygen 0.300 V",
                  "film 0.150 V"):  # fmt: skip
        assert words in text
    assert "filling 0.223" in repr(run)


def test_numbers_are_plain(run: ImageDischarge) -> None:
    data = json.loads(json.dumps(run.to_dict()))
    assert data["cause"] == "oxygen"
    assert data["loss_film"] == 0.15
    assert data["settings"]["axis"] == "z"
    assert data["transport"]["filling"][-1] == pytest.approx(run.filling)
    assert Path(data["series"]).name == "discharge.pvd"


def test_rows_have_units_in_their_names(run: ImageDischarge, tmp_path: Path) -> None:
    with run.to_csv(tmp_path / "curve.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(run.time)
    assert len(rows[0]) == len(TABLE) + 1
    assert {"time_s", "capacity_C_per_m2", "capacity_mAh_per_cm2", "largest_particle_m3",
            "filling", "oxygen_mol_per_m3"} <= set(rows[0])  # fmt: skip
    assert float(rows[-1]["voltage_V"]) == run.voltage[-1]
    assert len(run.profile_rows()) == 16
    assert list(run.profiles()) == list(LAYERS)


def test_the_end_goes_to_paraview(run: ImageDischarge, tmp_path: Path) -> None:
    image = pyvista.read(run.to_vtk(tmp_path / "end.vti"))
    assert {"phase", "kind", "product", "oxygen", "film_thickness"} <= set(image.cell_data.keys())
    assert image.cell_data.active_scalars_name == "product"


def test_the_closure_is_that_of_the_transport(run: ImageDischarge) -> None:
    closure = run.closure
    assert closure.product[-1] == pytest.approx(run.final.theta.mean())
    assert closure.solution_share == 0.25
    assert "12 x 10 x 16 voxels at 2.4 A/m2" in closure.source


def test_the_picture_shows_all(run: ImageDischarge, tmp_path: Path) -> None:
    figure = run.plot(tmp_path / "run.png")
    assert (tmp_path / "run.png").stat().st_size > 0
    labels = " ".join(axes.get_ylabel() for axes in figure.axes)
    for words in ("voltage [V]", "voltage lost [V]", "film [nm]", "D_eff / D", "reaction"):
        assert words in labels
    verdict = replace(run.verdict, explanation="oxygen does not get there")
    assert replace(run, verdict=verdict).plot().get_suptitle().endswith("lost to: O₂ transport")
    losses = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert losses == ["bare reaction", "O₂ transport", "film", "lost area", "electrolyte"]


def test_a_discharge_that_never_began_can_be_drawn(run: ImageDischarge, tmp_path: Path) -> None:
    table = {name: values[:1] for name, values in run.table.items()}
    transport = {name: values[:1] for name, values in run.transport.items()}
    short = replace(run, table=table, transport=transport)
    short.plot(tmp_path / "short.png")
    assert np.isnan(short.mean_voltage)
    assert "0 % of the pores" in short.summary()


def test_the_contact_sheet_shows_the_moments_of_the_album(
    run: ImageDischarge, tmp_path: Path
) -> None:
    figure = run.contact_sheet(tmp_path / "sheet.png", shares=(0.0, 0.5, 0.51, 1.0))
    assert (tmp_path / "sheet.png").stat().st_size > 0
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert len(titles) == 3  # two shares have the same nearest moment
    assert titles[0] == "0 µAh/cm²\n0 % filled"
    assert titles[-1].endswith("22.3 % filled")


def test_a_sheet_needs_no_folder(run: ImageDischarge) -> None:
    assert len(replace(run, series=None).contact_sheet().axes) == 2 * 5 + 2


def test_the_oxygen_is_on_top_of_the_pictures(run: ImageDischarge) -> None:
    def top(d: ImageDischarge) -> float:
        oxygen = Frame.of(d).upright(d.album.cuts[0].oxygen)
        return float(np.nanmean(oxygen[-1]) - np.nanmean(oxygen[0]))

    assert top(run) > 0.0
    assert top(replace(run, settings={**run.settings, "oxygen": "low"})) < 0.0


def test_the_film_is_drawn_where_oxygen_hardly_varies(run: ImageDischarge) -> None:
    cuts = run.album.cuts
    assert Scale.of(run, cuts, None).name == "oxygen"
    even = [replace(cut, oxygen=np.full_like(cut.oxygen, 3.0)) for cut in cuts]
    assert Scale.of(run, even, None).name == "film_thickness"
    labels = {axes.get_ylabel() for axes in run.contact_sheet(field="reaction_rate").axes}
    assert "reaction [A/cm³]" in labels
    with pytest.raises(InputError, match="there is no field 'salt' to draw; there are oxygen"):
        run.contact_sheet(field="salt")  # type: ignore[arg-type]


def test_the_animation_has_a_frame_for_each_moment(run: ImageDischarge, tmp_path: Path) -> None:
    path = run.animate(tmp_path / "run.gif", frames_per_second=5)
    with Image.open(path) as picture:
        lasts = []
        for frame in range(picture.n_frames):
            picture.seek(frame)
            lasts.append(picture.info["duration"])
    assert len(lasts) == len(run.album.cuts)
    assert lasts[:-1] == [200] * (len(lasts) - 1)
    assert lasts[-1] == 200 + 1000  # it rests


def test_a_scene_changes_with_the_moment(run: ImageDischarge) -> None:
    scene = draw_scene(run, "oxygen")
    product, _ = scene.slices
    line, dot = scene.grown
    found = []
    for cut in (run.album.cuts[0], run.album.cuts[3]):
        scene.show(cut)
        found.append(np.array(product.get_array()))
        assert len(line.get_xdata()) == cut.moment + 1
        assert dot.get_ydata()[0] == run.voltage[cut.moment]
        filling = 100 * run.table["filling"][cut.moment]
        assert f"{filling:.1f} % of the pores filled" in scene.figure.get_suptitle()
    assert (found[0] != found[1]).any()


@pytest.mark.parametrize(
    ("name", "speed", "sentence"),
    [("run.mp4", 8, "an animation is a .gif file"), ("run.gif", 0, "between 1 and 50, found 0"),
     ("none/run.gif", 8, "there is no folder")],
)  # fmt: skip
def test_animations_that_cannot_be(
    name: str, speed: int, sentence: str, run: ImageDischarge, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=sentence):
        run.animate(tmp_path / name, frames_per_second=speed)
    assert not any(tmp_path.iterdir())
