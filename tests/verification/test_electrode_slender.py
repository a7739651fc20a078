"""Slender pores that end, step, widen and narrow, against closed forms of one dimension.

Two gaps lie between voxels and a closed form, and both are closed here: the pore is as slender as
its width d over its length L allows, an error that falls with (d / L)^2, and stairs stand for
slopes, an error that falls with the number of stairs.  Between them stands the chain of layers,
which is what voxels give in the limit of a slender pore.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode_cases import ask

pytestmark = pytest.mark.verification


def profile(shape: str, across: int) -> list[int]:
    """Voxels across half of the pore in each of four times as many layers."""
    depth = (np.arange(4 * across) + 0.5) / (4 * across)
    kind, _, number = shape.partition(" ")
    if kind == "dead":
        width = np.where(depth < float(number), 1.0, 0.0)
    elif kind == "steps":
        first, second = (float(part) for part in number.split("|"))
        width = np.where(depth < 0.5, first, second) / max(first, second)
    else:
        g = float(number)
        width = (1 - g * depth) / max(1.0, 1 - g)
    return np.rint(width * across).astype(int).tolist()


CLOSED = {
    "dead 0.5": exact.dead_end(0.5),
    "dead 0.75": exact.dead_end(0.75),
    "steps 8|4": exact.two_steps(8, 4),
    "steps 4|8": exact.two_steps(4, 8),
    "slope 1": exact.wedge(1.0),
    "slope 0.5": exact.wedge(0.5),
    "slope -1": exact.wedge(-1.0),
    "slope -3": exact.wedge(-3.0),
}
CONES = {f"slope {g:g}": exact.cone(g) for g in (1.0, 0.75, 0.5, -1.0, -3.0)}
ASPECTS = np.array([1 / 4, 1 / 8, 1 / 16, 1 / 32])
"""Greatest width of the pore over its length."""


def solved(shape: str, across: int, aspect: float, square: bool) -> tuple[float, float]:
    """tau_e by the package, and of the chain of layers."""
    widths = profile(shape, across)
    along, transverse = 1 / len(widths), aspect / 2 / across
    make = shapes.quarter_channel if square else shapes.half_slit
    found = ask(make(widths, (along, transverse, transverse))).tortuosity_factor
    return found, exact.slender_chain(widths, along, transverse, square)


@pytest.mark.parametrize(
    ("shape", "square"), [(s, False) for s in CLOSED] + [(s, True) for s in CONES]
)
def test_slender_pores_approach_their_chain(shape, square, record_verification):
    """From above, within (d / L)^2 at every width, at an order that climbs towards 2.

    A step adds the resistance of its constriction, a fixed one: (d / L) / 4 there.
    """
    across, aspects = (12, ASPECTS[:3]) if square else (32, ASPECTS)
    pairs = np.array([solved(shape, across, aspect, square) for aspect in aspects])
    errors = pairs[:, 0] / pairs[:, 1] - 1
    orders = np.log2(errors[:-1] / errors[1:])
    record_verification(
        f"electrode, slender {'pyramid' if square else 'slit'}, {shape}, d / L = {aspects[-1]:g}, "
        "against its chain of layers",
        pairs[-1, 1], pairs[-1, 0], errors[-1], order=orders[-1],
    )  # fmt: skip
    assert (errors > 0).all()
    step = shape.startswith("steps")
    assert (errors < (aspects / 4 if step else aspects**2)).all()
    assert (1.0 if step else 1.4) < orders[-1] < 2.1


@pytest.mark.parametrize(
    ("shape", "square"), [(s, False) for s in CLOSED] + [(s, True) for s in CONES]
)
def test_chains_approach_the_closed_form_with_their_stairs(shape, square):
    """At first order in the stairs, and in the layers at a step; a dead end at second order.

    The pore is so slender that the faces of ends and steps charge next to nothing.
    """
    closed = (CONES if square else CLOSED)[shape]
    found = np.array([
        exact.slender_chain(profile(shape, n), 1 / (4 * n), 5e-6 / n, square)
        for n in (16, 32, 64, 128, 256)
    ])  # fmt: skip
    errors = np.abs(found / closed - 1)
    assert errors[-1] < (2e-5 if shape.startswith("dead") else 1 / 256)
    if not shape.startswith("dead"):  # the charge of its end is left
        assert 0.9 < np.log2(errors[0] / errors[-1]) / 4 < 1.3


@pytest.mark.parametrize(
    ("shape", "square"), [(s, False) for s in CLOSED] + [(s, True) for s in CONES]
)
def test_slender_pores_against_closed_forms(shape, square, record_verification):
    """d = L / 32: stairs leave 1 / n of them, and (d / L)^2 is far below that.

    The charge of the end of a dead end is left with 1.5 d / L, the constriction of a step with
    0.5 d / L.
    """
    across = 16 if square else 64
    found, _ = solved(shape, across, 1 / 32, square)
    closed = (CONES if square else CLOSED)[shape]
    error = abs(found / closed - 1)
    record_verification(
        f"electrode, slender {'pyramid' if square else 'slit'}, {shape}, {across} voxels across, "
        "d / L = 1/32",
        closed, found, error,
    )  # fmt: skip
    tolerance = {"slope": 1.2 / across, "dead": 1.5 / 32, "steps": 0.5 / 32}
    assert error < tolerance[shape.split()[0]]


@pytest.mark.parametrize(
    ("oblique", "by_face", "by_area"), [("collector", 1.5, 1.3076), ("separator", 1.5, 1.6716)]
)
def test_stairs_weigh_more_than_the_walls_they_stand_for(oblique, by_face, by_area):
    """A pore of which one half climbs at 45 degrees, and so has twice the resistance.

    Its walls are sqrt(2) as long as those of the other half and 2 as long in faces of voxels, an
    error that no refinement takes away: 15 % up, or 10 % down.  With smooth normals a face weighs
    with its true area, here 1 / sqrt(2) beside the oblique half.
    """
    oblique_area = np.sqrt(2) / (1 + np.sqrt(2))
    for number, charge in ((by_face, 2 / 3), (by_area, oblique_area)):
        near, far = (1.0, 2.0) if oblique == "collector" else (2.0, 1.0)
        rear = charge if oblique == "collector" else 1 - charge
        energy = near * (1 + rear + rear**2) + far * rear**2
        assert 0.5 * energy == pytest.approx(number, abs=6e-5)
    volume = shapes.bent_pore(320, 24, oblique)
    pore = 24 / volume.shape[1] / volume.volume_fraction("pore")
    faces = ask(volume).tortuosity_factor * pore
    smooth = ask(volume, area="smooth").tortuosity_factor * pore
    known = ask(volume, reactive={"AM": 1.0, "oblique": 2**-0.5}).tortuosity_factor * pore
    assert faces == pytest.approx(by_face, rel=0.02)
    assert known == pytest.approx(by_area, rel=0.02)
    assert smooth == pytest.approx(known, rel=0.01)


def test_dead_ends_make_the_electrode_look_better_than_the_through_path():
    """tau_e of a bundle falls with every pore that ends before the collector; tau does not."""
    found = [
        ask(shapes.bundle((20, 20, 20, 20)[: 4 - n] + (10,) * n, 20), through=True)
        for n in (0, 1, 2, 3)
    ]
    electrode = [e.tortuosity_factor for e in found]
    assert (np.diff(electrode) < 0).all()
    # Through a straight pore the factor is 1, over what share of the pores ends on the way.
    through = [e.through.tortuosity_factor for e in found]
    assert through == pytest.approx([(80 - 10 * n) / (80 - 20 * n) for n in range(4)], rel=1e-9)
    assert electrode[0] == pytest.approx(exact.straight_pore(20, 2, "half-face"), rel=1e-9)
    assert (np.array(electrode[1:]) < np.array(through[1:])).all()
