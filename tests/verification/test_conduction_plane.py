r"""Conduction in the plane: Keller's reciprocity, checkerboards, corners.

Keller 1964, J. Math. Phys. 5, 548: swapping two conductivities and the axis gives
k_x(k1, k2) k_y(k2, k1) = k1 k2, or for any phases k_x(k) k_y(1/k) = 1.  The discrete equations
have an exact twin.  Their network lives on voxel centres; its dual lives on voxel corners, and the
dual of a conductance g is 1/g, so that the product of the two end-to-end conductances is one.  On
the corners 1/g is the mean of 1/k of the two voxels beside an edge, which is what linear finite
elements on right triangles give for the conductivity 1/k.  Elements bound their conductivity from
above, so voxels bound theirs from below, and the product k_x k_y / (k1 k2) is below one by both
errors together.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from support import network
from support.conduction import conduct, effective, random_labels

from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.verification

KELLER = "Keller 1964, J. Math. Phys. 5, 548"
DYKHNE = "Dykhne 1971, Sov. Phys. JETP 32, 63"


def conductance_on_corners(labels, conductivity, spacing, contact=None) -> float:
    """Conductance along y, between no-flux sides in x, of the dual network: 1/g on its edges.

    Nodes are the corners of voxels, (nx + 1) x (ny - 1) of them, between two ends at y = 0 and
    y = ny; each edge crosses one resistor of the network that is driven along x.
    """
    nx, ny = labels.shape[:2]
    hx, hy, hz = spacing
    resistance = np.zeros((2, nx, ny))  # of half a voxel along x and along y
    for label, value in conductivity.items():
        kx, ky, _ = np.broadcast_to(value, 3)
        resistance[0][labels[:, :, 0] == label] = hx / (2 * hy * hz * kx)
        resistance[1][labels[:, :, 0] == label] = hy / (2 * hx * hz * ky)
    number = np.arange((nx + 1) * (ny - 1)).reshape(nx + 1, ny - 1)
    ends = (number.size, number.size + 1)
    graph = np.zeros((number.size + 2, number.size + 2))
    for i in range(nx + 1):
        for j in range(ny):
            sides = [a for a in (i - 1, i) if 0 <= a < nx]
            g = sum(resistance[0, a, j] for a in sides)
            if len(sides) == 2:
                g += between(labels, contact, (i - 1, j), (i, j)) / (hy * hz)
            low = number[i, j - 1] if j > 0 else ends[0]
            high = number[i, j] if j < ny - 1 else ends[1]
            graph[low, high] = graph[high, low] = g
    for i in range(nx):
        for j in range(ny - 1):
            g = resistance[1, i, j] + resistance[1, i, j + 1]
            g += between(labels, contact, (i, j), (i, j + 1)) / (hx * hz)
            a, b = number[i, j], number[i + 1, j]
            graph[a, b] = graph[b, a] = g
    return network.eliminate(graph)


def between(labels, contact, here, there) -> float:
    pair = (int(labels[*here, 0]), int(labels[*there, 0]))
    return (contact or {}).get((min(pair), max(pair)), 0.0)


@pytest.mark.parametrize("contrast", [10.0, 1e4, 1e8])
@pytest.mark.parametrize("kind", ["numbers", "one for each axis", "with contact resistance"])
def test_the_network_on_corners_is_the_inverse_exactly(contrast, kind, record_verification):
    """Conductance along x on centres times conductance along y on corners is one."""
    labels = random_labels(5, (14, 11, 1), 3, 0.0)
    spacing = (2.0, 0.7, 3.0)
    k = {1: contrast, 2: contrast**0.4, 3: 1.0}
    if kind == "one for each axis":
        k = {1: (contrast, 1.0, 9.0), 2: (3.0, contrast**0.4, 9.0), 3: (1.0, contrast, 9.0)}
    contact = {(1, 3): 40.0 / contrast, (1, 2): 3.0} if kind == "with contact resistance" else {}
    volume = Volume(labels, spacing, {"p1": 1, "p2": 2, "p3": 3})
    named = {f"p{label}": value for label, value in k.items()}
    contacts = {(f"p{a}", f"p{b}"): r for (a, b), r in contact.items()}
    flow = conduct(volume, named, "x", contact=contacts).flow
    product = flow * conductance_on_corners(labels, k, spacing, contact)
    record_verification(
        f"network on centres times network on corners, contrast {contrast:g}, {kind}",
        1, product, abs(product - 1), source=KELLER,
    )  # fmt: skip
    assert product == pytest.approx(1, rel=1e-9)


def swapped_product(labels, contrast, times: int) -> float:
    """k_x(1, c) k_y(c, 1) / c, every voxel cut into times x times."""
    fine = np.repeat(np.repeat(labels, times, 0), times, 1)
    volume = Volume(fine, (1.0, 2.0, 1.0), {"A": 1, "B": 2})
    along = effective(conduct(volume, {"A": 1.0, "B": contrast}, "x"))
    across = effective(conduct(volume, {"A": contrast, "B": 1.0}, "y"))
    return along * across / contrast


@pytest.mark.parametrize("contrast", [3.0, 10.0, 100.0])
def test_reciprocity_is_reached_from_below(contrast, record_verification):
    """White noise has corners of a checkerboard, so the order is theirs: 8/pi atan(1/sqrt c)."""
    labels = random_labels(1, (7, 5, 1), 2, 0.0)
    products = np.array([swapped_product(labels, contrast, n) for n in (1, 2, 4, 8, 16)])
    below = 1 - products
    orders = np.log2(below[:-1] / below[1:])
    expected = 8 / np.pi * np.arctan(contrast**-0.5)
    record_verification(
        f"Keller's product on a random image, contrast {contrast:g}, voxels cut 16 x 16",
        1, products[-1], below[-1], order=orders[-1], source=KELLER,
    )  # fmt: skip
    assert (below > 0).all()
    assert (orders > 0).all()
    assert orders[-1] == pytest.approx(expected, abs=0.1)


def order_of_corner(contrast: float) -> float:
    r"""Twice the smallest exponent of a field r^p at the corner of a square of conductivity c.

    Even modes cos(p f) within the square, |f| < pi/4, and cos(p (pi - f)) around it fit together
    where c tan(p pi/4) = -tan(3 p pi/4); odd ones, with sines, where c tan(3 p pi/4) =
    -tan(p pi/4).  Written without poles.
    """

    def even(p: float) -> float:
        near, far = p * np.pi / 4, 3 * p * np.pi / 4
        return contrast * np.sin(near) * np.cos(far) + np.sin(far) * np.cos(near)

    def odd(p: float) -> float:
        near, far = p * np.pi / 4, 3 * p * np.pi / 4
        return contrast * np.sin(far) * np.cos(near) + np.sin(near) * np.cos(far)

    roots = [brentq(mode, 0.5, 1.0 - 1e-9) for mode in (even, odd) if mode(0.5) * mode(1.0) < 0]
    return 2 * min(roots)


@pytest.mark.parametrize("contrast", [1e-3, 0.1, 10.0, 1e3])
def test_squares_apart_converge_at_the_order_of_their_corners(contrast, record_verification):
    """A square array of squares of side one half: reciprocity, and an order between 4/3 and 2."""
    sizes = (8, 16, 32, 64, 128)
    found, products = [], []
    for n in sizes:
        labels = np.ones((n, n, 1), np.uint8)
        labels[: n // 2, : n // 2] = 2  # a quarter of the cell, by symmetry
        volume = Volume(labels, phases={"A": 1, "B": 2})
        one, other = (
            effective(conduct(volume, {"A": a, "B": b}, "x"))
            for a, b in ((1.0, contrast), (contrast, 1.0))
        )
        found.append(one)
        products.append(one * other / contrast)
    below = 1 - np.array(products)
    orders = np.log2(below[:-1] / below[1:])
    steps = np.diff(found)
    expected = order_of_corner(contrast)
    record_verification(
        f"Keller's product, squares of conductivity {contrast:g}, 128 voxels",
        1, products[-1], below[-1], order=orders[-1], source=KELLER,
    )  # fmt: skip
    assert 4 / 3 < expected < 2
    assert (below > 0).all()
    assert (steps > 0).all()
    assert orders[-1] == pytest.approx(expected, abs=0.05)
    assert np.log2(steps[-2] / steps[-1]) == pytest.approx(expected, abs=0.05)


def limit_of_corners(values: np.ndarray, order: float) -> float:
    """Value at t = 0 of (a + b t) / (1 + d t) with t = h^order, through grids h, h/2, h/4."""
    t = 2.0 ** (-order * np.arange(3))
    return float(np.linalg.solve(np.stack([np.ones(3), t, -values * t], axis=1), values)[0])


@pytest.mark.parametrize("contrast", [10.0, 1e2, 1e4])
def test_checkerboard_by_way_of_its_corners(contrast, record_verification):
    r"""sqrt(k_A k_B), which at contrast 1e4 no grid comes near, from three grids and an exponent.

    At a corner the field is r^p + s r^-p, p = 4/pi atan(1/sqrt c), with s = 0.  Voxels of edge h
    see the corner as a body of their size, which gives s = s_1 h^(2p); all else answers linearly
    to the four corners, so k is a ratio (a + b t) / (1 + d t) of t = h^(2p), for small p and large
    t too.  What is left falls with at least the second power of h.
    """
    order = 8 / np.pi * np.arctan(contrast**-0.5)
    exact = np.sqrt(contrast)
    sizes = (8, 16, 32, 64, 128)
    found = np.array([
        effective(conduct(generate.checkerboard((n, n, 1), n // 2), {"A": 1.0, "B": contrast}))
        for n in sizes
    ])  # fmt: skip
    limits = np.array([limit_of_corners(found[i : i + 3], order) for i in range(len(sizes) - 2)])
    errors = np.abs(limits / exact - 1)
    orders = np.log2(errors[:-1] / errors[1:])
    record_verification(
        f"checkerboard, contrast {contrast:g}, {sizes[-1]} voxels",
        exact, found[-1], abs(found[-1] / exact - 1), source=DYKHNE,
    )  # fmt: skip
    record_verification(
        f"the same, extrapolated from 32, 64 and 128 voxels with the exponent {order:.3f}",
        exact, limits[-1], errors[-1], order=orders[-1], source=DYKHNE,
    )  # fmt: skip
    assert (np.diff(found) > 0).all()
    assert found[-1] < exact
    assert orders[-1] > 1.95
    assert errors[-1] < 0.01


@pytest.mark.parametrize("contrast", [10.0, 1e4])
def test_a_checkerboard_and_its_dual_stand_at_equal_ratios_from_the_limit(
    contrast, record_verification
):
    """Swapped colours are the same board, so elements on corners give k_A k_B over the voxels'."""
    n = 12
    volume = generate.checkerboard((n, n, 1), n // 2)
    k = {0: 1.0, 1: contrast}
    below = effective(conduct(volume, {"A": 1.0, "B": contrast}, "x"))
    inverse = {label: contrast / value for label, value in k.items()}
    # On corners the conductivity is 1/k of what is given: k_A k_B / k is the swapped board.
    above = conductance_on_corners(volume.labels, inverse, (1.0, 1.0, 1.0)) * contrast
    mean = np.sqrt(below * above)
    record_verification(
        f"geometric mean of voxels and elements, checkerboard, contrast {contrast:g}, 12 voxels",
        np.sqrt(contrast), mean, abs(mean / np.sqrt(contrast) - 1), source=DYKHNE,
    )  # fmt: skip
    assert below < np.sqrt(contrast) < above
    assert mean == pytest.approx(np.sqrt(contrast), rel=1e-9)
