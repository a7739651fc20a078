"""What a discharge in an image leaves behind: rows, snapshots, states and the result."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from meshing.errors import InputError
from meshing.volume import Volume
from solvers.deposit import Deposit
from solvers.report import Report
from twin.files import check_folder
from twin.lio2.image_album import Album, Plane, take_cut
from twin.lio2.image_fields import Fields
from twin.lio2.image_files import STATE, Series, load_state, save_state
from twin.lio2.image_key import key_of
from twin.lio2.image_measure import (
    dense_fields,
    measure_layers,
    measure_moment,
    measure_transport,
)
from twin.lio2.image_model import ImageModel
from twin.lio2.image_past import Past, Wear
from twin.lio2.image_results import ImageDischarge
from twin.lio2.image_run import Ending, Now, begin_run, largest_current, refreshed
from twin.lio2.image_stage import CannotCarry, open_stage
from twin.lio2.image_verdict import judge

#: Called after every step with the voltage [V] and the share of the pores that is filled.
Progress = Callable[[float, float], None]

#: Steps after which coarse levels are made anew, and the state is saved where there is a folder.
CHECKPOINT: Final = 10


def series_of(folder: str | Path | None, resume: bool) -> Series | None:
    """The series of a run, which begins or goes on.

    Raises
    ------
    InputError
        When a run is to go on from no folder, or the folder cannot be written.
    """
    if folder is None:
        if resume:
            raise InputError("a run that is to go on needs the folder of the one before")
        return None
    check_folder(Path(folder))
    return Series.read(folder) if resume else Series.instead(folder)


@dataclass(eq=False)
class Book:
    """Keeps what a run finds, and writes it to the folder.

    Attributes
    ----------
    model, volume, covered, measure, series, progress, settings : of the run.
    rows, transport, reports : what was found so far.
    album : slices of it, for pictures.
    died : how, where the run that goes on did.
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
    album: Album = field(init=False)
    died: Ending | None = None

    def __post_init__(self) -> None:
        self.album = Album(Plane.of(self.volume, self.model.axis))

    def first(self, deposit: Deposit) -> Now:
        """Begin a run.

        Raises
        ------
        InputError
            The image cannot carry the current, or any.
        """
        cut_off = self.model.parameters.cut_off_voltage
        try:
            open_stage(self.model, deposit)
        except CannotCarry as lack:
            raise InputError(
                f"the image cannot be discharged: {lack}; choose another axis, or other phases"
            ) from lack
        try:
            now = begin_run(self.model, deposit)
        except CannotCarry:
            now = None
        if now is None or now.fields.voltage <= cut_off:
            limit = largest_current(self.model, deposit)
            raise InputError(
                f"a current of {self.model.current_density:g} A/m2 cannot be carried: at the "
                f"cut-off of {cut_off:g} V the image gives {limit:.3g} A/m2; lower the current"
            )
        return self.observe(now)

    def observe(self, now: Now) -> Now:
        """Take a moment; what is returned is gone on from."""
        row = measure_moment(self.model, now, self.covered)
        cut = take_cut(self.album.plane, len(self.rows), now.stage, now.fields)
        self.rows.append(row)
        self.album = self.album.add(cut, [each["charge"] for each in self.rows])
        if self.progress is not None:
            self.progress(row["voltage"], row["filling"])
        due = not self.transport or row["filling"] >= self._next
        if due:
            self._measure(now)
        if due or len(self.rows) % CHECKPOINT == 0:
            now = refreshed(now)
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

    def _save(self, now: Now, died: Ending | None = None) -> None:
        if self.series is None:
            return
        extra = {
            "fields": _given(now.fields), "before": _given(now.before),
            "transport": _columns(self.transport),
            "time": now.time, "step": now.step, "wear": vars(now.wear), "trend": now.trend,
            "album": self.album.to_arrays(), "died": "" if died is None else died.reason,
        }  # fmt: skip
        table = _columns(self.rows)
        key = key_of(self.volume, self._key)
        save_state(self.series.folder / STATE, now.deposit, table, extra, key)

    @property
    def _key(self) -> dict[str, Any]:
        """What a state belongs to; a run may go on to another capacity, and with more steps."""
        stepping = {**self.settings["stepping"]}
        del stepping["most_steps"]
        rest = {name: value for name, value in self.settings.items() if name != "capacity"}
        return {**rest, "stepping": stepping}

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
        self.album = self.album.with_arrays(extra["album"])
        self.died = Ending(extra["died"]) if extra["died"] else None
        self.series = self.series.until(extra["time"])
        fields = Fields(**{"ion": None, "electron": None, **extra["fields"]})
        before = Past(**extra["before"]) if extra["before"] else None
        stage = open_stage(self.model, state.deposit)
        return Now(
            extra["time"], self.rows[-1]["charge"], stage, fields, before,
            extra["step"], Wear(**extra["wear"]), extra["trend"],
        )  # fmt: skip

    def close(self, now: Now, ending: Ending) -> ImageDischarge:
        """The result."""
        measured = self.transport[-1]["capacity"] == self.rows[-1]["capacity"]
        if not measured:
            self._measure(now)
        if not measured or not ending.wanted:
            self._save(refreshed(now), None if ending.wanted else ending)
        last = self.rows[-1]
        passed = last["charge"]
        made = last["product"] / self.model.volume_per_charge
        layers = measure_layers(self.model, now.stage, now.fields)
        return ImageDischarge(
            volume=self.volume,
            parameters=self.model.parameters,
            settings=self.settings,
            table=_columns(self.rows),
            transport=_columns(self.transport),
            final=now.deposit,
            fields=dense_fields(self.model, now.stage, now.fields),
            layers=layers,
            album=self.album,
            verdict=judge(self.model, ending, last, layers),
            charge_balance=made / passed - 1.0 if passed > 0.0 else 0.0,
            series=None if self.series is None else self.series.path,
            reports=tuple(self.reports),
        )


def _given(of: Fields | Past | None) -> dict[str, Any]:
    """The attributes that are not None."""
    return {} if of is None else {k: value for k, value in vars(of).items() if value is not None}


def _columns(rows: list[dict[str, float]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else {})}


def _rows(columns: dict[str, NDArray[np.float64]]) -> list[dict[str, float]]:
    count = len(next(iter(columns.values()), ()))
    return [{name: float(values[k]) for name, values in columns.items()} for k in range(count)]
