"""What the state of a discharge in an image belongs to: an image, and the settings of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from meshing.errors import InputError
from meshing.volume import Volume


@dataclass(frozen=True)
class Key:
    """What a state belongs to: an image, and the settings of a run.

    Attributes
    ----------
    volume : digest of labels, spacing and phases.
    settings : plain values by name.
    """

    volume: str
    settings: Mapping[str, Any]


def key_of(volume: Volume, settings: Mapping[str, Any]) -> Key:
    """The key of a run.

    Parameters
    ----------
    volume : the image.
    settings : numbers, words, booleans, None, and lists and mappings of them, by name.

    Returns
    -------
    Key

    Examples
    --------
    >>> import numpy as np, twin
    >>> from twin.lio2.image_key import key_of
    >>> one, other = (twin.Volume(np.zeros((4, 3, 2), int), spacing=h) for h in ("50nm", "25nm"))
    >>> key_of(one, {"seed": 1}) == key_of(other, {"seed": 1})
    False
    """
    digest = hashlib.sha256()
    about = [volume.shape, volume.spacing, sorted(volume.phases.items()), str(volume.labels.dtype)]
    digest.update(repr(about).encode())
    for slab in volume.labels:
        digest.update(np.ascontiguousarray(slab).tobytes())
    # As they come back from a file, so that tuples and lists are the same.
    return Key(digest.hexdigest(), json.loads(json.dumps(dict(settings))))


def check_key(path: Path, head: Mapping[str, Any], key: Key) -> None:
    """Refuse the state of another run.

    Parameters
    ----------
    path : of the state, for the sentence.
    head : what the state says of its run: "volume" and "settings", as of a key.
    key : of the run that is to go on.

    Raises
    ------
    InputError
        It is of another image, or of other settings.
    """
    if head["volume"] != key.volume:
        raise InputError(
            f"{path} is the state of another image; give the image that it was saved from, or "
            "another folder"
        )
    for name, before, now in _differing(head["settings"], key.settings):
        raise InputError(
            f"{path} is the state of a run with {name} {before!r} and not {now!r}; give the same "
            "settings, or another folder"
        )


def _differing(
    before: Mapping[str, Any], now: Mapping[str, Any], within: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """Settings that are not the same, in their order: what others follow from comes first."""
    for name in dict.fromkeys([*before, *now]):
        one, two = before.get(name), now.get(name)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            yield from _differing(one, two, f"{within}{name}.")
        elif json.dumps(one) != json.dumps(two):
            yield f"{within}{name}", one, two
