"""Random small images for hypothesis: a seed and a few choices, so that a failure is one line."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Case = tuple[NDArray[np.bool_], tuple[float, float, float], str, str]
Field = tuple[NDArray[np.float64], tuple[float, float, float], str, str]

SPACINGS = ((1.0, 1.0, 1.0), (20e-9, 5e-9, 8e-9), (1e-6, 7e-6, 1e-6))

shapes = st.tuples(st.integers(2, 12), st.integers(2, 12), st.integers(2, 12))
seeds = st.integers(0, 2**32 - 1)
axes = st.sampled_from("xyz")
sides = st.sampled_from(["no-flux", "periodic"])
spacings = st.sampled_from(SPACINGS)


@st.composite
def single_phase(draw: st.DrawFn) -> Case:
    """Image (nx, ny, nz) bool, spacing [m], axis, sides."""
    shape, seed = draw(shapes), draw(seeds)
    porosity = draw(st.sampled_from([0.2, 0.35, 0.5, 0.65, 0.8, 0.95]))
    image = np.random.default_rng(seed).random(shape) < porosity
    return image, draw(spacings), draw(axes), draw(sides)


@st.composite
def many_phases(draw: st.DrawFn, insulator: bool = True) -> Field:
    """Conductivities (nx, ny, nz), some of them 0 unless `insulator` is False; the same beside."""
    shape, seed = draw(shapes), draw(seeds)
    random = np.random.default_rng(seed)
    values = np.array(
        draw(st.sampled_from([(1.0, 2.0), (1.0, 30.0, 0.02), (760.0, 0.1, 3.0, 1.0)]))
    )
    k = random.choice(values, shape)
    if insulator:
        k[random.random(shape) < draw(st.sampled_from([0.0, 0.2, 0.5]))] = 0.0
    return k, draw(spacings), draw(axes), draw(sides)
