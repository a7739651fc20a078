"""Kernels that find the voxels at interfaces between phases, and move some of these interfaces.

`phase_of` is the index of the phase of each label, -1 for a label of no phase, and `moves` says of
each pair of phases whether their interface may move.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from meshing.kernels import kernel, parallel


@kernel
def _phase(label, phase_of):
    """Index of the phase of a label, -1 for none."""
    return np.int64(phase_of[label]) if label < len(phase_of) else np.int64(-1)


@kernel
def _neighbour(x, y, z, face):
    """The voxel behind a face x-, x+, y-, y+, z-, z+."""
    step = 2 * (face & 1) - 1
    axis = face // 2
    return x + step * (axis == 0), y + step * (axis == 1), z + step * (axis == 2)


@kernel
def _moving_faces(labels, phase_of, moves, x, y, z, faces):
    """Write the faces of a voxel behind which another phase may exchange with it; how many."""
    own = _phase(labels[x, y, z], phase_of)
    count = 0
    if own < 0:
        return count
    for face in range(6):
        u, v, w = _neighbour(x, y, z, face)
        if u < 0 or v < 0 or w < 0:
            continue
        if u >= labels.shape[0] or v >= labels.shape[1] or w >= labels.shape[2]:
            continue
        other = _phase(labels[u, v, w], phase_of)
        if other >= 0 and moves[own, other]:
            faces[count] = face
            count += 1
    return count


@parallel
def count_at_interfaces(labels, phase_of, moves, out):
    """Write how many voxels of each layer of x lie at an interface that may move.

    Parameters
    ----------
    labels : unsigned integer array, (nx, ny, nz)
    phase_of : (labels,) int16
    moves : (phases, phases) bool
    out : (nx,) int64
    """
    for task in prange(labels.shape[0]):
        x = np.int64(task)
        faces = np.empty(6, np.int64)
        count = 0
        for y in range(labels.shape[1]):
            for z in range(labels.shape[2]):
                count += _moving_faces(labels, phase_of, moves, x, y, z, faces) > 0
        out[x] = count


@parallel
def list_at_interfaces(labels, phase_of, moves, first, out):
    """Write the flat indices of these voxels, in the order of the array.

    Parameters
    ----------
    labels, phase_of, moves : as for `count_at_interfaces`.
    first : (nx,) how many there are before each layer of x.
    out : (voxels,) int64
    """
    _, ny, nz = labels.shape
    for task in prange(labels.shape[0]):
        x = np.int64(task)
        faces = np.empty(6, np.int64)
        place = first[x]
        for y in range(ny):
            for z in range(nz):
                if _moving_faces(labels, phase_of, moves, x, y, z, faces) > 0:
                    out[place] = (x * ny + y) * nz + z
                    place += 1


@kernel
def move(labels, phase_of, moves, voxels, order, choice, grows, wanted, out):
    """Move the interface at voxels, one after the other, until enough voxels have changed.

    The voxel's interface is one of its faces towards another phase. The phase of the lower index
    grows across it, or the other: one of the two voxels takes the label of the other one. A voxel
    that has changed already is passed over. Returns how many have changed.

    Parameters
    ----------
    labels, phase_of, moves : as for `count_at_interfaces`.
    voxels : (n,) int64, flat indices of voxels at interfaces.
    order : (n,) int64, indices of `voxels`, the first to be moved first.
    choice : (n,) float, 0 to below 1, which of its faces; `grows` : (n,) bool, whether the phase
        of the lower index does.
    wanted : int
        How many voxels are to change.
    out : the labels, where the changes are written.
    """
    _, ny, nz = labels.shape
    faces = np.empty(6, np.int64)
    changed = 0
    for index in order:
        if changed == wanted:
            break
        voxel = voxels[index]
        x, y, z = voxel // (ny * nz), voxel // nz % ny, voxel % nz
        count = _moving_faces(labels, phase_of, moves, x, y, z, faces)
        face = faces[min(np.int64(choice[index] * count), count - 1)]
        u, v, w = _neighbour(x, y, z, face)
        own, other = labels[x, y, z], labels[u, v, w]
        if (_phase(own, phase_of) < _phase(other, phase_of)) != grows[index]:
            if out[x, y, z] == own:
                out[x, y, z] = other
                changed += 1
        elif out[u, v, w] == other:
            out[u, v, w] = own
            changed += 1
    return changed


@kernel
def displace(labels, phase_of, towards, steps, voxels, order, field, out):
    """Move the interface at voxels by one layer where a field reaches so far.

    Across a face between two phases, the one gains whose entry of `towards` has the sign of the
    field. A voxel that has changed already is passed over.

    Parameters
    ----------
    labels, phase_of : as for `count_at_interfaces`.
    towards : (phases, phases) int8, antisymmetric; 0 where the interface stays.
    steps : (3,) float, how far the field must reach for a layer across x, y, z.
    voxels, order, out : as for `move`.
    field : (n,) float, the displacement at the voxels.
    """
    _, ny, nz = labels.shape
    faces = np.empty(6, np.int64)
    moves = towards != 0
    for index in order:
        reach = field[index]
        voxel = voxels[index]
        x, y, z = voxel // (ny * nz), voxel // nz % ny, voxel % nz
        count = _moving_faces(labels, phase_of, moves, x, y, z, faces)
        own = labels[x, y, z]
        for n in range(count):
            if abs(reach) < steps[faces[n] // 2]:
                continue
            u, v, w = _neighbour(x, y, z, faces[n])
            other = labels[u, v, w]
            gains = towards[_phase(own, phase_of), _phase(other, phase_of)] * reach > 0
            if gains and out[u, v, w] == other:
                out[u, v, w] = own
            elif not gains and out[x, y, z] == own:
                out[x, y, z] = other
