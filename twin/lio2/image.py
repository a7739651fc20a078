"""Discharge of a Li-O2 cathode inside its image: oxygen, product and pores voxel by voxel."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.reach import HIGH, LOW, reach
from meshing.volume import Volume
from meshing.voxel_mesh import Sides
from solvers.deposit import CARBON, INERT, PORE, POROUS, Deposit, SiteArea, begin, with_nuclei
from solvers.particles import scatter_nuclei
from solvers.report import Report
from twin.lio2.image_fields import (
    CannotCarry,
    Fields,
    carried_at,
    check_face,
    open_stage,
)
from twin.lio2.image_files import Series, key_of, load_state, save_state
from twin.lio2.image_measure import (
    dense_fields,
    measure_layers,
    measure_moment,
    measure_transport,
)
from twin.lio2.image_model import (
    OPEN,
    Growth,
    ImageModel,
    ImageStepping,
    NanoPorous,
    Resolution,
)
from twin.lio2.image_results import LOSSES, ImageDischarge, ImageVerdict
from twin.lio2.image_run import Ending, Now, Rates, begin_run, refreshed, run
from twin.lio2.parameters import Parameters
from twin.lio2.protocol import Quantity, amount

End = Literal["low", "high"]

#: Called after every step with the voltage [V] and the share of the pores that is filled.
Progress = Callable[[float, float], None]

#: Steps after which coarse levels are made anew, and the state is saved where there is a folder.
CHECKPOINT: Final = 10

#: The file in a folder that a run goes on from.
STATE: Final = "state.npz"

#: A voxel is too coarse for films beyond this multiple of the thickness that stops electrons.
COARSE: Final = 2.0


def discharge_image(
    volume: Volume,
    parameters: Parameters | str = "Su2021_ch6",
    current_density: Quantity = 2.4,
    *,
    pore: str = "pore",
    carbon: str | tuple[str, ...] = "carbon",
    axis: Literal["x", "y", "z"] = "z",
    oxygen: End = "high",
    separator: End | None = None,
    growth: Growth | None = None,
    electrolyte: Resolution = "uniform",
    electrons: Resolution = "uniform",
    porous: NanoPorous | None = None,
    area: SiteArea = "smooth",
    exponent: float = 1.5,
    sides: Sides = "no-flux",
    capacity: Quantity | None = None,
    covered: float = 1e-9,
    stepping: ImageStepping | None = None,
    measure: float = 0.05,
    folder: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> ImageDischarge:
    r"""Discharge a segmented cathode voxel by voxel, until it dies.

    Oxygen is steady at every moment, with the conductances G of open pores, and reacts at sites s,
    the faces between carbon and pores, with the kinetics of `twin.lio2.discharge`:

    .. math::

        n F D\, G\, c = -\sum_s J_s, \quad J_s = A_s\, j(\eta_s, c, l_s), \quad
        \sum_s J_s = I, \quad \dot V_s = J_s V_m / (n F)

    The potential of the cell is what gives the current. Product becomes film where it was made, or
    particles; it narrows pores, so that a voxel with the share theta of product conducts
    ``(1 - theta)^exponent``, and voxels that are full close. Product goes on growing behind them
    while electrons tunnel. Only pores that reach both the oxygen and the separator react.

    Parameters
    ----------
    volume : the image, with a known spacing.
    parameters : the cell, or the name of a set; porosity, thickness and structure are the image's.
    current_density : of the image's cross-section [A/m2], or text such as "0.24 mA/cm2", "40 mA/g".
    pore, carbon : the phases of the electrolyte and of the walls that react; others do not take
        part.
    axis : the direction from separator to oxygen.
    oxygen, separator : the ends where oxygen and ions enter, "low" and "high", not the same.
    growth : films, particles, or both; films by default.
    electrolyte : "resolved" for its potential and salt as fields, "uniform" without their drops.
    electrons : "resolved" for the carbon's potential, with the electronic conductivity of the
        parameters as that of a carbon voxel; "uniform" without its drops.
    porous : pores inside carbon voxels; None where carbon is dense.
    area : true area of a face: "smooth" by the wall's normal, "voxel" in full, or the specific area
        of the whole image [1/m], such as one of gas adsorption.
    exponent : of (1 - theta) in the diffusivity of a voxel.
    sides : "no-flux", or "periodic" across the two other axes.
    capacity : end there [C/m2], or text such as "1 mAh/cm2"; None for no limit.
    covered : film above which carbon counts as covered [m].
    stepping : limits of the steps in time.
    measure : product between two measurements of D_eff, over the pores [-].
    folder : where snapshots for ParaView and the state are written while the run goes on.
    resume : go on from the state in the folder, bit for bit as if there had been no stop.
    progress : called after every step with the voltage and the share of the pores that is filled.

    Returns
    -------
    ImageDischarge
        Curves, coverage, transport against product, fields, profiles, and why it ended.

    Raises
    ------
    InputError
        Phases, ends or numbers that cannot be; no carbon at pores; pores that do not reach from
        separator to oxygen; a current that the image cannot carry; a state of another run.

    Notes
    -----
    Oxygen settles in L^2 / D, seconds to minutes, where a discharge takes hours: its accumulation
    is left out, here and not in `twin.lio2.discharge`. So is that of salt, which the separator's
    end holds at its concentration. Electrolyte that the product displaces is not followed.

    Examples
    --------
    >>> import twin
    >>> mat = twin.generate.fibres((20, 20, 20), "5nm", diameter="20nm", porosity=0.8)
    >>> d = twin.lio2.discharge_image(
    ...     mat.volume, current_density=0.02, carbon="fibre", capacity="4e-5 mAh/cm2")
    >>> bool(abs(d.charge_balance) < 1e-10), d.verdict.reason
    (True, 'the capacity that was asked for is reached')
    """
    cell = parameters if isinstance(parameters, Parameters) else Parameters.of(parameters)
    growth, stepping = growth or Growth(), stepping or ImageStepping()
    _check(volume, axis, oxygen, separator, electrolyte, electrons, exponent, covered, measure)
    kind = _kinds(volume, pore, carbon, porous)
    cell = _of_image(cell, volume, kind, "xyz".index(axis), porous)
    model = _model(
        cell, volume, axis, oxygen, amount(current_density, "current", cell, "current_density"),
        exponent, porous, growth, electrolyte, electrons,
    )  # fmt: skip
    limit = math.inf if capacity is None else amount(capacity, "capacity", cell, "capacity")
    _check_amounts(model, limit)
    settings = _settings(
        model, cell, pore, carbon, electrons, porous, area, sides, covered, stepping, measure, limit
    )
    book = _Book(model, volume, covered, measure, _series(folder, resume), progress, settings)
    now = book.resume() if resume else book.first(_begin(model, volume, kind, sides, area))
    _warn_if_coarse(cell, volume)
    now, ending = run(model, stepping, now, limit / model.current_density, book.observe)
    return book.close(now, ending)


def _check(
    volume: Volume, axis: str, oxygen: str, separator: str | None, electrolyte: str,
    electrons: str, exponent: float, covered: float, measure: float,
) -> None:  # fmt: skip
    if not volume.spacing_known:
        raise InputError(
            "a discharge needs the size of the voxels; give the volume a spacing, such as '25nm'"
        )
    if axis not in ("x", "y", "z"):
        raise InputError(f"a cathode has one axis, 'x', 'y' or 'z', found {axis!r}")
    if oxygen not in ("low", "high"):
        raise InputError(f"oxygen enters at the 'low' or the 'high' end, found {oxygen!r}")
    if separator is not None and {oxygen, separator} != {"low", "high"}:
        raise InputError(
            f"the separator is at the end where oxygen does not enter; found oxygen at the "
            f"{oxygen} and the separator at the {separator} end"
        )
    for name, value in (("electrolyte", electrolyte), ("electrons", electrons)):
        if value not in ("uniform", "resolved"):
            raise InputError(f"{name} is 'uniform' or 'resolved', found {value!r}")
    for name, number in (("exponent", exponent), ("covered", covered), ("measure", measure)):
        if not (number > 0.0 and math.isfinite(number)):
            raise InputError(f"{name} must be a number greater than 0, found {number!r}")


def _kinds(
    volume: Volume, pore: str, carbon: str | tuple[str, ...], porous: NanoPorous | None
) -> NDArray[np.uint8]:
    """What every voxel is at the start."""
    names = (carbon,) if isinstance(carbon, str) else tuple(carbon)
    if pore in names:
        raise InputError(f"{pore!r} cannot be both the pores and the carbon; name another phase")
    table = np.full(int(volume.labels.max()) + 1, INERT, np.uint8)
    solid = CARBON if porous is None else POROUS
    for name, what in ((pore, PORE), *((one, solid) for one in names)):
        present = [label for label in volume.label_values(name) if label < len(table)]
        table[present] = what
    return np.ascontiguousarray(table[volume.labels])


def _of_image(
    cell: Parameters, volume: Volume, kind: NDArray[np.uint8], axis: int, porous: NanoPorous | None
) -> Parameters:
    """Parameters with the porosity and the thickness of the image."""
    inside = 0.0 if porous is None else porous.porosity
    porosity = float((kind == PORE).mean() + inside * (kind == POROUS).mean())
    if not 0.0 < porosity < 1.0:
        raise InputError(
            f"the pores are {porosity:.3g} of the image, and a cathode has pores and carbon; name "
            "other phases"
        )
    thickness = volume.shape[axis] * volume.spacing[axis]
    return cell.replace(porosity=porosity, cathode_thickness=thickness)


def _model(
    cell: Parameters, volume: Volume, axis: str, oxygen: End, current_density: float,
    exponent: float, porous: NanoPorous | None, growth: Growth, electrolyte: Resolution,
    electrons: Resolution,
) -> ImageModel:  # fmt: skip
    number = "xyz".index(axis)
    sizes = [n * h for n, h in zip(volume.shape, volume.spacing, strict=True)]
    cross_section = math.prod(sizes) / sizes[number]
    conductivity = cell.electronic_conductivity if electrons == "resolved" else math.inf
    return ImageModel(
        cell, number, oxygen, current_density, cross_section, exponent, porous, growth,
        electrolyte, conductivity,
    )  # fmt: skip


def _check_amounts(model: ImageModel, limit: float) -> None:
    if not (model.current_density > 0.0 and math.isfinite(model.current_density)):
        raise InputError(
            f"current_density must be greater than zero in a discharge, found "
            f"{model.current_density:g} A/m2"
        )
    if not limit > 0.0:
        raise InputError(f"capacity must be greater than zero, found {limit:g} C/m2")
    check_face(model)


def _begin(
    model: ImageModel, volume: Volume, kind: NDArray[np.uint8], sides: Sides, area: SiteArea
) -> Deposit:
    """The image without product, with its nuclei where particles can grow."""
    inside = model.porous
    deposit = begin(
        kind, volume.spacing, model.axis, sides, area,
        porous_porosity=math.nan if inside is None else inside.porosity,
        porous_area=math.nan if inside is None else inside.area,
    )  # fmt: skip
    flags = reach(kind, OPEN, model.axis, deposit.wraps)
    for bit, name in ((_bit(model.oxygen), "oxygen"), (_bit(_other(model.oxygen)), "separator")):
        if not (flags & bit).any():
            raise InputError(f"no pore reaches the {name}'s end of the image; choose another axis")
    through = flags == LOW | HIGH
    if not through.any():
        raise InputError(
            "no pore reaches from the separator to the oxygen, so that nothing can react; choose "
            "another axis"
        )
    if model.growth.solution_share == 0.0:
        return deposit
    fed = through.ravel()[deposit.sites.voxel]
    places = deposit.sites.take(np.flatnonzero(fed))
    return with_nuclei(deposit, scatter_nuclei(places, model.growth.nuclei, model.growth.seed))


def _bit(end: str) -> int:
    return HIGH if end == "high" else LOW


def _other(end: str) -> str:
    return "low" if end == "high" else "high"


def _warn_if_coarse(cell: Parameters, volume: Volume) -> None:
    longest = max(volume.spacing)
    if cell.film in ("tunnelling", "both") and longest > COARSE * cell.tunnelling_thickness:
        warnings.warn(
            f"voxels of {longest * 1e9:.3g} nm are {longest / cell.tunnelling_thickness:.2g} times "
            f"the film of {cell.tunnelling_thickness * 1e9:.3g} nm that stops electrons; films "
            "have their true thickness, but voxels never fill, and pores stay open",
            stacklevel=3,
        )


def _settings(
    model: ImageModel, cell: Parameters, pore: str, carbon: str | tuple[str, ...],
    electrons: str, porous: NanoPorous | None, area: SiteArea, sides: str, covered: float,
    stepping: ImageStepping, measure: float, limit: float,
) -> dict[str, Any]:  # fmt: skip
    """The arguments as plain values."""
    growth = {"solution_share": model.growth.solution_share}
    if model.growth.solution_share > 0.0:
        growth = asdict(model.growth)
    return {
        "current_density": model.current_density,
        "pore": pore,
        "carbon": [carbon] if isinstance(carbon, str) else list(carbon),
        "axis": "xyz"[model.axis],
        "oxygen": model.oxygen,
        **growth,
        "electrolyte": model.electrolyte,
        "electrons": electrons,
        "porous": None if porous is None else asdict(porous),
        "area": area,
        "exponent": model.exponent,
        "sides": sides,
        "covered": covered,
        "measure": measure,
        "capacity": None if math.isinf(limit) else limit,
        "stepping": asdict(stepping),
        "parameters": cell.to_dict(),
    }


def _series(folder: str | Path | None, resume: bool) -> Series | None:
    if folder is None:
        if resume:
            raise InputError("a run that is to go on needs the folder of the one before")
        return None
    return Series.read(folder) if resume else Series(Path(folder))


@dataclass(eq=False)
class _Book:
    """Keeps what a run finds, and writes it to the folder.

    Attributes
    ----------
    model, volume, covered, measure, series, progress, settings : of the run.
    rows, transport, reports : what was found so far.
    """

    model: ImageModel
    volume: Volume
    covered: float
    measure: float
    series: Series | None
    progress: Progress | None
    settings: dict[str, Any]
    rows: list[dict[str, float]] = field(default_factory=list)
    transport: list[dict[str, float]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)

    def first(self, deposit: Deposit) -> Now:
        """Begin a run.

        Raises
        ------
        InputError
            The image cannot carry the current.
        """
        cut_off = self.model.parameters.cut_off_voltage
        try:
            now = begin_run(self.model, deposit)
        except CannotCarry:
            now = None
        if now is None or now.fields.voltage <= cut_off:
            limit = carried_at(self.model, open_stage(self.model, deposit), cut_off)
            raise InputError(
                f"a current of {self.model.current_density:g} A/m2 cannot be carried: at the "
                f"cut-off of {cut_off:g} V the image gives {limit:.3g} A/m2; lower the current"
            )
        return self.observe(now)

    def observe(self, now: Now) -> Now:
        """Take a moment; what is returned is gone on from."""
        row = measure_moment(self.model, now, self.covered)
        self.rows.append(row)
        if self.progress is not None:
            self.progress(row["voltage"], row["filling"])
        due = not self.transport or row["filling"] >= self._next
        if due:
            self._measure(now)
        if due or len(self.rows) % CHECKPOINT == 0:
            now = refreshed(self.model, now)
            self._save(now)
        return now

    @property
    def _next(self) -> float:
        """The filling at which transport is measured next."""
        done = math.floor(self.transport[-1]["filling"] / self.measure * (1.0 + 1e-12))
        return (done + 1) * self.measure

    def _measure(self, now: Now) -> None:
        found, report = measure_transport(self.model, now, self.rows[-1])
        self.transport.append(found)
        if report is not None:
            self.reports.append(report)
        if self.series is not None:
            given = dense_fields(self.model, now.stage, now.fields)
            self.series = self.series.add(now.time, self.volume, now.deposit, given)

    def _save(self, now: Now) -> None:
        if self.series is None:
            return
        fields = {name: value for name, value in vars(now.fields).items() if value is not None}
        extra = {
            "fields": fields, "before": vars(now.before), "transport": _columns(self.transport),
            "time": now.time, "step": now.step, "fresh": now.fresh, "trend": now.trend,
        }  # fmt: skip
        table = _columns(self.rows)
        key = key_of(self.volume, self._key)
        save_state(self.series.folder / STATE, now.deposit, table, extra, key)

    @property
    def _key(self) -> dict[str, Any]:
        """What a state belongs to; a run may go on to another capacity."""
        return {name: value for name, value in self.settings.items() if name != "capacity"}

    def resume(self) -> Now:
        """Go on from the state in the folder.

        Raises
        ------
        InputError
            There is none, or it is of another image or other settings.
        """
        assert self.series is not None
        state = load_state(self.series.folder / STATE, key_of(self.volume, self._key))
        extra = state.extra
        self.rows = _rows(state.table)
        self.transport = _rows(extra["transport"])
        self.series = self.series.until(extra["time"])
        given = {"ion": None, "electron": None, **extra["fields"]}
        fields = Fields(**given)
        stage = open_stage(self.model, state.deposit)
        before = Rates(**extra["before"])
        return Now(
            extra["time"], stage, fields, before, extra["step"], int(extra["fresh"]), extra["trend"]
        )

    def close(self, now: Now, ending: Ending) -> ImageDischarge:
        """The result."""
        if self.transport[-1]["capacity"] < self.rows[-1]["capacity"]:
            self._measure(now)
            self._save(refreshed(self.model, now))
        last = self.rows[-1]
        passed = last["charge"]
        made = last["product"] / self.model.volume_per_charge
        losses = {name: last[f"loss_{name}"] for name in LOSSES}
        return ImageDischarge(
            volume=self.volume,
            parameters=self.model.parameters,
            settings=self.settings,
            table=_columns(self.rows),
            transport=_columns(self.transport),
            final=now.deposit,
            fields=dense_fields(self.model, now.stage, now.fields),
            layers=measure_layers(self.model, now.stage, now.fields),
            verdict=ImageVerdict(ending.reason, losses),
            charge_balance=made / passed - 1.0 if passed > 0.0 else 0.0,
            series=None if self.series is None else self.series.path,
            reports=tuple(self.reports),
        )


def _columns(rows: list[dict[str, float]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else {})}


def _rows(columns: dict[str, NDArray[np.float64]]) -> list[dict[str, float]]:
    count = len(next(iter(columns.values()), ()))
    return [{name: float(values[k]) for name, values in columns.items()} for k in range(count)]
