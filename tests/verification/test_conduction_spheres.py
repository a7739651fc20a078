"""Cubic arrays of spheres that conduct better or worse, with and without contact resistance.

Against Rayleigh's method with all multipoles (tests/support/sphere_lattice.py).  The surface of a
sphere made of voxels is one of stairs.  Without contact resistance that only displaces it, and the
error vanishes with the voxel.  A contact resistance acts on the area of the stairs, which is
|n_x| + |n_y| + |n_z| times that of the sphere at every resolution, one and a half times on average:
the answer converges to that of a sphere whose resistance is lower by this factor, direction by
direction.  Times 1.5, the resistance is right on average.
"""

from __future__ import annotations

import numpy as np
import pytest
from support.conduction import conduct, effective
from support.sphere_lattice import Contact, conductivity_with_contact, effective_conductivity

from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

RAYLEIGH = "McPhedran & McKenzie 1978, doi:10.1098/rspa.1978.0031, multipoles to degree 19 computed"
MAXWELL = "Maxwell 1873, A Treatise on Electricity and Magnetism, art. 314"
HASSELMAN = "Hasselman & Johnson 1987, J. Compos. Mater. 21, 508"
CONTACT = "Cheng & Torquato 1997, Proc. R. Soc. Lond. A 453, 145; multipoles to degree 19 computed"

CELLS = np.array([12, 16, 20, 24, 32, 40, 48])
"""Voxels along the edge of a unit cell."""


def octant(cells: int, fraction: float) -> Volume:
    """An eighth of the unit cell between planes of symmetry."""
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3) * cells
    whole = generate.sphere_array((cells, cells, cells), radius)
    half = cells // 2
    return Volume(whole.labels[:half, :half, :half], phases=whole.phases)


def conductivity_of(volume: Volume, spheres: float, contact: float = 0.0) -> float:
    """`contact` is R k_matrix in voxels."""
    between = {("matrix", "sphere"): contact} if contact else {}
    return effective(conduct(volume, {"matrix": 1.0, "sphere": spheres}, contact=between))


def fitted_order(errors: np.ndarray) -> float:
    return float(-np.polyfit(np.log(CELLS), np.log(np.abs(errors)), 1)[0])


def fitted_limit(errors: np.ndarray) -> float:
    """Error of infinitely fine voxels, on a straight line over the voxel edge."""
    return float(np.polyfit(1 / CELLS, errors, 1)[1])


def errors_of(fraction: float, spheres: float) -> np.ndarray:
    errors = []
    for cells in CELLS:
        volume = octant(int(cells), fraction)
        exact = effective_conductivity(volume.volume_fraction("sphere"), spheres)
        errors.append(conductivity_of(volume, spheres) / exact - 1)
    return np.array(errors)


@pytest.mark.parametrize("fraction", [0.1, 0.3])
@pytest.mark.parametrize("spheres", [1e-4, 1e-2, 0.1])
def test_poor_spheres_converge_at_about_first_order(spheres, fraction, record_verification):
    errors = errors_of(fraction, spheres)
    limit = fitted_limit(errors)
    name = f"spheres of conductivity {spheres:g}, fraction {fraction}"
    exact = effective_conductivity(fraction, spheres)
    record_verification(
        f"{name}, {CELLS[-1]} voxels", exact, exact * (1 + errors[-1]), abs(errors[-1]),
        order=fitted_order(errors), source=RAYLEIGH,
    )  # fmt: skip
    record_verification(
        f"{name}, extrapolated", exact, exact * (1 + limit), abs(limit), source=RAYLEIGH
    )
    assert (errors < 0).all()  # voxels conduct less than what they stand for
    assert fitted_order(errors) == pytest.approx(1, abs=0.25)
    assert abs(limit) < 5e-3


@pytest.mark.parametrize("fraction", [0.1, 0.3])
@pytest.mark.parametrize("spheres", [10.0, 1e2, 1e4])
def test_good_spheres_are_met_from_both_sides(spheres, fraction, record_verification):
    """Gaps close early and stairs conduct poorly: two errors of first order and unlike sign."""
    errors = errors_of(fraction, spheres)
    limit = fitted_limit(errors)
    name = f"spheres of conductivity {spheres:g}, fraction {fraction}"
    exact = effective_conductivity(fraction, spheres)
    record_verification(
        f"{name}, {CELLS[-1]} voxels", exact, exact * (1 + errors[-1]), abs(errors[-1]),
        source=RAYLEIGH,
    )  # fmt: skip
    record_verification(
        f"{name}, extrapolated", exact, exact * (1 + limit), abs(limit), source=RAYLEIGH
    )
    assert (np.abs(errors) < 0.6 / CELLS).all()
    assert abs(limit) < 6e-3


