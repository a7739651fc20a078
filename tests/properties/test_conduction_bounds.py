"""What bounds conduction through any phases, and which way it goes when something changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import ndimage
from support.conduction import Case, mixtures, name_of
from support.solving import effective_conductivity

from meshing.volume import Volume

SLACK = 1e-9
"""Bounds are met with equality by layers; the answer is good to this."""

EXAMPLES = hypothesis.settings(max_examples=25)


def along(case: Case) -> np.ndarray:
    """Conductivity of every voxel along the driven axis, 0 where a label has none."""
    k = np.zeros(case.labels.shape)
    for label, value in case.conductivity.items():
        k[case.labels == label] = np.broadcast_to(value, 3)["xyz".index(case.axis)]
    return k


@EXAMPLES
@hypothesis.given(case=mixtures())
def test_wiener_bounds(case):
    """Harmonic and arithmetic means of the conductivity along the drive; resistances lower both.

    The lower one adds the resistance of all faces across the drive to that of the voxels, as if
    the flux were even; the upper one is the mean of straight bars.
    """
    hypothesis.assume(case.named)
    k, axis = along(case), "xyz".index(case.axis)
    found = case.effective()
    with np.errstate(divide="ignore"):
        bars = np.mean(1 / k, axis) + _interfaces(case) / k.shape[axis] / case.spacing[axis]
    assert found <= k.mean() * (1 + SLACK)
    assert found >= 1 / np.mean(bars) * (1 - SLACK)


def _interfaces(case: Case) -> np.ndarray:
    """Contact resistance along each straight bar of voxels [length over conductivity]."""
    axis = "xyz".index(case.axis)
    first = np.delete(case.labels, -1, axis)
    second = np.delete(case.labels, 0, axis)
    total = np.zeros(first.shape)
    for (a, b), resistance in case.contact.items():
        total += resistance * (((first == a) & (second == b)) | ((first == b) & (second == a)))
    return total.sum(axis)


@EXAMPLES
@hypothesis.given(case=mixtures(), factor=st.sampled_from([1.01, 3.0, 1e4]), data=st.data())
def test_more_conductivity_conducts_more(case, factor, data):
    """Rayleigh's monotonicity, one phase and one axis at a time."""
    hypothesis.assume(case.named)
    label = data.draw(st.sampled_from(sorted(case.conductivity)))
    axis = data.draw(st.integers(0, 2))
    value = np.array(np.broadcast_to(case.conductivity[label], 3), float)
    value[axis] *= factor
    better = replace(case, conductivity={**case.conductivity, label: tuple(map(float, value))})
    assert better.effective() >= case.effective() * (1 - SLACK)


@EXAMPLES
@hypothesis.given(case=mixtures(), factor=st.sampled_from([0.0, 0.5, 10.0, 1e4]), data=st.data())
def test_more_contact_resistance_conducts_less(case, factor, data):
    hypothesis.assume(case.contact and case.named)
    pair = data.draw(st.sampled_from(sorted(case.contact)))
    changed = replace(case, contact={**case.contact, pair: factor * case.contact[pair]})
    low, high = sorted([changed, case], key=lambda each: each.contact[pair])
    assert high.effective() <= low.effective() * (1 + SLACK)


@EXAMPLES
@hypothesis.given(
    case=mixtures(), cut=st.sampled_from([(2, 1, 1), (1, 2, 1), (1, 1, 3), (2, 2, 2)])
)
def test_cutting_voxels_never_lowers_the_conductivity(case, cut):
    """Voxels bound the conductivity of the bodies that they draw from below.

    A flux through faces, straight between opposite ones, is a flux of the continuum.  What it
    spends in a voxel, the mean of two squares, is no less than what it spends there in the
    continuum, the integral of the square of a linear function; finer voxels lie between the two.
    """
    hypothesis.assume(case.named)
    fine = case.labels
    for axis, times in enumerate(cut):
        fine = np.repeat(fine, times, axis)
    x, y, z = (h / times for h, times in zip(case.spacing, cut, strict=True))
    hypothesis.assume(fine.size <= 3000)
    finer = replace(case, labels=fine, spacing=(x, y, z))
    assert finer.effective() >= case.effective() * (1 - SLACK)


