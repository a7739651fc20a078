"""asv: Li-O2 discharges inside images.

asv run --config benchmarks/asv.conf.json --bench ImageDischarge
"""

from __future__ import annotations

from benchmarks.image_discharges import column, cube

_SIZES = [50, 100, 200]


class ImageDischarge:
    """Ten steps of growth in a mat of fibres by its voxels; compiled before."""

    params = _SIZES
    param_names = ("voxels",)
    timeout = 600.0

    def setup(self, voxels: int) -> None:
        cube(24, 2)

    def time_steps(self, voxels: int) -> None:
        cube(voxels, 10)

    def peakmem_steps(self, voxels: int) -> None:
        """Of the whole process, which has libraries and compiled code in it."""
        cube(voxels, 10)

    def track_solves(self, voxels: int) -> float:
        return float(cube(voxels, 10).table["solves"].sum())

    def track_charge_balance(self, voxels: int) -> float:
        return abs(cube(voxels, 10).charge_balance)

    track_solves.unit = "solves"  # type: ignore[attr-defined]
    track_charge_balance.unit = "relative"  # type: ignore[attr-defined]


class ImageDischargeColumn:
    """A narrow column to its death."""

    timeout = 600.0

    def setup(self) -> None:
        column(8, 40)

    def time_column(self) -> None:
        column(24, 200)

    def track_oxygen_imbalance(self) -> float:
        return float(abs(column(24, 200).table["oxygen_imbalance"]).max())

    track_oxygen_imbalance.unit = "relative"  # type: ignore[attr-defined]
