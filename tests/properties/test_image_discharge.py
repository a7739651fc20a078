"""A discharge in an image under mirrors, turns, shifts, finer voxels, threads, and stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from support.image_discharge import random_image

import twin
from meshing.errors import InputError
from solvers.deposit import CLOSED
from twin.lio2 import Growth, ImageDischarge, Parameters, discharge_image

pytestmark = pytest.mark.filterwarnings("ignore:voxels of:UserWarning")

#: Oxygen is scarce, ions and electrons are felt, in an image of a tenth of a micrometre.
CELL = Parameters.of("Su2021_ch6").replace(
    oxygen_diffusivity=1e-13, ionic_conductivity=1e-4, salt_diffusivity=1e-12,
    electronic_conductivity=1e-2, separator_thickness=1e-9,
)  # fmt: skip
SPACING = (10e-9, 12e-9, 15e-9)
RESOLVED = {"electrolyte": "resolved", "electrons": "resolved"}
#: Enough oxygen and ions for voxels to fill, and to close by the dozen.
CLOSING = CELL.replace(
    oxygen_diffusivity=1e-11, ionic_conductivity=1e-2, salt_diffusivity=1e-10,
    electronic_conductivity=1.0,
)  # fmt: skip
in_both_cells = pytest.mark.parametrize("cell", [CELL, CLOSING], ids=["scarce", "closing"])


def image(seed: int = 0) -> twin.Volume:
    """Carbon that reaches the current collector, and pores that reach both ends."""
    return random_image(seed, (8, 6, 10), SPACING, share=0.7)


def discharge(volume: twin.Volume, cell: Parameters = CELL, **options: Any) -> ImageDischarge:
    d = discharge_image(volume, cell, **{"current_density": 0.3, **options})
    assert cell is CELL or (d.final.kind == CLOSED).sum() > 10
    return d


def changed(volume: twin.Volume, labels: np.ndarray, spacing: Any = None) -> twin.Volume:
    return twin.Volume(
        np.ascontiguousarray(labels), spacing=spacing or volume.spacing, phases=volume.phases
    )


def assert_same(one: ImageDischarge, two: ImageDischarge, apart: float = 1e-5) -> None:
    """The same curve and end, to what the solver leaves open [V]."""
    reasons = {d.verdict.reason for d in (one, two)}
    # Rounding may tell whether the last fall is steep or a jump, as a neck closes.
    assert len(reasons) == 1 or all("the voltage fell" in reason for reason in reasons)
    assert one.capacity == pytest.approx(two.capacity, rel=1e-3)
    charge = np.linspace(0.0, 0.9, 30) * one.capacity
    curves = [np.interp(charge, d.charge, d.voltage) for d in (one, two)]
    assert np.abs(curves[0] - curves[1]).max() < apart
    for name in ("filling", "coverage", "accessible"):
        assert one.table[name][-1] == pytest.approx(two.table[name][-1], rel=2e-3, abs=1e-9)


@in_both_cells
@pytest.mark.parametrize("options", [{}, RESOLVED], ids=["uniform", "resolved"])
def test_a_mirrored_image_with_mirrored_ends(options: dict[str, Any], cell: Parameters) -> None:
    volume = image()
    flipped = changed(volume, volume.labels[:, :, ::-1])
    one, two = discharge(volume, cell, **options), discharge(flipped, cell, oxygen="low", **options)
    assert_same(one, two)
    for name in ("reaction", "product", "porosity", "oxygen"):
        depth = [d.profiles()[name] for d in (one, two)]
        assert np.allclose(*depth, rtol=1e-2, atol=1e-3 * np.nanmax(depth[0]), equal_nan=True), name


@in_both_cells
@pytest.mark.parametrize("options", [{}, RESOLVED], ids=["uniform", "resolved"])
@pytest.mark.parametrize("axis", ["x", "y"])
def test_a_turned_image_along_a_turned_axis(
    axis: str, options: dict[str, Any], cell: Parameters
) -> None:
    volume = image(1)
    order = {"x": (2, 0, 1), "y": (1, 2, 0)}[axis]
    spacing = tuple(volume.spacing[a] for a in order)
    turned = changed(volume, volume.labels.transpose(order), spacing)
    assert turned.shape["xyz".index(axis)] == volume.shape[2]
    one, two = discharge(volume, cell, **options), discharge(turned, cell, axis=axis, **options)
    assert_same(one, two)


@in_both_cells
def test_mirrored_sides(cell: Parameters) -> None:
    volume = image(2)
    flipped = changed(volume, volume.labels[::-1, ::-1])
    assert_same(discharge(volume, cell), discharge(flipped, cell))


@in_both_cells
def test_a_shifted_periodic_image(cell: Parameters) -> None:
    volume = image(3)
    shifted = changed(volume, np.roll(volume.labels, (3, 1), (0, 1)))
    one, two = (discharge(each, cell, sides="periodic") for each in (volume, shifted))
    assert_same(one, two)


@in_both_cells
def test_a_periodic_image_and_two_of_it(cell: Parameters) -> None:
    volume = image(4)
    tiled = changed(volume, np.tile(volume.labels, (1, 2, 1)))
    one, two = (discharge(each, cell, sides="periodic") for each in (volume, tiled))
    assert_same(one, two)


@settings(max_examples=8)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.0, 0.6, 1.0]))
def test_charge_and_oxygen_are_kept_in_any_image(seed: int, share: float) -> None:
    volume = random_image(seed, (7, 6, 8), SPACING, share=0.75)
    growth = Growth(share, 1e15, seed=seed)
    try:
        d = discharge(volume, growth=growth, current_density=0.1, **RESOLVED)
    except InputError:
        reject()  # carbon that reaches no collector
    charge = d.table["charge"]
    made = d.table["product"] / (CELL.product_molar_volume / (2 * 96485.33212))
    assert np.allclose(made, charge, rtol=1e-10, atol=0.0)
    assert np.abs(d.table["oxygen_imbalance"]).max() < 2e-4  # twice what is left unsettled
    open_ = d.table["accessible"] + d.table["trapped"]
    assert (d.table["oxygen_accessible"] + d.table["separator_accessible"]
            - open_ <= 1 - d.table["filling"] + 1e-9).all()  # fmt: skip
    assert (np.diff(d.table["coverage"]) > -1e-9).all()


def test_the_number_of_threads_changes_no_bit() -> None:
    before, found = numba.get_num_threads(), []
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            found.append(discharge(image(6), growth=Growth(0.5, 1e15), capacity=100.0))
    finally:
        numba.set_num_threads(before)
    for other in found[1:]:
        assert_identical(found[0], other)


def assert_identical(one: ImageDischarge, two: ImageDischarge) -> None:
    for name in one.table:
        assert np.array_equal(one.table[name], two.table[name]), name
    for name in one.transport:
        assert np.array_equal(one.transport[name], two.transport[name]), name
    slices = [d.album.to_arrays() for d in (one, two)]
    for name, values in slices[0].items():
        assert np.array_equal(values, slices[1][name], equal_nan=True), name
    assert np.array_equal(one.final.kind, two.final.kind)
    assert np.array_equal(one.final.film, two.final.film)
    assert np.array_equal(one.final.particle, two.final.particle)
    assert np.array_equal(one.final.sites.volume, two.final.sites.volume)


class _Stop:
    """Someone presses Ctrl-C after some steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, voltage: float, filling: float) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [5, 13, 27])
@pytest.mark.parametrize("options", [{}, RESOLVED], ids=["uniform", "resolved"])
def test_a_run_that_was_stopped_goes_on_bit_for_bit(
    after: int, options: dict[str, Any], tmp_path: Path
) -> None:
    given = {"growth": Growth(0.5, 1e15), **options}
    whole = discharge(image(7), folder=tmp_path / "whole", **given)
    assert len(whole.time) > 27
    with pytest.raises(KeyboardInterrupt):
        discharge(image(7), folder=tmp_path / "part", progress=_Stop(after), **given)
    resumed = discharge(image(7), folder=tmp_path / "part", resume=True, **given)
    assert_identical(whole, resumed)
    assert resumed.verdict.reason == whole.verdict.reason
    files = [sorted(p.name for p in (tmp_path / f).iterdir()) for f in ("whole", "part")]
    assert files[0] == files[1]
    assert_identical(whole, discharge(image(7), **given))
