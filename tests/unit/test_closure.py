"""Closures of an image run: tables for the model across the thickness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.lio2 import AreaTable, Closure, Growth, TransportTable
from twin.lio2.closure import ReactiveArea
from twin.lio2.laws import relative_diffusivity, transport_table


def closure(**changes: Any) -> Closure:
    product = np.array([0.0, 0.2, 0.4, 0.6])
    columns = {
        "product": product,
        "porosity": 0.8 - product,
        "relative_diffusivity": np.array([0.67, 0.35, 0.12, 0.01]),
        "area": np.array([2.0e7, 1.8e7, 1.2e7, 0.3e7]),
        "coverage": np.array([0.0, 0.9, 1.0, 1.0]),
        "capacity": np.array([0.0, 1e5, 2e5, 3e5]),
    }
    return Closure(**{**columns, **changes})


def test_what_was_measured_along_a_discharge() -> None:
    found = Closure.of_transport(
        {
            "filling": np.array([0.0, 0.5]), "porosity": np.array([0.8, 0.4]),
            "relative_diffusivity": np.array([0.64, 0.1]), "area": np.array([2e7, 1e7]),
            "coverage": np.array([0.0, 0.3]), "capacity": np.array([0.0, 1e5]),
            "tortuosity_factor": np.array([1.25, 4.0]), "accessible": np.array([1.0, 1.0]),
        },
        solution_share=0.5,
    )  # fmt: skip
    assert found.product.tolist() == [0.0, 0.4]
    assert found.tortuosity_factor == pytest.approx([1.25, 4.0])
    assert found.exponent == pytest.approx(2.0)
    assert found.solution_share == 0.5


def test_the_cell_follows_the_image() -> None:
    cell = closure().into("Su2021_ch6")
    assert cell.porosity == 0.8
    assert cell.tortuosity == pytest.approx(0.8 / 0.67)
    assert cell.structure == AreaTable(cell.transport.porosity, (2.0e7, 1.8e7, 1.2e7, 0.3e7))
    assert cell.transport == TransportTable(
        tuple(0.8 - closure().product), (0.67, 0.35, 0.12, 0.01)
    )
    area, _, film = cell.growth(np.array([0.2]))[0]
    assert area == pytest.approx(1.8e7)
    assert film == pytest.approx(0.2 / 1.9e7, rel=2e-3)  # of nearly the mean area
    law = transport_table(cell.transport, cell.porosity, cell.tortuosity)
    assert relative_diffusivity(law, 0.8, np.array([0.4]))[0, 0] == pytest.approx(0.12)


def test_values_of_the_user_come_last() -> None:
    cell = closure().into("Su2021_ch6", oxygen_diffusivity=3.5e-10, transport="Bruggeman")
    assert (cell.oxygen_diffusivity, cell.transport) == (3.5e-10, "Bruggeman")
    assert cell.sources["transport"] == "given by the user"
    assert cell.sources["porosity"] == "discharge in an image"


def test_rows_without_a_path_are_left_out_and_said() -> None:
    lost = closure(relative_diffusivity=np.array([0.67, 0.35, 0.0, 0.0]))
    cell = lost.into()
    assert cell.transport == TransportTable((0.8, 0.8 - 0.2), (0.67, 0.35))
    assert len(cell.structure.area) == 4
    assert "2 rows without a path through the pores left out" in cell.sources["transport"]
    assert lost.tortuosity_factor[2:].tolist() == [np.inf, np.inf]


def test_rows_without_new_product_or_area_are_left_out() -> None:
    product = np.array([0.0, 0.2, 0.2, 0.4])
    cell = closure(product=product, area=np.array([2e7, 1.8e7, 1.7e7, 0.0])).into()
    assert cell.structure.area == (2e7, 1.8e7)
    assert len(cell.transport.porosity) == 3
    assert "1 row without area left out" in cell.sources["structure"]


def test_particles_make_a_thinner_film() -> None:
    base = twin.lio2.Parameters.of("Su2021_ch6")
    cell = closure(solution_share=0.75).into(base)
    assert cell.tunnelling_thickness == pytest.approx(4.0 * base.tunnelling_thickness)
    assert cell.tunnelling_width == pytest.approx(4.0 * base.tunnelling_width)
    assert closure(solution_share=1.0).into(base).film == "none"


def test_the_reactive_area_has_the_film_in_it() -> None:
    product = np.linspace(0.0, 0.3, 7)
    reactive = ReactiveArea(product, 2e7 * np.exp(-20.0 * product))
    base = twin.lio2.Parameters.of("Su2021_ch6")
    found = closure(solution_share=0.5, reactive=reactive)
    cell = found.into(base)  # the reactive area is what particles take by default
    assert cell == found.into(base, film="image")
    assert cell.film == "none"
    assert cell.tunnelling_thickness == base.tunnelling_thickness
    assert cell.growth(np.array([0.1]))[0, 0] == pytest.approx(2e7 * np.exp(-2.0))
    assert cell.sources["structure"].endswith("area that carries its current")
    assert cell.sources["film"].endswith("its film is in its area")
    assert found.into(base, film="law").film == "tunnelling"
    assert closure(reactive=reactive).into(base).film == "tunnelling"


def test_the_reactive_area_goes_on_to_fall_as_it_did() -> None:
    product = np.linspace(0.0, 0.3, 31)
    area = ReactiveArea(product, 2e7 * np.exp(-20.0 * product)).continued(0.78)
    assert np.allclose(area.area, 2e7 * np.exp(-20.0 * area.product))
    assert area.product[-1] == pytest.approx(0.75)  # 0.05 for every e-fold, below 0.78
    flat = ReactiveArea(product, np.full(31, 2e7))
    assert flat.continued(0.8) is flat
    assert ReactiveArea(product[:1], flat.area[:1]).continued(0.8).product.tolist() == [0.0]


def test_a_closure_without_reactive_area_says_so() -> None:
    with pytest.raises(InputError, match="no reactive area; give film='law'"):
        closure().into(film="image")


@pytest.mark.parametrize(
    ("share", "film", "error"),
    # The law of the film takes it to be even, which it is not quite.
    [(0.0, "law", 0.03), (0.0, "image", 0.005), (0.9, "image", 0.005)],
)
def test_the_cell_discharges_as_the_image_did(share: float, film: Any, error: float) -> None:
    mat = twin.generate.fibres((24, 22, 26), "10nm", diameter="50nm", porosity=0.8, seed=2)
    d = twin.lio2.discharge_image(
        mat.volume, current_density=0.1, carbon="fibre", growth=Growth(share, 2e14)
    )
    cell = twin.lio2.discharge(d.closure.into(d.parameters, film=film), current_density=0.1)
    # So thin a cell is alike all through, and what is left is the interpolation in the tables.
    assert cell.capacity == pytest.approx(d.capacity, rel=error)
    assert cell.mean_voltage == pytest.approx(d.mean_voltage, abs=3e-3)


def test_the_cell_discharges() -> None:
    d = twin.lio2.discharge(closure().into(), current_density=2.4)
    assert 0.0 < d.areal_capacity < 30.0
    assert abs(d.charge_balance) < 1e-9


def test_an_image_without_a_path_is_no_cathode() -> None:
    with pytest.raises(InputError, match="no pore that leads through before any product"):
        closure(relative_diffusivity=np.zeros(4)).into()
    with pytest.raises(InputError, match="no area before any product"):
        closure(area=np.zeros(4)).into()


def test_columns_have_one_length() -> None:
    with pytest.raises(InputError, match="columns of one length"):
        closure(area=np.ones(3))
    with pytest.raises(InputError, match=r"between 0 and 1, found 1\.5"):
        closure(solution_share=1.5)


def test_files(tmp_path: Path) -> None:
    path = closure().to_csv(tmp_path / "closure.csv")
    head, first = path.read_text(encoding="utf-8").splitlines()[:2]
    assert head.startswith("product,porosity,relative_diffusivity,tortuosity_factor,area_1_per_m,")
    assert first.startswith("0.0,0.8,0.67,")
    figure = closure(relative_diffusivity=np.array([0.67, 0.35, 0.0, 0.0])).plot(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0
    texts = [text.get_text().strip() for text in figure.axes[0].texts]
    assert texts == ["no path through"]
