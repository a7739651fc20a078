"""The files that other projects publish for their readers, and the headline numbers of volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.formats import read

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def readers(shared_data: Path) -> Path:
    folder = shared_data / "volumes" / "readers"
    if not folder.is_dir():
        pytest.skip("the files of other readers are not here: there is no volumes/readers folder")
    return folder


STEM = "SampleData_2Phase"
SHAPE = (100, 100, 100)

# One volume in five files, by OpenImpala: share of the conducting label .399553.
SAME_VOLUME: list[Any] = [
    pytest.param(f"{STEM}_stack_3d_uint8.raw", "uint8", 1, id="uint8"),
    pytest.param(f"{STEM}_stack_3d_int16le.raw", "int16", 128, id="int16"),
    pytest.param(f"{STEM}_stack_3d_uint16le.raw", "uint16", 257, id="uint16"),
    pytest.param(f"{STEM}_3d.hdf5", None, 1, id="hdf5"),
    pytest.param(f"{STEM}_3d.xmf", None, 1, id="xdmf"),
]


@pytest.mark.parametrize(("name", "dtype", "label"), SAME_VOLUME)
def test_one_volume_in_five_files(readers: Path, name: str, dtype: str | None, label: int) -> None:
    raw = {} if dtype is None else {"shape": SHAPE, "dtype": dtype, "byteorder": "little"}
    volume = read(readers / name, phases={"pore": 0, "solid": label}, **raw)
    assert volume.shape == SHAPE
    assert volume.label_counts == {0: 600447, label: 399553}
    assert not volume.spacing_known
    reference = read(readers / f"{STEM}_stack_3d_uint8.raw", shape=SHAPE, dtype="uint8")
    np.testing.assert_array_equal(volume.labels == label, reference.labels == 1)


def test_wrong_byte_order_shows_in_the_labels(readers: Path) -> None:
    path = readers / f"{STEM}_stack_3d_int16le.raw"
    volume = read(path, shape=SHAPE, dtype="uint16", byteorder="big")
    assert set(volume.label_counts) == {0, 128 << 8}


def test_one_bit_tiff(readers: Path) -> None:
    volume = read(readers / f"{STEM}_stack_3d_1bit.tif", phases={"pore": 0, "solid": 1})
    assert volume.shape == SHAPE
    assert volume.label_counts == {0: 601691, 1: 398309}


def test_one_bit_tiff_of_openpnm(readers: Path) -> None:
    volume = read(readers / "spheres.tif")
    assert volume.shape == SHAPE
    assert volume.label_counts == {0: 111976, 1: 888024}


def test_a_pore_network_is_no_volume(readers: Path) -> None:
    with pytest.raises(InputError, match=r"cannot tell the format of .*simplePNM\.am"):
        read(readers / "simplePNM.am")


def test_every_file_has_a_test(readers: Path) -> None:
    tested = {case.values[0] for case in SAME_VOLUME}
    tested |= {f"{STEM}_stack_3d_1bit.tif", "spheres.tif", "simplePNM.am"}
    assert {file.name for file in readers.iterdir()} == tested


# Fractions as published beside the files, to the digits given there.
VOLUMES: list[Any] = [
    pytest.param(
        "nmc_1cal_am_cbd_pore.tif",
        (251, 301, 301),
        {0: 0.400549, 1: 0.499451, 2: 0.100000},
        id="NMC cathode",
    ),
    pytest.param(
        "taufactor_electrode_3phase.tif",
        (256, 256, 256),
        {0: 0.449917, 85: 0.400466, 170: 0.149616},
        id="TauFactor electrode",
    ),
    pytest.param("berea_400.tif", (400, 400, 400), {0: 0.196453}, id="Berea"),
    pytest.param("superres_separator_lr.tif", (156, 75, 75), {0: 0.6208}, id="separator"),
    pytest.param(
        "matbox_bilayer_synthetic.tif",
        (240, 240, 240),
        {0: 0.4081, 1: 0.1652, 2: 0.4268},
        id="bilayer",
    ),
]


@pytest.mark.parametrize(("name", "shape", "fractions"), VOLUMES)
def test_shapes_and_fractions(
    shared_data: Path, name: str, shape: tuple[int, int, int], fractions: dict[int, float]
) -> None:
    path = shared_data / "volumes" / name
    if not path.is_file():
        pytest.skip(f"the volume {name} is not here")
    volume = read(path)
    assert volume.shape == shape
    for label, fraction in fractions.items():
        digits = len(str(fraction)) - 2
        assert round(volume.volume_fraction(str(label)), max(digits, 4)) == fraction


def test_a_crop_is_the_same_part(shared_data: Path) -> None:
    path = shared_data / "volumes" / "nmc_1cal_am_cbd_pore.tif"
    if not path.is_file():
        pytest.skip("the volume nmc_1cal_am_cbd_pore.tif is not here")
    part = read(path, crop="100:110, 20:60, :")
    np.testing.assert_array_equal(part.labels, read(path).labels[100:110, 20:60, :])
