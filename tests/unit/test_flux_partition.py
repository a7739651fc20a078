"""Through paths, dead ends and islands, on images where each voxel's class is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray
from support.solving import ANISOTROPIC, TIGHT
from vtkmodules.vtkIOXML import vtkXMLImageDataReader

import twin
from meshing.errors import InputError
from twin.flux_colours import flux_limits
from twin.flux_distribution import magnitudes, superficial_flux

Labels = NDArray[np.uint8]


def solved(
    labels: Labels, axis: str = "x", sides: str = "no-flux", spacing: Any = ANISOTROPIC
) -> twin.Tortuosity:
    volume = twin.Volume(labels, spacing, {"solid": 0, "pore": 1, "binder": 2})
    found = twin.tortuosity(volume, "pore", axis, sides, solver=TIGHT)  # type: ignore[arg-type]
    assert isinstance(found, twin.Tortuosity)
    return found


def pocket() -> Labels:
    """A straight channel of 9 voxels, a pocket of 6 behind one of them, an island of 2."""
    labels = np.zeros((9, 6, 3), np.uint8)
    labels[:, 0, 0] = 1
    labels[4, 1:4, 0] = labels[3:6, 3, 0] = labels[4, 3, 1] = 1
    labels[0:2, 5, 2] = 1
    labels[7, 5, 2] = 2
    return labels


def expected_pocket() -> Labels:
    classes = pocket()
    classes[classes == 2] = 0
    classes[4, 1:4, 0] = classes[3:6, 3, 0] = classes[4, 3, 1] = 2
    classes[0:2, 5, 2] = 3
    return classes


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("threshold", [0.02, None])
def test_a_channel_with_a_pocket_and_an_island(axis: int, threshold: float | None) -> None:
    result = solved(np.moveaxis(pocket(), 0, axis), "xyz"[axis])
    parts = twin.flux_partition(result, threshold)
    np.testing.assert_array_equal(parts.labels, np.moveaxis(expected_pocket(), 0, axis))
    assert parts.voxels == (9, 6, 2)
    fractions = (parts.through_fraction, parts.dead_end_fraction, parts.isolated_fraction)
    assert fractions == (9 / 17, 6 / 17, 2 / 17)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_flux_in_the_channel_and_its_pocket(axis: int) -> None:
    """Nine voxels carry 1 each and six nothing: everything that is said of them follows."""
    result = solved(np.moveaxis(pocket(), 0, axis), "xyz"[axis])
    spread = twin.flux_partition(result).distribution
    flux = 1.0 / result.length
    assert spread.voxels == 15
    assert spread.maximum == pytest.approx(flux, rel=1e-5)
    assert spread.mean == pytest.approx(flux * 9 / 15, rel=1e-5)
    assert spread.superficial == pytest.approx(flux * 9 / pocket().size, rel=1e-5)
    assert spread.half_share == pytest.approx(4.5 / 15, rel=1e-5)
    deviation = np.sqrt((9 * (1 - 0.6) ** 2 + 6 * 0.6**2) / 15) / 0.6
    assert spread.coefficient_of_variation == pytest.approx(deviation, rel=1e-5)
    (bin_,) = np.flatnonzero(spread.counts)
    assert spread.counts[bin_] == 9
    assert spread.edges[bin_] <= 15 / 9 < spread.edges[bin_ + 1]


def test_periodic_sides_make_a_pocket_a_path() -> None:
    labels = np.zeros((9, 6, 1), np.uint8)
    labels[:, 0] = labels[2, 4:] = labels[2:7, 4] = labels[6, 4:] = 1
    closed = twin.flux_partition(solved(labels))
    assert closed.voxels == (9, 0, 7)
    around = twin.flux_partition(solved(labels, sides="periodic"))
    assert around.voxels == (16, 0, 0)


def test_a_balanced_rung_is_on_a_path_and_carries_nothing() -> None:
    """Where the two definitions differ: both rails have the same potential at the rung."""
    labels = np.zeros((7, 5, 1), np.uint8)
    labels[:, 0] = labels[:, 4] = 1
    labels[3, 1:4] = 1
    result = solved(labels)
    by_flux, by_path = twin.flux_partition(result), twin.flux_partition(result, None)
    assert by_flux.voxels == (14, 3, 0)
    assert (by_flux.labels[3, 1:4, 0] == 2).all()
    assert by_path.voxels == (17, 0, 0)
    labels[1, 4] = 0  # half of a rail is lost, and the rung feeds the other half
    assert twin.flux_partition(solved(labels)).voxels == (14, 1, 1)


def test_both_arms_of_a_ring_carry_current() -> None:
    labels = np.ones((6, 5, 1), np.uint8)
    labels[1:5, 1:4] = 0
    for threshold in (0.02, None):
        assert twin.flux_partition(solved(labels), threshold).voxels == (18, 0, 0)


@pytest.mark.parametrize("relative_to", ["maximum", "mean"])
def test_the_threshold_is_that_of_the_flux(relative_to: Any) -> None:
    volume = twin.generate.blobs((20, 24, 18), 0.5, 40e-9, ANISOTROPIC, seed=2)
    result = twin.tortuosity(volume, "pore", "y", "periodic")
    active = result.mesh.active()
    size = np.linalg.norm(result.flux().astype(float), axis=-1)
    unit = {"maximum": size[active].max(), "mean": size[active].mean()}[relative_to]
    for threshold in (0.0, 0.01, 0.1, 0.9):
        parts = twin.flux_partition(result, threshold, relative_to=relative_to)
        np.testing.assert_array_equal(parts.labels == 2, active & (size < threshold * unit))
        np.testing.assert_array_equal(parts.labels == 1, active & (size >= threshold * unit))
        np.testing.assert_array_equal(parts.labels == 3, (volume.labels == 1) & ~active)
        assert sum(parts.voxels) == (volume.labels == 1).sum()


@pytest.mark.parametrize("relative_to", ["maximum", "mean"])
def test_the_curve_is_the_fraction_at_each_threshold(relative_to: Any) -> None:
    volume = twin.generate.electrode((24, 20, 18), ANISOTROPIC, binder_fraction=0.2, seed=1)
    result = twin.tortuosity(volume, "CBD", "z")
    curve = twin.flux_partition(result, relative_to=relative_to).curve
    assert (np.diff(curve.dead_end_fraction) >= 0).all()
    for number in (20, 70, 100, 118):
        threshold = float(curve.thresholds[number])
        parts = twin.flux_partition(result, threshold, relative_to=relative_to)
        # The voxels on the very edge of a single-precision comparison may fall on either side.
        assert parts.dead_end_fraction == pytest.approx(curve.dead_end_fraction[number], abs=1e-3)
        assert curve.at(threshold) == pytest.approx(curve.dead_end_fraction[number])
    assert curve.dead_end_fraction[-1] > 0.9 * result.percolating_fraction


def test_the_maximum_grows_with_resolution_and_the_mean_does_not() -> None:
    """Flux around a corner has no bound: what is relative to its maximum depends on the voxels."""
    coarse = np.ones((8, 8, 1), np.uint8)
    coarse[2:6, 2:6] = 0
    maxima, means, ends = [], [], []
    for times in (1, 2, 4, 8):
        fine = np.repeat(np.repeat(coarse, times, 0), times, 1)
        parts = twin.flux_partition(solved(fine, spacing=(1 / times, 1 / times, 1.0)), 0.2)
        maxima.append(parts.distribution.maximum)
        means.append(parts.distribution.mean)
        ends.append(parts.dead_end_fraction)
    assert (np.diff(maxima) > 0.05 * maxima[0]).all()  # it does not settle
    assert abs(means[3] - means[2]) < 0.25 * abs(means[1] - means[0])
    assert abs(means[3] / means[2] - 1) < 0.01
    assert ends[3] > 1.5 * ends[1]


def test_a_phase_that_does_not_percolate_is_isolated(tmp_path: Path) -> None:
    labels = np.zeros((6, 5, 4), np.uint8)
    labels[:3] = 1
    for threshold in (0.02, None):
        parts = twin.flux_partition(solved(labels), threshold)
        assert parts.voxels == (0, 0, 60)
        np.testing.assert_array_equal(parts.labels, 3 * labels)
        assert parts.distribution.mean == parts.distribution.half_share == 0.0
        assert not parts.curve.dead_end_fraction.any()
        assert "does not touch the high face" in parts.summary()
        parts.plot(tmp_path / "closed.png")
        parts.to_vtk(tmp_path / "closed.vti")


def test_summary_and_dict() -> None:
    parts = twin.flux_partition(solved(pocket()))
    assert "dead end    0.3529  flux below 0.02 of its maximum" in parts.summary()
    assert "half of the flux passes 30.0 % of the voxels" in parts.summary()
    data = parts.to_dict()
    assert data["dead_end_fraction"] == parts.dead_end_fraction
    assert data["method"] == "flux below 0.02 of its maximum"
    assert len(data["curve"]["thresholds"]) == len(parts.curve.thresholds)
    assert twin.flux_partition(solved(pocket()), None).method.startswith("on no path")


def test_the_image_for_paraview(tmp_path: Path) -> None:
    result = solved(pocket())
    path = twin.flux_partition(result).to_vtk(tmp_path / "a.vti")
    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    data = reader.GetOutput().GetCellData()
    names = {data.GetArrayName(i) for i in range(data.GetNumberOfArrays())}
    assert names == {"phase", "partition", "potential", "flux", "flux_over_mean"}
    stored = [data.GetArray("partition").GetValue(i) for i in range(pocket().size)]
    np.testing.assert_array_equal(np.reshape(stored, (3, 6, 9)).T, expected_pocket())
    ratio = [data.GetArray("flux_over_mean").GetValue(i) for i in range(9)]
    np.testing.assert_allclose(ratio, 15 / 9, rtol=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threshold": -0.1}, r"from 0 on, at most 1, found -0\.1"),
        ({"threshold": 1.5}, r"at most 1, found 1\.5"),
        ({"threshold": float("nan")}, "found nan"),
        ({"threshold": float("inf"), "relative_to": "mean"}, "relative to the mean .* found inf"),
        ({"relative_to": "median"}, "'maximum' or its 'mean', found 'median'"),
    ],
)
def test_bad_options_are_one_sentence(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        twin.flux_partition(solved(pocket()), **options)


def test_several_directions_are_refused() -> None:
    volume = twin.Volume(np.ones((4, 4, 4), np.uint8), phases={"pore": 1})
    found: Any = twin.tortuosity(volume, "pore", "xy")
    with pytest.raises(InputError, match=r"one axis is needed, found Directions; give .*\['z'\]"):
        twin.flux_partition(found)


def test_three_slices_show_the_classes() -> None:
    parts = twin.flux_partition(solved(pocket()))
    figure = parts.plot(at=(4, 3, 0))
    across_z, across_y, across_x = figure.axes[:3]
    assert across_z.get_title() == "z = 4 nm"
    assert (across_y.get_xlabel(), across_y.get_ylabel()) == ("x [nm]", "z [nm]")
    shown = np.asarray(across_z.images[0].get_array()).swapaxes(0, 1)
    classes = parts.labels[:, :, 0]
    assert (shown[classes == 2] == 1.0).all()  # white
    assert (shown[classes == 0] < 0.35).all()  # dark
    assert len(np.unique(shown[classes == 1].round(3), axis=0)) == 1  # one flux, one colour
    assert across_x.get_title() == "x = 90 nm"
    texts = {text.get_text() for text in figure.subfigs[0].legends[0].get_texts()}
    assert texts == {"dead end: flux below 0.02 of its maximum", "isolated", "solid", "binder"}


@pytest.mark.parametrize("shape", [(2, 1, 1), (40, 2, 3), (2, 40, 1), (3, 3, 40)])
def test_thin_volumes_can_be_drawn(shape: tuple[int, int, int], tmp_path: Path) -> None:
    parts = twin.flux_partition(solved(np.ones(shape, np.uint8)))
    assert isinstance(parts.plot(tmp_path / "thin.png"), Figure)


def test_a_place_outside_is_refused() -> None:
    with pytest.raises(InputError, match=r"found \(9, 0, 0\) in one of 9 x 6 x 3 voxels"):
        twin.flux_partition(solved(pocket())).plot(at=(9, 0, 0))


def test_the_scale_begins_at_the_threshold() -> None:
    parts = twin.flux_partition(solved(pocket()), 0.1)
    assert flux_limits(parts)[0] == pytest.approx(0.1 * 15 / 9, rel=1e-5)


def test_magnitudes_are_those_of_the_members_in_order() -> None:
    random = np.random.default_rng(4)
    flux = random.normal(size=(5, 4, 3, 3)).astype(np.float32)
    members = random.random((5, 4, 3)) < 0.5
    np.testing.assert_allclose(
        magnitudes(flux, members), np.linalg.norm(flux, axis=-1)[members], rtol=1e-6
    )
    assert superficial_flux(flux, 1) == pytest.approx(flux[..., 1].mean(), rel=1e-5)


def test_conduction_through_several_phases_is_divided_too(tmp_path: Path) -> None:
    """A good wire along a poor one of the same size: the poor one carries a thousandth."""
    labels = np.zeros((6, 4, 1), np.uint8)
    labels[:, 0], labels[:, 2] = 1, 2
    volume = twin.Volume(labels, ANISOTROPIC, {"solid": 0, "good": 1, "poor": 2})
    result: Any = twin.conduction(volume, {"good": 1000.0, "poor": 1.0}, "x")
    assert twin.flux_partition(result).voxels == (6, 6, 0)
    assert twin.flux_partition(result, 5e-4).voxels == (12, 0, 0)
    assert twin.flux_partition(result, None).voxels == (12, 0, 0)
    twin.flux_partition(result).plot(tmp_path / "wires.png")
