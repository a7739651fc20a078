"""Arguments of a discharge in an image: units, what they count, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.image_discharge import pore

import twin
from meshing.errors import InputError
from twin.lio2 import Growth, ImageStepping, NanoPorous, Parameters, Step, discharge_image

CELL = Parameters.of("Su2021_ch6")
FINE = pore(6, 30e-9, 5e-9)
INSIDE = NanoPorous(0.4, 2e8)


def lumps() -> twin.Volume:
    """Carbon, binder and pores, a third of the image each."""
    labels = np.zeros((3, 6, 4), np.uint8)
    labels[:, 2:4], labels[:, 4:] = 1, 2
    return twin.Volume(labels, spacing="5nm", phases={"pore": 0, "carbon": 1, "binder": 2})


@pytest.mark.parametrize(("porous", "solid"), [(None, 1.0), (INSIDE, 0.6)])
def test_per_gram_is_per_gram_of_the_carbon_of_the_image(
    porous: NanoPorous | None, solid: float
) -> None:
    current, capacity = "40 mA/g", "1 mAh/g"
    d = discharge_image(lumps(), CELL, current, capacity=capacity, porous=porous)
    loading = CELL.carbon_density * solid / 3 * 20e-9
    assert d.carbon_loading == pytest.approx(loading, rel=1e-12, abs=0)
    assert d.settings["current_density"] == pytest.approx(40 * loading, rel=1e-12, abs=0)
    assert d.specific_capacity == pytest.approx(1.0, rel=1e-9)
    assert d.time[-1] == pytest.approx(3600 / 40, rel=1e-9)


@pytest.mark.parametrize(("porous", "solid"), [(None, 1.0), (INSIDE, 0.6)])
def test_an_area_per_gram_is_that_of_all_carbon(porous: NanoPorous | None, solid: float) -> None:
    options: dict[str, Any] = {"capacity": 1e-6, "porous": porous}
    d = discharge_image(lumps(), CELL, 1e-3, area="200 m2/g", **options)
    expected = 200e3 * CELL.carbon_density * solid / 3
    assert d.transport["area"][0] == pytest.approx(expected, rel=1e-9)
    same = discharge_image(lumps(), CELL, 1e-3, area=expected, **options)
    np.testing.assert_allclose(same.voltage, d.voltage, rtol=1e-12)


def test_a_length_may_be_text() -> None:
    one, other = (discharge_image(FINE, CELL, 1e-3, capacity=1e-3, covered=c)
                  for c in ("0.00001nm", 1e-14))  # fmt: skip
    assert one.settings["covered"] == pytest.approx(1e-14, rel=1e-12, abs=0)
    np.testing.assert_array_equal(one.table["coverage"], other.table["coverage"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"area": "100 m2"}, "text in m2/g of carbon such as '100 m2/g', found '100 m2'"),
        ({"area": "much m2/g"}, "found 'much m2/g'"),
        ({"area": "-1 m2/g"}, "the carbon area over volume must be positive"),
        ({"area": None}, "an area is 'smooth'"),
        ({"area": 1e6, "porous": INSIDE}, "nano-porous carbon has .* 1/m inside"),
        ({"covered": "1 apple"}, "1 apple"),
        ({"measure": 2.0}, "measure is a share of the pores, at most 1, found 2.0"),
        ({"sides": "foo"}, "there are no sides 'foo'"),
        ({"parameters": 2.4}, "found 2.4; a current is given as current_density"),
        ({"parameters": None}, "found None"),
        ({"current_density": [1.0, 2.0]}, "one current.*found list.*use twin.sweep"),
        ({"current_density": (Step("2.4 A/m2"),)}, "found tuple"),
        ({"current_density": Step("2.4 A/m2")}, "found Step"),
        ({"current_density": np.array([1.0])}, "found ndarray"),
        ({"current_density": None}, "found NoneType"),
        ({"current_density": True}, "found True"),
    ],
)
def test_arguments_that_cannot_be(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        discharge_image(FINE, **{"current_density": 1e-3, "capacity": 1e-9, **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_seeds_are_whole_numbers_from_0_on(seed: Any) -> None:
    with pytest.raises(InputError, match="whole number from 0 on"):
        Growth(0.5, seed=seed)


def test_steps_are_counted_in_whole_numbers() -> None:
    with pytest.raises(InputError, match=r"most_steps must be a whole number, found 1\.5"):
        ImageStepping(most_steps=1.5)  # type: ignore[arg-type]


def test_a_number_of_numpy_is_a_current() -> None:
    d = discharge_image(FINE, CELL, np.float64(1e-3), capacity=1e-6)
    assert d.settings["current_density"] == 1e-3


def test_a_state_names_what_differs_and_not_what_follows_from_it(tmp_path: Path) -> None:
    given: dict[str, Any] = {"capacity": 1e-6, "folder": tmp_path}
    discharge_image(FINE, CELL, 1e-3, **given)
    other = CELL.replace(oxygen_diffusivity=1e-10)
    for cell, more, sentence in (
        (CELL, {"growth": Growth(0.5, 2e13)}, "with solution_share 0.0 and not 0.5; give"),
        (CELL, {"stepping": ImageStepping(voxel=0.2)}, r"stepping\.voxel 0\.1 and not 0\.2; give"),
        (other, {}, r"parameters\.oxygen_diffusivity .* and not 1e-10; give"),
    ):
        with pytest.raises(InputError, match=sentence):
            discharge_image(FINE, cell, 1e-3, **given, **more, resume=True)


def test_a_run_may_go_on_with_more_steps(tmp_path: Path) -> None:
    given: dict[str, Any] = {"capacity": 20.0, "folder": tmp_path}
    first = discharge_image(FINE, CELL, 1e-3, stepping=ImageStepping(most_steps=3), **given)
    assert "3 steps were made" in first.verdict.reason
    more = discharge_image(FINE, CELL, 1e-3, stepping=ImageStepping(), **given, resume=True)
    assert more.verdict.reason == "the capacity that was asked for is reached"
    assert len(more.time) > len(first.time)


def test_a_new_run_replaces_the_files_of_the_one_before(tmp_path: Path) -> None:
    mat = twin.generate.fibres((12, 12, 12), "5nm", diameter="20nm", porosity=0.8).volume
    options: dict[str, Any] = {"carbon": "fibre", "folder": tmp_path}
    discharge_image(mat, CELL, 1e-3, **options)
    own = tmp_path / "mine.vti"
    own.write_text("not of the series")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(InputError, match="cannot be carried"):
        discharge_image(mat, CELL, 1e9, **options)
    assert {path.name for path in tmp_path.iterdir()} == before
    with pytest.warns(UserWarning, match="has been replaced by a new one; give each a folder"):
        short = discharge_image(mat, CELL, 1e-3, capacity=1e-6, **options)
    assert short.series is not None
    assert len(before) > 5
    assert {path.name for path in tmp_path.iterdir()} == {
        "discharge.pvd", "state.npz", "mine.vti", "discharge_0000.vti", "discharge_0001.vti",
    }  # fmt: skip


def test_carbon_under_particles_is_lost_area_and_not_a_film() -> None:
    mat = twin.generate.fibres((16, 16, 16), "10nm", diameter="40nm", porosity=0.83, seed=3)
    d = discharge_image(mat.volume, CELL, 2.5e-3, carbon="fibre", growth=Growth(1.0, 1e15))
    assert d.coverage > 0.9
    assert d.verdict.cause == "area"
    assert abs(d.table["loss_film"]).max() < 1e-3
    assert d.table["loss_area"][-1] > 0.1
    left = d.closure.area / d.closure.area[0]
    np.testing.assert_allclose(left, 1 - d.transport["coverage"], rtol=1e-9, atol=1e-12)
    assert abs(d.charge_balance) < 1e-10


def test_numbers_hold_parameters_once() -> None:
    found = discharge_image(FINE, CELL, 1e-3, capacity=1e-6).to_dict()
    assert found["parameters"]["oxygen_diffusivity"] == CELL.oxygen_diffusivity
    assert "parameters" not in found["settings"]
    assert found["settings"]["current_density"] == 1e-3


def test_a_sweep_names_growth_by_what_it_is() -> None:
    growth = [Growth(), Growth(0.5, 2e15)]
    table = twin.sweep(
        discharge_image, volume=FINE, parameters=CELL, current_density=1e-3, capacity=1e-6,
        growth=growth, jobs=1, store=None,
    )  # fmt: skip
    assert [row["growth"] for row in table.rows()] == [
        "Growth()", "Growth(solution_share=0.5, nuclei=2000000000000000.0)",
    ]  # fmt: skip
