"""Studies of subvolumes: where they lie, the law that is fitted, and what is refused."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import twin
from meshing.errors import InputError
from twin.power_law import fit_power_law

SPACING = (1e-6, 2e-6, 1e-6)
VOLUME = twin.generate.blobs((40, 20, 30), 0.4, 2e-6, SPACING, seed=1)


def study(sizes=("8um", "12um"), metric=twin.Volume.volume_fraction, volume=VOLUME, **how):
    options = {"store": None, "jobs": 1, **how}
    if metric is twin.Volume.volume_fraction:
        options = {"name": "pore", **options}
    sizes = list(sizes) if isinstance(sizes, tuple) else sizes
    return twin.representative(metric, volume, sizes, **options)


def boxes(found, size):
    """Boxes of one size, from the table of the sweep."""
    kept, before = [], 0
    for part in found.sizes:
        count = len(part.values) + part.infinite + part.failed
        if part is size:
            kept = [point.arguments["box"].content for point in found.sweep][
                before : before + count
            ]
        before += count
    return kept


def test_subvolumes_lie_side_by_side_and_are_cubes():
    found = study(samples=100)
    assert [size.shape for size in found.sizes] == [(8, 4, 8), (12, 6, 12)]
    assert [len(size.values) for size in found.sizes] == [5 * 5 * 3, 3 * 3 * 2]
    for size in found.sizes:
        seen = np.zeros(VOLUME.shape, int)
        for box, value in zip(boxes(found, size), size.values, strict=True):
            part = twin.crop(VOLUME, box)
            assert part.shape == size.shape
            assert value == part.volume_fraction("pore")
            seen[tuple(slice(*ends) for ends in box)] += 1
        assert seen.max() == 1
        assert size.extent == pytest.approx(math.prod(size.shape) * 2e-18)
    assert found.sizes[0].edge == pytest.approx(8e-6)
    assert found.whole == VOLUME.volume_fraction("pore")


def test_more_than_enough_are_drawn_by_the_seed():
    one, same, other = (study(("8um",), samples=20, seed=seed) for seed in (1, 1, 2))
    assert len(one.sizes[0].values) == 20
    np.testing.assert_array_equal(one.sizes[0].values, same.sizes[0].values)
    assert boxes(one, one.sizes[0]) != boxes(other, other.sizes[0])


def test_an_electrode_keeps_its_thickness():
    found = study(("10um", "20um"), axes="xy")
    assert [size.shape for size in found.sizes] == [(10, 5, 30), (20, 10, 30)]
    assert [size.extent for size in found.sizes] == pytest.approx([1e-10, 4e-10])
    assert found.extent == pytest.approx(1.6e-9)
    assert [size.edge for size in found.sizes] == pytest.approx([10e-6, 20e-6])


def test_usual_sizes_are_parts_of_the_shortest_edge():
    found = study(None)
    assert [size.shape[0] for size in found.sizes] == [
        10,
        15,
    ]  # 30 um over 3 and 2: a quarter has less than 4 voxels along y
    assert [size.shape[1] for size in found.sizes] == [5, 8]


def test_an_image_of_one_layer_is_cut_in_its_plane():
    flat = twin.Volume(VOLUME.labels[:, :, 3], SPACING, VOLUME.phases)
    found = study(("8um",), volume=flat)
    assert found.axes == "xy" and found.sizes[0].shape == (8, 4, 1)
    assert found.sizes[0].extent == pytest.approx(64e-12)


def test_it_goes_on_where_it_stopped(tmp_path: Path):
    store = tmp_path / "study.db"
    first = study(("8um",), store=store, samples=5)
    assert first.sweep.computed == 6
    again = study(("8um", "12um"), store=store, samples=5)
    assert again.sweep.computed == 5


def test_in_other_processes_and_with_progress():
    calls: list[tuple[int, int, int]] = []
    found = study(samples=4, jobs=2, progress=lambda *counts: calls.append(counts))
    np.testing.assert_array_equal(found.sizes[0].values, study(samples=4).sizes[0].values)
    assert calls[-1] == (9, 0, 9)


def test_a_solve_on_every_subvolume(tmp_path: Path):
    found = study(
        ("10um", "14um"), twin.tortuosity, value="tortuosity_factor", phase="pore", axis="x",
        samples=6,
    )  # fmt: skip
    part = twin.crop(VOLUME, boxes(found, found.sizes[1])[2])
    expected = twin.tortuosity(part, "pore", axis="x").tortuosity_factor
    assert found.sizes[1].values[2] == pytest.approx(expected, rel=1e-12)


def test_what_does_not_percolate_and_what_fails_is_counted_apart():
    def moody(volume):
        count = volume.voxel_count("pore")
        if count % 3 == 0:
            raise ArithmeticError("no")
        return math.inf if count % 3 == 1 else float(count)

    found = study(("8um",), moody, whole=False)
    (size,) = found.sizes
    assert len(size.values) + size.infinite + size.failed == 27
    assert size.infinite and size.failed and math.isnan(found.whole)
    assert f"{size.infinite + size.failed}\n" in found.summary()


def test_intervals_of_means():
    found = study(("8um",))
    (size,) = found.sizes
    low, high = size.mean_interval(0.95)
    # 2.0555 is the 97.5 % quantile of Student's t with 26 degrees of freedom.
    margin = 2.0555 * size.values.std(ddof=1) / math.sqrt(27)
    assert (high - low) / 2 == pytest.approx(margin, rel=1e-4)
    assert (high + low) / 2 == pytest.approx(size.values.mean())


def test_the_size_that_is_needed_follows_from_the_law():
    found = study(("6um", "10um", "15um"))
    for exponent in (None, 1.0):
        edge = found.size_needed(0.03, 0.9, exponent=exponent)
        deviation = found.law(exponent).deviation(edge**3)
        assert 1.6449 * deviation == pytest.approx(0.03 * found.whole, rel=1e-4)
        four = found.size_needed(0.03, 0.9, images=4, exponent=exponent)
        assert found.law(exponent).deviation(four**3) == pytest.approx(2 * deviation, rel=1e-9)
    assert found.standard_error(1.0) == found.law(1.0).deviation(found.extent)


def test_a_law_is_met_and_its_errors_are_those_of_the_counts():
    volumes = [1.0, 4.0, 16.0, 64.0]
    exact = [0.4 * v**-0.4 for v in volumes]
    law = fit_power_law(volumes, exact, [10**7] * 4)
    assert law.exponent == pytest.approx(0.8, rel=1e-6)
    assert law.deviation(256.0) == pytest.approx(0.4 * 256**-0.4, rel=1e-6)
    assert law.volume_for(0.4 * 256**-0.4) == pytest.approx(256.0, rel=1e-6)
    low, high = law.interval(256.0)
    assert low < law.deviation(256.0) < high < 1.01 * low

    random = np.random.default_rng(3)
    counts = [40, 30, 12, 5]
    laws = [
        fit_power_law(
            volumes,
            [random.normal(0, s, n).std(ddof=1) for s, n in zip(exact, counts, strict=True)],
            counts,
        )
        for _ in range(400)
    ]
    exponents = np.array([found.exponent for found in laws])
    expected = math.sqrt(laws[0].covariance[1, 1])
    assert exponents.mean() == pytest.approx(0.8, abs=4 * expected / 20)
    assert exponents.std() == pytest.approx(expected, rel=0.15)
    held = [low <= 0.4 * 256**-0.4 <= high for low, high in (f.interval(256.0, 0.9) for f in laws)]
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def test_three_values_know_their_variance_badly():
    """One degree of freedom pair: psi(1) is minus Euler's constant, psi'(1) is pi^2 / 6."""
    law = fit_power_law([2.0], [0.3], [3], exponent=1.0)
    assert law.covariance[0, 0] == pytest.approx(math.pi**2 / 6, rel=1e-12)
    assert law.log_variance == pytest.approx(2 * math.log(0.3) + np.euler_gamma, rel=1e-12)


def test_sizes_with_infinite_values_have_no_part_in_the_law():
    found = study(("6um", "10um", "15um"))
    smallest = replace(found.sizes[0], infinite=1)
    without = replace(found, sizes=(smallest, *found.sizes[1:]))
    expected = fit_power_law(
        [size.extent for size in found.sizes[1:]],
        [size.standard_deviation for size in found.sizes[1:]],
        [len(size.values) for size in found.sizes[1:]],
    )
    assert without.law().exponent == pytest.approx(expected.exponent, rel=1e-12)
    assert without.law().exponent != found.law().exponent
    labels = [text.get_text() for text in without.plot().axes[1].get_legend().get_texts()]
    assert "some are infinite" in labels


def test_a_law_that_does_not_fall_needs_an_endless_image():
    law = fit_power_law([1.0, 8.0], [0.1, 0.2], [10, 10])
    assert law.exponent < 0 and law.volume_for(0.05) == math.inf


def test_a_law_needs_two_sizes():
    found = study(("8um",))
    with pytest.raises(InputError, match="a power law needs 2 or more sizes"):
        found.law()
    assert found.law(1.0).exponent == 1.0
    assert "a power law needs 2 or more sizes" in found.summary()
    assert "exponent" not in found.to_dict()
    found.plot()


def test_what_it_says(tmp_path: Path):
    found = study(("6um", "10um", "15um"), error=0.02, confidence=0.9)
    text = found.summary()
    assert text.startswith("volume fraction of subvolumes: 40 x 20 x 30 voxels of 1 µm x 2 µm")
    assert "2 % with 90 % confidence takes edges of" in text
    data = found.to_dict()
    assert data["size_needed"] == found.size_needed(0.02, 0.9)
    assert data["sizes"] == found.rows() and len(found.rows()) == 3
    figure = found.plot(tmp_path / "r.png")
    assert (tmp_path / "r.png").stat().st_size > 0
    star = next(line for line in figure.axes[1].lines if line.get_marker() == "*")
    assert star.get_ydata()[0] == pytest.approx(found.standard_error() / found.whole)


def test_a_volume_of_unknown_spacing_counts_voxels():
    volume = twin.Volume(VOLUME.labels, phases=VOLUME.phases)
    found = study([5, 10], volume=volume)
    assert [size.shape for size in found.sizes] == [(5, 5, 5), (10, 10, 10)]
    assert "5 voxels" in found.summary()
    with pytest.raises(InputError, match="give sizes in voxels, for the spacing is unknown"):
        study(["5um"], volume=volume)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (dict(sizes=["35um"]), "a subvolume of 35 µm is larger than the volume, which has 30 "
         "voxels of 1 µm, 30 µm, along z; give sizes in metres, or as '5um'"),
        (dict(sizes=[20]), "a subvolume of 20 m is larger than the volume"),
        (dict(sizes=["0.4um"]), "is thinner than a voxel"),
        (dict(sizes=["10um", "10.1um"]), "two sizes are the same in whole voxels"),
        (dict(sizes="10um"), "sizes are several lengths"),
        (dict(sizes=[]), "there is no size to cut"),
        (dict(axes="xq"), "different letters of 'xyz', found 'xq'"),
        (dict(samples=1), "a spread needs 2 subvolumes or more; found 1"),
        (dict(error=0.0), "a relative error is a number above 0, as 0.05; found 0.0"),
        (dict(confidence=1.0), "a confidence lies between 0 and 1"),
        (dict(metric=7), "a metric is a function of a volume"),
        (dict(metric=lambda volume: "much"), "returned 'much', which is no number"),
        (dict(name="none"), "there is no phase 'none'"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_one_sentence(arguments, said):
    with pytest.raises(InputError, match=said):
        study(**arguments)
