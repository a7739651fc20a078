"""FiPy on the image: voxels in their place, known answers, no setting of the process changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from meshing.voxel_mesh import voxel_mesh
from twin.interop import FipyImage, to_fipy

SPACING = (20e-9, 5e-9, 7e-9)
FACES = {"x": ("Left", "Right"), "y": ("Bottom", "Top"), "z": ("Front", "Back")}


def relative_conductivity(image: FipyImage, axis: str, empty: np.ndarray | None = None) -> float:
    """Effective coefficient along an axis: FiPy's flux for a difference of one, times the length.

    `empty` marks voxels without an equation; a source term sets them to zero.
    """
    import fipy

    low, high = (getattr(image.mesh, f"faces{side}") for side in FACES[axis])
    c = fipy.CellVariable(mesh=image.mesh, value=0.5)
    c.constrain(1.0, low)
    c.constrain(0.0, high)
    coefficient = image.coefficient.harmonicFaceValue
    equation = fipy.DiffusionTerm(coeff=coefficient)
    if empty is not None:
        equation = equation - fipy.ImplicitSourceTerm(coeff=image.cells(empty.astype(float)))
    equation.solve(var=c, solver=fipy.LinearLUSolver(tolerance=1e-14, iterations=50))
    direction = "xyz".index(axis)
    flux = -(coefficient * c.faceGrad).value[direction][high.value]
    length = image.volume.shape[direction] * image.volume.spacing[direction]
    return float(flux.mean() * length)


def layers(axis: str) -> twin.Volume:
    """Two voxels of label 0, three of label 1 along an axis; 3 and 4 voxels across it."""
    across = [3, 4]
    shape = [5 if a == axis else across.pop() for a in "xyz"]
    labels = np.zeros(shape, int)
    labels.swapaxes(0, "xyz".index(axis))[2:] = 1
    return twin.Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1})


@pytest.mark.verification
@pytest.mark.parametrize("along", "xyz")
@pytest.mark.parametrize("stacked", "xyz")
def test_layers_in_series_and_in_parallel(
    stacked: str, along: str, record_verification: Callable[..., None]
) -> None:
    """1 / (f0/k0 + f1/k1) across the layers, f0 k0 + f1 k1 along them."""
    image = to_fipy(layers(stacked), {"pore": 1.0, "AM": 0.1})
    series = 1 / (0.4 / 1.0 + 0.6 / 0.1)
    parallel = 0.4 * 1.0 + 0.6 * 0.1
    exact = series if stacked == along else parallel
    found = relative_conductivity(image, along)
    record_verification(
        f"layers stacked along {stacked}, driven along {along}, solved by FiPy",
        exact,
        found,
        abs(found / exact - 1),
    )
    assert found == pytest.approx(exact, rel=1e-9, abs=0)


@pytest.mark.verification
@pytest.mark.parametrize("axis", "xyz")
def test_a_random_pore_agrees_with_our_own_answer(
    axis: str, record_verification: Callable[..., None]
) -> None:
    """The same finite volumes, discretised and solved by another program."""
    labels = (np.random.default_rng(5).random((7, 8, 6)) < 0.35).astype(int)
    volume = twin.Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1})
    own = twin.tortuosity(volume, "pore", axis=axis).relative_diffusivity
    empty = ~voxel_mesh(volume, ["pore"], "xyz".index(axis)).active()
    trimmed = twin.Volume(empty.astype(int), spacing=SPACING, phases={"pore": 0, "rest": 1})
    image = to_fipy(trimmed, {"pore": 1.0, "rest": 0.0})
    found = relative_conductivity(image, axis, empty)
    record_verification(
        f"D_eff / D0 of a random pore along {axis}, FiPy on the exported image",
        found,
        own,
        abs(found / own - 1),
        source="FiPy, solved directly",
    )
    assert 0.1 < own < 0.6
    assert found == pytest.approx(own, rel=1e-7, abs=0)


def test_a_marked_voxel_is_found() -> None:
    labels = np.zeros((6, 5, 4), int)
    labels[4, 1, 2] = 1
    image = to_fipy(twin.Volume(labels, spacing=SPACING), {"0": 1.0, "1": 7.0})
    (cell,) = np.flatnonzero(image.coefficient.value == 7.0)
    centre = np.array(image.mesh.cellCenters.value)[:, cell]
    assert centre == pytest.approx(np.array([4.5, 1.5, 2.5]) * SPACING, rel=1e-12, abs=0)
    assert (image.phase.value == (image.coefficient.value == 7.0)).all()


def test_fields_go_there_and_back() -> None:
    volume = twin.Volume(np.zeros((4, 3, 2), int), spacing=SPACING)
    image = to_fipy(volume, {"0": 1.0})
    values = np.random.default_rng(0).random(volume.shape)
    variable = image.cells(values)
    assert (image.voxels(variable) == values).all()
    place = (np.stack(np.indices(volume.shape), axis=-1) + 0.5) * SPACING
    assert image.voxels(image.mesh.cellCenters) == pytest.approx(place, rel=1e-12, abs=0)


def test_vectors_come_back_with_their_components_last() -> None:
    volume = twin.Volume(np.zeros((4, 3, 2), int), spacing=SPACING)
    image = to_fipy(volume, {"0": 1.0})
    x, y, z = np.indices(volume.shape)
    gradient = image.voxels(image.cells(2.0 * x + 3.0 * y + 5.0 * z).grad)
    assert gradient.shape == (4, 3, 2, 3)
    # inside along x, where the faces on both sides have the gradient of the field
    assert gradient[1:3, ..., 0] == pytest.approx(2.0 / SPACING[0], rel=1e-9, abs=0)


def test_faces_have_the_names_that_are_documented() -> None:
    image = to_fipy(twin.Volume(np.zeros((4, 3, 2), int), spacing=SPACING), {"0": 1.0})
    centres = np.array(image.mesh.faceCenters.value)
    sizes = np.array([4, 3, 2]) * SPACING
    for axis, (low, high) in enumerate(FACES.values()):
        at = [centres[axis][getattr(image.mesh, f"faces{side}").value] for side in (low, high)]
        assert (at[0] == 0).all()
        assert at[1] == pytest.approx(sizes[axis], rel=1e-12, abs=0)


def test_an_image_one_voxel_thick_is_a_plane() -> None:
    import fipy

    labels = np.arange(6).reshape(3, 2) % 2
    volume = twin.Volume(labels, spacing=SPACING, phases={"pore": 0, "AM": 1})
    image = to_fipy(volume, {"pore": 1.0, "AM": 0.1})
    assert type(image.mesh) is type(fipy.Grid2D(nx=2, ny=2, dx=1.0, dy=1.0))
    assert image.mesh.dim == 2
    assert (image.voxels(image.phase)[..., 0] == labels).all()
    # columns 0 and 1 along x are pore and AM: side by side
    exact = (1.0 + 0.1) / 2
    assert relative_conductivity(image, "x") == pytest.approx(exact, rel=1e-9, abs=0)


STATE = """
import json, logging, os, sys, warnings
import numpy as np, scipy.sparse.linalg, matplotlib  # these add filters of their own
import twin
logging.getLogger().addHandler(logging.NullHandler())
warnings.filterwarnings("error")
np.seterr(divide="raise", over="warn", under="ignore", invalid="print")