@pytest.mark.parametrize("spheres", [1e-4, 0.1, 10.0, 1e4])
def test_maxwell_for_few_spheres(spheres, record_verification):
    """At a fraction of 0.05 the multipoles beyond the dipole change k by 3e-5 at most."""
    volume = octant(60, 0.05)
    fraction = volume.volume_fraction("sphere")
    beta = (spheres - 1) / (spheres + 2)
    exact = (1 + 2 * fraction * beta) / (1 - fraction * beta)
    found = conductivity_of(volume, spheres)
    error = abs((found - 1) / (exact - 1) - 1)
    record_verification(
        f"few spheres of conductivity {spheres:g}, error of k - 1", exact, found, error,
        source=MAXWELL,
    )  # fmt: skip
    assert error < 0.06


@pytest.mark.parametrize("resistance", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("spheres", [0.1, 10.0, 1e4])
def test_the_multipole_solution_with_contact(spheres, resistance, record_verification):
    """Hasselman and Johnson's formula is its first degree; no resistance and neutral spheres."""
    fraction = 0.3
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3)
    ratio = spheres * resistance / radius  # k_d / (a h_c) of the paper, with k_m = 1
    above = 2 * (spheres - ratio - 1) * fraction + spheres + 2 * ratio + 2
    below = (1 - spheres + ratio) * fraction + spheres + 2 * ratio + 2
    first = conductivity_with_contact(fraction, spheres, Contact(resistance), degree=1)
    record_verification(
        f"multipole solution at degree one, spheres {spheres:g}, R {resistance:g}",
        above / below, first, abs(first * below / above - 1), source=HASSELMAN,
    )  # fmt: skip
    assert first == pytest.approx(above / below, rel=1e-12)
    without = conductivity_with_contact(fraction, spheres, Contact(1e-13))
    assert without == pytest.approx(effective_conductivity(fraction, spheres), rel=1e-10)
    closed = conductivity_with_contact(fraction, spheres, Contact(1e12))
    assert closed == pytest.approx(effective_conductivity(fraction, 0.0), rel=1e-10)
    for stairs in (False, True):
        contact = Contact(resistance, stairs)
        converged = conductivity_with_contact(fraction, spheres, contact)
        lower = conductivity_with_contact(fraction, spheres, contact, degree=15)
        assert lower == pytest.approx(converged, rel=1e-5)


@pytest.mark.parametrize("spheres", [3.0, 100.0])
@pytest.mark.parametrize("fraction", [0.1, 0.4])
def test_a_resistance_that_makes_spheres_neutral(spheres, fraction):
    """R = a (1 / k_m - 1 / k_s): to an even field such a sphere is like its matrix."""
    radius = (3 * fraction / (4 * np.pi)) ** (1 / 3)
    contact = Contact(radius * (1 - 1 / spheres))
    assert conductivity_with_contact(fraction, spheres, contact) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    ("spheres", "resistance"), [(10.0, 0.1), (10.0, 1.0), (1e4, 0.1), (1e4, 10.0), (0.1, 1.0)]
)
def test_contact_resistance_converges_to_that_of_stairs(spheres, resistance, record_verification):
    """R k_matrix is given in edges of the unit cell, fraction 0.3."""
    errors, smooth = [], []
    for cells in CELLS:
        volume = octant(int(cells), 0.3)
        fraction = volume.volume_fraction("sphere")
        found = conductivity_of(volume, spheres, resistance * cells)
        stairs = conductivity_with_contact(fraction, spheres, Contact(resistance, stairs=True))
        errors.append(found / stairs - 1)
        smooth.append(found / conductivity_with_contact(fraction, spheres, Contact(resistance)) - 1)
    limit = fitted_limit(np.array(errors))
    name = f"spheres of conductivity {spheres:g} behind R {resistance:g}"
    exact = conductivity_with_contact(0.3, spheres, Contact(resistance, stairs=True))
    record_verification(
        f"{name}, {CELLS[-1]} voxels, against stairs", exact, exact * (1 + errors[-1]),
        abs(errors[-1]), order=fitted_order(np.array(errors)), source=CONTACT,
    )  # fmt: skip
    record_verification(
        f"{name}, extrapolated, against stairs", exact, exact * (1 + limit), abs(limit),
        source=CONTACT,
    )  # fmt: skip
    assert abs(limit) < 5e-3
    assert abs(errors[-1]) < 0.02
    # Where the resistance matters the smooth sphere is another answer, and stays one.
    apart = conductivity_with_contact(0.3, spheres, Contact(resistance)) / exact - 1
    assert fitted_limit(np.array(smooth)) == pytest.approx(1 / (1 + apart) - 1, abs=5e-3)


@pytest.mark.parametrize(("spheres", "resistance"), [(10.0, 0.1), (10.0, 1.0), (1e4, 0.1)])
def test_half_as_much_again_makes_up_for_the_stairs(spheres, resistance, record_verification):
    volume = octant(48, 0.3)
    fraction = volume.volume_fraction("sphere")
    exact = conductivity_with_contact(fraction, spheres, Contact(resistance))
    found = conductivity_of(volume, spheres, 1.5 * resistance * 48)
    record_verification(
        f"spheres of conductivity {spheres:g}, R {resistance:g} of a smooth surface, 1.5 R given",
        exact, found, abs(found / exact - 1), source=CONTACT,
    )  # fmt: skip
    assert found == pytest.approx(exact, rel=0.015)
