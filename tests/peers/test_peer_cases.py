"""Cases from the test suites and papers of other tools: their input and number, our solver.

Read from ../shared/data/peer_cases.json, where every case names its source.  Conventions:

* "face" (ours): 1 and 0 on the outer faces, tau = eps D0 / D_eff with eps of the whole phase.
* "node": on the first and last voxel centres with a length of n - 1; the cases of that kind here
  are open or straight, where every layer is equipotential and both conventions give one number.
* OpenImpala with HYPRE: values on voxel centres but a length of n, so tau is ours times (n - 1)/n
  for open space.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from support.solving import TIGHT, conduct, effective

import twin
from meshing.volume import Volume
from meshing.voxel_mesh import voxel_mesh

pytestmark = pytest.mark.peers

CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "peer_cases.json"
SOLVED_ELSEWHERE = ("tf2_paper_500", "berea_formation_factor", "tf_electrode_pore_x")
"""Cases of whole measured volumes stand in tests/real, so that each is solved once."""


def cases(*quantities: str) -> list:
    """The cases of these quantities; one that skips where the file is not there."""
    if not CASES.exists():
        reason = "the peers' cases are not here: there is no ../shared/data/peer_cases.json"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    listed = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    return [
        pytest.param(case, id=case["id"])
        for case in listed
        if case["quantity"] in quantities and not case["id"].startswith(SOLVED_ELSEWHERE)
    ]


def build(case: dict, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Run the few lines of NumPy that make a case's input; their paths start at its folder."""
    monkeypatch.chdir(CASES.parent)
    names: dict = {}
    exec(case["build"], names)
    return names


def phase_volume(image: np.ndarray) -> Volume:
    return Volume(image.astype(np.uint8), phases={"solid": 0, "phase": 1})


def tolerance_of(case: dict) -> dict[str, float]:
    given = case["tolerance"]
    return {"rel": given.get("rtol", 0.0), "abs": given.get("atol", 0.0)}


def axis_of(case: dict) -> str:
    return "xyz"[case["params"].get("direction_axis", 0)]


def source_of(case: dict) -> str:
    return f"{case['source']['repo']}, {case['source']['path']}"


def difference(found: float, expected: float) -> float:
    return abs(found / expected - 1) if expected else abs(found)


@pytest.mark.parametrize("case", cases("tau", "D_eff"))
def test_one_phase(case, monkeypatch, record_verification):
    image = build(case, monkeypatch)["img"]
    t = twin.tortuosity(phase_volume(image), "phase", axis_of(case), solver=TIGHT)
    if case["expected"] in ("inf", 0.0):
        assert math.isinf(t.tortuosity_factor)
        assert t.relative_diffusivity == 0
        assert t.reason
        return
    expected = case["expected"]
    if case["id"] == "oi_uniform_hypre":
        expected *= image.shape[0] / (image.shape[0] - 1)
    found = t.tortuosity_factor if case["quantity"] == "tau" else t.relative_diffusivity
    record_verification(
        f"{case['id']} ({case['quantity']})", expected, found, difference(found, expected),
        source=source_of(case),
    )  # fmt: skip
    assert found == pytest.approx(expected, **tolerance_of(case))
    if "independent_check" in case:
        # Given by a direct sparse solve in double precision, not by the peer.
        assert found == pytest.approx(case["independent_check"], rel=1e-9)


@pytest.mark.parametrize("case", cases("tau_multi", "k_eff"))
def test_several_conductivities(case, monkeypatch, record_verification):
    """tau is the mean conductivity of all voxels over the effective one."""
    k = build(case, monkeypatch)["k"]
    values = np.unique(k)
    conducting = {f"{value:g}": float(value) for value in values if value > 0}
    labels = np.searchsorted(values, k)
    volume = Volume(labels, phases={f"{value:g}": i for i, value in enumerate(values)})
    found = effective(conduct(volume, conducting, axis_of(case)))
    if case["quantity"] == "tau_multi":
        found = float(k.mean()) / found
    record_verification(
        f"{case['id']} ({case['quantity']})", case["expected"], found,
        difference(found, case["expected"]), source=source_of(case),
    )  # fmt: skip
    assert found == pytest.approx(case["expected"], **tolerance_of(case))
    if "independent_check" in case:
        assert found == pytest.approx(case["independent_check"], rel=1e-9)


@pytest.mark.parametrize("case", cases("volume_fraction"))
def test_volume_fraction(case, monkeypatch):
    built = build(case, monkeypatch)
    expected = case["expected"]
    if isinstance(expected, dict):
        volume = Volume(built["lab"] if "lab" in built else built["img"])
    else:
        volume, expected = phase_volume(built["img"]), {"phase": expected}
    for name, fraction in expected.items():
        assert volume.volume_fraction(name) == pytest.approx(fraction, **tolerance_of(case))


@pytest.mark.parametrize("case", cases("through_connected_fraction"))
def test_through_connected_fraction(case, monkeypatch):
    built = build(case, monkeypatch)
    volume = Volume(built["lab"] if "lab" in built else built["img"])
    for name, fraction in case["expected"].items():
        mesh = voxel_mesh(volume, [name], case["params"]["axis"], "no-flux")
        assert mesh.percolating_fraction == pytest.approx(fraction, **tolerance_of(case))
        exactly = case["independent_check"][name]
        assert mesh.percolating_fraction == pytest.approx(exactly, abs=5e-8)


@pytest.mark.parametrize("case", cases("is_percolating", "percolating_porosity"))
def test_percolation_through_faces(case, monkeypatch):
    """Their cases for connection by faces; by edges and corners a voxel mesh does not conduct."""
    volume = phase_volume(build(case, monkeypatch)["img"])
    checked = 0
    for axis in (0, 1):
        key = f"axis{axis}_face"
        if key in case["expected"]:
            mesh = voxel_mesh(volume, ["phase"], axis, "no-flux")
            through = mesh.percolating_fraction * mesh.volume_fraction
            found = mesh.percolates if case["quantity"] == "is_percolating" else through
            assert found == pytest.approx(case["expected"][key], abs=1e-12)
            checked += 1
    assert checked == 2
