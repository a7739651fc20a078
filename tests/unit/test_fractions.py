"""Volume fractions with a voxel more or less, and connected parts: against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from meshing.errors import InputError
from meshing.fractions import volume_fractions
from meshing.percolation import mark_percolating, percolation
from meshing.volume import Volume

PHASES = {"pore": 0, "AM": (1, 3), "CBD": 2}
FACES = ndimage.generate_binary_structure(3, 1)


def random_volume(shape: tuple[int, int, int], seed: int = 0) -> Volume:
    return Volume(np.random.default_rng(seed).integers(0, 5, shape), phases=PHASES)


def morphed(mask: np.ndarray, periodic: str) -> tuple[np.ndarray, np.ndarray]:
    """The mask eroded and dilated by one voxel, faces of the volume being no boundary."""
    pad = [(1, 1) if axis in periodic else (0, 0) for axis in "xyz"]
    wrapped = np.pad(mask, pad, mode="wrap")
    inner = tuple(slice(low, -high or None) for low, high in pad)
    eroded = ndimage.binary_erosion(wrapped, FACES, border_value=1)[inner]
    return eroded, ndimage.binary_dilation(wrapped, FACES)[inner]


@pytest.mark.parametrize("periodic", ["", "y", "xyz"])
@pytest.mark.parametrize("shape", [(7, 6, 5), (3, 3, 3), (1, 9, 4), (5, 1, 1)])
def test_erosion_and_dilation_are_those_of_scipy(
    shape: tuple[int, int, int], periodic: str
) -> None:
    volume = random_volume(shape)
    found = volume_fractions(volume, periodic)
    assert list(found) == list(PHASES)
    for name, fraction in found.items():
        mask = np.isin(volume.labels, volume.label_values(name))
        eroded, dilated = morphed(mask, periodic)
        assert fraction.value == mask.mean()
        assert fraction.eroded == pytest.approx(eroded.mean(), abs=1e-12)
        assert fraction.dilated == pytest.approx(dilated.mean(), abs=1e-12)
        assert fraction.sensitivity == pytest.approx((dilated.mean() - eroded.mean()) / 2)


def test_a_phase_without_voxels_has_the_fraction_zero() -> None:
    fraction = volume_fractions(Volume([[0, 1]], phases={"a": 0, "b": 1, "c": 7}))["c"]
    assert (fraction.value, fraction.eroded, fraction.dilated) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("shape", [(12, 10, 9), (1, 20, 20), (6, 6, 6)])
def test_parts_are_those_of_scipy(shape: tuple[int, int, int]) -> None:
    volume = random_volume(shape, seed=1)
    found, flags = mark_percolating(volume)
    assert found == percolation(volume)
    for name, one in found.items():
        mask = np.isin(volume.labels, volume.label_values(name))
        parts, count = ndimage.label(mask, FACES)
        sizes = np.bincount(parts.ravel())[1:]
        assert one.components == count
        assert one.largest_fraction == sizes.max() / sizes.sum()
        for axis in range(3):
            ends = [set(np.unique(parts.take(i, axis))) for i in (0, -1)]
            joined = sorted((ends[0] & ends[1]) - {0})
            inside = np.isin(parts, joined)
            assert one.percolating_fraction[axis] == inside.sum() / mask.sum()
            assert one.percolates("xyz"[axis]) == bool(joined)
            assert (((flags >> axis & 1) == 1)[mask] == inside[mask]).all()


def test_around_a_periodic_side_and_not_around_the_driven_one() -> None:
    labels = np.zeros((4, 4, 1), int)
    labels[0:3, 0] = labels[2:4, 3] = 1  # joined only where y wraps
    volume = Volume(labels)
    assert percolation(volume)["1"].percolating_fraction[0] == 0.0
    assert percolation(volume, "y")["1"].percolating_fraction[0] == 1.0
    assert percolation(volume, "y")["1"].components == 1
    # Around y itself it touches both faces, but the way from one to the other is the wrap.
    assert percolation(volume, "xy")["1"].percolating_fraction[1] == 0.0


def test_a_phase_without_voxels_has_no_parts() -> None:
    none = percolation(Volume([[0, 1]], phases={"a": 0, "b": 1, "c": 7}))["c"]
    assert (none.components, none.largest_fraction) == (0, 0.0)
    assert none.percolating_fraction == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("function", [volume_fractions, percolation])
def test_an_unknown_periodic_axis_is_refused(function) -> None:
    with pytest.raises(InputError, match="letters of 'xyz', found 'q'"):
        function(Volume([[0, 1]]), "q")
