"""A simple cubic array of spheres against Rayleigh's method carried to multipoles of high degree.

A voxelised sphere is a body of stairs: its wall lies off by up to a voxel, so the error falls
with the voxel edge to about the first power, and it wobbles because the number of voxels in the
ball does.  Comparing at the fraction that the voxels have takes most of the wobble out.
"""

from __future__ import annotations

import numpy as np
import pytest
from support.solving import TIGHT, conduct, effective, effective_conductivity
from support.sphere_lattice import effective_conductivity as exact_conductivity

from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

SOURCE = "McPhedran & McKenzie 1978, doi:10.1098/rspa.1978.0031, multipoles to degree 19 computed"
INSULATING = 0.0


def octant(cells: int, fraction: float) -> Volume:
    """An eighth of the unit cell: its three inner faces are planes of symmetry.

    Across the driven axis the middle plane is equipotential, along the sides it carries no flux,
    so an octant between plain faces has the conductivity of the infinite array.
    """
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3) * cells
    whole = generate.sphere_array((cells, cells, cells), radius)
    half = cells // 2
    return Volume(whole.labels[:half, :half, :half], phases=whole.phases)


def conductivity_of(volume: Volume, spheres: float) -> float:
    phases = {"matrix": 1.0} if spheres == INSULATING else {"matrix": 1.0, "sphere": spheres}
    return effective_conductivity(volume, phases)


@pytest.mark.parametrize("spheres", [INSULATING, 10.0, 1e6])
def test_the_multipole_solution_is_maxwell_at_degree_one_and_converged_at_nineteen(spheres):
    contrast = (spheres + 2) / (1 - spheres)
    maxwell = 1 - 3 * 0.3 / (contrast + 0.3)
    assert exact_conductivity(0.3, spheres, degree=1) == pytest.approx(maxwell, rel=1e-12)
    converged = exact_conductivity(0.3, spheres)
    assert exact_conductivity(0.3, spheres, degree=15) == pytest.approx(converged, rel=1e-8)
    assert abs(converged / maxwell - 1) > 1e-3  # the higher multipoles matter


# Sangani & Acrivos 1983, doi:10.1098/rspa.1983.0036, as printed again by Andrianov & Topol,
# arXiv:1106.1783, equation 157: simple cubic array of perfect conductors.
PUBLISHED = (1.305, 0.231, 0.405, 0.0723, 0.153, 0.0105)


def published_series(f: float) -> float:
    a1, a2, a3, a4, a5, a6 = PUBLISHED
    octupoles = a1 * f ** (10 / 3) * (1 + a2 * f ** (11 / 3)) / (1 - a3 * f ** (7 / 3))
    further = a4 * f ** (14 / 3) + a5 * f**6 + a6 * f ** (22 / 3)
    return 1 - 3 * f / (-1 + f + octupoles + further)


@pytest.mark.parametrize(
    ("fraction", "relative"), [(0.02, 1e-9), (0.1, 1e-6), (0.2, 1e-5), (0.3, 2e-4)]
)
def test_the_published_series_agrees_with_the_multipole_solution(
    fraction, relative, record_verification
):
    """As far as three printed digits and a remainder of order f^(25/3) let it."""
    conductors = 1e12
    found = exact_conductivity(fraction, conductors)
    expected = published_series(fraction)
    record_verification(
        f"multipole solution of perfect conductors, fraction {fraction}, and published series",
        expected, found, abs(found / expected - 1),
        source="Sangani & Acrivos 1983, doi:10.1098/rspa.1983.0036, in arXiv:1106.1783",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=relative)


