"""`twin sweep`: one question for many values, and a table of the answers."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import twin
from meshing.errors import InputError
from solvers.report import Solver
from twin.cli.image import add_image_options, read_image
from twin.cli.output import STANDARD_OUTPUT, Outputs, write_text
from twin.cli.parser import Commands, Parser, converter
from twin.cli.solving import add_solver_options
from twin.files import check_writable, write_csv, write_json
from twin.studies import ranges
from twin.studies.points import nearest
from twin.studies.table import Sweep, check_parquet

Subjects: TypeAlias = "argparse._SubParsersAction[SubjectParser]"

_INTERRUPTED: Final = 130


class SubjectParser(Parser):
    """A parser that names the nearest option where it does not know one.

    `complete` adds options that are known only when a module is loaded which other commands do
    not need; it is called once, before the first use.
    """

    complete: Callable[[SubjectParser], None] | None = None

    def _make_complete(self) -> None:
        if self.complete is not None:
            complete, self.complete = self.complete, None
            complete(self)

    def format_help(self) -> str:
        """Text of the help."""
        self._make_complete()
        return super().format_help()

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, and refuse an option that there is not."""
        self._make_complete()
        known = [name[2:] for name in self._option_string_actions if name.startswith("--")]
        for word in args or ():
            name = word.partition("=")[0][2:]
            if word.startswith("--") and name not in known:
                near = nearest(name, known)
                hint = f"did you mean '--{near}'?" if near else f"see '{self.prog} --help'"
                raise InputError(f"{self.prog} takes no '--{name}'; {hint}")
        return super().parse_known_args(args, namespace)


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "ask one question for many values; an interrupted sweep goes on where it was"
    parser = commands.add_parser(
        "sweep",
        help=text,
        description=f"{text[0].upper()}{text[1:]}. Values are given as 2.4,12 or as a range: "
        "0.5:0.9:5 for five at equal distances, 1e-11:1e-9:5log for five with equal ratios.",
    )
    subjects = parser.add_subparsers(
        title="questions",
        metavar="question",
        dest="question",
        required=True,
        parser_class=SubjectParser,
    )
    _add_tortuosity(subjects)
    _add_lio2(subjects)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where a point failed."""
    wanted = Outputs(json=options.json, csv=options.csv, plot=options.plot)
    _check_outputs(wanted, options)
    function, values = options.ask(options)
    try:
        table = twin.sweep(
            function,
            store=options.store,
            jobs=options.jobs,
            cluster=options.cluster,
            paired=options.paired or False,
            retry=options.retry,
            **values,
        )
    except KeyboardInterrupt:
        sys.stderr.write(
            f"error: interrupted; the points that were finished are in {options.store}, and the "
            "same command computes the others\n"
        )
        return _INTERRUPTED
    _write(wanted, table, options)
    return 1 if table.failed else 0


def _add_tortuosity(subjects: Subjects) -> None:
    text = "the tortuosity factor over phases, axes and sides"
    parser = subjects.add_parser(
        "tortuosity", help=text, description=f"Sweep {text}.", allow_abbrev=False
    )
    add_image_options(parser)
    group = parser.add_argument_group("what to solve, one value or several")
    group.add_argument(
        "--phase", type=_values(ranges.names), required=True, help="phases, as pore,CBD"
    )
    group.add_argument("--axis", type=_values(ranges.names), default="z", help="axes, as x,y,z")
    group.add_argument(
        "--sides",
        type=_values(ranges.names),
        default="no-flux",
        help="the faces that are not driven: no-flux, periodic, or both with a comma between",
    )
    add_solver_options(parser)
    add_sweep_options(parser)
    parser.set_defaults(ask=_ask_tortuosity)


def _ask_tortuosity(options: argparse.Namespace) -> tuple[Callable[..., Any], Mapping[str, Any]]:
    volume = read_image(options)
    for phase in [options.phase] if isinstance(options.phase, str) else options.phase:
        volume.label_values(phase)  # a misspelt name is no failed point
    return twin.tortuosity, {
        "volume": volume,
        "phase": options.phase,
        "axis": options.axis,
        "sides": options.sides,
        "solver": Solver(options.tolerance, options.max_iterations),
        "ignore_memory": options.ignore_memory,
    }


def _add_lio2(subjects: Subjects) -> None:
    text = "the discharge of a Li-O2 cell over its parameters"
    parser = subjects.add_parser(
        "lio2",
        help=text,
        description=f"Sweep {text}. Values are in SI units.",
        usage="twin sweep lio2 --NAME VALUES [--NAME VALUES ...] [options]",
        allow_abbrev=False,
    )
    parser.complete = _complete_lio2
    parser.set_defaults(ask=_ask_lio2)


def _complete_lio2(parser: SubjectParser) -> None:
    """Add an option for each value of a cell."""
    cell = parser.add_argument_group("the discharge, one value or several")
    cell.add_argument(
        "--current-density",
        type=_values(ranges.quantities),
        required=True,
        metavar="VALUES",
        help="discharge current [A/m2], or with a unit behind: '0.1,0.5 mA/cm2', '40 mA/g'",
    )
    cell.add_argument(
        "--parameters",
        type=_values(ranges.names),
        default="Su2021_ch6",
        metavar="NAMES",
        help="sets of parameters (default: %(default)s)",
    )
    group = parser.add_argument_group("parameters to change, one value or several of each")
    for field in _cell_fields():
        group.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=_values(ranges.numbers if field.type == "float" else ranges.names),
            metavar="VALUES",
            help=f"{field.metadata['meaning']} [{field.metadata['unit'] or 'name'}]",
        )
    add_sweep_options(parser)


def _cell_fields() -> list[dataclasses.Field[Any]]:
    """The values of a cell, which say what they mean and in which unit."""
    return [f for f in dataclasses.fields(twin.lio2.Parameters) if "meaning" in f.metadata]


def _ask_lio2(options: argparse.Namespace) -> tuple[Callable[..., Any], Mapping[str, Any]]:
    given = {f.name: getattr(options, f.name) for f in _cell_fields()}
    return twin.lio2.discharge, {
        **{name: value for name, value in given.items() if value is not None},
        "parameters": options.parameters,
        "current_density": options.current_density,
    }


def _values(parse: Callable[[str], list[Any]]) -> Callable[[str], Any]:
    return converter(ranges.one_or_more(parse), "values")


def add_sweep_options(parser: Parser) -> None:
    """Add how the points are computed, where they are kept, and where the table goes."""
    group = parser.add_argument_group("how to compute the points")
    group.add_argument(
        "--store",
        type=Path,
        default=Path("sweep.db"),
        metavar="FILE",
        help="keeps the finished points; what is there is not computed again (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--jobs",
        type=converter(_jobs, "jobs"),
        metavar="N",
        help="points computed at a time (default: the number of cores)",
    )
    group.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="a Dask scheduler in the place of processes, as tcp://host:8786, or its scheduler "
        "file",
    )
    group.add_argument(
        "--paired",
        type=converter(_names_of_arguments, "names"),
        metavar="NAME,NAME",
        help="lists that go together, first with first; by default every combination is computed",
    )
    group.add_argument("--retry", action="store_true", help="compute failed points again")
    _add_table_options(parser)


def _add_table_options(parser: Parser) -> None:
    group = parser.add_argument_group("where the table goes")
    for name, text in (("json", "JSON"), ("csv", "comma-separated values")):
        group.add_argument(
            f"--{name}",
            type=Path,
            metavar="FILE",
            help=f"write the table as {text}; '-' prints it instead of text",
        )
    group.add_argument("--parquet", type=Path, metavar="FILE", help="write it as Apache Parquet")
    group.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw a picture: .png, .pdf or .svg"
    )
    group.add_argument("--y", metavar="COLUMN", help="what to draw")
    group.add_argument(
        "--x", metavar="COLUMN", help="against what (default: the first with several values)"
    )
    group.add_argument("--by", metavar="COLUMN", help="a curve for each (default: all others)")


def _jobs(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"a number of jobs is a whole number from 1 on, found {text!r}")
    return int(text)


def _names_of_arguments(text: str) -> list[str]:
    return [name.removeprefix("--").replace("-", "_") for name in ranges.names(text)]


def _check_outputs(wanted: Outputs, options: argparse.Namespace) -> None:
    """Refuse, before any point is computed, what could not be written after the last."""
    wanted.check()
    if wanted.plot is not None and options.y is None:
        raise InputError("--plot needs --y, the column to draw, as --y tortuosity_factor")
    if options.parquet is not None:
        check_parquet()
        check_writable(options.parquet)


def _write(wanted: Outputs, table: Sweep, options: argparse.Namespace) -> None:
    data = {"twin": twin.__version__, **table.to_dict()}
    written = write_text(wanted.json, lambda file: write_json(file, data))
    written += write_text(wanted.csv, lambda file: write_csv(file, table.rows()))
    if options.parquet is not None:
        written.append(table.to_parquet(options.parquet))
    if wanted.plot is not None:
        table.plot(options.y, options.x, options.by, wanted.plot)
        written.append(wanted.plot)
    if STANDARD_OUTPUT not in (wanted.json, wanted.csv):
        lines = [table.summary(), "", f"the points are in {table.store}"]
        sys.stdout.write("\n".join([*lines, *(f"wrote {path}" for path in written)]) + "\n")
