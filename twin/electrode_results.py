"""What `twin.electrode_tortuosity` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.layers import count_layers
from meshing.volume import Volume
from meshing.voxel_mesh import VoxelMesh
from meshing.walls import count_walls
from solvers.porous_electrode import WallPotential
from solvers.report import Report
from solvers.symmetric_cell import Charging
from solvers.wall_load import WallArea
from twin.electrode_tables import HEAD, cells, lists, numbers, problem
from twin.results import Tortuosity
from twin.tables import describe_size, flat_row, text_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from twin.electrode import Separator

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ElectrodeTortuosity:
    r"""The low-frequency limit of the impedance of an electrode.

    Fields and currents are those of a uniform charging of all walls. Layers count from the
    separator.

    Attributes
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"z"``, through the electrode.
    separator : str
        ``"low"`` or ``"high"``, the face where the separator lies.
    phase : str
        The pores.
    capacitances : mapping of str to float
        Reactive phases, with capacitances per area relative to each other.
    wall, area : str
        How walls were treated.
    charging : Charging
        The solver's answer.
    seconds, seconds_compiling : float
        Wall time of the solve, and of compilation within it [s].
    flipped : ElectrodeTortuosity or None
        The same with the separator on the other face, where it was asked for.
    through : Tortuosity or None
        Flux through the volume along the same axis, where it was asked for.

    Examples
    --------
    Two pores side by side, one of them half as deep: its walls are nearer.

    >>> import numpy as np, twin
    >>> labels = np.ones((5, 1, 40), np.uint8)
    >>> labels[1], labels[3, :, :20] = 0, 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> e = twin.electrode_tortuosity(volume, "pore", flip=True, through=True)
    >>> round(e.tortuosity_factor, 3), round(e.through.tortuosity_factor, 3)
    (0.745, 1.5)
    >>> round(e.accessible_porosity, 3), round(e.flipped.accessible_porosity, 3)
    (0.3, 0.2)
    """

    axis: str
    separator: Separator
    phase: str
    capacitances: Mapping[str, float]
    wall: WallPotential
    area: WallArea
    charging: Charging
    seconds: float
    seconds_compiling: float
    flipped: ElectrodeTortuosity | None = None
    through: Tortuosity | None = None

    @property
    def mesh(self) -> VoxelMesh:
        """The pores that the separator reaches."""
        return self.charging.electrode.mesh

    @property
    def volume(self) -> Volume:
        """The image."""
        return self.mesh.volume

    @property
    def length(self) -> float:
        """Thickness of the electrode [m], or in voxels where their size is not known."""
        return self.mesh.shape[self.mesh.axis] * self.mesh.spacing[self.mesh.axis]

    @property
    def cross_section(self) -> float:
        """Area of the separator's face, solid included [m2]."""
        sizes = [n * h for n, h in zip(self.mesh.shape, self.mesh.spacing, strict=True)]
        return math.prod(sizes) / self.length

    @property
    def macmullin_number(self) -> float:
        """N_M,e = R_ion A kappa / L of one electrode."""
        return self._factor(self.charging.resistance)

    @property
    def tortuosity_factor(self) -> float:
        """Electrode tortuosity factor tau_e = eps N_M,e, with the whole porosity."""
        return self.volume_fraction * self.macmullin_number

    @property
    def accessible_tortuosity_factor(self) -> float:
        """The same with the porosity that the separator reaches."""
        return self.accessible_porosity * self.macmullin_number

    @property
    def volume_fraction(self) -> float:
        """Porosity eps: all voxels of the pores over all voxels."""
        return self.mesh.volume_fraction

    @property
    def accessible_porosity(self) -> float:
        """Voxels of the pores that the separator reaches, over all voxels."""
        return self.mesh.active_voxels / self.volume.labels.size

    @property
    def accessible_fraction(self) -> float:
        """Share of the pores that the separator reaches, 0 to 1."""
        return self.mesh.active_voxels / self.mesh.phase_voxels

    @cached_property
    def wall_areas(self) -> dict[str, float]:
        """Area of the walls that each reactive phase has, as faces of voxels [m2]."""
        spacing = self.mesh.spacing
        areas = [math.prod(spacing) / h for h in spacing]
        return {
            name: math.fsum(n * a for n, a in zip(count_walls(self.mesh, name), areas, strict=True))
            for name in self.capacitances
        }

    @property
    def wall_area(self) -> float:
        """Area of all walls that carry a double layer, as faces of voxels [m2]."""
        return math.fsum(self.wall_areas.values())

    @property
    def specific_area(self) -> float:
        """Area of these walls over the volume of the image [1/m]."""
        return self.wall_area / (self.cross_section * self.length)

    def ionic_resistance(self, conductivity: float) -> float:
        """Area-specific ionic resistance R_ion A of one electrode [Ohm m2].

        Parameters
        ----------
        conductivity : float
            Of the electrolyte [S/m].
        """
        return self.macmullin_number * self.length / conductivity

    @property
    def gradient_factor(self) -> float:
        """tau_e if every layer of voxels were at one potential, see `lower_bound`."""
        return self.lower_bound

    @property
    def lower_bound(self) -> float:
        r"""A rigorous lower bound of tau_e, from the profiles of pores and walls alone.

        :math:`3 (\varepsilon / L) \int (1 - C(x)/C)^2 \, \mathrm{d}x / \varepsilon(x)` with the
        charge C(x) on the walls between the separator and x: Thomson's principle. It is 1 for even
        layers, and differs from 1 where pores or walls lie unevenly over the depth.
        """
        return self.volume_fraction * self._factor(self.charging.slice_resistance)

    @property
    def residual(self) -> float:
        """tau_e over `gradient_factor`: what the paths within and between the layers add."""
        return self.tortuosity_factor / self.gradient_factor

    @cached_property
    def profiles(self) -> dict[str, Floats]:
        """Arrays over the layers of voxels, from the separator.

        ``position`` of the centres [m]; ``porosity`` and ``accessible_porosity``; ``wall_area``
        [m2]; ``current``, the share of it that flows through the layer's middle;
        ``local_resistance``, what the layer dissipates over the square of that current, times
        kappa A over the layer's thickness: the MacMullin number of the layer, nan where nothing
        flows; and ``local_tortuosity``, that times the layer's porosity.
        """
        charging, electrode = self.charging, self.charging.electrode
        h = self.mesh.spacing[self.mesh.axis]
        voxels = self.volume.labels.size / self.mesh.shape[self.mesh.axis]
        counts = electrode.inwards(count_layers(self.volume, self.phase, self.mesh.axis))
        local = charging.layer_resistances * self.cross_section / h
        return {
            "position": (np.arange(len(local)) + 0.5) * h,
            "porosity": counts / voxels,
            "accessible_porosity": electrode.layers[:, 0] / voxels,
            "wall_area": electrode.layers[:, 1:] @ electrode.area,
            "current": (charging.currents[1:] + charging.currents[:-1]) / 2,
            "local_resistance": local,
            "local_tortuosity": local * counts / voxels,
        }

    @property
    def imbalance(self) -> float:
        """Largest difference between the current through a plane and what charges the walls
        beyond it, over the whole current: the field's own proof, of half the digits of tau_e."""
        return self.charging.imbalance

    @property
    def report(self) -> Report:
        """What the solver did."""
        return self.charging.report

    @property
    def iterations(self) -> int:
        """Iterations of the solver."""
        return self.report.iterations

    @property
    def estimated_error(self) -> float:
        """Estimated relative error of tau_e that the iteration left."""
        return self.report.estimated_error

    @property
    def seconds_solving(self) -> float:
        """Wall time of the solve without compilation [s]."""
        return self.seconds - self.seconds_compiling

    def potential(self) -> NDArray[np.float32]:
        """Drop of the electrolyte's potential from the separator, (nx, ny, nz), nan outside.

        Over the current times R_ion: its mean over the charge on the walls is 1/3.
        """
        field = self.charging.potential().astype(np.float32)
        return np.asarray(field.transpose(np.argsort(self.mesh.order)))

    def flux(self) -> NDArray[np.float32]:
        """Current density in the pores, (nx, ny, nz, 3), 0 outside.

        Over the mean current density at the separator, in the sense from the separator to the
        walls.
        """
        field = self.charging.potential()
        scale = self.charging.resistance * self.cross_section
        return self.charging.electrode.current_density(-field * scale, 0.0)

    def share(self) -> NDArray[np.float32]:
        """Current density over its mean in the pores of the same layer, (nx, ny, nz), nan outside.

        Near 0 in dead ends that charge little behind them, large in throats.
        """
        size = np.sqrt((self.flux().astype(np.float64) ** 2).sum(axis=-1))
        size[~self.mesh.active()] = np.nan
        others = tuple(a for a in range(3) if a != self.mesh.axis)
        count = np.count_nonzero(~np.isnan(size), axis=others, keepdims=True)
        total = np.nansum(size, axis=others, keepdims=True)
        mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
        share = np.divide(size, mean, out=np.zeros_like(size), where=mean > 0)
        return np.asarray(share, np.float32)

    def orientations(self) -> list[ElectrodeTortuosity]:
        """This one, and the other where it was asked for."""
        return [self, self.flipped] if self.flipped is not None else [self]

    def summary(self) -> str:
        """A title and a table with one line for each orientation; below it, what goes with it."""
        walls = ", ".join(
            name if charge == 1 else f"{name} ({charge:g})"
            for name, charge in self.capacitances.items()
        )
        title = (
            f"Electrode tortuosity factor of {self.phase} along {self.axis}: "
            f"{describe_size(self.volume)}, {self.mesh.sides} sides, double layer on {walls}"
        )
        lines = [title, "", text_table(HEAD, [cells(e) for e in self.orientations()])]
        if self.through is not None:
            found = self.through.reason or f"tau {self.through.tortuosity_factor:#.6g}"
            lines.append(f"flux through the volume: {found}")
        return "\n".join(lines)

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each orientation, with flat columns."""
        return [flat_row({**problem(e), **numbers(e)}) for e in self.orientations()]

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only; both orientations, and the flux through, where there are any."""
        found = {**problem(self), **numbers(self), "profiles": lists(self.profiles)}
        if self.flipped is not None:
            found["flipped"] = {
                **numbers(self.flipped),
                "profiles": lists(self.flipped.profiles),
            }
        if self.through is not None:
            found["through"] = self.through.to_dict()
        return found

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw a slice with potential and current, and the profiles over the depth.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.electrode_plots import electrode_figure
        from twin.figures import saved

        return saved(electrode_figure(self), path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        """Write phases, potential [-], current density [-] and share [-] for ParaView.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``; with both orientations the face is added to the names:
            ``fields_low.vti`` and ``fields_high.vti``.

        Returns
        -------
        list of Path
            The files that were written.
        """
        if self.flipped is None:
            return [self._write(Path(path))]
        return [
            e._write(Path(path).with_stem(f"{Path(path).stem}_{e.separator}"))
            for e in self.orientations()
        ]

    def _write(self, path: Path) -> Path:
        from twin.export import write_vti

        fields = {
            "potential": self.potential(),
            "current density": self.flux(),
            "share": self.share(),
        }
        return write_vti(path, self.volume, fields, dict.fromkeys(fields, "1"))

    def _factor(self, resistance: float) -> float:
        """A resistance [1/m] over that of the electrolyte alone in the electrode's place."""
        return resistance * self.cross_section / self.length
