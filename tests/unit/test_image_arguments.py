"""Arguments of a discharge in an image: units, what they count, and what is refused."""

from __future__ import annotations

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
