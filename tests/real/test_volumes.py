"""Measured and published volumes, read where ../shared/data is present and skipped elsewhere.

What is asserted is what was published for them, or what must hold for any volume: the shares that
span, the same flow through every plane, rotation.  The published numbers come with their volume
in ../shared/data/MANIFEST.md.
"""

from __future__ import annotations

import numpy as np
import psutil
import pytest
from support.solving import conduct, effective

import twin
from meshing.volume import Volume

pytestmark = [pytest.mark.real, pytest.mark.slow]

NMC = {"pore": 0, "NMC": 1, "CBD": 2}
ELECTRODE = {"pore": 0, "NMC": 85, "CBD": 170}


def crop(volume: Volume, size: int) -> Volume:
    return Volume(volume.labels[:size, :size, :size], volume.spacing, volume.phases)


def test_nmc_fractions_and_spanning_shares(shared_data):
    volume = twin.read(shared_data / "volumes/nmc_1cal_am_cbd_pore.tif", "398nm", NMC)
    assert volume.shape == (251, 301, 301)
    published = {"pore": 0.400549, "NMC": 0.499451, "CBD": 0.100000}
    for name, fraction in published.items():
        assert volume.volume_fraction(name) == pytest.approx(fraction, abs=5e-7)
    spanning = {"pore": 0.9950, "NMC": 0.9981, "CBD": 0.6596}
    for name, share in spanning.items():
        for axis in "xyz":
            mesh = twin.voxel_mesh(volume, [name], "xyz".index(axis), "no-flux")
            assert mesh.percolating_fraction == pytest.approx(share, abs=1e-4), (name, axis)


def test_nmc_pore_tortuosity(shared_data, record_verification):
    """Soft references: other crops of the electrode gave 1.53 (pore and CBD), 2.7 to 3.3 (pore)."""
    volume = twin.read(shared_data / "volumes/nmc_1cal_am_cbd_pore.tif", "398nm", NMC)
    directions = twin.tortuosity(volume, "pore", "xyz")
    for t in directions:
        record_verification(
            f"NMC 1-CAL, pore, {t.axis}: spread of the flow over planes", 0,
            t.flux_imbalance, t.flux_imbalance,
        )  # fmt: skip
        assert 1.5 < t.tortuosity_factor < 4
        assert t.flux_imbalance < 1e-3
    both = Volume(volume.labels, volume.spacing, {"electrolyte": (0, 2), "NMC": 1})
    found = twin.tortuosity(both, "electrolyte", "x").tortuosity_factor
    record_verification(
        "NMC 1-CAL, pore and CBD, along axis x (soft: another crop)", 1.533, found,
        abs(found / 1.533 - 1), source="NREL MATBOX, electrode NMC 1-CAL",
    )  # fmt: skip
    assert found == pytest.approx(1.533, rel=0.1)
    assert found < directions["x"].tortuosity_factor


def test_nmc_conducts_less_than_its_bounds_and_the_axes_turn_with_the_image(shared_data):
    volume = crop(twin.read(shared_data / "volumes/nmc_1cal_am_cbd_pore.tif", "398nm", NMC), 96)
    conductivity = {"NMC": 0.1, "CBD": 760.0}
    found = [effective(conduct(volume, conductivity, axis)) for axis in "xyz"]
    mean = sum(volume.volume_fraction(name) * k for name, k in conductivity.items())
    assert all(0 < k < mean for k in found)
    turned = Volume(volume.labels.transpose(2, 0, 1), volume.spacing, volume.phases)
    again = [effective(conduct(turned, conductivity, axis)) for axis in "yzx"]
    assert again == pytest.approx(found, rel=1e-8)


def test_taufactor_electrode(shared_data, record_verification):
    """Published 2.07716 along axis 0, single precision at conv_crit 1e-3."""
    path = shared_data / "volumes/taufactor_electrode_3phase.tif"
    volume = twin.read(path, 390.625e-9, ELECTRODE)
    t = twin.tortuosity(volume, "pore", "x")
    record_verification(
        "TauFactor's electrode, pore, x", 2.07716, t.tortuosity_factor,
        abs(t.tortuosity_factor / 2.07716 - 1), source="tldr-group/taufactor, example electrode",
    )  # fmt: skip
    assert t.tortuosity_factor == pytest.approx(2.07716, rel=1e-3)
    assert t.flux_imbalance < 1e-3


def test_berea(shared_data, record_verification):
    """Formation factors 23.12, 23.99, 25.22 from another tool; the order of axes is not stated.

    Compared without an order: each of ours, sorted, with each of theirs, to 5 %.
    """
    volume = twin.read(shared_data / "volumes/berea_400.tif", "5.345um", {"pore": 0, "grain": 255})
    assert volume.volume_fraction("pore") == pytest.approx(0.19645303125, abs=1e-11)
    found = sorted(t.macmullin_number for t in twin.tortuosity(volume, "pore", "xyz"))
    for ours, theirs in zip(found, (23.12, 23.99, 25.22), strict=True):
        record_verification(
            f"Berea sandstone, formation factor near {theirs}", theirs, ours,
            abs(ours / theirs - 1), source="Imperial College London, Berea data set (DNS)",
        )  # fmt: skip
        assert ours == pytest.approx(theirs, rel=0.05)


def test_two_segmentations_of_berea_agree_roughly(shared_data):
    """A crop of 200^3 of another segmentation; a rock is not its crop: a factor of two."""
    volume = twin.read(
        shared_data / "volumes/porespy_berea_crop_200.tif", "5.345um", {"pore": 0, "grain": 255}
    )
    assert volume.volume_fraction("pore") == pytest.approx(0.1990, abs=5e-5)
    for t in twin.tortuosity(volume, "pore", "xyz"):
        assert 12 < t.macmullin_number < 50
        assert t.flux_imbalance < 1e-3


@pytest.fixture(scope="module")
def benchmark(shared_data) -> Volume:
    """The 500^3 volume of the TauFactor 2 paper; solving it takes about 3 GiB."""
    free = psutil.virtual_memory().available / 2**30
    if free < 4:
        pytest.skip(f"the 500^3 benchmark needs 4 GiB of free memory, found {free:.1f}")
    path = shared_data / "volumes/taufactor2_benchmark_500.tif"
    return twin.read(path, phases={"insulating": 0, "conducting": 255})


@pytest.mark.parametrize(("axis", "published"), [("x", 4.2431), ("y", 1.1513), ("z", 1.3905)])
def test_the_benchmark_of_500_cubed_to_every_digit_published(
    benchmark, axis, published, record_verification
):
    """Over-converged values of the TauFactor 2 paper, doi:10.21105/joss.05358."""
    t = twin.tortuosity(benchmark, "conducting", axis)
    record_verification(
        f"TauFactor 2's benchmark of 500^3, axis {axis}", published, t.tortuosity_factor,
        abs(t.tortuosity_factor / published - 1), source="doi:10.21105/joss.05358",
    )  # fmt: skip
    assert t.volume_fraction == pytest.approx(0.3, abs=5e-5)
    assert round(t.tortuosity_factor, 4) == published
    assert t.flux_imbalance < 1e-3
    assert np.isfinite(t.estimated_error)
