"""Why a discharge in an image ended, and what voltage was lost to at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.units import format_length
from twin.lio2.image_model import ImageModel
from twin.lio2.image_run import Ending

Array = NDArray[np.float64]

#: What voltage is lost to, as in the columns `loss_oxygen` and so on.
LOSSES: Final = ("oxygen", "film", "area", "electrolyte", "electrons")

#: Losses that add up to less are not explained [V].
LEAST: Final = 5e-3


@dataclass(frozen=True)
class ImageVerdict:
    """Why a discharge in an image ended, and what voltage was lost to at the end.

    Attributes
    ----------
    reason : what ended it, in words.
    losses : voltage lost to each of "oxygen", "film", "area", "electrolyte", "electrons" [V].
    explanation : the largest of them in words, with numbers.
    advice : what takes a discharge further; nothing where one ended because it was to.

    Examples
    --------
    >>> from twin.lio2.image_verdict import ImageVerdict
    >>> found = ImageVerdict("the voltage fell to the cut-off", {"oxygen": 0.3, "film": 0.1})
    >>> found.cause, found.shares["film"]
    ('oxygen', 0.25)
    """

    reason: str
    losses: Mapping[str, float]
    explanation: str = ""
    advice: str = ""

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


def judge(
    model: ImageModel, ending: Ending, last: Mapping[str, float], layers: Mapping[str, Array]
) -> ImageVerdict:
    """What a discharge ended by, with the cause in words.

    Parameters
    ----------
    model : the question.
    ending : what ended it.
    last : the last row of its table.
    layers : its profiles at the end.

    Returns
    -------
    ImageVerdict
    """
    losses = {name: last[f"loss_{name}"] for name in LOSSES}
    found = ImageVerdict(ending.reason, losses)
    if sum(losses.values()) < LEAST:
        return found
    share = found.shares[found.cause]
    what, state, advice = _CAUSES[found.cause]
    words = f"{what} ({_percent(share)} of the losses): {state(model, last, layers)}"
    return ImageVerdict(ending.reason, losses, words, "" if ending.wanted else advice)


def _of_oxygen(model: ImageModel, last: Mapping[str, float], layers: Mapping[str, Array]) -> str:
    left = last["oxygen"] / model.saturation
    text = f"{_percent(left)} of its solubility is left where it reacts"
    if model.oxygen == "both":
        return f"{text}, and {_percent(last['filling'])} of the pores are filled"
    count = max(1, len(layers["position"]) // 10)
    product, room = (layers[name][-count:].sum() for name in ("product", "porosity"))
    near = product / (product + room) if product else 0.0
    return (
        f"{text}, and product fills {_percent(near)} of the pores in the tenth of the depth next "
        f"to the oxygen, {_percent(last['filling'])} of all"
    )


def _of_film(model: ImageModel, last: Mapping[str, float], layers: Mapping[str, Array]) -> str:
    text = f"it is {format_length(last['thickness'])} thick in the mean"
    p = model.parameters
    if p.film in ("tunnelling", "both"):
        text += f", where {format_length(p.tunnelling_thickness)} stop electrons"
    return f"{text}, and product fills {_percent(last['filling'])} of the pores"


def _of_area(model: ImageModel, last: Mapping[str, float], layers: Mapping[str, Array]) -> str:
    text = (
        f"product covers {_percent(last['coverage'])} of the carbon, and of the pores "
        f"{_percent(last['accessible'])} still lead from separator to oxygen"
    )
    lost = last["isolated_area"] / (last["bare_area"] + last["covered_area"])
    if lost == 0.0:
        return text
    return f"{text}; {_percent(lost)} of the carbon is bare and out of reach"


def _of_conductors(
    model: ImageModel, last: Mapping[str, float], layers: Mapping[str, Array]
) -> str:
    return f"{_percent(last['filling'])} of the pores are filled"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"


_State = Callable[[ImageModel, Mapping[str, float], Mapping[str, Array]], str]

#: What each loss is, what tells its size, and what helps.
_CAUSES: Final[Mapping[str, tuple[str, _State, str]]] = {
    "oxygen": (
        "oxygen does not get to the carbon", _of_oxygen,
        "less current, a thinner cathode, wider pores at the oxygen, or finer voxels there",
    ),
    "film": (
        "the film passes too few electrons", _of_film,
        "less current, more area of carbon, or more of the product from solution where it can be",
    ),
    "area": (
        "carbon is lost", _of_area,
        "less current, fewer nuclei, or wider pores",
    ),
    "electrolyte": (
        "ions do not get to the carbon", _of_conductors,
        "less current, a thinner cathode, or an electrolyte that conducts better",
    ),
    "electrons": (
        "electrons do not get through the carbon", _of_conductors,
        "less current, or carbon that conducts better and hangs together",
    ),
}  # fmt: skip
