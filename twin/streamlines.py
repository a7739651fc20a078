"""Stream lines of a flux, each carrying the same share of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from solvers.streamlines import trace
from twin.driving import NotPercolating
from twin.files import atomic, check_writable
from twin.flux_distribution import magnitudes
from twin.flux_partition import check_one_axis
from twin.tables import describe_size

if TYPE_CHECKING:
    import pyvista
    from matplotlib.figure import Figure

    from twin.directions import AlongAxis

__all__ = ["StreamLines", "streamlines"]


@dataclass(frozen=True, eq=False)
class StreamLines:
    """Stream lines from the low to the high driven face, each with the same share of the current.

    Attributes
    ----------
    result : Tortuosity or Conduction
        The steady transport that the lines follow.
    points : ndarray, (rows, 3)
        Points of all lines, one after the other [m]; in voxels where their size is unknown.
    flux_over_mean : ndarray, (rows,)
        Magnitude of the flux at the points, over its mean in what joins the driven faces.
    first : ndarray, (lines + 1,)
        Row of the first point of each line, and the number of rows.
    jumps : ndarray, (rows,) bool
        Where a line begins, and where it goes on behind a periodic side.
    arrived : ndarray, (lines,) bool
        Whether a line reached the high face.

    Examples
    --------
    >>> import numpy as np, twin
    >>> volume = twin.Volume(np.ones((8, 6, 4), np.uint8), phases={"pore": 1})
    >>> lines = twin.streamlines(twin.tortuosity(volume, "pore", axis="x"), count=10)
    >>> len(lines), lines.lengths.round(6).tolist() == [8.0] * 10
    (10, True)
    """

    result: AlongAxis
    points: NDArray[np.float64]
    flux_over_mean: NDArray[np.float64]
    first: NDArray[np.int64]
    jumps: NDArray[np.bool_]
    arrived: NDArray[np.bool_]

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.arrived)

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Length of each line [m], (lines,)."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        steps[self.jumps[1:]] = 0.0
        return np.add.reduceat(np.append(steps, 0.0), self.first[:-1])

    @property
    def length_ratios(self) -> NDArray[np.float64]:
        """Length of each line that arrived over the distance of the driven faces, from 1 on."""
        ratios: NDArray[np.float64] = self.lengths[self.arrived] / self.result.length
        return ratios

    def summary(self) -> str:
        """A few lines of text: how many lines there are and how long they are."""
        mesh, ratios = self.result.mesh, self.length_ratios
        lines = [
            f"Stream lines through {' + '.join(mesh.phases)} along {self.result.axis}: "
            f"{describe_size(mesh.volume)}, {mesh.sides} sides",
            "",
            f"lines: {len(self)}, of which {int(self.arrived.sum())} reach the high face",
        ]
        if len(ratios):
            lines.append(
                f"length over distance of the faces: {ratios.min():.3f} to {ratios.max():.3f}, "
                f"mean {ratios.mean():.3f}"
            )
        return "\n".join(lines)

    def to_pyvista(self) -> pyvista.PolyData:
        """The lines as a `pyvista.PolyData` to filter and to plot.

        Point data ``flux_over_mean``; cell data ``line``, the number of the line (several pieces
        where it crosses periodic sides), and ``arrived``.
        """
        import pyvista

        starts = np.flatnonzero(self.jumps)
        counts = np.diff(np.append(starts, len(self.points)))
        cells = np.insert(np.arange(len(self.points)), starts, counts)
        mesh = pyvista.PolyData(self.points, lines=cells)
        line = np.searchsorted(self.first, starts, side="right") - 1
        mesh.point_data["flux_over_mean"] = self.flux_over_mean.astype(np.float32)
        mesh.cell_data["line"] = line
        mesh.cell_data["arrived"] = self.arrived[line].astype(np.uint8)
        return mesh

    def to_vtk(self, path: str | Path) -> Path:
        """Write the lines for ParaView, as `to_pyvista` gives them.

        Parameters
        ----------
        path : str or Path
            The file, ``.vtp``.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        InputError
            When the suffix is another or the file cannot be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".vtp":
            raise InputError(f"lines for VTK have the suffix .vtp, found {path.name!r}; rename it")
        check_writable(path)
        with atomic(path) as temporary:
            _save(self.to_pyvista(), temporary)
        return path

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the lines as seen from the side, and how long they are.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; the suffix says the format (``.png``, ``.pdf``, ``.svg``).

        Returns
        -------
        matplotlib.figure.Figure
        """
        from twin.figures import saved
        from twin.streamline_plots import streamline_figure

        return saved(streamline_figure(self), path)


def streamlines(result: AlongAxis, count: int = 200) -> StreamLines:
    r"""Follow the flux from the low to the high driven face.

    Lines begin on the low face where they divide its flux into equal parts, so that each carries
    the share :math:`1/n` of the current and they lie close where the flux is large. Within a voxel
    each component of the flux varies linearly between the two faces, and the path is known in
    closed form: a line crosses no wall, and its potential decreases at every face, so that it ends
    on the high face. One that does not (`StreamLines.arrived`) came to a voxel where the solver's
    tolerance left more flux in than out; a tighter `Solver` helps.

    Parameters
    ----------
    result : Tortuosity or Conduction
        Steady transport along one axis that percolates.
    count : int
        How many lines, at least one.

    Returns
    -------
    StreamLines

    Raises
    ------
    InputError
        Several directions at once, or no lines asked for.
    NotPercolating
        There is no flux.

    References
    ----------
    Pollock, Ground Water 26 (1988), doi:10.1111/j.1745-6584.1988.tb00425.x

    Examples
    --------
    >>> import twin
    >>> volume = twin.generate.electrode((32, 32, 32), spacing="1um")
    >>> lines = twin.streamlines(twin.tortuosity(volume, "pore", axis="z"))
    >>> len(lines), bool((lines.length_ratios > 1).all())
    (200, True)
    """
    check_one_axis(result)
    if count < 1:
        raise InputError(f"the number of stream lines is 1 or more, found {count}")
    if result.solution is None:
        raise NotPercolating(result.reason)
    found = trace(result.solution, count)
    mean = float(magnitudes(result.flux(), result.mesh.active()).mean(dtype=np.float64))
    points = found.points * result.mesh.spacing
    ratio = found.sizes / mean
    return StreamLines(result, points, ratio, found.first, found.jumps, found.arrived)


def _save(lines: Any, path: Path) -> None:
    """VTK says by a return value that it could not write, on a full disk for example."""
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(lines)
    writer.SetFileName(str(path))
    writer.SetHeaderTypeToUInt64()
    writer.SetCompressorTypeToLZ4()
    writer.EncodeAppendedDataOff()
    if writer.Write() != 1:
        raise OSError(f"VTK could not write {path}")
