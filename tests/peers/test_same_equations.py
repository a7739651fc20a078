"""OpenPNM and FiPy given the same discrete problem must give the same number."""

from __future__ import annotations

import numpy as np
import pytest
from support import reference
from support.solving import TIGHT, conduct, effective, volume_of

import twin
from meshing import generate

pytestmark = pytest.mark.peers

SPACING = (2e-6, 1e-6, 3e-6)


def openpnm_effective_conductivity(k, spacing, axis) -> float:
    """A pore per voxel, and one per driven outer face, half a voxel away."""
    openpnm = pytest.importorskip("openpnm", reason="OpenPNM is not installed")
    parts = [reference.faces(k, spacing, a, wrap=False) for a in range(3)]
    p, q, g = (np.concatenate(column) for column in zip(*parts, strict=True))
    driven = reference.solve(k, spacing, axis).driven.ravel()
    kept = driven[p] & driven[q]
    p, q, g = p[kept], q[kept], g[kept]
    layer = np.indices(k.shape)[axis].ravel()
    low = np.flatnonzero(driven & (layer == 0))
    high = np.flatnonzero(driven & (layer == k.shape[axis] - 1))
    half = 2 * np.prod(spacing) / spacing[axis] ** 2
    inlet, outlet = k.size + np.arange(low.size), k.size + low.size + np.arange(high.size)
    conns = np.column_stack([np.concatenate([p, low, high]), np.concatenate([q, inlet, outlet])])
    conductance = np.concatenate([g, half * k.ravel()[low], half * k.ravel()[high]])
    used = np.unique(conns)
    network = openpnm.network.Network(
        conns=np.searchsorted(used, conns), coords=np.zeros((used.size, 3))
    )
    phase = openpnm.phase.Phase(network=network)
    phase["throat.diffusive_conductance"] = conductance
    diffusion = openpnm.algorithms.FickianDiffusion(network=network, phase=phase)
    diffusion.set_value_BC(pores=np.searchsorted(used, inlet), values=1.0)
    diffusion.set_value_BC(pores=np.searchsorted(used, outlet), values=0.0)
    diffusion.run(solver=openpnm.solvers.ScipySpsolve())
    flow = diffusion.rate(pores=np.searchsorted(used, inlet))[0]
    edges = np.multiply(k.shape, spacing)
    return float(flow * edges[axis] ** 2 / np.prod(edges))


@pytest.mark.parametrize("axis", "xyz")
def test_openpnm_on_a_pore_space(axis):
    volume = generate.blobs((14, 12, 13), 0.5, length=2.5e-6, spacing=SPACING, seed=4)
    expected = openpnm_effective_conductivity(
        (volume.labels == 1).astype(float), SPACING, "xyz".index(axis)
    )
    t = twin.tortuosity(volume, "pore", axis, solver=TIGHT)
    assert t.percolates
    assert t.relative_diffusivity == pytest.approx(expected, rel=1e-8)


def test_openpnm_on_several_conductivities():
    k = np.random.default_rng(3).choice([0.0, 1.0, 25.0], (11, 9, 10), p=[0.2, 0.4, 0.4])
    volume, conductivity = volume_of(k, SPACING)
    found = effective(conduct(volume, conductivity, "z"))
    assert found == pytest.approx(openpnm_effective_conductivity(k, SPACING, 2), rel=1e-8)


def fipy_effective_conductivity(k, spacing, axis) -> float:
    """Diffusion on a FiPy grid with harmonic means at faces, fixed values on the outer faces.

    FiPy numbers cells with x fastest.  Voxels that do not conduct keep the value 0.
    """
    fipy = pytest.importorskip("fipy", reason="FiPy is not installed")
    (nx, ny, nz), (dx, dy, dz) = k.shape, spacing
    mesh = fipy.Grid3D(nx=nx, ny=ny, nz=nz, dx=dx, dy=dy, dz=dz)
    u = fipy.CellVariable(mesh=mesh, value=0.0)
    cells = fipy.CellVariable(mesh=mesh, value=k.ravel(order="F"))
    faces = [(mesh.facesLeft, mesh.facesRight), (mesh.facesBottom, mesh.facesTop),
             (mesh.facesFront, mesh.facesBack)]  # fmt: skip
    low, high = faces[axis]
    u.constrain(1.0, low)
    u.constrain(0.0, high)
    still = fipy.CellVariable(mesh=mesh, value=(k.ravel(order="F") == 0).astype(float))
    equation = fipy.DiffusionTerm(coeff=cells.harmonicFaceValue) - fipy.ImplicitSourceTerm(still)
    equation.solve(u, solver=fipy.solvers.scipy.LinearLUSolver(tolerance=1e-14, iterations=10))
    values = u.value.reshape(k.shape, order="F")
    first, last = values.take(0, axis), k.take(0, axis)
    flow = (2 * last * (1 - first)).sum() * np.prod(spacing) / spacing[axis] ** 2
    edges = np.multiply(k.shape, spacing)
    return float(flow * edges[axis] ** 2 / np.prod(edges))


@pytest.mark.parametrize("axis", "xyz")
def test_fipy_on_several_conductivities(axis):
    # In units of the voxel: FiPy's absolute tolerances are made for numbers near one.
    k = np.random.default_rng(5).choice([0.5, 1.0, 25.0], (7, 8, 6))
    spacing = (2.0, 1.0, 3.0)
    expected = fipy_effective_conductivity(k, spacing, "xyz".index(axis))
    volume, conductivity = volume_of(k, spacing)
    assert effective(conduct(volume, conductivity, axis)) == pytest.approx(expected, rel=1e-8)