def cubic_image(seed: int, size: int, fractions: tuple[float, ...]) -> np.ndarray:
    """Blobs that permuting x, y and z leaves as they are; label i fills fraction i."""
    noise = np.random.default_rng(seed).standard_normal(3 * (size,))
    smooth = ndimage.gaussian_filter(noise, size / 10, mode="reflect")
    orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    # Rounded, because sums in another order differ in their last digit.
    field = np.round(sum(smooth.transpose(order) for order in orders), 9)
    levels = np.quantile(field, np.cumsum(fractions)[:-1])
    return np.searchsorted(levels, field).astype(np.uint8)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "k", [(1.0, 3.0), (1.0, 10.0, 3.0), (30.0, 1.0, 5.0), (1.0, 2.0, 9.0, 4.0)]
)
def test_hashin_shtrikman_bounds_of_any_number_of_phases(k, seed):
    """Hashin & Shtrikman 1962, doi:10.1063/1.1728579, for cubic symmetry.

    1 / (k + 2 k0) is the mean of 1 / (k_i + 2 k0), with the best and with the poorest phase for
    k0.  The image is one of cubic symmetry: it does not change when axes are permuted, and
    reflections at its faces continue it.
    """
    fractions = tuple(np.arange(2, len(k) + 2) / np.arange(2, len(k) + 2).sum())
    labels = cubic_image(seed, 24, fractions)
    volume = Volume(labels, phases={f"p{i}": i for i in range(len(k))})
    named = {f"p{i}": value for i, value in enumerate(k)}
    share = np.array([volume.volume_fraction(name) for name in named])
    values = np.array(k)
    found = [effective_conductivity(volume, named, axis) for axis in "xyz"]
    assert found == pytest.approx(3 * [found[0]], rel=1e-9)
    low, high = (
        1 / (share / (values + 2 * k0)).sum() - 2 * k0 for k0 in (values.min(), values.max())
    )
    assert low < found[0] < high
    wiener = (1 / (share / values).sum(), (share * values).sum())
    assert wiener[0] < low < high < wiener[1]


@EXAMPLES
@hypothesis.given(case=mixtures(insulator=False, contact=False))
def test_what_a_resistance_does_between_none_and_infinite(case):
    """None is no contact; a huge one is a closed wall, or nothing conducts at all."""
    hypothesis.assume(len(case.named) > 1)
    labels = sorted(case.conductivity)
    pairs = list(combinations(labels, 2))
    free = case.effective()
    none = replace(case, contact=dict.fromkeys(pairs, 0.0)).effective()
    assert none == pytest.approx(free, rel=1e-9)
    best = max(np.max(k) for k in case.conductivity.values())
    least = replace(case, contact=dict.fromkeys(pairs, 1e-9 * min(case.spacing) / best))
    assert least.effective() == pytest.approx(free, rel=1e-7)
    assert least.effective() <= free * (1 + SLACK)


@EXAMPLES
@hypothesis.given(case=mixtures(insulator=False, contact=False, contrast=1e2))
def test_a_huge_resistance_is_a_wall_around_each_phase(case):
    """What is left is the sum of the phases, each alone; a millionth may leak through."""
    hypothesis.assume(len(case.named) > 1)
    pairs = list(combinations(sorted(case.conductivity), 2))
    poorest = min(np.min(k) for k in case.conductivity.values())
    wall = 1e9 * max(case.spacing) / poorest
    alone = sum(
        replace(case, conductivity={label: k}, contact={}).effective()
        for label, k in case.conductivity.items()
        if label in case.labels
    )
    hypothesis.assume(alone > 0)
    walled = replace(case, contact=dict.fromkeys(pairs, wall)).effective()
    assert walled == pytest.approx(alone, rel=1e-6)
    assert walled >= alone * (1 - SLACK)


@EXAMPLES
@hypothesis.given(case=mixtures(contrast=1e4))
def test_shares_of_the_heat_are_the_slopes_of_the_conductivity(case):
    """d ln k_eff / d ln k_i is the heat in phase i, and that by ln R less the heat in R.

    The field minimises the energy, so its own change does not count.
    """
    hypothesis.assume(case.named and case.effective() > 0)
    shares, step = case.solved().shares, 1e-4
    for label in case.conductivity:
        changed = [
            replace(case, conductivity={**case.conductivity, label: _times(case, label, 1 + s)})
            for s in (step, -step)
        ]
        assert _slope(changed, step) == pytest.approx(shares.heat.get(name_of(label), 0), abs=1e-5)
    for pair in case.contact:
        changed = [
            replace(case, contact={**case.contact, pair: case.contact[pair] * (1 + s)})
            for s in (step, -step)
        ]
        names = (min(map(name_of, pair)), max(map(name_of, pair)))
        taken = shares.interface_heat.get(names, 0.0)
        assert -_slope(changed, step) == pytest.approx(taken, abs=1e-5)


def _times(case: Case, label: int, factor: float) -> tuple[float, float, float]:
    x, y, z = factor * np.broadcast_to(case.conductivity[label], 3)
    return float(x), float(y), float(z)


def _slope(changed: list[Case], step: float) -> float:
    up, down = (each.effective() for each in changed)
    return float((np.log(up) - np.log(down)) / (2 * step))
