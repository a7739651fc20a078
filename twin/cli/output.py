"""The options that say where results go, the same for every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from meshing.errors import InputError
from meshing.volume import Volume
from twin.cli.parser import Parser
from twin.files import atomic, check_writable, write_csv, write_json
from twin.memory import UNIFORM, Needs, check_memory

STANDARD_OUTPUT: Final = Path("-")


class Summarised(Protocol):
    """A result with numbers and a text."""

    def summary(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...


class Result(Summarised, Protocol):
    """A result with rows of a table, fields and a picture as well."""

    def rows(self) -> list[dict[str, Any]]: ...
    def to_vtk(self, path: str | Path) -> list[Path]: ...
    def plot(self, path: str | Path | None = None) -> Any: ...


@dataclass(frozen=True)
class Outputs:
    """The files that a user asked for; None where one is not wanted, ``-`` to print it."""

    json: Path | None = None
    csv: Path | None = None
    vtk: Path | None = None
    plot: Path | None = None

    @property
    def printed(self) -> bool:
        """Whether numbers take the place of the text on the standard output."""
        return STANDARD_OUTPUT in (self.json, self.csv)

    def check_fit(self, volume: Volume, needs: Needs = UNIFORM) -> None:
        """Refuse, before the solve, fields that would not fit in memory after it.

        Parameters
        ----------
        volume : the image.
        needs : memory for pictures and fields of the kind of problem.

        Raises
        ------
        InputError
            When a picture or the fields need more memory than is free.
        """
        picture = (self.plot, needs.picture, "a picture")
        fields = (self.vtk, needs.fields, "writing the fields")
        for path, bytes_each, work in (picture, fields):
            if path is not None:
                check_memory(volume, bytes_each * volume.labels.size, work)

    def check(self, *others: Path | None) -> None:
        """Refuse, before any work is done, what could not be written after it.

        Parameters
        ----------
        *others : files besides that a command writes; None where one is not wanted.

        Raises
        ------
        InputError
            When a folder is missing or cannot be written, a suffix is none that can be written, or
            two outputs are to share a file.
        """
        wanted = [path for path in (self.json, self.csv, self.vtk, self.plot) if path is not None]
        every = wanted + [path for path in others if path is not None]
        if len(set(every)) < len(every):
            raise InputError("two outputs cannot share a file; give each a name of its own")
        for path in wanted:
            if path != STANDARD_OUTPUT:
                check_writable(path)
        if self.vtk is not None and self.vtk.suffix.lower() != ".vti":
            raise InputError(f"--vtk writes .vti files, found {self.vtk.name!r}; rename it")
        if self.plot is not None:
            from twin.figures import check_format

            check_format(self.plot)


def add_json_option(parser: Parser) -> None:
    """Add `--json`, which every command has."""
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write the numbers as JSON; '-' prints them instead of text",
    )


def add_output_options(
    parser: Parser,
    rows: str = "one row for each axis",
    fields: str = "the fields for ParaView: name.vti gives name_x.vti and so on",
) -> None:
    """Add the files that a command can write; `rows` and `fields` say what will be in them."""
    add_json_option(parser)
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="FILE",
        help=f"write {rows}; '-' prints them instead of text",
    )
    parser.add_argument(
        "--vtk",
        type=Path,
        metavar="FILE",
        help=f"write {fields}",
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw a picture: .png, .pdf or .svg"
    )


def outputs(options: argparse.Namespace) -> Outputs:
    """The files that the options ask for."""
    return Outputs(options.json, options.csv, options.vtk, options.plot)


def write_result(wanted: Outputs, result: Result, about: Mapping[str, Any]) -> None:
    """Write the files that were asked for, and the text unless numbers are printed.

    Parameters
    ----------
    wanted : the files.
    result : what was found.
    about : where it comes from, for the head of the JSON file.
    """
    data = {**about, **result.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, result.rows()))
    if wanted.plot is not None:
        result.plot(wanted.plot)
        written.append(wanted.plot)
    if wanted.vtk is not None:
        written += result.to_vtk(wanted.vtk)
    if not wanted.printed:
        show(result, written)


def write_text(path: Path | None, write: Callable[[TextIO], None]) -> list[Path]:
    """Write to a file, or the standard output; the file where there is one."""
    if path is None:
        return []
    if path == STANDARD_OUTPUT:
        write(sys.stdout)
        return []
    with atomic(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        write(file)
    return [path]


def show(result: Summarised, written: list[Path]) -> None:
    """Print the text of a result, and the files that hold more."""
    lines = [result.summary()]
    if written:
        lines += ["", *(f"wrote {path}" for path in written)]
    sys.stdout.write("\n".join(lines) + "\n")
