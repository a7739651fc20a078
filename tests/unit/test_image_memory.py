"""Memory of a discharge in an image: what is counted, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support import lio2_image
from support.image_discharge import pore

import twin
from meshing.errors import InputError
from solvers.deposit import CARBON, PORE, POROUS, begin
from twin import memory
from twin.lio2 import Growth, discharge_at, discharge_image
from twin.lio2.image_memory import bytes_of_run
from twin.lio2.image_model import ImageModel
from twin.lio2.parameters import Parameters

VOLUME = pore(6, 30e-9, 5e-9)
GIVEN: dict[str, Any] = {"current_density": 0.01, "capacity": 1e-9, "area": "voxel"}


def needed(kind: np.ndarray, share: float = 0.0, **options: Any) -> float:
    given = {"electrolyte": "uniform", "carbon_conductivity": np.inf, **options}
    cell = Parameters.of("Su2021_ch6")
    return bytes_of_run(
        ImageModel(cell, 2, "high", 2.4, 1e-14, 1.5, None, Growth(share), **given), kind
    )


def test_sites_and_what_conducts_are_counted() -> None:
    kind = begin(
        np.where(lio2_image.image().labels == 1, CARBON, PORE).astype(np.uint8), (25e-9,) * 3, 2,
        area="voxel",
    )  # fmt: skip
    sites, n = len(kind.sites), kind.kind.size
    open_ = np.count_nonzero(kind.kind == PORE)
    assert needed(kind.kind) == 90 * n + 220 * open_ + 500 * sites
    assert needed(kind.kind, 0.5) - needed(kind.kind) == 40 * open_
    ions = needed(kind.kind, electrolyte="resolved") - needed(kind.kind)
    assert ions == 30 * n + 90 * sites
    electrons = needed(kind.kind, carbon_conductivity=10.0) - needed(kind.kind)
    assert electrons == 30 * n + 130 * (n - open_) + 90 * sites


def test_nano_porous_carbon_conducts_and_reacts_inside() -> None:
    kind = np.full((3, 4, 5), PORE, np.uint8)
    kind[1] = POROUS
    assert needed(kind) == (90 + 220) * 60 + 500 * (20 + 2 * 20)


@pytest.mark.parametrize("function", ["image", "depth"])
def test_a_discharge_that_does_not_fit_is_refused_unless_told_otherwise(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def discharge(**options: Any) -> twin.lio2.ImageDischarge:
        if function == "image":
            return discharge_image(VOLUME, **{**GIVEN, **options})
        run = twin.lio2.discharge("Su2021_ch6", current_density=0.5)
        return discharge_at(VOLUME, run, "75um", area="voxel", **options)

    monkeypatch.setattr(memory, "bytes_free", lambda: 1000)
    sentence = r"a discharge on 3 x 3 x 6 voxels needs about .* kB of memory and 1 kB are free"
    with pytest.raises(InputError, match=sentence):
        discharge()
    assert discharge(ignore_memory=True).capacity > 0.0
