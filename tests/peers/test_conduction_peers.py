"""OpenPNM, FiPy and TauFactor given the same mix of phases."""

from __future__ import annotations

import numpy as np
import pytest
from support import network, reference
from support.conduction import random_labels
from support.solving import TIGHT

import twin
from meshing import generate
from meshing.volume import Volume

pytestmark = pytest.mark.peers

SPACING = (2.0, 1.0, 3.0)
CONDUCTIVITY = {1: (1.0, 3.0, 0.2), 2: (25.0, 4.0, 9.0), 3: (0.5, 0.01, 2.0)}
CONTACT = {(1, 2): 3.0, (2, 3): 0.4}


def ours(labels, conductivity, contact, axis) -> float:
    """`twin.conduction` of labels 1, 2, 3; 0 does not conduct."""
    names = {f"p{label}": label for label in conductivity}
    volume = Volume(labels, SPACING, names)
    contacts = {(f"p{a}", f"p{b}"): r for (a, b), r in contact.items()}
    named = {f"p{label}": k for label, k in conductivity.items()}
    c = twin.conduction(volume, named, axis, contact_resistance=contacts, solver=TIGHT)
    return c.effective_conductivity


def over_section(flow, shape, axis) -> float:
    edges = np.multiply(shape, SPACING)
    return float(flow * edges[axis] ** 2 / edges.prod())


def openpnm_conductivity(labels, conductivity, contact, axis) -> float:
    """A pore for every voxel and one for each end, throats with three resistances in series."""
    openpnm = pytest.importorskip("openpnm", reason="OpenPNM is not installed")
    faces = network.resistors(labels, conductivity, SPACING, axis, contact=contact)
    used = np.unique([faces.p, faces.q])
    conns = np.searchsorted(used, np.column_stack([faces.p, faces.q]))
    pores = openpnm.network.Network(conns=np.sort(conns, axis=1), coords=np.zeros((used.size, 3)))
    phase = openpnm.phase.Phase(network=pores)
    phase["throat.electrical_conductance"] = faces.conductance
    ohm = openpnm.algorithms.OhmicConduction(network=pores, phase=phase)
    low, high = used.size - 2, used.size - 1
    ohm.set_value_BC(pores=[low], values=1.0)
    ohm.set_value_BC(pores=[high], values=0.0)
    ohm.run(solver=openpnm.solvers.ScipySpsolve())
    return over_section(ohm.rate(pores=[low])[0], labels.shape, axis)


@pytest.mark.parametrize("axis", "xyz")
def test_openpnm_with_directions_and_contact_resistance(axis, record_verification):
    labels = random_labels(11, (9, 10, 8), 3, 0.0)
    expected = openpnm_conductivity(labels, CONDUCTIVITY, CONTACT, "xyz".index(axis))
    found = ours(labels, CONDUCTIVITY, CONTACT, axis)
    record_verification(
        f"OpenPNM, three phases with directions and contact resistance, {axis}",
        expected, found, abs(found / expected - 1), source="openpnm.algorithms.OhmicConduction",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-8)


