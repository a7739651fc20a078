"""`twin.lio2`: parameters, protocols, results, and a sentence for everything that cannot be."""

from __future__ import annotations

import json
import pickle
from functools import partial

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from solvers.banded import Newton
from twin.cli import main
from twin.lio2 import Parameters, Step, discharge
from twin.lio2.sets import SETS

BASE = Parameters.of("Su2021_ch6")


@pytest.fixture(scope="module")
def base() -> twin.lio2.Discharge:
    return discharge(BASE, current_density=2.4)


@pytest.mark.parametrize("name", SETS)
def test_every_value_of_a_set_has_a_source(name: str) -> None:
    p = Parameters.of(name)
    values = p.to_dict().keys() - {"set"}
    assert set(p.sources) == values
    assert all(p.sources.values())
    assert sum("assumed" in source for source in p.sources.values()) > 5
    assert "oxygen_diffusivity" in p.table()


def test_parameters_are_frozen_and_travel_to_other_processes() -> None:
    with pytest.raises(AttributeError):
        BASE.porosity = 0.5  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(BASE.replace(porosity=0.7)))
    assert again == BASE.replace(porosity=0.7)
    assert again.sources["porosity"] == "given by the user"


def test_the_loading_and_the_limit_follow_from_the_structure() -> None:
    assert BASE.carbon_loading == pytest.approx(1900 * 0.17 * 150e-6)
    assert BASE.capacity_limit / 36000 == pytest.approx(33.60, abs=0.01)
    assert BASE.dissolved_oxygen == pytest.approx(3.72)


BAD = {
    "a fraction between 0 and 1, found 1.2": {"porosity": 1.2},
    "greater than 0, found 0": {"porosity": 0.0},
    "separator_porosity is a fraction": {"separator_porosity": 1.0},
    "at least 1, found 0.9": {"tortuosity": 0.9},
    "not below the equilibrium voltage": {"cut_off_voltage": 2.96},
    "no parameter 'oxygen_difusivity'; did you mean oxygen_diffusivity": {"oxygen_difusivity": 1.0},
    "greater than 0, found -1 m2/s": {"oxygen_diffusivity": -1.0},
    "is a number in SI units, found '7e-11'": {"oxygen_diffusivity": "7e-11"},
    "must be a number greater than 0, found inf": {"ionic_conductivity": float("inf")},
    "greater than 0, found nan": {"temperature": float("nan")},
    "transference_number is below 1": {"transference_number": 1.0},
    "no film law 'wet'": {"film": "wet"},
    "no structure 'cubes'": {"structure": "cubes"},
    "no transport law 'knudsen'": {"transport": "knudsen"},
    "film_resistivity is 0": {"film": "ohmic"},
    "give initial_product a trace": {"initial_product": 0.0},
    "fills the porosity": {"initial_product": 0.9},
    "begins at the porosity": {"structure": twin.lio2.AreaTable((0.5, 0.2), (1e7, 1e6))},
}


