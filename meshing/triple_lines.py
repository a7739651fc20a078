"""Lines along which three phases meet: how long, between which phases, where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.kernels.triple_lines import count_edges, fill_edges, line_flux, smooth
from meshing.percolation import mark_percolating
from meshing.phase_numbers import phase_numbers, wraps
from meshing.volume import Volume

if TYPE_CHECKING:
    import pyvista

__all__ = ["TripleLength", "TripleLines", "count_triple_edges", "triple_lines"]

#: Mean of |x| + |y| + |z| over all unit vectors is 3/2: so much longer than a line of no preferred
#: direction is its staircase of voxel edges.
ISOTROPIC: Final = 2.0 / 3.0

#: Weights along an axis, of the four voxels around a corner: of the indicator of a phase, smoothed
#: by 1/4, 1/2, 1/4, at the corner, and of its step from one voxel to the next.
VALUE: Final = np.array([1.0, 3.0, 3.0, 1.0]) / 8.0
SLOPE: Final = np.array([-1.0, -1.0, 1.0, 1.0]) / 4.0

#: For drawing, every corner goes so often half the way to the middle of its neighbours.
SMOOTHING: Final = 5


@dataclass(frozen=True)
class TripleLength:
    """Length of the lines along which three phases meet.

    Attributes
    ----------
    edges : length of the voxel edges on which the three phases meet [m].
    corrected : 2/3 of it [m], which has no error on average for lines in every direction alike
        along which the phases meet at equal angles; it is some 5 % too long where one of them is
        flat and the others meet it at right angles, and 20 % where one of them is a wedge of 45
        degrees, at any resolution.
    smooth : length from the smoothed image [m]: right for lines in any direction and of any angles
        between phases that are some voxels thick. Lines along a thinner phase count in part, and
        the roughness of single voxels hardly at all.
    percolating_fraction : for axes x, y, z the share of the edges at which every one of the phases
        is part of a cluster that joins the two faces of the axis; nan without any edge.

    Examples
    --------
    >>> from meshing.triple_lines import TripleLength
    >>> TripleLength(3.0, 2.0, 1.9, (0.9, 0.9, 0.0)).over(2.0)
    TripleLength(edges=1.5, corrected=1.0, smooth=0.95, percolating_fraction=(0.9, 0.9, 0.0))
    """

    edges: float
    corrected: float
    smooth: float
    percolating_fraction: tuple[float, float, float]

    def over(self, size: float) -> TripleLength:
        """Lengths divided by a size: by a volume [m3] they become line densities [1/m2]."""
        return replace(
            self,
            edges=self.edges / size,
            corrected=self.corrected / size,
            smooth=self.smooth / size,
        )

    def to_dict(self) -> dict[str, Any]:
        """The numbers by their names; one for each axis in a list."""
        return {
            "edges": self.edges,
            "corrected": self.corrected,
            "smooth": self.smooth,
            "percolating_fraction": list(self.percolating_fraction),
        }


@dataclass(frozen=True, eq=False)
class TripleLines:
    """Voxel edges at which three phases or four meet, and the length of the lines they stand for.

    Attributes
    ----------
    volume : the image.
    periodic : axes whose first and last voxels are neighbours.
    names : names of the phases, in the order of the bits of `phases`.
    corners : (corners, 3) int64, the ends of edges: corners of voxels, counted along x, y, z.
    edges : (edges, 2) int32, the two ends of each edge.
    axes : (edges,) int8, the axis 0, 1, 2 of each edge.
    phases : (edges,) uint32, the phases that meet, a bit for each.
    percolating : (edges,) uint8, bits 0, 1, 2 where every phase that meets joins the faces of x,
        y, z.
    smooth : (phases, phases, phases) float64, length by the smoothed image of each three phases in
        the order of their names [m]; 0 for other orders.

    Examples
    --------
    >>> import twin
    >>> lines = twin.triple_lines(twin.Volume([[0, 1], [2, 1]], "1um", {"a": 0, "b": 1, "c": 2}))
    >>> len(lines), lines.total.edges
    (1, 1e-06)
    """

    volume: Volume
    periodic: str
    names: tuple[str, ...]
    corners: NDArray[np.int64]
    edges: NDArray[np.int32]
    axes: NDArray[np.int8]
    phases: NDArray[np.uint32]
    percolating: NDArray[np.uint8]
    smooth: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.axes)

    @property
    def total(self) -> TripleLength:
        """Length of all lines; of the edges, those at which four phases meet counted once."""
        return self._length(np.ones(len(self), np.bool_), float(self.smooth.sum()))

    def between(self, first: str, second: str, third: str) -> TripleLength:
        """Length of the lines where three phases meet, in any order.

        An edge at which four phases meet belongs to four triples.

        Raises
        ------
        InputError
            When there is no such phase, or one is named twice.
        """
        p, q, r = sorted(self._number(name) for name in (first, second, third))
        if p == q or q == r:
            raise InputError(
                f"three phases meet at a line, found {first!r}, {second!r} and {third!r}; "
                "name three different ones"
            )
        bits = np.uint32(1 << p | 1 << q | 1 << r)
        return self._length((self.phases & bits) == bits, float(self.smooth[p, q, r]))

    def by_triple(self) -> Mapping[tuple[str, str, str], TripleLength]:
        """Length of the lines of every three phases."""
        return {triple: self.between(*triple) for triple in combinations(self.names, 3)}

    def density(self) -> NDArray[np.float32]:
        """Length of the smooth lines over volume [1/m2], (nx, ny, nz); its mean is that of `total`.

        Made when asked for, with 8 bytes for each voxel.
        """
        at_corners = np.zeros([n + 1 for n in self.volume.shape], np.float32)
        wrap = wraps(self.periodic)
        inner = tuple(
            slice(0, n + int(not w)) for n, w in zip(self.volume.shape, wrap, strict=True)
        )
        part = np.zeros([s.stop for s in inner], np.float32)
        _flux(self.volume, self.periodic, part)
        at_corners[inner] = part
        for axis in range(3):
            planes = at_corners.swapaxes(0, axis)
            if wrap[axis]:
                planes[-1] = planes[0]
            planes[:-1] += planes[1:]
            planes[:-1] *= 0.5
        nx, ny, nz = self.volume.shape
        return np.ascontiguousarray(at_corners[:nx, :ny, :nz])

    def to_pyvista(self) -> pyvista.PolyData:
        """The edges, smoothed to be seen as lines, with `percolating` and `phases` of each.

        Lines that cross a periodic face are left out. Lengths are in metres.
        """
        import pyvista

        inside = self._within()
        cells = np.insert(self.edges[inside], 0, 2, axis=1).ravel()
        points = (self.corners + self._moves()) * np.array(self.volume.spacing)
        lines = pyvista.PolyData(points.astype(np.float32), lines=cells)
        lines.cell_data["phases"] = self.phases[inside]
        lines.cell_data["percolating"] = self.percolating[inside]
        return lines

    def _moves(self) -> NDArray[np.float64]:
        """How far the corners of the smoothed lines lie from their voxels', (corners, 3)."""
        moves, sums = np.zeros(self.corners.shape), np.zeros(self.corners.shape)
        degree = np.zeros(len(self.corners), np.int64)
        for _ in range(SMOOTHING):
            smooth(self.edges, self.axes, moves, sums, degree, 0.5)
        return moves

    def _within(self) -> NDArray[np.bool_]:
        low, high = self.corners[self.edges[:, 0]], self.corners[self.edges[:, 1]]
        return np.asarray((np.abs(high - low) <= 1).all(axis=1))

    def _number(self, name: str) -> int:
        if name not in self.names:
            self.volume.label_values(name)  # says which phases there are, and the nearest one
        return self.names.index(name)

    def _length(self, chosen: NDArray[np.bool_], smooth: float) -> TripleLength:
        count = np.bincount(self.axes[chosen], minlength=3)
        steps, bits = float(count @ np.array(self.volume.spacing)), self.percolating[chosen]
        x, y, z = (_mean(bits >> axis & 1) for axis in range(3))
        # In a volume one voxel thick every line stands upright, and no edge is a step of a stair.
        share = 1.0 if 1 in self.volume.shape else ISOTROPIC
        return TripleLength(steps, share * steps, smooth, (x, y, z))


