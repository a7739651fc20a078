"""Which particles touch which, and over what area."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.watershed import FacePairs
from twin.files import atomic, check_writable

if TYPE_CHECKING:
    import pandas
    import scipy.sparse

__all__ = ["Contacts"]


@dataclass(frozen=True, eq=False)
class Contacts:
    """Contacts of particles, one entry for each two that share faces.

    Attributes
    ----------
    count : number of particles.
    first, second : (contacts,) int64, their numbers from 1 on, first < second.
    area : (contacts,) float64, area of the contact projected onto its mean plane [m2]: the length
        of the sum of its faces as vectors. The staircase of voxels does not count, and neither do
        the ripples of the watershed; a flat contact is exact in whatever direction it lies, and
        one that bends is projected.
    normal : (contacts, 3) float64, unit normal of that plane, from the first to the second
        particle; zeros where a contact closes on itself.

    Examples
    --------
    >>> import numpy as np, twin
    >>> x, y, z = np.ogrid[:40, :26, :26]
    >>> one, two = ((x - c) ** 2 + (y - 12) ** 2 + (z - 12) ** 2 < 100 for c in (11, 28))
    >>> contacts = twin.particles(twin.Volume(one | two, "1um", {"AM": 1}), "AM").contacts
    >>> contacts.neighbours(1).tolist(), contacts.normal.tolist()
    ([2], [[1.0, 0.0, 0.0]])
    """

    count: int
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    area: NDArray[np.float64]
    normal: NDArray[np.float64]

    @staticmethod
    def of(pairs: FacePairs, count: int) -> Contacts:
        """The contacts of regions that share faces.

        Parameters
        ----------
        pairs : what `meshing.watershed.touching_pairs` found.
        count : number of regions.

        Returns
        -------
        Contacts
        """
        area = np.linalg.norm(pairs.vector, axis=1)
        normal = np.zeros_like(pairs.vector)
        np.divide(pairs.vector, area[:, None], out=normal, where=area[:, None] > 0)
        return Contacts(count, pairs.first, pairs.second, area, normal)

    def __len__(self) -> int:
        return len(self.area)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """How many neighbours each particle has, (particles,)."""
        both = np.concatenate([self.first, self.second])
        return np.bincount(both, minlength=self.count + 1)[1:]

    def neighbours(self, particle: int) -> NDArray[np.int64]:
        """Numbers of the particles that touch one, in rising order."""
        return np.sort(
            np.concatenate(
                [self.second[self.first == particle], self.first[self.second == particle]]
            )
        )

    def matrix(self) -> scipy.sparse.csr_array:
        """Contact areas [m2] as a sparse symmetric matrix, (particles, particles), from 0 on."""
        from scipy.sparse import coo_array

        rows = np.concatenate([self.first, self.second]) - 1
        columns = np.concatenate([self.second, self.first]) - 1
        areas = np.tile(self.area, 2)
        return coo_array((areas, (rows, columns)), shape=(self.count, self.count)).tocsr()

    def table(self) -> pandas.DataFrame:
        """One row for each contact: both particles, area [m2] and normal."""
        import pandas

        columns: dict[str, Any] = {"first": self.first, "second": self.second, "area": self.area}
        columns |= {f"normal_{axis}": self.normal[:, k] for k, axis in enumerate("xyz")}
        return pandas.DataFrame(columns)

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as comma-separated values, areas in square metres.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        path = Path(path)
        check_writable(path)
        with atomic(path) as temporary:
            self.table().to_csv(temporary, index=False)
        return path
