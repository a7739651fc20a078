"""The options that say what to drive and how to solve, the same for every command that solves."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from meshing.errors import InputError
from solvers.report import Solver
from twin.cli.parser import Parser, converter

if TYPE_CHECKING:
    from twin.progress import AxisProgress


def add_direction_options(group: argparse._ArgumentGroup, what: str) -> None:
    """Add the axes, the sides, and the whole tensor of `what`."""
    group.add_argument("--axis", help="x, y or z, or several as xyz (default: z)")
    group.add_argument(
        "--sides",
        choices=("no-flux", "periodic"),
        help="the faces that are not driven (default: no-flux)",
    )
    group.add_argument(
        "--tensor",
        action="store_true",
        help=f"{what} as a tensor: x, y and z with periodic sides",
    )


def check_directions(options: argparse.Namespace) -> None:
    """Refuse axes and sides beside the tensor, which chooses its own.

    Raises
    ------
    InputError
        When they are given.
    """
    if options.tensor and (options.axis or options.sides):
        raise InputError("--tensor chooses the axes and the sides; leave out --axis and --sides")


def how_to_solve(options: argparse.Namespace, progress: AxisProgress | None) -> dict[str, Any]:
    """Arguments that every function that solves takes."""
    return {
        "solver": Solver(options.tolerance, options.max_iterations),
        "ignore_memory": options.ignore_memory,
        "progress": progress,
    }


def add_solver_options(parser: Parser, tolerance: float = Solver().tolerance) -> None:
    """Add how to solve, to a `tolerance` by default, and whether to look at the memory first."""
    default = Solver()
    group = parser.add_argument_group("how to solve")
    group.add_argument(
        "--tolerance",
        type=converter(_tolerance, "tolerance"),
        default=tolerance,
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
