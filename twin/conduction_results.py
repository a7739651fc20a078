"""What `twin.conduction` returns."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.labels import count_labels, slabs
from solvers.media import Pair
from twin.bounds import Bounds, hashin_shtrikman, wiener
from twin.conduction_tables import interface_table, phase_table, plane_table
from twin.conductors import Conductivity, Conductors
from twin.directions import AlongAxis, Directions
from twin.tables import describe_size
from twin.transport import Transport

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Conduction(AlongAxis):
    r"""Steady conduction through some phases along one axis.

    The words here are those of electronic conduction; `transport` holds those of the others. Fields
    are for a unit difference of the potential: 1 V on the low outer face of the driven axis and 0
    on the high one.

    With :math:`\varepsilon_i` and :math:`k_i` the volume fraction and the conductivity of phase i,
    along the driven axis where it depends on the direction, the tortuosity factor of the conducting
    set compares what the same phases would conduct side by side, as straight channels, with what
    they do conduct:

    .. math::

        \tau = \frac{\sum_i \varepsilon_i k_i}{k_\mathrm{eff}}

    For one phase it is the usual :math:`\varepsilon k / k_\mathrm{eff}`. A poor conductor beside
    a good one carries little whatever its shape; `share` says how much.

    Attributes
    ----------
    axis : str
        ``"x"``, ``"y"`` or ``"z"``.
    mesh : VoxelMesh
        The voxels that carried current.
    solution : SteadySolution or None
        The solver's answer; None where the conducting phases do not percolate.
    reason : str
        Why they do not percolate; empty where they do.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].
    conductors : Conductors
        `conductivity` of each phase as given, and `contact_resistance` of each interface.
    transport : Transport
        Words and units.

    Examples
    --------
    >>> import numpy as np, twin
    >>> labels = np.array([[[1], [1], [1], [2]]]).repeat(4, axis=0)  # side by side along x
    >>> volume = twin.Volume(labels, "50nm", {"AM": 1, "CBD": 2})
    >>> c = twin.conduction(volume, {"AM": 1.0, "CBD": 97.0}, axis="x")
    >>> round(c.effective_conductivity, 6), round(c.tortuosity_factor, 6), round(c.share["CBD"], 6)
    (25.0, 1.0, 0.97)
    """

    conductors: Conductors
    transport: Transport

    @property
    def effective_conductivity(self) -> float:
        """k_eff, from the energy of the field [unit of the conductivities]; 0 if not percolating.

        Current through the image over its cross-section, for a unit mean gradient.
        """
        return self.effective

    @property
    def relative_conductivity(self) -> float:
        """k_eff over the upper bound of Wiener, `wiener_bounds`; 1 / tau, 0 if not percolating."""
        return self.effective / self.wiener_bounds[1] if self.percolates else 0.0

    @property
    def tortuosity_factor(self) -> float:
        """Tau = sum of eps_i k_i / k_eff over the conducting phases; inf if not percolating."""
        return self.wiener_bounds[1] / self.effective if self.percolates else math.inf

    @property
    def macmullin_number(self) -> float:
        """N_M = k / k_eff with the largest conductivity along the axis; inf if not percolating."""
        largest = max(self.conductors.along(self.mesh.axis).values())
        return largest / self.effective if self.percolates else math.inf

    @property
    def volume_fractions(self) -> dict[str, float]:
        """Volume fraction of each phase that conducts."""
        return {name: self.volume.volume_fraction(name) for name in self.mesh.phases}

    @property
    def wiener_bounds(self) -> Bounds:
        """All phases in series and all side by side, along the driven axis [unit of k_eff].

        Contact resistance leaves the upper one; the lower one is then 0.
        """
        return self._bounds(wiener, self.conductors.along(self.mesh.axis))

    @property
    def hashin_shtrikman_bounds(self) -> Bounds:
        """Bounds for an isotropic arrangement of the phases [unit of k_eff].

        A single axis of a sample that is not isotropic may lie outside. nan where the conductivity
        of a phase depends on the direction; 0 below where there is contact resistance.
        """
        if not self.conductors.isotropic:
            return math.nan, math.nan
        dimensions = 2 if 1 in self.volume.shape else 3

        def bounds(fractions: Sequence[float], values: Sequence[float]) -> Bounds:
            return hashin_shtrikman(fractions, values, dimensions)

        return self._bounds(bounds, self.conductors.along(self.mesh.axis))

    @property
    def share(self) -> dict[str, float]:
        """Share of each phase in the mean current density along the axis; they sum to 1.

        In proportion to the integral of the current density over the phase; backflow counts as
        negative. nan if not percolating.
        """
        return self._by_phase(self.solution.shares.current if self.solution else None)

    @property
    def heat_share(self) -> dict[str, float]:
        """Share of each phase in the Joule heat; with `interface_heat_share` they sum to 1."""
        return self._by_phase(self.solution.shares.heat if self.solution else None)

    @property
    def interface_share(self) -> dict[Pair, float]:
        """Current across all faces between two phases, without regard to sign, over the current.

        Names in alphabetical order; above 1 where the current crosses to and fro; nan if not
        percolating.
        """
        return self._by_pair(self.solution.shares.interface_current if self.solution else None)

    @property
    def interface_heat_share(self) -> dict[Pair, float]:
        """Share of the contact resistance between two phases in the Joule heat."""
        return self._by_pair(self.solution.shares.interface_heat if self.solution else None)

    @cached_property
    def percolating_fractions(self) -> dict[str, float]:
        """Share of each phase that belongs to the conducting set which joins the two faces, 0 to 1.

        The set is that of all conducting phases: a grain that only touches another conductor
        belongs to it.
        """
        carrying = self._carrying_labels()
        counts = {
            name: sum(carrying[label] for label in self.volume.label_values(name))
            for name in self.mesh.phases
        }
        voxels = {name: self.volume.voxel_count(name) for name in counts}
        return {name: counts[name] / voxels[name] for name in counts}

    @property
    def mean_current_density(self) -> float:
        """Current over cross-section, for a unit difference of potential [unit of k_eff / m]."""
        return self.effective / self.length

    def current_density(self) -> NDArray[np.float32]:
        """Current density, (nx, ny, nz, 3) float32 [A/m2] for 1 V: `flux` by its name here."""
        return self.flux()

    def magnitude(self) -> NDArray[np.float32]:
        """Size of the current density, (nx, ny, nz) float32, 0 where nothing flows [A/m2] for 1 V.

        Over `mean_current_density` it says how the current is focused: 1 in a sample that is all
        one conductor.
        """
        return _length_of(self.flux())

    def to_vtk(self, path: str | Path) -> Path:
        """Write phases, potential and current density as an image for ParaView.

        Arrays, in the words of the transport: ``potential``, ``current_density`` (a vector),
        ``current_density_magnitude``, ``current_density_over_mean`` (the magnitude over its mean
        in the voxels that carry current), and ``partition``, the through paths and dead ends of
        `flux_partition`.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.export import write_vti
        from twin.flux_partition import flux_partition

        partition = flux_partition(self)
        words, flux = self.transport, self.transport.flux.replace(" ", "_")
        fields = {words.potential: self.potential(), flux: self.flux()}
        fields[f"{flux}_magnitude"] = _length_of(fields[flux])
        mean = np.float32(partition.distribution.mean or 1.0)
        fields[f"{flux}_over_mean"] = fields[f"{flux}_magnitude"] / mean
        units = dict.fromkeys((flux, f"{flux}_magnitude"), self._flux_unit())
        units[words.potential] = words.potential_unit
        units["partition"] = "0 outside, 1 through, 2 dead end, 3 isolated"
        return write_vti(path, self.volume, {**fields, "partition": partition.labels}, units)

    def _title(self) -> str:
        words = self.transport
        parts = [
            f"{name} ({', '.join(f'{k:g}' for k in np.atleast_1d(given))})"
            for name, given in self.conductors.conducting.items()
        ]
        quantity = f"{words.conductivity.capitalize()} [{words.conductivity_unit}]"
        size = f"{describe_size(self.volume)}, {self.mesh.sides} sides"
        return f"{quantity} of {' + '.join(parts)}: {size}"

    def _head(self) -> list[str]:
        symbol, unit = self.transport.conductivity_symbol, self.transport.conductivity_unit
        names = (f"{symbol}_eff [{unit}]", "tau", "N_M", f"{symbol}_eff/parallel")
        return [*names, "eps", "percolating", "accessible"]

    def _cells(self) -> list[str]:
        numbers = (self.effective, self.tortuosity_factor, self.macmullin_number)
        shares = (self.percolating_fraction, self.accessible_fraction)
        return [
            *(f"{number:#.6g}" for number in (*numbers, self.relative_conductivity)),
            f"{self.volume_fraction:#.6g}",
            *(f"{share:.4f}" for share in shares),
        ]

    def _remarks(self, directions: Directions[Conduction]) -> list[str]:
        tables = [phase_table(directions), interface_table(directions)]
        lines = [line for table in tables if table for line in ("", table)]
        if len(directions) > 1:
            ratio = directions.anisotropy_ratio
            lines += ["", plane_table(directions)]
            lines += [f"anisotropy ratio {ratio:.6g}, the largest over the smallest"]
        return lines

    def _together(self, directions: Directions[Conduction]) -> dict[str, Any]:
        if len(directions) == 1:
            return {}
        planes = {c.axis: directions.planes(c.axis).to_dict() for c in directions}
        return {"anisotropy_ratio": directions.anisotropy_ratio, "planes": planes}

    def _problem(self) -> dict[str, Any]:
        conductivity = self.conductors.conductivity
        return {
            "transport": self.transport.name,
            "unit": self.transport.conductivity_unit,
            "conductivity": {name: _plain(k) for name, k in conductivity.items()},
            "contact_resistance": _joined(self.conductors.contact_resistance),
            **super()._problem(),
            "volume_fractions": self.volume_fractions,
        }

    def _numbers(self) -> dict[str, Any]:
        return {
            "effective_conductivity": self.effective_conductivity,
            "relative_conductivity": self.relative_conductivity,
            "tortuosity_factor": self.tortuosity_factor,
            "macmullin_number": self.macmullin_number,
            "wiener_bounds": _named(self.wiener_bounds),
            "hashin_shtrikman_bounds": _named(self.hashin_shtrikman_bounds),
            "share": self.share,
            "heat_share": self.heat_share,
            "interface_share": _joined(self.interface_share),
            "interface_heat_share": _joined(self.interface_heat_share),
            "percolating_fractions": self.percolating_fractions,
            "mean_current_density": self.mean_current_density,
            **super()._numbers(),
        }

    def _figure(self) -> Figure:
        from twin.conduction_plots import direction_figure

        return direction_figure(self)

    def _figure_of(self, directions: Directions[Conduction]) -> Figure:
        from twin.conduction_plots import directions_figure

        return directions_figure(directions)

    def _flux_unit(self) -> str:
        if self.volume.spacing_known:
            return self.transport.flux_unit
        return f"{self.transport.conductivity_unit} {self.transport.potential_unit}/voxel"

    def _bounds(self, bounds: Any, conductivity: Mapping[str, float]) -> Bounds:
        fractions = [self.volume.volume_fraction(name) for name in conductivity]
        lower, upper = bounds(fractions, list(conductivity.values()))
        resists = any(self.conductors.contact_resistance.values())
        return 0.0 if resists else lower, upper

    def _by_phase(self, found: Mapping[str, float] | None) -> dict[str, float]:
        return dict(found) if found is not None else dict.fromkeys(self.mesh.phases, math.nan)

    def _by_pair(self, found: Mapping[Pair, float] | None) -> dict[Pair, float]:
        if found is not None:
            return dict(found)
        return dict.fromkeys(combinations(sorted(self.mesh.phases), 2), math.nan)

    def _carrying_labels(self) -> Counter[int]:
        """Voxels of each label that carry current."""
        mesh, counts = self.mesh, Counter[int]()
        labels = mesh.mesh_labels.view(mesh.volume.labels.dtype)
        depth = mesh.mesh_shape[2]
        for slab in slabs(len(mesh.words), bytes_each=16 * labels[0].size):
            octets = mesh.words[slab].astype("<u2", copy=False).view(np.uint8)
            bits = np.unpackbits(octets, axis=-1, bitorder="little", count=depth).view(np.bool_)
            counts.update(count_labels(labels[slab][bits].reshape(-1, 1, 1)))
        return counts


def _length_of(flux: NDArray[np.float32]) -> NDArray[np.float32]:
    """Length of the vectors, (nx, ny, nz), by slab: no second array of the flux's size."""
    length = np.empty(flux.shape[:3], np.float32)
    for slab in slabs(len(flux), bytes_each=flux[0].nbytes):
        length[slab] = np.linalg.norm(flux[slab], axis=-1)
    return length


def _plain(conductivity: Conductivity) -> float | list[float]:
    return list(conductivity) if isinstance(conductivity, tuple) else conductivity


def _joined(values: Mapping[Pair, float]) -> dict[str, float]:
    """Interfaces under names that JSON can hold."""
    return {f"{a}:{b}": value for (a, b), value in values.items()}


def _named(bounds: Bounds) -> dict[str, float]:
    return dict(zip(("lower", "upper"), bounds, strict=True))
