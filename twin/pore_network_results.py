"""What `twin.pore_network` returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.pore_regions import PoreSpace
from meshing.units import format_length
from meshing.volume import Volume
from twin.constrictions import Constriction
from twin.files import atomic, check_writable
from twin.network_flow import NetworkFlow
from twin.results import Tortuosity
from twin.tables import describe_size, text_table

if TYPE_CHECKING:
    import pandas
    import pyvista
    from matplotlib.figure import Figure

    from twin.bottlenecks import Bottlenecks

__all__ = ["PoreNetwork"]

_STATEMENT = (
    "The network is an approximation of the pores by balls and straight throats; the tortuosity "
    "factor on the voxels is the one to use."
)


@dataclass(frozen=True, eq=False)
class PoreNetwork:
    """Pores, throats, and diffusion through them.

    Attributes
    ----------
    volume : Volume
        The image.
    phase : str
        The phase that was cut into pores.
    reach, smoothing : int and float
        How peaks of the distance were found, in cubes of the shortest voxel edge.
    space : PoreSpace
        Pores and throats as arrays, and the pore of each voxel.
    flows : mapping of str to NetworkFlow
        Diffusion through the network along each axis.
    voxels : mapping of str to Tortuosity
        The same on the voxels, `twin.tortuosity`; empty where it was not asked for.

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((24, 24, 24), spacing="1um")
    >>> network = twin.pore_network(volume, "pore", axis="z")
    >>> len(network.pore_table()) == network.pores, len(network.throat_table()) == network.throats
    (True, True)
    """

    volume: Volume
    phase: str
    reach: int
    smoothing: float
    space: PoreSpace
    flows: Mapping[str, NetworkFlow]
    voxels: Mapping[str, Tortuosity]

    @property
    def pores(self) -> int:
        """Number of pores."""
        return len(self.space.position)

    @property
    def throats(self) -> int:
        """Number of throats."""
        return len(self.space.pairs)

    @property
    def percolates(self) -> bool:
        """Whether a path of pores joins the two faces of every axis that was asked for."""
        return all(flow.percolates for flow in self.flows.values())

    @property
    def coordination(self) -> NDArray[np.int64]:
        """Throats of each pore, (pores,)."""
        return np.bincount(self.space.pairs.ravel(), minlength=self.pores)

    @property
    def throat_length(self) -> NDArray[np.float64]:
        """From centre to centre of the two pores by way of the throat, (throats,) [m]."""
        ends = self.space.position[self.space.pairs]
        steps = np.linalg.norm(ends - self.space.throat_position[:, None], axis=2)
        return np.asarray(steps.sum(axis=1))

    def pore_table(self) -> pandas.DataFrame:
        """One row for each pore: position, volume, diameters, throats, concentrations.

        Lengths in metres, or in voxels where their size is unknown. The equivalent diameter is that
        of a ball of the pore's volume; concentrations are over that of the inlet.
        """
        import pandas

        space = self.space
        columns: dict[str, Any] = _columns("position", space.position)
        columns["volume"] = space.volume
        columns["inscribed_diameter"] = space.diameter
        columns["equivalent_diameter"] = np.cbrt(6.0 * space.volume / np.pi)
        columns["throats"] = self.coordination
        for axis, flow in self.flows.items():
            columns[f"concentration_{axis}"] = flow.concentration
        return pandas.DataFrame(columns).rename_axis("pore")

    def throat_table(self) -> pandas.DataFrame:
        """One row for each throat: its two pores, position, area, diameter, length, shares of flow.

        Lengths in metres, or in voxels where their size is unknown. A share is positive where
        something flows from the first to the second pore.
        """
        import pandas

        space = self.space
        columns: dict[str, Any] = {"first": space.pairs[:, 0], "second": space.pairs[:, 1]}
        columns |= _columns("position", space.throat_position)
        columns["area"] = space.throat_area
        columns["inscribed_diameter"] = space.throat_diameter
        columns["length"] = self.throat_length
        for axis, flow in self.flows.items():
            columns[f"share_{axis}"] = flow.share
        return pandas.DataFrame(columns).rename_axis("throat")

    def constrictions(self, axis: str, strongest: int = 20) -> tuple[Constriction, ...]:
        """The throats in which the flow is squeezed most, as `twin.bottlenecks` lists them.

        Parameters
        ----------
        axis : str
            Along which something flows.
        strongest : int
            How many to list, the largest flux first.

        Returns
        -------
        tuple of Constriction
            Its `voxel` holds the centre of the throat, `peak_ratio` is the flux in the throat over
            the mean flux in the phase, `area` that of the throat, `axis` where its largest face
            looks to, and `voxels` counts its faces.

        Raises
        ------
        InputError
            When that axis was not asked for, or `strongest` is negative.
        """
        from twin.network_constrictions import squeezed_throats

        return squeezed_throats(self, self._flow(axis), strongest)

    def throats_at(self, found: Bottlenecks) -> list[dict[str, Any]]:
        """The throat at each constriction of the flux on the voxels, with both shares of current.

        Parameters
        ----------
        found : Bottlenecks
            Of a flux through the same volume, along an axis that was asked for here.

        Returns
        -------
        list of dict
            One row for each constriction: its number, diameter and share of the current, the throat
            whose centre is nearest, how far that is, its diameter and its share.

        Raises
        ------
        InputError
            When the axis was not asked for, the volume is another, or there are no throats.
        """
        from twin.network_constrictions import beside

        return beside(self, self._flow(found.result.axis), found)

    def summary(self) -> str:
        """How many pores and throats there are, their sizes, and tau beside that of the voxels."""
        lines = [f"Pore network of {self.phase}: {describe_size(self.volume)}", ""]
        isolated = int((self.coordination == 0).sum())
        lines.append(
            f"{self.pores} pores, {isolated} of them without a throat, and {self.throats} throats; "
            f"{2 * self.throats / self.pores:.2f} throats a pore"
        )
        head = ["inscribed diameter", "D10", "D50", "D90", "mean"]
        sizes = {"pores": self.space.diameter, "throats": self.space.throat_diameter}
        rows = [[name, *self._cells(values)] for name, values in sizes.items() if len(values)]
        lines += ["", text_table(head, rows), ""]
        lines += [text_table(*self._comparison()), "", _STATEMENT]
        for axis, flow in self.flows.items():
            if not flow.percolates:
                lines.append(f"{axis}: no path of pores joins the two faces.")
        if not self.volume.spacing_known:
            lines.append("The size of a voxel is not known: lengths are in voxels.")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Numbers and names only, with the names of the attributes."""
        return {
            "phase": self.phase,
            "shape": list(self.volume.shape),
            "spacing": list(self.volume.spacing),
            "spacing_known": self.volume.spacing_known,
            "volume_fraction": self.volume.volume_fraction(self.phase),
            "reach": self.reach,
            "smoothing": self.smoothing,
            "pores": self.pores,
            "throats": self.throats,
            "pore_diameter": _statistics(self.space.diameter),
            "throat_diameter": _statistics(self.space.throat_diameter),
            "directions": {row["axis"]: row for row in self.rows()},
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row of a table for each axis: the network's numbers, and tau on the voxels."""
        rows = []
        for axis, flow in self.flows.items():
            row = flow.to_dict()
            if axis in self.voxels:
                row["voxel_tortuosity_factor"] = self.voxels[axis].tortuosity_factor
            rows.append(row)
        return rows

    def to_csv(self, path: str | Path) -> list[Path]:
        """Write two tables: ``name.csv`` gives ``name_pores.csv`` and ``name_throats.csv``.

        Parameters
        ----------
        path : str or Path
            Folder and name.

        Returns
        -------
        list of Path
            The files that were written.

        Raises
        ------
        InputError
            When they cannot be written.
        """
        path = Path(path)
        tables = {"pores": self.pore_table(), "throats": self.throat_table()}
        files = [path.with_stem(f"{path.stem}_{name}") for name in tables]
        for file, table in zip(files, tables.values(), strict=True):
            check_writable(file)
            with atomic(file) as temporary:
                table.to_csv(temporary, lineterminator="\n")
        return files

    def to_pyvista(self) -> pyvista.PolyData:
        """Pores as balls and throats as sticks, as a `pyvista.PolyData` to filter and to plot.

        Cell data: ``kind`` (0 pore, 1 throat), ``number``, ``diameter`` of the inscribed sphere,
        and along each axis ``concentration`` of a pore and ``share`` of a throat.
        """
        from twin.network_bodies import balls_and_sticks

        return balls_and_sticks(self)

    def to_vtk(self, path: str | Path) -> Path:
        """Write the network for ParaView: balls and sticks, or the pore of each voxel.

        Parameters
        ----------
        path : str or Path
            The file: ``.vtp`` for balls and sticks, ``.vti`` for an image of the pores' numbers,
            from 1 on, and their inscribed diameters.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            When the suffix is another or the file cannot be written.
        """
        from twin.network_bodies import write_network

        return write_network(self, Path(path))

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the network from the side, the sizes of pores and throats, and tau beside tau.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.pore_network_plots import network_figure

        return saved(network_figure(self), path)

    def _flow(self, axis: str) -> NetworkFlow:
        if axis not in self.flows:
            raise InputError(
                f"nothing flows along {axis!r} in this network, whose axes are "
                f"{', '.join(self.flows)}; ask for it in twin.pore_network"
            )
        return self.flows[axis]

    def _comparison(self) -> tuple[list[str], list[list[str]]]:
        head = ["axis", "tau of the network", "tau on the voxels", "ratio"]
        rows = []
        for axis, flow in self.flows.items():
            row = [axis, f"{flow.tortuosity_factor:.4g}"]
            if axis in self.voxels:
                exact = self.voxels[axis].tortuosity_factor
                both = flow.percolates and self.voxels[axis].percolates
                row += [f"{exact:.4g}", f"{flow.tortuosity_factor / exact:.3f}" if both else "-"]
            rows.append(row)
        return head[: len(rows[0])], rows

    def _cells(self, values: NDArray[np.float64]) -> list[str]:
        known = self.volume.spacing_known
        return [
            format_length(value) if known else f"{value:.4g}"
            for value in _statistics(values).values()
        ]


def _columns(name: str, points: NDArray[np.float64]) -> dict[str, Any]:
    return {f"{name}_{axis}": points[:, number] for number, axis in enumerate("xyz")}


def _statistics(values: NDArray[np.float64]) -> dict[str, float]:
    """By number, of what the network has."""
    if not len(values):
        return dict.fromkeys(("d10", "d50", "d90", "mean"), float("nan"))
    d10, d50, d90 = (float(v) for v in np.quantile(values, [0.1, 0.5, 0.9]))
    return {"d10": d10, "d50": d50, "d90": d90, "mean": float(values.mean())}
