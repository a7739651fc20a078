"""Pictures of conduction: what they show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import LogNorm

import twin
from meshing.generate import channels

K = {"CBD": 50.0, "AM": 1.0}


@pytest.fixture(scope="module")
def directions() -> Any:
    volume = twin.generate.electrode((12, 20, 16), (2e-6, 1e-6, 1e-6), seed=4)
    return twin.conduction(volume, K, "xyz", contact_resistance={("AM", "CBD"): 1e-6})


@pytest.fixture(scope="module")
def closed() -> Any:
    volume = channels((12, 12, 12), "x", 2, 5, "1um")
    return twin.conduction(volume, {"pore": 1.0}, "yx", transport="thermal")


def texts(legends: Any) -> list[str]:
    return [text.get_text() for legend in legends for text in legend.get_texts()]


def test_one_direction_shows_phases_potential_and_flux(directions: Any) -> None:
    c = directions["y"]
    figure = c.plot()
    assert [a.get_title() for a in figure.axes[:3]] == ["phases", "potential", "current density"]
    assert {"AM", "CBD", "pore"} <= set(texts(figure.legends))
    assert f"along y: σ = {c.effective_conductivity:.4g} S/m" in figure.get_suptitle()
    scale = figure.axes[2].images[1].norm
    assert isinstance(scale, LogNorm)
    assert 10 * (1 - 1e-9) <= scale.vmax / scale.vmin <= 1000 * (1 + 1e-9)
    shown = figure.axes[2].images[1].get_array().compressed()
    assert shown.min() == pytest.approx(scale.vmin) and shown.max() > scale.vmin


def test_the_phases_are_where_they_are(directions: Any) -> None:
    c = directions["z"]
    panel = c.plot().axes[0]  # z across, y up, at the middle of x
    colours = panel.images[1].get_array()
    assert panel.get_xlabel() == "z [µm]"
    other = panel.get_ylabel()[0]
    normal = ({"x", "y"} - {other}).pop()
    middle = c.volume.shape["xyz".index(normal)] // 2
    plane = c.volume.labels.take(middle, "xyz".index(normal))
    active = c.mesh.active().take(middle, "xyz".index(normal))
    for label in (1, 2):
        found = {tuple(colour) for colour in colours[(plane == label) & active]}
        assert len(found) == 1
    assert (colours[plane == 0][..., 3] == 0.0).all()


def test_directions_show_conductivities_and_shares(directions: Any) -> None:
    figure = directions.plot()
    titles = [axes.get_title() for axes in figure.axes[:3]]
    assert titles == [f"along {c.axis}: σ = {c.effective_conductivity:.4g} S/m" for c in directions]
    panels = {axes.get_ylabel(): axes for axes in figure.axes}
    heights = [bar.get_height() for bar in panels[r"$σ_\mathrm{eff}$ [S/m]"].patches]
    assert heights == [c.effective_conductivity for c in directions]
    flow, heat = panels["share of the current"], panels["share of the Joule heat"]
    carried = [share for c in directions for share in c.share.values()]
    spent = [
        share
        for c in directions
        for share in (*c.heat_share.values(), *c.interface_heat_share.values())
    ]
    assert [bar.get_height() for bar in flow.patches] == pytest.approx(carried)
    assert [bar.get_height() for bar in heat.patches] == pytest.approx(spent)
    assert texts(figure.subfigs[1].legends) == ["CBD", "AM", "AM:CBD contact"]


def test_closed_axes_are_drawn_without_flux(closed: Any, tmp_path: Path) -> None:
    figure = closed.plot(tmp_path / "closed.png")
    assert figure.axes[0].get_title() == "along y: λ = 0 W/(m K)"
    panels = {axes.get_ylabel(): axes for axes in figure.axes}
    assert len(panels["share of the heat flow"].patches) == 1
    closed["y"].plot(tmp_path / "one.png")
    nothing = twin.conduction(closed["y"].volume, {"pore": 1.0}, "yz")
    nothing.plot(tmp_path / "none.png")  # type: ignore[union-attr]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("shape", [(2, 1, 1), (40, 2, 3), (2, 40, 1)])
def test_thin_volumes_can_be_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    volume = twin.Volume(np.ones(shape, np.uint8), "50nm", {"pore": 1})
    twin.conduction(volume, {"pore": 1.0}, "x").plot(tmp_path / "thin.png")
