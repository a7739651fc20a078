"""The finest level: diagonals, driven faces and first aggregates, from the words of a voxel mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from solvers.even_odd import outer_neighbour
from solvers.layout import WIDTH, Layout, beside

RED, BLACK = 0, 1
SPAN = 2 * WIDTH


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _before(words, x, y, j, nj, nz, wrap):
    """The word shifted so that each bit shows the voxel before it along z."""
    word = np.int64(words[x, y, j]) << 1
    if j > 0:
        return word | (np.int64(words[x, y, j - 1]) >> (SPAN - 1))
    if wrap[2]:
        return word | ((np.int64(words[x, y, nj - 1]) >> ((nz - 1) % SPAN)) & 1)
    return word


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _after(words, x, y, j, nj, nz, wrap):
    """The word shifted so that each bit shows the voxel after it along z."""
    word = np.int64(words[x, y, j]) >> 1
    if j < nj - 1:
        return word | (np.int64(words[x, y, j + 1] & 1) << (SPAN - 1))
    if wrap[2]:
        return word | (np.int64(words[x, y, 0] & 1) << ((nz - 1) % SPAN))
    return word


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _code(cx, cy, cz, axis, ends):
    """One byte for the diagonal: neighbours along the driven axis, ends counted twice, and others."""
    if axis == 0:
        return 1 + cx + 2 * ends + 5 * (cy + 3 * cz)
    if axis == 1:
        return 1 + cy + 2 * ends + 5 * (cx + 3 * cz)
    return 1 + cz + 2 * ends + 5 * (cx + 3 * cy)


def diagonal_table(conductance: tuple[float, float, float], axis: int) -> NDArray[np.float64]:
    """Diagonal entry for each code of `neighbour_codes`; code 0 is no unknown."""
    others = [conductance[a] for a in range(3) if a != axis]
    table = np.zeros(46)
    for code in range(45):
        along, rest = code % 5, code // 5
        table[code + 1] = (
            along * conductance[axis] + (rest % 3) * others[0] + (rest // 3) * others[1]
        )
    return table


def neighbour_codes(
    layout: Layout, axis: int, periodic: tuple[bool, bool, bool]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Codes of `diagonal_table` for red and black elements."""
    nx, ny, nz = layout.shape
    red = np.zeros(layout.size, np.uint8)
    black = np.zeros(layout.size, np.uint8)
    wrap = np.array(periodic)
    nj = layout.words.shape[2]
    _neighbour_codes(layout.words, layout.plane, nx, ny, nz, nj, axis, wrap, red, black)
    return red, black


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _neighbour_codes(words, plane, nx, ny, nz, nj, axis, wrap, red, black):
    for task in numba.prange(nx):
        x = np.int64(task)  # prange counts in uint64, which would mix to float64
        s = plane[x]
        x0, x1 = beside(x, -1, nx, wrap[0]), beside(x, 1, nx, wrap[0])
        for y in range(ny):
            y0, y1 = beside(y, -1, ny, wrap[1]), beside(y, 1, ny, wrap[1])
            for j in range(nj):
                word = np.int64(words[x, y, j])
                if word == 0:
                    continue
                left = np.int64(words[x0, y, j]) if x0 >= 0 else 0
                right = np.int64(words[x1, y, j]) if x1 >= 0 else 0
                front = np.int64(words[x, y0, j]) if y0 >= 0 else 0
                back = np.int64(words[x, y1, j]) if y1 >= 0 else 0
                before = _before(words, x, y, j, nj, nz, wrap)
                after = _after(words, x, y, j, nj, nz, wrap)
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    place = (x, y, SPAN * j + bit)[axis]
                    ends = (place == 0) + (place == (nx, ny, nz)[axis] - 1)
                    code = _code(
                        ((left >> bit) & 1) + ((right >> bit) & 1),
                        ((front >> bit) & 1) + ((back >> bit) & 1),
                        ((before >> bit) & 1) + ((after >> bit) & 1),
                        axis,
                        ends,
                    )
                    if (x + y + bit) & 1:
                        black[s * WIDTH + bit // 2] = code
                    else:
                        red[s * WIDTH + bit // 2] = code
                s += 1


@dataclass(frozen=True, eq=False)
class End:
    """One driven face: its elements and, of each, the conductance from centre to outer face.

    Attributes
    ----------
    red, black : places in the red and black vectors.
    red_conductance, black_conductance : float64, one per element.
    """

    red: NDArray[np.int64]
    black: NDArray[np.int64]
    red_conductance: NDArray[np.float64]
    black_conductance: NDArray[np.float64]


def elements_on_face(layout: Layout, axis: int, high: bool) -> list[NDArray[np.int64]]:
    """Elements of the first or last voxel layer of an axis, for red and for black.

    Returns
    -------
    Two (n, 4) arrays; the columns are the element and its x, y, z.
    """
    nx, ny, nz = layout.shape
    nj = layout.words.shape[2]
    last = (nx, ny, nz)[axis] - 1 if high else 0
    box = np.array([(0, nx), (0, ny), (0, nj)])
    box[axis] = (last // SPAN, last // SPAN + 1) if axis == 2 else (last, last + 1)
    bits = 1 << (last % SPAN) if axis == 2 else 0xFFFF
    counts = np.zeros(2, np.int64)
    _list_elements(layout.words, layout.number, box, bits, np.zeros((2, 0, 4), np.int64), counts)
    found = np.zeros((2, counts.max(), 4), np.int64)
    _list_elements(layout.words, layout.number, box, bits, found, counts)
    return [found[colour, : counts[colour]] for colour in (RED, BLACK)]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _list_elements(words, number, box, bits, found, counts):
    """Count the elements in a box of words, and list them where `found` has room."""
    counts[:] = 0
    for x in range(box[0, 0], box[0, 1]):
        for y in range(box[1, 0], box[1, 1]):
            for j in range(box[2, 0], box[2, 1]):
                word = np.int64(words[x, y, j]) & bits
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    colour = (x + y + bit) & 1
                    if counts[colour] < found.shape[1]:
                        entry = found[colour, counts[colour]]
                        entry[0] = np.int64(number[x, y, j]) * WIDTH + bit // 2
                        entry[1], entry[2], entry[3] = x, y, SPAN * j + bit
                    counts[colour] += 1


@dataclass(frozen=True, eq=False)
class Faces:
    """Face conductances of red voxels and the diagonals of both colours.

    Attributes
    ----------
    weights : (6, size) float32, conductance through x-, x+, y-, y+, z-, z+ of each red voxel.
    red, black : (size,) float64, exact sums of the conductances to neighbours and driven faces.
    """

    weights: NDArray[np.float32]
    red: NDArray[np.float64]
    black: NDArray[np.float64]


Thickness = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def gather_resistivity(
    layout: Layout, labels: NDArray[np.integer], resistivity: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Resistivity of red and of black elements, 0 where there is no unknown.

    Parameters
    ----------
    layout : the unknowns.
    labels : labels in mesh order; an index beyond their end reads the last layer.
    resistivity : resistivity of each label.
    """
    red, black = np.zeros(layout.size, np.float32), np.zeros(layout.size, np.float32)
    _gather(layout.words, layout.number, labels, resistivity, red, black)
    return red, black


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _gather(words, number, labels, resistivity, red, black):
    nx, ny, nj = words.shape
    for task in numba.prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                word = np.int64(words[x, y, j])
                for bit in range(SPAN):
                    if (word >> bit) & 1 == 0:
                        continue
                    label = labels[
                        min(x, labels.shape[0] - 1),
                        min(y, labels.shape[1] - 1),
                        min(SPAN * j + bit, labels.shape[2] - 1),
                    ]
                    o = np.int64(number[x, y, j]) * WIDTH + bit // 2
                    if (x + y + bit) & 1:
                        black[o] = resistivity[label]
                    else:
                        red[o] = resistivity[label]


def weigh_faces(
    layout: Layout,
    resistivity: tuple[NDArray[np.float32], NDArray[np.float32]],
    thickness: Thickness,
) -> Faces:
    """Conductances of all faces for any resistivity: two half voxels in series.

    Parameters
    ----------
    layout : the unknowns.
    resistivity : of red and of black elements.
    thickness : edge lengths of the voxel layers along x, y, z; a layer of no thickness is a node
        between two voxels that takes no part in anything else.

    Notes
    -----
    g = A / (h_1 rho_1 / 2 + h_2 rho_2 / 2), the harmonic mean for equal voxels. The diagonals hold
    the sums over neighbours only; driven faces are added by the caller.
    """
    weights = np.zeros((6, layout.size), np.float32)
    faces = Faces(weights, np.zeros(layout.size), np.zeros(layout.size))
    tables = (layout.words, layout.number, layout.lateral, layout.along, layout.last)
    _weigh(*tables, *resistivity, *thickness, weights, faces.red)
    _sum_black(*tables, resistivity[BLACK], weights, faces.black)
    return faces


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _six(lateral, along, last, s, i, offset):
    """Elements of the neighbours x-, x+, y-, y+, z-, z+ of element i of a segment."""
    o = s * WIDTH + i
    at, edge = outer_neighbour(along, np.uint64(s), offset, last)
    outer = np.int64(edge) if i == np.int64(at) else o + 2 * offset - 1
    return (
        lateral[s, 0] * WIDTH + i,
        lateral[s, 1] * WIDTH + i,
        lateral[s, 2] * WIDTH + i,
        lateral[s, 3] * WIDTH + i,
        o if offset == 1 else outer,
        outer if offset == 1 else o,
    )


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _weigh(words, number, lateral, along, last, red, black, hx, hy, hz, weights, diagonal):
    nx, ny, nj = words.shape
    nz = len(hz)
    for task in numba.prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    o = s * WIDTH + i
                    if red[o] <= 0:
                        continue
                    offset = (x + y) & 1
                    z = SPAN * j + 2 * i + offset
                    others = _six(lateral, along, last, s, i, offset)
                    own = (hx[x], hy[y], hz[z])
                    area = (hy[y] * hz[z], hx[x] * hz[z], hx[x] * hy[y])
                    beyond = (
                        hx[(x + nx - 1) % nx], hx[(x + 1) % nx], hy[(y + ny - 1) % ny],
                        hy[(y + 1) % ny], hz[(z + nz - 1) % nz], hz[(z + 1) % nz],
                    )  # fmt: skip
                    total = 0.0
                    for face in range(6):
                        theirs = black[others[face]]
                        if theirs > 0:
                            half = own[face // 2] * red[o] + beyond[face] * theirs
                            weights[face, o] = 2 * area[face // 2] / half
                            total += weights[face, o]
                    diagonal[o] = total


@numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)
def _sum_black(words, number, lateral, along, last, black, weights, diagonal):
    nx, ny, nj = words.shape
    for task in numba.prange(nx):
        x = np.int64(task)
        for y in range(ny):
            for j in range(nj):
                s = np.int64(number[x, y, j])
                for i in range(WIDTH if s > 0 else 0):
                    if black[s * WIDTH + i] <= 0:
                        continue
                    others = _six(lateral, along, last, s, i, 1 - ((x + y) & 1))
                    total = 0.0
                    for face in range(6):
                        # The face is the opposite one of the red neighbour.
                        total += weights[face ^ 1, others[face]]
                    diagonal[s * WIDTH + i] = total
