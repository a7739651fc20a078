"""What `twin.impedance` returns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from solvers.reduced_electrode import ReducedElectrode
from twin.electrode_results import ElectrodeTortuosity
from twin.spectrum import Spectrum
from twin.tables import describe_size
from twin.transmission_line import cell_impedance, close_with_electronic_resistance
from twin.wall import Wall, positive_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Impedance:
    """The spectrum of an electrode, and what it was made of.

    Attributes
    ----------
    electrode : ElectrodeTortuosity
        The low-frequency limit; with walls that differ, for charges as their capacitances.
    walls : mapping of str to Wall
        Reactive phases and their walls.
    conductivity : float
        Of the electrolyte [S/m].
    frequency : ndarray of float, (n,)
        [Hz].
    cell : str
        ``"electrode"`` or ``"symmetric"``.
    separator_resistance : float
        [Ohm m2].
    electronic_conductivity : float
        Effective one of the solid [S/m].
    contact : Wall or None
        Of each electrode with its collector, per area of the electrode.
    reduced : ReducedElectrode
        The projected equations.
    estimated_error : float
        Largest relative change of the impedance at any frequency between the lowest and the
        highest when any one of the solves is left out.
    seconds, seconds_compiling : float
        Wall time of the whole call, and of compilation within it [s].

    Examples
    --------
    One set of solves serves other walls: here a constant-phase element.

    >>> import numpy as np, twin
    >>> labels = np.ones((3, 3, 20), np.uint8)
    >>> labels[1, 1] = 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> z = twin.impedance(volume, "pore", capacitance=0.1)
    >>> other = z.with_walls(twin.Wall(0.1, exponent=0.9))
    >>> bool(other.spectrum.phase[-1] > z.spectrum.phase[-1])
    True
    """

    electrode: ElectrodeTortuosity
    walls: Mapping[str, Wall]
    conductivity: float
    frequency: NDArray[np.float64]
    cell: Literal["electrode", "symmetric"]
    separator_resistance: float
    electronic_conductivity: float
    contact: Wall | None
    reduced: ReducedElectrode
    estimated_error: float
    seconds: float
    seconds_compiling: float

    @property
    def shifts(self) -> tuple[float, ...]:
        """Real values of the Laplace variable that were solved for [1/s], beside the limit 0."""
        return self.reduced.shifts

    @property
    def solves(self) -> int:
        """Number of real solves."""
        return len(self.reduced.reports)

    @property
    def ionic_resistance(self) -> float:
        """Area-specific R_ion of one electrode [Ohm m2], from the low-frequency limit."""
        return self.electrode.ionic_resistance(self.conductivity)

    @property
    def electronic_resistance(self) -> float:
        """Area-specific resistance of the solid of one electrode [Ohm m2]."""
        return self.electrode.length / self.electronic_conductivity

    @cached_property
    def spectrum(self) -> Spectrum:
        """The impedance at `frequency`."""
        return self.at(self.frequency)

    def at(self, frequency: ArrayLike) -> Spectrum:
        """The impedance at other frequencies, without any further solve.

        Parameters
        ----------
        frequency : array_like of float
            [Hz]; `estimated_error` holds between the lowest and the highest of those asked for
            first.

        Returns
        -------
        Spectrum
        """
        frequency = np.atleast_1d(positive_frequency(frequency))
        area = self.electrode.cross_section
        z = self.reduced.impedance(self._admittance(frequency)) * area / self.conductivity
        if math.isfinite(self.electronic_conductivity):
            z = close_with_electronic_resistance(
                z, self.ionic_resistance, self.electronic_resistance, self._all_walls(frequency)
            )
        if self.contact is not None:
            z = z + self.contact.impedance(frequency)
        z = cell_impedance(z, self.cell, self.separator_resistance)
        return Spectrum(frequency, z, area=area, label="from the image")

    def with_walls(self, walls: Wall | Mapping[str, Wall]) -> Impedance:
        """The same electrode with other walls, without any further solve.

        The fields that were solved for serve any wall whose admittance lies between the lowest and
        the highest of the first; phases whose walls were alike stay alike.

        Parameters
        ----------
        walls : Wall or mapping of str to Wall
            One for all reactive phases, or one for each.

        Returns
        -------
        Impedance
        """
        each = dict.fromkeys(self.walls, walls) if isinstance(walls, Wall) else dict(walls)
        return replace(self, walls=each)

    def _admittance(self, frequency: NDArray[np.float64]) -> NDArray[np.complex128]:
        """(n, groups) of the walls, over the conductivity [1/m]."""
        groups = self.electrode.charging.electrode.groups
        each = [self.walls[group[0]].admittance(frequency) for group in groups]
        return np.stack(each, axis=-1) / self.conductivity

    def _all_walls(self, frequency: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Admittance of all walls over the cross-section [S/m2]."""
        total = self._admittance(frequency) @ self.electrode.charging.electrode.group_areas
        return np.asarray(total * self.conductivity / self.electrode.cross_section)

    def potential(self, frequency: float) -> NDArray[np.complex64]:
        """Potential of the electrolyte against the solid, for 1 on the separator's face.

        Parameters
        ----------
        frequency : float
            [Hz].

        Returns
        -------
        ndarray of complex, (nx, ny, nz)
            nan outside the pores.
        """
        wanted = np.atleast_1d(positive_frequency(frequency))
        red, black = self.reduced.potential(self._admittance(wanted)[0])
        electrode = self.electrode.charging.electrode
        parts = [electrode.in_volume(part(red), part(black)) for part in (np.real, np.imag)]
        field = (parts[0] + 1j * parts[1]).astype(np.complex64)
        return field.transpose(np.argsort(self.electrode.mesh.order))

    def summary(self) -> str:
        """What was solved, the limits, and the spectrum's own text."""
        e = self.electrode
        walls = ", ".join(f"{name}: {wall}" for name, wall in self.walls.items())
        lines = [
            f"Impedance of {e.phase} along {e.axis}, separator on the {e.separator} face: "
            f"{describe_size(e.volume)}",
            f"walls: {walls}",
            f"tau_e {e.tortuosity_factor:#.6g}, R_ion {self.ionic_resistance * 1e4:#.6g} Ohm cm2 "
            f"of one electrode at {self.conductivity:g} S/m",
            f"{self.solves} real solves, {self._iterations} iterations, estimated error "
            f"{self.estimated_error:.1e}, {self.seconds - self.seconds_compiling:.2f} s",
            "",
            self.spectrum.summary(),
        ]
        return "\n".join(lines)

    @property
    def _iterations(self) -> int:
        return sum(report.iterations for report in self.reduced.reports)

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each frequency."""
        return self.spectrum.rows()

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: of the electrode, the walls, the cell and the spectrum."""
        return {
            **self.electrode.to_dict(),
            "conductivity": self.conductivity,
            "walls": {
                name: {
                    "capacitance": wall.capacitance,
                    "exponent": wall.exponent,
                    "charge_transfer_resistance": wall.charge_transfer_resistance,
                }
                for name, wall in self.walls.items()
            },
            "cell": self.cell,
            "separator_resistance": self.separator_resistance,
            "electronic_conductivity": self.electronic_conductivity,
            "ionic_resistance": self.ionic_resistance,
            "solves": self.solves,
            "estimated_error_of_spectrum": self.estimated_error,
            "spectrum": self.spectrum.to_dict(),
        }

    def plot(self, path: str | Path | None = None, measured: Spectrum | None = None) -> Figure:
        """Draw the spectrum, Nyquist and Bode, with its ionic resistance marked.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).
        measured : Spectrum, optional
            Drawn beside it.

        Returns
        -------
        matplotlib.figure.Figure
        """
        others = () if measured is None else (measured,)
        return self.spectrum.plot(
            path, *others, ionic_resistance=self.ionic_resistance,
            series_resistance=self.separator_resistance,
            electrodes=2 if self.cell == "symmetric" else 1,
        )  # fmt: skip

    def to_vtk(self, path: str | Path, frequency: float) -> list[Path]:
        """Write real and imaginary part of the potential at a frequency for ParaView.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``.
        frequency : float
            [Hz].

        Returns
        -------
        list of Path
            The file that was written.
        """
        from twin.export import write_vti

        field = self.potential(frequency)
        fields = {"real potential": field.real, "imaginary potential": field.imag}
        return [write_vti(path, self.electrode.volume, fields, dict.fromkeys(fields, "1"))]