def fipy_conductivity(labels, conductivity, contact, axis) -> float:
    """Diffusion on a FiPy grid whose coefficient at faces is h / (h / 2 k + R + h / 2 k)."""
    fipy = pytest.importorskip("fipy", reason="FiPy is not installed")
    grid = dict(zip(("nx", "ny", "nz"), labels.shape, strict=True))
    grid |= dict(zip(("dx", "dy", "dz"), SPACING, strict=True))
    mesh = fipy.Grid3D(**grid)
    # FiPy numbers cells with x fastest; on an outer face both cells are the same one.
    label = labels.ravel(order="F")
    first, second = (label[np.asarray(ids)] for ids in mesh.faceCellIDs.filled(-1))
    outer = np.asarray(mesh.exteriorFaces)
    second = np.where(outer, first, second)
    normal = np.abs(np.asarray(mesh.faceNormals)).argmax(axis=0)
    h = np.array(SPACING)[normal]
    k = np.array([np.broadcast_to(conductivity[p], 3) for p in sorted(conductivity)])
    resistance = h / 2 / k[first - 1, normal] + h / 2 / k[second - 1, normal]
    for (a, b), r in contact.items():
        resistance[((first == a) & (second == b)) | ((first == b) & (second == a))] += r
    coefficient = fipy.FaceVariable(mesh=mesh, value=h / resistance)
    u = fipy.CellVariable(mesh=mesh, value=0.0)
    ends = [(mesh.facesLeft, mesh.facesRight), (mesh.facesBottom, mesh.facesTop),
            (mesh.facesFront, mesh.facesBack)]  # fmt: skip
    u.constrain(1.0, ends[axis][0])
    u.constrain(0.0, ends[axis][1])
    equation = fipy.DiffusionTerm(coeff=coefficient)
    equation.solve(u, solver=fipy.solvers.scipy.LinearLUSolver(tolerance=1e-14, iterations=10))
    values = u.value.reshape(labels.shape, order="F").take(0, axis)
    half = 2 * k[labels.take(0, axis) - 1, axis] * np.prod(SPACING) / SPACING[axis] ** 2
    return over_section((half * (1 - values)).sum(), labels.shape, axis)


@pytest.mark.parametrize("axis", "xyz")
def test_fipy_with_directions_and_contact_resistance(axis, record_verification):
    labels = random_labels(12, (7, 8, 6), 3, 0.0)
    expected = fipy_conductivity(labels, CONDUCTIVITY, CONTACT, "xyz".index(axis))
    found = ours(labels, CONDUCTIVITY, CONTACT, axis)
    record_verification(
        f"FiPy, three phases with directions and contact resistance, {axis}",
        expected, found, abs(found / expected - 1), source="fipy.DiffusionTerm",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=1e-8)


def taufactor():
    reason = "TauFactor is not installed: it is in the extra 'peers', because it needs PyTorch"
    pytest.importorskip("torch", reason=reason)
    return pytest.importorskip("taufactor", reason=reason)


@pytest.mark.parametrize("axis", "xyz")
def test_taufactor_on_four_phases(axis, record_verification):
    """Its ends lie one voxel outside the outermost centres, and so do those of the reference.

    One phase does not conduct; the others do so up to a hundred times unlike.
    """
    volume = generate.electrode((20, 20, 20), 1e-6, seed=3)
    labels = volume.labels + np.uint8(1)
    labels[8:12, 8:12, 8:12] = 0
    driven = "xyz".index(axis)
    turned = np.ascontiguousarray(np.moveaxis(labels, driven, 0))
    values = {1: 1.0, 2: 0.1, 3: 10.0}
    theirs = taufactor().MultiPhaseSolver(turned, cond=values, device="cpu")
    theirs.solve(verbose=False, conv_crit=1e-4)
    expected = float(np.asarray(theirs.tau).ravel()[0])
    k = np.array([0.0, *values.values()])[labels]
    one_voxel_away = k.mean() / reference.solve(k, axis=driven, ends=1.0).effective_conductivity
    at_faces = k.mean() / reference.solve(k, axis=driven).effective_conductivity
    record_verification(
        f"TauFactor, four phases, ends one voxel outside, {axis}", expected, one_voxel_away,
        abs(one_voxel_away / expected - 1), source="taufactor.MultiPhaseSolver, conv_crit 1e-4",
    )  # fmt: skip
    assert one_voxel_away == pytest.approx(expected, rel=5e-4)
    names = {"pore": 1, "AM": 2, "CBD": 3}
    image = Volume(labels, phases=names)
    c = twin.conduction(image, {name: values[label] for name, label in names.items()}, axis)
    assert c.tortuosity_factor == pytest.approx(at_faces, rel=1e-5)
