"""`twin tortuosity`: the tortuosity factor of a phase."""

from __future__ import annotations

import argparse
import sys

import twin
from meshing.errors import InputError
from solvers.report import Solver
from twin.cli.image import add_image_options, read_image
from twin.cli.output import add_output_options, outputs, write_result
from twin.cli.parser import Commands, Parser, converter
from twin.progress import progress_bar


def add_to(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "find the tortuosity factor of a phase along one axis or several"
    parser = commands.add_parser("tortuosity", help=text, description=f"{text.capitalize()}.")
    add_image_options(parser)
    group = parser.add_argument_group("what to solve")
    group.add_argument("--phase", required=True, help="the phase that carries the flux")
    group.add_argument(
        "--axis", default="z", help="x, y or z, or several as xyz (default: %(default)s)"
    )
    group.add_argument(
        "--sides",
        choices=("no-flux", "periodic"),
        default="no-flux",
        help="the faces that are not driven (default: %(default)s)",
    )
    add_solver_options(parser)
    add_output_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code: 1 where an axis does not percolate."""
    wanted = outputs(options)
    wanted.check()
    volume = read_image(options)
    with progress_bar(sys.stderr, options.tolerance) as progress:
        found = twin.tortuosity(
            volume,
            options.phase,
            options.axis,
            options.sides,
            solver=Solver(options.tolerance, options.max_iterations),
            ignore_memory=options.ignore_memory,
            progress=progress,
        )
    result = twin.Directions({found.axis: found}) if isinstance(found, twin.Tortuosity) else found
    write_result(wanted, result, {"twin": twin.__version__, "image": options.image})
    return 0 if result.percolates else 1


def add_solver_options(parser: Parser) -> None:
    """Add how to solve, and whether to look at the memory first."""
    default = Solver()
    group = parser.add_argument_group("how to solve")
    group.add_argument(
        "--tolerance",
        type=converter(_tolerance, "tolerance"),
        default=default.tolerance,
        help="largest estimated relative error (default: %(default)s)",
    )
    group.add_argument(
        "--max-iterations",
        type=converter(_limit, "limit"),
        default=default.max_iterations,
        metavar="N",
        help="give up after so many iterations (default: %(default)s)",
    )
    group.add_argument(
        "--ignore-memory",
        action="store_true",
        help="solve even when the estimated memory is larger than what is free",
    )


def _tolerance(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise InputError(f"a tolerance is a number between 0 and 1, as 1e-8, found {text!r}")
    return value


def _limit(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"a number of iterations is a whole number from 1 on, found {text!r}")
    return int(text)
