"""PoreSpy's two-point correlation of the same image."""

from __future__ import annotations

import numpy as np
import pytest

import twin

pytestmark = pytest.mark.peers


def test_porespy_averages_the_same_pairs():
    metrics = pytest.importorskip("porespy", reason="PoreSpy is not installed").metrics
    volume = twin.generate.blobs((70, 60, 64), 0.35, 2.5, seed=2)
    ours = twin.correlation(volume, "pore", radial=True, longest=20.0)["radial"]
    edges = np.concatenate([[0.0], np.arange(20) + 0.5])  # shells about 0, 1, 2, ... voxels
    theirs = metrics.two_point_correlation(volume.labels == 1, bins=edges)
    # They average over vectors and we over pairs, of which long vectors have fewer.
    np.testing.assert_allclose(theirs.probability_scaled, ours.probability[:20], atol=5e-4)
    assert ours.probability[0] == pytest.approx(theirs.probability_scaled[0], rel=1e-6)
