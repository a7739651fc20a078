"""Areas, interfaces and triple lines: the numbers of other tools, published and on the same image.

Volume fractions and the share that percolates stand in `test_peer_cases`. TauFactor and QuantImPy
leave out what lies beyond the outermost voxel centres where triangles or pairs are looked for, half
a voxel on every side; that is why whole images are compared only to a per cent.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from peers.test_peer_cases import build, cases, difference, source_of, tolerance_of
from support.metric_shapes import ball

import twin
from meshing.volume import Volume

pytestmark = pytest.mark.peers


def areas(image: np.ndarray, spacing: float | None = None) -> twin.Area:
    """Of what is true in an image."""
    return twin.surface_areas(Volume(image.astype(np.uint8), spacing)).phase("1")


@pytest.mark.parametrize(
    "case",
    cases("specific_surface_area/face_counting", "specific_surface_area/marching_cubes",
          "specific_surface_area/faces"),
)  # fmt: skip
def test_specific_area(case, monkeypatch, record_verification):
    image = build(case, monkeypatch)["img"]
    found = areas(image).over(image.size)
    value = found.marching_cubes if case["quantity"].endswith("cubes") else found.voxel
    record_verification(
        f"{case['id']} ({case['quantity']})", case["expected"], value,
        difference(value, case["expected"]), source=source_of(case),
    )  # fmt: skip
    assert value == pytest.approx(case["expected"], **tolerance_of(case))
    if case["id"] == "oi_ssa_half":  # "2/3 of it" is OpenImpala's correction of every surface,
        # right for surfaces of no preferred direction; this one is a plane along the voxels.
        assert found.crofton / found.voxel == pytest.approx(0.92, abs=0.01)


@pytest.mark.parametrize("case", cases("specific_surface_area error % vs 4 pi r^2"))
def test_error_of_a_small_ball(case, monkeypatch, record_verification):
    """Of faces 52 %, of marching cubes 8.4 %; Crofton's is under 2 %."""
    built = build(case, monkeypatch)
    found, exact = areas(built["img"]), 4 * math.pi * built["r"] ** 2
    value = found.voxel if case["params"]["method"] == "face_counting" else found.marching_cubes
    error = 100 * (value / exact - 1)
    record_verification(
        f"{case['id']}, %", case["expected"], error, abs(error - case["expected"]),
        source=source_of(case),
    )  # fmt: skip
    assert error == pytest.approx(case["expected"], **tolerance_of(case))
    assert abs(found.crofton / exact - 1) < 0.02


@pytest.mark.parametrize("case", cases("surface_area/faces"))
def test_area_in_square_metres(case, monkeypatch):
    built = build(case, monkeypatch)
    found = areas(built["img"], built["voxel"])
    box = built["img"].size * built["voxel"] ** 3
    assert found.voxel == pytest.approx(case["expected"]["area"], **tolerance_of(case))
    specific = case["expected"]["specific"]
    assert found.over(box).voxel == pytest.approx(specific, **tolerance_of(case))


@pytest.mark.parametrize("case", cases("interface_faces"))
def test_interfaces(case, monkeypatch):
    found = twin.surface_areas(Volume(build(case, monkeypatch)["lab"]))
    for pair, faces in case["expected"].items():
        assert found.interface(*pair.split("-")).voxel == pytest.approx(faces, rel=1e-12)


@pytest.mark.parametrize("case", cases("tpb_fraction"))
def test_triple_lines(case, monkeypatch):
    labels = build(case, monkeypatch)["lab"]
    volume = Volume(labels)
    inner = [np.array(volume.shape) - (np.arange(3) != axis) for axis in range(3)]
    if labels.ndim == 2:  # vertices of the picture are the edges across it
        inner = inner[2:]
    share = len(twin.triple_lines(volume)) / sum(int(np.prod(n)) for n in inner)
    assert share == pytest.approx(case["expected"], **tolerance_of(case))


def taufactor_metrics():
    reason = "TauFactor is not installed: it is in the extra 'peers', because it needs PyTorch"
    pytest.importorskip("torch", reason=reason)
    return pytest.importorskip("taufactor.metrics", reason=reason)


@pytest.fixture(scope="module")
def electrode() -> Volume:
    made = twin.generate.electrode((36, 34, 32), seed=7)
    return Volume(made.labels, phases=made.phases)  # lengths in voxels, as theirs


def test_taufactor_on_an_electrode(electrode, record_verification):
    theirs = taufactor_metrics()
    labels = np.asarray(electrode.labels, np.int64)
    found = twin.characterize(electrode)
    names = {number: name for number, name in enumerate(electrode.phases)}
    faces = theirs.specific_surface_area(labels, method="face_counting", device="cpu")
    for number, name in names.items():
        expected = faces[str(number)]
        value = found.specific_area(name, "voxel")
        assert value == pytest.approx(expected, rel=1e-6)
    pairs = theirs.interfacial_areas(labels, device="cpu")
    for (a, b), expected in pairs.items():
        value = found.specific_interface(names[a], names[b], "voxel")
        record_verification(
            f"interface {names[a]}:{names[b]} of an electrode, faces per voxel", expected, value,
            abs(value / expected - 1), source="taufactor.metrics.interfacial_areas",
        )  # fmt: skip
        assert value == pytest.approx(expected, rel=1e-6)
    share = float(theirs.triple_phase_boundary(labels))
    candidates = sum(int(np.prod(np.array(labels.shape) - (np.arange(3) != a))) for a in range(3))
    value = found.all_triple_lines.edges / candidates
    record_verification(
        "edges at which three phases meet, share of all", share, value, abs(value / share - 1),
        source="taufactor.metrics.triple_phase_boundary",
    )  # fmt: skip
    assert value == pytest.approx(share, rel=1e-6)


