"""Files of a discharge in an image: the series for ParaView, and the state to go on from."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista
from support import lio2_image

import twin
from meshing.errors import InputError
from solvers.deposit import CLOSED, PORE, Deposit
from solvers.particles import Particles
from twin.lio2.image_files import (
    Series,
    film_thickness,
    load_state,
    save_state,
    write_state_vti,
)
from twin.lio2.image_key import key_of

VOLUME = lio2_image.image()
SETTINGS = {"current_density": 2.4, "carbon": ("carbon",), "capacity": None, "seed": 0}


def deposit(share: float = 0.8) -> Deposit:
    return lio2_image.grown(lio2_image.fresh(VOLUME), share)


def dense(image: pyvista.ImageData, name: str) -> np.ndarray:
    return np.asarray(image.cell_data[name]).reshape(VOLUME.shape, order="F")


def test_a_moment_has_all_fields_with_units(tmp_path: Path) -> None:
    state = deposit()
    image = pyvista.read(
        write_state_vti(tmp_path / "a.vti", VOLUME, state, lio2_image.fields(state))
    )
    assert np.array_equal(dense(image, "phase"), VOLUME.labels)
    assert np.array_equal(dense(image, "kind"), state.kind)
    product, oxygen = dense(image, "product"), dense(image, "oxygen")
    pores = state.kind >= PORE
    assert np.allclose(product[pores], state.theta[pores], atol=1e-7)
    assert np.isnan(product[~pores]).all()
    assert np.isnan(oxygen[state.kind == CLOSED]).all()
    units = dict(zip(image.field_data["array_name"], image.field_data["array_unit"], strict=True))
    assert units["oxygen"] == "mol/m3"
    assert units["film_thickness"] == "m"
    assert units["reaction_rate"] == "A/m3"


def test_the_film_of_a_voxel_is_the_mean_over_its_sites() -> None:
    state = deposit(0.5)
    found = film_thickness(state)
    voxel = int(state.sites.voxel[0])
    mine = state.sites.voxel == voxel
    expected = state.sites.thickness[mine] @ state.sites.area[mine] / state.sites.area[mine].sum()
    assert found.ravel()[voxel] == pytest.approx(expected, rel=1e-6)
    assert np.count_nonzero(~np.isnan(found)) == len(np.unique(state.sites.voxel))


def test_the_index_is_whole_after_every_snapshot(tmp_path: Path) -> None:
    series = Series(tmp_path / "run")
    for time in (0.0, 10.5, 1e4 / 3):
        series = series.add(time, VOLUME, deposit())
        reader = pyvista.PVDReader(series.path)
        assert list(reader.time_values) == [t for t, _ in series.snapshots]
        assert Series.read(series.folder).snapshots == series.snapshots
    reader.set_active_time_value(10.5)
    assert reader.read()[0].n_cells == VOLUME.labels.size
    assert sorted(p.name for p in series.folder.iterdir()) == [
        "discharge.pvd", "discharge_0000.vti", "discharge_0001.vti", "discharge_0002.vti",
    ]  # fmt: skip


def test_a_write_that_fails_leaves_the_series_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = Series(tmp_path).add(0.0, VOLUME, deposit())

    def full(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("twin.export._save", full)
    with pytest.raises(InputError, match="the disk is full"):
        series.add(1.0, VOLUME, deposit())
    assert Series.read(tmp_path).snapshots == series.snapshots
    assert sorted(p.name for p in tmp_path.iterdir()) == ["discharge.pvd", "discharge_0000.vti"]


def test_a_run_that_goes_on_drops_the_snapshots_after_its_state(tmp_path: Path) -> None:
    series = Series(tmp_path)
    for time in (0.0, 1.0, 2.0):
        series = series.add(time, VOLUME, deposit())
    again = Series.read(tmp_path).until(1.0).add(1.5, VOLUME, deposit())
    assert [time for time, _ in Series.read(tmp_path).snapshots] == [0.0, 1.0, 1.5]
    assert again.snapshots[-1][1] == "discharge_0002.vti"


def test_an_index_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "discharge.pvd").write_text("<VTKFile", encoding="utf-8")
    with pytest.raises(InputError, match=r"cannot read the series .*discharge\.pvd"):
        Series.read(tmp_path)


def with_particles(state: Deposit) -> Deposit:
    k = np.arange(2)
    particles = Particles(
        **{
            field.name: np.linspace(0.1, 1.0, 2) if "float" in str(field.type) else k
            for field in fields(Particles)
        }
    )
    return replace(state, particles=particles)


def same(one: Any, other: Any) -> bool:
    """Every array and number bit by bit."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            if a.dtype != b.dtype or a.tobytes() != b.tobytes() or a.shape != b.shape:
                return False
        elif hasattr(a, "__dataclass_fields__"):
            if type(a) is not type(b) or not same(a, b):
                return False
        elif repr(a) != repr(b):
            return False
    return True


