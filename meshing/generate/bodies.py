"""Round bodies in space, and the distances from voxels to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from meshing.kernels.bodies import measure, nearest

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bodies:
    """Ellipsoids of revolution, and fibres with round ends.

    Attributes
    ----------
    centres : (n, 3) [m].
    directions : (n, 3) unit vectors along their axes.
    across, along : (n,) half axes across the direction and along it [m].
    half_length : (n,) half the length of the straight part of a fibre, 0 for ellipsoids [m].
    number : (n,) which body each is; copies in a periodic box have the number of their original.
    """

    centres: Floats
    directions: Floats
    across: Floats
    along: Floats
    half_length: Floats
    number: NDArray[np.int64]

    @property
    def squares(self) -> Floats:
        """Squared half axes as matrices (n, 3, 3) [m2]."""
        outer = self.directions[:, :, None] * self.directions[:, None, :]
        more = (self.along**2 - self.across**2)[:, None, None]
        found: Floats = self.across[:, None, None] ** 2 * np.eye(3) + more * outer
        return found

    @property
    def widths(self) -> Floats:
        """How far the bodies reach along x, y, z from their segments (n, 3) [m]."""
        return np.sqrt(np.diagonal(self.squares, axis1=1, axis2=2))

    @property
    def rows(self) -> Floats:
        """The numbers (n, 12) that the kernels take."""
        inverse = np.linalg.inv(self.squares)
        half = self.half_length[:, None] * self.directions
        diagonal = np.diagonal(inverse, axis1=1, axis2=2)
        mixed = inverse[:, [0, 0, 1], [1, 2, 2]]
        return np.ascontiguousarray(np.hstack([self.centres, half, diagonal, mixed]))

    def take(self, chosen: NDArray[np.intp], shift: Floats | float = 0.0) -> Bodies:
        """Some of the bodies, at another place."""
        return Bodies(
            self.centres[chosen] + shift,
            self.directions[chosen],
            self.across[chosen],
            self.along[chosen],
            self.half_length[chosen],
            self.number[chosen],
        )


@dataclass(frozen=True, eq=False)
class Distances:
    """From each voxel to the bodies.

    Attributes
    ----------
    bodies : those that come near.
    first, second : distance to the surface of the nearest body and the next, negative inside [m].
    owner : which of `bodies` is the nearest, -1 where none is within reach.
    reach : largest distance looked at [m].
    """

    bodies: Bodies
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    owner: NDArray[np.int32]
    reach: float


def repeated(bodies: Bodies, box: Floats, reach: float) -> Bodies:
    """The bodies of a periodic box with those copies of them that come near it."""
    span = np.abs(bodies.half_length[:, None] * bodies.directions) + bodies.widths + reach
    most = np.ceil((span.max(axis=0) if len(span) else np.zeros(3)) / box).astype(int)
    found = []
    for image in product(*(range(-n, n + 1) for n in most)):
        shift = np.array(image) * box
        place = bodies.centres + shift
        near = ((place + span > 0) & (place - span < box)).all(axis=1)
        found.append(bodies.take(np.flatnonzero(near), shift))
    return Bodies(*(np.concatenate(column) for column in zip(*map(_columns, found), strict=True)))


def distances(
    bodies: Bodies, shape: tuple[int, int, int], step: Sequence[float], reach: float
) -> Distances:
    """Distances from the voxels of an image, as far as `reach` [m].

    An ellipsoid that is not a ball has them to first order; their sign is exact.
    """
    widths = bodies.widths + reach
    span = np.abs(bodies.half_length[:, None] * bodies.directions) + widths
    starts, order = _planes(bodies.centres[:, 0], span[:, 0], shape[0], step[0])
    first, second = (np.full(shape, reach, np.float32) for _ in range(2))
    owner = np.full(shape, -1, np.int32)
    nearest(bodies.rows, widths, starts, order, *step, *shape, first, second, owner)
    return Distances(bodies, first, second, owner, reach)


@dataclass(frozen=True, eq=False)
class Moments:
    """Size and shape of the bodies as an image shows them.

    Attributes
    ----------
    volume : (n,) [m3].
    covariance : (n, 3, 3) of the places of their voxels [m2]; a ball of radius r has r2 / 5.
    directions : (n, 3) of their axes.
    whole : (n,) whether no face of the image cuts it.
    weight : (n,) how many bodies as large as it a whole one stands for.
    """

    volume: Floats
    covariance: Floats
    directions: Floats
    whole: NDArray[np.bool_]
    weight: Floats


def moments(
    found: Distances, inside: NDArray[np.bool_], step: Sequence[float], *, periodic: bool
) -> Moments:
    """Measure the bodies in the voxels `inside`.

    Faces cut large bodies more often than small ones. Of N voxels along an axis a body w voxels
    wide, put anywhere, touches neither end in N - 1 - w places: the product over the axes of
    N / (N - 1 - w) is how many such bodies each whole one stands for.
    """
    n, shape = len(found.bodies.centres), found.owner.shape
    count, sums = np.zeros(n, np.int64), np.zeros((n, 9))
    low, high = np.full((n, 3), max(shape)), np.full((n, 3), -1)
    measure(found.owner, inside, found.bodies.rows, *step, *shape, count, sums, low, high)
    _, original, number = np.unique(
        found.bodies.number, return_index=True, return_inverse=True
    )  # copies of a body across a periodic side count as one
    count = np.bincount(number, count).astype(np.int64)
    sums = np.stack([np.bincount(number, column) for column in sums.T], axis=1)
    whole, weight = count > 0, np.ones(len(count))
    if not periodic:
        low, high = low[original], high[original]
        whole &= (low > 0).all(axis=1) & (high < np.array(shape) - 1).all(axis=1)
        free = np.where(whole[:, None], np.array(shape) - 2 - (high - low), shape)
        weight = np.prod(shape / free, axis=1)
    return Moments(
        volume=np.prod(step) * count.astype(np.float64),
        covariance=_covariance(count, sums, step),
        directions=found.bodies.directions[original],
        whole=whole,
        weight=weight,
    )


def _columns(bodies: Bodies) -> tuple[NDArray[np.float64] | NDArray[np.int64], ...]:
    return (
        bodies.centres, bodies.directions, bodies.across, bodies.along, bodies.half_length,
        bodies.number,
    )  # fmt: skip


def _planes(
    centres: Floats, span: Floats, count: int, edge: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each plane of voxels the bodies that reach it: where their list starts, and the list."""
    low = np.clip(np.ceil((centres - span) / edge - 0.5), 0, count).astype(np.int64)
    high = np.clip(np.floor((centres + span) / edge - 0.5) + 1, 0, count).astype(np.int64)
    lengths = np.maximum(high - low, 0)
    body = np.repeat(np.arange(len(centres)), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    plane = np.repeat(low, lengths) + within
    order = np.argsort(plane, kind="stable")
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(plane, minlength=count), out=starts[1:])
    return starts, body[order]


def _covariance(count: NDArray[np.int64], sums: Floats, step: Sequence[float]) -> Floats:
    """Of the places in a body, each voxel a box and no point: hence the last term."""
    n = np.maximum(count, 1)[:, None, None]
    mean = sums[:, :3] / n[:, 0]
    second = sums[:, [[3, 6, 7], [6, 4, 8], [7, 8, 5]]] / n
    box = np.diag(np.square(step)) / 12
    found: Floats = second - mean[:, :, None] * mean[:, None, :] + box
    return found
