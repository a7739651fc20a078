"""What is found does not depend on the number of threads, to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numba
import numpy as np
import pytest

import twin

# An odd number of pairs of planes, so that between periodic sides the last ones meet the first.
IMAGE = twin.generate.electrode((42, 28, 26), spacing=(1e-7, 1.5e-7, 2e-7), seed=4)
REACTIVE = ("AM", "CBD")


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(count)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def flow(sides: str) -> object:
    found = twin.tortuosity(IMAGE, "pore", "z", sides=sides)
    return (*found.solution.plane_flows, *found.solution.report.history)


def conduction(sides: str) -> object:
    found = twin.conduction(IMAGE, {"CBD": 760.0, "AM": 0.1}, "z", sides=sides)
    return (found.effective_conductivity, *found.report.history)


def electrode(sides: str) -> object:
    found = twin.electrode_tortuosity(IMAGE, "pore", "z", reactive=REACTIVE, sides=sides)
    return found.tortuosity_factor


def spectrum(sides: str) -> object:
    found = twin.impedance(
        IMAGE, "pore", "z", reactive=REACTIVE, sides=sides, tolerance=1e-2, frequency=[1e3, 1e5]
    )
    return found.spectrum.impedance


def microstructure(sides: str) -> object:
    return str(twin.characterize(IMAGE).rows())


def particles(sides: str) -> object:
    return twin.particles(IMAGE, "AM", border="keep").ids


def pores(sides: str) -> object:
    return str(twin.pore_sizes(IMAGE, "pore").rows())


def correlation(sides: str) -> object:
    return str(twin.correlation(IMAGE, "pore").rows())


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="numba has one thread here")
@pytest.mark.parametrize(
    ("question", "sides"),
    [
        *((question, sides) for sides in ("no-flux", "periodic")
          for question in (flow, conduction, electrode, spectrum)),
        *((question, "no-flux") for question in (microstructure, particles, pores, correlation)),
    ],
)  # fmt: skip
def test_any_number_of_threads(question: Callable[[str], object], sides: str) -> None:
    with threads(1):
        alone = question(sides)
    for _ in range(2):
        with threads(numba.config.NUMBA_NUM_THREADS):
            np.testing.assert_array_equal(np.asarray(question(sides)), np.asarray(alone))
