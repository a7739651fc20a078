"""Diffusion and reaction of oxygen in the Li-O2 layer, against FiPy on the same cells."""

from __future__ import annotations

import numpy as np
import pytest

import twin
from solvers.kernels.porous_layer import DEPOSIT, GAS
from twin.lio2.constants import FARADAY
from twin.lio2.layer import Layer

fipy = pytest.importorskip("fipy")
pytestmark = [pytest.mark.peers, pytest.mark.verification]


def oxygen_by_fipy(layer: Layer, before: np.ndarray, after: np.ndarray, step: float) -> np.ndarray:
    """Oxygen after one implicit step, with porosity, transport and rates from `after`.

    d(eps c)/dt = d/dx(D_eff dc/dx) - k c on FiPy's one-dimensional mesh of the same cells, with
    the saturated gas at the right face.
    """
    p = layer.parameters
    mesh = fipy.Grid1D(dx=layer.widths)
    rate = layer.react(after) / (p.electrons * FARADAY * after[:-1, GAS])
    porosity = layer.porosity - after[:-1, DEPOSIT]
    old = layer.porosity - before[:-1, DEPOSIT]
    diffusivity = fipy.CellVariable(mesh=mesh, value=p.oxygen_diffusivity * layer._ratio[:, 0])
    c = fipy.CellVariable(mesh=mesh, value=0.0)
    c.constrain(after[-1, GAS], mesh.facesRight)
    source = fipy.CellVariable(mesh=mesh, value=rate + porosity / step)
    known = fipy.CellVariable(mesh=mesh, value=old * before[:-1, GAS] / step)
    # FiPy counts coefficients below 1e-20 for zero, and D is close to that over the cells.
    scale = 1e12
    equation = (
        fipy.DiffusionTerm(coeff=diffusivity.harmonicFaceValue * scale)
        - fipy.ImplicitSourceTerm(coeff=source * scale)
        + known * scale
    )
    equation.solve(var=c, solver=fipy.LinearLUSolver(tolerance=1e-15, iterations=20))
    return np.array(c.value)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("current", [2.4, 12.0])
@pytest.mark.parametrize("step", [1.0, 30.0])
def test_one_step_of_oxygen_is_fipys(
    share: float, current: float, step: float, record_verification
) -> None:
    """A step from a moment of a discharge, through separator and cathode of unlike porosity.

    The cells are of one width, for which FiPy's harmonic mean is that of two half cells in series.
    """
    d = twin.lio2.discharge(
        current_density=current,
        separator_thickness=24e-6,
        grid=twin.lio2.Grid(100, 16, graded=False),
    )
    k = d.moment(share)
    before = d.history.unknowns[k]
    layer = Layer(d.parameters, d.grid)
    layer.current = current
    after, _ = layer.solve(layer.conserved(before), step, layer.start(before))
    found = oxygen_by_fipy(layer, before, after, step)
    error = np.abs(found - after[:-1, GAS]).max() / d.parameters.dissolved_oxygen
    record_verification(
        f"oxygen after {step:g} s at {share:.0%} of {current:g} A/m2, largest difference over c0",
        0.0, error, error, source="FiPy on the same cells",
    )  # fmt: skip
    assert error < 1e-9
