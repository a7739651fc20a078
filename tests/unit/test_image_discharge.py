"""What a discharge in an image refuses, one sentence each, and what it warns of."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.image_discharge import cell, pore

import twin
from meshing.errors import InputError
from twin.lio2 import Growth, ImageStepping, NanoPorous, discharge_image

SMALL = {"current_density": 0.01, "capacity": 1e-9, "area": "voxel"}


def image(labels: np.ndarray, spacing: Any = "5nm") -> twin.Volume:
    return twin.Volume(
        labels.astype(np.uint8), spacing=spacing, phases={"pore": 0, "carbon": 1, "glue": 2}
    )


def blocked() -> np.ndarray:
    """A pore that carbon closes half-way along z, and not along x."""
    labels = np.ones((4, 3, 6))
    labels[:, 1] = 0
    labels[:, :, 3] = 1
    return labels


def apart() -> np.ndarray:
    """Pores and carbon with another phase between them."""
    labels = np.zeros((3, 5, 4))
    labels[:, 1:4] = 2
    labels[:, 4] = 1
    return labels


FINE = pore(6, 30e-9, 5e-9)


@pytest.mark.parametrize(
    ("volume", "options", "message"),
    [
        (image(apart()), {}, "no carbon touches any of the 12 pore voxels"),
        (image(blocked()), {}, "no pore reaches from the separator to the oxygen"),
        (image(np.where(np.arange(6) == 5, 1, blocked())), {}, "no pore reaches the oxygen's end"),
        (image(np.where(np.arange(6) == 0, 1, blocked())), {},
         "no pore reaches the separator's end"),
        (FINE, {"pore": "hole"}, "hole"),
        (FINE, {"carbon": ("carbon", "soot")}, "soot"),
        (FINE, {"carbon": "pore"}, "both the pores and the carbon"),
        (image(np.zeros((3, 3, 3))), {}, "the pores are 1 of the image"),
        (FINE, {"oxygen": "low", "separator": "low"}, "the end where oxygen does not enter"),
        (FINE, {"oxygen": "top"}, "'low' or the 'high' end, found 'top'"),
        (FINE, {"axis": "w"}, "found 'w'"),
        (FINE, {"electrolyte": "exact"}, "electrolyte is 'uniform' or 'resolved'"),
        (FINE, {"electrons": "none"}, "electrons is 'uniform' or 'resolved'"),
        (FINE, {"exponent": 0.0}, "exponent must be a number greater than 0"),
        (FINE, {"measure": float("nan")}, "measure must be a number greater than 0"),
        (FINE, {"current_density": -1.0}, "current_density must be greater than zero"),
        (FINE, {"current_density": "1 m"}, "current_density"),
        (FINE, {"capacity": 0.0}, "capacity must be greater than zero"),
        (FINE, {"area": -1.0}, "area"),
        (FINE, {"parameters": "Su2012"}, "no parameter set 'Su2012'"),
        (FINE, {"resume": True}, "needs the folder"),
        (FINE, {"axis": "x"}, "no pore reaches"),
        (image(blocked()[:, :, :1]), {}, "axis z is one voxel long"),
        (np.zeros((3, 3, 3)), {}, "a volume is needed, found ndarray"),
        (FINE, {"carbon": ()}, "no phase is named as carbon"),
        (FINE, {"area": "rough"}, "an area is 'smooth', 'voxel', a number"),
        (FINE, {"sides": "open"}, "there are no sides 'open'"),
        (FINE, {"growth": 0.5}, "growth must be of type twin.lio2.Growth, found float"),
        (FINE, {"folder": __file__}, "is a file; give another name"),
        (FINE, {"folder": Path(__file__) / "run"}, "is a file; give another name"),
    ],
)  # fmt: skip
def test_a_discharge_says_what_it_cannot_do(
    volume: twin.Volume, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        discharge_image(volume, **{**SMALL, **options})
    assert "\n" not in str(caught.value)


def test_voxels_need_a_size() -> None:
    volume = twin.Volume(FINE.labels, phases=FINE.phases)
    with pytest.raises(InputError, match="give the volume a spacing"):
        discharge_image(volume, **SMALL)


def limit_of(message: str) -> float:
    """The current in "... gives 1.23 A/m2; ..."."""
    return float(message.split("gives ")[1].split(" A/m2")[0])


def test_a_current_that_cannot_be_carried_names_one_that_can() -> None:
    p = cell(oxygen_diffusivity=1e-14, separator_thickness=1e-9)
    volume = pore(12, 120e-9, 10e-9)
    with pytest.raises(InputError, match="at the cut-off of 2 V the image gives") as caught:
        discharge_image(volume, p, 100.0, area="voxel")
    limit = limit_of(str(caught.value))
    assert discharge_image(volume, p, 0.99 * limit, area="voxel", capacity=1e-9).voltage[0] > 2.0
    with pytest.raises(InputError, match="cannot be carried"):
        discharge_image(volume, p, 1.02 * limit, area="voxel")


@pytest.mark.parametrize("electrolyte", ["uniform", "resolved"])
@pytest.mark.parametrize("excess", [1.5, 10.0, 1000.0])
def test_a_separator_that_takes_the_voltage_is_named_as_a_limit_too(
    electrolyte: Any, excess: float
) -> None:
    """The limit that is named is that of the cell: at a lower current the separator takes less."""
    p = cell(oxygen_diffusivity=1.0, ionic_conductivity=1e-4)
    volume = pore(6, 30e-9, 5e-9)
    most = 0.96 * 1e-4 / (p.separator_thickness * p.separator_tortuosity / p.separator_porosity)
    with pytest.raises(InputError, match="cannot be carried") as caught:
        discharge_image(volume, p, excess * most, electrolyte=electrolyte, area="voxel")
    limit = limit_of(str(caught.value))
    assert 0.1 * most < limit < most


def test_gas_that_is_too_slow_is_named() -> None:
    p = cell(gas_transfer_coefficient=1e-9)
    with pytest.raises(InputError, match="needs more oxygen than enters from the gas"):
        discharge_image(FINE, p, 2.4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Growth(1.5), "between 0 and 1, found 1.5"),
        (lambda: Growth(0.5, nuclei=0.0), "nuclei per carbon area"),
        (lambda: Growth(0.5, supply="all"), "'basin' or in a 'uniform' way"),  # type: ignore[arg-type]
        (lambda: NanoPorous(1.0, 1e8), "porosity of nano-porous carbon"),
        (lambda: NanoPorous(0.4, 0.0), "the area of nano-porous carbon"),
        (lambda: ImageStepping(filling=0.0), "filling of a step"),
    ],
)
def test_options_that_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_a_state_of_another_run_is_refused(tmp_path: Path) -> None:
    given = {**SMALL, "folder": tmp_path}
    discharge_image(FINE, **given)
    discharge_image(FINE, **{**given, "capacity": 1e-6}, resume=True)
    other = FINE.labels.copy()
    other[0, 0, 0] = 0
    for volume, more in (
        (twin.Volume(other, spacing=FINE.spacing, phases=FINE.phases), {}),
        (FINE, {"current_density": 0.02}),
        (FINE, {"growth": Growth(0.5)}),
    ):
        with pytest.raises(InputError) as caught:
            discharge_image(volume, **{**given, **more}, resume=True)
        assert "another" in str(caught.value) or "other" in str(caught.value)


def test_an_empty_folder_is_nothing_to_go_on_from(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        discharge_image(FINE, **SMALL, folder=tmp_path, resume=True)


def test_a_folder_that_cannot_be_written_is_known_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(path: Path, **_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(InputError, match="permission denied; choose a folder that you may write"):
        discharge_image(FINE, **SMALL, folder=tmp_path / "runs" / "first")
    assert not any(tmp_path.iterdir())


def test_a_run_that_is_at_its_end_goes_on_no_further(tmp_path: Path) -> None:
    given = {**SMALL, "folder": tmp_path}
    first = discharge_image(FINE, **given)
    again = discharge_image(FINE, **given, resume=True)
    assert np.array_equal(again.time, first.time)
    assert again.verdict == first.verdict
    with pytest.raises(InputError, match="has passed 1e-09 C/m2 and cannot go back to a capacity"):
        discharge_image(FINE, **{**given, "capacity": 5e-10}, resume=True)
    dead = discharge_image(FINE, **{**given, "capacity": None}, resume=True)
    assert dead.verdict.reason == "no open pore reaches from the separator to the oxygen any more"
    again = discharge_image(FINE, **{**given, "capacity": None}, resume=True)
    assert np.array_equal(again.time, dead.time)
    assert again.verdict == dead.verdict


def test_voxels_too_coarse_for_the_film_are_warned_of_with_the_number() -> None:
    coarse = pore(4, 100e-9, 25e-9)
    with pytest.warns(UserWarning, match=r"voxels of 25 nm are 3\.6 times the film of 7 nm"):
        discharge_image(coarse, "Su2021_ch6", **SMALL)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        discharge_image(FINE, "Su2021_ch6", **SMALL)
        discharge_image(coarse, cell(), **SMALL)


def test_the_current_on_carbon_without_a_collector_is_told() -> None:
    """Two bars beside a pore, of which one ends half-way: 5 of 13 faces."""
    labels = np.zeros((3, 1, 8))
    labels[0], labels[2, :, :4] = 1, 1
    d = discharge_image(image(labels), cell(), **{**SMALL, "current_density": 1e-6})
    assert d.transport["uncollected"] == pytest.approx(5 / 13, rel=1e-4)
    assert np.isinf(d.transport["electron_drop"]).all()
    assert "up to 38.5 % of the current was made on carbon" in d.summary()
    assert "inf" not in d.summary()
    d = discharge_image(image(labels), cell(), **SMALL, electrons="resolved")
    assert (d.transport["uncollected"] == 0.0).all()


def test_a_run_that_dies_says_of_what_and_one_that_was_to_end_does_not() -> None:
    """A pore whose first voxels take the oxygen and close."""
    p = cell(oxygen_diffusivity=1e-14, separator_thickness=1e-9)
    volume = pore(12, 120e-9, 10e-9)
    died = discharge_image(volume, p, 0.1, area="voxel").verdict
    assert died.cause == "oxygen"
    assert died.explanation.startswith("oxygen does not get to the carbon")
    assert "a thinner cathode" in died.advice
    ended = discharge_image(volume, p, 0.1, area="voxel", capacity=1e-9).verdict
    assert ended.explanation.startswith("oxygen does not get to the carbon")
    assert ended.advice == ""
