"""The smooth surface of a phase: marching cubes, windowed-sinc smoothing, volume kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numba
import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.selection import Phases, masks, phase_names
from meshing.volume import Volume

__all__ = ["Smoothing", "Surface", "surface"]

#: Voxels added on every side: one that repeats the outermost voxel, one that is empty.
PAD = 2

#: Newton steps that move the surface onto its volume; each squares the error that is left.
NEWTON_STEPS = 8

#: Triangles on the low and the high face of axis 0, 1, 2 of the volume; and all the others.
CUTS = range(6)
WALL = -1


@dataclass(frozen=True)
class Smoothing:
    """How the staircase of a surface is smoothed and how closely its volume is kept.

    Attributes
    ----------
    iterations : degree of the windowed-sinc filter; 0 leaves the surface of marching cubes.
    pass_band : what the filter lets through, 0 to 2; lower is smoother.
    volume_tolerance : largest relative difference between the volume inside the surface and that
        of the voxels. The surface is moved along its normal until it holds. None leaves the
        volume as it comes.

    Examples
    --------
    >>> from meshing.surfaces import Smoothing
    >>> Smoothing(iterations=40, volume_tolerance=1e-4)
    Smoothing(iterations=40, pass_band=0.1, volume_tolerance=0.0001)
    """

    iterations: int = 20
    pass_band: float = 0.1
    volume_tolerance: float | None = 1e-3


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles around a phase, counter-clockwise seen from outside the phase.

    Attributes
    ----------
    points : (points, 3) float64, positions [m]; the volume's low corner is the origin.
    triangles : (triangles, 3) int32, points of each triangle.
    phases : names of the phases inside.
    closed : whether the cuts through the phase at the faces of the volume are covered.
    enclosed_volume : volume inside the surface, closed by its cuts [m3].
    voxel_volume : volume of the phase's voxels [m3].

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.surfaces import surface
    >>> from meshing.volume import Volume
    >>> block = surface(Volume(np.ones((5, 5, 5), int), spacing=1e-6), "1")
    >>> abs(block.area / (6 * 25e-12) - 1) < 1e-9
    True
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int32]
    phases: tuple[str, ...]
    closed: bool
    enclosed_volume: float
    voxel_volume: float

    @property
    def area(self) -> float:
        """Area of all triangles [m2]; of an open surface, without the cuts."""
        return float(_area(self.points, self.triangles))


def surface(
    volume: Volume,
    phases: Phases,
    *,
    closed: bool = True,
    smoothing: Smoothing | None = None,
    within: NDArray[np.bool_] | None = None,
) -> Surface:
    """Surface of a phase, smooth where the voxels are a staircase.

    Marching cubes places the surface half-way between the centres of voxels inside and outside.
    At the faces of the volume the phase is cut off flat: its outermost voxels are repeated
    outwards and the surface is pressed onto the face. Points on a face of the volume stay on it
    while the surface is smoothed.

    Memory: 4 bytes per voxel, and while it is smoothed some seven times the finished surface.

    Parameters
    ----------
    volume : the image.
    phases : one phase, or several that count as one.
    closed : cover the cuts at the faces of the volume, so that the surface is watertight; False
        leaves them open, so that only the walls of the phase remain.
    smoothing : the filter and the tolerance of the volume.
    within : (nx, ny, nz) bool; only voxels where it is true, as ``VoxelMesh.active()``.

    Returns
    -------
    Surface

    Raises
    ------
    InputError
        When a phase is unknown or has no voxel here, or its volume cannot be kept.

    References
    ----------
    Lewiner et al., J. Graphics Tools 8 (2003) 1, doi:10.1080/10867651.2003.10487582;
    Taubin, Zhang and Golub, ECCV 1996, doi:10.1007/BFb0015544

    Examples
    --------
    >>> import numpy as np
    >>> from meshing.surfaces import surface
    >>> from meshing.volume import Volume
    >>> x, y, z = np.ogrid[-12:13, -12:13, -12:13]
    >>> ball = Volume(x**2 + y**2 + z**2 <= 100, spacing=1e-6, phases={"AM": 1})
    >>> abs(surface(ball, "AM").area / (4 * np.pi * 10e-6**2) - 1) < 0.02
    True
    """
    smoothing = smoothing or Smoothing()
    field = _padded(volume, phases, within)
    voxels = float(np.count_nonzero(field[PAD:-PAD, PAD:-PAD, PAD:-PAD]))
    if voxels == 0:
        raise InputError(
            f"there is no voxel of phase {' + '.join(phase_names(phases))} to wrap in a surface; "
            "choose a phase that occurs in the volume"
        )
    points, triangles = _marching_cubes(field)
    del field
    box = _Box.around(points, volume.shape)
    points = _smooth(box, points, triangles, smoothing)
    points = _keep_volume(box, points, triangles, voxels, smoothing.volume_tolerance)
    voxel = float(np.prod(volume.spacing))
    whole = Surface(
        points=points * np.array(volume.spacing),
        triangles=triangles,
        phases=phase_names(phases),
        closed=True,
        enclosed_volume=_enclosed(points, triangles, np.zeros_like(points)) * voxel,
        voxel_volume=voxels * voxel,
    )
    return whole if closed else _without_cuts(whole, box)


def _padded(
    volume: Volume, phases: Phases, within: NDArray[np.bool_] | None
) -> NDArray[np.float32]:
    """One inside, zero outside; the outermost voxels repeated once, then one layer of zeros."""
    field = np.zeros([n + 2 * PAD for n in volume.shape], np.float32)
    for x, mask in enumerate(masks(volume, phases, within)):
        field[x + PAD, PAD:-PAD, PAD:-PAD] = mask
    for axis in range(3):
        planes = field.swapaxes(0, axis)
        planes[PAD - 1], planes[-PAD] = planes[PAD], planes[-PAD - 1]
    return field


def _marching_cubes(
    field: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points in voxels from the volume's low corner, pressed onto the box; and triangles."""
    from skimage.measure import marching_cubes

    # "ascent" turns the triangles outwards: counter-clockwise seen from the low side, outside.
    points, triangles, _, _ = marching_cubes(  # type: ignore[no-untyped-call]
        field, 0.5, gradient_direction="ascent"
    )
    # Voxel i has its centre at i + 1/2 and is voxel i + PAD of the padded field.
    points = points.astype(np.float64) + (0.5 - PAD)
    highest = np.array(field.shape) - 2 * PAD
    return _welded(np.clip(points, 0.0, highest), triangles, highest)


