"""The finest level: diagonals, driven faces and face conductances of a voxel mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.fine import SPAN, count_neighbours, gather, list_elements, sum_black, weigh
from solvers.layout import Layout

RED, BLACK = 0, 1


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
    count_neighbours(layout.words, layout.plane, nx, ny, nz, nj, axis, wrap, red, black)
    return red, black


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
    list_elements(layout.words, layout.number, box, bits, np.zeros((2, 0, 4), np.int64), counts)
    found = np.zeros((2, counts.max(), 4), np.int64)
    list_elements(layout.words, layout.number, box, bits, found, counts)
    return [found[colour, : counts[colour]] for colour in (RED, BLACK)]


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
    gather(layout.words, layout.number, labels, resistivity, red, black)
    return red, black


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
    weigh(*tables, *resistivity, *thickness, weights, faces.red)
    sum_black(*tables, resistivity[BLACK], weights, faces.black)
    return faces
