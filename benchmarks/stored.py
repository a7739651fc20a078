"""Stored results: one file is one session."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Run = dict[str, Any]
Session = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Measured:
    """One volume in one session.

    Attributes
    ----------
    volume : what was said of the volume.
    session : the session in which all its runs were made.
    runs : by tool and axis.
    """

    volume: dict[str, Any]
    session: Session
    runs: dict[tuple[str, str], Run]

    def run(self, tool: str, axis: str = "x") -> Run | None:
        return self.runs.get((tool, axis))

    @property
    def axes(self) -> list[str]:
        return sorted({axis for _, axis in self.runs})


def read(folder: Path) -> list[Session]:
    """All sessions of a folder, in the order in which they were made."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted(found, key=lambda session: str(session["started"]))


def of_case(sessions: list[Session], case: str) -> list[Measured]:
    """The volumes of a case, each from one session: that with the most runs, then the latest.

    So a ratio of two tools is always one of the same session.
    """
    chosen: dict[tuple[str, str], Measured] = {}
    for session in sessions:
        for volume in session["volumes"] if session["case"] == case else []:
            runs = {(run["tool"], run["axis"]): run for run in volume["runs"]}
            key = (volume["sha256"], volume["name"])
            before = chosen.get(key)
            if before is None or len(runs) >= len(before.runs):
                chosen[key] = Measured(volume, session, runs)
    return sorted(chosen.values(), key=_order)


def _order(entry: Measured) -> tuple[str, int, float]:
    volume = entry.volume
    material = volume.get("material", volume.get("part", ""))
    return material, volume.get("size", 0), volume.get("porosity", 0.0)
