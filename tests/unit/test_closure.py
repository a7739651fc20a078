"""Closures of an image run: tables for the model across the thickness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.lio2 import AreaTable, Closure, TransportTable
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