@pytest.mark.parametrize("particles", [False, True])
def test_a_state_comes_back_bit_by_bit(tmp_path: Path, particles: bool) -> None:
    state = with_particles(deposit()) if particles else deposit()
    table = {"time": np.array([0.0, 1 / 3, np.nan])}
    extra = {"step": 0.1, "solves": np.int64(7), "field": np.arange(3.0), "why": None}
    key = key_of(VOLUME, SETTINGS)
    path = save_state(tmp_path / "state.npz", state, table, extra, key)
    found = load_state(path, key)
    assert same(state, found.deposit)
    assert found.table["time"].tobytes() == table["time"].tobytes()
    assert (found.extra["step"], found.extra["solves"], found.extra["why"]) == (0.1, 7, None)
    assert found.extra["field"].tolist() == [0.0, 1.0, 2.0]
    assert [p.name for p in tmp_path.iterdir()] == ["state.npz"]


def test_the_comparison_sees_a_last_bit() -> None:
    state = deposit()
    film = state.film.copy()
    film[tuple(np.argwhere(film > 0)[0])] *= 1 + 2e-16
    assert same(state, deposit())
    assert not same(state, replace(state, film=film))


def changed(volume: twin.Volume) -> twin.Volume:
    labels = volume.labels.copy()
    labels[3, 4, 5] ^= 1
    return replace(volume, labels=labels)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (key_of(changed(VOLUME), SETTINGS), "is the state of another image; give the image that"),
        (key_of(replace(VOLUME, spacing=20e-9), SETTINGS), "is the state of another image"),
        (key_of(VOLUME, {**SETTINGS, "seed": 1}), "is the state of a run with seed 0 and not 1; "),
        (key_of(VOLUME, {**SETTINGS, "new": 2}), "of a run with new None and not 2"),
    ],
)
def test_a_state_of_another_run_is_refused(tmp_path: Path, key: Any, sentence: str) -> None:
    path = save_state(tmp_path / "s.npz", deposit(), {}, {}, key_of(VOLUME, SETTINGS))
    with pytest.raises(InputError, match=sentence):
        load_state(path, key)


def test_a_file_that_is_no_state(tmp_path: Path) -> None:
    key = key_of(VOLUME, SETTINGS)
    with pytest.raises(InputError, match="there is no saved state"):
        load_state(tmp_path / "none.npz", key)
    (tmp_path / "text.npz").write_text("text", encoding="utf-8")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    whole = save_state(tmp_path / "s.npz", deposit(), {}, {}, key).read_bytes()
    (tmp_path / "half.npz").write_bytes(whole[: len(whole) // 2])
    method = whole.index(b"PK\x01\x02") + 10
    (tmp_path / "odd.npz").write_bytes(whole[:method] + b"\x63" + whole[method + 1 :])
    for name in ("text.npz", "other.npz", "half.npz", "odd.npz"):
        with pytest.raises(InputError, match=f"{name} is no state of a discharge"):
            load_state(tmp_path / name, key)
