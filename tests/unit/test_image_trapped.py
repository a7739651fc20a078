"""What product cuts off from oxygen or separator stays as it is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from support.image_discharge import cell, random_image

from meshing.reach import HIGH, LOW
from solvers.deposit import PORE
from twin.lio2 import Growth, ImageStepping, discharge_image, image_run
from twin.lio2.image_run import Now

pytestmark = pytest.mark.filterwarnings("ignore:voxels of:UserWarning")


@pytest.mark.parametrize("supply", ["basin", "uniform"])
def test_nothing_grows_in_pores_that_are_cut_off(
    supply: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[Now] = []
    grown = image_run.grown

    def noted(model: object, now: Now, charge: np.ndarray) -> object:
        moments.append(now)
        return grown(model, now, charge)

    monkeypatch.setattr(image_run, "grown", noted)
    image = random_image(3, (12, 10, 12), (10e-9,) * 3, share=0.6)
    d = discharge_image(
        image, cell(), 1e-3, growth=Growth(1.0, 3e15, supply=supply), capacity=1e4,
        stepping=ImageStepping(0.03, voxel=0.5),
    )  # fmt: skip
    trapped = 0
    for one, two in pairwise(moments):
        before, after = one.deposit, two.deposit
        off = (before.kind == PORE) & (one.stage.flags != LOW | HIGH)
        np.testing.assert_array_equal(after.particle[off], before.particle[off])
        trapped += np.count_nonzero(before.particle[off])
        assert after.film.min() > -1e-12  # there was no film to dissolve
    assert trapped > 0
    assert abs(d.charge_balance) < 1e-12
