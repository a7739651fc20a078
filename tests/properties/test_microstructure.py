"""What must hold for the numbers of any image: symmetries, scale, sums, and phases told apart."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.images import seeds, spacings

import twin

PERIODIC = ("", "x", "yz", "xyz")
shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
NAMES = {"pore": 0, "AM": 1, "CBD": 2, "Li2O2": 3}


@st.composite
def volumes(draw: st.DrawFn) -> twin.Volume:
    """Voxels at random, or blocks of eight, of up to four phases."""
    labels = np.random.default_rng(draw(seeds)).integers(0, draw(st.integers(1, 4)), draw(shapes))
    for axis in range(3):
        labels = labels.repeat(draw(st.integers(1, 2)), axis)
    return twin.Volume(labels, draw(spacings), NAMES)


def numbers(m: twin.Characterization) -> dict[str, float]:
    """All that does not depend on the names of the axes."""
    found = {}
    for name in m.fractions:
        fraction, joined = m.fractions[name], m.percolation[name]
        found |= {f"{name} {key}": value for key, value in fraction.to_dict().items()}
        found |= {f"{name} {key}": value for key, value in m.areas.phase(name).to_dict().items()}
        found[f"{name} largest"] = joined.largest_fraction
        found[f"{name} parts"] = joined.components
    for pair, area in m.areas.interfaces.items():
        found |= {f"{pair} {key}": value for key, value in area.to_dict().items()}
    for triple, length in m.triple_lines.items():
        found |= {
            f"{triple} edges": length.edges,
            f"{triple} smooth": length.smooth,
            f"{triple} corrected": length.corrected,
        }
    return found


def same(here: dict[str, float], there: dict[str, float], skip: str = "") -> None:
    assert here.keys() == there.keys()
    for key, value in here.items():
        if not skip or skip not in key:
            assert there[key] == pytest.approx(value, rel=1e-8, abs=1e-30), key


def axes_of(periodic: str, order: tuple[int, ...]) -> str:
    """The letters of the same axes after they were put in another order."""
    return "".join("xyz"[order.index("xyz".index(letter))] for letter in periodic)


@given(volumes(), st.sampled_from(PERIODIC), st.permutations(range(3)))
def test_the_order_of_the_axes_does_not_matter(volume, periodic, order) -> None:
    order = tuple(order)
    spacing = tuple(volume.spacing[axis] for axis in order)
    turned = twin.Volume(volume.labels.transpose(order), spacing, NAMES)
    here = twin.characterize(volume, periodic)
    there = twin.characterize(turned, axes_of(periodic, order))
    # Which diagonal of an ambiguous face marching cubes takes depends on the axes.
    same(numbers(here), numbers(there), skip="marching_cubes")
    for name in NAMES:
        shares = [here.percolation[name].percolating_fraction[axis] for axis in order]
        assert there.percolation[name].percolating_fraction == pytest.approx(tuple(shares))


@given(volumes(), st.sampled_from(PERIODIC), st.sampled_from([(0,), (1, 2), (0, 1, 2)]))
def test_a_mirror_changes_nothing(volume, periodic, axes) -> None:
    mirrored = twin.Volume(np.flip(volume.labels, axes), volume.spacing, NAMES)
    here, there = (twin.characterize(v, periodic) for v in (volume, mirrored))
    same(numbers(here), numbers(there), skip="marching_cubes")
    for triple, length in here.triple_lines.items():
        other = there.triple_lines[triple].percolating_fraction
        assert other == pytest.approx(length.percolating_fraction, nan_ok=True)


@given(volumes(), st.tuples(*[st.integers(0, 8)] * 3))
def test_a_periodic_image_may_begin_anywhere(volume, shift) -> None:
    moved = twin.Volume(np.roll(volume.labels, shift, (0, 1, 2)), volume.spacing, NAMES)
    same(numbers(twin.characterize(volume, "xyz")), numbers(twin.characterize(moved, "xyz")))


@given(volumes(), st.sampled_from(PERIODIC))
def test_twice_the_voxel_is_four_times_the_area_and_twice_the_line(volume, periodic) -> None:
    larger = twin.Volume(volume.labels, tuple(2 * h for h in volume.spacing), NAMES)
    here, there = (twin.characterize(v, periodic) for v in (volume, larger))
    for pair, area in here.areas.interfaces.items():
        for name, value in there.areas.interfaces[pair].to_dict().items():
            assert value == pytest.approx(4 * area.to_dict()[name], rel=1e-9, abs=1e-30)
    for triple, length in here.triple_lines.items():
        assert there.triple_lines[triple].edges == pytest.approx(2 * length.edges, rel=1e-9)
        assert there.triple_lines[triple].smooth == pytest.approx(2 * length.smooth, rel=1e-9)


@given(volumes(), st.sampled_from(PERIODIC))
def test_interfaces_make_up_the_surface_and_fractions_the_volume(volume, periodic) -> None:
    m = twin.characterize(volume, periodic)
    assert sum(fraction.value for fraction in m.fractions.values()) == pytest.approx(1.0)
    for name in NAMES:
        others = [other for other in NAMES if other != name]
        for estimator in ("voxel", "crofton"):
            parts = [getattr(m.areas.interface(name, other), estimator) for other in others]
            whole = getattr(m.areas.phase(name), estimator)
            assert sum(parts) == pytest.approx(whole, rel=1e-9, abs=1e-30)
            assert min(parts) >= -1e-9 * whole


@given(volumes(), st.sampled_from(PERIODIC))
def test_two_phases_as_one_lose_the_interface_between_them(volume, periodic) -> None:
    merged = twin.Volume(volume.labels, volume.spacing, {"pore": 0, "solid": (1, 2), "Li2O2": 3})
    apart, together = (twin.surface_areas(v, periodic) for v in (volume, merged))
    for estimator in ("voxel", "marching_cubes", "crofton"):
        am, cbd, between = (
            getattr(area, estimator)
            for area in (apart.phase("AM"), apart.phase("CBD"), apart.interface("AM", "CBD"))
        )
        solid = getattr(together.phase("solid"), estimator)
        assert solid == pytest.approx(am + cbd - 2 * between, rel=1e-9, abs=1e-9 * (am + cbd))


@given(volumes(), st.sampled_from(PERIODIC), st.permutations(list(NAMES)))
def test_the_order_of_the_names_does_not_matter(volume, periodic, names) -> None:
    renamed = twin.Volume(volume.labels, volume.spacing, {name: NAMES[name] for name in names})
    here, there = (twin.characterize(v, periodic) for v in (volume, renamed))
    for first, second in permutations(NAMES, 2):
        found = there.areas.interface(first, second).to_dict()
        assert found == pytest.approx(here.areas.interface(first, second).to_dict(), rel=1e-9)
    for triple in here.triple_lines:
        found = there.line_density(*triple)
        assert found.smooth == pytest.approx(here.line_density(*triple).smooth, rel=1e-9)
        assert found.edges == pytest.approx(here.line_density(*triple).edges, rel=1e-9)
