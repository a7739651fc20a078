"""The electrode tortuosity factor: its numbers, tables, files, fields, pictures and refusals."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from solvers import symmetric_cell
from twin import memory

SPACING = (2e-6, 0.5e-6, 1e-6)


def slits(*depths: int, length: int = 20) -> twin.Volume:
    """Pores one voxel wide that open at low x, in an image one voxel thick."""
    labels = np.ones((length, 2 * len(depths) + 1, 1), np.uint8)
    for number, depth in enumerate(depths):
        labels[:depth, 2 * number + 1] = 0
    return twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})


@pytest.fixture(scope="module")
def volume() -> twin.Volume:
    return twin.generate.electrode((18, 16, 14), SPACING, seed=4)


@pytest.fixture(scope="module", params="xyz")
def found(request: pytest.FixtureRequest, volume: twin.Volume) -> twin.ElectrodeTortuosity:
    """Both orientations along each axis, and the flux through."""
    return twin.electrode_tortuosity(volume, "pore", request.param, flip=True, through=True)


def walls_of(volume: twin.Volume, reached: np.ndarray, solid: tuple[int, ...]) -> np.ndarray:
    """Area of the faces between each reached pore and labels of the solid [m2]."""
    area = np.zeros(volume.shape)
    for axis in range(3):
        h = np.delete(volume.spacing, axis)
        low, high = ((slice(None),) * axis + (part,) for part in (slice(-1), slice(1, None)))
        for here, there in ((low, high), (high, low)):
            wall = reached[here] & np.isin(volume.labels[there], solid)
            area[here] += wall * h[0] * h[1]
    return area


def test_numbers_agree_with_each_other(found: twin.ElectrodeTortuosity) -> None:
    for e in found.orientations():
        n = e.macmullin_number
        assert e.tortuosity_factor == pytest.approx(e.volume_fraction * n, rel=1e-14)
        assert e.accessible_tortuosity_factor == pytest.approx(e.accessible_porosity * n, rel=1e-14)
        assert e.accessible_porosity == pytest.approx(e.volume_fraction * e.accessible_fraction)
        assert e.volume_fraction == e.volume.volume_fraction("pore")
        assert 0 < e.accessible_fraction <= 1
        a = "xyz".index(e.axis)
        assert e.length == pytest.approx(e.volume.shape[a] * SPACING[a], rel=1e-14)
        others = np.delete(np.array(e.volume.shape) * SPACING, a)
        assert e.cross_section == pytest.approx(others.prod(), rel=1e-14)
        assert e.ionic_resistance(0.5) == pytest.approx(2 * n * e.length, rel=1e-14)
        assert e.seconds == e.seconds_solving + e.seconds_compiling
        assert e.iterations > 0 and e.estimated_error < 1e-7
        assert 0 <= e.imbalance < 1e-3


def test_walls_are_the_faces_of_reached_pores(found: twin.ElectrodeTortuosity) -> None:
    for e in found.orientations():
        expected = walls_of(e.volume, e.mesh.active(), (1, 2)).sum()
        assert e.wall_area == pytest.approx(expected, rel=1e-12)
        assert e.wall_area == pytest.approx(sum(e.wall_areas.values()), rel=1e-14)
        box = e.length * e.cross_section
        assert e.specific_area == pytest.approx(e.wall_area / box, rel=1e-14)


def test_walls_by_phase(volume: twin.Volume) -> None:
    e = twin.electrode_tortuosity(volume, "pore", reactive={"AM": 1.0, "CBD": 0.2})
    assert e.wall_areas == pytest.approx({
        "AM": walls_of(volume, e.mesh.active(), (1,)).sum(),
        "CBD": walls_of(volume, e.mesh.active(), (2,)).sum(),
    })  # fmt: skip
    together = twin.electrode_tortuosity(volume, "pore", reactive=("AM", "CBD"))
    assert together.wall_areas == pytest.approx(e.wall_areas)


def test_the_bound_is_below_and_the_residual_above_one(found: twin.ElectrodeTortuosity) -> None:
    for e in found.orientations():
        assert 0 < e.lower_bound < e.tortuosity_factor
        assert e.gradient_factor == e.lower_bound
        assert e.residual == pytest.approx(e.tortuosity_factor / e.lower_bound, rel=1e-14)


def test_profiles_count_from_the_separator(found: twin.ElectrodeTortuosity) -> None:
    a = "xyz".index(found.axis)
    others = tuple(b for b in range(3) if b != a)
    for e in found.orientations():
        p = e.profiles
        inwards = slice(None) if e.separator == "low" else slice(None, None, -1)
        np.testing.assert_allclose(p["position"], (np.arange(e.volume.shape[a]) + 0.5) * SPACING[a])
        pores = (e.volume.labels == 0).mean(axis=others)[inwards]
        np.testing.assert_allclose(p["porosity"], pores, rtol=1e-14)
        reached = e.mesh.active().mean(axis=others)[inwards]
        np.testing.assert_allclose(p["accessible_porosity"], reached, rtol=1e-14)
        assert p["wall_area"].sum() == pytest.approx(e.wall_area, rel=1e-12)
        assert 1 > p["current"][0] > p["current"][-1] > 0
        assert (np.diff(p["current"]) <= 0).all()
        assert p["local_resistance"][0] > 1
        np.testing.assert_allclose(p["local_tortuosity"], p["local_resistance"] * pores)


def test_layers_add_up_to_the_whole(found: twin.ElectrodeTortuosity) -> None:
    """Resistances of layers times the squares of the currents, and what lies at the walls."""
    for e in found.orientations():
        c = e.charging
        squares = (c.currents[:-1] ** 2 + c.currents[1:] ** 2) / 2
        total = 3 * float((c.layer_resistances * squares).sum()) + c.at_walls
        assert total == pytest.approx(c.resistance, rel=1e-3)


def test_the_mean_potential_at_the_walls_is_a_third(found: twin.ElectrodeTortuosity) -> None:
    """But for what drops between the centres of voxels and their walls."""
    for e in found.orientations():
        w, active = e.potential(), e.mesh.active()
        assert w.shape == e.volume.shape and w.dtype == np.float32
        np.testing.assert_array_equal(~np.isnan(w), active)
        assert w[active].min() > 0
        walls = walls_of(e.volume, active, (1, 2))
        mean = np.nansum(w * walls) / walls.sum()
        rest = e.charging.at_walls / e.charging.resistance / 3
        assert mean == pytest.approx(1 / 3 - rest, rel=1e-4)


def test_the_flux_enters_with_the_mean_of_one(found: twin.ElectrodeTortuosity) -> None:
    a = "xyz".index(found.axis)
    for e in found.orientations():
        sense = 1 if e.separator == "low" else -1
        flux = sense * e.flux()[..., a].astype(np.float64)
        layers = flux.mean(axis=tuple(b for b in range(3) if b != a))[::sense]
        np.testing.assert_allclose(layers, e.profiles["current"], atol=2e-4)
        assert not e.flux()[~e.mesh.active()].any()


def test_shares_have_the_mean_one_in_every_layer(found: twin.ElectrodeTortuosity) -> None:
    a = "xyz".index(found.axis)
    e, others = found, tuple(b for b in range(3) if b != a)
    share, active = e.share(), e.mesh.active()
    assert share.shape == e.volume.shape
    np.testing.assert_array_equal(~np.isnan(share), active)
    np.testing.assert_allclose(np.nanmean(share.astype(float), axis=others), 1.0, rtol=1e-5)


def test_flipped_is_the_other_question(
    found: twin.ElectrodeTortuosity, volume: twin.Volume
) -> None:
    assert found.flipped is not None and found.through is not None
    alone = twin.electrode_tortuosity(volume, "pore", found.axis, "high")
    assert found.flipped.tortuosity_factor == alone.tortuosity_factor
    assert (found.separator, found.flipped.separator) == ("low", "high")
    assert found.flipped.flipped is None and found.flipped.through is None
    assert alone.orientations() == [alone]
    through = twin.tortuosity(volume, "pore", found.axis)
    assert found.through.tortuosity_factor == through.tortuosity_factor


def test_a_flux_through_that_is_closed_is_said() -> None:
    e = twin.electrode_tortuosity(slits(10), "pore", "x", through=True)
    assert e.through is not None and not e.through.percolates
    assert "'pore' does not touch the high face" in e.summary().splitlines()[-1]
    assert e.to_dict()["through"]["tortuosity_factor"] == math.inf


def test_an_image_one_voxel_thick() -> None:
    """A slit one voxel wide: 1 + 5 / (4 N^2) on voxels, and a bundle of depths."""
    e = twin.electrode_tortuosity(slits(20), "pore", "x")
    assert e.tortuosity_factor == pytest.approx(1 + 5 / 1600, rel=1e-9)
    bundle = twin.electrode_tortuosity(slits(40, 30, 20, 10, length=40), "pore", "x")
    assert bundle.tortuosity_factor == pytest.approx(0.62043486, rel=1e-7)
    with pytest.raises(InputError, match="no voxel of 'pore' that the separator reaches"):
        open_slit = twin.Volume(np.zeros((6, 6, 1), np.uint8), phases={"pore": 0, "AM": 1})
        twin.electrode_tortuosity(open_slit, "pore", "x")


@pytest.mark.parametrize("h", [0.3e-6, 1e-6, 4e-6])
def test_a_slit_of_voxels_that_are_no_cubes(h: float) -> None:
    """1 + 1 / (2 N^2) along the line of voxels; 3 d^2 / (4 L^2) across, from centre to wall."""
    volume = twin.Volume(slits(20).labels, spacing=(h, 1e-6, 2e-6), phases={"pore": 0, "AM": 1})
    centre = 1 + 1 / (2 * 20**2)
    e = twin.electrode_tortuosity(volume, "pore", "x")
    assert e.tortuosity_factor == pytest.approx(centre + 3 * (1e-6 / (20 * h)) ** 2 / 4, rel=1e-9)
    assert e.wall_area == pytest.approx(2 * 20 * h * 2e-6, rel=1e-12)
    e = twin.electrode_tortuosity(volume, "pore", "x", wall="centre")
    assert e.tortuosity_factor == pytest.approx(centre, rel=1e-9)


def test_a_dictionary_says_what_the_attributes_say(found: twin.ElectrodeTortuosity) -> None:
    data = found.to_dict()
    assert data["shape"] == [18, 16, 14] and data["spacing"] == list(SPACING)
    plain = {"phase", "axis", "separator", "tortuosity_factor", "lower_bound", "iterations"}
    assert {key: data[key] for key in plain} == {key: getattr(found, key) for key in plain}
    assert data["profiles"]["porosity"] == found.profiles["porosity"].tolist()
    assert found.flipped is not None and found.through is not None
    assert data["flipped"]["tortuosity_factor"] == found.flipped.tortuosity_factor
    assert data["flipped"]["separator"] == "high"
    assert data["through"] == found.through.to_dict()
    assert json.loads(json.dumps(data)) == data


def test_rows_are_flat_and_alike(found: twin.ElectrodeTortuosity) -> None:
    rows = found.rows()
    assert [row["separator"] for row in rows] == ["low", "high"]
    assert list(rows[0]) == list(rows[1])
    assert not any(isinstance(value, list | dict) for row in rows for value in row.values())
    for e, row in zip(found.orientations(), rows, strict=True):
        assert row["tortuosity_factor"] == e.tortuosity_factor


def test_the_summary_has_a_line_for_each_orientation(found: twin.ElectrodeTortuosity) -> None:
    title, blank, head, *lines, through = found.summary().splitlines()
    assert title.startswith(f"Electrode tortuosity factor of pore along {found.axis}: 18 x 16 x 14")
    assert title.endswith("double layer on AM, CBD")
    assert not blank
    assert head.split()[:3] == ["separator", "tau_e", "N_M,e"]
    for e, line in zip(found.orientations(), lines, strict=True):
        cells = line.split()
        assert cells[0] == e.separator
        assert float(cells[1]) == pytest.approx(e.tortuosity_factor, rel=1e-5)
        assert float(cells[5]) == pytest.approx(e.lower_bound, rel=1e-3)
    assert through.startswith("flux through the volume: tau ")


def test_the_summary_names_unequal_walls(volume: twin.Volume) -> None:
    e = twin.electrode_tortuosity(volume, "pore", reactive={"AM": 1.0, "CBD": 0.2})
    assert e.summary().splitlines()[0].endswith("double layer on AM, CBD (0.2)")


def test_files_for_paraview(found: twin.ElectrodeTortuosity, tmp_path: Path) -> None:
    import pyvista

    written = found.to_vtk(tmp_path / "fields.vti")
    assert [path.name for path in written] == ["fields_low.vti", "fields_high.vti"]
    for e, path in zip(found.orientations(), written, strict=True):
        cells = pyvista.read(path).cell_data
        for name, field in (("potential", e.potential()), ("share", e.share())):
            np.testing.assert_array_equal(cells[name], field.ravel(order="F"))
    assert found.flipped is not None
    assert found.flipped.to_vtk(tmp_path / "one.vti") == [tmp_path / "one.vti"]


def test_a_picture_of_fields_profiles_and_factors(
    found: twin.ElectrodeTortuosity, tmp_path: Path
) -> None:
    figure = found.plot(tmp_path / "electrode.png")
    assert (tmp_path / "electrode.png").stat().st_size > 10_000
    titles = [panel.get_title() for panel in figure.axes]
    assert {"drop of the potential", "current density", "local tortuosity factor"} <= set(titles)
    walls = figure.axes[titles.index("walls / mean")]
    assert [line.get_color() for line in walls.lines] == ["#0072B2", "#D55E00"]
    for e, line in zip(found.orientations(), walls.lines, strict=True):
        area = e.profiles["wall_area"]
        np.testing.assert_allclose(line.get_ydata(), area / area.mean())
    factors = figure.axes[titles.index("tortuosity factors")]
    assert found.flipped is not None and found.through is not None
    heights = [e.tortuosity_factor for e in (found, found.flipped, found.through)]
    assert [bar.get_height() for bar in factors.patches] == pytest.approx(heights)


def test_a_picture_of_one_orientation_marks_its_separator(volume: twin.Volume) -> None:
    figure = twin.electrode_tortuosity(volume, "pore", "x", "high").plot()
    edge = next(line for line in figure.axes[0].lines if line.get_linewidth() == 4.0)
    assert list(edge.get_xdata()) == pytest.approx([36.0, 36.0])
    names = {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts}
    assert names == pytest.approx({"separator": 36.0, "collector": 0.0})


def test_a_picture_of_pores_that_end_and_are_not_reached() -> None:
    labels = slits(10, 6).labels.copy()
    labels[14:18, 1] = 0
    half = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = twin.electrode_tortuosity(half, "pore", "x", through=True).plot()
    texts = [text.get_text() for legend in figure.subfigs[0].legends for text in legend.texts]
    assert "pore, not reached" in texts
    factors = figure.axes[-1] if figure.axes[-1].patches else figure.axes[-3]
    assert "∞" in [text.get_text() for text in factors.texts]


def test_progress_is_told_of_every_solve(volume: twin.Volume) -> None:
    seen: list[tuple[str, int, float]] = []
    twin.electrode_tortuosity(volume, "pore", "y", progress=lambda *told: seen.append(told))
    assert {axis for axis, _, _ in seen} == {"y"}
    assert [n for _, n, _ in seen] == list(range(seen[0][1], seen[0][1] + len(seen)))
    assert seen[-1][2] < 1e-7


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"axis": "xz"}, "an electrode has one axis through it, found 'xz'; choose one"),
        ({"axis": "w"}, "there is no axis 'w'"),
        ({"phase": "por"}, "did you mean 'pore'?"),
        ({"separator": "left"}, "there is no separator 'left'; use 'low' or 'high'"),
        ({"sides": "open"}, "there are no sides 'open'"),
        ({"wall": "face"}, "there is no wall 'face'; use 'half-face' or 'centre'"),
        ({"area": "true"}, "there is no area 'true'; use 'voxel' or 'smooth'"),
        ({"reactive": "NMC"}, "there is no phase 'NMC'"),
        ({"reactive": ()}, "no phase beside 'pore' carries a double layer"),
        ({"reactive": "pore"}, "the pores 'pore' cannot be reactive themselves"),
        ({"reactive": {"AM": 0.0}}, "the capacitance of AM is 0.0; give a positive number"),
        ({"reactive": {"AM": -1.0}}, "or leave AM out of the reactive phases"),
        ({"reactive": {"AM": math.nan}}, "the capacitance of AM is nan"),
        ({"reactive": {"AM": math.inf}}, "the capacitance of AM is inf"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(volume: twin.Volume, given: dict, said: str) -> None:
    question = {"phase": "pore", **given}
    with pytest.raises(InputError) as error:
        twin.electrode_tortuosity(volume, **question)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_pores_that_do_not_reach_the_separator_are_refused() -> None:
    with pytest.raises(InputError) as error:
        twin.electrode_tortuosity(slits(10), "pore", "x", "high")
    assert str(error.value) == (
        "no voxel of 'pore' lies on the high face of axis x, where the separator is; "
        "choose the other separator, another axis or another phase"
    )


def test_walls_beyond_the_reach_are_refused() -> None:
    labels = slits(10).labels.copy()
    labels[15:] = 2
    three = twin.Volume(labels, phases={"pore": 0, "AM": 1, "CBD": 2})
    with pytest.raises(InputError, match="reaches has a face with CBD; name the phases"):
        twin.electrode_tortuosity(three, "pore", "x", reactive="CBD")


def test_too_many_kinds_of_walls_are_refused() -> None:
    labels = slits(16).labels.copy()
    labels[:, 0] = np.repeat([1, 2, 3, 4], 5)[:, None]
    names = {"pore": 0, "A": 1, "B": 2, "C": 3, "D": 4}
    reactive = {"A": 1.0, "B": 2.0, "C": 3.0, "D": 4.0}
    with pytest.raises(InputError, match="4 different walls were given and 3 are possible"):
        twin.electrode_tortuosity(twin.Volume(labels, phases=names), "pore", "x", reactive=reactive)
    reactive["D"] = 1.0  # as that of A
    e = twin.electrode_tortuosity(twin.Volume(labels, phases=names), "pore", "x", reactive=reactive)
    assert set(e.wall_areas) == {"A", "B", "C", "D"}


@pytest.mark.parametrize("function", [twin.electrode_tortuosity, twin.impedance])
def test_the_memory_is_looked_at_before_the_solve(
    volume: twin.Volume, monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any]
) -> None:
    monkeypatch.setattr(memory, "bytes_free", lambda: 10)
    with pytest.raises(InputError, match="a solve on 18 x 16 x 14 voxels needs about "):
        function(volume, "pore")
    function(volume, "pore", ignore_memory=True)


def test_too_few_iterations_carry_their_report(volume: twin.Volume) -> None:
    with pytest.raises(twin.NotConverged) as error:
        twin.electrode_tortuosity(volume, "pore", solver=twin.Solver(1e-12, 1))
    assert error.value.report.iterations == 1


def test_a_resistance_below_the_bound_is_no_answer(
    volume: twin.Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = symmetric_cell._mean_potential
    monkeypatch.setattr(symmetric_cell, "_mean_potential", lambda *given: 0.1 * right(*given))
    with pytest.raises(twin.NotConverged, match="times the least that the profile of the pores"):
        twin.electrode_tortuosity(volume, "pore")


@pytest.mark.parametrize("length", [7, 150])
def test_a_straight_pore_has_its_bound_within_rounding(length: int) -> None:
    e = twin.electrode_tortuosity(
        slits(length, length=length), "pore", "x", wall="centre", solver=twin.Solver(1e-12)
    )
    assert e.residual == pytest.approx(1, rel=1e-12)
