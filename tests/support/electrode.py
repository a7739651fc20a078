"""The symmetric-cell problem of one electrode on voxels, assembled with SciPy and solved directly.

Written from the equations and from nothing of the package, so that the two can disagree.  The
separator lies on one outer face of the driven axis and holds the potential 1, half a voxel from the
first centres; walls that pore voxels share with voxels of the reactive phases carry a double layer,
outer faces of the image and solid faces on the separator plane do not.  Between two pore voxels
across axis a the conductance is kappa A_a / h_a, on the separator 2 kappa A_a / h_a, and a wall of
the admittance y [S/m2] has y A_a, in series with 2 kappa A_a / h_a when its potential is taken at
the face ("half-face") and alone when it is taken at the voxel's centre ("centre").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import SuperLU, splu

from meshing.volume import Volume

Reactive = str | Iterable[str] | Mapping[str, float] | None


@dataclass(frozen=True, eq=False)
class HalfCell:
    """The network of the pores that the separator reaches, of unit conductivity.

    One entry per wall: the unknown of its voxel, its phase, its area, the edge of the voxel across
    it.  `layer` is the layer of voxels of each unknown, counted from the separator; `planes` the
    conductance of all faces through the separator and through each plane between layers.
    """

    matrix: sparse.csc_matrix
    inlet: NDArray[np.float64]
    layer: NDArray[np.intp]
    planes: NDArray[np.float64]
    cell: NDArray[np.intp]
    phase: NDArray[np.str_]
    area: NDArray[np.float64]
    edge: NDArray[np.float64]
    length: float
    cross_section: float
    volume_fraction: float
    accessible_porosity: float
    where: tuple[NDArray[np.intp], ...]

    def at_face(self, wall: str) -> float:
        """1 where the wall's potential is that of the face, 0 where it is the centre's."""
        return {"half-face": 1.0, "centre": 0.0}[wall]

    def shares(self, charge: NDArray[np.float64]) -> NDArray[np.float64]:
        """Share of the charge that crosses the separator and each plane behind it."""
        by_layer = np.bincount(self.layer[self.cell], charge, minlength=self.planes.size)
        return by_layer[::-1].cumsum()[::-1] / by_layer.sum()


@dataclass(frozen=True, eq=False)
class Electrode:
    """Answers of the low-frequency limit, in the words of the package.

    `slice_bound` is the least that the planes between layers of voxels allow; `potential` is w of
    unit conductivity in the driven frame (the separator at index 0), NaN where no pore is reached.
    """

    tortuosity_factor: float
    macmullin_number: float
    accessible_tortuosity_factor: float
    volume_fraction: float
    accessible_porosity: float
    wall_area: float
    wall_areas: Mapping[str, float]
    slice_bound: float
    potential: NDArray[np.float64]


def direct_electrode(
    volume: Volume,
    phase: str,
    axis: str = "z",
    separator: str = "low",
    reactive: Reactive = None,
    sides: str = "no-flux",
    wall: str = "half-face",
) -> Electrode:
    """tau_e, N_M,e and wall area by one Poisson solve with the capacitances as sources."""
    capacitance = as_mapping(volume, phase, reactive)
    cell = half_cell(volume, phase, axis, separator, list(capacitance), sides)
    c = np.array([capacitance[name] for name in cell.phase])
    charge = c * cell.area
    total = charge.sum()
    source = np.bincount(cell.cell, charge, minlength=cell.inlet.size)
    w = refined_solve(cell.matrix, source)
    at_walls = w[cell.cell] + cell.at_face(wall) * c * cell.edge / 2
    resistance = 3 * (charge * at_walls).sum() / total**2
    open_ = cell.planes > 0
    bound = 3 * (cell.shares(charge)[open_] ** 2 / cell.planes[open_]).sum()
    macmullin = resistance * cell.cross_section / cell.length
    field = np.full(oriented(volume.labels, axis, separator).shape, np.nan)
    field[cell.where] = w
    return Electrode(
        tortuosity_factor=cell.volume_fraction * macmullin,
        macmullin_number=macmullin,
        accessible_tortuosity_factor=cell.accessible_porosity * macmullin,
        volume_fraction=cell.volume_fraction,
        accessible_porosity=cell.accessible_porosity,
        wall_area=cell.area.sum(),
        wall_areas={name: cell.area[cell.phase == name].sum() for name in capacitance},
        slice_bound=cell.volume_fraction * bound * cell.cross_section / cell.length,
        potential=field,
    )


def direct_spectrum(
    volume: Volume,
    phase: str,
    axis: str = "z",
    separator: str = "low",
    admittance: Mapping[str, NDArray[np.complex128]] | None = None,
    conductivity: float = 1.0,
    sides: str = "no-flux",
    wall: str = "half-face",
) -> NDArray[np.complex128]:
    """Z A [Ohm m2] of one electrode whose walls of each phase have the admittance given [S/m2].

    The unknown is 1 minus the potential, so that low frequencies cost no digits; the current is
    the sum over the walls.
    """
    assert admittance, "a mapping of reactive phases to admittances"
    cell = half_cell(volume, phase, axis, separator, list(admittance), sides)
    count = np.size(next(iter(admittance.values())))
    impedance = np.empty(count, complex)
    for i in range(count):
        each = {name: np.atleast_1d(y)[i] / conductivity for name, y in admittance.items()}
        drop, g = _drop(cell, each, wall)
        current = (g * (1 - drop[cell.cell])).sum()
        impedance[i] = cell.cross_section / (conductivity * current)
    return impedance


def direct_potential(
    volume: Volume,
    phase: str,
    axis: str,
    separator: str,
    admittance: Mapping[str, complex],
    sides: str = "no-flux",
    wall: str = "half-face",
) -> NDArray[np.complex128]:
    """Potential for 1 on the separator and conductivity 1, in the driven frame, NaN elsewhere."""
    cell = half_cell(volume, phase, axis, separator, list(admittance), sides)
    field = np.full(oriented(volume.labels, axis, separator).shape, np.nan, complex)
    field[cell.where] = 1 - _drop(cell, admittance, wall)[0]
    return field


def _drop(
    cell: HalfCell, admittance: Mapping[str, complex], wall: str
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """1 minus the potential of every unknown, and the admittance of every wall with its half voxel.

    Admittances are over the conductivity.
    """
    y = np.array([admittance[name] for name in cell.phase], complex)
    g = y * cell.area / (1 + cell.at_face(wall) * y * cell.edge / 2)
    walls = np.zeros(cell.inlet.size, complex)
    np.add.at(walls, cell.cell, g)
    return refined_solve((cell.matrix + sparse.diags_array(walls)).tocsc(), walls), g


def as_mapping(volume: Volume, phase: str, reactive: Reactive) -> dict[str, float]:
    """Reactive phases and their capacitances; by default every other phase, all alike."""
    if reactive is None:
        reactive = [name for name in volume.phases if name != phase]
    if isinstance(reactive, str):
        reactive = [reactive]
    if not isinstance(reactive, Mapping):
        reactive = dict.fromkeys(reactive, 1.0)
    return dict(reactive)


def half_cell(
    volume: Volume, phase: str, axis: str, separator: str, reactive: list[str], sides: str
) -> HalfCell:
    """Assemble the network of the pores that are reached from the separator."""
    labels = oriented(volume.labels, axis, separator)
    a = "xyz".index(axis)
    spacing = np.array([volume.spacing[a], *np.delete(volume.spacing, a)])
    areas = spacing.prod() / spacing
    pore = np.isin(labels, volume.label_values(phase))
    links = [_links(pore, b, wrap=sides == "periodic" and b > 0) for b in range(3)]
    reached = _reached(pore, links)
    unknown = np.full(pore.size, -1)
    unknown[reached.ravel()] = np.arange(reached.sum())
    kept = [(p[reached.ravel()[p]], q[reached.ravel()[p]]) for p, q in links]
    p, q = (np.concatenate(column) for column in zip(*kept, strict=True))
    g = np.repeat(areas / spacing, [here.size for here, _ in kept])
    layer = np.indices(pore.shape)[0][reached]
    inlet = np.where(layer == 0, 2 * areas[0] / spacing[0], 0.0)
    crossing = np.bincount(layer[unknown[kept[0][0]]], minlength=pore.shape[0])
    planes = np.append(inlet.sum(), crossing[:-1] * areas[0] / spacing[0])
    names = {int(v): name for name in reactive for v in volume.label_values(name)}
    found = _walls(labels, reached, unknown, names, sides)
    return HalfCell(
        matrix=_laplacian(unknown[p], unknown[q], g, inlet),
        inlet=inlet, layer=layer, planes=planes,
        cell=np.concatenate([cell for _, cell, _ in found]),
        phase=np.concatenate([name for _, _, name in found]),
        area=np.concatenate([np.full(cell.size, areas[b]) for b, cell, _ in found]),
        edge=np.concatenate([np.full(cell.size, spacing[b]) for b, cell, _ in found]),
        length=pore.shape[0] * spacing[0],
        cross_section=pore[0].size * areas[0],
        volume_fraction=pore.mean(), accessible_porosity=reached.mean(),
        where=np.nonzero(reached),
    )  # fmt: skip


def oriented(labels: NDArray[np.integer], axis: str, separator: str) -> NDArray[np.integer]:
    """The image with the driven axis first and the separator at index 0."""
    turned = np.moveaxis(labels, "xyz".index(axis), 0)
    return {"low": turned, "high": turned[::-1]}[separator]


def refined_solve(matrix: sparse.csc_matrix, right: NDArray) -> NDArray:
    """Direct solve of a symmetric matrix and one step of refinement."""
    factors: SuperLU = splu(
        matrix.astype(right.dtype), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}
    )
    x = factors.solve(right)
    return x + factors.solve(right - matrix @ x)


def _neighbours(shape: tuple[int, ...], b: int, wrap: bool) -> tuple[NDArray, NDArray]:
    """Flat indices of the voxels on the low and on the high side of every face across axis b."""
    number = np.arange(np.prod(shape)).reshape(shape)
    here, there = number, np.roll(number, -1, b)
    if not wrap:
        here, there = np.delete(here, -1, b), np.delete(there, -1, b)
    return here.ravel(), there.ravel()


def _links(pore: NDArray[np.bool_], b: int, wrap: bool) -> tuple[NDArray, NDArray]:
    p, q = _neighbours(pore.shape, b, wrap)
    both = pore.ravel()[p] & pore.ravel()[q] & (p != q)
    return p[both], q[both]


def _reached(pore: NDArray[np.bool_], links: list[tuple[NDArray, NDArray]]) -> NDArray[np.bool_]:
    p, q = (np.concatenate(column) for column in zip(*links, strict=True))
    graph = sparse.coo_matrix((np.ones(p.size), (p, q)), (pore.size, pore.size))
    component = connected_components(graph, directed=False)[1].reshape(pore.shape)
    return pore & np.isin(component, component[0][pore[0]])


def _walls(
    labels: NDArray[np.integer],
    reached: NDArray[np.bool_],
    unknown: NDArray[np.intp],
    names: Mapping[int, str],
    sides: str,
) -> list[tuple[int, NDArray[np.intp], NDArray[np.str_]]]:
    """Axis, unknown and phase of every wall: faces of reached pores with reactive voxels."""
    flat, open_ = labels.ravel(), reached.ravel()
    solid = np.isin(flat, list(names))
    found = []
    for b in range(3):
        p, q = _neighbours(labels.shape, b, wrap=sides == "periodic" and b > 0)
        for here, there in ((p, q), (q, p)):
            touching = open_[here] & solid[there]
            phases = np.array([names[int(v)] for v in flat[there[touching]]], dtype=np.str_)
            found.append((b, unknown[here[touching]], phases))
    return found


def _laplacian(
    p: NDArray[np.intp],
    q: NDArray[np.intp],
    g: NDArray[np.float64],
    leak: NDArray[np.float64],
) -> sparse.csc_matrix:
    size = leak.size
    diagonal = leak.copy()
    np.add.at(diagonal, p, g)
    np.add.at(diagonal, q, g)
    links = sparse.coo_matrix((-g, (p, q)), (size, size))
    return (links + links.T + sparse.diags_array(diagonal)).tocsc()
