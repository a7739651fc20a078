"""What `twin.particles` returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.regions import Moments
from meshing.volume import Volume
from meshing.watershed import Ids
from twin.particle_contacts import Contacts
from twin.particle_tables import columns, numbers, summary_text

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

__all__ = ["BORDERS", "Border", "Particles", "Separation"]

Border = Literal["weigh", "remove", "keep"]
By = Literal["volume", "number"]

BORDERS: Final[tuple[Border, ...]] = ("weigh", "remove", "keep")

Floats = NDArray[np.float64]

#: Length of a line over that of its staircase of voxel edges, on average over all directions.
ISOTROPIC: Final = 2.0 / 3.0


@dataclass(frozen=True)
class Separation:
    """How a phase was separated.

    Attributes
    ----------
    height : how far a maximum of the distance map rises above its saddle at least [m].
    neck : how wide a neck may be against the largest sphere in the smaller of two particles [-].
    smoothing : standard deviation of the Gaussian that smoothed the distance map [m].
    smallest : diameter of the sphere that has the volume of the smallest particle [m].

    Examples
    --------
    >>> from twin.particle_results import Separation
    >>> Separation(height=2e-7, neck=0.9, smoothing=0.0, smallest=1.6e-6).neck
    0.9
    """

    height: float
    neck: float
    smoothing: float
    smallest: float


@dataclass(frozen=True, eq=False)
class Particles:
    """The particles of a phase; entry i of every array belongs to particle i + 1.

    Where the spacing of the volume is not known lengths are in voxels.

    Attributes
    ----------
    volume : Volume
        The image.
    phase : str
        The phase that was separated.
    separation : Separation
        How.
    border : str
        ``"weigh"``, ``"remove"`` or ``"keep"``: what becomes of particles that are cut.
    cut_axes : str
        The axes whose outer faces cut particles.
    ids : (nx, ny, nz) int32 or int64
        The particle of each voxel, from 1 on; 0 elsewhere.
    maxima : int
        Maxima of the distance map before any were merged.
    left_out : int
        Voxels of the phase in fragments that are too small and touch no particle.
    moments : Moments
        Voxels, centres of mass, second moments and boxes.
    areas : (particles, phases + 1) float64
        Surface against each of `phases` [m2], and, last, what the faces of the volume cut off. The
        column of the phase itself is the contacts with other particles.
    phases : tuple of str
        The phases of the volume.
    triple_edges : (particles,) float64
        Length of the voxel edges on the surface at which three phases meet [m]. Particles that
        touch the same edge share it.
    contacts : Contacts
        Which particles touch which.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((60, 60, 60), spacing="1um", seed=2)
    >>> found = twin.particles(volume, "AM")
    >>> found.count, int(found.counted.sum())
    (165, 61)
    >>> found.d10 <= found.d50 <= found.d90
    True
    >>> round(found.mean(found.sphericity), 2)
    1.0
    """

    volume: Volume
    phase: str
    separation: Separation
    border: Border
    cut_axes: str
    ids: Ids
    maxima: int
    left_out: int
    moments: Moments
    areas: Floats
    phases: tuple[str, ...]
    triple_edges: Floats
    contacts: Contacts
    seconds: float
    seconds_compiling: float

    @property
    def count(self) -> int:
        """How many particles there are, cut ones included."""
        return len(self.moments.voxels)

    @cached_property
    def cut(self) -> NDArray[np.bool_]:
        """Which particles reach an outer face of the volume along `cut_axes`, (particles,)."""
        axes = ["xyz".index(axis) for axis in self.cut_axes]
        last = np.array(self.volume.shape) - 1
        ends = (self.moments.low == 0) | (self.moments.high == last)
        return np.asarray(ends[:, axes].any(axis=1))

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which particles the statistics are of, (particles,)."""
        return np.ones(self.count, np.bool_) if self.border == "keep" else ~self.cut

    @cached_property
    def weight(self) -> Floats:
        r"""How much each particle counts in the statistics, (particles,).

        With ``border="weigh"``, one over the chance that a box of the particle's extent, dropped
        into the volume anywhere, does not reach its outer faces:
        :math:`\prod_a N_a / (N_a - b_a - 1)` for boxes of b of the volume's N voxels along each of
        the axes that cut. Otherwise 1. Particles that are not counted have 0.
        """
        weight = self.counted.astype(np.float64)
        if self.border == "weigh":
            extent = self.moments.high - self.moments.low + 1
            for axis in ("xyz".index(name) for name in self.cut_axes):
                size = self.volume.shape[axis]
                weight[self.counted] *= size / (size - extent[self.counted, axis] - 1)
        return weight

    @property
    def volumes(self) -> Floats:
        """Volume of each particle [m3], (particles,)."""
        return np.asarray(self.moments.voxels * float(np.prod(self.volume.spacing)))

    @property
    def diameter(self) -> Floats:
        """Diameter of the sphere of the same volume [m], (particles,)."""
        return np.asarray(np.cbrt(6.0 / np.pi * self.volumes))

    @property
    def position(self) -> Floats:
        """Centre of mass of each particle from the low corner of the volume [m], (particles, 3)."""
        return self.moments.position

    @property
    def surface_area(self) -> Floats:
        """Area of each particle by Crofton's formula [m2], contacts and cuts included."""
        return np.asarray(self.areas.sum(axis=1))

    @property
    def sphericity(self) -> Floats:
        r"""Surface of the sphere of the same volume over that of the particle, (particles,).

        :math:`\psi = \pi^{1/3} (6 V)^{2/3} / A` (Wadell 1935, doi:10.1086/624298), with the closed
        surface A. It is 1 for a ball; in particles of a few voxels errors of the area reach some
        percent, and values above 1 occur.
        """
        ball = np.pi ** (1 / 3) * (6.0 * self.volumes) ** (2 / 3)
        return np.asarray(ball / self.surface_area)

    @property
    def semi_axes(self) -> Floats:
        """Semi-axes of the ellipsoid of the same second moments [m], rising, (particles, 3)."""
        return np.asarray(np.sqrt(5.0 * np.linalg.eigvalsh(self.moments.covariance)))

    @property
    def triple_line(self) -> Floats:
        """Length of the lines on each particle along which three phases meet [m], (particles,).

        The voxel edges times 2/3: no error on average for lines that run in every direction alike.
        """
        return ISOTROPIC * self.triple_edges

    @property
    def specific_triple_line(self) -> Floats:
        """Length of the triple lines over the volume of the particle [1/m2], (particles,)."""
        return self.triple_line / self.volumes

    def interface(self, phase: str) -> Floats:
        """Area of each particle against a phase [m2], (particles,).

        Parameters
        ----------
        phase : another phase; the phase of the particles for contacts with other particles.

        Raises
        ------
        InputError
            When there is no such phase.
        """
        if phase not in self.phases:
            self.volume.label_values(phase)  # says which phases there are, and the nearest one
        return self.areas[:, self.phases.index(phase)]

    def share(self, phase: str) -> Floats:
        """Share of each particle's surface against a phase [-], (particles,).

        What the faces of the volume cut off is no surface. Shares of all phases add up to 1; that
        of the particles' own phase is the contacts with other particles.

        Parameters
        ----------
        phase : as for `interface`.
        """
        whole = self.areas[:, :-1].sum(axis=1)
        return self.interface(phase) / np.where(whole > 0, whole, np.inf)

    def mean_share(self, phase: str) -> float:
        """Share of the surface of all counted particles together against a phase [-].

        Parameters
        ----------
        phase : as for `interface`.
        """
        whole = float(self.weight @ self.areas[:, :-1].sum(axis=1))
        return float(self.weight @ self.interface(phase)) / whole if whole else float("nan")

    def quantile(self, share: float, by: By = "volume") -> float:
        """The smallest diameter that a share of the counted particles does not exceed.

        Parameters
        ----------
        share : from 0 to 1; 0.5 for D50.
        by : "volume", or "number" for a share of how many there are.

        Returns
        -------
        float
            The diameter [m].

        Raises
        ------
        InputError
            When the share is not between 0 and 1, or `by` is something else.
        """
        if not 0.0 <= share <= 1.0:
            raise InputError(f"a share is from 0 to 1, found {share!r}; D50 has the share 0.5")
        weight = self._measure(by)[self.counted]
        diameter = self.diameter[self.counted]
        return float(np.quantile(diameter, share, method="inverted_cdf", weights=weight))

    @property
    def d10(self) -> float:
        """Diameter that a tenth of the particles' volume does not exceed [m]."""
        return self.quantile(0.1)

    @property
    def d50(self) -> float:
        """Median diameter by volume [m]."""
        return self.quantile(0.5)

    @property
    def d90(self) -> float:
        """Diameter that nine tenths of the particles' volume do not exceed [m]."""
        return self.quantile(0.9)

    def mean(self, values: NDArray[Any], by: By = "number") -> float:
        """Mean over the counted particles of any array that has an entry for each.

        Parameters
        ----------
        values : (particles,)
        by : "number", or "volume" to count each by its volume.
        """
        return float(np.average(values, weights=self._measure(by)))

    def table(self) -> pandas.DataFrame:
        """One row for each particle, cut ones included; lengths in metres."""
        import pandas

        return pandas.DataFrame(columns(self))

    def rows(self) -> list[dict[str, Any]]:
        """The same as a list of mappings from column to value."""
        table = {name: values.tolist() for name, values in columns(self).items()}
        return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]

    def summary(self) -> str:
        """Text for people: how many, how large, how round, and what they touch."""
        return summary_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Numbers of all particles together, and names; `rows` has those of each."""
        return numbers(self)

    def to_csv(self, path: str | Path) -> Path:
        """Write the table of particles as comma-separated values, lengths in metres.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.files import atomic, check_writable

        path = Path(path)
        check_writable(path)
        with atomic(path) as temporary:
            self.table().to_csv(temporary, index=False)
        return path

    def plot(self, path: str | Path | None = None, axis: str = "z") -> Figure:
        """Draw a slice, sizes, sphericity, positions, and what the surfaces touch.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).
        axis : str
            The axis through the thickness, along which positions are drawn.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.particle_plots import particles_figure

        return saved(particles_figure(self, axis), path)

    def to_vtk(self, path: str | Path) -> list[Path]:
        """Write the particles for ParaView as a labelled volume, and their contacts as a graph.

        Parameters
        ----------
        path : str or Path
            The image, ``.vti``: of each voxel the phase, the number of its particle (0 for none)
            and that particle's diameter [m], sphericity and triple line per volume [1/m2]. Beside
            it ``name_contacts.vtp`` has a point at the centre of each particle, and a line for each
            contact with its area [m2].

        Returns
        -------
        list of Path
            The files that were written.
        """
        from twin.particle_export import write_particles

        return write_particles(self, Path(path))

    def _measure(self, by: str) -> Floats:
        if by not in ("volume", "number"):
            raise InputError(f"particles are counted by 'volume' or by 'number', found {by!r}")
        return self.weight * self.volumes if by == "volume" else self.weight
