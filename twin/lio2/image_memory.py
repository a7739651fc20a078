"""Memory that a discharge in an image takes, compared with what is free before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from solvers.deposit import POROUS
from twin.lio2.image_model import OPEN, SOLID, ImageModel
from twin.memory import check_memory


@dataclass(frozen=True)
class _Bytes:
    """Of each voxel, each that conducts what is solved for, and each place of the reaction."""

    voxel: float
    conducting: float
    site: float


#: Fitted from above to the peaks of resident memory of runs with 0.7 to 1.7 million voxels, pores
#: of 0.3 to 0.9, and 0.03 to 0.5 sites in a voxel; whole runs take up to a quarter more than their
#: first steps. What every discharge takes, and what particles, an electrolyte and carbon that are
#: resolved take besides.
_ALWAYS: Final = _Bytes(voxel=90.0, conducting=220.0, site=500.0)
_PARTICLES: Final = _Bytes(voxel=0.0, conducting=40.0, site=0.0)
_IONS: Final = _Bytes(voxel=30.0, conducting=0.0, site=90.0)
_ELECTRONS: Final = _Bytes(voxel=30.0, conducting=130.0, site=90.0)


def check_room(model: ImageModel, volume: Volume, kind: NDArray[np.uint8]) -> None:
    """Make sure that a discharge fits in memory.

    Parameters
    ----------
    model : the question.
    volume : the image.
    kind : (nx, ny, nz) what voxels are at the start.

    Raises
    ------
    InputError
        When it needs more memory than is free.
    """
    check_memory(volume, round(bytes_of_run(model, kind)), "a discharge")


def bytes_of_run(model: ImageModel, kind: NDArray[np.uint8]) -> float:
    """Memory at the peak of a run, beside the image.

    Parameters
    ----------
    model : the question.
    kind : (nx, ny, nz) what voxels are at the start.

    Returns
    -------
    float
        Bytes.
    """
    open_, solid = (int(sum(np.count_nonzero(which[slab]) for slab in kind)) for which in _BOTH)
    sites = _sites(kind)
    parts = [(_ALWAYS, open_)]
    if model.growth.solution_share > 0.0:
        parts.append((_PARTICLES, open_))
    if model.electrolyte == "resolved":
        parts.append((_IONS, open_))
    if model.resolves_electrons:
        parts.append((_ELECTRONS, solid))
    return sum(
        each.voxel * kind.size + each.conducting * conducting + each.site * sites
        for each, conducting in parts
    )


_BOTH: Final = (OPEN, SOLID)


def _sites(kind: NDArray[np.uint8]) -> int:
    """Faces between carbon and pores, and nano-porous voxels."""
    inside = sum(np.count_nonzero(slab == POROUS) for slab in kind)
    across = sum(_met(one, two) for one, two in pairwise(kind))
    beside = sum(_met(slab[:-1], slab[1:]) + _met(slab[:, :-1], slab[:, 1:]) for slab in kind)
    return int(inside + across + beside)


def _met(one: NDArray[Any], two: NDArray[Any]) -> int:
    """Faces between two layers of voxels on which a wall and a pore meet."""
    walls = (SOLID[one] & _PORES[two]) | (_PORES[one] & SOLID[two])
    return int(np.count_nonzero(walls))


_PORES: Final = OPEN & ~SOLID
