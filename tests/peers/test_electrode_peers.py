"""TauFactor's electrode solver, by way of its boundaries.

TauFactor 1.2 solves the same problem at a low frequency in complex numbers, with three boundaries
of its own: the separator one voxel from the first centres instead of half a voxel, the current
collector and the sides of the image charged as walls are, and a thickness of two voxels more.  The
direct solve with those three gives TauFactor's number, and with ours the package's, so they are all
of the difference.  All of them fall with the voxel, the charged collector with the width of the
pores over the thickness.
"""

from __future__ import annotations

import numpy as np
import pytest
from support import electrode_exact as exact
from support import electrode_shapes as shapes
from support.electrode import direct_electrode, half_cell, refined_solve
from support.electrode_cases import ask

from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.peers


def taufactor_electrode(volume: Volume) -> float:
    """tau_e by TauFactor of the phase "pore", the separator at x = 0."""
    reason = (
        "TauFactor is not installed: it is in the extra 'peers', because it needs PyTorch "
        "(install torch first, then pip install 'twin[peers]')"
    )
    pytest.importorskip("torch", reason=reason)
    taufactor = pytest.importorskip("taufactor", reason=reason)
    if not hasattr(taufactor.ElectrodeSolver, "tau_e_from_phi"):
        pytest.skip("this TauFactor has another electrode solver than that of versions up to 1.2")
    pore = np.isin(volume.labels, volume.label_values("pore")).astype(np.uint8)
    image = pore[:, :, 0] if volume.shape[2] == 1 else pore
    # It lowers the frequency tenfold until its answer stays; from 1e-3 on it takes three of them.
    solver = taufactor.ElectrodeSolver(np.ascontiguousarray(image), omega=1e-3, device="cpu")
    solver.solve(verbose=False, conv_crit=1e-6)
    return float(solver.tau_e)


def with_its_boundaries(volume: Volume) -> float:
    """The same by a direct solve: a solid case around sides and collector, a nearer conductance of
    1 instead of 2 on the separator, the thickness n + 2.
    """
    solid = ~np.isin(volume.labels, volume.label_values("pore"))
    sides = (1, 1) if solid.shape[2] > 1 else (0, 0)  # an image of two axes has two sides
    cased = np.pad(solid, ((0, 1), (1, 1), sides), constant_values=True).astype(np.uint8)
    box = Volume(cased, 1.0, {"pore": 0, "wall": 1})
    cell = half_cell(box, "pore", "x", "low", ["wall"], "no-flux")
    walls = np.bincount(cell.cell, minlength=cell.inlet.size)
    matrix = cell.matrix.copy()
    matrix.setdiag(matrix.diagonal() - cell.inlet / 2)
    w = refined_solve(matrix, walls.astype(float))
    resistance = 3 * ((walls * w).sum() / walls.sum() + 0.5) / walls.sum()
    n, across = solid.shape[0], solid[0].size
    return float((~solid).mean() * resistance * across / (n + 2))


@pytest.fixture(scope="module", params=["channel", "dead end", "flat dead end", "electrode"])
def volume(request) -> Volume:
    if request.param == "electrode":
        return generate.electrode((14, 12, 12), 0.5e-6, seed=5)
    if request.param == "flat dead end":
        return shapes.slit(100, [10] * 75 + [0] * 25)
    rows = {"channel": 16, "dead end": 9}[request.param]
    flat = shapes.slit(16, [4] * rows + [0] * (16 - rows))
    return Volume(np.repeat(flat.labels, 3, axis=2), 1.0, flat.phases)


def test_all_of_the_difference_is_in_the_boundaries(volume, record_verification):
    theirs = taufactor_electrode(volume)
    same = with_its_boundaries(volume)
    ours = ask(volume).tortuosity_factor
    record_verification(
        f"TauFactor, tau_e with its boundaries, {volume.shape}", theirs, same,
        abs(same / theirs - 1), source="taufactor 1.2, ElectrodeSolver",
    )  # fmt: skip
    assert same == pytest.approx(theirs, rel=1e-4)
    assert ours == pytest.approx(direct_electrode(volume, "pore", "x").tortuosity_factor, rel=1e-9)
    # The boundaries make more of a difference than the tolerance above: the test can tell.
    assert abs(ours / same - 1) > 1e-3


def test_ours_is_the_exact_answer_of_a_slit():
    """10 by 100 voxels, 1.0025 in the continuum, where TauFactor's scheme has 1.046.

    Both numbers are those that tests of TauFactor expect of a slit and of one that ends after
    three quarters of the thickness.
    """
    volume = shapes.slit(100, 10)
    assert with_its_boundaries(volume) == pytest.approx(1.046, abs=5e-4)
    assert with_its_boundaries(shapes.slit(100, [10] * 75 + [0] * 25)) == pytest.approx(
        0.601, abs=5e-4
    )
    ours = ask(volume).tortuosity_factor
    assert ours == pytest.approx(exact.slit(10, 100), rel=2e-4)
