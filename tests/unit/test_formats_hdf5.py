"""HDF5, NeXus and XDMF: which dataset is read, and where the spacing comes from."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from support.image_files import ellipsoids, write_hdf5, write_nexus

from meshing.errors import InputError
from meshing.formats import read

STEPS = (40e-9, 50e-9, 65e-9)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.h5"


class TestDataset:
    @pytest.mark.parametrize("name", ["scan/labels", "/scan/labels", "scan/labels/"])
    def test_a_path_in_the_file(self, path: Path, name: str) -> None:
        write_hdf5(path, ellipsoids(), STEPS)
        np.testing.assert_array_equal(read(path, dataset=name).labels, ellipsoids())

    def test_an_unknown_path(self, path: Path) -> None:
        write_hdf5(path, ellipsoids(), STEPS)
        with told(
            f"{path} has no dataset 'scan/label'; it holds 'scan/grey' (7 x 10 x 13 float32), "
            "'scan/labels' (7 x 10 x 13 uint8); did you mean 'scan/labels'?"
        ):
            read(path, dataset="scan/label")

    def test_a_group_is_no_dataset(self, path: Path) -> None:
        write_hdf5(path, ellipsoids(), STEPS)
        with pytest.raises(InputError, match="has no dataset 'scan'; it holds 'scan/grey'"):
            read(path, dataset="scan")

    def test_several_candidates(self, path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["a"] = ellipsoids()
            file["deep/b"] = ellipsoids()[0]
            file["positions"] = np.arange(7)
        with told(
            f"{path} holds 2 images; choose one by dataset=: 'a' (7 x 10 x 13 uint8), "
            "'deep/b' (10 x 13 uint8)"
        ):
            read(path)

    def test_many_candidates_are_not_all_listed(self, path: Path) -> None:
        with h5py.File(path, "w") as file:
            for number in range(40):
                file[f"frame{number:02d}"] = ellipsoids()
        with pytest.raises(InputError, match=r"'frame11' \(7 x 10 x 13 uint8\), \.\.\.$"):
            read(path)

    def test_no_candidate(self, path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["grey"] = ellipsoids().astype("f4")
            file["scalar"] = 3
        with told(
            f"{path} holds no array of integer labels with 2 or 3 axes; found "
            "'grey' (7 x 10 x 13 float32), 'scalar' (scalar int64)"
        ):
            read(path)

    def test_a_float_dataset_that_was_asked_for(self, path: Path) -> None:
        write_hdf5(path, ellipsoids(), STEPS)
        with pytest.raises(InputError, match="holds float32 values, not integer labels"):
            read(path, dataset="scan/grey")

    def test_an_empty_file(self, path: Path) -> None:
        h5py.File(path, "w").close()
        with told(f"{path} holds no array of integer labels with 2 or 3 axes; found nothing"):
            read(path)

    def test_booleans(self, path: Path) -> None:
        with h5py.File(path, "w") as file:
            file["solid"] = ellipsoids() > 0
        assert read(path).label_counts.keys() == {0, 1}


class TestLaziness:
    def test_only_the_chunks_of_a_crop_are_read(self, path: Path) -> None:
        """A dataset of 8 GB of which one chunk is written: a crop of it stays small."""
        with h5py.File(path, "w") as file:
            vast = file.create_dataset("v", (2000, 2000, 2000), "u1", chunks=(50, 50, 50))
            vast[1000:1007, 1000:1010, 1000:1013] = ellipsoids()
        read(path, crop="0:1, 0:1, 0:1")
        tracemalloc.start()
        volume = read(path, crop="1000:1007, 1000:1010, 1000:1013")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        np.testing.assert_array_equal(volume.labels, ellipsoids())
        assert peak < 2**21


class TestSpacing:
    def test_a_nexus_axis_with_uneven_steps_is_unknown(self, path: Path) -> None:
        write_nexus(path, ellipsoids(), STEPS)
        with h5py.File(path, "r+") as file:
            file["entry/segmented/p"][2] += 1.0
        # q and r differ, so that p is no guess.
        with pytest.raises(InputError, match="but not the distance between its pages"):
            read(path)

    @pytest.mark.parametrize("spoil", ["axes", "units"])
    def test_nexus_without_axes_or_units(self, path: Path, spoil: str) -> None:
        write_nexus(path, ellipsoids(), STEPS)
        with h5py.File(path, "r+") as file:
            data = file["entry/segmented"]
            for owner in [data] if spoil == "axes" else [data[n] for n in "pqr"]:
                del owner.attrs[spoil]
        volume = read(path)
        assert not volume.spacing_known
        np.testing.assert_array_equal(volume.labels, ellipsoids())

    def test_falling_positions(self, path: Path) -> None:
        write_nexus(path, ellipsoids(), STEPS)
        with h5py.File(path, "r+") as file:
            file["entry/segmented/q"][...] = file["entry/segmented/q"][...][::-1]
        np.testing.assert_allclose(read(path).spacing, STEPS, rtol=1e-6)

    def test_the_named_dataset_has_its_own_axes(self, path: Path) -> None:
        write_nexus(path, ellipsoids(), STEPS)
        volume = read(path, dataset="entry/segmented/other")
        np.testing.assert_allclose(volume.spacing, STEPS, rtol=1e-6)


XDMF = """<?xml version="1.0" ?>
<Xdmf Version="3.0"><Domain><Grid GridType="Uniform">
<Topology TopologyType="3DCoRectMesh" Dimensions="7 10 13"/>
<Geometry GeometryType="ORIGIN_DXDYDZ">
<DataItem Format="XML" Dimensions="3">0 0 0</DataItem>
<DataItem Format="XML" Dimensions="3">{steps}</DataItem>
</Geometry>
<Attribute Name="Phase" AttributeType="Scalar" Center="Cell">
<DataItem Format="HDF" Dimensions="7 10 13" NumberType="UChar">
 {target}
</DataItem></Attribute></Grid></Domain></Xdmf>
"""


class TestXdmf:
    def write(self, folder: Path, **words: Any) -> Path:
        write_hdf5(folder / "a.h5", ellipsoids(), STEPS)
        with h5py.File(folder / "a.h5", "r+") as file:
            del file["scan/labels"].attrs["element_size_um"]
        path = folder / "a.xmf"
        path.write_text(XDMF.format(**words))
        return path

    def test_labels_and_spacing(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, steps="4e-8 5e-8 6.5e-8", target="a.h5:/scan/labels")
        volume = read(path)
        np.testing.assert_array_equal(volume.labels, ellipsoids())
        np.testing.assert_allclose(volume.spacing, STEPS, rtol=1e-12)

    def test_steps_of_one_are_unknown(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, steps="1 1 1", target="a.h5:/scan/labels")
        assert not read(path).spacing_known

    def test_a_missing_target(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, steps="1 1 1", target="b.h5:/scan/labels")
        with told(f"{path} points to {tmp_path / 'b.h5'}, which does not exist"):
            read(path)

    def test_no_target(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xmf"
        path.write_text("<Xdmf/>")
        with told(f"{path} points to 0 HDF5 images; read the HDF5 file itself"):
            read(path)
