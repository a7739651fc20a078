"""What `twin.lio2.discharge_image` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.volume import Volume
from solvers.deposit import Deposit
from solvers.report import Report
from twin.lio2.closure import Closure, ReactiveArea
from twin.lio2.constants import MILLIAMPERE_HOUR
from twin.lio2.image_album import Album
from twin.lio2.image_model import carbon_loading
from twin.lio2.image_verdict import ImageVerdict
from twin.lio2.parameters import Parameters

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

#: Columns of the curves, one value for each step, with their units.
TABLE: Final[Mapping[str, str]] = {
    "time": "s",
    "capacity": "C/m2",
    "charge": "C",
    "current_density": "A/m2",
    "voltage": "V",
    "overpotential": "V",
    "product": "m3",
    "filling": "-",
    "coverage": "-",
    "bare_area": "m2",
    "covered_area": "m2",
    "isolated_area": "m2",
    "thickness": "m",
    "largest_thickness": "m",
    "largest_particle": "m3",
    "oxygen_accessible": "-",
    "separator_accessible": "-",
    "accessible": "-",
    "trapped": "-",
    "oxygen": "mol/m3",
    "loss_oxygen": "V",
    "loss_film": "V",
    "loss_area": "V",
    "loss_electrolyte": "V",
    "loss_electrons": "V",
    "oxygen_imbalance": "-",
    "step": "s",
    "solves": "-",
}

#: Columns of the transport through the pores as they fill, with their units.
TRANSPORT: Final[Mapping[str, str]] = {
    "filling": "-",
    "capacity": "C/m2",
    "porosity": "-",
    "relative_diffusivity": "-",
    "tortuosity_factor": "-",
    "area": "1/m",
    "coverage": "-",
    "accessible": "-",
    "electrolyte_drop": "V",
    "electron_drop": "V",
    "uncollected": "-",
}

#: Columns of the profiles over depth, with their units.
LAYERS: Final[Mapping[str, str]] = {
    "position": "m",
    "porosity": "-",
    "product": "-",
    "oxygen": "mol/m3",
    "reaction": "A/m3",
    "thickness": "m",
}


@dataclass(frozen=True, eq=False)
class ImageDischarge:
    """A discharge inside an image: curves, transport through the pores, fields, and why it ended.

    Areas of `capacity` and currents are those of the image's cross-section.

    Attributes
    ----------
    volume, parameters : what was discharged.
    settings : the arguments of the run by name, as plain values; `axis`, `oxygen` (the face of
        O2), `current_density` [A/m2] and `solution_share` among them.
    table : arrays over the steps, by the names of `TABLE`, in SI units.
    transport : arrays over the measurements, by the names of `TRANSPORT`.
    final : the product at the end.
    fields : dense arrays at the end: "oxygen" [mol/m3], "reaction_rate" [A/m3], and "potential"
        [V] of the electrolyte where it was resolved.
    layers : arrays over depth, by the names of `LAYERS`; positions from the separator's face.
    album : slices through the middle at moments of the discharge, spread over its charge.
    verdict : why it ended.
    charge_balance : charge in the Li2O2 over the charge that was passed, less 1.
    series : the ``.pvd`` file of the time series; None without a folder.
    reports : of the solves for transport through the pores.

    Examples
    --------
    >>> import twin
    >>> twin.lio2.ImageDischarge.__name__
    'ImageDischarge'
    """

    volume: Volume
    parameters: Parameters
    settings: Mapping[str, Any]
    table: Mapping[str, Array]
    transport: Mapping[str, Array]
    final: Deposit
    fields: Mapping[str, NDArray[Any]]
    layers: Mapping[str, Array]
    album: Album
    verdict: ImageVerdict
    charge_balance: float
    series: Path | None = None
    reports: tuple[Report, ...] = ()

    @property
    def time(self) -> Array:
        """Moments [s], (n,)."""
        return self.table["time"]

    @property
    def voltage(self) -> Array:
        """Cell voltage [V], (n,)."""
        return self.table["voltage"]

    @property
    def charge(self) -> Array:
        """Charge passed up to each moment, over the cross-section [C/m2], (n,)."""
        return self.table["capacity"]

    @property
    def capacity(self) -> float:
        """Charge that was discharged, over the cross-section [C/m2]."""
        return float(self.charge[-1])

    @property
    def areal_capacity(self) -> float:
        """The same in mAh/cm2."""
        return self.capacity / (1e4 * MILLIAMPERE_HOUR)

    @property
    def thickness(self) -> float:
        """Length of the image from the separator to the O2 [m]."""
        axis = "xyz".index(self.settings["axis"])
        return self.volume.shape[axis] * self.volume.spacing[axis]

    @property
    def carbon_loading(self) -> float:
        """Carbon per cross-section [kg/m2]."""
        final, density = self.final, self.parameters.carbon_density
        return carbon_loading(final.kind, final.porous, density, self.thickness)

    @property
    def specific_capacity(self) -> float:
        """Per carbon [mAh/g]."""
        return self.capacity / self.carbon_loading / (1e3 * MILLIAMPERE_HOUR)

    @property
    def mean_voltage(self) -> float:
        """Energy over charge [V]; NaN where no charge was passed."""
        if not self.capacity:
            return float("nan")
        return float(np.trapezoid(self.voltage, self.charge)) / self.capacity

    @property
    def filling(self) -> float:
        """Volume of Li2O2 over that of the pores, 0 to 1."""
        return float(self.table["filling"][-1])

    @property
    def coverage(self) -> float:
        """Share of the carbon's area under product, 0 to 1."""
        return float(self.table["coverage"][-1])

    @property
    def closure(self) -> Closure:
        """Area and transport against the product, for the model across the thickness."""
        return Closure.of_transport(
            self.transport, self.settings["solution_share"], self._reactive, self._source
        )

    @property
    def _reactive(self) -> ReactiveArea:
        """The area that the losses to film and area leave of the carbon's."""
        p = self.parameters
        slope = p.thermal_voltage / p.charge_transfer_coefficient
        lost = self.table["loss_film"] + self.table["loss_area"]
        return ReactiveArea(
            self.table["filling"] * self.transport["porosity"][0],
            self.transport["area"][0] * np.exp(-lost / slope),
        )

    @property
    def _source(self) -> str:
        shape = " x ".join(map(str, self.volume.shape))
        return (
            f"discharge in an image of {shape} voxels at {self.settings['current_density']:g} A/m2"
        )

    def profiles(self) -> dict[str, Array]:
        """Means over the cross-section at the end.

        Returns
        -------
        dict
            Arrays over depth: "position" from the separator's face [m], "porosity" and "product"
            over the volume [-], "oxygen" in the pores [mol/m3], "reaction" [A/m3], and "thickness"
            of the film [m].
        """
        return dict(self.layers)

    def thickness_histogram(self, bins: int = 40) -> tuple[Array, Array]:
        """How much of the carbon's open area lies under which thickness of film at the end.

        Parameters
        ----------
        bins : number of bins of equal width.

        Returns
        -------
        tuple of ndarray
            Edges of the bins [m], (bins + 1,), and the share of the area in each, (bins,).
        """
        sites = self.final.sites
        area = self.final.active_area
        counts, edges = np.histogram(sites.thickness, bins=bins, weights=area)
        return edges, counts / max(float(area.sum()), np.finfo(float).tiny)

    def summary(self) -> str:
        """A few lines of text: capacity, product, pores, proofs, and why it ended."""
        from twin.lio2.image_report import summary

        return summary(self)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only: results, their proofs, settings and parameters."""
        from twin.lio2.image_report import numbers

        return numbers(self)

    def rows(self) -> list[dict[str, Any]]:
        """The curves as rows of a table, units in the names of the columns."""
        from twin.lio2.image_report import rows

        return rows(self.table, TABLE)

    def profile_rows(self) -> list[dict[str, Any]]:
        """The profiles at the end as rows of a table, one for each layer of voxels."""
        from twin.lio2.image_report import rows

        return rows(self.layers, LAYERS)

    def to_csv(self, path: str | Path) -> Path:
        """Write the curves, one row for each step.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.files import save_csv

        return save_csv(path, self.rows())

    def to_vtk(self, path: str | Path) -> Path:
        """Write the end of the discharge for ParaView: phases, product, film, O2 and reaction.

        Parameters
        ----------
        path : str or Path
            The file, ``.vti``.

        Returns
        -------
        Path
            The file that was written.
        """
        from twin.lio2.image_files import write_state_vti

        return write_state_vti(path, self.volume, self.final, self.fields)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw voltage, losses, coverage, transport through the pores, and profiles over depth.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.lio2.image_plots import image_figure

        return saved(image_figure(self), path)

    def contact_sheet(
        self,
        path: str | Path | None = None,
        shares: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
        field: Literal["oxygen", "reaction_rate", "film_thickness"] | None = None,
    ) -> Figure:
        """Draw slices through the middle as the discharge goes on: product, and a field below.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture.
        shares : shares of the charge; the nearest moments of the album are drawn.
        field : what is drawn below the product; by default the oxygen where it varies, else the
            film.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InputError
            There is no such field.
        """
        from twin.figures import saved
        from twin.lio2.contact_sheet import contact_sheet

        return saved(contact_sheet(self, shares, field), path)

    def animate(
        self,
        path: str | Path,
        field: Literal["oxygen", "reaction_rate", "film_thickness"] | None = None,
        frames_per_second: int = 8,
    ) -> Path:
        """Write a moving picture: slices through the middle, and the curve as it grows.

        Parameters
        ----------
        path : str or Path
            The file, ``.gif``.
        field : what is drawn beside the product; by default as for `contact_sheet`.
        frames_per_second : how fast it goes; there are up to 48 frames.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            There is no such field, or the file cannot be written.
        """
        from twin.lio2.animation import write_animation

        return write_animation(self, Path(path), field, frames_per_second)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.volume.shape))
        return (
            f"ImageDischarge({self.parameters.name}, {shape}, {self.areal_capacity:.4g} mAh/cm2, "
            f"filling {self.filling:.3g})"
        )
