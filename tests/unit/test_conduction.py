"""What `twin.conduction` finds: numbers, shares, fields, tables, files and tensors."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.generate import layers, oblique_channels
from twin.files import write_csv
from twin.transport import TRANSPORTS

SPACING = (20e-9, 5e-9, 8e-9)
K = {"CBD": 760.0, "AM": 0.5, "pore": 0.0}
CONTACT = {("CBD", "AM"): 1e-8}


def along(volume: twin.Volume, conductivity: Any, axis: str = "z", **options: Any) -> Any:
    return twin.conduction(volume, conductivity, axis, **options)


@pytest.fixture(scope="module")
def electrode() -> twin.Volume:
    return twin.generate.electrode((14, 12, 10), 1e-6, seed=1)


@pytest.fixture(scope="module")
def directions(electrode: twin.Volume) -> twin.Directions[twin.Conduction]:
    return along(electrode, K, "xyz", contact_resistance=CONTACT)


@pytest.fixture(scope="module")
def closed() -> twin.Directions[twin.Conduction]:
    labels = np.zeros((6, 5, 4), np.uint8)
    labels[:3, :2], labels[1, 4] = 1, 2
    volume = twin.Volume(labels, SPACING, {"pore": 0, "AM": 1, "CBD": 2})
    return along(volume, {"AM": 1.0, "CBD": 9.0}, "xz")


@pytest.fixture(scope="module")
def oblique() -> twin.ConductivityTensor:
    volume = oblique_channels((16, 16, 2), (1, 1), 4, 8)
    return twin.conductivity_tensor(volume, {"pore": 3.0, "solid": 0.1}, transport="ionic")


@pytest.mark.parametrize("axis", "xyz")
def test_one_conductor_is_the_tortuosity_factor_of_its_phase(
    electrode: twin.Volume, axis: str
) -> None:
    c, t = along(electrode, {"pore": 2.5}, axis), twin.tortuosity(electrode, "pore", axis)
    assert isinstance(c, twin.Conduction) and isinstance(t, twin.Tortuosity)
    assert c.effective_conductivity == pytest.approx(2.5 * t.relative_diffusivity, rel=1e-6)
    assert c.tortuosity_factor == pytest.approx(t.tortuosity_factor, rel=1e-6)
    assert c.macmullin_number == pytest.approx(t.macmullin_number, rel=1e-6)
    assert c.percolating_fraction == t.percolating_fraction
    assert c.percolating_fractions == {"pore": pytest.approx(t.percolating_fraction)}
    assert c.accessible_fraction == t.accessible_fraction
    assert c.share == {"pore": pytest.approx(1.0)} and c.heat_share == {"pore": pytest.approx(1.0)}


@pytest.mark.parametrize("axis", "xyz")
def test_layers_side_by_side_and_one_above_the_other(axis: str) -> None:
    volume = layers((8, 8, 8), axis, {"A": 1, "B": 3}, SPACING)
    thickness = 8 * SPACING["xyz".index(axis)]
    conductivity = {"A": 2.0, "B": 50.0}
    resistance = 3 * 1e-9  # three interfaces between four layers
    c = along(volume, conductivity, axis, contact_resistance={("A", "B"): 1e-9})
    series = 0.25 / 2.0 + 0.75 / 50.0 + resistance / thickness
    assert c.effective_conductivity == pytest.approx(1 / series, rel=1e-6)
    assert c.heat_share["A"] == pytest.approx(0.125 / series, rel=1e-5)
    assert c.interface_heat_share["A", "B"] == pytest.approx(resistance / thickness / series, 1e-5)
    assert c.interface_share["A", "B"] == pytest.approx(3.0, rel=1e-5)
    assert c.share == {"A": pytest.approx(0.25, rel=1e-5), "B": pytest.approx(0.75, rel=1e-5)}
    assert c.wiener_bounds == (0.0, pytest.approx(38.0))
    for other in set("xyz") - {axis}:
        parallel = along(volume, conductivity, other)
        assert parallel.effective_conductivity == pytest.approx(38.0, rel=1e-6)
        assert parallel.tortuosity_factor == pytest.approx(1.0, rel=1e-6)
        assert parallel.relative_conductivity == pytest.approx(1.0, rel=1e-6)
        assert parallel.macmullin_number == pytest.approx(50 / 38, rel=1e-6)
        assert parallel.share == {"A": pytest.approx(0.5 / 38), "B": pytest.approx(37.5 / 38)}
        assert parallel.wiener_bounds[0] == pytest.approx(1 / (0.25 / 2 + 0.75 / 50))


def test_the_entry_along_the_axis_counts(electrode: twin.Volume) -> None:
    everywhere = {"pore": (1.0, 20.0, 300.0), "AM": (1.0, 20.0, 300.0), "CBD": (1.0, 20.0, 300.0)}
    for axis, k in zip("xyz", (1.0, 20.0, 300.0), strict=True):
        c = along(electrode, everywhere, axis)
        assert c.effective_conductivity == pytest.approx(k, rel=1e-6)
        assert c.tortuosity_factor == pytest.approx(1.0, rel=1e-6)
        assert c.macmullin_number == pytest.approx(1.0, rel=1e-6)
        assert c.wiener_bounds == (pytest.approx(k), pytest.approx(k))
        assert all(math.isnan(bound) for bound in c.hashin_shtrikman_bounds)


def test_three_equal_entries_are_one_number(electrode: twin.Volume) -> None:
    one, three = along(electrode, {"AM": 2.0}), along(electrode, {"AM": [2.0, 2.0, 2.0]})
    assert one.effective_conductivity == three.effective_conductivity
    assert one.hashin_shtrikman_bounds == three.hashin_shtrikman_bounds


def test_a_phase_of_no_conductivity_is_as_good_as_none(electrode: twin.Volume) -> None:
    named = along(electrode, {"CBD": 760.0, "AM": 0.5, "pore": 0.0})
    unnamed = along(electrode, {"CBD": 760.0, "AM": 0.5})
    assert named.effective_conductivity == unnamed.effective_conductivity
    assert named.share.keys() == unnamed.share.keys() == {"CBD", "AM"}
    assert named.to_dict()["conductivity"]["pore"] == 0.0


def test_shares_sum_to_one(directions: twin.Directions[twin.Conduction]) -> None:
    for c in directions:
        assert sum(c.share.values()) == pytest.approx(1.0)
        heat = [*c.heat_share.values(), *c.interface_heat_share.values()]
        assert sum(heat) == pytest.approx(1.0) and min(heat) > 0.0
        assert list(c.interface_share) == list(c.interface_heat_share) == [("AM", "CBD")]


def test_the_order_of_an_interface_does_not_matter(electrode: twin.Volume) -> None:
    found = along(electrode, K, contact_resistance=CONTACT).effective_conductivity
    swapped = {("AM", "CBD"): 1e-8}
    assert along(electrode, K, contact_resistance=swapped).effective_conductivity == found
    assert found < along(electrode, K).effective_conductivity


def test_bounds_hold_an_answer(directions: twin.Directions[twin.Conduction]) -> None:
    for c in directions:
        lower, upper = c.wiener_bounds
        assert lower == 0.0 < c.effective_conductivity < upper
        assert c.relative_conductivity == pytest.approx(1 / c.tortuosity_factor)
        assert c.hashin_shtrikman_bounds[1] < upper


def test_a_flat_image_has_the_bounds_of_two_dimensions() -> None:
    labels = np.arange(64).reshape(8, 8) % 2
    flat, thick = labels, labels.reshape(8, 8, 1).repeat(2, axis=2)
    k = {"0": 1.0, "1": 9.0}
    in_plane = along(twin.Volume(flat), k, "x").hashin_shtrikman_bounds
    assert in_plane[1] == pytest.approx(1 / (0.5 / 10 + 0.5 / 18) - 9)
    assert along(twin.Volume(thick), k, "x").hashin_shtrikman_bounds[1] > in_plane[1]


def test_percolating_fractions_are_those_of_the_set(
    directions: twin.Directions[twin.Conduction],
) -> None:
    for c in directions:
        active = c.mesh.active()
        for name, fraction in c.percolating_fractions.items():
            here = np.isin(c.volume.labels, c.volume.label_values(name))
            assert fraction == pytest.approx(active[here].mean())
    assert along(directions["x"].volume, {"CBD": 1.0}, "x").percolating_fractions["CBD"] < 1.0


def test_a_closed_set_conducts_nothing(closed: twin.Directions[twin.Conduction]) -> None:
    c = closed["x"]
    assert not c.percolates and c.reason
    assert c.effective_conductivity == c.relative_conductivity == c.mean_current_density == 0.0
    assert c.tortuosity_factor == c.macmullin_number == math.inf
    assert all(math.isnan(value) for value in (*c.share.values(), *c.interface_share.values()))
    assert c.percolating_fractions == {"AM": 0.0, "CBD": 0.0}
    assert np.isnan(c.potential()).all() and not c.current_density().any()
    assert not closed.percolates and closed["z"].percolates
    assert closed.anisotropy_ratio == math.inf
    assert closed.planes("z").ratio == math.inf and closed.planes("x").ratio == 0.0


def test_too_few_iterations_raise_with_the_report(electrode: twin.Volume) -> None:
    with pytest.raises(twin.NotConverged, match="iteration") as caught:
        along(electrode, K, solver=twin.Solver(1e-12, max_iterations=1))
    assert caught.value.report.iterations == 1


def test_progress_names_the_axis(electrode: twin.Volume) -> None:
    seen: list[tuple[str, int, float]] = []
    found = along(electrode, K, "xz", progress=lambda *a: seen.append(a))
    for c in found:
        steps = [iteration for axis, iteration, _ in seen if axis == c.axis]
        assert steps == list(range(1, c.iterations + 1))


def test_anisotropy_and_planes(directions: twin.Directions[twin.Conduction]) -> None:
    x, y, z = (c.effective_conductivity for c in directions)
    assert directions.anisotropy_ratio == max(x, y, z) / min(x, y, z)
    planes = directions.planes("y")
    assert (planes.through_plane, planes.in_plane) == (y, pytest.approx((x + z) / 2))
    assert planes.ratio == pytest.approx(2 * y / (x + z))


@pytest.mark.parametrize(("axes", "through"), [("x", "x"), ("xy", "z"), ("xyz", "w")])
def test_a_plane_needs_an_axis_through_it_and_one_in_it(
    electrode: twin.Volume, axes: str, through: str
) -> None:
    found = along(electrode, {"pore": 1.0}, axes)
    several = found if isinstance(found, twin.Directions) else twin.Directions({axes: found})
    with pytest.raises(twin.InputError, match=f"found '{through}' and .*solve along 'xyz'"):
        several.planes(through)


def test_the_tensor_has_the_periodic_solves_on_its_diagonal(
    oblique: twin.ConductivityTensor,
) -> None:
    volume = oblique.directions["x"].volume
    for a, axis in enumerate("xyz"):
        alone = along(volume, {"pore": 3.0, "solid": 0.1}, axis, sides="periodic")
        assert oblique.matrix[a, a] == alone.effective_conductivity
    assert oblique.matrix[1, 0] > 0.5 * oblique.matrix[0, 0]
    assert oblique.principal_values[2] <= oblique.directions["x"].wiener_bounds[1] * (1 + 1e-6)


def test_one_conductor_has_the_tensor_of_its_phase(oblique: twin.ConductivityTensor) -> None:
    volume = oblique.directions["x"].volume
    found = twin.conductivity_tensor(volume, {"pore": 2.0}).matrix
    np.testing.assert_allclose(found, 2.0 * twin.diffusivity_tensor(volume, "pore").matrix, 1e-6)


def test_the_tensor_in_words_and_numbers(oblique: twin.ConductivityTensor) -> None:
    data = json.loads(json.dumps(oblique.to_dict()))
    assert data["effective_conductivity_tensor"] == oblique.matrix.tolist()
    assert data["transport"] == "ionic" and data["sides"] == "periodic"
    for j, row in enumerate(oblique.rows()):
        column = [row[f"effective_conductivity_{i}j"] for i in "xyz"]
        assert column == oblique.matrix[:, j].tolist()
    title = "Effective ionic conductivity [S/m] of pore + solid: 16 x 16 x 2 voxels"
    assert oblique.summary().startswith(title)


@pytest.mark.parametrize("axis", "xyz")
def test_fields_are_for_a_unit_difference(
    directions: twin.Directions[twin.Conduction], axis: str
) -> None:
    c, a = directions[axis], "xyz".index(axis)
    potential, current = c.potential(), c.current_density()
    assert potential.shape == (14, 12, 10) and current.shape == (14, 12, 10, 3)
    assert 0.0 <= np.nanmin(potential) < np.nanmax(potential) <= 1.0
    mean = current[..., a].mean(dtype=np.float64)
    assert mean == pytest.approx(c.mean_current_density, rel=1e-3)
    length = c.volume.shape[a] * c.volume.spacing[a]
    assert c.mean_current_density == pytest.approx(c.effective_conductivity / length)
    np.testing.assert_allclose(c.magnitude(), np.linalg.norm(current, axis=-1), rtol=1e-6)


@pytest.mark.parametrize("transport", TRANSPORTS, ids=lambda t: t.name)
def test_a_file_for_paraview_has_the_words_of_its_transport(
    electrode: twin.Volume, tmp_path: Path, transport: Any
) -> None:
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader

    c = along(electrode, {"CBD": 7.0, "AM": 0.5}, "x", transport=transport.name)
    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(c.to_vtk(tmp_path / "c.vti")))
    reader.Update()
    image = reader.GetOutput()
    data, about = image.GetCellData(), image.GetFieldData()
    arrays = {
        data.GetArrayName(i): vtk_to_numpy(data.GetArray(i))
        for i in range(data.GetNumberOfArrays())
    }
    flux = transport.flux.replace(" ", "_")
    names = {"phase", transport.potential, flux, f"{flux}_magnitude", f"{flux}_over_mean"}
    assert arrays.keys() == {*names, "partition"}
    size = c.magnitude().swapaxes(0, 2).ravel()
    np.testing.assert_array_equal(arrays[f"{flux}_magnitude"], size)
    carries = arrays["partition"] % 3 > 0
    assert arrays[f"{flux}_over_mean"][carries].mean() == pytest.approx(1.0, rel=1e-4)
    text = [about.GetAbstractArray(name) for name in ("array_name", "array_unit")]
    columns = [[a.GetValue(i) for i in range(a.GetNumberOfValues())] for a in text]
    units = dict(zip(*columns, strict=True))
    assert units[transport.potential] == transport.potential_unit
    assert units[flux] == units[f"{flux}_magnitude"] == transport.flux_unit


def test_a_closed_axis_can_be_looked_at_too(
    closed: twin.Directions[twin.Conduction], tmp_path: Path
) -> None:
    assert [p.name for p in closed.to_vtk(tmp_path / "c.vti")] == ["c_x.vti", "c_z.vti"]


def test_the_summary_has_numbers_shares_and_planes(
    directions: twin.Directions[twin.Conduction],
) -> None:
    text = directions.summary()
    title, _, head, *lines = text.splitlines()
    assert title == (
        "Electronic conductivity [S/m] of CBD (760) + AM (0.5): 14 x 12 x 10 voxels of 1 µm, "
        "no-flux sides"
    )
    assert head.split()[:5] == ["axis", "σ_eff", "[S/m]", "tau", "N_M"]
    for c, line in zip(directions, lines, strict=False):
        assert float(line.split()[1]) == pytest.approx(c.effective_conductivity, rel=1e-5)
    binder = next(line.split() for line in lines if line.startswith("CBD "))
    assert float(binder[3]) == pytest.approx(directions["x"].share["CBD"], rel=1e-3)
    contact = next(line.split() for line in lines if line.startswith("AM:CBD"))
    assert contact[1] == "1e-08"
    assert float(contact[3]) == pytest.approx(
        directions["x"].interface_heat_share["AM", "CBD"], rel=1e-3
    )
    assert lines[-1].startswith(f"anisotropy ratio {directions.anisotropy_ratio:.6g}")


@pytest.mark.parametrize(
    ("transport", "words"),
    [
        ("ionic", ["Ionic conductivity [S/m]", "κ_eff", "current", "Joule heat", "Ohm m2"]),
        ("thermal", ["Thermal conductivity [W/(m K)]", "λ_eff", "heat flow", "m2 K/W"]),
        ("diffusive", ["Diffusivity [m2/s]", "D_eff", "molar flow", "dissipation", "s/m"]),
    ],
)
def test_words_differ_and_numbers_do_not(
    electrode: twin.Volume, transport: str, words: list[str]
) -> None:
    c = along(electrode, K, transport=transport)
    assert all(word in c.summary() for word in words)
    assert c.effective_conductivity == along(electrode, K).effective_conductivity


def test_the_summary_says_why_an_axis_is_closed(
    closed: twin.Directions[twin.Conduction],
) -> None:
    assert closed.summary().splitlines()[-1] == f"x: {closed['x'].reason}"


def test_a_dictionary_says_what_the_attributes_say(
    directions: twin.Directions[twin.Conduction],
) -> None:
    for c in directions:
        data = json.loads(json.dumps(c.to_dict()))
        assert data["conductivity"] == K and data["unit"] == "S/m"
        assert data["contact_resistance"] == {"AM:CBD": 1e-8}
        assert data["share"] == c.share and data["heat_share"] == c.heat_share
        assert data["interface_share"] == {"AM:CBD": c.interface_share["AM", "CBD"]}
        assert data["wiener_bounds"] == {"lower": 0.0, "upper": c.wiener_bounds[1]}
        plain = {"axis", "effective_conductivity", "tortuosity_factor", "macmullin_number"}
        assert {key: data[key] for key in plain} == {key: getattr(c, key) for key in plain}


def test_directions_share_what_is_the_same(directions: twin.Directions[twin.Conduction]) -> None:
    data = directions.to_dict()
    assert data["anisotropy_ratio"] == directions.anisotropy_ratio
    assert data["planes"]["z"]["ratio"] == directions.planes("z").ratio
    for c in directions:
        assert c.to_dict() == {
            **{key: data[key] for key in c.to_dict() if key in data},
            "axis": c.axis,
            **data["directions"][c.axis],
        }


def test_rows_are_flat_and_alike(
    directions: twin.Directions[twin.Conduction],
    closed: twin.Directions[twin.Conduction],
    tmp_path: Path,
) -> None:
    for several in (directions, closed):
        rows = several.rows()
        assert all(list(row) == list(rows[0]) for row in rows)
        assert not any(isinstance(value, list | dict) for row in rows for value in row.values())
    path = tmp_path / "rows.csv"
    with path.open("w") as file:
        write_csv(file, directions.rows())
    with path.open() as file:
        read = list(csv.DictReader(file))
    assert [float(row["share.CBD"]) for row in read] == [c.share["CBD"] for c in directions]
    assert read[0]["contact_resistance.AM:CBD"] == "1e-08"