def test_fipy_on_a_pore_space():
    volume = generate.blobs((10, 9, 8), 0.7, length=1.5, seed=8)
    trimmed = reference.solve((volume.labels == 1).astype(float), axis=1).driven
    expected = fipy_effective_conductivity(trimmed.astype(float), (1.0, 1.0, 1.0), 1)
    t = twin.tortuosity(volume, "pore", "y", solver=TIGHT)
    assert t.relative_diffusivity == pytest.approx(expected, rel=1e-8)


def test_porespy_by_way_of_its_convention(record_verification):
    """PoreSpy holds the first and last voxel centres, and divides by the percolating porosity.

    The direct solve with that convention gives PoreSpy's number; with the outer faces it gives
    ours; so all of the difference is the half voxel at either end.
    """
    porespy = pytest.importorskip("porespy", reason="PoreSpy is not installed")
    volume = generate.blobs((20, 18, 16), 0.6, length=1.0, seed=6)
    pores = volume.labels == 1
    for axis in range(3):
        theirs = porespy.simulations.tortuosity_fd(pores, axis=axis, tol=1e-12)
        same_convention = reference.solve_between_centres(pores.astype(float), axis)
        at_faces = reference.solve(pores.astype(float), axis=axis).effective_conductivity
        ours = twin.tortuosity(volume, "pore", "xyz"[axis], solver=TIGHT)
        record_verification(
            f"PoreSpy, D_eff between voxel centres, {'xyz'[axis]}",
            1 / theirs.formation_factor, same_convention,
            abs(same_convention * theirs.formation_factor - 1),
            source="porespy.simulations.tortuosity_fd",
        )  # fmt: skip
        assert 1 / theirs.formation_factor == pytest.approx(same_convention, rel=1e-7)
        assert ours.relative_diffusivity == pytest.approx(at_faces, rel=1e-9)
        assert ours.percolating_fraction * pores.mean() == pytest.approx(theirs.effective_porosity)
        # The two conventions differ here by more than the tolerance above: the test can tell.
        assert abs(at_faces / same_convention - 1) > 1e-3


def test_porespy_where_both_conventions_give_one_number():
    """In straight channels layers are equipotential, so the ends do not matter."""
    porespy = pytest.importorskip("porespy", reason="PoreSpy is not installed")
    volume = generate.channels((10, 12, 12), "x", width=2, pitch=4)
    theirs = porespy.simulations.tortuosity_fd(volume.labels == 1, axis=0, tol=1e-12)
    ours = twin.tortuosity(volume, "pore", "x", solver=TIGHT)
    assert ours.tortuosity_factor == pytest.approx(theirs.tortuosity, rel=1e-6)


def taufactor():
    reason = (
        "TauFactor is not installed: it is in the extra 'peers', because it needs PyTorch "
        "(install torch first, then pip install 'twin[peers]')"
    )
    pytest.importorskip("torch", reason=reason)
    return pytest.importorskip("taufactor", reason=reason)


@pytest.mark.parametrize("axis", "xyz")
@pytest.mark.parametrize(
    ("sides", "solver"), [("no-flux", "Solver"), ("periodic", "PeriodicSolver")]
)
def test_taufactor(axis, sides, solver, record_verification):
    """The same convention and the same equations, solved in single precision."""
    volume = generate.blobs((32, 28, 30), 0.5, length=2.0, seed=9, periodic=True)
    driven = "xyz".index(axis)
    image = np.moveaxis(volume.labels, driven, 0)
    theirs = getattr(taufactor(), solver)(np.ascontiguousarray(image), device="cpu")
    theirs.solve(verbose=False, conv_crit=1e-4)
    expected = float(np.asarray(theirs.tau).ravel()[0])
    found = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT).tortuosity_factor
    record_verification(
        f"TauFactor, tau, {axis}, {sides}", expected, found, abs(found / expected - 1),
        source=f"taufactor.{solver}, conv_crit 1e-4",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=5e-4)


def test_taufactor_on_several_conductivities_by_way_of_its_convention(record_verification):
    """Its solver for several phases holds the ends one voxel outside the outermost centres.

    Its solver for one phase holds them on the outer faces, as we do.  The direct solve with ends
    one voxel away and a length of n + 1 gives TauFactor's number, with outer faces ours.
    TauFactor keeps the label 0 for an insulator.
    """
    volume = generate.electrode((24, 24, 24), 1e-6, seed=1)
    theirs = taufactor().MultiPhaseSolver(
        volume.labels + np.uint8(1), cond={1: 1.0, 2: 0.2, 3: 5.0}, device="cpu"
    )
    theirs.solve(verbose=False, conv_crit=1e-4)
    expected = float(np.asarray(theirs.tau).ravel()[0])
    k = np.array([1.0, 0.2, 5.0])[volume.labels]
    one_voxel_away = k.mean() / reference.solve(k, ends=1.0).effective_conductivity
    at_faces = k.mean() / reference.solve(k).effective_conductivity
    found = k.mean() / effective(conduct(volume, {"pore": 1.0, "AM": 0.2, "CBD": 5.0}, "x"))
    record_verification(
        "TauFactor, three conductivities, ends one voxel outside", expected, one_voxel_away,
        abs(one_voxel_away / expected - 1), source="taufactor.MultiPhaseSolver, conv_crit 1e-4",
    )  # fmt: skip
    assert one_voxel_away == pytest.approx(expected, rel=1e-4)
    assert found == pytest.approx(at_faces, rel=1e-9)
    assert abs(at_faces / one_voxel_away - 1) > 5e-3
