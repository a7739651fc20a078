"""The electrode tortuosity factor of a porous electrode, by the symmetric-cell method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from meshing.errors import InputError
from meshing.volume import Volume
from meshing.voxel_mesh import Sides, VoxelMesh, voxel_mesh
from solvers.porous_electrode import PorousElectrode, WallPotential, porous_electrode
from solvers.report import Solver
from solvers.symmetric_cell import Charging, charge_uniformly
from solvers.wall_load import WallArea
from twin.driving import Axis, check_axes
from twin.electrode_results import ElectrodeTortuosity
from twin.memory import ELECTRODE, Needs, bytes_needed, check_memory
from twin.progress import AxisProgress, on_axis
from twin.timing import timed
from twin.tortuosity import tortuosity

#: The face of the axis on which the separator lies.
Separator = Literal["low", "high"]

#: Phases whose walls carry the double layer, or their capacitances relative to each other.
Reactive = str | Sequence[str] | Mapping[str, float]


def electrode_tortuosity(
    volume: Volume,
    phase: str,
    axis: Axis = "z",
    separator: Separator = "low",
    reactive: Reactive | None = None,
    *,
    sides: Sides = "no-flux",
    wall: WallPotential = "half-face",
    area: WallArea = "voxel",
    flip: bool = False,
    through: bool = False,
    solver: Solver | None = None,
    ignore_memory: bool = False,
    progress: AxisProgress | None = None,
) -> ElectrodeTortuosity:
    r"""Tortuosity factor of an electrode, as impedance spectroscopy of a symmetric cell finds it.

    Ions travel from the separator to the walls of the pores, not through the electrode. With a
    double layer on the walls and no reaction, the real part of the impedance tends to a third of
    the ionic resistance :math:`R_\mathrm{ion}` at low frequencies, where every wall charges alike.
    One real solve gives it: :math:`\nabla^2 w = 0` in the pores that the separator reaches,
    :math:`w = 0` on the separator's face, :math:`\partial w/\partial n = 1` on the walls, and no
    flux through the current collector and the sides, which carry no double layer:

    .. math::

        R_\mathrm{ion} = \frac{3 \langle w \rangle_S}{\kappa S}, \qquad
        N_{M,e} = \frac{R_\mathrm{ion} A \kappa}{L}, \qquad
        \tau_e = \varepsilon N_{M,e}

    with the area S of those walls, the cross-section A and the thickness L. Neither the
    conductivity :math:`\kappa` nor a uniform capacitance matters. Pores that the separator does not
    reach are left out; they count in :math:`\varepsilon`.

    Parameters
    ----------
    volume : Volume
        The image, (nx, ny, nz) labels.
    phase : str
        Name of the phase that holds the electrolyte.
    axis : str
        ``"x"``, ``"y"`` or ``"z"``, through the electrode.
    separator : str
        ``"low"`` or ``"high"``: the face of the axis on which the separator lies; the current
        collector is the other one. Solid on the separator's face carries no double layer.
    reactive : str, sequence of str or mapping of str to float, optional
        Phases whose walls carry the double layer, by default all but `phase`; a mapping gives
        their capacitances per area, relative to each other.
    sides : str
        ``"no-flux"`` or ``"periodic"``, for the four faces beside.
    wall : str
        ``"half-face"``: the potential at a wall is that of the voxel's face, half a voxel from its
        centre, of second order in the size of voxels; ``"centre"``: that of the centre, of first
        order, for comparison with other codes.
    area : str
        ``"voxel"``: every face of a voxel counts with its area. ``"smooth"``: with the area of the
        smooth wall that it stands for, so that oblique walls, which stairs of voxels make up to
        1.73 times too large, do not weigh more than straight ones.
    flip : bool
        Solve with the separator on the other face as well.
    through : bool
        Find the tortuosity factor of the flux through the volume as well.
    solver : Solver, optional
        Tolerance (largest estimated relative error of tau) and iteration limit.
    ignore_memory : bool
        Solve even when the estimate of the memory needed is larger than what is free.
    progress : callable, optional
        Called after every iteration with the axis, the number of the iteration and the estimated
        relative error of tau.

    Returns
    -------
    ElectrodeTortuosity

    Raises
    ------
    InputError
        An unknown or empty phase, axis, separator or reactive phase, a relative capacitance that
        is not positive, pores that do not reach the separator or touch no reactive phase there, a
        volume that does not fit in memory.
    NotConverged
        The iteration limit came before the tolerance; the error carries the report.

    References
    ----------
    Nguyen et al., npj Comput. Mater. 6 (2020) 123, doi:10.1038/s41524-020-00386-4;
    Landesfeind et al., J. Electrochem. Soc. 163 (2016) A1373, doi:10.1149/2.1141607jes

    Examples
    --------
    A straight pore of one voxel, 20 long: 1 + 7 / (8 N^2) on voxels.

    >>> import numpy as np, twin
    >>> labels = np.ones((3, 3, 20), np.uint8)
    >>> labels[1, 1] = 0
    >>> volume = twin.Volume(labels, spacing="1um", phases={"pore": 0, "AM": 1})
    >>> e = twin.electrode_tortuosity(volume, "pore", reactive="AM")
    >>> round(e.tortuosity_factor, 5)
    1.00219
    """
    check_question(volume, phase, axis, separator, sides, wall)
    check_choice("area", area, ("voxel", "smooth"))
    charges = relative_charges(volume, phase, reactive)
    question = _Question(
        volume, phase, axis, separator, charges, sides, wall, area, solver, ignore_memory, progress
    )
    found = _solve(question)
    if through:
        through_flux = tortuosity(
            volume, phase, axis, sides,
            solver=solver, ignore_memory=ignore_memory, progress=progress,
        )  # fmt: skip
        found = replace(found, through=through_flux)
    if flip:
        other: Separator = "high" if separator == "low" else "low"
        found = replace(found, flipped=_solve(replace(question, separator=other)))
    return found


@dataclass(frozen=True)
class _Question:
    """What is asked, checked."""

    volume: Volume
    phase: str
    axis: Axis
    separator: Separator
    charges: Mapping[str, float]
    sides: Sides
    wall: WallPotential
    area: WallArea
    solver: Solver | None
    ignore_memory: bool
    progress: AxisProgress | None


def check_question(
    volume: Volume, phase: str, axis: str, separator: str, sides: str, wall: str
) -> None:
    """Refuse an unknown volume, phase, axis, separator, sides or wall with one sentence."""
    check_axes(volume, axis, sides)
    if len(axis) > 1:
        raise InputError(f"an electrode has one axis through it, found {axis!r}; choose one")
    check_choice("separator", separator, ("low", "high"))
    check_choice("wall", wall, ("half-face", "centre"))
    volume.present_labels(phase)  # raises where there is no such phase, or no voxel of it


def check_choice(what: str, found: str, choices: Sequence[str]) -> None:
    """Refuse what is none of the choices."""
    if found not in choices:
        raise InputError(f"there is no {what} {found!r}; use {' or '.join(map(repr, choices))}")


def relative_charges(volume: Volume, phase: str, reactive: Reactive | None) -> Mapping[str, float]:
    """Capacitance of each reactive phase relative to the others, checked.

    Raises
    ------
    InputError
        An unknown reactive phase, the pores themselves, none at all, or a capacitance that is not
        a positive number.
    """
    if reactive is None:
        reactive = [name for name in volume.phases if name != phase]
    if isinstance(reactive, str):
        reactive = [reactive]
    charges = dict(reactive) if isinstance(reactive, Mapping) else dict.fromkeys(reactive, 1.0)
    if not charges:
        raise InputError(f"no phase beside {phase!r} carries a double layer; name a reactive phase")
    for name, charge in charges.items():
        volume.label_values(name)  # raises where there is no such phase
        if name == phase:
            raise InputError(
                f"the pores {phase!r} cannot be reactive themselves; name phases of the solid"
            )
        if not (np.isfinite(charge) and charge > 0):
            raise InputError(
                f"the capacitance of {name} is {charge}; give a positive number, or leave {name} "
                "out of the reactive phases"
            )
    return charges


def electrode_mesh(
    volume: Volume,
    phase: str,
    axis: Axis,
    separator: Separator,
    sides: Sides,
    needs: Needs | None,
) -> VoxelMesh:
    """The pores that the separator reaches; with `needs` only where memory holds a solve on them.

    Raises
    ------
    InputError
        There are none, or the solve needs more memory than is free.
    """
    mesh = voxel_mesh(volume, [phase], "xyz".index(axis), sides, separator)
    if mesh.active_voxels == 0:
        raise InputError(
            f"no voxel of {phase!r} lies on the {separator} face of axis {axis}, where the "
            "separator is; choose the other separator, another axis or another phase"
        )
    if needs is not None:
        fraction = mesh.active_voxels / volume.labels.size
        check_memory(volume, bytes_needed(volume, fraction, needs=needs))
    return mesh


def electrode_of(mesh: VoxelMesh, groups: Sequence[Sequence[str]]) -> PorousElectrode:
    """The pores with their walls.

    Raises
    ------
    InputError
        No pore that the separator reaches touches a reactive phase.
    """
    electrode = porous_electrode(mesh, groups)
    if not electrode.wall_counts.any():
        names = " or ".join(name for group in groups for name in group)
        raise InputError(
            f"no voxel of {mesh.phases[0]!r} that the separator reaches has a face with {names}; "
            "name the phases whose surface carries the double layer"
        )
    return electrode


def _solve(question: _Question) -> ElectrodeTortuosity:
    def solve() -> Charging:
        mesh = electrode_mesh(
            question.volume, question.phase, question.axis, question.separator, question.sides,
            None if question.ignore_memory else ELECTRODE,
        )  # fmt: skip
        by_charge: dict[float, list[str]] = {}
        for name, charge in question.charges.items():
            by_charge.setdefault(charge, []).append(name)
        electrode = electrode_of(mesh, list(by_charge.values()))
        return charge_uniformly(
            electrode, list(by_charge), question.wall, question.area, question.solver,
            on_axis(question.axis, question.progress),
        )  # fmt: skip

    charging, seconds, compiling = timed(solve)
    return ElectrodeTortuosity(
        axis=question.axis,
        separator=question.separator,
        phase=question.phase,
        capacitances=dict(question.charges),
        wall=question.wall,
        area=question.area,
        charging=charging,
        seconds=seconds,
        seconds_compiling=compiling,
    )
