"""Layers of any phases, with contact resistance: exact at every resolution.

Every axis, both kinds of side, voxel edges that are never equal, conductivities up to 1e8 apart.
Relative errors of the effective conductivity.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from support.conduction import conduct, effective
from support.solving import ANISOTROPIC

from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

SIDES = ("no-flux", "periodic")
PERMUTATIONS = tuple(itertools.permutations("xyz", 2))
PAIRS = tuple(itertools.product("xyz", repeat=2))
EXACT = 1e-9

#: Thickness in voxels and conductivity along x, y, z of up to six phases, 1e8 apart.
THICKNESS = {"A": 2, "B": 1, "C": 3, "D": 1, "E": 2, "F": 1}
CONDUCTIVITY = {
    "A": (2.0, 5.0, 0.3),
    "B": (1e-4, 3e-4, 2e-4),
    "C": (1e4, 4e3, 2e4),
    "D": (7.0, 7.0, 7.0),
    "E": (0.02, 1.0, 50.0),
    "F": (300.0, 0.4, 1e4),
}


def stack(phases: int, normal: str, odd: bool = False) -> Volume:
    """Layers across an axis; whole periods, or one voxel more."""
    thickness = {name: THICKNESS[name] for name in list(THICKNESS)[:phases]}
    size = [5, 4, 3] if odd else [4, 6, 2]
    size["xyz".index(normal)] = 2 * sum(thickness.values()) + odd
    return generate.layers(tuple(size), normal, thickness, ANISOTROPIC)


def conductivity_of(volume: Volume) -> dict[str, tuple[float, float, float]]:
    return {name: CONDUCTIVITY[name] for name in volume.phases}


def profile(volume: Volume, normal: str) -> list[str]:
    """Names of the layers in order."""
    names = {label: name for name in volume.phases for label in volume.label_values(name)}
    labels = np.moveaxis(volume.labels, "xyz".index(normal), 0)[:, 0, 0]
    return [names[int(label)] for label in labels]


def check(record: Callable[..., None], name: str, exact: float, found: list[float]) -> None:
    """Record the one that is farthest off, and hold all of them to the exact value."""
    worst = max(found, key=lambda value: abs(value / exact - 1))
    record(name, exact, worst, abs(worst / exact - 1))
    assert found == pytest.approx(len(found) * [exact], rel=EXACT)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("phases", [2, 3, 4, 6])
def test_in_series(phases, axis, record_verification):
    """1 / k is the mean of 1 / k along the drive."""
    volume = stack(phases, axis)
    k = {name: value["xyz".index(axis)] for name, value in conductivity_of(volume).items()}
    exact = 1 / np.mean([1 / k[name] for name in profile(volume, axis)])
    found = [effective(conduct(volume, k, axis, sides)) for sides in SIDES]
    check(record_verification, f"{phases} phases in series, {axis}", exact, found)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("phases", [2, 3, 4, 6])
def test_in_parallel(phases, axis, record_verification):
    """k is the mean of k, whichever of the other axes the layers lie across."""
    for normal in set("xyz") - {axis}:
        volume = stack(phases, normal, odd=True)
        k = {name: value["xyz".index(axis)] for name, value in conductivity_of(volume).items()}
        exact = np.mean([k[name] for name in profile(volume, normal)])
        found = [effective(conduct(volume, k, axis, sides)) for sides in SIDES]
        name = f"{phases} phases in parallel across {normal}, {axis}"
        check(record_verification, name, exact, found)


@pytest.mark.parametrize(("normal", "axis"), PAIRS)
def test_a_conductivity_for_each_axis(normal, axis, record_verification):
    """Each phase conducts unlike along x, y and z; only the driven one counts."""
    volume = stack(6, normal, odd=True)
    k = conductivity_of(volume)
    along = np.array([k[name]["xyz".index(axis)] for name in profile(volume, normal)])
    exact = 1 / np.mean(1 / along) if normal == axis else along.mean()
    found = [effective(conduct(volume, k, axis, sides)) for sides in SIDES]
    name = f"6 phases with a conductivity for each axis, layers across {normal}, {axis}"
    check(record_verification, name, exact, found)


#: Resistances of interfaces over what a voxel of A resists; the other interfaces do not resist.
CONTACT = {("A", "B"): 1e4, ("B", "C"): 3.0, ("D", "C"): 0.2, ("F", "A"): 3e4}


def contacts_of(volume: Volume, normal: str) -> dict[tuple[str, str], float]:
    along = "xyz".index(normal)
    unit = volume.spacing[along] / CONDUCTIVITY["A"][along]
    here = set(volume.phases)
    return {pair: unit * r for pair, r in CONTACT.items() if set(pair) <= here}


def resistance_of(contacts: dict[tuple[str, str], float], a: str, b: str) -> float:
    return contacts.get((a, b), contacts.get((b, a), 0.0))


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize("phases", [2, 4, 6])
def test_contact_resistance_in_series(phases, axis, odd, record_verification):
    """Every interface adds its R to the sum of h / k; several kinds, several of each."""
    volume = stack(phases, axis, odd)
    along = "xyz".index(axis)
    k, contacts = conductivity_of(volume), contacts_of(volume, axis)
    names, h = profile(volume, axis), volume.spacing[along]
    bulk = {name: names.count(name) * h / k[name][along] for name in volume.phases}
    crossings = [resistance_of(contacts, a, b) for a, b in itertools.pairwise(names)]
    total = sum(bulk.values()) + sum(crossings)
    solutions = [conduct(volume, k, axis, sides, contacts) for sides in SIDES]
    assert sum(r > 0 for r in crossings) >= 2
    name = f"{phases} phases in series with contact resistance, {len(names)} layers, {axis}"
    found = [effective(solution) for solution in solutions]
    check(record_verification, name, len(names) * h / total, found)
    # One current through all: the heat of each is its part of the resistance.
    for solution in solutions:
        heat, taken = solution.shares.heat, solution.shares.interface_heat
        assert heat == pytest.approx({name: r / total for name, r in bulk.items()}, abs=1e-6)
        assert sum(taken.values()) == pytest.approx(sum(crossings) / total, rel=1e-6)


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("sides", SIDES)
@pytest.mark.parametrize(("normal", "axis"), PERMUTATIONS)
def test_contact_resistance_along_the_layers_changes_nothing(normal, axis, sides, odd):
    """Nothing crosses the interfaces, the one across the wrap included."""
    volume = stack(4, normal, odd)
    k = conductivity_of(volume)
    solution = conduct(volume, k, axis, sides, contacts_of(volume, normal))
    exact = np.mean([k[name]["xyz".index(axis)] for name in profile(volume, normal)])
    assert effective(solution) == pytest.approx(exact, rel=EXACT)
    assert max(solution.shares.interface_current.values()) < 1e-5


@pytest.mark.parametrize("width", [2, 3, 4, 5])
@pytest.mark.parametrize(("axis", "across"), PERMUTATIONS)
def test_an_interface_across_the_wrap(axis, across, width, record_verification):
    """Two voxels along the drive, a ring of two to five around: A meets B only at the wrap.

    B fills the last row.  A is the first voxel of row 0, so that what enters it must cross to B,
    over one face (two faces where the ring has two rows).
    """
    along, ring = "xyz".index(axis), "xyz".index(across)
    third = 3 - along - ring
    labels = np.zeros((2, width), np.uint8)
    labels[0, 0], labels[:, -1] = 1, 2
    axes = np.argsort([along, ring, third])
    volume = Volume(labels[:, :, None].transpose(axes), ANISOTROPIC, {"A": 1, "B": 2})
    h, w, t = (volume.spacing[a] for a in (along, ring, third))
    k = {"A": (3.0, 2.0, 7.0), "B": (0.5, 4.0, 0.2)}
    contact = 5 * w / k["A"][ring]
    half = {name: h / 2 / (w * t) / k[name][along] for name in "AB"}
    face = (w / 2 / k["A"][ring] + contact + w / 2 / k["B"][ring]) / (h * t)
    faces = 2 if width == 2 else 1
    by_way_of_a = 1 / (half["A"] + face / faces)
    into_b = 1 / half["B"] + by_way_of_a
    flow = 1 / (1 / into_b + 3 * half["B"])
    exact = flow * 2 * h / (width * w * t)
    solution = conduct(volume, k, axis, "periodic", {("B", "A"): contact})
    found = effective(solution)
    name = f"an interface across the wrap, {width} voxels around {across}, {axis}"
    check(record_verification, name, exact, [found])
    crossing = solution.shares.interface_current["A", "B"]
    assert crossing == pytest.approx(by_way_of_a / into_b, rel=1e-5)
