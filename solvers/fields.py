"""Several fields of one mesh, kept in memory together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.walls import combine
from solvers.system import Equations

#: Fields in a block of memory.
BLOCK = 8


@dataclass(frozen=True, eq=False)
class Fields:
    """Fields of an electrode that are 0 on the separator's face, in blocks that are never copied.

    Attributes
    ----------
    blocks : (2, BLOCK, size) each, red and black; the last one is filled in part.
    count : number of fields.
    """

    blocks: tuple[NDArray[np.floating], ...] = ()
    count: int = 0

    def with_field(self, red: NDArray[np.floating], black: NDArray[np.floating]) -> Fields:
        """The same with one more, written into what is free of the last block."""
        block, place = divmod(self.count, BLOCK)
        blocks = self.blocks
        if place == 0:
            blocks = (*blocks, np.zeros((2, BLOCK, len(red)), red.dtype))
        blocks[block][0, place], blocks[block][1, place] = red, black
        return Fields(blocks, self.count + 1)

    def parts(self) -> Iterator[NDArray[np.floating]]:
        """(2, fields, size) of each block, without what is free."""
        for n, block in enumerate(self.blocks):
            yield block[:, : min(BLOCK, self.count - n * BLOCK)]

    def add_to(
        self, system: Equations, weights: NDArray[Any], red: NDArray[Any], black: NDArray[Any]
    ) -> None:
        """Add the fields, each times its weight."""
        for n, part in enumerate(self.parts()):
            some = weights[n * BLOCK :][: part.shape[1]].astype(red.dtype)
            combine(system.bounds, some, part[0], red)
            combine(system.bounds, some, part[1], black)
