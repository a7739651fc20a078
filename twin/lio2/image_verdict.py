"""Why a discharge in an image ended, and what voltage was lost to at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

#: What voltage is lost to, as in the columns `loss_oxygen` and so on.
LOSSES: Final = ("oxygen", "film", "area", "electrolyte", "electrons")


@dataclass(frozen=True)
class ImageVerdict:
    """Why a discharge in an image ended, and what voltage was lost to at the end.

    Attributes
    ----------
    reason : what ended it, in words.
    losses : voltage lost to each of "oxygen", "film", "area", "electrolyte", "electrons" [V].

    Examples
    --------
    >>> from twin.lio2.image_verdict import ImageVerdict
    >>> found = ImageVerdict("the voltage fell to the cut-off", {"oxygen": 0.3, "film": 0.1})
    >>> found.cause, found.shares["film"]
    ('oxygen', 0.25)
    """

    reason: str
    losses: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "losses", MappingProxyType(dict(self.losses)))

    @property
    def cause(self) -> str:
        """The largest loss."""
        return max(self.losses, key=lambda name: self.losses[name])

    @property
    def shares(self) -> dict[str, float]:
        """Share of each loss in all that was lost; gains count as none."""
        lost = {name: max(0.0, value) for name, value in self.losses.items()}
        total = sum(lost.values())
        return {name: value / total if total else 0.0 for name, value in lost.items()}
