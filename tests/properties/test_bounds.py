"""Bounds that no arrangement of the phases can leave, and more conduction for more conductivity."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from support import images
from support.solving import effective_conductivity, volume_of

from meshing import generate

SLACK = 1e-9
"""Bounds are met with equality by layers; the answer is good to this."""


def conductivity_of(k, spacing, axis, sides="no-flux") -> float:
    volume, conductivity = volume_of(k, spacing)
    return effective_conductivity(volume, conductivity, axis, sides)


@hypothesis.settings(max_examples=60)
@hypothesis.given(case=images.many_phases())
def test_wiener_bounds(case):
    """Harmonic and arithmetic mean (Wiener 1912), exact also for the discrete problem.

    A linear field is a trial for the energy and an even flux one for its dual; harmonic means at
    faces never exceed arithmetic ones.
    """
    k, spacing, axis, sides = case
    found = conductivity_of(k, spacing, axis, sides)
    lowest = 1 / np.mean(1 / k) if (k > 0).all() else 0.0
    assert lowest * (1 - SLACK) <= found <= k.mean() * (1 + SLACK)


@hypothesis.settings(max_examples=60)
@hypothesis.given(
    case=images.many_phases(), seed=images.seeds, factor=st.sampled_from([1.5, 100.0])
)
def test_more_conductivity_conducts_more(case, seed, factor):
    """Rayleigh's monotonicity: raise some voxels, those that insulate included."""
    k, spacing, axis, sides = case
    raised = np.random.default_rng(seed).random(k.shape) < 0.2
    higher = np.where(raised, np.maximum(k * factor, 0.5), k)
    before = conductivity_of(k, spacing, axis, sides)
    after = conductivity_of(higher, spacing, axis, sides)
    assert after >= before * (1 - SLACK)


@hypothesis.settings(max_examples=60)
@hypothesis.given(case=images.single_phase())
def test_hashin_shtrikman_upper_bound_of_a_pore_space(case):
    """Over the three axes, for anisotropic images too (Lurie & Cherkaev; Milton & Kohn 1988).

    With an insulator, sum over axes of 1 / (1 - k) <= 1 + 2 / (1 - eps); equal axes give the
    bound of Hashin and Shtrikman, k <= 2 eps / (3 - eps).  Reflections at the faces make any
    image a periodic medium whose principal axes are x, y, z.
    """
    image, spacing, _, _ = case
    hypothesis.assume(image.any() and not image.all())
    eps = image.mean()
    found = np.array([conductivity_of(image.astype(float), spacing, a) for a in "xyz"])
    assert (found < 1).all()
    assert (1 / (1 - found)).sum() <= (1 + 2 / (1 - eps)) * (1 + SLACK)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("contrast", [3.0, 30.0])
def test_both_hashin_shtrikman_bounds_of_resolved_blobs(seed, contrast):
    """Bodies of several voxels; for bodies of one voxel the lower bound is one of the continuum.

    Hashin & Shtrikman 1962, doi:10.1063/1.1728579, as bounds on the sum over axes.
    """
    volume = generate.blobs((24, 24, 24), 0.4, length=2.5, seed=seed)
    found = np.array([
        effective_conductivity(volume, {"solid": 1.0, "pore": contrast}, a) for a in "xyz"
    ])  # fmt: skip
    mean, harmonic = 0.6 + 0.4 * contrast, 1 / (0.6 + 0.4 / contrast)
    assert ((found > 1) & (found < contrast)).all()
    lower = 1 / (harmonic - 1) + 2 / (mean - 1)
    upper = 1 / (contrast - harmonic) + 2 / (contrast - mean)
    assert (1 / (found - 1)).sum() <= lower
    assert (1 / (contrast - found)).sum() <= upper
