"""The finest level: diagonals, driven faces and face conductances of a voxel mesh."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.kernels.fine import (
    SPAN,
    count_neighbours,
    gather,
    list_elements,
    name_faces,
    number_ends,
    weigh,
)
from solvers.layout import Layout
from solvers.media import Media

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

    def of(self, colour: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Elements of a colour and their conductances."""
        if colour == RED:
            return self.red, self.red_conductance
        return self.black, self.black_conductance


@dataclass(frozen=True, eq=False)
class Source:
    """Right-hand side: what enters at some elements.

    Attributes
    ----------
    red, black : places in the red and black vectors, each once.
    red_amount, black_amount : float64, one per element.
    at_rest : energy of the field that is 0 everywhere; what a driven face at 1 spends on it.
    """

    red: NDArray[np.int64]
    black: NDArray[np.int64]
    red_amount: NDArray[np.float64]
    black_amount: NDArray[np.float64]
    at_rest: float

    def of(self, colour: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Elements of a colour and what enters there."""
        if colour == RED:
            return self.red, self.red_amount
        return self.black, self.black_amount


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


Thickness = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Faces:
    """Which conductance every face has, and what every voxel is.

    Attributes
    ----------
    codes : (6, size) codes into `weights`, of x-, x+, y-, y+, z-, z+ of each red voxel, in the
        smallest type that holds them; 0 is no face.
    weights : conductances, float64 with the digits of single precision, so that their sums are
        exact.
    red, black : (size,) 1 + kind on a driven face, 1 elsewhere, 0 where there is no unknown.
    """

    codes: NDArray[np.unsignedinteger]
    weights: NDArray[np.float64]
    red: NDArray[np.unsignedinteger]
    black: NDArray[np.unsignedinteger]


#: A table of conductances is kept up to this length; beyond it, with more than about eighty
#: phases, every face has a conductance of its own.
LONGEST = 2**16


def name_all_faces(
    layout: Layout, labels: NDArray[np.integer], media: Media, thickness: Thickness, axis: int
) -> Faces:
    """Name the faces of a mesh of several conductivities.

    Parameters
    ----------
    layout : the unknowns.
    labels : labels in mesh order; an index beyond their end reads the last layer.
    media : resistivities of phases and of interfaces.
    thickness : edge lengths of the voxel layers along x, y, z; a layer of no thickness is a node
        between two voxels that takes no part in anything else.
    axis : the driven axis.
    """
    phases = len(media.phases)
    red, black = np.zeros((2, layout.size), np.min_scalar_type(phases + 1))
    gather(layout.words, layout.number, labels, media.kinds, red, black)
    tables = (layout.words, layout.number, layout.lateral, layout.along, layout.last)
    if 9 * phases**2 < LONGEST:
        codes = np.zeros((6, layout.size), np.min_scalar_type(9 * phases**2))
        weights = face_table(media, thickness)
        name_faces(*tables, red, black, *thickness, phases, codes)
    else:
        codes = np.zeros((6, layout.size), np.min_scalar_type(6 * layout.size))
        weights = np.zeros(1 + codes.size)
        resist = (media.resistivity, media.contact)
        weigh(*tables, red, black, *resist, *thickness, codes, weights)
    number_ends(*tables, axis, *thickness, codes, red, black)
    return Faces(codes, weights, red, black)


def face_table(media: Media, thickness: Thickness) -> NDArray[np.float64]:
    """Conductance of a face for each code of `name_all_faces`; code 0 is no face.

    Notes
    -----
    g = A / (h_1 rho_1 / 2 + R + h_2 rho_2 / 2), two half voxels and what resists between them in
    series; the harmonic mean for equal voxels without R. A code is one more than the place in a
    table of axis, which of the two voxels has no thickness (none, the other, the red one), kind of
    the red voxel and kind of the other. Conductances have the digits of single precision, so that
    their sums are exact in double.
    """
    h = [float(layers[0]) for layers in thickness]
    rho, contact = media.resistivity[1:], media.contact[1:, 1:]
    table = np.zeros((3, 3, len(rho), len(rho)))
    for axis in range(3):
        near, far = rho[:, axis][:, None] * h[axis] / 2, rho[:, axis][None, :] * h[axis] / 2
        area = math.prod(h) / h[axis]
        table[axis] = area / np.stack([near + far + contact, near + contact, far + contact])
    return np.concatenate([[0.0], table.astype(np.float32).ravel()])


def end_table(media: Media, thickness: Thickness, axis: int) -> NDArray[np.float64]:
    """Conductance to the driven face for each voxel code of `name_all_faces`."""
    table = np.zeros(len(media.phases) + 2)
    area = math.prod(float(h[0]) for a, h in enumerate(thickness) if a != axis)
    table[2:] = 2 * area / (thickness[axis][0] * media.resistivity[1:, axis])
    return table