def state():
    return {
        "floating-point errors": np.geterr(),
        "root log handlers": [repr(h) for h in logging.getLogger().handlers],
        "root log level": logging.getLogger().level,
        "warning filters": [repr(f) for f in warnings.filters],
        "show a warning": repr(warnings.showwarning),
        "environment": dict(os.environ),
        "arguments": sys.argv,
        "excepthook": repr(sys.excepthook),
    }

volume = twin.Volume(np.zeros((3, 2, 2), int))
before = state()
from twin.interop import to_fipy
image = to_fipy(volume, {"0": 1.0})
image.cells(np.zeros((3, 2, 2)))
after = state()
assert "fipy" in sys.modules
from fipy.solvers import solver_suite
changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
print(json.dumps([changed, solver_suite]))
"""


def changes(**environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", STATE],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    return json.loads(done.stdout)


def test_importing_fipy_changes_no_setting() -> None:
    changed, _ = changes()
    assert changed == {}


def test_the_choice_of_solvers_is_the_user_s() -> None:
    changed, suite = changes(FIPY_SOLVERS="scipy")
    assert changed == {}
    assert suite == "scipy"


@pytest.mark.parametrize(
    ("coefficients", "sentence"),
    [
        ({"pore": 1.0}, "there is no coefficient for phase AM; every voxel needs one"),
        ({"pore": 1.0, "AM": 1.0}, "there is no coefficient for label 2, which has no name"),
        ({"pore": np.nan, "AM": 1.0}, "coefficient of 'pore' must be a finite number, found nan"),
        ({"poor": 1.0, "AM": 1.0}, "there is no phase 'poor'"),
    ],
)
def test_wrong_coefficients_are_refused(coefficients: dict[str, float], sentence: str) -> None:
    labels = np.array([0, 1, 2 if coefficients.keys() >= {"pore", "AM"} else 0]).reshape(3, 1, 1)
    volume = twin.Volume(labels, phases={"pore": 0, "AM": 1})
    with pytest.raises(InputError, match=sentence):
        to_fipy(volume, coefficients)


def test_fields_of_another_shape_are_refused() -> None:
    image = to_fipy(twin.Volume(np.zeros((3, 2, 2), int)), {"0": 1.0})
    with pytest.raises(InputError, match=r"the shape \(3, 2, 2\) of the volume, found \(2, 2, 3\)"):
        image.cells(np.zeros((2, 2, 3)))
    with pytest.raises(InputError, match="on the 12 cells has one value each"):
        image.voxels(image.coefficient.faceValue)
