"""Lines along which three phases meet: how long, between which phases, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.kernels.triple_lines import count_edges, edge_lengths, fill_edges, smooth, spread
from meshing.percolation import mark_percolating
from meshing.phase_numbers import phase_numbers, wraps
from meshing.volume import Volume

if TYPE_CHECKING:
    import pyvista

__all__ = ["TripleLength", "TripleLines", "triple_lines"]

#: Times that every corner of a line goes half the way to the middle of its neighbours. More makes
#: straight lines still straighter and shortens curved ones: five leave some 2 % of the staircase of
#: a straight line, and take 0.5 % of a circle of ten voxels' radius.
SMOOTHING: Final = 5

#: Part of the length of voxel edges that a line has which runs in every direction alike: the mean
#: of 1 / (|x| + |y| + |z|) is not it, that of |x| + |y| + |z| is 3/2.
ISOTROPIC: Final = 2.0 / 3.0


@dataclass(frozen=True)
class TripleLength:
    """Length of the lines along which three phases meet.

    Attributes
    ----------
    edges : length of the voxel edges on which the three phases meet [m]: too large by 3/2 for
        lines that run in every direction alike.
    corrected : 2/3 of it [m], no error on average for such lines.
    smooth : length of the same edges after smoothing [m].
    percolating : for axes x, y, z the smoothed length where every one of the three phases is part
        of a cluster that joins the two faces of the axis [m].

    Examples
    --------
    >>> from meshing.triple_lines import TripleLength
    >>> TripleLength(edges=3.0, corrected=2.0, smooth=2.1, percolating=(1.9, 1.9, 0.0)).over(2.0)
    TripleLength(edges=1.5, corrected=1.0, smooth=1.05, percolating=(0.95, 0.95, 0.0))
    """

    edges: float
    corrected: float
    smooth: float
    percolating: tuple[float, float, float]

    def over(self, size: float) -> TripleLength:
        """Each divided by a size: by a volume [m3] they become line densities [1/m2]."""
        x, y, z = (length / size for length in self.percolating)
        return TripleLength(self.edges / size, self.corrected / size, self.smooth / size, (x, y, z))

    def to_dict(self) -> dict[str, Any]:
        """The numbers by their names; one for each axis in a list."""
        return {
            "edges": self.edges,
            "corrected": self.corrected,
            "smooth": self.smooth,
            "percolating": list(self.percolating),
        }


@dataclass(frozen=True, eq=False)
class TripleLines:
    """The voxel edges at which three phases or four meet, as a net of lines that were smoothed.

    Attributes
    ----------
    volume : the image.
    names : names of the phases, in the order of the bits of `phases`.
    corners : (corners, 3) int64, the ends of edges: corners of voxels, counted along x, y, z.
    moves : (corners, 3) float64, how far the smoothing moved each [voxels].
    edges : (edges, 2) int32, the two ends of each edge.
    axes : (edges,) int8, the axis 0, 1, 2 of each edge.
    phases : (edges,) uint32, the phases that meet, a bit for each.
    percolating : (edges,) uint8, bits 0, 1, 2 where every phase that meets joins the faces of x,
        y, z.
    lengths : (edges,) float64, length of each edge after smoothing [m].

    Examples
    --------
    >>> import twin
    >>> lines = twin.triple_lines(twin.Volume([[0, 1], [2, 1]], "1um", {"a": 0, "b": 1, "c": 2}))
    >>> len(lines), lines.total.edges
    (1, 1e-06)
    """

    volume: Volume
    names: tuple[str, ...]
    corners: NDArray[np.int64]
    moves: NDArray[np.float64]
    edges: NDArray[np.int32]
    axes: NDArray[np.int8]
    phases: NDArray[np.uint32]
    percolating: NDArray[np.uint8]
    lengths: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.axes)

    @property
    def total(self) -> TripleLength:
        """Length of all lines, those where four phases meet counted once."""
        return self._length(np.ones(len(self), np.bool_))

    def between(self, first: str, second: str, third: str) -> TripleLength:
        """Length of the lines where three phases meet.

        An edge at which four phases meet belongs to four triples.

        Raises
        ------
        InputError
            When there is no such phase, or one is named twice.
        """
        numbers = [self._number(name) for name in (first, second, third)]
        if len(set(numbers)) < 3:
            raise InputError(
                f"three phases meet at a line, found {first!r}, {second!r} and {third!r}; "
                "name three different ones"
            )
        bits = np.uint32(sum(1 << number for number in numbers))
        return self._length((self.phases & bits) == bits)

    def by_triple(self) -> Mapping[tuple[str, str, str], TripleLength]:
        """Length of the lines of every three phases."""
        return {triple: self.between(*triple) for triple in combinations(self.names, 3)}

    def density(self) -> NDArray[np.float32]:
        """Length of the smoothed lines at each voxel over its volume [1/m2], (nx, ny, nz).

        The length of an edge is shared by the four voxels around it. Made when asked for.
        """
        out = np.zeros(self.volume.shape, np.float32)
        low = self.corners[self.edges[:, 0]]
        voxel = float(np.prod(self.volume.spacing))
        spread(low, self.axes, self.lengths / (4.0 * voxel), *self.volume.shape, out)
        return out

    def to_pyvista(self) -> pyvista.PolyData:
        """The smoothed lines to draw and to filter, with `percolating` and `phases` of each edge.

        Lines that cross a periodic face are left out. Lengths are in metres.
        """
        import pyvista

        inside = self._within()
        cells = np.insert(self.edges[inside], 0, 2, axis=1).ravel()
        spacing = np.array(self.volume.spacing)
        points = ((self.corners + self.moves) * spacing).astype(np.float32)
        lines = pyvista.PolyData(points, lines=cells)
        lines.cell_data["phases"] = self.phases[inside]
        lines.cell_data["percolating"] = self.percolating[inside]
        return lines

    def _within(self) -> NDArray[np.bool_]:
        low, high = self.corners[self.edges[:, 0]], self.corners[self.edges[:, 1]]
        return np.asarray((np.abs(high - low) <= 1).all(axis=1))

    def _number(self, name: str) -> int:
        if name not in self.names:
            self.volume.label_values(name)  # says which phases there are, and the nearest one
        return self.names.index(name)

    def _length(self, chosen: NDArray[np.bool_]) -> TripleLength:
        steps = np.bincount(self.axes[chosen], minlength=3) @ np.array(self.volume.spacing)
        lengths, bits = self.lengths[chosen], self.percolating[chosen]
        x, y, z = (float(lengths[(bits >> axis & 1).astype(bool)].sum()) for axis in range(3))
        # In a volume one voxel thick every line stands upright, and no edge is a step of a stair.
        share = 1.0 if 1 in self.volume.shape else ISOTROPIC
        return TripleLength(
            edges=float(steps),
            corrected=share * float(steps),
            smooth=float(lengths.sum()),
            percolating=(x, y, z),
        )


def triple_lines(
    volume: Volume, periodic: str = "", *, percolating: NDArray[np.uint8] | None = None
) -> TripleLines:
    r"""Find the lines along which three phases meet, such as reaction sites.

    An edge of a voxel is on such a line when three or four phases are among the four voxels around
    it. The staircase of edges is longer than the line, :math:`|t_x| + |t_y| + |t_z|` for a unit
    tangent t, on average over all directions 3/2. For a length free of that the net of edges is
    smoothed: five times every corner goes half the way to the middle of its neighbours.

    Memory: up to 30 bytes for each edge of the lines and one byte for each voxel.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    periodic : str
        Axes along which the first and the last voxel are neighbours, as ``"xy"``.
    percolating : (nx, ny, nz) uint8, optional
        Bits 0, 1, 2 of the voxels whose phase joins the faces of x, y, z there; found when it is
        not given.

    Returns
    -------
    TripleLines

    Raises
    ------
    InputError
        When an axis of `periodic` is unknown, or there are too many phases.

    Examples
    --------
    Three wedges around an axis of 8 voxels:

    >>> import numpy as np, twin
    >>> x, y = np.mgrid[-5.5:6, -5.5:6]
    >>> wedges = (3 * np.arctan2(y, x) / (2 * np.pi) % 3).astype(np.uint8)
    >>> volume = twin.Volume(np.repeat(wedges[:, :, None], 8, axis=2), spacing="1um")
    >>> total = twin.triple_lines(volume).total
    >>> f"{total.edges:.3g} {total.smooth:.3g} {total.corrected:.3g}"
    '8e-06 8e-06 5.33e-06'
    """
    wrap, phases = wraps(periodic), phase_numbers(volume)
    flags = mark_percolating(volume, periodic)[1] if percolating is None else percolating
    shape = volume.shape
    counts = np.zeros(shape[0], np.int64)
    count_edges(volume.labels, phases.table, *shape, wrap, counts)
    size = int(counts.sum())
    low, high = np.empty(size, np.int64), np.empty(size, np.int64)
    axes, bits = np.empty(size, np.int8), np.empty(size, np.uint32)
    shared = np.empty(size, np.uint8)
    start = np.cumsum(counts) - counts
    fill_edges(
        volume.labels, phases.table, flags, *shape, wrap, start, low, high, axes, bits, shared
    )
    places, edges = _joined(low, high)
    moves, lengths = _smoothed(edges, axes, len(places), volume)
    grid = tuple(np.array(shape) + ~wrap)
    corners = np.stack(np.unravel_index(places, grid), axis=1)
    return TripleLines(volume, phases.names, corners, moves, edges, axes, bits, shared, lengths)


def _joined(
    low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The corners that edges end in, and the ends of each edge in numbers of those."""
    places, ends = np.unique(np.concatenate([low, high]), return_inverse=True)
    return places, np.ascontiguousarray(ends.reshape(2, -1).T.astype(np.int32))


def _smoothed(
    edges: NDArray[np.int32], axes: NDArray[np.int8], corners: int, volume: Volume
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the corners move, and how long the edges are then [m]."""
    moves, sums = np.zeros((corners, 3)), np.zeros((corners, 3))
    degree, lengths = np.zeros(corners, np.int64), np.empty(len(axes))
    for _ in range(SMOOTHING):
        smooth(edges, axes, moves, sums, degree, 0.5)
    edge_lengths(edges, axes, moves, *volume.spacing, lengths)
    return moves, lengths
