"""Crop, rebin, name axes, merge phases: against plain NumPy, on volumes with unequal axes."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.volume_edit import Crop, crop, merge_phases, name_axes, rebin

STEPS = (20e-9, 5e-9, 7e-9)
PHASES = {"pore": 0, "AM": 1, "CBD": 2}


def electrode(shape: tuple[int, int, int] = (9, 10, 11)) -> Volume:
    labels = np.random.default_rng(11).integers(0, 3, shape, dtype=np.uint8)
    return Volume(labels, STEPS, PHASES)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


class TestCrop:
    @pytest.mark.parametrize(
        "box",
        [
            "2:6, :, 3:",
            "2 : 6,:,3:11",
            [(2, 6), None, (3, 11)],
            (slice(2, 6), slice(None), slice(3, None)),
            np.array([[2, 6], [0, 10], [3, 11]]),
        ],
    )
    def test_a_box_in_each_notation(self, box: Crop) -> None:
        volume = electrode()
        part = crop(volume, box)
        np.testing.assert_array_equal(part.labels, volume.labels[2:6, :, 3:])
        assert (part.spacing, part.phases) == (STEPS, PHASES)

    @pytest.mark.parametrize(
        ("box", "sentence"),
        [
            ("0:10, :, :", "the crop 0:10 along x must lie within 0:9 and hold a voxel"),
            (":, -2:4, :", "the crop -2:4 along y must lie within 0:10 and hold a voxel"),
            (":, :, 7:7", "the crop 7:7 along z must lie within 0:11 and hold a voxel"),
            (":, :, 8:2", "the crop 8:2 along z must lie within 0:11 and hold a voxel"),
            (
                "0:4, 0:4",
                "a crop needs three ranges (x, y, z), found 2: '0:4, 0:4'; "
                "write it as '0:100, :, 20:50'",
            ),
            (
                ":, 5, :",
                "the crop along y must be a start and a stop in voxels, such as 0:100; found ' 5'",
            ),
            (
                "0:4:2, :, :",
                "the crop along x must be a start and a stop in voxels, such as 0:100; "
                "found '0:4:2'",
            ),
            (
                [(0.5, 4), None, None],
                "the crop along x must be a start and a stop in voxels, such as 0:100; "
                "found (0.5, 4)",
            ),
            (
                [slice(0, 4, 2), None, None],
                "the crop along x has the step 2; a crop keeps every voxel: use rebin",
            ),
        ],
    )
    def test_a_bad_box(self, box: Crop, sentence: str) -> None:
        with told(sentence):
            crop(electrode(), box)


def majority(labels: np.ndarray, factors: tuple[int, int, int]) -> np.ndarray:
    """The definition, block by block in plain Python."""
    counts = [n // f for n, f in zip(labels.shape, factors, strict=True)]
    coarse = np.empty(counts, labels.dtype)
    for place in np.ndindex(*counts):
        block = labels[
            tuple(slice(p * f, (p + 1) * f) for p, f in zip(place, factors, strict=True))
        ]
        # Counter keeps the order in which labels were met, and most_common is a stable sort.
        coarse[place] = Counter(block.ravel().tolist()).most_common(1)[0][0]
    return coarse


class TestRebin:
    @given(
        labels=arrays.arrays(
            st.sampled_from([np.uint8, np.uint16, np.uint32]),
            st.tuples(st.integers(4, 9), st.integers(4, 9), st.integers(4, 9)),
            elements=st.integers(0, 3),
        ),
        factors=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)),
    )
    def test_against_the_definition(
        self, labels: np.ndarray, factors: tuple[int, int, int]
    ) -> None:
        coarse = rebin(Volume(labels), factors)
        np.testing.assert_array_equal(coarse.labels, majority(labels, factors))

    def test_spacing_grows_with_the_factor(self) -> None:
        coarse = rebin(electrode((9, 10, 11)), (3, 2, 1))
        assert coarse.shape == (3, 5, 11)
        assert coarse.spacing == (3 * STEPS[0], 2 * STEPS[1], STEPS[2])
        assert coarse.phases == PHASES

    def test_one_factor_for_all_axes(self) -> None:
        np.testing.assert_array_equal(
            rebin(electrode(), 2).labels, rebin(electrode(), (2, 2, 2)).labels
        )

    def test_unknown_spacing_stays_unknown(self) -> None:
        coarse = rebin(Volume(electrode().labels), (3, 2, 1))
        assert coarse.spacing == (3.0, 2.0, 1.0)
        assert not coarse.spacing_known

    def test_a_phase_of_several_labels_votes_as_one(self) -> None:
        labels = [[0, 0, 0, 1, 1, 2, 2]]
        apart = rebin(Volume(labels, phases=PHASES), (1, 7, 1))
        joined = rebin(Volume(labels, phases={"pore": 0, "solid": (1, 2)}), (1, 7, 1))
        assert apart.labels[0, 0, 0] == 0
        assert joined.volume_fraction("solid") == 1.0

    def test_ties_favour_no_phase(self) -> None:
        labels = np.random.default_rng(5).integers(0, 2, (60, 60, 60), dtype=np.uint8)
        coarse = rebin(Volume(labels), 2)
        # 27 000 blocks, fair coins: four standard deviations are 1.2 %.
        assert abs(coarse.volume_fraction("1") - 0.5) < 0.0122

    @pytest.mark.parametrize(
        ("factor", "axis", "count", "found"),
        [
            (0, "x", 9, "0"),
            ((1, -2, 1), "y", 10, "-2"),
            ((1, 1, 12), "z", 11, "12"),
            (1.5, "x", 9, "1.5"),
        ],
    )
    def test_a_bad_factor(self, factor: object, axis: str, count: int, found: str) -> None:
        with told(
            f"the rebinning factor along {axis} must be an integer from 1 to {count}, the voxels "
            f"there; found {found}"
        ):
            rebin(electrode(), factor)  # type: ignore[arg-type]

    def test_two_factors(self) -> None:
        with told("rebinning needs one factor or three (x, y, z), found 2"):
            rebin(electrode(), (2, 2))


class TestNameAxes:
    @pytest.mark.parametrize("axes", ["xyz", "xzy", "yxz", "yzx", "zxy", "zyx"])
    def test_a_stored_axis_becomes_the_axis_of_its_name(self, axes: str) -> None:
        volume = electrode()
        named = name_axes(volume, axes)
        for stored, name in enumerate(axes):
            axis = "xyz".index(name)
            assert named.shape[axis] == volume.shape[stored]
            assert named.spacing[axis] == volume.spacing[stored]
        place = {"x": 1, "y": 2, "z": 3}
        stored_place = tuple(place[name] for name in axes)
        assert named.labels[1, 2, 3] == volume.labels[stored_place]
        assert named.labels.flags.c_contiguous

    def test_naming_back_gives_the_volume_back(self) -> None:
        # x, y, z of the first are y, z, x of the second: the inverse permutation.
        volume = electrode()
        back = name_axes(name_axes(volume, "yzx"), "zxy")
        np.testing.assert_array_equal(back.labels, volume.labels)
        assert back.spacing == volume.spacing

    @pytest.mark.parametrize("axes", ["xy", "xyy", "abc", "XYZ", ""])
    def test_bad_names(self, axes: str) -> None:
        with told(f"axes must name x, y and z once each, such as 'zyx', found {axes!r}"):
            name_axes(electrode(), axes)


class TestMergePhases:
    def test_two_phases_become_one(self) -> None:
        volume = electrode()
        solid = merge_phases(volume, {"solid": ["CBD", "AM"]})
        assert dict(solid.phases) == {"pore": 0, "solid": 2}
        np.testing.assert_array_equal(solid.labels == 2, volume.labels > 0)
        assert solid.spacing == STEPS
        assert volume.volume_fraction("AM") > 0.2

    def test_a_name_may_be_used_again(self) -> None:
        merged = merge_phases(electrode(), {"AM": ["AM", "CBD"]})
        assert dict(merged.phases) == {"pore": 0, "AM": 1}

    def test_renaming_copies_nothing(self) -> None:
        volume = electrode()
        renamed = merge_phases(volume, {"electrolyte": ["pore"]})
        assert renamed.label_values("electrolyte") == (0,)
        assert np.shares_memory(renamed.labels, volume.labels)

    def test_unnamed_labels_stay(self) -> None:
        volume = Volume([[0, 1, 2, 9]], phases=PHASES)
        assert merge_phases(volume, {"solid": ["AM", "CBD"]}).label_counts == {0: 1, 1: 2, 9: 1}

    @pytest.mark.parametrize(
        ("groups", "sentence"),
        [
            (
                {"solid": ["AM", "CBX"]},
                "there is no phase 'CBX'; the phases are 'pore', 'AM', 'CBD'; did you mean 'CBD'?",
            ),
            ({"solid": ["AM"], "rest": ["AM"]}, "phase 'AM' is to be merged twice; name it once"),
            ({"solid": ["AM", "AM"]}, "phase 'AM' is to be merged twice; name it once"),
            (
                {"pore": ["AM", "CBD"]},
                "there is already a phase 'pore'; merge it too or choose another name",
            ),
            (
                {"solid": []},
                "the new phase 'solid' has no parts; name the phases that it is made of",
            ),
        ],
    )
    def test_a_bad_group(self, groups: dict[str, list[str]], sentence: str) -> None:
        with told(sentence):
            merge_phases(electrode(), groups)
