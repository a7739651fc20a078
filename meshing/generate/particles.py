"""Particles of given sizes and shapes, packed into an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.generate._checks import check_positive
from meshing.generate.bodies import Bodies, Distances, distances, repeated
from meshing.generate.packing import pack
from meshing.generate.sizes import directions, log_normal_diameters
from meshing.units import Spacing, format_length

#: Below so many voxels across, a particle is a lump of a few cubes.
_FEWEST_VOXELS: Final = 3

#: The normal deviate below which a tenth of a distribution lies.
_TENTH: Final = -1.2815515655446004


@dataclass(frozen=True)
class Space:
    """An image to fill.

    Attributes
    ----------
    shape : voxels along x, y, z.
    step : their edges [m].
    periodic : whether opposite faces fit together.
    """

    shape: tuple[int, int, int]
    step: Spacing
    periodic: bool

    @property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the image [m]."""
        return np.multiply(self.shape, self.step)

    def margin(self, width: float) -> float:
        """What is added on all sides so that bodies as wide as this come in from outside [m]."""
        return 0.0 if self.periodic else width

    def distances(self, bodies: Bodies, reach: float) -> Distances:
        """Distances to bodies, and to their copies where the image is periodic."""
        if self.periodic:
            bodies = repeated(bodies, self.edges, reach)
        return distances(bodies, self.shape, self.step, reach)

    def __str__(self) -> str:
        return f"a volume of {' x '.join(format_length(edge) for edge in self.edges)}"


@dataclass(frozen=True)
class Particles:
    """Ellipsoids of revolution whose volume is log-normal over their diameter.

    Attributes
    ----------
    d50 : median diameter by volume of balls as large as they [m].
    spread : standard deviation of the logarithm of the diameter.
    aspect_ratio : length along the axis over width.
    orientation, scatter : where their axes point, as in `directions`.
    """

    d50: float
    spread: float
    aspect_ratio: float
    orientation: str | None
    scatter: float

    def __post_init__(self) -> None:
        check_positive("diameter of the particles", self.d50)
        if not (0 <= self.spread < 1 and self.aspect_ratio > 0):
            raise InputError(
                "the spread of sizes is at least 0 and below 1 and the aspect ratio above 0, "
                f"found {self.spread} and {self.aspect_ratio}"
            )

    def targets(self) -> dict[str, float]:
        """The sizes and the shape that an image of them is to have."""
        d10, d90 = (self.d50 * float(np.exp(s * _TENTH * self.spread)) for s in (1, -1))
        return {"D10": d10, "D50": self.d50, "D90": d90, "aspect ratio": self.aspect_ratio}

    def packed(
        self,
        space: Space,
        fraction: float,
        overlap: float,
        sweeps: int,
        random: np.random.Generator,
    ) -> tuple[Bodies, float]:
        """Pack particles at random until they hold the fraction.

        Parameters
        ----------
        space : what to fill.
        fraction : volume of the particles over all volume.
        overlap : share of the distance of touching by which two may go into each other.
        sweeps : largest number of times that all pairs are visited.
        random : where random numbers come from.

        Returns
        -------
        tuple
            The particles, and by how much the worst pair overlaps more than it may.
        """
        self._check_resolved(space)
        if not 0 <= overlap < 1:
            raise InputError(f"the overlap is at least 0 and below 1, found {overlap}")
        margin = space.margin(2 * self.d50)
        box = space.edges + 2 * margin
        diameters = log_normal_diameters(
            self.d50, self.spread, fraction * float(np.prod(box)), str(space)
        )
        packed, worst = pack(self._bodies(diameters, box, random), box, overlap, sweeps)
        return packed.take(np.arange(len(diameters)), -margin), worst

    def _bodies(
        self, diameters: NDArray[np.float64], box: NDArray[np.float64], random: np.random.Generator
    ) -> Bodies:
        count = len(diameters)
        return Bodies(
            centres=random.uniform(0.0, 1.0, (count, 3)) * box,
            directions=directions(count, self.orientation, self.scatter, random),
            across=diameters / 2 * self.aspect_ratio ** (-1 / 3),
            along=diameters / 2 * self.aspect_ratio ** (2 / 3),
            half_length=np.zeros(count),
            number=np.arange(count),
        )

    def _check_resolved(self, space: Space) -> None:
        width = self.d50 * min(self.aspect_ratio ** (-1 / 3), self.aspect_ratio ** (2 / 3))
        if width < _FEWEST_VOXELS * max(space.step):
            raise InputError(
                f"particles {format_length(width)} wide are less than {_FEWEST_VOXELS} voxels of "
                f"{format_length(max(space.step))}; make the voxels smaller or the particles larger"
            )
