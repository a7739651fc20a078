"""Through-plane and in-plane conductivity of a sheet."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Planes:
    """Effective conductivity across a sheet and along it, in one unit.

    Attributes
    ----------
    axis : the axis across the sheet.
    through_plane : effective conductivity along that axis.
    in_plane : mean of those along the other axes that were solved.

    Examples
    --------
    >>> from twin.planes import Planes
    >>> Planes("z", through_plane=0.2, in_plane=0.5).ratio
    0.4
    """

    axis: str
    through_plane: float
    in_plane: float

    @property
    def ratio(self) -> float:
        """Through-plane over in-plane; nan where neither conducts."""
        if self.in_plane == 0.0:
            return math.inf if self.through_plane else math.nan
        return self.through_plane / self.in_plane

    def to_dict(self) -> dict[str, float]:
        """The numbers, with the names of the attributes."""
        return {
            "through_plane": self.through_plane,
            "in_plane": self.in_plane,
            "ratio": self.ratio,
        }
