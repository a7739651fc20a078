"""The volume: what its constructor takes, what it keeps, and what it refuses."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from meshing.errors import InputError
from meshing.labels import SLAB_BYTES, count_labels, slabs
from meshing.volume import Volume

STEPS = (20e-9, 5e-9, 7e-9)
PHASES = {"pore": 0, "AM": 1, "CBD": 2}


def random_labels(dtype: str = "uint8", highest: int = 2) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.integers(0, highest, (5, 6, 7), endpoint=True).astype(dtype)


def told(sentence: str) -> pytest.RaisesExc[InputError]:
    return pytest.RaisesExc(InputError, match=f"^{re.escape(sentence)}$")


class TestLabels:
    @pytest.mark.parametrize("dtype", ["int8", "uint16", ">i2", "int32", "int64", "uint64", "bool"])
    def test_labels_are_kept_in_the_smallest_unsigned_type(self, dtype: str) -> None:
        given = random_labels(dtype, highest=1)
        volume = Volume(given)
        assert volume.labels.dtype == np.uint8
        np.testing.assert_array_equal(volume.labels, given.astype(int))

    @pytest.mark.parametrize(
        ("highest", "kept"),
        [(255, "uint8"), (256, "uint16"), (65535, "uint16"), (65536, "uint32"), (2**32, "uint64")],
    )
    def test_the_type_grows_with_the_highest_label(self, highest: int, kept: str) -> None:
        volume = Volume(np.array([[0, highest]], dtype=np.uint64))
        assert volume.labels.dtype == kept
        assert volume.labels[0, 1, 0] == highest

    def test_an_array_of_the_right_type_is_not_copied(self) -> None:
        given = random_labels()
        assert Volume(given).labels is given

    def test_bits_are_not_copied(self) -> None:
        given = random_labels("bool", highest=1)
        assert np.shares_memory(Volume(given).labels, given)

    def test_bits_of_any_byte_are_zero_and_one(self) -> None:
        given = np.array([[0, 255, 1]], np.uint8).view(np.bool_)
        assert Volume(given).label_counts == {0: 1, 1: 2}

    def test_labels_are_in_c_order(self) -> None:
        given = np.asfortranarray(random_labels())
        volume = Volume(given)
        assert volume.labels.flags.c_contiguous
        np.testing.assert_array_equal(volume.labels, given)

    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "bool", "uint32"])
    def test_a_memory_map_is_not_copied(self, tmp_path: Path, dtype: str) -> None:
        given = np.memmap(tmp_path / "labels.raw", dtype, "w+", shape=(5, 6, 7))
        given[...] = random_labels(dtype, highest=1)
        volume = Volume(given)
        assert np.shares_memory(volume.labels, given)
        assert volume.labels.dtype.kind == "u"
        np.testing.assert_array_equal(volume.labels, given.astype(int))
        renamed = dataclasses.replace(volume, phases={"solid": 1})
        assert np.shares_memory(renamed.labels, given)

    def test_a_memory_map_in_another_byte_order_is_converted(self, tmp_path: Path) -> None:
        given = np.memmap(tmp_path / "labels.raw", ">u2", "w+", shape=(5, 6, 7))
        given[...] = random_labels()
        volume = Volume(given)
        assert volume.labels.dtype == np.uint8
        np.testing.assert_array_equal(volume.labels, random_labels())

    def test_an_image_is_a_volume_one_voxel_thick(self) -> None:
        volume = Volume([[0, 1, 1], [1, 1, 1]])
        assert volume.shape == volume.labels.shape == (2, 3, 1)

    @pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "U3"])
    def test_values_that_are_no_labels(self, dtype: str) -> None:
        given = np.zeros((2, 2, 2), dtype)
        with told(
            f"the array holds {given.dtype} values, not integer labels; segment the image first, "
            "or convert whole numbers with .astype('uint8')"
        ):
            Volume(given)

    @pytest.mark.parametrize("shape", [(), (4,), (4, 4, 4, 3)])
    def test_neither_two_nor_three_axes(self, shape: tuple[int, ...]) -> None:
        with told(
            f"the array has {len(shape)} axes, shape {shape}; a volume has 3 axes, or 2 when it "
            "is one voxel thick: choose one channel or time step"
        ):
            Volume(np.zeros(shape, np.uint8))

    def test_no_voxel(self) -> None:
        with told("the array is empty, shape (0, 4, 4); a volume needs voxels"):
            Volume(np.zeros((0, 4, 4), np.uint8))

    @pytest.mark.parametrize("mapped", [False, True])
    def test_a_negative_label(self, tmp_path: Path, mapped: bool) -> None:
        given = np.memmap(tmp_path / "x", np.int16, "w+", shape=(2, 2)) if mapped else None
        labels = np.zeros((2, 2), np.int16) if given is None else given
        labels[1, 1] = -3
        with told(
            "labels must not be negative, found -3; give that phase another number, such as "
            "labels + 1 for all"
        ):
            Volume(labels)


class TestSpacing:
    def test_unknown_spacing_counts_voxels(self) -> None:
        volume = Volume(random_labels())
        assert volume.spacing == (1.0, 1.0, 1.0)
        assert not volume.spacing_known

    def test_spacing_of_each_axis(self) -> None:
        volume = Volume(random_labels(), spacing=("20nm", 5e-9, "0.007um"))
        assert volume.spacing == STEPS
        assert volume.spacing_known

    def test_bad_spacing(self) -> None:
        with pytest.raises(InputError, match="the spacing along y must be a length greater than"):
            Volume(random_labels(), spacing=(1e-9, -1e-9, 1e-9))


class TestPhases:
    def test_labels_found_are_the_default(self) -> None:
        assert dict(Volume([[7, 0], [85, 7]]).phases) == {"0": 0, "7": 7, "85": 85}

    def test_phases_are_kept_as_given_and_cannot_change(self) -> None:
        given: dict[str, object] = {"pore": np.int64(0), "solid": [1, 2]}
        volume = Volume(random_labels(), phases=given)  # type: ignore[arg-type]
        assert dict(volume.phases) == {"pore": 0, "solid": (1, 2)}
        with pytest.raises(TypeError):
            volume.phases["pore"] = 3  # type: ignore[index]

    def test_label_values(self) -> None:
        volume = Volume(random_labels(), phases={"pore": 0, "solid": (1, 2)})
        assert volume.label_values("pore") == (0,)
        assert volume.label_values("solid") == (1, 2)

    @pytest.mark.parametrize(
        ("wanted", "hint"), [("am", "; did you mean 'AM'?"), ("pores", "; did you mean 'pore'?")]
    )
    def test_an_unknown_phase_with_its_neighbour(self, wanted: str, hint: str) -> None:
        with told(f"there is no phase {wanted!r}; the phases are 'pore', 'AM', 'CBD'{hint}"):
            Volume(random_labels(), phases=PHASES).volume_fraction(wanted)

    def test_an_unknown_phase_without_one(self) -> None:
        with told("there is no phase 'electrolyte'; the phases are 'pore', 'AM', 'CBD'"):
            Volume(random_labels(), phases=PHASES).label_values("electrolyte")

    def test_many_phases_are_not_all_listed(self) -> None:
        volume = Volume(np.arange(100, dtype=np.uint8).reshape(4, 5, 5))
        listed = ", ".join(repr(str(n)) for n in range(12))
        with told(f"there is no phase 'pore'; the phases are {listed}, ..."):
            volume.label_values("pore")

    def test_a_label_of_two_phases(self) -> None:
        with told(
            "label 1 is given to phase 'AM' and to phase 'solid'; give each label to one phase, "
            "once"
        ):
            Volume(random_labels(), phases={"AM": 1, "solid": (1, 2)})

    def test_a_label_twice_in_one_phase(self) -> None:
        with told(
            "label 2 is given to phase 'AM' and to phase 'AM'; give each label to one phase, once"
        ):
            Volume(random_labels(), phases={"AM": (2, 2)})

    @pytest.mark.parametrize("label", ["1", 1.5, None])
    def test_a_label_that_is_no_integer(self, label: object) -> None:
        with told(f"the label of phase 'AM' must be an integer, found {label!r}"):
            Volume(random_labels(), phases={"AM": label})  # type: ignore[dict-item]

    def test_a_phase_without_a_label(self) -> None:
        with told("phase 'AM' has no label; give it at least one"):
            Volume(random_labels(), phases={"AM": ()})

    def test_an_empty_phase(self) -> None:
        volume = Volume([[0, 85], [170, 85]], phases={"pore": 0, "AM": 1})
        assert volume.volume_fraction("AM") == 0.0
        with told("phase 'AM' (label 1) has no voxels; the labels found are 0, 85, 170"):
            volume.present_labels("AM")
        assert volume.present_labels("pore") == (0,)


class TestFractions:
    def test_fractions_of_named_phases(self) -> None:
        volume = Volume([[0, 1, 2, 2]], phases={"pore": 0, "solid": (1, 2)})
        assert volume.fractions() == {"pore": 0.25, "solid": 0.75}
        assert volume.voxel_count("solid") == 3

    def test_unnamed_labels_belong_to_no_phase(self) -> None:
        assert Volume([[0, 1, 2, 2]], phases={"pore": 0}).fractions() == {"pore": 0.25}

    @pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
    def test_counts_over_several_slabs(self, dtype: str) -> None:
        labels = np.random.default_rng(3).integers(0, 200, (90, 100, 300)).astype(dtype)
        assert labels.size * 8 > 2 * SLAB_BYTES
        values, counts = np.unique(labels, return_counts=True)
        assert count_labels(labels) == dict(zip(values.tolist(), counts.tolist(), strict=True))


class TestSlabs:
    @pytest.mark.parametrize(
        ("count", "each", "multiple"), [(10, 1, 1), (1000, 2**19, 7), (5, 2**40, 3)]
    )
    def test_slabs_cover_all_planes_once(self, count: int, each: int, multiple: int) -> None:
        found = list(slabs(count, each, multiple))
        assert [plane for slab in found for plane in range(count)[slab]] == list(range(count))
        assert all(slab.start % multiple == 0 for slab in found)

    def test_slabs_are_thin_enough(self) -> None:
        assert {s.stop - s.start for s in slabs(64, SLAB_BYTES // 4)} == {4}


class TestObject:
    def test_it_is_frozen(self) -> None:
        volume = Volume(random_labels())
        with pytest.raises(dataclasses.FrozenInstanceError):
            volume.spacing = STEPS  # type: ignore[misc]

    @pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])
    @pytest.mark.parametrize("spacing", [None, STEPS])
    def test_it_can_be_copied_and_sent(self, duplicate, spacing) -> None:  # type: ignore[no-untyped-def]
        volume = Volume(random_labels(), spacing, PHASES)
        other = duplicate(volume)
        np.testing.assert_array_equal(other.labels, volume.labels)
        assert (other.spacing, other.spacing_known) == (volume.spacing, volume.spacing_known)
        assert other.phases == volume.phases

    def test_replace_keeps_what_is_not_replaced(self) -> None:
        volume = dataclasses.replace(Volume(random_labels(), phases=PHASES), labels=[[1, 2]])
        assert volume.shape == (1, 2, 1)
        assert not volume.spacing_known
        assert volume.phases == PHASES
        measured = dataclasses.replace(volume, spacing=STEPS, spacing_known=True)
        assert measured.spacing == STEPS
        assert measured.spacing_known

    def test_repr_is_one_line(self) -> None:
        volume = Volume(random_labels(), STEPS, PHASES)
        assert repr(volume) == (
            "<Volume 5 x 6 x 7 uint8, spacing 20 nm x 5 nm x 7 nm, phases pore, AM, CBD>"
        )
        assert "spacing unknown" in repr(Volume(random_labels()))