def test_taufactor_marching_cubes(electrode):
    """Theirs ends at the outermost voxel centres: ours of those cells alone is the same."""
    theirs = taufactor_metrics()
    labels = np.asarray(electrode.labels, np.int64)
    mask = labels == 1
    mask[[0, -1]] = mask[:, [0, -1]] = mask[:, :, [0, -1]] = False
    expected = theirs.specific_surface_area(
        mask.astype(np.int64), phases={"AM": 1}, method="marching_cubes", device="cpu",
        smoothing=False,
    )["AM"]  # fmt: skip
    assert areas(mask).marching_cubes / mask.size == pytest.approx(expected, rel=1e-5)


def quantimpy_functionals():
    reason = (
        "QuantImPy cannot be imported: pip install --no-build-isolation quantimpy builds it for "
        "the NumPy that is installed"
    )
    try:
        from quantimpy import minkowski
    except (ImportError, ValueError):
        pytest.skip(reason)
    return minkowski.functionals


@pytest.mark.parametrize("radius", [8.0, 16.0])
def test_quantimpy_on_balls(radius, record_verification):
    """Crofton's formula in both, with weights that differ in the third digit."""
    functionals = quantimpy_functionals()
    image = ball(radius, (1.0, 1.0, 1.0), np.random.default_rng(0)).labels.astype(bool)
    expected = 8 * functionals(image)[1]
    found = areas(image).crofton
    record_verification(
        f"area of a ball of radius {radius:g}, Crofton", expected, found,
        abs(found / expected - 1), source="quantimpy.minkowski.functionals",
    )  # fmt: skip
    assert found == pytest.approx(expected, rel=0.003)


def test_quantimpy_on_an_electrode(electrode):
    functionals = quantimpy_functionals()
    mask = np.asarray(electrode.labels) == 1
    mask[[0, -1]] = mask[:, [0, -1]] = mask[:, :, [0, -1]] = False
    # The cuts lie along the voxels, where the two sets of weights differ most: 0.922 and 0.929.
    assert areas(mask).crofton == pytest.approx(8 * functionals(mask)[1], rel=0.01)


def test_porespy_on_an_electrode(electrode):
    """The share that percolates, and the surface of one particle by triangles."""
    porespy = pytest.importorskip("porespy", reason="PoreSpy is not installed")
    pore = np.asarray(electrode.labels) == 0
    percolating = twin.percolation(electrode)["pore"].percolating_fraction
    fraction = electrode.volume_fraction("pore")
    for axis in range(3):
        expected = porespy.metrics.percolating_porosity(pore, axis=axis, conn="min")
        assert percolating[axis] * fraction == pytest.approx(expected, rel=1e-9)


def published(name: str) -> dict:
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "peer_cases.json"
    if not path.exists():
        pytest.skip("the peers' cases are not here: there is no ../shared/data/peer_cases.json")
    listed = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return next(case for case in listed if case["id"] == name)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "estimator"),
    [("tf_electrode_ssa_faces", "voxel"), ("tf_electrode_ssa_mc", "marching_cubes")],
)
def test_published_areas_of_a_measured_electrode(name, estimator, shared_data, record_verification):
    case = published(name)
    path = shared_data / "volumes" / "taufactor_electrode_3phase.tif"
    volume = twin.read(path, phases={"0": 0, "85": 85, "170": 170})
    found = twin.surface_areas(volume)
    for phase, expected in case["expected"].items():
        value = getattr(found.phase(phase).over(found.box), estimator)
        record_verification(
            f"{case['id']}, label {phase}", expected, value, abs(value / expected - 1),
            source=source_of(case),
        )  # fmt: skip
        # Half a voxel more on each of six sides: 3/256 of the triangles at most.
        close = {"rel": 3 / 256} if estimator == "marching_cubes" else {"rel": 1e-7}
        assert value == pytest.approx(expected, **close)


@pytest.mark.real
def test_published_area_of_a_sandstone(shared_data, record_verification):
    """From the slope of its two-point correlation, which knows no voxel faces; Crofton is near."""
    case = published("berea_ssa_slope")
    volume = twin.read(shared_data / "volumes" / "berea_400.tif", phases={"pore": 0})
    found = twin.surface_areas(volume)
    value = found.phase("pore").over(found.box)
    record_verification(
        "specific area of Berea sandstone per voxel, Crofton beside the slope of S2",
        case["expected"], value.crofton, abs(value.crofton / case["expected"] - 1),
        source=source_of(case),
    )  # fmt: skip
    errors = {name: abs(v / case["expected"] - 1) for name, v in value.to_dict().items()}
    assert min(errors, key=errors.get) == "crofton"
    # The published slope is a radial mean of a lattice at distances of a voxel: some per cent.
    assert errors["crofton"] < 0.1
