"""asv: correlations, standard errors, profiles and perturbed interfaces of blobs, by size.

asv run --config benchmarks/asv.conf.json --python=same --quick --bench "asv_statistics.*\\(200"
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np

import twin
from benchmarks.volumes import one_blobs

_SIZES = [100, 200, 400]


def _volume(size: int) -> twin.Volume:
    return twin.Volume(one_blobs(size, 0.4), spacing="1um", phases={"solid": 0, "pore": 1})


class Statistics:
    """Of one phase; what is compiled was compiled before."""

    params = (_SIZES,)
    param_names = ("size",)
    timeout = 600.0

    def setup(self, size: int) -> None:
        self.volume = _volume(size)
        twin.perturb(_volume(32))

    def time_correlation_along_the_axes(self, size: int) -> None:
        twin.correlation(self.volume, "pore")

    def time_correlation_in_all_directions(self, size: int) -> None:
        twin.correlation(self.volume, "pore", "x", radial=True)

    def peakmem_correlation_in_all_directions(self, size: int) -> None:
        """Of the whole process, which has the image and libraries in it."""
        twin.correlation(self.volume, "pore", "x", radial=True)

    def time_standard_error(self, size: int) -> None:
        twin.fraction_uncertainty(self.volume, "pore")

    def peakmem_standard_error(self, size: int) -> None:
        twin.fraction_uncertainty(self.volume, "pore")

    def time_profiles(self, size: int) -> None:
        twin.profile(self.volume, "pore")

    def time_perturb_voxel_by_voxel(self, size: int) -> None:
        twin.perturb(self.volume)

    def time_perturb_by_patches(self, size: int) -> None:
        twin.perturb(self.volume, width="0.5um", patch="10um")


class Peers:
    """PoreSpy's correlation in all directions, which ours is compared with."""

    params = ([100, 200],)
    param_names = ("size",)
    timeout = 600.0

    def setup(self, size: int) -> None:
        self.image = one_blobs(size, 0.4) == 1
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            handlers = logging.getLogger().handlers[:]
            from porespy.metrics import two_point_correlation

            logging.getLogger().handlers[:] = handlers
        self.call: Any = two_point_correlation

    def time_porespy(self, size: int) -> None:
        self.call(self.image)