@pytest.mark.parametrize("sentence", BAD)
def test_values_that_cannot_be(sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        discharge(BASE, current_density=1.0, **BAD[sentence])


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: twin.lio2.AreaTable((0.5,), (1.0, 2.0)), "one value for each porosity"),
        (lambda: twin.lio2.AreaTable((0.2, 0.5), (1.0, 2.0)), "falling porosities"),
        (lambda: twin.lio2.TransportTable((0.5,), (1.5,)), "below 1, found 1.5"),
        (lambda: twin.lio2.PowerArea(0.0, 1.0), "area greater than zero"),
        (lambda: twin.lio2.Grid(1), "at least 2 cells"),
        (lambda: Parameters.of("Su2021"), "did you mean Su2021_ch6"),
    ],
)
def test_objects_that_cannot_be(make, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        make()


PROTOCOLS = {
    "either a current_density": {},
    "found 0.0": {"current_density": 0.0},
    "found -2.4": {"current_density": -2.4},
    "not a number with a unit": {"current_density": "2.4"},
    "needs a current, as in A/m2, and found the voltage": {"current_density": "2 V"},
    "at least one step": {"protocol": []},
    "step 2 is a rest that never ends": {"protocol": ["1 A/m2 until 1 h", "rest"]},
    "only a time can end": {"protocol": ["1 A/m2 until 1 h", Step(0, voltage=2.5, time=3.0)]},
    "discharges only": {"protocol": [Step(-1.0)]},
    "must be greater than zero, found -3.0": {"protocol": [Step(1.0, time=-3.0)]},
    "is to end at 1.5 V": {"protocol": [Step(1.0, voltage=1.5)]},
    "where a limit belongs": {"protocol": ["1 A/m2 until 2 A/m2"]},
    "as a number in s or text": {"protocol": [Step(1.0, time=[3])]},
}


@pytest.mark.parametrize("sentence", PROTOCOLS)
def test_protocols_that_cannot_be(sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        discharge(BASE, **PROTOCOLS[sentence])


def test_currents_and_limits_in_units_people_use(base) -> None:
    assert discharge(BASE, current_density="0.24 mA/cm2").capacity == base.capacity
    per_gram = 2.4 / BASE.carbon_loading
    found = discharge(BASE, current_density=f"{per_gram!r} mA/g").capacity
    assert found == pytest.approx(base.capacity, rel=1e-9)
    steps = [Step("2.4 A/m2", capacity="0.5 mAh/cm2"), Step("2.4A/m2", time="30 min")]
    d = discharge(BASE, protocol=steps)
    assert d.endings == ("capacity", "time")
    assert d.areal_capacity == pytest.approx(0.5 + 0.24 * 0.5, rel=1e-9)
    assert d.cause == "none"
    assert "protocol ended" in d.summary()


def test_a_rest_lets_oxygen_recover_and_the_voltage_with_it() -> None:
    d = discharge(BASE, protocol=["12 A/m2 until 0.2 mAh/cm2", "rest 1 h", "12 A/m2 until 1 s"])
    oxygen = d.profile("oxygen")[:, d.in_cathode].mean(axis=1)
    ends = [np.flatnonzero(d.history.step == k)[-1] for k in range(3)]
    assert oxygen[ends[0]] < 0.2 * BASE.dissolved_oxygen
    assert oxygen[ends[1]] > 0.9 * BASE.dissolved_oxygen
    assert d.voltage[ends[1]] == pytest.approx(BASE.equilibrium_voltage, abs=0.01)
    assert d.voltage[ends[2]] > d.voltage[ends[0]] + 0.1
    # Charge moves inside, but none is passed.
    assert d.charge[ends[1]] == pytest.approx(d.charge[ends[0]], rel=1e-12)


def test_a_fresh_cell_rests_at_its_equilibrium() -> None:
    """Forward and reverse are equal at 2 eta = RT/F ln((seed + p) / p), p a trace of product."""
    d = discharge(BASE, protocol=["rest 1 h"])
    trace = BASE.initial_product / (BASE.initial_product + BASE.reverse_seed)
    rest = BASE.equilibrium_voltage - BASE.thermal_voltage / 2 * np.log(trace)
    assert d.voltage == pytest.approx(rest, abs=1e-6)
    assert (d.capacity, d.charge_balance, d.endings) == (0.0, 0.0, ("time",))


def test_fast_kinetics_start_near_equilibrium() -> None:
    d = discharge(BASE, current_density=0.01, exchange_current_density=1.0)
    assert BASE.equilibrium_voltage < d.voltage[0] < BASE.equilibrium_voltage + 0.16
    assert abs(d.charge_balance) < 1e-10


def test_why_it_died_is_told_apart() -> None:
    thin = {"cathode_thickness": 5e-6, "oxygen_diffusivity": 1e-6}
    assert discharge(current_density=2.4).cause == "oxygen"
    assert discharge(current_density=0.24, **thin).cause == "passivation"
    assert discharge(current_density=0.1, film="none", **thin).cause == "clogging"
    poor = {"salt_concentration": 20.0, "oxygen_diffusivity": 1e-8}
    assert discharge(current_density=12.0, **poor).cause == "lithium"
    none = discharge(current_density=1e5)
    assert (none.cause, none.capacity, none.charge_balance) == ("kinetics", 0.0, 0.0)
    assert np.isnan(none.mean_voltage)
    assert "even the fresh cell" in none.summary()


def test_a_closed_gas_loses_what_the_product_took() -> None:
    d = discharge(BASE, current_density=2.4, gas_volume=0.01)
    p = d.parameters
    taken = (d.oxygen_pressure[0] - d.oxygen_pressure[-1]) * 0.01 / (8.314462618 * p.temperature)
    assert taken == pytest.approx(d.history.oxygen_taken[-1], rel=1e-9)
    assert d.capacity < discharge(BASE, current_density=2.4).capacity


def test_slow_gas_transfer_costs_capacity() -> None:
    found = [
        discharge(BASE, current_density=2.4, gas_transfer_coefficient=k).capacity
        for k in (4e-6, 1e-5, 1e-3)
    ]
    assert found == sorted(found)


def test_a_resistive_film_costs_voltage_as_it_grows(base) -> None:
    d = discharge(BASE, current_density=2.4, film="both", film_resistivity=1e9)
    assert d.voltage[0] == pytest.approx(base.voltage[0], abs=1e-6)
    assert d.mean_voltage < base.mean_voltage


def test_tables_take_the_place_of_laws(base) -> None:
    """Tables of many rows of the default laws give the default discharge."""
    eps = np.linspace(0.83, 0.02, 400)
    area = BASE.growth(0.83 - eps)[:, 0]
    d = discharge(
        BASE, current_density=2.4,
        structure=twin.lio2.AreaTable(tuple(eps), tuple(area)),
        transport=twin.lio2.TransportTable(tuple(eps), tuple(eps**1.75006)),
    )  # fmt: skip
    assert d.capacity == pytest.approx(base.capacity, rel=1e-3)


def test_results_say_what_they_are(base) -> None:
    numbers = base.to_dict()
    assert json.dumps(numbers)
    assert numbers["areal_capacity"] == base.areal_capacity
    assert numbers["cause"] == "oxygen"
    assert numbers["parameters"]["oxygen_diffusivity"] == 7e-11
    assert "ended by oxygen" in base.summary()
    assert "1.73 mAh/cm2" in base.summary()
    assert 20e-6 < base.depth_of_90_percent < 30e-6
    assert base.largest_film == pytest.approx(13e-9, abs=0.5e-9)
    assert base.energy == pytest.approx(np.trapezoid(base.voltage, base.charge), rel=1e-3)
    assert "mAh/cm2" in repr(base)


def test_profiles_fit_together(base) -> None:
    shape = (len(base.time), len(base.position))
    profiles = {name: base.profile(name) for name in twin.lio2.results.PROFILES}
    assert {p.shape for p in profiles.values()} == {shape}
    part = base.in_cathode
    assert np.allclose(profiles["porosity"] + np.nan_to_num(profiles["product"]),
                       np.where(np.isnan(profiles["product"]), 0.5, 0.83))  # fmt: skip
    current = profiles["reaction"][:, part] @ (BASE.cathode_thickness * base.grid.shares())
    assert np.allclose(current, base.current, rtol=1e-6)
    assert np.isnan(profiles["film_thickness"][:, :10]).all()
    with pytest.raises(InputError, match="no profile 'pressure'"):
        base.profile("pressure")


def test_files_hold_the_curves_and_the_profiles(base, tmp_path) -> None:
    import pyvista

    lines = base.to_csv(tmp_path / "curve.csv").read_text().splitlines()
    assert len(lines) == len(base.time) + 1
    assert lines[0].startswith("time_s,charge_C_per_m2,capacity_mAh_per_cm2")
    assert len(base.profile_rows((0.0, 1.0))) == 2 * len(base.position)
    grid = pyvista.read(base.to_vtk(tmp_path / "fields.vtr"))
    oxygen = grid.point_data["oxygen"].reshape(-1, len(base.position))
    assert np.allclose(oxygen[-1], base.profile("oxygen")[-1])
    assert np.allclose(grid.point_data["voltage"][-1], base.voltage[-1])
    with pytest.raises(InputError, match="has the suffix"):
        base.to_vtk(tmp_path / "fields.vti")


def test_the_picture_shows_curves_profiles_and_limits(base, tmp_path) -> None:
    figure = base.plot(tmp_path / "d.png")
    assert (tmp_path / "d.png").stat().st_size > 0
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[0] == "cell voltage [V]"
    assert "Li₂O₂ volume fraction" in labels
    assert len(figure.axes[1].lines) >= 5
    assert len(figure.axes[5].patches) == 4


def test_a_failure_names_field_depth_and_time(monkeypatch) -> None:
    short = twin.lio2.Stepping(tolerance=1e-13, smallest=1e-4)
    with pytest.raises(twin.lio2.DischargeFailed, match="below the oxygen side, after") as caught:
        discharge(BASE, current_density=2.4, stepping=short)
    assert caught.value.depth <= 175e-6
    module = twin.lio2.discharging
    monkeypatch.setattr(module, "Layer", partial(module.Layer, options=Newton(1e-15, 1)))
    with pytest.raises(twin.NotConverged, match="did not converge: the") as caught:
        discharge(BASE, current_density=2.4)
    assert caught.value.field in str(caught.value)
    assert caught.value.time == 0.0


def channels() -> twin.Volume:
    """Straight square channels of 8 of 16 voxels along z: porosity 1/4, tau 1."""
    labels = np.ones((32, 32, 8), np.uint8)
    for x in (0, 16):
        for y in (0, 16):
            labels[x : x + 8, y : y + 8] = 0
    return twin.Volume(labels, spacing=(1e-6, 1e-6, 3e-6), phases={"pore": 0, "carbon": 1})


def test_an_image_gives_porosity_tortuosity_and_area() -> None:
    p = Parameters.from_image(channels(), carbon="carbon", axis="z", structure="pores",
                              cathode_thickness=50e-6)  # fmt: skip
    assert p.porosity == 0.25
    assert p.tortuosity == pytest.approx(1.0, abs=1e-6)
    # Four channels in 32 x 32: at two corners of the image they have two walls of 8, at the
    # middle four; a smooth surface rounds the corners.
    walls = (2 + 3 + 3 + 4) * 8e-6 / (32e-6) ** 2
    assert p.specific_area == pytest.approx(walls, rel=0.1)
    assert p.sources["porosity"].startswith("image of 32 x 32 x 8 voxels")
    assert p.sources["cathode_thickness"] == "given by the user"
    assert p.oxygen_diffusivity == BASE.oxygen_diffusivity
    power = Parameters.from_image(channels(), structure=twin.lio2.PowerArea(1.0, 0.0))
    assert power.specific_area == pytest.approx(p.specific_area, rel=1e-9)


def test_images_that_are_no_cathode() -> None:
    with pytest.raises(InputError, match="cannot be a cathode: phase"):
        Parameters.from_image(channels(), axis="x")
    with pytest.raises(InputError, match="both the pores and the carbon"):
        Parameters.from_image(channels(), carbon="pore")
    with pytest.raises(InputError, match="size of its voxels"):
        Parameters.from_image(twin.Volume(channels().labels, phases={"pore": 0, "carbon": 1}))
    with pytest.raises(InputError, match="one axis"):
        Parameters.from_image(channels(), axis="xyz")


def test_the_command_writes_what_is_asked_for(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(["lio2", "--current-density", "0.24mA/cm2", "--oxygen-diffusivity", "3.5e-10",
                 "--cathode-thickness", "150um", "--json", "d.json", "--csv", "d.csv",
                 "--profiles", "p.csv", "--vtk", "d.vtr", "--plot", "d.png"])  # fmt: skip
    shown = capsys.readouterr().out
    assert code == 0
    assert "ended by oxygen" in shown
    found = json.loads((tmp_path / "d.json").read_text())
    assert found["areal_capacity"] == pytest.approx(8.587, rel=5e-3)
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "d.csv", "d.json", "d.png", "d.vtr", "p.csv",
    ]  # fmt: skip


def test_the_command_makes_steps_and_lists_the_set(capsys) -> None:
    assert main(["lio2", "--step", "12 A/m2 until 60 s", "--step", "rest 60 s", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["endings"] == ["time", "time"]
    assert main(["lio2", "--list"]) == 0
    assert "chapter 6.2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--current-density", "0"], "greater than zero"),
        (["--current-density", "1", "--porosity", "2"], "fraction between 0 and 1"),
        (["--current-density", "1", "--porosity", "many"], "porosity is a number"),
        (["--current-density", "1", "--vtk", "d.vti"], "writes .vtr files"),
        (["--current-density", "1", "--film", "wet"], "no film law"),
        (["--set", "Lee2019", "--current-density", "1"], "no parameter set"),
    ],
)
def test_the_command_says_what_is_wrong(words, sentence: str, capsys) -> None:
    assert main(["lio2", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and sentence in error


def test_public_names_are_documented_with_an_example() -> None:
    import inspect

    for name in twin.lio2.__all__:
        thing = getattr(twin.lio2, name)
        text = inspect.getdoc(thing) or ""
        assert text, name
        if not (inspect.isclass(thing) and issubclass(thing, Exception)):
            assert ">>>" in text, name