def _welded(
    points: NDArray[np.float64], triangles: NDArray[np.int32], highest: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Merge the points that came together on the edges of the box; drop triangles without area."""
    on_faces = ((points == 0.0) | (points == highest)).sum(axis=1)
    edge = np.flatnonzero(on_faces > 1)
    _, first, same = np.unique(points[edge], axis=0, return_index=True, return_inverse=True)
    target = np.arange(len(points))
    target[edge] = edge[first[same.ravel()]]
    kept = target == np.arange(len(points))
    triangles = (np.cumsum(kept) - 1)[target][triangles].astype(np.int32)
    a, b, c = triangles.T
    return points[kept], np.ascontiguousarray(triangles[(a != b) & (b != c) & (c != a)])


@dataclass(frozen=True, eq=False)
class _Box:
    """Which coordinates are held because the point lies on a face of the volume, low or high."""

    at_low: NDArray[np.bool_]
    at_high: NDArray[np.bool_]
    highest: NDArray[np.int64]

    @staticmethod
    def around(points: NDArray[np.float64], shape: tuple[int, int, int]) -> _Box:
        highest = np.array(shape)
        return _Box(points == 0.0, points == highest, highest)

    @property
    def held(self) -> NDArray[np.bool_]:
        return self.at_low | self.at_high

    def side_of(self, triangles: NDArray[np.int32]) -> NDArray[np.int8]:
        """The face of the volume, one of `CUTS`, that each triangle lies on, or `WALL`."""
        side = np.full(len(triangles), WALL, np.int8)
        for cut in CUTS:
            on_face = self.at_high[:, cut // 2] if cut % 2 else self.at_low[:, cut // 2]
            side[on_face[triangles].all(axis=1)] = cut
        return side

    def hold(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points with the held coordinates put back, and none outside the volume."""
        inside = np.clip(points, 0.0, self.highest)
        return np.where(self.held, np.where(self.at_high, self.highest, 0.0), inside)


def _smooth(
    box: _Box, points: NDArray[np.float64], triangles: NDArray[np.int32], smoothing: Smoothing
) -> NDArray[np.float64]:
    """Smooth the walls first, their rims along themselves, then each cut inside its rim.

    A filter across the rims would bend the walls near the faces of the volume.
    """
    if smoothing.iterations == 0:
        return points
    side = box.side_of(triangles)
    walls = triangles[side == WALL]
    points = box.hold(_filtered(points, walls, smoothing))
    inner = box.held.sum(axis=1) == 1
    inner[walls] = False
    for cut in CUTS:
        moved = box.hold(_filtered(points, triangles[side == cut], smoothing))
        points = np.where(inner[:, None], moved, points)
    return points


def _filtered(
    points: NDArray[np.float64], triangles: NDArray[np.int32], smoothing: Smoothing
) -> NDArray[np.float64]:
    """Move the points of some triangles by VTK's windowed-sinc filter; leave the others."""
    import pyvista

    if len(triangles) == 0:
        return points
    used, corners = _compact(triangles, len(points))
    faces = np.insert(corners, 0, 3, axis=1).ravel()
    smoothed = pyvista.PolyData(points[used], faces).smooth_taubin(
        n_iter=smoothing.iterations,
        pass_band=smoothing.pass_band,
        boundary_smoothing=True,
        edge_angle=180.0,  # a rim is a staircase: its corners are no features to keep
        non_manifold_smoothing=True,
        normalize_coordinates=True,
    )
    moved = points.copy()
    moved[used] = smoothed.points
    return moved


def _keep_volume(
    box: _Box,
    points: NDArray[np.float64],
    triangles: NDArray[np.int32],
    voxels: float,
    tolerance: float | None,
) -> NDArray[np.float64]:
    """Move the points along their normals until the surface encloses the voxels' volume."""
    if tolerance is None:
        return points
    for _ in range(NEWTON_STEPS):
        gradient = np.zeros_like(points)
        missing = voxels - _enclosed(points, triangles, gradient)
        if abs(missing) <= tolerance * voxels:
            return points
        gradient[box.held] = 0.0
        length = np.linalg.norm(gradient, axis=1, keepdims=True)
        if not length.any():
            break
        normal = gradient / np.where(length > 0.0, length, 1.0)
        points = box.hold(points + missing / length.sum() * normal)
    raise InputError(
        f"the smoothed surface cannot keep the volume to {100 * tolerance:.2g} %; use fewer "
        "iterations, a larger pass_band, a larger volume_tolerance, or None for no correction"
    )


def _without_cuts(whole: Surface, box: _Box) -> Surface:
    """Drop the triangles that lie on a face of the volume, and the points only they use."""
    walls = whole.triangles[box.side_of(whole.triangles) == WALL]
    used, corners = _compact(walls, len(whole.points))
    return replace(whole, points=whole.points[used], triangles=corners, closed=False)


def _compact(
    triangles: NDArray[np.int32], points: int
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Which points some triangles use, and the triangles in numbers of those points alone."""
    used = np.zeros(points, np.bool_)
    used[triangles] = True
    return used, (np.cumsum(used, dtype=np.int32) - 1)[triangles]


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _cross(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Twice the area vector of a triangle."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _area(points: NDArray[np.float64], triangles: NDArray[np.int32]) -> float:
    total = 0.0
    for i in range(len(triangles)):
        x, y, z = _cross(points[triangles[i, 0]], points[triangles[i, 1]], points[triangles[i, 2]])
        total += 0.5 * np.sqrt(x * x + y * y + z * z)
    return total


@numba.njit(cache=True, error_model="numpy", nogil=True)
def _enclosed(
    points: NDArray[np.float64], triangles: NDArray[np.int32], gradient: NDArray[np.float64]
) -> float:
    """Volume inside, sum of (point . area vector) / 3; its derivative is added to `gradient`.

    The derivative of the volume by a point is a third of the area vectors around the point.
    """
    total = 0.0
    for i in range(len(triangles)):
        p = points[triangles[i, 0]]
        x, y, z = _cross(p, points[triangles[i, 1]], points[triangles[i, 2]])
        total += (p[0] * x + p[1] * y + p[2] * z) / 6.0
        for corner in range(3):
            point = triangles[i, corner]
            gradient[point, 0] += x / 6.0
            gradient[point, 1] += y / 6.0
            gradient[point, 2] += z / 6.0
    return total
