"""A piece of a cathode at one depth of a discharge across the thickness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from solvers.deposit import PORE

HOUR = 3600.0
SPACING = (13e-9, 10e-9, 11e-9)


def slits(shape: tuple[int, int, int] = (10, 2, 4)) -> twin.Volume:
    """Flat pores between flat walls, 80 % open: the film is even, and its area does not change."""
    labels = np.zeros(shape, np.uint8)
    labels[:2] = 1
    return twin.Volume(labels, spacing=SPACING, phases={"pore": 0, "carbon": 1})


def slit_cell() -> twin.lio2.Parameters:
    """A cathode of the same slits: one wall every 130 nm."""
    area = 1.0 / (10 * SPACING[0])
    flat = twin.lio2.AreaTable((0.8, 0.01), (area, area))
    return twin.lio2.Parameters.of("Su2021_ch6").replace(porosity=0.8, structure=flat)


@pytest.fixture(scope="module")
def run() -> twin.lio2.Discharge:
    """Oxygen, voltage and film all change at every depth."""
    return twin.lio2.discharge(slit_cell(), current_density=0.6)


def product_at(run: twin.lio2.Discharge, depth: float) -> float:
    """What the model across the thickness deposits there, over the volume."""
    centres = run.position[run.in_cathode] - run.parameters.separator_thickness
    return float(np.interp(depth, centres, run.profile("product")[-1, run.in_cathode]))


@pytest.mark.parametrize("depth", [8e-6, 75e-6, 140e-6])
def test_slits_grow_what_the_model_of_slits_grows(run: twin.lio2.Discharge, depth: float) -> None:
    found = twin.lio2.discharge_at(slits(), run, depth, area="voxel")
    made = found.final.volume / (slits().labels.size * np.prod(SPACING))
    assert made == pytest.approx(product_at(run, depth), rel=5e-3)
    assert abs(found.charge_balance) < 1e-12
    assert found.verdict.reason == "the run across the thickness ended: cut-off"


def test_a_step_of_the_current_is_followed() -> None:
    steps = [twin.lio2.Step(0.2, time=10 * HOUR), twin.lio2.Step(1.0, time=8 * HOUR)]
    run = twin.lio2.discharge(slit_cell(), protocol=steps)
    found = twin.lio2.discharge_at(slits(), run, "100um", area="voxel")
    made = found.final.volume / (slits().labels.size * np.prod(SPACING))
    assert made == pytest.approx(product_at(run, 100e-6), rel=5e-3)
    rates = found.table["current_density"]
    assert 10 * HOUR in found.time
    assert rates[found.time > 10 * HOUR][0] > 2.0 * rates[found.time < 10 * HOUR][-1]


def test_the_current_adds_up_to_the_charge(run: twin.lio2.Discharge) -> None:
    found = twin.lio2.discharge_at(slits(), run, "100um", area="voxel")
    passed = np.trapezoid(found.table["current_density"], found.time)
    assert passed == pytest.approx(found.capacity, rel=1e-2)
    assert found.settings["current_density"] == pytest.approx(found.capacity / found.time[-1])
    assert found.settings["depth"] == pytest.approx(100e-6)


def test_voltage_and_oxygen_are_those_of_the_depth(run: twin.lio2.Discharge) -> None:
    found = twin.lio2.discharge_at(slits(), run, "100um", area="voxel")
    index = int(np.abs(run.position - run.parameters.separator_thickness - 100e-6).argmin())
    carbon, liquid = (run.profile(f"{n}_potential")[-1, index] for n in ("carbon", "electrolyte"))
    assert found.voltage[-1] == pytest.approx(carbon - liquid, abs=1e-3)
    middle = len(found.time) // 2
    there = np.interp(found.time[middle], run.time, run.profile("oxygen")[:, index])
    assert found.table["oxygen"][middle] == pytest.approx(there, rel=0.03)


def test_pores_that_lead_nowhere_react_from_either_end(run: twin.lio2.Discharge) -> None:
    labels = slits((10, 2, 9)).labels.copy()
    labels[:, :, 4] = 1
    volume = twin.Volume(labels, spacing=SPACING, phases={"pore": 0, "carbon": 1})
    with pytest.raises(InputError, match="from the separator to the oxygen"):
        twin.lio2.discharge_image(volume, current_density=0.01)
    found = twin.lio2.discharge_at(volume, run, "100um", area="voxel")
    film = found.final.film
    np.testing.assert_allclose(film, film[:, :, ::-1], rtol=1e-9)
    assert film[found.final.kind == PORE].max() > 0.1
    assert found.transport["relative_diffusivity"].tolist() == [0.0] * len(found.transport["area"])


def test_its_closure_makes_the_model_across_the_thickness_agree_with_it() -> None:
    mat = twin.generate.fibres((24, 24, 24), "5nm", diameter="25nm", porosity=0.8, seed=3).volume
    cell = twin.lio2.Parameters.of("Su2021_ch6")

    def at(run: twin.lio2.Discharge) -> twin.lio2.ImageDischarge:
        return twin.lio2.discharge_at(mat, run, "120um", parameters=cell, carbon="fibre")

    def miss(run: twin.lio2.Discharge, found: twin.lio2.ImageDischarge) -> float:
        made = found.final.volume / (mat.labels.size * 5e-9**3)
        return abs(product_at(run, 120e-6) / made - 1.0)

    before = twin.lio2.discharge(cell, current_density=0.5)
    first = at(before)
    after = twin.lio2.discharge(first.closure.into(cell), current_density=0.5)
    assert miss(after, at(after)) < 0.03 < 0.1 < miss(before, first)


def test_going_on_is_the_same_to_the_last_bit(run: twin.lio2.Discharge, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    left = iter(range(25))

    def stop(voltage: float, filling: float) -> None:
        if next(left, None) is None:
            raise Stop

    def at(folder: str, **options: Any) -> twin.lio2.ImageDischarge:
        return twin.lio2.discharge_at(
            slits(), run, "100um", area="voxel", folder=tmp_path / folder, **options
        )

    whole = at("whole")
    with pytest.raises(Stop):
        at("parts", progress=stop)
    parts = at("parts", resume=True)
    for name, values in whole.table.items():
        np.testing.assert_array_equal(parts.table[name], values, err_msg=name)
    with pytest.raises(InputError, match="depth"):
        twin.lio2.discharge_at(
            slits(), run, "90um", area="voxel", folder=tmp_path / "parts", resume=True
        )


@pytest.mark.parametrize("depth", [-1e-6, "151um"])
def test_a_depth_outside_the_cathode_is_refused(
    run: twin.lio2.Discharge, depth: float | str
) -> None:
    with pytest.raises(InputError, match="depth is between the separator, 0, and the oxygen"):
        twin.lio2.discharge_at(slits(), run, depth)


def test_a_result_is_drawn_and_told_like_any_other(
    run: twin.lio2.Discharge, tmp_path: Path
) -> None:
    found = twin.lio2.discharge_at(slits(), run, "100um", area="voxel")
    assert "the run across the thickness ended" in found.summary()
    assert found.plot(tmp_path / "picture.png").axes
    assert (tmp_path / "picture.png").stat().st_size > 0
    assert found.to_csv(tmp_path / "table.csv").read_text().startswith("time")


def test_a_run_that_rests_is_refused() -> None:
    steps = (
        twin.lio2.Step("2.4 A/m2", time="0.5 h"), twin.lio2.Step.of("rest 1 h"),
        twin.lio2.Step("2.4 A/m2", time="0.5 h"),
    )  # fmt: skip
    resting = twin.lio2.discharge("Su2021_ch6", protocol=steps)
    with pytest.raises(InputError, match="the run rests from 1800 s on"):
        twin.lio2.discharge_at(slits(), resting, "100um")
