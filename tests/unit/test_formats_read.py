"""What holds for every format: axes, spacing, crop, types, and what the user may say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.image_files import EVERY_FORMAT, Labels, Writer, ellipsoids

from meshing.errors import InputError
from meshing.formats import read
from meshing.formats.image import Image
from meshing.formats.loading import load

STEPS = (40e-9, 50e-9, 65e-9)
PHASES = {"pore": 0, "AM": 1, "CBD": 2}


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


@pytest.fixture(params=EVERY_FORMAT, ids=[case[0] for case in EVERY_FORMAT])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Labels, bool]]:
    """A file of every format, the labels in it, and whether it states the spacing."""
    _, name, write, states_spacing = request.param
    labels = ellipsoids()
    writer: Writer = write
    yield writer(tmp_path / name, labels, STEPS), labels, states_spacing


Stored = tuple[Path, Labels, bool]


def test_labels_and_axes(stored: Stored) -> None:
    path, labels, _ = stored
    volume = read(path, phases=PHASES)
    np.testing.assert_array_equal(volume.labels, labels)
    assert volume.labels.dtype == np.uint8
    assert volume.labels.flags.c_contiguous
    assert volume.phases == PHASES


def test_the_spacing_of_the_file(stored: Stored) -> None:
    path, _, states_spacing = stored
    volume = read(path)
    assert volume.spacing_known == states_spacing
    if states_spacing:
        np.testing.assert_allclose(volume.spacing, STEPS, rtol=1e-6)
    else:
        assert volume.spacing == (1.0, 1.0, 1.0)


def test_the_spacing_of_the_user_comes_first(stored: Stored) -> None:
    path, _, _ = stored
    volume = read(path, spacing=("1um", "2um", "3um"))
    assert volume.spacing == (1e-6, 2e-6, 3e-6)
    assert volume.spacing_known


def test_crop(stored: Stored) -> None:
    path, labels, _ = stored
    volume = read(path, crop="2:6, :, 3:12", phases=PHASES)
    np.testing.assert_array_equal(volume.labels, labels[2:6, :, 3:12])


def test_names_of_axes(stored: Stored) -> None:
    path, labels, states_spacing = stored
    volume = read(path, axes="yzx", crop="2:12, 1:6, :")
    # Stored axis 0 is y, 1 is z, 2 is x.
    np.testing.assert_array_equal(volume.labels, labels.transpose(2, 0, 1)[2:12, 1:6, :])
    if states_spacing:
        expected = (STEPS[2], STEPS[0], STEPS[1])
        np.testing.assert_allclose(volume.spacing, expected, rtol=1e-6)


def test_a_crop_that_leaves_the_volume(stored: Stored) -> None:
    path, _, _ = stored
    with told("the crop 0:14 along z must lie within 0:13 and hold a voxel"):
        read(path, crop=":, :, 0:14")


def test_an_option_of_another_format(stored: Stored) -> None:
    path, _, _ = stored
    with pytest.raises(InputError, match=r"which does not use shape=; leave it out$"):
        read(path, shape=(7, 10, 13))


@pytest.mark.parametrize("dtype", ["int64", "int16", "uint16", ">u2", "uint32"])
def test_wide_labels_become_narrow(tmp_path: Path, dtype: str) -> None:
    labels = ellipsoids()
    np.save(tmp_path / "a.npy", labels.astype(dtype))
    volume = read(tmp_path / "a.npy", crop="0:7, 1:10, :")
    np.testing.assert_array_equal(volume.labels, labels[:, 1:])
    assert volume.labels.dtype == np.uint8


def test_the_type_grows_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshing.labels.SLAB_BYTES", 1)
    labels = ellipsoids().astype(np.int64)
    labels[3, 2, 1] = 300
    labels[5, 2, 1] = 70000
    np.save(tmp_path / "a.npy", labels)
    volume = read(tmp_path / "a.npy")
    assert volume.labels.dtype == np.uint32
    np.testing.assert_array_equal(volume.labels, labels)


@pytest.mark.parametrize("chunk_planes", [1, 3, 5])
def test_slabs_of_any_thickness(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, chunk_planes: int
) -> None:
    path, labels, _ = stored
    monkeypatch.setattr("meshing.labels.SLAB_BYTES", chunk_planes * 130)
    for axes, order in (("xyz", (0, 1, 2)), ("zyx", (2, 1, 0))):
        volume = read(path, axes=axes, crop="1:7, 1:9, 2:6")
        expected = labels.transpose(order)[1:7, 1:9, 2:6]
        np.testing.assert_array_equal(volume.labels, expected)


@pytest.mark.parametrize("path", ["a.npy", Path("a.npy")])
def test_text_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str | Path) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", ellipsoids())
    assert read(path).shape == (7, 10, 13)


def test_upper_case_suffix(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", ellipsoids())
    (tmp_path / "a.npy").rename(tmp_path / "A.NPY")
    assert read(tmp_path / "A.NPY").shape == (7, 10, 13)


def test_a_missing_file_and_its_neighbour(tmp_path: Path) -> None:
    np.save(tmp_path / "electrode.npy", ellipsoids())
    wanted = tmp_path / "electrodes.npy"
    with told(f"there is no file {wanted}; did you mean 'electrode.npy'?"):
        read(wanted)


def test_a_missing_folder(tmp_path: Path) -> None:
    wanted = tmp_path / "scans" / "a.npy"
    with told(f"there is no file {wanted}, nor a folder {wanted.parent}"):
        read(wanted)


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.touch()
    with told(f"the file {path} is empty (0 bytes); copy it again"):
        read(path)


def test_an_unknown_suffix(tmp_path: Path) -> None:
    path = tmp_path / "network.am"
    path.write_text("# Avizo")
    with told(
        f"cannot tell the format of {path} from its suffix '.am'; known are .tif, .tiff, .png, "
        ".bmp, .npy, .npz, .raw, .bin, .h5, .hdf, .hdf5, .nxs, .nx, .xmf, .xdmf, .nrrd, .nhdr, "
        ".mha, .mhd, .vti, .zarr; any other file is read as RAW when shape= and dtype= are given"
    ):
        read(path)


def test_any_suffix_with_a_shape_is_raw(tmp_path: Path) -> None:
    ellipsoids().tofile(tmp_path / "scan.vol")
    volume = read(tmp_path / "scan.vol", shape=(7, 10, 13), dtype="uint8")
    np.testing.assert_array_equal(volume.labels, ellipsoids())


@pytest.mark.parametrize(
    "name", ["a.tif", "a.npy", "a.npz", "a.h5", "a.nrrd", "a.mha", "a.vti", "a.xmf", "a.png"]
)
def test_a_file_that_is_something_else(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is no image, whatever its name says\n" * 10)
    with pytest.raises(InputError, match=r"; the file may be truncated or not be \w") as caught:
        read(path)
    assert str(caught.value).startswith(f"cannot read {path} as ")
    assert "\n" not in str(caught.value)


def data_file(path: Path) -> Path:
    """The file with the voxels: the path itself, a file beside it, or the largest in the folder."""
    if path.is_dir() or not path.exists():
        folder = path if path.is_dir() else path.parent
        return max((f for f in folder.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    beside = [f for f in path.parent.iterdir() if f.suffix in (".raw", ".zraw", ".gz")]
    return beside[0] if beside else path


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.9, 0.98])
def test_a_truncated_file_is_told_or_lacks_no_voxel(
    stored: Stored, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path, labels, _ = stored
    part = data_file(path)
    whole = part.read_bytes()
    part.write_bytes(whole[: int(len(whole) * share)])
    try:
        volume = read(path)
    except InputError as error:
        assert "truncated" in str(error)
        assert "\n" not in str(error)
    else:
        assert share > 0.5
        np.testing.assert_array_equal(volume.labels, labels)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["a.nrrd", "a.mha"])
def test_the_bytes_that_a_truncated_file_lacks(tmp_path: Path, name: str) -> None:
    write = next(write for _, case, write, _ in EVERY_FORMAT if case == name)
    path = write(tmp_path / name, ellipsoids(), STEPS)
    path.write_bytes(path.read_bytes()[:-10])
    with told(
        f"{path} is truncated: an array of shape (13, 10, 7) and type uint8 needs 910 bytes after "
        "the header, found 900; copy the file again"
    ):
        read(path)


@pytest.mark.parametrize("name", ["a.tif", "a.npy", "a.h5", "a.nrrd", "a.mha", "a.vti"])
def test_grey_values_as_floats(tmp_path: Path, name: str) -> None:
    write = next(write for _, case, write, _ in EVERY_FORMAT if case == name)
    path = write(tmp_path / name, ellipsoids().astype(np.float32), STEPS)
    with pytest.raises(InputError, match="float32"):
        read(path)


def test_float_sentence_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((3, 4, 5)))
    with told(
        f"{path} holds float64 values, not integer labels; segment the image first, or convert "
        "whole numbers with .astype('uint8')"
    ):
        read(path)


def test_four_axes(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((2, 3, 4, 5), np.uint8))
    with told(
        f"{path} has 4 axes, shape (2, 3, 4, 5); a volume has 3 axes, or 2 when it is one voxel "
        "thick: choose one channel or time step"
    ):
        read(path)


def test_one_axis(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(5, np.uint8))
    with pytest.raises(InputError, match=r"has 1 axes, shape \(5,\); a volume has 3 axes, or 2"):
        read(path)


def test_axes_of_length_one_beyond_three_are_dropped(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", ellipsoids()[None, :, :, None, :])
    np.testing.assert_array_equal(read(tmp_path / "a.npy").labels, ellipsoids())


def test_one_of_three_axes_may_have_length_one(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", ellipsoids()[:1])
    assert read(tmp_path / "a.npy").shape == (1, 10, 13)


class Chunked:
    """Stored in chunks of 3 planes; remembers which planes it was asked for."""

    shape = (20, 10, 13)
    dtype = np.dtype(np.uint8)
    chunks = (3, 10, 13)

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __getitem__(self, index: tuple[slice, ...]) -> Labels:
        self.asked.append((index[0].start, index[0].stop))
        return np.zeros(self.shape, np.uint8)[index]


def test_no_chunk_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshing.labels.SLAB_BYTES", 4 * 130)
    data = Chunked()
    labels = load(Image(data), (0, 1, 2), "1:17, :, :", Path("a.h5"))
    assert labels.shape == (16, 10, 13)
    assert data.asked == [(1, 3), (3, 6), (6, 9), (9, 12), (12, 15), (15, 17)]


def test_an_image_is_one_voxel_thick(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", ellipsoids()[2])
    assert read(tmp_path / "a.npy", axes="yxz").shape == (13, 10, 1)


def test_a_negative_label(tmp_path: Path) -> None:
    labels = ellipsoids().astype(np.int16)
    labels[1, 1, 1] = -1
    np.save(tmp_path / "a.npy", labels)
    with pytest.raises(InputError, match=r"^labels must not be negative, found -1"):
        read(tmp_path / "a.npy")