def test_nearly_perfect_conductors_against_the_published_series(record_verification):
    """The package's own answer for 64^3 voxels, at the fraction that the voxels have."""
    volume = octant(64, 0.2)
    found = conductivity_of(volume, 1e4)
    expected = published_series(volume.volume_fraction("sphere"))
    record_verification(
        "cubic array of spheres of conductivity 1e4, fraction 0.2, 64 voxels",
        expected, found, abs(found / expected - 1),
        source="Sangani & Acrivos 1983, doi:10.1098/rspa.1983.0036, in arXiv:1106.1783",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("spheres", [INSULATING, 10.0])
def test_the_multipole_solution_leaves_maxwell_at_the_power_ten_thirds(spheres):
    """3 f / (1 - k) = (k_s + 2) / (1 - k_s) + f + O(f^(10/3)), as Rayleigh found."""
    fractions = np.array([0.01, 0.02, 0.04])
    contrast = (spheres + 2) / (1 - spheres)
    found = np.array([exact_conductivity(f, spheres) for f in fractions])
    beyond_maxwell = np.abs(3 * fractions / (1 - found) - contrast - fractions)
    orders = np.log2(beyond_maxwell[1:] / beyond_maxwell[:-1])
    assert orders == pytest.approx(10 / 3, abs=0.01)


@pytest.mark.parametrize(
    ("spheres", "fraction", "scatter"),
    [(INSULATING, 0.3, 0.005), (INSULATING, 0.45, 0.015), (1000.0, 0.3, 0.005)],
)
def test_spheres_converge_at_about_first_order(spheres, fraction, scatter, record_verification):
    """`scatter`: at a fraction of 0.45 the gap between two spheres is 3 voxels of 64."""
    cells = np.array([8, 12, 16, 20, 24, 32, 40, 48, 64])
    found, exact = [], []
    for n in cells:
        volume = octant(int(n), fraction)
        found.append(conductivity_of(volume, spheres))
        exact.append(exact_conductivity(volume.volume_fraction("sphere"), spheres))
    errors = np.array(found) / np.array(exact) - 1
    order = -np.polyfit(np.log(cells), np.log(np.abs(errors)), 1)[0]
    limit = np.polyfit(1 / cells[3:], errors[3:], 1)[1]
    record_verification(
        f"cubic array of spheres of conductivity {spheres:g}, fraction {fraction}, 64 voxels",
        exact[-1], found[-1], abs(errors[-1]), order=order, source=SOURCE,
    )  # fmt: skip
    record_verification(
        f"the same, extrapolated to fine voxels ({spheres:g}, {fraction})",
        1.0, 1.0 + limit, abs(limit), source=SOURCE,
    )  # fmt: skip
    assert 0.6 < order < 1.3
    assert abs(errors[-1]) < 0.025
    assert abs(limit) < scatter


def test_moderate_contrast_is_within_a_few_thousandths(record_verification):
    """Errors of both signs cancel at contrast 10, so no order is read off."""
    volume = octant(48, 0.3)
    found = conductivity_of(volume, 10.0)
    exact = exact_conductivity(volume.volume_fraction("sphere"), 10.0)
    record_verification(
        "cubic array of spheres of conductivity 10, fraction 0.3, 48 voxels",
        exact, found, abs(found / exact - 1), source=SOURCE,
    )  # fmt: skip
    assert found == pytest.approx(exact, rel=3e-3)


@pytest.mark.parametrize("sides", ["no-flux", "periodic"])
def test_the_whole_cell_and_an_array_of_cells_are_the_octant(sides):
    """By symmetry, also in the discrete problem."""
    eighth = conductivity_of(octant(12, 0.3), INSULATING)
    radius = (3 * 0.3 / (4 * np.pi)) ** (1 / 3) * 12
    for repeat in ((1, 1, 1), (2, 1, 1), (1, 2, 1)):
        array = generate.sphere_array((12, 12, 12), radius, repeat=repeat)
        found = effective(conduct(array, {"matrix": 1.0}, "x", sides, TIGHT))
        assert found == pytest.approx(eighth, rel=1e-9)


def test_spheres_in_voxels_of_unequal_edges(record_verification):
    """The cell is a cube in metres, 64 x 32 x 32 voxels."""
    radius = (3 * 0.3 / (4 * np.pi)) ** (1 / 3) * 64e-9
    volume = generate.sphere_array((64, 32, 32), radius, (1e-9, 2e-9, 2e-9))
    quarter = Volume(volume.labels[:32, :16, :16], volume.spacing, volume.phases)
    fraction = quarter.volume_fraction("sphere")
    exact = exact_conductivity(fraction, INSULATING)
    errors = {a: effective_conductivity(quarter, {"matrix": 1.0}, a) / exact - 1 for a in "xyz"}
    for axis, error in errors.items():
        record_verification(
            f"cubic array of insulating spheres, voxels 1:2:2, {axis}",
            exact, exact * (1 + error), abs(error), source=SOURCE,
        )  # fmt: skip
    assert errors["y"] == pytest.approx(errors["z"], abs=1e-9)
    assert max(map(abs, errors.values())) < 0.04