def triple_lines(
    volume: Volume, periodic: str = "", *, percolating: NDArray[np.uint8] | None = None
) -> TripleLines:
    r"""Find the lines along which three phases meet, such as reaction sites.

    An edge of a voxel is on such a line when three or four phases are among the four voxels around
    it. The staircase of edges is longer than the line, by :math:`|t_x| + |t_y| + |t_z|` for a unit
    tangent t, on average over all directions 3/2.

    A length without stairs follows from the indicators :math:`f` of the phases, smoothed over three
    voxels. Across a line of phases p, q, r the three of them run once through all mixtures, so that
    the flux of

    .. math::

        \mathbf{w} = 2 \, (f_p \nabla f_q \times \nabla f_r + f_q \nabla f_r \times \nabla f_p
        + f_r \nabla f_p \times \nabla f_q)

    through any surface that the line passes is 1, whatever the angles between the phases; where two
    phases are, it is zero. The length is the integral of its norm.

    Memory: some 120 bytes for each edge of the lines, `count_triple_edges`, and one byte for each
    voxel.

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
    wrap, phases, shape = wraps(periodic), phase_numbers(volume), volume.shape
    flags = mark_percolating(volume, periodic)[1] if percolating is None else percolating
    counts = _counted(volume, periodic)
    size = int(counts.sum())
    low, high = np.empty(size, np.int64), np.empty(size, np.int64)
    axes, bits = np.empty(size, np.int8), np.empty(size, np.uint32)
    shared = np.empty(size, np.uint8)
    start = np.cumsum(counts) - counts
    fill_edges(
        volume.labels, phases.table, flags, *shape, wrap, start, low, high, axes, bits, shared
    )
    places, edges = _joined(low, high)
    grid = tuple(np.array(shape) + ~wrap)
    corners = np.stack(np.unravel_index(places, grid), axis=1)
    lengths = _flux(volume, periodic, np.empty((0, 0, 0), np.float32))
    return TripleLines(volume, periodic, phases.names, corners, edges, axes, bits, shared, lengths)


def _flux(volume: Volume, periodic: str, density: NDArray[np.float32]) -> NDArray[np.float64]:
    """Length of each triple by the smoothed image [m]; the density at corners where it has room."""
    wrap, phases = wraps(periodic), phase_numbers(volume)
    layers = volume.shape[0] + int(not wrap[0])
    lengths = np.zeros((layers, phases.count, phases.count, phases.count))
    line_flux(
        volume.labels, phases.table, *volume.shape, wrap, *volume.spacing,
        VALUE, SLOPE, lengths, density,
    )  # fmt: skip
    return np.asarray(lengths.sum(axis=0))


def _mean(values: NDArray[np.integer]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def count_triple_edges(volume: Volume, periodic: str = "") -> int:
    """Number of edges that `triple_lines` will list, at 120 bytes each while it works on them.

    Parameters
    ----------
    volume, periodic : as for `triple_lines`.

    Examples
    --------
    >>> from meshing.triple_lines import count_triple_edges
    >>> from meshing.volume import Volume
    >>> count_triple_edges(Volume([[0, 1], [2, 1]]))
    1
    """
    return int(_counted(volume, periodic).sum())


def _counted(volume: Volume, periodic: str) -> NDArray[np.int64]:
    counts = np.zeros(volume.shape[0], np.int64)
    phases = phase_numbers(volume)
    count_edges(volume.labels, phases.table, *volume.shape, wraps(periodic), counts)
    return counts


def _joined(
    low: NDArray[np.int64], high: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The corners that edges end in, and the ends of each edge in numbers of those."""
    places, ends = np.unique(np.concatenate([low, high]), return_inverse=True)
    return places, np.ascontiguousarray(ends.reshape(2, -1).T.astype(np.int32))
